//! Signature Version 4, checked: what an endpoint does with the signature of a request.
//!
//! In: a request, the key that it may be signed with, and the time. Out: whether it is signed as it must be, or
//! the error that AWS answers. What must stay true: pure; written from the algorithm's description and without
//! the crate that signs, so that each can judge the other; a secret is in no text.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ecrspec_api::Document;
use ecrspec_api::table::Service;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::client::{Answer, Transport, Wait};
use crate::exchange::{Request, Response};

/// How far the clocks may lie apart.
const SKEW: Duration = Duration::from_mins(15);

/// The algorithm's name, as a header begins with it.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Checks signatures for one service in one region.
#[derive(Clone)]
pub struct Verifier {
    access_key_id: String,
    secret: String,
    region: String,
    service: String,
    /// The host that a request without a `Host` header was signed for: one that came through no socket.
    host: String,
    blindness: Blindness,
}

/// What a verifier does not look at: nothing, but in a mutant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Blindness {
    /// Nothing.
    #[default]
    Nothing,
    /// Whether there is a signature.
    Absence,
    /// Whose key it is.
    Key,
    /// When it was made.
    Time,
    /// The names that its errors have: they are those of other services.
    Names,
    /// The texts that its errors have.
    Texts,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It has no signature.
    #[error("Missing Authentication Token")]
    Absent,
    /// The signature lacks a part.
    #[error("Authorization header requires '{0}' parameter.")]
    Incomplete(&'static str),
    /// It is signed with a key that nobody knows.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// It was signed too long ago.
    #[error("Signature expired: {signed} is now earlier than {earliest} ({now} - 15 min.)")]
    Expired {
        /// When it was signed.
        signed: String,
        /// When it must have been signed at the earliest.
        earliest: String,
        /// The time now.
        now: String,
    },
    /// It was signed in the future.
    #[error("Signature not yet current: {signed} is still later than {latest} ({now} + 15 min.)")]
    TooEarly {
        /// When it was signed.
        signed: String,
        /// When it must have been signed at the latest.
        latest: String,
        /// The time now.
        now: String,
    },
    /// It is signed for another service, region or day.
    #[error("Credential should be scoped to a valid {0}.")]
    WrongScope(&'static str),
    /// The request is not the one that was signed.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    )]
    DoesNotMatch,
}

impl Refused {
    /// The error's name on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            _ => "InvalidSignatureException",
        }
    }
}

/// The verifier without its secret.
impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Verifier");
        shown.field("region", &self.region).field("service", &self.service).finish_non_exhaustive()
    }
}

/// What an `Authorization` header says.
struct Authorization<'a> {
    access_key_id: &'a str,
    /// The day, the region, the service and the end of the scope.
    scope: [&'a str; 4],
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl Verifier {
    /// A verifier of one key.
    pub fn new(access_key_id: &str, secret: &str, region: &str, service: &str) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            secret: secret.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            host: "localhost".to_owned(),
            blindness: Blindness::Nothing,
        }
    }

    /// A verifier of the key that [`Signer::with_dummy_credentials`](crate::client::Signer) signs with.
    pub fn of_dummy_credentials(region: &str, service: &str) -> Self {
        Self::new("test", "test", region, service)
    }

    pub(crate) fn blind(mut self, blindness: Blindness) -> Self {
        self.blindness = blindness;
        self
    }

    /// Whether a request that came at `now` is signed as it must be.
    ///
    /// # Errors
    /// The first thing that is wrong with its signature.
    pub fn check(&self, request: &Request, now: SystemTime) -> Result<(), Refused> {
        let header = request.header("authorization").map(str::trim).filter(|header| !header.is_empty());
        let Some(header) = header else {
            return if self.blindness == Blindness::Absence { Ok(()) } else { Err(Refused::Absent) };
        };
        let authorization = Authorization::read(header)?;
        let date = request.header("x-amz-date").ok_or(Refused::Incomplete("X-Amz-Date"))?;
        let signed = seconds_of(date).ok_or(Refused::Incomplete("X-Amz-Date"))?;
        if authorization.access_key_id != self.access_key_id {
            return if self.blindness == Blindness::Key { Ok(()) } else { Err(Refused::UnknownKey) };
        }
        self.check_scope(&authorization, date)?;
        self.check_time(date, signed, now)?;
        // `Host` and everything that AWS reads must be part of what was signed.
        let must_be_signed = |name: &str| name == "host" || name.starts_with("x-amz-");
        let unsigned = request.headers.iter().any(|(name, _)| {
            let name = name.to_ascii_lowercase();
            must_be_signed(&name) && !authorization.signed_headers.contains(&name.as_str())
        });
        if unsigned || !authorization.signed_headers.contains(&"host") {
            return Err(Refused::DoesNotMatch);
        }
        let payload = hexadecimal(&Sha256::digest(&request.body));
        let told = request.header("x-amz-content-sha256").unwrap_or(&payload);
        let expected = self.signature(request, &authorization, date, told);
        if told != payload || expected != authorization.signature {
            return Err(Refused::DoesNotMatch);
        }
        Ok(())
    }

    fn check_scope(&self, authorization: &Authorization<'_>, date: &str) -> Result<(), Refused> {
        let [day, region, service, end] = authorization.scope;
        if region != self.region {
            Err(Refused::WrongScope("region"))
        } else if service != self.service {
            Err(Refused::WrongScope("service"))
        } else if end != "aws4_request" {
            Err(Refused::WrongScope("terminator"))
        } else if !date.starts_with(day) || day.len() != 8 {
            Err(Refused::WrongScope("date"))
        } else {
            Ok(())
        }
    }

    fn check_time(&self, date: &str, signed: i64, now: SystemTime) -> Result<(), Refused> {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = i64::try_from(seconds).unwrap_or(i64::MAX);
        let skew = i64::try_from(SKEW.as_secs()).unwrap_or(i64::MAX);
        if self.blindness == Blindness::Time {
            Ok(())
        } else if signed < now - skew {
            let (earliest, now) = (date_of(now - skew), date_of(now));
            Err(Refused::Expired { signed: date.to_owned(), earliest, now })
        } else if signed > now + skew {
            let (latest, now) = (date_of(now + skew), date_of(now));
            Err(Refused::TooEarly { signed: date.to_owned(), latest, now })
        } else {
            Ok(())
        }
    }

    /// The signature that the request must have.
    fn signature(
        &self,
        request: &Request,
        authorization: &Authorization<'_>,
        date: &str,
        payload: &str,
    ) -> String {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let mut parameters: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
        parameters.sort_unstable();
        let path = canonical_path(path);
        let mut canonical = format!("{}\n{path}\n{}\n", request.method, parameters.join("&"));
        for name in &authorization.signed_headers {
            let values: Vec<String> = request
                .headers
                .iter()
                .filter(|(header, _)| header.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            let value = match (values.is_empty(), *name) {
                (true, "host") => self.host.clone(),
                _ => values.join(","),
            };
            canonical.extend([name, ":", &value, "\n"]);
        }
        canonical.extend(["\n", &authorization.signed_headers.join(";"), "\n", payload]);
        let digest = hexadecimal(&Sha256::digest(canonical.as_bytes()));
        let to_sign = format!("{ALGORITHM}\n{date}\n{}\n{digest}", authorization.scope.join("/"));
        let key = authorization
            .scope
            .iter()
            .fold(format!("AWS4{}", self.secret).into_bytes(), |key, part| mac(&key, part.as_bytes()));
        hexadecimal(&mac(&key, to_sign.as_bytes()))
    }

    /// What a refused request is answered with.
    fn refusal(&self, refused: &Refused, service: &Service) -> Response {
        // Services with the query protocol say it in this way.
        let (code, said) = match self.blindness {
            Blindness::Names => ("SignatureDoesNotMatch", refused.to_string()),
            Blindness::Texts => (refused.code(), "The request is not signed.".to_owned()),
            _ => (refused.code(), refused.to_string()),
        };
        let text = |text: &str| Document::String(text.to_owned());
        let members = vec![("__type".to_owned(), text(code)), ("message".to_owned(), text(&said))];
        let body = Document::Object(members).to_string().into_bytes();
        let headers = vec![
            ("content-type".to_owned(), service.content_type.to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ];
        Response { status: 400, headers, body, broken: None }
    }
}

impl<'a> Authorization<'a> {
    fn read(header: &'a str) -> Result<Self, Refused> {
        let parts = header.strip_prefix(ALGORITHM).ok_or(Refused::Incomplete("Credential"))?;
        let part = |name: &'static str| {
            parts
                .split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .filter(|value| !value.is_empty())
                .ok_or(Refused::Incomplete(name))
        };
        let credential: Vec<&str> = part("Credential")?.split('/').collect();
        let [access_key_id, day, region, service, end] = credential[..] else {
            return Err(Refused::Incomplete("Credential"));
        };
        Ok(Self {
            access_key_id,
            scope: [day, region, service, end],
            signed_headers: part("SignedHeaders")?.split(';').collect(),
            signature: part("Signature")?,
        })
    }
}

/// A transport that lets through what is signed as it must be.
pub struct SignedDoor {
    inner: Arc<dyn Transport>,
    verifier: Verifier,
    service: &'static Service,
}

impl SignedDoor {
    /// A door to `inner`, which is an endpoint of that service.
    pub fn new(inner: Arc<dyn Transport>, verifier: Verifier, service: &'static Service) -> Self {
        Self { inner, verifier, service }
    }
}

impl Transport for SignedDoor {
    fn send(&self, request: Request, timeout: Duration) -> Answer<'_> {
        match self.verifier.refuse(&request, self.inner.now(), self.service) {
            None => self.inner.send(request, timeout),
            Some(response) => Box::pin(std::future::ready(Ok(response))),
        }
    }

    fn now(&self) -> SystemTime {
        self.inner.now()
    }

    fn wait(&self, time: Duration) -> Wait<'_> {
        self.inner.wait(time)
    }
}

impl Verifier {
    /// The answer to a request that is not signed as it must be; nothing for one that is.
    pub(crate) fn refuse(&self, request: &Request, now: SystemTime, service: &Service) -> Option<Response> {
        self.check(request, now).err().map(|refused| self.refusal(&refused, service))
    }
}

/// A path without empty and dotted steps, encoded once more than it stands on the wire.
fn canonical_path(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    let mut canonical = format!("/{}", steps.join("/"));
    if path.ends_with('/') && canonical.len() > 1 {
        canonical.push('/');
    }
    canonical.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The seconds of the Unix epoch that `20170416T194251Z` stands for.
fn seconds_of(date: &str) -> Option<i64> {
    let number = |from: usize, to: usize| {
        let digits = date.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    if date.len() != 16 || date.get(8..9) != Some("T") || !date.ends_with('Z') {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let fits =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    fits.then(|| days_before(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// The days from 1970 to a date; the year is taken to begin in March, so that its leap day is its last.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (month, era) = ((month + 9) % 12, year.div_euclid(400));
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Seconds of the Unix epoch as `20170416T194251Z`.
fn date_of(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_it_is_written() {
        for (date, seconds) in [
            ("19700101T000000Z", 0),
            ("20170416T194251Z", 1_492_371_771),
            ("20240229T235959Z", 1_709_251_199),
        ] {
            assert_eq!(seconds_of(date), Some(seconds));
            assert_eq!(date_of(seconds), date);
        }
        for bad in
            ["", "20170416", "20171316T000000Z", "2017041xT000000Z", "20170416T250000Z", "é0170416T19425Z"]
        {
            assert_eq!(seconds_of(bad), None, "{bad}");
        }
    }
}
