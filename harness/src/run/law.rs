//! One law: its list, what follows from it, and the list again.

use std::collections::BTreeSet;

use ecrspec_api::Document;
use serde_json::json;

use crate::case::bindings::{Bindings, Unbound};
use crate::case::format::Case;
use crate::exchange::Exchange;
use crate::law::{ASKED, Law, MOST_ASKED, PAGE_SIZE};
use crate::run::Shared;
use crate::run::case::send;
use crate::transcript::{StepOutcome, Transcript, Unsent};

/// How many pages a list is cut into, where it has as many images.
const PAGES: usize = 4;

/// Sends the requests of a law.
pub(super) async fn run(law: Law, case: &Case, bindings: Bindings, shared: &Shared) -> Transcript {
    let mut transcript = Transcript { bindings, steps: Vec::with_capacity(case.steps.len()) };
    for (index, step) in case.steps.iter().enumerate() {
        let asked = law.asks_by().filter(|_| index == 1);
        let outcome = match (shared.halted(), asked) {
            (Some(reason), _) => StepOutcome::NotSent(reason),
            (None, Some(member)) => {
                let mut exchanges = Vec::new();
                let mut outcome = None;
                for name in evenly(names(&transcript, member)) {
                    let mut bindings = transcript.bindings.clone();
                    bindings.bind(ASKED, name);
                    match send(&step.send, &bindings, shared).await {
                        Ok((more, _)) => exchanges.extend(more),
                        Err(Unbound(name)) => outcome = Some(StepOutcome::NotSent(Unsent::Unbound(name))),
                    }
                    if shared.halted().is_some() {
                        break;
                    }
                }
                outcome.unwrap_or(StepOutcome::Sent { exchanges, complete: true })
            }
            (None, None) => match send(&step.send, &transcript.bindings, shared).await {
                Ok((exchanges, complete)) => StepOutcome::Sent { exchanges, complete },
                Err(Unbound(name)) => StepOutcome::NotSent(Unsent::Unbound(name)),
            },
        };
        transcript.steps.push(outcome);
        if index == 0 {
            // From half a list nothing follows.
            if !is_whole(&transcript) {
                let nothing = StepOutcome::Sent { exchanges: Vec::new(), complete: false };
                transcript.steps.resize(case.steps.len(), nothing);
                break;
            }
            let images = names(&transcript, "imageDigest").len();
            transcript.bindings.bind(PAGE_SIZE, json!(images.div_ceil(PAGES).clamp(1, 1000)));
        }
    }
    transcript
}

/// Whether the first list came to its end, each page a success.
fn is_whole(transcript: &Transcript) -> bool {
    let Some(StepOutcome::Sent { exchanges, complete }) = transcript.steps.first() else { return false };
    let succeeded = |exchange: &Exchange| {
        exchange.outcome.as_ref().is_ok_and(|response| response.status == 200 && response.broken.is_none())
    };
    *complete && exchanges.iter().all(succeeded)
}

/// The digests or tags of a law's first list, each once, sorted.
fn names(transcript: &Transcript, member: &str) -> Vec<String> {
    let Some(StepOutcome::Sent { exchanges, .. }) = transcript.steps.first() else { return Vec::new() };
    let mut names = BTreeSet::new();
    for page in exchanges.iter().filter_map(page) {
        for entry in page.get("imageDetails").and_then(Document::as_array).unwrap_or_default() {
            let tags = entry.get("imageTags").and_then(Document::as_array).unwrap_or_default();
            let found = match member {
                "imageTag" => tags.iter().filter_map(Document::as_str).collect(),
                _ => Vec::from_iter(entry.get(member).and_then(Document::as_str)),
            };
            names.extend(found.into_iter().map(str::to_owned));
        }
    }
    names.into_iter().collect()
}

fn page(exchange: &Exchange) -> Option<Document> {
    Document::parse(&exchange.outcome.as_ref().ok()?.body).ok()
}

/// At most [`MOST_ASKED`] of them, evenly taken: the same ones in every run.
fn evenly(names: Vec<String>) -> Vec<String> {
    let count = names.len();
    if count <= MOST_ASKED {
        return names;
    }
    let taken: BTreeSet<usize> = (0..MOST_ASKED).map(|number| number * count / MOST_ASKED).collect();
    names.into_iter().enumerate().filter(|(index, _)| taken.contains(index)).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_as_many_as_the_bound_are_asked_for_the_same_ones_each_time() {
        let names = |count: usize| (0..count).map(|number| format!("{number:04}")).collect::<Vec<_>>();
        for count in [0, 1, MOST_ASKED, MOST_ASKED + 1, 1000] {
            let taken = evenly(names(count));
            assert_eq!(taken.len(), count.min(MOST_ASKED));
            assert_eq!(taken, evenly(names(count)));
            assert_eq!(taken.first(), names(count).first());
        }
    }
}
