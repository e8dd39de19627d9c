//! The target of a command: how it is named, reached and signed for.
//!
//! In: the options that every command with a target shares. Out: a [`Target`] that is ready to be asked. What
//! must stay true: a target that is not on loopback counts as real, whatever it is called.

use std::env;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials as AwsCredentials;
use clap::{Args, ValueEnum};
use ecrspec::client::{
    About, Client, Guard, HttpTransport, Journal, Signer, Transport, ecr_endpoint, find_credentials,
    is_aws_host, state_folder,
};
use ecrspec::emulator::{self, Emulator, EmulatorDoor};
use ecrspec::exit::Exit;
use ecrspec::recording::EndpointKind;
use ecrspec::signature::{SignedDoor, Verifier};
use ecrspec::spawn::{Spawned, spawn, without_secrets};
use ecrspec::world::Seed;
use ecrspec_api::Document;
use ecrspec_api::table::Revision;

use crate::cli::Failure;
use crate::cli::output::say;

/// The account of the embedded emulator, unless the user names one.
pub(super) const EMULATOR_ACCOUNT: &str = "123456789012";

/// The options that name a target.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct TargetArguments {
    /// The address of the target, or `aws` for ECR itself in the region [env: `AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL`]
    #[arg(long, value_name = "URL", help_heading = "Target", conflicts_with = "spawn")]
    pub(super) endpoint: Option<String>,

    /// Take the embedded emulator, whatever the environment says.
    #[arg(skip)]
    pub(super) embedded: bool,

    /// Start the target, wait for its first HTTP answer, and end it afterwards
    ///
    /// The line is taken apart into words without a shell. Leading NAME=value words set the environment;
    /// `{port}` becomes a free port on loopback.
    #[arg(long, value_name = "LINE", help_heading = "Target")]
    pub(super) spawn: Option<String>,

    /// How long a started target may take to answer
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Target")]
    pub(super) spawn_wait: u64,

    /// The region that requests are signed for
    #[arg(long, default_value = "us-east-1", env = "AWS_REGION", help_heading = "Target")]
    pub(super) region: String,

    /// The target's account: twelve digits. Without it the target is asked; to write to a real one it must be
    /// given, or confirmed on the terminal
    #[arg(long, value_name = "DIGITS", value_parser = account, help_heading = "Target")]
    pub(super) account: Option<String>,

    /// A PEM file with certificates to trust beside the system's
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub(super) ca_cert: Option<PathBuf>,

    /// The credentials to sign with
    #[arg(long, value_enum, default_value_t = Credentials::Dummy, help_heading = "Target")]
    pub(super) credentials: Credentials,

    /// Allow the run to make and remove repositories on a target that is not on loopback
    #[arg(long, help_heading = "Target")]
    pub(super) allow_writes: bool,

    /// With `--endpoint aws`: the address that is validated for FIPS 140
    #[arg(long, help_heading = "Target")]
    pub(super) fips: bool,

    /// With `--endpoint aws`: the address that answers over IPv6 too
    #[arg(long, help_heading = "Target")]
    pub(super) dual_stack: bool,

    /// Refuse to send anything to AWS
    #[arg(long, help_heading = "Target")]
    pub(super) not_aws: bool,

    /// The profile of the AWS configuration to take credentials from
    #[arg(long, value_name = "NAME", help_heading = "Target")]
    pub(super) profile: Option<String>,

    /// Make names and image bytes up from this number, the same ones again; on loopback only
    #[arg(long, value_name = "NUMBER", help_heading = "Target")]
    pub(super) seed: Option<u64>,

    /// The most requests that are sent; 10,000 unless the target is on loopback
    #[arg(long, value_name = "COUNT", help_heading = "Target")]
    pub(super) max_calls: Option<u64>,
}

/// The most requests to a target that counts as real, unless the user says otherwise.
const MOST_REAL_CALLS: u64 = 10_000;

/// What stands for ECR itself where an address is due.
const AWS: &str = "aws";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Credentials {
    /// Made up, which is what mocks take
    Dummy,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`
    Environment,
    /// As the AWS tools find them: environment, profile, SSO, web identity, program, container, instance
    Chain,
}

/// Whether requests are signed with real credentials.
pub(super) fn signs(arguments: &TargetArguments) -> bool {
    arguments.credentials != Credentials::Dummy || arguments.endpoint.as_deref() == Some(AWS)
}

impl TargetArguments {
    /// What the made-up names follow from.
    pub(super) fn seed(&self) -> Seed {
        self.seed.map_or_else(Seed::default, Seed::fixed)
    }
}

/// A target that is ready to be asked.
pub(super) struct Target {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) authority: String,
    /// Its address; nothing for the embedded emulator.
    pub(super) endpoint: Option<String>,
    /// What is known of where it is.
    pub(super) kind: EndpointKind,
    pub(super) may_write: Result<(), String>,
    pub(super) spawned: Option<Spawned>,
}

impl Target {
    pub(super) async fn open(
        arguments: &TargetArguments,
        revision: &'static Revision,
    ) -> Result<Self, Failure> {
        let certificate = arguments
            .ca_cert
            .as_ref()
            .map(|file| {
                fs::read(file)
                    .map_err(|error| Failure::usage(format!("failed to read {}: {error}", file.display())))
            })
            .transpose()?;
        if arguments.embedded {
            return Ok(Self::embedded(arguments, revision));
        }
        let spawned = match &arguments.spawn {
            Some(line) => Some(
                spawn(line, Duration::from_secs(arguments.spawn_wait))
                    .await
                    .map_err(|error| Failure { exit: spawn_exit(&error), message: error.to_string() })?,
            ),
            None => None,
        };
        let endpoint = spawned
            .as_ref()
            .map(|spawned| spawned.endpoint().to_owned())
            .or_else(|| arguments.endpoint.clone())
            .or_else(|| from_environment(&["AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"]));
        let Some(endpoint) = endpoint else { return Ok(Self::embedded(arguments, revision)) };
        let endpoint = if endpoint == AWS {
            ecr_endpoint(&arguments.region, arguments.fips, arguments.dual_stack).map_err(Failure::usage)?
        } else {
            endpoint
        };
        let transport = HttpTransport::new(&endpoint, certificate.as_deref()).map_err(Failure::usage)?;
        if arguments.not_aws && is_aws_host(transport.host()) {
            return Err(Failure::usage(format!("{endpoint} is AWS, and --not-aws forbids it")));
        }
        let may_write = if transport.is_loopback() || arguments.allow_writes {
            Ok(())
        } else {
            Err("it is not on loopback, so it counts as real; --allow-writes allows writing to it".to_owned())
        };
        if arguments.seed.is_some() && !transport.is_loopback() {
            return Err(Failure::usage(format!(
                "{endpoint} is not on loopback: --seed makes the same names again, and there nobody else may have them"
            )));
        }
        let authority = transport.authority();
        // Anything in between could answer in AWS's place.
        let proxied = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let is_direct =
            transport.is_encrypted() && certificate.is_none() && from_environment(&proxied).is_none();
        let kind = if transport.is_loopback() {
            EndpointKind::Loopback
        } else if is_direct && is_aws_host(transport.host()) {
            EndpointKind::Aws
        } else {
            EndpointKind::Host
        };
        let transport = Arc::new(transport);
        Ok(Self { transport, authority, endpoint: Some(endpoint), kind, may_write, spawned })
    }

    fn embedded(arguments: &TargetArguments, revision: &'static Revision) -> Self {
        let account = arguments.account.clone().unwrap_or_else(|| EMULATOR_ACCOUNT.to_owned());
        let settings = emulator::Settings {
            account,
            region: arguments.region.clone(),
            ..emulator::Settings::new(revision)
        };
        let service = &revision.service;
        let verifier = Verifier::of_dummy_credentials(&arguments.region, service.signing_name);
        let mut door: Arc<dyn Transport> = Arc::new(EmulatorDoor::new(Emulator::new(settings)));
        // Of credentials that are not made up it knows nothing.
        if arguments.credentials == Credentials::Dummy {
            door = Arc::new(SignedDoor::new(door, verifier, service));
        }
        Self {
            transport: door,
            authority: "localhost".to_owned(),
            endpoint: None,
            kind: EndpointKind::Emulator,
            may_write: Ok(()),
            spawned: None,
        }
    }

    pub(super) fn name(&self) -> &str {
        self.endpoint.as_deref().unwrap_or("the embedded emulator")
    }

    /// A client of the target, once that has given an answer.
    pub(super) async fn client(
        &self,
        arguments: &TargetArguments,
        revision: &'static Revision,
        timeout: Duration,
    ) -> Result<Client, Failure> {
        let signer = signer(arguments, revision).await?;
        let transport = Arc::clone(&self.transport);
        let mut client = Client::new(transport, &revision.service, signer, self.authority.clone(), timeout);
        match client.unreachable_because().await {
            None => {
                let writes_to_real = self.is_real() && self.may_write.is_ok();
                let account =
                    if writes_to_real { Some(self.confirm(arguments, &client).await?) } else { None };
                if let Some(guard) = self.guard(arguments, account)? {
                    client = client.with_guard(guard);
                }
                Ok(client)
            }
            Some(reason) => {
                let output = self.spawned.as_ref().map(Spawned::output).unwrap_or_default();
                let message = format!("{} gives no answer: {reason}{output}", self.name());
                Err(Failure { exit: Exit::Unreachable, message })
            }
        }
    }

    /// Whether the target counts as real.
    fn is_real(&self) -> bool {
        matches!(self.kind, EndpointKind::Host | EndpointKind::Aws)
    }

    /// What may be sent, with the journal of what is made.
    fn guard(&self, arguments: &TargetArguments, account: Option<String>) -> Result<Option<Guard>, Failure> {
        let Some(endpoint) = &self.endpoint else { return Ok(None) };
        let (real, may_write) = (self.is_real(), self.may_write.is_ok());
        let most = arguments.max_calls.unwrap_or(if real { MOST_REAL_CALLS } else { u64::MAX });
        let prefix = arguments.seed().prefix();
        let guard = if real { Guard::strict(&prefix, may_write, most) } else { Guard::lax(&prefix, most) };
        if !may_write {
            return Ok(Some(guard));
        }
        let mut about = About::new(endpoint, &arguments.region, &prefix);
        about.account = account;
        let begun = state_folder()
            .ok_or_else(|| io::Error::other("neither ECRSPEC_STATE_DIR nor HOME is set"))
            .and_then(|folder| Journal::begin(&folder, &about));
        match begun {
            Ok(journal) => Ok(Some(guard.noting_in(journal))),
            Err(error) if real => Err(Failure::usage(format!(
                "nothing is written to a real target without a journal, and there is none: {error}"
            ))),
            // A mock's state is gone with the mock.
            Err(error) => {
                say(&format!("warning: a killed run can't be swept up, for there is no journal: {error}"));
                Ok(Some(guard))
            }
        }
    }

    /// The account that is about to be written to, once it is sure that it is the one that the user means.
    async fn confirm(&self, arguments: &TargetArguments, client: &Client) -> Result<String, Failure> {
        let exchange = client.call("DescribeRegistry", b"{}".to_vec()).await;
        let answer = exchange.outcome.ok().and_then(|response| Document::parse(&response.body).ok());
        let told = answer.as_ref().and_then(|answer| answer.get("registryId")).and_then(Document::as_str);
        let Some(told) = told else {
            return Err(Failure::usage(format!("{} does not say whose registry it is", self.name())));
        };
        match &arguments.account {
            Some(account) if account == told => Ok(told.to_owned()),
            Some(_) => Err(Failure::usage(format!(
                "{} is the registry of another account than --account says; nothing was written",
                self.name()
            ))),
            None if io::stdin().is_terminal() && io::stderr().is_terminal() => {
                say(&format!(
                    "{} is the registry of account {told}. Repositories named {}… will be made and removed there.\n\
                     Type the account to go on:",
                    self.name(),
                    arguments.seed().prefix()
                ));
                let mut line = String::new();
                io::stdin().read_line(&mut line).map_err(Failure::usage)?;
                if line.trim() == told {
                    return Ok(told.to_owned());
                }
                Err(Failure::usage("the account was not confirmed; nothing was written"))
            }
            None => Err(Failure::usage(
                "writing to a target that is not on loopback needs --account, the account that it must be",
            )),
        }
    }

    /// Ends what was started.
    pub(super) async fn end(self) {
        if let Some(spawned) = self.spawned {
            spawned.end().await;
        }
    }
}

fn spawn_exit(error: &ecrspec::spawn::SpawnError) -> Exit {
    use ecrspec::spawn::SpawnError;

    match error {
        SpawnError::BadLine { .. } => Exit::Usage,
        SpawnError::NotStarted { .. }
        | SpawnError::NoPort(_)
        | SpawnError::Ended { .. }
        | SpawnError::Silent { .. } => Exit::Unreachable,
    }
}

pub(super) async fn signer(arguments: &TargetArguments, revision: &Revision) -> Result<Signer, Failure> {
    let service = revision.service.signing_name;
    match arguments.credentials {
        Credentials::Dummy if signs(arguments) => chain(arguments, service).await,
        Credentials::Chain => chain(arguments, service).await,
        Credentials::Dummy => Ok(Signer::with_dummy_credentials(&arguments.region, service)),
        Credentials::Environment => {
            let required = |name: &str| {
                from_environment(&[name]).ok_or_else(|| {
                    Failure::usage(format!("--credentials environment needs {name}, which is not set"))
                })
            };
            let credentials = AwsCredentials::from_keys(
                required("AWS_ACCESS_KEY_ID")?,
                required("AWS_SECRET_ACCESS_KEY")?,
                from_environment(&["AWS_SESSION_TOKEN"]),
            );
            Ok(Signer::new(credentials, &arguments.region, service))
        }
    }
}

async fn chain(arguments: &TargetArguments, service: &str) -> Result<Signer, Failure> {
    let credentials = find_credentials(arguments.profile.as_deref()).await.map_err(Failure::usage)?;
    Ok(Signer::new(credentials, &arguments.region, service))
}

pub(super) fn from_environment(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The words with which this target is named again, without the leave to write to it.
pub(super) fn words(arguments: &TargetArguments) -> Vec<String> {
    let mut words = Vec::new();
    let endpoint = arguments
        .endpoint
        .clone()
        .or_else(|| from_environment(&["AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"]));
    match (&arguments.spawn, endpoint) {
        (Some(line), _) => {
            words.extend(["--spawn".to_owned(), shell_words::quote(&without_secrets(line)).into_owned()]);
        }
        (None, Some(endpoint)) => words.extend(["--endpoint".to_owned(), endpoint]),
        (None, None) => {}
    }
    if let Some(seed) = arguments.seed {
        words.extend(["--seed".to_owned(), seed.to_string()]);
    }
    if let Some(account) = &arguments.account {
        words.extend(["--account".to_owned(), account.clone()]);
    }
    words
}

pub(super) fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account has twelve digits".to_owned())
    }
}
