//! Each check as a test of its own under `cargo test` and `cargo nextest run`.
//!
//! In: a target. Out: one test a check, in a test program without a harness. What must stay true: the suite is run
//! once for all of the tests, however many processes they are spread over; a test fails exactly if its check
//! fails the run.
//!
//! In `Cargo.toml` of the crate whose server is tested:
//!
//! ```toml
//! [dev-dependencies]
//! ecrspec = { version = "0.1", features = ["libtest"] }
//!
//! [[test]]
//! name = "ecr"
//! harness = false
//! ```
//!
//! And in `tests/ecr.rs`, with a server that listens until `server` is dropped:
//!
//! ```no_run
//! # struct Server;
//! # impl Server { fn start() -> Self { Self } fn address(&self) -> String { String::new() } }
//! use ecrspec::libtest::Target;
//!
//! ecrspec::suite!({
//!     let server = Server::start();
//!     Target::at(server.address()).kept_alive_by(server)
//! });
//! ```
//!
//! The target is made when the first test needs it: to list the tests makes nothing. nextest starts a process a test;
//! the first of them runs the suite and the others read what came of it.
//!
//! Checks below `must` are ignored; `--include-ignored` asks for them too. What can't be judged is ignored with its
//! reason. nextest, which can't be told so by a test, counts it as passed.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ecrspec_api::table::Revision;
use ecrspec_codegen::source::Source;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::baseline::{self, Standing};
use crate::case::Suite;
use crate::client::{Client, HttpTransport, Signer};
use crate::exit::Exit;
use crate::level::Level;
use crate::report::{Subject, Verdict, verdict};
use crate::run::{self, Settings, Silence};
use crate::verdict::check_id;
use crate::world::Seed;

/// A target of the tests.
pub struct Target {
    endpoint: String,
    baseline: Option<PathBuf>,
    guard: Option<Box<dyn Any + Send>>,
}

impl Target {
    /// The target at an address: `http://127.0.0.1:5000`.
    pub fn at(endpoint: impl Into<String>) -> Self {
        Self { endpoint: endpoint.into(), baseline: None, guard: None }
    }

    /// With a file of known failures: their tests pass while they fail, and fail once they pass.
    #[must_use]
    pub fn with_baseline(mut self, file: impl Into<PathBuf>) -> Self {
        self.baseline = Some(file.into());
        self
    }

    /// With something that is dropped when the suite was run, such as the server itself.
    #[must_use]
    pub fn kept_alive_by(mut self, guard: impl Any + Send) -> Self {
        self.guard = Some(Box::new(guard));
        self
    }
}

impl<T: Into<String>> From<T> for Target {
    fn from(endpoint: T) -> Self {
        Self::at(endpoint)
    }
}

/// Makes a test program of the suite: the argument is the target, or its address.
///
/// See [`libtest`](crate::libtest) for what stands around it.
///
/// ```no_run
/// ecrspec::suite!("http://127.0.0.1:5000");
/// ```
#[macro_export]
macro_rules! suite {
    ($target:expr) => {
        fn main() -> ::std::process::ExitCode {
            // Set for integration tests: where what one process found is left for the others.
            let folder = ::std::option_env!("CARGO_TARGET_TMPDIR").map(::std::path::Path::new);
            $crate::libtest::main(|| $crate::libtest::Target::from($target), folder)
        }
    };
}

/// What came of each check, by its id; or why the suite could not be run.
#[derive(Debug, Serialize, Deserialize)]
struct Findings {
    /// The run of nextest that it belongs to.
    of: String,
    checks: Result<BTreeMap<String, Verdict>, String>,
}

/// The `main` of a test program; [`suite!`](crate::suite) calls it.
pub fn main(target: impl FnOnce() -> Target + Send + 'static, folder: Option<&Path>) -> ExitCode {
    let arguments = Arguments::from_args();
    let Some((suite, revision)) = whole_suite() else {
        return Exit::SuiteFault.into();
    };
    let shared = Arc::new(Shared {
        folder: folder.map(Path::to_owned),
        target: std::sync::Mutex::new(Some(Box::new(target))),
        suite: suite.clone(),
        revision,
        findings: OnceLock::new(),
    });
    let mut trials = Vec::new();
    for case in &suite.cases {
        for check in case.steps.iter().flat_map(|step| &step.expect) {
            let id = check_id(&case.id, check.name());
            let (name, shared) = (id.clone(), Arc::clone(&shared));
            let trial = Trial::ignorable_test(id, move || shared.verdict(&name));
            trials.push(trial.with_ignored_flag(check.level < Level::Must));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn whole_suite() -> Option<(Suite, &'static Revision)> {
    let revision = ecrspec_api::revisions().last().copied()?;
    Some((Suite::for_revision(revision, &[]).ok()?, revision))
}

type MakeTarget = Box<dyn FnOnce() -> Target + Send>;

/// What all tests of a process share.
struct Shared {
    folder: Option<PathBuf>,
    target: std::sync::Mutex<Option<MakeTarget>>,
    suite: Suite,
    revision: &'static Revision,
    findings: OnceLock<Findings>,
}

impl Shared {
    fn verdict(&self, check: &str) -> Result<Completion, Failed> {
        let findings = self.findings.get_or_init(|| self.findings());
        let checks = findings.checks.as_ref().map_err(|reason| Failed::from(reason.as_str()))?;
        match checks.get(check) {
            Some(Verdict::Passes) => Ok(Completion::Completed),
            Some(Verdict::Fails(why)) => Err(why.as_str().into()),
            Some(Verdict::IsOpen(why)) => Ok(Completion::ignored_with(why)),
            None => Err("the run has no result of this check".into()),
        }
    }

    /// What this run of nextest has found already, or what a run of the suite finds.
    fn findings(&self) -> Findings {
        let of = std::env::var("NEXTEST_RUN_ID").unwrap_or_default();
        let file =
            self.folder.as_ref().filter(|_| !of.is_empty()).and_then(|folder| open_locked(folder).ok());
        let Some(mut file) = file else { return self.run(of) };
        let mut text = String::new();
        let read = file.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str(&text).ok());
        if let Some(findings) = read.filter(|findings: &Findings| findings.of == of) {
            return findings;
        }
        let findings = self.run(of);
        // What can't be left there the next process finds out itself.
        let text = serde_json::to_string(&findings).unwrap_or_default();
        let _ = file.rewind().and_then(|()| file.set_len(0)).and_then(|()| file.write_all(text.as_bytes()));
        findings
    }

    fn run(&self, of: String) -> Findings {
        let make = self.target.lock().ok().and_then(|mut target| target.take());
        let checks = make.ok_or_else(|| "the suite broke off".to_owned()).and_then(|make| {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            let runtime = runtime.map_err(|error| format!("failed to start: {error}"))?;
            let target = make();
            runtime.block_on(self.run_against(&target))
        });
        Findings { of, checks }
    }

    async fn run_against(&self, target: &Target) -> Result<BTreeMap<String, Verdict>, String> {
        const TIMEOUT: Duration = Duration::from_secs(10);
        const JOBS: NonZeroUsize = NonZeroUsize::new(8).unwrap();

        let known = target.baseline.as_deref().map(read_baseline).transpose()?;
        let transport = HttpTransport::new(&target.endpoint, None).map_err(|error| error.to_string())?;
        let may_write =
            if transport.is_loopback() { Ok(()) } else { Err("it is not on loopback".to_owned()) };
        let authority = transport.authority();
        let service = &self.revision.service;
        let signer = Signer::with_dummy_credentials("us-east-1", service.signing_name);
        let client = Client::new(Arc::new(transport), service, signer, authority, TIMEOUT);
        if let Some(reason) = client.unreachable_because().await {
            return Err(format!("{} gives no answer: {reason}", target.endpoint));
        }
        let settings =
            Settings { jobs: JOBS, account: None, may_write, seed: Seed::default(), keep_bodies: false };
        let (_stop, stopped) = watch::channel(false);
        let run =
            run::run(&self.suite, Arc::new(client), self.revision, &settings, Arc::new(Silence), stopped)
                .await;
        let matches = known.as_ref().map(|known| known.matches(&self.suite.check_ids())).unwrap_or_default();
        let today = OffsetDateTime::now_utc().date();
        let standing =
            known.as_ref().map(|known| Standing::of(known, &matches, &run, self.revision.hash, today));
        let subject = Subject {
            run: &run,
            revision: self.revision,
            endpoint: Some(&target.endpoint),
            again: &format!("--endpoint {}", target.endpoint),
            region: "us-east-1",
            signed: false,
            fail_on: Level::May,
            allowed_to_lack: &[],
            must_in_suite: self.suite.count(Level::Must),
            exit: Exit::of_run_with(&run, Level::May, &[], standing.as_ref()),
            baseline: standing.as_ref(),
        };
        let results = run.cases.iter().flat_map(|case| case.results.iter().map(move |result| (case, result)));
        Ok(results.map(|(case, result)| (result.id.clone(), verdict(case, result, &subject))).collect())
    }
}

fn open_locked(folder: &Path) -> std::io::Result<File> {
    let name = std::env::current_exe()?;
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path = folder.join(format!("{name}.ecrspec.json"));
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    file.lock()?;
    Ok(file)
}

fn read_baseline(file: &Path) -> Result<baseline::Baseline, String> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| format!("failed to read {name}: {error}"))?;
    let source = Source::from_bytes(name, &bytes).map_err(|error| error.to_string())?;
    baseline::read(&source)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}
