//! What a wire reader finds: places where a body is not what its shape says.

use std::fmt;

/// One place where a body deviates from its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Where: a JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    /// The id of the shape that was expected there.
    pub shape: &'static str,
    /// The byte of the body at which it shows, from 0.
    pub offset: usize,
    /// What is wrong.
    pub kind: DeviationKind,
}

/// The ways in which a body deviates.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviationKind {
    /// The bytes are not JSON from here on. What was read before stands.
    Malformed {
        /// What a JSON text has at this place.
        expected: &'static str,
    },
    /// A required member is not there.
    Missing,
    /// The value is of another JSON type.
    WrongType {
        /// What the shape wants.
        expected: &'static str,
        /// What is there.
        actual: JsonType,
    },
    /// The shape has no such member.
    UnknownMember,
    /// The enum has no such value.
    UnknownValue {
        /// The value, shortened to at most 80 characters.
        value: String,
    },
    /// `null` where an absent value is usual.
    Null,
    /// The object has this key already; the last one counts.
    DuplicateKey,
    /// A number that is right in value, spelled as no integer is: `5.0`, `5e0`.
    NumberSpelling {
        /// The number as it stands, shortened to at most 80 characters.
        text: String,
    },
    /// A number that the shape's type cannot hold.
    OutOfRange {
        /// The number as it stands, shortened to at most 80 characters.
        text: String,
    },
    /// Text that is not what its shape's encoding wants, such as broken base64.
    BadEncoding {
        /// What the shape wants.
        expected: &'static str,
    },
    /// A union has none of its members, or several. The last one counts.
    NotOneMember {
        /// How many members are there and not null.
        count: usize,
    },
    /// Nested deeper than the reader follows.
    TooDeep,
}

impl DeviationKind {
    /// The same without the text that is there.
    pub(crate) fn redacted(self) -> Self {
        let redacted = || "<redacted>".to_owned();
        match self {
            Self::UnknownValue { .. } => Self::UnknownValue { value: redacted() },
            Self::NumberSpelling { .. } => Self::NumberSpelling { text: redacted() },
            Self::OutOfRange { .. } => Self::OutOfRange { text: redacted() },
            told => told,
        }
    }
}

/// The JSON types, as a deviation names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        })
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.pointer.is_empty() { "the body" } else { &self.pointer };
        write!(formatter, "{at}: ")?;
        match &self.kind {
            DeviationKind::Malformed { expected } => {
                write!(formatter, "not JSON at byte {}: expected {expected}", self.offset)
            }
            DeviationKind::Missing => write!(formatter, "required member is missing"),
            DeviationKind::WrongType { expected, actual } => {
                write!(formatter, "expected {expected}, found {actual}")
            }
            DeviationKind::UnknownMember => write!(formatter, "no such member in {}", self.shape),
            DeviationKind::UnknownValue { value } => {
                write!(formatter, "{value} is no known value of {}", self.shape)
            }
            DeviationKind::Null => write!(formatter, "null where an absent member is usual"),
            DeviationKind::DuplicateKey => write!(formatter, "the key is there twice"),
            DeviationKind::NumberSpelling { text } => {
                write!(formatter, "{text} is no usual spelling of an integer")
            }
            DeviationKind::OutOfRange { text } => write!(formatter, "{text} does not fit {}", self.shape),
            DeviationKind::BadEncoding { expected } => write!(formatter, "expected {expected}"),
            DeviationKind::NotOneMember { count } => {
                write!(formatter, "expected one member of {}, found {count}", self.shape)
            }
            DeviationKind::TooDeep => write!(formatter, "nested too deep to read"),
        }
    }
}
