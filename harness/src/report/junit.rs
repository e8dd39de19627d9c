//! The report as `JUnit` XML, in the form that Jenkins reads: one test case a check.
//!
//! What must stay true: a test case has a `failure` or an `error` exactly if it fails the run, so that whoever reads
//! this file and whoever reads the exit code come to the same end; whatever else did not pass is `skipped`, with the
//! reason.

use std::collections::BTreeMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::report::state::State;
use crate::report::{RootCause, Subject, detail, failures, folded, root_cause};
use crate::run::CaseRun;
use crate::transcript::StepOutcome;
use crate::verdict::CheckResult;

/// The report as `JUnit` XML.
pub fn junit(subject: &Subject<'_>) -> String {
    let mut report = Report::new("ecrspec");
    let mut suites: Vec<TestSuite> = Vec::new();
    let folds = Folds { first: folded(&failures(subject)), root_cause: root_cause(subject) };
    for case in subject.run.cases.iter().filter(|case| case.selected) {
        let area = case.case.id.split('.').next().unwrap_or_default();
        if suites.last().is_none_or(|suite| suite.name.as_str() != area) {
            suites.push(suite(area, subject));
            if let ([first], Some(RootCause { cause, means, came, next, .. })) =
                (&mut suites[..], &folds.root_cause)
            {
                first.add_property(("rootCause", format!("{cause}: {means}; {came}; {next}").as_str()));
            }
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_cases(case.results.iter().map(|result| test_case(case, result, &folds, subject)));
        }
    }
    suites.extend(stale(subject));
    report.add_test_suites(suites);
    // Writing to a string can't fail.
    let text = report.to_string().unwrap_or_default();
    // The schema of Jenkins' xUnit plugin has this count at each suite, and not at the root.
    match text.find(" skipped=\"").zip(text.find("<testsuite ")) {
        Some((start, suite)) if start < suite => {
            let end = start + 10 + text[start + 10..].find('"').map_or(0, |length| length + 1);
            [&text[..start], &text[end..]].concat()
        }
        _ => text,
    }
}

fn suite(name: &str, subject: &Subject<'_>) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.add_property(("ecrspec", env!("CARGO_PKG_VERSION")));
    suite.add_property(("target", subject.target()));
    suite.add_property(("revision", subject.revision.name));
    suite.add_property(("specHash", subject.revision.hash));
    suite
}

/// What is told once of many checks.
struct Folds<'a> {
    first: BTreeMap<&'a str, &'a str>,
    root_cause: Option<RootCause>,
}

fn test_case(case: &CaseRun, result: &CheckResult, folds: &Folds<'_>, subject: &Subject<'_>) -> TestCase {
    let state = State::of(result, subject);
    let mut status = match state {
        State::Conforms => TestCaseStatus::success(),
        State::Fails(_) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        State::Missing(_) => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ => TestCaseStatus::skipped(),
    };
    if let Some(why) = state.why() {
        status.set_message(why).set_type(format!("{} {}", result.level, state.name()));
    }
    if let State::Fails(finding) = state {
        let rest = match (&folds.root_cause, folds.first.get(result.id.as_str())) {
            (Some(root_cause), _) => format!("Everything fails for one cause, {}.\n", root_cause.cause),
            (None, first) => {
                let mut rows = detail::rows(case, result, finding, subject);
                if let Some(first) = first {
                    rows.retain(|(name, _)| !["evidence", "breaks", "twin", "world"].contains(name));
                    rows.push(("also", format!("for the same cause {first}, which says more")));
                }
                detail::text(&rows)
            }
        };
        status
            .set_type(format!("{} {}", result.level, finding.kind.name()))
            .set_description(format!("{}\n\n{rest}", case.case.sentence));
    }
    let mut test = TestCase::new(result.id.as_str(), status);
    test.set_classname(format!("ecrspec.{}", case.case.id)).set_time(time(case, result));
    test
}

/// How long the requests of a check's step took.
fn time(case: &CaseRun, result: &CheckResult) -> Duration {
    match case.transcript.steps.get(result.step) {
        Some(StepOutcome::Sent { exchanges, .. }) => exchanges
            .iter()
            .map(|exchange| exchange.answered.duration_since(exchange.sent).unwrap_or_default())
            .sum(),
        _ => Duration::ZERO,
    }
}

/// The entries of the baseline that no longer hold: each of them fails the run.
fn stale(subject: &Subject<'_>) -> Option<TestSuite> {
    let standing = subject.baseline.filter(|standing| standing.is_stale())?;
    let mut suite = suite("baseline", subject);
    for stale in &standing.stale {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("stale").set_message(stale.sentence());
        let mut test = TestCase::new(format!("{} ({})", stale.entry.id, stale.name()), status);
        test.set_classname(format!("{}:{}", standing.baseline.file, stale.entry.line));
        suite.add_test_case(test);
    }
    Some(suite)
}
