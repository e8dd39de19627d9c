//! `ecrspec replay`

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use ecrspec::case::Suite;
use ecrspec::exit::Exit;
use ecrspec::recording::{self, Judged, Loaded, Recording, Replay, Replayed};
use ecrspec::world::{self, Left};
use ecrspec_api::table::Revision;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::cli::arguments::{Api, OutputFormat};
use crate::cli::output::{print, say};
use crate::cli::signals::watch_for_signals;
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

/// The most places of one exchange that are shown.
const SHOWN_PLACES: usize = 10;

/// The version of the JSON report.
const FORMAT: u32 = 1;

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
    let own = arguments.cases.as_deref().map_or(Ok(Vec::new()), case::read_folder)?;
    let suite = Suite::for_revision(revision, &own).map_err(|problems| case::problems_failure(&problems))?;
    let loaded = recording::load(&arguments.recordings);
    for broken in &loaded.broken {
        say(&format!("error: not replayed: {broken}"));
    }
    if loaded.recordings.is_empty() {
        return Err(Failure::usage("there is no recording to replay"));
    }
    let (stop, stopped) = watch::channel(false);
    let second = watch_for_signals(stop)?;
    let work = async {
        let target = Target::open(&arguments.target, revision).await?;
        let done = against(&arguments, revision, &suite, &loaded, &target, stopped).await;
        target.end().await;
        done
    };
    tokio::select! {
        done = work => done,
        () = second => Err(Failure {
            exit: Exit::Interrupted,
            message: "interrupted twice: what was made in the target may be left there".to_owned(),
        }),
    }
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
    print(&match arguments.format {
        OutputFormat::Human => human(&replayed, loaded, &left, target, exit),
        OutputFormat::Json => to_json(&replayed, loaded, &left, target, exit),
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

fn file(loaded: &Loaded, one: &Replayed) -> String {
    loaded.recordings.get(one.recording).map(|(file, _)| file.display().to_string()).unwrap_or_default()
}

/// What a verdict is called, and why it is so where it needs a word.
fn named(judged: &Judged) -> (&'static str, Option<&str>) {
    match judged {
        Judged::Same => ("same", None),
        Judged::Differs(_) => ("differs", None),
        Judged::NeedsState(reason) => ("needs-state", Some(reason)),
        Judged::NoAnswer(reason) => ("no-answer", Some(reason)),
        Judged::Interrupted => ("interrupted", None),
    }
}

fn human(replayed: &[Replayed], loaded: &Loaded, left: &[Left], target: &Target, exit: Exit) -> String {
    let mut text = String::new();
    let mut counts = [("same", 0), ("differs", 0), ("needs-state", 0), ("no-answer", 0), ("interrupted", 0)];
    for one in replayed {
        let (name, reason) = named(&one.judged);
        counts.iter_mut().filter(|(counted, _)| *counted == name).for_each(|(_, count)| *count += 1);
        if one.judged == Judged::Same {
            continue;
        }
        // Writing to a string can't fail.
        let _ = writeln!(text, "{name}  {}  {}", one.case, file(loaded, one));
        let _ = reason.map(|reason| writeln!(text, "  {reason}"));
        let Judged::Differs(differences) = &one.judged else { continue };
        for difference in differences {
            let _ = writeln!(text, "  {difference}");
            for place in difference.places.iter().take(SHOWN_PLACES) {
                let _ = writeln!(text, "    {place}");
            }
            if difference.places.len() > SHOWN_PLACES {
                let _ = writeln!(text, "    and {} places more", difference.places.len() - SHOWN_PLACES);
            }
        }
        text.push('\n');
    }
    for left in left {
        let _ = writeln!(text, "left behind: {} ({})", left.repository, left.reason);
    }
    let sent: usize = replayed.iter().map(|one| one.sent).sum();
    let counts: Vec<String> = counts
        .iter()
        .filter(|(name, count)| *count > 0 || *name == "same")
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let said = match exit {
        Exit::Conforms => "answers as recorded",
        Exit::DoesNotConform => "does not answer as recorded",
        Exit::Usage => "a file is no recording",
        other => other.verdict(),
    };
    let _ = writeln!(text, "{} sessions, {sent} requests: {}", replayed.len(), counts.join(", "));
    let _ = writeln!(text, "{}: {said}", target.name());
    text
}

fn to_json(replayed: &[Replayed], loaded: &Loaded, left: &[Left], target: &Target, exit: Exit) -> String {
    let sessions: Vec<Value> = replayed
        .iter()
        .map(|one| {
            let (name, reason) = named(&one.judged);
            let differences = match &one.judged {
                Judged::Differs(differences) => differences.as_slice(),
                _ => &[],
            };
            let differences: Vec<Value> = differences
                .iter()
                .map(|difference| {
                    let places: Vec<Value> = difference
                        .places
                        .iter()
                        .map(|place| {
                            json!({"place": place.place, "recorded": place.first, "actual": place.second})
                        })
                        .collect();
                    json!({
                        "exchange": difference.exchange,
                        "operation": difference.operation,
                        "places": places,
                    })
                })
                .collect();
            json!({
                "case": one.case,
                "file": file(loaded, one),
                "verdict": name,
                "reason": reason,
                "sent": one.sent,
                "differences": differences,
            })
        })
        .collect();
    let broken: Vec<String> = loaded.broken.iter().map(ToString::to_string).collect();
    let left: Vec<&str> = left.iter().map(|left| left.repository.as_str()).collect();
    let report = json!({
        "format": FORMAT,
        "suite": concat!("ecrspec ", env!("CARGO_PKG_VERSION")),
        "target": target.endpoint,
        "exit": exit.code(),
        "sessions": sessions,
        "brokenFiles": broken,
        "leftBehind": left,
    });
    format!("{report:#}\n")
}
