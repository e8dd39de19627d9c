//! What a check means for the run, in one word: the same in every format.

use serde::{Deserialize, Serialize};

use crate::baseline::{Entry, WhyStale};
use crate::exit::is_missing;
use crate::report::{Subject, detail};
use crate::run::CaseRun;
use crate::verdict::{CheckResult, Finding, NotJudged, Outcome};

/// What a check means for the run.
#[derive(Clone, Copy, Debug)]
pub(super) enum State<'a> {
    /// It failed, and that fails the run.
    Fails(&'a Finding),
    /// It is a `must` that the target kept from being judged, and that fails the run.
    Missing(&'a NotJudged),
    /// It failed, below the level that fails the run.
    Differs(&'a Finding),
    /// It failed, and the baseline lists it.
    Known(&'a Finding, &'a Entry),
    /// Nothing can be said.
    NotJudged(&'a NotJudged),
    /// Evidence leaves it open; this is what the target does.
    Open(&'a str),
    /// The target does what it asserts.
    Conforms,
}

impl<'a> State<'a> {
    /// What a result means for the run of a subject.
    pub(super) fn of(result: &'a CheckResult, subject: &Subject<'a>) -> Self {
        match &result.outcome {
            Outcome::Conform => Self::Conforms,
            Outcome::Informational(observed) => Self::Open(observed),
            Outcome::NotJudged(reason) if is_missing(result, subject.allowed_to_lack) => {
                Self::Missing(reason)
            }
            Outcome::NotJudged(reason) => Self::NotJudged(reason),
            Outcome::Nonconform(finding) => match subject.known(&result.id) {
                Some(entry) => Self::Known(finding, entry),
                None if result.level >= subject.fail_on => Self::Fails(finding),
                None => Self::Differs(finding),
            },
        }
    }

    /// The state as reports print it.
    pub(super) fn name(&self) -> &'static str {
        Self::NAMES[self.rank()]
    }

    /// Every name, by rank.
    pub(super) const NAMES: [&'static str; 7] =
        ["fails", "missing", "differs", "known", "not judged", "open", "conforms"];

    /// Where it stands among the others: what fails the run comes first.
    pub(super) fn rank(&self) -> usize {
        match self {
            Self::Fails(_) => 0,
            Self::Missing(_) => 1,
            Self::Differs(_) => 2,
            Self::Known(..) => 3,
            Self::NotJudged(_) => 4,
            Self::Open(_) => 5,
            Self::Conforms => 6,
        }
    }

    /// What differs, if something does.
    pub(super) fn finding(&self) -> Option<&'a Finding> {
        match self {
            Self::Fails(finding) | Self::Differs(finding) | Self::Known(finding, _) => Some(finding),
            _ => None,
        }
    }

    /// Why the check did not pass, in a line; nothing if it did.
    pub(super) fn why(&self) -> Option<String> {
        Some(match self {
            Self::Conforms => return None,
            Self::Fails(finding) => difference(finding),
            Self::Differs(finding) => format!("below the level that fails the run: {}", difference(finding)),
            Self::Known(finding, entry) => {
                format!("known until {}, {}: {}", entry.expires, entry.reason, difference(finding))
            }
            Self::Missing(reason) | Self::NotJudged(reason) => format!("not judged: {}", reason.reason()),
            Self::Open(observed) => format!("evidence leaves it open; the target answers {observed}"),
        })
    }
}

fn difference(finding: &Finding) -> String {
    let at = if finding.pointer.is_empty() { String::new() } else { format!("{}: ", finding.pointer) };
    format!("{at}expected {}, got {}", finding.expected, finding.actual)
}

/// What a check means for a test that stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It holds, or its failure is known.
    Passes,
    /// It fails the run; why.
    Fails(String),
    /// It neither holds nor fails; why.
    IsOpen(String),
}

/// What a check means for a test that stands for it.
pub fn verdict(case: &CaseRun, result: &CheckResult, subject: &Subject<'_>) -> Verdict {
    let mut entries = subject.baseline.into_iter().flat_map(|standing| &standing.stale);
    if let Some(stale) = entries.find(|stale| stale.entry.is_for(&result.id)) {
        let by_another =
            matches!(&stale.why, WhyStale::Passes(checks) if !checks.contains(&result.id.as_str()));
        if !by_another {
            return Verdict::Fails(stale.sentence());
        }
    }
    let state = State::of(result, subject);
    match state {
        State::Conforms | State::Known(..) => Verdict::Passes,
        State::Fails(finding) => {
            let rows = detail::rows(case, result, finding, subject);
            Verdict::Fails(format!("{}\n{}", case.case.sentence, detail::text(&rows)))
        }
        State::Missing(_) => Verdict::Fails(state.why().unwrap_or_default()),
        _ => Verdict::IsOpen(state.why().unwrap_or_default()),
    }
}
