//! `ecrspec serve`

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use ecrspec::client::Transport;
use ecrspec::emulator::{self, Emulator, EmulatorDoor};
use ecrspec::exit::Exit;
use ecrspec::recording::{self, Replayer};
use ecrspec::server;
use ecrspec::signature::{SignedDoor, Verifier};
use tokio::sync::watch;

use crate::cli::Failure;
use crate::cli::arguments::Api;
use crate::cli::output::{print, say};
use crate::cli::record::listen;
use crate::cli::signals::watch_for_signals;
use crate::cli::target::{EMULATOR_ACCOUNT, account, from_environment};

pub(super) const EXAMPLES: &str = "\
Examples:
  ecrspec serve --listen 127.0.0.1:5000          the embedded emulator
  ecrspec serve --recordings recordings          what was recorded, as a stub for the tests of a client

The address is printed once it takes requests; Ctrl-C ends it. A stub answers a request that was recorded more
than once in the order of the recordings, and one that was not with status 404 and the nearest recordings.";

/// How long an answer may take: everything here is in memory.
const ANSWER_TIME: Duration = Duration::from_mins(1);

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    #[command(flatten)]
    pub(super) api: Api,

    /// Serve these recordings, files or folders, in place of the emulator
    #[arg(long, value_name = "PATH")]
    pub(super) recordings: Vec<PathBuf>,

    /// Refuse requests whose signature is not right, by the key in `AWS_ACCESS_KEY_ID` and
    /// `AWS_SECRET_ACCESS_KEY`
    #[arg(long, conflicts_with = "recordings")]
    pub(super) check_signatures: bool,

    /// Take the key from this file: its id and its secret, with a blank between
    #[arg(long, value_name = "FILE", requires = "check_signatures")]
    pub(super) keys: Option<PathBuf>,

    /// The address to listen on; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(super) listen: SocketAddr,

    /// The emulator's account: twelve digits
    #[arg(long, value_name = "DIGITS", default_value = EMULATOR_ACCOUNT, value_parser = account)]
    pub(super) account: String,

    /// The emulator's region
    #[arg(long, default_value = "us-east-1", env = "AWS_REGION")]
    pub(super) region: String,
}

/// Is an endpoint until a signal comes.
pub(super) async fn serve(arguments: ServeArguments) -> Result<Exit, Failure> {
    let (stop, stopped) = watch::channel(false);
    let second = watch_for_signals(stop)?;
    let transport: Arc<dyn Transport> =
        if arguments.recordings.is_empty() { emulator(&arguments)? } else { stub(&arguments.recordings)? };
    let (listener, address) = listen(arguments.listen).await?;
    print(&format!("http://{address}\n"))?;
    tokio::select! {
        () = server::serve(listener, transport, ANSWER_TIME, stopped) => {}
        () = second => {}
    }
    Ok(Exit::Conforms)
}

fn emulator(arguments: &ServeArguments) -> Result<Arc<dyn Transport>, Failure> {
    let settings = emulator::Settings {
        account: arguments.account.clone(),
        region: arguments.region.clone(),
        ..emulator::Settings::new(arguments.api.revision)
    };
    let door = Arc::new(EmulatorDoor::new(Emulator::new(settings)));
    if !arguments.check_signatures {
        return Ok(door);
    }
    let (key, secret) = keys(arguments.keys.as_deref())?;
    let service = &arguments.api.revision.service;
    let verifier = Verifier::new(&key, &secret, &arguments.region, service.signing_name);
    Ok(Arc::new(SignedDoor::new(door, verifier, service)))
}

/// The key that requests must be signed with: of a file, or of the environment.
fn keys(file: Option<&Path>) -> Result<(String, String), Failure> {
    let Some(file) = file else {
        let required = |name: &str| {
            from_environment(&[name])
                .ok_or_else(|| Failure::usage(format!("--check-signatures needs {name} or --keys FILE")))
        };
        return Ok((required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?));
    };
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("failed to read {}: {error}", file.display())))?;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [key, secret] => Ok((key.to_owned(), secret.to_owned())),
        // Not repeated: it may be a secret all the same.
        _ => Err(Failure::usage(format!("{} has not two words: a key's id and its secret", file.display()))),
    }
}

fn stub(paths: &[PathBuf]) -> Result<Arc<dyn Transport>, Failure> {
    let loaded = recording::load(paths);
    for broken in &loaded.broken {
        say(&format!("warning: not served: {broken}"));
    }
    let replayer = Replayer::of(loaded.recordings.iter().map(|(_, recording)| recording));
    if replayer.is_empty() {
        return Err(Failure::usage("there is no recorded exchange to serve"));
    }
    say(&format!("serving {} exchanges of {} recordings", replayer.len(), loaded.recordings.len()));
    Ok(Arc::new(replayer))
}
