//! Generated code of the fixtures, so that it is compiled and not only looked at.

use std::error::Error;

#[path = "tests/support/names.rs"]
mod names;
#[path = "tests/support/protocols.rs"]
mod protocols;
#[path = "tests/support/subjects.rs"]
mod subjects;

fn main() -> Result<(), Box<dyn Error>> {
    ecrspec_codegen::build()
        .model("fixtures/codegen/good/breadth.json")
        .model("fixtures/codegen/good/obstacles.json")
        .emit()?;
    println!("cargo::rerun-if-env-changed=ECRSPEC_PROTOCOLS");
    protocols::generate()?;
    subjects::generate()?;
    Ok(())
}
