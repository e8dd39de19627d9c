//! Signature Version 4.
//!
//! In: credentials and a request. Out: the headers that sign it. The algorithm is `aws-sigv4`'s.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use crate::case::format::SignatureFault;
use crate::exchange::Request;

/// Headers of a signature and of what it was made for, which go when a request is signed again.
const REPLACED: [&str; 7] = [
    "authorization",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "host",
    "content-length",
    "connection",
];

/// Longer than the clocks may lie apart.
const LONG_AGO: Duration = Duration::from_hours(1);

/// Signs requests for one service in one region.
pub struct Signer {
    credentials: Credentials,
    region: String,
    service: String,
}

/// Why a request could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("failed to sign the request: {0}")]
pub struct SigningError(String);

/// The signer without its secrets.
impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Signer")
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer with made-up credentials, which is what mocks take.
    pub fn with_dummy_credentials(region: &str, service: &str) -> Self {
        Self::new(Credentials::from_keys("test", "test", None), region, service)
    }

    /// A signer with these credentials.
    pub fn new(credentials: Credentials, region: &str, service: &str) -> Self {
        Self { credentials, region: region.to_owned(), service: service.to_owned() }
    }

    /// A request signed again, for `authority`, wrongly in one thing if `fault` says so: without the signature
    /// and the host that it came with.
    ///
    /// # Errors
    /// If the request is no valid HTTP request.
    pub fn sign_again(
        &self,
        mut request: Request,
        authority: &str,
        now: SystemTime,
        fault: Option<SignatureFault>,
    ) -> Result<Request, SigningError> {
        request.headers.retain(|(name, _)| !REPLACED.contains(&name.to_ascii_lowercase().as_str()));
        let signature = match fault {
            None => self.sign(&request, authority, now)?,
            Some(fault) => self.sign_wrongly(&request, authority, now, fault)?,
        };
        request.headers.extend(signature);
        Ok(request)
    }

    /// The headers of a signature that is wrong in one thing.
    ///
    /// # Errors
    /// If the request is no valid HTTP request.
    pub fn sign_wrongly(
        &self,
        request: &Request,
        authority: &str,
        now: SystemTime,
        fault: SignatureFault,
    ) -> Result<Vec<(String, String)>, SigningError> {
        let other = |region: &str, service: &str| Self::new(self.credentials.clone(), region, service);
        let other_region = if self.region == "us-west-2" { "us-east-1" } else { "us-west-2" };
        let changed = |change: fn(&str) -> String| {
            let mut headers = self.sign(request, authority, now)?;
            for (_, value) in
                headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            {
                *value = change(value);
            }
            Ok(headers)
        };
        match fault {
            SignatureFault::Absent => Ok(Vec::new()),
            SignatureFault::Malformed => {
                changed(|value| value.split(", Signature=").next().unwrap_or_default().to_owned())
            }
            SignatureFault::Expired => self.sign(request, authority, now - LONG_AGO),
            SignatureFault::Tampered => changed(|value| {
                let end = if value.ends_with('0') { '1' } else { '0' };
                value.chars().take(value.chars().count().saturating_sub(1)).chain([end]).collect()
            }),
            SignatureFault::WrongRegion => other(other_region, &self.service).sign(request, authority, now),
            SignatureFault::WrongService => other(&self.region, "sts").sign(request, authority, now),
            SignatureFault::UnknownKey => {
                let unknown = Credentials::from_keys("AKIA7777777777777777", "unknown", None);
                Self::new(unknown, &self.region, &self.service).sign(request, authority, now)
            }
        }
    }

    /// The headers that sign a request to `authority`, the payload's hash included.
    ///
    /// # Errors
    /// If the request is no valid HTTP request.
    pub fn sign(
        &self,
        request: &Request,
        authority: &str,
        now: SystemTime,
    ) -> Result<Vec<(String, String)>, SigningError> {
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.expires_in = None::<Duration>;
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(now)
            .settings(settings)
            .build()
            .map_err(|error| SigningError(error.to_string()))?
            .into();
        let host = [("host", authority)];
        let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signable = SignableRequest::new(
            &request.method,
            format!("http://{authority}{}", request.path),
            host.into_iter().chain(headers),
            SignableBody::Bytes(&request.body),
        )
        .map_err(|error| SigningError(error.to_string()))?;
        let (instructions, _signature) =
            sign(signable, &parameters).map_err(|error| SigningError(error.to_string()))?.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}
