//! What a baseline says of a run.

use std::collections::BTreeMap;

use time::Date;

use crate::baseline::{Baseline, Entry};
use crate::run::Run;
use crate::verdict::Outcome;

/// How a baseline stands after a run.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// The baseline.
    pub baseline: &'a Baseline,
    /// The entry of each failure that is known, by the check's id.
    known: BTreeMap<&'a str, &'a Entry>,
    /// Entries that no longer hold, in the file's order: each of them makes the baseline stale.
    pub stale: Vec<Stale<'a>>,
    /// Entries for which the suite has no check.
    pub unmatched: Vec<&'a Entry>,
    /// Entries that were written against another spec, so that the expectation may have been another one.
    pub other_spec: Vec<&'a Entry>,
}

/// An entry that no longer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Why.
    pub why: WhyStale<'a>,
}

/// Why an entry no longer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyStale<'a> {
    /// These checks pass.
    Passes(Vec<&'a str>),
    /// Its day is over.
    Expired,
}

impl<'a> Standing<'a> {
    /// Compares a baseline with a run. `matches` is how many checks of the whole suite each entry is for.
    pub fn of(baseline: &'a Baseline, matches: &[usize], run: &'a Run, spec: &str, today: Date) -> Self {
        let results = || run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results);
        let mut standing = Self {
            baseline,
            known: BTreeMap::new(),
            stale: Vec::new(),
            unmatched: Vec::new(),
            other_spec: Vec::new(),
        };
        for (index, entry) in baseline.entries.iter().enumerate() {
            let mut passing = Vec::new();
            for result in results().filter(|result| entry.is_for(&result.id)) {
                match result.outcome {
                    Outcome::Conform => passing.push(result.id.as_str()),
                    Outcome::Nonconform(_) => drop(standing.known.entry(&result.id).or_insert(entry)),
                    Outcome::Informational(_) | Outcome::NotJudged(_) => {}
                }
            }
            if !passing.is_empty() {
                standing.stale.push(Stale { entry, why: WhyStale::Passes(passing) });
            }
            if entry.expires < today {
                standing.stale.push(Stale { entry, why: WhyStale::Expired });
            }
            if matches.get(index) == Some(&0) {
                standing.unmatched.push(entry);
            } else if entry.spec != spec {
                standing.other_spec.push(entry);
            }
        }
        standing
    }

    /// The entry of a failed check that is known.
    pub fn entry(&self, check: &str) -> Option<&'a Entry> {
        self.known.get(check).copied()
    }

    /// How many failures are known.
    pub fn known(&self) -> usize {
        self.known.len()
    }

    /// Whether an entry no longer holds.
    pub fn is_stale(&self) -> bool {
        !self.stale.is_empty()
    }
}

impl Stale<'_> {
    /// Why the entry no longer holds, in a word.
    pub fn name(&self) -> &'static str {
        match self.why {
            WhyStale::Passes(_) => "passes",
            WhyStale::Expired => "expired",
        }
    }

    /// What is wrong with the entry and what to do, in a line.
    pub fn sentence(&self) -> String {
        match &self.why {
            WhyStale::Passes(checks) => {
                let verb = if checks.len() == 1 { "passes" } else { "pass" };
                let remedy = if self.entry.id.contains('*') {
                    "narrow the entry, or let `ecrspec baseline write` do it"
                } else {
                    "take the entry out"
                };
                format!("{} {verb}: {remedy}", checks.join(", "))
            }
            WhyStale::Expired => {
                format!("its day was {}: mend the target, or give the entry another day", self.entry.expires)
            }
        }
    }
}
