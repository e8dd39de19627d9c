//! Reading case files.
//!
//! In: texts with their names. Out: cases and worlds that hold together, or every problem with its place.

use std::collections::BTreeSet;
use std::fmt;

use ecrspec_api::table::Revision;
use ecrspec_codegen::source::Source;

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
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, pointer, message, hint } = self;
        writeln!(formatter, "error: {message}")?;
        writeln!(formatter, "  --> {file}:{line}:{column}")?;
        if !pointer.is_empty() {
            writeln!(formatter, "  at {pointer}")?;
        }
        write!(formatter, "  hint: {hint}")
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
            Err(problem) => problems.push(problem),
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

fn read(source: &Source) -> Result<CaseFile, Problem> {
    let tree = source.parse().map_err(|diagnostic| Problem {
        file: diagnostic.file,
        line: diagnostic.line,
        column: diagnostic.column,
        pointer: diagnostic.pointer,
        message: diagnostic.message,
        hint: diagnostic.hint,
    })?;
    if let Some(twice) = tree.duplicates().first() {
        let (line, column) = source.position(twice.place.span.start);
        return Err(Problem {
            file: source.name().to_owned(),
            line,
            column,
            pointer: twice.place.pointer(),
            message: format!("the key `{}` stands twice", twice.key),
            hint: "take one out".to_owned(),
        });
    }
    let deserializer = &mut serde_json::Deserializer::from_str(source.text());
    let file: CaseFile = serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let inner = error.inner();
        Problem {
            file: source.name().to_owned(),
            line: inner.line(),
            column: inner.column(),
            pointer: pointer(error.path()),
            message: without_place(&inner.to_string()),
            hint: "`ecrspec case schema` prints the JSON Schema of case files, for your editor too"
                .to_owned(),
        }
    })?;
    if file.format != FORMAT {
        return Err(lint::Note::new(
            "/format".to_owned(),
            format!("format {} is not one that this program reads", file.format),
            "write `\"format\": 1`",
        )
        .at(source));
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
