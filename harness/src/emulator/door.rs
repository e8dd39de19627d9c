//! The way into the emulator for a client, without a socket.
//!
//! In: requests from any thread. Out: the emulator's answers. What must stay true: one request at a time
//! reaches the state machine; the clock is read here and nowhere else.

use std::future::ready;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::Emulator;
use crate::client::transport::{Answer, Transport};
use crate::exchange::{Request, Response};

/// An [`Emulator`] that many clients share.
#[derive(Debug)]
pub struct EmulatorDoor {
    emulator: Mutex<Emulator>,
}

impl EmulatorDoor {
    /// A door to that emulator.
    pub fn new(emulator: Emulator) -> Self {
        Self { emulator: Mutex::new(emulator) }
    }

    /// Answers one request, now.
    pub fn answer(&self, request: &Request) -> Response {
        // The state machine keeps its state whole between any two steps, so a poisoned lock is as good.
        let mut emulator = self.emulator.lock().unwrap_or_else(PoisonError::into_inner);
        emulator.answer(request, SystemTime::now())
    }
}

impl Transport for EmulatorDoor {
    fn send(&self, request: Request, _timeout: Duration) -> Answer<'_> {
        Box::pin(ready(Ok(self.answer(&request))))
    }
}

/// For Rust tests: `Mock::given(any()).respond_with(door)`.
#[cfg(feature = "wiremock")]
impl wiremock::Respond for EmulatorDoor {
    fn respond(&self, request: &wiremock::Request) -> wiremock::ResponseTemplate {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = request.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        let response = self.answer(&Request {
            method: request.method.to_string(),
            path: request.url.path().to_owned(),
            headers: headers.collect(),
            body: request.body.clone(),
        });
        // The server writes the length itself.
        let headers = response.headers.iter().filter(|(name, _)| name != "content-length");
        headers.fold(
            wiremock::ResponseTemplate::new(response.status).set_body_bytes(response.body.clone()),
            |template, (name, value)| template.insert_header(name.as_str(), value.as_str()),
        )
    }
}
