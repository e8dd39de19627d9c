//! AWS itself: its hosts, and the credentials that it takes.
//!
//! In: a region and the user's configuration. Out: the address of ECR there, whether a host is AWS's, and
//! credentials. What must stay true: the table of hosts is compiled in, and nothing else makes a host AWS.

use std::fmt;

use aws_credential_types::Credentials;
use bytes::Bytes;
use reqsign_aws_core::DefaultCredentialProvider;
use reqsign_command_execute_tokio::TokioCommandExecute;
use reqsign_core::{Context, ErrorKind, HttpSend, OsEnv, ProvideCredential as _};
use reqsign_file_read_tokio::TokioFileRead;

/// A partition: the beginning of its regions' names, and the ends of its hosts, over IPv4 and over both.
struct Partition {
    region_starts: &'static [&'static str],
    suffix: &'static str,
    dual_stack_suffix: Option<&'static str>,
    has_fips: bool,
}

/// The partitions of AWS. One whose regions' names begin with nothing else is the last.
const PARTITIONS: [Partition; 6] = [
    Partition {
        region_starts: &["cn-"],
        suffix: "amazonaws.com.cn",
        dual_stack_suffix: Some("api.amazonwebservices.com.cn"),
        has_fips: false,
    },
    Partition {
        region_starts: &["us-gov-"],
        suffix: "amazonaws.com",
        dual_stack_suffix: Some("api.aws"),
        has_fips: true,
    },
    Partition {
        region_starts: &["us-isob-"],
        suffix: "sc2s.sgov.gov",
        dual_stack_suffix: None,
        has_fips: false,
    },
    Partition { region_starts: &["us-iso-"], suffix: "c2s.ic.gov", dual_stack_suffix: None, has_fips: false },
    Partition {
        region_starts: &["eusc-"],
        suffix: "amazonaws.eu",
        dual_stack_suffix: Some("api.amazonwebservices.eu"),
        has_fips: false,
    },
    Partition {
        region_starts: &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"],
        suffix: "amazonaws.com",
        dual_stack_suffix: Some("api.aws"),
        has_fips: true,
    },
];

/// Why there is no address.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoEndpoint {
    /// The region is none that the table knows.
    #[error("`{0}` is no region of AWS; give one such as us-east-1")]
    UnknownRegion(String),
    /// The partition has no such address.
    #[error("the region `{region}` has no {what} address of ECR")]
    NotThere {
        /// The region.
        region: String,
        /// `FIPS` or `dual-stack`.
        what: &'static str,
    },
}

/// The address of ECR in a region.
///
/// ```
/// use ecrspec::client::ecr_endpoint;
///
/// assert_eq!(ecr_endpoint("eu-west-1", false, false).unwrap(), "https://api.ecr.eu-west-1.amazonaws.com");
/// assert_eq!(ecr_endpoint("us-east-1", true, false).unwrap(), "https://ecr-fips.us-east-1.amazonaws.com");
/// assert_eq!(ecr_endpoint("eu-west-1", false, true).unwrap(), "https://ecr.eu-west-1.api.aws");
/// ```
///
/// # Errors
/// If the region is unknown, or its partition has no such address.
pub fn ecr_endpoint(region: &str, fips: bool, dual_stack: bool) -> Result<String, NoEndpoint> {
    let usual =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    let partition = PARTITIONS
        .iter()
        .find(|partition| partition.region_starts.iter().any(|start| region.starts_with(start)))
        .filter(|_| region.chars().all(usual) && region.ends_with(|last: char| last.is_ascii_digit()))
        .ok_or_else(|| NoEndpoint::UnknownRegion(region.to_owned()))?;
    let not_there = |what| NoEndpoint::NotThere { region: region.to_owned(), what };
    if fips && !partition.has_fips {
        return Err(not_there("FIPS"));
    }
    let host = match (fips, dual_stack) {
        (false, false) => format!("api.ecr.{region}.{}", partition.suffix),
        (true, false) => format!("ecr-fips.{region}.{}", partition.suffix),
        (fips, true) => {
            let suffix = partition.dual_stack_suffix.ok_or_else(|| not_there("dual-stack"))?;
            format!("ecr{}.{region}.{suffix}", if fips { "-fips" } else { "" })
        }
    };
    Ok(format!("https://{host}"))
}

/// Whether a host is AWS's by its name.
pub fn is_aws_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let suffixes =
        PARTITIONS.iter().flat_map(|partition| [Some(partition.suffix), partition.dual_stack_suffix]);
    suffixes.flatten().any(|suffix| host.strip_suffix(suffix).is_some_and(|start| start.ends_with('.')))
}

/// Credentials as the AWS tools find them: of the environment, a profile, SSO, a web identity, a program, a
/// container or an instance, in this order.
///
/// # Errors
/// If none are found, or what has them fails; the reason has no secret in it.
pub async fn find_credentials(profile: Option<&str>) -> Result<Credentials, String> {
    let context = Context::new()
        .with_file_read(TokioFileRead)
        .with_command_execute(TokioCommandExecute)
        .with_http_send(Sender::new()?)
        .with_env(OsEnv);
    let mut providers = DefaultCredentialProvider::builder();
    if let Some(profile) = profile {
        providers = providers.with_profile(profile);
    }
    match providers.build().provide_credential(&context).await {
        Ok(Some(found)) => {
            Ok(Credentials::from_keys(found.access_key_id, found.secret_access_key, found.session_token))
        }
        Ok(None) => {
            Err("no credentials were found: neither in the environment nor in a profile, by SSO, a web \
                         identity, a program, a container or an instance"
                .to_owned())
        }
        // What a program or a server said may have a secret in it.
        Err(error) => Err(format!("failed to get credentials ({})", kind(error.kind()))),
    }
}

fn kind(kind: ErrorKind) -> String {
    format!("{kind:?}")
}

/// Sends the requests that getting credentials takes.
struct Sender(reqwest::Client);

impl Sender {
    fn new() -> Result<Self, String> {
        super::http::install_crypto();
        let client = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(10))
            .connect_timeout(std::time::Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none())
            .build();
        client.map(Self).map_err(|error| error.to_string())
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sender")
    }
}

impl HttpSend for Sender {
    async fn http_send(&self, request: http::Request<Bytes>) -> reqsign_core::Result<http::Response<Bytes>> {
        let failed = |error: reqwest::Error| reqsign_core::Error::unexpected(error.without_url().to_string());
        let (head, body) = request.into_parts();
        let response = self
            .0
            .request(head.method, head.uri.to_string())
            .headers(head.headers)
            .body(body)
            .send()
            .await
            .map_err(failed)?;
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        *answer.body_mut() = response.bytes().await.map_err(failed)?;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_aws_by_the_whole_end_of_its_name() {
        for host in [
            "api.ecr.us-east-1.amazonaws.com",
            "ECR.eu-west-1.api.aws.",
            "api.ecr.cn-north-1.amazonaws.com.cn",
        ] {
            assert!(is_aws_host(host), "{host}");
        }
        for host in [
            "amazonaws.com",
            "notamazonaws.com",
            "api.ecr.us-east-1.amazonaws.com.evil.example",
            "localhost",
            "",
        ] {
            assert!(!is_aws_host(host), "{host}");
        }
    }

    #[test]
    fn each_partition_has_its_own_hosts() {
        let endpoint = |region, fips, dual_stack| ecr_endpoint(region, fips, dual_stack);
        let at = |host: &str| Ok(format!("https://{host}"));
        assert_eq!(endpoint("cn-north-1", false, false), at("api.ecr.cn-north-1.amazonaws.com.cn"));
        assert_eq!(endpoint("us-gov-west-1", true, false), at("ecr-fips.us-gov-west-1.amazonaws.com"));
        assert_eq!(endpoint("us-east-1", true, true), at("ecr-fips.us-east-1.api.aws"));
        assert_eq!(endpoint("us-iso-east-1", false, false), at("api.ecr.us-iso-east-1.c2s.ic.gov"));
        assert!(endpoint("us-iso-east-1", false, true).is_err());
        assert!(endpoint("cn-north-1", true, false).is_err());
        for bad in ["", "here", "us-east-1.evil.example", "us-east-1/", "US-EAST-1", "us-east"] {
            assert_eq!(endpoint(bad, false, false), Err(NoEndpoint::UnknownRegion(bad.to_owned())), "{bad}");
        }
    }
}
