//! The faults of `mutants.json`: what each is, where it was seen, and what the suite should make of it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use ecrspec_api::table::Revision;
use serde::Deserialize;

use super::{Mutant, fault};

/// What the suite should make of a mutant.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// Each of these checks fails; of a pattern with `*`, one at least.
    KilledBy(Vec<String>),
    /// No check fails, and here is why that is right.
    Equivalent(String),
}

/// Checks that fail on no mutant, and why they stand all the same.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KillsNone {
    /// The checks: ids, or patterns with `*`.
    pub checks: Vec<String>,
    /// Why.
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    format: u32,
    mutants: Vec<Entry>,
    #[serde(default)]
    kills_none: Vec<KillsNone>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    sentence: String,
    #[serde(default)]
    seen: Vec<String>,
    expected: Expected,
    #[serde(default)]
    blunt: bool,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let read = serde_json::from_str(include_str!("../../mutants.json")).map_err(|error| error.to_string());
    read.and_then(Catalogue::checked).unwrap_or_else(|error| {
        // A broken catalogue is a fault of the build, found by the first test that loads it.
        unreachable!("the catalogue of mutants is broken: {error}")
    })
});

/// The mutants of the catalogue.
pub(super) fn mutants(_: &'static Revision) -> impl Iterator<Item = Mutant> {
    CATALOGUE.mutants.iter().filter_map(|entry| {
        Some(Mutant {
            name: entry.name.clone(),
            sentence: entry.sentence.clone(),
            seen: entry.seen.clone(),
            expected: entry.expected.clone(),
            blunt: entry.blunt,
            fault: fault::find(&entry.name)?,
        })
    })
}

/// The checks that are known to fail on no mutant.
pub fn kills_none() -> &'static [KillsNone] {
    &CATALOGUE.kills_none
}

impl Catalogue {
    /// The catalogue, if it is of format 1 and each fault has one entry in it.
    fn checked(self) -> Result<Self, String> {
        if self.format != 1 {
            return Err(format!("format {} is not 1", self.format));
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = self.mutants.iter().find(|entry| !names.insert(entry.name.as_str())) {
            return Err(format!("{}: stands twice", twice.name));
        }
        let faults: BTreeSet<&str> = fault::all().map(|(name, _)| *name).collect();
        match names.symmetric_difference(&faults).next() {
            Some(name) => Err(format!("{name}: is either no fault or has no entry")),
            None => Ok(self),
        }
    }
}
