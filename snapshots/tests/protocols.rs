//! The protocol tests that AWS derives from Smithy, as botocore's source distribution carries them, through
//! generated code: `ECRSPEC_PROTOCOLS` names their folder, `tests/unit/protocols`, when this is built.
//!
//! A request is given as values. A slow writer of our own makes a first body of them, spelled otherwise than
//! usual; the generated reader takes it, the generated writer writes it again, and that is compared.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]
#![expect(clippy::print_stderr, reason = "what is left out is said")]

use ecrspec_api::table::{Member, Operation, Revision, Shape, ShapeKind, Trait};
use ecrspec_api::{Blob, DateTime, Document, HttpDate, Timestamp, wire};

/// One group of cases: its text, its table, and its types by operation: request and response read and written.
#[allow(dead_code, reason = "no folder, no group")]
struct Suite {
    name: &'static str,
    text: &'static str,
    revision: &'static Revision,
    round: fn(&str, &str, &[u8]) -> Option<String>,
}

include!(concat!(env!("OUT_DIR"), "/protocols.rs"));

/// Cases that do not apply, each with the reason.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "AwsJson11HostWithPath",
        "the path of the endpoint is the caller's: every operation is sent to it as it is",
    ),
    (
        "AwsJson10HostWithPath",
        "the path of the endpoint is the caller's: every operation is sent to it as it is",
    ),
    ("SDKAppliedContentEncoding_awsJson1_1", "compression is left to whoever sends the body"),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1",
        "compression is left to whoever sends the body",
    ),
    ("SDKAppliedContentEncoding_awsJson1_0", "compression is left to whoever sends the body"),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0",
        "compression is left to whoever sends the body",
    ),
];

fn text<'d>(document: &'d Document, pointer: &str) -> Option<&'d str> {
    document.pointer(pointer).and_then(Document::as_str)
}

#[test]
fn every_case_of_the_protocol_tests() {
    let mut failures = Vec::new();
    let (mut run, mut left_out) = (0, Vec::new());
    for suite in SUITES {
        let document = Document::parse(suite.text.as_bytes()).expect("JSON");
        for case in document.get("cases").and_then(Document::as_array).expect("cases") {
            let id = text(case, "/id").expect("an id");
            if let Some((_, reason)) = LEFT_OUT.iter().find(|(known, _)| *known == id) {
                left_out.push(format!("{id}: {reason}"));
                continue;
            }
            run += 1;
            let operation = text(case, "/given/name").and_then(|name| suite.revision.operation(name));
            let operation = operation.expect("the operation is in its own model");
            let result = match case.get("serialized") {
                Some(expected) => request(suite, operation, case, expected),
                None => response(suite, operation, case),
            };
            failures.extend(result.err().map(|reason| format!("{}: {id}: {reason}", suite.name)));
        }
    }
    assert!(failures.is_empty(), "{} of {run} fail:\n{}", failures.len(), failures.join("\n"));
    assert!(run >= 100, "only {run} cases were found: does ECRSPEC_PROTOCOLS name tests/unit/protocols?");
    eprintln!("{run} cases hold; left out: {left_out:#?}");
}

fn request(suite: &Suite, operation: &Operation, case: &Document, expected: &Document) -> Result<(), String> {
    let params = case.get("params").unwrap_or(&Document::Null);
    let first = encode(params, operation.input, &[]).to_string();
    let written = (suite.round)(operation.name, "request", first.as_bytes()).ok_or("the body is not read")?;
    if let Some(body) = text(expected, "/body") {
        same(body, &written)?;
    }
    for (name, value) in headers(expected) {
        let actual = match name.to_ascii_lowercase().as_str() {
            "content-type" => suite.revision.service.content_type.to_owned(),
            "x-amz-target" => operation.target.to_owned(),
            "x-amzn-query-mode" => suite.revision.service.query_compatible.to_string(),
            _ => return Err(format!("nothing is known of the header {name}")),
        };
        if actual != value {
            return Err(format!("{name} is {actual}, not {value}"));
        }
    }
    if let Some(host) = text(expected, "/host") {
        let request = Document::parse(written.as_bytes()).map_err(|deviation| deviation.to_string())?;
        let prefix = operation.host_prefix(&request).ok_or("no host prefix")?;
        if format!("{prefix}example.com") != host {
            return Err(format!("the host prefix is {prefix}, the host {host}"));
        }
    }
    Ok(())
}

fn response(suite: &Suite, operation: &Operation, case: &Document) -> Result<(), String> {
    let response = case.get("response").ok_or("no response")?;
    let body = text(response, "/body").unwrap_or_default();
    let header = |wanted: &str| {
        let mut headers = headers(response).into_iter();
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let Some(expected) = text(case, "/errorCode") else {
        let body = if body.is_empty() { "{}" } else { body };
        let written = (suite.round)(operation.name, "response", body.as_bytes()).ok_or("nothing is read")?;
        let result = case.get("result").unwrap_or(&Document::Null);
        return same(&encode(result, operation.output, &[]).to_string(), &written);
    };
    let kind = header("x-amzn-errortype");
    let code = wire::error_code(kind.as_deref(), body.as_bytes()).ok_or("no code")?;
    let query = header("x-amzn-query-error").and_then(|text| wire::QueryError::read(&text));
    let is_query = query.is_some();
    let shown = query.map_or(code.clone(), |query| query.code);
    if shown != expected {
        return Err(format!("the code is {shown}, not {expected}"));
    }
    let entry = operation.error(&code).ok_or("the operation has no such error")?;
    let status = text_of_number(response.get("status_code"));
    // The status that botocore gives to an error with an old code is that of the old protocol.
    if !is_query && status != entry.status.to_string() {
        return Err(format!("the status is {}, not {status}", entry.status));
    }
    let body = if body.is_empty() { "{}" } else { body };
    let written = (suite.round)(operation.name, &code, body.as_bytes()).ok_or("the error is not read")?;
    let error = case.get("error").unwrap_or(&Document::Null);
    same(&encode(error, entry.shape, &[]).to_string(), &written)
}

fn headers(of: &Document) -> Vec<(String, String)> {
    let Some(Document::Object(members)) = of.get("headers") else { return Vec::new() };
    members
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn text_of_number(document: Option<&Document>) -> String {
    document.map(ToString::to_string).unwrap_or_default()
}

/// The values of a case as the wire has them.
fn encode(value: &Document, shape: &Shape, traits: &[Trait]) -> Document {
    let of = |member: &Member, value: &Document| encode(value, member.target, member.traits);
    match (&shape.kind, value) {
        (ShapeKind::Structure { members } | ShapeKind::Union { members }, Document::Object(entries)) => {
            let entries = entries.iter().map(|(name, value)| {
                let member = members.iter().find(|member| member.name == name);
                (name.clone(), of(member.expect("the shape has the member"), value))
            });
            Document::Object(entries.collect())
        }
        (ShapeKind::List { member }, Document::Array(elements)) => {
            Document::Array(elements.iter().map(|element| of(member, element)).collect())
        }
        (ShapeKind::Map { value: member, .. }, Document::Object(entries)) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), of(member, value)));
            Document::Object(entries.collect())
        }
        (ShapeKind::Blob, Document::String(text)) => {
            Document::String(Blob(text.as_bytes().to_vec()).to_base64())
        }
        (ShapeKind::Timestamp, Document::Number(text)) => {
            let time: Timestamp = text.parse().expect("epoch seconds");
            if traits.contains(&Trait::DateTime) {
                Document::String(DateTime(time).to_string().replace('Z', "+00:00"))
            } else if traits.contains(&Trait::HttpDate) {
                Document::String(HttpDate(time).to_string())
            } else {
                Document::Number(format!("{text}e0"))
            }
        }
        _ => value.clone(),
    }
}

/// Whether two bodies say the same; numbers and dates may be spelled in many ways.
fn same(expected: &str, actual: &str) -> Result<(), String> {
    let read = |text: &str| Document::parse(text.as_bytes()).map_err(|deviation| deviation.to_string());
    let (left, right) = (sorted(read(expected)?), sorted(read(actual)?));
    if left == right { Ok(()) } else { Err(format!("expected {left}, found {right}")) }
}

fn sorted(document: Document) -> Document {
    match document {
        Document::Object(mut entries) => {
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            Document::Object(entries.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Document::Array(elements) => Document::Array(elements.into_iter().map(sorted).collect()),
        Document::Number(text) => {
            let number: f64 = text.parse().unwrap_or_else(|_| panic!("{text} is no number"));
            Document::Number(number.to_string())
        }
        Document::String(text) => match text.parse::<DateTime>() {
            Ok(time) => Document::String(time.to_string()),
            Err(_) => Document::String(text),
        },
        other => other,
    }
}
