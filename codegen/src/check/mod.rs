//! The barrier: from texts to an [`Api`] in which nothing is wrong, or to every mistake there is.
//!
//! In: model texts and an overlay. Out: checked revisions, or diagnostics in the order of the files and of
//! their bytes. What must stay true: no mistake stops the search for others, and no mistake is named twice.

mod constraint;
mod member;
mod names;
mod operation;
mod overlay;
mod shape;
mod traits;
mod value;

use std::collections::BTreeMap;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::lower::{Scope, flatten, lower};
use crate::model::{Api, Model, Pattern};
use crate::parse;
use crate::pattern::{self, Refusal};
use crate::source::{Place, Source};

/// The text of one revision of the API.
#[derive(Clone, Copy, Debug)]
pub struct Revision<'s> {
    /// The revision's name, by which revisions are sorted: `2025-04`.
    pub name: &'s str,
    /// The Smithy model in its JSON form.
    pub source: &'s Source,
}

/// Checks every revision, and the overlay against each.
///
/// A shape or member without documentation has that of the newest earlier revision that documents it, so that a
/// model may be imported without any.
///
/// # Errors
///
/// Every mistake of every file: models in the order given, then the overlay, each from its top.
pub fn check(revisions: &[Revision<'_>], overlay: Option<&Source>) -> Result<Api, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::default();
    let mut sorted = revisions.to_vec();
    sorted.sort_by_key(|revision| revision.name);

    let overlay_root = overlay.and_then(|source| parse::json(source, &mut diagnostics));
    let overlay_syntax = overlay_root.as_ref().and_then(|root| parse::overlay(root, &mut diagnostics));
    if let Some(overlay) = &overlay_syntax {
        overlay::ranges(overlay, &sorted, &mut diagnostics);
    }

    let mut patterns = Patterns::default();
    let mut models: Vec<Model> = Vec::new();
    let mut documentation = BTreeMap::new();
    for revision in &sorted {
        let module = module_name(revision, &models, &mut diagnostics);
        let Some(root) = parse::json(revision.source, &mut diagnostics) else { continue };
        let Some(mut syntax) = parse::model(&root, &mut diagnostics) else { continue };
        flatten(&mut syntax, &mut diagnostics);
        let scope = lower(revision.name, &syntax, overlay_syntax.as_ref(), &mut diagnostics);
        let Some(scope) = scope else { continue };
        let constants = shape::constants(&scope.reached);
        documentation.extend(scope.texts("smithy.api#documentation"));
        let mut checker = Checker {
            scope,
            patterns: &mut patterns,
            documentation: &documentation,
            diagnostics: &mut diagnostics,
            constants,
        };
        let hash = hash(revision.source, overlay);
        models.push(checker.model(revision.name, module, hash));
    }

    if diagnostics.is_empty() {
        return Ok(Api { revisions: models });
    }
    let files: Vec<&str> =
        revisions.iter().map(|revision| revision.source).chain(overlay).map(Source::name).collect();
    Err(diagnostics.into_sorted(&files))
}

fn module_name(revision: &Revision<'_>, models: &[Model], diagnostics: &mut Diagnostics) -> String {
    let place = Place::at(revision.source, 0, 0);
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if revision.name.is_empty() || !revision.name.bytes().all(known) {
        diagnostics.report(
            Code::BadRevision,
            &place,
            format!("{:?} cannot name a revision", revision.name),
            "a name has small letters, digits and dashes, such as 2025-04",
        );
    } else if models.iter().any(|model| model.name == revision.name) {
        diagnostics.report(
            Code::BadRevision,
            &place,
            format!("revision {} is there twice", revision.name),
            "give each model file a name of its own",
        );
    }
    format!("v{}", revision.name.replace('-', "_"))
}

fn hash(model: &Source, overlay: Option<&Source>) -> String {
    let mut hasher = Sha256::new();
    hasher.update(model.text());
    hasher.update(overlay.map_or("", Source::text));
    hasher.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Patterns repeat within a revision and between revisions; an automaton is made once.
#[derive(Default)]
struct Patterns {
    made: BTreeMap<(String, bool), Result<Rc<Pattern>, Rc<Refusal>>>,
}

impl Patterns {
    fn make(&mut self, source: &str, full: bool) -> Result<Rc<Pattern>, Rc<Refusal>> {
        let made = self
            .made
            .entry((source.to_owned(), full))
            .or_insert_with(|| pattern::compile(source, full).map(Rc::new).map_err(Rc::new));
        made.clone()
    }
}

/// What every check of one revision needs.
struct Checker<'c, 'm, 'n, 's> {
    scope: Scope<'m, 'n, 's>,
    patterns: &'c mut Patterns,
    /// What this revision says of each subject, else what the newest before it says.
    documentation: &'c BTreeMap<String, String>,
    diagnostics: &'c mut Diagnostics,
    /// For each shape that is reached, its part of the names of statics.
    constants: BTreeMap<&'n str, String>,
}

impl Checker<'_, '_, '_, '_> {
    fn model(&mut self, name: &str, module: String, hash: String) -> Model {
        let traits = self.judge_traits();
        let shapes = self.shapes();
        let operations = self.operations(&shapes);
        self.names(&shapes, &operations);
        let service = self.service();
        Model { name: name.to_owned(), module, hash, service, operations, traits, shapes }
    }
}
