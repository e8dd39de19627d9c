//! What happened when a case was run: the way from the client to the verdict.
//!
//! In: exchanges, in the order of the case's steps. Out: the same, for the verdict, reports and recordings.
//! What must stay true: a step that did not happen says why; nothing here judges.

use crate::case::bindings::Bindings;
use crate::case::format::Capability;
use crate::exchange::Exchange;

/// What happened when a case was run.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// The values that the case's names stood for, those of earlier answers included.
    pub bindings: Bindings,
    /// The steps, as many as the case has.
    pub steps: Vec<StepOutcome>,
}

/// What happened at a step.
#[derive(Clone, Debug)]
pub enum StepOutcome {
    /// The request was sent, for a walk once a page.
    Sent {
        /// The exchanges, at least one.
        exchanges: Vec<Exchange>,
        /// For a walk: whether the last page came without a token. `true` for any other step.
        complete: bool,
    },
    /// The request was not sent.
    NotSent(Unsent),
}

/// Why a request was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// The target lacks something that the case needs.
    Lacks(Capability),
    /// The case's world could not be made.
    NoWorld(String),
    /// An earlier step did not give the value for this name.
    Unbound(String),
    /// The target has stopped answering.
    Unreachable,
    /// The run was interrupted.
    Interrupted,
}

impl Transcript {
    /// The transcript of a case of which nothing was sent.
    pub fn unsent(steps: usize, reason: &Unsent) -> Self {
        Self { bindings: Bindings::default(), steps: vec![StepOutcome::NotSent(reason.clone()); steps] }
    }

    /// Cuts bodies to so many bytes: a verdict needs the whole, a report does not.
    pub fn cut_bodies(&mut self, kept: usize) {
        for step in &mut self.steps {
            let StepOutcome::Sent { exchanges, .. } = step else { continue };
            for response in exchanges.iter_mut().filter_map(|exchange| exchange.outcome.as_mut().ok()) {
                response.body.truncate(kept);
                response.body.shrink_to_fit();
            }
        }
    }

    /// All exchanges, in order.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.steps.iter().flat_map(|step| match step {
            StepOutcome::Sent { exchanges, .. } => exchanges.as_slice(),
            StepOutcome::NotSent(_) => &[],
        })
    }
}
