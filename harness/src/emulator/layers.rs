//! The operations on layers: what `PutImage` needs before it.
//!
//! In: checked calls. Out: the state of an upload or of layers. What must stay true: of a layer its digest and
//! its size are kept, never its bytes; a layer is there only if its bytes had the digest that it has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ecrspec_api::Document;
use sha2::Digest as _;

use super::entropy;
use super::error::Error;
use super::projection::{number, object, text};
use super::registry::Registry;
use super::wire::Call;

/// The size that a part should have: ten MiB, as ECR asks for.
const PART_SIZE: u64 = 10 << 20;

/// `BatchCheckLayerAvailability`
pub(super) fn check_availability(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let repository = registry.repository(call)?;
    let layer = |digest| {
        let size = repository.layers.get(digest);
        object([
            ("layerAvailability", text(if size.is_some() { "AVAILABLE" } else { "UNAVAILABLE" })),
            ("layerDigest", text(digest)),
            ("layerSize", size.copied().map_or(Document::Null, number)),
        ])
    };
    let layers = call.fields().texts("layerDigests").map(layer).collect();
    Ok(object([("failures", Document::Array(Vec::new())), ("layers", Document::Array(layers))]))
}

/// `InitiateLayerUpload`
pub(super) fn initiate_upload(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    registry.repository(call)?;
    let (id, serial) = (registry.entropy.uuid(), registry.next_serial());
    registry.repository_mut(call)?.start_upload(&id, serial);
    Ok(object([("partSize", number(PART_SIZE)), ("uploadId", text(&id))]))
}

/// `UploadLayerPart`
pub(super) fn upload_part(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let fields = call.fields();
    registry.repository(call)?;
    registry.has_room_for_a_layer()?;
    let id = fields.required("uploadId")?;
    let blob = STANDARD
        .decode(fields.required("layerPartBlob")?)
        .map_err(|error| Error::Serialization { reason: format!("layerPartBlob is not base64: {error}") })?;
    let length = u64::try_from(blob.len()).unwrap_or(u64::MAX);
    let first = fields.integer("partFirstByte").unwrap_or(-1);
    let last = fields.integer("partLastByte").unwrap_or(-1);

    let account = registry.account.clone();
    let repository = registry.repository_mut(call)?;
    let missing = || Error::UploadNotFound { upload: id.to_owned(), repository: repository.name.clone() };
    let upload = repository.uploads.get_mut(id).ok_or_else(missing)?;
    let end = upload.size.saturating_add(length);
    if blob.is_empty() || u64::try_from(first) != Ok(upload.size) || u64::try_from(last) != Ok(end - 1) {
        return Err(Error::InvalidLayerPart { first, last, length, received: upload.size });
    }
    upload.hash.update(&blob);
    upload.size = end;
    Ok(object([
        ("lastByteReceived", number(end - 1)),
        ("registryId", text(&account)),
        ("repositoryName", text(&repository.name)),
        ("uploadId", text(id)),
    ]))
}

/// `CompleteLayerUpload`
pub(super) fn complete_upload(registry: &mut Registry, call: &Call) -> Result<Document, Error> {
    let fields = call.fields();
    let id = fields.required("uploadId")?;
    let account = registry.account.clone();
    let repository = registry.repository_mut(call)?;
    let missing = || Error::UploadNotFound { upload: id.to_owned(), repository: repository.name.clone() };
    let upload = repository.uploads.get(id).ok_or_else(missing)?;
    if upload.size == 0 {
        return Err(Error::EmptyUpload { upload: id.to_owned() });
    }
    let (digest, size) = (entropy::digest_of(upload.hash.clone()), upload.size);
    if !fields.texts("layerDigests").any(|stated| stated == digest) {
        return Err(Error::InvalidLayer { actual: digest });
    }
    repository.uploads.remove(id);
    if repository.layers.contains_key(&digest) {
        return Err(Error::LayerAlreadyExists { digest, repository: repository.name.clone() });
    }
    let answer = object([
        ("layerDigest", text(&digest)),
        ("registryId", text(&account)),
        ("repositoryName", text(&repository.name)),
        ("uploadId", text(id)),
    ]);
    repository.layers.insert(digest, size);
    Ok(answer)
}
