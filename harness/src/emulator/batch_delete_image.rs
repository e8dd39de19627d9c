//! `BatchDeleteImage`: takes tags from images, and removes images.
//!
//! In: a checked call. Out: the ids that are no more, and the failures. What must stay true: an id with a tag
//! takes that tag, and the image only with its last one; an id with a digest alone removes the image and all
//! its tags; an image that an index refers to stays.

use ecrspec_api::Document;

use super::error::Error;
use super::list_images::image_id;
use super::projection::{object, text};
use super::registry::{ImageId, Registry, Repository};
use super::wire::Call;

pub(super) fn batch_delete_image(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let repository = registry.repository_mut(call)?;
    let mut deleted = Vec::new();
    let mut failures = Vec::new();
    for id in call.fields().objects("imageIds").into_iter().flatten().map(ImageId::read) {
        match delete(repository, id) {
            Ok(ids) => deleted.extend(ids),
            Err((code, reason)) => failures.push(object([
                ("failureCode", text(code)),
                ("failureReason", text(&reason)),
                ("imageId", image_id(id.digest, id.tag)),
            ])),
        }
    }
    Ok(object([("failures", Document::Array(failures)), ("imageIds", Document::Array(deleted))]))
}

/// Deletes what the id names: the ids that are no more, or a failure code and its reason.
fn delete(repository: &mut Repository, id: ImageId<'_>) -> Result<Vec<Document>, (&'static str, String)> {
    if id.digest.is_none() && id.tag.is_none() {
        let reason = "Invalid request parameters: both tag and digest cannot be null";
        return Err(("MissingDigestAndTag", reason.to_owned()));
    }
    let serial = repository.find(id).ok_or_else(|| why_not_found(repository, id))?;
    let tags = repository.image(serial).map_or(0, |image| image.tags.len());
    if let Some(tag) = id.tag.filter(|_| tags > 1) {
        let digest = repository.image(serial).map(|image| image.digest.clone());
        repository.untag(tag);
        return Ok(vec![image_id(digest.as_deref(), Some(tag))]);
    }
    if let Some(index) = repository.index_over(serial) {
        let reason = format!("Requested image referenced by manifest list: [{}]", index.digest);
        return Err(("ImageReferencedByManifestList", reason));
    }
    Ok(repository.remove_image(serial).map_or_else(Vec::new, |image| {
        if image.tags.is_empty() {
            return vec![image_id(Some(&image.digest), None)];
        }
        image.tags.iter().map(|tag| image_id(Some(&image.digest), Some(&tag.name))).collect()
    }))
}

fn why_not_found(repository: &Repository, id: ImageId<'_>) -> (&'static str, String) {
    let halves_differ =
        id.tag.is_some() && id.digest.is_some_and(|digest| repository.serial_of_digest(digest).is_some());
    if halves_differ {
        let reason = "Invalid request parameters: given tag does not map to the given digest";
        return ("ImageTagDoesNotMatchDigest", reason.to_owned());
    }
    ("ImageNotFound", "Requested image not found".to_owned())
}
