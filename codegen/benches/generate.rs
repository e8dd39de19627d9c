//! Generating a whole API, from model text to Rust text, against `prettyplease` alone on the same Rust.
//!
//! ```console
//! $ cargo bench -p ecrspec-codegen --features render --bench generate -- MODEL
//! ```
//!
//! Without a model it takes those of `spec/model`. `.ci/whole-ecr` makes one of all of ECR.

#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on says so")]
#![expect(clippy::print_stdout, reason = "this is how a benchmark talks")]

#[path = "../../spec/benches/ratio/mod.rs"]
mod ratio;

use std::hint::black_box;
use std::path::{Path, PathBuf};

use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::Source;
use ecrspec_codegen::{Revision, check};

fn generate(source: &Source) -> String {
    let api = check(&[Revision { name: "bench", source }], None).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(ToString::to_string).collect::<String>());
    });
    api.revisions.iter().map(|model| render::revision(model, Home::Dependency("ecrspec_api"))).collect()
}

fn main() {
    let named: Vec<PathBuf> =
        std::env::args().skip(1).filter(|one| one != "--bench").map(PathBuf::from).collect();
    let paths = if named.is_empty() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/model");
        let entries = std::fs::read_dir(folder).expect("the models are there");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    } else {
        named
    };
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("the model is there");
        let source = Source::new("model.json", text);
        let code = generate(&source);
        println!(
            "{}: {} lines of Rust",
            path.file_name().unwrap_or_default().display(),
            code.lines().count()
        );
        // What is parsed already: `prettyplease` takes syntax trees.
        let file = syn::parse_file(&code).expect("the code parses");
        ratio::compare(
            ("model text to Rust text", &mut || {
                black_box(generate(black_box(&source)));
            }),
            ("prettyplease alone", &mut || {
                black_box(prettyplease::unparse(black_box(&file)));
            }),
        );
    }
}
