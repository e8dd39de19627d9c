//! What all revisions together say of a value.
//!
//! In: a member of one revision, and a value. Out: how far the value may be judged, and in which wordings ECR may
//! reject it. What must stay true: a value is called good or bad without reserve only if every known revision
//! calls it so; a text counts in the wording of any of them.

use ecrspec_api::table::{Constraint, ConstraintKind, Enforced, Member};
use serde_json::Value;

use crate::case::derive::interpreter;
use crate::level::Level;
use crate::revision;

/// The highest level at which a value, or for `None` the lack of one, may be called bad.
pub(super) fn of_bad(member: &Member, value: Option<&Value>) -> Level {
    let levels = revision::all().iter().map(|other| match revision::member(other, member.id) {
        Some(there) if is_rejected(there, value) => Level::Must,
        Some(_) => Level::Information,
        // To an endpoint of that revision the member is one of those that it passes over.
        None => Level::Should,
    });
    levels.min().unwrap_or(Level::Information)
}

/// The highest level at which a value may be called good.
pub(super) fn of_good(member: &Member, value: &Value) -> Level {
    let is_disputed = revision::all()
        .iter()
        .filter_map(|other| revision::member(other, member.id))
        .any(|there| is_rejected(there, Some(value)));
    if is_disputed { Level::Information } else { Level::Must }
}

/// The texts with which ECR answers a value that breaks one constraint alone, in the wording of each revision,
/// with the facts that they rest on.
pub(super) fn texts(
    member: &Member,
    value: &Value,
    only: &'static Constraint,
) -> (Vec<String>, Vec<&'static str>) {
    let elsewhere = revision::all().iter().filter_map(|other| {
        match interpreter::broken(revision::member(other, member.id)?, value)[..] {
            [there] if there.kind.name() == only.kind.name() => Some(there),
            _ => None,
        }
    });
    let (mut texts, mut evidence) = (Vec::new(), Vec::new());
    for message in [only].into_iter().chain(elsewhere).filter_map(|constraint| constraint.message.as_ref()) {
        let text = message.template.replace("{member}", member.name);
        if !texts.contains(&text) {
            texts.push(text);
            evidence.extend(message.evidence);
        }
    }
    (texts, evidence)
}

fn is_rejected(member: &'static Member, value: Option<&Value>) -> bool {
    let broken = match value {
        Some(value) => interpreter::broken(member, value),
        None => member
            .constraints
            .iter()
            .filter(|constraint| matches!(constraint.kind, ConstraintKind::Required))
            .collect(),
    };
    broken.iter().any(|constraint| constraint.enforced == Enforced::Yes)
}
