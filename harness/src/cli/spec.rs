//! `ecrspec spec check`, `emit` and `explain`, and reading what all of `ecrspec spec` works on.

use std::fmt::{Display, Write as _};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ecrspec::exit::Exit;
use ecrspec_codegen::model::{Api, Model};
use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::{MAXIMUM_BYTES, Source};
use ecrspec_codegen::{Code, Diagnostic, Revision, check as check_models};
use flate2::read::MultiGzDecoder;

use crate::cli::Failure;
use crate::cli::arguments::{CheckSpecArguments, EmitArguments};
use crate::cli::output::{print, say};

/// Where a clone of the project has its models and its overlay.
const FOLDER: &str = "spec/model";
const OVERLAY: &str = "spec/overlay.json";

/// How a packed file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Checks model files and an overlay.
pub(super) fn check(arguments: &CheckSpecArguments) -> Result<Exit, Failure> {
    let own = arguments.files.is_empty();
    let paths = if own { vec![PathBuf::from(FOLDER)] } else { arguments.files.clone() };
    let overlay = arguments.overlay.clone().or_else(|| own.then(|| PathBuf::from(OVERLAY)));
    let mut models = Vec::new();
    for path in &paths {
        for file in files(path)? {
            models.push((stem(&file), read(&file)?));
        }
    }
    let overlay = overlay.map(|file| read(&file)).transpose()?;
    let api = check_all(&models, overlay.as_ref())?;
    let mut text = String::new();
    for model in &api.revisions {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{}", summary(model));
        for line in model.traits.iter().filter(|_| arguments.traits) {
            let _ = writeln!(text, "  {:>5} {:<36} {}", line.count, line.id, line.fate);
        }
    }
    print(&text)?;
    Ok(Exit::Conforms)
}

fn summary(model: &Model) -> String {
    let traits: usize = model.traits.iter().map(|line| line.count).sum();
    format!(
        "{}: no mistake in {} operations, {} shapes and {traits} traits, sha256 {}",
        model.name,
        model.operations.len(),
        model.shapes().len(),
        model.hash
    )
}

/// Writes the Rust of a model.
pub(super) fn emit(arguments: &EmitArguments) -> Result<Exit, Failure> {
    let name = arguments.name.clone().unwrap_or_else(|| stem(&arguments.file));
    let models = [(name, read(&arguments.file)?)];
    let overlay = arguments.overlay.as_deref().map(read).transpose()?;
    let api = check_all(&models, overlay.as_ref())?;
    let command = command_line(arguments);
    let home = Home::Dependency("ecrspec_api");
    let text: String = api.revisions.iter().map(|model| render::vendored(model, home, &command)).collect();
    let Some(output) = &arguments.output else {
        print(&text)?;
        return Ok(Exit::Conforms);
    };
    // A file that is as it should be keeps its time, so that nothing is built again for it.
    if fs::read(output).is_ok_and(|there| there == text.as_bytes()) {
        say(&format!("{} is up to date", output.display()));
    } else {
        fs::write(output, text).map_err(|error| unusable("write", output, &error))?;
        say(&format!("wrote {}", output.display()));
    }
    Ok(Exit::Conforms)
}

/// The command that makes the same text again, on one line.
fn command_line(arguments: &EmitArguments) -> String {
    let mut words = vec!["ecrspec".to_owned(), "spec".to_owned(), "emit".to_owned()];
    words.push(arguments.file.display().to_string());
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([name.to_owned(), value]);
        }
    };
    option("--as", arguments.name.clone());
    option("--overlay", arguments.overlay.as_ref().map(|file| file.display().to_string()));
    option("--output", arguments.output.as_ref().map(|file| file.display().to_string()));
    shell_words::join(words).replace(char::is_control, "?")
}

/// Prints what codes of mistakes mean: those, or every one.
pub(super) fn explain(names: &[String]) -> Result<Exit, Failure> {
    let mut text = String::new();
    let known = |name: &String| {
        Code::ALL.iter().find(|code| code.name() == name).ok_or_else(|| {
            Failure::usage(format!(
                "no mistake has the code `{name}`\n\nhint: `ecrspec spec explain` lists them"
            ))
        })
    };
    let codes: Vec<&Code> = if names.is_empty() {
        Code::ALL.iter().collect()
    } else {
        names.iter().map(known).collect::<Result<_, _>>()?
    };
    for code in codes {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{:<24} {}", code.name(), code.explanation());
    }
    print(&text)?;
    Ok(Exit::Conforms)
}

fn check_all(models: &[(String, Source)], overlay: Option<&Source>) -> Result<Api, Failure> {
    let revisions: Vec<Revision<'_>> =
        models.iter().map(|(name, source)| Revision { name, source }).collect();
    check_models(&revisions, overlay).map_err(|mistakes| mistakes_failure(&mistakes))
}

/// The file itself, or each `*.json` file of a folder, sorted by name.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if path == Path::new(FOLDER) && !path.exists() {
        return Err(Failure::usage(format!(
            "there is no folder {FOLDER} here\n\nhint: name the files to check, or run it in a clone of the project"
        )));
    }
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unusable("read", path, &error))? {
        let file = entry.map_err(|error| unusable("read", path, &error))?.path();
        if file.extension().is_some_and(|ending| ending == "json") {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(Failure::usage(format!("the folder {} has no `*.json` file", path.display())));
    }
    files.sort();
    Ok(files)
}

/// What a revision is called where nobody says so: as its file.
fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file, or standard input for `-`; unpacked where it is packed.
pub(super) fn read(file: &Path) -> Result<Source, Failure> {
    let is_input = file == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { file.display().to_string() };
    let packed: Result<Vec<u8>, io::Error> =
        if is_input { read_all(io::stdin().lock()) } else { fs::File::open(file).and_then(read_all) };
    let packed = packed.map_err(|error| unusable("read", Path::new(&name), &error))?;
    let bytes = if packed.starts_with(&GZIP) {
        read_all(MultiGzDecoder::new(packed.as_slice()))
            .map_err(|error| unusable("unpack", Path::new(&name), &error))?
    } else {
        packed
    };
    Source::from_bytes(name, &bytes).map_err(Failure::usage)
}

/// Everything, unless it is more than any model has: what unpacks to the size of a disk is not unpacked.
fn read_all(reader: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAXIMUM_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAXIMUM_BYTES {
        return Err(io::Error::other(format!(
            "it has more than {} MiB, which no model has",
            MAXIMUM_BYTES / 1024 / 1024
        )));
    }
    Ok(bytes)
}

pub(super) fn unusable(what: &str, file: &Path, error: &dyn Display) -> Failure {
    Failure::usage(format!("failed to {what} {}: {error}", file.display()))
}

/// Every mistake as one failure.
pub(super) fn mistakes_failure(mistakes: &[Diagnostic]) -> Failure {
    let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let count = match mistakes.len() {
        1 => "the spec has a mistake".to_owned(),
        count => format!("the spec has {count} mistakes"),
    };
    Failure::usage(format!("{count}\n\n{}", mistakes.join("\n").trim_end()))
}
