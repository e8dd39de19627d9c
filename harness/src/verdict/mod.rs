//! What a transcript says about the target, check by check.
//!
//! In: a case, its transcript, and the table of the API's revision. Out: one [`CheckResult`] a check. What
//! must stay true: no I/O and no clock, so the same transcript gets the same verdict; a check passes only if
//! what it asserts happened; whose fault a failure is is never mixed.

mod error_identity;
mod judge;
mod law;
mod lexical;
mod matcher;
mod place;
mod twin;

pub use error_identity::{ErrorIdentity, error_identity, is_throttled};
pub use judge::{judge, newer_members, what_broke};
pub use matcher::{equal, printable, shorten};
pub use place::{Path, without_indices};
pub use twin::discount_unproven;

use crate::case::format::Capability;
use crate::level::Level;
use crate::tier::Tier;

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The check's id: `case#name`.
    pub id: String,
    /// The aspect that it looks at: `status`, `body`, …
    pub aspect: &'static str,
    /// How near to the bytes it looks.
    pub tier: Tier,
    /// How much it weighs.
    pub level: Level,
    /// The ids of the facts that it rests on.
    pub evidence: Vec<String>,
    /// The step of the case that it belongs to, from 0.
    pub step: usize,
    /// Which of the step's requests it is about, from 0.
    pub exchange: usize,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The target does what the check asserts.
    Conform,
    /// It does not.
    Nonconform(Finding),
    /// Evidence leaves it open; this is what the target does.
    Informational(String),
    /// Nothing can be said.
    NotJudged(NotJudged),
}

/// One way in which a target differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of difference it is.
    pub kind: FindingKind,
    /// Where in the body, as a JSON pointer; empty where it is not about a place.
    pub pointer: String,
    /// What was expected.
    pub expected: String,
    /// What is there.
    pub actual: String,
    /// Who notices.
    pub breaks: String,
}

/// The kinds of difference, from the outermost layer to the innermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// The answer did not arrive whole.
    Transport,
    /// The answer is not in the protocol's form.
    Envelope,
    /// The body does not fit the model.
    Shape,
    /// The body says the same in another spelling.
    Lexical,
    /// It is another error, or an error where success is due, or the reverse.
    ErrorIdentity,
    /// The error's text differs.
    ErrorText,
    /// The values differ.
    Semantics,
}

impl FindingKind {
    /// The kind as reports print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Envelope => "envelope",
            Self::Shape => "shape",
            Self::Lexical => "lexical",
            Self::ErrorIdentity => "error-identity",
            Self::ErrorText => "error-text",
            Self::Semantics => "semantics",
        }
    }

    /// Who notices a difference of this kind, unless the check says it better.
    pub fn breaks(self) -> &'static str {
        match self {
            Self::Transport => "every client: the answer does not arrive",
            Self::Envelope => "every SDK: it can't tell which error it got",
            Self::Shape => "typed SDKs (Go, Java, Rust) and whoever reads the member",
            Self::Lexical => "whoever compares bytes",
            Self::ErrorIdentity => "code that branches on the error",
            Self::ErrorText => "people and scripts that read the text",
            Self::Semantics => "code that relies on the value",
        }
    }
}

/// Why nothing can be said of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotJudged {
    /// The target lacks something that the case needs.
    Lacks(Capability),
    /// The case's world could not be made; why.
    NoWorld(String),
    /// An earlier step did not give the value for this name.
    Unbound(String),
    /// The target gave no answer; what happened instead.
    NoAnswer(String),
    /// The target had stopped answering before.
    Unreachable,
    /// The run was interrupted.
    Interrupted,
    /// The target asked for patience, again and again.
    Throttled,
    /// The answer is of the wrong kind to look into: the check of this id says so.
    Covered(String),
    /// The check is about answers of another status.
    AnotherStatus(u16),
    /// A list did not end within so many pages.
    Endless(u32),
    /// The repository changed while it was asked about.
    Unsteady,
    /// The repository has nothing of the kind that would be asked for.
    NothingToAsk,
    /// The rejection proves nothing, for its valid twin was not accepted as the twin declares.
    TwinFailed(String),
}

impl NotJudged {
    /// Whether the check is about another of the answers that are accepted than the one that came, and so is no part
    /// of any score.
    pub fn is_moot(&self) -> bool {
        matches!(self, Self::AnotherStatus(_))
    }

    /// Why, in words.
    pub fn reason(&self) -> String {
        match self {
            Self::Lacks(capability) => format!("the target lacks `{}`", capability.name()),
            Self::NoWorld(reason) => format!("its world could not be made: {reason}"),
            Self::Unbound(name) => format!("no earlier answer gave `{name}`"),
            Self::NoAnswer(reason) => format!("no answer: {reason}"),
            Self::Unreachable => "the target had stopped answering".to_owned(),
            Self::Interrupted => "the run was interrupted".to_owned(),
            Self::Throttled => "the target throttled the request each time it was sent".to_owned(),
            Self::Covered(id) => format!("there is nothing to look into, see {id}"),
            Self::AnotherStatus(status) => {
                format!("it is about another answer than one with status {status}")
            }
            Self::Endless(pages) => format!("a list did not end within {pages} pages"),
            Self::Unsteady => "the same list came out differently before and after".to_owned(),
            Self::NothingToAsk => "the repository has nothing to ask for".to_owned(),
            Self::TwinFailed(twin) => format!("its valid twin {twin} was not accepted either"),
        }
    }
}

/// The id of a case's check.
pub fn check_id(case: &str, check: &str) -> String {
    format!("{case}#{check}")
}
