//! The protocol, awsJson1.1: what a request asks for, and how an outcome goes back.
//!
//! In: a request; the outcome of a call. Out: a checked [`Call`]; a response. What must stay true: a [`Call`]
//! exists only for a body whose JSON types are those of the operation's input and that breaks no constraint
//! which the emulator enforces; every response is JSON with the headers that ECR sends.

use std::time::SystemTime;

use ecrspec_api::table::{Enforced, Operation, Revision};
use ecrspec_api::{DeviationKind, Document, Violation};

use super::Blindness;
use super::error::{Error, Refusal};
use super::instant::http_date;
use super::projection::project;
use crate::exchange::{Request, Response};

/// A request that passed validation.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// What it asks for.
    pub(super) operation: &'static Operation,
    /// Its members, without those that the revision does not have and without `null`.
    pub(super) body: Document,
    /// When it came.
    pub(super) now: SystemTime,
}

impl Call {
    /// The members of the body.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields(&self.body)
    }
}

/// The members of a JSON object, each read as the type that validation has proven.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(&'a Document);

impl<'a> Fields<'a> {
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Document::as_str)
    }

    /// A text without which there is nothing to do, should the table not require it.
    pub(super) fn required(self, name: &'static str) -> Result<&'a str, Error> {
        self.text(name).ok_or(Error::MissingParameter { name })
    }

    pub(super) fn integer(self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Document::Number(text) => text.parse().ok().or_else(|| whole_number(text)),
            _ => None,
        }
    }

    pub(super) fn flag(self, name: &str) -> bool {
        self.0.get(name) == Some(&Document::Boolean(true))
    }

    pub(super) fn fields(self, name: &str) -> Fields<'a> {
        Fields(self.0.get(name).unwrap_or(&Document::Null))
    }

    /// The elements of a list of objects; `None` where there is no list.
    pub(super) fn objects(self, name: &str) -> Option<impl Iterator<Item = Fields<'a>>> {
        Some(self.0.get(name)?.as_array()?.iter().map(Fields))
    }

    /// The elements of a list of texts; nothing where there is no list.
    pub(super) fn texts(self, name: &str) -> impl Iterator<Item = &'a str> {
        let elements = self.0.get(name).and_then(Document::as_array).unwrap_or_default();
        elements.iter().filter_map(Document::as_str)
    }
}

/// The operation that a request asks for.
pub(super) fn route(revision: &'static Revision, request: &Request) -> Result<&'static Operation, Refusal> {
    let unknown = || Refusal { operation: None, error: Error::UnknownOperation };
    if request.method != "POST" || request.path != "/" {
        return Err(unknown());
    }
    let target = request.header("x-amz-target").ok_or_else(unknown)?;
    revision.operations.iter().copied().find(|operation| operation.target == target).ok_or_else(unknown)
}

/// Reads and validates the body of a request.
pub(super) fn read(
    operation: &'static Operation,
    body: &[u8],
    now: SystemTime,
    blindness: Blindness,
) -> Result<Call, Error> {
    let reading = (operation.check_request)(body);
    if let Some(deviation) = reading.deviations.iter().find(|deviation| is_unreadable(&deviation.kind)) {
        return Err(Error::Serialization { reason: deviation.to_string() });
    }
    let Some(document) = reading.document else {
        return Err(Error::Serialization { reason: "the body is not JSON".to_owned() });
    };
    let is_caught = |violation: &&Violation| {
        is_enforced(operation, violation) && (operation.name != "DescribeImages" || blindness.sees(violation))
    };
    if let Some(violation) = reading.violations.iter().find(is_caught) {
        let message =
            violation.service_message().unwrap_or_else(|| format!("The request is not valid: {violation}"));
        return Err(Error::InvalidParameter { message });
    }
    Ok(Call { operation, body: project(operation.input, &document), now })
}

/// The response for what came of a request.
pub(super) fn respond(
    revision: &Revision,
    outcome: Result<Document, Refusal>,
    request_id: &str,
    now: SystemTime,
) -> Response {
    let (status, body) = match outcome {
        Ok(document) => (200, document),
        Err(refusal) => (refusal.status(), refusal.body()),
    };
    let body = body.to_string().into_bytes();
    let headers = [
        ("x-amzn-requestid", request_id.to_owned()),
        ("date", http_date(now)),
        ("content-type", revision.service.content_type.to_owned()),
        ("content-length", body.len().to_string()),
    ];
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Response { status, headers, body, broken: None }
}

/// Whether the bytes cannot be taken as the operation's input.
fn is_unreadable(kind: &DeviationKind) -> bool {
    matches!(
        kind,
        DeviationKind::Malformed { .. }
            | DeviationKind::WrongType { .. }
            | DeviationKind::OutOfRange { .. }
            | DeviationKind::BadEncoding { .. }
            | DeviationKind::TooDeep
    )
}

/// Whether the emulator rejects what breaks this constraint: see the choices in [`super`].
fn is_enforced(operation: &Operation, violation: &Violation) -> bool {
    match violation.constraint.enforced {
        Enforced::Yes => true,
        Enforced::No => false,
        Enforced::Unknown => operation.name != "DescribeImages",
    }
}

impl Blindness {
    fn sees(self, violation: &Violation) -> bool {
        match self {
            Self::ToNothing => true,
            Self::ToAll => false,
            Self::To { member, kind } => {
                violation.member != member || violation.constraint.kind.name() != kind
            }
        }
    }
}

/// The whole number that a text such as `5.0` or `1e2` stands for.
fn whole_number(text: &str) -> Option<i64> {
    let value: f64 = text.parse().ok()?;
    if value.fract() == 0.0 { format!("{value:.0}").parse().ok() } else { None }
}
