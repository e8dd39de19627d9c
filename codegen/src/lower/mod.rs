//! The syntax of one revision and the overlay to a scope: what the service's operations reach, and the
//! traits in force on each of it.
//!
//! In: shapes and statements as they stand. Out: a [`Scope`] whose references all lead somewhere. What must
//! stay true: what no operation reaches is not judged beyond its syntax and its references, so that a model
//! may hold parts that the generator could not take.

mod mixins;
mod overlay;
mod prelude;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Body, Member, Model, Overlay, Shape, Target, Trait, UNREAD};
use crate::suggest;

pub(crate) use mixins::flatten;
pub(crate) use prelude::kind as prelude_kind;

/// What one revision holds of the API.
pub(crate) struct Scope<'m, 'n, 's> {
    pub(crate) service: &'m Shape<'n, 's>,
    pub(crate) operations: Vec<&'m Shape<'n, 's>>,
    /// Every shape of the model by id.
    pub(crate) shapes: BTreeMap<&'n str, &'m Shape<'n, 's>>,
    /// The ids of structures, lists, maps, enums and simple shapes that an operation reaches, those of the
    /// prelude included.
    pub(crate) reached: BTreeSet<&'n str>,
    /// Those that a request reaches.
    pub(crate) requested: BTreeSet<&'n str>,
    traits: BTreeMap<String, Vec<Applied<'m, 'n, 's>>>,
}

/// A trait in force, and where it comes from.
#[derive(Clone, Copy)]
pub(crate) struct Applied<'m, 'n, 's> {
    pub(crate) line: Trait<'n, 's>,
    pub(crate) evidence: &'m [String],
    pub(crate) from_overlay: bool,
}

impl<'m, 'n, 's> Scope<'m, 'n, 's> {
    /// The traits in force on a shape or, as `shape$member`, on a member.
    pub(crate) fn traits(&self, subject: &str) -> &[Applied<'m, 'n, 's>] {
        self.traits.get(subject).map_or(&[], Vec::as_slice)
    }

    /// The trait of that id on that subject.
    pub(crate) fn find(&self, subject: &str, id: &str) -> Option<Applied<'m, 'n, 's>> {
        self.traits(subject).iter().copied().find(|applied| applied.line.id == id)
    }

    /// Every trait of that id on that subject: several statements may each say a part.
    pub(crate) fn find_all<'a>(
        &'a self,
        subject: &str,
        id: &'a str,
    ) -> impl Iterator<Item = Applied<'m, 'n, 's>> + 'a {
        self.traits(subject).iter().copied().filter(move |applied| applied.line.id == id)
    }

    /// The texts of a string trait by what they stand on.
    pub(crate) fn texts<'a>(&'a self, id: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
        self.traits.keys().filter_map(move |subject| {
            let text = self.find(subject, id)?.line.value.as_str()?;
            Some((subject.clone(), text.to_owned()))
        })
    }

    /// The type of a shape of the model or the prelude.
    pub(crate) fn kind(&self, id: &str) -> Option<&'n str> {
        self.shapes.get(id).map(|shape| shape.kind).or_else(|| prelude_kind(id))
    }
}

/// Resolves one revision.
pub(crate) fn lower<'m, 'n, 's>(
    revision: &str,
    model: &'m Model<'n, 's>,
    overlay: Option<&'m Overlay<'n, 's>>,
    diagnostics: &mut Diagnostics,
) -> Option<Scope<'m, 'n, 's>> {
    let shapes: BTreeMap<&str, &Shape<'_, '_>> = model.shapes.iter().map(|shape| (shape.id, shape)).collect();
    for shape in &model.shapes {
        for target in references(shape) {
            if !shapes.contains_key(target.id) && prelude_kind(target.id).is_none() {
                unknown_target(target, &shapes, diagnostics);
            }
        }
    }

    let service = the_service(model, diagnostics)?;
    let Body::Service { operations, errors, resources } = &service.body else { return None };
    if let Some(place) = resources {
        diagnostics.report(
            Code::UnsupportedFeature,
            place,
            "the service has resources",
            "name their operations under \"operations\" of the service: no others are read",
        );
    }
    if operations.is_empty() {
        diagnostics.report(
            Code::NoOperation,
            service.place,
            "the service has no operation",
            "name at least one under \"operations\"",
        );
    }
    let operations: Vec<_> = operations
        .iter()
        .filter_map(|target| {
            let shape = shapes.get(target.id).copied()?;
            expect(target, shape.kind, &["operation"], diagnostics).then_some(shape)
        })
        .collect();

    let mut walk = Walk { shapes: &shapes, reached: BTreeSet::new(), problems: Vec::new() };
    for operation in &operations {
        let Body::Operation { input, .. } = &operation.body else { continue };
        match input {
            Some(input) => walk.visit(input.id),
            None => walk.visit(prelude::UNIT),
        }
    }
    let requested = walk.reached.clone();
    for operation in &operations {
        let Body::Operation { output, errors: own, .. } = &operation.body else { continue };
        match output {
            Some(output) => walk.visit(output.id),
            None => walk.visit(prelude::UNIT),
        }
        own.iter().chain(errors).for_each(|error| walk.visit(error.id));
    }
    let Walk { reached, problems, .. } = walk;
    problems.into_iter().chain([service]).chain(operations.iter().copied()).for_each(|shape| {
        refuse(shape, diagnostics);
    });

    for operation in &operations {
        let Body::Operation { input, output, errors: own } = &operation.body else { continue };
        let ends = input.iter().chain(output).chain(own).chain(errors);
        for target in ends {
            if let Some(kind) =
                shapes.get(target.id).map(|shape| shape.kind).or_else(|| prelude_kind(target.id))
            {
                expect(target, kind, &["structure"], diagnostics);
            }
        }
    }
    for shape in reached.iter().filter_map(|id| shapes.get(id)) {
        for target in references(shape) {
            if let Some(kind) = shapes.get(target.id).map(|target| target.kind) {
                refuse_as_value(&target, kind, diagnostics);
            }
        }
        if let Body::Map { key: Some(key), .. } = &shape.body
            && let Some(kind) =
                shapes.get(key.target.id).map(|key| key.kind).or_else(|| prelude_kind(key.target.id))
        {
            expect(&key.target, kind, &["string", "enum"], diagnostics);
        }
    }

    let mut traits = BTreeMap::new();
    for shape in &model.shapes {
        collect(shape.id.to_owned(), &shape.traits, &mut traits);
        for member in members(shape) {
            collect(format!("{}${}", shape.id, member.name), &member.traits, &mut traits);
        }
    }
    if let Some(overlay) = overlay {
        overlay::apply(revision, overlay, service, &shapes, &mut traits, diagnostics);
    }
    Some(Scope { service, operations, shapes, reached, requested, traits })
}

fn collect<'n, 's>(
    subject: String,
    lines: &[Trait<'n, 's>],
    traits: &mut BTreeMap<String, Vec<Applied<'_, 'n, 's>>>,
) {
    if !lines.is_empty() {
        let applied = lines.iter().map(|line| Applied { line: *line, evidence: &[], from_overlay: false });
        traits.insert(subject, applied.collect());
    }
}

fn the_service<'m, 'n, 's>(
    model: &'m Model<'n, 's>,
    diagnostics: &mut Diagnostics,
) -> Option<&'m Shape<'n, 's>> {
    let mut services = model.shapes.iter().filter(|shape| shape.kind == "service");
    let first = services.next();
    if first.is_none() {
        diagnostics.report(
            Code::NoService,
            &model.place,
            "the model has no service",
            "add a shape of type service that names the operations",
        );
    }
    for other in services {
        diagnostics.report(
            Code::SeveralServices,
            other.place,
            format!("the model has a second service, {}", other.id),
            "keep one service in a file",
        );
    }
    first
}

/// Every member of a shape, in whatever role.
pub(crate) fn members<'a, 'n, 's>(shape: &'a Shape<'n, 's>) -> Vec<&'a Member<'n, 's>> {
    match &shape.body {
        Body::Structure(members) | Body::Enum(members) | Body::Unread(members) => members.iter().collect(),
        Body::List(member) => member.iter().collect(),
        Body::Map { key, value } => key.iter().chain(value).collect(),
        _ => Vec::new(),
    }
}

fn references<'n, 's>(shape: &Shape<'n, 's>) -> Vec<Target<'n, 's>> {
    match &shape.body {
        Body::Service { operations, errors, .. } => operations.iter().chain(errors).copied().collect(),
        Body::Operation { input, output, errors } => {
            input.iter().chain(output).chain(errors).copied().collect()
        }
        Body::Enum(_) => Vec::new(),
        _ => members(shape).into_iter().map(|member| member.target).collect(),
    }
}

/// Collects what can be reached; recursion would be as deep as a model likes, so the work is a list.
struct Walk<'a, 'm, 'n, 's> {
    shapes: &'a BTreeMap<&'n str, &'m Shape<'n, 's>>,
    reached: BTreeSet<&'n str>,
    problems: Vec<&'m Shape<'n, 's>>,
}

impl<'n> Walk<'_, '_, 'n, '_> {
    fn visit(&mut self, id: &'n str) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let Some(shape) = self.shapes.get(id).copied() else {
                if prelude_kind(id).is_some_and(|kind| !prelude::is_unsupported(kind)) {
                    self.reached.insert(id);
                }
                continue;
            };
            match shape.body {
                Body::Service { .. } | Body::Operation { .. } => {}
                // Named once for each reference; the barrier keeps one message for a place.
                Body::Unsupported(_) => self.problems.push(shape),
                _ if self.reached.insert(id) => {
                    open.extend(references(shape).iter().map(|target| target.id));
                }
                _ => {}
            }
        }
    }
}

/// Reports what the generator cannot take in a shape that is reached.
fn refuse(shape: &Shape<'_, '_>, diagnostics: &mut Diagnostics) {
    if let Body::Unsupported(reason) = shape.body {
        diagnostics.report(
            Code::UnsupportedShapeType,
            shape.kind_place,
            format!("shapes of type {} are refused: {reason}", shape.kind),
            "an operation of the service reaches this shape: take it out of the model or of the operation",
        );
    }
}

fn refuse_as_value(target: &Target<'_, '_>, kind: &str, diagnostics: &mut Diagnostics) {
    if matches!(kind, "service" | "operation") {
        diagnostics.report(
            Code::WrongTarget,
            target.place,
            format!("{} is of type {kind}, which no member can hold", target.id),
            "name a shape that holds data",
        );
    }
}

/// Whether a target is of one of these types; reports where it is not.
fn expect(target: &Target<'_, '_>, kind: &str, expected: &[&str], diagnostics: &mut Diagnostics) -> bool {
    // An unsupported or unknown type has a message of its own.
    let fits = expected.contains(&kind);
    if !fits && kind != UNREAD && !prelude::is_unsupported(kind) {
        diagnostics.report(
            Code::WrongTarget,
            target.place,
            format!("{} is of type {kind}, not {}", target.id, expected.join(" or ")),
            format!("name a shape of type {}", expected.join(" or ")),
        );
    }
    fits
}

fn unknown_target(
    target: Target<'_, '_>,
    shapes: &BTreeMap<&str, &Shape<'_, '_>>,
    diagnostics: &mut Diagnostics,
) {
    let candidates = shapes.keys().copied().chain(prelude::ids());
    diagnostics.report(
        Code::UnknownTarget,
        target.place,
        format!("no shape has the id {}", target.id),
        suggest::hint(target.id, candidates, "add the shape, or name one that is there"),
    );
}
