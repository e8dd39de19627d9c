//! Which error a response is, in whatever form it says so.
//!
//! In: a response and its body as JSON. Out: the error's code and text. What must stay true: every form that
//! awsJson clients accept is read, and which form it was is kept.

use ecrspec_api::Document;

use crate::exchange::Response;

/// An error as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorIdentity {
    /// The code without namespace and address: `ImageNotFoundException`.
    pub code: String,
    /// The code as it came.
    pub as_sent: String,
    /// The text, of `message` or else of `Message`.
    pub text: Option<String>,
}

/// Reads which error a response is: from the `X-Amzn-Errortype` header, `__type`, or `code`, as AWS's clients do.
pub fn error_identity(response: &Response, body: Option<&Document>) -> Option<ErrorIdentity> {
    let member = |name: &str| body.and_then(|body| body.get(name)).and_then(Document::as_str);
    let as_sent = response
        .header("x-amzn-errortype")
        .or_else(|| member("__type"))
        .or_else(|| member("code"))
        .filter(|code| !code.is_empty())?;
    Some(ErrorIdentity {
        code: bare(as_sent).to_owned(),
        as_sent: as_sent.to_owned(),
        text: member("message").or_else(|| member("Message")).map(str::to_owned),
    })
}

/// Whether a response asks for patience, which is weather and no verdict.
pub fn is_throttled(response: &Response) -> bool {
    let throttling = |code: &str| matches!(code, "ThrottlingException" | "TooManyRequestsException");
    match response.status {
        429 | 503 => true,
        400 => {
            let body = Document::parse(&response.body).ok();
            error_identity(response, body.as_ref()).is_some_and(|error| throttling(&error.code))
        }
        _ => false,
    }
}

/// `com.amazonaws.ecr#Name:http://…` without what stands around the name.
fn bare(code: &str) -> &str {
    let without_address = code.split_once(':').map_or(code, |(before, _)| before);
    without_address.rsplit_once('#').map_or(without_address, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_code_is_the_same_error() {
        for code in ["A", "a.b#A", "A:http://x/y", "a.b#A:http://x#z"] {
            assert_eq!(bare(code), "A", "{code}");
        }
    }
}
