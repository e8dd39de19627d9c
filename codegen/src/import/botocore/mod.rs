//! botocore's `service-2.json`, and `paginators-1.json` beside it, to shapes of Smithy.
//!
//! In: the two files as nodes. Out: shapes under the ids that AWS gives them in its own models:
//! `com.amazonaws.<service>#<Name>`. What must stay true: each field is carried over, or left out for a reason
//! that stands here, or reported.

mod metadata;
mod operation;
mod shape;

use super::Shapes;
use crate::diagnostic::Diagnostics;
use crate::parse::Fields;
use crate::source::Node;

/// The name of a field, and why it is left out.
type LeftOut = (&'static str, &'static str);

pub(super) fn shapes(
    root: &Node<'_>,
    paginators: Option<&Node<'_>>,
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
    for entry in operations {
        let made = operation::operation(entry, &service, paginators, diagnostics);
        shapes.extend(made.map(|made| (service.qualify(&entry.key), made)));
    }
    for entry in fields.object("shapes", diagnostics) {
        let made = shape::shape(entry, &service, diagnostics);
        shapes.extend(made.map(|made| (service.qualify(&entry.key), made)));
    }
    shapes
}

/// Reports every field that is neither carried over nor left out for a reason.
fn only(fields: &Fields<'_, '_>, carried: &[&str], left_out: &[LeftOut], diagnostics: &mut Diagnostics) {
    let known: Vec<&str> = carried.iter().copied().chain(left_out.iter().map(|(name, _)| *name)).collect();
    fields.only(&known, diagnostics);
}
