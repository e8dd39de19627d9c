//! What a change of the API means for the suite.
//!
//! In: what changed ([`Diff`]), the cases, and texts that may speak of checks, such as snapshots and baselines. Out: an
//! [`Impact`], for people, for pull requests and for programs. What must stay true: pure; a check is called suspect
//! only for a reason that its case shows; nothing is called touched that no request or expectation touches.
//!
//! | file | what is in it |
//! |---|---|
//! | `suspect.rs` | which checks a change puts in doubt, and which constraints a case touches |
//! | `mention.rs` | lines of other texts that speak of those checks or of what changed |
//! | `human.rs`, `markdown.rs`, `json.rs` | the impact for each kind of reader |

mod human;
mod json;
mod markdown;
mod mention;
mod suspect;

use std::collections::BTreeSet;

use ecrspec_codegen::diff::{Body, Change, ChangeKind, Diff, NewConstraint, Semver, Use};

pub use self::human::human;
pub use self::json::json;
pub use self::markdown::markdown;
pub use self::mention::Mention;
use crate::case::format::Case;

/// What a change of the API means.
#[derive(Debug)]
pub struct Impact<'a> {
    /// What changed.
    pub diff: &'a Diff,
    /// For each change the ids of the checks that it puts in doubt, in the suite's order.
    pub suspects: Vec<Vec<String>>,
    /// The new constraints that no case touches.
    pub untouched: Vec<&'a NewConstraint>,
    /// Lines of other texts that speak of suspect checks or of what changed.
    pub mentions: Vec<Mention>,
    /// Whether other texts were looked into at all.
    pub looked: bool,
}

/// Finds out what a change of the API means for these cases and for other texts, each with its name.
pub fn assess<'a>(diff: &'a Diff, cases: &[&Case], texts: &[(String, String)]) -> Impact<'a> {
    let suspects: Vec<Vec<String>> =
        diff.changes.iter().map(|change| suspect::checks(change, cases)).collect();
    let untouched =
        diff.new_constraints.iter().filter(|constraint| !suspect::is_touched(constraint, cases)).collect();
    let ids: BTreeSet<&str> = suspects.iter().flatten().map(String::as_str).collect();
    let subjects: BTreeSet<&str> = diff.changes.iter().map(|change| change.subject.as_str()).collect();
    let mentions = texts.iter().flat_map(|(name, text)| mention::find(name, text, &ids, &subjects)).collect();
    Impact { diff, suspects, untouched, mentions, looked: !texts.is_empty() }
}

impl Impact<'_> {
    /// The changes, each with the checks that it puts in doubt.
    fn changes(&self) -> impl Iterator<Item = (&Change, &[String])> {
        self.diff.changes.iter().zip(self.suspects.iter().map(Vec::as_slice))
    }

    /// How many changes there are of a kind.
    fn count(&self, kind: ChangeKind) -> usize {
        self.diff.changes.iter().filter(|change| change.kind == kind).count()
    }

    /// What all changes together are to the generated types.
    fn semver(&self) -> Semver {
        self.diff.changes.iter().map(|change| change.types).max().unwrap_or(Semver::None)
    }

    /// The counts in a sentence.
    fn summary(&self) -> String {
        let kinds = [ChangeKind::Removed, ChangeKind::Tightened, ChangeKind::Loosened, ChangeKind::Added];
        let counts = kinds.map(|kind| format!("{} {}", self.count(kind), kind.name())).join(", ");
        let noun = if self.diff.changes.len() == 1 { "change" } else { "changes" };
        format!("{} {noun}: {counts}; types: {}", self.diff.changes.len(), self.semver().name())
    }
}

/// Where something is used, in words: at most so many places.
fn places(uses: &[Use], most: usize) -> String {
    let words = uses.iter().map(|place| {
        let body = match &place.body {
            Body::Request => "request".to_owned(),
            Body::Response => "response".to_owned(),
            Body::Error(name) => name.clone(),
        };
        let dot = if place.path.is_empty() { "" } else { " " };
        format!("{} {body}{dot}{}", place.operation, place.path)
    });
    some(words, most)
}

/// The first of some words, and how many more there are.
fn some(words: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let more = words.len().saturating_sub(most);
    let shown = words.take(most).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// What a change says in a few words: what of which subject.
fn headline(change: &Change) -> String {
    let value = match (change.aspect, &change.old, &change.new) {
        ("value" | "error", Some(value), None) | ("value" | "error", None, Some(value)) => {
            format!(" {value}")
        }
        // What was there is gone, and something else has its place.
        (_, Some(_), Some(_)) if change.kind == ChangeKind::Removed => ", replaced".to_owned(),
        _ => String::new(),
    };
    format!("{} {}{value}", change.name(), change.aspect)
}

/// The old and the new side of a change, where the headline does not say them.
fn sides(change: &Change) -> Vec<(&'static str, &str)> {
    if matches!(change.aspect, "value" | "error" | "operation") {
        return Vec::new();
    }
    let sides = [("was", &change.old), ("is", &change.new)];
    sides.into_iter().filter_map(|(name, side)| Some((name, side.as_deref()?))).collect()
}
