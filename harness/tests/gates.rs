//! `ecrspec run --snapshots` and `ecrspec diff`: what changed, and who is right.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;

use ecrspec::snapshot::Snapshot;
use serde_json::json;
use support::program::{Ended, Program};
use support::server::Server;
use support::{Altered, Attempt, revision};

fn run(arguments: &[&str]) -> Ended {
    Program::new(arguments).run()
}

/// An emulator on a socket whose pages are changed on their way.
fn pages(alter: impl Fn(&mut serde_json::Value) + Send + Sync + 'static) -> Server {
    let target = Altered::pages(alter);
    Server::answering(move |request| target.answer(request))
}

fn wrong_size() -> Server {
    pages(|page| {
        for image in page["imageDetails"].as_array_mut().into_iter().flatten() {
            image["imageSizeInBytes"] = json!(7);
        }
    })
}

#[tokio::test]
async fn two_runs_give_one_snapshot_and_it_is_read_as_it_was_written() {
    let mut texts = Vec::new();
    for jobs in [1, 8] {
        let run = Attempt::new(&[]).jobs(jobs).against(Altered::untouched()).await;
        texts.push(Snapshot::of_run(&run, revision(), "emulator").to_string());
    }
    assert!(texts[0] == texts[1], "two runs differ");
    assert_eq!(Snapshot::parse(&texts[0]).expect("what it wrote").to_string(), texts[0]);
    for what_changes in ["123456789012", "sha256:c", "E9"] {
        assert!(!texts[0].contains(what_changes), "`{what_changes}` is in it");
    }
    assert!(texts[0].contains("    /imageDetails/0/imageDigest \"<image.plain.digest>\"\n"));
    assert!(texts[0].contains("    /imageDetails/0/imagePushedAt \"<timestamp>\"\n"));
}

#[test]
fn a_snapshot_fails_on_change_alone_and_names_the_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().display().to_string();
    let snapshots = ["run", "--snapshots", &into, "--filter", "describe.*"];
    run(&snapshots).expect_code(1).expect_stdout(&["describe.plain\n  there is no snapshot of it yet"]);
    run(&[&snapshots[..], &["--bless"]].concat()).expect_code(0).expect_stdout(&["is the snapshot now"]);
    run(&snapshots).expect_code(0).expect_stdout(&[": 0 of "]);

    let server = wrong_size();
    let name = format!("emulator-{}", env!("CARGO_PKG_VERSION"));
    let endpoint = server.endpoint();
    let other = ["--endpoint", &endpoint, "--snapshot-name", &name];
    run(&[&snapshots[..], &other].concat()).expect_code(1).expect_stdout(&[
        "describe.plain\n  DescribeImages, exchange 1\n",
        "  + /imageDetails/0/imageSizeInBytes 7\n",
        "  - /imageDetails/0/imageSizeInBytes ",
    ]);
    // What does not conform passes once it is blessed, and what conforms is then the change.
    run(&[&snapshots[..], &other, &["--bless"]].concat()).expect_code(0);
    run(&[&snapshots[..], &other].concat()).expect_code(0);
    run(&snapshots).expect_code(1);
    // The cases that were not asked for stay.
    run(&["run", "--snapshots", &into, "--filter", "missing.*", "--bless"]).expect_code(0);
    let text = fs::read_to_string(Path::new(&into).join(format!("{name}.txt"))).expect("a snapshot");
    assert!(text.contains("\ndescribe.plain\n") && text.contains("\nmissing.tag\n"));
}

#[test]
fn a_blessing_changes_no_expectation() {
    run(&["run", "--bless"]).expect_code(2).expect_stderr(&[
        "regression snapshot",
        "expectation of conformance is not changed",
        "no evidence",
    ]);
    run(&["run", "--snapshots", "x", "--endpoint", "http://127.0.0.1:1"])
        .expect_code(2)
        .expect_stderr(&["--snapshot-name"]);
    run(&["run", "--snapshots", "x", "--snapshot-name", "../x"]).expect_code(2);
}

#[test]
fn a_file_that_is_no_snapshot_is_named_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().display().to_string();
    let file = folder.path().join(format!("emulator-{}.txt", env!("CARGO_PKG_VERSION")));
    fs::write(file, "ecrspec snapshot 1\ntarget a\napi b\n  lost\n").expect("it is written");
    run(&["run", "--snapshots", &into, "--filter", "describe.plain"])
        .expect_code(2)
        .expect_stderr(&["line 4", "belongs to no case"]);
}

#[test]
fn a_diff_says_of_each_check_who_is_wrong() {
    let (wrong, mood) = (wrong_size(), pages(|page| page["imageDetails"] = json!([])));
    let (wrong, empty) = (wrong.endpoint(), mood.endpoint());
    let diff = |left: &str, right: &str| {
        run(&["diff", "--left", left, "--right", right, "--filter", "describe.*", "--format", "json"])
    };
    let agreement = |ended: &Ended, id: &str| {
        let report = ended.json();
        let checks = report["checks"].as_array().expect("a list").clone();
        let check = checks.into_iter().find(|check| check["id"] == id).expect("the check is there");
        check["agreement"].as_str().expect("a name").to_owned()
    };
    let same = diff("emulator", "emulator").expect_code(0);
    assert_eq!(agreement(&same, "describe.size#size"), "agree");
    let right = diff("emulator", &wrong).expect_code(1);
    assert_eq!(agreement(&right, "describe.size#size"), "right-wrong");
    let left = diff(&wrong, "emulator").expect_code(1);
    assert_eq!(agreement(&left, "describe.size#size"), "left-wrong");
    assert_eq!(agreement(&left, "describe.plain#status"), "agree");
    let both = diff(&wrong, &empty).expect_code(1);
    assert_eq!(agreement(&both, "describe.size#size"), "both-differ");
    // Mocks that are wrong alike make no expectation stale.
    let alike = diff(&wrong, &wrong).expect_code(1);
    assert_eq!(agreement(&alike, "describe.size#size"), "both-differ");
    run(&["diff", "--left", "emulator", "--right", &wrong, "--filter", "describe.size"])
        .expect_code(1)
        .expect_stdout(&[
            "right-wrong      describe.size#size\n  expected  ",
            "/imageDetails/0/imageSizeInBytes: ",
        ]);
}
