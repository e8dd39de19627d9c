//! The transport over the network: the only place of the program that opens a connection to a target.
//!
//! In: a request and a time limit. Out: the response, its body whole or the part that came. What must stay
//! true: HTTP/1.1, no redirects, no decompression, no proxy on loopback, never more than [`BODY_LIMIT`] bytes.

use std::error::Error;
use std::sync::Once;
use std::time::Duration;

use reqwest::{Certificate, Client, Method, Url};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use crate::client::transport::{Answer, Transport};
use crate::exchange::{Broken, NoResponse, Request, Response};

/// The most bytes of a body that are read. A page of 1,000 images has about 700,000.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The bytes that are kept of a body that is longer.
const KEPT_OF_TOO_LONG: usize = 64 * 1024;

/// A transport over HTTP/1.1, with or without TLS.
#[derive(Debug)]
pub struct HttpTransport {
    client: Client,
    endpoint: Url,
}

/// Why an endpoint can't be used.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The endpoint is no URL of a host.
    #[error("`{text}` is no endpoint: {reason}; give one such as http://127.0.0.1:5000")]
    NotAnEndpoint {
        /// The endpoint as given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate file holds no certificate.
    #[error("the certificate file has no usable PEM certificate: {0}")]
    BadCertificate(String),
    /// The HTTP client could not be made.
    #[error("failed to make an HTTP client: {0}")]
    NoClient(String),
}

impl HttpTransport {
    /// A transport to an endpoint; `ca_certificate` is trusted beside the system's certificates.
    ///
    /// # Errors
    /// If the endpoint is no `http` or `https` URL of a host, or the certificate is none.
    pub fn new(endpoint: &str, ca_certificate: Option<&[u8]>) -> Result<Self, EndpointError> {
        install_crypto();
        let endpoint = parse_endpoint(endpoint)?;
        let mut builder = Client::builder()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(Duration::from_secs(5));
        if is_loopback(&endpoint) {
            builder = builder.no_proxy();
        }
        if let Some(pem) = ca_certificate {
            let certificates = Certificate::from_pem_bundle(pem)
                .map_err(|error| EndpointError::BadCertificate(chain(&error)))?;
            if certificates.is_empty() {
                return Err(EndpointError::BadCertificate("none found".to_owned()));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|error| EndpointError::NoClient(chain(&error)))?;
        Ok(Self { client, endpoint })
    }

    /// What a signature and the `Host` header call the endpoint: `127.0.0.1:5000`.
    pub fn authority(&self) -> String {
        let host = self.endpoint.host_str().unwrap_or_default();
        self.endpoint.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The endpoint's host.
    pub fn host(&self) -> &str {
        self.endpoint.host_str().unwrap_or_default()
    }

    /// Whether what is sent goes over TLS.
    pub fn is_encrypted(&self) -> bool {
        self.endpoint.scheme() == "https"
    }

    /// Whether the endpoint is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.endpoint)
    }

    async fn exchange(&self, request: Request, timeout: Duration) -> Result<Response, NoResponse> {
        let deadline = Instant::now() + timeout;
        let request = self.build(request)?;
        let mut response = timeout_at(deadline, self.client.execute(request))
            .await
            .map_err(|_elapsed| NoResponse::TimedOut)?
            .map_err(|error| no_response(&error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let mut body = Vec::new();
        let broken = loop {
            match timeout_at(deadline, response.chunk()).await {
                Err(_elapsed) => break Some(Broken::TooSlow),
                Ok(Err(error)) => break Some(Broken::Cut { reason: chain(&error) }),
                Ok(Ok(None)) => break None,
                Ok(Ok(Some(chunk))) if body.len() + chunk.len() > BODY_LIMIT => {
                    body.truncate(KEPT_OF_TOO_LONG);
                    break Some(Broken::TooLong { limit: BODY_LIMIT });
                }
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            }
        };
        body.shrink_to_fit();
        Ok(Response { status, headers, body, broken })
    }

    fn build(&self, request: Request) -> Result<reqwest::Request, NoResponse> {
        let invalid = |reason: String| NoResponse::Unreachable { reason };
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|error| invalid(error.to_string()))?;
        // Never by joining: a path such as `//other.host/` must not lead to another host.
        let (path, query) = match request.path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (request.path.as_str(), None),
        };
        let mut url = self.endpoint.clone();
        url.set_path(path);
        url.set_query(query);
        let mut builder = self.client.request(method, url).body(request.body);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        builder.build().map_err(|error| invalid(chain(&error)))
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request, timeout: Duration) -> Answer<'_> {
        Box::pin(self.exchange(request, timeout))
    }
}

/// How far a connection comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The name has no address.
    NoAddress,
    /// Nobody takes the connection.
    NobodyListens,
    /// Somebody takes it.
    Connected,
}

/// Tries how far a connection to an endpoint comes, and says nothing on it.
pub async fn reach(endpoint: &str, timeout: Duration) -> Reach {
    let Ok(endpoint) = parse_endpoint(endpoint) else { return Reach::NoAddress };
    let host = endpoint.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let address = (host, endpoint.port_or_known_default().unwrap_or(80));
    let deadline = Instant::now() + timeout;
    let Ok(Ok(mut addresses)) = timeout_at(deadline, lookup_host(address)).await else {
        return Reach::NoAddress;
    };
    if addresses.next().is_none() {
        return Reach::NoAddress;
    }
    match timeout_at(deadline, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Reach::Connected,
        _ => Reach::NobodyListens,
    }
}

fn parse_endpoint(text: &str) -> Result<Url, EndpointError> {
    let error =
        |reason: &str| EndpointError::NotAnEndpoint { text: without_user(text), reason: reason.to_owned() };
    let url = Url::parse(text).map_err(|parse_error| error(&parse_error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(error("neither http nor https"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(error("no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(error("a user name or password in it would end up in reports"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(error("a query or fragment has no meaning here"));
    }
    Ok(url)
}

/// The text without what may be a password.
fn without_user(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + "://".len());
    match text.rfind('@') {
        Some(at) if start < at => format!("{}…{}", &text[..start], &text[at..]),
        _ => text.to_owned(),
    }
}

fn is_loopback(endpoint: &Url) -> bool {
    let host = endpoint.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn no_response(error: &reqwest::Error) -> NoResponse {
    let reason = chain(error);
    if error.is_connect() { NoResponse::Unreachable { reason } } else { NoResponse::Closed { reason } }
}

/// The innermost cause of an error, which is the one that says what happened.
fn chain(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

pub(super) fn install_crypto() {
    static ONCE: Once = Once::new();
    // A second installation, by the program that uses this library, is as good.
    ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}
