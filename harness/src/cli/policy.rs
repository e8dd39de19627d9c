//! `ecrspec policy`

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use ecrspec::exit::Exit;
use serde_json::json;

use crate::cli::arguments::Api;
use crate::cli::output::print;
use crate::cli::target::account;
use crate::cli::{Failure, case};

/// What making and removing worlds takes.
const OF_WORLDS: [&str; 7] = [
    "BatchCheckLayerAvailability",
    "CompleteLayerUpload",
    "CreateRepository",
    "DeleteRepository",
    "InitiateLayerUpload",
    "PutImage",
    "UploadLayerPart",
];

#[derive(Debug, Args)]
pub(super) struct PolicyArguments {
    #[command(flatten)]
    pub(super) api: Api,

    /// For these cases only, as with `ecrspec run`
    #[arg(long, value_name = "ID")]
    pub(super) filter: Vec<String>,

    /// A folder whose `*.json` files are cases too
    #[arg(long, value_name = "DIR")]
    pub(super) cases: Option<PathBuf>,

    /// The account: twelve digits; any without it
    #[arg(long, value_name = "DIGITS", value_parser = account)]
    pub(super) account: Option<String>,

    /// The region
    #[arg(long, default_value = "us-east-1", env = "AWS_REGION")]
    pub(super) region: String,
}

/// Prints the least policy that a run of the chosen cases takes.
pub(super) fn print_policy(arguments: &PolicyArguments) -> Result<Exit, Failure> {
    let revision = arguments.api.revision;
    let suite = case::selected(revision, arguments.cases.as_deref(), &arguments.filter)?;
    let known = |operation: &&str| revision.operation(operation).is_some();
    let mut operations: BTreeSet<&str> = suite
        .cases
        .iter()
        .flat_map(|case| &case.steps)
        .map(|step| step.send.operation.as_str())
        .filter(known)
        .collect();
    if suite.cases.iter().any(|case| case.world.is_some()) {
        operations.extend(OF_WORLDS);
    }
    // It names no repository, so that it can be allowed for all only.
    operations.remove("DescribeRegistry");
    let partition = match arguments.region.as_str() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let account = arguments.account.as_deref().unwrap_or("*");
    let actions: Vec<String> = operations.iter().map(|operation| format!("ecr:{operation}")).collect();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Repositories",
                "Effect": "Allow",
                "Action": actions,
                "Resource": format!("arn:{partition}:ecr:{}:{account}:repository/*", arguments.region),
            },
            {"Sid": "WhoseRegistryItIs", "Effect": "Allow", "Action": "ecr:DescribeRegistry", "Resource": "*"},
        ],
    });
    print(&format!("{policy:#}\n"))?;
    Ok(Exit::Conforms)
}
