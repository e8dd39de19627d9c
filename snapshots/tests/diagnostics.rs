//! What the generator says of a bad spec: one fixture for each mistake.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ecrspec_codegen::source::{MAXIMUM_BYTES, Source};
use ecrspec_codegen::{Code, Diagnostic, Revision, check};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/codegen")
}

/// Every bad fixture with its mistakes. A file whose name ends in `.overlay.json` lies over the good model; what
/// else stands between two dots is the name of the revision.
fn mistakes() -> &'static [(String, Vec<Diagnostic>)] {
    static MISTAKES: LazyLock<Vec<(String, Vec<Diagnostic>)>> = LazyLock::new(find_mistakes);
    &MISTAKES
}

fn find_mistakes() -> Vec<(String, Vec<Diagnostic>)> {
    let mut names: Vec<String> = fs::read_dir(fixtures().join("bad"))
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let good = read("good/weather.json").expect("it is text");
    let check_one = |name: String| {
        let mut parts = name.split('.');
        let stem = parts.next().unwrap_or_default().to_owned();
        let mistakes = match (read(&format!("bad/{name}")), parts.next().unwrap_or_default()) {
            (Err(mistake), _) => vec![*mistake],
            (Ok(bad), "json") => mistakes_of("2025-04", &bad, None),
            (Ok(bad), "overlay") => mistakes_of("2025-04", &good, Some(&bad)),
            (Ok(bad), revision) => mistakes_of(revision, &bad, None),
        };
        (stem, mistakes)
    };
    names.into_iter().map(check_one).chain(made()).collect()
}

/// Mistakes of files that are too large to be kept.
fn made() -> Vec<(String, Vec<Diagnostic>)> {
    let space = " ".repeat(MAXIMUM_BYTES);
    let fields: Vec<String> = (0..1200).map(|number| format!("\"field-{number}\": 0")).collect();
    let fields = format!(r#"{{"smithy": "2.0", "shapes": {{}}, {}}}"#, fields.join(", "));
    let mut many = mistakes_of("2025-04", &Source::new("made/too-many-mistakes.json", fields), None);
    assert_eq!(many.len(), 1001);
    let last = many.split_off(1000);
    let large = Source::new("made/too-large.json", format!("{{}}{space}"));
    vec![
        ("too-large".to_owned(), mistakes_of("2025-04", &large, None)),
        ("too-many-mistakes".to_owned(), last),
    ]
}

fn read(path: &str) -> Result<Source, Box<Diagnostic>> {
    Source::from_bytes(path, &fs::read(fixtures().join(path)).expect("the file is there"))
}

fn mistakes_of(name: &str, model: &Source, overlay: Option<&Source>) -> Vec<Diagnostic> {
    check(&[Revision { name, source: model }], overlay).err().unwrap_or_default()
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
        insta::assert_snapshot!(name.as_str(), text.join("\n"));
    }
}

#[test]
fn one_mistake_makes_one_message() {
    for (name, mistakes) in mistakes() {
        let expected = if name == "many" { 10 } else { 1 };
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
    assert!(Code::ALL.len() >= 40, "{}", Code::ALL.len());
    let alone = mistakes().iter().filter(|(_, mistakes)| mistakes.len() == 1);
    let seen: BTreeSet<Code> = alone.flat_map(|(_, mistakes)| mistakes).map(|mistake| mistake.code).collect();
    let missing: Vec<&str> =
        Code::ALL.iter().filter(|code| !seen.contains(code)).map(|code| code.name()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
