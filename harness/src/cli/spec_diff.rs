//! `ecrspec spec diff`

use std::fs;
use std::path::{Path, PathBuf};

use ecrspec::case::Suite;
use ecrspec::change::{assess, human, json, markdown};
use ecrspec::exit::Exit;
use ecrspec::revision;
use ecrspec_api::source::{MODELS, OVERLAY};
use ecrspec_codegen::diff::{Question, diff};
use ecrspec_codegen::import::{Import, import};
use ecrspec_codegen::source::Source;
use ecrspec_codegen::{Diagnostic, Revision};

use crate::cli::arguments::{DiffFormat, SpecDiffArguments};
use crate::cli::case;
use crate::cli::import::sibling;
use crate::cli::output::print;
use crate::cli::spec::{mistakes_failure, read};
use crate::cli::{Failure, newest_revision};

/// The largest file that is looked into.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// Says what changed from one revision to another, and what that puts in doubt.
pub(super) fn print_diff(arguments: &SpecDiffArguments) -> Result<Exit, Failure> {
    let (old_name, old) = model(&arguments.old)?;
    let (new_name, new) = model(&arguments.new)?;
    let overlay = Source::new("spec/overlay.json", OVERLAY);
    let question = Question {
        old: Revision { name: &old_name, source: &old },
        new: Revision { name: &new_name, source: &new },
        operations: &arguments.operation,
        overlay: Some(&overlay),
    };
    let diff = diff(question).map_err(|mistakes: Vec<Diagnostic>| mistakes_failure(&mistakes))?;
    let suite = suite(&new_name)?;
    let cases: Vec<_> = suite.cases.iter().collect();
    let texts = texts(&arguments.look_in)?;
    let impact = assess(&diff, &cases, &texts);
    print(&match arguments.format {
        DiffFormat::Human => human(&impact),
        DiffFormat::Json => json(&impact),
        DiffFormat::Markdown => markdown(&impact),
    })?;
    Ok(Exit::Conforms)
}

/// The cases that judge by the newer revision, or else by the newest that there is.
fn suite(new: &str) -> Result<Suite, Failure> {
    let revision = revision::find(new).map_or_else(newest_revision, Ok)?;
    case::suite(revision, None)
}

/// A model by the name of a revision, or else from a file of either format.
fn model(wanted: &str) -> Result<(String, Source), Failure> {
    if let Some((name, text)) = MODELS.iter().find(|(name, _)| *name == wanted) {
        return Ok(((*name).to_owned(), Source::new(format!("spec/model/{name}.json"), *text)));
    }
    let file = Path::new(wanted);
    if !file.exists() {
        let known: Vec<&str> = MODELS.iter().map(|(name, _)| *name).collect();
        return Err(Failure::usage(format!(
            "`{wanted}` is neither a revision nor a file\n\nhint: the revisions are {}",
            known.join(", ")
        )));
    }
    let source = read(file)?;
    let name = name_of(file);
    // A model of botocore goes the way of an import.
    let is_botocore =
        source.parse().is_ok_and(|root| root.get("metadata").is_some() && root.get("smithy").is_none());
    if is_botocore {
        let paginators = sibling(file, "paginators-1.json").map(|file| read(&file)).transpose()?;
        let whole = Import { paginators: paginators.as_ref(), ..Import::default() };
        let text = import(&source, &name, whole).map_err(|mistakes| mistakes_failure(&mistakes))?;
        return Ok((name, Source::new(wanted, text)));
    }
    Ok((name, source))
}

/// What a file is called as a revision: its name up to the first dot, in what a revision's name may have.
fn name_of(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.split('.').next().unwrap_or_default();
    let name: String = name.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
    if name.is_empty() { "model".to_owned() } else { name }
}

/// Every text file of these files and folders, sorted by name.
fn texts(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let unreadable = |path: &Path, error: std::io::Error| {
        Failure::usage(format!("failed to read {}: {error}", path.display()))
    };
    let mut open: Vec<PathBuf> = paths.to_vec();
    let mut texts = Vec::new();
    while let Some(path) = open.pop() {
        let about = fs::symlink_metadata(&path).map_err(|error| unreadable(&path, error))?;
        if about.is_dir() {
            for entry in fs::read_dir(&path).map_err(|error| unreadable(&path, error))? {
                open.push(entry.map_err(|error| unreadable(&path, error))?.path());
            }
        } else if about.is_file() && about.len() <= LARGEST_FILE {
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, error))?;
            // What is no text speaks of nothing.
            texts.extend(String::from_utf8(bytes).ok().map(|text| (path.display().to_string(), text)));
        }
    }
    texts.sort();
    Ok(texts)
}
