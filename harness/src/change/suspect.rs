//! Which checks a change puts in doubt, and which constraints a case touches.
//!
//! In: a change or a constraint, and cases. Out: ids of checks, or yes and no. What must stay true: names that only a
//! run fills in, such as `{{repository.main}}`, are values that every revision takes.

use ecrspec_codegen::diff::{Body, Change, ChangeKind, NewConstraint, Use};
use serde_json::Value;

use crate::case::format::{Body as Sent, Case, Check, Expectation, ShapeRule, Step};
use crate::verdict::check_id;

/// The ids of the checks that a change puts in doubt.
pub(super) fn checks(change: &Change, cases: &[&Case]) -> Vec<String> {
    let mut ids = Vec::new();
    for case in cases {
        for step in &case.steps {
            let doubted = step.expect.iter().filter(|check| is_suspect(change, case, step, check));
            ids.extend(doubted.map(|check| check_id(&case.id, check.name())));
        }
    }
    ids
}

/// Whether a case sends what breaks a constraint, or looks at what has it.
pub(super) fn is_touched(constraint: &NewConstraint, cases: &[&Case]) -> bool {
    cases.iter().any(|case| {
        case.steps.iter().any(|step| {
            uses_of(&constraint.uses, step).any(|place| match place.body {
                Body::Request => {
                    is_derived(case, &place.path, constraint.name)
                        || sent_at(step, &place.path, constraint.name == "required")
                            .iter()
                            .any(|value| !is_filled_in(value) && constraint.breaks(value))
                }
                Body::Response | Body::Error(_) => {
                    step.expect.iter().any(|check| looks_at(check, &place.path))
                }
            })
        })
    })
}

fn uses_of<'a>(uses: &'a [Use], step: &'a Step) -> impl Iterator<Item = &'a Use> {
    uses.iter().filter(|place| place.operation == step.send.operation)
}

fn is_suspect(change: &Change, case: &Case, step: &Step, check: &Check) -> bool {
    let operation = change.name().split('$').next().unwrap_or_default();
    match change.aspect {
        "operation" => return change.kind == ChangeKind::Removed && operation == step.send.operation,
        "input" | "output" | "host prefix" => return operation == step.send.operation,
        "pages" => return operation == step.send.operation && step.send.walk.is_some(),
        "error" | "status" => {
            let error = change.name().split_once('$').map(|(_, error)| error).or(change.old.as_deref());
            let expects = |check: &Check| match &check.that {
                Expectation::Code(codes) => error.is_some_and(|error| codes.iter().any(|code| code == error)),
                _ => false,
            };
            let is_about = match check.that {
                Expectation::Code(_) => expects(check),
                Expectation::Status(_) => step.expect.iter().any(expects),
                _ => false,
            };
            return operation == step.send.operation && is_about;
        }
        // Whoever is addressed otherwise answers otherwise.
        "id" | "signing name" | "endpoint prefix" | "protocol" | "query compatible" => return true,
        _ => {}
    }
    uses_of(&change.uses, step).any(|place| match place.body {
        Body::Request => is_suspect_request(change, case, step, check, &place.path),
        Body::Response | Body::Error(_) => is_suspect_answer(change, check, &place.path),
    })
}

fn is_suspect_request(change: &Change, case: &Case, step: &Step, check: &Check, path: &str) -> bool {
    let values = sent_at(step, path, change.aspect == "required");
    let values = || values.iter().filter(|value| !is_filled_in(value));
    let is_gone = matches!(change.aspect, "member" | "type") && change.kind == ChangeKind::Removed;
    let derived = match change.aspect {
        "value" => is_derived(case, path, "enum"),
        "member" | "type" => change.kind == ChangeKind::Removed && is_derived(case, path, ""),
        aspect => is_derived(case, path, aspect),
    };
    let value = change.old.as_deref().or(change.new.as_deref());
    let is_meant = |sent: &Value| change.aspect == "value" && sent.as_str() == value;
    let is_text = matches!(check.that, Expectation::Text(_));
    derived
        || (is_gone && !sent_at(step, path, false).is_empty())
        || values().any(|sent| is_meant(sent) || change.broke(sent) != change.breaks(sent))
        // The text may have the bound or the pattern in it.
        || (is_text && values().any(|sent| change.broke(sent) || change.breaks(sent)))
}

fn is_suspect_answer(change: &Change, check: &Check, path: &str) -> bool {
    match &check.that {
        Expectation::Body(_) => matches!(change.aspect, "member" | "type" | "value") && looks_at(check, path),
        Expectation::Shape(ShapeRule::KnownMembers) => change.aspect == "member",
        Expectation::Shape(ShapeRule::Typed) => change.aspect == "type",
        _ => false,
    }
}

/// Whether a check looks at a member of the body, or at what is in it.
fn looks_at(check: &Check, path: &str) -> bool {
    let Expectation::Body(body) = &check.that else { return false };
    // Walks put pages around the body; indices and `*` stand for elements, which a path does not name.
    let named = body.at.split('/').map(|token| token.split('[').next().unwrap_or_default());
    let mut named = named.filter(|name| !name.is_empty() && *name != "*" && name.parse::<usize>().is_err());
    path.split('.').all(|member| named.any(|name| name == member))
}

/// Whether a case is one that was derived for that kind of constraint at that path.
fn is_derived(case: &Case, path: &str, kind: &str) -> bool {
    let rest = case.id.strip_prefix("derived.").and_then(|id| id.strip_prefix(path));
    let rest = rest.and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(|rest| {
        kind.is_empty()
            || rest.strip_prefix(kind).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The values that a request has at a path. Where it is asked for, `null` stands for a member that is missing.
fn sent_at(step: &Step, path: &str, missing_too: bool) -> Vec<Value> {
    let body = match &step.send.body {
        Sent::Value(value) => value.clone(),
        Sent::Text(text) => match serde_json::from_str(text) {
            Ok(value) => value,
            Err(_) => return Vec::new(),
        },
        Sent::Hex(_) => return Vec::new(),
    };
    let mut values = vec![body];
    for name in path.split('.').filter(|name| !name.is_empty()) {
        values = values
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(elements) => elements,
                other => vec![other],
            })
            .filter_map(|value| match value {
                Value::Object(mut members) => {
                    members.remove(name).or_else(|| missing_too.then_some(Value::Null))
                }
                _ => None,
            })
            .collect();
    }
    values
}

/// Whether a run puts the value in.
fn is_filled_in(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains("{{"))
}
