//! What recordings prove: the restated ones, that what the real service is known to have answered fails no check;
//! those of ECR itself, what an expectation may change by.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that can't go on has failed")]

mod support;

use std::fs;

use ecrspec::case::Suite;
use ecrspec::recording::{EndpointKind, NoEvidence, Recording, Session, TRAFFIC, Testimony, save};
use ecrspec::verdict::{Outcome, judge};
use support::program::Program;
use support::{Altered, Attempt, revision, suite};
use tempfile::TempDir;

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

/// What a recording of ECR would be, if ECR answered as this target does.
async fn as_if_of_ecr(target: std::sync::Arc<Altered>, filter: &str) -> Recording {
    let run = Attempt::new(&[filter]).against(target).await;
    Recording {
        spec_hash: Some(revision().hash.to_owned()),
        endpoint: Some(EndpointKind::Aws),
        region: Some("eu-west-1".to_owned()),
        date: Some("Wed, 25 Nov 2026 00:00:00 GMT".to_owned()),
        ..Recording::of_run(&run, revision().name, "ECR")
    }
}

#[tokio::test]
async fn what_ecr_answered_confirms_or_contradicts_a_check_and_becomes_a_fact() {
    let right = as_if_of_ecr(Altered::untouched(), "missing.*").await;
    let testimony = Testimony::of(&[&right], &suite(&[]), revision()).expect("it is evidence");
    assert!(testimony.contradicted.is_empty(), "{testimony:?}");
    assert!(testimony.confirmed.iter().any(|result| result.id == "missing.repository#code"));
    let ids: Vec<_> = testimony.facts.iter().map(|fact| fact.id.as_str()).collect();
    assert!(ids.contains(&"R-missing.repository"), "{ids:?}");

    let other = Altered::new(|_, response| {
        if response.status == 400 {
            response.status = 404;
        }
    });
    let other = as_if_of_ecr(other, "missing.*").await;
    let testimony = Testimony::of(&[&other], &suite(&[]), revision()).expect("it is evidence");
    assert!(testimony.contradicted.iter().any(|result| result.id == "missing.repository#status"));
    assert!(testimony.contradicted.iter().all(|result| result.id.ends_with("#status")), "{testimony:?}");

    let folder = TempDir::new().expect("a folder");
    save(&other, folder.path()).expect("it is written");
    let place = folder.path().display().to_string();
    Program::new(&["evidence", &place]).run().expect_code(1).expect_stdout(&[
        "✗ MUST missing.repository#status",
        "expected  400",
        "ECR       404",
        "contradicted",
    ]);
    let json = Program::new(&["evidence", &place, "--format", "json"]).run().expect_code(1).json();
    assert!(
        json["facts"].as_array().is_some_and(|facts| facts.iter().all(|fact| fact["strength"] == "recorded"))
    );
}

#[tokio::test]
async fn what_a_mock_answered_is_no_evidence() {
    let recording = as_if_of_ecr(Altered::untouched(), "missing.repository").await;
    let with = |change: &dyn Fn(&mut Recording)| {
        let mut changed = recording.clone();
        change(&mut changed);
        changed.as_evidence(revision())
    };
    assert_eq!(with(&|_| ()), Ok(()));
    for (kind, reason) in [
        (None, NoEvidence::Unsaid),
        (Some(EndpointKind::Emulator), NoEvidence::Emulator),
        (Some(EndpointKind::Loopback), NoEvidence::Mock),
        (Some(EndpointKind::Host), NoEvidence::AnotherHost),
    ] {
        assert_eq!(with(&|recording| recording.endpoint = kind), Err(reason));
    }
    assert_eq!(with(&|recording| recording.account = None), Err(NoEvidence::NoAccount));
    assert_eq!(with(&|recording| recording.spec_hash = None), Err(NoEvidence::AnotherSpec));

    let folder = TempDir::new().expect("a folder");
    let mock = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/moto-5.2.5.recording.json");
    Program::new(&["evidence", mock])
        .run()
        .expect_code(2)
        .expect_stderr(&["is no evidence", "what answered it"]);
    let place = folder.path().join("mine.json").display().to_string();
    let traffic = Session { case: TRAFFIC.to_owned(), ..recording.sessions[0].clone() };
    let nothing = Recording { sessions: vec![traffic], ..recording.clone() };
    fs::write(&place, nothing.to_text()).expect("it is written");
    Program::new(&["evidence", &place]).run().expect_code(2).expect_stderr(&["judge no check"]);
    let mine = Recording { endpoint: Some(EndpointKind::Loopback), ..recording };
    fs::write(&place, mine.to_text()).expect("it is written");
    Program::new(&["evidence", &place]).run().expect_code(2).expect_stderr(&["a mock on this machine"]);
}
