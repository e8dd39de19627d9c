//! One of the two models, as far as it counts.
//!
//! In: a model and the names of operations. Out: what those reach, and how a value of it is typed. What must stay
//! true: what Smithy itself brings is no part of an API.

use std::collections::{BTreeMap, BTreeSet};

use super::constraint;
use super::uses::{self, Uses, members};
use crate::model::{Constraint, ConstraintKind, Kind, Member, Model, Operation, Shape, Trait};

/// How deep lists and maps in one another are spelled out.
const DEEPEST_TYPE: usize = 16;

/// One model, as far as it counts.
pub(super) struct Side<'m> {
    pub(super) model: &'m Model,
    pub(super) operations: Vec<&'m Operation>,
    pub(super) uses: Uses,
    /// The ids of shapes, members, operations and the service.
    subjects: BTreeSet<&'m str>,
    /// The shapes that those operations reach.
    pub(super) all: BTreeMap<&'m str, &'m Shape>,
    /// Those that an operation reaches which both sides have.
    pub(super) shapes: BTreeMap<&'m str, &'m Shape>,
    whole: bool,
}

impl<'m> Side<'m> {
    /// A model as far as the operations of these names count; all of them where there is none. `shared` says
    /// which of them the other side has too.
    pub(super) fn new(
        model: &'m Model,
        names: &[String],
        whole: bool,
        shared: impl Fn(&str) -> bool,
    ) -> Self {
        let counts = |operation: &&Operation| names.is_empty() || names.contains(&operation.name);
        let operations: Vec<&Operation> = model.operations.iter().filter(counts).collect();
        let uses = uses::find(model, &operations);
        let reached = |operations: &[&Operation]| -> BTreeMap<&'m str, &'m Shape> {
            let shapes = uses::reached(model, operations).into_iter().map(|index| model.shape(index));
            let shapes = shapes.filter(|shape| !shape.id.starts_with("smithy.api#"));
            shapes.map(|shape| (shape.id.as_str(), shape)).collect()
        };
        let all = reached(&operations);
        let both: Vec<&Operation> =
            operations.iter().copied().filter(|operation| shared(&operation.name)).collect();
        let shapes = reached(&both);
        let of_shapes = all.values().flat_map(|shape| members(&shape.kind)).map(|member| member.id.as_str());
        let mut subjects: BTreeSet<&str> = all.keys().copied().chain(of_shapes).collect();
        subjects.extend(operations.iter().map(|operation| operation.id.as_str()));
        subjects.insert(&model.service.id);
        Self { model, operations, uses, subjects, all, shapes, whole }
    }

    pub(super) fn operation(&self, name: &str) -> Option<&'m Operation> {
        self.operations.iter().copied().find(|operation| operation.name == name)
    }

    /// Whether a shape, a member or the service is there, as far as it counts.
    pub(super) fn has(&self, subject: &str) -> bool {
        self.subjects.contains(subject)
    }

    /// The constraints in force on a member, patterns as the API means them.
    pub(super) fn constraints(
        &self,
        member: &'m Member,
    ) -> impl Iterator<Item = (&'m Constraint, ConstraintKind)> {
        let kind = |constraint: &Constraint| {
            if self.whole { constraint::whole(&constraint.kind) } else { constraint.kind.clone() }
        };
        member.constraints.iter().map(move |constraint| (constraint, kind(constraint)))
    }

    /// The type of a member's value in Rust, without paths.
    pub(super) fn value_type(&self, member: &Member) -> String {
        self.value_type_to(member, DEEPEST_TYPE)
    }

    fn value_type_to(&self, member: &Member, depth: usize) -> String {
        let Some(depth) = depth.checked_sub(1) else { return "…".to_owned() };
        let shape = self.model.shape(member.target);
        let element = |member: &Member| {
            let value = self.value_type_to(member, depth);
            if member.has(&Trait::Sparse) { format!("Option<{value}>") } else { value }
        };
        let name = match &shape.kind {
            Kind::Structure(_) | Kind::Union(_) | Kind::Enum(_) | Kind::IntEnum(_) => {
                return shape.type_name.clone();
            }
            Kind::List(member) => return format!("Vec<{}>", element(member)),
            Kind::Map { key, value } => {
                return format!("BTreeMap<{}, {}>", self.value_type_to(key, depth), element(value));
            }
            Kind::Timestamp if member.has(&Trait::DateTime) => "DateTime",
            Kind::Timestamp if member.has(&Trait::HttpDate) => "HttpDate",
            Kind::Timestamp => "Timestamp",
            Kind::String => "String",
            Kind::Blob => "Blob",
            Kind::Boolean => "bool",
            Kind::Byte => "i8",
            Kind::Short => "i16",
            Kind::Integer => "i32",
            Kind::Long => "i64",
            Kind::Float => "f32",
            Kind::Double => "f64",
            Kind::BigInteger => "BigInteger",
            Kind::BigDecimal => "BigDecimal",
            Kind::Document => "Document",
        };
        name.to_owned()
    }
}

/// The type of a shape as Smithy calls it.
pub(super) fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Structure(_) => "structure",
        Kind::Union(_) => "union",
        Kind::List(_) => "list",
        Kind::Map { .. } => "map",
        Kind::Enum(_) => "enum",
        Kind::IntEnum(_) => "intEnum",
        Kind::String => "string",
        Kind::Blob => "blob",
        Kind::Boolean => "boolean",
        Kind::Byte => "byte",
        Kind::Short => "short",
        Kind::Integer => "integer",
        Kind::Long => "long",
        Kind::Float => "float",
        Kind::Double => "double",
        Kind::BigInteger => "bigInteger",
        Kind::BigDecimal => "bigDecimal",
        Kind::Timestamp => "timestamp",
        Kind::Document => "document",
    }
}
