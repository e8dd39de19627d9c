//! A document cut to what the revision knows.
//!
//! In: a shape of the table and a document. Out: the document with the members of the shape alone, in
//! alphabetical order, as ECR writes them, and without those that are `null`. What must stay true: what a
//! revision does not have is neither read from a request nor written to a response.

use ecrspec_api::Document;
use ecrspec_api::table::{Shape, ShapeKind};

pub(super) fn project(shape: &Shape, document: &Document) -> Document {
    match (&shape.kind, document) {
        (ShapeKind::Structure { members } | ShapeKind::Union { members }, Document::Object(_)) => {
            let mut kept: Vec<(String, Document)> = members
                .iter()
                .filter_map(|member| {
                    let value = document.get(member.name).filter(|value| **value != Document::Null)?;
                    Some((member.name.to_owned(), project(member.target, value)))
                })
                .collect();
            kept.sort_by(|(left, _), (right, _)| left.cmp(right));
            Document::Object(kept)
        }
        (ShapeKind::List { member }, Document::Array(elements)) => {
            Document::Array(elements.iter().map(|element| project(member.target, element)).collect())
        }
        (ShapeKind::Map { value, .. }, Document::Object(entries)) => Document::Object(
            entries.iter().map(|(key, entry)| (key.clone(), project(value.target, entry))).collect(),
        ),
        _ => document.clone(),
    }
}

/// An object of these members.
pub(super) fn object<const N: usize>(members: [(&str, Document); N]) -> Document {
    Document::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// A text.
pub(super) fn text(value: &str) -> Document {
    Document::String(value.to_owned())
}

/// A text, or `null` for [`project`] to drop.
pub(super) fn optional(value: Option<&str>) -> Document {
    value.map_or(Document::Null, text)
}

/// A whole number.
pub(super) fn number(value: u64) -> Document {
    Document::Number(value.to_string())
}
