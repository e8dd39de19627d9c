//! The shapes that the operations reach, sorted by id.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use super::circle::{Edges, circles};
use super::member::variant;
use crate::diagnostic::Code;
use crate::lower::{members, prelude_kind};
use crate::model::{Kind, Member, Shape, ShapeIndex};
use crate::name;
use crate::parse::{self, Body};

impl Checker<'_, '_, '_, '_> {
    pub(super) fn shapes(&mut self) -> Vec<Shape> {
        let reached: Vec<&str> = self.scope.reached.iter().copied().collect();
        let errors = self.error_ids();
        self.refuse_endless(&reached);
        let circles = circles(&self.edges(&reached, &["structure", "union"]));
        let mut shapes = Vec::new();
        for id in &reached {
            let declared = self.scope.shapes.get(id).copied();
            let kind = match declared {
                Some(shape) => self.kind(shape, &reached, &circles),
                None => prelude_kind(id).and_then(simple).unwrap_or(Kind::Structure(Vec::new())),
            };
            if let Some(shape) = declared {
                self.judge_shape_statements(shape);
            }
            let name = id.split_once('#').map_or(*id, |(_, name)| name);
            shapes.push(Shape {
                id: (*id).to_owned(),
                documentation: self.documentation_of(id),
                type_name: name::type_name(name),
                constant: self.constant_of(id),
                kind,
                is_error: errors.contains(*id),
                response: !self.scope.requested.contains(id),
            });
        }
        shapes
    }

    /// The part of a static's name that a shape, or as `shape$member` a member, has.
    pub(super) fn constant_of(&self, subject: &str) -> String {
        let (shape, member) =
            subject.split_once('$').map_or((subject, None), |(shape, member)| (shape, Some(member)));
        let constant = self.constants.get(shape).cloned().unwrap_or_default();
        match member {
            Some(member) => format!("{constant}__{}", name::constant(member)),
            None => constant,
        }
    }

    fn error_ids(&self) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for shape in self.scope.operations.iter().chain([&self.scope.service]) {
            if let Body::Operation { errors, .. } | Body::Service { errors, .. } = &shape.body {
                ids.extend(errors.iter().map(|error| error.id.to_owned()));
            }
        }
        ids
    }

    fn kind(
        &mut self,
        shape: &parse::Shape<'_, '_>,
        reached: &[&str],
        circles: &BTreeMap<&str, usize>,
    ) -> Kind {
        match &shape.body {
            Body::Structure(members) => {
                let members =
                    members.iter().filter_map(|one| self.member(shape, one, reached, circles)).collect();
                if shape.kind == "union" { Kind::Union(members) } else { Kind::Structure(members) }
            }
            Body::List(Some(member)) => match self.member(shape, member, reached, circles) {
                Some(member) => Kind::List(Box::new(member)),
                None => Kind::String,
            },
            Body::Map { key: Some(key), value: Some(value) } => {
                let key = self.member(shape, key, reached, circles);
                let value = self.member(shape, value, reached, circles);
                match (key, value) {
                    (Some(key), Some(value)) => Kind::Map { key: Box::new(key), value: Box::new(value) },
                    _ => Kind::String,
                }
            }
            Body::Enum(values) if shape.kind == "intEnum" => {
                Kind::IntEnum(self.int_enum_values(shape, values))
            }
            Body::Enum(values) => Kind::Enum(self.enum_values(shape, values)),
            // A shape of another body has been reported; what stands in its place is never rendered.
            _ => simple(shape.kind).unwrap_or(Kind::String),
        }
    }

    /// A member, unless its target is none that a member can have: that has been reported.
    fn member(
        &mut self,
        shape: &parse::Shape<'_, '_>,
        member: &parse::Member<'_, '_>,
        reached: &[&str],
        circles: &BTreeMap<&str, usize>,
    ) -> Option<Member> {
        let id = format!("{}${}", shape.id, member.name);
        let constraints = self.constraints(shape, member);
        let mut there: Vec<&str> = constraints.iter().map(|constraint| constraint.kind.name()).collect();
        there.dedup();
        self.judge_statements(&id, &there);
        let target = reached.binary_search(&member.target.id).ok()?;
        let boxed = matches!(shape.body, Body::Structure(_))
            && circles.get(shape.id).is_some_and(|circle| circles.get(member.target.id) == Some(circle));
        let constant = self.constant_of(&id);
        Some(Member {
            documentation: self.documentation_of(&id),
            field: match shape.kind {
                "union" => variant(member.name),
                _ => name::field(member.name),
            },
            name: member.name.to_owned(),
            id,
            constant,
            target: ShapeIndex(target),
            boxed,
            constraints,
            traits: self.member_traits(shape, member),
        })
    }

    /// Statements about a shape can speak of what any member that targets it has.
    fn judge_shape_statements(&mut self, shape: &parse::Shape<'_, '_>) {
        if !self.has_statements(shape.id) {
            return;
        }
        let mut there = Vec::new();
        for (constraint, id) in [("required", "smithy.api#required"), ("excludes", "ecrspec.api#excludes")] {
            if self.has_member_with(shape.id, id) {
                there.push(constraint);
            }
        }
        let has = |id| self.scope.find(shape.id, id);
        if let Some(applied) = has("smithy.api#length") {
            there.extend(ends(applied.line.value, "length.min", "length.max"));
        }
        if let Some(applied) = has("smithy.api#range") {
            there.extend(ends(applied.line.value, "range.min", "range.max"));
        }
        if has("smithy.api#pattern").or(has("ecrspec.api#requestPattern")).is_some() {
            there.push("pattern");
        }
        if matches!(shape.body, Body::Enum(_)) {
            there.push("enum");
        }
        if has("smithy.api#uniqueItems").is_some() {
            there.push("uniqueItems");
        }
        self.judge_statements(shape.id, &there);
    }

    /// Whether some member that is reached targets the shape and carries the trait.
    fn has_member_with(&self, target: &str, id: &str) -> bool {
        self.scope.reached.iter().filter_map(|holder| self.scope.shapes.get(holder)).any(|holder| {
            members(holder).iter().any(|member| {
                member.target.id == target
                    && self.scope.find(&format!("{}${}", holder.id, member.name), id).is_some()
            })
        })
    }

    /// Reports lists and maps that hold themselves with no structure between, each circle once.
    fn refuse_endless(&mut self, reached: &[&str]) {
        let edges = self.edges(reached, &["list", "map"]);
        let circles = circles(&edges);
        let mut reported: BTreeSet<usize> = BTreeSet::new();
        for (id, targets) in &edges {
            let Some(circle) = circles.get(id) else { continue };
            let endless = targets.iter().any(|target| circles.get(target) == Some(circle));
            if endless
                && reported.insert(*circle)
                && let Some(shape) = self.scope.shapes.get(id)
            {
                self.diagnostics.report(
                    Code::UnboxedRecursion,
                    shape.place,
                    format!("{id} holds itself with no structure between"),
                    "put a structure into the circle",
                );
            }
        }
    }

    /// Which shapes of these types hold which others of them as direct members.
    fn edges<'a>(&self, reached: &[&'a str], kinds: &[&str]) -> Edges<'a> {
        let mut edges = BTreeMap::new();
        for id in reached {
            let Some(shape) = self.scope.shapes.get(id).filter(|shape| kinds.contains(&shape.kind)) else {
                continue;
            };
            let targets: BTreeSet<&str> = members(shape).iter().map(|member| member.target.id).collect();
            let targets = targets
                .into_iter()
                .filter(|target| self.scope.kind(target).is_some_and(|kind| kinds.contains(&kind)));
            let targets = targets.filter_map(|target| {
                reached.binary_search(&target).ok().and_then(|index| reached.get(index)).copied()
            });
            edges.insert(*id, targets.collect());
        }
        edges
    }
}

/// The names of statics by shape: two that would be alike are told apart by a number.
pub(super) fn constants<'n>(reached: &BTreeSet<&'n str>) -> BTreeMap<&'n str, String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut constants = BTreeMap::new();
    for id in reached {
        let (namespace, name) = id.split_once('#').unwrap_or(("", id));
        let own = match prelude_kind(id) {
            Some(_) => name::constant(&format!("{}_{name}", namespace.replace('.', "_"))),
            None => name::constant(name),
        };
        let mut free = own.clone();
        while !taken.insert(free.clone()) {
            let number = numbers.entry(own.clone()).or_insert(1);
            *number += 1;
            free = format!("{own}_{number}");
        }
        constants.insert(*id, free);
    }
    constants
}

fn ends<'a>(
    node: &crate::source::Node<'_>,
    least: &'a str,
    greatest: &'a str,
) -> impl Iterator<Item = &'a str> {
    let least = node.get("min").map(|_| least);
    let greatest = node.get("max").map(|_| greatest);
    least.into_iter().chain(greatest)
}

fn simple(kind: &str) -> Option<Kind> {
    Some(match kind {
        "string" => Kind::String,
        "blob" => Kind::Blob,
        "boolean" => Kind::Boolean,
        "byte" => Kind::Byte,
        "short" => Kind::Short,
        "bigInteger" => Kind::BigInteger,
        "bigDecimal" => Kind::BigDecimal,
        "document" => Kind::Document,
        "integer" => Kind::Integer,
        "long" => Kind::Long,
        "float" => Kind::Float,
        "double" => Kind::Double,
        "timestamp" => Kind::Timestamp,
        _ => return None,
    })
}
