//! What a well-formed case file can still get wrong.

use std::collections::{BTreeMap, BTreeSet};

use ecrspec_codegen::source::{Source, Span};

use crate::case::bindings::{names, names_in};
use crate::case::format::{Body, Case, CaseFile, Check, Expectation, Matcher, Step, TextMatcher, Window};
use crate::case::holds_in;
use crate::case::load::Problem;
use crate::evidence::Ledger;
use crate::level::Level;
use crate::revision;
use crate::run::bytes_of_hex;
use crate::tier::Tier;
use crate::verdict::Path;
use crate::world::{ImageRecipe, WorldRecipe};

/// A problem whose place is known as a JSON pointer only.
pub(super) struct Note {
    pointer: String,
    message: String,
    hint: String,
}

impl Note {
    pub(super) fn new(pointer: String, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { pointer, message: message.into(), hint: hint.into() }
    }

    /// The problem with its place.
    pub(super) fn at(self, source: &Source) -> Problem {
        let span = source.span(&self.pointer).unwrap_or(Span { start: 0, end: 0 });
        Problem::new(source, span, self.pointer, self.message, self.hint)
    }
}

/// A key as a token of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Knows all cases and worlds, and finds what does not hold together.
pub(super) struct Linter<'a> {
    worlds: BTreeMap<&'a str, &'a WorldRecipe>,
    /// How often each case id stands.
    ids: BTreeMap<&'a str, usize>,
}

impl<'a> Linter<'a> {
    pub(super) fn new(worlds: BTreeMap<&'a str, &'a WorldRecipe>, cases: &[&'a Case]) -> Self {
        let mut ids = BTreeMap::new();
        for case in cases {
            *ids.entry(case.id.as_str()).or_default() += 1;
        }
        Self { worlds, ids }
    }

    /// Everything that is wrong in a file.
    pub(super) fn notes(&self, file: &CaseFile) -> Vec<Note> {
        let mut notes = Vec::new();
        for (name, world) in &file.worlds {
            world_notes(&format!("/worlds/{}", escape(name)), world, &mut notes);
        }
        for (index, case) in file.cases.iter().enumerate() {
            self.case_notes(&format!("/cases/{index}"), case, &mut notes);
        }
        notes
    }

    fn case_notes(&self, at: &str, case: &Case, notes: &mut Vec<Note>) {
        let mut note = |below: &str, message: String, hint: &str| {
            notes.push(Note::new(format!("{at}{below}"), message, hint));
        };
        if !is_id(&case.id) {
            note(
                "/id",
                format!("`{}` is no id", case.id),
                "write words of letters, digits and dashes, with dots between: `paging.page-size`",
            );
        }
        if self.ids.get(case.id.as_str()).is_some_and(|count| *count > 1) {
            note("/id", format!("the id `{}` stands twice", case.id), "ids are promises: take another");
        }
        if case.sentence.trim().is_empty() {
            note("/sentence", "the sentence is empty".to_owned(), "say what a conforming endpoint does");
        }
        if let Some(twin) = &case.twin {
            if !self.ids.contains_key(twin.as_str()) {
                note(
                    "/twin",
                    format!("there is no case `{twin}`"),
                    "name the case whose request is the valid one",
                );
            } else if *twin == case.id {
                note(
                    "/twin",
                    "a case is its own twin".to_owned(),
                    "name the case whose request is the valid one",
                );
            }
        }
        if !revision::all().iter().any(|revision| holds_in(case, revision.name)) {
            let at = if case.since.is_some() { "/since" } else { "/until" };
            let known: Vec<&str> = revision::all().iter().map(|revision| revision.name).collect();
            note(
                at,
                "the case holds in no revision".to_owned(),
                &format!("mend `since` and `until`: the revisions are {}", known.join(", ")),
            );
        }
        let world = case.world.as_deref().map(|name| (name, self.worlds.get(name)));
        if let Some((name, None)) = world {
            let known = self.worlds.keys().copied().collect::<Vec<_>>().join(", ");
            note(
                "/world",
                format!("there is no world `{name}`"),
                &format!("describe it under `worlds`, or use one of {known}"),
            );
        }
        if case.steps.is_empty() {
            note("/steps", "the case has no step".to_owned(), "say what is sent and what is expected");
        }
        // An unknown world was said above; what its names would stand for is the same mistake.
        let mut scope = match world {
            Some((_, None)) => None,
            Some((_, Some(world))) => Some(general_names().into_iter().chain(world_names(world)).collect()),
            None => Some(general_names()),
        };
        let mut checks = BTreeSet::new();
        for (index, step) in case.steps.iter().enumerate() {
            let at = format!("{at}/steps/{index}");
            step_notes(&at, step, scope.as_ref(), notes);
            if let Some(scope) = &mut scope {
                scope.extend(step.capture.keys().cloned());
            }
            let mut has_status = false;
            for (index, check) in step.expect.iter().enumerate() {
                let at = format!("{at}/expect/{index}");
                check_notes(&at, check, scope.as_ref(), notes);
                if !checks.insert(check.name().to_owned()) {
                    notes.push(Note::new(
                        at.clone(),
                        format!("the case has two checks called `{}`", check.name()),
                        "give one of them a `name` of its own",
                    ));
                }
                match check.that {
                    Expectation::Status(_) => has_status = true,
                    Expectation::Code(_)
                    | Expectation::Text(_)
                    | Expectation::Body(_)
                    | Expectation::Shape(_)
                    | Expectation::Lexical(_)
                        if !has_status =>
                    {
                        notes.push(Note::new(
                            at,
                            "nothing before this check says which status is due",
                            "put a `status` check before it: only then it is clear what the body is of",
                        ));
                    }
                    _ => {}
                }
            }
        }
    }
}

fn step_notes(at: &str, step: &Step, scope: Option<&BTreeSet<String>>, notes: &mut Vec<Note>) {
    let (below, used) = match &step.send.body {
        Body::Value(value) => ("value", names_in(value)),
        Body::Text(text) => ("text", names(text).collect()),
        Body::Hex(digits) => {
            if bytes_of_hex(digits).is_none() {
                notes.push(Note::new(
                    format!("{at}/send/body/hex"),
                    "not pairs of hexadecimal digits",
                    "write two digits a byte: `7b7d` for `{}`",
                ));
            }
            ("hex", Vec::new())
        }
    };
    unbound(&format!("{at}/send/body/{below}"), used, scope, notes);
    if step.send.walk.is_some() && !matches!(step.send.body, Body::Value(_)) {
        notes.push(Note::new(
            format!("{at}/send/walk"),
            "only a `value` can be sent again with a token",
            "give the body as `value`",
        ));
    }
    if step.send.walk == Some(0) {
        notes.push(Note::new(format!("{at}/send/walk"), "a walk of no page", "allow at least one page"));
    }
    for (name, path) in &step.capture {
        if let Err(reason) = Path::parse(path) {
            notes.push(Note::new(
                format!("{at}/capture/{}", escape(name)),
                reason,
                "write a JSON pointer such as `/nextToken`",
            ));
        }
    }
}

fn check_notes(at: &str, check: &Check, scope: Option<&BTreeSet<String>>, notes: &mut Vec<Note>) {
    let ledger = Ledger::built_in();
    if check.evidence.is_empty() {
        notes.push(Note::new(
            format!("{at}/evidence"),
            "an expectation without evidence is no check",
            "cite at least one fact; `ecrspec explain` lists them",
        ));
    }
    for (index, id) in check.evidence.iter().enumerate() {
        if ledger.fact(id).is_none() {
            notes.push(Note::new(
                format!("{at}/evidence/{index}"),
                format!("the ledger has no fact `{id}`"),
                "`ecrspec explain` lists them",
            ));
        }
    }
    let highest = ledger.highest_level(check.evidence.iter().map(String::as_str));
    if check.level > highest {
        notes.push(Note::new(
            format!("{at}/level"),
            format!("`{}` is more than the cited evidence carries", check.level),
            format!("lower it to `{highest}`, or cite stronger evidence"),
        ));
    }
    if check.that.tier() == Tier::Lexical && check.level > Level::May {
        notes.push(Note::new(
            format!("{at}/level"),
            format!("`{}` is too much for what no JSON reader can see", check.level),
            format!("lower it to `{}`", Level::May),
        ));
    }
    if !is_id(check.name()) {
        notes.push(Note::new(
            format!("{at}/name"),
            format!("`{}` is no name of a check", check.name()),
            "write letters, digits, dots and dashes",
        ));
    }
    match &check.that {
        Expectation::Body(body) => {
            let pointer = format!("{at}/that/body");
            if let Err(reason) = Path::parse(&body.at) {
                notes.push(Note::new(
                    format!("{pointer}/at"),
                    reason,
                    "write a JSON pointer such as `/imageDetails`",
                ));
            }
            unbound(&format!("{pointer}/at"), names(&body.at).collect(), scope, notes);
            unbound(&format!("{pointer}/is"), matcher_names(&body.is), scope, notes);
        }
        Expectation::Text(matcher) => {
            let used = match matcher {
                TextMatcher::Exact(accepted) => accepted.iter().flat_map(|text| names(text)).collect(),
                TextMatcher::Contains(part) => names(part).collect(),
            };
            unbound(&format!("{at}/that/text"), used, scope, notes);
        }
        Expectation::Status(accepted) if accepted.is_empty() => {
            nothing_accepted(&format!("{at}/that/status"), notes);
        }
        Expectation::Code(accepted) if accepted.is_empty() => {
            nothing_accepted(&format!("{at}/that/code"), notes);
        }
        _ => {}
    }
}

fn nothing_accepted(at: &str, notes: &mut Vec<Note>) {
    notes.push(Note::new(at.to_owned(), "nothing is accepted", "list what a conforming endpoint may answer"));
}

fn world_notes(at: &str, world: &WorldRecipe, notes: &mut Vec<Note>) {
    for (key, recipe) in &world.images {
        let ImageRecipe::Index(index) = recipe else { continue };
        for (number, child) in index.of.iter().enumerate() {
            if !matches!(world.images.get(child), Some(ImageRecipe::Image(_))) {
                notes.push(Note::new(
                    format!("{at}/images/{}/index/of/{number}", escape(key)),
                    format!("the world has no single image `{child}`"),
                    "name an image of this world",
                ));
            }
        }
    }
    for (key, above) in &world.below {
        let is_plain = |key| world.repositories.contains_key(key) && !world.below.contains_key(key);
        if !world.repositories.contains_key(key) || !is_plain(above) {
            notes.push(Note::new(
                format!("{at}/below/{}", escape(key)),
                format!("`{key}` cannot be below `{above}`"),
                "name two repositories of this world, the second of which is below no other",
            ));
        }
    }
    for (key, pushes) in &world.repositories {
        let mut pushed = BTreeSet::new();
        for (number, push) in pushes.iter().enumerate() {
            let at = format!("{at}/repositories/{}/{number}", escape(key));
            match world.images.get(&push.image) {
                None => notes.push(Note::new(
                    format!("{at}/image"),
                    format!("the world has no image `{}`", push.image),
                    "describe it under `images`",
                )),
                Some(ImageRecipe::Index(index)) => {
                    if push.count.is_some() {
                        notes.push(Note::new(
                            format!("{at}/count"),
                            "an index can't be counted out",
                            "push images",
                        ));
                    }
                    for child in index.of.iter().filter(|child| !pushed.contains(child.as_str())) {
                        notes.push(Note::new(
                            at.clone(),
                            format!("`{child}` is not pushed before the index that has it"),
                            "push the children first",
                        ));
                    }
                }
                Some(ImageRecipe::Image(image)) => {
                    let subject = image.subject.iter().filter(|subject| !pushed.contains(subject.as_str()));
                    notes.extend(subject.map(|subject| {
                        Note::new(
                            at.clone(),
                            format!("`{subject}` is not pushed before the image that is about it"),
                            "push the subject first",
                        )
                    }));
                }
            }
            pushed.insert(push.image.as_str());
        }
    }
}

fn unbound(at: &str, used: Vec<&str>, scope: Option<&BTreeSet<String>>, notes: &mut Vec<Note>) {
    let Some(scope) = scope else { return };
    for name in used.into_iter().filter(|name| !scope.contains(*name)) {
        notes.push(Note::new(
            at.to_owned(),
            format!("nothing gives `{{{{{name}}}}}` a value"),
            "take a name of the case's world, of an earlier `capture`, or a general one such as `registry.id`",
        ));
    }
}

fn matcher_names(matcher: &Matcher) -> Vec<&str> {
    match matcher {
        Matcher::Equals(value) | Matcher::Set(value) | Matcher::Includes(value) | Matcher::NoneOf(value) => {
            names_in(value)
        }
        Matcher::AnyOf(matchers) => matchers.iter().flat_map(matcher_names).collect(),
        Matcher::Each(each) => matcher_names(each),
        Matcher::Between(Window { min, max }) | Matcher::Count(Window { min, max }) => {
            [min, max].into_iter().flatten().flat_map(names_in).collect()
        }
        _ => Vec::new(),
    }
}

/// What a world gives a value, an image.
const IMAGE_NAMES: [&str; 8] =
    ["digest", "digestStart", "digestHex", "sha256", "size", "mediaType", "pushedFrom", "pushedUntil"];

fn general_names() -> BTreeSet<String> {
    ["registry.id", "absent.repository", "absent.tag", "absent.digest"].map(str::to_owned).into()
}

/// The names that a world gives a value.
fn world_names(world: &WorldRecipe) -> BTreeSet<String> {
    let mut scope = BTreeSet::new();
    for (key, pushes) in &world.repositories {
        scope.insert(format!("repository.{key}"));
        for part in ["start", "end", "digests"] {
            scope.insert(format!("repository.{key}.{part}"));
        }
        for push in pushes {
            let has_artifact = matches!(world.images.get(&push.image), Some(ImageRecipe::Image(_)));
            let text = if push.count.is_some() { "next" } else { "manifest" };
            scope.insert(format!("image.{}.{text}", push.image));
            let images: Vec<String> = match push.count {
                None => vec![push.image.clone()],
                Some(count) => (1..=count).map(|number| format!("{}-{number}", push.image)).collect(),
            };
            for image in images {
                for member in IMAGE_NAMES {
                    scope.insert(format!("image.{image}.{member}"));
                }
                if has_artifact {
                    scope.insert(format!("image.{image}.artifactMediaType"));
                }
            }
        }
    }
    scope
}

fn is_id(text: &str) -> bool {
    text.split('.').all(|word| {
        !word.is_empty()
            && !word.starts_with('-')
            && !word.ends_with('-')
            && word.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
    })
}
