//! What a target answered, with everything that changes from run to run named instead.
//!
//! In: a run. Out: a text that two runs of the same target share to the byte, for snapshots and diffs. What
//! must stay true: what is replaced follows the shapes of the table and the run's own names, not guesses over
//! text; replacing comes before sorting.

use std::fmt::Write as _;

use ecrspec_api::Document;
use ecrspec_api::table::{Operation, Revision, Shape, ShapeKind};

use crate::case::bindings::Bindings;
use crate::exchange::{Exchange, Response};
use crate::run::Run;
use crate::transcript::StepOutcome;
use crate::verdict::{printable, shorten};

/// Lists with more elements are cut.
const SHOWN_ELEMENTS: usize = 6;

/// Every answer of a run, a line an exchange.
pub fn answers(run: &Run, revision: &Revision) -> String {
    let mut text = String::new();
    for case in run.cases.iter().filter(|case| case.selected) {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{}", case.case.id);
        for (step, outcome) in case.case.steps.iter().zip(&case.transcript.steps) {
            let operation = revision.operation(&step.send.operation);
            match outcome {
                StepOutcome::NotSent(reason) => {
                    let _ = writeln!(text, "  not sent: {reason:?}");
                }
                StepOutcome::Sent { exchanges, .. } => {
                    for exchange in exchanges {
                        let _ =
                            writeln!(text, "  {}", answer(exchange, operation, &case.transcript.bindings));
                    }
                }
            }
        }
    }
    text
}

fn answer(exchange: &Exchange, operation: Option<&Operation>, bindings: &Bindings) -> String {
    match &exchange.outcome {
        Ok(response) => format!("{} {}", response.status, body(response, operation, bindings)),
        Err(no_response) => no_response.to_string(),
    }
}

fn body(response: &Response, operation: Option<&Operation>, bindings: &Bindings) -> String {
    let Ok(document) = Document::parse(&response.body) else {
        return shorten(&bindings.unfill(&printable(&response.body)));
    };
    let shape = operation.filter(|_| response.status == 200).map(|operation| operation.output);
    shorten_long(&normalise(document, shape, bindings).to_string())
}

fn shorten_long(text: &str) -> String {
    match text.char_indices().nth(2_000) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A document in which names stand for values, and lists without a promised order are sorted.
fn normalise(document: Document, shape: Option<&Shape>, bindings: &Bindings) -> Document {
    let placeholder = |name: &str| Document::String(format!("<{name}>"));
    match (document, shape.map(|shape| &shape.kind)) {
        (Document::Number(_), Some(ShapeKind::Timestamp)) => placeholder("timestamp"),
        (Document::String(text), _) => {
            let token = shape.is_some_and(|shape| shape.name() == "NextToken");
            if token { placeholder("token") } else { Document::String(bindings.unfill(&text)) }
        }
        (Document::Array(elements), kind) => {
            let member = match kind {
                Some(ShapeKind::List { member }) => Some(member.target),
                _ => None,
            };
            let mut elements: Vec<Document> =
                elements.into_iter().map(|element| normalise(element, member, bindings)).collect();
            elements.sort_by_cached_key(ToString::to_string);
            if elements.len() > SHOWN_ELEMENTS {
                let more = elements.len() - SHOWN_ELEMENTS;
                elements.truncate(SHOWN_ELEMENTS);
                elements.push(placeholder(&format!("{more} more")));
            }
            Document::Array(elements)
        }
        (Document::Object(members), _) => Document::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let members = shape.map(Shape::members).unwrap_or_default();
                    let target =
                        members.iter().find(|member| member.name == name).map(|member| member.target);
                    (name, normalise(value, target, bindings))
                })
                .collect(),
        ),
        (other, _) => other,
    }
}
