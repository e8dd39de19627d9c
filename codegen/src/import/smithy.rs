//! Smithy's JSON form to shapes: as they are, but for resources, whose operations become the service's own.

use std::collections::BTreeSet;

use super::Shapes;
use super::json::Json;
use crate::diagnostic::Diagnostics;
use crate::parse;
use crate::source::Node;

/// The fields of a resource that name one operation.
const LIFECYCLE: &[&str] = &["create", "put", "read", "update", "delete", "list"];

pub(super) fn shapes(root: &Node<'_>, diagnostics: &mut Diagnostics) -> Shapes {
    // Its syntax is judged here, where the places are those of the user's file.
    if parse::model(root, diagnostics).is_none() {
        return Shapes::new();
    }
    let entries = root.get("shapes").and_then(|shapes| shapes.entries()).unwrap_or_default();
    let mut shapes: Shapes =
        entries.iter().map(|entry| (entry.key.clone(), Json::of(&entry.value))).collect();
    let flat: Vec<(String, Json)> = shapes
        .iter()
        .filter(|(_, shape)| shape.get("resources").is_some() && is_service(shape))
        .map(|(id, service)| (id.clone(), without_resources(service, &shapes)))
        .collect();
    shapes.extend(flat);
    shapes
}

pub(super) fn is_service(shape: &Json) -> bool {
    shape.get("type").and_then(Json::as_str) == Some("service")
}

fn without_resources(service: &Json, shapes: &Shapes) -> Json {
    let mut operations: Vec<Json> =
        service.get("operations").map(Json::elements).unwrap_or_default().to_vec();
    let mut open: Vec<&Json> =
        service.get("resources").map(Json::elements).unwrap_or_default().iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(reference) = open.pop() {
        let Some(id) = reference.get("target").and_then(Json::as_str) else { continue };
        let Some(resource) = shapes.get(id).filter(|_| seen.insert(id)) else { continue };
        operations.extend(LIFECYCLE.iter().filter_map(|name| resource.get(name)).cloned());
        for name in ["operations", "collectionOperations"] {
            operations.extend(resource.get(name).map(Json::elements).unwrap_or_default().iter().cloned());
        }
        open.extend(resource.get("resources").map(Json::elements).unwrap_or_default());
    }
    let kept = service.entries().iter().filter(|(name, _)| name != "resources" && name != "operations");
    Json::Object(kept.cloned().chain([("operations".to_owned(), Json::Array(operations))]).collect())
}
