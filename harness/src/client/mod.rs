//! Sending requests to a target.
//!
//! In: an operation and a body. Out: an exchange, whole. What must stay true: this is the only module that
//! touches the network (in `http`); nothing in a request tells the target that it is being tested.

mod aws;
mod guard;
mod http;
mod journal;
mod read_only;
mod sign;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ecrspec_api::table::Service;

pub use aws::{NoEndpoint, ecr_endpoint, find_credentials, is_aws_host};
pub use guard::Guard;
pub use http::{BODY_LIMIT, EndpointError, HttpTransport, Reach, reach};
pub use journal::{About, Journal, journals, state_folder};
pub use read_only::{READING, ReadOnly};
pub use sign::{Signer, SigningError};
pub use transport::{Answer, LeapingClock, Transport, Wait};

use crate::case::format::{HeaderChanges, SignatureFault};
use crate::exchange::{Exchange, NoResponse, Request};
use crate::verdict::is_throttled;

/// How often a throttled request is sent in all.
const TRIES: u32 = 4;

/// How long the client waits before it sends a throttled request again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Requests in a row without any answer after which a target counts as unreachable.
const UNANSWERED_LIMIT: u32 = 3;

/// A client of one target.
pub struct Client {
    transport: Arc<dyn Transport>,
    service: &'static Service,
    signer: Signer,
    authority: String,
    timeout: Duration,
    guard: Option<Guard>,
    unanswered: AtomicU32,
    throttled: AtomicU32,
    /// How often a request that got no answer is sent again.
    retries: u32,
    resent: AtomicU32,
    calls: AtomicU32,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that reaches `authority` through `transport` and waits at most `timeout` for an answer.
    pub fn new(
        transport: Arc<dyn Transport>,
        service: &'static Service,
        signer: Signer,
        authority: String,
        timeout: Duration,
    ) -> Self {
        Self {
            transport,
            service,
            signer,
            authority,
            timeout,
            guard: None,
            unanswered: AtomicU32::new(0),
            throttled: AtomicU32::new(0),
            retries: 0,
            resent: AtomicU32::new(0),
            calls: AtomicU32::new(0),
        }
    }

    /// The same client, which sends a request that got no answer so many times again. An answer, whatever it
    /// is, is never asked for twice.
    #[must_use]
    pub fn with_retries(self, retries: u32) -> Self {
        Self { retries, ..self }
    }

    /// Sends nothing that this guard does not let through.
    #[must_use]
    pub fn with_guard(mut self, guard: Guard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// Calls an operation with a body and the headers of an ordinary request.
    pub async fn call(&self, operation: &str, body: Vec<u8>) -> Exchange {
        self.call_with(operation, body, &HeaderChanges::default()).await
    }

    /// Calls an operation with a body and some headers that differ. A throttled request is sent again.
    pub async fn call_with(&self, operation: &str, body: Vec<u8>, changes: &HeaderChanges) -> Exchange {
        self.patiently(|| self.request(operation, body.clone(), changes)).await
    }

    /// Sends a request that stands already, signed again, wrongly if its first signature was wrong. A throttled
    /// one is sent again.
    pub async fn send_again(&self, request: &Request, fault: Option<SignatureFault>) -> Exchange {
        self.patiently(|| {
            let now = self.transport.now();
            self.signer.sign_again(request.clone(), &self.authority, now, fault)
        })
        .await
    }

    /// Sends what `sign` gives until it is not throttled, at most [`TRIES`] times.
    async fn patiently(&self, sign: impl Fn() -> Result<Request, SigningError>) -> Exchange {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            let exchange = self.send_until_answered(&sign).await;
            if !exchange.outcome.as_ref().is_ok_and(is_throttled) {
                return exchange;
            }
            self.throttled.fetch_add(1, Ordering::Relaxed);
            self.wait(pause).await;
            pause *= 2;
        }
        self.send_until_answered(&sign).await
    }

    async fn send_until_answered(&self, sign: &impl Fn() -> Result<Request, SigningError>) -> Exchange {
        for _ in 0..self.retries {
            let exchange = self.send(sign()).await;
            if exchange.outcome.is_ok() || self.is_unreachable() {
                return exchange;
            }
            self.resent.fetch_add(1, Ordering::Relaxed);
            self.wait(FIRST_PAUSE).await;
        }
        self.send(sign()).await
    }

    /// Sends one harmless request; if no answer comes, why not.
    pub async fn unreachable_because(&self) -> Option<String> {
        match self.call("DescribeRegistry", b"{}".to_vec()).await.outcome {
            Ok(_) => None,
            Err(no_response) => Some(no_response.to_string()),
        }
    }

    /// Lets so much time go by.
    pub async fn wait(&self, time: Duration) {
        self.transport.wait(time).await;
    }

    /// How many requests were sent again because no answer came.
    pub fn resent(&self) -> u32 {
        self.resent.load(Ordering::Relaxed)
    }

    /// Whether the target has left so many requests in a row without an answer that it is gone.
    pub fn is_unreachable(&self) -> bool {
        self.unanswered.load(Ordering::Relaxed) >= UNANSWERED_LIMIT
    }

    /// How many requests were sent again because the target throttled them.
    pub fn throttled(&self) -> u32 {
        self.throttled.load(Ordering::Relaxed)
    }

    /// How many requests were sent, those that were sent again included.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    async fn send(&self, request: Result<Request, SigningError>) -> Exchange {
        let sent = self.transport.now();
        let (request, outcome) = match request {
            Ok(request) => {
                let outcome = match self.guard.as_ref().map_or(Ok(()), |guard| guard.admit(&request)) {
                    Ok(()) => {
                        self.calls.fetch_add(1, Ordering::Relaxed);
                        self.transport.send(request.clone(), self.timeout).await
                    }
                    Err(reason) => Err(NoResponse::Unreachable { reason }),
                };
                if let Some(guard) = &self.guard {
                    guard.answered(&request, &outcome);
                }
                (request, outcome)
            }
            Err(error) => {
                let request = Request {
                    method: String::new(),
                    path: String::new(),
                    headers: Vec::new(),
                    body: Vec::new(),
                };
                (request, Err(NoResponse::Unreachable { reason: error.to_string() }))
            }
        };
        if outcome.is_ok() {
            self.unanswered.store(0, Ordering::Relaxed);
        } else {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
        }
        Exchange { request, sent, answered: self.transport.now(), outcome }
    }

    fn request(
        &self,
        operation: &str,
        body: Vec<u8>,
        changes: &HeaderChanges,
    ) -> Result<Request, SigningError> {
        let mut request = Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: vec![
                ("Content-Type".to_owned(), self.service.content_type.to_owned()),
                ("X-Amz-Target".to_owned(), format!("{}.{operation}", self.service.target_prefix)),
            ],
            body,
        };
        remove(&mut request, changes.set.keys());
        remove(&mut request, &changes.remove);
        request.headers.extend(changes.set.iter().map(|(name, value)| (name.clone(), value.clone())));
        let now = self.transport.now();
        let signature = match changes.signature {
            None => self.signer.sign(&request, &self.authority, now)?,
            Some(fault) => self.signer.sign_wrongly(&request, &self.authority, now, fault)?,
        };
        request.headers.extend(signature);
        remove(&mut request, &changes.remove);
        Ok(request)
    }
}

fn remove<'a>(request: &mut Request, names: impl IntoIterator<Item = &'a String>) {
    for name in names {
        request.headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
    }
}
