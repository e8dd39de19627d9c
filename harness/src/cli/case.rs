//! `ecrspec case …`

use std::fs;
use std::path::{Path, PathBuf};

use ecrspec::case::{Suite, check as check_sources, derive, is_built_in, schema};
use ecrspec::exit::Exit;
use ecrspec_api::table::Revision;
use ecrspec_codegen::source::Source;

use crate::cli::output::print;
use crate::cli::{Failure, problems_failure};

/// Checks case files.
pub(super) fn check(revision: &'static Revision, files: &[PathBuf]) -> Result<Exit, Failure> {
    let sources = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let known = suite(revision, None)?;
    // The built-in files are checked against themselves, not as a second copy of themselves.
    let own = sources.iter().all(is_built_in);
    let known = if own { derive::derive(revision) } else { known };
    let suite =
        check_sources(&sources, &known, revision).map_err(|problems| problems_failure(WHAT, &problems))?;
    let checks: usize = suite.cases.iter().flat_map(|case| &case.steps).map(|step| step.expect.len()).sum();
    print(&format!(
        "{} cases with {checks} checks and {} worlds in {} files: no problem\n",
        suite.cases.len(),
        suite.worlds.len(),
        files.len()
    ))?;
    Ok(Exit::Conforms)
}

/// Prints the JSON Schema of case files.
pub(super) fn print_schema() -> Result<Exit, Failure> {
    print(&format!("{:#}\n", schema().to_value()))?;
    Ok(Exit::Conforms)
}

/// What problems of cases are problems of.
const WHAT: &str = "the case files";

/// The cases of a revision, with those of a folder, if one is named.
pub(super) fn suite(revision: &'static Revision, folder: Option<&Path>) -> Result<Suite, Failure> {
    let own = folder.map_or(Ok(Vec::new()), read_folder)?;
    Suite::for_revision(revision, &own).map_err(|problems| problems_failure(WHAT, &problems))
}

/// The same, or what of it fits filters, if anything does.
pub(super) fn selected(
    revision: &'static Revision,
    folder: Option<&Path>,
    filters: &[String],
) -> Result<Suite, Failure> {
    let suite = suite(revision, folder)?.select(filters);
    if suite.selected().next().is_none() {
        return Err(Failure::usage("no case fits; `ecrspec run --list` prints all ids"));
    }
    Ok(suite)
}

/// Every case file of a folder, sorted by name.
fn read_folder(folder: &Path) -> Result<Vec<Source>, Failure> {
    let unreadable =
        |error| Failure::usage(format!("failed to read the folder {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(Failure::usage(format!("the folder {} has no `*.json` file", folder.display())));
    }
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<Source, Failure> {
    let name = file.display().to_string();
    let bytes = fs::read(file).map_err(|error| Failure::usage(format!("failed to read {name}: {error}")))?;
    Source::from_bytes(name, &bytes).map_err(Failure::usage)
}
