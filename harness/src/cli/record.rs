//! `ecrspec record`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::{ArgAction, Args, ValueEnum};
use ecrspec::exit::Exit;
use ecrspec::normalise::Normaliser;
use ecrspec::recording::{self, AskTwice, EndpointKind, Proxy, Recording, Replayer, Unstable, file_name};
use ecrspec::run::{self, Ending, Run, Settings};
use ecrspec::server;
use ecrspec_api::table::Revision;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::cli::arguments::Api;
use crate::cli::output::{print, say};
use crate::cli::signals::until_asked_twice;
use crate::cli::target::{Target, TargetArguments, signer, signs};
use crate::cli::{Failure, case, progress};

pub(super) const EXAMPLES: &str = "\
Examples:
  ecrspec record --spawn 'moto_server -p {port}' --into recordings     what moto answers to each case
  ecrspec record --proxy --endpoint http://127.0.0.1:5000 --into traffic
                                     prints an address; point a client at it, and end it with Ctrl-C

A recording has no secret in it. Account ids become examples: the target's own 111122223333, the next
444455556666.

Exit codes: 0 saved; 1 something was not, for it was not answered the same way twice; 2, 3, 70 and 130 as
for `ecrspec run`.";

/// The most recordings of traffic in a folder.
const MOST_FILES: usize = 9_999;

/// How often what passed is written.
const FLUSH: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct RecordArguments {
    #[command(flatten)]
    pub(super) target: TargetArguments,

    #[command(flatten)]
    pub(super) api: Api,

    /// The folder that the recordings are written to, a file a case
    #[arg(long, value_name = "DIR", help_heading = "Recording")]
    pub(super) into: PathBuf,

    /// What becomes of recordings that are there already
    #[arg(long, value_enum, default_value_t = Mode::New, help_heading = "Recording")]
    pub(super) mode: Mode,

    /// Pass a client's requests on to the target and record them, until Ctrl-C
    #[arg(long, help_heading = "Recording", conflicts_with_all = ["filter", "cases"])]
    pub(super) proxy: bool,

    /// The address on which clients reach the proxy; port 0 is any free one
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:0",
        requires = "proxy",
        help_heading = "Recording"
    )]
    pub(super) listen: SocketAddr,

    /// Keep account ids as they are
    #[arg(long, help_heading = "Recording")]
    pub(super) keep_account: bool,

    /// Say more: once each recording, twice each value that changes from run to run and the rule that found it
    #[arg(long, short, action = ArgAction::Count, help_heading = "Recording")]
    pub(super) verbose: u8,

    /// Run only cases whose id, or one of whose check ids, has this in it; with `*` a pattern for the whole id
    #[arg(long, value_name = "ID", help_heading = "Cases")]
    pub(super) filter: Vec<String>,

    /// A folder whose `*.json` files are cases too
    #[arg(long, value_name = "DIR", help_heading = "Cases")]
    pub(super) cases: Option<PathBuf>,

    /// How many cases run at once
    #[arg(long, value_name = "COUNT", default_value = "8", help_heading = "Pace")]
    pub(super) jobs: NonZeroUsize,

    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Pace")]
    pub(super) timeout: u64,
}

/// What becomes of recordings that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Mode {
    /// The folder must have none
    New,
    /// They stay, and what is missing is added
    Missing,
    /// They are replaced
    All,
}

/// Saves what a target answers.
pub(super) async fn record(arguments: RecordArguments) -> Result<Exit, Failure> {
    let revision = arguments.api.revision;
    let there = json_files(&arguments.into)?;
    if arguments.mode == Mode::New && !there.is_empty() {
        return Err(Failure::usage(format!(
            "{} has {} recordings already; --mode missing adds to them, --mode all replaces them",
            arguments.into.display(),
            there.len()
        )));
    }
    until_asked_twice(async |stopped| {
        let mut target = Target::open(&arguments.target, revision).await?;
        let done = if arguments.proxy {
            pass_on(&arguments, revision, &target, &there, stopped).await
        } else {
            run_cases(&arguments, revision, &mut target, stopped).await
        };
        target.end().await;
        done
    })
    .await
}

async fn run_cases(
    arguments: &RecordArguments,
    revision: &'static Revision,
    target: &mut Target,
    stopped: watch::Receiver<bool>,
) -> Result<Exit, Failure> {
    let suite = case::selected(revision, arguments.cases.as_deref(), &arguments.filter)?;
    let twice = Arc::new(AskTwice::new(Arc::clone(&target.transport), revision));
    target.transport = Arc::<AskTwice>::clone(&twice);
    let client = target.client(&arguments.target, revision, Duration::from_secs(arguments.timeout)).await?;
    let settings = Settings {
        jobs: arguments.jobs,
        account: arguments.target.account.clone(),
        may_write: target.may_write.clone(),
        seed: arguments.target.seed(),
        keep_bodies: true,
    };
    let begun = SystemTime::now();
    let run =
        run::run(&suite, Arc::new(client), revision, &settings, progress::for_stderr().into(), stopped).await;
    let refused = refused(&run, &twice.unstable());
    for (case, reason) in &refused {
        say(&format!("{case}: not saved, for it was not answered the same way twice: {reason}"));
    }
    if arguments.verbose >= 2 {
        trace(&run, revision);
    }
    let recording = Recording::of_run(&run, revision.name, target.name());
    let mut recording = Recording { ..described(recording, arguments, revision, target.kind, begun) };
    recording.sessions.retain(|session| {
        let kept = arguments.into.join(file_name(&session.case));
        let stays = arguments.mode == Mode::Missing && kept.exists();
        !stays && !refused.contains_key(session.case.as_str())
    });
    if !arguments.keep_account {
        recording = recording.with_example_accounts(revision);
    }
    let written =
        recording::save(&recording, &arguments.into).map_err(|error| unwritable(&arguments.into, &error))?;
    if arguments.verbose >= 1 {
        for file in &written {
            say(&format!("saved {}", file.display()));
        }
    }
    for left in &run.left {
        say(&format!("left behind: {} ({})", left.repository, left.reason));
    }
    print(&format!(
        "{} recordings with {} exchanges saved to {}; {} refused\n",
        written.len(),
        recording.exchanges().count(),
        arguments.into.display(),
        refused.len()
    ))?;
    Ok(match run.ending {
        Ending::Interrupted => Exit::Interrupted,
        Ending::Unreachable => Exit::Unreachable,
        _ if !run.faults.is_empty() => Exit::SuiteFault,
        _ if !refused.is_empty() => Exit::DoesNotConform,
        // Nothing here asks for an early end.
        Ending::Complete | Ending::Enough => Exit::Conforms,
    })
}

/// What a recording says of itself.
fn described(
    recording: Recording,
    arguments: &RecordArguments,
    revision: &Revision,
    kind: EndpointKind,
    begun: SystemTime,
) -> Recording {
    Recording {
        spec_hash: Some(revision.hash.to_owned()),
        endpoint: Some(kind),
        region: Some(arguments.target.region.clone()),
        date: Some(httpdate::fmt_http_date(begun)),
        ..recording
    }
}

/// The cases that have an unstable answer, each with the first place that was not the same.
fn refused<'a>(run: &'a Run, unstable: &[Unstable]) -> BTreeMap<&'a str, String> {
    let mut refused = BTreeMap::new();
    for case in &run.cases {
        let found = case
            .transcript
            .exchanges()
            .find_map(|exchange| unstable.iter().find(|unstable| unstable.request == exchange.request));
        if let Some(first) = found.and_then(|unstable| unstable.differences.first()) {
            refused.insert(case.case.id.as_str(), first.to_string());
        }
    }
    refused
}

/// Says each value that changes from run to run, without the value.
fn trace(run: &Run, revision: &'static Revision) {
    for case in &run.cases {
        let mut normaliser = Normaliser::new(revision, &case.transcript.bindings);
        for exchange in case.transcript.exchanges() {
            normaliser.answer(exchange);
        }
        for trace in normaliser.traces() {
            say(&format!("{}: {trace}", case.case.id));
        }
    }
}

async fn pass_on(
    arguments: &RecordArguments,
    revision: &'static Revision,
    target: &Target,
    there: &[PathBuf],
    stopped: watch::Receiver<bool>,
) -> Result<Exit, Failure> {
    let signs = signs(&arguments.target);
    if signs && !arguments.listen.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "a proxy that signs with your credentials listens on loopback only, not on {}",
            arguments.listen
        )));
    }
    let about = Recording::new(revision.name, target.name());
    let about = described(about, arguments, revision, target.kind, SystemTime::now());
    let inner = Arc::clone(&target.transport);
    let mut proxy = Proxy::new(inner, revision, about, &arguments.into, arguments.keep_account);
    if signs {
        proxy = proxy.signing(signer(&arguments.target, revision).await?, target.authority.clone());
    }
    if !matches!(target.kind, EndpointKind::Emulator | EndpointKind::Loopback) {
        proxy = proxy.reading_only();
    }
    match arguments.mode {
        Mode::Missing => {
            let loaded = recording::load(there);
            if let Some(broken) = loaded.broken.first() {
                return Err(Failure::usage(broken));
            }
            let known = Replayer::of(loaded.recordings.iter().map(|(_, recording)| recording));
            let number =
                (1..=MOST_FILES).find(|number| !Proxy::file(&arguments.into, *number).exists()).unwrap_or(1);
            proxy = proxy.beside(known, number);
        }
        Mode::All => {
            for file in there {
                fs::remove_file(file).map_err(|error| unwritable(file, &error))?;
            }
        }
        Mode::New => {}
    }
    let (listener, address) = listen(arguments.listen).await?;
    print(&format!("http://{address}\n"))?;
    let signed = if signs { ", signed again" } else { ", untouched" };
    say(&format!("passing requests on to {}{signed}; Ctrl-C ends it", target.name()));
    let proxy = Arc::new(proxy);
    let serving =
        server::serve(listener, Arc::<Proxy>::clone(&proxy), Duration::from_secs(arguments.timeout), stopped);
    let flushing = async {
        loop {
            tokio::time::sleep(FLUSH).await;
            if let Err(error) = proxy.flush() {
                return error;
            }
        }
    };
    tokio::select! {
        () = serving => {}
        error = flushing => return Err(unwritable(&arguments.into, &error)),
    }
    proxy.flush().map_err(|error| unwritable(&arguments.into, &error))?;
    let passed = proxy.passed();
    let mut text = format!(
        "{} exchanges passed, {} recorded in {}\n",
        passed.passed,
        passed.recorded,
        arguments.into.display()
    );
    if passed.encoded > 0 {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{} were not recorded, for their bodies are packed", passed.encoded);
    }
    print(&text)?;
    Ok(Exit::Conforms)
}

/// A socket that listens, and its address.
pub(super) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let failed = |error| Failure::usage(format!("failed to listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// The recordings of a folder; none if there is no such folder.
fn json_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error| Failure::usage(format!("failed to read {}: {error}", folder.display()));
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("failed to write {}: {error}", path.display()))
}
