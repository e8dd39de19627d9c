//! `PutImage`: keeps a manifest as an image, gives it a tag, or both.
//!
//! In: a checked call. Out: the image as it was put. What must stay true: the digest is that of the
//! manifest's bytes; nothing is kept that refers to a layer or an image which the repository does not hold.

use std::collections::BTreeSet;

use ecrspec_api::Document;

use super::entropy;
use super::error::Error;
use super::list_images::image_id;
use super::manifest::{Contents, Layer, Manifest};
use super::projection::{object, text};
use super::registry::{Image, Registry, Repository, Serial, Tag};
use super::wire::Call;

pub(super) fn put_image(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let fields = call.fields();
    let manifest_text = fields.required("imageManifest")?;
    let manifest = Manifest::read(manifest_text, fields.text("imageManifestMediaType"))?;
    let digest = entropy::digest(manifest_text.as_bytes());
    if let Some(stated) = fields.text("imageDigest").filter(|stated| *stated != digest) {
        return Err(Error::ImageDigestDoesNotMatch { actual: digest, stated: stated.to_owned() });
    }
    let tag = fields.text("imageTag");
    let image = object([
        ("imageId", image_id(Some(&digest), tag)),
        ("imageManifest", text(manifest_text)),
        ("imageManifestMediaType", text(&manifest.media_type)),
        ("registryId", text(&registry.account)),
        ("repositoryName", text(fields.required("repositoryName")?)),
    ]);
    keep(registry, call, manifest, digest, tag)?;
    Ok(object([("image", image)]))
}

fn keep(
    registry: &mut Registry,
    call: &Call,
    manifest: Manifest,
    digest: String,
    tag: Option<&str>,
) -> Result<(), Error> {
    let repository = registry.repository(call)?;
    let (size, children) = weigh(repository, &manifest)?;
    let present = repository.serial_of_digest(&digest);
    let tagged = tag.and_then(|tag| repository.serial_of_tag(tag));
    if present.is_some() && (tag.is_none() || tagged == present) {
        return Err(Error::ImageAlreadyExists { digest, repository: repository.name.clone() });
    }
    if let Some(tag) = tag.filter(|_| tagged.is_some() && repository.tags_are_immutable) {
        return Err(Error::ImageTagAlreadyExists {
            tag: tag.to_owned(),
            repository: repository.name.clone(),
        });
    }
    if present.is_none() {
        registry.has_room_for_an_image(children.len())?;
    }
    if tag.is_some() && tagged.is_none() {
        registry.has_room_for_a_tag()?;
    }

    let (image_serial, tag_serial) = (registry.next_serial(), registry.next_serial());
    let repository = registry.repository_mut(call)?;
    if present.is_none() {
        let Manifest { media_type, artifact_media_type, subject, .. } = manifest;
        let image = Image {
            digest,
            tags: Vec::new(),
            media_type,
            artifact_media_type,
            subject,
            children,
            size,
            pushed: call.now,
        };
        repository.insert(image_serial, image);
    }
    if let Some(tag) = tag {
        repository.tag(present.unwrap_or(image_serial), Tag { name: tag.to_owned(), serial: tag_serial });
    }
    Ok(())
}

/// The size of the image, and what it refers to, all of which the repository must hold.
fn weigh(repository: &Repository, manifest: &Manifest) -> Result<(u64, BTreeSet<Serial>), Error> {
    match &manifest.contents {
        Contents::Layers(layers) => {
            let missing = layers.iter().filter(|layer| !repository.layers.contains_key(&layer.digest));
            let missing = enumerate(missing.map(|layer: &Layer| layer.digest.as_str()));
            if let Some(digests) = missing {
                return Err(Error::LayersNotFound { digests, repository: repository.name.clone() });
            }
            let size = layers.iter().fold(0_u64, |sum, layer| sum.saturating_add(layer.size));
            Ok((size, BTreeSet::new()))
        }
        Contents::Images(digests) => {
            let missing = digests.iter().filter(|digest| repository.serial_of_digest(digest).is_none());
            if let Some(digests) = enumerate(missing.map(String::as_str)) {
                return Err(Error::ReferencedImagesNotFound { digests, repository: repository.name.clone() });
            }
            let children: BTreeSet<Serial> =
                digests.iter().filter_map(|digest| repository.serial_of_digest(digest)).collect();
            let sizes = children.iter().filter_map(|child| repository.image(*child)).map(|image| image.size);
            Ok((sizes.max().unwrap_or(0), children))
        }
    }
}

/// The digests for a message, or nothing if there are none. A message names no more than a few.
fn enumerate<'a>(digests: impl Iterator<Item = &'a str>) -> Option<String> {
    let quoted: Vec<String> = digests.take(5).map(|digest| format!("'{digest}'")).collect();
    (!quoted.is_empty()).then(|| quoted.join(", "))
}
