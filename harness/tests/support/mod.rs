//! What the tests of this folder share: targets that misbehave in one way, the program under a watchdog, and
//! servers on loopback.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod program;
pub(crate) mod server;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ecrspec::case::Suite;
use ecrspec::client::{Answer, Client, Signer, Transport, Wait};
use ecrspec::emulator::{self, Emulator, EmulatorDoor};
use ecrspec::exchange::{NoResponse, Request, Response};
use ecrspec::run::{Progress, Run, Settings, run};
use ecrspec::verdict::{CheckResult, Finding, NotJudged, Outcome};
use ecrspec::world::Seed;
use ecrspec_api::table::Revision;
use serde_json::{Value, json};
use tokio::sync::watch;

/// Longer than anything here takes; what takes longer hangs.
pub(crate) const WATCHDOG: Duration = Duration::from_mins(1);

/// The revision that the program uses.
pub(crate) fn revision() -> &'static Revision {
    ecrspec_api::revisions().last().expect("a revision is built in")
}

/// The suite, or the part of it that fits a filter.
pub(crate) fn suite(filters: &[&str]) -> Suite {
    suite_of(revision(), filters)
}

fn suite_of(revision: &'static Revision, filters: &[&str]) -> Suite {
    let filters: Vec<String> = filters.iter().map(|filter| (*filter).to_owned()).collect();
    let suite =
        Suite::for_revision(revision, &[]).expect("the built-in cases have no problem").select(&filters);
    assert!(suite.selected().next().is_some(), "no case fits {filters:?}");
    suite
}

/// A fresh emulator.
pub(crate) fn emulator_door() -> EmulatorDoor {
    EmulatorDoor::new(Emulator::new(emulator::Settings::new(revision())))
}

/// A run in the making.
pub(crate) struct Attempt {
    pub(crate) revision: &'static Revision,
    pub(crate) suite: Suite,
    pub(crate) settings: Settings,
    /// Turns `stop` true once so many cases are judged.
    pub(crate) stop_after: Option<usize>,
}

impl Attempt {
    pub(crate) fn new(filters: &[&str]) -> Self {
        Self::of_revision(revision(), filters)
    }

    pub(crate) fn of_revision(revision: &'static Revision, filters: &[&str]) -> Self {
        let settings = Settings {
            jobs: NonZeroUsize::new(8).expect("not zero"),
            account: None,
            may_write: Ok(()),
            seed: Seed::default(),
            keep_bodies: true,
        };
        Self { revision, suite: suite_of(revision, filters), settings, stop_after: None }
    }

    pub(crate) fn jobs(mut self, jobs: usize) -> Self {
        self.settings.jobs = NonZeroUsize::new(jobs).expect("not zero");
        self
    }

    /// Runs against a transport. A run that hangs fails.
    pub(crate) async fn against(self, transport: Arc<dyn Transport>) -> Run {
        let service = &self.revision.service;
        let signer = Signer::with_dummy_credentials("us-east-1", service.signing_name);
        let timeout = Duration::from_secs(10);
        let client = Client::new(transport, service, signer, "localhost".to_owned(), timeout);
        let (stop, stopped) = watch::channel(false);
        let progress = Arc::new(Stopper {
            stop,
            after: self.stop_after.unwrap_or(usize::MAX),
            judged: AtomicUsize::new(0),
        });
        let run = run(&self.suite, Arc::new(client), self.revision, &self.settings, progress, stopped);
        tokio::time::timeout(WATCHDOG, run).await.expect("the run hangs")
    }
}

/// Says nothing, and asks for an end after some cases.
struct Stopper {
    stop: watch::Sender<bool>,
    after: usize,
    judged: AtomicUsize,
}

impl Progress for Stopper {
    fn started(&self, _worlds: usize, _cases: usize) {}
    fn world_made(&self, _name: &str) {}
    fn case_started(&self, _id: &str) {}
    fn case_judged(&self, _id: &str, _results: &[CheckResult]) {
        if self.judged.fetch_add(1, Ordering::SeqCst) + 1 == self.after {
            self.stop.send(true).expect("the run listens");
        }
    }
    fn cleaning(&self, _repositories: usize) {}
}

/// A target made of a function, without a socket.
pub(crate) struct Target<F>(pub(crate) F);

impl<F: Fn(Request) -> Result<Response, NoResponse> + Send + Sync> Transport for Target<F> {
    fn send(&self, request: Request, _timeout: Duration) -> Answer<'_> {
        let answer = (self.0)(request);
        // Others get their turn, as they do where an answer takes time.
        Box::pin(async {
            tokio::task::yield_now().await;
            answer
        })
    }

    fn wait(&self, _time: Duration) -> Wait<'_> {
        Box::pin(std::future::ready(()))
    }
}

/// What happens to an answer on its way.
type Alter = dyn Fn(&Request, &mut Response) + Send + Sync;

/// An emulator whose answers to `DescribeImages` are changed on their way, and which remembers what was made.
pub(crate) struct Altered {
    door: EmulatorDoor,
    alter: Box<Alter>,
    made: Mutex<BTreeSet<String>>,
}

impl Altered {
    pub(crate) fn new(alter: impl Fn(&Request, &mut Response) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { door: emulator_door(), alter: Box::new(alter), made: Mutex::default() })
    }

    /// The emulator as it is.
    pub(crate) fn untouched() -> Arc<Self> {
        Self::new(|_, _| {})
    }

    /// With the JSON of every successful `DescribeImages` changed.
    pub(crate) fn pages(alter: impl Fn(&mut Value) + Send + Sync + 'static) -> Arc<Self> {
        Self::new(move |request, response| {
            if operation(request) == "DescribeImages" && response.status == 200 {
                rewrite(response, &alter);
            }
        })
    }

    /// With every image of every page changed.
    pub(crate) fn images(alter: impl Fn(&mut Value) + Send + Sync + 'static) -> Arc<Self> {
        Self::pages(move |page| {
            page["imageDetails"].as_array_mut().into_iter().flatten().for_each(&alter);
        })
    }

    /// The repositories that a run made and that are still there, asked through the same door.
    pub(crate) fn repositories_left(&self) -> Vec<String> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(!made.is_empty(), "nothing was made, so that nothing is left says nothing");
        made.iter().filter(|name| self.is_there(name)).cloned().collect()
    }

    pub(crate) fn is_there(&self, repository: &str) -> bool {
        let response = self.door.answer(&request("DescribeImages", &json!({"repositoryName": repository})));
        match response.status {
            200 => true,
            400 if text(&response).contains("RepositoryNotFoundException") => false,
            _ => panic!("neither there nor not there: {}", text(&response)),
        }
    }

    pub(crate) fn answer(&self, request: &Request) -> Response {
        if operation(request) == "CreateRepository" {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            if let Some(name) = body["repositoryName"].as_str() {
                self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
            }
        }
        let mut response = self.door.answer(request);
        (self.alter)(request, &mut response);
        response
    }
}

impl Transport for Altered {
    fn send(&self, request: Request, _timeout: Duration) -> Answer<'_> {
        let answer = self.answer(&request);
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(answer)
        })
    }

    fn now(&self) -> SystemTime {
        self.door.now()
    }

    fn wait(&self, time: Duration) -> Wait<'_> {
        self.door.wait(time)
    }
}

/// The operation that a request is for.
pub(crate) fn operation(request: &Request) -> &str {
    request.header("x-amz-target").and_then(|target| target.rsplit('.').next()).unwrap_or_default()
}

/// A request as the suite makes it, unsigned.
pub(crate) fn request(operation: &str, body: &Value) -> Request {
    let target = format!("{}.{operation}", revision().service.target_prefix);
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: vec![
            ("Content-Type".to_owned(), revision().service.content_type.to_owned()),
            ("X-Amz-Target".to_owned(), target),
        ],
        body: body.to_string().into_bytes(),
    }
}

/// A response with that body.
pub(crate) fn response(status: u16, content_type: &str, body: &str) -> Response {
    Response {
        status,
        headers: vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ],
        body: body.as_bytes().to_vec(),
        broken: None,
    }
}

/// An error in the protocol's form.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Response {
    response(status, "application/x-amz-json-1.1", &json!({"__type": code, "message": message}).to_string())
}

/// Changes the JSON of a response, and its length where that is said.
pub(crate) fn rewrite(response: &mut Response, alter: impl Fn(&mut Value)) {
    let mut body: Value = serde_json::from_slice(&response.body).expect("the emulator answers JSON");
    alter(&mut body);
    response.body = body.to_string().into_bytes();
    for (name, value) in &mut response.headers {
        if name.eq_ignore_ascii_case("content-length") {
            *value = response.body.len().to_string();
        }
    }
}

pub(crate) fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

/// The results of the cases that were asked for.
pub(crate) fn results(run: &Run) -> impl Iterator<Item = &CheckResult> {
    run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results)
}

/// What failed, with the reason.
pub(crate) fn failed(run: &Run) -> Vec<(&CheckResult, &Finding)> {
    results(run)
        .filter_map(|result| match &result.outcome {
            Outcome::Nonconform(finding) => Some((result, finding)),
            _ => None,
        })
        .collect()
}

/// The ids of what failed.
pub(crate) fn failed_ids(run: &Run) -> Vec<&str> {
    failed(run).into_iter().map(|(result, _)| result.id.as_str()).collect()
}

/// The ids and outcomes of all checks, without what is random in a run.
pub(crate) fn outcomes(run: &Run) -> Vec<(String, &'static str)> {
    results(run).map(|result| (result.id.clone(), outcome_name(&result.outcome))).collect()
}

pub(crate) fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Conform => "conform",
        Outcome::Nonconform(_) => "nonconform",
        Outcome::Informational(_) => "informational",
        Outcome::NotJudged(reason) => match reason {
            NotJudged::Lacks(_) => "lacks",
            NotJudged::NoWorld(_) => "no world",
            NotJudged::Unbound(_) => "unbound",
            NotJudged::NoAnswer(_) => "no answer",
            NotJudged::Unreachable => "unreachable",
            NotJudged::Interrupted => "interrupted",
            NotJudged::Covered(_) => "covered",
            NotJudged::Throttled => "throttled",
            NotJudged::AnotherStatus(_) => "another status",
            NotJudged::Endless(_) => "endless",
            NotJudged::Unsteady => "unsteady",
            NotJudged::NothingToAsk => "nothing to ask",
            NotJudged::TwinFailed(_) => "twin failed",
        },
    }
}
