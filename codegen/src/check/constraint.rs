//! The constraints in force on a member: those of the member, else those of what it targets.

use super::{Checker, value};
use crate::diagnostic::Code;
use crate::lower::{Applied, members};
use crate::model::{CONSTRAINT_NAMES, Constraint, ConstraintKind, Enforced, Message, Sibling};
use crate::parse::{Body, Member, Shape};
use crate::source::{Entry, Place};
use crate::{name, suggest};

/// The traits that are about constraints, by the names of those.
const STATEMENTS: [&str; 2] = ["ecrspec.api#enforced", "ecrspec.api#messages"];

impl<'m, 'n, 's> Checker<'_, 'm, 'n, 's> {
    /// The trait on the member, or else on its target.
    fn nearest<'a>(&self, subjects: &[&'a str], id: &str) -> Option<(&'a str, Applied<'m, 'n, 's>)> {
        subjects.iter().find_map(|subject| Some((*subject, self.scope.find(subject, id)?)))
    }
}

impl Checker<'_, '_, '_, '_> {
    /// The constraints of a member, in the order in which they are checked.
    pub(super) fn constraints(&mut self, shape: &Shape<'_, '_>, member: &Member<'_, '_>) -> Vec<Constraint> {
        let member_id = format!("{}${}", shape.id, member.name);
        let target_id = member.target.id.to_owned();
        let own = [member_id.as_str(), target_id.as_str()];
        let mut found = Vec::new();

        if self.scope.find(&member_id, "smithy.api#required").is_some() {
            found.push(blank(ConstraintKind::Required, &member_id));
        }
        if let Some((subject, applied)) = self.nearest(&own, "smithy.api#length") {
            let bounds = value::bounds(applied.line.value);
            let unsigned = |bound: i64| u64::try_from(bound).ok();
            let least = bounds.least.and_then(unsigned).map(ConstraintKind::MinLength);
            let greatest = bounds.greatest.and_then(unsigned).map(ConstraintKind::MaxLength);
            found.extend(least.into_iter().chain(greatest).map(|kind| blank(kind, subject)));
        }
        if let Some((subject, applied)) = self.nearest(&own, "smithy.api#range") {
            let bounds = value::bounds(applied.line.value);
            let least = bounds.least.map(ConstraintKind::Minimum);
            let greatest = bounds.greatest.map(ConstraintKind::Maximum);
            found.extend(least.into_iter().chain(greatest).map(|kind| blank(kind, subject)));
            self.judge_default(&own, bounds);
        }
        let unchecked = self.nearest(&own, "ecrspec.api#uncheckedPattern").is_some();
        for (id, request_only) in [("smithy.api#pattern", false), ("ecrspec.api#requestPattern", true)] {
            let Some((subject, applied)) = self.nearest(&own, id) else { continue };
            let Some(source) = applied.line.value.as_str().filter(|_| !unchecked) else { continue };
            match self.patterns.make(source, self.matches_whole_text()) {
                Ok(pattern) => {
                    let mut constraint = blank(ConstraintKind::Pattern(pattern), subject);
                    constraint.request_only = request_only;
                    constraint.evidence.extend_from_slice(applied.evidence);
                    found.push(constraint);
                }
                Err(refusal) => self.diagnostics.report(
                    refusal.code,
                    &applied.line.value.place,
                    refusal.message.clone(),
                    refusal.hint.clone(),
                ),
            }
        }
        found.extend(self.known_values(member.target.id).map(|kind| blank(kind, &target_id)));
        if let Some((subject, _)) = self.nearest(&own, "smithy.api#uniqueItems") {
            found.push(blank(ConstraintKind::UniqueItems, subject));
        }
        if let Some(applied) = self.scope.find(&member_id, "ecrspec.api#excludes") {
            let siblings = self.siblings(shape, member, applied);
            let mut constraint = blank(ConstraintKind::Excludes(siblings), &member_id);
            constraint.evidence.extend_from_slice(applied.evidence);
            found.push(constraint);
        }
        for constraint in &mut found {
            constraint.constant = self.constant_of(&constraint.declared_by);
            self.enforce(&own, constraint);
            self.word(&own, constraint);
        }
        found
    }

    /// The constraint of an enum: made once, for a large enum may stand behind many members.
    fn known_values(&mut self, id: &str) -> Option<ConstraintKind> {
        if let Some(known) = self.enums.get(id) {
            return Some(known.clone());
        }
        let target = self.scope.shapes.get(id).copied()?;
        let Body::Enum(values) = &target.body else { return None };
        let kind = if target.kind == "intEnum" {
            let values = values.iter().filter_map(|value| self.int_enum_value(id, value));
            ConstraintKind::IntEnum(values.collect())
        } else {
            let values = values.iter().map(|value| self.enum_value(id, value));
            ConstraintKind::Enum(values.collect())
        };
        self.enums.insert(id.to_owned(), kind.clone());
        Some(kind)
    }

    fn matches_whole_text(&self) -> bool {
        self.text_of(self.scope.service.id, "ecrspec.api#patternMatch").is_some_and(|value| value == "full")
    }

    /// The value on the wire of a member of an enum: its own, or else its name.
    pub(super) fn enum_value(&self, shape_id: &str, member: &Member<'_, '_>) -> String {
        self.text_of(&format!("{shape_id}${}", member.name), "smithy.api#enumValue")
            .unwrap_or_else(|| member.name.to_owned())
    }

    /// The value on the wire of a member of an enum of numbers.
    pub(super) fn int_enum_value(&self, shape_id: &str, member: &Member<'_, '_>) -> Option<i32> {
        let applied = self.scope.find(&format!("{shape_id}${}", member.name), "smithy.api#enumValue")?;
        i32::try_from(value::whole(applied.line.value)?).ok()
    }

    fn judge_default(&mut self, subjects: &[&str], bounds: value::Bounds) {
        let Some((_, applied)) = self.nearest(subjects, "smithy.api#default") else { return };
        let node = applied.line.value;
        let Some(default) = value::whole(node) else { return };
        let too_small = bounds.least.is_some_and(|least| default < least);
        let too_great = bounds.greatest.is_some_and(|greatest| default > greatest);
        if too_small || too_great {
            self.diagnostics.report(
                Code::DefaultOutOfRange,
                &node.place,
                format!("the default {default} breaks the range of its own member"),
                "give a default within the range, or null for none",
            );
        }
    }

    fn siblings(
        &mut self,
        shape: &Shape<'_, '_>,
        member: &Member<'_, '_>,
        applied: Applied<'_, '_, '_>,
    ) -> Vec<Sibling> {
        let Some(nodes) = applied.line.value.elements() else {
            self.wrong_type(applied, "an array of member names");
            return Vec::new();
        };
        let names: Vec<&str> =
            members(shape).iter().map(|sibling| sibling.name).filter(|name| *name != member.name).collect();
        let mut found = Vec::new();
        for node in nodes {
            let Some(sibling) = crate::parse::text(node, "a member name", self.diagnostics) else { continue };
            if names.contains(&sibling) {
                found.push(Sibling { name: sibling.to_owned(), field: name::field(sibling) });
            } else {
                self.diagnostics.report(
                    Code::UnknownMember,
                    &node.place,
                    format!("{} has no other member {sibling:?}", shape.id),
                    suggest::hint(
                        sibling,
                        names.iter().copied(),
                        format!("its others are {}", names.join(", ")),
                    ),
                );
            }
        }
        found
    }

    /// Whether the service enforces the constraint, as the statements have it.
    fn enforce(&self, subjects: &[&str], constraint: &mut Constraint) {
        for subject in subjects {
            for applied in self.scope.find_all(subject, "ecrspec.api#enforced") {
                let Some(node) = applied.line.value.get(constraint.kind.name()) else { continue };
                constraint.enforced = match node.as_str() {
                    Some("yes") => Enforced::Yes,
                    Some("no") => Enforced::No,
                    _ => Enforced::Unknown,
                };
                for id in applied.evidence {
                    if !constraint.evidence.contains(id) {
                        constraint.evidence.push(id.clone());
                    }
                }
                return;
            }
        }
    }

    /// The service's own text for a breach: the member's, else the shape's, else the service's.
    fn word(&self, subjects: &[&str], constraint: &mut Constraint) {
        let kind = &constraint.kind;
        for subject in subjects.iter().copied().chain([self.scope.service.id]) {
            for applied in self.scope.find_all(subject, "ecrspec.api#messages") {
                let Some(template) = applied.line.value.get(kind.name()).and_then(|node| node.as_str())
                else {
                    continue;
                };
                let template = match kind {
                    ConstraintKind::MinLength(bound) | ConstraintKind::MaxLength(bound) => {
                        template.replace("{bound}", &bound.to_string())
                    }
                    ConstraintKind::Minimum(bound) | ConstraintKind::Maximum(bound) => {
                        template.replace("{bound}", &bound.to_string())
                    }
                    ConstraintKind::Pattern(pattern) => template.replace("{pattern}", &pattern.source),
                    ConstraintKind::Enum(values) => template.replace("{values}", &values.join(", ")),
                    ConstraintKind::IntEnum(values) => {
                        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                        template.replace("{values}", &values.join(", "))
                    }
                    ConstraintKind::Required | ConstraintKind::UniqueItems | ConstraintKind::Excludes(_) => {
                        template.to_owned()
                    }
                };
                constraint.message = Some(Message { template, evidence: applied.evidence.to_vec() });
                return;
            }
        }
    }

    /// Whether any statement is about the constraints of that subject.
    pub(super) fn has_statements(&self, subject: &str) -> bool {
        STATEMENTS.iter().any(|id| self.scope.find(subject, id).is_some())
    }

    /// Reports statements about constraints that are not there, and templates that cannot be filled. `there`
    /// names the constraints in force; on the service, every kind.
    pub(super) fn judge_statements(&mut self, subject: &str, there: &[&str]) {
        for id in STATEMENTS {
            let all: Vec<_> = self.scope.find_all(subject, id).collect();
            for applied in all {
                let Some(entries) = applied.line.value.entries() else {
                    self.wrong_type(applied, "an object from constraint names");
                    continue;
                };
                for entry in entries {
                    self.judge_entry(subject, id, there, entry);
                }
            }
        }
    }

    fn judge_entry(&mut self, subject: &str, id: &str, there: &[&str], entry: &Entry<'_>) {
        let name = entry.key.as_str();
        if !there.contains(&name) {
            let known = if CONSTRAINT_NAMES.contains(&name) { there } else { CONSTRAINT_NAMES };
            self.diagnostics.report(
                Code::UnknownConstraint,
                &entry.place,
                format!("{subject} has no constraint {name:?}"),
                suggest::hint(
                    name,
                    known.iter().copied().filter(|known| *known != name),
                    if there.is_empty() {
                        "it has no constraint at all".to_owned()
                    } else {
                        format!("its constraints are {}", there.join(", "))
                    },
                ),
            );
            return;
        }
        let Some(text) = crate::parse::text(&entry.value, name, self.diagnostics) else { return };
        if id == "ecrspec.api#enforced" {
            if !matches!(text, "yes" | "no" | "unknown") {
                self.diagnostics.report(
                    Code::WrongValue,
                    &entry.value.place,
                    format!("{name} is enforced {text:?}"),
                    "write yes, no or unknown",
                );
            }
        } else {
            self.judge_template(name, text, &entry.value.place);
        }
    }

    fn judge_template(&mut self, constraint: &str, template: &str, place: &Place<'_>) {
        let own = match constraint {
            "required" | "uniqueItems" | "excludes" => None,
            "pattern" => Some("pattern"),
            "enum" => Some("values"),
            _ => Some("bound"),
        };
        // What stands in braces but is no word is text of the service, such as `{12}`.
        for piece in template.split('{').skip(1) {
            let Some((word, _)) = piece.split_once('}') else { continue };
            let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
            if is_word && word != "member" && Some(word) != own {
                self.diagnostics.report(
                    Code::BadTemplate,
                    place,
                    format!("a message for {constraint} has no {{{word}}}"),
                    own.map_or("it has {member}".to_owned(), |own| {
                        format!("it has {{member}} and {{{own}}}")
                    }),
                );
            }
        }
    }

    fn wrong_type(&mut self, applied: Applied<'_, '_, '_>, expected: &str) {
        crate::parse::wrong_type(applied.line.value, applied.line.id, expected, self.diagnostics);
    }
}

fn blank(kind: ConstraintKind, declared_by: &str) -> Constraint {
    Constraint {
        kind,
        declared_by: declared_by.to_owned(),
        constant: String::new(),
        enforced: Enforced::Unknown,
        request_only: false,
        evidence: Vec::new(),
        message: None,
    }
}
