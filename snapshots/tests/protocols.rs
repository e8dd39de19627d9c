//! Protocol tests through generated code: our own of `fixtures/protocols`, and with the feature `protocols` those
//! that AWS derives from Smithy, as botocore's source distribution carries them: `ECRSPEC_PROTOCOLS` names their
//! folder, `tests/unit/protocols`, when this is built.
//!
//! A request is given as values. A slow writer of our own makes a first body of them, spelled otherwise than
//! usual; the generated reader takes it, the generated writer writes it again, and that is compared.
//!
//! Our own cases have the form of AWS's, with one more field: `deviations`, what the reader says of the body.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

use ecrspec_api::table::{Member, Operation, Revision, Shape, ShapeKind, Trait};
use ecrspec_api::wire::ReadJson;
use ecrspec_api::{Blob, DateTime, Deviation, Direction, Document, HttpDate, Timestamp, WriteJson, wire};

/// One group of cases: its text, its table, and its types by operation and `request`, `response` or the code of
/// an error.
struct Suite {
    name: &'static str,
    text: &'static str,
    revision: &'static Revision,
    round: fn(&str, &str, &[u8]) -> Option<Round>,
}

/// A body that was read and written again.
struct Round {
    written: String,
    deviations: Vec<Deviation>,
    /// What the type of an error says.
    message: Option<String>,
}

/// Reads a body and writes it again. Where none came, nothing is set.
fn round<T: ReadJson + Default + WriteJson>(body: &[u8], direction: Direction) -> Option<Round> {
    let read = wire::read::<T>(body, direction);
    let value = if body.is_empty() { Some(read.value.unwrap_or_default()) } else { read.value };
    let written = value?.to_json();
    let again = wire::read::<T>(written.as_bytes(), direction).value.map(|value| value.to_json());
    (again.as_ref() == Some(&written)).then_some(Round {
        written,
        deviations: read.deviations,
        message: None,
    })
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
fn every_case_of_our_own() {
    let ran = run("own_", &mut Vec::new());
    assert!(ran >= 60, "only {ran} cases were found");
}

#[cfg(feature = "protocols")]
#[expect(clippy::print_stderr, reason = "what is left out is said")]
#[test]
fn every_case_of_the_protocol_tests() {
    let mut left_out = Vec::new();
    let ran = run("aws_", &mut left_out);
    assert!(ran >= 100, "only {ran} cases were found: does ECRSPEC_PROTOCOLS name tests/unit/protocols?");
    eprintln!("{ran} cases hold; {} left out: {left_out:#?}", left_out.len());
}

/// Runs every case of the groups whose name starts so, and gives how many ran.
fn run(origin: &str, left_out: &mut Vec<String>) -> usize {
    let mut failures = Vec::new();
    let mut run = 0;
    for suite in SUITES.iter().filter(|suite| suite.name.starts_with(origin)) {
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
    run
}

fn request(suite: &Suite, operation: &Operation, case: &Document, expected: &Document) -> Result<(), String> {
    let mut params = case.get("params").cloned().unwrap_or(Document::Null);
    fill_tokens(&mut params, operation.input);
    let first = encode(&params, operation.input, &[], Spelling::Unusual).to_string();
    let round = (suite.round)(operation.name, "request", first.as_bytes()).ok_or("the body is not read")?;
    told(case, &round.deviations)?;
    if let Some(body) = text(expected, "/body") {
        same(body, &round.written)?;
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
        let request = Document::parse(round.written.as_bytes()).map_err(|deviation| deviation.to_string())?;
        let prefix = operation.host_prefix(&request).ok_or("no host prefix")?;
        if format!("{prefix}example.com") != host {
            return Err(format!("the host prefix is {prefix}, the host {host}"));
        }
    }
    Ok(())
}

/// What a client that retries does first; the value is the one that AWS's own tests have.
fn fill_tokens(params: &mut Document, input: &Shape) {
    let Document::Object(entries) = params else { return };
    for member in input.members().iter().filter(|member| member.traits.contains(&Trait::IdempotencyToken)) {
        if entries.iter().all(|(name, _)| name != member.name) {
            let token = Document::String("00000000-0000-4000-8000-000000000000".to_owned());
            entries.push((member.name.to_owned(), token));
        }
    }
}

fn response(suite: &Suite, operation: &Operation, case: &Document) -> Result<(), String> {
    let response = case.get("response").ok_or("no response")?;
    let body = text(response, "/body").unwrap_or_default();
    let header = |wanted: &str| {
        let mut headers = headers(response).into_iter();
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let Some(expected) = text(case, "/errorCode") else {
        let round = (suite.round)(operation.name, "response", body.as_bytes()).ok_or("nothing is read")?;
        told(case, &round.deviations)?;
        let result = case.get("result").unwrap_or(&Document::Null);
        return same(&encode(result, operation.output, &[], Spelling::Usual).to_string(), &round.written);
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
    let status = response.get("status_code").map(ToString::to_string).unwrap_or_default();
    // The status that botocore gives to an error with an old code is that of the old protocol.
    if !is_query && status != entry.status.to_string() {
        return Err(format!("the status is {}, not {status}", entry.status));
    }
    let round = (suite.round)(operation.name, &code, body.as_bytes()).ok_or("the error is not read")?;
    told(case, &round.deviations)?;
    let message = wire::error_message(body.as_bytes());
    if message.as_deref() != text(case, "/errorMessage") && case.get("errorMessage").is_some() {
        return Err(format!("the message is {message:?}"));
    }
    if round.message.is_some() && round.message != message {
        return Err(format!("the error says {:?}, the body {message:?}", round.message));
    }
    let error = case.get("error").unwrap_or(&Document::Null);
    same(&encode(error, entry.shape, &[], Spelling::Usual).to_string(), &round.written)
}

/// Whether the reader says of the body what the case has it say; AWS's cases do not mind.
fn told(case: &Document, deviations: &[Deviation]) -> Result<(), String> {
    let Some(expected) = case.get("deviations").and_then(Document::as_array) else { return Ok(()) };
    let expected: Vec<&str> = expected.iter().filter_map(Document::as_str).collect();
    let actual: Vec<String> = deviations.iter().map(ToString::to_string).collect();
    if actual == expected { Ok(()) } else { Err(format!("the reader says {actual:?}, not {expected:?}")) }
}

fn headers(of: &Document) -> Vec<(String, String)> {
    let Some(Document::Object(members)) = of.get("headers") else { return Vec::new() };
    members
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// How a slow writer spells what can be spelled in several ways.
#[derive(Clone, Copy, PartialEq)]
enum Spelling {
    /// As the generated writer does.
    Usual,
    /// As nobody does, though it says the same.
    Unusual,
}

/// The values of a case as the wire has them.
fn encode(value: &Document, shape: &Shape, traits: &[Trait], spelling: Spelling) -> Document {
    let of = |member: &Member, value: &Document| encode(value, member.target, member.traits, spelling);
    match (&shape.kind, value) {
        (ShapeKind::Structure { members } | ShapeKind::Union { members }, Document::Object(entries)) => {
            let entries = entries.iter().map(|(name, value)| {
                let member = members.iter().find(|member| member.name == name);
                // A union keeps a member that it does not have.
                (name.clone(), member.map_or_else(|| value.clone(), |member| of(member, value)))
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
                let zone = if spelling == Spelling::Unusual { "+00:00" } else { "Z" };
                Document::String(DateTime(time).to_string().replace('Z', zone))
            } else if traits.contains(&Trait::HttpDate) {
                Document::String(HttpDate(time).to_string())
            } else {
                let zero = if spelling == Spelling::Unusual { "e0" } else { "" };
                Document::Number(format!("{time}{zero}"))
            }
        }
        _ => value.clone(),
    }
}

/// Whether two bodies say the same: members in any order, numbers spelled in any way.
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
        Document::Number(text) => Document::Number(canonical(&text)),
        other => other,
    }
}

/// The one spelling of a number that has its digits as a whole number without zeros at its ends, and a power of
/// ten.
fn canonical(number: &str) -> String {
    let (sign, text) = number.strip_prefix('-').map_or(("", number), |text| ("-", text));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let trimmed = digits.trim_end_matches('0');
    let power: i64 = exponent.parse().expect("an exponent of a few digits");
    let length = |text: &str| i64::try_from(text.len()).expect("a text of a few digits");
    let power = power + length(&digits) - length(trimmed) - length(fraction);
    match trimmed.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}e{power}"),
    }
}
