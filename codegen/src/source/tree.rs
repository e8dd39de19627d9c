//! JSON text as a tree that knows where everything stands.
//!
//! `serde_json` reads; a [`RawValue`] borrows from the text, so the distance between the two is its offset.
//! Each level reads its own entries raw and then reads those: a text is scanned once per level of nesting,
//! and [`MAXIMUM_DEPTH`] bounds the levels.

use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{MAXIMUM_BYTES, MAXIMUM_DEPTH, Place, Source, Span, Step, To};
use crate::diagnostic::{Code, Diagnostic};

/// A JSON value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'s> {
    /// Where it stands.
    pub place: Place<'s>,
    /// What it is.
    pub value: Value<'s>,
}

/// The JSON values.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'s> {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number as it stands in the text.
    Number(&'s str),
    /// A string with its escapes resolved.
    String(String),
    /// An array.
    Array(Vec<Node<'s>>),
    /// An object: every entry in the order of the text, duplicates included.
    Object(Vec<Entry<'s>>),
}

/// A key of an object and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'s> {
    /// The key with its escapes resolved.
    pub key: String,
    /// Where the key stands.
    pub place: Place<'s>,
    /// The value.
    pub value: Node<'s>,
}

impl<'s> Node<'s> {
    /// What people call the value: `a string`.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Boolean(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of an object.
    pub fn entries(&self) -> Option<&[Entry<'s>]> {
        match &self.value {
            Value::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn elements(&self) -> Option<&[Node<'s>]> {
        match &self.value {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The last entry of that key.
    pub fn entry(&self, key: &str) -> Option<&Entry<'s>> {
        self.entries()?.iter().rev().find(|entry| entry.key == key)
    }

    /// The value of the last entry of that key.
    pub fn get(&self, key: &str) -> Option<&Node<'s>> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value at a JSON pointer (RFC 6901), seen from here.
    pub fn pointer(&self, pointer: &str) -> Option<&Node<'s>> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |node, step| match &node.value {
            Value::Object(_) => node.get(&step.replace("~1", "/").replace("~0", "~")),
            Value::Array(elements) => elements.get(index(step)?),
            _ => None,
        })
    }

    /// Every entry, here or below, whose key its object already has.
    pub fn duplicates(&self) -> Vec<&Entry<'s>> {
        let mut found = Vec::new();
        self.collect_duplicates(&mut found);
        found
    }

    fn collect_duplicates<'n>(&'n self, found: &mut Vec<&'n Entry<'s>>) {
        match &self.value {
            Value::Array(elements) => elements.iter().for_each(|element| element.collect_duplicates(found)),
            Value::Object(entries) => {
                let mut keys = BTreeSet::new();
                for entry in entries {
                    if !keys.insert(&entry.key) {
                        found.push(entry);
                    }
                    entry.value.collect_duplicates(found);
                }
            }
            _ => {}
        }
    }
}

/// An array index as RFC 6901 spells it: no sign, no leading zero.
fn index(step: &str) -> Option<usize> {
    let usual = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    if usual { step.parse().ok() } else { None }
}

pub(super) fn parse(source: &Source) -> Result<Node<'_>, Box<Diagnostic>> {
    let too_large = |what: String| {
        let hint = "no model is this large: look for a generator gone wrong";
        Box::new(Diagnostic::new(Code::TooLarge, &Place::at(source, 0, 0), what, hint))
    };
    if source.text().len() > MAXIMUM_BYTES {
        return Err(too_large(format!("the text has more than {} MiB", MAXIMUM_BYTES / 1024 / 1024)));
    }
    let raw: &RawValue = serde_json::from_str(source.text()).map_err(|error| broken(source, 0, &error))?;
    let mut reader = Reader { source, values: 0 };
    let root = reader.value(raw, None, MAXIMUM_DEPTH)?;
    if reader.values > MAXIMUM_VALUES {
        return Err(too_large(format!("the text has more than {MAXIMUM_VALUES} values")));
    }
    Ok(root)
}

/// Several times the values of the largest model that AWS has.
const MAXIMUM_VALUES: usize = 1_000_000;

struct Reader<'s> {
    source: &'s Source,
    /// How many values have been read. Past the most that a text may have the tree grows no more.
    values: usize,
}

impl<'s> Reader<'s> {
    fn value(
        &mut self,
        raw: &'s RawValue,
        path: Option<Rc<Step>>,
        depth: usize,
    ) -> Result<Node<'s>, Box<Diagnostic>> {
        let text = raw.get();
        let span = self.span(raw);
        let place = Place { source: self.source, span, path };
        if depth == 0 {
            return Err(Box::new(Diagnostic::new(
                Code::NestedTooDeep,
                &place,
                format!("nested deeper than {MAXIMUM_DEPTH} levels"),
                "no model nests this deep: look for a generator gone wrong",
            )));
        }
        let broken = |error: serde_json::Error| broken(self.source, span.start, &error);
        let value = match text.as_bytes().first() {
            Some(b'{') => {
                let Members(raw) = serde_json::from_str(text).map_err(broken)?;
                self.values += raw.len();
                let mut entries = Vec::new();
                for (key, value) in raw {
                    if self.values > MAXIMUM_VALUES {
                        break;
                    }
                    entries.push(self.entry(key, value, place.path.clone(), depth)?);
                }
                Value::Object(entries)
            }
            Some(b'[') => {
                let Elements(raw) = serde_json::from_str(text).map_err(broken)?;
                self.values += raw.len();
                let mut elements = Vec::new();
                for (index, element) in raw.into_iter().enumerate() {
                    if self.values > MAXIMUM_VALUES {
                        break;
                    }
                    let step = Step { before: place.path.clone(), to: To::Element(index) };
                    elements.push(self.value(element, Some(Rc::new(step)), depth - 1)?);
                }
                Value::Array(elements)
            }
            Some(b'"') => Value::String(self.string(raw)?),
            Some(b't') => Value::Boolean(true),
            Some(b'f') => Value::Boolean(false),
            Some(b'n') => Value::Null,
            _ => Value::Number(text),
        };
        Ok(Node { place, value })
    }

    fn entry(
        &mut self,
        key: &'s RawValue,
        value: &'s RawValue,
        parent: Option<Rc<Step>>,
        depth: usize,
    ) -> Result<Entry<'s>, Box<Diagnostic>> {
        let name = self.string(key)?;
        let span = self.span(key);
        let path = Some(Rc::new(Step { before: parent, to: To::Key(span) }));
        let place = Place { source: self.source, span, path: path.clone() };
        Ok(Entry { key: name, place, value: self.value(value, path, depth - 1)? })
    }

    /// Skipping a string checks less of it than reading it does: a lone surrogate shows only here.
    fn string(&self, raw: &RawValue) -> Result<String, Box<Diagnostic>> {
        let start = self.span(raw).start;
        serde_json::from_str(raw.get()).map_err(|error| broken(self.source, start, &error))
    }

    fn span(&self, raw: &RawValue) -> Span {
        let start = raw.get().as_ptr().addr() - self.source.text().as_ptr().addr();
        Span { start, end: start + raw.get().len() }
    }
}

fn broken(source: &Source, base: usize, error: &serde_json::Error) -> Box<Diagnostic> {
    let text = source.text().get(base..).unwrap_or_default();
    let line_start =
        text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let offset = (base + line_start + error.column().saturating_sub(1)).min(source.text().len());
    let place = Place::at(source, offset, usize::from(offset < source.text().len()));
    // serde_json ends its message with a place of its own, which is right only for a text read from its start.
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let hint = if source.text().starts_with('\u{feff}') {
        "the text starts with a byte order mark: save it without one"
    } else if source.text().trim().is_empty() {
        "the file is empty: a model starts with {\"smithy\": \"2.0\", \"shapes\": {}}"
    } else {
        "mend the JSON here: nothing after this place was read"
    };
    Box::new(Diagnostic::new(Code::NotJson, &place, format!("not JSON: {message}"), hint))
}

struct Members<'s>(Vec<(&'s RawValue, &'s RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    members.push(entry);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

struct Elements<'s>(Vec<&'s RawValue>);

impl<'de> Deserialize<'de> for Elements<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Elements<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = sequence.next_element()? {
                    elements.push(element);
                }
                Ok(Elements(elements))
            }
        }

        deserializer.deserialize_seq(Collect)
    }
}
