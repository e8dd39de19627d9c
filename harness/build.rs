//! Lists the case files, so that adding one is the whole work of adding it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=cases");
    let cases = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("cases");
    let mut files: Vec<PathBuf> = fs::read_dir(&cases)?
        .map(|entry| Ok(entry?.path()))
        .filter(|path| {
            path.as_ref().is_ok_and(|path: &PathBuf| path.extension().is_some_and(|ending| ending == "json"))
        })
        .collect::<io::Result<_>>()?;
    files.sort();
    let mut entries = String::new();
    for file in &files {
        let name = Path::new("harness/cases").join(file.file_name().unwrap_or_default());
        let (name, path) = (name.display().to_string(), file.display().to_string());
        entries.push_str(&["    (", &literal(&name), ", include_str!(", &literal(&path), ")),\n"].concat());
    }
    let output = Path::new(&env::var("OUT_DIR").unwrap_or_default()).join("cases.rs");
    fs::write(output, format!("[\n{entries}]\n"))
}

/// A text as a Rust literal.
fn literal(text: &str) -> String {
    format!("{text:?}")
}
