//! `ecrspec doctor`

use std::sync::Arc;
use std::time::Duration;

use ecrspec::client::{Client, Reach, reach};
use ecrspec::doctor::{Cause, Diagnosis, diagnose};
use ecrspec::exit::Exit;
use serde_json::json;

use crate::cli::Failure;
use crate::cli::arguments::DoctorArguments;
use crate::cli::output::print;
use crate::cli::target::{Target, signer, words};

pub(super) const EXAMPLES: &str = "\
Examples:
  ecrspec doctor --endpoint http://127.0.0.1:5000
  ecrspec doctor --endpoint https://api.ecr.us-east-1.amazonaws.com --credentials environment

Exit codes:
  0    it answers as an ECR does
  1    authentication, routing or shape: something answers, and it is not yet an ECR that can be judged
  2    bad usage
  3    dns, tcp, tls, silence, cut or throttling: no whole answer comes";

/// Asks a target once and says what is wrong.
pub(super) async fn examine(arguments: DoctorArguments) -> Result<Exit, Failure> {
    let revision = arguments.api.revision;
    let Some(operation) = revision.operation("DescribeImages") else {
        return Err(Failure { exit: Exit::SuiteFault, message: "the API has no DescribeImages".to_owned() });
    };
    let timeout = Duration::from_secs(arguments.timeout);
    let target = Target::open(&arguments.target, revision).await?;
    let signer = signer(&arguments.target, revision).await?;
    let transport = Arc::clone(&target.transport);
    let client = Client::new(transport, &revision.service, signer, target.authority.clone(), timeout);
    let absent = arguments.target.seed().random("doctor").absent_repository();
    let exchange =
        client.call("DescribeImages", json!({"repositoryName": absent}).to_string().into_bytes()).await;
    let reached = match &target.endpoint {
        Some(endpoint) if exchange.outcome.is_err() => reach(endpoint, timeout).await,
        _ => Reach::Connected,
    };
    let is_tls = target.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("https:"));
    let Diagnosis { cause, what, next } = diagnose(&exchange, reached, is_tls, operation);
    let again = words(&arguments.target).join(" ");
    let next = match cause {
        Cause::Healthy => format!("ecrspec run {again}").trim_end().to_owned(),
        _ => next.to_owned(),
    };
    let text = format!(
        "{}: {}\n  {:<7} {}\n  {:<7} {what}\n  {:<7} {next}\n",
        target.name(),
        cause.name(),
        "means",
        cause.sentence(),
        "came",
        "next"
    );
    target.end().await;
    print(&text)?;
    Ok(match cause {
        Cause::Healthy => Exit::Conforms,
        Cause::Authentication | Cause::Routing | Cause::Shape => Exit::DoesNotConform,
        Cause::Dns | Cause::Tcp | Cause::Tls | Cause::Silence | Cause::Cut | Cause::Throttling => {
            Exit::Unreachable
        }
    })
}
