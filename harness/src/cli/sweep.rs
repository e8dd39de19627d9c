//! `ecrspec sweep`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ecrspec::client::{About, Guard, Journal, journals, state_folder};
use ecrspec::exit::Exit;
use ecrspec::world;
use ecrspec_api::Document;

use crate::cli::output::print;
use crate::cli::target::{Credentials, Target, TargetArguments};
use crate::cli::{Failure, newest_revision};

pub(super) const EXAMPLES: &str = "\
A run notes each repository in a journal before it makes it, and removes the journal with the last of them. What
a killed run has left is in its journal: a sweep removes the repositories of every journal whose run is over,
and nothing else.

Examples:
  ecrspec sweep                        on mocks that still run
  ecrspec sweep --credentials chain    on AWS too
  ecrspec sweep --forget               drops the journals of targets that are gone

The journals are in the folder ECRSPEC_STATE_DIR, or else in ecrspec below XDG_STATE_HOME, or else in
~/.local/state/ecrspec. Exit codes: 0 nothing is left; 1 something is; 2 a journal can't be read.";

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(super) struct SweepArguments {
    /// The credentials to sign with
    #[arg(long, value_enum, default_value_t = Credentials::Dummy)]
    pub(super) credentials: Credentials,

    /// The profile of the AWS configuration to take credentials from
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,

    /// A PEM file with certificates to trust beside the system's
    #[arg(long, value_name = "FILE")]
    pub(super) ca_cert: Option<PathBuf>,

    /// Drop the journals of targets that give no answer
    #[arg(long)]
    pub(super) forget: bool,
}

/// What became of a journal.
struct Swept {
    removed: usize,
    /// Repositories that may still be there, each with the reason.
    left: Vec<String>,
}

/// Removes what killed runs have left.
pub(super) async fn sweep(arguments: SweepArguments) -> Result<Exit, Failure> {
    let folder = state_folder().ok_or_else(|| {
        Failure::usage("there is no state folder: neither ECRSPEC_STATE_DIR nor HOME is set")
    })?;
    let files = journals(&folder)
        .map_err(|error| Failure::usage(format!("failed to read {}: {error}", folder.display())))?;
    let (mut text, mut removed, mut left, mut broken) = (String::new(), 0, 0, 0);
    for file in &files {
        match Journal::open(file) {
            // Writing to a string can't fail.
            Ok(None) => drop(writeln!(text, "{}: its run still goes on", file.display())),
            Ok(Some((about, journal))) => {
                let swept = sweep_one(&arguments, file, &about, journal).await;
                removed += swept.removed;
                left += swept.left.len();
                for line in swept.left {
                    let _ = writeln!(text, "left behind: {line}");
                }
            }
            Err(error) => {
                broken += 1;
                let _ = writeln!(text, "{}: no journal: {error}", file.display());
            }
        }
    }
    let _ = writeln!(text, "{} journals: {removed} repositories removed, {left} left", files.len());
    print(&text)?;
    Ok(match (broken, left) {
        (0, 0) => Exit::Conforms,
        (0, _) => Exit::DoesNotConform,
        _ => Exit::Usage,
    })
}

async fn sweep_one(arguments: &SweepArguments, file: &Path, about: &About, mut journal: Journal) -> Swept {
    let names = journal.open_repositories();
    let mut swept = Swept { removed: 0, left: Vec::new() };
    let reason = match ready(arguments, about, &names).await {
        Ok((client, _target)) => {
            let left = world::remove(&client, &names).await;
            for name in &names {
                match left.iter().find(|left| left.repository == *name) {
                    None => {
                        swept.removed += 1;
                        let _ = journal.note_removed(name);
                    }
                    Some(left) if left.reason.contains("RepositoryNotFoundException") => {
                        let _ = journal.note_removed(name);
                    }
                    Some(left) => swept.left.push(format!("{name} on {}: {}", about.endpoint, left.reason)),
                }
            }
            return swept;
        }
        Err(failure) => failure,
    };
    if arguments.forget && reason.exit == Exit::Unreachable {
        drop(journal);
        let _ = std::fs::remove_file(file);
        return swept;
    }
    swept.left.extend(names.iter().map(|name| format!("{name} on {}: {}", about.endpoint, reason.message)));
    swept
}

/// A client that may remove what begins as the names of that run do, and nothing else.
async fn ready(
    arguments: &SweepArguments,
    about: &About,
    names: &[String],
) -> Result<(ecrspec::client::Client, Target), Failure> {
    if let Some(name) = names.iter().find(|name| !name.starts_with(&about.prefix)) {
        return Err(Failure::usage(format!("{name} is no name of that run")));
    }
    let revision = newest_revision()?;
    let arguments_of_target = TargetArguments {
        endpoint: Some(about.endpoint.clone()),
        embedded: false,
        spawn: None,
        spawn_wait: 60,
        region: about.region.clone(),
        account: about.account.clone(),
        ca_cert: arguments.ca_cert.clone(),
        credentials: arguments.credentials,
        allow_writes: false,
        fips: false,
        dual_stack: false,
        not_aws: false,
        profile: arguments.profile.clone(),
        seed: None,
        max_calls: None,
    };
    let target = Target::open(&arguments_of_target, revision).await?;
    let client = target.client(&arguments_of_target, revision, TIMEOUT).await?;
    if let Some(account) = &about.account {
        let exchange = client.call("DescribeRegistry", b"{}".to_vec()).await;
        let answer = exchange.outcome.ok().and_then(|response| Document::parse(&response.body).ok());
        let told = answer.as_ref().and_then(|answer| answer.get("registryId")).and_then(Document::as_str);
        if told != Some(account) {
            return Err(Failure::usage("the credentials are not of the account that the run wrote to"));
        }
    }
    let most = u64::try_from(names.len()).unwrap_or(u64::MAX).saturating_mul(10);
    Ok((client.with_guard(Guard::strict(&about.prefix, true, most)), target))
}
