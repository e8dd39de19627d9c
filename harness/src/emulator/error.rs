//! Every error that the emulator answers with.
//!
//! In: what went wrong. Out: the error's name, text and status on the wire. What must stay true: the text of
//! an error that `DescribeImages` can give is the one that was seen of ECR, wherever one was seen; all other
//! texts are plain sentences that claim no such thing.

use ecrspec_api::Document;
use ecrspec_api::table::Operation;
use thiserror::Error;

use super::projection::{object, text};

/// An error, its message as it goes on the wire.
#[derive(Clone, Debug, Error)]
pub(super) enum Error {
    #[error("The requested operation is not known.")]
    UnknownOperation,
    #[error("The request could not be read: {reason}.")]
    Serialization { reason: String },
    #[error("{message}")]
    InvalidParameter { message: String },
    #[error("The request lacks the parameter '{name}'.")]
    MissingParameter { name: &'static str },
    #[error("An element of imageIds has neither an imageDigest nor an imageTag.")]
    NeitherDigestNorTag,
    #[error("The nextToken was not issued by this operation for this repository.")]
    ForeignToken,
    #[error("Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'")]
    ManifestNotJson,
    #[error("The image manifest cannot be used: {reason}.")]
    Manifest { reason: String },
    #[error(
        "User: arn:aws:sts::{caller}:assumed-role/emulator/session is not authorized to perform: \
         ecr:{action} on resource: {resource} because no resource-based policy allows the ecr:{action} action"
    )]
    AccessDenied { caller: String, action: &'static str, resource: String },
    #[error("The repository with name '{repository}' does not exist in the registry with id '{account}'")]
    RepositoryNotFound { repository: String, account: String },
    #[error("The repository with name '{repository}' already exists in the registry with id '{account}'")]
    RepositoryAlreadyExists { repository: String, account: String },
    #[error("The repository with name '{repository}' still holds images, and the request does not force.")]
    RepositoryNotEmpty { repository: String },
    #[error(
        "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with \
         name '{repository}' in the registry with id '{account}'",
        digest.as_deref().unwrap_or("null"),
        tag.as_deref().unwrap_or("null")
    )]
    ImageNotFound { digest: Option<String>, tag: Option<String>, repository: String, account: String },
    #[error("The repository with name '{repository}' already holds the image '{digest}' under that name.")]
    ImageAlreadyExists { digest: String, repository: String },
    #[error("The tag '{tag}' names another image in the immutable repository with name '{repository}'.")]
    ImageTagAlreadyExists { tag: String, repository: String },
    #[error("The digest of the image manifest is '{actual}', not '{stated}'.")]
    ImageDigestDoesNotMatch { actual: String, stated: String },
    #[error("The repository with name '{repository}' does not hold the layers {digests}.")]
    LayersNotFound { digests: String, repository: String },
    #[error("The repository with name '{repository}' does not hold the images {digests}.")]
    ReferencedImagesNotFound { digests: String, repository: String },
    #[error("The repository with name '{repository}' has no upload '{upload}'.")]
    UploadNotFound { upload: String, repository: String },
    #[error(
        "The part from byte {first} to byte {last} with {length} bytes does not go on at byte {received}."
    )]
    InvalidLayerPart { first: i64, last: i64, length: u64, received: u64 },
    #[error("The upload '{upload}' has no part.")]
    EmptyUpload { upload: String },
    #[error("The digest of the uploaded layer is '{actual}', which the request does not state.")]
    InvalidLayer { actual: String },
    #[error("The repository with name '{repository}' already holds the layer '{digest}'.")]
    LayerAlreadyExists { digest: String, repository: String },
    #[error("The registry can hold no more than {limit} {what}.")]
    LimitExceeded { limit: usize, what: &'static str },
}

impl Error {
    /// The name that goes into `__type`.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::UnknownOperation => "UnknownOperationException",
            Self::Serialization { .. } => "SerializationException",
            Self::InvalidParameter { .. }
            | Self::MissingParameter { .. }
            | Self::NeitherDigestNorTag
            | Self::ForeignToken
            | Self::ManifestNotJson
            | Self::Manifest { .. } => "InvalidParameterException",
            Self::AccessDenied { .. } => "AccessDeniedException",
            Self::RepositoryNotFound { .. } => "RepositoryNotFoundException",
            Self::RepositoryAlreadyExists { .. } => "RepositoryAlreadyExistsException",
            Self::RepositoryNotEmpty { .. } => "RepositoryNotEmptyException",
            Self::ImageNotFound { .. } => "ImageNotFoundException",
            Self::ImageAlreadyExists { .. } => "ImageAlreadyExistsException",
            Self::ImageTagAlreadyExists { .. } => "ImageTagAlreadyExistsException",
            Self::ImageDigestDoesNotMatch { .. } => "ImageDigestDoesNotMatchException",
            Self::LayersNotFound { .. } => "LayersNotFoundException",
            Self::ReferencedImagesNotFound { .. } => "ReferencedImagesNotFoundException",
            Self::UploadNotFound { .. } => "UploadNotFoundException",
            Self::InvalidLayerPart { .. } => "InvalidLayerPartException",
            Self::EmptyUpload { .. } => "EmptyUploadException",
            Self::InvalidLayer { .. } => "InvalidLayerException",
            Self::LayerAlreadyExists { .. } => "LayerAlreadyExistsException",
            Self::LimitExceeded { .. } => "LimitExceededException",
        }
    }
}

/// An error together with the operation that gave it, if the request named one.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) operation: Option<&'static Operation>,
    pub(super) error: Error,
}

impl Refusal {
    /// The status that the table has for the error; 400 for one that belongs to the protocol.
    pub(super) fn status(&self) -> u16 {
        let declared = self.operation.and_then(|operation| operation.error(self.error.name()));
        declared.map_or(400, |entry| entry.status)
    }

    pub(super) fn body(&self) -> Document {
        object([("__type", text(self.error.name())), ("message", text(&self.error.to_string()))])
    }
}
