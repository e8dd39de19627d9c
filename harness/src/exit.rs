//! How the program ends, by cause.

use std::process::ExitCode;

use crate::baseline::Standing;
use crate::case::format::Capability;
use crate::level::Level;
use crate::run::{Ending, Run};
use crate::verdict::{CheckResult, NotJudged, Outcome};

/// How the program ends. Where several causes hold, the one that stands first here counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user interrupted the run.
    Interrupted,
    /// A fault of this program.
    SuiteFault,
    /// Bad usage, a bad case or spec file, or nothing selected.
    Usage,
    /// The target could not be reached, or stopped answering.
    Unreachable,
    /// The target does not conform, or it could not be shown that it does.
    DoesNotConform,
    /// An entry of the baseline no longer holds.
    BaselineStale,
    /// The target conforms, or fails in nothing that the baseline does not list.
    Conforms,
}

impl Exit {
    /// The number that the program ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Conforms => 0,
            Self::DoesNotConform => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::BaselineStale => 4,
            Self::SuiteFault => 70,
            Self::Interrupted => 130,
        }
    }

    /// The verdict in words.
    pub fn verdict(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::DoesNotConform => "does not conform",
            Self::Usage => "nothing was judged: the command line or a file is wrong",
            Self::BaselineStale => "the baseline is stale",
            Self::Unreachable => "the target could not be reached to the end",
            Self::SuiteFault => "nothing is certain: this program broke",
            Self::Interrupted => "interrupted",
        }
    }

    /// How a run ends: what fails it, and what may be missing without failing it.
    pub fn of_run(run: &Run, fail_on: Level, allowed_to_lack: &[Capability]) -> Self {
        Self::of_run_with(run, fail_on, allowed_to_lack, None)
    }

    /// The same, where failures that a baseline lists fail nothing, and a baseline that is stale does.
    pub fn of_run_with(
        run: &Run,
        fail_on: Level,
        allowed_to_lack: &[Capability],
        baseline: Option<&Standing<'_>>,
    ) -> Self {
        let is_known = |result: &CheckResult| baseline.is_some_and(|known| known.entry(&result.id).is_some());
        let fails = |result: &CheckResult| fails(result, fail_on) && !is_known(result);
        let results = || run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results);
        if run.ending == Ending::Interrupted {
            Self::Interrupted
        } else if !run.faults.is_empty() {
            Self::SuiteFault
        } else if run.ending == Ending::Unreachable
            || results().any(|result| matches!(result.outcome, Outcome::NotJudged(NotJudged::NoAnswer(_))))
        {
            Self::Unreachable
        } else if results().any(|result| fails(result) || is_missing(result, allowed_to_lack))
            || !results().any(|result| result.outcome == Outcome::Conform)
        {
            Self::DoesNotConform
        } else if baseline.is_some_and(Standing::is_stale) {
            Self::BaselineStale
        } else {
            Self::Conforms
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Whether a check fails the run.
fn fails(result: &CheckResult, fail_on: Level) -> bool {
    matches!(result.outcome, Outcome::Nonconform(_)) && result.level >= fail_on
}

/// Whether a `must` could not be judged for the target's sake.
pub(crate) fn is_missing(result: &CheckResult, allowed_to_lack: &[Capability]) -> bool {
    result.level == Level::Must
        && match &result.outcome {
            // Whether a target looks at signatures is its own choice: mocks are made to take any.
            Outcome::NotJudged(NotJudged::Lacks(Capability::Signatures)) => false,
            Outcome::NotJudged(NotJudged::Lacks(capability)) => !allowed_to_lack.contains(capability),
            Outcome::NotJudged(NotJudged::NoWorld(_)) => true,
            _ => false,
        }
}
