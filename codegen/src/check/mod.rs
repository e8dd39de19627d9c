//! The barrier: from texts to an [`Api`] in which nothing is wrong, or to every mistake there is.
//!
//! In: model texts and an overlay. Out: checked revisions, or diagnostics in the order of the files and of
//! their bytes. What must stay true: no mistake stops the search for others, and no mistake is named twice.

mod circle;
mod constraint;
mod member;
mod names;
mod operation;
mod overlay;
mod shape;
mod traits;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::lower::{Scope, flatten, lower};
use crate::model::{Api, ConstraintKind, Model, Pattern};
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
        let sensitive = member::sensitive(&scope);
        let mut checker = Checker {
            scope,
            patterns: &mut patterns,
            documentation: &documentation,
            diagnostics: &mut diagnostics,
            constants,
            sensitive,
            enums: BTreeMap::new(),
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
    /// The states of all of them; one that is too large counts as more than any may have.
    states: usize,
}

/// The states that the patterns of all revisions may have together: each takes time to make and room in the
/// code. All that AWS speaks awsJson with stays far below.
const MAXIMUM_STATES: usize = 1_000_000;
const TOO_LARGE_STATES: usize = 10_000;

impl Patterns {
    fn make(&mut self, source: &str, full: bool) -> Result<Rc<Pattern>, Rc<Refusal>> {
        let key = (source.to_owned(), full);
        if let Some(made) = self.made.get(&key) {
            return made.clone();
        }
        if self.states > MAXIMUM_STATES {
            return Err(Rc::new(Refusal {
                code: Code::PatternTooLarge,
                message: "the automata of all patterns together are too large".to_owned(),
                hint: "generate fewer operations, or leave patterns unchecked: ecrspec.api#uncheckedPattern \
                       with the reason"
                    .to_owned(),
            }));
        }
        let made = pattern::compile(source, full).map(Rc::new).map_err(Rc::new);
        self.states += match &made {
            Ok(pattern) => pattern.states.len(),
            Err(refusal) if refusal.code == Code::PatternTooLarge => TOO_LARGE_STATES,
            Err(_) => 1,
        };
        self.made.insert(key, made.clone());
        made
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
    /// The shapes whose values no log may have.
    sensitive: BTreeSet<&'n str>,
    /// The constraint of each enum that a member targets.
    enums: BTreeMap<String, ConstraintKind>,
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
