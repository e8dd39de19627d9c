//! No text makes the generator panic, and what it finds it says in order.

use ecrspec_codegen::source::Source;
use ecrspec_codegen::{Diagnostic, Revision, check};
use proptest::prelude::*;

const MODEL: &str = include_str!("../../snapshots/fixtures/codegen/good/weather.json");
const OVERLAY: &str = include_str!("../../snapshots/fixtures/codegen/good/weather.overlay.json");

fn mistakes(model: &str, overlay: &str) -> Vec<Diagnostic> {
    let model = Source::new("model.json", model);
    let overlay = Source::new("overlay.json", overlay);
    check(&[Revision { name: "2025-04", source: &model }], Some(&overlay)).err().unwrap_or_default()
}

/// A text with a piece cut out or put in its place.
fn mutate(text: &str, start: usize, length: usize, piece: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let start = start % (letters.len() + 1);
    let end = (start + length).min(letters.len());
    let mut mutated: String = letters[..start].iter().collect();
    mutated.push_str(piece);
    mutated.extend(&letters[end..]);
    mutated
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        prop::sample::select(vec![
            "{}",
            "[]",
            "null",
            "\"\"",
            "0",
            "-1",
            "1e400",
            "\"\\ud800\"",
            ",",
            ":",
            "\"smithy.api#Document\"",
            "\"example.weather#SkyList\"",
            "\"example.weather#Weather\"",
            "structure",
            "map",
            "union",
            "\\\\",
            "(?=",
            "(",
            "[",
            "smithy.api#",
            "\u{feff}",
            "é\n",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// Swaps two JSON strings of the text: mostly still JSON, and mostly wrong.
fn swap(text: &str, left: usize, right: usize) -> String {
    let mut pieces: Vec<&str> = text.split('"').collect();
    let strings = pieces.len() / 2;
    pieces.swap(1 + 2 * (left % strings), 1 + 2 * (right % strings));
    pieces.join("\"")
}

fn print_all(mistakes: &[Diagnostic]) {
    for mistake in mistakes {
        let text = mistake.to_string();
        assert!(text.starts_with("error["), "{text}");
        assert!(!mistake.message.ends_with('.') && !mistake.hint.is_empty(), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 1000 || !line.contains('|')), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_mutated_model_makes_no_panic(start in any::<usize>(), length in 0_usize..40, piece in piece()) {
        print_all(&mistakes(&mutate(MODEL, start, length, &piece), OVERLAY));
    }

    #[test]
    fn a_mutated_overlay_makes_no_panic(start in any::<usize>(), length in 0_usize..40, piece in piece()) {
        print_all(&mistakes(MODEL, &mutate(OVERLAY, start, length, &piece)));
    }

    #[test]
    fn swapped_strings_make_no_panic(swaps in prop::collection::vec((any::<usize>(), any::<usize>()), 1..4)) {
        let model = swaps.iter().fold(MODEL.to_owned(), |text, (left, right)| swap(&text, *left, *right));
        print_all(&mistakes(&model, OVERLAY));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        match Source::from_bytes("model.json", &bytes) {
            Ok(source) => print_all(&source.parse().err().map(|mistake| *mistake).into_iter().collect::<Vec<_>>()),
            Err(mistake) => print_all(&[*mistake]),
        }
    }

    #[test]
    fn every_value_is_found_where_it_stands(pointer in prop::sample::select(vec![
        "", "/smithy", "/shapes/example.weather#City/traits/smithy.api#length/max",
        "/shapes/example.weather#Weather/operations/0/target",
    ])) {
        let source = Source::new("model.json", MODEL);
        let root = source.parse().map_err(|mistake| TestCaseError::fail(mistake.to_string()))?;
        let node = root.pointer(pointer).ok_or_else(|| TestCaseError::fail("no such value"))?;
        prop_assert_eq!(node.place.pointer(), pointer);
        prop_assert_eq!(source.locate(pointer), Some(source.position(node.place.span.start)));
    }
}
