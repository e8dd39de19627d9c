//! One HTTP request and what came of it, as bytes.
//!
//! In: what a client sent and read. Out: the same, kept whole, for the verdict, the reports and recordings.
//! What must stay true: nothing of a response is dropped or reinterpreted here.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// An HTTP request as it goes on the wire, without what the connection adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method: `POST` for every operation of ECR.
    pub method: String,
    /// The path, from the first slash: `/` for every operation of ECR.
    pub path: String,
    /// The headers in the order sent, names as sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An HTTP response as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers in the order received, names in lower case, bytes that are no text replaced.
    pub headers: Vec<(String, String)>,
    /// The body, or what came of it.
    pub body: Vec<u8>,
    /// Why the body is not whole, if it is not.
    pub broken: Option<Broken>,
}

/// Why a body is not whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Broken {
    /// The connection ended before the body did.
    Cut {
        /// What the connection said.
        reason: String,
    },
    /// The body was longer than the client reads.
    TooLong {
        /// The most bytes the client reads.
        limit: usize,
    },
    /// The body did not end in time.
    TooSlow,
}

/// Why there is no response at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoResponse {
    /// No connection could be made.
    Unreachable {
        /// What the system said.
        reason: String,
    },
    /// The connection ended, or what came was not HTTP.
    Closed {
        /// What the connection said.
        reason: String,
    },
    /// Nothing came in time.
    TimedOut,
}

impl fmt::Display for NoResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { reason } => write!(formatter, "no connection: {reason}"),
            Self::Closed { reason } => write!(formatter, "the connection ended: {reason}"),
            Self::TimedOut => write!(formatter, "nothing came in time"),
        }
    }
}

/// A request, its times and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What was sent.
    pub request: Request,
    /// When the request was handed to the transport.
    pub sent: SystemTime,
    /// When the answer was whole, or was given up.
    pub answered: SystemTime,
    /// The answer.
    pub outcome: Result<Response, NoResponse>,
}

impl Request {
    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl Response {
    /// The first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
