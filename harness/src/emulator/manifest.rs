//! What an image manifest or an index says.
//!
//! In: the text of a manifest of Docker (version 2) or OCI, and the media type that the request states.
//! Out: its media types, and what it refers to. What must stay true: no text is kept that is longer
//! than a media type or a digest needs.

use serde::Deserialize;
use serde_json::error::Category;

use super::error::Error;

const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The most bytes of a media type or a digest.
const MAX_TEXT: usize = 255;

#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) media_type: String,
    /// The media type of the config. An index has none.
    pub(super) artifact_media_type: Option<String>,
    /// The digest of the manifest that this one is about.
    pub(super) subject: Option<String>,
    pub(super) contents: Contents,
}

/// What a manifest refers to.
#[derive(Clone, Debug)]
pub(super) enum Contents {
    /// The config and the layers of an image.
    Layers(Vec<Layer>),
    /// The digests of the manifests of an index.
    Images(Vec<String>),
}

/// A config or a layer, with its compressed size.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) digest: String,
    pub(super) size: u64,
}

impl Manifest {
    pub(super) fn read(text: &str, stated_media_type: Option<&str>) -> Result<Self, Error> {
        let wire: Wire = serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Data => unusable(&error.to_string()),
            Category::Io | Category::Syntax | Category::Eof => Error::ManifestNotJson,
        })?;
        let media_type = media_type(wire.media_type.as_deref(), stated_media_type)?;
        let (artifact_media_type, contents) = match media_type {
            DOCKER_MANIFEST | OCI_MANIFEST => {
                let (config, layers) = wire
                    .config
                    .zip(wire.layers)
                    .ok_or_else(|| unusable("an image has a config and layers"))?;
                let artifact_media_type = config.media_type.clone();
                let layers = std::iter::once(config).chain(layers);
                (artifact_media_type, Contents::Layers(layers.map(Descriptor::into_layer).collect()))
            }
            DOCKER_LIST | OCI_INDEX => {
                let manifests = wire.manifests.ok_or_else(|| unusable("an index has manifests"))?;
                (None, Contents::Images(manifests.into_iter().map(|manifest| manifest.digest).collect()))
            }
            _ => return Err(unusable("its media type is not supported")),
        };
        let subject = wire.subject.map(|subject| subject.digest);
        if [&artifact_media_type, &subject].into_iter().flatten().any(|text| text.len() > MAX_TEXT) {
            return Err(unusable("a media type or a digest is too long"));
        }
        Ok(Self { media_type: media_type.to_owned(), artifact_media_type, subject, contents })
    }
}

/// The media type of a manifest: its own, which the request may repeat, or else that of the request.
fn media_type<'a>(own: Option<&'a str>, stated: Option<&'a str>) -> Result<&'a str, Error> {
    match (own, stated) {
        (Some(own), Some(stated)) if own != stated => {
            Err(unusable("its mediaType is not the imageManifestMediaType of the request"))
        }
        (Some(media_type), _) | (None, Some(media_type)) => Ok(media_type),
        (None, None) => Err(unusable("neither it nor the request states a media type")),
    }
}

fn unusable(reason: &str) -> Error {
    Error::Manifest { reason: reason.to_owned() }
}

/// The members of a manifest that matter here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    media_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: Option<String>,
    digest: String,
    size: u64,
}

impl Descriptor {
    fn into_layer(self) -> Layer {
        Layer { digest: self.digest, size: self.size }
    }
}
