//! One case: its steps, one after the other.

use ecrspec_api::Document;
use serde_json::Value;

use crate::case::bindings::{Bindings, Unbound};
use crate::case::format::{Body, Case, Send, Step};
use crate::exchange::Exchange;
use crate::run::Shared;
use crate::transcript::{StepOutcome, Transcript, Unsent};
use crate::verdict::Path;

/// Sends the requests of a case.
pub(super) async fn run(case: &Case, bindings: Bindings, shared: &Shared) -> Transcript {
    let mut transcript = Transcript { bindings, steps: Vec::with_capacity(case.steps.len()) };
    for step in &case.steps {
        let outcome = match shared.halted() {
            Some(reason) => StepOutcome::NotSent(reason),
            None => match send(&step.send, &transcript.bindings, shared).await {
                Ok((exchanges, complete)) => StepOutcome::Sent { exchanges, complete },
                Err(Unbound(name)) => StepOutcome::NotSent(Unsent::Unbound(name)),
            },
        };
        capture(step, &outcome, &mut transcript.bindings);
        transcript.steps.push(outcome);
    }
    transcript
}

pub(super) async fn send(
    send: &Send,
    bindings: &Bindings,
    shared: &Shared,
) -> Result<(Vec<Exchange>, bool), Unbound> {
    let first = body_bytes(&send.body, bindings)?;
    let mut exchanges = vec![shared.client.call_with(&send.operation, first, &send.headers).await];
    let Some(most) = send.walk else { return Ok((exchanges, true)) };
    while let Some(token) = exchanges.last().and_then(next_token) {
        if exchanges.len() >= most as usize || shared.halted().is_some() {
            return Ok((exchanges, false));
        }
        let body = with_token(&send.body, &token, bindings)?;
        exchanges.push(shared.client.call_with(&send.operation, body, &send.headers).await);
    }
    Ok((exchanges, true))
}

/// The bytes of a body with its names replaced.
fn body_bytes(body: &Body, bindings: &Bindings) -> Result<Vec<u8>, Unbound> {
    Ok(match body {
        Body::Value(value) => bindings.fill(value)?.to_string().into_bytes(),
        Body::Text(text) => bindings.fill_text(text)?.into_bytes(),
        Body::Hex(digits) => bytes_of_hex(digits).unwrap_or_default(),
    })
}

/// The bytes that pairs of hexadecimal digits stand for.
pub(crate) fn bytes_of_hex(digits: &str) -> Option<Vec<u8>> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok()
        })
        .collect()
}

fn with_token(body: &Body, token: &str, bindings: &Bindings) -> Result<Vec<u8>, Unbound> {
    let mut value = match body {
        Body::Value(value) => bindings.fill(value)?,
        Body::Text(_) | Body::Hex(_) => Value::Null,
    };
    if let Value::Object(members) = &mut value {
        members.insert("nextToken".to_owned(), Value::String(token.to_owned()));
    }
    Ok(value.to_string().into_bytes())
}

fn next_token(exchange: &Exchange) -> Option<String> {
    let response = exchange.outcome.as_ref().ok().filter(|response| response.status == 200)?;
    let body = Document::parse(&response.body).ok()?;
    body.get("nextToken")?.as_str().map(str::to_owned)
}

/// Takes over what later steps use; what is not there stays without a value, which the later step then says.
fn capture(step: &Step, outcome: &StepOutcome, bindings: &mut Bindings) {
    let StepOutcome::Sent { exchanges, .. } = outcome else { return };
    let Some(Ok(response)) = exchanges.last().map(|exchange| &exchange.outcome) else { return };
    let Ok(body) = Document::parse(&response.body) else { return };
    for (name, path) in &step.capture {
        let found = bindings.fill_text(path).ok().and_then(|path| Path::parse(&path).ok());
        if let Some(value) = found.and_then(|path| path.value(&body)) {
            bindings.bind(name.clone(), value);
        }
    }
}
