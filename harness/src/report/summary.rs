//! A run in numbers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::{Ledger, SourceKind};
use crate::level::Level;
use crate::run::CaseRun;
use crate::tier::Tier;
use crate::verdict::{CheckResult, Outcome};

/// A run in numbers.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// All checks of the selected cases.
    pub all: Counts,
    /// The same by level.
    pub by_level: BTreeMap<&'static str, Counts>,
    /// The same by tier.
    pub by_tier: BTreeMap<&'static str, Counts>,
    /// How many of the judged checks rest on which strength of evidence; of several the strongest.
    pub evidence: BTreeMap<String, usize>,
    /// How many of the judged checks rest on bytes that this tool recorded from ECR.
    pub recorded_from_ecr: usize,
}

/// How many checks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// The target does what they assert.
    pub conform: usize,
    /// It does not.
    pub nonconform: usize,
    /// Evidence leaves them open.
    pub informational: usize,
    /// Nothing can be said.
    pub not_judged: usize,
}

impl Counts {
    /// All of them.
    pub fn total(self) -> usize {
        self.conform + self.nonconform + self.informational + self.not_judged
    }

    /// Those that passed or failed.
    pub fn judged(self) -> usize {
        self.conform + self.nonconform
    }

    /// Adds what another counted.
    pub(super) fn take_in(&mut self, other: Self) {
        self.conform += other.conform;
        self.nonconform += other.nonconform;
        self.informational += other.informational;
        self.not_judged += other.not_judged;
    }

    fn add(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Conform => &mut self.conform,
            Outcome::Nonconform(_) => &mut self.nonconform,
            Outcome::Informational(_) => &mut self.informational,
            Outcome::NotJudged(_) => &mut self.not_judged,
        } += 1;
    }
}

impl Summary {
    /// Counts the checks of the selected cases.
    pub fn of(cases: &[CaseRun]) -> Self {
        let ledger = Ledger::built_in();
        let results = || cases.iter().filter(|case| case.selected).flat_map(|case| &case.results);
        let mut summary = Self::default();
        for result in results() {
            summary.all.add(&result.outcome);
            if matches!(result.outcome, Outcome::Conform | Outcome::Nonconform(_)) {
                *summary.evidence.entry(strongest(ledger, result)).or_default() += 1;
                summary.recorded_from_ecr += usize::from(is_recorded(ledger, result));
            }
        }
        for level in [Level::Must, Level::Should, Level::May, Level::Information] {
            let mut counts = Counts::default();
            results().filter(|result| result.level == level).for_each(|result| counts.add(&result.outcome));
            summary.by_level.insert(level.name(), counts);
        }
        for tier in Tier::ALL {
            let mut counts = Counts::default();
            results().filter(|result| result.tier == tier).for_each(|result| counts.add(&result.outcome));
            summary.by_tier.insert(tier.name(), counts);
        }
        summary
    }
}

fn strongest(ledger: &Ledger, result: &CheckResult) -> String {
    let facts = result.evidence.iter().filter_map(|id| ledger.fact(id));
    let strongest = facts.max_by_key(|fact| ledger.highest_level([fact.id.as_str()]));
    strongest.map_or_else(|| "none".to_owned(), |fact| fact.strength.clone())
}

fn is_recorded(ledger: &Ledger, result: &CheckResult) -> bool {
    let facts = result.evidence.iter().filter_map(|id| ledger.fact(id));
    facts.flat_map(|fact| &fact.sources).any(|source| source.kind == SourceKind::Recording)
}
