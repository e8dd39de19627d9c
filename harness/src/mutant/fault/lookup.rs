//! Faults in finding the images that a request names.

use std::collections::BTreeSet;

use ecrspec_api::Document;

use super::Fault;
use crate::exchange::Response;
use crate::mutant::edit::{Members, elements, get, get_text, members_of, objects, remove, set, text};
use crate::mutant::specimen::{Asked, Memory, Specimen, answer_of, code_of, entries_of};

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("unknown-ids-dropped", Fault::Describe(|specimen, asked| found_alone(specimen, asked, true))),
    ("partial-miss-is-a-success", Fault::Describe(|specimen, asked| found_alone(specimen, asked, false))),
    ("either-half-is-enough", Fault::Describe(either_half_is_enough)),
    ("empty-id-is-the-first-image", Fault::Describe(empty_id_is_the_first_image)),
    ("ids-found-in-every-repository", Fault::Describe(ids_found_in_every_repository)),
    (
        "tag-by-its-beginning",
        Fault::Describe(|specimen, asked| tag_by(specimen, asked, |tag, part| tag.starts_with(part))),
    ),
    (
        "tag-by-its-end",
        Fault::Describe(|specimen, asked| tag_by(specimen, asked, |tag, part| tag.ends_with(part))),
    ),
    (
        "tag-with-more-behind-it",
        Fault::Describe(|specimen, asked| tag_by(specimen, asked, |tag, part| part.starts_with(tag))),
    ),
    (
        "tag-in-any-case",
        Fault::Describe(|specimen, asked| tag_by(specimen, asked, str::eq_ignore_ascii_case)),
    ),
    (
        "digest-by-its-beginning",
        Fault::Describe(|specimen, asked| {
            digest_by(specimen, asked, "imageDigest", |digest, part| digest.starts_with(part))
        }),
    ),
    (
        "digest-of-any-algorithm",
        Fault::Describe(|specimen, asked| {
            digest_by(specimen, asked, "imageDigest", |digest, other| {
                hexadecimal(digest) == hexadecimal(other)
            })
        }),
    ),
    (
        "digest-for-a-tag",
        Fault::Describe(|specimen, asked| {
            digest_by(specimen, asked, "imageTag", |digest, tag| hexadecimal(digest) == tag)
        }),
    ),
    (
        "tag-is-a-pattern",
        Fault::Describe(|specimen, asked| {
            tag_by(specimen, asked, |tag, pattern| {
                let fits = |(own, asked)| own == asked || matches!(asked, '.' | '_');
                tag.len() == pattern.len() && tag.chars().zip(pattern.chars()).all(fits)
            })
        }),
    ),
    (
        "repository-by-its-beginning",
        Fault::Describe(|specimen, asked| {
            repository_by(specimen, asked, |known, name| {
                known.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
            })
        }),
    ),
    (
        "repository-by-its-end",
        Fault::Describe(|specimen, asked| {
            repository_by(specimen, asked, |known, name| {
                known.strip_suffix(name).is_some_and(|rest| rest.ends_with('/'))
            })
        }),
    ),
    ("last-id-only", Fault::Request(last_id_only)),
    ("found-among-the-first-hundred", Fault::Describe(found_among_the_first_hundred)),
    ("first-image-for-those-beyond-a-hundred", Fault::Describe(first_image_for_those_beyond_a_hundred)),
    ("index-with-its-children", Fault::Describe(index_with_its_children)),
    (
        "token-beside-named-images",
        Fault::Answer(|_, asked, answer| {
            if !ids(asked.body).is_empty() {
                set(answer, "nextToken", text("bW9yZQ=="));
            }
        }),
    ),
    (
        "named-image-without-size",
        Fault::Answer(|_, asked, answer| without_if_named(asked, answer, "imageSizeInBytes")),
    ),
    (
        "named-image-without-media-type",
        Fault::Answer(|_, asked, answer| without_if_named(asked, answer, "imageManifestMediaType")),
    ),
    ("named-by-digest-without-tags", Fault::Answer(named_by_digest_without_tags)),
    ("stranger-for-a-named-image", Fault::Answer(stranger_for_a_named_image)),
    ("neither-half-of-one-image-needed", Fault::Request(each_half_alone)),
    ("untagged-not-found-by-digest", Fault::Describe(untagged_not_found_by_digest)),
    ("index-resolved-to-its-child", Fault::Describe(index_resolved_to_its_child)),
    ("named-twice-given-twice", Fault::Describe(named_twice_given_twice)),
    ("only-asked-tag", Fault::Answer(only_asked_tag)),
    (
        "answer-in-another-order",
        Fault::Answer(|_, _, answer| {
            if let Some(entries) = elements(answer, "imageDetails") {
                entries.reverse();
            }
        }),
    ),
];

fn ids(body: &Members) -> Vec<Document> {
    get(body, "imageIds").and_then(Document::as_array).unwrap_or_default().to_vec()
}

/// The same request with this one element.
fn with_id(body: &Members, id: Document) -> Members {
    let mut body = body.clone();
    set(&mut body, "imageIds", Document::Array(vec![id]));
    body
}

/// What comes of each element on its own.
fn each_alone(specimen: &mut Specimen, asked: Asked<'_>) -> Vec<Result<Vec<Document>, Response>> {
    ids(asked.body).into_iter().map(|id| entries_of(specimen.ask(asked, with_id(asked.body, id)))).collect()
}

/// Each image once.
fn once(entries: impl IntoIterator<Item = Document>) -> Vec<Document> {
    let mut seen = BTreeSet::new();
    let digest = |entry: &Document| entry.get("imageDigest").and_then(Document::as_str).map(str::to_owned);
    entries.into_iter().filter(|entry| seen.insert(digest(entry))).collect()
}

fn found_alone(specimen: &mut Specimen, asked: Asked<'_>, even_none: bool) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if code_of(&response) != "ImageNotFoundException" {
        return response;
    }
    let found = once(each_alone(specimen, asked).into_iter().filter_map(Result::ok).flatten());
    if found.is_empty() && !even_none { response } else { answer_of(found, None) }
}

fn either_half_is_enough(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if code_of(&response) != "ImageNotFoundException" {
        return response;
    }
    let mut found = Vec::new();
    for id in ids(asked.body) {
        let halves = members_of(id).into_iter().map(|half| Document::Object(vec![half]));
        let answers: Vec<_> = halves
            .filter_map(|half| entries_of(specimen.ask(asked, with_id(asked.body, half))).ok())
            .collect();
        if answers.is_empty() {
            return response;
        }
        found.extend(answers.into_iter().flatten());
    }
    answer_of(once(found), None)
}

fn empty_id_is_the_first_image(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    if !ids(asked.body).contains(&Document::Object(Vec::new())) {
        return specimen.pass(asked.request, asked.now);
    }
    match specimen.list(asked, asked.body) {
        Ok(mut entries) => {
            entries.truncate(1);
            answer_of(entries, None)
        }
        Err(response) => response,
    }
}

fn ids_found_in_every_repository(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if code_of(&response) != "ImageNotFoundException" {
        return response;
    }
    for repository in specimen.memory.repositories.clone() {
        let mut body = asked.body.clone();
        set(&mut body, "repositoryName", text(repository));
        let elsewhere = specimen.ask(asked, body);
        if elsewhere.status == 200 {
            return elsewhere;
        }
    }
    response
}

/// An image is found by a tag that is like the one that is asked for.
fn tag_by(specimen: &mut Specimen, asked: Asked<'_>, is_like: fn(&str, &str) -> bool) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let asked_ids = ids(asked.body);
    let ([id], "ImageNotFoundException") = (asked_ids.as_slice(), code_of(&response).as_str()) else {
        return response;
    };
    let Some(part) = id.get("imageTag").and_then(Document::as_str) else { return response };
    let fits = |entry: &Document| {
        let tags = entry.get("imageTags").and_then(Document::as_array).unwrap_or_default();
        tags.iter().filter_map(Document::as_str).any(|tag| is_like(tag, part))
    };
    let found: Vec<Document> =
        specimen.list(asked, asked.body).unwrap_or_default().into_iter().filter(fits).take(1).collect();
    if found.is_empty() { response } else { answer_of(found, None) }
}

fn untagged_not_found_by_digest(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if response.status != 200 || get(asked.body, "imageIds").is_none_or(|ids| *ids == Document::Null) {
        return response;
    }
    let entries = entries_of(response.clone()).unwrap_or_default();
    if entries.iter().all(|entry| entry.get("imageTags").is_some()) {
        return response;
    }
    let unknown = Document::Object(vec![("imageTag".to_owned(), text("none-such"))]);
    specimen.ask(asked, with_id(asked.body, unknown))
}

fn index_resolved_to_its_child(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let asked_ids = ids(asked.body);
    let ([id], 200) = (asked_ids.as_slice(), response.status) else { return response };
    let entries = entries_of(response.clone()).unwrap_or_default();
    let child = entries.first().filter(|_| id.get("imageTag").is_some()).and_then(|entry| {
        let manifest = specimen.memory.manifest(entry.get("imageDigest")?.as_str()?)?;
        Some(manifest.pointer("/manifests/0/digest")?.clone())
    });
    match child {
        Some(digest) => {
            let id = Document::Object(vec![("imageDigest".to_owned(), digest)]);
            specimen.ask(asked, with_id(asked.body, id))
        }
        None => response,
    }
}

fn named_twice_given_twice(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if response.status != 200 || ids(asked.body).is_empty() {
        return response;
    }
    answer_of(each_alone(specimen, asked).into_iter().filter_map(Result::ok).flatten().collect(), None)
}

/// Of an image that is asked for by its tag, that tag alone.
fn only_asked_tag(_: &Memory, asked: Asked<'_>, answer: &mut Members) {
    let wanted: Vec<String> = ids(asked.body)
        .into_iter()
        .filter_map(|id| get_text(&members_of(id), "imageTag").map(str::to_owned))
        .collect();
    for entry in objects(answer, "imageDetails") {
        let Some(tags) = elements(entry, "imageTags") else { continue };
        let is_wanted =
            |tag: &Document| tag.as_str().is_some_and(|tag| wanted.iter().any(|wanted| wanted == tag));
        if tags.iter().any(is_wanted) {
            tags.retain(is_wanted);
        }
        if tags.is_empty() {
            remove(entry, "imageTags");
        }
    }
}

/// An image is found by a digest that is like the one that is asked for, or by a tag that is.
fn digest_by(
    specimen: &mut Specimen,
    asked: Asked<'_>,
    half: &str,
    is_like: fn(&str, &str) -> bool,
) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let asked_ids = ids(asked.body);
    let ([id], "ImageNotFoundException") = (asked_ids.as_slice(), code_of(&response).as_str()) else {
        return response;
    };
    let Some(part) = id.get(half).and_then(Document::as_str) else { return response };
    let fits = |entry: &Document| {
        entry.get("imageDigest").and_then(Document::as_str).is_some_and(|digest| is_like(digest, part))
    };
    let found: Vec<Document> =
        specimen.list(asked, asked.body).unwrap_or_default().into_iter().filter(fits).take(1).collect();
    if found.is_empty() { response } else { answer_of(found, None) }
}

/// What stands behind the algorithm of a digest.
fn hexadecimal(digest: &str) -> &str {
    digest.split_once(':').map_or(digest, |(_, digits)| digits)
}

/// A repository that is unknown by its name is looked for by a part of one.
fn repository_by(specimen: &mut Specimen, asked: Asked<'_>, is_like: fn(&str, &str) -> bool) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let name = get_text(asked.body, "repositoryName").unwrap_or_default();
    let found = specimen.memory.repositories.iter().find(|known| is_like(known, name)).cloned();
    match found.filter(|_| code_of(&response) == "RepositoryNotFoundException") {
        Some(found) => {
            let mut body = asked.body.clone();
            set(&mut body, "repositoryName", text(found));
            specimen.ask(asked, body)
        }
        None => response,
    }
}

fn last_id_only(body: &mut Members) {
    if let Some(ids) = elements(body, "imageIds") {
        let all = ids.len();
        ids.drain(..all.saturating_sub(1));
    }
}

/// A server that looks for images on the first page of its own list.
fn found_among_the_first_hundred(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if ids(asked.body).is_empty() || response.status != 200 {
        return response;
    }
    let first: Vec<Document> =
        specimen.list(asked, asked.body).unwrap_or_default().into_iter().take(100).collect();
    let found = entries_of(response.clone()).unwrap_or_default();
    if found.iter().all(|entry| first.contains(entry)) {
        return response;
    }
    let unknown = Document::Object(vec![("imageTag".to_owned(), text("none-such"))]);
    specimen.ask(asked, with_id(asked.body, unknown))
}

fn index_with_its_children(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if ids(asked.body).is_empty() || response.status != 200 {
        return response;
    }
    let mut entries = entries_of(response).unwrap_or_default();
    let manifests: Vec<Document> = entries
        .iter()
        .filter_map(|entry| specimen.memory.manifest(entry.get("imageDigest")?.as_str()?))
        .collect();
    for child in manifests.iter().filter_map(|manifest| manifest.get("manifests")?.as_array()).flatten() {
        let Some(digest) = child.get("digest") else { continue };
        let id = Document::Object(vec![("imageDigest".to_owned(), digest.clone())]);
        let child = entries_of(specimen.ask(asked, with_id(asked.body, id)));
        entries.extend(child.unwrap_or_default());
    }
    answer_of(entries, None)
}

fn without_if_named(asked: Asked<'_>, answer: &mut Members, member: &str) {
    if !ids(asked.body).is_empty() {
        for entry in objects(answer, "imageDetails") {
            remove(entry, member);
        }
    }
}

fn stranger_for_a_named_image(_: &Memory, asked: Asked<'_>, answer: &mut Members) {
    if ids(asked.body).len() == 1 {
        for entry in objects(answer, "imageDetails") {
            set(entry, "imageDigest", text(format!("sha256:{}", "5e".repeat(32))));
        }
    }
}

fn named_by_digest_without_tags(_: &Memory, asked: Asked<'_>, answer: &mut Members) {
    let by_digest = |id: Document| id.get("imageTag").is_none() && id.get("imageDigest").is_some();
    if ids(asked.body).into_iter().any(by_digest) {
        for entry in objects(answer, "imageDetails") {
            remove(entry, "imageTags");
        }
    }
}

/// Digest and tag of one element are looked for each on its own.
fn each_half_alone(body: &mut Members) {
    let halves: Vec<Document> = ids(body)
        .into_iter()
        .flat_map(|id| match id {
            Document::Object(members) if members.len() == 2 => {
                members.into_iter().map(|half| Document::Object(vec![half])).collect()
            }
            other => vec![other],
        })
        .collect();
    if !halves.is_empty() && halves.len() <= 100 {
        set(body, "imageIds", Document::Array(halves));
    }
}

/// For an image that is not among the first hundred the first one is given.
fn first_image_for_those_beyond_a_hundred(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if ids(asked.body).is_empty() || response.status != 200 {
        return response;
    }
    let first: Vec<Document> =
        specimen.list(asked, asked.body).unwrap_or_default().into_iter().take(100).collect();
    let found = entries_of(response.clone()).unwrap_or_default();
    if found.iter().all(|entry| first.contains(entry)) {
        response
    } else {
        answer_of(first[..1].to_vec(), None)
    }
}
