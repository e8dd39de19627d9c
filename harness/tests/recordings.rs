//! The restated recordings: what the real service is known to have answered fails no check.

#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

use ecrspec::case::Suite;
use ecrspec::recording::Recording;
use ecrspec::verdict::{Outcome, judge};

#[test]
fn no_check_fails_on_what_ecr_answered() {
    let revision = *ecrspec_api::revisions().last().expect("a revision is built in");
    let suite = Suite::for_revision(revision, &[]).expect("the built-in cases hold together");
    let recording =
        Recording::parse(include_str!("fixtures/restated.recording.json")).expect("the recording is one");
    assert_eq!(recording.sessions.len(), 6);
    for session in &recording.sessions {
        assert!(session.restated_from.is_some(), "{} says where it is from", session.case);
        let case = suite.cases.iter().find(|case| case.id == session.case).expect("the case is there");
        let results = judge(case, &session.transcript(), revision);
        assert!(!results.is_empty());
        for result in &results {
            assert_eq!(result.outcome, Outcome::Conform, "{}", result.id);
        }
    }
}

#[test]
fn every_reader_finds_the_answers_of_ecr_in_order() {
    let recording =
        Recording::parse(include_str!("fixtures/restated.recording.json")).expect("the recording is one");
    for revision in ecrspec_api::revisions() {
        let operation = revision.operation("DescribeImages").expect("every revision has it");
        for (case, exchange) in recording.exchanges() {
            let reading = (operation.read_response)(&exchange.response().body);
            assert!(reading.deviations.is_empty(), "{case}: {:?}", reading.deviations);
            assert!(reading.violations.is_empty(), "{case}: {:?}", reading.violations);
        }
    }
}
