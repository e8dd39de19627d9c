//! Exchanges that were kept: a session of a run, as a file.
//!
//! In: the transcripts of a run. Out: a recording, and from a recording the transcripts again. What must stay
//! true: bodies are kept byte for byte; what signs or identifies the caller is never written.

mod replay;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

pub use replay::{Difference, Replayer, replay};

use crate::case::bindings::Bindings;
use crate::exchange::{Exchange, NoResponse, Request, Response};
use crate::run::Run;
use crate::transcript::{StepOutcome, Transcript};

/// The version of the recording format that this program reads and writes.
pub const FORMAT: u32 = 1;

/// Headers that sign or identify the caller. They are not kept.
const SECRET_HEADERS: [&str; 6] =
    ["authorization", "x-amz-security-token", "cookie", "set-cookie", "x-amz-date", "x-amz-content-sha256"];

/// A recorded session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Recording {
    /// The version of the format: 1.
    pub format: u32,
    /// What wrote it: `ecrspec 0.1.0`.
    pub tool: String,
    /// The revision of the API that the run was made with.
    pub revision: String,
    /// What was recorded, in a few words.
    pub target: String,
    /// One session a case.
    pub sessions: Vec<Session>,
}

/// The exchanges of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Session {
    /// The case's id.
    pub case: String,
    /// Where it was restated from, if it is not a session of this tool's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restated_from: Option<String>,
    /// What its names stood for.
    pub bindings: Bindings,
    /// Its steps.
    pub steps: Vec<RecordedStep>,
}

/// The exchanges of one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecordedStep {
    /// For a walk, whether it came to its end.
    pub complete: bool,
    /// The exchanges, in order.
    pub exchanges: Vec<RecordedExchange>,
}

/// A request and its response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecordedExchange {
    /// The request's method.
    pub method: String,
    /// The request's path.
    pub path: String,
    /// The request's headers, without secrets.
    pub request_headers: Vec<(String, String)>,
    /// The request's body.
    pub request_body: RecordedBody,
    /// When the request was sent, in milliseconds of the Unix epoch.
    pub sent: u64,
    /// When the response was whole, in milliseconds of the Unix epoch.
    pub answered: u64,
    /// The response's status.
    pub status: u16,
    /// The response's headers, without secrets.
    pub response_headers: Vec<(String, String)>,
    /// The response's body.
    pub response_body: RecordedBody,
}

/// A body: as text where it is UTF-8, so that people can read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordedBody {
    /// UTF-8 text.
    Text(String),
    /// Any bytes.
    Base64(String),
}

/// Why a recording can't be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The text is no recording.
    #[error("not a recording: {0}; `ecrspec run --record FILE` writes one")]
    NotARecording(#[from] serde_json::Error),
    /// The format is another one.
    #[error("a recording of format {0}, where this program reads format {FORMAT}")]
    OtherFormat(u32),
    /// A body is no base64.
    #[error("the body of a session of `{0}` is no base64")]
    BadBody(String),
}

impl Recording {
    /// The recording of a run: every exchange whose response came whole.
    pub fn of_run(run: &Run, revision: &str, target: &str) -> Self {
        let sessions = run
            .cases
            .iter()
            .map(|case| Session {
                case: case.case.id.clone(),
                restated_from: None,
                bindings: case.transcript.bindings.clone(),
                steps: case.transcript.steps.iter().map(RecordedStep::of).collect(),
            })
            .filter(|session| session.steps.iter().any(|step| !step.exchanges.is_empty()))
            .collect();
        Self {
            format: FORMAT,
            tool: concat!("ecrspec ", env!("CARGO_PKG_VERSION")).to_owned(),
            revision: revision.to_owned(),
            target: target.to_owned(),
            sessions,
        }
    }

    /// Reads a recording.
    ///
    /// # Errors
    /// If the text is no recording of this format.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let recording: Self = serde_json::from_str(text)?;
        if recording.format != FORMAT {
            return Err(RecordingError::OtherFormat(recording.format));
        }
        for session in &recording.sessions {
            let exchanges = session.steps.iter().flat_map(|step| &step.exchanges);
            let bodies = exchanges.flat_map(|exchange| [&exchange.request_body, &exchange.response_body]);
            for body in bodies {
                body.bytes().ok_or_else(|| RecordingError::BadBody(session.case.clone()))?;
            }
        }
        Ok(recording)
    }

    /// The recording as text, readable and ending in a newline.
    pub fn to_text(&self) -> String {
        // Strings, numbers and lists of them: nothing here can fail to be written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// All exchanges, with the case that each belongs to.
    pub fn exchanges(&self) -> impl Iterator<Item = (&str, &RecordedExchange)> {
        self.sessions.iter().flat_map(|session| {
            let exchanges = session.steps.iter().flat_map(|step| &step.exchanges);
            exchanges.map(|exchange| (session.case.as_str(), exchange))
        })
    }
}

impl Session {
    /// The transcript that this session is of.
    pub fn transcript(&self) -> Transcript {
        let steps = self
            .steps
            .iter()
            .map(|step| StepOutcome::Sent {
                exchanges: step.exchanges.iter().map(RecordedExchange::exchange).collect(),
                complete: step.complete,
            })
            .collect();
        Transcript { bindings: self.bindings.clone(), steps }
    }
}

impl RecordedStep {
    /// A step that was not sent, or not answered whole, stays as one without exchanges: the place of a step
    /// says which of the case's it is.
    fn of(outcome: &StepOutcome) -> Self {
        let StepOutcome::Sent { exchanges, complete } = outcome else {
            return Self { complete: false, exchanges: Vec::new() };
        };
        let exchanges: Option<Vec<_>> = exchanges.iter().map(RecordedExchange::of).collect();
        Self { complete: *complete, exchanges: exchanges.unwrap_or_default() }
    }
}

impl RecordedExchange {
    fn of(exchange: &Exchange) -> Option<Self> {
        let response = exchange.outcome.as_ref().ok().filter(|response| response.broken.is_none())?;
        Some(Self {
            method: exchange.request.method.clone(),
            path: exchange.request.path.clone(),
            request_headers: without_secrets(&exchange.request.headers),
            request_body: RecordedBody::of(&exchange.request.body),
            sent: milliseconds(exchange.sent),
            answered: milliseconds(exchange.answered),
            status: response.status,
            response_headers: without_secrets(&response.headers),
            response_body: RecordedBody::of(&response.body),
        })
    }

    /// The request as it was sent, without what signed it.
    pub fn request(&self) -> Request {
        Request {
            method: self.method.clone(),
            path: self.path.clone(),
            headers: self.request_headers.clone(),
            body: self.request_body.bytes().unwrap_or_default(),
        }
    }

    /// The response as it came.
    pub fn response(&self) -> Response {
        Response {
            status: self.status,
            headers: self.response_headers.clone(),
            body: self.response_body.bytes().unwrap_or_default(),
            broken: None,
        }
    }

    fn exchange(&self) -> Exchange {
        let outcome: Result<Response, NoResponse> = Ok(self.response());
        let time = |milliseconds| UNIX_EPOCH + Duration::from_millis(milliseconds);
        Exchange { request: self.request(), sent: time(self.sent), answered: time(self.answered), outcome }
    }
}

impl RecordedBody {
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(BASE64.encode(bytes)),
        }
    }

    /// The bytes, unless they are no base64.
    fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Base64(text) => BASE64.decode(text).ok(),
        }
    }
}

fn without_secrets(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str()))
        .cloned()
        .collect()
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
