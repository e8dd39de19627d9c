//! What changed from one revision of an API to another, and what that does to generated code.
//!
//! In: two models, which operations count, and an overlay. Out: a [`Diff`]: every change in what those operations
//! reach, the constraints that are new, and the statements of the overlay that hold for one of the two alone.
//! What must stay true: documentation, order, and traits that the ledger ignores are no change; a change is named
//! once, where it is declared, and what only an operation reaches that one side lacks is no change of its own;
//! whether a pattern takes more or less is decided on the automata, with a text that shows it.
//!
//! | file | what is in it |
//! |---|---|
//! | `side.rs` | one of the two models, as far as it counts |
//! | `compare.rs` | service, operations, shapes and members side by side |
//! | `constraint.rs` | constraints side by side, and what they do to a value |
//! | `language.rs` | the texts that one automaton takes and another does not |
//! | `uses.rs` | where a request or a response has a shape or a member |
//! | `overlay.rs` | statements that hold for one side alone |

mod compare;
mod constraint;
mod language;
mod overlay;
mod side;
mod uses;

use crate::check::{Revision, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{ConstraintKind, Model};
use crate::source::{Place, Source};
use crate::suggest;

use self::compare::Sides;

/// Two revisions of an API, and what of them to compare.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The older one.
    pub old: Revision<'a>,
    /// The newer one.
    pub new: Revision<'a>,
    /// The names of the operations that count; all of them where there is none.
    pub operations: &'a [String],
    /// Statements about the API.
    pub overlay: Option<&'a Source>,
}

/// What changed.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The name of the older revision.
    pub old: String,
    /// The name of the newer revision.
    pub new: String,
    /// The changes in the order that matters: what is removed, tightened, loosened, added.
    pub changes: Vec<Change>,
    /// The constraints that the newer revision has and the older has not, or has otherwise.
    pub new_constraints: Vec<NewConstraint>,
    /// The statements of the overlay that hold for one of the two alone.
    pub statements: Vec<Statement>,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    /// What it does to those who use the API.
    pub kind: ChangeKind,
    /// What changed: the id of a shape, or `shape$member`.
    pub subject: String,
    /// What of it changed: `operation`, `member`, `pattern`, `length.max`, …
    pub aspect: &'static str,
    /// How it was; nothing where it was not there.
    pub old: Option<String>,
    /// How it is; nothing where it is no longer there.
    pub new: Option<String>,
    /// What it asks of code that uses the generated types.
    pub types: Semver,
    /// Why.
    pub types_why: String,
    /// What it does to the generated validators and readers.
    pub validators: Validators,
    /// How that shows, with a value where there is one.
    pub validators_why: String,
    /// Where requests and responses have it.
    pub uses: Vec<Use>,
    sides: [Option<ConstraintKind>; 2],
}

/// What a change does to those who use the API, from the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Something that they may use is gone, or is something else.
    Removed,
    /// Something that they may do is no longer taken.
    Tightened,
    /// Something that was refused is taken.
    Loosened,
    /// There is something new.
    Added,
}

/// What a change of the generated types is to semantic versioning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Semver {
    /// The types stay as they are.
    None,
    /// Code that compiled compiles.
    Minor,
    /// Code that compiled may no longer.
    Major,
}

/// What a change does to validators and readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validators {
    /// Nothing.
    Unchanged,
    /// They complain of what they took.
    Stricter,
    /// They take what they complained of.
    Laxer,
    /// Both.
    Different,
}

/// A place of a request or a response.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The name of the operation.
    pub operation: String,
    /// Which of its bodies.
    pub body: Body,
    /// The names of members from the top, with dots; elements of lists have none. Empty for the whole body.
    pub path: String,
}

/// The bodies of an operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Body {
    /// What is sent.
    Request,
    /// What comes back.
    Response,
    /// What comes back instead, by the name of the error.
    Error(String),
}

/// A constraint that the newer revision has and the older has not, or has otherwise.
#[derive(Clone, Debug)]
pub struct NewConstraint {
    /// The id of the shape or member that declares it.
    pub subject: String,
    /// Its kind: `pattern`, `length.max`, …
    pub name: &'static str,
    /// Its bound, pattern or values.
    pub bound: String,
    /// Where requests and responses have it.
    pub uses: Vec<Use>,
    kind: ConstraintKind,
}

/// A statement of the overlay that holds for one of the two revisions alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it speaks of.
    pub subject: String,
    /// The ids of the traits that it gives.
    pub traits: Vec<String>,
    /// Where it stands: the name of the file and the line.
    pub place: String,
    /// Why it does not hold for the other.
    pub why: String,
}

impl ChangeKind {
    /// The kind in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Tightened => "tightened",
            Self::Loosened => "loosened",
            Self::Added => "added",
        }
    }
}

impl Semver {
    /// The part of a version that has to go up.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

impl Validators {
    /// The change in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Stricter => "stricter",
            Self::Laxer => "laxer",
            Self::Different => "different",
        }
    }
}

impl Change {
    /// The name of the subject without its namespace.
    pub fn name(&self) -> &str {
        without_namespace(&self.subject)
    }

    /// Whether a value at its place breaks the constraint as it was.
    pub fn broke(&self, value: &serde_json::Value) -> bool {
        self.sides[0].as_ref().is_some_and(|kind| !constraint::holds(kind, value))
    }

    /// Whether a value at its place breaks the constraint as it is.
    pub fn breaks(&self, value: &serde_json::Value) -> bool {
        self.sides[1].as_ref().is_some_and(|kind| !constraint::holds(kind, value))
    }
}

impl NewConstraint {
    /// The name of the subject without its namespace.
    pub fn short_subject(&self) -> &str {
        without_namespace(&self.subject)
    }

    /// Whether a value at its place breaks it.
    pub fn breaks(&self, value: &serde_json::Value) -> bool {
        !constraint::holds(&self.kind, value)
    }
}

/// Compares two revisions.
///
/// # Errors
///
/// Every mistake of the two models; an operation that neither has.
pub fn diff(question: Question<'_>) -> Result<Diff, Vec<Diagnostic>> {
    let Question { old, new, operations, overlay } = question;
    let (old_model, new_model) = match (model(old), model(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => {
            return Err([old.err(), new.err()].into_iter().flatten().flatten().collect());
        }
    };
    let mut diagnostics = Diagnostics::default();
    for name in operations {
        let names =
            || old_model.operations.iter().chain(&new_model.operations).map(|known| known.name.as_str());
        if !names().any(|known| known == name) {
            diagnostics.report(
                Code::UnknownTarget,
                &Place::at(new.source, 0, 0),
                format!("neither revision has the operation {name:?}"),
                suggest::hint(name, names(), "name an operation of one of the two"),
            );
        }
    }
    let root = overlay.and_then(|source| source.parse().map_err(|mistake| diagnostics.push(*mistake)).ok());
    let syntax = root.as_ref().and_then(|root| crate::parse::overlay(root, &mut diagnostics));
    if !diagnostics.is_empty() {
        let files: Vec<&str> = [Some(new.source), overlay].into_iter().flatten().map(Source::name).collect();
        return Err(diagnostics.into_sorted(&files));
    }
    let service = &new_model.service.id;
    let whole = syntax.as_ref().is_some_and(|syntax| overlay::matches_the_whole(syntax, service));
    let sides = Sides::new(&old_model, &new_model, operations, whole);
    let mut changes = sides.changes();
    changes.sort_by(|left, right| {
        (left.kind, &left.subject, left.aspect, &left.new).cmp(&(
            right.kind,
            &right.subject,
            right.aspect,
            &right.new,
        ))
    });
    Ok(Diff {
        old: old.name.to_owned(),
        new: new.name.to_owned(),
        new_constraints: sides.new_constraints(),
        statements: syntax
            .map(|syntax| overlay::one_sided(&syntax, &sides, old.name, new.name))
            .unwrap_or_default(),
        changes,
    })
}

fn model(revision: Revision<'_>) -> Result<Model, Vec<Diagnostic>> {
    let api = check(&[revision], None)?;
    // One revision goes in, so one comes out.
    api.revisions.into_iter().next().ok_or_else(Vec::new)
}

pub(crate) fn without_namespace(id: &str) -> &str {
    id.split_once('#').map_or(id, |(_, name)| name)
}
