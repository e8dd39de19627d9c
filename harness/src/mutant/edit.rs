//! Changing JSON objects.

use ecrspec_api::Document;

/// The members of an object.
pub(super) type Members = Vec<(String, Document)>;

/// A text.
pub(super) fn text(value: impl Into<String>) -> Document {
    Document::String(value.into())
}

/// A number as it is spelled.
pub(super) fn number(value: impl std::fmt::Display) -> Document {
    Document::Number(format!("{value}"))
}

/// An object of these members.
pub(super) fn object<const N: usize>(members: [(&str, Document); N]) -> Document {
    Document::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// The value of a member.
pub(super) fn get<'a>(members: &'a Members, name: &str) -> Option<&'a Document> {
    members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The text of a member.
pub(super) fn get_text<'a>(members: &'a Members, name: &str) -> Option<&'a str> {
    get(members, name).and_then(Document::as_str)
}

/// The value of a member, to be changed.
pub(super) fn get_mut<'a>(members: &'a mut Members, name: &str) -> Option<&'a mut Document> {
    members.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Sets a member, in its place or at the end.
pub(super) fn set(members: &mut Members, name: &str, value: Document) {
    match get_mut(members, name) {
        Some(present) => *present = value,
        None => members.push((name.to_owned(), value)),
    }
}

/// Sets a member that is not there.
pub(super) fn set_if_absent(members: &mut Members, name: &str, value: Document) {
    if get(members, name).is_none() {
        members.push((name.to_owned(), value));
    }
}

/// Takes a member out.
pub(super) fn remove(members: &mut Members, name: &str) -> Option<Document> {
    let place = members.iter().position(|(key, _)| key == name)?;
    Some(members.remove(place).1)
}

/// The members of an object; nothing of anything else.
pub(super) fn members_of(document: Document) -> Members {
    match document {
        Document::Object(members) => members,
        _ => Vec::new(),
    }
}

/// The elements of a member that is a list, to be changed.
pub(super) fn elements<'a>(members: &'a mut Members, name: &str) -> Option<&'a mut Vec<Document>> {
    match get_mut(members, name)? {
        Document::Array(elements) => Some(elements),
        _ => None,
    }
}

/// The objects in a member that is a list, to be changed.
pub(super) fn objects<'a>(members: &'a mut Members, name: &str) -> impl Iterator<Item = &'a mut Members> {
    elements(members, name).into_iter().flatten().filter_map(|element| match element {
        Document::Object(members) => Some(members),
        _ => None,
    })
}
