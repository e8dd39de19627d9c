//! Waiters: what to ask for until something is so.

use super::super::json::Json;
use super::{LeftOut, only};
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Fields, text};
use crate::source::{Entry, Node, Value};

const LEFT_OUT: &[LeftOut] = &[
    ("description", "only the documentation of shapes is carried over"),
    ("maxAttempts", "how long to wait is the caller's to say"),
    ("type", "it is for botocore alone"),
];

/// The value of the trait of an operation that these waiters ask.
pub(super) fn waitable(waiters: &[&Entry<'_>], diagnostics: &mut Diagnostics) -> Json {
    let mut made = Vec::new();
    for entry in waiters {
        made.extend(waiter(&entry.value, diagnostics).map(|waiter| (entry.key.clone(), waiter)));
    }
    Json::Object(made)
}

fn waiter(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<Json> {
    let fields = Fields::of(node, "a waiter", diagnostics)?;
    only(&fields, &["acceptors", "delay", "operation"], LEFT_OUT, diagnostics);
    let mut made = Vec::new();
    fields.require("acceptors", diagnostics);
    let acceptors = fields.array("acceptors", diagnostics);
    let acceptors = acceptors.iter().filter_map(|node| acceptor(node, diagnostics)).collect();
    made.push(("acceptors".to_owned(), Json::Array(acceptors)));
    made.extend(fields.get("delay").map(|delay| ("minDelay".to_owned(), Json::of(delay))));
    Some(Json::Object(made))
}

fn acceptor(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<Json> {
    let fields = Fields::of(node, "an acceptor", diagnostics)?;
    only(&fields, &["argument", "expected", "matcher", "state"], &[], diagnostics);
    let state = text(fields.require("state", diagnostics)?, "state", diagnostics)?;
    let kind = fields.require("matcher", diagnostics)?;
    let matcher = text(kind, "matcher", diagnostics)?;
    let expected = fields.require("expected", diagnostics)?;
    let output = |comparator: &str, expected: String| {
        let path = fields.get("argument").and_then(Node::as_str).unwrap_or_default();
        let parts = [("path", path), ("expected", &expected), ("comparator", comparator)];
        let parts = parts.map(|(name, value)| (name.to_owned(), Json::text(value))).to_vec();
        ("output".to_owned(), Json::Object(parts))
    };
    let success = |came: bool| ("success".to_owned(), Json::Bare(came.to_string()));
    let made = match (matcher, &expected.value) {
        ("path", Value::String(value)) => output("stringEquals", value.clone()),
        ("path", Value::Boolean(value)) => output("booleanEquals", value.to_string()),
        ("pathAll", Value::String(value)) => output("allStringEquals", value.clone()),
        ("pathAny", Value::String(value)) => output("anyStringEquals", value.clone()),
        ("error", Value::String(code)) => ("errorType".to_owned(), Json::text(code.as_str())),
        ("error", Value::Boolean(any)) => success(!any),
        ("status", Value::Number("200")) => success(true),
        _ => {
            diagnostics.report(
                Code::UnsupportedFeature,
                &kind.place,
                format!(
                    "no waiter of Smithy waits for {matcher:?} with {} as what is expected",
                    expected.kind()
                ),
                "leave the acceptor or the file of waiters out",
            );
            return None;
        }
    };
    Some(Json::Object(vec![
        ("state".to_owned(), Json::text(state)),
        ("matcher".to_owned(), Json::Object(vec![made])),
    ]))
}
