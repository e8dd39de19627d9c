//! Whether an endpoint answers a question the same way twice.
//!
//! In: requests on their way. Out: their answers, and what was not the same when a question was asked again.
//! What must stay true: only what changes nothing is asked again; the answer that is given on is the first.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ecrspec_api::table::Revision;

use crate::case::bindings::Bindings;
use crate::case::is_reading;
use crate::client::{Answer, Transport, Wait};
use crate::exchange::{Exchange, NoResponse, Request, Response};
use crate::normalise::{Normaliser, PlaceDifference, differences, operation_of};
use crate::verdict::is_throttled;

/// A transport that asks every question twice.
pub struct AskTwice {
    inner: Arc<dyn Transport>,
    revision: &'static Revision,
    unstable: Mutex<Vec<Unstable>>,
}

/// A question that was answered in two ways.
#[derive(Clone, Debug)]
pub struct Unstable {
    /// The question, signed.
    pub request: Request,
    /// What differed.
    pub differences: Vec<PlaceDifference>,
}

impl AskTwice {
    /// Asks through `inner`.
    pub fn new(inner: Arc<dyn Transport>, revision: &'static Revision) -> Self {
        Self { inner, revision, unstable: Mutex::default() }
    }

    /// What was not answered the same way twice so far.
    pub fn unstable(&self) -> Vec<Unstable> {
        self.unstable.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self, request: Request, timeout: Duration) -> Result<Response, NoResponse> {
        let first = self.inner.send(request.clone(), timeout).await;
        let reads = operation_of(self.revision, &request).is_some_and(|operation| is_reading(operation.name));
        // To be throttled is weather.
        if !reads || first.as_ref().is_ok_and(is_throttled) {
            return first;
        }
        let second = self.inner.send(request.clone(), timeout).await;
        if second.as_ref().is_ok_and(is_throttled) {
            return first;
        }
        let lines = |outcome: &Result<Response, NoResponse>| {
            let now = SystemTime::now();
            let (request, outcome) = (request.clone(), outcome.clone());
            Normaliser::new(self.revision, &Bindings::default()).answer(&Exchange {
                request,
                sent: now,
                answered: now,
                outcome,
            })
        };
        let differences = differences(&lines(&first), &lines(&second));
        if !differences.is_empty() {
            let mut unstable = self.unstable.lock().unwrap_or_else(PoisonError::into_inner);
            unstable.push(Unstable { request, differences });
        }
        first
    }
}

impl Transport for AskTwice {
    fn send(&self, request: Request, timeout: Duration) -> Answer<'_> {
        Box::pin(self.ask(request, timeout))
    }

    fn now(&self) -> SystemTime {
        self.inner.now()
    }

    fn wait(&self, time: Duration) -> Wait<'_> {
        self.inner.wait(time)
    }
}
