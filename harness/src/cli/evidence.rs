//! `ecrspec evidence`

use std::path::PathBuf;

use clap::Args;
use ecrspec::exit::Exit;
use ecrspec::recording::{Recording, Testimony, load};
use ecrspec::report::{testimony_human, testimony_json};

use crate::cli::arguments::{Api, OutputFormat};
use crate::cli::output::print;
use crate::cli::{Failure, case};

pub(super) const EXAMPLES: &str = "\
Only what ECR itself answered can change an expectation: recordings that `ecrspec record --endpoint aws` has made,
over TLS with public roots, at a host of AWS, without a proxy. What a mock answered is refused.

Examples:
  ecrspec record --endpoint aws --region eu-west-1 --filter 'missing.*' --into from-ecr
  ecrspec evidence from-ecr                       which checks ECR confirms, and which it contradicts
  ecrspec evidence from-ecr --format json         with the facts as the ledger has them

Exit codes: 0 nothing is contradicted; 1 a check expects what ECR does not do; 2 a file is no
recording, none of ECR, or one that judges nothing.";

#[derive(Debug, Args)]
pub(super) struct EvidenceArguments {
    /// Recordings: files, or folders of them
    #[arg(value_name = "PATH", required = true)]
    recordings: Vec<PathBuf>,

    #[command(flatten)]
    api: Api,

    /// A folder whose `*.json` files are cases too
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,

    /// How it is printed
    #[arg(long, value_enum, default_value_t = OutputFormat::Human)]
    format: OutputFormat,
}

/// Says what recordings of ECR confirm and contradict.
pub(super) fn print_evidence(arguments: &EvidenceArguments) -> Result<Exit, Failure> {
    let revision = arguments.api.revision;
    let suite = case::suite(revision, arguments.cases.as_deref())?;
    let loaded = load(&arguments.recordings);
    if let Some(broken) = loaded.broken.first() {
        return Err(Failure::usage(broken));
    }
    let recordings: Vec<&Recording> = loaded.recordings.iter().map(|(_, recording)| recording).collect();
    let testimony = Testimony::of(&recordings, &suite, revision).map_err(|(index, reason)| {
        let file = loaded.recordings.get(index).map(|(file, _)| file.display().to_string());
        Failure::usage(format!(
            "{} is no evidence: {reason}\n\nhint: `ecrspec record --endpoint aws` makes some",
            file.unwrap_or_default()
        ))
    })?;
    if testimony.confirmed.is_empty() && testimony.contradicted.is_empty() {
        return Err(Failure::usage(
            "the recordings judge no check: no session is of a case that the suite has, or none was answered",
        ));
    }
    print(&match arguments.format {
        OutputFormat::Human => testimony_human(&testimony),
        OutputFormat::Json => testimony_json(&testimony, revision.hash),
    })?;
    Ok(if testimony.contradicted.is_empty() { Exit::Conforms } else { Exit::DoesNotConform })
}
