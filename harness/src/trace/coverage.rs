//! Which constraints, values and errors of the model the suite exercises, and on which side.
//!
//! A request is put on a side by what it is, not by what its case says of it: names are given values of the right
//! form, and the slow interpreter says what is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ecrspec_api::table::{Constraint, ConstraintKind, Member, Revision, Shape, ShapeKind};
use serde_json::Value;

use crate::case::Suite;
use crate::case::bindings::names;
use crate::case::derive::interpreter;
use crate::case::fits;
use crate::case::format::{Body, BodyExpectation, Case, Check, Expectation};
use crate::level::Level;
use crate::trace::Requirements;

/// How many cases of a side are named.
const SHOWN: usize = 3;

/// What of the model is exercised by which cases.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Its parts: the request's, the response's, the errors.
    pub items: Vec<Item>,
}

/// A constraint, a member of the response, a value of an enum, or an error.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name: `in.maxResults range.max`.
    pub name: String,
    /// Its sides, each with the cases that exercise it.
    pub sides: Vec<(&'static str, Vec<String>)>,
    /// Why a side is exercised by none, where that is known.
    pub reason: Option<&'static str>,
}

impl Item {
    /// Whether some side has no case and no reason.
    pub fn is_bare(&self) -> bool {
        self.reason.is_none() && self.sides.iter().any(|(_, cases)| cases.is_empty())
    }
}

impl Coverage {
    /// The coverage as a text: a line a part.
    pub fn text(&self) -> String {
        let bare = self.items.iter().filter(|item| item.is_bare()).count();
        let reasoned = self.items.iter().filter(|item| item.reason.is_some()).count();
        let mut text = format!(
            "{} parts of the model: {} exercised, {reasoned} with a reason why not, {bare} with neither\n\n",
            self.items.len(),
            self.items.len() - reasoned - bare
        );
        for item in &self.items {
            // Writing to a string can't fail.
            let _ = writeln!(text, "{}", item.name);
            for (side, cases) in &item.sides {
                let shown = cases.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
                let line = match cases.len() {
                    0 => "none".to_owned(),
                    count if count > SHOWN => format!("{shown} and {} more", count - SHOWN),
                    _ => shown,
                };
                let _ = writeln!(text, "  {side:<9} {line}");
            }
            if let Some(reason) = item.reason {
                let _ = writeln!(text, "  not all: {reason}");
            }
        }
        text
    }
}

/// What a suite exercises of a revision's `DescribeImages`.
pub fn coverage(revision: &'static Revision, suite: &Suite) -> Coverage {
    let Some(operation) = revision.operation("DescribeImages") else { return Coverage::default() };
    let requests: Vec<(&Case, Value)> = suite.cases.iter().filter_map(sample).collect();
    let mut items = Vec::new();
    for member in operation.input.members() {
        request_items(&format!("in.{}", member.name), &[member.name], member, &requests, &mut items);
    }
    let mut seen = BTreeSet::new();
    response_items("out", operation.output, suite, &mut seen, &mut items);
    for error in operation.errors {
        let cases = suite.cases.iter().filter(|case| {
            checks(case).any(|check| match &check.that {
                Expectation::Code(accepted) => accepted.iter().any(|code| code == error.name),
                _ => false,
            })
        });
        items.push(Item {
            name: format!("error {} {}", error.name, error.status),
            sides: vec![("expected", cases.map(|case| case.id.clone()).collect())],
            reason: None,
        });
    }
    for item in &mut items {
        let open = item.sides.iter().any(|(_, cases)| cases.is_empty());
        item.reason = Requirements::built_in()
            .unexercised
            .iter()
            .find(|entry| open && entry.of.iter().any(|pattern| fits(&item.name, pattern)))
            .map(|entry| entry.reason.as_str());
    }
    Coverage { items }
}

fn checks(case: &Case) -> impl Iterator<Item = &Check> {
    case.steps.iter().flat_map(|step| &step.expect)
}

/// A case with its last request to `DescribeImages`, each name given a value of the right form.
fn sample(case: &Case) -> Option<(&Case, Value)> {
    let step = case.steps.iter().rev().find(|step| step.send.operation == "DescribeImages")?;
    match &step.send.body {
        Body::Value(value) => Some((case, filled(value))),
        Body::Text(_) | Body::Hex(_) => None,
    }
}

fn filled(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let whole = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
            if whole == Some("law.page-size") {
                return Value::from(1);
            }
            let used: Vec<&str> = names(text).collect();
            Value::String(
                used.into_iter()
                    .fold(text.clone(), |text, name| text.replace(&format!("{{{{{name}}}}}"), form_of(name))),
            )
        }
        Value::Array(elements) => Value::Array(elements.iter().map(filled).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), filled(value))).collect())
        }
        other => other.clone(),
    }
}

fn form_of(name: &str) -> &'static str {
    if name.ends_with("digest") || name.ends_with("sha256") {
        "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    } else if name == "registry.id" {
        "123456789012"
    } else {
        "name"
    }
}

/// The values at a path of member names, lists opened.
fn at<'a>(value: &'a Value, path: &[&str]) -> Vec<Option<&'a Value>> {
    match (value, path) {
        (Value::Array(elements), _) => elements.iter().flat_map(|element| at(element, path)).collect(),
        (_, []) => vec![Some(value)],
        (Value::Object(members), [name, rest @ ..]) => match members.get(*name) {
            // The list itself is the value where the path ends.
            Some(value) if rest.is_empty() => vec![Some(value)],
            Some(value) => at(value, rest),
            None if rest.is_empty() => vec![None],
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn request_items(
    name: &str,
    path: &[&str],
    member: &'static Member,
    requests: &[(&Case, Value)],
    items: &mut Vec<Item>,
) {
    for constraint in member.constraints {
        let names = sides_of(constraint);
        let mut sides: BTreeMap<_, BTreeSet<String>> =
            names.iter().map(|side| (*side, BTreeSet::new())).collect();
        for (case, request) in requests {
            for value in at(request, path) {
                for side in sides_with(constraint, member, value, request) {
                    if let Some(cases) = sides.get_mut(side) {
                        cases.insert(named(case));
                    }
                }
            }
        }
        items.push(Item {
            name: format!("{name} {}", label(constraint)),
            sides: names
                .iter()
                .map(|side| (*side, sides.remove(side).unwrap_or_default().into_iter().collect()))
                .collect(),
            reason: None,
        });
        if let ConstraintKind::Enum(known) = constraint.kind {
            for known in known {
                let cases = requests.iter().filter(|(_, request)| {
                    at(request, path).contains(&Some(&Value::String((*known).to_owned())))
                });
                let cases = cases.map(|(case, _)| named(case)).collect();
                items.push(Item {
                    name: format!("{name} = {known}"),
                    sides: vec![("sent", cases)],
                    reason: None,
                });
            }
        }
    }
    let inner = match member.target.kind {
        ShapeKind::List { member: element } => element.target,
        _ => member.target,
    };
    for member in inner.members() {
        let path: Vec<&str> = path.iter().copied().chain([member.name]).collect();
        request_items(&format!("{name}.{}", member.name), &path, member, requests, items);
    }
}

/// The sides of a constraint: of a bound, also the last good value.
fn sides_of(constraint: &Constraint) -> &'static [&'static str] {
    match constraint.kind {
        ConstraintKind::MinLength(_)
        | ConstraintKind::MaxLength(_)
        | ConstraintKind::Minimum(_)
        | ConstraintKind::Maximum(_) => &["good", "last good", "bad"],
        _ => &["good", "bad"],
    }
}

/// On which sides of a constraint a value is; on none if it is absent and may be.
fn sides_with(
    constraint: &Constraint,
    member: &'static Member,
    value: Option<&Value>,
    request: &Value,
) -> Vec<&'static str> {
    let value = value.filter(|value| !value.is_null());
    match (&constraint.kind, value) {
        (ConstraintKind::Required, value) => vec![if value.is_some() { "good" } else { "bad" }],
        (ConstraintKind::Excludes(others), Some(value)) if is_of_type(&member.target.kind, value) => {
            let beside = others.iter().any(|other| request.get(*other).is_some_and(|other| !other.is_null()));
            vec![if beside { "bad" } else { "good" }]
        }
        (kind, Some(value)) if is_of_type(&member.target.kind, value) => {
            let broken = interpreter::broken(member, value);
            let breaks = broken.iter().any(|broken| std::ptr::eq(*broken, constraint));
            // A value that breaks another constraint says nothing of the good side of this one.
            match (breaks, broken.is_empty()) {
                (true, _) => vec!["bad"],
                (false, true) if is_at(kind, value) => vec!["good", "last good"],
                (false, true) => vec!["good"],
                (false, false) => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Whether a value is at a bound.
fn is_at(kind: &ConstraintKind, value: &Value) -> bool {
    let length = match value {
        Value::String(text) => Some(text.chars().count() as u64),
        Value::Array(elements) => Some(elements.len() as u64),
        _ => None,
    };
    match kind {
        ConstraintKind::MinLength(bound) | ConstraintKind::MaxLength(bound) => length == Some(*bound),
        ConstraintKind::Minimum(bound) | ConstraintKind::Maximum(bound) => value.as_i64() == Some(*bound),
        _ => false,
    }
}

/// Whether a value has the JSON type of a shape, so that its constraints say something of it.
fn is_of_type(kind: &ShapeKind, value: &Value) -> bool {
    match kind {
        ShapeKind::String | ShapeKind::Enum { .. } => value.is_string(),
        ShapeKind::List { .. } => value.is_array(),
        ShapeKind::Structure { .. } | ShapeKind::Map { .. } => value.is_object(),
        _ => value.is_number(),
    }
}

/// A case by its id; one that judges nothing says so.
fn named(case: &Case) -> String {
    let judges = checks(case).any(|check| check.level > Level::Information);
    if judges { case.id.clone() } else { format!("{} (open)", case.id) }
}

fn label(constraint: &Constraint) -> String {
    match constraint.kind {
        ConstraintKind::MinLength(bound) | ConstraintKind::MaxLength(bound) => {
            format!("{} {bound}", constraint.kind.name())
        }
        ConstraintKind::Minimum(bound) | ConstraintKind::Maximum(bound) => {
            format!("{} {bound}", constraint.kind.name())
        }
        _ => constraint.kind.name().to_owned(),
    }
}

fn response_items(
    name: &str,
    shape: &'static Shape,
    suite: &Suite,
    seen: &mut BTreeSet<&'static str>,
    items: &mut Vec<Item>,
) {
    if !seen.insert(shape.id) {
        return;
    }
    for member in shape.members() {
        let name = format!("{name}.{}", member.name);
        let cases = asserting(suite, member.name);
        let item = |name: String, cases: &[String]| Item {
            name,
            sides: vec![("asserted", cases.to_vec())],
            reason: None,
        };
        items.push(item(name.clone(), &cases));
        for constraint in member.constraints.iter().filter(|constraint| !constraint.request_only) {
            match constraint.kind {
                ConstraintKind::Enum(known) => items.extend(known.iter().map(|known| {
                    item(format!("{name} = {known}"), &asserting_value(suite, member.name, known))
                })),
                // A value that is asserted whole is within its bounds.
                _ => items.push(item(format!("{name} {}", label(constraint)), &cases)),
            }
        }
        if let ShapeKind::Map { key, .. } = member.target.kind
            && let ShapeKind::Enum { values } = key.target.kind
        {
            let keys = values.iter().map(|value| (value, asserting_value(suite, member.name, value)));
            items.extend(keys.map(|(value, cases)| item(format!("{name} key = {value}"), &cases)));
        }
        let inner = match member.target.kind {
            ShapeKind::List { member } => member.target,
            ShapeKind::Map { value, .. } => value.target,
            _ => member.target,
        };
        response_items(&name, inner, suite, seen, items);
    }
}

/// The cases that assert something of a member of the response: what it is, or that it is absent.
fn asserting(suite: &Suite, member: &str) -> Vec<String> {
    let asserts = |body: &BodyExpectation| body.at.split('/').any(|token| token == member);
    cases_with(suite, asserts)
}

/// The cases that assert a value of a member.
fn asserting_value(suite: &Suite, member: &str, value: &str) -> Vec<String> {
    cases_with(suite, |body| {
        let is = serde_json::to_string(&body.is).unwrap_or_default();
        body.at.ends_with(member) && is.contains(&format!("\"{value}\""))
    })
}

fn cases_with(suite: &Suite, asserts: impl Fn(&BodyExpectation) -> bool) -> Vec<String> {
    let has = |case: &&Case| {
        checks(case).any(|check| match &check.that {
            Expectation::Body(body) => check.level > Level::Information && asserts(body),
            _ => false,
        })
    };
    suite.cases.iter().filter(has).map(|case| case.id.clone()).collect()
}
