//! Names in a case and what they stand for in one run: `{{image.plain.digest}}`.
//!
//! In: values of a world and of earlier answers. Out: requests and expectations with the names replaced. What
//! must stay true: a name without a value is an error, never an empty text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Values by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bindings(BTreeMap<String, Value>);

/// A name that nothing has given a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing gives `{{{{{0}}}}}` a value")]
pub struct Unbound(pub String);

impl Bindings {
    /// Gives a name a value; the last one counts.
    pub fn bind(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// Takes over all names of `other`.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    /// The names and their values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A JSON value with every name in its strings replaced. A string that is one name and nothing else
    /// becomes the value itself, of whatever type.
    ///
    /// # Errors
    /// If a name has no value.
    pub fn fill(&self, value: &Value) -> Result<Value, Unbound> {
        Ok(match value {
            Value::String(text) => match only_name(text) {
                Some(name) => self.value(name)?.clone(),
                None => Value::String(self.fill_text(text)?),
            },
            Value::Array(elements) => {
                Value::Array(elements.iter().map(|element| self.fill(element)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.fill(value)?)))
                    .collect::<Result<_, _>>()?,
            ),
            other => other.clone(),
        })
    }

    /// A text with every name in it replaced; a value that is no string stands there as JSON.
    ///
    /// # Errors
    /// If a name has no value.
    pub fn fill_text(&self, text: &str) -> Result<String, Unbound> {
        let mut filled = String::with_capacity(text.len());
        for part in parts(text) {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Name(name) => match self.value(name)? {
                    Value::String(value) => filled.push_str(value),
                    other => filled.push_str(&other.to_string()),
                },
            }
        }
        Ok(filled)
    }

    /// `text` with each bound text replaced by its name, longest first: the same in every run.
    pub fn unfill(&self, text: &str) -> String {
        let mut values: Vec<(&str, &str)> = self
            .iter()
            .filter_map(|(name, value)| value.as_str().map(|value| (name, value)))
            // A short value is part of other words by chance.
            .filter(|(_, value)| value.len() >= 8)
            .collect();
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        values
            .into_iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(value, &format!("<{name}>")))
    }

    fn value(&self, name: &str) -> Result<&Value, Unbound> {
        self.0.get(name).ok_or_else(|| Unbound(name.to_owned()))
    }
}

/// The names in a text, in order.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().filter_map(|part| match part {
        Part::Name(name) => Some(name),
        Part::Text(_) => None,
    })
}

/// The names in every string of a JSON value.
pub fn names_in(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => names(text).collect(),
        Value::Array(elements) => elements.iter().flat_map(names_in).collect(),
        Value::Object(members) => members.values().flat_map(names_in).collect(),
        _ => Vec::new(),
    }
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn only_name(text: &str) -> Option<&str> {
    match parts(text)[..] {
        [Part::Name(name)] => Some(name),
        _ => None,
    }
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Name(name.trim()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lone_name_keeps_its_type_and_a_name_in_a_text_becomes_text() {
        let mut bindings = Bindings::default();
        bindings.bind("size", 7);
        bindings.bind("name", "quiet-otter");
        let filled = bindings.fill(&json!({"a": "{{size}}", "b": ["{{ name }}:{{size}}", true]}));
        assert_eq!(filled, Ok(json!({"a": 7, "b": ["quiet-otter:7", true]})));
    }

    #[test]
    fn a_name_without_a_value_is_an_error() {
        assert_eq!(Bindings::default().fill(&json!(["{{token}}"])), Err(Unbound("token".to_owned())));
    }

    #[test]
    fn what_was_filled_can_be_taken_back_longest_first() {
        let mut bindings = Bindings::default();
        bindings.bind("short", "quiet-otter");
        bindings.bind("long", "quiet-otter/api");
        assert_eq!(bindings.unfill("no quiet-otter/api, no quiet-otter"), "no <long>, no <short>");
    }
}
