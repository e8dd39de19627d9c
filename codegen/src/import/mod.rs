//! Models of other origin to a model file: Smithy's JSON form, or what botocore carries for each service.
//!
//! ```text
//! service-2.json ──> botocore ─┐
//! model.json ──────> smithy ───┴─> closure ─> unchecked ─> model text ─> check
//! ```
//!
//! In: a text, and which operations to take. Out: the text of a model in Smithy's JSON form with what those
//! operations reach, shapes sorted by id. What must stay true: a model that comes out has passed
//! [`crate::check`]; every mistake is named at its place in the text that went in; a field
//! that is not carried over is in the list of those that are left out, with the reason.

mod botocore;
mod closure;
mod json;
mod smithy;
mod unchecked;

use std::collections::BTreeMap;

use self::json::Json;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Node, Place, Source};
use crate::{Revision, check, parse};

/// What to take of a model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Import<'a> {
    /// The names of the operations to take; all of them where there is none.
    pub operations: &'a [String],
    /// Whether documentation is left out.
    pub without_documentation: bool,
    /// The names of shapes whose pattern is refused and shall be left unchecked. The model says so, with the
    /// reason: `ecrspec.api#uncheckedPattern`.
    pub unchecked: &'a [String],
    /// What botocore has of pages in a file of its own: `paginators-1.json`.
    pub paginators: Option<&'a Source>,
    /// What botocore has of waiting in a file of its own: `waiters-2.json`.
    pub waiters: Option<&'a Source>,
}

/// The shapes of a model by id.
type Shapes = BTreeMap<String, Json>;

/// Makes a model file for the revision of that name.
///
/// # Errors
///
/// Every mistake of the texts, in their order.
pub fn import(source: &Source, name: &str, wanted: Import<'_>) -> Result<String, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let root = parse::json(source, &mut diagnostics);
    let paginators = wanted.paginators.and_then(|source| parse::json(source, &mut diagnostics));
    let waiters = wanted.waiters.and_then(|source| parse::json(source, &mut diagnostics));
    let files: Vec<&str> =
        [Some(source), wanted.paginators, wanted.waiters].into_iter().flatten().map(Source::name).collect();
    let Some(root) = root else { return Err(diagnostics.into_sorted(&files)) };

    let from_botocore = root.get("metadata").is_some() && root.get("smithy").is_none();
    let shapes = if from_botocore {
        let siblings = botocore::Siblings { paginators: paginators.as_ref(), waiters: waiters.as_ref() };
        botocore::shapes(&root, siblings, wanted.operations, &mut diagnostics)
    } else {
        smithy::shapes(&root, &mut diagnostics)
    };
    if !diagnostics.is_empty() {
        return Err(diagnostics.into_sorted(&files));
    }
    let mut shapes = closure::cut(shapes, &root.place, wanted, &mut diagnostics);
    unchecked::mark(&mut shapes, &root.place, wanted, &mut diagnostics);
    if !diagnostics.is_empty() {
        return Err(diagnostics.into_sorted(&files));
    }
    let text = write(shapes);
    let model = Source::new(name, text.as_str());
    match check(&[Revision { name, source: &model }], None) {
        Ok(_) => Ok(text),
        Err(mistakes) => {
            for mistake in mistakes {
                let place = at_origin(&root, &mistake.pointer);
                diagnostics.report(mistake.code, place, mistake.message, mistake.hint);
            }
            Err(diagnostics.into_sorted(&files))
        }
    }
}

fn write(shapes: Shapes) -> String {
    let mut text = String::new();
    let model = Json::Object(vec![
        ("smithy".to_owned(), Json::text("2.0")),
        ("shapes".to_owned(), Json::Object(shapes.into_iter().collect())),
    ]);
    model.write(0, &mut text);
    text.push('\n');
    text
}

/// Where in the origin that stands which a pointer into the model means: the nearest place that both have.
fn at_origin<'n, 's>(root: &'n Node<'s>, pointer: &str) -> &'n Place<'s> {
    let inside = pointer.strip_prefix("/shapes/").unwrap_or_default();
    let (id, rest) = inside.split_once('/').unwrap_or((inside, ""));
    let name = id.split_once('#').map_or(id, |(_, name)| name);
    let starts = [format!("/shapes/{id}"), format!("/shapes/{name}"), format!("/operations/{name}")];
    let start = starts.into_iter().find(|start| root.pointer(start).is_some());
    let mut node = start.and_then(|start| root.pointer(&start)).or(root.get("metadata")).unwrap_or(root);
    for step in rest.split('/').filter(|step| !step.is_empty()) {
        match node.pointer(&format!("/{step}")) {
            Some(below) => node = below,
            None => break,
        }
    }
    &node.place
}
