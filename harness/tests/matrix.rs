//! Many targets side by side.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;

use support::Altered;
use support::program::Program;
use support::server::{Server, nobody};
use tempfile::TempDir;

fn server(target: std::sync::Arc<Altered>) -> Server {
    Server::answering(move |request| target.answer(request))
}

#[test]
fn targets_stand_side_by_side_with_links_to_their_reports() {
    let good = server(Altered::untouched());
    let bad = server(Altered::pages(|page| {
        page.as_object_mut().expect("a page is an object").remove("nextToken");
    }));
    let folder = TempDir::new().expect("a folder");
    let (file, out) = (folder.path().join("targets.toml"), folder.path().join("out"));
    let targets = format!(
        "[[target]]\nname = 'good'\nversion = '1.2'\nendpoint = '{}'\n[[target]]\nname = 'bad'\nendpoint = '{}'\n",
        good.endpoint(),
        bad.endpoint()
    );
    fs::write(&file, targets).expect("a file is written");
    let (file, out_text) = (file.display().to_string(), out.display().to_string());
    let arguments =
        ["matrix", &file, "--out", &out_text, "--filter", "paging.token#*", "--filter", "missing.tag"];
    let ended = Program::new(&arguments).run().expect_code(0).expect_stdout(&[
        "|  | good 1.2 | bad |",
        "| paging | 5 of 5 |",
        "[good.html](good.html)",
        "0 checks rest on bytes recorded from ECR",
    ]);
    let paging = ended.stdout.lines().find(|line| line.starts_with("| paging |")).expect("a row of paging");
    assert!(!paging.ends_with("| 5 of 5 |"), "the bad one does less: {paging}");
    assert_eq!(fs::read_to_string(out.join("matrix.md")).expect("a table"), ended.stdout);
    let picture = fs::read_to_string(out.join("matrix.svg")).expect("a picture");
    assert!(picture.starts_with("<svg xmlns=") && picture.contains("good 1.2"), "{picture}");
    let page = fs::read_to_string(out.join("matrix.html")).expect("a page");
    for part in [
        "<a href=\"bad.html\">bad</a>",
        "5 of 5",
        "<svg",
        "default-src 'none'",
        "<th scope=\"row\">paging</th>",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("<script"), "a page without a script");
    for name in ["good.html", "good.json", "bad.html", "bad.json"] {
        assert!(out.join(name).exists(), "{name}");
    }
}

#[test]
fn a_target_that_is_not_there_leaves_the_others_their_place() {
    let good = server(Altered::untouched());
    let folder = TempDir::new().expect("a folder");
    let (file, out) = (folder.path().join("targets.toml"), folder.path().join("out"));
    let targets = format!(
        "[[target]]\nname = 'gone'\nendpoint = '{}'\n[[target]]\nname = 'good'\nendpoint = '{}'\n",
        nobody(),
        good.endpoint()
    );
    fs::write(&file, targets).expect("a file is written");
    let (file, out) = (file.display().to_string(), out.display().to_string());
    Program::new(&["matrix", &file, "--out", &out, "--filter", "describe.plain"])
        .run()
        .expect_code(3)
        .expect_stdout(&["| gone | good |", "no answer"]);
}

#[test]
fn every_mistake_in_a_list_of_targets_is_said() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("targets.toml");
    let cases: &[(&str, &[&str])] = &[
        ("", &["has no target", "[[target]]"]),
        ("[target]\n", &["`target` is no list of targets"]),
        ("[[target]]\nname = 'a'\n", &["targets.toml:1:1", "has no `endpoint` and no `spawn`"]),
        ("[[target]]\nname = '../a'\nspawn = 'x'\n", &["can't name a file"]),
        ("[[target]]\nname = 'a'\nspwan = 'x'\n", &["the key `spwan` is unknown"]),
        ("[[target]]\nname = 'a'\nspawn = 'x'\n[[target]]\nname = 'a'\nspawn = 'x'\n", &["`a` stands twice"]),
        ("[[target]\n", &["targets.toml:1:"]),
    ];
    for (text, said) in cases {
        fs::write(&file, text).expect("a file is written");
        let file = file.display().to_string();
        Program::new(&["matrix", &file]).run().expect_code(2).expect_stderr(said);
    }
}
