//! A door through which only questions go.

use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::client::transport::{Answer, Transport, Wait};
use crate::exchange::{NoResponse, Request};

/// The operations that go through. Both change nothing.
pub const READING: [&str; 2] = ["DescribeImages", "DescribeRegistry"];

/// A transport that hands on requests of [`READING`] operations and refuses all others, so that a run on a
/// repository which somebody needs cannot change it, whatever the suite asks for.
pub struct ReadOnly(Arc<dyn Transport>);

impl ReadOnly {
    /// A door before another transport.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self(transport)
    }
}

impl Transport for ReadOnly {
    fn send(&self, request: Request, timeout: Duration) -> Answer<'_> {
        let operation = request.header("x-amz-target").and_then(|target| target.rsplit('.').next());
        match operation {
            Some(operation) if READING.contains(&operation) => self.0.send(request, timeout),
            _ => {
                let operation = operation.unwrap_or("a request without operation").to_owned();
                let reason = format!("{operation} is not sent by a run that only reads");
                Box::pin(ready(Err(NoResponse::Closed { reason })))
            }
        }
    }

    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn wait(&self, time: Duration) -> Wait<'_> {
        self.0.wait(time)
    }
}
