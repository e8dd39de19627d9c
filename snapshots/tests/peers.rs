//! What real mocks answer, and what the suite says of it.
//!
//! In: the mocks at the versions that `.ci/run` pins, in the folder that `ECRSPEC_PEERS` names. What
//! must stay true: the same findings in every run, at any number of jobs.

#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ecrspec::client::HttpTransport;
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::report::{self, Subject};
use ecrspec::run::Run;
use ecrspec::snapshot::Snapshot;
use ecrspec::spawn::spawn;
use ecrspec::verdict::{NotJudged, Outcome};
use support::{assert_golden, must_in_suite, readme_block, revision, run, settled};

/// How often a peer is run, unless `ECRSPEC_RUNS` says it: every run must find the same.
const RUNS: usize = 4;

/// A defect: a check, and the level at which it must fail.
type Defect = (&'static str, Level);

const MOTO: &[Defect] = &[
    ("paging.page-size#page-size", Level::Must),
    ("paging.token#has-token", Level::Must),
    ("filter.tagged#images", Level::Must),
    ("filter.untagged#images", Level::Must),
    ("tags.retagged#both-listed", Level::Must),
    ("validation.repository-name-absent#code", Level::Must),
    ("validation.repository-name-null#code", Level::Must),
    ("validation.repository-name-one-character#code", Level::Must),
    ("validation.repository-name-257-characters#code", Level::Must),
    ("validation.repository-name-upper-case#code", Level::Must),
    ("validation.registry-id-11-digits#code", Level::Must),
    ("validation.max-results-1001#status", Level::Must),
    ("validation.image-ids-empty#status", Level::Must),
    ("validation.image-ids-101#status", Level::Must),
    ("validation.image-tag-blank-inside#code", Level::Must),
    ("validation.image-digest-without-colon#code", Level::Must),
    ("describe.digest#sha256", Level::Must),
    ("describe.size#size", Level::Must),
    ("index.size#size", Level::Must),
    ("malformed.repository-name-list#aws-json", Level::Must),
    ("envelope.repository-not-found#no-capital-message", Level::Should),
];

const MINISTACK: &[Defect] = &[
    ("missing.tag#status", Level::Must),
    ("missing.digest#status", Level::Must),
    ("missing.one-of-several#status", Level::Should),
    ("tags.untagged#no-tags-key", Level::Must),
    ("missing.repository#text", Level::Should),
    ("paging.page-size#page-size", Level::Must),
    ("paging.token#has-token", Level::Must),
    ("filter.tagged#images", Level::Must),
    ("describe.size#size", Level::Must),
    ("describe.media-types-docker#artifact", Level::Must),
    ("validation.registry-id-11-digits#status", Level::Must),
    ("malformed.repository-name-list#status", Level::Should),
];

/// What both do as ECR does, so that a suite which fails everything is found out.
const GOOD: &[&str] = &[
    "describe.plain#status",
    "describe.empty-repository#status",
    "describe.pushed-at#number",
    "describe.pushed-at#window",
    "tags.several-on-one-digest#tags",
    "missing.repository#code",
];

#[tokio::test]
async fn moto() {
    let server = program("moto", "moto_server");
    check_peer("moto", MOTO, &format!("{server} -H 127.0.0.1 -p {{port}}")).await;
}

#[tokio::test]
async fn ministack() {
    let server = program("ministack", "ministack");
    check_peer("ministack", MINISTACK, &format!("GATEWAY_PORT={{port}} BIND_HOST=127.0.0.1 {server}")).await;
}

async fn check_peer(name: &str, defects: &[Defect], line: &str) {
    let label = format!("{name}-{}", version(name));
    let mut verdicts = Vec::new();
    let peer = spawn(line, Duration::from_mins(2)).await.expect("the peer starts");
    let runs = std::env::var("ECRSPEC_RUNS").map_or(RUNS, |runs| runs.parse().expect("a number"));
    for number in 0..runs {
        let transport = HttpTransport::new(peer.endpoint(), None).expect("the endpoint is one");
        let authority = transport.authority();
        let run = run(Arc::new(transport), &authority, &[], [1, 2, 8, 32][number % 4]).await;
        assert_eq!(Exit::of_run(&run, Level::Must, &[]), Exit::DoesNotConform);
        assert!(run.left.is_empty(), "left behind: {:?}", run.left);
        if number == 0 {
            let answers = Snapshot::of_run(&run, revision(), &label);
            assert_golden("answers", &label, &answers.to_string());
            let report = settled(&human(&run));
            assert_golden("reports", &label, &report);
            if name == "moto" {
                check_readme(&report);
            }
        }
        verdicts.push(verdict(&run));
    }
    peer.end().await;

    let first = verdicts.first().expect("there was a run");
    for verdict in &verdicts {
        assert_eq!(verdict, first, "two runs of {label} differ");
    }
    for (check, level) in defects {
        let expected = format!("{level:<11} nonconform");
        assert_eq!(first.get(*check), Some(&expected), "{label}: {check}");
    }
    for check in GOOD {
        let outcome = first.get(*check).expect("the check is there");
        assert!(outcome.ends_with(" conform"), "{label}: {check} is {outcome}");
    }
    let lines: Vec<String> = first.iter().map(|(id, outcome)| format!("{outcome:<38} {id}")).collect();
    assert_golden("peers", &label, &lines.join("\n"));
}

/// Whether the README shows of moto what is so.
fn check_readme(report: &str) {
    let shown = settled(&readme_block("output against moto 5.2.5, a part"));
    assert!(report.contains(&shown), "the README shows of moto what is not so:\n{shown}");
}

/// Level and outcome of every check.
fn verdict(run: &Run) -> BTreeMap<String, String> {
    let results = run.cases.iter().flat_map(|case| &case.results);
    results
        .map(|result| {
            let outcome = match &result.outcome {
                Outcome::Conform => "conform",
                Outcome::Nonconform(_) => "nonconform",
                Outcome::Informational(_) => "informational",
                Outcome::NotJudged(NotJudged::Covered(_)) => "not judged, covered",
                Outcome::NotJudged(NotJudged::TwinFailed(_)) => "not judged, twin failed",
                Outcome::NotJudged(NotJudged::Unbound(_)) => "not judged, no value",
                Outcome::NotJudged(_) => "not judged",
            };
            (result.id.clone(), format!("{:<11} {outcome}", result.level))
        })
        .collect()
}

fn human(run: &Run) -> String {
    let subject = Subject {
        run,
        revision: revision(),
        endpoint: Some("http://127.0.0.1:5000"),
        again: "--endpoint http://127.0.0.1:5000",
        region: "us-east-1",
        signed: false,
        fail_on: Level::Must,
        exit: Exit::of_run(run, Level::Must, &[]),
        baseline: None,
        allowed_to_lack: &[],
        must_in_suite: must_in_suite(),
    };
    anstream::adapter::strip_str(&report::human(&subject)).to_string()
}

fn program(environment: &str, name: &str) -> String {
    let program = folder(environment).join("bin").join(name);
    assert!(program.exists(), "{} is not there: `.ci/run` installs it", program.display());
    program.display().to_string()
}

fn folder(environment: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("ECRSPEC_PEERS").expect("ECRSPEC_PEERS names the folder of the peers"))
        .join(environment)
}

/// The installed version of a peer.
fn version(name: &str) -> String {
    let script = format!("import importlib.metadata as m; print(m.version({name:?}), end='')");
    let output = Command::new(folder(name).join("bin/python"))
        .args(["-c", &script])
        .output()
        .expect("the peer has a Python");
    String::from_utf8(output.stdout).expect("a version is text")
}
