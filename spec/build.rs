//! `model/*.json` and `overlay.json` to one module for each revision, in `OUT_DIR`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::Source;
use ecrspec_codegen::{Diagnostic, Revision, check};

#[expect(clippy::print_stderr, reason = "this is how a build script talks")]
fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=model");
    println!("cargo::rerun-if-changed=overlay.json");
    match generate() {
        Ok(mistakes) if mistakes.is_empty() => ExitCode::SUCCESS,
        Ok(mistakes) => {
            for mistake in &mistakes {
                eprintln!("{mistake}");
            }
            eprintln!("error: {} mistakes in the spec", mistakes.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: the spec could not be read, or the code not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate() -> io::Result<Vec<Diagnostic>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir("model")?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();

    let mut mistakes = Vec::new();
    let mut sources = Vec::new();
    for path in &paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        sources.extend(read(path, &mut mistakes)?.map(|source| (name, source)));
    }
    let overlay = read(Path::new("overlay.json"), &mut mistakes)?;
    let revisions: Vec<_> = sources.iter().map(|(name, source)| Revision { name, source }).collect();
    let api = match check(&revisions, overlay.as_ref()) {
        Ok(api) if mistakes.is_empty() => api,
        Ok(_) => return Ok(mistakes),
        Err(found) => {
            mistakes.extend(found);
            return Ok(mistakes);
        }
    };

    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for model in &api.revisions {
        fs::write(out.join(format!("{}.rs", model.module)), render::revision(model, Home::Crate))?;
    }
    fs::write(out.join("revisions.rs"), render::index(&api, Home::Crate))?;
    Ok(mistakes)
}

fn read(path: &Path, mistakes: &mut Vec<Diagnostic>) -> io::Result<Option<Source>> {
    if !path.exists() {
        return Ok(None);
    }
    let source = Source::from_bytes(format!("spec/{}", path.display()), &fs::read(path)?);
    Ok(source.map_err(|mistake| mistakes.push(*mistake)).ok())
}
