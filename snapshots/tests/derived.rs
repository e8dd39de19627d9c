//! The derived cases and all check ids, as a person reads them.

#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

mod support;

use ecrspec::case::derive::derive;
use ecrspec::case::format::{Body, Case, Expectation};
use ecrspec::level::Level;
use ecrspec::verdict::check_id;
use support::{assert_golden, suite};

#[test]
fn every_derived_value_stands_in_a_snapshot() {
    for revision in ecrspec::revision::all() {
        let lines: Vec<String> = derive(revision).cases.iter().map(line).collect();
        assert_golden("derived", revision.name, &lines.join("\n"));
    }
}

#[test]
fn check_ids_are_promises() {
    let suite = suite(&[]);
    let mut lines = Vec::new();
    for case in &suite.cases {
        for check in case.steps.iter().flat_map(|step| &step.expect) {
            lines.push(format!("{:<11} {}", check.level, check_id(&case.id, check.name())));
        }
    }
    assert_golden("cases", "ids", &lines.join("\n"));
}

#[test]
fn the_schema_of_case_files_stands_beside_them() {
    let schema = format!("{:#}\n", ecrspec::case::schema().to_value());
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../harness/case.schema.json");
    let committed = std::fs::read_to_string(file).expect("the schema is committed");
    assert!(
        schema == committed,
        "harness/case.schema.json is stale: `cargo run -- case schema` prints the new one"
    );
}

/// A case as one line: its id, what becomes of the request, the request.
fn line(case: &Case) -> String {
    let step = case.steps.first().expect("a derived case has a step");
    let Body::Value(request) = &step.send.body else { unreachable!("a derived request is a value") };
    let rejected = |check: &ecrspec::case::format::Check| matches!(&check.that, Expectation::Code(codes) if codes.iter().any(|code| code == "InvalidParameterException"));
    let outcome = if step.expect.iter().all(|check| check.level == Level::Information) {
        "open"
    } else if case.id.contains(".type.") {
        "unreadable"
    } else if step.expect.iter().any(rejected) {
        "rejected"
    } else {
        "accepted"
    };
    format!("{} {outcome} {request}", case.id)
}
