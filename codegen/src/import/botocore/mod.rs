//! botocore's `service-2.json`, with `paginators-1.json` and `waiters-2.json` beside it, to shapes of Smithy.
//!
//! In: the files as nodes. Out: shapes under the ids that AWS gives them in its own models:
//! `com.amazonaws.<service>#<Name>`. What must stay true: each field is carried over, or left out for a reason
//! that stands here, or reported.

mod metadata;
mod operation;
mod shape;
mod waiter;

use std::collections::{BTreeMap, BTreeSet};

use super::Shapes;
use super::json::Json;
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Fields, text};
use crate::source::{Entry, Node};
use crate::suggest;

/// The name of a field, and why it is left out.
type LeftOut = (&'static str, &'static str);

/// What botocore keeps in files beside a service model.
#[derive(Clone, Copy)]
pub(super) struct Siblings<'n, 's> {
    pub(super) paginators: Option<&'n Node<'s>>,
    pub(super) waiters: Option<&'n Node<'s>>,
}

/// The shapes of a service. Of operations that are not wanted nothing is judged but what they name; no name
/// at all wants every operation.
pub(super) fn shapes(
    root: &Node<'_>,
    siblings: Siblings<'_, '_>,
    wanted: &[String],
    diagnostics: &mut Diagnostics,
) -> Shapes {
    let Some(fields) = Fields::of(root, "a service model of botocore", diagnostics) else {
        return Shapes::new();
    };
    fields.only(
        &["version", "metadata", "operations", "shapes", "documentation", "examples", "clientContextParams"],
        diagnostics,
    );
    for name in ["operations", "shapes"] {
        fields.require(name, diagnostics);
    }
    let Some(metadata) = fields.require("metadata", diagnostics) else { return Shapes::new() };
    let Some(service) = metadata::Service::read(metadata, diagnostics) else { return Shapes::new() };
    let mut shapes = Shapes::new();
    let operations = fields.object("operations", diagnostics);
    shapes.insert(service.id(), service.shape(operations, fields.get("documentation")));
    let beside = Beside::read(siblings, diagnostics);
    for entry in operations {
        let mut made = operation::operation(entry, &service, diagnostics);
        if let Some(made) = &mut made
            && (wanted.is_empty() || wanted.contains(&entry.key))
        {
            beside.add_to(made, &entry.key, diagnostics);
        }
        shapes.extend(made.map(|made| (service.qualify(&entry.key), made)));
    }
    beside.report_unknown(operations, diagnostics);
    for entry in fields.object("shapes", diagnostics) {
        let made = shape::shape(entry, &service, diagnostics);
        shapes.extend(made.map(|made| (service.qualify(&entry.key), made)));
    }
    shapes
}

/// Pages and waiters by the name of their operation.
struct Beside<'n, 's> {
    pages: BTreeMap<&'n str, &'n Entry<'s>>,
    waiters: BTreeMap<&'n str, Vec<&'n Entry<'s>>>,
}

impl<'n, 's> Beside<'n, 's> {
    fn read(siblings: Siblings<'n, 's>, diagnostics: &mut Diagnostics) -> Self {
        let pages = entries(siblings.paginators, "a file of paginators", "pagination", diagnostics);
        let pages = pages.iter().map(|entry| (entry.key.as_str(), entry)).collect();
        let mut waiters: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for entry in entries(siblings.waiters, "a file of waiters", "waiters", diagnostics) {
            let Some(fields) = Fields::of(&entry.value, "a waiter", diagnostics) else { continue };
            let Some(node) = fields.require("operation", diagnostics) else { continue };
            if let Some(operation) = text(node, "operation", diagnostics) {
                waiters.entry(operation).or_default().push(entry);
            }
        }
        Self { pages, waiters }
    }

    fn add_to(&self, operation: &mut Json, name: &str, diagnostics: &mut Diagnostics) {
        let pages = self.pages.get(name).and_then(|entry| operation::pagination(&entry.value, diagnostics));
        let waiters = self.waiters.get(name).map(|waiters| waiter::waitable(waiters, diagnostics));
        let mut traits: Vec<(String, Json)> = Vec::new();
        traits.extend(pages.map(|pages| ("smithy.api#paginated".to_owned(), pages)));
        traits.extend(waiters.map(|waiters| ("smithy.waiters#waitable".to_owned(), waiters)));
        operation.add_traits(traits);
    }

    fn report_unknown(&self, operations: &[Entry<'_>], diagnostics: &mut Diagnostics) {
        let known: BTreeSet<&str> = operations.iter().map(|entry| entry.key.as_str()).collect();
        let named = self.pages.iter().map(|(name, entry)| (*name, *entry));
        let named = named.chain(self.waiters.iter().filter_map(|(name, all)| Some((*name, *all.first()?))));
        for (name, entry) in named.filter(|(name, _)| !known.contains(name)) {
            diagnostics.report(
                Code::UnknownTarget,
                &entry.place,
                format!("the service has no operation {name:?}"),
                suggest::hint(name, known.iter().copied(), "take the entry out"),
            );
        }
    }
}

fn entries<'n, 's>(
    root: Option<&'n Node<'s>>,
    what: &'n str,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> &'n [Entry<'s>] {
    let fields = root.and_then(|root| Fields::of(root, what, diagnostics));
    let Some(fields) = fields.filter(|fields| fields.require(name, diagnostics).is_some()) else {
        return &[];
    };
    fields.object(name, diagnostics)
}

/// Reports every field that is neither carried over nor left out for a reason.
fn only(fields: &Fields<'_, '_>, carried: &[&str], left_out: &[LeftOut], diagnostics: &mut Diagnostics) {
    let known: Vec<&str> = carried.iter().copied().chain(left_out.iter().map(|(name, _)| *name)).collect();
    fields.only(&known, diagnostics);
}
