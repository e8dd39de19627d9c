//! `ecrspec replay`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use ecrspec::case::Suite;
use ecrspec::exit::Exit;
use ecrspec::recording::{self, Judged, Loaded, Recording, Replay, Replayed};
use ecrspec::report::{ReplaySubject, replay_human, replay_json};
use ecrspec::world;
use ecrspec_api::table::Revision;
use tokio::sync::watch;

use crate::cli::arguments::{Api, OutputFormat};
use crate::cli::output::{print, say};
use crate::cli::signals::until_asked_twice;
use crate::cli::target::{Target, TargetArguments};
use crate::cli::{Failure, case};

pub(super) const EXAMPLES: &str = "\
Examples:
  ecrspec replay recordings --endpoint http://127.0.0.1:5000     against a mock; worlds are made anew
  ecrspec replay recordings --as-recorded --endpoint URL         against one that still has the state, or a stub

What changes from run to run (account ids, digests, times, tokens, names) is named on both sides before they
are compared: a finding is a place and what was recorded and what came there.

Exit codes: 0 every session is answered as recorded; 1 one is not, or could not be judged; 2 a file is no
recording (the others are replayed all the same); 3 the target could not be reached; 130 interrupted.";

#[derive(Debug, Args)]
pub(super) struct ReplayArguments {
    /// Recordings: files, or folders of them
    #[arg(value_name = "PATH", required = true)]
    pub(super) recordings: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) target: TargetArguments,

    #[command(flatten)]
    pub(super) api: Api,

    /// Send every request as it was recorded and make no world
    #[arg(long, help_heading = "Replay")]
    pub(super) as_recorded: bool,

    /// A folder whose `*.json` files are cases too
    #[arg(long, value_name = "DIR", help_heading = "Replay")]
    pub(super) cases: Option<PathBuf>,

    /// How the verdict is printed
    #[arg(long, value_enum, default_value_t = OutputFormat::Human, help_heading = "Replay")]
    pub(super) format: OutputFormat,

    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Replay")]
    pub(super) timeout: u64,
}

/// Sends what was recorded to a target.
pub(super) async fn replay(arguments: ReplayArguments) -> Result<Exit, Failure> {
    let revision = arguments.api.revision;
    let suite = case::suite(revision, arguments.cases.as_deref())?;
    let loaded = recording::load(&arguments.recordings);
    for broken in &loaded.broken {
        say(&format!("error: not replayed: {broken}"));
    }
    if loaded.recordings.is_empty() {
        return Err(Failure::usage("there is no recording to replay"));
    }
    until_asked_twice(async |stopped| {
        let target = Target::open(&arguments.target, revision).await?;
        let done = against(&arguments, revision, &suite, &loaded, &target, stopped).await;
        target.end().await;
        done
    })
    .await
}

async fn against(
    arguments: &ReplayArguments,
    revision: &'static Revision,
    suite: &Suite,
    loaded: &Loaded,
    target: &Target,
    stop: watch::Receiver<bool>,
) -> Result<Exit, Failure> {
    let timeout = Duration::from_secs(arguments.timeout);
    let client = Arc::new(target.client(&arguments.target, revision, timeout).await?);
    let seed = arguments.target.seed();
    let mut left = Vec::new();
    let probed = if arguments.as_recorded {
        None
    } else {
        let mut probed =
            world::probe(&client, arguments.target.account.as_deref(), target.may_write.clone(), seed).await;
        left.append(&mut probed.left);
        Some(probed)
    };
    let replay = Replay { client, revision, suite, target: probed, seed, stop };
    let mut replayed: Vec<Replayed> = Vec::new();
    let recordings: Vec<&Recording> = loaded.recordings.iter().map(|(_, recording)| recording).collect();
    left.extend(replay.replay(&recordings, &mut |one| replayed.push(one)).await);
    let exit = exit(&replayed, loaded);
    let endpoint = target.endpoint.as_deref();
    let subject = ReplaySubject { replayed: &replayed, loaded, left: &left, endpoint, exit };
    print(&match arguments.format {
        OutputFormat::Human => replay_human(&subject),
        OutputFormat::Json => replay_json(&subject),
    })?;
    Ok(exit)
}

fn exit(replayed: &[Replayed], loaded: &Loaded) -> Exit {
    let any = |holds: fn(&Judged) -> bool| replayed.iter().any(|one| holds(&one.judged));
    if any(|judged| *judged == Judged::Interrupted) {
        Exit::Interrupted
    } else if !loaded.broken.is_empty() {
        Exit::Usage
    } else if any(|judged| matches!(judged, Judged::NoAnswer(_))) {
        Exit::Unreachable
    } else if replayed.is_empty() || any(|judged| *judged != Judged::Same) {
        Exit::DoesNotConform
    } else {
        Exit::Conforms
    }
}
