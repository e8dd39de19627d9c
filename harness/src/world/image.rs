//! Manifests with their configs and layers, as a build tool would write them.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::Random;
use crate::world::recipe::{ManifestFormat, SingleImage};

/// A config or layer, ready to upload.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    /// Its digest.
    pub digest: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    media_type: String,
}

/// A manifest, ready to push.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    /// The manifest's text, whose bytes make its digest.
    pub text: String,
    /// The manifest's media type.
    pub media_type: &'static str,
    /// The media type of what it describes: that of its config. An index has none.
    pub artifact_media_type: Option<String>,
    /// The size that ECR gives: config and layers as stored; for an index the greatest of its children's.
    pub size: u64,
}

/// The parts of a single image.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    format: ManifestFormat,
    is_untyped: bool,
    config: Blob,
    layers: Vec<Blob>,
}

/// An image that another manifest refers to.
#[derive(Clone, Debug)]
pub(super) struct Child {
    /// The digest by which the target knows it.
    pub digest: String,
    /// Its manifest.
    pub manifest: Manifest,
}

impl Manifest {
    /// The SHA-256 of the manifest's bytes.
    pub(super) fn sha256(&self) -> String {
        sha256(self.text.as_bytes())
    }
}

impl Child {
    fn descriptor(&self) -> Value {
        json!({"mediaType": self.manifest.media_type, "digest": self.digest, "size": self.manifest.text.len()})
    }
}

impl Parts {
    /// Parts that no registry has yet, for one image or for so many different ones.
    pub(super) fn random(recipe: &SingleImage, count: Option<u32>, random: &mut Random) -> Self {
        let types = media_types(recipe.format);
        // Image number n has the layers of n's bits: few layers make many images, no two with the same ones. One
        // more than are pushed can be made of them.
        let bits = |count: u32| (u32::BITS - count.saturating_add(1).leading_zeros()) as usize;
        let layers = count.map_or(recipe.layers.len(), bits);
        let sizes = recipe.layers.iter().cycle().take(layers);
        let layers: Vec<Blob> =
            sizes.map(|size| Blob::new(types.layer, random.bytes(*size as usize))).collect();
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": {"build": random.name(12)}},
            "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| &layer.digest).collect::<Vec<_>>()},
        });
        Self {
            format: recipe.format,
            is_untyped: recipe.untyped,
            config: Blob::new(
                recipe.config_type.as_deref().unwrap_or(types.config),
                config.to_string().into_bytes(),
            ),
            layers,
        }
    }

    /// The config and the layers.
    pub(super) fn blobs(&self) -> impl Iterator<Item = &Blob> {
        std::iter::once(&self.config).chain(&self.layers)
    }

    /// The manifest over all layers, or that of the image of this number; with its subject, if it has one.
    pub(super) fn manifest(&self, number: Option<u32>, subject: Option<&Child>) -> Manifest {
        let types = media_types(self.format);
        let layers: Vec<&Blob> = (0..)
            .zip(&self.layers)
            .filter(|(bit, _)| number.is_none_or(|number| number >> bit & 1 == 1))
            .map(|(_, layer)| layer)
            .collect();
        let mut manifest = json!({
            "schemaVersion": 2,
            "config": self.config.descriptor(),
            "layers": layers.iter().map(|layer| layer.descriptor()).collect::<Vec<_>>(),
        });
        if !self.is_untyped {
            manifest["mediaType"] = json!(types.manifest);
        }
        if let Some(subject) = subject {
            manifest["subject"] = subject.descriptor();
        }
        let blobs = layers.into_iter().chain([&self.config]);
        Manifest {
            text: manifest.to_string(),
            media_type: types.manifest,
            artifact_media_type: Some(self.config.media_type.clone()),
            size: blobs.map(|blob| blob.bytes.len() as u64).sum(),
        }
    }
}

/// The index over these children.
pub(super) fn index(format: ManifestFormat, children: &[Child]) -> Manifest {
    let architectures = ["amd64", "arm64", "s390x", "ppc64le"];
    let manifests: Vec<Value> = children
        .iter()
        .zip(architectures.iter().cycle())
        .map(|(child, architecture)| {
            let mut descriptor = child.descriptor();
            descriptor["platform"] = json!({"architecture": architecture, "os": "linux"});
            descriptor
        })
        .collect();
    let media_type = media_types(format).index;
    Manifest {
        text: json!({"schemaVersion": 2, "mediaType": media_type, "manifests": manifests}).to_string(),
        media_type,
        artifact_media_type: None,
        size: children.iter().map(|child| child.manifest.size).max().unwrap_or_default(),
    }
}

/// `sha256:` and the hexadecimal SHA-256 of these bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut digest, byte| {
        // Writing to a string can't fail.
        let _ = write!(digest, "{byte:02x}");
        digest
    })
}

impl Blob {
    fn new(media_type: &str, bytes: Vec<u8>) -> Self {
        Self { digest: sha256(&bytes), bytes, media_type: media_type.to_owned() }
    }

    fn descriptor(&self) -> Value {
        json!({"mediaType": self.media_type, "size": self.bytes.len(), "digest": self.digest})
    }
}

struct MediaTypes {
    manifest: &'static str,
    index: &'static str,
    config: &'static str,
    layer: &'static str,
}

fn media_types(format: ManifestFormat) -> MediaTypes {
    match format {
        ManifestFormat::Docker => MediaTypes {
            manifest: "application/vnd.docker.distribution.manifest.v2+json",
            index: "application/vnd.docker.distribution.manifest.list.v2+json",
            config: "application/vnd.docker.container.image.v1+json",
            layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        },
        ManifestFormat::Oci => MediaTypes {
            manifest: "application/vnd.oci.image.manifest.v1+json",
            index: "application/vnd.oci.image.index.v1+json",
            config: "application/vnd.oci.image.config.v1+json",
            layer: "application/vnd.oci.image.layer.v1.tar+gzip",
        },
    }
}
