//! Constraints side by side, and what they do to a value.
//!
//! In: a constraint as it was and as it is. Out: whether it takes less or more, and a value that shows it. What
//! must stay true: a constraint that takes less in any way is tightened.

use serde_json::Value;

use super::language::{compare, takes};
use super::{ChangeKind, Validators};
use crate::model::{ConstraintKind, Pattern};
use crate::pattern::compile;

/// What became of a constraint.
pub(super) struct Verdict {
    pub(super) kind: ChangeKind,
    pub(super) validators: Validators,
    pub(super) why: String,
}

/// A pattern that must match the whole text; as it is where it can't be made so.
pub(super) fn whole(kind: &ConstraintKind) -> ConstraintKind {
    match kind {
        ConstraintKind::Pattern(pattern) if !pattern.full => match compile(&pattern.source, true) {
            Ok(whole) => ConstraintKind::Pattern(whole.into()),
            Err(_) => kind.clone(),
        },
        _ => kind.clone(),
    }
}

/// What became of a constraint; nothing where it takes what it took and says what it said.
pub(super) fn judge(old: Option<&ConstraintKind>, new: Option<&ConstraintKind>) -> Option<Verdict> {
    let tightened =
        |why: String| Verdict { kind: ChangeKind::Tightened, validators: Validators::Stricter, why };
    let loosened = |why: String| Verdict { kind: ChangeKind::Loosened, validators: Validators::Laxer, why };
    let by = |stricter: bool, bound: String| if stricter { tightened(bound) } else { loosened(bound) };
    let (old, new) = match (old, new) {
        (None, None) => return None,
        (None, Some(new)) => {
            return Some(tightened(format!("what breaks `{}` is now a violation", new.name())));
        }
        (Some(old), None) => {
            return Some(loosened(format!("what breaks `{}` is no violation any more", old.name())));
        }
        (Some(old), Some(new)) => (old, new),
    };
    Some(match (old, new) {
        (ConstraintKind::MinLength(old), ConstraintKind::MinLength(new)) if old != new => {
            by(new > old, format!("a length of {} is {}", (*old).min(*new), now_a_violation(new > old)))
        }
        (ConstraintKind::MaxLength(old), ConstraintKind::MaxLength(new)) if old != new => {
            by(new < old, format!("a length of {} is {}", (*old).max(*new), now_a_violation(new < old)))
        }
        (ConstraintKind::Minimum(old), ConstraintKind::Minimum(new)) if old != new => {
            by(new > old, format!("{} is {}", (*old).min(*new), now_a_violation(new > old)))
        }
        (ConstraintKind::Maximum(old), ConstraintKind::Maximum(new)) if old != new => {
            by(new < old, format!("{} is {}", (*old).max(*new), now_a_violation(new < old)))
        }
        (ConstraintKind::Pattern(old), ConstraintKind::Pattern(new)) if old.source != new.source => {
            patterns(old, new)
        }
        _ => return None,
    })
}

fn now_a_violation(is_stricter: bool) -> &'static str {
    if is_stricter { "now a violation" } else { "no violation any more" }
}

fn patterns(old: &Pattern, new: &Pattern) -> Verdict {
    let found = compare(old, new);
    let lost = found.lost.as_ref().map(|text| format!("{text:?} is now a violation"));
    let gained = found.gained.as_ref().map(|text| format!("{text:?} is no violation any more"));
    let shown = [lost.clone(), gained.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let (kind, validators) = match (&lost, &gained) {
        (None, None) if !found.given_up => {
            let why = "it takes the same texts, spelled otherwise".to_owned();
            return Verdict { kind: ChangeKind::Loosened, validators: Validators::Unchanged, why };
        }
        (None, Some(_)) if !found.given_up => (ChangeKind::Loosened, Validators::Laxer),
        (Some(_), None) if !found.given_up => (ChangeKind::Tightened, Validators::Stricter),
        _ => (ChangeKind::Tightened, Validators::Different),
    };
    let why = match (shown.as_str(), found.given_up) {
        ("", _) => "the two are too large to be compared".to_owned(),
        (shown, true) => format!("{shown}; the two are too large to be compared to the end"),
        (shown, false) => shown.to_owned(),
    };
    Verdict { kind, validators, why }
}

/// A constraint's bound, pattern or values.
pub(super) fn bound(kind: &ConstraintKind) -> String {
    match kind {
        ConstraintKind::Required => "required".to_owned(),
        ConstraintKind::MinLength(bound) | ConstraintKind::MaxLength(bound) => bound.to_string(),
        ConstraintKind::Minimum(bound) | ConstraintKind::Maximum(bound) => bound.to_string(),
        ConstraintKind::Pattern(pattern) => pattern.source.clone(),
        ConstraintKind::Enum(values) => values.join(", "),
        ConstraintKind::IntEnum(values) => values.iter().map(i32::to_string).collect::<Vec<_>>().join(", "),
        ConstraintKind::UniqueItems => "no two alike".to_owned(),
        ConstraintKind::Excludes(siblings) => {
            siblings.iter().map(|sibling| sibling.name.as_str()).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Whether a value does not break a constraint. One of another JSON type than the constraint is about breaks none.
pub(super) fn holds(kind: &ConstraintKind, value: &Value) -> bool {
    let length = || match value {
        Value::String(text) => Some(text.chars().count() as u64),
        Value::Array(elements) => Some(elements.len() as u64),
        Value::Object(members) => Some(members.len() as u64),
        _ => None,
    };
    match kind {
        ConstraintKind::Required => !value.is_null(),
        ConstraintKind::MinLength(bound) => length().is_none_or(|length| length >= *bound),
        ConstraintKind::MaxLength(bound) => length().is_none_or(|length| length <= *bound),
        ConstraintKind::Minimum(bound) => value.as_i64().is_none_or(|number| number >= *bound),
        ConstraintKind::Maximum(bound) => value.as_i64().is_none_or(|number| number <= *bound),
        ConstraintKind::Pattern(pattern) => value.as_str().is_none_or(|text| takes(pattern, text)),
        ConstraintKind::Enum(values) => {
            value.as_str().is_none_or(|text| values.iter().any(|known| known == text))
        }
        ConstraintKind::IntEnum(values) => {
            value.as_i64().is_none_or(|number| values.iter().any(|known| i64::from(*known) == number))
        }
        ConstraintKind::UniqueItems => value
            .as_array()
            .is_none_or(|elements| (1..elements.len()).all(|at| !elements[..at].contains(&elements[at]))),
        // It is about the member's siblings, which a value alone does not show.
        ConstraintKind::Excludes(_) => true,
    }
}
