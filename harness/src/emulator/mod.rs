//! A small ECR in memory: a pure state machine that answers `DescribeImages` in full, and of the other
//! operations what it takes to build, change and remove what `DescribeImages` describes.
//!
//! In: one [`Request`] after another, each with the time it came, and one seed at the start.
//! Out: one [`Response`] each. What must stay true: no I/O, no clock and no randomness in here, so that the
//! same seed and the same requests at the same times give the same bytes; no request makes it panic or
//! keep more than the limits in `registry.rs` allow; and of members, bounds, patterns and statuses
//! it knows what the [`Revision`] says, and nothing else.
//!
//! Where to look:
//!
//! | file | what is in it |
//! |---|---|
//! | `wire.rs` | from a request to a checked call, from an outcome to a response |
//! | `projection.rs` | a document cut to the members that the revision has |
//! | `registry.rs` | the state: repositories, images, tags, layers, uploads |
//! | `describe_images.rs`, `list_images.rs`, `put_image.rs`, `batch_delete_image.rs`, `layers.rs`, `repositories.rs` | the operations |
//! | `manifest.rs` | what an image manifest or an index says |
//! | `page.rs` | pages and their tokens |
//! | `error.rs` | every error, with its text |
//! | `entropy.rs`, `instant.rs` | ids out of the seed, times as text |
//! | `door.rs` | the way in for a client: the one place with a clock |
//!
//! # Choices where nobody knows what ECR does
//!
//! - Of `DescribeImages` a constraint is enforced if the table says that ECR enforces it; one of which that is
//!   not known is let pass. Of the other operations every constraint of the model is enforced, unless the table
//!   says that ECR does not: they are here to build worlds, and what they let in is kept.
//! - A request is judged in this order: target, JSON and its types, constraints, account, element without
//!   either half, repository, token, images.
//! - Beside `imageIds`, the members `filter`, `maxResults` and `nextToken` have no say. So an image that is
//!   named is either in the answer or makes the call fail, whatever the filter.
//! - An image that is named twice is in the answer once; the answer follows the order of `imageIds`.
//!   Of several that are missing, the first is named.
//! - Without `imageIds` the order is that of the first push. A token stands for a place in it: it never
//!   expires, may be used again, and goes with any filter and any `maxResults`.
//! - An integer spelled `5.0` counts as 5, and of a key that is there twice the last one counts.
//! - The path must be `/` and the method `POST`; the `Content-Type` and the signature are not looked at.

mod batch_delete_image;
mod describe_images;
mod door;
mod entropy;
mod error;
mod instant;
mod layers;
mod list_images;
mod manifest;
mod page;
mod projection;
mod put_image;
mod registry;
mod repositories;
mod wire;

use std::time::SystemTime;

use ecrspec_api::Document;
use ecrspec_api::table::Revision;

pub use self::door::EmulatorDoor;
use self::entropy::Entropy;
use self::error::{Error, Refusal};
use self::registry::Registry;
use self::wire::Call;
use crate::exchange::{Request, Response};

/// What an [`Emulator`] starts from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The revision of the API that it speaks.
    pub revision: &'static Revision,
    /// The account whose registry it is: twelve digits.
    pub account: String,
    /// The region that its ARNs and URIs name.
    pub region: String,
    /// What request ids, upload ids and tokens are made of.
    pub seed: u64,
}

impl Settings {
    /// The usual settings for that revision: an example account in `us-east-1`.
    pub fn new(revision: &'static Revision) -> Self {
        Self { revision, account: "123456789012".to_owned(), region: "us-east-1".to_owned(), seed: 0 }
    }
}

/// A small ECR in memory.
#[derive(Clone, Debug)]
pub struct Emulator {
    revision: &'static Revision,
    registry: Registry,
    request_ids: Entropy,
    blindness: Blindness,
}

/// Which constraints of a `DescribeImages` request go unseen: none, but in a mutant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Blindness {
    /// None.
    #[default]
    ToNothing,
    /// All of them.
    ToAll,
    /// One kind of constraint on one member.
    To {
        /// The member's name.
        member: &'static str,
        /// The name of the kind.
        kind: &'static str,
    },
}

impl Emulator {
    /// An empty registry.
    pub fn new(settings: Settings) -> Self {
        let Settings { revision, account, region, seed } = settings;
        Self {
            revision,
            registry: Registry::new(account, region, Entropy::new("registry", seed)),
            request_ids: Entropy::new("request", seed),
            blindness: Blindness::default(),
        }
    }

    /// Takes constraints out of sight, or back into it.
    pub(crate) fn be_blind(&mut self, blindness: Blindness) {
        self.blindness = blindness;
    }

    /// Answers one request that came at that time.
    pub fn answer(&mut self, request: &Request, now: SystemTime) -> Response {
        let outcome = self.perform(request, now);
        wire::respond(self.revision, outcome, &self.request_ids.uuid(), now)
    }

    fn perform(&mut self, request: &Request, now: SystemTime) -> Result<Document, Refusal> {
        let operation = wire::route(self.revision, request)?;
        let refuse = |error| Refusal { operation: Some(operation), error };
        let handle = handler(operation.name).ok_or_else(|| refuse(Error::UnknownOperation))?;
        let call = wire::read(operation, &request.body, now, self.blindness).map_err(refuse)?;
        self.registry.admit(&call).map_err(refuse)?;
        let answer = handle(&mut self.registry, &call).map_err(refuse)?;
        Ok(projection::project(operation.output, &answer))
    }
}

/// One operation: a call in, the members of its answer out, in any order and with those of every revision.
type Handler = fn(&mut Registry, &Call) -> Result<Document, Error>;

fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "BatchCheckLayerAvailability" => layers::check_availability,
        "BatchDeleteImage" => batch_delete_image::batch_delete_image,
        "CompleteLayerUpload" => layers::complete_upload,
        "CreateRepository" => repositories::create,
        "DeleteRepository" => repositories::delete,
        "DescribeImages" => describe_images::describe_images,
        "DescribeRegistry" => repositories::describe_registry,
        "InitiateLayerUpload" => layers::initiate_upload,
        "ListImages" => list_images::list_images,
        "PutImage" => put_image::put_image,
        "UploadLayerPart" => layers::upload_part,
        _ => return None,
    })
}
