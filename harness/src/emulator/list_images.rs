//! `ListImages`: the ids of the images of a repository, page by page.
//!
//! In: a checked call. Out: `imageIds`, and `nextToken` if there is more. What must stay true: one id a tag,
//! and one for each image without a tag.

use ecrspec_api::Document;

use super::error::Error;
use super::page::{Filter, Window};
use super::projection::{object, optional};
use super::registry::{Registry, Repository, Serial};
use super::wire::Call;

pub(super) fn list_images(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let repository = registry.repository(call)?;
    let window = Window::read(call, registry, repository)?;
    let ids = ids(repository, Filter::read(call));
    let (ids, next_token) = window.take(ids.into_iter().filter(|(serial, _)| *serial > window.after));
    Ok(object([("imageIds", Document::Array(ids)), ("nextToken", optional(next_token.as_deref()))]))
}

/// The ids in the order in which the tags were given and the images came.
fn ids(repository: &Repository, filter: Filter) -> Vec<(Serial, Document)> {
    let mut ids = Vec::new();
    for (serial, image) in repository.images().filter(|(_, image)| filter.shows(image)) {
        if image.tags.is_empty() {
            ids.push((serial, image_id(Some(&image.digest), None)));
        }
        ids.extend(image.tags.iter().map(|tag| (tag.serial, image_id(Some(&image.digest), Some(&tag.name)))));
    }
    ids.sort_by_key(|(serial, _)| *serial);
    ids
}

/// An id as it goes on the wire.
pub(super) fn image_id(digest: Option<&str>, tag: Option<&str>) -> Document {
    object([("imageDigest", optional(digest)), ("imageTag", optional(tag))])
}
