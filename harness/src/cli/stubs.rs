//! `ecrspec stubs …`

use std::fs;
use std::path::PathBuf;

use clap::Subcommand;
use ecrspec::exit::Exit;
use ecrspec::recording::{load, of_stubs, save, to_stubs};

use crate::cli::Failure;
use crate::cli::newest_revision;
use crate::cli::output::print;

#[derive(Debug, Subcommand)]
pub(super) enum StubsCommand {
    /// Print recordings as `WireMock`'s stub mappings
    Export {
        /// Recordings: files, or folders of them
        #[arg(value_name = "PATH", required = true)]
        recordings: Vec<PathBuf>,
    },
    /// Make a recording of `WireMock`'s stub mappings, each of which must match one request
    Import {
        /// The mappings: one, or an object with `mappings`
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The folder that the recording is written to, as `traffic.json`
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
        /// Keep account ids as they are
        #[arg(long)]
        keep_account: bool,
    },
}

/// Carries recordings to `WireMock`, or from there.
pub(super) fn stubs(command: &StubsCommand) -> Result<Exit, Failure> {
    match command {
        StubsCommand::Export { recordings } => {
            let loaded = load(recordings);
            if let Some(broken) = loaded.broken.first() {
                return Err(Failure::usage(broken));
            }
            print(&to_stubs(loaded.recordings.iter().map(|(_, recording)| recording)))?;
        }
        StubsCommand::Import { file, into, keep_account } => {
            let failed =
                |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", file.display()));
            let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
            let revision = newest_revision()?;
            let recording =
                of_stubs(&text, revision.name, "WireMock's mappings").map_err(|error| failed(&error))?;
            let recording = if *keep_account { recording } else { recording.with_example_accounts(revision) };
            save(&recording, into)
                .map_err(|error| Failure::usage(format!("failed to write {}: {error}", into.display())))?;
            print(&format!("{} exchanges saved to {}\n", recording.exchanges().count(), into.display()))?;
        }
    }
    Ok(Exit::Conforms)
}
