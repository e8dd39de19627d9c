//! Which error a response is, and what it says.

use crate::Document;

/// The code of an error, without namespace and address: what the header `X-Amzn-Errortype` says, or else
/// `__type` or `code` of the body.
///
/// ```
/// use ecrspec_api::wire::error_code;
///
/// let body = br#"{"__type": "com.amazonaws.ecr#ImageNotFoundException", "message": "no"}"#;
/// assert_eq!(error_code(None, body).as_deref(), Some("ImageNotFoundException"));
/// assert_eq!(error_code(Some("FooError:http://example.com/"), b"").as_deref(), Some("FooError"));
/// assert_eq!(error_code(None, b"{}"), None);
/// ```
pub fn error_code(header: Option<&str>, body: &[u8]) -> Option<String> {
    if let Some(code) = header.and_then(bare) {
        return Some(code.to_owned());
    }
    let document = Document::parse(body).ok()?;
    ["__type", "code"].into_iter().find_map(|name| bare(document.get(name)?.as_str()?).map(str::to_owned))
}

/// The text that comes with an error: `message` or `Message` of the body.
///
/// ```
/// use ecrspec_api::wire::error_message;
///
/// assert_eq!(error_message(br#"{"Message": "no such image"}"#).as_deref(), Some("no such image"));
/// assert_eq!(error_message(b""), None);
/// ```
pub fn error_message(body: &[u8]) -> Option<String> {
    let document = Document::parse(body).ok()?;
    ["message", "Message"].into_iter().find_map(|name| Some(document.get(name)?.as_str()?.to_owned()))
}

/// `FooError` of `name.space#FooError:http://address/`; `None` where nothing is left.
fn bare(text: &str) -> Option<&str> {
    let text = text.split(':').next().unwrap_or_default();
    let text = text.rsplit('#').next().unwrap_or_default().trim();
    (!text.is_empty()).then_some(text)
}

/// An error as a service that once spoke the query protocol names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The code: `AWS.SimpleQueueService.NonExistentQueue`.
    pub code: String,
    /// Whose fault it is: `Sender` or `Receiver`.
    pub fault: String,
}

impl QueryError {
    /// Reads the header `x-amzn-query-error`.
    ///
    /// ```
    /// let error = ecrspec_api::wire::QueryError::read("Customized;Sender").unwrap();
    /// assert_eq!((error.code.as_str(), error.fault.as_str()), ("Customized", "Sender"));
    /// ```
    pub fn read(header: &str) -> Option<Self> {
        let (code, fault) = header.split_once(';')?;
        let (code, fault) = (code.trim(), fault.trim());
        (!code.is_empty()).then(|| Self { code: code.to_owned(), fault: fault.to_owned() })
    }
}
