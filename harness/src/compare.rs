//! Two targets, check by check.
//!
//! In: two runs of the same cases. Out: for each check who is right, where that is known, and what differs. What
//! must stay true: who is wrong follows from the expectation's evidence alone, never from who answers alike;
//! only what AWS itself answers makes an expectation stale; what was not judged on a side is not judged.

use std::collections::BTreeMap;

use ecrspec_api::table::Revision;

use crate::normalise::{Line, Normaliser, PlaceDifference, differences};
use crate::run::{CaseRun, Run};
use crate::transcript::StepOutcome;
use crate::verdict::{CheckResult, Outcome};

/// A run and whether it is of AWS itself.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The run.
    pub run: &'a Run,
    /// Whether the target is AWS itself.
    pub is_aws: bool,
}

/// What two targets say to a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// Both do what is expected; or both answer alike where nothing is.
    Agree,
    /// The left one does not do what is expected, the right one does.
    LeftWrong,
    /// The right one does not do what is expected, the left one does.
    RightWrong,
    /// Neither does what is expected.
    BothDiffer,
    /// Neither does, and AWS itself and the other answer alike: the expectation is out of date.
    RecordingStale,
    /// They answer otherwise where nothing is expected.
    Open,
    /// One of them could not be judged.
    NotJudged,
}

impl Agreement {
    /// Every kind, in the order in which they are counted.
    pub const ALL: [Self; 7] = [
        Self::Agree,
        Self::LeftWrong,
        Self::RightWrong,
        Self::BothDiffer,
        Self::RecordingStale,
        Self::Open,
        Self::NotJudged,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::LeftWrong => "left-wrong",
            Self::RightWrong => "right-wrong",
            Self::BothDiffer => "both-differ",
            Self::RecordingStale => "recording-stale",
            Self::Open => "open",
            Self::NotJudged => "not-judged",
        }
    }
}

/// A check on both targets.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The check's id.
    pub id: String,
    /// What they say to it.
    pub agreement: Agreement,
    /// What was expected, where one of them does not do it.
    pub expected: Option<String>,
    /// What the left one does.
    pub left: String,
    /// What the right one does.
    pub right: String,
    /// Where the answers of this step differ.
    pub places: Vec<PlaceDifference>,
}

/// Every selected check, in the order of the left run.
pub fn compare(left: Side<'_>, right: Side<'_>, revision: &Revision) -> Vec<Compared> {
    let others: BTreeMap<&str, &CaseRun> =
        right.run.cases.iter().map(|case| (case.case.id.as_str(), case)).collect();
    let mut compared = Vec::new();
    for case in left.run.cases.iter().filter(|case| case.selected) {
        let Some(other) = others.get(case.case.id.as_str()) else { continue };
        let [lines, other_lines] = [case, other].map(|case| lines(case, revision));
        for (result, other) in case.results.iter().zip(&other.results) {
            let nothing = Vec::new();
            let step = lines.get(result.step).unwrap_or(&nothing);
            let places = differences(step, other_lines.get(result.step).unwrap_or(&nothing));
            let has_aws = left.is_aws || right.is_aws;
            compared.push(Compared {
                id: result.id.clone(),
                agreement: agreement(&result.outcome, &other.outcome, places.is_empty(), has_aws),
                expected: expected(result).or_else(|| expected(other)),
                left: said(&result.outcome),
                right: said(&other.outcome),
                places,
            });
        }
    }
    compared
}

fn agreement(left: &Outcome, right: &Outcome, alike: bool, has_aws: bool) -> Agreement {
    use Outcome::{Conform, Informational, Nonconform, NotJudged};

    match (left, right) {
        (NotJudged(_), _) | (_, NotJudged(_)) => Agreement::NotJudged,
        (Conform, Conform) => Agreement::Agree,
        (Nonconform(_), Nonconform(_)) if alike && has_aws => Agreement::RecordingStale,
        (Nonconform(_), Nonconform(_)) => Agreement::BothDiffer,
        (Nonconform(_), _) => Agreement::LeftWrong,
        (_, Nonconform(_)) => Agreement::RightWrong,
        (Informational(_), _) | (_, Informational(_)) if alike => Agreement::Agree,
        (Informational(_), _) | (_, Informational(_)) => Agreement::Open,
    }
}

fn expected(result: &CheckResult) -> Option<String> {
    match &result.outcome {
        Outcome::Nonconform(finding) => Some(finding.expected.clone()),
        _ => None,
    }
}

fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Conform => "conforms".to_owned(),
        Outcome::Nonconform(finding) if finding.pointer.is_empty() => finding.actual.clone(),
        Outcome::Nonconform(finding) => format!("{} at {}", finding.actual, finding.pointer),
        Outcome::Informational(observed) => observed.clone(),
        Outcome::NotJudged(reason) => format!("not judged: {}", reason.reason()),
    }
}

/// What a target answered at each step, with what changes from run to run named.
fn lines(case: &CaseRun, revision: &Revision) -> Vec<Vec<Line>> {
    let mut normaliser = Normaliser::new(revision, &case.transcript.bindings);
    let steps = case.transcript.steps.iter();
    steps
        .map(|step| match step {
            StepOutcome::Sent { exchanges, .. } => {
                exchanges.iter().flat_map(|exchange| normaliser.answer(exchange)).collect()
            }
            StepOutcome::NotSent(_) => Vec::new(),
        })
        .collect()
}
