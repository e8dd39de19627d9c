//! Exchanges that were kept: sessions of a run, or of a client's own traffic, as files.
//!
//! In: exchanges. Out: a recording, and from a recording the exchanges again. What must stay true: bodies are
//! kept byte for byte but for secrets and, unless they are asked for, account ids; a response is never thrown
//! away, a cut one neither; what signs or identifies the caller is never written.
//!
//! | file | what is in it |
//! |---|---|
//! | `redact.rs` | secrets out, account ids to examples |
//! | `store.rs` | folders of recordings, read and written |
//! | `twice.rs` | whether an endpoint answers a question the same way twice |
//! | `proxy.rs` | traffic between a client and an endpoint, kept |
//! | `stubs.rs` | recordings as `WireMock`'s mappings, and the reverse |
//! | `responder.rs` | a recording as an endpoint |
//! | `replay.rs` | an endpoint against a recording |
//! | `evidence.rs` | what a recording of ECR says of the suite |

mod evidence;
mod proxy;
mod redact;
mod replay;
mod responder;
mod store;
mod stubs;
mod twice;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ecrspec_api::table::Revision;
use serde::{Deserialize, Serialize};

pub use evidence::{NoEvidence, Testimony};
pub use proxy::{Passed, Proxy, SESSION_BYTES};
pub use replay::{Difference, Judged, Replay, Replayed};
pub use responder::Replayer;
pub use store::{Broken as BrokenFile, Loaded, file_name, load, save};
pub use stubs::{StubError, of_stubs, to_stubs};
pub use twice::{AskTwice, Unstable};

pub(crate) use redact::without_secret_headers;

use redact::Secrets;

use crate::case::bindings::Bindings;
use crate::exchange::{Broken, Exchange, NoResponse, Request, Response};
use crate::run::Run;
use crate::transcript::{StepOutcome, Transcript};

/// The version of the recording format that this program reads and writes.
pub const FORMAT: u32 = 1;

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
    /// The SHA-256 of that revision's model and overlay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_hash: Option<String>,
    /// What was recorded, in a few words.
    pub target: String,
    /// What is known of where the target is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointKind>,
    /// The region that requests were signed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// When the recording was begun, as an HTTP date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The target's own account, as it stands in this recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Whether the client's requests were signed again on their way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed_again: bool,
    /// One session a case, or the traffic of a client.
    pub sessions: Vec<Session>,
}

/// What is known of where a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// The embedded emulator.
    Emulator,
    /// Something on this machine: a mock.
    Loopback,
    /// Some other host, of which nothing is certain.
    Host,
    /// AWS itself: a host of the compiled list, over TLS with public roots, without a proxy.
    Aws,
}

/// The name of the session that is a client's own traffic, where a case's id stands else.
pub const TRAFFIC: &str = "traffic";

/// The exchanges of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Session {
    /// The case's id, or [`TRAFFIC`].
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
    /// The response's status; 0 where no response came.
    pub status: u16,
    /// The response's headers, without secrets.
    pub response_headers: Vec<(String, String)>,
    /// The response's body, or the part of it that came.
    pub response_body: RecordedBody,
    /// Why the body is not whole, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// Why no response came, if none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_response: Option<NoResponse>,
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
    #[error("not a recording: {0}; `ecrspec record --into DIR` writes them")]
    NotARecording(#[from] serde_json::Error),
    /// The format is another one.
    #[error("a recording of format {0}, where this program reads format {FORMAT}")]
    OtherFormat(u32),
    /// A body is no base64.
    #[error("the body of a session of `{0}` is no base64")]
    BadBody(String),
}

impl Recording {
    /// A recording without a session yet.
    pub fn new(revision: &str, target: &str) -> Self {
        Self {
            format: FORMAT,
            tool: concat!("ecrspec ", env!("CARGO_PKG_VERSION")).to_owned(),
            revision: revision.to_owned(),
            spec_hash: None,
            target: target.to_owned(),
            endpoint: None,
            region: None,
            date: None,
            account: None,
            signed_again: false,
            sessions: Vec::new(),
        }
    }

    /// The recording of a run: every exchange, without secrets.
    pub fn of_run(run: &Run, revision: &str, target: &str) -> Self {
        let exchanges = run.cases.iter().flat_map(|case| case.transcript.exchanges());
        let secrets = Secrets::of(exchanges);
        let sessions = run
            .cases
            .iter()
            .map(|case| Session {
                case: case.case.id.clone(),
                restated_from: None,
                bindings: case.transcript.bindings.clone(),
                steps: case.transcript.steps.iter().map(|step| RecordedStep::of(step, &secrets)).collect(),
            })
            .filter(|session| session.steps.iter().any(|step| !step.exchanges.is_empty()))
            .collect();
        Self { sessions, account: Some(run.target.registry_id.clone()), ..Self::new(revision, target) }
    }

    /// The same with every account id replaced by a numbered example, the same one everywhere: the target's
    /// own by `111122223333`, the next by `444455556666`.
    #[must_use]
    pub fn with_example_accounts(self, revision: &Revision) -> Self {
        redact::with_example_accounts(self, revision)
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
                body.bytes_if_valid().ok_or_else(|| RecordingError::BadBody(session.case.clone()))?;
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
    /// A step that was not sent stays as one without exchanges: the place of a step says which of the case's
    /// it is.
    fn of(outcome: &StepOutcome, secrets: &Secrets) -> Self {
        let StepOutcome::Sent { exchanges, complete } = outcome else {
            return Self { complete: false, exchanges: Vec::new() };
        };
        let exchanges = exchanges.iter().map(|exchange| RecordedExchange::of(exchange, secrets)).collect();
        Self { complete: *complete, exchanges }
    }
}

impl RecordedExchange {
    /// An exchange without secrets: neither those of its own headers, which are dropped, nor the known ones
    /// anywhere else.
    fn of(exchange: &Exchange, secrets: &Secrets) -> Self {
        let response = exchange.outcome.as_ref().ok();
        let mut recorded = Self {
            method: exchange.request.method.clone(),
            path: exchange.request.path.clone(),
            request_headers: without_secret_headers(&exchange.request.headers),
            request_body: RecordedBody::of(&exchange.request.body),
            sent: milliseconds(exchange.sent),
            answered: milliseconds(exchange.answered),
            status: response.map_or(0, |response| response.status),
            response_headers: response
                .map(|response| without_secret_headers(&response.headers))
                .unwrap_or_default(),
            response_body: RecordedBody::of(response.map_or(&[][..], |response| &response.body)),
            broken: response.and_then(|response| response.broken.clone()),
            no_response: exchange.outcome.as_ref().err().cloned(),
        };
        secrets.remove_from(&mut recorded);
        recorded
    }

    /// The request as it was sent, without what signed it.
    pub fn request(&self) -> Request {
        Request {
            method: self.method.clone(),
            path: self.path.clone(),
            headers: self.request_headers.clone(),
            body: self.request_body.bytes(),
        }
    }

    /// The response as it came; one of status 0 where none came.
    pub fn response(&self) -> Response {
        Response {
            status: self.status,
            headers: self.response_headers.clone(),
            body: self.response_body.bytes(),
            broken: self.broken.clone(),
        }
    }

    /// What came of the request.
    pub fn outcome(&self) -> Result<Response, NoResponse> {
        self.no_response.clone().map_or_else(|| Ok(self.response()), Err)
    }

    /// The exchange that this is of.
    pub fn exchange(&self) -> Exchange {
        let time = |milliseconds| UNIX_EPOCH + Duration::from_millis(milliseconds);
        let (sent, answered) = (time(self.sent), time(self.answered));
        Exchange { request: self.request(), sent, answered, outcome: self.outcome() }
    }
}

impl RecordedBody {
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(BASE64.encode(bytes)),
        }
    }

    /// The bytes; none of a text that is no base64, which [`Recording::parse`] refuses.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_if_valid().unwrap_or_default()
    }

    fn bytes_if_valid(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Base64(text) => BASE64.decode(text).ok(),
        }
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
