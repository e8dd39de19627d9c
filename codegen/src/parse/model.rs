//! The syntax of a Smithy model, in its JSON form.

use super::field::{Fields, text};
use super::{is_identifier, is_shape_id};
use crate::diagnostic::{Code, Diagnostics};
use crate::source::{Entry, Node, Place};
use crate::suggest;

/// The shapes of a file in its order.
#[derive(Debug)]
pub(crate) struct Model<'n, 's> {
    pub(crate) place: Place<'s>,
    pub(crate) shapes: Vec<Shape<'n, 's>>,
}

/// One shape.
#[derive(Debug)]
pub(crate) struct Shape<'n, 's> {
    pub(crate) id: &'n str,
    /// Its key.
    pub(crate) place: &'n Place<'s>,
    /// The text of its type, and where that stands.
    pub(crate) kind: &'n str,
    pub(crate) kind_place: &'n Place<'s>,
    pub(crate) body: Body<'n, 's>,
    pub(crate) traits: Vec<Trait<'n, 's>>,
    /// The shapes whose members and traits it takes over.
    pub(crate) mixins: Vec<Target<'n, 's>>,
}

/// What belongs to a shape of some type.
#[derive(Debug)]
pub(crate) enum Body<'n, 's> {
    Service {
        operations: Vec<Target<'n, 's>>,
        errors: Vec<Target<'n, 's>>,
        resources: Option<&'n Place<'s>>,
    },
    Operation {
        input: Option<Target<'n, 's>>,
        output: Option<Target<'n, 's>>,
        errors: Vec<Target<'n, 's>>,
    },
    /// A structure or a union.
    Structure(Vec<Member<'n, 's>>),
    /// An enum of texts or of numbers.
    Enum(Vec<Member<'n, 's>>),
    List(Option<Member<'n, 's>>),
    Map {
        key: Option<Member<'n, 's>>,
        value: Option<Member<'n, 's>>,
    },
    Simple,
    /// A type of Smithy that the generator refuses, with the reason.
    Unsupported(&'static str),
    /// A type that is missing or unknown, which has been reported: what it holds is judged all the same.
    Unread(Vec<Member<'n, 's>>),
}

/// A member of a shape, in whatever role.
#[derive(Clone, Debug)]
pub(crate) struct Member<'n, 's> {
    pub(crate) name: &'n str,
    /// Its key.
    pub(crate) place: &'n Place<'s>,
    pub(crate) target: Target<'n, 's>,
    pub(crate) traits: Vec<Trait<'n, 's>>,
}

/// A reference to a shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'n, 's> {
    pub(crate) id: &'n str,
    pub(crate) place: &'n Place<'s>,
}

/// A trait on a shape or a member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trait<'n, 's> {
    pub(crate) id: &'n str,
    /// Its key.
    pub(crate) place: &'n Place<'s>,
    pub(crate) value: &'n Node<'s>,
}

const TYPES: &[&str] = &[
    "apply",
    "bigDecimal",
    "bigInteger",
    "blob",
    "boolean",
    "byte",
    "document",
    "double",
    "enum",
    "float",
    "intEnum",
    "integer",
    "list",
    "long",
    "map",
    "operation",
    "resource",
    "service",
    "set",
    "short",
    "string",
    "structure",
    "timestamp",
    "union",
];

/// What stands for the type of a shape that has none.
pub(crate) const UNREAD: &str = "unknown";

/// Reads a model file.
pub(crate) fn model<'n, 's>(root: &'n Node<'s>, diagnostics: &mut Diagnostics) -> Option<Model<'n, 's>> {
    let fields = Fields::of(root, "a model", diagnostics)?;
    fields.only(&["smithy", "metadata", "shapes"], diagnostics);
    if let Some(node) = fields.require("smithy", diagnostics)
        && let Some(version) = text(node, "smithy", diagnostics)
        && version != "2.0"
        && version != "2"
    {
        diagnostics.report(
            Code::WrongVersion,
            &node.place,
            format!("this is a model of Smithy {version}, not 2.0"),
            "convert it with the Smithy command line: smithy upgrade-1-to-2",
        );
    }
    fields.require("shapes", diagnostics);
    let shapes = fields.object("shapes", diagnostics);
    let shapes = shapes.iter().filter_map(|entry| shape(entry, diagnostics)).collect();
    Some(Model { place: root.place.clone(), shapes })
}

fn shape<'n, 's>(entry: &'n Entry<'s>, diagnostics: &mut Diagnostics) -> Option<Shape<'n, 's>> {
    if !is_shape_id(&entry.key) {
        bad_shape_id(&entry.key, &entry.place, diagnostics);
    }
    let fields = Fields::of(&entry.value, "a shape", diagnostics)?;
    let kind_node = fields.require("type", diagnostics);
    let kind_place = kind_node.map_or(&entry.value.place, |node| &node.place);
    let kind = kind_node.and_then(|node| text(node, "type", diagnostics)).unwrap_or(UNREAD);
    let (known, body): (&[&str], _) = match kind {
        "service" => (
            &["type", "version", "operations", "errors", "resources", "rename", "traits", "mixins"],
            Body::Service {
                operations: targets(fields.array("operations", diagnostics), diagnostics),
                errors: targets(fields.array("errors", diagnostics), diagnostics),
                resources: fields.get("resources").map(|node| &node.place),
            },
        ),
        "operation" => (
            &["type", "input", "output", "errors", "traits", "mixins"],
            Body::Operation {
                input: fields.get("input").and_then(|node| target(node, diagnostics)),
                output: fields.get("output").and_then(|node| target(node, diagnostics)),
                errors: targets(fields.array("errors", diagnostics), diagnostics),
            },
        ),
        "structure" | "union" | "enum" | "intEnum" => {
            let members = fields.object("members", diagnostics);
            let members = members.iter().filter_map(|entry| named_member(entry, diagnostics)).collect();
            let is_enum = matches!(kind, "enum" | "intEnum");
            let body = if is_enum { Body::Enum(members) } else { Body::Structure(members) };
            (&["type", "members", "traits", "mixins"], body)
        }
        "list" => {
            let member = part(&fields, "member", diagnostics);
            (&["type", "member", "traits", "mixins"], Body::List(member))
        }
        "map" => {
            let key = part(&fields, "key", diagnostics);
            let value = part(&fields, "value", diagnostics);
            (&["type", "key", "value", "traits", "mixins"], Body::Map { key, value })
        }
        "bigDecimal" | "bigInteger" | "blob" | "boolean" | "byte" | "document" | "double" | "float"
        | "integer" | "long" | "short" | "string" | "timestamp" => {
            (&["type", "traits", "mixins"], Body::Simple)
        }
        _ if TYPES.contains(&kind) => (&[], Body::Unsupported(refusal(kind))),
        _ => {
            if kind != UNREAD {
                diagnostics.report(
                    Code::UnknownShapeType,
                    kind_place,
                    format!("Smithy has no shape type {kind:?}"),
                    suggest::hint(kind, TYPES.iter().copied(), "the Smithy specification lists the types"),
                );
            }
            (&[], Body::Unread(all_members(&fields, diagnostics)))
        }
    };
    if !known.is_empty() {
        fields.only(known, diagnostics);
    }
    Some(Shape {
        id: &entry.key,
        place: &entry.place,
        kind: if matches!(body, Body::Unread(_)) { UNREAD } else { kind },
        kind_place,
        body,
        traits: traits(fields.object("traits", diagnostics)),
        mixins: targets(fields.array("mixins", diagnostics), diagnostics),
    })
}

/// Every member of a shape whose type is not known.
fn all_members<'n, 's>(fields: &Fields<'n, 's>, diagnostics: &mut Diagnostics) -> Vec<Member<'n, 's>> {
    let members = fields.object("members", diagnostics);
    let mut members: Vec<_> = members.iter().filter_map(|entry| named_member(entry, diagnostics)).collect();
    for name in ["member", "key", "value"] {
        if let Some(node) = fields.get(name) {
            members.extend(member(name, &node.place, node, diagnostics));
        }
    }
    members
}

fn refusal(kind: &str) -> &'static str {
    match kind {
        "apply" => "a statement about another shape belongs in the overlay, which says its evidence",
        "resource" => "operations are read from the service itself",
        _ => "Smithy 2.0 has lists in its place",
    }
}

fn named_member<'n, 's>(entry: &'n Entry<'s>, diagnostics: &mut Diagnostics) -> Option<Member<'n, 's>> {
    if !is_identifier(&entry.key) {
        diagnostics.report(
            Code::BadName,
            &entry.place,
            format!("{:?} is no member name", entry.key),
            "a name has letters, digits and underscores, and no digit in front",
        );
        return None;
    }
    member(&entry.key, &entry.place, &entry.value, diagnostics)
}

/// The member of a list or a map, whose name is fixed.
fn part<'n, 's>(
    fields: &Fields<'n, 's>,
    name: &'n str,
    diagnostics: &mut Diagnostics,
) -> Option<Member<'n, 's>> {
    let node = fields.require(name, diagnostics)?;
    member(name, &node.place, node, diagnostics)
}

fn member<'n, 's>(
    name: &'n str,
    place: &'n Place<'s>,
    node: &'n Node<'s>,
    diagnostics: &mut Diagnostics,
) -> Option<Member<'n, 's>> {
    let fields = Fields::of(node, "a member", diagnostics)?;
    fields.only(&["target", "traits"], diagnostics);
    let traits = traits(fields.object("traits", diagnostics));
    let target = id(fields.require("target", diagnostics)?, diagnostics)?;
    Some(Member { name, place, target, traits })
}

fn targets<'n, 's>(nodes: &'n [Node<'s>], diagnostics: &mut Diagnostics) -> Vec<Target<'n, 's>> {
    nodes.iter().filter_map(|node| target(node, diagnostics)).collect()
}

fn target<'n, 's>(node: &'n Node<'s>, diagnostics: &mut Diagnostics) -> Option<Target<'n, 's>> {
    let fields = Fields::of(node, "a reference", diagnostics)?;
    fields.only(&["target"], diagnostics);
    id(fields.require("target", diagnostics)?, diagnostics)
}

fn id<'n, 's>(node: &'n Node<'s>, diagnostics: &mut Diagnostics) -> Option<Target<'n, 's>> {
    let id = text(node, "target", diagnostics)?;
    if !is_shape_id(id) {
        bad_shape_id(id, &node.place, diagnostics);
        return None;
    }
    Some(Target { id, place: &node.place })
}

pub(super) fn traits<'n, 's>(entries: &'n [Entry<'s>]) -> Vec<Trait<'n, 's>> {
    entries.iter().map(|entry| Trait { id: &entry.key, place: &entry.place, value: &entry.value }).collect()
}

pub(super) fn bad_shape_id(id: &str, place: &Place<'_>, diagnostics: &mut Diagnostics) {
    diagnostics.report(
        Code::BadShapeId,
        place,
        format!("{id:?} is no shape id"),
        "a shape id is namespace#Name, such as smithy.api#String",
    );
}
