//! What failed, with failures of one cause folded.

use std::collections::BTreeMap;

use ecrspec_api::DeviationKind;
use ecrspec_api::table::{Reading, Revision};

use crate::exchange::Request;
use crate::report::Subject;
use crate::run::CaseRun;
use crate::transcript::StepOutcome;
use crate::verdict::{CheckResult, Finding, FindingKind, Outcome, without_indices};

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
    /// Whether the baseline knows it. What is known and what is new are never folded into one.
    pub is_known: bool,
}

/// What failures of one cause have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    is_known: bool,
    kind: FindingKind,
    /// What is wrong with the request; where nothing is, what the case is about.
    subject: Vec<String>,
    pointer: String,
    /// What of expectation and answer tells this cause from another.
    difference: String,
}

/// The failures of the selected cases, in the suite's order, those of one cause folded into the first that
/// weighs the most.
pub fn failures<'a>(subject: &Subject<'a>) -> Vec<Failure<'a>> {
    let mut failures: Vec<Failure<'a>> = Vec::new();
    let mut by_cause: BTreeMap<Cause, usize> = BTreeMap::new();
    for (case, result, finding) in nonconform(subject) {
        let is_known = subject.known(&result.id).is_some();
        let cause = Cause { is_known, ..cause(case, result, finding, subject.revision) };
        match by_cause.get(&cause).and_then(|index| failures.get_mut(*index)) {
            Some(first) if first.result.level >= result.level => first.also.push(&result.id),
            Some(first) => {
                let folded =
                    std::mem::replace(first, Failure { case, result, finding, also: Vec::new(), is_known });
                first.also = vec![&folded.result.id];
                first.also.extend(folded.also);
            }
            None => {
                by_cause.insert(cause, failures.len());
                failures.push(Failure { case, result, finding, also: Vec::new(), is_known });
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

/// The cause of a failure. A target that checks neither names nor numbers has two faults, whatever it answers,
/// so what is wrong with the request is part of the cause; the values that happen to differ are not.
fn cause(case: &CaseRun, result: &CheckResult, finding: &Finding, revision: &Revision) -> Cause {
    let same = |text: &str| case.transcript.bindings.unfill(text);
    let difference = match finding.kind {
        FindingKind::ErrorIdentity => format!("{} {}", finding.expected, identity(&finding.actual)),
        FindingKind::Semantics => format!("{} {}", presence(&finding.expected), presence(&finding.actual)),
        _ => format!("{} {}", same(&finding.expected), same(&finding.actual)),
    };
    let subject = match finding.kind {
        FindingKind::ErrorIdentity | FindingKind::ErrorText => faults(case, result, revision),
        _ => Vec::new(),
    };
    // A single member at fault is a cause by itself; what a whole list lacks or has too much depends on what was
    // asked for.
    let about = match finding.kind {
        FindingKind::ErrorIdentity => true,
        FindingKind::Semantics => finding.pointer.contains('*'),
        _ => false,
    };
    Cause {
        is_known: false,
        kind: finding.kind,
        subject: match subject[..] {
            [] if about => case.case.about.iter().cloned().collect(),
            _ => subject,
        },
        pointer: without_indices(&finding.pointer),
        difference,
    }
}

/// Which constraints the request of a step breaks, and in which ways it is no request at all.
fn faults(case: &CaseRun, result: &CheckResult, revision: &Revision) -> Vec<String> {
    let Some(reading) = reading(case, result, revision) else { return Vec::new() };
    let broken = reading.violations.iter().map(|violation| {
        format!("{} {}", without_indices(&violation.pointer), violation.constraint.kind.name())
    });
    let mut faults: Vec<String> = broken.collect();
    if reading
        .deviations
        .iter()
        .any(|deviation| !matches!(deviation.kind, DeviationKind::UnknownMember | DeviationKind::Null))
    {
        faults.push("unreadable".to_owned());
    }
    faults.dedup();
    faults
}

/// The request of a step, read by the model.
pub(super) fn reading(case: &CaseRun, result: &CheckResult, revision: &Revision) -> Option<Reading> {
    let operation = revision.operation(&case.case.steps.get(result.step)?.send.operation)?;
    Some((operation.check_request)(&request(case, result)?.body))
}

/// Status and code of an answer's summary, without the text.
fn identity(summary: &str) -> &str {
    summary.split_once(": ").map_or(summary, |(identity, _)| identity)
}

fn presence(value: &str) -> &str {
    if ["absent", "nothing there", "null", "[]"].contains(&value) { value } else { "a value" }
}

/// The checks that are folded, each with the one that tells their cause.
pub(super) fn folded<'a>(failures: &[Failure<'a>]) -> BTreeMap<&'a str, &'a str> {
    failures
        .iter()
        .flat_map(|failure| failure.also.iter().map(|also| (*also, failure.result.id.as_str())))
        .collect()
}

/// What a reader has to know of the commands under `try`, where any is about what the run made.
pub(super) fn removed(failures: &[Failure<'_>], subject: &Subject<'_>) -> Option<&'static str> {
    let in_world = |failure: &Failure<'_>| {
        failure.case.case.world.as_ref().is_some_and(|world| subject.run.worlds.contains_key(world))
    };
    (subject.endpoint.is_some() && failures.iter().any(in_world)).then_some(
        "The repositories under `try` are removed by now: `again` makes them anew, and the HTML and JSON reports \
         have the commands that make the small ones.",
    )
}

/// The request that a check is about.
pub(super) fn request<'a>(case: &'a CaseRun, result: &CheckResult) -> Option<&'a Request> {
    match case.transcript.steps.get(result.step)? {
        StepOutcome::Sent { exchanges, .. } => {
            exchanges.get(result.exchange).map(|exchange| &exchange.request)
        }
        StepOutcome::NotSent(_) => None,
    }
}
