//! Text to the syntax of a model and of an overlay.
//!
//! In: a text, then its tree of nodes. Out: shapes, members, traits and statements, each with its place; what is mistyped,
//! missing or unknown to the format is reported and left out. What must stay true: nothing here looks from
//! one shape to another.

mod field;
mod model;
mod overlay;

pub(crate) use field::{Fields, integer, text, wrong_type};
pub(crate) use model::{Body, Member, Model, Shape, Target, Trait, UNREAD, model};
pub(crate) use overlay::{Overlay, Statement, overlay};

use crate::diagnostic::{Code, Diagnostics};
use crate::source::{Node, Source};

/// Reads a file as JSON, with one message for every key that is there twice.
pub(crate) fn json<'s>(source: &'s Source, diagnostics: &mut Diagnostics) -> Option<Node<'s>> {
    let root = source.parse().map_err(|mistake| diagnostics.push(*mistake)).ok()?;
    for entry in root.duplicates() {
        diagnostics.report(
            Code::DuplicateKey,
            &entry.place,
            format!("the key {:?} is here a second time", entry.key),
            "keep one of the two",
        );
    }
    Some(root)
}

/// Whether text is a Smithy identifier: letters, digits and underscores, no digit in front.
pub(crate) fn is_identifier(text: &str) -> bool {
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphanumeric());
    starts_well && has_letter && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether text is an absolute shape id without a member: `com.amazonaws.ecr#ImageDetail`.
fn is_shape_id(text: &str) -> bool {
    text.split_once('#')
        .is_some_and(|(namespace, name)| namespace.split('.').all(is_identifier) && is_identifier(name))
}
