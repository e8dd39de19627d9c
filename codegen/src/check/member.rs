//! What belongs to the members of shapes: the values of enums, and what a model says of a value beside its
//! constraints.

use std::collections::{BTreeMap, BTreeSet};

use super::Checker;
use crate::diagnostic::Code;
use crate::lower::{Scope, members};
use crate::model::{EnumValue, IntEnumValue, Trait};
use crate::name;
use crate::parse::{self, Body};

impl Checker<'_, '_, '_, '_> {
    pub(super) fn enum_values(
        &mut self,
        shape: &parse::Shape<'_, '_>,
        members: &[parse::Member<'_, '_>],
    ) -> Vec<EnumValue> {
        if members.is_empty() {
            self.empty_enum(shape);
        }
        let mut values: Vec<EnumValue> = Vec::new();
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for member in members {
            let value = self.enum_value(shape.id, member);
            if let Some(earlier) = seen.insert(value.clone(), member.name) {
                self.diagnostics.report(
                    Code::DuplicateEnumValue,
                    member.place,
                    format!("the value {value:?} is there already, as {earlier}"),
                    "keep one of the two members",
                );
            }
            let id = format!("{}${}", shape.id, member.name);
            let documentation = self.documentation_of(&id);
            values.push(EnumValue { value, variant: variant(member.name), documentation });
        }
        values
    }

    pub(super) fn int_enum_values(
        &mut self,
        shape: &parse::Shape<'_, '_>,
        members: &[parse::Member<'_, '_>],
    ) -> Vec<IntEnumValue> {
        if members.is_empty() {
            self.empty_enum(shape);
        }
        let mut values: Vec<IntEnumValue> = Vec::new();
        let mut seen: BTreeMap<i32, &str> = BTreeMap::new();
        for member in members {
            let id = format!("{}${}", shape.id, member.name);
            if self.scope.find(&id, "smithy.api#enumValue").is_none() {
                self.diagnostics.report(
                    Code::MissingField,
                    member.place,
                    format!("{id} has no smithy.api#enumValue"),
                    "give each value of an intEnum its number",
                );
            }
            let Some(value) = self.int_enum_value(shape.id, member) else { continue };
            if let Some(earlier) = seen.insert(value, member.name) {
                self.diagnostics.report(
                    Code::DuplicateEnumValue,
                    member.place,
                    format!("the value {value} is there already, as {earlier}"),
                    "keep one of the two members",
                );
            }
            let documentation = self.documentation_of(&id);
            values.push(IntEnumValue { value, variant: variant(member.name), documentation });
        }
        values
    }

    fn empty_enum(&mut self, shape: &parse::Shape<'_, '_>) {
        self.diagnostics.report(
            Code::EmptyEnum,
            shape.place,
            format!("the enum {} has no value", shape.id),
            "add a member, or make it a string",
        );
    }

    /// What the model says of a member's value beside its constraints: the member itself, else its target.
    pub(super) fn member_traits(
        &self,
        shape: &parse::Shape<'_, '_>,
        member: &parse::Member<'_, '_>,
    ) -> Vec<Trait> {
        let id = format!("{}${}", shape.id, member.name);
        let has = |trait_id: &str| self.scope.find(&id, trait_id).is_some();
        let nearest =
            |trait_id: &str| self.text_of(&id, trait_id).or_else(|| self.text_of(member.target.id, trait_id));
        let sparse = matches!(shape.kind, "list" | "map")
            && matches!(member.name, "member" | "value")
            && self.scope.find(shape.id, "smithy.api#sparse").is_some();
        let format = match nearest("smithy.api#timestampFormat").as_deref() {
            Some("date-time") => Some(Trait::DateTime),
            Some("http-date") => Some(Trait::HttpDate),
            _ => None,
        };
        let is_text = self.scope.kind(member.target.id) == Some("string");
        let json = is_text && nearest("smithy.api#mediaType").is_some_and(|name| name == "application/json");
        let default = self.scope.find(&id, "smithy.api#default").and_then(|applied| {
            let place = &applied.line.value.place;
            place.source.text().get(place.span.start..place.span.end).map(str::to_owned)
        });
        [
            sparse.then_some(Trait::Sparse),
            format,
            json.then_some(Trait::JsonText),
            has("smithy.api#idempotencyToken").then_some(Trait::IdempotencyToken),
            has("smithy.api#hostLabel").then_some(Trait::HostLabel),
            self.is_sensitive(&id, member.target.id).then_some(Trait::Sensitive),
            default.filter(|default| default != "null").map(Trait::Default),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether no log may have a value.
    fn is_sensitive(&self, member: &str, target: &str) -> bool {
        self.sensitive.contains(target) || self.scope.find(member, "smithy.api#sensitive").is_some()
    }
}

/// The shapes whose values no log may have: those that are sensitive, and lists and maps of such.
pub(super) fn sensitive<'n>(scope: &Scope<'_, 'n, '_>) -> BTreeSet<&'n str> {
    let mut holders: BTreeMap<&str, Vec<&'n str>> = BTreeMap::new();
    let mut open: Vec<&'n str> = Vec::new();
    for (id, shape) in scope.reached.iter().filter_map(|id| Some((*id, *scope.shapes.get(id)?))) {
        if scope.find(id, "smithy.api#sensitive").is_some() {
            open.push(id);
        }
        if matches!(shape.body, Body::List(_) | Body::Map { .. }) {
            for member in members(shape) {
                holders.entry(member.target.id).or_default().push(id);
            }
        }
    }
    let mut sensitive = BTreeSet::new();
    while let Some(id) = open.pop() {
        if sensitive.insert(id) {
            open.extend(holders.get(id).into_iter().flatten());
        }
    }
    sensitive
}

/// The variant of a value or a union member: `Unknown` is taken.
pub(super) fn variant(name: &str) -> String {
    match name::variant(name) {
        taken if taken == "Unknown" => "Unknown_".to_owned(),
        free => free,
    }
}
