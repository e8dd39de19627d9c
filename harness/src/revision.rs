//! The revisions of the API that this program knows, and what each says of the same place.
//!
//! In: the tables that were built in. Out: a revision by name, those that came after it, and a member as another
//! revision has it. What must stay true: a revision that a run is about makes no false alarm on an endpoint that
//! speaks a later one, for ECR itself does: what a later revision knows is newer, not unknown.

use ecrspec_api::table::{Member, Revision};

/// Every revision, oldest first.
pub fn all() -> &'static [&'static Revision] {
    ecrspec_api::revisions()
}

/// The newest revision; none in a program that was built without any.
pub fn newest() -> Option<&'static Revision> {
    all().last().copied()
}

/// The revision of that name.
pub fn find(name: &str) -> Option<&'static Revision> {
    all().iter().copied().find(|revision| revision.name == name)
}

/// The revisions that came after that one, oldest first.
pub fn later(revision: &Revision) -> impl Iterator<Item = &'static Revision> {
    let name = revision.name;
    all().iter().copied().filter(move |other| other.name > name)
}

/// What a revision has under that id, such as `com.amazonaws.ecr#ImageIdentifier$imageTag`.
pub fn member(revision: &Revision, id: &str) -> Option<&'static Member> {
    let (shape, name) = id.split_once('$')?;
    revision.shape(shape)?.members().iter().find(|member| member.name == name)
}
