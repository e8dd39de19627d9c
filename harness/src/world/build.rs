//! Making a world and removing it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ecrspec_api::Document;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::case::bindings::Bindings;
use crate::case::format::Capability;
use crate::client::Client;
use crate::exchange::{Exchange, Response};
use crate::verdict::{error_identity, shorten};
use crate::world::Random;
use crate::world::image::{self, Child, Manifest, Parts, sha256};
use crate::world::probe::Target;
use crate::world::recipe::{ImageRecipe, Push, WorldRecipe};

/// A world that stands in the target, whole or up to where making it failed.
#[derive(Debug)]
pub struct World {
    /// What its names stand for, or why it could not be made.
    pub bindings: Result<Bindings, Failure>,
    /// The repositories to remove.
    pub repositories: Vec<String>,
}

impl World {
    /// A repository that stands already, and stays: the world's `main` one.
    pub fn standing(repository: &str) -> Self {
        let mut bindings = Bindings::default();
        bindings.bind("repository.main", repository);
        Self { bindings: Ok(bindings), repositories: Vec::new() }
    }
}

/// Why a world could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The target lacks something.
    Lacks(Capability),
    /// The target gave no useful answer to a request that makes the world.
    Refused(String),
}

/// How long the beginning of a digest is: the algorithm and twelve hexadecimal digits.
const START: usize = "sha256:".len() + 12;

/// A repository that could not be removed, and why.
#[derive(Clone, Debug)]
pub struct Left {
    /// The repository's name.
    pub repository: String,
    /// What the target said.
    pub reason: String,
}

/// Makes a world, as far as the target goes along and until `stop` turns true.
pub async fn build(
    client: &Client,
    target: &Target,
    recipe: &WorldRecipe,
    random: Random,
    stop: &watch::Receiver<bool>,
) -> World {
    let mut builder = Builder {
        client,
        target,
        recipe,
        random,
        stop,
        bindings: Bindings::default(),
        repositories: Vec::new(),
        pushed: BTreeMap::new(),
        parts: BTreeMap::new(),
        manifests: BTreeMap::new(),
    };
    let made = builder.make().await;
    World { bindings: made.map(|()| builder.bindings), repositories: builder.repositories }
}

/// Removes repositories with all that is in them; says which it could not remove. A target that has stopped
/// answering is asked once, for each further question takes as long as an answer may.
pub async fn remove(client: &Client, repositories: &[String]) -> Vec<Left> {
    let mut left: Vec<Left> = Vec::new();
    for repository in repositories {
        let reason = match left.last() {
            Some(before) if client.is_unreachable() => before.reason.clone(),
            _ => {
                let body = json!({"repositoryName": repository, "force": true});
                match ask(client, "DeleteRepository", &body).await {
                    Ok(_) => continue,
                    Err(reason) => reason,
                }
            }
        };
        left.push(Left { repository: repository.clone(), reason });
    }
    left
}

/// Calls an operation that must succeed.
///
/// # Errors
/// If the answer is no success with a JSON body: what it was instead.
pub(super) async fn ask(
    client: &Client,
    operation: &str,
    body: &Value,
) -> Result<(Document, Exchange), String> {
    let exchange = client.call(operation, body.to_string().into_bytes()).await;
    let response = match &exchange.outcome {
        Ok(response) => response,
        Err(no_response) => return Err(format!("{operation} got no answer: {no_response}")),
    };
    let document = Document::parse(&response.body).ok();
    match document {
        Some(document) if (200..300).contains(&response.status) && response.broken.is_none() => {
            Ok((document, exchange))
        }
        document => Err(format!("{operation} answered {}", describe(response, document.as_ref()))),
    }
}

fn describe(response: &Response, document: Option<&Document>) -> String {
    match error_identity(response, document) {
        Some(error) => format!("{} {}: {}", response.status, error.code, error.text.unwrap_or_default()),
        None => format!("{} {}", response.status, shorten(String::from_utf8_lossy(&response.body).trim())),
    }
}

/// What stands before the first slash of a name, and what behind the last.
fn ends(name: &str) -> [&str; 2] {
    [name.split('/').next(), name.rsplit('/').next()].map(|end| end.unwrap_or(name))
}

struct Builder<'a> {
    client: &'a Client,
    target: &'a Target,
    recipe: &'a WorldRecipe,
    random: Random,
    stop: &'a watch::Receiver<bool>,
    bindings: Bindings,
    repositories: Vec<String>,
    /// The images that stand in the target, by repository and name.
    pushed: BTreeMap<(&'a str, &'a str), Child>,
    parts: BTreeMap<&'a str, Parts>,
    /// The SHA-256 of each manifest that was put, by the digest that the target gave it.
    manifests: BTreeMap<String, String>,
}

impl<'a> Builder<'a> {
    async fn make(&mut self) -> Result<(), Failure> {
        for capability in [Capability::Writes, Capability::Repositories] {
            if !self.target.can(capability) {
                return Err(Failure::Lacks(capability));
            }
        }
        let pushes = self.recipe.repositories.values().any(|pushes| !pushes.is_empty());
        if pushes && !self.target.can(Capability::PutImage) {
            return Err(Failure::Lacks(Capability::PutImage));
        }
        self.make_all().await.map_err(Failure::Refused)
    }

    async fn make_all(&mut self) -> Result<(), String> {
        let recipe = self.recipe;
        let names: BTreeMap<&str, String> =
            recipe.repositories.keys().map(|key| (key.as_str(), self.random.repository())).collect();
        for (key, pushes) in &recipe.repositories {
            let above = recipe.below.get(key).and_then(|above| names.get(above.as_str()));
            let own = names.get(key.as_str()).cloned().unwrap_or_default();
            let name = above.map_or(own, |above| format!("{above}/{}", self.random.name(8)));
            // Named before it is made: an answer that got lost may have made it all the same.
            self.repositories.push(name.clone());
            ask(self.client, "CreateRepository", &json!({"repositoryName": name})).await?;
            let mut digests: Vec<String> = Vec::new();
            for push in pushes {
                self.push(key, &name, push, &mut digests).await?;
            }
            digests.sort();
            digests.dedup();
            let [start, end] = ends(&name);
            self.bindings.bind(format!("repository.{key}.start"), start);
            self.bindings.bind(format!("repository.{key}.end"), end);
            self.bindings.bind(format!("repository.{key}"), name);
            self.bindings.bind(format!("repository.{key}.digests"), digests);
        }
        Ok(())
    }

    async fn push(
        &mut self,
        key: &'a str,
        repository: &str,
        push: &'a Push,
        digests: &mut Vec<String>,
    ) -> Result<(), String> {
        let Some(recipe) = self.recipe.images.get(&push.image) else {
            return Err(format!("the world has no image `{}`", push.image));
        };
        if let Some(seconds) = push.after {
            self.client.wait(Duration::from_secs(seconds.into())).await;
        }
        match recipe {
            ImageRecipe::Image(single) => {
                let parts = self
                    .parts
                    .entry(&push.image)
                    .or_insert_with(|| Parts::random(single, push.count, &mut self.random))
                    .clone();
                if self.target.can(Capability::LayerUpload) {
                    for blob in parts.blobs() {
                        upload(self.client, repository, &blob.digest, &blob.bytes).await?;
                    }
                }
                let subject = single.subject.as_ref();
                let subject = subject.and_then(|subject| self.pushed.get(&(key, subject.as_str()))).cloned();
                match push.count {
                    None => {
                        let manifest = parts.manifest(None, subject.as_ref());
                        let digest =
                            self.put(key, repository, push, manifest, push.tag.clone(), None).await?;
                        digests.push(digest);
                    }
                    Some(count) => {
                        for number in 1..=count {
                            let tag = push.tag.as_ref().map(|tag| format!("{tag}-{number}"));
                            let manifest = parts.manifest(Some(number), subject.as_ref());
                            digests.push(self.put(key, repository, push, manifest, tag, Some(number)).await?);
                        }
                        let next = parts.manifest(Some(count.saturating_add(1)), subject.as_ref()).text;
                        self.bindings.bind(format!("image.{}.next", push.image), next);
                    }
                }
            }
            ImageRecipe::Index(of) => {
                let children: Vec<Child> = of
                    .of
                    .iter()
                    .filter_map(|child| self.pushed.get(&(key, child.as_str())).cloned())
                    .collect();
                let manifest = image::index(of.format, &children);
                digests.push(self.put(key, repository, push, manifest, push.tag.clone(), None).await?);
            }
        }
        Ok(())
    }

    /// Puts one manifest and binds its values; gives the digest by which the target knows it.
    async fn put(
        &mut self,
        key: &'a str,
        repository: &str,
        push: &'a Push,
        manifest: Manifest,
        tag: Option<String>,
        number: Option<u32>,
    ) -> Result<String, String> {
        if *self.stop.borrow() || self.client.is_unreachable() {
            return Err("the run ended before".to_owned());
        }
        let mut body = json!({
            "repositoryName": repository,
            "imageManifest": manifest.text,
            "imageManifestMediaType": manifest.media_type,
        });
        if let Some(tag) = tag {
            body["imageTag"] = Value::String(tag);
        }
        let (answer, exchange) = ask(self.client, "PutImage", &body).await?;
        let sha256 = manifest.sha256();
        // Clients go by what they are told. Where that is wrong, one check says so, and the others still
        // find the image.
        let digest = answer
            .get("image")
            .and_then(|image| image.get("imageId"))
            .and_then(|id| id.get("imageDigest"))
            .and_then(Document::as_str)
            .unwrap_or(&sha256)
            .to_owned();
        let name = number.map_or_else(|| push.image.clone(), |number| format!("{}-{number}", push.image));
        let known_already = self.pushed.contains_key(&(key, push.image.as_str())) && number.is_none();
        let mut bind =
            |member: &str, value: Value| self.bindings.bind(format!("image.{name}.{member}"), value);
        bind("digest", json!(digest));
        bind("digestStart", json!(digest.get(..START).unwrap_or(&digest)));
        bind("digestHex", json!(digest.split_once(':').map_or(&*digest, |(_, hex)| hex)));
        // A text for each of a thousand images would be much to carry to every case.
        if number.is_none() {
            bind("manifest", json!(manifest.text));
        }
        bind("sha256", json!(sha256));
        bind("size", json!(manifest.size));
        bind("mediaType", json!(manifest.media_type));
        if let Some(artifact_media_type) = &manifest.artifact_media_type {
            bind("artifactMediaType", json!(artifact_media_type));
        }
        if !known_already {
            let (from, until) = pushed_window(&exchange);
            bind("pushedFrom", json!(from));
            bind("pushedUntil", json!(until));
        }
        if let Some(other) = self.manifests.insert(digest.clone(), sha256)
            && other != manifest.sha256()
        {
            return Err(format!("the target gave two different manifests one digest, {digest}"));
        }
        self.pushed.insert((key, &push.image), Child { digest: digest.clone(), manifest });
        Ok(digest)
    }
}

/// Uploads a layer or config in one part.
pub(super) async fn upload(
    client: &Client,
    repository: &str,
    digest: &str,
    bytes: &[u8],
) -> Result<(), String> {
    let present = json!({"repositoryName": repository, "layerDigests": [digest]});
    let (answer, _) = ask(client, "BatchCheckLayerAvailability", &present).await?;
    let layer = answer.get("layers").and_then(Document::as_array).and_then(<[_]>::first);
    if layer.and_then(|layer| layer.get("layerAvailability")).and_then(Document::as_str) == Some("AVAILABLE")
    {
        return Ok(());
    }
    let (answer, _) = ask(client, "InitiateLayerUpload", &json!({"repositoryName": repository})).await?;
    let Some(upload_id) = answer.get("uploadId").and_then(Document::as_str) else {
        return Err("InitiateLayerUpload gave no `uploadId`".to_owned());
    };
    let part = json!({
        "repositoryName": repository,
        "uploadId": upload_id,
        "partFirstByte": 0,
        "partLastByte": bytes.len().saturating_sub(1),
        "layerPartBlob": BASE64.encode(bytes),
    });
    ask(client, "UploadLayerPart", &part).await?;
    let complete = json!({"repositoryName": repository, "uploadId": upload_id, "layerDigests": [digest]});
    ask(client, "CompleteLayerUpload", &complete).await?;
    Ok(())
}

/// Uploads bytes that are made up for it: whether the target takes layers at all.
pub(super) async fn upload_anything(
    client: &Client,
    repository: &str,
    random: &mut Random,
) -> Result<(), String> {
    let bytes = random.bytes(32);
    upload(client, repository, &sha256(&bytes), &bytes).await
}

/// The whole seconds between which a push happened, by the target's clock as far as its `Date` shows it.
fn pushed_window(exchange: &Exchange) -> (i64, i64) {
    let seconds = |time: SystemTime| {
        i64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()).unwrap_or(i64::MAX)
    };
    let date = exchange.outcome.as_ref().ok().and_then(|response| response.header("date"));
    // `Date` has whole seconds; one more on either side covers the truncation.
    let skew = date
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .map_or(0, |date| seconds(date) - seconds(exchange.answered));
    (seconds(exchange.sent) + skew.min(0) - 1, seconds(exchange.answered) + skew.max(0) + 1)
}
