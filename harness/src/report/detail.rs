//! What a reader needs to mend one finding: rows of text, the exchange, and the difference path by path.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::evidence::{Fact, Ledger};
use crate::exchange::{Exchange, Response};
use crate::recording::without_secret_headers;
use crate::report::curl::curl;
use crate::report::failure::request;
use crate::report::{Subject, context};
use crate::run::CaseRun;
use crate::transcript::StepOutcome;
use crate::verdict::{CheckResult, Finding, printable};

/// The most characters of a body that a report shows.
const SHOWN_BODY: usize = 2_000;

/// The most differences that a report shows of one finding.
const SHOWN_DIFFERENCES: usize = 50;

/// What a finding says, a name and a text a row.
pub(super) fn rows(
    case: &CaseRun,
    result: &CheckResult,
    finding: &Finding,
    subject: &Subject<'_>,
) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if !finding.pointer.is_empty() {
        rows.push(("at", finding.pointer.clone()));
    }
    rows.push(("expected", finding.expected.clone()));
    rows.push(("actual", finding.actual.clone()));
    rows.extend(context::context(case, result, finding, subject));
    rows.extend(result.evidence.iter().map(|id| ("evidence", cite(id))));
    rows.push(("breaks", finding.breaks.clone()));
    rows.extend(request(case, result).and_then(|request| curl(request, subject)).map(|curl| ("try", curl)));
    rows.push(("again", subject.command(&case.case.id)));
    rows
}

/// A fact with its strength and its first address.
fn cite(id: &str) -> String {
    let Some(fact) = Ledger::built_in().fact(id) else { return id.to_owned() };
    let title = || fact.sources.first().map(|source| format!("({})", source.title));
    let source = link(fact).map(ToOwned::to_owned).or_else(title).unwrap_or_default();
    format!("{id}, {}: {} {source}", fact.strength, fact.statement)
}

/// The rows as text, a line a row.
pub(super) fn text(rows: &[(&'static str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in rows {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{name:<9} {}", value.replace('\n', "\n          "));
    }
    text
}

/// The first address of a fact.
pub(super) fn link(fact: &Fact) -> Option<&str> {
    fact.sources.iter().find_map(|source| source.link.as_deref())
}

/// A text of at most so many characters.
pub(super) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One exchange as text, without what signs or identifies the caller.
pub(super) struct Shown {
    pub(super) request: String,
    pub(super) response: String,
}

/// The exchanges that a check looked at.
pub(super) fn exchanges(case: &CaseRun, result: &CheckResult) -> Vec<Shown> {
    match case.transcript.steps.get(result.step) {
        Some(StepOutcome::Sent { exchanges, .. }) => exchanges.iter().map(shown).collect(),
        _ => Vec::new(),
    }
}

fn shown(exchange: &Exchange) -> Shown {
    let request = &exchange.request;
    let head = format!("{} {}", request.method, request.path);
    let response = match &exchange.outcome {
        Err(reason) => reason.to_string(),
        Ok(Response { status, headers, body, broken }) => {
            let broken = broken.as_ref().map(|broken| format!("\n({broken:?})")).unwrap_or_default();
            format!("{}{broken}", message(&status.to_string(), headers, body))
        }
    };
    Shown { request: message(&head, &request.headers, &request.body), response }
}

fn message(head: &str, headers: &[(String, String)], body: &[u8]) -> String {
    let mut lines = head.to_owned();
    for (name, value) in without_secret_headers(headers) {
        // Writing to a string can't fail.
        let _ = write!(lines, "\n{name}: {value}");
    }
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(value) => format!("{value:#}"),
        Err(_) => printable(body),
    };
    let rest = text.chars().count().saturating_sub(SHOWN_BODY);
    let cut: String = text.chars().take(SHOWN_BODY).collect();
    let cut = if rest > 0 { format!("{cut}… {rest} characters more") } else { cut };
    format!("{lines}\n\n{cut}")
}

/// One place at which expectation and answer differ.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) pointer: String,
    /// What is expected there; nothing where nothing may be.
    pub(super) expected: Option<String>,
    /// What is there; nothing where nothing is.
    pub(super) actual: Option<String>,
}

/// Where expectation and answer differ, path by path, where both are JSON; else the whole of them.
pub(super) fn differences(finding: &Finding) -> Vec<Difference> {
    let any_order = finding.expected.strip_prefix("in any order ");
    let expected = serde_json::from_str::<Value>(any_order.unwrap_or(&finding.expected));
    let actual = serde_json::from_str::<Value>(&finding.actual);
    let mut found = Vec::new();
    match (expected, actual) {
        (Ok(Value::Array(expected)), Ok(Value::Array(actual))) if any_order.is_some() => {
            unordered(&finding.pointer, &expected, &actual, &mut found);
        }
        (Ok(expected), Ok(actual)) => compare(&finding.pointer, &expected, &actual, &mut found),
        _ => {}
    }
    if found.is_empty() {
        let absent = ["absent", "nothing there"];
        let there = |text: &str| (!absent.contains(&text)).then(|| text.to_owned());
        found.push(Difference {
            pointer: finding.pointer.clone(),
            expected: there(&finding.expected),
            actual: there(&finding.actual),
        });
    }
    found.truncate(SHOWN_DIFFERENCES);
    found
}

fn compare(pointer: &str, expected: &Value, actual: &Value, found: &mut Vec<Difference>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, value) in expected {
                match actual.get(name) {
                    Some(other) => compare(&format!("{pointer}/{name}"), value, other, found),
                    None => found.push(missing(format!("{pointer}/{name}"), value)),
                }
            }
            for (name, value) in actual.iter().filter(|(name, _)| !expected.contains_key(*name)) {
                found.push(surplus(format!("{pointer}/{name}"), value));
            }
        }
        (Value::Array(expected), Value::Array(actual)) => {
            for index in 0..expected.len().max(actual.len()) {
                let pointer = format!("{pointer}/{index}");
                match (expected.get(index), actual.get(index)) {
                    (Some(value), Some(other)) => compare(&pointer, value, other, found),
                    (Some(value), None) => found.push(missing(pointer, value)),
                    (None, Some(value)) => found.push(surplus(pointer, value)),
                    (None, None) => {}
                }
            }
        }
        _ if expected == actual => {}
        _ => found.push(Difference {
            pointer: pointer.to_owned(),
            expected: Some(expected.to_string()),
            actual: Some(actual.to_string()),
        }),
    }
}

/// Elements that only one side has, however often.
fn unordered(pointer: &str, expected: &[Value], actual: &[Value], found: &mut Vec<Difference>) {
    let mut balance: BTreeMap<String, isize> = BTreeMap::new();
    for value in expected {
        *balance.entry(value.to_string()).or_default() += 1;
    }
    for value in actual {
        *balance.entry(value.to_string()).or_default() -= 1;
    }
    for (value, count) in balance {
        let pointer = format!("{pointer}/*");
        for _ in 0..count.unsigned_abs() {
            let (expected, actual) =
                if count > 0 { (Some(value.clone()), None) } else { (None, Some(value.clone())) };
            found.push(Difference { pointer: pointer.clone(), expected, actual });
        }
    }
}

fn missing(pointer: String, value: &Value) -> Difference {
    Difference { pointer, expected: Some(value.to_string()), actual: None }
}

fn surplus(pointer: String, value: &Value) -> Difference {
    Difference { pointer, expected: None, actual: Some(value.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::FindingKind;

    fn between(expected: &str, actual: &str) -> Vec<String> {
        let finding = Finding {
            kind: FindingKind::Semantics,
            pointer: "/a".to_owned(),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            breaks: String::new(),
        };
        let text = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
        differences(&finding)
            .into_iter()
            .map(|one| format!("{} {} {}", one.pointer, text(one.expected), text(one.actual)))
            .collect()
    }

    #[test]
    fn a_difference_is_shown_at_its_path() {
        assert_eq!(
            between(r#"{"b":[1,2],"c":3}"#, r#"{"b":[1,"2"],"d":4}"#),
            ["/a/b/1 2 \"2\"", "/a/c 3 -", "/a/d - 4"]
        );
        assert_eq!(between("in any order [1,2,2]", "[2,3]"), ["/a/* 1 -", "/a/* 2 -", "/a/* - 3"]);
    }

    #[test]
    fn what_is_no_json_is_shown_whole() {
        assert_eq!(between("a JSON string", "absent"), ["/a a JSON string -"]);
        assert_eq!(between("in any order [\"a…", "[\"b\"]"), ["/a in any order [\"a… [\"b\"]"]);
    }
}
