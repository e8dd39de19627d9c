//! A recording as an endpoint.
//!
//! In: recordings and a request. Out: the recorded response, or the nearest recordings and what differs. What
//! must stay true: a request that was not recorded gets no recorded response.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::future::ready;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ecrspec_api::Document;

use crate::client::{Answer, Transport};
use crate::exchange::{NoResponse, Request, Response};
use crate::recording::{RecordedExchange, Recording};
use crate::verdict::shorten;

/// How many recordings are named to a request that has none.
const NEAREST: usize = 3;

/// The most differences that are named of each.
const MOST_DIFFERENCES: usize = 8;

/// Answers requests from recordings. A request that was recorded more than once gets its answers in the order
/// of the recordings, the last one for ever.
#[derive(Debug)]
pub struct Replayer {
    exchanges: Vec<Served>,
    /// The exchanges of each request, in order.
    by_request: HashMap<Key, Vec<usize>>,
    /// How often each request was answered.
    answered: Mutex<HashMap<Key, usize>>,
}

/// A recorded exchange.
#[derive(Debug)]
struct Served {
    case: String,
    request: Request,
    outcome: Result<Response, NoResponse>,
}

/// What two requests must share to be the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    method: String,
    path: String,
    target: Option<String>,
    content_type: Option<String>,
    body: KeyBody,
}

/// A body, as far as it tells requests apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum KeyBody {
    /// A JSON value, its members sorted.
    Json(String),
    /// Any bytes.
    Bytes(Vec<u8>),
}

impl Key {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            target: request.header("x-amz-target").map(str::to_owned),
            content_type: request.header("content-type").map(str::to_owned),
            body: match Document::parse(&request.body) {
                Ok(document) => KeyBody::Json(sorted(document).to_string()),
                Err(_) => KeyBody::Bytes(request.body.clone()),
            },
        }
    }
}

impl Replayer {
    /// A replayer of every exchange of a recording.
    pub fn new(recording: &Recording) -> Self {
        Self::of([recording])
    }

    /// A replayer of every exchange of several recordings.
    pub fn of<'a>(recordings: impl IntoIterator<Item = &'a Recording>) -> Self {
        let mut replayer =
            Self { exchanges: Vec::new(), by_request: HashMap::new(), answered: Mutex::default() };
        for (case, exchange) in recordings.into_iter().flat_map(Recording::exchanges) {
            replayer.add(case, exchange);
        }
        replayer
    }

    fn add(&mut self, case: &str, exchange: &RecordedExchange) {
        let request = exchange.request();
        self.by_request.entry(Key::of(&request)).or_default().push(self.exchanges.len());
        self.exchanges.push(Served { case: case.to_owned(), request, outcome: exchange.outcome() });
    }

    /// Whether a request was recorded.
    pub fn has(&self, request: &Request) -> bool {
        self.by_request.contains_key(&Key::of(request))
    }

    /// How many exchanges are served.
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether there is nothing to serve.
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// The recorded response to a request: one with the same method, path, target and content type, and a body
    /// of the same JSON value or, where it is no JSON, of the same bytes. An unknown request gets the status
    /// 404, which no operation of ECR answers, and a text with the nearest recordings and what differs.
    pub fn answer(&self, request: &Request) -> Response {
        self.outcome(request).unwrap_or_else(|no_response| {
            text_response(502, format!("no response was recorded for this request: {no_response}\n"))
        })
    }

    fn outcome(&self, request: &Request) -> Result<Response, NoResponse> {
        let key = Key::of(request);
        let Some(indexes) = self.by_request.get(&key) else { return Ok(self.not_recorded(request)) };
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let times = answered.entry(key).or_default();
        let index = indexes.get(*times).or(indexes.last());
        *times += 1;
        match index.and_then(|index| self.exchanges.get(*index)) {
            Some(served) => served.outcome.clone(),
            None => Ok(self.not_recorded(request)),
        }
    }

    fn not_recorded(&self, request: &Request) -> Response {
        let body = shorten(&String::from_utf8_lossy(&request.body));
        let target = request.header("x-amz-target").unwrap_or("no X-Amz-Target");
        let mut text = format!(
            "no recorded exchange has this request: {} {} {target} {body}\n",
            request.method, request.path
        );
        // Of those that are as near, the first recorded; none twice.
        let mut nearest: BTreeMap<(usize, String), &str> = BTreeMap::new();
        for served in &self.exchanges {
            let differences = differences(&served.request, request);
            let described = describe(&differences);
            nearest.entry((differences.len(), described)).or_insert(&served.case);
            while nearest.len() > NEAREST {
                nearest.pop_last();
            }
        }
        for ((_, described), case) in nearest {
            // Writing to a string can't fail.
            let _ = write!(text, "\nnear: a request of `{case}`\n{described}");
        }
        text_response(404, text)
    }
}

impl Transport for Replayer {
    fn send(&self, request: Request, _timeout: Duration) -> Answer<'_> {
        Box::pin(ready(self.outcome(&request)))
    }
}

fn describe(differences: &[(String, String, String)]) -> String {
    let mut text = String::new();
    for (place, recorded, asked) in differences.iter().take(MOST_DIFFERENCES) {
        let (recorded, asked) = (shorten(recorded), shorten(asked));
        let _ = writeln!(text, "  {place}: recorded {recorded}, asked {asked}");
    }
    if differences.len() > MOST_DIFFERENCES {
        let _ = writeln!(text, "  and {} more", differences.len() - MOST_DIFFERENCES);
    }
    text
}

/// What sets a request apart from a recorded one: a place, what was recorded there, and what is there.
fn differences(recorded: &Request, asked: &Request) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut compare = |place: &str, recorded: Option<&str>, asked: Option<&str>| {
        if recorded != asked {
            let shown = |value: Option<&str>| value.unwrap_or("nothing").to_owned();
            found.push((place.to_owned(), shown(recorded), shown(asked)));
        }
    };
    compare("method", Some(&recorded.method), Some(&asked.method));
    compare("path", Some(&recorded.path), Some(&asked.path));
    for header in ["X-Amz-Target", "Content-Type"] {
        compare(header, recorded.header(header), asked.header(header));
    }
    // Another operation is further away than any body of the same.
    if recorded.header("x-amz-target") != asked.header("x-amz-target") {
        let both = (recorded.body.as_slice(), asked.body.as_slice());
        if both.0 != both.1 {
            let [recorded, asked] = [both.0, both.1].map(|body| String::from_utf8_lossy(body).into_owned());
            found.push(("body".to_owned(), recorded, asked));
        }
        return found;
    }
    match (Document::parse(&recorded.body), Document::parse(&asked.body)) {
        (Ok(recorded), Ok(asked)) => compare_documents(&recorded, &asked, "", &mut found),
        _ if recorded.body == asked.body => {}
        _ => {
            let [recorded, asked] =
                [recorded, asked].map(|request| String::from_utf8_lossy(&request.body).into_owned());
            found.push(("body".to_owned(), recorded, asked));
        }
    }
    found
}

fn compare_documents(
    recorded: &Document,
    asked: &Document,
    pointer: &str,
    found: &mut Vec<(String, String, String)>,
) {
    match (recorded, asked) {
        (Document::Object(one), Document::Object(other)) => {
            for (name, value) in one {
                let place = format!("{pointer}/{name}");
                match asked.get(name) {
                    Some(asked) => compare_documents(value, asked, &place, found),
                    None => found.push((place, value.to_string(), "nothing".to_owned())),
                }
            }
            for (name, value) in other.iter().filter(|(name, _)| recorded.get(name).is_none()) {
                found.push((format!("{pointer}/{name}"), "nothing".to_owned(), value.to_string()));
            }
        }
        (one, other) if one == other => {}
        (one, other) => {
            let place = if pointer.is_empty() { "body" } else { pointer };
            found.push((place.to_owned(), one.to_string(), other.to_string()));
        }
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

fn text_response(status: u16, text: String) -> Response {
    Response {
        status,
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: text.into_bytes(),
        broken: None,
    }
}
