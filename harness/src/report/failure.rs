//! What failed, with failures of one cause folded.

use std::collections::BTreeMap;

use crate::exchange::{Exchange, Request};
use crate::report::Subject;
use crate::report::curl::curl;
use crate::run::CaseRun;
use crate::transcript::StepOutcome;
use crate::verdict::{CheckResult, Finding, FindingKind, Outcome};

/// A failed check.
#[derive(Clone, Debug)]
pub struct Failure<'a> {
    /// The case and what happened in it.
    pub case: &'a CaseRun,
    /// The check.
    pub result: &'a CheckResult,
    /// What differs.
    pub finding: &'a Finding,
    /// The checks that fail for the same cause.
    pub also: Vec<&'a str>,
}

/// What two failures of one cause have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    about: Option<String>,
    kind: FindingKind,
    pointer: String,
    expected: String,
    actual: String,
}

/// The failures of the selected cases, in the suite's order, those of one cause folded into the first that
/// weighs the most.
pub fn failures<'a>(subject: &Subject<'a>) -> Vec<Failure<'a>> {
    let mut failures: Vec<Failure<'a>> = Vec::new();
    let mut by_cause: BTreeMap<Cause, usize> = BTreeMap::new();
    for (case, result, finding) in nonconform(subject) {
        let cause = cause(case, finding);
        match by_cause.get(&cause).and_then(|index| failures.get_mut(*index)) {
            Some(first) if first.result.level >= result.level => first.also.push(&result.id),
            Some(first) => {
                let folded = std::mem::replace(first, Failure { case, result, finding, also: Vec::new() });
                first.also = vec![&folded.result.id];
                first.also.extend(folded.also);
            }
            None => {
                by_cause.insert(cause, failures.len());
                failures.push(Failure { case, result, finding, also: Vec::new() });
            }
        }
    }
    failures
}

fn nonconform<'a>(
    subject: &Subject<'a>,
) -> impl Iterator<Item = (&'a CaseRun, &'a CheckResult, &'a Finding)> + use<'a> {
    subject.run.cases.iter().filter(|case| case.selected).flat_map(|case| {
        case.results.iter().filter_map(move |result| match &result.outcome {
            Outcome::Nonconform(finding) => Some((case, result, finding)),
            _ => None,
        })
    })
}

/// The cause of a failure. The member that a case is about is part of it: a mock that checks neither name nor
/// number has two faults, whatever it answers.
fn cause(case: &CaseRun, finding: &Finding) -> Cause {
    let bindings = &case.transcript.bindings;
    let about = match finding.kind {
        FindingKind::ErrorIdentity | FindingKind::Semantics => case.case.about.clone(),
        _ => None,
    };
    Cause {
        about,
        kind: finding.kind,
        pointer: without_indices(&finding.pointer),
        expected: bindings.unfill(&finding.expected),
        actual: bindings.unfill(&finding.actual),
    }
}

fn without_indices(pointer: &str) -> String {
    pointer
        .split('/')
        .map(|token| if token.starts_with('[') || token.parse::<usize>().is_ok() { "*" } else { token })
        .collect::<Vec<_>>()
        .join("/")
}

impl Failure<'_> {
    /// The request whose answer failed the check.
    pub fn request(&self) -> Option<&Request> {
        match self.case.transcript.steps.get(self.result.step)? {
            StepOutcome::Sent { exchanges, .. } => exchanges.first().map(|Exchange { request, .. }| request),
            StepOutcome::NotSent(_) => None,
        }
    }

    /// The command that sends that request again; nothing where the target has no address.
    pub fn curl(&self, subject: &Subject<'_>) -> Option<String> {
        curl(self.request()?, subject)
    }
}
