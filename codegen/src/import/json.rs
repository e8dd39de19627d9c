//! JSON that is to be written, with its keys in the order in which they were put in.

use crate::source::{Node, Value};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// A number, `true`, `false` or `null`, as it stands in the text.
    Bare(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// The object that a trait without a value of its own has.
    pub(super) fn empty() -> Self {
        Self::Object(Vec::new())
    }

    /// A reference to a shape.
    pub(super) fn target(id: String) -> Self {
        Self::Object(vec![("target".to_owned(), Self::String(id))])
    }

    /// A node as it stands; of a key that stands twice, both.
    pub(super) fn of(node: &Node<'_>) -> Self {
        match &node.value {
            Value::Null => Self::Bare("null".to_owned()),
            Value::Boolean(value) => Self::Bare(value.to_string()),
            Value::Number(lexeme) => Self::Bare((*lexeme).to_owned()),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(elements) => Self::Array(elements.iter().map(Self::of).collect()),
            Value::Object(entries) => Self::Object(
                entries.iter().map(|entry| (entry.key.clone(), Self::of(&entry.value))).collect(),
            ),
        }
    }

    /// Puts traits after those that a shape or a member has; none adds nothing.
    pub(super) fn add_traits(&mut self, traits: Vec<(String, Self)>) {
        let Self::Object(fields) = self else { return };
        match fields.iter_mut().find(|(name, _)| name == "traits") {
            Some((_, Self::Object(own))) => own.extend(traits),
            _ if traits.is_empty() => {}
            _ => fields.push(("traits".to_owned(), Self::Object(traits))),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn elements(&self) -> &[Self] {
        match self {
            Self::Array(elements) => elements,
            _ => &[],
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Appends the value, two blanks a level.
    pub(super) fn write(&self, indent: usize, text: &mut String) {
        match self {
            Self::Bare(bare) => text.push_str(bare),
            Self::String(value) => write_string(value, text),
            Self::Array(elements) if elements.is_empty() => text.push_str("[]"),
            Self::Object(entries) if entries.is_empty() => text.push_str("{}"),
            Self::Array(elements) => {
                text.push('[');
                for (number, element) in elements.iter().enumerate() {
                    start_line(number, indent + 1, text);
                    element.write(indent + 1, text);
                }
                end_line(indent, text);
                text.push(']');
            }
            Self::Object(entries) => {
                text.push('{');
                for (number, (key, value)) in entries.iter().enumerate() {
                    start_line(number, indent + 1, text);
                    write_string(key, text);
                    text.push_str(": ");
                    value.write(indent + 1, text);
                }
                end_line(indent, text);
                text.push('}');
            }
        }
    }
}

fn write_string(value: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(value).to_string());
}

fn start_line(number: usize, indent: usize, text: &mut String) {
    if number > 0 {
        text.push(',');
    }
    end_line(indent, text);
}

fn end_line(indent: usize, text: &mut String) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", indent));
}
