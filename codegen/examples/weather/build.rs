//! `model/*.json` and `overlay.json` to Rust.

fn main() -> Result<(), ecrspec_codegen::build::Failure> {
    ecrspec_codegen::build().model("model").overlay("overlay.json").emit()
}
