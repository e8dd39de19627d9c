//! Constraints read off the table one by one, the slow way.
//!
//! In: a member and a JSON value. Out: the constraints that the value breaks. What must stay true: nothing
//! here shares a line with the generated validators, so that each can judge the other; patterns run on another
//! engine than the generated automata.

use ecrspec_api::Pattern;
use ecrspec_api::table::{Constraint, ConstraintKind, Member};
use serde_json::Value;

/// The constraints of a member that a value breaks, in the table's order. A value of another JSON type than
/// the member's breaks none of them.
pub fn broken(member: &Member, value: &Value) -> Vec<&'static Constraint> {
    member.constraints.iter().filter(|constraint| !holds(&constraint.kind, value)).collect()
}

fn holds(kind: &ConstraintKind, value: &Value) -> bool {
    match kind {
        ConstraintKind::Required => !value.is_null(),
        ConstraintKind::MinLength(bound) => length(value).is_none_or(|length| length >= *bound),
        ConstraintKind::MaxLength(bound) => length(value).is_none_or(|length| length <= *bound),
        ConstraintKind::Minimum(bound) => value.as_i64().is_none_or(|number| number >= *bound),
        ConstraintKind::Maximum(bound) => value.as_i64().is_none_or(|number| number <= *bound),
        ConstraintKind::Pattern(pattern) => value.as_str().is_none_or(|text| matches(pattern, text)),
        ConstraintKind::Enum(values) => value.as_str().is_none_or(|text| values.contains(&text)),
        // It is about the member's siblings, which a value alone does not show.
        _ => true,
    }
}

fn length(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => Some(text.chars().count() as u64),
        Value::Array(elements) => Some(elements.len() as u64),
        Value::Object(members) => Some(members.len() as u64),
        _ => None,
    }
}

/// Whether a text matches a pattern of the table, on an engine of its own.
pub fn matches(pattern: &Pattern, text: &str) -> bool {
    let source =
        if pattern.full { format!(r"\A(?:{})\z", pattern.source) } else { pattern.source.to_owned() };
    regex_lite::Regex::new(&source).is_ok_and(|regex| regex.is_match(text))
}
