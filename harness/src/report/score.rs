//! How much of a revision's `must` a target does. What must stay true: what was not judged counts as not done,
//! and no selection of cases makes a smaller whole. Only a check that is about another answer than the one that came,
//! where both are accepted, is no part of the whole.

use schemars::JsonSchema;
use serde::Serialize;

use crate::level::Level;
use crate::report::{Subject, Summary};
use crate::verdict::Outcome;

/// How much of the `must` of the whole suite a target does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// The `must` checks that hold.
    pub conform: usize,
    /// All `must` checks of the suite that are about what the target answers: those that were not judged too.
    pub of: usize,
    /// Those that were not judged.
    pub not_judged: usize,
}

impl Score {
    /// The score of a run; nothing if it was a part of the suite only.
    pub fn of(subject: &Subject<'_>, summary: &Summary) -> Option<Self> {
        let must = summary.by_level.get("must").copied().unwrap_or_default();
        let results = subject.run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results);
        let elsewhere = results
            .filter(|result| result.level == Level::Must)
            .filter(|result| matches!(&result.outcome, Outcome::NotJudged(reason) if reason.is_moot()))
            .count();
        (must.total() == subject.must_in_suite && must.total() > elsewhere).then_some(Self {
            conform: must.conform,
            of: must.total() - elsewhere,
            not_judged: must.not_judged - elsewhere,
        })
    }

    /// The share that holds, in tenths of a percent, rounded down: only a whole is 1000.
    pub fn permille(self) -> usize {
        self.conform * 1000 / self.of.max(1)
    }

    /// The score and what the checks that were not judged cost.
    pub fn sentence(self) -> String {
        let price = if self.not_judged == 0 {
            String::new()
        } else {
            let judged = (self.of - self.not_judged).max(1);
            let without = percent(self.conform * 1000 / judged);
            format!("; the {} not judged count as failed, without them it were {without}", self.not_judged)
        };
        format!("score: {} of {} `must`, {}{price}", self.conform, self.of, percent(self.permille()))
    }
}

fn percent(permille: usize) -> String {
    format!("{}.{} %", permille / 10, permille % 10)
}
