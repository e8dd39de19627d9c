//! The emulator with a fault, and what it remembers for faults that need a past.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use ecrspec_api::Document;
use ecrspec_api::table::{Operation, Revision};

use super::edit::{Members, elements, get, get_text, members_of, number, object, remove, set, text};
use super::fault::Fault;
use crate::emulator::{Emulator, Settings};
use crate::exchange::{Request, Response};

/// An emulator under a fault.
#[derive(Clone, Debug)]
pub(super) struct Specimen {
    pub(super) emulator: Emulator,
    revision: &'static Revision,
    pub(super) operation: Option<&'static Operation>,
    pub(super) memory: Memory,
}

/// What went through a specimen.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The repositories that there are.
    pub(super) repositories: BTreeSet<String>,
    /// Every push, in order.
    pub(super) pushes: Vec<Push>,
    /// The manifests by their digests.
    pub(super) manifests: BTreeMap<String, String>,
    /// Digests by what they were given out as.
    pub(super) aliases: BTreeMap<String, String>,
    /// Digests of images that have lost their last tag.
    pub(super) bare: BTreeSet<String>,
    /// The answer before, to `DescribeImages`.
    pub(super) previous: Option<Response>,
    /// The bodies of all questions to `DescribeImages`.
    pub(super) questions: BTreeSet<String>,
    /// When each repository was made.
    pub(super) made: BTreeMap<String, SystemTime>,
    /// When something was pushed to each repository last.
    pub(super) pushed: BTreeMap<String, SystemTime>,
    /// How often `DescribeImages` was asked.
    pub(super) asked: u64,
}

/// One push.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) repository: String,
    pub(super) digest: String,
    pub(super) tag: Option<String>,
}

/// A request of `DescribeImages`, with what a fault may want to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    /// The members of its body; none if that is no object.
    pub(super) body: &'a Members,
    pub(super) now: SystemTime,
}

impl Specimen {
    pub(super) fn new(settings: Settings) -> Self {
        let revision = settings.revision;
        let operation = revision.operation("DescribeImages");
        Self { revision, emulator: Emulator::new(settings), operation, memory: Memory::default() }
    }

    /// Answers one request, as far as the fault lets it.
    pub(super) fn answer(&mut self, fault: &Fault, request: &Request, now: SystemTime) -> Response {
        // A fault in reading strikes a request of no operation too.
        if matches!(operation_of(request), "DescribeImages" | "") || !self.knows(operation_of(request)) {
            self.memory.asked += 1;
            let body = Document::parse(&request.body).map(members_of).unwrap_or_default();
            fault.describe(self, Asked { request, body: &body, now })
        } else {
            fault.change(self, request, now)
        }
    }

    fn knows(&self, operation: &str) -> bool {
        self.revision.operation(operation).is_some()
    }

    /// What the emulator itself answers. What it made or removed is remembered.
    pub(super) fn pass(&mut self, request: &Request, now: SystemTime) -> Response {
        let response = self.emulator.answer(request, now);
        if response.status == 200 {
            self.remember(request, &response, now);
        }
        response
    }

    /// What the emulator answers to the same request with another body.
    pub(super) fn ask(&mut self, asked: Asked<'_>, body: Members) -> Response {
        let body = Document::Object(body).to_string().into_bytes();
        self.pass(&Request { body, ..asked.request.clone() }, asked.now)
    }

    /// What the emulator answers to a request of another operation.
    pub(super) fn call(
        &mut self,
        request: &Request,
        operation: &str,
        body: Members,
        now: SystemTime,
    ) -> Response {
        let mut request = request.clone();
        for (name, value) in &mut request.headers {
            if name.eq_ignore_ascii_case("x-amz-target") {
                let (service, _) = value.split_once('.').unwrap_or_default();
                *value = format!("{service}.{operation}");
            }
        }
        request.body = Document::Object(body).to_string().into_bytes();
        self.pass(&request, now)
    }

    /// All entries that a listing has, page sizes aside; or the refusal.
    pub(super) fn list(&mut self, asked: Asked<'_>, body: &Members) -> Result<Vec<Document>, Response> {
        let mut body = body.clone();
        remove(&mut body, "imageIds");
        remove(&mut body, "nextToken");
        set(&mut body, "maxResults", number(1000));
        let mut all = Vec::new();
        loop {
            let response = self.ask(asked, body.clone());
            let token =
                Document::parse(&response.body).ok().and_then(|answer| answer.get("nextToken").cloned());
            all.extend(entries_of(response)?);
            match token {
                Some(token) => set(&mut body, "nextToken", token),
                None => return Ok(all),
            }
        }
    }

    fn remember(&mut self, request: &Request, response: &Response, now: SystemTime) {
        let body = Document::parse(&request.body).map(members_of).unwrap_or_default();
        let Some(repository) = get_text(&body, "repositoryName").map(str::to_owned) else { return };
        match operation_of(request) {
            "CreateRepository" => {
                self.memory.made.insert(repository.clone(), now);
                self.memory.repositories.insert(repository);
            }
            "DeleteRepository" => drop(self.memory.repositories.remove(&repository)),
            "PutImage" => {
                let answer = Document::parse(&response.body).unwrap_or(Document::Null);
                let digest = answer.pointer("/image/imageId/imageDigest").and_then(Document::as_str);
                let (Some(digest), Some(manifest)) = (digest, get_text(&body, "imageManifest")) else {
                    return;
                };
                self.memory.manifests.insert(digest.to_owned(), manifest.to_owned());
                let tag = get_text(&body, "imageTag").map(str::to_owned);
                self.memory.pushed.insert(repository.clone(), now);
                self.memory.pushes.push(Push { repository, digest: digest.to_owned(), tag });
            }
            _ => {}
        }
    }
}

impl Memory {
    /// A value in the manifest of that digest.
    pub(super) fn manifest(&self, digest: &str) -> Option<Document> {
        Document::parse(self.manifests.get(digest)?.as_bytes()).ok()
    }
}

/// The operation that a request asks for.
pub(super) fn operation_of(request: &Request) -> &str {
    request.header("x-amz-target").and_then(|target| target.split_once('.')).map_or("", |(_, name)| name)
}

/// The entries of a successful answer, or the answer.
pub(super) fn entries_of(response: Response) -> Result<Vec<Document>, Response> {
    if response.status != 200 {
        return Err(response);
    }
    let mut answer = Document::parse(&response.body).map(members_of).unwrap_or_default();
    Ok(elements(&mut answer, "imageDetails").map(std::mem::take).unwrap_or_default())
}

/// A successful answer with these entries.
pub(super) fn answer_of(entries: Vec<Document>, token: Option<String>) -> Response {
    let mut answer = vec![("imageDetails".to_owned(), Document::Array(entries))];
    answer.extend(token.map(|token| ("nextToken".to_owned(), text(token))));
    json(200, &Document::Object(answer))
}

/// An error.
pub(super) fn refusal(status: u16, code: &str, message: &str) -> Response {
    json(status, &object([("__type", text(code)), ("message", text(message))]))
}

/// A response with the headers of a usual one.
pub(super) fn json(status: u16, body: &Document) -> Response {
    let headers = [
        ("x-amzn-requestid", "5c2c8d0e-7f4b-4b63-9a0e-0d6d9a1c7f3e"),
        ("content-type", "application/x-amz-json-1.1"),
        ("content-length", ""),
    ];
    let mut response = Response {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: Vec::new(),
        broken: None,
    };
    rewrite(&mut response, body.to_string().into_bytes());
    response
}

/// Gives a response another body, with the length that this has.
pub(super) fn rewrite(response: &mut Response, body: Vec<u8>) {
    for (name, value) in &mut response.headers {
        if name == "content-length" {
            *value = body.len().to_string();
        }
    }
    response.body = body;
}

/// The code of an error.
pub(super) fn code_of(response: &Response) -> String {
    let body = Document::parse(&response.body).map(members_of).unwrap_or_default();
    get(&body, "__type").and_then(Document::as_str).unwrap_or_default().to_owned()
}
