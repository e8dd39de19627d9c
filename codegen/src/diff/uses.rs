//! Where requests and responses have a shape or a member.
//!
//! In: a model and the operations that count. Out: for each shape, member and list element its places. What must
//! stay true: every shape that is reached is found; a shape within itself is followed once, and not endlessly deep.

use std::collections::{BTreeMap, BTreeSet};

use super::{Body, Use};
use crate::model::{Kind, Member, Model, Operation, ShapeIndex};

/// The places of each subject.
pub(super) type Uses = BTreeMap<String, Vec<Use>>;

/// How often a shape is followed in one body: more places of it say no more.
const MOST_VISITS: usize = 8;
/// How deep a body is followed: deeper places say no more.
const DEEPEST: usize = 64;

/// The shapes that the operations reach. Recursion would be as deep as a model likes, so the work is a list.
pub(super) fn reached(model: &Model, operations: &[&Operation]) -> BTreeSet<ShapeIndex> {
    let ends = operations.iter().flat_map(|operation| {
        let errors = operation.errors.iter().map(|error| error.shape);
        errors.chain([operation.input, operation.output])
    });
    let mut open: Vec<ShapeIndex> = ends.collect();
    let mut reached = BTreeSet::new();
    while let Some(index) = open.pop() {
        if reached.insert(index) {
            open.extend(members(&model.shape(index).kind).iter().map(|member| member.target));
        }
    }
    reached
}

pub(super) fn find(model: &Model, operations: &[&Operation]) -> Uses {
    let mut uses = Uses::new();
    for operation in operations {
        let mut walk = |body: Body, shape: ShapeIndex| {
            let at = Use { operation: operation.name.clone(), body, path: String::new() };
            let mut walk = Walk { model, above: Vec::new(), visits: BTreeMap::new(), uses: &mut uses };
            walk.visit(shape, &at);
        };
        walk(Body::Request, operation.input);
        walk(Body::Response, operation.output);
        for error in &operation.errors {
            let name = super::without_namespace(&model.shape(error.shape).id).to_owned();
            walk(Body::Error(name), error.shape);
        }
    }
    for places in uses.values_mut() {
        places.sort();
        places.dedup();
    }
    uses
}

/// The way through one body.
struct Walk<'a> {
    model: &'a Model,
    above: Vec<ShapeIndex>,
    visits: BTreeMap<ShapeIndex, usize>,
    uses: &'a mut Uses,
}

impl Walk<'_> {
    fn visit(&mut self, index: ShapeIndex, at: &Use) {
        let visits = self.visits.entry(index).or_default();
        if self.above.len() == DEEPEST || self.above.contains(&index) || *visits == MOST_VISITS {
            return;
        }
        *visits += 1;
        let shape = self.model.shape(index);
        self.note(&shape.id, at);
        self.above.push(index);
        let is_named = matches!(shape.kind, Kind::Structure(_) | Kind::Union(_));
        for member in members(&shape.kind) {
            let mut below = at.clone();
            if is_named {
                let dot = if below.path.is_empty() { "" } else { "." };
                below.path.push_str(dot);
                below.path.push_str(&member.name);
            }
            self.note(&member.id, &below);
            self.visit(member.target, &below);
        }
        self.above.pop();
    }

    fn note(&mut self, subject: &str, at: &Use) {
        self.uses.entry(subject.to_owned()).or_default().push(at.clone());
    }
}

/// The members of a shape, in whatever role.
pub(super) fn members(kind: &Kind) -> Vec<&Member> {
    match kind {
        Kind::Structure(members) | Kind::Union(members) => members.iter().collect(),
        Kind::List(member) => vec![member],
        Kind::Map { key, value } => vec![key, value],
        _ => Vec::new(),
    }
}
