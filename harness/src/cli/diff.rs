//! `ecrspec diff`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use ecrspec::case::Suite;
use ecrspec::compare::{Agreement, Compared, Side, compare};
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::recording::EndpointKind;
use ecrspec::report::{compared_human, compared_json};
use ecrspec::run::{self, Run, Settings, Silence};
use ecrspec_api::table::Revision;
use tokio::sync::watch;

use crate::cli::arguments::{Api, OutputFormat};
use crate::cli::output::{print, say};
use crate::cli::signals::until_asked_twice;
use crate::cli::target::{Credentials, Target, TargetArguments};
use crate::cli::{Failure, case};

pub(super) const EXAMPLES: &str = "\
Examples:
  ecrspec diff --left http://127.0.0.1:5000 --right http://127.0.0.1:4566
  ecrspec diff --left emulator --right http://127.0.0.1:5000 --filter 'paging.*'

  agree            both do what is expected
  left-wrong       the left one does not, the right one does
  right-wrong      the right one does not, the left one does
  both-differ      neither does
  recording-stale  neither does, and AWS itself is one of them and the other answers alike
  open             they answer otherwise where nothing is expected
  not-judged       one of them could not be judged

Exit codes: 0 every judged check agrees; 1 one does not, or nothing was judged; 2, 3, 70 and 130 as for
`ecrspec run`.";

/// What names the embedded emulator where an address is due.
const EMULATOR: &str = "emulator";

#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// The address of one target, or `emulator`
    #[arg(long, value_name = "URL")]
    pub(super) left: String,

    /// The address of the other target, or `emulator`
    #[arg(long, value_name = "URL")]
    pub(super) right: String,

    #[command(flatten)]
    pub(super) api: Api,

    /// The region that requests are signed for
    #[arg(long, default_value = "us-east-1", env = "AWS_REGION", help_heading = "Targets")]
    pub(super) region: String,

    /// A PEM file with certificates to trust beside the system's
    #[arg(long, value_name = "FILE", help_heading = "Targets")]
    pub(super) ca_cert: Option<PathBuf>,

    /// The credentials to sign with
    #[arg(long, value_enum, default_value_t = Credentials::Dummy, help_heading = "Targets")]
    pub(super) credentials: Credentials,

    /// Allow the run to make and remove repositories on a target that is not on loopback
    #[arg(long, help_heading = "Targets")]
    pub(super) allow_writes: bool,

    /// Run only cases whose id, or one of whose check ids, has this in it; with `*` a pattern for the whole id
    #[arg(long, value_name = "ID", help_heading = "Cases")]
    pub(super) filter: Vec<String>,

    /// A folder whose `*.json` files are cases too
    #[arg(long, value_name = "DIR", help_heading = "Cases")]
    pub(super) cases: Option<PathBuf>,

    /// How the verdict is printed
    #[arg(long, value_enum, default_value_t = OutputFormat::Human, help_heading = "Verdict")]
    pub(super) format: OutputFormat,

    /// How many cases run at once
    #[arg(long, value_name = "COUNT", default_value = "8", help_heading = "Pace")]
    pub(super) jobs: NonZeroUsize,

    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Pace")]
    pub(super) timeout: u64,
}

impl DiffArguments {
    fn side(&self, address: &str) -> TargetArguments {
        TargetArguments {
            endpoint: (address != EMULATOR).then(|| address.to_owned()),
            embedded: address == EMULATOR,
            spawn: None,
            spawn_wait: 60,
            region: self.region.clone(),
            account: None,
            ca_cert: self.ca_cert.clone(),
            credentials: self.credentials,
            allow_writes: self.allow_writes,
            fips: false,
            dual_stack: false,
            not_aws: false,
            profile: None,
            seed: None,
            max_calls: None,
        }
    }
}

/// Runs the suite against two targets.
pub(super) async fn diff(arguments: DiffArguments) -> Result<Exit, Failure> {
    let revision = arguments.api.revision;
    let suite = case::selected(revision, arguments.cases.as_deref(), &arguments.filter)?;
    until_asked_twice(async |stopped| {
        let left = one_side(&arguments, &arguments.left, revision, &suite, stopped.clone()).await?;
        let right = one_side(&arguments, &arguments.right, revision, &suite, stopped).await?;
        let [one, other] =
            [&left, &right].map(|(run, kind)| Side { run, is_aws: *kind == EndpointKind::Aws });
        let compared = compare(one, other, revision);
        let exit = exit(&compared, &[&left.0, &right.0]);
        print(&match arguments.format {
            OutputFormat::Human => compared_human(&compared, &arguments.left, &arguments.right),
            OutputFormat::Json => compared_json(&compared, &arguments.left, &arguments.right, exit),
        })?;
        Ok(exit)
    })
    .await
}

async fn one_side(
    arguments: &DiffArguments,
    address: &str,
    revision: &'static Revision,
    suite: &Suite,
    stopped: watch::Receiver<bool>,
) -> Result<(Run, EndpointKind), Failure> {
    let named = arguments.side(address);
    let target = Target::open(&named, revision).await?;
    let client = target.client(&named, revision, Duration::from_secs(arguments.timeout)).await?;
    let settings = Settings {
        jobs: arguments.jobs,
        account: None,
        may_write: target.may_write.clone(),
        seed: named.seed(),
        keep_bodies: true,
    };
    say(&format!("asking {}", target.name()));
    let run = run::run(suite, Arc::new(client), revision, &settings, Arc::new(Silence), stopped).await;
    for left in &run.left {
        say(&format!("left behind: {} ({})", left.repository, left.reason));
    }
    Ok((run, target.kind))
}

fn exit(compared: &[Compared], runs: &[&Run]) -> Exit {
    let ends = runs.iter().map(|run| Exit::of_run(run, Level::Must, &[]));
    for end in ends {
        if matches!(end, Exit::Interrupted | Exit::SuiteFault | Exit::Unreachable) {
            return end;
        }
    }
    let mut judged = compared.iter().filter(|one| one.agreement != Agreement::NotJudged).peekable();
    let agree = judged.peek().is_some()
        && judged.all(|one| matches!(one.agreement, Agreement::Agree | Agreement::Open));
    if agree { Exit::Conforms } else { Exit::DoesNotConform }
}
