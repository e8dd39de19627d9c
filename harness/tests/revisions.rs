//! What a revision means at run time: the suite of each against the emulator of each.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use ecrspec::case::Suite;
use ecrspec::case::derive::derive;
use ecrspec::case::format::{Case, Check, Expectation, TextMatcher};
use ecrspec::emulator::{Emulator, EmulatorDoor, Settings};
use ecrspec::evidence::Ledger;
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::report::{self, Subject};
use ecrspec::revision;
use ecrspec::run::Run;
use ecrspec::verdict::{CheckResult, Outcome, check_id};
use ecrspec_api::table::Revision;
use serde_json::json;
use support::{Altered, Attempt, results};

const OLDER: &str = "2025-04";
const NEWER: &str = "2026-11";

fn find(name: &str) -> &'static Revision {
    revision::find(name).expect("the revision is built in")
}

async fn run(suite_of: &str, emulator_of: &str) -> Run {
    let door = EmulatorDoor::new(Emulator::new(Settings::new(find(emulator_of))));
    Attempt::of_revision(find(suite_of), &[]).against(Arc::new(door)).await
}

fn nonconform(run: &Run) -> Vec<&CheckResult> {
    results(run).filter(|result| matches!(result.outcome, Outcome::Nonconform(_))).collect()
}

fn exit(run: &Run) -> Exit {
    Exit::of_run(run, Level::Must, &[])
}

fn checks(case: &Case) -> impl Iterator<Item = &Check> {
    case.steps.iter().flat_map(|step| &step.expect)
}

fn ids(revision: &'static Revision) -> BTreeSet<String> {
    let suite = Suite::for_revision(revision, &[]).expect("the cases hold together");
    let ids = suite.cases.iter().flat_map(|case| checks(case).map(|check| check_id(&case.id, check.name())));
    ids.collect()
}

#[tokio::test]
async fn the_suite_of_each_revision_finds_nothing_in_its_own_emulator() {
    for revision in revision::all() {
        let run = run(revision.name, revision.name).await;
        assert_eq!(nonconform(&run), Vec::<&CheckResult>::new(), "{}", revision.name);
        assert_eq!(exit(&run).code(), 0);
        assert_eq!(run.newer().len(), 0);
    }
}

#[tokio::test]
async fn an_older_suite_makes_no_false_alarm_on_a_newer_emulator() {
    let run = run(OLDER, NEWER).await;
    assert_eq!(nonconform(&run), Vec::<&CheckResult>::new());
    assert_eq!(exit(&run).code(), 0);
    // What it does not know it says, and as news.
    let newer: Vec<_> = run.newer().into_iter().collect();
    assert_eq!(newer, [("/imageDetails/*/imageStatus", NEWER)]);
    let subject = Subject {
        run: &run,
        revision: find(OLDER),
        endpoint: None,
        again: "",
        region: "us-east-1",
        signed: false,
        fail_on: Level::Must,
        allowed_to_lack: &[],
        must_in_suite: 0,
        baseline: None,
        exit: exit(&run),
    };
    let text = anstream::adapter::strip_str(&report::human(&subject)).to_string();
    let line = "the target answers `/imageDetails/*/imageStatus`, which API 2026-11 has and this one has not";
    assert!(text.contains("\nAPI 2025-04 ") && text.lines().any(|other| other == line), "{text}");
    let report: serde_json::Value = serde_json::from_str(&report::json(&subject)).expect("JSON");
    assert_eq!(report["api"]["revision"], OLDER);
    assert_eq!(report["target"]["newerMembers"]["/imageDetails/*/imageStatus"], NEWER);
}

#[tokio::test]
async fn a_newer_suite_finds_in_an_older_emulator_what_evidence_says_is_missing_and_nothing_else() {
    let run = run(NEWER, OLDER).await;
    let found = nonconform(&run);
    let ids: BTreeSet<&str> = found.iter().map(|result| result.id.as_str()).collect();
    let expected = [
        // An endpoint that does not know the filter passes over it.
        "derived.filter.imageStatus.enum.lower-case#status",
        "derived.filter.imageStatus.enum.unknown#status",
        "derived.filter.imageStatus.type.a-list#status",
        "derived.filter.imageStatus.type.an-object#status",
        "image-status.activating#images",
        "image-status.archived#images",
        "image-status.archived-beside-tagged#images",
        "validation.image-status-empty#status",
        // It does not have these members of an entry.
        "describe.image-status-told#told",
        "describe.subject#subject",
    ];
    assert_eq!(ids, BTreeSet::from(expected));
    for result in found {
        let highest = Ledger::built_in().highest_level(result.evidence.iter().map(String::as_str));
        assert!(result.level <= highest, "{result:#?}");
        // An image status is one that evidence has, and no derived value may weigh more than `should`.
        assert!(!result.id.starts_with("derived.") || result.level <= Level::Should, "{result:#?}");
        let rests_on = |fact: &&str| result.evidence.iter().any(|id| id == *fact);
        assert!(result.id.starts_with("derived.") || ["C-18", "D-13", "D-15", "D-20"].iter().any(rests_on));
    }
}

#[tokio::test]
async fn a_member_that_no_revision_knows_is_still_a_finding() {
    for name in [OLDER, NEWER] {
        let target = Altered::images(|image| image["lastInUseAt"] = json!(1));
        let run = Attempt::of_revision(find(name), &["describe.plain"]).against(target).await;
        let found = nonconform(&run);
        let [only] = found[..] else { panic!("{found:#?}") };
        assert_eq!((only.id.as_str(), only.level), ("describe.plain#known-members", Level::Should));
    }
}

#[tokio::test]
async fn a_newer_member_of_a_wrong_type_is_no_news() {
    let target = Altered::images(|image| image["lastArchivedAt"] = json!("yesterday"));
    let run = Attempt::of_revision(find(NEWER), &["describe.plain"]).against(target).await;
    assert!(nonconform(&run).iter().any(|result| result.id == "describe.plain#typed"));
}

#[test]
fn a_value_that_one_revision_takes_is_called_bad_in_none() {
    let texts = |revision: &str, outcome: Level| -> Vec<String> {
        let suite = derive(find(revision));
        let cases =
            suite.cases.iter().filter(|case| case.id.starts_with("derived.repositoryName.pattern.bad"));
        let cases = cases.filter(|case| checks(case).any(|check| check.level == outcome));
        cases.map(|case| serde_json::to_string(&case.steps[0].send.body).expect("JSON")).collect()
    };
    for revision in [OLDER, NEWER] {
        let bad = texts(revision, Level::Must);
        assert!(bad.len() >= 4, "{bad:?}");
        for text in bad {
            for good_now in ["a__a", "a--a", "a---a"] {
                assert!(!text.contains(&format!("\"{good_now}\"")), "{revision}: {text}");
            }
        }
    }
}

#[test]
fn a_text_counts_in_the_wording_of_any_revision() {
    let wordings = |revision: &str| -> BTreeSet<String> {
        let suite = derive(find(revision));
        let case = suite.cases.iter().find(|case| case.id == "derived.repositoryName.pattern.bad-1");
        let check = checks(case.expect("the case is there")).find(|check| check.name() == "text");
        let Expectation::Text(TextMatcher::Exact(texts)) = &check.expect("its text is known").that else {
            panic!("a text is exact");
        };
        texts.iter().cloned().collect()
    };
    assert_eq!(wordings(OLDER).len(), 2);
    assert_eq!(wordings(OLDER), wordings(NEWER));
}

#[test]
fn every_check_of_an_older_revision_is_in_the_newer_one() {
    let lost: Vec<_> = ids(find(OLDER)).difference(&ids(find(NEWER))).cloned().collect();
    assert_eq!(lost, Vec::<String>::new());
    let new: Vec<_> = ids(find(NEWER)).difference(&ids(find(OLDER))).cloned().collect();
    let is_of_new_members = |id: &String| {
        id.contains("imageStatus") || id.contains("image-status") || id.starts_with("describe.subject#")
    };
    assert!(new.iter().all(is_of_new_members), "{new:?}");
}
