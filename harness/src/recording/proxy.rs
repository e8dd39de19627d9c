//! Traffic between a client and an endpoint, kept.
//!
//! In: a client's requests. Out: the endpoint's answers to the client, and a recording of both. What must stay
//! true: toward a mock the bytes pass untouched, the client's signature and `Host` included; toward AWS, which
//! would refuse a signature for another host, a request is signed again; no more than [`SESSION_BYTES`] of
//! traffic are held.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use ecrspec_api::table::Revision;

use crate::case::bindings::Bindings;
use crate::client::{Answer, Signer, Transport};
use crate::exchange::{Exchange, NoResponse, Request, Response};
use crate::normalise::{Rule, operation_of, shape_of_answer, typed_texts};
use crate::recording::redact::Secrets;
use crate::recording::store::write_whole;
use crate::recording::{RecordedExchange, RecordedStep, Recording, Replayer, Session, TRAFFIC};

/// The bytes of traffic after which a recording is closed and the next one begun.
pub const SESSION_BYTES: usize = 32 * 1024 * 1024;

/// A transport that keeps what passes.
pub struct Proxy {
    inner: Arc<dyn Transport>,
    resigner: Option<Resigner>,
    /// Whether only what changes nothing is passed on.
    reading_only: bool,
    revision: &'static Revision,
    /// What every recording says of itself.
    about: Recording,
    keep_accounts: bool,
    folder: PathBuf,
    /// Recordings whose requests are not recorded again.
    known: Option<Replayer>,
    kept: Mutex<Kept>,
}

struct Resigner {
    signer: Signer,
    authority: String,
}

#[derive(Default)]
struct Kept {
    secrets: Secrets,
    exchanges: Vec<Exchange>,
    bytes: usize,
    /// The number of the recording that is being written.
    number: usize,
    /// Whether something came since it was written last.
    changed: bool,
    passed: usize,
    recorded: usize,
    encoded: usize,
    account: Option<String>,
    failure: Option<String>,
}

/// What passed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Exchanges that passed.
    pub passed: usize,
    /// Exchanges that were recorded.
    pub recorded: usize,
    /// Exchanges that were not, for their bodies are packed and may hide a secret.
    pub encoded: usize,
}

impl Proxy {
    /// A proxy to `inner` that writes recordings into `folder`, each with what `about` says.
    pub fn new(
        inner: Arc<dyn Transport>,
        revision: &'static Revision,
        about: Recording,
        folder: &Path,
        keep_accounts: bool,
    ) -> Self {
        let (folder, kept) = (folder.to_owned(), Mutex::new(Kept { number: 1, ..Kept::default() }));
        Self {
            inner,
            resigner: None,
            reading_only: false,
            revision,
            about,
            keep_accounts,
            folder,
            known: None,
            kept,
        }
    }

    /// Signs every request again for `authority`.
    #[must_use]
    pub fn signing(mut self, signer: Signer, authority: String) -> Self {
        self.about.signed_again = true;
        self.resigner = Some(Resigner { signer, authority });
        self
    }

    /// Passes on only what changes nothing: a client's own names are no run's, so that nothing could tell what
    /// it may write to.
    #[must_use]
    pub fn reading_only(mut self) -> Self {
        self.reading_only = true;
        self
    }

    /// Does not record again what these recordings have, and writes from that number on.
    #[must_use]
    pub fn beside(mut self, known: Replayer, number: usize) -> Self {
        self.known = Some(known);
        self.kept.get_mut().unwrap_or_else(PoisonError::into_inner).number = number;
        self
    }

    /// The file that the recording of that number is kept in.
    pub fn file(folder: &Path, number: usize) -> PathBuf {
        folder.join(format!("{TRAFFIC}-{number:04}.json"))
    }

    /// What passed so far.
    pub fn passed(&self) -> Passed {
        let kept = self.kept();
        Passed { passed: kept.passed, recorded: kept.recorded, encoded: kept.encoded }
    }

    /// Writes what is not written yet.
    ///
    /// # Errors
    /// If a file can't be written, now or before.
    pub fn flush(&self) -> io::Result<()> {
        let mut kept = self.kept();
        if let Some(failure) = kept.failure.take() {
            return Err(io::Error::other(failure));
        }
        self.write(&mut kept)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, kept: &mut Kept) -> io::Result<()> {
        if !kept.changed {
            return Ok(());
        }
        let exchanges =
            kept.exchanges.iter().map(|exchange| RecordedExchange::of(exchange, &kept.secrets)).collect();
        let session = Session {
            case: TRAFFIC.to_owned(),
            restated_from: None,
            bindings: Bindings::default(),
            steps: vec![RecordedStep { complete: true, exchanges }],
        };
        let recording =
            Recording { sessions: vec![session], account: kept.account.clone(), ..self.about.clone() };
        let recording =
            if self.keep_accounts { recording } else { recording.with_example_accounts(self.revision) };
        std::fs::create_dir_all(&self.folder)?;
        write_whole(&Self::file(&self.folder, kept.number), &recording.to_text())?;
        kept.changed = false;
        Ok(())
    }

    fn keep(&self, exchange: Exchange) {
        let mut kept = self.kept();
        kept.passed += 1;
        kept.secrets.learn(&exchange);
        let response = exchange.outcome.as_ref().ok();
        if kept.account.is_none() {
            kept.account = response.and_then(|response| self.account_of(&exchange.request, response));
        }
        if self.known.as_ref().is_some_and(|known| known.has(&exchange.request)) {
            return;
        }
        if is_encoded(&exchange.request.headers)
            || response.is_some_and(|response| is_encoded(&response.headers))
        {
            kept.encoded += 1;
            return;
        }
        kept.bytes +=
            exchange.request.body.len() + response.map_or(0, |response| response.body.len()) + 1_000;
        kept.exchanges.push(exchange);
        kept.recorded += 1;
        kept.changed = true;
        if kept.bytes > SESSION_BYTES {
            if let Err(error) = self.write(&mut kept) {
                kept.failure = Some(error.to_string());
            }
            kept.exchanges.clear();
            kept.bytes = 0;
            kept.number += 1;
        }
    }

    /// The account that a successful answer says is its registry's.
    fn account_of(&self, request: &Request, response: &Response) -> Option<String> {
        let operation = operation_of(self.revision, request).filter(|_| response.status == 200)?;
        let document = ecrspec_api::Document::parse(&response.body).ok()?;
        typed_texts(&document, shape_of_answer(operation, response))
            .into_iter()
            .find_map(|(rule, text)| (rule == Rule::Account).then_some(text))
    }

    async fn pass(&self, request: Request, timeout: Duration) -> Result<Response, NoResponse> {
        if self.reading_only && !reads(&request) {
            let reason =
                "a proxy to a target that counts as real passes on only what changes nothing".to_owned();
            return Err(NoResponse::Unreachable { reason });
        }
        let request = self.signed(without_length(request))?;
        let sent = SystemTime::now();
        let outcome = self.inner.send(request.clone(), timeout).await;
        self.keep(Exchange { request, sent, answered: SystemTime::now(), outcome: outcome.clone() });
        outcome
    }

    fn signed(&self, request: Request) -> Result<Request, NoResponse> {
        let Some(Resigner { signer, authority }) = &self.resigner else { return Ok(request) };
        signer
            .sign_again(request, authority, SystemTime::now(), None)
            .map_err(|error| NoResponse::Unreachable { reason: error.to_string() })
    }
}

impl Transport for Proxy {
    fn send(&self, request: Request, timeout: Duration) -> Answer<'_> {
        Box::pin(self.pass(request, timeout))
    }
}

/// Whether a request changes nothing, by the name of its operation.
fn reads(request: &Request) -> bool {
    let operation = request.header("x-amz-target").and_then(|target| target.rsplit('.').next());
    let starts = ["Describe", "List", "Get", "BatchGet", "BatchCheck"];
    operation.is_some_and(|operation| starts.iter().any(|start| operation.starts_with(start)))
}

/// The transport says the length itself.
fn without_length(mut request: Request) -> Request {
    request.headers.retain(|(name, _)| {
        !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("expect")
    });
    request
}

fn is_encoded(headers: &[(String, String)]) -> bool {
    headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-encoding") && !value.eq_ignore_ascii_case("identity")
    })
}
