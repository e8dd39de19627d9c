//! `ecrspec run`

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials as AwsCredentials;
use ecrspec::case::Suite;
use ecrspec::client::{Client, HttpTransport, Signer, Transport};
use ecrspec::emulator::{self, Emulator, EmulatorDoor};
use ecrspec::exit::Exit;
use ecrspec::recording::Recording;
use ecrspec::report::{self, Subject};
use ecrspec::revision;
use ecrspec::run::{self, Settings};
use ecrspec::spawn::{Spawned, spawn, without_secrets};
use ecrspec::verdict::check_id;
use ecrspec_api::table::Revision;
use tokio::sync::watch;

use crate::cli::arguments::{Credentials, Format, RunArguments};
use crate::cli::output::{print, say};
use crate::cli::{Failure, case, progress};

/// The account of the embedded emulator, unless the user names one.
const EMULATOR_ACCOUNT: &str = "123456789012";

/// Runs the suite, or lists it.
pub(super) async fn run(arguments: RunArguments) -> Result<Exit, Failure> {
    let revision = arguments.api.revision;
    let own = arguments.cases.as_deref().map_or(Ok(Vec::new()), case::read_folder)?;
    let suite = Suite::for_revision(revision, &own)
        .map_err(|problems| case::problems_failure(&problems))?
        .select(&arguments.filter);
    if suite.selected().next().is_none() {
        let filters = arguments.filter.join("`, `");
        return Err(Failure::usage(format!(
            "no case of API {} fits `{filters}`; `ecrspec run --list` prints all ids",
            revision.name
        )));
    }
    if arguments.list {
        print(&list(&suite))?;
        return Ok(Exit::Conforms);
    }
    let (stop, stopped) = watch::channel(false);
    let second = watch_for_signals(stop)?;
    tokio::select! {
        done = run_against_target(arguments, revision, suite, stopped) => done,
        // The one who asks twice does not want to wait for the clean-up.
        () = second => Err(Failure {
            exit: Exit::Interrupted,
            message: "interrupted twice: what was made in the target may be left there".to_owned(),
        }),
    }
}

async fn run_against_target(
    arguments: RunArguments,
    revision: &'static Revision,
    suite: Suite,
    mut stopped: watch::Receiver<bool>,
) -> Result<Exit, Failure> {
    let mut interrupted = stopped.clone();
    let target = tokio::select! {
        target = Target::open(&arguments, revision) => target?,
        _ = interrupted.wait_for(|stopped| *stopped) => {
            return Err(Failure { exit: Exit::Interrupted, message: "interrupted".to_owned() });
        }
    };
    // Borrowed by the run below only; marks it as seen.
    stopped.mark_unchanged();
    let done = judge(&arguments, revision, &suite, &target, stopped).await;
    if let Some(spawned) = target.spawned {
        spawned.end().await;
    }
    done
}

async fn judge(
    arguments: &RunArguments,
    revision: &'static Revision,
    suite: &Suite,
    target: &Target,
    stopped: watch::Receiver<bool>,
) -> Result<Exit, Failure> {
    let signer = signer(arguments, revision)?;
    let timeout = Duration::from_secs(arguments.timeout);
    let client = Client::new(
        Arc::clone(&target.transport),
        &revision.service,
        signer,
        target.authority.clone(),
        timeout,
    );
    if let Some(reason) = client.unreachable_because().await {
        let output = target.spawned.as_ref().map(Spawned::output).unwrap_or_default();
        return Err(Failure {
            exit: Exit::Unreachable,
            message: format!("{} gives no answer: {reason}{output}", target.name()),
        });
    }
    let settings = Settings {
        jobs: arguments.jobs,
        account: arguments.account.clone(),
        may_write: target.may_write.clone(),
        keep_bodies: arguments.record.is_some(),
    };
    let progress = progress::for_stderr().into();
    let run = run::run(suite, Arc::new(client), revision, &settings, progress, stopped).await;
    if let Some(file) = &arguments.record {
        let recording = Recording::of_run(&run, revision.name, target.name());
        fs::write(file, recording.to_text())
            .map_err(|error| Failure::usage(format!("failed to write {}: {error}", file.display())))?;
        say(&format!("saved {} exchanges to {}", recording.exchanges().count(), file.display()));
    }
    let exit = Exit::of_run(&run, arguments.fail_on, &arguments.allow_missing);
    let again = again(arguments);
    let subject = Subject {
        run: &run,
        revision,
        endpoint: target.endpoint.as_deref(),
        again: &again,
        region: &arguments.region,
        signed: arguments.credentials == Credentials::Environment,
        fail_on: arguments.fail_on,
        exit,
    };
    print(&match arguments.format {
        Format::Human => report::human(&subject),
        Format::Json => report::json(&subject),
    })?;
    Ok(exit)
}

/// A target that is ready to be asked.
struct Target {
    transport: Arc<dyn Transport>,
    authority: String,
    /// Its address; nothing for the embedded emulator.
    endpoint: Option<String>,
    may_write: Result<(), String>,
    spawned: Option<Spawned>,
}

impl Target {
    async fn open(arguments: &RunArguments, revision: &'static Revision) -> Result<Self, Failure> {
        let certificate = arguments
            .ca_cert
            .as_ref()
            .map(|file| {
                fs::read(file)
                    .map_err(|error| Failure::usage(format!("failed to read {}: {error}", file.display())))
            })
            .transpose()?;
        let spawned = match &arguments.spawn {
            Some(line) => Some(
                spawn(line, Duration::from_secs(arguments.spawn_wait))
                    .await
                    .map_err(|error| Failure { exit: spawn_exit(&error), message: error.to_string() })?,
            ),
            None => None,
        };
        let endpoint = spawned
            .as_ref()
            .map(|spawned| spawned.endpoint().to_owned())
            .or_else(|| arguments.endpoint.clone())
            .or_else(|| from_environment(&["AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"]));
        let Some(endpoint) = endpoint else { return Ok(Self::embedded(arguments, revision)) };
        let transport = HttpTransport::new(&endpoint, certificate.as_deref()).map_err(Failure::usage)?;
        let may_write = if transport.is_loopback() || arguments.allow_writes {
            Ok(())
        } else {
            Err("it is not on loopback, so it counts as real; --allow-writes allows writing to it".to_owned())
        };
        let authority = transport.authority();
        Ok(Self { transport: Arc::new(transport), authority, endpoint: Some(endpoint), may_write, spawned })
    }

    fn embedded(arguments: &RunArguments, revision: &'static Revision) -> Self {
        let account = arguments.account.clone().unwrap_or_else(|| EMULATOR_ACCOUNT.to_owned());
        let settings = emulator::Settings {
            account,
            region: arguments.region.clone(),
            ..emulator::Settings::new(revision)
        };
        let door = EmulatorDoor::new(Emulator::new(settings));
        Self {
            transport: Arc::new(door),
            authority: "localhost".to_owned(),
            endpoint: None,
            may_write: Ok(()),
            spawned: None,
        }
    }

    fn name(&self) -> &str {
        self.endpoint.as_deref().unwrap_or("the embedded emulator")
    }
}

fn spawn_exit(error: &ecrspec::spawn::SpawnError) -> Exit {
    use ecrspec::spawn::SpawnError;

    match error {
        SpawnError::BadLine { .. } => Exit::Usage,
        SpawnError::NotStarted { .. }
        | SpawnError::NoPort(_)
        | SpawnError::Ended { .. }
        | SpawnError::Silent { .. } => Exit::Unreachable,
    }
}

fn signer(arguments: &RunArguments, revision: &Revision) -> Result<Signer, Failure> {
    let service = revision.service.signing_name;
    match arguments.credentials {
        Credentials::Dummy => Ok(Signer::with_dummy_credentials(&arguments.region, service)),
        Credentials::Environment => {
            let required = |name: &str| {
                from_environment(&[name]).ok_or_else(|| {
                    Failure::usage(format!("--credentials environment needs {name}, which is not set"))
                })
            };
            let credentials = AwsCredentials::from_keys(
                required("AWS_ACCESS_KEY_ID")?,
                required("AWS_SECRET_ACCESS_KEY")?,
                from_environment(&["AWS_SESSION_TOKEN"]),
            );
            Ok(Signer::new(credentials, &arguments.region, service))
        }
    }
}

fn from_environment(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The options with which this run's target is reached again.
fn again(arguments: &RunArguments) -> String {
    let mut words = Vec::new();
    let endpoint = arguments
        .endpoint
        .clone()
        .or_else(|| from_environment(&["AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"]));
    match (&arguments.spawn, endpoint) {
        (Some(line), _) => {
            words.extend(["--spawn".to_owned(), shell_words::quote(&without_secrets(line)).into_owned()]);
        }
        (None, Some(endpoint)) => words.extend(["--endpoint".to_owned(), endpoint]),
        (None, None) => {}
    }
    let revision = arguments.api.revision.name;
    if revision::newest().is_none_or(|newest| newest.name != revision) {
        words.extend(["--api".to_owned(), revision.to_owned()]);
    }
    if let Some(account) = &arguments.account {
        words.extend(["--account".to_owned(), account.clone()]);
    }
    if let Some(folder) = &arguments.cases {
        words.extend(["--cases".to_owned(), shell_words::quote(&folder.display().to_string()).into_owned()]);
    }
    if arguments.allow_writes {
        words.push("--allow-writes".to_owned());
    }
    words.join(" ")
}

fn list(suite: &Suite) -> String {
    let mut text = String::new();
    for case in suite.selected() {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{}\n  {}", case.id, case.sentence);
        for check in case.steps.iter().flat_map(|step| &step.expect) {
            let id = check_id(&case.id, check.name());
            let _ = writeln!(text, "  {:<11} {id} ({})", check.level, check.evidence.join(", "));
        }
    }
    text
}

/// Turns `stop` true at the first signal that asks the program to end; what it gives is done at the second.
///
/// The signals are caught from here on, not from when a task comes to it: a signal in between would end the
/// program and leave a started target behind.
fn watch_for_signals(stop: watch::Sender<bool>) -> Result<impl Future<Output = ()>, Failure> {
    let mut signals = Signals::catch().map_err(|error| Failure {
        exit: Exit::SuiteFault,
        message: format!("failed to catch signals: {error}"),
    })?;
    let (second, mut twice) = watch::channel(false);
    tokio::spawn(async move {
        signals.next().await;
        // Nobody listens any more once the run is over.
        let _ = stop.send(true);
        signals.next().await;
        let _ = second.send(true);
    });
    Ok(async move {
        if twice.wait_for(|twice| *twice).await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The signals that ask the program to end.
#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let [interrupt, terminate, hang_up] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        Ok(Self([interrupt?, terminate?, hang_up?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}

/// The signal that asks the program to end.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn catch() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
