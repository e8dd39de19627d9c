//! The reports of a target with a handful of faults.

mod support;

use std::sync::Arc;
use std::time::Duration;

use ecrspec::client::{Answer, Transport};
use ecrspec::emulator::{Emulator, EmulatorDoor, Settings};
use ecrspec::exchange::{Request, Response};
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::report::{self, Subject};
use ecrspec::snapshot::Snapshot;
use support::{assert_golden, must_in_suite, revision, run, settled};

/// The emulator, with what mocks are known to get wrong: a short text, `[]` for no tags, page sizes ignored.
struct Faulty(EmulatorDoor);

impl Transport for Faulty {
    fn send(&self, mut request: Request, timeout: Duration) -> Answer<'_> {
        let body = String::from_utf8_lossy(&request.body).replace("\"maxResults\":2", "\"maxResults\":100");
        request.body = body.into_bytes();
        Box::pin(async move {
            let Response { status, headers, body, broken } = self.0.send(request, timeout).await?;
            let text = String::from_utf8_lossy(&body)
                .replace(" in the registry with id '123456789012'", "")
                .replace("\"imageSizeInBytes\"", "\"imageTags\":[],\"imageSizeInBytes\"");
            Ok(Response { status, headers, body: text.into_bytes(), broken })
        })
    }
}

const CASES: [&str; 4] = ["missing.*", "tags.untagged*", "paging.page-size", "derived.maxResults.*"];

#[tokio::test]
async fn the_reports_say_what_differs_and_why() {
    let faulty = Faulty(EmulatorDoor::new(Emulator::new(Settings::new(revision()))));
    let run = run(Arc::new(faulty), "127.0.0.1:5000", &CASES, 4).await;
    let exit = Exit::of_run(&run, Level::Must, &[]);
    let subject = Subject {
        run: &run,
        revision: revision(),
        endpoint: Some("http://127.0.0.1:5000"),
        again: "--endpoint http://127.0.0.1:5000",
        region: "us-east-1",
        signed: false,
        fail_on: Level::Must,
        exit,
        baseline: None,
        allowed_to_lack: &[],
        must_in_suite: must_in_suite(),
    };
    let plain = anstream::adapter::strip_str(&report::human(&subject)).to_string();
    assert_golden("reports", "human", &settled(&plain));
    assert_golden("reports", "json", &settled(&report::json(&subject)));
    let answers = Snapshot::of_run(&run, revision(), "an emulator with a fault");
    assert_golden("reports", "answers", &answers.to_string());
    assert_golden("reports", "junit", &settled(&report::junit(&subject)));
    assert_golden("reports", "markdown", &settled(&report::markdown(&subject)));
    assert_golden("reports", "annotations", &settled(&report::annotations(&subject)));
    // The same run makes the same bytes.
    for render in [report::json, report::junit, report::markdown, report::annotations, report::html] {
        assert_eq!(render(&subject), render(&subject));
    }
}
