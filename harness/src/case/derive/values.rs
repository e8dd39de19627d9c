//! Values on either side of a bound, and of the wrong JSON type.

use ecrspec_api::Pattern;
use ecrspec_api::table::{Constraint, ConstraintKind, Member, ShapeKind};
use serde_json::{Value, json};

use crate::case::derive::{interpreter, pattern};

/// The last value that a bound lets through.
pub(super) fn last_good(member: &Member, constraint: &Constraint) -> Option<Value> {
    let value = match constraint.kind {
        ConstraintKind::MinLength(bound) | ConstraintKind::MaxLength(bound) => of_length(member, bound)?,
        ConstraintKind::Minimum(bound) | ConstraintKind::Maximum(bound) => json!(bound),
        _ => return None,
    };
    interpreter::broken(member, &value).is_empty().then_some(value)
}

/// The first value that a bound does not let through.
pub(super) fn first_bad(member: &Member, constraint: &Constraint) -> Option<Value> {
    let value = match constraint.kind {
        ConstraintKind::MinLength(bound) => of_length(member, bound.checked_sub(1)?)?,
        ConstraintKind::MaxLength(bound) => of_length(member, bound.checked_add(1)?)?,
        ConstraintKind::Minimum(bound) => json!(bound.checked_sub(1)?),
        ConstraintKind::Maximum(bound) => json!(bound.checked_add(1)?),
        _ => return None,
    };
    let broken = interpreter::broken(member, &value);
    broken.iter().any(|broken| std::ptr::eq(*broken, constraint)).then_some(value)
}

/// A value in the middle of what is allowed.
pub(super) fn usual(member: &Member) -> Value {
    match member.target.kind {
        ShapeKind::Structure { members } => {
            let first = members.first();
            Value::Object(first.map(|member| (member.name.to_owned(), usual(member))).into_iter().collect())
        }
        ShapeKind::Enum { values } => json!(values.first()),
        ShapeKind::Integer | ShapeKind::Long => {
            json!(
                member
                    .constraints
                    .iter()
                    .find_map(|constraint| match constraint.kind {
                        ConstraintKind::Maximum(bound) => Some(bound / 2),
                        _ => None,
                    })
                    .unwrap_or(1)
            )
        }
        _ => Value::Null,
    }
}

/// JSON values that are not of a shape's type and that no reader can take for it, with what people call them.
/// Numbers and texts are left out for each other: services are known to read one as the other.
pub(super) fn wrong_types(kind: &ShapeKind) -> Vec<(&'static str, Value)> {
    let list = ("a-list", json!(["TAGGED"]));
    let object = ("an-object", json!({"value": "TAGGED"}));
    let text = ("a-text", json!("TAGGED"));
    let number = ("a-number", json!(7));
    let boolean = ("a-boolean", json!(true));
    match kind {
        ShapeKind::Structure { .. } | ShapeKind::Union { .. } | ShapeKind::Map { .. } => {
            vec![list, text, number, boolean]
        }
        ShapeKind::List { .. } => vec![object, text, number, boolean],
        ShapeKind::Integer | ShapeKind::Long => vec![list, object, boolean],
        _ => vec![list, object],
    }
}

/// What people call the JSON type of a shape.
pub(super) fn json_name(kind: &ShapeKind) -> &'static str {
    match kind {
        ShapeKind::Structure { .. } | ShapeKind::Union { .. } | ShapeKind::Map { .. } => "an object",
        ShapeKind::List { .. } => "a list",
        ShapeKind::String | ShapeKind::Enum { .. } | ShapeKind::Blob => "a text",
        ShapeKind::Boolean => "a boolean",
        _ => "a number",
    }
}

fn of_length(member: &Member, length: u64) -> Option<Value> {
    let length = usize::try_from(length).ok()?;
    Some(match member.target.kind {
        ShapeKind::List { member } => (1..=length).map(|number| element(member, number)).collect(),
        _ => Value::String(match pattern_of(member) {
            // What no text of the pattern is long enough for breaks the pattern too.
            Some(pattern) => pattern::of_length(pattern, length).unwrap_or_else(|| "a".repeat(length)),
            None => "a".repeat(length),
        }),
    })
}

/// The element of that number: no two are the same.
fn element(member: &Member, number: usize) -> Value {
    match member.target.kind {
        ShapeKind::Structure { members } => {
            let text = members.iter().rev().find(|member| matches!(member.target.kind, ShapeKind::String));
            Value::Object(
                text.map(|member| (member.name.to_owned(), json!(format!("a{number}"))))
                    .into_iter()
                    .collect(),
            )
        }
        _ => json!(format!("a{number}")),
    }
}

fn pattern_of(member: &Member) -> Option<&'static Pattern> {
    member.constraints.iter().find_map(|constraint| match constraint.kind {
        ConstraintKind::Pattern(pattern) => Some(pattern),
        _ => None,
    })
}
