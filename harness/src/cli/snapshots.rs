//! `ecrspec run --snapshots`

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use clap::Args;
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::run::Run;
use ecrspec::snapshot::Snapshot;
use ecrspec_api::table::Revision;

use crate::cli::Failure;
use crate::cli::output::{print, say};
use crate::cli::target::{Target, TargetArguments, words};

/// Why a blessing needs a folder.
const NO_EXPECTATION: &str = "--bless accepts what a target answers as a regression snapshot, and needs \
     --snapshots DIR; an expectation of conformance is not changed by it: that takes a recording made on a \
     verified AWS endpoint, for what a mock answers is no evidence of what ECR does";

#[derive(Clone, Debug, Args)]
pub(super) struct SnapshotArguments {
    /// Compare what the target answers with the snapshot in this folder, and fail on change alone
    #[arg(long, value_name = "DIR", help_heading = "Snapshots")]
    pub(super) snapshots: Option<PathBuf>,

    /// The target's name and version, such as moto-5.2.5: what its snapshot is called
    #[arg(long, value_name = "NAME", value_parser = snapshot_name, help_heading = "Snapshots")]
    pub(super) snapshot_name: Option<String>,

    /// Accept what the target answers now as its snapshot; no expectation changes by that
    #[arg(long, help_heading = "Snapshots")]
    pub(super) bless: bool,
}

impl SnapshotArguments {
    /// Whether the run is compared with a snapshot.
    pub(super) fn are_wanted(&self) -> bool {
        self.snapshots.is_some()
    }

    /// Refuses what makes no sense before anything is sent.
    pub(super) fn check(&self, target: &TargetArguments) -> Result<(), Failure> {
        if self.bless && self.snapshots.is_none() {
            return Err(Failure::usage(NO_EXPECTATION));
        }
        let embedded = words(target).iter().all(|word| !matches!(word.as_str(), "--endpoint" | "--spawn"));
        if self.snapshots.is_some() && self.snapshot_name.is_none() && !embedded {
            return Err(Failure::usage(
                "--snapshots needs --snapshot-name NAME, the target's name and version, such as moto-5.2.5",
            ));
        }
        Ok(())
    }
}

/// Compares a run with its snapshot, or makes it the snapshot.
pub(super) fn judge(
    arguments: &SnapshotArguments,
    run: &Run,
    revision: &'static Revision,
    target: &Target,
) -> Result<Exit, Failure> {
    let Some(folder) = &arguments.snapshots else { return Ok(Exit::Usage) };
    // A run that did not come to its end says nothing of what it did not ask.
    let ending = Exit::of_run(run, Level::Must, &[]);
    if matches!(ending, Exit::Interrupted | Exit::SuiteFault | Exit::Unreachable) {
        return Err(Failure {
            exit: ending,
            message: format!("no snapshot was compared: {}", ending.verdict()),
        });
    }
    let name = arguments
        .snapshot_name
        .clone()
        .unwrap_or_else(|| concat!("emulator-", env!("CARGO_PKG_VERSION")).to_owned());
    let file = folder.join(format!("{name}.txt"));
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Failure::usage(format!("failed to {what} {}: {error}", file.display()))
    };
    let mut kept = match fs::read_to_string(&file) {
        Ok(text) => Snapshot::parse(&text).map_err(|error| failed("read", &error))?,
        Err(error) if error.kind() == ErrorKind::NotFound => Snapshot::default(),
        Err(error) => return Err(failed("read", &error)),
    };
    let now = Snapshot::of_run(run, revision, &name);
    let (asked, changes) = (now.cases.len(), kept.changes(&now));
    for change in &changes {
        print(&format!("{change}\n"))?;
    }
    if arguments.bless {
        kept.accept(now);
        fs::create_dir_all(folder).map_err(|error| failed("write", &error))?;
        fs::write(&file, kept.to_string()).map_err(|error| failed("write", &error))?;
        print(&format!(
            "{} of {asked} cases changed; {} is the snapshot now\n",
            changes.len(),
            file.display()
        ))?;
        return Ok(Exit::Conforms);
    }
    print(&format!(
        "{}: {} of {asked} cases answered otherwise than in {}\n",
        target.name(),
        changes.len(),
        file.display()
    ))?;
    if changes.is_empty() {
        return Ok(Exit::Conforms);
    }
    say("hint: --bless accepts the change");
    Ok(Exit::DoesNotConform)
}

fn snapshot_name(text: &str) -> Result<String, String> {
    let usual = |character: char| character.is_ascii_alphanumeric() || "-_.+".contains(character);
    if !text.is_empty() && !text.starts_with('.') && text.chars().all(usual) {
        Ok(text.to_owned())
    } else {
        Err("a name has letters, digits, dashes, dots, `+` and `_`".to_owned())
    }
}
