//! The state: one registry with its repositories, and what they hold.
//!
//! In: what the operations find out. Out: the same state, changed only in ways that keep it whole.
//! What must stay true: a digest names one image of a repository; a tag names one image of it; both maps and
//! the images agree; a serial is given once, so that order and tokens survive every change; nothing
//! grows past the limits here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use sha2::Sha256;

use super::entropy::Entropy;
use super::error::Error;
use super::wire::{Call, Fields};

/// The most repositories that the registry holds.
const MAX_REPOSITORIES: usize = 1_000;
/// The most images that all repositories hold.
const MAX_IMAGES: usize = 100_000;
/// The most tags that all images have.
const MAX_TAGS: usize = 200_000;
/// The most manifests that all indexes refer to.
const MAX_REFERENCES: usize = 200_000;
/// The most layers that all repositories hold.
const MAX_LAYERS: usize = 100_000;
/// The most uploads under way in a repository. One more drops the oldest, as if it had expired.
const MAX_UPLOADS: usize = 100;

/// A place in the order in which things came into the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Serial(pub(super) u64);

#[derive(Clone, Debug)]
pub(super) struct Registry {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) entropy: Entropy,
    repositories: BTreeMap<String, Repository>,
    last_serial: Serial,
}

#[derive(Clone, Debug)]
pub(super) struct Repository {
    pub(super) name: String,
    /// Sets it apart from a former repository of the same name.
    pub(super) serial: Serial,
    pub(super) created: SystemTime,
    pub(super) tags_are_immutable: bool,
    /// The sizes of its layers and configs by digest.
    pub(super) layers: BTreeMap<String, u64>,
    pub(super) uploads: BTreeMap<String, Upload>,
    images: BTreeMap<Serial, Image>,
    by_digest: BTreeMap<String, Serial>,
    by_tag: BTreeMap<String, Serial>,
}

#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) digest: String,
    /// In the order in which it got them.
    pub(super) tags: Vec<Tag>,
    pub(super) media_type: String,
    pub(super) artifact_media_type: Option<String>,
    /// The digest of the manifest that this one is about.
    pub(super) subject: Option<String>,
    /// The images that an index refers to.
    pub(super) children: BTreeSet<Serial>,
    pub(super) size: u64,
    pub(super) pushed: SystemTime,
}

#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) serial: Serial,
}

/// A layer on its way: its bytes are hashed and counted, not kept.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) serial: Serial,
    pub(super) hash: Sha256,
    pub(super) size: u64,
}

/// What an element of `imageIds` asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct ImageId<'a> {
    pub(super) digest: Option<&'a str>,
    pub(super) tag: Option<&'a str>,
}

impl<'a> ImageId<'a> {
    pub(super) fn read(element: Fields<'a>) -> Self {
        Self { digest: element.text("imageDigest"), tag: element.text("imageTag") }
    }
}

impl Registry {
    pub(super) fn new(account: String, region: String, entropy: Entropy) -> Self {
        Self { account, region, entropy, repositories: BTreeMap::new(), last_serial: Serial::default() }
    }

    /// Lets in who asks for this account's registry. Nobody may see another, nor what is in it.
    pub(super) fn admit(&self, call: &Call) -> Result<(), Error> {
        let fields = call.fields();
        let Some(owner) = fields.text("registryId").filter(|owner| *owner != self.account) else {
            return Ok(());
        };
        Err(Error::AccessDenied {
            caller: self.account.clone(),
            action: call.operation.name,
            resource: self.arn(owner, fields.text("repositoryName").unwrap_or("*")),
        })
    }

    pub(super) fn arn(&self, owner: &str, repository: &str) -> String {
        format!("arn:aws:ecr:{}:{owner}:repository/{repository}", self.region)
    }

    pub(super) fn next_serial(&mut self) -> Serial {
        self.last_serial.0 += 1;
        self.last_serial
    }

    pub(super) fn create(
        &mut self,
        name: &str,
        tags_are_immutable: bool,
        created: SystemTime,
    ) -> Result<&Repository, Error> {
        if self.repositories.contains_key(name) {
            let (repository, account) = (name.to_owned(), self.account.clone());
            return Err(Error::RepositoryAlreadyExists { repository, account });
        }
        within(self.repositories.len(), MAX_REPOSITORIES, "repositories")?;
        let repository = Repository {
            name: name.to_owned(),
            serial: self.next_serial(),
            created,
            tags_are_immutable,
            layers: BTreeMap::new(),
            uploads: BTreeMap::new(),
            images: BTreeMap::new(),
            by_digest: BTreeMap::new(),
            by_tag: BTreeMap::new(),
        };
        Ok(self.repositories.entry(name.to_owned()).or_insert(repository))
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Repository> {
        self.repositories.remove(name)
    }

    /// The repository that a call names.
    pub(super) fn repository(&self, call: &Call) -> Result<&Repository, Error> {
        let name = call.fields().required("repositoryName")?;
        self.repositories.get(name).ok_or_else(|| self.no_repository(name))
    }

    /// The repository that a call names, to be changed.
    pub(super) fn repository_mut(&mut self, call: &Call) -> Result<&mut Repository, Error> {
        let name = call.fields().required("repositoryName")?;
        let missing = self.no_repository(name);
        self.repositories.get_mut(name).ok_or(missing)
    }

    pub(super) fn has_room_for_an_image(&self, references: usize) -> Result<(), Error> {
        within(self.total(|repository| repository.images.len()), MAX_IMAGES, "images")?;
        let children =
            |repository: &Repository| repository.images.values().map(|image| image.children.len()).sum();
        within(self.total(children).saturating_add(references), MAX_REFERENCES, "references of indexes")
    }

    pub(super) fn has_room_for_a_tag(&self) -> Result<(), Error> {
        within(self.total(|repository| repository.by_tag.len()), MAX_TAGS, "tags")
    }

    pub(super) fn has_room_for_a_layer(&self) -> Result<(), Error> {
        within(self.total(|repository| repository.layers.len()), MAX_LAYERS, "layers")
    }

    fn total(&self, count: impl Fn(&Repository) -> usize) -> usize {
        self.repositories.values().map(count).sum()
    }

    fn no_repository(&self, name: &str) -> Error {
        Error::RepositoryNotFound { repository: name.to_owned(), account: self.account.clone() }
    }
}

impl Repository {
    pub(super) fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The images in the order in which they came.
    pub(super) fn images(&self) -> impl Iterator<Item = (Serial, &Image)> {
        self.images.iter().map(|(serial, image)| (*serial, image))
    }

    /// The images that came after that one.
    pub(super) fn images_after(&self, serial: Serial) -> impl Iterator<Item = (Serial, &Image)> {
        self.images.range(Serial(serial.0.saturating_add(1))..).map(|(serial, image)| (*serial, image))
    }

    pub(super) fn image(&self, serial: Serial) -> Option<&Image> {
        self.images.get(&serial)
    }

    pub(super) fn serial_of_digest(&self, digest: &str) -> Option<Serial> {
        self.by_digest.get(digest).copied()
    }

    pub(super) fn serial_of_tag(&self, tag: &str) -> Option<Serial> {
        self.by_tag.get(tag).copied()
    }

    /// An index that refers to that image.
    pub(super) fn index_over(&self, image: Serial) -> Option<&Image> {
        self.images.values().find(|index| index.children.contains(&image))
    }

    /// The image that has each half which the id gives.
    pub(super) fn find(&self, id: ImageId<'_>) -> Option<Serial> {
        match (id.digest, id.tag) {
            (Some(digest), None) => self.serial_of_digest(digest),
            (None, Some(tag)) => self.serial_of_tag(tag),
            (Some(digest), Some(tag)) => {
                self.serial_of_digest(digest).filter(|serial| self.serial_of_tag(tag) == Some(*serial))
            }
            (None, None) => None,
        }
    }

    pub(super) fn insert(&mut self, serial: Serial, image: Image) {
        self.by_digest.insert(image.digest.clone(), serial);
        self.by_tag.extend(image.tags.iter().map(|tag| (tag.name.clone(), serial)));
        self.images.insert(serial, image);
    }

    /// Gives the tag to that image, and takes it from the one that had it.
    pub(super) fn tag(&mut self, image: Serial, tag: Tag) {
        self.untag(&tag.name);
        if let Some(owner) = self.images.get_mut(&image) {
            self.by_tag.insert(tag.name.clone(), image);
            owner.tags.push(tag);
        }
    }

    /// Takes the tag from the image that has it. The image stays.
    pub(super) fn untag(&mut self, name: &str) {
        if let Some(owner) = self.by_tag.remove(name).and_then(|serial| self.images.get_mut(&serial)) {
            owner.tags.retain(|tag| tag.name != name);
        }
    }

    pub(super) fn remove_image(&mut self, serial: Serial) -> Option<Image> {
        let image = self.images.remove(&serial)?;
        self.by_digest.remove(&image.digest);
        for tag in &image.tags {
            self.by_tag.remove(&tag.name);
        }
        Some(image)
    }

    pub(super) fn start_upload(&mut self, id: &str, serial: Serial) {
        if self.uploads.len() >= MAX_UPLOADS {
            let oldest = self.uploads.iter().min_by_key(|(_, upload)| upload.serial);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.uploads.remove(&oldest);
            }
        }
        self.uploads.insert(id.to_owned(), Upload { serial, hash: Sha256::default(), size: 0 });
    }
}

fn within(present: usize, limit: usize, what: &'static str) -> Result<(), Error> {
    if present < limit { Ok(()) } else { Err(Error::LimitExceeded { limit, what }) }
}
