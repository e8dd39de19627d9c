//! The door between the client and whatever answers it.

use std::future::ready;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::exchange::{NoResponse, Request, Response};

/// The future of one answer.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response, NoResponse>> + Send + 'a>>;

/// The future of a wait.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A clock that runs with this machine's, save that a wait takes no time: it is set forward instead. For targets
/// in this process, whose time nobody else goes by.
#[derive(Debug, Default)]
pub struct LeapingClock {
    ahead: Mutex<Duration>,
}

impl LeapingClock {
    /// A clock that shows the same time.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { ahead: Mutex::new(*self.ahead.lock().unwrap_or_else(PoisonError::into_inner)) }
    }

    /// The time.
    pub fn now(&self) -> SystemTime {
        SystemTime::now() + *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets so much time go by.
    pub fn wait(&self, time: Duration) -> Wait<'static> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(time);
        Box::pin(ready(()))
    }
}

/// Something that takes a request and gives an answer: the network, or the emulator without a socket.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for its answer at most that long.
    fn send(&self, request: Request, timeout: Duration) -> Answer<'_>;

    /// What time it is where the answers come from, as far as the client goes by it: this machine's, unless the
    /// transport has a clock of its own.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Lets so much time go by.
    fn wait(&self, time: Duration) -> Wait<'_> {
        Box::pin(tokio::time::sleep(time))
    }
}
