//! Models of other origin: what becomes of them, and what is said of one that is wrong.

#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

mod support;

use std::fs;
use std::path::Path;

use ecrspec_codegen::Diagnostic;
use ecrspec_codegen::import::{Import, import};
use ecrspec_codegen::source::Source;
use support::assert_golden;

fn read(path: &str) -> Source {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there");
    Source::new(path, text)
}

fn texts(mistakes: &[Diagnostic]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_model_of_botocore_becomes_one_of_smithy() {
    let source = read("fixtures/import/service-2.json");
    let paginators = read("fixtures/import/paginators-1.json");
    let waiters = read("fixtures/import/waiters-2.json");
    let wanted = Import { paginators: Some(&paginators), waiters: Some(&waiters), ..Import::default() };
    let text = import(&source, "2026-01", wanted).map_err(|mistakes| texts(&mistakes)).expect("it is good");
    assert_golden("import", "weather", &text);
    // What came out can go in again, and stays as it is.
    let again = import(&Source::new("again", text.as_str()), "2026-01", Import::default());
    assert_eq!(again.as_deref(), Ok(text.as_str()));
}

#[test]
fn one_operation_brings_what_it_reaches() {
    let source = read("fixtures/import/service-2.json");
    let operations = ["Ping".to_owned()];
    let wanted = Import { operations: &operations, without_documentation: true, ..Import::default() };
    let text = import(&source, "2026-01", wanted).map_err(|mistakes| texts(&mistakes)).expect("it is good");
    assert_golden("import", "weather-ping", &text);
}

#[test]
fn the_built_in_models_go_through_unchanged() {
    for revision in ecrspec_api::revisions() {
        let source = read(&format!("../spec/model/{}.json", revision.name));
        let text = import(&source, revision.name, Import::default()).expect("it is good");
        assert!(text == source.text(), "{} is not as the importer writes it", revision.name);
    }
}

#[test]
fn mistakes_stand_where_they_are_in_the_file_that_went_in() {
    let good = read("fixtures/import/service-2.json");
    let wrong = [
        ("protocol", "\"protocol\": \"json\",\n    \"protocols\": [\"json\"]", "\"protocol\": \"query\""),
        ("type", "\"type\": \"timestamp\"", "\"type\": \"time\""),
        ("field", "\"box\": true", "\"boxed\": true"),
        ("reference", "{\"shape\": \"CityList\"}", "{\"shape\": \"CityLst\"}"),
        ("bounds", "\"max\": 50, \"min\": 1", "\"max\": 50, \"min\": 51"),
        (
            "wire-name",
            "\"sky\": {\"shape\": \"Sky\"}",
            "\"sky\": {\"shape\": \"Sky\", \"locationName\": \"s\"}",
        ),
    ];
    let mut said = Vec::new();
    for (name, right, wrong) in wrong {
        let text = good.text().replacen(right, wrong, 1);
        assert!(text != good.text(), "{name} changes nothing");
        let mistakes = import(&Source::new("service-2.json", text), "2026-01", Import::default());
        let mistakes = mistakes.expect_err("it is wrong");
        assert_eq!(mistakes.len(), 1, "{name}: {}", texts(&mistakes));
        said.push(texts(&mistakes));
    }
    let operations = ["ListCity".to_owned()];
    let wanted = Import { operations: &operations, ..Import::default() };
    said.push(texts(&import(&good, "2026-01", wanted).expect_err("there is none")));
    let operations = ["Ping".to_owned()];
    for (file, right, wrong) in [
        ("paginators-1.json", "\"output_token\": \"nextToken\",", ""),
        (
            "paginators-1.json",
            "\"input_token\": \"nextToken\"",
            "\"input_token\": [\"nextToken\", \"count\"]",
        ),
        ("paginators-1.json", "\"limit_key\": \"count\"", "\"limit_key\": \"size\""),
        ("paginators-1.json", "\"ListCities\"", "\"ListCity\""),
        ("waiters-2.json", "\"operation\": \"ListCities\"", "\"operation\": \"ListCitys\""),
        ("waiters-2.json", "\"expected\": 200", "\"expected\": 404"),
        ("waiters-2.json", "\"delay\"", "\"pause\""),
    ] {
        let beside = read(&format!("fixtures/import/{file}"));
        let text = beside.text().replacen(right, wrong, 1);
        assert!(text != beside.text(), "{wrong} changes nothing");
        let beside = Source::new(file, text);
        let (paginators, waiters) =
            if file.starts_with('p') { (Some(&beside), None) } else { (None, Some(&beside)) };
        let wanted = Import { paginators, waiters, ..Import::default() };
        let mistakes = import(&good, "2026-01", wanted).expect_err("it is wrong");
        assert_eq!(mistakes.len(), 1, "{wrong}: {}", texts(&mistakes));
        said.push(texts(&mistakes));
        // An operation that nobody asked for is not in the way, unless there is none of its name.
        if !wrong.contains("City") {
            let wanted = Import { operations: &operations, ..wanted };
            assert!(import(&good, "2026-01", wanted).is_ok(), "{wrong}");
        }
    }
    assert_golden("import", "mistakes", &said.join("\n"));
}

#[test]
fn a_pattern_that_is_refused_is_left_unchecked_by_name() {
    let good = read("fixtures/import/service-2.json");
    let text = good.text().replacen("[A-Za-z ]+", "(?!x)y", 1);
    assert!(text != good.text(), "the city has another pattern");
    let source = Source::new("service-2.json", text);
    let refused = import(&source, "2026-01", Import::default()).expect_err("it looks ahead");
    assert_eq!(refused.len(), 1, "{}", texts(&refused));

    let shapes = ["CityName".to_owned()];
    let wanted = Import { unchecked: &shapes, ..Import::default() };
    let model = import(&source, "2026-01", wanted).map_err(|mistakes| texts(&mistakes)).expect("it is good");
    assert!(model.contains("\"ecrspec.api#uncheckedPattern\": \"the pattern has look-ahead"), "{model}");

    let mut said = Vec::new();
    for (source, name) in [(&source, "CityNam"), (&good, "CityName")] {
        let shapes = [name.to_owned()];
        let wanted = Import { unchecked: &shapes, ..Import::default() };
        said.push(texts(&import(source, "2026-01", wanted).expect_err("it is no such shape")));
    }
    assert_golden("import", "unchecked", &said.join("\n"));
}
