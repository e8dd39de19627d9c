//! What a target can do, asked before any case runs.

use std::collections::BTreeMap;

use ecrspec_api::Document;
use serde_json::json;
use tokio::sync::watch;

use crate::case::format::{Capability, HeaderChanges, SignatureFault};
use crate::client::Client;
use crate::verdict::error_identity;
use crate::world::build::{Failure, Left, ask, build, remove, upload_anything};
use crate::world::{Random, Seed};

/// What is known of a target before the first case.
#[derive(Clone, Debug)]
pub struct Target {
    /// The registry's id: the account's twelve digits.
    pub registry_id: String,
    /// For each capability: nothing if the target has it, else what showed that it has not.
    pub capabilities: BTreeMap<Capability, Option<String>>,
    /// What the probe made and could not remove.
    pub left: Vec<Left>,
}

impl Target {
    /// Whether the target has a capability.
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.get(&capability).is_some_and(Option::is_none)
    }
}

/// Finds out what a target can do, by making a repository and a layer in it and removing both. `account` is
/// what the target is said to be; without it, what the target says of itself. Where writing is not allowed
/// nothing is made.
pub async fn probe(
    client: &Client,
    account: Option<&str>,
    may_write: Result<(), String>,
    seed: Seed,
) -> Target {
    let mut random = seed.random("probe");
    let mut capabilities = BTreeMap::new();
    let mut left = Vec::new();
    let mut registry_id = ask(client, "DescribeRegistry", &json!({}))
        .await
        .ok()
        .and_then(|(answer, _)| answer.get("registryId").and_then(Document::as_str).map(str::to_owned));
    let mut lacks = |capability: Capability, reason: Option<String>| {
        capabilities.insert(capability, reason);
    };
    lacks(Capability::Signatures, unlooked_at_signatures(client).await);
    if let Err(reason) = may_write {
        for capability in [Capability::Repositories, Capability::LayerUpload, Capability::PutImage] {
            lacks(capability, Some("not asked, for it takes writing".to_owned()));
        }
        lacks(Capability::Writes, Some(reason));
    } else {
        lacks(Capability::Writes, None);
        let name = random.repository();
        match ask(client, "CreateRepository", &json!({"repositoryName": name})).await {
            Ok((answer, _)) => {
                lacks(Capability::Repositories, None);
                let repository = answer.get("repository").and_then(|repository| repository.get("registryId"));
                registry_id =
                    registry_id.or_else(|| repository.and_then(Document::as_str).map(str::to_owned));
                lacks(Capability::LayerUpload, upload_anything(client, &name, &mut random).await.err());
                left = remove(client, &[name]).await;
            }
            Err(reason) => {
                for capability in [Capability::LayerUpload, Capability::PutImage] {
                    lacks(capability, Some("there is no repository to try it on".to_owned()));
                }
                lacks(Capability::Repositories, Some(reason));
                // The answer may have got lost on its way. That there is nothing to remove is the usual case.
                remove(client, &[name]).await;
            }
        }
    }
    let registry_id = account.map(str::to_owned).or(registry_id);
    let unknown = registry_id.is_none().then(|| "neither the target nor --account says it".to_owned());
    capabilities.insert(Capability::RegistryId, unknown);
    let registry_id = registry_id.unwrap_or_else(|| "unknown".to_owned());
    let mut target = Target { registry_id, capabilities, left };
    if !target.capabilities.contains_key(&Capability::PutImage) {
        let refused = push_anything(client, &mut target, seed.random("probe image")).await.err();
        target.capabilities.insert(Capability::PutImage, refused);
    }
    target
}

/// Pushes an image that is made up for it, as the worlds' images are pushed, and removes it.
async fn push_anything(client: &Client, target: &mut Target, random: Random) -> Result<(), String> {
    let recipe = json!({
        "sentence": "A repository with one image.",
        "images": {"any": {"image": {"format": "oci", "layers": [32]}}},
        "repositories": {"main": [{"image": "any", "tag": "any"}]},
    });
    let recipe = serde_json::from_value(recipe).map_err(|error| error.to_string())?;
    // A receiver goes on reading the last value when the sender is gone.
    let (_, never) = watch::channel(false);
    target.capabilities.insert(Capability::PutImage, None);
    let world = build(client, target, &recipe, random, &never).await;
    target.left.extend(remove(client, &world.repositories).await);
    match world.bindings {
        Ok(_) | Err(Failure::Lacks(_)) => Ok(()),
        Err(Failure::Refused(reason)) => Err(reason),
    }
}

/// What shows that the target does not look at signatures, if it does not.
async fn unlooked_at_signatures(client: &Client) -> Option<String> {
    let tampered = HeaderChanges { signature: Some(SignatureFault::Tampered), ..HeaderChanges::default() };
    let exchange = client.call_with("DescribeRegistry", b"{}".to_vec(), &tampered).await;
    let Ok(response) = &exchange.outcome else { return Some("no answer".to_owned()) };
    let document = Document::parse(&response.body).ok();
    let error = error_identity(response, document.as_ref());
    let of_signatures = |code: &str| code.contains("Signature") || code.contains("Client");
    match error {
        Some(error) if response.status >= 400 && of_signatures(&error.code) => None,
        _ => Some(format!("a request whose signature was tampered with got status {}", response.status)),
    }
}

/// Looks for a repository that is said to stand: gives the registry that its images name, if it has any. What else
/// the target may answer is the suite's to judge.
///
/// # Errors
/// If the target says that there is no such repository: what it says.
pub async fn find(client: &Client, repository: &str) -> Result<Option<String>, String> {
    let body = json!({"repositoryName": repository, "maxResults": 1});
    match ask(client, "DescribeImages", &body).await {
        Ok((answer, _)) => {
            let registry = answer.pointer("/imageDetails/0/registryId").and_then(Document::as_str);
            Ok(registry.map(str::to_owned))
        }
        Err(reason) if reason.contains("RepositoryNotFoundException") => Err(reason),
        Err(_) => Ok(None),
    }
}
