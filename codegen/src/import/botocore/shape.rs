//! Shapes and their members.

use std::collections::{BTreeMap, BTreeSet};

use super::super::json::Json;
use super::metadata::Service;
use super::{LeftOut, only};
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Fields, is_identifier, text};
use crate::source::{Entry, Node, Value};
use crate::{name, suggest};

const LEFT_OUT: &[LeftOut] = &[
    ("box", "every member of a wire type is optional"),
    ("contextParam", "the caller names the endpoint"),
    ("event", "the stream that holds it is what counts"),
    ("flattened", "the protocol writes no XML"),
    ("synthetic", "it is for other protocols of the service"),
    ("wrapper", "the protocol writes no XML"),
    ("xmlAttribute", "the protocol writes no XML"),
    ("xmlNamespace", "the protocol writes no XML"),
];

/// Fields that stand for a trait without a value.
const MARKS: &[(&str, &str)] = &[
    ("eventheader", "smithy.api#eventHeader"),
    ("eventpayload", "smithy.api#eventPayload"),
    ("eventstream", "smithy.api#streaming"),
    ("hostLabel", "smithy.api#hostLabel"),
    ("idempotencyToken", "smithy.api#idempotencyToken"),
    ("requiresLength", "smithy.api#requiresLength"),
    ("sensitive", "smithy.api#sensitive"),
    ("sparse", "smithy.api#sparse"),
    ("streaming", "smithy.api#streaming"),
];

const CARRIED: &[&str] = &[
    "deprecated",
    "deprecatedMessage",
    "deprecatedSince",
    "document",
    "documentation",
    "enum",
    "error",
    "exception",
    "fault",
    "jsonvalue",
    "key",
    "locationName",
    "max",
    "member",
    "members",
    "min",
    "pattern",
    "required",
    "retryable",
    "shape",
    "timestampFormat",
    "type",
    "union",
    "value",
];

const TYPES: &[&str] = &[
    "blob",
    "boolean",
    "double",
    "float",
    "integer",
    "list",
    "long",
    "map",
    "string",
    "structure",
    "timestamp",
];

pub(super) fn shape(entry: &Entry<'_>, service: &Service<'_>, diagnostics: &mut Diagnostics) -> Option<Json> {
    let fields = Fields::of(&entry.value, "a shape", diagnostics)?;
    known(&fields, diagnostics);
    let node = fields.require("type", diagnostics)?;
    let kind = text(node, "type", diagnostics)?;
    if !TYPES.contains(&kind) {
        diagnostics.report(
            Code::UnknownShapeType,
            &node.place,
            format!("botocore has no shape type {kind:?}"),
            suggest::hint(kind, TYPES.iter().copied(), format!("its types are {}", TYPES.join(", "))),
        );
        return None;
    }
    let kind = match kind {
        "structure" if is_true(fields.get("document")) => "document",
        "structure" if is_true(fields.get("union")) || is_true(fields.get("eventstream")) => "union",
        "string" if fields.get("enum").is_some() => "enum",
        other => other,
    };
    let mut made = vec![("type".to_owned(), Json::text(kind))];
    match kind {
        "structure" | "union" => {
            let required: BTreeSet<&str> =
                fields.array("required", diagnostics).iter().filter_map(Node::as_str).collect();
            let members = fields.object("members", diagnostics);
            let members = members
                .iter()
                .filter_map(|one| Some((one.key.clone(), member(one, &required, service, diagnostics)?)));
            made.push(("members".to_owned(), Json::Object(members.collect())));
        }
        "enum" => made.push(("members".to_owned(), enum_members(&fields, diagnostics))),
        "list" => made.extend(part("member", &fields, service, diagnostics)),
        "map" => {
            made.extend(part("key", &fields, service, diagnostics));
            made.extend(part("value", &fields, service, diagnostics));
        }
        _ => {}
    }
    let mut traits = traits(&fields);
    traits.extend(bounds(kind, &fields));
    traits.extend(error(&fields, service));
    if !traits.is_empty() {
        made.push(("traits".to_owned(), Json::Object(traits)));
    }
    Some(Json::Object(made))
}

/// A reference to a shape.
pub(super) fn target(node: &Node<'_>, service: &Service<'_>, diagnostics: &mut Diagnostics) -> Option<Json> {
    let fields = Fields::of(node, "a reference", diagnostics)?;
    known(&fields, diagnostics);
    let name = fields.require("shape", diagnostics)?;
    Some(Json::target(service.qualify(text(name, "shape", diagnostics)?)))
}

pub(super) fn is_true(node: Option<&Node<'_>>) -> bool {
    node.is_some_and(|node| node.value == Value::Boolean(true))
}

pub(super) fn deprecation(fields: &Fields<'_, '_>) -> Option<(String, Json)> {
    let parts = [("deprecatedMessage", "message"), ("deprecatedSince", "since")];
    let parts = parts.into_iter().filter_map(|(from, to)| Some((to.to_owned(), Json::of(fields.get(from)?))));
    is_true(fields.get("deprecated"))
        .then(|| ("smithy.api#deprecated".to_owned(), Json::Object(parts.collect())))
}

fn known(fields: &Fields<'_, '_>, diagnostics: &mut Diagnostics) {
    let carried: Vec<&str> = CARRIED.iter().copied().chain(MARKS.iter().map(|(name, _)| *name)).collect();
    only(fields, &carried, LEFT_OUT, diagnostics);
}

fn part(
    name: &str,
    fields: &Fields<'_, '_>,
    service: &Service<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(String, Json)> {
    let node = fields.require(name, diagnostics)?;
    Some((name.to_owned(), target(node, service, diagnostics)?))
}

fn member(
    entry: &Entry<'_>,
    required: &BTreeSet<&str>,
    service: &Service<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Json> {
    let Json::Object(mut made) = target(&entry.value, service, diagnostics)? else { return None };
    let fields = Fields::of(&entry.value, "a member", diagnostics)?;
    if let Some(name) = fields.get("locationName")
        && name.as_str() != Some(&entry.key)
    {
        diagnostics.report(
            Code::UnsupportedFeature,
            &name.place,
            format!("the member {} has another name on the wire", entry.key),
            "the protocols awsJson have members under their own names: no model says otherwise",
        );
    }
    let mut traits = traits(&fields);
    if required.contains(entry.key.as_str()) {
        traits.push(("smithy.api#required".to_owned(), Json::empty()));
    }
    if !traits.is_empty() {
        made.push(("traits".to_owned(), Json::Object(traits)));
    }
    Some(Json::Object(made))
}

/// Traits that a shape and a member may carry alike.
fn traits(fields: &Fields<'_, '_>) -> Vec<(String, Json)> {
    let mut traits = Vec::new();
    let documentation = fields.get("documentation").filter(|node| node.as_str() != Some(""));
    traits.extend(documentation.map(|node| ("smithy.api#documentation".to_owned(), Json::of(node))));
    for (name, id) in MARKS {
        if is_true(fields.get(name)) {
            traits.push(((*id).to_owned(), Json::empty()));
        }
    }
    if is_true(fields.get("jsonvalue")) {
        traits.push(("smithy.api#mediaType".to_owned(), Json::text("application/json")));
    }
    traits.extend(deprecation(fields));
    if let Some(format) = fields.get("timestampFormat").and_then(Node::as_str) {
        let format = match format {
            "iso8601" => "date-time",
            "rfc822" => "http-date",
            "unixTimestamp" => "epoch-seconds",
            other => other,
        };
        traits.push(("smithy.api#timestampFormat".to_owned(), Json::text(format)));
    }
    traits
}

fn bounds(kind: &str, fields: &Fields<'_, '_>) -> Vec<(String, Json)> {
    let ends: Vec<(String, Json)> = ["min", "max"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), Json::of(fields.get(name)?))))
        .collect();
    let mut traits = Vec::new();
    // The values of an enum say it all.
    if !ends.is_empty() && kind != "enum" {
        let is_number = matches!(kind, "integer" | "long" | "float" | "double");
        let id = if is_number { "smithy.api#range" } else { "smithy.api#length" };
        traits.push((id.to_owned(), Json::Object(ends)));
    }
    if let Some(pattern) = fields.get("pattern").filter(|_| kind != "enum") {
        traits.push(("smithy.api#pattern".to_owned(), Json::of(pattern)));
    }
    traits
}

fn error(fields: &Fields<'_, '_>, service: &Service<'_>) -> Vec<(String, Json)> {
    let error = fields.get("error");
    if !is_true(fields.get("exception")) && error.is_none() {
        return Vec::new();
    }
    let sender = error.and_then(|error| error.get("senderFault"));
    let server = is_true(fields.get("fault")) || sender.is_some_and(|node| !is_true(Some(node)));
    let side = if server { "server" } else { "client" };
    let mut traits = vec![("smithy.api#error".to_owned(), Json::text(side))];
    let status = error.and_then(|error| error.get("httpStatusCode"));
    traits.extend(status.map(|status| ("smithy.api#httpError".to_owned(), Json::of(status))));
    if let Some(code) = error.and_then(|error| error.get("code")).filter(|_| service.is_query_compatible()) {
        let status = status.map(|status| ("httpResponseCode".to_owned(), Json::of(status)));
        let parts = [("code".to_owned(), Json::of(code))].into_iter().chain(status).collect();
        traits.push(("aws.protocols#awsQueryError".to_owned(), Json::Object(parts)));
    }
    if let Some(retry) = fields.get("retryable") {
        traits.push(("smithy.api#retryable".to_owned(), Json::of(retry)));
    }
    traits
}

/// A member for each value: named as the value is, as far as that is a name.
fn enum_members(fields: &Fields<'_, '_>, diagnostics: &mut Diagnostics) -> Json {
    let mut members: Vec<(String, Json)> = Vec::new();
    let (mut taken, mut times) = (BTreeSet::new(), BTreeMap::new());
    for node in fields.array("enum", diagnostics) {
        let Some(value) = text(node, "a value of an enum", diagnostics) else { continue };
        let mut name: String =
            value.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '_' }).collect();
        if !is_identifier(&name) {
            name.insert_str(0, "VALUE_");
        }
        // Of several that would be one name in Rust, each but the first has a number.
        let stem = name.clone();
        while !taken.insert(name::variant(&name)) {
            let times = times.entry(stem.clone()).or_insert(1_usize);
            *times += 1;
            name = format!("{stem}_{times}");
        }
        let traits = Json::Object(vec![("smithy.api#enumValue".to_owned(), Json::text(value))]);
        let member =
            vec![("target".to_owned(), Json::text("smithy.api#Unit")), ("traits".to_owned(), traits)];
        members.push((name, Json::Object(member)));
    }
    Json::Object(members)
}
