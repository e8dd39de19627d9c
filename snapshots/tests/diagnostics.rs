//! What the generator says of a bad spec: one fixture for each mistake.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ecrspec_codegen::source::Source;
use ecrspec_codegen::{Code, Diagnostic, Revision, check};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/codegen")
}

fn read(path: &str) -> Source {
    Source::new(path, fs::read_to_string(fixtures().join(path)).expect("the file is there"))
}

/// Every bad fixture with its mistakes; a file whose name ends in `.overlay.json` lies over the good model.
fn mistakes() -> Vec<(String, Vec<Diagnostic>)> {
    let mut names: Vec<String> = fs::read_dir(fixtures().join("bad"))
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let good = read("good/weather.json");
    let check_one = |name: String| {
        let bad = read(&format!("bad/{name}"));
        let (stem, result) = match name.strip_suffix(".overlay.json") {
            Some(stem) => (stem, check(&[Revision { name: "2025-04", source: &good }], Some(&bad))),
            None => {
                (name.trim_end_matches(".json"), check(&[Revision { name: "2025-04", source: &bad }], None))
            }
        };
        (stem.to_owned(), result.err().unwrap_or_default())
    };
    names.into_iter().map(check_one).collect()
}

#[test]
fn every_bad_fixture() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../diagnostics");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for (name, mistakes) in mistakes() {
        let text: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert!(!text.is_empty(), "{name} is not bad");
        insta::assert_snapshot!(name, text.join("\n"));
    }
}

#[test]
fn one_mistake_makes_one_message() {
    for (name, mistakes) in mistakes() {
        let expected = if name == "many" { 6 } else { 1 };
        let codes: Vec<&str> = mistakes.iter().map(|mistake| mistake.code.name()).collect();
        assert_eq!(codes.len(), expected, "{name}: {codes:?}");
    }
}

#[test]
fn mistakes_come_in_the_order_of_the_file() {
    for (name, mistakes) in mistakes() {
        let places: Vec<(usize, usize)> =
            mistakes.iter().map(|mistake| (mistake.line, mistake.column)).collect();
        assert!(places.is_sorted(), "{name}: {places:?}");
    }
}

#[test]
fn every_code_of_the_catalogue_has_a_fixture() {
    let mut seen: BTreeSet<Code> =
        mistakes().iter().flat_map(|(_, mistakes)| mistakes.iter().map(|mistake| mistake.code)).collect();
    seen.extend(Source::from_bytes("model.json", b"{\"\xff\"}").err().map(|mistake| mistake.code));
    let source = read("good/weather.json");
    let bad_name = check(&[Revision { name: "April 2025", source: &source }], None);
    seen.extend(bad_name.err().unwrap_or_default().iter().map(|mistake| mistake.code));
    let missing: Vec<&str> =
        Code::ALL.iter().filter(|code| !seen.contains(code)).map(|code| code.name()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
