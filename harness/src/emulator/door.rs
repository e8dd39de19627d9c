//! The way into the emulator for a client, without a socket.
//!
//! In: requests from any thread. Out: the emulator's answers. What must stay true: one request at a time
//! reaches the state machine; the clock is read here and nowhere else. A client's wait takes no time.

use std::future::ready;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::Emulator;
use crate::client::{Answer, LeapingClock, Transport, Wait};
use crate::exchange::{Request, Response};

/// An [`Emulator`] that many clients share.
#[derive(Debug)]
pub struct EmulatorDoor {
    emulator: Mutex<Emulator>,
    clock: LeapingClock,
}

impl EmulatorDoor {
    /// A door to that emulator.
    pub fn new(emulator: Emulator) -> Self {
        Self { emulator: Mutex::new(emulator), clock: LeapingClock::default() }
    }

    /// Answers one request, now.
    pub fn answer(&self, request: &Request) -> Response {
        // The state machine keeps its state whole between any two steps, so a poisoned lock is as good.
        let mut emulator = self.emulator.lock().unwrap_or_else(PoisonError::into_inner);
        emulator.answer(request, self.clock.now())
    }
}

impl Transport for EmulatorDoor {
    fn send(&self, request: Request, _timeout: Duration) -> Answer<'_> {
        Box::pin(ready(Ok(self.answer(&request))))
    }

    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn wait(&self, time: Duration) -> Wait<'_> {
        self.clock.wait(time)
    }
}
