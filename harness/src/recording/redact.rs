//! What never reaches a file.
//!
//! In: exchanges, and what the API's table says of their members. Out: the same without secrets, and with
//! example account ids. What must stay true: a secret is dropped where it stands by name and replaced wherever
//! else its value stands; an account id is found by its type, and then replaced everywhere.

use std::collections::{BTreeMap, BTreeSet};

use ecrspec_api::Document;
use ecrspec_api::table::Revision;
use serde_json::Value;

use crate::case::bindings::Bindings;
use crate::exchange::Exchange;
use crate::normalise::{Rule, operation_of, shape_of_answer, typed_texts};
use crate::recording::{RecordedBody, RecordedExchange, Recording};

/// What stands where a secret stood.
const REDACTED: &str = "<secret>";

/// A shorter secret is part of other words by chance: it is replaced only where it is a whole JSON string.
const LEAST_SECRET: usize = 8;

/// The examples that AWS's own documentation has for account ids.
const EXAMPLES: [&str; 3] = ["111122223333", "444455556666", "777788889999"];

/// Words in the name of a header that signs, identifies the caller or may be a secret.
const SECRET_WORDS: [&str; 10] = [
    "auth",
    "token",
    "cookie",
    "secret",
    "password",
    "credential",
    "signature",
    "api-key",
    "x-amz-date",
    "x-amz-content-sha256",
];

/// How the name of a JSON member ends whose text is a secret, without regard to case.
const SECRET_MEMBERS: [&str; 7] = [
    "authorizationtoken",
    "sessiontoken",
    "securitytoken",
    "password",
    "secret",
    "secretaccesskey",
    "secretkey",
];

/// Parameters of a signed address.
const SECRET_PARAMETERS: [&str; 4] =
    ["x-amz-signature", "x-amz-credential", "x-amz-security-token", "signature"];

/// The headers that are kept.
pub(crate) fn without_secret_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers.iter().filter(|(name, _)| !is_secret_header(name)).cloned().collect()
}

fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name != "www-authenticate" && SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// The texts that must not be written, wherever they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Every secret of these exchanges.
    pub(super) fn of<'a>(exchanges: impl IntoIterator<Item = &'a Exchange>) -> Self {
        let mut secrets = Self::default();
        for exchange in exchanges {
            secrets.learn(exchange);
        }
        secrets
    }

    /// Takes over the secrets of one exchange.
    pub(super) fn learn(&mut self, exchange: &Exchange) {
        self.learn_headers(&exchange.request.headers);
        self.learn_address(&exchange.request.path);
        self.learn_body(&exchange.request.body);
        if let Ok(response) = &exchange.outcome {
            self.learn_headers(&response.headers);
            self.learn_body(&response.body);
        }
    }

    fn learn_headers(&mut self, headers: &[(String, String)]) {
        for (name, value) in headers.iter().filter(|(name, _)| is_secret_header(name)) {
            let name = name.to_ascii_lowercase();
            // Neither is a secret, and both may stand in a text that explains a refusal.
            if name == "x-amz-date" || name == "x-amz-content-sha256" {
                continue;
            }
            self.insert(value);
            if let Some(parts) = value.strip_prefix("AWS4-HMAC-SHA256") {
                let part =
                    |name: &str| parts.split_once(name).and_then(|(_, rest)| rest.split([',', '/']).next());
                for secret in [part("Credential="), part("Signature=")].into_iter().flatten() {
                    self.insert(secret.trim());
                }
                continue;
            }
            // `Bearer …` and `name=value; name=value`; what follows the first of a `Set-Cookie` is no secret.
            let parts = value.split([' ', ';']);
            for part in parts.take(if name == "set-cookie" { 1 } else { usize::MAX }) {
                self.insert(part.split_once('=').map_or(part, |(_, value)| value));
            }
        }
    }

    fn learn_address(&mut self, address: &str) {
        let Some((_, query)) = address.split_once('?') else { return };
        for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
            if SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) {
                self.insert(value);
            }
        }
    }

    fn learn_body(&mut self, body: &[u8]) {
        if let Ok(document) = Document::parse(body) {
            self.learn_document(&document, false);
        }
    }

    fn learn_document(&mut self, document: &Document, secret: bool) {
        match document {
            Document::String(text) if secret => self.insert_short(text),
            Document::String(text) => self.learn_address(text),
            Document::Array(elements) => {
                for element in elements {
                    self.learn_document(element, secret);
                }
            }
            Document::Object(members) => {
                for (name, value) in members {
                    let name = name.to_ascii_lowercase();
                    let secret = SECRET_MEMBERS.iter().any(|ending| name.ends_with(ending));
                    self.learn_document(value, secret);
                }
            }
            _ => {}
        }
    }

    fn insert(&mut self, text: &str) {
        if text.len() >= LEAST_SECRET {
            self.0.insert(text.to_owned());
        }
    }

    fn insert_short(&mut self, text: &str) {
        if !text.is_empty() {
            self.0.insert(text.to_owned());
        }
    }

    /// `text` with every secret replaced, longest first.
    fn replaced(&self, text: &str) -> String {
        let mut secrets: Vec<&String> = self.0.iter().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mut text = text.to_owned();
        for secret in secrets {
            if secret.len() < LEAST_SECRET {
                text = text.replace(&format!("\"{secret}\""), &format!("\"{REDACTED}\""));
                continue;
            }
            // As it is, and as JSON may spell it.
            for spelling in [secret.clone(), secret.replace('/', "\\/")] {
                if text.contains(&spelling) {
                    text = text.replace(&spelling, REDACTED);
                }
            }
        }
        text
    }

    /// Replaces every secret in an exchange. A length that was right stays right.
    pub(super) fn remove_from(&self, exchange: &mut RecordedExchange) {
        if self.0.is_empty() {
            return;
        }
        exchange.map_texts(&|text| self.replaced(text));
    }
}

impl RecordedExchange {
    /// Changes every text of the exchange. A `Content-Length` that was right stays right.
    fn map_texts(&mut self, change: &dyn Fn(&str) -> String) {
        self.path = change(&self.path);
        map_message(&mut self.request_headers, &mut self.request_body, change);
        map_message(&mut self.response_headers, &mut self.response_body, change);
    }
}

fn map_message(headers: &mut [(String, String)], body: &mut RecordedBody, change: &dyn Fn(&str) -> String) {
    let before = body.bytes();
    let after = match body {
        RecordedBody::Text(text) => change(text).into_bytes(),
        // Bytes that are no text may hold text all the same: one byte is one character here.
        RecordedBody::Base64(_) => {
            let text: String = before.iter().map(|byte| char::from(*byte)).collect();
            change(&text).chars().map(|character| u8::try_from(character).unwrap_or(b'?')).collect()
        }
    };
    for (name, value) in headers {
        let is_length = name.eq_ignore_ascii_case("content-length") && *value == before.len().to_string();
        *value = if is_length { after.len().to_string() } else { change(value) };
    }
    if after != before {
        *body = RecordedBody::of(&after);
    }
}

/// See [`Recording::with_example_accounts`].
pub(super) fn with_example_accounts(mut recording: Recording, revision: &Revision) -> Recording {
    let examples = Examples::of(&recording, revision);
    let change = |text: &str| examples.replaced(text);
    for session in &mut recording.sessions {
        session.bindings = map_bindings(&session.bindings, &change);
        for exchange in session.steps.iter_mut().flat_map(|step| &mut step.exchanges) {
            exchange.map_texts(&change);
        }
    }
    recording.account = recording.account.as_deref().map(change);
    recording.target = change(&recording.target);
    recording
}

fn map_bindings(bindings: &Bindings, change: &dyn Fn(&str) -> String) -> Bindings {
    let mut mapped = Bindings::default();
    for (name, value) in bindings.iter() {
        mapped.bind(name, map_value(value, change));
    }
    mapped
}

fn map_value(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(elements) => elements.iter().map(|element| map_value(element, change)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), map_value(value, change))).collect()
        }
        other => other.clone(),
    }
}

/// An example for each account id.
#[derive(Debug, Default)]
struct Examples(BTreeMap<String, String>);

impl Examples {
    fn of(recording: &Recording, revision: &Revision) -> Self {
        let mut found: Vec<String> = Vec::new();
        let mut learn = |account: &str| {
            if is_account(account) && !found.iter().any(|known| known == account) {
                found.push(account.to_owned());
            }
        };
        recording.account.iter().for_each(|account| learn(account));
        for session in &recording.sessions {
            for (_, value) in session.bindings.iter().filter(|(name, _)| *name == "registry.id") {
                value.as_str().into_iter().for_each(&mut learn);
            }
        }
        for (_, exchange) in recording.exchanges() {
            let (request, response) = (exchange.request(), exchange.response());
            let operation = operation_of(revision, &request);
            let bodies = [
                (&request.body, operation.map(|operation| operation.input)),
                (&response.body, operation.and_then(|operation| shape_of_answer(operation, &response))),
            ];
            for (body, shape) in bodies {
                let document = Document::parse(body).ok();
                let typed =
                    document.as_ref().map(|document| typed_texts(document, shape)).unwrap_or_default();
                for (rule, text) in typed {
                    if rule == Rule::Account {
                        learn(&text);
                    }
                }
                accounts_in_names(&String::from_utf8_lossy(body)).for_each(&mut learn);
            }
            for (_, value) in request.headers.iter().chain(&response.headers) {
                accounts_in_names(value).for_each(&mut learn);
            }
        }
        let mut examples = Self::default();
        // What is an example already stays the one it is.
        for account in found.iter().filter(|account| EXAMPLES.contains(&account.as_str())) {
            examples.0.insert(account.clone(), account.clone());
        }
        let mut number = 0;
        for account in found.iter().filter(|account| !EXAMPLES.contains(&account.as_str())) {
            let example = loop {
                let example = example(number);
                number += 1;
                if !examples.0.contains_key(&example) {
                    break example;
                }
            };
            examples.0.insert(account.clone(), example);
        }
        examples
    }

    /// `text` with every account id that stands there as a number of its own replaced.
    fn replaced(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
            let (before, digits_on) = rest.split_at(start);
            let end =
                digits_on.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits_on.len());
            let (digits, after) = digits_on.split_at(end);
            replaced.push_str(before);
            // A digest, a request id and an upload id have letters beside their digits.
            let in_a_word = before.ends_with(|character: char| character.is_ascii_alphanumeric())
                || after.starts_with(|character: char| character.is_ascii_alphanumeric());
            let example = if in_a_word { None } else { self.0.get(digits) };
            replaced.push_str(example.map_or(digits, String::as_str));
            rest = after;
        }
        replaced + rest
    }
}

fn example(number: usize) -> String {
    EXAMPLES
        .get(number)
        .map_or_else(|| format!("{:012}", 100_000_000_000 + number), |example| (*example).to_owned())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The accounts that stand in names of AWS: `arn:aws:ecr:region:ACCOUNT:…` and `ACCOUNT.dkr.ecr.…`, and in
/// the error texts that name a registry: `… with id 'ACCOUNT'`.
fn accounts_in_names(text: &str) -> impl Iterator<Item = &str> {
    let of_arns = text.split("arn:").skip(1).filter_map(|arn| arn.split(':').nth(3));
    let of_hosts = text.match_indices(".dkr.ecr").filter_map(|(at, _)| text.get(at.checked_sub(12)?..at));
    let of_texts = text.split(" id '").skip(1).filter_map(|rest| rest.split('\'').next());
    of_arns.chain(of_hosts).chain(of_texts).filter(|account| is_account(account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_replaced_as_a_number_of_its_own_only() {
        let examples = Examples([("210987654321".to_owned(), example(0))].into());
        let text = "arn:aws:ecr:eu-west-1:210987654321:repository/a, sha256:a210987654321f, 2109876543210";
        assert_eq!(
            examples.replaced(text),
            "arn:aws:ecr:eu-west-1:111122223333:repository/a, sha256:a210987654321f, 2109876543210"
        );
    }

    #[test]
    fn accounts_are_found_in_arns_hosts_and_error_texts() {
        let text = "User: arn:aws:sts::210987654321:x/y; 310987654321.dkr.ecr.eu-west-1.amazonaws.com/a; \
                    in the registry with id '410987654321'";
        let found: Vec<_> = accounts_in_names(text).collect();
        assert_eq!(found, ["210987654321", "310987654321", "410987654321"]);
    }

    #[test]
    fn a_secret_is_replaced_wherever_it_stands_and_a_short_one_as_a_whole_string_only() {
        let secrets = Secrets(["abcdefgh/ij".to_owned(), "cat".to_owned()].into());
        assert_eq!(
            secrets.replaced(r#"{"a":"cat","b":"concatenate","c":"x abcdefgh\/ij abcdefgh/ij"}"#),
            r#"{"a":"<secret>","b":"concatenate","c":"x <secret> <secret>"}"#
        );
    }
}
