//! `ecrspec matrix`
//!
//! In: a file of targets. Out: for each its reports, and a table, a page and a picture of all of them, in one folder.

use std::fs;
use std::path::Path;

use ecrspec::case::Problem;
use ecrspec::exit::Exit;
use ecrspec::report::{Column, matrix_html, matrix_markdown, matrix_svg};
use ecrspec_codegen::source::{Source, Span};
use time::OffsetDateTime;
use toml_edit::{Document, Item, Table};

use crate::cli::arguments::{Format, MatrixArguments, RunArguments};
use crate::cli::output::{complain, print, say};
use crate::cli::target::TargetArguments;
use crate::cli::{Failure, problems_failure, run};

const KEYS: [&str; 4] = ["name", "version", "endpoint", "spawn"];

/// A target of the file.
struct Target {
    name: String,
    version: Option<String>,
    endpoint: Option<String>,
    spawn: Option<String>,
}

/// Runs the suite against each target, one after the other.
pub(super) async fn matrix(arguments: MatrixArguments) -> Result<Exit, Failure> {
    let targets = read(&arguments.file)?;
    let folder = &arguments.out;
    let unwritable =
        |error: std::io::Error| Failure::usage(format!("failed to write to {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(unwritable)?;
    let mut columns = Vec::new();
    let mut exit = Exit::Conforms;
    for target in targets {
        say(&format!("{}:", target.name));
        let [json, html] = ["json", "html"].map(|ending| folder.join(format!("{}.{ending}", target.name)));
        let one = RunArguments {
            target: TargetArguments {
                endpoint: target.endpoint,
                spawn: target.spawn,
                ..arguments.run.target.clone()
            },
            report: vec![(Format::Json, json.clone()), (Format::Html, html)],
            prints: false,
            ..arguments.run.clone()
        };
        let report = match run::run(one).await {
            Ok(Exit::Interrupted) => return Ok(Exit::Interrupted),
            Ok(ended) => {
                exit = worse(exit, ended);
                let text = fs::read_to_string(&json).map_err(unwritable)?;
                serde_json::from_str(&text).map_err(|error| error.to_string())
            }
            // What is wrong with the command line or this program is wrong for every target.
            Err(failure) if failure.exit != Exit::Unreachable => return Err(failure),
            Err(failure) => {
                complain(&failure.message);
                exit = worse(exit, Exit::Unreachable);
                Err("no answer".to_owned())
            }
        };
        let version = target.version.map(|version| format!(" {version}")).unwrap_or_default();
        let link = format!("{}.html", target.name);
        columns.push(Column { label: format!("{}{version}", target.name), report, link });
    }
    let today = OffsetDateTime::now_utc().date();
    let table = matrix_markdown(&columns, today);
    fs::write(folder.join("matrix.md"), &table).map_err(unwritable)?;
    fs::write(folder.join("matrix.svg"), matrix_svg(&columns, today)).map_err(unwritable)?;
    fs::write(folder.join("matrix.html"), matrix_html(&columns, today)).map_err(unwritable)?;
    print(&table)?;
    Ok(exit)
}

/// A table shows what does not conform; only what keeps it from being whole ends it otherwise.
fn worse(before: Exit, ended: Exit) -> Exit {
    match ended {
        Exit::Conforms | Exit::DoesNotConform | Exit::BaselineStale => before,
        Exit::Unreachable if before == Exit::SuiteFault => before,
        other => other,
    }
}

fn read(file: &Path) -> Result<Vec<Target>, Failure> {
    let name = file.display().to_string();
    let bytes = fs::read(file).map_err(|error| Failure::usage(format!("failed to read {name}: {error}")))?;
    let source = Source::from_bytes(name, &bytes).map_err(Failure::usage)?;
    let mut problems = Vec::new();
    let mut problem = |at: Option<std::ops::Range<usize>>, pointer: String, message: String, hint: &str| {
        let span = at.map_or(Span { start: 0, end: 0 }, |at| Span { start: at.start, end: at.end });
        problems.push(Problem::new(&source, span, pointer, message, hint));
    };
    let mut targets: Vec<Target> = Vec::new();
    match Document::parse(source.text()) {
        Err(error) => {
            let message = error.message().trim_end().replace('\n', ", ");
            problem(error.span(), String::new(), message, "targets stand in a TOML file");
        }
        Ok(document) => {
            for (key, item) in document.as_table() {
                if key != "target" || !item.is_array_of_tables() {
                    problem(item.span(), format!("/{key}"), format!("`{key}` is no list of targets"), LIST);
                }
            }
            let tables = document.get("target").and_then(Item::as_array_of_tables);
            for (index, table) in tables.into_iter().flatten().enumerate() {
                let at = format!("/target/{index}");
                match target(table) {
                    Err(message) => problem(table.span(), at, message, ONE),
                    Ok(target) if targets.iter().any(|other| other.name == target.name) => {
                        problem(table.span(), at, format!("`{}` stands twice", target.name), "rename one");
                    }
                    Ok(target) => targets.push(target),
                }
            }
        }
    }
    if targets.is_empty() && problems.is_empty() {
        return Err(Failure::usage(format!("{} has no target\n\nhint: {LIST}", file.display())));
    }
    if problems.is_empty() { Ok(targets) } else { Err(problems_failure("the list of targets", &problems)) }
}

const LIST: &str = "begin each target with `[[target]]`";
const ONE: &str =
    "a target has a `name`, may have a `version`, and has either an `endpoint` or a line to `spawn`";

fn target(table: &Table) -> Result<Target, String> {
    if let Some((key, _)) = table.iter().find(|(key, _)| !KEYS.contains(key)) {
        return Err(format!("the key `{key}` is unknown"));
    }
    let text = |key: &str| match table.get(key).map(|item| item.as_str().filter(|text| !text.is_empty())) {
        None => Ok(None),
        Some(Some(text)) => Ok(Some(text.to_owned())),
        Some(None) => Err(format!("`{key}` is no text")),
    };
    let name = text("name")?.ok_or("the target has no `name`")?;
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if name.starts_with('.') || !name.chars().all(is_plain) {
        return Err(format!("`{name}` can't name a file: letters, digits, dots, dashes and underscores can"));
    }
    let target =
        Target { name, version: text("version")?, endpoint: text("endpoint")?, spawn: text("spawn")? };
    match (&target.endpoint, &target.spawn) {
        (None, None) => Err(format!("`{}` has no `endpoint` and no `spawn`", target.name)),
        (Some(_), Some(_)) => Err(format!("`{}` has both an `endpoint` and a `spawn`", target.name)),
        _ => Ok(target),
    }
}
