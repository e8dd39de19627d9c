//! The operations on repositories, and on the registry as a whole.
//!
//! In: checked calls. Out: repositories as they are, as they came to be, or as they were.
//! What must stay true: a repository that holds images goes only by force.

use ecrspec_api::Document;

use super::error::Error;
use super::instant::epoch_seconds;
use super::projection::{object, text};
use super::registry::{Registry, Repository};
use super::wire::Call;

/// `CreateRepository`
pub(super) fn create(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let fields = call.fields();
    let tags_are_immutable = match fields.text("imageTagMutability") {
        None | Some("MUTABLE") => false,
        Some("IMMUTABLE") => true,
        Some(other) => {
            let message = format!("The imageTagMutability '{other}' is not supported here.");
            return Err(Error::InvalidParameter { message });
        }
    };
    let name = fields.required("repositoryName")?;
    registry.create(name, tags_are_immutable, call.now)?;
    Ok(object([("repository", describe(registry, registry.repository(call)?))]))
}

/// `DeleteRepository`
pub(super) fn delete(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let repository = registry.repository(call)?;
    if !repository.is_empty() && !call.fields().flag("force") {
        return Err(Error::RepositoryNotEmpty { repository: repository.name.clone() });
    }
    let answer = object([("repository", describe(registry, repository))]);
    registry.remove(call.fields().required("repositoryName")?);
    Ok(answer)
}

/// `DescribeRegistry`
#[expect(clippy::unnecessary_wraps, reason = "has the form of every operation")]
pub(super) fn describe_registry(registry: &mut Registry, _: &Call) -> Result<Document, Error> {
    let no_rules = object([("rules", Document::Array(Vec::new()))]);
    Ok(object([("registryId", text(&registry.account)), ("replicationConfiguration", no_rules)]))
}

fn describe(registry: &Registry, repository: &Repository) -> Document {
    let Registry { account, region, .. } = registry;
    let name = &repository.name;
    let mutability = if repository.tags_are_immutable { "IMMUTABLE" } else { "MUTABLE" };
    object([
        ("createdAt", Document::Number(epoch_seconds(repository.created))),
        ("encryptionConfiguration", object([("encryptionType", text("AES256"))])),
        ("imageScanningConfiguration", object([("scanOnPush", Document::Boolean(false))])),
        ("imageTagMutability", text(mutability)),
        ("registryId", text(account)),
        ("repositoryArn", text(&registry.arn(account, name))),
        ("repositoryName", text(name)),
        ("repositoryUri", text(&format!("{account}.dkr.ecr.{region}.amazonaws.com/{name}"))),
    ])
}
