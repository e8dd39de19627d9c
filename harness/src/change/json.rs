//! The impact for programs. Its format has a version: members are added, never changed.

use ecrspec_codegen::diff::{Body, Use};
use serde::Serialize;
use serde_json::Value;

use super::Impact;

/// The version of the format.
const FORMAT: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    format: u32,
    old: &'a str,
    new: &'a str,
    types: &'static str,
    changes: Vec<Change<'a>>,
    untouched_constraints: Vec<Constraint<'a>>,
    overlay_statements: Vec<Statement<'a>>,
    mentions: Vec<Mention<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    kind: &'static str,
    subject: &'a str,
    aspect: &'static str,
    old: Option<&'a str>,
    new: Option<&'a str>,
    types: Effect<'a>,
    validators: Effect<'a>,
    uses: Vec<Place<'a>>,
    suspect_checks: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Effect<'a> {
    effect: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    operation: &'a str,
    body: &'a str,
    path: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Constraint<'a> {
    subject: &'a str,
    kind: &'static str,
    bound: &'a str,
    uses: Vec<Place<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statement<'a> {
    subject: &'a str,
    traits: &'a [String],
    place: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mention<'a> {
    file: &'a str,
    line: usize,
    word: &'a str,
}

/// The impact as JSON, ending in a newline.
pub fn json(impact: &Impact<'_>) -> String {
    let diff = impact.diff;
    let changes = impact.changes().map(|(change, suspect_checks)| Change {
        kind: change.kind.name(),
        subject: &change.subject,
        aspect: change.aspect,
        old: change.old.as_deref(),
        new: change.new.as_deref(),
        types: Effect { effect: change.types.name(), why: &change.types_why },
        validators: Effect { effect: change.validators.name(), why: &change.validators_why },
        uses: places(&change.uses),
        suspect_checks,
    });
    let untouched = impact.untouched.iter().map(|constraint| Constraint {
        subject: &constraint.subject,
        kind: constraint.name,
        bound: &constraint.bound,
        uses: places(&constraint.uses),
    });
    let statements = diff.statements.iter().map(|statement| Statement {
        subject: &statement.subject,
        traits: &statement.traits,
        place: &statement.place,
        why: &statement.why,
    });
    let mentions = impact.mentions.iter().map(|mention| Mention {
        file: &mention.file,
        line: mention.line,
        word: &mention.word,
    });
    let report = Report {
        format: FORMAT,
        old: &diff.old,
        new: &diff.new,
        types: impact.semver().name(),
        changes: changes.collect(),
        untouched_constraints: untouched.collect(),
        overlay_statements: statements.collect(),
        mentions: mentions.collect(),
    };
    let value = serde_json::to_value(&report).unwrap_or(Value::Null);
    format!("{value:#}\n")
}

fn places(uses: &[Use]) -> Vec<Place<'_>> {
    let places = uses.iter().map(|place| Place {
        operation: &place.operation,
        body: match &place.body {
            Body::Request => "request",
            Body::Response => "response",
            Body::Error(name) => name,
        },
        path: &place.path,
    });
    places.collect()
}
