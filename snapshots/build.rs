//! Generated code of the fixtures, so that it is compiled and not only looked at.

use std::path::Path;
use std::{env, fs, io};

use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::Source;
use ecrspec_codegen::{Revision, check};

#[path = "tests/support/protocols.rs"]
mod protocols;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=fixtures/codegen/good");
    for name in ["breadth", "obstacles"] {
        generate(name)?;
    }
    println!("cargo::rerun-if-env-changed=ECRSPEC_PROTOCOLS");
    if env::var_os("CARGO_FEATURE_PROTOCOLS").is_some() {
        protocols::generate()?;
    }
    Ok(())
}

fn generate(name: &str) -> io::Result<()> {
    let path = format!("fixtures/codegen/good/{name}.json");
    let source = Source::new(path.as_str(), fs::read_to_string(&path)?);
    let api = check(&[Revision { name, source: &source }], None).map_err(|mistakes| {
        io::Error::other(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    for model in &api.revisions {
        let text = render::revision(model, Home::Dependency("ecrspec_api"));
        fs::write(Path::new(&out).join(format!("{name}.rs")), text)?;
    }
    Ok(())
}
