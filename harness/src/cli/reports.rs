//! `--report`: the verdict in files; and `ecrspec report …`

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anstream::adapter::strip_str;
use ecrspec::exit::Exit;
use ecrspec::report::{self, Subject};

use crate::cli::Failure;
use crate::cli::arguments::Format;
use crate::cli::output::print;

/// The report in a format.
pub(super) fn render(format: Format, subject: &Subject<'_>) -> String {
    match format {
        Format::Human => report::human(subject),
        Format::Json => report::json(subject),
        Format::Junit => report::junit(subject),
        Format::Markdown => report::markdown(subject),
        Format::Github => report::annotations(subject),
        Format::Html => report::html(subject),
    }
}

/// Prints the JSON Schema of the JSON report.
pub(super) fn print_schema() -> Result<Exit, Failure> {
    print(&format!("{:#}\n", report::json_schema().to_value()))?;
    Ok(Exit::Conforms)
}

/// Refuses files that can't be written before anything is sent, not after a long run.
pub(super) fn check(reports: &[(Format, PathBuf)]) -> Result<(), Failure> {
    let mut files = BTreeSet::new();
    for (_, file) in reports {
        let shown = file.display();
        if !files.insert(file) {
            return Err(Failure::usage(format!("two reports would go to {shown}")));
        }
        if file.is_dir() {
            return Err(Failure::usage(format!("failed to write {shown}: it is a folder")));
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if !folder.is_none_or(Path::is_dir) {
            return Err(Failure::usage(format!("failed to write {shown}: its folder is not there")));
        }
    }
    Ok(())
}

/// Writes the reports.
pub(super) fn write(reports: &[(Format, PathBuf)], subject: &Subject<'_>) -> Result<(), Failure> {
    for (format, file) in reports {
        let text = render(*format, subject);
        let text = if *format == Format::Human { strip_str(&text).to_string() } else { text };
        fs::write(file, text)
            .map_err(|error| Failure::usage(format!("failed to write {}: {error}", file.display())))?;
    }
    Ok(())
}
