//! Recordings as `WireMock`'s stub mappings, and the reverse.
//!
//! In: recordings, or the JSON of mappings. Out: the other. What must stay true: what goes there and back is the
//! same requests and responses; a mapping that matches more than one request, so that nobody knows what was
//! asked, is refused by name and place; a scenario keeps the order of answers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use crate::case::bindings::Bindings;
use crate::exchange::Exchange;
use crate::recording::redact::Secrets;
use crate::recording::{RecordedBody, RecordedExchange, RecordedStep, Recording, Session, TRAFFIC};

/// Headers of a request that tell it apart.
const TELLING: [&str; 2] = ["x-amz-target", "content-type"];

/// Why mappings can't become a recording.
#[derive(Debug, thiserror::Error)]
pub enum StubError {
    /// The text is no JSON.
    #[error("not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// Something of a mapping has no meaning for a recording.
    #[error("{pointer}: {reason}")]
    Unusable {
        /// Where, as a JSON pointer.
        pointer: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The mappings of recordings, ending in a newline. An exchange without a response has none.
pub fn to_stubs<'a>(recordings: impl IntoIterator<Item = &'a Recording>) -> String {
    let mut by_request: Vec<(Value, Vec<Value>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let exchanges = recordings.into_iter().flat_map(Recording::exchanges).map(|(_, exchange)| exchange);
    for exchange in exchanges.filter(|exchange| exchange.no_response.is_none()) {
        let request = request_of(exchange);
        let place = *places.entry(request.to_string()).or_insert_with(|| {
            by_request.push((request, Vec::new()));
            by_request.len() - 1
        });
        if let Some((_, responses)) = by_request.get_mut(place) {
            responses.push(response_of(exchange));
        }
    }
    let mut mappings = Vec::new();
    for (index, (request, responses)) in by_request.into_iter().enumerate() {
        let last = responses.len().saturating_sub(1);
        for (number, response) in responses.into_iter().enumerate() {
            let mut mapping = json!({"request": request, "response": response});
            if last > 0 {
                let state =
                    |number: usize| if number == 0 { "Started".to_owned() } else { number.to_string() };
                mapping["scenarioName"] = json!(format!("request-{}", index + 1));
                mapping["requiredScenarioState"] = json!(state(number));
                mapping["newScenarioState"] = json!(state((number + 1).min(last)));
            }
            mappings.push(mapping);
        }
    }
    format!("{:#}\n", json!({"mappings": mappings}))
}

fn request_of(exchange: &RecordedExchange) -> Value {
    let headers: Map<String, Value> = exchange
        .request_headers
        .iter()
        .filter(|(name, _)| TELLING.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| (name.clone(), json!({"equalTo": value})))
        .collect();
    let body = exchange.request_body.bytes();
    let pattern = match std::str::from_utf8(&body) {
        Ok(text) if serde_json::from_str::<Value>(text).is_ok() => json!({"equalToJson": text}),
        Ok(text) => json!({"equalTo": text}),
        Err(_) => json!({"binaryEqualTo": BASE64.encode(&body)}),
    };
    json!({"method": exchange.method, "url": exchange.path, "headers": headers, "bodyPatterns": [pattern]})
}

fn response_of(exchange: &RecordedExchange) -> Value {
    let headers: Map<String, Value> =
        exchange.response_headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let body = exchange.response_body.bytes();
    match std::str::from_utf8(&body) {
        Ok(text) => json!({"status": exchange.status, "headers": headers, "body": text}),
        Err(_) => json!({"status": exchange.status, "headers": headers, "base64Body": BASE64.encode(&body)}),
    }
}

/// A recording of mappings: one mapping, or `{"mappings": […]}`.
///
/// # Errors
/// If the text is no JSON, or a mapping matches more than one request.
pub fn of_stubs(text: &str, revision: &str, target: &str) -> Result<Recording, StubError> {
    let value: Value = serde_json::from_str(text)?;
    let mappings = match value.get("mappings").and_then(Value::as_array) {
        Some(mappings) => mappings.iter().enumerate().collect(),
        None => vec![(0, &value)],
    };
    let is_list = value.get("mappings").is_some();
    let mut ordered = Vec::new();
    for (index, mapping) in mappings {
        let pointer = if is_list { format!("/mappings/{index}") } else { String::new() };
        ordered.push((order_of(mapping), exchange_of(mapping, &pointer)?));
    }
    // A scenario's states are in the order of their numbers, the start first.
    ordered.sort_by_key(|(order, _)| *order);
    // What others have written may have secrets in it.
    let raw: Vec<Exchange> = ordered.into_iter().map(|(_, exchange)| exchange.exchange()).collect();
    let secrets = Secrets::of(&raw);
    let exchanges = raw.iter().map(|exchange| RecordedExchange::of(exchange, &secrets)).collect();
    let session = Session {
        case: TRAFFIC.to_owned(),
        restated_from: None,
        bindings: Bindings::default(),
        steps: vec![RecordedStep { complete: true, exchanges }],
    };
    Ok(Recording { sessions: vec![session], ..Recording::new(revision, target) })
}

fn order_of(mapping: &Value) -> u64 {
    let state = mapping.get("requiredScenarioState").and_then(Value::as_str);
    state.and_then(|state| state.parse().ok()).unwrap_or(0)
}

fn exchange_of(mapping: &Value, pointer: &str) -> Result<RecordedExchange, StubError> {
    let unusable =
        |place: &str, reason: String| StubError::Unusable { pointer: format!("{pointer}{place}"), reason };
    let missing = |place: &str| unusable(place, "it is not there, or of another type".to_owned());
    let request = mapping.get("request").and_then(Value::as_object).ok_or_else(|| missing("/request"))?;
    let response = mapping.get("response").and_then(Value::as_object).ok_or_else(|| missing("/response"))?;
    let known = ["method", "url", "urlPath", "headers", "bodyPatterns"];
    if let Some(name) = request.keys().find(|name| !known.contains(&name.as_str())) {
        let reason = "a recording has one request a response, and this matches several".to_owned();
        return Err(unusable(&format!("/request/{name}"), reason));
    }
    let method = request.get("method").and_then(Value::as_str).ok_or_else(|| missing("/request/method"))?;
    let path = request.get("url").or_else(|| request.get("urlPath")).and_then(Value::as_str);
    let path = path.ok_or_else(|| missing("/request/url"))?;
    let mut request_headers = Vec::new();
    for (name, matcher) in request.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let value = matcher.get("equalTo").and_then(Value::as_str);
        let reason = || "of a header only `equalTo` says what was sent".to_owned();
        let value = value.ok_or_else(|| unusable(&format!("/request/headers/{name}"), reason()))?;
        request_headers.push((name.clone(), value.to_owned()));
    }
    let patterns = request.get("bodyPatterns").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let request_body = match patterns {
        [] => RecordedBody::of(b""),
        [pattern] => body_of(pattern).ok_or_else(|| {
            let reason = "of a body only `equalToJson`, `equalTo` and `binaryEqualTo` say what was sent";
            unusable("/request/bodyPatterns/0", reason.to_owned())
        })?,
        _ => return Err(unusable("/request/bodyPatterns/1", "a body has one pattern here".to_owned())),
    };
    let status = response.get("status").map_or(Some(200), |status| status.as_u64()?.try_into().ok());
    let headers = response.get("headers").and_then(Value::as_object);
    let response_headers = headers
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    let response_body = match (response.get("body"), response.get("jsonBody"), response.get("base64Body")) {
        (Some(Value::String(text)), ..) => RecordedBody::of(text.as_bytes()),
        (None, Some(value), _) => RecordedBody::of(value.to_string().as_bytes()),
        (None, None, Some(Value::String(text))) => {
            RecordedBody::of(&BASE64.decode(text).map_err(|_| missing("/response/base64Body"))?)
        }
        (None, None, None) => RecordedBody::of(b""),
        _ => return Err(missing("/response/body")),
    };
    Ok(RecordedExchange {
        method: method.to_owned(),
        path: path.to_owned(),
        request_headers,
        request_body,
        sent: 0,
        answered: 0,
        status: status.ok_or_else(|| missing("/response/status"))?,
        response_headers,
        response_body,
        broken: None,
        no_response: None,
    })
}

/// The body that a pattern matches, if it is one.
fn body_of(pattern: &Value) -> Option<RecordedBody> {
    match pattern.as_object()?.iter().find(|(name, _)| name.as_str() != "ignoreArrayOrder")? {
        (name, Value::String(text)) if name == "equalToJson" || name == "equalTo" => {
            Some(RecordedBody::of(text.as_bytes()))
        }
        (name, value) if name == "equalToJson" => Some(RecordedBody::of(value.to_string().as_bytes())),
        (name, Value::String(text)) if name == "binaryEqualTo" => {
            BASE64.decode(text).ok().map(|bytes| RecordedBody::of(&bytes))
        }
        _ => None,
    }
}
