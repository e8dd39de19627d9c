//! Service, operations, shapes and members side by side.
//!
//! In: two models and which operations count. Out: the changes, unsorted, and the constraints that are new. What
//! must stay true: what stands in something that is new as a whole is no change of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::constraint::{self, Verdict};
use super::side::{Side, kind_name};
use super::uses::members;
use super::{Change, ChangeKind, NewConstraint, Semver, Validators, without_namespace};
use crate::model::{Constraint, ConstraintKind, Kind, Member, Model, Operation, Pagination, Shape, Trait};

/// Both models.
pub(super) struct Sides<'m> {
    pub(super) old: Side<'m>,
    pub(super) new: Side<'m>,
}

/// A change before it is known where it is used.
struct Draft {
    kind: ChangeKind,
    subject: String,
    aspect: &'static str,
    old: Option<String>,
    new: Option<String>,
    types: (Semver, String),
    validators: (Validators, String),
    sides: [Option<ConstraintKind>; 2],
}

impl Draft {
    fn new(
        kind: ChangeKind,
        subject: &str,
        aspect: &'static str,
        old: Option<String>,
        new: Option<String>,
    ) -> Self {
        Self {
            kind,
            subject: subject.to_owned(),
            aspect,
            old,
            new,
            types: (Semver::None, "the types do not show it".to_owned()),
            validators: (Validators::Unchanged, "no validator looks at it".to_owned()),
            sides: [None, None],
        }
    }

    fn types(mut self, semver: Semver, why: impl Into<String>) -> Self {
        self.types = (semver, why.into());
        self
    }

    fn validators(mut self, validators: Validators, why: impl Into<String>) -> Self {
        self.validators = (validators, why.into());
        self
    }
}

impl<'m> Sides<'m> {
    pub(super) fn new(old: &'m Model, new: &'m Model, operations: &[String], whole: bool) -> Self {
        let has = |model: &Model, name: &str| model.operations.iter().any(|one| one.name == name);
        Self {
            old: Side::new(old, operations, whole, |name| has(new, name)),
            new: Side::new(new, operations, whole, |name| has(old, name)),
        }
    }

    /// Every change.
    pub(super) fn changes(&self) -> Vec<Change> {
        let mut drafts = Vec::new();
        self.service(&mut drafts);
        for old in &self.old.operations {
            match self.new.operation(&old.name) {
                Some(new) => self.operation(old, new, &mut drafts),
                None => drafts.push(
                    Draft::new(ChangeKind::Removed, &old.id, "operation", Some(old.name.clone()), None)
                        .types(Semver::Major, format!("`{}` and the table's entry are gone", old.error_type))
                        .validators(Validators::Different, "a request of it can't be checked any more"),
                ),
            }
        }
        for new in self.new.operations.iter().filter(|new| self.old.operation(&new.name).is_none()) {
            drafts.push(
                Draft::new(ChangeKind::Added, &new.id, "operation", None, Some(new.name.clone()))
                    .types(Semver::Minor, format!("there is `{}`, and an entry of the table", new.error_type))
                    .validators(Validators::Different, "a request of it can be checked"),
            );
        }
        self.shapes(&mut drafts);
        drafts.into_iter().map(|draft| self.finish(draft)).collect()
    }

    fn finish(&self, draft: Draft) -> Change {
        let Draft { kind, subject, aspect, old, new, types, validators, sides } = draft;
        let uses = self.new.uses.get(&subject).or_else(|| self.old.uses.get(&subject)).cloned();
        let uses = uses.unwrap_or_default();
        Change {
            kind,
            subject,
            aspect,
            old,
            new,
            types: types.0,
            types_why: types.1,
            validators: validators.0,
            validators_why: validators.1,
            uses,
            sides,
        }
    }

    fn service(&self, drafts: &mut Vec<Draft>) {
        let (old, new) = (&self.old.model.service, &self.new.model.service);
        let parts = [
            ("id", &old.id, &new.id),
            ("signing name", &old.signing_name, &new.signing_name),
            ("endpoint prefix", &old.endpoint_prefix, &new.endpoint_prefix),
        ];
        let parts = parts.map(|(aspect, old, new)| (aspect, old.clone(), new.clone()));
        let spoken = [
            ("protocol", old.content_type.to_owned(), new.content_type.to_owned()),
            ("query compatible", old.query_compatible.to_string(), new.query_compatible.to_string()),
        ];
        for (aspect, was, is) in parts.into_iter().chain(spoken).filter(|(_, was, is)| was != is) {
            drafts.push(
                Draft::new(ChangeKind::Removed, &new.id, aspect, Some(was), Some(is))
                    .types(Semver::None, "the types do not show it: clients address or sign otherwise"),
            );
        }
    }

    fn operation(&self, old: &Operation, new: &Operation, drafts: &mut Vec<Draft>) {
        let shape = |side: &Side<'m>, index| side.model.shape(index).id.clone();
        for (aspect, was, is) in [
            ("input", shape(&self.old, old.input), shape(&self.new, new.input)),
            ("output", shape(&self.old, old.output), shape(&self.new, new.output)),
        ] {
            if was != is {
                drafts.push(
                    Draft::new(ChangeKind::Removed, &new.id, aspect, Some(was), Some(is))
                        .types(Semver::Major, "another type has its place")
                        .validators(Validators::Different, "another shape is read"),
                );
            }
        }
        let errors = |side: &Side<'m>, operation: &Operation| -> BTreeMap<String, (u16, bool)> {
            let errors = operation.errors.iter();
            errors
                .map(|error| {
                    let id = &side.model.shape(error.shape).id;
                    (without_namespace(id).to_owned(), (error.status, error.client_fault))
                })
                .collect()
        };
        let (were, are) = (errors(&self.old, old), errors(&self.new, new));
        for (name, was) in &were {
            match are.get(name) {
                None => drafts.push(
                    Draft::new(ChangeKind::Removed, &new.id, "error", Some(name.clone()), None)
                        .types(Semver::Major, format!("the variant of `{}` is gone", new.error_type))
                        .validators(
                            Validators::Unchanged,
                            "an answer with it reads as one that is not modelled",
                        ),
                ),
                Some(is) if is != was => {
                    let said = |(status, is_client): (u16, bool)| {
                        format!("{status}, the {}'s fault", if is_client { "client" } else { "server" })
                    };
                    drafts.push(
                        Draft::new(
                            ChangeKind::Removed,
                            &format!("{}${name}", new.id),
                            "status",
                            Some(said(*was)),
                            Some(said(*is)),
                        )
                        .types(Semver::None, "the types do not show it"),
                    );
                }
                Some(_) => {}
            }
        }
        for name in are.keys().filter(|name| !were.contains_key(*name)) {
            drafts.push(
                Draft::new(ChangeKind::Added, &new.id, "error", None, Some(name.clone()))
                    .types(
                        Semver::Minor,
                        format!("`{}` is non-exhaustive and has one variant more", new.error_type),
                    )
                    .validators(Validators::Unchanged, "an answer with it read as one that is not modelled"),
            );
        }
        let pages = |pages: &Option<Pagination>| pages.as_ref().map(said_of_pages);
        differs(&new.id, "pages", pages(&old.pagination), pages(&new.pagination), drafts);
        differs(&new.id, "host prefix", old.host_prefix.clone(), new.host_prefix.clone(), drafts);
    }

    fn shapes(&self, drafts: &mut Vec<Draft>) {
        for id in self.ids() {
            match (self.old.all.get(id), self.new.all.get(id)) {
                (Some(old), Some(new)) => self.shape(old, new, drafts),
                (Some(old), None) => drafts.push(whole_shape(ChangeKind::Removed, old)),
                (None, Some(new)) => drafts.push(whole_shape(ChangeKind::Added, new)),
                (None, None) => {}
            }
        }
        let mut seen = BTreeSet::new();
        for (old, new) in self.pairs() {
            self.constraints(old, new, &mut seen, drafts);
        }
    }

    /// The shapes that an operation of both reaches, on either side.
    fn ids(&self) -> BTreeSet<&'m str> {
        self.old.shapes.keys().chain(self.new.shapes.keys()).copied().collect()
    }

    /// The members that both have.
    fn pairs(&self) -> Vec<(&'m Member, &'m Member)> {
        let both =
            self.ids().into_iter().filter_map(|id| Some((self.old.all.get(id)?, self.new.all.get(id)?)));
        let pairs = both.flat_map(|(old, new)| {
            let members_of_new = members(&new.kind);
            members(&old.kind).into_iter().filter_map(move |old| {
                let same = members_of_new.iter().copied().find(|new| new.id == old.id)?;
                Some((old, same))
            })
        });
        pairs.collect()
    }

    fn shape(&self, old: &'m Shape, new: &'m Shape, drafts: &mut Vec<Draft>) {
        let (was, is) = (kind_name(&old.kind), kind_name(&new.kind));
        if was != is {
            drafts.push(
                Draft::new(ChangeKind::Removed, &new.id, "type", Some(was.to_owned()), Some(is.to_owned()))
                    .types(Semver::Major, "its values are of another type")
                    .validators(Validators::Different, format!("{is} is read where {was} was")),
            );
            return;
        }
        match (&old.kind, &new.kind) {
            (Kind::Enum(old_values), Kind::Enum(new_values)) => {
                let values = |values: &[crate::model::EnumValue]| -> Vec<String> {
                    values.iter().map(|value| value.value.clone()).collect()
                };
                enum_values(new, &values(old_values), &values(new_values), drafts);
            }
            (Kind::IntEnum(old_values), Kind::IntEnum(new_values)) => {
                let values = |values: &[crate::model::IntEnumValue]| -> Vec<String> {
                    values.iter().map(|value| value.value.to_string()).collect()
                };
                enum_values(new, &values(old_values), &values(new_values), drafts);
            }
            _ => self.members(new, &members(&old.kind), &members(&new.kind), drafts),
        }
    }

    fn members(&self, shape: &Shape, old: &[&'m Member], new: &[&'m Member], drafts: &mut Vec<Draft>) {
        let type_name = &shape.type_name;
        for was in old {
            let Some(is) = new.iter().find(|is| is.id == was.id) else {
                drafts.push(
                    Draft::new(ChangeKind::Removed, &was.id, "member", Some(self.old.value_type(was)), None)
                        .types(Semver::Major, format!("`{type_name}` has it no longer"))
                        .validators(Validators::Stricter, "it reads as an unknown member"),
                );
                continue;
            };
            let types = [self.old.value_type(was), self.new.value_type(is)];
            let formats = [was, is].map(|member| wire_format(member));
            let [old_type, new_type] = types;
            if old_type != new_type || formats[0] != formats[1] {
                let said = |name: &str, format: &str| format!("{name}{format}");
                drafts.push(
                    Draft::new(
                        ChangeKind::Removed,
                        &is.id,
                        "type",
                        Some(said(&old_type, formats[0])),
                        Some(said(&new_type, formats[1])),
                    )
                    .types(
                        if old_type == new_type { Semver::None } else { Semver::Major },
                        if old_type == new_type { "the type is the same" } else { "it is of another type" },
                    )
                    .validators(Validators::Different, "another form is read"),
                );
            }
            notes(was, is, drafts);
        }
        let is_union = matches!(shape.kind, Kind::Union(_));
        for is in new.iter().filter(|is| !old.iter().any(|was| was.id == is.id)) {
            let (semver, why) = if is_union {
                (Semver::Minor, format!("`{type_name}` is non-exhaustive and has one variant more"))
            } else {
                (
                    Semver::Major,
                    format!("a literal of `{type_name}` that ends without `..` lacks `{}`", is.field),
                )
            };
            drafts.push(
                Draft::new(ChangeKind::Added, &is.id, "member", None, Some(self.new.value_type(is)))
                    .types(semver, why)
                    .validators(Validators::Laxer, "it read as an unknown member"),
            );
        }
    }

    fn constraints(
        &self,
        old: &'m Member,
        new: &'m Member,
        seen: &mut BTreeSet<(String, &'static str)>,
        drafts: &mut Vec<Draft>,
    ) {
        let were: Vec<_> = self.old.constraints(old).collect();
        let are: Vec<_> = self.new.constraints(new).collect();
        let names: BTreeSet<&'static str> = were.iter().chain(&are).map(|(one, _)| one.kind.name()).collect();
        for name in names {
            let find = |all: &[(&'m Constraint, ConstraintKind)]| {
                all.iter().find(|(one, _)| one.kind.name() == name).cloned()
            };
            let (was, is) = (find(&were), find(&are));
            let is_enum = matches!((&was, &is), (Some((a, _)), Some((b, _))) if a.declared_by == b.declared_by)
                && name == "enum";
            // Of an enum that both have each value is a change of its own, and a type that changed is said.
            if is_enum || self.old.value_type(old) != self.new.value_type(new) && name == "enum" {
                continue;
            }
            let kinds = [was.as_ref(), is.as_ref()].map(|side| side.map(|(_, kind)| kind.clone()));
            let Some(Verdict { kind, validators, why }) =
                constraint::judge(kinds[0].as_ref(), kinds[1].as_ref())
            else {
                continue;
            };
            // Named where it is declared, if both declare it there or one of them does and the other has it too.
            let declared = [&was, &is].map(|side| side.as_ref().map(|(one, _)| one.declared_by.as_str()));
            let subject = match declared {
                [Some(was), Some(is)] if was == is => is,
                [Some(only), None] | [None, Some(only)] if self.old.has(only) && self.new.has(only) => only,
                _ => new.id.as_str(),
            };
            if !seen.insert((subject.to_owned(), name)) {
                continue;
            }
            let types = if name == "required" {
                let now = if kind == ChangeKind::Tightened { "no option any more" } else { "an option now" };
                (Semver::Major, format!("in the checked view it is {now}"))
            } else {
                (Semver::None, "the type is the same".to_owned())
            };
            let bounds = [&kinds[0], &kinds[1]].map(|kind| kind.as_ref().map(constraint::bound));
            let [was, is] = bounds;
            let mut draft = Draft::new(kind, subject, name, was, is);
            draft.types = types;
            draft.validators = (validators, why);
            draft.sides = kinds;
            drafts.push(draft);
        }
    }

    /// The constraints that the new one has and the old has not, or has otherwise, in the order of their subjects.
    pub(super) fn new_constraints(&self) -> Vec<NewConstraint> {
        let mut found: BTreeMap<(String, &'static str), NewConstraint> = BTreeMap::new();
        for member in self.new.shapes.values().flat_map(|shape| members(&shape.kind)) {
            let old_shape = member.id.split('$').next().and_then(|id| self.old.all.get(id));
            let old_member = old_shape.map(|shape| members(&shape.kind)).unwrap_or_default();
            let old_member = old_member.into_iter().find(|old| old.id == member.id);
            for (constraint, kind) in self.new.constraints(member) {
                let name = kind.name();
                let is_old = self.old.has(&constraint.declared_by)
                    && old_member.is_none_or(|old| {
                        let mut olds = self.old.constraints(old);
                        olds.any(|(_, old)| {
                            old.name() == name && constraint::bound(&old) == constraint::bound(&kind)
                        })
                    });
                if is_old {
                    continue;
                }
                let key = (constraint.declared_by.clone(), name);
                let entry = found.entry(key).or_insert_with(|| NewConstraint {
                    subject: constraint.declared_by.clone(),
                    name,
                    bound: constraint::bound(&kind),
                    uses: Vec::new(),
                    kind,
                });
                entry.uses.extend(self.new.uses.get(&member.id).cloned().unwrap_or_default());
                entry.uses.sort();
                entry.uses.dedup();
            }
        }
        found.into_values().collect()
    }
}

fn whole_shape(kind: ChangeKind, shape: &Shape) -> Draft {
    let is_named =
        matches!(shape.kind, Kind::Structure(_) | Kind::Union(_) | Kind::Enum(_) | Kind::IntEnum(_));
    let name = kind_name(&shape.kind).to_owned();
    let (old, new) = if kind == ChangeKind::Removed { (Some(name), None) } else { (None, Some(name)) };
    let draft = Draft::new(kind, &shape.id, "shape", old, new)
        .validators(Validators::Unchanged, "the members that have it say what is read");
    match (is_named, kind) {
        (false, _) => draft,
        (true, ChangeKind::Removed) => draft.types(Semver::Major, format!("`{}` is gone", shape.type_name)),
        (true, _) => draft.types(Semver::Minor, format!("there is `{}`", shape.type_name)),
    }
}

fn enum_values(shape: &Shape, old: &[String], new: &[String], drafts: &mut Vec<Draft>) {
    let name = &shape.type_name;
    for gone in old.iter().filter(|value| !new.contains(value)) {
        drafts.push(
            Draft::new(ChangeKind::Removed, &shape.id, "value", Some(gone.clone()), None)
                .types(Semver::Major, format!("the variant of `{name}` is gone"))
                .validators(Validators::Stricter, format!("{gone} is now a violation")),
        );
    }
    for added in new.iter().filter(|value| !old.contains(value)) {
        drafts.push(
            Draft::new(ChangeKind::Added, &shape.id, "value", None, Some(added.clone()))
                .types(Semver::Minor, format!("`{name}` is non-exhaustive and has one variant more"))
                .validators(Validators::Laxer, format!("{added} is no violation any more")),
        );
    }
}

/// What a trait says, if it is of one kind.
type Said = fn(&Trait) -> Option<String>;

/// What else a member says of its value.
fn notes(old: &Member, new: &Member, drafts: &mut Vec<Draft>) {
    let said = |member: &Member, of: Said| member.traits.iter().find_map(of);
    let kinds: [(&'static str, Said); 4] = [
        ("default", |one| match one {
            Trait::Default(value) => Some(value.clone()),
            _ => None,
        }),
        ("sensitive", |one| (*one == Trait::Sensitive).then(|| "sensitive".to_owned())),
        ("idempotency token", |one| {
            (*one == Trait::IdempotencyToken).then(|| "a client fills it".to_owned())
        }),
        ("host label", |one| (*one == Trait::HostLabel).then(|| "in the host's name".to_owned())),
    ];
    for (aspect, of) in kinds {
        differs(&new.id, aspect, said(old, of), said(new, of), drafts);
    }
}

fn differs(
    subject: &str,
    aspect: &'static str,
    old: Option<String>,
    new: Option<String>,
    drafts: &mut Vec<Draft>,
) {
    if old == new {
        return;
    }
    let kind = if old.is_none() { ChangeKind::Added } else { ChangeKind::Removed };
    drafts.push(Draft::new(kind, subject, aspect, old, new));
}

fn said_of_pages(pages: &Pagination) -> String {
    let Pagination { input_token, output_token, page_size, items, default_page_size: _ } = pages;
    let mut said = format!("{output_token} to {input_token}");
    for (name, value) in [("size", page_size), ("items", items)] {
        if let Some(value) = value {
            said.extend([", ", name, " ", value]);
        }
    }
    said
}

/// How a value of the type is written, where the type does not say it.
fn wire_format(member: &Member) -> &'static str {
    if member.has(&Trait::JsonText) { " that holds JSON" } else { "" }
}
