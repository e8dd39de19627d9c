//! Operations, and how they are paged.

use super::super::json::Json;
use super::metadata::Service;
use super::{LeftOut, only};
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Fields, text};
use crate::source::{Entry, Node};

const LEFT_OUT: &[LeftOut] = &[
    ("alias", "it is for botocore alone"),
    ("auth", "requests are signed with Signature Version 4"),
    ("authtype", "requests are signed with Signature Version 4"),
    ("documentationUrl", "only the documentation itself is carried over"),
    ("endpointoperation", "the caller names the endpoint"),
    ("http", "the protocol sends every operation as POST /"),
    ("name", "it is the key"),
    ("operationContextParams", "the caller names the endpoint"),
    ("staticContextParams", "the caller names the endpoint"),
];

/// Fields that stand for a trait without a value.
const MARKS: &[(&str, &str)] = &[
    ("httpChecksumRequired", "smithy.api#httpChecksumRequired"),
    ("idempotent", "smithy.api#idempotent"),
    ("readonly", "smithy.api#readonly"),
    ("unsignedPayload", "aws.auth#unsignedPayload"),
];

pub(super) fn operation(
    entry: &Entry<'_>,
    service: &Service<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Json> {
    let fields = Fields::of(&entry.value, "an operation", diagnostics)?;
    let carried = [
        "deprecated",
        "deprecatedMessage",
        "deprecatedSince",
        "documentation",
        "endpoint",
        "endpointdiscovery",
        "errors",
        "httpChecksum",
        "input",
        "output",
        "requestcompression",
    ];
    let carried: Vec<&str> = carried.into_iter().chain(MARKS.iter().map(|(name, _)| *name)).collect();
    only(&fields, &carried, LEFT_OUT, diagnostics);

    let mut made = vec![("type".to_owned(), Json::text("operation"))];
    for name in ["input", "output"] {
        let reference = fields.get(name).and_then(|node| super::shape::target(node, service, diagnostics));
        made.extend(reference.map(|target| (name.to_owned(), target)));
    }
    let errors: Vec<Json> = fields
        .array("errors", diagnostics)
        .iter()
        .filter_map(|node| super::shape::target(node, service, diagnostics))
        .collect();
    if !errors.is_empty() {
        made.push(("errors".to_owned(), Json::Array(errors)));
    }
    let mut traits = Vec::new();
    let mut carry = |id: &str, value: Json| traits.push((id.to_owned(), value));
    for (name, id) in MARKS {
        if super::shape::is_true(fields.get(name)) {
            carry(id, Json::empty());
        }
    }
    for (name, id) in [
        ("endpoint", "smithy.api#endpoint"),
        ("httpChecksum", "aws.protocols#httpChecksum"),
        ("requestcompression", "smithy.api#requestCompression"),
        ("documentation", "smithy.api#documentation"),
    ] {
        if let Some(node) = fields.get(name) {
            carry(id, Json::of(node));
        }
    }
    // One that is not required changes nothing for who names the endpoint.
    if super::shape::is_true(fields.get("endpointdiscovery").and_then(|node| node.get("required"))) {
        carry("aws.api#clientDiscoveredEndpoint", Json::empty());
    }
    traits.extend(super::shape::deprecation(&fields));
    let mut made = Json::Object(made);
    made.add_traits(traits);
    Some(made)
}

const PAGES_LEFT_OUT: &[LeftOut] = &[
    ("more_results", "the token alone says whether there is more"),
    ("non_aggregate_keys", "it is for botocore alone"),
];

/// The value of the trait of an operation that is paged.
pub(super) fn pagination(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<Json> {
    let fields = Fields::of(node, "a paginator", diagnostics)?;
    only(&fields, &["input_token", "limit_key", "output_token", "result_key"], PAGES_LEFT_OUT, diagnostics);
    let mut pages = Vec::new();
    for (name, to) in [("input_token", "inputToken"), ("output_token", "outputToken")] {
        let token = fields.require(name, diagnostics)?;
        if token.elements().is_some() || token.as_str().is_some_and(|text| text.contains("||")) {
            diagnostics.report(
                Code::UnsupportedFeature,
                &token.place,
                "pages are found by more than one token",
                "leave the operation or the file of paginators out",
            );
            return None;
        }
        pages.push((to.to_owned(), Json::text(text(token, name, diagnostics)?)));
    }
    // Of several results the first holds the items; the others are counts.
    let items = fields.get("result_key");
    let items = items.and_then(|node| node.elements().map_or(Some(node), <[_]>::first));
    pages.extend(items.and_then(Node::as_str).map(|items| ("items".to_owned(), Json::text(items))));
    let size = fields.get("limit_key").and_then(Node::as_str);
    pages.extend(size.map(|size| ("pageSize".to_owned(), Json::text(size))));
    Some(Json::Object(pages))
}
