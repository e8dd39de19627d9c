//! `model/*.json` and `overlay.json` to one module for each revision, in `OUT_DIR`, and a list of the files
//! themselves, for who wants to compare them with others.

use std::error::Error;
use std::path::Path;
use std::{env, fs, io};

use ecrspec_codegen::render::Home;

fn main() -> Result<(), Box<dyn Error>> {
    ecrspec_codegen::build().model("model").overlay("overlay.json").home(Home::Crate).emit()?;
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    Ok(fs::write(Path::new(&out).join("source.rs"), sources()?)?)
}

fn sources() -> io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir("model")? {
        let path = entry?.path();
        let stem = path.file_stem().filter(|_| path.extension().is_some_and(|ending| ending == "json"));
        names.extend(stem.map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    let text = |file: &str| format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{file}\"))");
    let models: Vec<String> =
        names.iter().map(|name| format!("({name:?}, {})", text(&format!("model/{name}.json")))).collect();
    Ok(format!(
        "/// The model of each revision, by its name, oldest first.\n\
         pub static MODELS: &[(&str, &str)] = &[{}];\n\
         /// The overlay.\n\
         pub static OVERLAY: &str = {};\n",
        models.join(", "),
        text("overlay.json")
    ))
}
