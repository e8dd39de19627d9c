//! Pages of a listing, and the tokens that lead from one to the next.
//!
//! In: the entries of a listing, each with its place in the order. Out: the entries of one page, and a token
//! if there are more. What must stay true: a token is opaque; it goes with one operation on one repository,
//! and only the emulator that issued it takes it; the last page has none; no page is empty that has one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::Error;
use super::registry::{Image, Registry, Repository, Serial};
use super::wire::Call;

/// The most entries on a page where neither the request nor the table says.
const DEFAULT_PAGE_SIZE: u32 = 100;

/// The part of a listing that one call asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<'a> {
    call: &'a Call,
    registry: &'a Registry,
    repository: &'a Repository,
    /// The place after which it begins.
    pub(super) after: Serial,
    size: usize,
}

impl<'a> Window<'a> {
    /// What a call asks for with `maxResults` and `nextToken`. A size below 1 that was let in counts as 1.
    pub(super) fn read(
        call: &'a Call,
        registry: &'a Registry,
        repository: &'a Repository,
    ) -> Result<Self, Error> {
        let default_size = call.operation.pagination.as_ref().and_then(|pages| pages.default_page_size);
        let default_size = i64::from(default_size.unwrap_or(DEFAULT_PAGE_SIZE));
        let size = call.fields().integer("maxResults").unwrap_or(default_size).max(1);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let mut window = Self { call, registry, repository, after: Serial::default(), size };
        if let Some(token) = call.fields().text("nextToken") {
            window.after = window.open(token).ok_or(Error::ForeignToken)?;
        }
        Ok(window)
    }

    /// The first entries of what comes after [`Self::after`], and the token for the rest.
    pub(super) fn take<T>(&self, entries: impl Iterator<Item = (Serial, T)>) -> (Vec<T>, Option<String>) {
        let mut page = Vec::new();
        let mut last = self.after;
        for (serial, entry) in entries {
            if page.len() == self.size {
                return (page, Some(self.token(last)));
            }
            page.push(entry);
            last = serial;
        }
        (page, None)
    }

    fn token(&self, last: Serial) -> String {
        let place = last.0.to_be_bytes();
        STANDARD.encode([&self.seal(place)[..], &place].concat())
    }

    fn open(&self, token: &str) -> Option<Serial> {
        let bytes = STANDARD.decode(token).ok()?;
        let (seal, place) = bytes.split_last_chunk::<8>()?;
        (seal == self.seal(*place)).then(|| Serial(u64::from_be_bytes(*place)))
    }

    fn seal(&self, place: [u8; 8]) -> [u8; 32] {
        let repository = self.repository.serial.0.to_be_bytes();
        self.registry.entropy.seal(&[self.call.operation.name.as_bytes(), &repository, &place])
    }
}

/// Which images a listing shows (`filter`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    tags: TagStatus,
    /// Whether it shows active images, as every image here is.
    active: bool,
}

#[derive(Clone, Copy, Debug)]
enum TagStatus {
    Tagged,
    Untagged,
    Any,
}

impl Filter {
    /// What the filter of a call says. A value that is not known, and was let in, filters nothing.
    pub(super) fn read(call: &Call) -> Self {
        let filter = call.fields().fields("filter");
        let tags = match filter.text("tagStatus") {
            Some("TAGGED") => TagStatus::Tagged,
            Some("UNTAGGED") => TagStatus::Untagged,
            _ => TagStatus::Any,
        };
        Self { tags, active: !matches!(filter.text("imageStatus"), Some("ARCHIVED" | "ACTIVATING")) }
    }

    pub(super) fn shows(self, image: &Image) -> bool {
        let is_tagged = !image.tags.is_empty();
        self.active
            && match self.tags {
                TagStatus::Tagged => is_tagged,
                TagStatus::Untagged => !is_tagged,
                TagStatus::Any => true,
            }
    }
}
