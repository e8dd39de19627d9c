//! The verdict for people and for programs.
//!
//! In: a [`Run`] and what it was about. Out: text. What must stay true: pure, so the same run gives the same
//! bytes; nothing is said of a check that its result does not say.

mod annotations;
mod compared;
mod context;
mod curl;
mod detail;
mod failure;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod matrix;
mod replay;
mod root_cause;
mod score;
mod state;
mod summary;
mod testimony;

pub use annotations::annotations;
pub use compared::{compared_human, compared_json};
pub use failure::{Failure, failures};
use failure::{folded, removed};
pub use html::html;
pub use human::human;
pub use json::{json, json_schema};
pub use junit::junit;
pub use markdown::markdown;
pub use matrix::{Column, matrix_html, matrix_markdown, matrix_svg};
pub use replay::{ReplaySubject, replay_human, replay_json};
pub use root_cause::{RootCause, root_cause, warning};
pub use score::Score;
pub use state::{Verdict, verdict};
pub use summary::{Counts, Summary};
pub use testimony::{testimony_human, testimony_json};

use ecrspec_api::table::Revision;

use crate::baseline::{Entry, Standing};
use crate::case::format::Capability;
use crate::exit::Exit;
use crate::level::Level;
use crate::run::Run;

/// A run and what it was about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The run.
    pub run: &'a Run,
    /// The revision of the API that it was made with.
    pub revision: &'static Revision,
    /// The address of the target; nothing for the embedded emulator.
    pub endpoint: Option<&'a str>,
    /// The options with which this program reaches the target again.
    pub again: &'a str,
    /// The region that requests were signed for.
    pub region: &'a str,
    /// Whether the target takes real credentials only.
    pub signed: bool,
    /// The level from which on a failure fails the run.
    pub fail_on: Level,
    /// What the target may lack without failing the run.
    pub allowed_to_lack: &'a [Capability],
    /// How many `must` checks the whole suite has, whatever was selected.
    pub must_in_suite: usize,
    /// How the program ends.
    pub exit: Exit,
    /// What the baseline says of the run, where there is one.
    pub baseline: Option<&'a Standing<'a>>,
}

impl<'a> Subject<'a> {
    /// The verdict in words.
    pub fn verdict(&self) -> String {
        match self.baseline.map_or(0, Standing::known) {
            known @ 1.. if self.exit == Exit::Conforms => {
                format!("conforms but for {known} known {}", if known == 1 { "failure" } else { "failures" })
            }
            _ => self.exit.verdict().to_owned(),
        }
    }

    /// The entry of the baseline for a failed check, if it is known.
    pub fn known(&self, check: &str) -> Option<&'a Entry> {
        self.baseline?.entry(check)
    }

    /// What the target is called.
    pub fn target(&self) -> &str {
        self.endpoint.unwrap_or("the embedded emulator")
    }

    /// The command that runs one case again.
    pub fn command(&self, case: &str) -> String {
        let again = if self.again.is_empty() { String::new() } else { format!(" {}", self.again) };
        format!("ecrspec run{again} --filter {case}")
    }
}
