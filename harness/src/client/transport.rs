//! The door between the client and whatever answers it.

use std::pin::Pin;
use std::time::Duration;

use crate::exchange::{NoResponse, Request, Response};

/// The future of one answer.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response, NoResponse>> + Send + 'a>>;

/// Something that takes a request and gives an answer: the network, or the emulator without a socket.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for its answer at most that long.
    fn send(&self, request: Request, timeout: Duration) -> Answer<'_>;
}
