//! The door for build scripts: files in, Rust in `OUT_DIR` out.
//!
//! In: the paths of models and of an overlay. Out: the module of each revision and `revisions.rs`, which
//! includes them all. What must stay true: of this crate only this module touches files, the environment and
//! stdout; nothing is written unless every file is without mistake.
//!
//! A build script is one expression:
//!
//! ```no_run
//! fn main() -> Result<(), ecrspec_codegen::build::Failure> {
//!     ecrspec_codegen::build().model("model").overlay("overlay.json").emit()
//! }
//! ```
//!
//! and the crate takes what it made with one line:
//!
//! ```ignore
//! include!(concat!(env!("OUT_DIR"), "/revisions.rs"));
//! ```
//!
//! The crate then has one module for each model file, `v2026_11` for `2026-11.json`, and the function
//! `revisions`, which gives the table entry of each. It needs `ecrspec-api` at run time, on which generated
//! code leans.

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use crate::render::{self, Home};
use crate::source::Source;
use crate::{Diagnostic, Revision, check};

/// Generates code in a build script.
pub fn build() -> Build {
    Build { models: Vec::new(), overlay: None, home: Home::Dependency("ecrspec_api") }
}

/// What to generate, and from which files.
#[derive(Clone, Debug)]
#[must_use = "nothing is generated before `emit`"]
pub struct Build {
    models: Vec<PathBuf>,
    overlay: Option<PathBuf>,
    home: Home,
}

impl Build {
    /// Takes a model file, or every `*.json` file of a folder. The name of a file without its ending is the
    /// revision's name. Paths are seen from the folder of the package, in which Cargo runs build scripts.
    pub fn model(mut self, path: impl Into<PathBuf>) -> Self {
        self.models.push(path.into());
        self
    }

    /// Lays an overlay over every model.
    pub fn overlay(mut self, file: impl Into<PathBuf>) -> Self {
        self.overlay = Some(file.into());
        self
    }

    /// Says where generated code finds the types that it leans on, if not in the crate `ecrspec_api`.
    pub fn home(mut self, home: Home) -> Self {
        self.home = home;
        self
    }

    /// Generates into the folder that Cargo gives to build scripts, and tells Cargo which files to watch.
    ///
    /// # Errors
    ///
    /// Every mistake of every file, or the file that could not be read or written. A [`Failure`] that `main`
    /// returns prints all of it.
    pub fn emit(&self) -> Result<(), Failure> {
        let out = env::var_os("OUT_DIR").ok_or(Failure::NoBuildScript)?;
        for path in self.models.iter().chain(&self.overlay) {
            watch(path);
        }
        self.emit_into(Path::new(&out))
    }

    /// Generates into a folder that is there.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit).
    pub fn emit_into(&self, folder: &Path) -> Result<(), Failure> {
        let mut mistakes = Vec::new();
        let mut models = Vec::new();
        for file in model_files(&self.models)? {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            models.extend(read(&file, &mut mistakes)?.map(|source| (name, source)));
        }
        let overlay = self.overlay.as_deref().map(|file| read(file, &mut mistakes)).transpose()?.flatten();
        let revisions: Vec<Revision<'_>> =
            models.iter().map(|(name, source)| Revision { name, source }).collect();
        let api = match check(&revisions, overlay.as_ref()) {
            Ok(api) if mistakes.is_empty() => api,
            checked => {
                mistakes.extend(checked.err().unwrap_or_default());
                return Err(Failure::Mistakes(mistakes));
            }
        };
        let write = |name: &str, text: String| {
            let file = folder.join(name);
            fs::write(&file, text).map_err(|error| Failure::Unusable { verb: "write", file, error })
        };
        for model in &api.revisions {
            write(&format!("{}.rs", model.module), render::revision(model, self.home))?;
        }
        write("revisions.rs", render::index(&api, self.home))
    }
}

/// Why nothing was generated. Its `Debug` text is its `Display` text, so that a `main` that returns it prints
/// what a person can read.
pub enum Failure {
    /// The specs have mistakes.
    Mistakes(Vec<Diagnostic>),
    /// A folder of models has none.
    NoModel(PathBuf),
    /// `OUT_DIR` is not set: this is no build script.
    NoBuildScript,
    /// A file or folder that could not be read or written.
    Unusable {
        /// What was tried.
        verb: &'static str,
        /// With which file or folder.
        file: PathBuf,
        /// What came of it.
        error: io::Error,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistakes(mistakes) => {
                writeln!(formatter, "mistakes in the spec: {}", mistakes.len())?;
                mistakes.iter().try_for_each(|mistake| write!(formatter, "\n{mistake}"))
            }
            Self::NoModel(folder) => {
                write!(formatter, "the folder {} has no `*.json` file to generate from", folder.display())
            }
            Self::NoBuildScript => {
                formatter.write_str("OUT_DIR is not set: call `emit` in a build script, or `emit_into`")
            }
            Self::Unusable { verb, file, error } => {
                write!(formatter, "failed to {verb} {}: {error}", file.display())
            }
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unusable { error, .. } => Some(error),
            _ => None,
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is how a build script talks to Cargo")]
fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

/// The files, each folder as its models sorted by name.
fn model_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unusable = |error| Failure::Unusable { verb: "read", file: path.clone(), error };
        let mut found = Vec::new();
        for entry in fs::read_dir(path).map_err(unusable)? {
            let file = entry.map_err(unusable)?.path();
            if file.extension().is_some_and(|ending| ending == "json") {
                found.push(file);
            }
        }
        if found.is_empty() {
            return Err(Failure::NoModel(path.clone()));
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}

fn read(file: &Path, mistakes: &mut Vec<Diagnostic>) -> Result<Option<Source>, Failure> {
    let bytes =
        fs::read(file).map_err(|error| Failure::Unusable { verb: "read", file: file.to_owned(), error })?;
    // Cargo prints what a build script says far from its package: a whole path leads there.
    let name =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| file.to_owned(), |root| Path::new(&root).join(file));
    Ok(Source::from_bytes(name.display().to_string(), &bytes).map_err(|mistake| mistakes.push(*mistake)).ok())
}
