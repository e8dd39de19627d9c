//! Serving a recording, and comparing an endpoint with one.
//!
//! In: a recording and a request, or an endpoint. Out: the recorded response, or what differs. What must stay
//! true: a request that was not recorded gets no recorded response.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ecrspec_api::Document;

use crate::client::Transport;
use crate::exchange::{Request, Response};
use crate::recording::{RecordedExchange, Recording};
use crate::verdict::shorten;

/// A recorded exchange, read once.
#[derive(Debug)]
struct Served {
    request: Request,
    /// The request's body as JSON, if it is JSON, with the members of its objects sorted.
    body: Option<Document>,
    response: Response,
}

/// Answers requests from a recording. A request that was recorded more than once gets its answers in the order
/// of the recording, the last one for ever.
#[derive(Debug)]
pub struct Replayer {
    exchanges: Vec<Served>,
    /// How often each recorded request was answered, by the index of its first recording.
    answered: Mutex<BTreeMap<usize, usize>>,
}

impl Replayer {
    /// A replayer of every exchange of a recording.
    pub fn new(recording: &Recording) -> Self {
        Self {
            exchanges: recording.exchanges().map(|(_, exchange)| Served::new(exchange)).collect(),
            answered: Mutex::default(),
        }
    }

    /// The recorded response to a request: one with the same method, path, target and content type, and a body
    /// of the same JSON value or, where it is no JSON, of the same bytes. An unknown request gets the status
    /// 404, which no operation of ECR answers, and a text that says so.
    pub fn answer(&self, request: &Request) -> Response {
        let body = Document::parse(&request.body).ok().map(sorted);
        let matching: Vec<usize> = self
            .exchanges
            .iter()
            .enumerate()
            .filter(|(_, served)| served.is_for(request, body.as_ref()))
            .map(|(index, _)| index)
            .collect();
        let Some(first) = matching.first() else { return not_recorded(request) };
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let times = answered.entry(*first).or_default();
        let index = matching.get(*times).or(matching.last()).unwrap_or(first);
        *times += 1;
        self.exchanges.get(*index).map_or_else(|| not_recorded(request), |served| served.response.clone())
    }
}

/// Where an endpoint answers other than the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The case that the exchange belongs to.
    pub case: String,
    /// What was recorded.
    pub recorded: String,
    /// What came now.
    pub actual: String,
}

/// Sends every recorded request again, in order, and compares status, content type and body byte for byte.
pub async fn replay(recording: &Recording, transport: &dyn Transport, timeout: Duration) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (case, exchange) in recording.exchanges() {
        let recorded = exchange.response();
        let differs =
            |recorded: String, actual: String| Difference { case: case.to_owned(), recorded, actual };
        match transport.send(exchange.request(), timeout).await {
            Ok(actual) if same_response(&recorded, &actual) => {}
            Ok(actual) => differences.push(differs(summary(&recorded), summary(&actual))),
            Err(no_response) => differences.push(differs(summary(&recorded), no_response.to_string())),
        }
    }
    differences
}

impl Served {
    fn new(exchange: &RecordedExchange) -> Self {
        let request = exchange.request();
        let body = Document::parse(&request.body).ok().map(sorted);
        Self { request, body, response: exchange.response() }
    }

    fn is_for(&self, request: &Request, body: Option<&Document>) -> bool {
        let same_header = |name| self.request.header(name) == request.header(name);
        let same_json = body.is_some() && self.body.as_ref() == body;
        self.request.method == request.method
            && self.request.path == request.path
            && same_header("x-amz-target")
            && same_header("content-type")
            && (same_json || self.request.body == request.body)
    }
}

/// A document whose objects have their members in the order of the names.
fn sorted(document: Document) -> Document {
    match document {
        Document::Array(elements) => Document::Array(elements.into_iter().map(sorted).collect()),
        Document::Object(members) => {
            let mut members: Vec<_> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Document::Object(members)
        }
        other => other,
    }
}

fn same_response(recorded: &Response, actual: &Response) -> bool {
    recorded.status == actual.status
        && recorded.header("content-type") == actual.header("content-type")
        && recorded.body == actual.body
        && actual.broken.is_none()
}

fn summary(response: &Response) -> String {
    let content_type = response.header("content-type").unwrap_or("no content type");
    format!("{} {content_type} {}", response.status, shorten(&String::from_utf8_lossy(&response.body)))
}

fn not_recorded(request: &Request) -> Response {
    let target = request.header("x-amz-target").unwrap_or("no X-Amz-Target");
    let body = shorten(&String::from_utf8_lossy(&request.body));
    Response {
        status: 404,
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: format!(
            "no recorded exchange has this request: {} {} {target} {body}\n",
            request.method, request.path
        )
        .into_bytes(),
        broken: None,
    }
}
