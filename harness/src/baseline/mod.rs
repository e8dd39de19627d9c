//! Known failures: which checks may fail for now, why, and until when.
//!
//! In: a baseline file, a [`Run`](crate::run::Run) and today's date. Out: a [`Standing`]: which failures are known and which
//! entries no longer hold. What must stay true: it is the set of failures that is compared, never their number, so
//! that one failure can't hide behind another that was mended; an entry whose check passes, or whose day is
//! over, is never silent.

mod read;
mod standing;
mod write;

pub use read::{read, read_unfilled};
pub use standing::{Stale, Standing, WhyStale};
pub use write::{Changes, NewEntries, renewed};

use std::collections::BTreeSet;

use time::Date;

/// The version of the format of baseline files.
pub const FORMAT: i64 = 1;

/// A baseline file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// What the file is called.
    pub file: String,
    /// Its entries, in its order.
    pub entries: Vec<Entry>,
}

/// A known failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The id of a check, `case#name`, or with `*` a pattern for whole ids.
    pub id: String,
    /// Why the failure is accepted for now.
    pub reason: String,
    /// Where it is worked on: an address.
    pub issue: String,
    /// The last day on which the entry holds.
    pub expires: Date,
    /// The hash of the spec that it was written against.
    pub spec: String,
    /// The line of the file on which it begins, from 1.
    pub line: usize,
}

impl Entry {
    /// Whether the entry is for the check of this id.
    pub fn is_for(&self, check: &str) -> bool {
        if self.id.contains('*') { crate::case::fits(check, &self.id) } else { self.id == check }
    }
}

impl Baseline {
    /// For each entry, how many of these checks it is for.
    pub fn matches(&self, checks: &BTreeSet<String>) -> Vec<usize> {
        self.entries.iter().map(|entry| checks.iter().filter(|check| entry.is_for(check)).count()).collect()
    }
}
