//! What is wrong with a spec, said so that a person can mend it.
//!
//! In: a place, a code from a fixed catalogue, a message, a next step. Out: one [`Diagnostic`], which prints
//! as a compiler would. What must stay true: a diagnostic owns all it prints, and one mistake makes one
//! message.

use std::fmt;

use crate::source::{Excerpt, Place};

/// One mistake in a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which mistake of the catalogue.
    pub code: Code,
    /// The file's name as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The JSON pointer of the value; empty where the file as a whole is meant.
    pub pointer: String,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// What stands there.
    pub excerpt: Excerpt,
    offset: usize,
}

macro_rules! catalogue {
    ($($variant:ident $name:literal $explanation:literal,)*) => {
        /// The catalogue of mistakes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $explanation] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The name that messages print, such as `unknown-target`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it means, as one sentence.
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Self::$variant => $explanation,)*
                }
            }
        }
    };
}

catalogue! {
    NotUtf8 "not-utf8" "The file is not UTF-8.",
    NotJson "not-json" "The text is not JSON.",
    TooLarge "too-large" "The text has more bytes or more values than the reader takes.",
    NestedTooDeep "nested-too-deep" "The text nests deeper than the reader follows.",
    DuplicateKey "duplicate-key" "An object has a key twice.",
    WrongVersion "wrong-version" "The file is of another version of its format.",
    MissingField "missing-field" "A field that must be there is not.",
    UnknownField "unknown-field" "A field that the format does not have.",
    WrongType "wrong-type" "A value of another JSON type than the format wants.",
    WrongValue "wrong-value" "A value of the right type that means nothing here.",
    BadShapeId "bad-shape-id" "Text that is no shape id.",
    BadName "bad-name" "Text that is no Smithy identifier.",
    UnknownShapeType "unknown-shape-type" "A shape type that Smithy does not have.",
    UnsupportedShapeType "unsupported-shape-type" "A shape type that the generator refuses.",
    UnsupportedFeature "unsupported-feature" "A feature of Smithy that the generator refuses.",
    UnsupportedProtocol "unsupported-protocol" "The service speaks no protocol that the generator knows.",
    UnknownTarget "unknown-target" "A reference to a shape that is not there.",
    WrongTarget "wrong-target" "A reference to a shape of a kind that cannot stand there.",
    NoService "no-service" "The model has no service.",
    SeveralServices "several-services" "The model has more than one service.",
    NoOperation "no-operation" "The service has no operation.",
    UnknownTrait "unknown-trait" "A trait that the ledger does not have.",
    RefusedTrait "refused-trait" "A trait that the ledger refuses.",
    MisplacedTrait "misplaced-trait" "A trait on a shape that cannot carry it.",
    ErrorTraitMissing "error-trait-missing" "An operation names an error that is no error.",
    EmptyBounds "empty-bounds" "A bound whose least value is above its greatest.",
    NegativeLength "negative-length" "A length below zero.",
    DefaultOutOfRange "default-out-of-range" "A default that breaks its own member's bounds.",
    BadPattern "bad-pattern" "A pattern that does not compile.",
    UnsupportedPattern "unsupported-pattern" "A pattern with syntax that generated validators do not match.",
    PatternTooLarge "pattern-too-large" "A pattern whose automaton is above the size cap.",
    EmptyEnum "empty-enum" "An enum without values.",
    DuplicateEnumValue "duplicate-enum-value" "Two members of an enum with one value.",
    UnboxedRecursion "unboxed-recursion" "A shape that contains itself through lists or maps alone.",
    NameConflict "name-conflict" "Two names of the model that are one name in Rust.",
    UnknownMember "unknown-member" "A member name that the structure does not have.",
    BadRevision "bad-revision" "A revision name that cannot name a module, or one given twice.",
    StatementNeverApplies "statement-never-applies" "An overlay statement whose range holds no revision.",
    StatementRepeats "statement-repeats" "An overlay statement that says again what another one says.",
    UnknownConstraint "unknown-constraint" "An overlay statement about a constraint that is not there.",
    BadTemplate "bad-template" "A message template with a placeholder that its constraint does not have.",
    TooManyMistakes "too-many-mistakes" "There are more mistakes than those that are listed.",
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn new(code: Code, place: &Place<'_>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (line, column) = place.source.position(place.span.start);
        Self {
            code,
            file: place.source.name().to_owned(),
            line,
            column,
            pointer: cut(place.pointer_within(LONGEST)),
            message: cut(message.into()),
            hint: cut(hint.into()),
            offset: place.span.start,
            excerpt: Excerpt::of(place.source, place.span),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, file, line, column, pointer, message, hint, excerpt, .. } = self;
        writeln!(formatter, "error[{}]: {message}", code.name())?;
        excerpt.write(formatter, &format!("{file}:{line}:{column}"), pointer, hint)
    }
}

impl std::error::Error for Diagnostic {}

/// The most letters of a message, a hint or a pointer.
const LONGEST: usize = 600;

/// A text as a message has it: what a model is made of may be as long as its file.
fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// The most mistakes that are listed: enough for anybody to mend at once, and a bound for whoever makes a file
/// of nothing else.
#[cfg(feature = "model")]
const MAXIMUM_MISTAKES: usize = 1000;

/// Collects mistakes up to the barrier.
#[cfg(feature = "model")]
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    list: Vec<Diagnostic>,
    /// How many more there are.
    unlisted: usize,
}

#[cfg(feature = "model")]
impl Diagnostics {
    pub(crate) fn report(
        &mut self,
        code: Code,
        place: &Place<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.list.len() < MAXIMUM_MISTAKES {
            self.list.push(Diagnostic::new(code, place, message, hint));
        } else {
            self.unlisted += 1;
        }
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < MAXIMUM_MISTAKES {
            self.list.push(diagnostic);
        } else {
            self.unlisted += 1;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// In the order of the files, then of their bytes; a mistake that shows in several revisions once. An object
    /// may lack several fields.
    pub(crate) fn into_sorted(mut self, files: &[&str]) -> Vec<Diagnostic> {
        let rank = |file: &str| files.iter().position(|name| *name == file);
        self.list.sort_by(|left, right| {
            let key = |one: &Diagnostic| (rank(&one.file), one.offset, one.code);
            key(left).cmp(&key(right))
        });
        self.list.dedup_by(|next, kept| {
            let alike = next.code == kept.code && next.file == kept.file && next.offset == kept.offset;
            alike && (next.code != Code::MissingField || next.message == kept.message)
        });
        if self.unlisted > 0
            && let Some(last) = self.list.last().cloned()
        {
            self.list.push(Diagnostic {
                code: Code::TooManyMistakes,
                message: format!("there may be {} more mistakes", self.unlisted),
                hint: "mend those above first, and check again".to_owned(),
                ..last
            });
        }
        self.list
    }
}
