//! Options for CI and for a terminal: parts of a suite, early ends, second tries, talk and colour.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use support::program::{Ended, Program};
use support::server::{Server, read_request, write_response};
use support::{Altered, operation};
use tempfile::TempDir;

fn run(arguments: &[&str]) -> Ended {
    Program::new(arguments).run()
}

fn cases(report: &Value) -> BTreeSet<String> {
    let checks = report["checks"].as_array().expect("a list");
    checks.iter().map(|check| check["case"].as_str().expect("an id").to_owned()).collect()
}

fn without_digests() -> Server {
    let target = Altered::images(|image| {
        image.as_object_mut().expect("an image is an object").remove("imageDigest");
    });
    Server::answering(move |request| target.answer(request))
}

#[test]
fn the_shards_have_every_case_once() {
    let part = |shard: &str| {
        let arguments = ["run", "--filter", "validation.*", "--format", "json", "--shard", shard];
        cases(&run(&arguments).expect_code(0).json())
    };
    let whole = cases(&run(&["run", "--filter", "validation.*", "--format", "json"]).expect_code(0).json());
    let parts = ["1/3", "2/3", "3/3"].map(part);
    assert_eq!(parts.iter().map(BTreeSet::len).sum::<usize>(), whole.len(), "no case stands in two");
    assert_eq!(parts.into_iter().flatten().collect::<BTreeSet<_>>(), whole);
    for shard in ["0/3", "4/3", "1", "1/0", "a/b"] {
        run(&["run", "--shard", shard]).expect_code(2).expect_stderr(&["PART/OF is due"]);
    }
    run(&["run", "--filter", "paging.token", "--shard", "900/900"])
        .expect_code(2)
        .expect_stderr(&["no case is left"]);
}

#[test]
fn what_failed_is_run_again_alone() {
    let server = without_digests();
    let (folder, endpoint) = (TempDir::new().expect("a folder"), server.endpoint());
    let report = folder.path().join("report.json").display().to_string();
    let first = format!("json={report}");
    let target = ["run", "--endpoint", &endpoint, "--filter", "describe.*", "--report", &first];
    run(&target).expect_code(1);
    let all: Value = serde_json::from_str(&fs::read_to_string(&report).expect("a report")).expect("JSON");
    let failed = all["checks"].as_array().expect("a list").iter();
    let failed = failed.filter(|check| check["outcome"] == "nonconform");
    let failed: BTreeSet<_> = failed.map(|check| check["case"].as_str().expect("an id").to_owned()).collect();
    let again = ["run", "--endpoint", &endpoint, "--rerun-failed", &report, "--format", "json"];
    assert_eq!(cases(&run(&again).expect_code(1).json()), failed);

    run(&["run", "--filter", "paging.token", "--report", &first]).expect_code(0);
    run(&["run", "--rerun-failed", &report]).expect_code(2).expect_stderr(&["nothing failed in"]);
    fs::write(&report, "{}").expect("a file is written");
    run(&["run", "--rerun-failed", &report]).expect_code(2).expect_stderr(&["is no JSON report of format 1"]);
}

#[test]
fn a_run_stops_after_as_many_failures_as_were_asked_for() {
    let server = without_digests();
    let endpoint = server.endpoint();
    let target = ["run", "--endpoint", &endpoint, "--filter", "describe.*", "--jobs", "1"];
    // How many checks fail in each case that has such, in the order of the report. A case is judged whole.
    let failures = |more: &[&str]| {
        let ended = run(&[&target[..], more, &["--format", "json"]].concat()).expect_code(1);
        let checks = ended.json()["checks"].as_array().expect("a list").clone();
        let failed =
            checks.iter().filter(|check| check["outcome"] == "nonconform" && check["level"] == "must");
        let mut by_case: BTreeMap<String, usize> = BTreeMap::new();
        for check in failed {
            *by_case.entry(check["case"].as_str().expect("an id").to_owned()).or_default() += 1;
        }
        by_case
    };
    let all = failures(&[]);
    assert!(all.len() > 3, "{all:?} are too few to stop before the end");
    assert_eq!(failures(&["--fail-fast"]).len(), 1);
    for limit in 2..=3 {
        let until = failures(&["--max-failures", &limit.to_string()]);
        let (sum, last) = (until.values().sum::<usize>(), until.values().max().copied().unwrap_or_default());
        assert!(sum >= limit && sum < limit + last, "{limit}: {until:?}");
        assert!(until.len() < all.len(), "{limit}: {until:?}");
    }
    run(&[&target[..], &["--fail-fast"]].concat())
        .expect_code(1)
        .expect_stdout(&["stopped after as many failures as were asked for"])
        .expect_nowhere(&["left behind"]);
}

#[test]
fn only_what_got_no_answer_is_sent_again() {
    // Every third question is not answered at all.
    let target = Altered::untouched();
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |mut stream| {
        while let Some(request) = read_request(&mut stream)? {
            let is_question = operation(&request) == "DescribeImages";
            if is_question && asked.fetch_add(1, Ordering::SeqCst) % 3 == 1 {
                return Ok(());
            }
            write_response(&mut stream, &target.answer(&request))?;
        }
        Ok(())
    });
    let endpoint = server.endpoint();
    let target = ["run", "--endpoint", &endpoint, "--filter", "missing.*", "--jobs", "1"];
    run(&target).expect_code(1).expect_stdout(&["the connection ended"]);
    run(&[&target[..], &["--retries", "2"]].concat())
        .expect_code(0)
        .expect_stdout(&["requests got no answer and were sent again"]);
}

#[test]
fn a_check_passes_only_if_it_passes_each_time() {
    // Right the first time, and wrong from then on.
    let asked = AtomicUsize::new(0);
    let target = Altered::images(move |image| {
        if asked.fetch_add(1, Ordering::SeqCst) > 0 {
            image["imageSizeInBytes"] = Value::from("7");
        }
    });
    let server = Server::answering(move |request| target.answer(request));
    let endpoint = server.endpoint();
    let arguments = ["run", "--endpoint", &endpoint, "--filter", "describe.plain", "--repeat", "3"];
    run(&arguments)
        .expect_code(1)
        .expect_stdout(&["✗ MUST", "describe.plain#"])
        .expect_stderr(&["not the same each time: describe.plain#"]);
    run(&["run", "--filter", "describe.plain", "--repeat", "2"])
        .expect_code(0)
        .expect_nowhere(&["not the same"]);
}

#[test]
fn runs_of_one_seed_ask_the_same() {
    let report = |more: &[&str]| {
        let server = without_digests();
        let endpoint = server.endpoint();
        let arguments = [
            "run",
            "--endpoint",
            &endpoint,
            "--filter",
            "tags.*",
            "--filter",
            "missing.*",
            "--format",
            "json",
        ];
        run(&[&arguments[..], more].concat()).expect_code(1).stdout.replace(&endpoint, "")
    };
    let first = report(&["--seed", "7"]);
    assert_eq!(first, report(&["--seed", "7", "--jobs", "1"]));
    assert_ne!(first, report(&["--seed", "8"]).replace("--seed 8", "--seed 7"));
    assert_ne!(report(&[]), report(&[]));
    run(&["run", "--endpoint", "http://192.0.2.1", "--seed", "7"]).expect_code(2).expect_stderr(&["--seed"]);
}

#[test]
fn a_mistyped_id_is_answered_with_the_nearest() {
    run(&["run", "--filter", "pagin.tokn"]).expect_code(2).expect_stderr(&["hint: there is `paging.token`"]);
}

#[test]
fn quiet_says_nothing_and_colour_is_where_it_is_wanted() {
    let ended = run(&["run", "--quiet", "--filter", "paging.token"]).expect_code(0);
    assert_eq!(ended.stderr, "");
    let ended = run(&["run", "--color", "always", "--filter", "paging.token"]).expect_code(0);
    assert!(ended.stdout.contains('\u{1b}'), "{}", ended.stdout);
}

#[test]
fn completions_and_a_manual_page_are_printed() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        run(&["completions", shell]).expect_code(0).expect_stdout(&["ecrspec", "baseline"]);
    }
    run(&["man"]).expect_code(0).expect_stdout(&[".TH ecrspec 1"]);
}
