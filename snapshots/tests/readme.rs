//! What the README shows is what the program prints.

#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

mod support;

use std::path::Path;
use std::sync::Arc;

use ecrspec::emulator::{Emulator, EmulatorDoor, Settings};
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::report::{self, Subject};
use support::{revision, run};

/// The block of the README behind this mark.
fn block(mark: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = std::fs::read_to_string(file).expect("there is a README");
    let (_, after) = text.split_once(&format!("<!-- {mark} -->\n")).expect("the README has the mark");
    let (_, after) = after.split_once("```text\n").expect("a block stands behind the mark");
    let (block, _) = after.split_once("```").expect("the block ends");
    block.to_owned()
}

#[tokio::test]
async fn the_demo_on_the_emulator_is_real() {
    let door = EmulatorDoor::new(Emulator::new(Settings::new(revision())));
    let run = run(Arc::new(door), "localhost", &[], 8).await;
    let exit = Exit::of_run(&run, Level::Must, &[]);
    let subject = Subject {
        run: &run,
        revision: revision(),
        endpoint: None,
        again: "",
        region: "us-east-1",
        signed: false,
        fail_on: Level::Must,
        exit,
    };
    let report = anstream::adapter::strip_str(&report::human(&subject)).to_string();
    let shown = block("output of `cargo run`, its end");
    assert!(
        report.ends_with(&shown),
        "the README shows\n{shown}\nwhere the program prints\n{}",
        &report[report.len().saturating_sub(shown.len() + 200)..]
    );
}
