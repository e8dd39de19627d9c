//! Reading case files.
//!
//! In: texts with their names. Out: cases and worlds that hold together, or every problem with its place.

use std::collections::BTreeSet;
use std::fmt;

use ecrspec_api::table::Revision;
use ecrspec_codegen::Diagnostic;
use ecrspec_codegen::source::{Excerpt, Node, Source, Span};

use crate::case::format::{Case, CaseFile, FORMAT};
use crate::case::{Suite, lint};

/// Something wrong in a case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The place as a JSON pointer.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: String,
    excerpt: Excerpt,
}

impl Problem {
    /// What is wrong at these bytes of a file.
    pub fn new(
        source: &Source,
        span: Span,
        pointer: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (line, column) = source.position(span.start);
        Self {
            file: source.name().to_owned(),
            line,
            column,
            pointer: pointer.into(),
            message: message.into(),
            hint: hint.into(),
            excerpt: Excerpt::of(source, span),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, pointer, message, hint, excerpt } = self;
        writeln!(formatter, "error: {message}")?;
        excerpt.write(formatter, &format!("{file}:{line}:{column}"), pointer, hint)
    }
}

/// The case files that this program carries, in the order in which they are reported.
const BUILT_IN: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// The authored cases of this program, followed by the derived ones.
///
/// # Errors
/// Every problem of the files; a program that was released has none.
pub fn built_in(derived: &Suite) -> Result<Suite, Vec<Problem>> {
    let sources: Vec<Source> = BUILT_IN.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    let mut suite = read_all(&sources, derived)?;
    suite.cases.extend(derived.cases.iter().cloned());
    suite.worlds.extend(derived.worlds.clone());
    Ok(suite)
}

/// Whether a text is one of the files that this program carries.
pub fn is_built_in(source: &Source) -> bool {
    BUILT_IN.iter().any(|(_, text)| *text == source.text())
}

/// A user's own case files, which may use the worlds and twins of `known`.
///
/// # Errors
/// Every problem of the files.
pub fn check(sources: &[Source], known: &Suite, _revision: &Revision) -> Result<Suite, Vec<Problem>> {
    read_all(sources, known)
}

fn read_all(sources: &[Source], known: &Suite) -> Result<Suite, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for source in sources {
        match read(source) {
            Ok(file) => files.push((source, file)),
            Err(problem) => problems.push(*problem),
        }
    }
    let mut suite = Suite::default();
    let known_worlds = known.worlds.keys().cloned();
    let mut taken: BTreeSet<String> = known_worlds.collect();
    for (source, file) in &files {
        for (name, recipe) in &file.worlds {
            if !taken.insert(name.clone()) {
                problems.push(
                    lint::Note::new(
                        format!("/worlds/{}", lint::escape(name)),
                        format!("the world `{name}` is there already"),
                        "give it another name, or use the one that is there",
                    )
                    .at(source),
                );
            }
            suite.worlds.insert(name.clone(), recipe.clone());
        }
    }
    let worlds =
        known.worlds.iter().chain(&suite.worlds).map(|(name, world)| (name.as_str(), world)).collect();
    let all: Vec<&Case> = known.cases.iter().chain(files.iter().flat_map(|(_, file)| &file.cases)).collect();
    let linter = lint::Linter::new(worlds, &all);
    for (source, file) in &files {
        problems.extend(linter.notes(file).into_iter().map(|note| note.at(source)));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    suite.cases = files.into_iter().flat_map(|(_, file)| file.cases).collect();
    Ok(suite)
}

/// Where the value at a pointer stands, or its key, where it is the key that is wrong.
fn place_of(tree: &Node<'_>, pointer: &str, error: &serde_json::Error) -> Option<Span> {
    if !error.to_string().starts_with("unknown field") {
        return Some(tree.pointer(pointer)?.place.span);
    }
    let (above, _) = pointer.rsplit_once('/')?;
    let entries = tree.pointer(above)?.entries()?;
    let entry = entries.iter().find(|entry| entry.value.place.pointer() == pointer)?;
    Some(entry.place.span)
}

fn read(source: &Source) -> Result<CaseFile, Box<Problem>> {
    let tree = source.parse().map_err(|diagnostic| {
        let Diagnostic { file, line, column, pointer, message, hint, excerpt, .. } = *diagnostic;
        Box::new(Problem { file, line, column, pointer, message, hint, excerpt })
    })?;
    if let Some(twice) = tree.duplicates().first() {
        let (span, message) = (twice.place.span, format!("the key `{}` stands twice", twice.key));
        return Err(Box::new(Problem::new(source, span, twice.place.pointer(), message, "take one out")));
    }
    let deserializer = &mut serde_json::Deserializer::from_str(source.text());
    let file: CaseFile = serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let inner = error.inner();
        let pointer = pointer(error.path());
        let end = source.offset(inner.line(), inner.column() + 1);
        let span = place_of(&tree, &pointer, inner).unwrap_or(Span { start: end.saturating_sub(1), end });
        let hint = "`ecrspec case schema` prints the JSON Schema of case files, for your editor too";
        Box::new(Problem::new(source, span, pointer, without_place(&inner.to_string()), hint))
    })?;
    if file.format != FORMAT {
        let message = format!("format {} is not one that this program reads", file.format);
        let note = lint::Note::new("/format".to_owned(), message, "write `\"format\": 1`");
        return Err(Box::new(note.at(source)));
    }
    Ok(file)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;

    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", lint::escape(key))),
            Segment::Enum { variant } => Some(format!("/{variant}")),
            Segment::Unknown => None,
        })
        .collect()
}

/// The reader's message without ` at line 1 column 2`, which the problem says itself.
fn without_place(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(before, _)| before).to_owned()
}
