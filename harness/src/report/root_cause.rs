//! Why everything fails, where one thing makes everything fail.
//!
//! It is about the answers, not the checks: a target that gives nearly all requests the same answer is not yet judged
//! for what it does, whatever the checks say one by one.

use std::collections::BTreeMap;

use ecrspec_api::Document;
use schemars::JsonSchema;
use serde::Serialize;

use crate::doctor::{Cause, cause_of_all, describe, identity};
use crate::exchange::Response;
use crate::report::Subject;
use crate::verdict::{Outcome, printable, shorten};

/// The fewest answers that refuse who is asking, or are of no ECR, of which "all" says something.
const FEWEST_ILL: usize = 2;

/// The fewest equal answers of which "all" says something: a few cases may well be right to get the same.
const FEWEST_EQUAL: usize = 10;

/// The fewest equal errors that are worth a warning.
const FEWEST_ERRORS: usize = 3;

/// Of so many answers in a hundred one thing is the cause.
const NEARLY_ALL: usize = 95;

/// One thing that makes everything fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RootCause {
    /// The cause in one word: `cut`, `authentication`, `routing`, or `same-answer`.
    pub cause: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What came, how often.
    pub came: String,
    /// What to do next.
    pub next: &'static str,
    /// The checks that fail for it.
    pub checks: Vec<String>,
}

/// The one thing that makes everything fail, if one does.
pub fn root_cause(subject: &Subject<'_>) -> Option<RootCause> {
    let results = || subject.run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results);
    let failed = results().filter(|result| matches!(result.outcome, Outcome::Nonconform(_)));
    let checks: Vec<String> = failed.map(|result| result.id.clone()).collect();
    if checks.is_empty() {
        return None;
    }
    let passed = results().filter(|result| result.outcome == Outcome::Conform).count();
    let answers = answers(subject);
    let ill = |cause| matches!(cause, Cause::Cut | Cause::Authentication | Cause::Routing);
    let by_cause = most(answers.iter().map(|answer| cause_of_all(answer).0));
    if let Some((cause, count)) =
        by_cause.filter(|(cause, count)| ill(*cause) && is_nearly_all(*count, answers.len(), FEWEST_ILL))
    {
        let of_cause = || answers.iter().filter(|answer| cause_of_all(answer).0 == cause);
        let (usual, _) = most(of_cause().map(|answer| identity(answer)))?;
        let example = of_cause().find(|answer| identity(answer) == usual)?;
        let (next, example) = (cause_of_all(example).1, describe(example));
        let came = format!("{count} of {} answers are like this: {example}", answers.len());
        return Some(RootCause { cause: cause.name(), means: cause.sentence(), came, next, checks });
    }
    let (same, count) = most(answers.iter().map(|answer| same(answer)))?;
    // Where more passes than fails, that one answer is the right one for what was asked.
    (checks.len() > passed && is_nearly_all(count, answers.len(), FEWEST_EQUAL)).then(|| RootCause {
        cause: "same-answer",
        means: "it gives nearly every request the same answer, so what it does with any is not seen",
        came: format!("{count} of {} answers are {same}", answers.len()),
        next: "check that the target's ECR is on and of the account and region that are asked; then `ecrspec doctor`",
        checks,
    })
}

/// What a run that passes may still not have seen.
pub fn warning(subject: &Subject<'_>) -> Option<String> {
    let answers = answers(subject);
    let (same, count) = most(answers.iter().map(|answer| identity(answer)))?;
    let is_error = answers.iter().all(|answer| answer.status >= 400);
    (is_error && count == answers.len() && count >= FEWEST_ERRORS)
        .then(|| format!("all {count} answers are {same}: only the way of this error was tried"))
}

/// Every answer to a request of the selected cases.
fn answers<'a>(subject: &Subject<'a>) -> Vec<&'a Response> {
    let selected = subject.run.cases.iter().filter(|case| case.selected);
    let exchanges = selected.flat_map(|case| case.transcript.exchanges());
    exchanges.filter_map(|exchange| exchange.outcome.as_ref().ok()).collect()
}

fn is_nearly_all(count: usize, all: usize, fewest: usize) -> bool {
    count >= fewest && count * 100 >= all * NEARLY_ALL
}

/// An error by its code; anything else by its body.
fn same(response: &Response) -> String {
    let is_success = (200..300).contains(&response.status);
    if is_success && Document::parse(&response.body).is_ok() {
        format!("{} {}", response.status, shorten(&printable(&response.body)))
    } else {
        identity(response)
    }
}

/// What comes the most often; of equals the first in order.
fn most<T: Ord>(items: impl Iterator<Item = T>) -> Option<(T, usize)> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_insert(0_usize) += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count)
}
