//! The target of a command: how it is named, reached and signed for.
//!
//! In: the options that every command with a target shares. Out: a [`Target`] that is ready to be asked. What
//! must stay true: a target that is not on loopback counts as real, whatever it is called.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials as AwsCredentials;
use clap::{Args, ValueEnum};
use ecrspec::client::{Client, HttpTransport, Signer, Transport};
use ecrspec::emulator::{self, Emulator, EmulatorDoor};
use ecrspec::exit::Exit;
use ecrspec::recording::EndpointKind;
use ecrspec::signature::{SignedDoor, Verifier};
use ecrspec::spawn::{Spawned, spawn, without_secrets};
use ecrspec_api::table::Revision;

use crate::cli::Failure;

/// The account of the embedded emulator, unless the user names one.
pub(super) const EMULATOR_ACCOUNT: &str = "123456789012";

/// The options that name a target.
#[derive(Clone, Debug, Args)]
pub(super) struct TargetArguments {
    /// The address of the target [env: `AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL`]
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

    /// The target's account: twelve digits. Without it the target is asked
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Credentials {
    /// Made up, which is what mocks take
    Dummy,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`
    Environment,
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
        let transport = HttpTransport::new(&endpoint, certificate.as_deref()).map_err(Failure::usage)?;
        let may_write = if transport.is_loopback() || arguments.allow_writes {
            Ok(())
        } else {
            Err("it is not on loopback, so it counts as real; --allow-writes allows writing to it".to_owned())
        };
        let authority = transport.authority();
        let kind = if transport.is_loopback() { EndpointKind::Loopback } else { EndpointKind::Host };
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
        let signer = signer(arguments, revision)?;
        let transport = Arc::clone(&self.transport);
        let client = Client::new(transport, &revision.service, signer, self.authority.clone(), timeout);
        match client.unreachable_because().await {
            None => Ok(client),
            Some(reason) => {
                let output = self.spawned.as_ref().map(Spawned::output).unwrap_or_default();
                let message = format!("{} gives no answer: {reason}{output}", self.name());
                Err(Failure { exit: Exit::Unreachable, message })
            }
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

pub(super) fn signer(arguments: &TargetArguments, revision: &Revision) -> Result<Signer, Failure> {
    let service = revision.service.signing_name;
    match arguments.credentials {
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
