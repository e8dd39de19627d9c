//! Reports in files: several at once, of one mind with the exit code, and safe whatever the target answers.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::report::{self, Subject, Verdict};
use ecrspec::run::Run;
use ecrspec::verdict::Outcome;
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use serde_json::{Value, json};
use support::program::Program;
use support::server::Server;
use support::{Altered, Attempt, revision};
use tempfile::TempDir;

/// What a target may answer to break out of a report.
const HOSTILE: &str =
    "```\n</script><img src=x onerror=alert(1)> @everyone | [a](b) \u{1}\u{1b}[31m %0A::error::x";

fn hostile() -> Arc<Altered> {
    Altered::images(|image| image["artifactMediaType"] = Value::from(HOSTILE))
}

async fn subject_of(run: &Run, check: impl AsyncFnOnce(&Subject<'_>)) {
    let subject = Subject {
        run,
        revision: revision(),
        endpoint: Some("http://127.0.0.1:5000"),
        again: "",
        region: "us-east-1",
        signed: false,
        fail_on: Level::Must,
        allowed_to_lack: &[],
        must_in_suite: 0,
        exit: Exit::of_run(run, Level::Must, &[]),
        baseline: None,
    };
    check(&subject).await;
}

fn file(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[test]
fn several_reports_are_written_at_once_and_one_is_printed() {
    let folder = TempDir::new().expect("a folder");
    let formats = ["human", "json", "junit", "markdown", "github", "html"];
    let reports = formats.map(|format| format!("{format}={}", file(folder.path(), format)));
    let mut arguments = vec!["run", "--filter", "paging.token"];
    for report in &reports {
        arguments.extend(["--report", report]);
    }
    let ended = Program::new(&arguments).run().expect_code(0).expect_stdout(&["conforms in"]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("it was written");
    assert_eq!(read("human"), ended.stdout);
    assert_eq!(serde_json::from_str::<Value>(&read("json")).expect("JSON")["exit"], 0);
    assert!(read("junit").starts_with("<?xml"));
    assert!(read("markdown").starts_with("## ✅"));
    assert!(read("github").starts_with("::notice "));
    assert!(read("html").starts_with("<!DOCTYPE html>"));
}

#[test]
fn a_report_that_can_not_be_written_is_refused_before_the_run() {
    let folder = TempDir::new().expect("a folder");
    let nowhere = format!("json={}", file(&folder.path().join("nowhere"), "a"));
    let here = format!("json={}", folder.path().display());
    let twice = format!("json={}", file(folder.path(), "a"));
    let cases: [(&[&str], &str); 6] = [
        (&["--report", &nowhere], "its folder is not there"),
        (&["--report", &here], "it is a folder"),
        (&["--report", &twice, "--report", &twice], "two reports would go to"),
        (&["--report", "report.xml"], "FORMAT=FILE is due"),
        (&["--report", "pdf=a"], "one of human, json, junit, markdown, github, html"),
        (&["--report", "json="], "a file is due"),
    ];
    for (arguments, said) in cases {
        let arguments = [&["run"], arguments].concat();
        Program::new(&arguments).run().expect_code(2).expect_stderr(&[said]).expect_nowhere(&["running"]);
    }
}

#[test]
fn the_committed_schema_of_the_report_is_the_one_that_is_printed() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("report.schema.json");
    let committed = fs::read_to_string(committed).expect("it is there");
    let printed = Program::new(&["report", "schema"]).run().expect_code(0).stdout;
    assert_eq!(committed, printed, "`ecrspec report schema > harness/report.schema.json` writes it");
}

#[tokio::test]
async fn a_junit_case_fails_exactly_if_it_fails_the_run() {
    let run = Attempt::new(&["describe.*", "paging.*"]).against(hostile()).await;
    subject_of(&run, async |subject| {
        let text = report::junit(subject);
        let read = Report::deserialize_from_str(&text).expect("JUnit reads it");
        let mut failed = 0;
        let results: Vec<_> =
            run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results).collect();
        let cases: Vec<_> = read.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
        assert_eq!(results.len(), cases.len(), "one test case a check");
        for (result, case) in results.iter().zip(cases) {
            assert_eq!(case.name.as_str(), result.id);
            let fails = matches!(result.outcome, Outcome::Nonconform(_)) && result.level == Level::Must;
            let is_failure =
                matches!(&case.status, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. });
            assert_eq!(fails, is_failure, "{}", result.id);
            let passes = matches!(case.status, TestCaseStatus::Success { .. });
            assert_eq!(passes, result.outcome == Outcome::Conform, "{}", result.id);
            failed += usize::from(fails);
        }
        assert!(failed > 0, "nothing failed, so nothing was shown");
        assert!(!text.contains(['\u{1}', '\u{1b}']), "XML may not hold these");
    })
    .await;
}

#[tokio::test]
async fn a_test_that_stands_for_a_check_fails_exactly_if_it_fails_the_run() {
    let run = Attempt::new(&["describe.*", "paging.*"]).against(hostile()).await;
    subject_of(&run, async |subject| {
        let mut seen = [0; 3];
        for (case, result) in
            run.cases.iter().flat_map(|case| case.results.iter().map(move |one| (case, one)))
        {
            let fails = matches!(result.outcome, Outcome::Nonconform(_)) && result.level == Level::Must;
            match report::verdict(case, result, subject) {
                Verdict::Passes => {
                    seen[0] += 1;
                    assert_eq!(result.outcome, Outcome::Conform, "{}", result.id);
                }
                Verdict::Fails(why) => {
                    seen[1] += 1;
                    assert!(
                        fails && why.contains("expected") && why.contains("curl"),
                        "{}: {why}",
                        result.id
                    );
                }
                Verdict::IsOpen(_) => {
                    seen[2] += 1;
                    assert!(!fails && result.outcome != Outcome::Conform, "{}", result.id);
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 0), "some kind of verdict was not seen: {seen:?}");
    })
    .await;
}

#[tokio::test]
async fn a_finding_says_what_stood_and_what_the_request_breaks() {
    let target = Altered::pages(|page| {
        page["imageDetails"] = json!([]);
        page.as_object_mut().expect("a page is an object").remove("nextToken");
    });
    let run = Attempt::new(&["describe.digest", "index.digest"]).against(target).await;
    subject_of(&run, async |subject| {
        let human = report::human(subject);
        assert!(human.contains("tagged latest, Docker image with layers of 1200 and 34567 bytes"), "{human}");
        let json: Value = serde_json::from_str(&report::json(subject)).expect("JSON");
        let checks = json["checks"].as_array().expect("a list");
        let failed =
            checks.iter().find(|check| check["id"] == "describe.digest#sha256").expect("it is there");
        let setup = failed["finding"]["setup"].as_array().expect("commands make the world");
        let [create, put] = &setup[..] else { panic!("{setup:?}") };
        assert!(create.as_str().is_some_and(|line| line.contains(".CreateRepository")), "{create}");
        assert!(put.as_str().is_some_and(|line| line.contains("\"imageTag\":\"latest\"")), "{put}");
        let html = report::html(subject);
        assert!(html.contains("<a href=\"#describe.digest#sha256\">"), "folded checks are not linked");
    })
    .await;
}

#[tokio::test]
async fn nothing_that_a_target_answers_breaks_out_of_a_report() {
    let run = Attempt::new(&["describe.*"]).against(hostile()).await;
    subject_of(&run, async |subject| {
        let html = report::html(subject);
        assert!(!html.contains("<img"), "markup of the target stands in the page");
        assert_eq!(html.matches("</script>").count(), 1);
        let markdown = report::markdown(subject);
        assert!(markdown.contains("````text"), "the fence is longer than what the target answers");
        let annotations = report::annotations(subject);
        assert!(annotations.lines().all(|line| line.starts_with("::")), "{annotations}");
        assert!(!annotations.lines().any(|line| line.starts_with("::error::x")), "{annotations}");
    })
    .await;
}

#[test]
fn no_report_has_what_signs_a_request() {
    let target = Altered::pages(|page| {
        page.as_object_mut().expect("a page is an object").remove("nextToken");
    });
    let server = Server::answering(move |request| target.answer(request));
    for format in ["json", "junit", "markdown", "github", "html"] {
        let endpoint = server.endpoint();
        Program::new(&["run", "--endpoint", &endpoint, "--filter", "paging.token", "--format", format])
            .env("AWS_ACCESS_KEY_ID", "AKIASECRETSECRET0000")
            .env("AWS_SECRET_ACCESS_KEY", "topsecret/key")
            .env("AWS_SESSION_TOKEN", "topsecret-token")
            .run()
            .expect_code(1)
            .expect_stdout(&["paging.token#has-token"])
            .expect_nowhere(&["AKIA", "topsecret", "AWS4-HMAC", "Credential="]);
    }
}

/// A run as it would be of a far larger suite in which all fails.
async fn large(checks: usize) -> Run {
    let mut run = Attempt::new(&["paging.token"]).against(hostile_paging()).await;
    let case = run.cases.iter().find(|case| case.case.id == "paging.token").expect("it was run");
    let failing = case.results.iter().find(|result| matches!(result.outcome, Outcome::Nonconform(_)));
    let failing = failing.expect("it fails").clone();
    let (case, transcript) = (case.case.clone(), case.transcript.clone());
    run.cases = (0..checks)
        .map(|number| {
            let mut result = failing.clone();
            result.id = format!("large.{number}#one");
            if let Outcome::Nonconform(finding) = &mut result.outcome {
                finding.pointer = format!("/member-{number}");
            }
            let mut case = case.clone();
            case.id = format!("large.{number}");
            ecrspec::run::CaseRun {
                case,
                transcript: transcript.clone(),
                results: vec![result],
                newer: std::collections::BTreeMap::new(),
                selected: true,
            }
        })
        .collect();
    run
}

fn hostile_paging() -> Arc<Altered> {
    Altered::pages(|page| page["nextToken"] = json!(7))
}

#[tokio::test]
async fn what_has_no_room_is_counted() {
    let run = large(10_000).await;
    subject_of(&run, async |subject| {
        let markdown = report::markdown(subject);
        assert!(markdown.chars().count() <= 65_536, "GitHub refuses longer comments");
        let shown = markdown.matches("<details>").count();
        assert!(shown > 10, "{shown} are shown");
        let left = format!("**{} more are not shown here**", 10_000 - shown);
        assert!(markdown.contains(&left), "{}", &markdown[markdown.len() - 300..]);
        let annotations = report::annotations(subject);
        assert_eq!(annotations.matches("::error").count(), 10);
        assert!(annotations.contains("9990 more findings are not shown here"), "{annotations}");
        assert_eq!(report::html(subject).matches("<li id=").count(), 10_000);
    })
    .await;
}

#[test]
fn a_part_of_the_suite_has_no_score() {
    let whole = Program::new(&["run", "--format", "json"]).run().expect_code(0).json();
    assert_eq!(whole["score"]["conform"], whole["score"]["of"]);
    let part = Program::new(&["run", "--format", "json", "--filter", "paging"]).run().expect_code(0).json();
    assert_eq!(part["score"], Value::Null);
}
