//! `model/*.json` and `overlay.json` to one module for each revision, in `OUT_DIR`.

use ecrspec_codegen::build::Failure;
use ecrspec_codegen::render::Home;

fn main() -> Result<(), Failure> {
    ecrspec_codegen::build().model("model").overlay("overlay.json").home(Home::Crate).emit()
}
