//! Typed access to the fields of an object, with one message for each that is not as it should be.

use crate::diagnostic::{Code, Diagnostics};
use crate::source::{Entry, Node, Place};
use crate::suggest;

/// An object whose fields are taken one by one.
pub(crate) struct Fields<'n, 's> {
    place: &'n Place<'s>,
    entries: &'n [Entry<'s>],
    what: &'n str,
}

impl<'n, 's> Fields<'n, 's> {
    /// The fields of `what`; reports and gives `None` where the node is no object.
    pub(crate) fn of(node: &'n Node<'s>, what: &'n str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(entries) = node.entries() else {
            wrong_type(node, what, "an object", diagnostics);
            return None;
        };
        Some(Self { place: &node.place, entries, what })
    }

    /// Reports every field that is not one of these.
    pub(crate) fn only(&self, known: &[&str], diagnostics: &mut Diagnostics) {
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            diagnostics.report(
                Code::UnknownField,
                &entry.place,
                format!("{} has no field {:?}", self.what, entry.key),
                suggest::hint(
                    &entry.key,
                    known.iter().copied(),
                    format!("its fields are {}", known.join(", ")),
                ),
            );
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'n Node<'s>> {
        self.entries.iter().rev().find(|entry| entry.key == name).map(|entry| &entry.value)
    }

    /// A field that must be there.
    pub(crate) fn require(&self, name: &str, diagnostics: &mut Diagnostics) -> Option<&'n Node<'s>> {
        let found = self.get(name);
        if found.is_none() {
            diagnostics.report(
                Code::MissingField,
                self.place,
                format!("{} has no field {name:?}", self.what),
                format!("add {name:?}"),
            );
        }
        found
    }

    /// The entries of a field that is an object; nothing where it is not there.
    pub(crate) fn object(&self, name: &str, diagnostics: &mut Diagnostics) -> &'n [Entry<'s>] {
        let Some(node) = self.get(name) else { return &[] };
        node.entries().unwrap_or_else(|| {
            wrong_type(node, name, "an object", diagnostics);
            &[]
        })
    }

    /// The elements of a field that is an array; nothing where it is not there.
    pub(crate) fn array(&self, name: &str, diagnostics: &mut Diagnostics) -> &'n [Node<'s>] {
        let Some(node) = self.get(name) else { return &[] };
        node.elements().unwrap_or_else(|| {
            wrong_type(node, name, "an array", diagnostics);
            &[]
        })
    }
}

/// The text of a string; reports where the node is none.
pub(crate) fn text<'n>(node: &'n Node<'_>, what: &str, diagnostics: &mut Diagnostics) -> Option<&'n str> {
    let text = node.as_str();
    if text.is_none() {
        wrong_type(node, what, "a string", diagnostics);
    }
    text
}

/// The value of a whole number of 64 bits; reports where the node is none.
pub(crate) fn integer(node: &Node<'_>, what: &str, diagnostics: &mut Diagnostics) -> Option<i64> {
    let crate::source::Value::Number(lexeme) = node.value else {
        wrong_type(node, what, "a whole number", diagnostics);
        return None;
    };
    let value = lexeme.parse().ok();
    if value.is_none() {
        diagnostics.report(
            Code::WrongValue,
            &node.place,
            format!("{what} is {lexeme}, not a whole number of 64 bits"),
            "write it without fraction and exponent",
        );
    }
    value
}

pub(crate) fn wrong_type(node: &Node<'_>, what: &str, expected: &str, diagnostics: &mut Diagnostics) {
    diagnostics.report(
        Code::WrongType,
        &node.place,
        format!("{what} is {}, not {expected}", node.kind()),
        format!("write {expected} here"),
    );
}
