//! A JSON value that keeps what other JSON types lose: number spelling, member order, duplicate keys.

use std::fmt;

use crate::wire::{Cursor, Fault, MAXIMUM_DEPTH, Text};
use crate::{Deviation, DeviationKind, JsonType};

/// One JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number as it stands in the text: `1.705072146E9`.
    Number(String),
    /// A string, with escapes resolved.
    String(String),
    /// An array.
    Array(Vec<Document>),
    /// An object: its members in the order of the text, duplicates included.
    Object(Vec<(String, Document)>),
}

impl Document {
    /// Reads one JSON text.
    ///
    /// ```
    /// use ecrspec_api::Document;
    ///
    /// let document = Document::parse(br#"{"imageDetails": [{"imagePushedAt": 1.705072146E9}]}"#)?;
    /// let pushed = document.pointer("/imageDetails/0/imagePushedAt");
    /// assert_eq!(pushed, Some(&Document::Number("1.705072146E9".to_owned())));
    ///
    /// let broken = Document::parse(b"{\"a\": [1,]}").unwrap_err();
    /// assert_eq!(broken.to_string(), "/a/1: not JSON at byte 9: expected a value");
    /// # Ok::<(), ecrspec_api::Deviation>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first place where the bytes are no JSON, or nest deeper than [`MAXIMUM_DEPTH`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Deviation> {
        let mut parser = Parser { cursor: Cursor::new(bytes), path: Vec::new() };
        let document = parser.value().and_then(|document| parser.cursor.end().map(|()| document));
        document.map_err(|Fault { offset, kind }| Deviation {
            pointer: parser.path.iter().fold(String::new(), |pointer, step| {
                pointer + "/" + &step.replace('~', "~0").replace('/', "~1")
            }),
            shape: "smithy.api#Document",
            offset,
            kind,
        })
    }

    /// The value at a JSON pointer (RFC 6901); of duplicate keys, the last.
    pub fn pointer(&self, pointer: &str) -> Option<&Document> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |document, step| match document {
            Self::Object(_) => document.get(&step.replace("~1", "/").replace("~0", "~")),
            Self::Array(elements) => {
                let usual =
                    step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
                elements.get(step.parse::<usize>().ok().filter(|_| usual)?)
            }
            _ => None,
        })
    }

    /// The JSON type of the value.
    pub fn json_type(&self) -> JsonType {
        match self {
            Self::Null => JsonType::Null,
            Self::Boolean(_) => JsonType::Boolean,
            Self::Number(_) => JsonType::Number,
            Self::String(_) => JsonType::String,
            Self::Array(_) => JsonType::Array,
            Self::Object(_) => JsonType::Object,
        }
    }

    /// The member of that name; of duplicates, the last. `None` for any other type.
    pub fn get(&self, name: &str) -> Option<&Document> {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Document]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }
}

struct Parser<'b> {
    cursor: Cursor<'b>,
    /// The steps to the value that is being read: after a fault, where it is.
    path: Vec<String>,
}

impl Parser<'_> {
    fn value(&mut self) -> Result<Document, Fault> {
        let kind = self.cursor.value_type()?;
        if matches!(kind, JsonType::Array | JsonType::Object) && self.path.len() == MAXIMUM_DEPTH {
            return Err(Fault { offset: self.cursor.position(), kind: DeviationKind::TooDeep });
        }
        match kind {
            JsonType::Null | JsonType::Boolean => {
                Ok(self.cursor.literal()?.map_or(Document::Null, Document::Boolean))
            }
            JsonType::Number => Ok(Document::Number(self.cursor.number()?.to_owned())),
            JsonType::String => whole(self.cursor.string()?).map(Document::String),
            JsonType::Array => {
                self.cursor.open();
                let mut elements = Vec::new();
                while self.cursor.next_element(elements.is_empty())? {
                    self.path.push(elements.len().to_string());
                    elements.push(self.value()?);
                    self.path.pop();
                }
                Ok(Document::Array(elements))
            }
            JsonType::Object => {
                self.cursor.open();
                let mut members = Vec::new();
                while let Some((_, key)) = self.cursor.next_key(members.is_empty())? {
                    let key = whole(key)?;
                    self.path.push(key.clone());
                    members.push((key, self.value()?));
                    self.path.pop();
                }
                Ok(Document::Object(members))
            }
        }
    }
}

/// A string without a flaw.
fn whole(text: Text<'_>) -> Result<String, Fault> {
    match text.flaw {
        Some(flaw) => Err(flaw),
        None => Ok(text.text.into_owned()),
    }
}

/// Compact JSON, numbers as they stood.
impl fmt::Display for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Boolean(value) => write!(formatter, "{value}"),
            Self::Number(text) => formatter.write_str(text),
            Self::String(text) => write_string(formatter, text),
            Self::Array(elements) => {
                formatter.write_str("[")?;
                for (index, element) in elements.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(formatter, "{comma}{element}")?;
                }
                formatter.write_str("]")
            }
            Self::Object(members) => {
                formatter.write_str("{")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    formatter.write_str(if index == 0 { "" } else { "," })?;
                    write_string(formatter, name)?;
                    write!(formatter, ":{value}")?;
                }
                formatter.write_str("}")
            }
        }
    }
}

fn write_string(formatter: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;

    formatter.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => formatter.write_str("\\\"")?,
            '\\' => formatter.write_str("\\\\")?,
            '\n' => formatter.write_str("\\n")?,
            '\r' => formatter.write_str("\\r")?,
            '\t' => formatter.write_str("\\t")?,
            control if u32::from(control) < 0x20 => write!(formatter, "\\u{:04x}", u32::from(control))?,
            other => formatter.write_char(other)?,
        }
    }
    formatter.write_char('"')
}
