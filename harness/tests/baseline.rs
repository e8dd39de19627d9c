//! Known failures: what a baseline lets through, what makes it stale, and what it refuses to be.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::Altered;
use support::program::{Ended, Program};
use support::server::Server;
use tempfile::TempDir;

/// An emulator without tokens, on a socket: `paging.token#has-token` fails there.
fn without_tokens() -> Server {
    let target = Altered::pages(|page| {
        page.as_object_mut().expect("a page is an object").remove("nextToken");
    });
    Server::answering(move |request| target.answer(request))
}

struct Desk {
    folder: TempDir,
    server: Server,
}

impl Desk {
    fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder"), server: without_tokens() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("known.toml")
    }

    /// Writes a file of these entries: id, last day.
    fn with(self, entries: &[(&str, &str)]) -> Self {
        let entry = |(id, expires): &(&str, &str)| {
            format!(
                "[[known]]\nid = '{id}'\nreason = 'no tokens yet'\nissue = 'https://example.com/1'\n\
                 expires = {expires}\nspec = '{}'\n",
                support::revision().hash
            )
        };
        let entries: String = entries.iter().map(entry).collect();
        fs::write(self.file(), format!("format = 1\n{entries}")).expect("a file is written");
        self
    }

    fn call(&self, words: &[&str], more: &[&str]) -> Ended {
        let endpoint = self.server.endpoint();
        let file = self.file();
        let mut all = words.to_vec();
        all.push(file.to_str().expect("a path"));
        all.extend(["--endpoint", &endpoint, "--filter", "paging.token"]);
        all.extend(more);
        Program::new(&all).run()
    }

    fn run(&self, more: &[&str]) -> Ended {
        self.call(&["run", "--baseline"], more)
    }

    fn write(&self, more: &[&str]) -> Ended {
        self.call(&["baseline", "write"], more)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).expect("the file is there")
    }
}

const FAR: &str = "9999-01-01";
const PAST: &str = "2020-02-29";

#[test]
fn a_failure_that_is_listed_fails_nothing_and_is_said() {
    let desk = Desk::new().with(&[("paging.token#has-token", FAR)]);
    desk.run(&[])
        .expect_code(0)
        .expect_stderr(&["known.toml: 1 entries for 1 checks"])
        .expect_stdout(&[
            "Known failures, listed in",
            "no tokens yet; until 9999-01-01, https://example.com/1",
        ])
        .expect_stdout(&["conforms but for 1 known failure"])
        .expect_nowhere(&["✗"]);
    let report = desk.run(&["--format", "json"]).expect_code(0).json();
    let failed = report["checks"].as_array().expect("a list");
    let failed = failed.iter().find(|check| check["outcome"] == "nonconform").expect("it still fails");
    assert_eq!(failed["known"]["entry"], "paging.token#has-token");
    assert_eq!(failed["known"]["expires"], FAR);
    assert_eq!(report["baseline"]["known"], 1);
    assert_eq!(report["baseline"]["stale"], serde_json::json!([]));
}

#[test]
fn a_failure_that_is_not_listed_fails_the_run() {
    let desk = Desk::new().with(&[("paging.page-size#page-size", FAR)]);
    desk.run(&[]).expect_code(1).expect_stdout(&["✗ MUST", "paging.token#has-token"]);
}

#[test]
fn an_entry_whose_check_passes_is_stale_and_named() {
    let desk = Desk::new().with(&[("paging.token#has-token", FAR), ("paging.token#first-status", FAR)]);
    desk.run(&[]).expect_code(4).expect_stdout(&[
        "✗ STALE",
        "paging.token#first-status",
        "known.toml:8",
        "take the entry out",
        "the baseline is stale",
    ]);
}

#[test]
fn a_pattern_hides_no_check_that_passes() {
    let desk = Desk::new().with(&[("paging.token#*", FAR)]);
    let report = desk.run(&["--format", "json"]).expect_code(4).json();
    let stale = &report["baseline"]["stale"][0];
    assert_eq!(stale["why"], "passes");
    let passing: Vec<_> = stale["passing"].as_array().expect("a list").iter().collect();
    assert!(passing.iter().any(|id| *id == "paging.token#first-status"), "{passing:?}");
    assert!(!passing.iter().any(|id| *id == "paging.token#has-token"), "{passing:?}");
}

#[test]
fn an_entry_whose_day_is_over_is_stale() {
    let desk = Desk::new().with(&[("paging.token#has-token", PAST)]);
    desk.run(&[]).expect_code(4).expect_stdout(&["✗ STALE", "its day was 2020-02-29"]);
}

#[test]
fn a_new_failure_weighs_more_than_a_stale_entry() {
    let desk = Desk::new().with(&[("paging.token#first-status", FAR)]);
    desk.run(&[]).expect_code(1).expect_stdout(&["✗ STALE", "✗ MUST"]);
}

#[test]
fn an_entry_that_fits_nothing_is_said_before_the_first_request_and_fails_nothing() {
    let desk = Desk::new().with(&[("paging.token#has-token", FAR), ("paging.tocken#*", FAR)]);
    let ended = desk.run(&[]).expect_code(0).expect_stdout(&["no check is called paging.tocken#*"]);
    let said = ended.stderr.find("line 8: no check is called paging.tocken#*").expect("it is said");
    assert!(said < ended.stderr.find("running ").expect("the run begins"), "{}", ended.stderr);
    // Not asked for is not the same as not there.
    let desk = Desk::new().with(&[("paging.token#has-token", FAR), ("tags.*", FAR)]);
    desk.run(&[]).expect_code(0).expect_nowhere(&["no check is called"]);
}

#[test]
fn an_entry_of_another_spec_is_said() {
    let desk = Desk::new().with(&[("paging.token#has-token", FAR)]);
    let text = desk.text().replace(support::revision().hash, "0123");
    fs::write(desk.file(), text).expect("a file is written");
    desk.run(&[]).expect_code(0).expect_stdout(&["1 entry was written against another spec"]);
}

#[test]
fn what_is_written_is_refused_until_it_is_filled_in() {
    let desk = Desk::new();
    desk.write(&[])
        .expect_code(0)
        .expect_stderr(&["0 entries stay, 1 are new", "fill in `reason` and `issue`"]);
    desk.run(&[]).expect_code(2).expect_stderr(&[
        "the baseline has 2 problems",
        "`reason` is left to fill",
        "known.toml:10:10",
        "= pointer: /known/0/reason",
        "`issue` is left to fill",
    ]);
    let filled = desk
        .text()
        .replace("reason = \"\"", "reason = 'a \"quoted\" reason'")
        .replace("issue = \"\"", "issue = \"https://example.com/7\"");
    fs::write(desk.file(), filled).expect("a file is written");
    desk.run(&[]).expect_code(0);
    // Written again, it keeps what was filled in, to the byte.
    let before = desk.text();
    desk.write(&[]).expect_code(0).expect_stderr(&["1 entries stay, 0 are new, 0 are gone"]);
    assert_eq!(desk.text(), before);
}

#[test]
fn writing_again_takes_out_what_passes_and_narrows_patterns() {
    let desk =
        Desk::new().with(&[("paging.token#*", FAR), ("tags.untagged*", FAR), ("gone.case#status", FAR)]);
    desk.write(&[]).expect_code(0).expect_stderr(&["2 entries stay, 0 are new, 2 are gone"]);
    let text = desk.text();
    assert!(text.contains("id = \"paging.token#has-token\"\nreason = \"no tokens yet\""), "{text}");
    assert!(text.contains("id = \"tags.untagged*\""), "what was not run stays:\n{text}");
    assert!(!text.contains("gone.case"), "{text}");
    desk.run(&[]).expect_code(0);
}

#[test]
fn reasons_may_be_given_for_all_new_entries() {
    let desk = Desk::new();
    let words = ["--reason", "mock 1.0 pages nothing", "--issue", "https://example.com/2", "--days", "3"];
    desk.write(&words).expect_code(0).expect_nowhere(&["hint"]);
    desk.run(&[]).expect_code(0).expect_stdout(&["mock 1.0 pages nothing"]);
}

#[test]
fn nothing_is_written_when_the_target_does_not_answer() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("known.toml");
    let nobody = support::server::nobody();
    let path = file.to_str().expect("a path");
    Program::new(&["baseline", "write", path, "--endpoint", &nobody]).run().expect_code(3);
    assert!(!file.exists());
}

#[test]
fn every_problem_of_a_file_is_said_at_its_place() {
    let folder = TempDir::new().expect("a folder");
    let cases: &[(&str, &[&str])] = &[
        ("", &["the file has no `format`"]),
        ("format = 2", &["known.toml:1:10", "not a format"]),
        ("format = 1\nknown = 3", &["known.toml:2:9", "begin each entry with `[[known]]`"]),
        ("format = 1\nextra = 1", &["known.toml:2:1", "the key `extra` is unknown"]),
        ("format = 1\n[[known]\n", &["known.toml:2:", "a baseline is a TOML file"]),
        (
            "format = 1\n[[known]]\nid = 'paging.token'\nreason = ' '\nissue = 'T-1'\nexpires = '2027-01-01'\n",
            &[
                "5 problems",
                "the entry has no `spec`",
                "known.toml:3:6",
                "`paging.token` is no check's id",
                "known.toml:4:10",
                "known.toml:5:9",
                "not an address",
                "known.toml:6:11",
                "`expires` is no day",
            ],
        ),
        ("format = 1\nexpires = 2027-02-30\n", &["known.toml:2:11", "invalid date"]),
        (
            "format = 1\n[[known]]\nid = 3\nreason = 'r'\nissue = 'https://e.org'\nexpires = 2027-02-03\n\
             spec = 's'\n",
            &["known.toml:3:6", "`id` is no text"],
        ),
    ];
    for (text, said) in cases {
        bad_file(folder.path(), text).expect_stderr(said);
    }
    let entry =
        "[[known]]\nid = 'a#b'\nreason = 'r'\nissue = 'https://e.org'\nexpires = 2027-02-03\nspec = 's'\n";
    bad_file(folder.path(), &format!("format = 1\n{entry}{entry}"))
        .expect_stderr(&["known.toml:8:1", "`a#b` has an entry already, at line 2"]);
    Program::new(&["run", "--baseline", "not-there.toml"])
        .run()
        .expect_code(2)
        .expect_stderr(&["failed to read not-there.toml"]);
    fs::write(folder.path().join("bytes.toml"), [0xff, 0xfe, 0]).expect("a file is written");
    let bytes = folder.path().join("bytes.toml");
    Program::new(&["run", "--baseline", bytes.to_str().expect("a path")]).run().expect_code(2);
}

fn bad_file(folder: &Path, text: &str) -> Ended {
    let file = folder.join("known.toml");
    fs::write(&file, text).expect("a file is written");
    Program::new(&["run", "--baseline", file.to_str().expect("a path")]).run().expect_code(2)
}
