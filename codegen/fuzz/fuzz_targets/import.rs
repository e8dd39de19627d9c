//! Any bytes as a model to import and, behind zero bytes, as the paginators and waiters beside it. What comes out
//! goes in again and stays as it is.

#![no_main]

use ecrspec_codegen::import::{Import, import};
use ecrspec_codegen::source::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == 0);
    let mut source = |name: &str| parts.next().map(|bytes| Source::from_bytes(name, bytes)).transpose();
    let (Ok(Some(model)), Ok(paginators), Ok(waiters)) =
        (source("model.json"), source("paginators-1.json"), source("waiters-2.json"))
    else {
        return;
    };
    let wanted = Import { paginators: paginators.as_ref(), waiters: waiters.as_ref(), ..Import::default() };
    match import(&model, "2026-01", wanted) {
        Ok(text) => {
            let again = import(&Source::new("again.json", text.as_str()), "2026-01", Import::default());
            assert_eq!(again.as_deref(), Ok(text.as_str()));
        }
        Err(mistakes) => assert!(!mistakes.is_empty(), "refused without a word"),
    }
});
