//! `DescribeImages`: metadata of the images that a call names, or of all, page by page.
//!
//! In: a checked call. Out: `imageDetails`, and `nextToken` if there is more. What must stay true: one entry a
//! digest, with all its tags; each image that is named is in the answer, or the call fails.

use std::collections::BTreeSet;

use ecrspec_api::Document;

use super::error::Error;
use super::instant::epoch_seconds;
use super::page::{Filter, Window};
use super::projection::{number, object, optional, text};
use super::registry::{Image, ImageId, Registry, Repository};
use super::wire::Call;

pub(super) fn describe_images(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let named =
        call.fields().objects("imageIds").map(|elements| elements.map(ImageId::read).collect::<Vec<_>>());
    if named.iter().flatten().any(|id| id.digest.is_none() && id.tag.is_none()) {
        return Err(Error::NeitherDigestNorTag);
    }
    let repository = registry.repository(call)?;
    let (images, next_token) = match named {
        Some(ids) => (find(registry, repository, &ids)?, None),
        None => list(registry, repository, call)?,
    };
    let details = images.into_iter().map(|image| detail(registry, repository, image)).collect();
    Ok(object([("imageDetails", Document::Array(details)), ("nextToken", optional(next_token.as_deref()))]))
}

fn find<'a>(
    registry: &Registry,
    repository: &'a Repository,
    ids: &[ImageId<'_>],
) -> Result<Vec<&'a Image>, Error> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for id in ids {
        let missing = || Error::ImageNotFound {
            digest: id.digest.map(str::to_owned),
            tag: id.tag.map(str::to_owned),
            repository: repository.name.clone(),
            account: registry.account.clone(),
        };
        let serial = repository.find(*id).ok_or_else(missing)?;
        if seen.insert(serial) {
            found.push(repository.image(serial).ok_or_else(missing)?);
        }
    }
    Ok(found)
}

fn list<'a>(
    registry: &Registry,
    repository: &'a Repository,
    call: &Call,
) -> Result<(Vec<&'a Image>, Option<String>), Error> {
    let window = Window::read(call, registry, repository)?;
    let filter = Filter::read(call);
    let images = repository.images_after(window.after).filter(|(_, image)| filter.shows(image));
    Ok(window.take(images))
}

fn detail(registry: &Registry, repository: &Repository, image: &Image) -> Document {
    let tags: Vec<Document> = image.tags.iter().map(|tag| text(&tag.name)).collect();
    object([
        ("artifactMediaType", optional(image.artifact_media_type.as_deref())),
        ("imageDigest", text(&image.digest)),
        ("imageManifestMediaType", text(&image.media_type)),
        ("imagePushedAt", Document::Number(epoch_seconds(image.pushed))),
        ("imageSizeInBytes", number(image.size)),
        ("imageStatus", text("ACTIVE")),
        ("imageTags", if tags.is_empty() { Document::Null } else { Document::Array(tags) }),
        ("registryId", text(&registry.account)),
        ("repositoryName", text(&repository.name)),
        ("subjectManifestDigest", optional(image.subject.as_deref())),
    ])
}
