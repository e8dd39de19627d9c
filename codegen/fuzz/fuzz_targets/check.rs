//! Any bytes as a model and, behind a zero byte, as an overlay: parsed, checked and, if nothing is wrong, rendered.
//! Every mistake prints, and all come in the order of their file.

#![no_main]

use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::Source;
use ecrspec_codegen::{Revision, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let model = Source::from_bytes("model.json", parts.next().unwrap_or_default());
    let overlay = parts.next().map(|bytes| Source::from_bytes("overlay.json", bytes)).transpose();
    let (Ok(model), Ok(overlay)) = (model, overlay) else { return };
    match check(&[Revision { name: "2026-01", source: &model }], overlay.as_ref()) {
        Ok(api) => {
            for model in &api.revisions {
                assert!(!render::revision(model, Home::Crate).is_empty());
            }
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "refused without a word");
            let place = |at: usize| mistakes.get(at).map(|one| (one.file != "model.json", one.line, one.column));
            assert!((1..mistakes.len()).all(|at| place(at - 1) <= place(at)), "{mistakes:#?}");
            assert!(mistakes.iter().all(|mistake| !mistake.to_string().is_empty()));
        }
    }
});
