//! What the wanted operations reach, and nothing else.

use std::collections::BTreeSet;

use super::json::Json;
use super::{Import, Shapes, smithy};
use crate::diagnostic::{Code, Diagnostics};
use crate::source::Place;
use crate::suggest;

/// Traits that are documentation.
const DOCUMENTATION: &[&str] =
    &["smithy.api#documentation", "smithy.api#examples", "smithy.api#externalDocumentation"];

pub(super) fn cut(
    mut shapes: Shapes,
    place: &Place<'_>,
    wanted: Import<'_>,
    diagnostics: &mut Diagnostics,
) -> Shapes {
    let services: Vec<String> =
        shapes.iter().filter(|(_, shape)| smithy::is_service(shape)).map(|(id, _)| id.clone()).collect();
    if !wanted.operations.is_empty() {
        for name in missing(&shapes, &services, wanted.operations) {
            let known = services.iter().flat_map(|id| operations(shapes.get(id)));
            let known: Vec<&str> = known.filter_map(|reference| name_of(reference)).collect();
            diagnostics.report(
                Code::UnknownTarget,
                place,
                format!("the service has no operation {name:?}"),
                suggest::hint(name, known, "name an operation of the service"),
            );
        }
        for id in &services {
            if let Some(Json::Object(entries)) = shapes.get_mut(id) {
                for (_, value) in entries.iter_mut().filter(|(name, _)| name == "operations") {
                    if let Json::Array(references) = value {
                        references.retain(|one| {
                            name_of(one)
                                .is_some_and(|name| wanted.operations.iter().any(|other| other == name))
                        });
                    }
                }
            }
        }
    }
    let reached = reached(&shapes, services);
    // An `apply` stands under the id of a shape or, with a dollar, of one of its members.
    shapes.retain(|id, _| reached.contains(id.split('$').next().unwrap_or(id)));
    if wanted.without_documentation {
        shapes.values_mut().for_each(strip);
    }
    shapes
}

fn operations(service: Option<&Json>) -> &[Json] {
    service.and_then(|service| service.get("operations")).map(Json::elements).unwrap_or_default()
}

/// The name without namespace of what a reference names.
fn name_of(reference: &Json) -> Option<&str> {
    reference.get("target")?.as_str()?.split_once('#').map(|(_, name)| name)
}

fn missing<'a>(shapes: &Shapes, services: &[String], wanted: &'a [String]) -> Vec<&'a String> {
    let known: Vec<&str> =
        services.iter().flat_map(|id| operations(shapes.get(id))).filter_map(name_of).collect();
    wanted.iter().filter(|name| !known.contains(&name.as_str())).collect()
}

fn reached(shapes: &Shapes, services: Vec<String>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = services;
    while let Some(id) = open.pop() {
        if let Some(shape) = shapes.get(&id)
            && reached.insert(id)
        {
            open.extend(references(shape));
        }
    }
    reached
}

/// The ids that a shape refers to, whatever its type.
fn references(shape: &Json) -> Vec<String> {
    let mut found: Vec<&Json> = Vec::new();
    for (name, value) in shape.entries() {
        match name.as_str() {
            "members" => found.extend(value.entries().iter().map(|(_, member)| member)),
            "member" | "key" | "value" | "input" | "output" => found.push(value),
            "operations" | "errors" | "mixins" => found.extend(value.elements()),
            _ => {}
        }
    }
    found.into_iter().filter_map(|one| one.get("target")?.as_str().map(str::to_owned)).collect()
}

/// Takes the documentation of a shape and of its members away.
fn strip(shape: &mut Json) {
    let Json::Object(fields) = shape else { return };
    for (name, value) in fields.iter_mut() {
        match (name.as_str(), value) {
            ("traits", Json::Object(traits)) => {
                traits.retain(|(id, _)| !DOCUMENTATION.contains(&id.as_str()));
            }
            ("members", Json::Object(members)) => members.iter_mut().for_each(|(_, member)| strip(member)),
            ("member" | "key" | "value", member) => strip(member),
            _ => {}
        }
    }
    fields.retain(|(name, value)| name != "traits" || !value.entries().is_empty());
}
