//! What the README shows is what the program prints.

mod support;

use std::sync::Arc;

use ecrspec::emulator::{Emulator, EmulatorDoor, Settings};
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::report::{self, Subject};
use support::{must_in_suite, readme_block, revision, run};

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
        baseline: None,
        allowed_to_lack: &[],
        must_in_suite: must_in_suite(),
    };
    let report = anstream::adapter::strip_str(&report::human(&subject)).to_string();
    let shown = readme_block("output of `cargo run`, its end");
    assert!(
        report.ends_with(&shown),
        "the README shows\n{shown}\nwhere the program prints\n{}",
        &report[report.len().saturating_sub(shown.len() + 200)..]
    );
}
