//! What is wrong with a target or with how it is reached, said once, by one call.
//!
//! In: the exchange of one harmless request, or a run. Out: the cause and the next step. What must stay true: pure; a
//! target that answers as ECR does, or merely as a mock with faults does, is healthy: what it gets wrong is the suite's
//! to say.

use ecrspec_api::Document;
use ecrspec_api::table::Operation;

use crate::client::Reach;
use crate::exchange::{Exchange, NoResponse, Response};
use crate::verdict::{error_identity, is_throttled, printable, shorten, what_broke};

/// What is wrong with a target, from the outside in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Its name has no address.
    Dns,
    /// Nobody takes the connection.
    Tcp,
    /// The two can't agree on TLS.
    Tls,
    /// It takes the connection and gives no HTTP answer.
    Silence,
    /// Its answers do not arrive whole.
    Cut,
    /// It asks for patience.
    Throttling,
    /// It does not take who is asking.
    Authentication,
    /// Something answers that is no ECR.
    Routing,
    /// It is an ECR whose answer no client can read.
    Shape,
    /// Nothing.
    Healthy,
}

/// What one call says of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// What is wrong.
    pub cause: Cause,
    /// What came.
    pub what: String,
    /// What to do next.
    pub next: &'static str,
}

impl Cause {
    /// The cause in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Silence => "silence",
            Self::Cut => "cut",
            Self::Throttling => "throttling",
            Self::Authentication => "authentication",
            Self::Routing => "routing",
            Self::Shape => "shape",
            Self::Healthy => "healthy",
        }
    }

    /// The cause as a sentence's beginning.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Dns => "its name has no address",
            Self::Tcp => "nobody takes the connection",
            Self::Tls => "TLS can't be agreed on",
            Self::Silence => "it gives no HTTP answer",
            Self::Cut => "its answers do not arrive whole",
            Self::Throttling => "it asks for patience, again and again",
            Self::Authentication => "it does not take who is asking",
            Self::Routing => "something answers that is no ECR",
            Self::Shape => "no client can read its answer",
            Self::Healthy => "it answers as an ECR does",
        }
    }
}

/// What an exchange says, whose request asked `DescribeImages` for a repository that is not there. `reach` is how far
/// a connection came, asked where there was no answer.
pub fn diagnose(exchange: &Exchange, reach: Reach, is_tls: bool, operation: &Operation) -> Diagnosis {
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(no_response) => return without_answer(no_response, reach, is_tls),
    };
    let document = Document::parse(&response.body).ok();
    let (cause, next) = match error_identity(response, document.as_ref()) {
        _ if response.broken.is_some() => (Cause::Cut, WHOLE),
        _ if is_throttled(response) => (Cause::Throttling, "wait, or ask for less at once: --jobs 1"),
        Some(error) => of_error(&error.code, response.status),
        None => of_answer(response, document.as_ref(), operation),
    };
    Diagnosis { cause, what: describe(response), next }
}

/// The identity of a response: its status with the error's code, or with what it is instead.
pub fn identity(response: &Response) -> String {
    let document = Document::parse(&response.body).ok();
    match error_identity(response, document.as_ref()) {
        Some(error) => format!("{} {}", response.status, error.code),
        None if response.broken.is_some() => format!("{} cut short", response.status),
        None if document.is_some() => format!("{} with JSON", response.status),
        None => format!("{} with {}", response.status, media_type(response)),
    }
}

/// What is wrong with a target all of whose answers are like this one, if it is not its faults that make them so.
pub fn cause_of_all(response: &Response) -> (Cause, &'static str) {
    let document = Document::parse(&response.body).ok();
    match error_identity(response, document.as_ref()) {
        _ if response.broken.is_some() => (Cause::Cut, WHOLE),
        Some(error) => of_error(&error.code, response.status),
        None if document.is_some() && (200..300).contains(&response.status) => (Cause::Healthy, HEALTHY),
        None => of_no_aws(response),
    }
}

const HEALTHY: &str = "run the suite";

const WHOLE: &str = "look at what is between: a proxy, or a limit on size or time; more time is --timeout";

fn without_answer(no_response: &NoResponse, reach: Reach, is_tls: bool) -> Diagnosis {
    let (cause, next) = match (no_response, reach) {
        (_, Reach::NoAddress) => (Cause::Dns, "check the host's name, and that this network resolves it"),
        (_, Reach::NobodyListens) => (Cause::Tcp, "check host and port, and that the target runs"),
        (NoResponse::Unreachable { .. }, Reach::Connected) if is_tls => {
            (Cause::Tls, "give its certificate with --ca-cert, or http:// where it speaks no TLS")
        }
        (NoResponse::Closed { .. } | NoResponse::Unreachable { .. }, _) => {
            (Cause::Silence, "check that it speaks HTTP there, and whether it wants https://")
        }
        (NoResponse::TimedOut, _) => (Cause::Silence, "check that it is up, or give it more time: --timeout"),
    };
    Diagnosis { cause, what: no_response.to_string(), next }
}

fn of_error(code: &str, status: u16) -> (Cause, &'static str) {
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if has(&["InvalidSignature", "SignatureDoesNotMatch", "IncompleteSignature"]) {
        (Cause::Authentication, "check the secret key, this machine's clock, and --region")
    } else if has(&[
        "UnrecognizedClient",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "ExpiredToken",
    ]) {
        (Cause::Authentication, "give credentials that it knows: --credentials environment")
    } else if has(&["AccessDenied", "NotAuthorized", "OptInRequired"]) || matches!(status, 401 | 403) {
        (Cause::Authentication, "allow ecr:DescribeImages to who is asking, and check account and region")
    } else if has(&[
        "UnknownOperation",
        "UnsupportedOperation",
        "NotImplemented",
        "InvalidAction",
        "UnknownAction",
    ]) || matches!(status, 404 | 405 | 501)
    {
        (Cause::Routing, "turn the ECR of the target on, or check that this is the address of its ECR")
    } else if status >= 500 {
        (Cause::Routing, "look at the target's own output: it broke")
    } else if has(&["NotFoundException", "InvalidParameter", "Validation", "Exception", "Error"]) {
        (Cause::Healthy, HEALTHY)
    } else {
        (Cause::Routing, "check that this is the address of an ECR")
    }
}

fn of_answer(
    response: &Response,
    document: Option<&Document>,
    operation: &Operation,
) -> (Cause, &'static str) {
    let is_success = (200..300).contains(&response.status);
    match document {
        Some(document) if is_success && document.get("imageDetails").is_some() => {
            // It merely does not mind that there is no such repository, which the suite says.
            if (operation.read_response)(&response.body).deviations.is_empty() {
                (Cause::Healthy, HEALTHY)
            } else {
                (Cause::Shape, "run the suite with --filter describe: it says what is wrong with the answer")
            }
        }
        Some(Document::Object(_)) if is_success || response.status == 400 => {
            (Cause::Shape, "check that this is an ECR, and that it speaks awsJson1.1")
        }
        _ => of_no_aws(response),
    }
}

/// Of an answer in which nothing is of AWS's protocol.
fn of_no_aws(response: &Response) -> (Cause, &'static str) {
    let next = match response.status {
        401 | 403 | 407 => {
            return (
                Cause::Authentication,
                "a gateway or proxy before the target refuses: check what it wants",
            );
        }
        300..=399 => "give the address that it sends to",
        404 | 405 => "check port and path: this server knows no ECR at that address",
        502..=504 => "a gateway answers and nothing is behind it: check that the target runs",
        500..=599 => "look at the target's own output: it broke",
        _ => "check host and port: this is another service",
    };
    (Cause::Routing, next)
}

/// A response in one line.
pub fn describe(response: &Response) -> String {
    if let Some(broke) = what_broke(response) {
        return format!("{}, {broke}", response.status);
    }
    let document = Document::parse(&response.body).ok();
    if let Some(error) = error_identity(response, document.as_ref()) {
        let text = error.text.map(|text| format!(": {}", shorten(&text))).unwrap_or_default();
        return format!("{} {}{text}", response.status, error.code);
    }
    let location = response.header("location").map(|to| format!(" to {to}")).unwrap_or_default();
    let body = shorten(&printable(&response.body));
    format!("{}{location} with {}: {body}", response.status, media_type(response))
}

fn media_type(response: &Response) -> &str {
    response.header("content-type").unwrap_or("no content type")
}
