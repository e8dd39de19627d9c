//! What the README shows is what the program prints.

mod support;

use std::sync::Arc;

use ecrspec::emulator::{Emulator, EmulatorDoor, Settings};
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::report::{self, Subject};
use ecrspec::signature::{SignedDoor, Verifier};
use support::{must_in_suite, readme_block, revision, run};

#[tokio::test]
async fn the_demo_on_the_emulator_is_real() {
    // As the program has it: it looks at signatures too.
    let service = &revision().service;
    let door = Arc::new(EmulatorDoor::new(Emulator::new(Settings::new(revision()))));
    let verifier = Verifier::of_dummy_credentials("us-east-1", service.signing_name);
    let run = run(Arc::new(SignedDoor::new(door, verifier, service)), "localhost", &[], 8).await;
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
