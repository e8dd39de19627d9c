//! Faults in what other operations make of the images that `DescribeImages` tells of.

use std::time::SystemTime;

use ecrspec_api::Document;

use super::Fault;
use crate::exchange::{Request, Response};
use crate::mutant::edit::{Members, elements, get, get_text, members_of, object, remove, set, text};
use crate::mutant::specimen::{Memory, Push, Specimen, code_of, entries_of, json, operation_of, rewrite};
use crate::world::sha256;

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("retag-loses-the-former", Fault::Change(retag_loses_the_former, as_it_is)),
    ("retag-does-not-move", Fault::Change(retag_does_not_move, as_it_is)),
    ("tag-stays-on-the-former", Fault::Change(Specimen::pass, tag_stays_on_the_former)),
    (
        "former-lost-when-a-known-image-gets-its-tag",
        Fault::Change(former_lost_when_a_known_image_gets_its_tag, as_it_is),
    ),
    (
        "tag-stays-when-a-known-image-gets-it",
        Fault::Change(Specimen::pass, tag_stays_when_a_known_image_gets_it),
    ),
    ("tags-of-all-repositories", Fault::Change(Specimen::pass, tags_of_all_repositories)),
    ("second-tag-is-lost", Fault::Change(second_tag_is_lost, as_it_is)),
    ("deleted-repository-stays", Fault::Change(deleted_repository_stays, as_it_is)),
    ("pushed-again-is-twice-tagged", Fault::Change(takes_any_push, pushed_again_is_twice_tagged)),
    ("delete-does-nothing", Fault::Change(delete_does_nothing, as_it_is)),
    ("last-tag-deleted-leaves-image", Fault::Change(last_tag_deleted_leaves_image, without_lost_tags)),
    ("tag-deleted-deletes-image", Fault::Change(tag_deleted_deletes_image, as_it_is)),
    ("digest-of-another-text", Fault::Alias(digest_of_another_text)),
];

fn as_it_is(_: &Memory, _: &mut Members) {}

fn body_of(request: &Request) -> Members {
    Document::parse(&request.body).map(members_of).unwrap_or_default()
}

/// The request's repository, and this image in it.
fn image(body: &Members, half: &str, value: &str) -> Members {
    let id = Document::Array(vec![object([(half, text(value))])]);
    let repository = get(body, "repositoryName").cloned().unwrap_or(Document::Null);
    vec![("repositoryName".to_owned(), repository), ("imageIds".to_owned(), id)]
}

/// The digest that a tag means, and how many tags that image has.
fn tagged(
    specimen: &mut Specimen,
    request: &Request,
    body: &Members,
    tag: &str,
    now: SystemTime,
) -> Option<(String, usize)> {
    let found = specimen.call(request, "DescribeImages", image(body, "imageTag", tag), now);
    let entry = entries_of(found).ok()?.into_iter().next()?;
    let tags = entry.get("imageTags").and_then(Document::as_array).map_or(0, <[_]>::len);
    Some((entry.get("imageDigest")?.as_str()?.to_owned(), tags))
}

fn retag_loses_the_former(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    let body = body_of(request);
    let former = match get_text(&body, "imageTag") {
        Some(tag) if operation_of(request) == "PutImage" => tagged(specimen, request, &body, tag, now),
        _ => None,
    };
    let response = specimen.pass(request, now);
    if let Some((digest, 1)) = former.filter(|_| response.status == 200) {
        specimen.call(request, "BatchDeleteImage", image(&body, "imageDigest", &digest), now);
    }
    response
}

fn former_lost_when_a_known_image_gets_its_tag(
    specimen: &mut Specimen,
    request: &Request,
    now: SystemTime,
) -> Response {
    let body = body_of(request);
    let digest = get_text(&body, "imageManifest").map(|manifest| sha256(manifest.as_bytes()));
    let repository = get_text(&body, "repositoryName");
    let is_known =
        specimen.memory.pushes.iter().any(|push| {
            Some(&push.digest) == digest.as_ref() && Some(push.repository.as_str()) == repository
        });
    if is_known { retag_loses_the_former(specimen, request, now) } else { specimen.pass(request, now) }
}

fn retag_does_not_move(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    let mut body = body_of(request);
    if operation_of(request) == "PutImage"
        && let Some(tag) = get_text(&body, "imageTag").map(str::to_owned)
        && tagged(specimen, request, &body, &tag, now).is_some()
    {
        remove(&mut body, "imageTag");
        return specimen.call(request, "PutImage", body, now);
    }
    specimen.pass(request, now)
}

fn tag_stays_on_the_former(memory: &Memory, entry: &mut Members) {
    let (repository, digest) = (get_text(entry, "repositoryName"), get_text(entry, "imageDigest"));
    let pushes = memory
        .pushes
        .iter()
        .filter(|push| Some(push.repository.as_str()) == repository && Some(push.digest.as_str()) == digest);
    let tags: Vec<String> = pushes.filter_map(|push| push.tag.clone()).collect();
    add_tags(entry, tags);
}

/// An image keeps a tag that another has got, if that one was there already.
fn tag_stays_when_a_known_image_gets_it(memory: &Memory, entry: &mut Members) {
    let (repository, digest) = (get_text(entry, "repositoryName"), get_text(entry, "imageDigest"));
    let here: Vec<&Push> =
        memory.pushes.iter().filter(|push| Some(push.repository.as_str()) == repository).collect();
    let is_taken = |push: &Push| {
        let taker = here.iter().rposition(|other| other.tag == push.tag && other.digest != push.digest);
        taker.is_some_and(|at| here.iter().take(at).any(|other| other.digest == here[at].digest))
    };
    let own = here.iter().filter(|push| Some(push.digest.as_str()) == digest && is_taken(push));
    let tags: Vec<String> = own.filter_map(|push| push.tag.clone()).collect();
    add_tags(entry, tags);
}

/// An image has the tags that it has in other repositories too.
fn tags_of_all_repositories(memory: &Memory, entry: &mut Members) {
    let (repository, digest) = (get_text(entry, "repositoryName"), get_text(entry, "imageDigest"));
    let pushes = memory
        .pushes
        .iter()
        .filter(|push| Some(push.repository.as_str()) != repository && Some(push.digest.as_str()) == digest);
    let tags: Vec<String> = pushes.filter_map(|push| push.tag.clone()).collect();
    add_tags(entry, tags);
}

/// Gives an entry these tags too.
fn add_tags(entry: &mut Members, tags: Vec<String>) {
    for tag in tags {
        match elements(entry, "imageTags") {
            Some(tags) if tags.contains(&text(tag.clone())) => {}
            Some(tags) => tags.push(text(tag)),
            None => set(entry, "imageTags", Document::Array(vec![text(tag)])),
        }
    }
}

/// The answer to a deletion that deletes nothing.
fn as_if_deleted(body: &Members, digest: Option<String>) -> Response {
    let mut ids = get(body, "imageIds").cloned().unwrap_or(Document::Array(Vec::new()));
    if let (Document::Array(ids), Some(digest)) = (&mut ids, digest) {
        for id in ids {
            let mut members = members_of(id.clone());
            set(&mut members, "imageDigest", text(digest.clone()));
            *id = Document::Object(members);
        }
    }
    json(200, &object([("failures", Document::Array(Vec::new())), ("imageIds", ids)]))
}

fn delete_does_nothing(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    if operation_of(request) == "BatchDeleteImage" {
        return as_if_deleted(&body_of(request), None);
    }
    specimen.pass(request, now)
}

/// The one tag by which a request deletes, and what it means.
fn deleted_tag(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Option<(String, usize)> {
    if operation_of(request) != "BatchDeleteImage" {
        return None;
    }
    let body = body_of(request);
    let [id] = get(&body, "imageIds")?.as_array()? else { return None };
    tagged(specimen, request, &body, id.get("imageTag")?.as_str()?, now)
}

fn last_tag_deleted_leaves_image(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    if let Some((digest, 1)) = deleted_tag(specimen, request, now) {
        specimen.memory.bare.insert(digest.clone());
        return as_if_deleted(&body_of(request), Some(digest));
    }
    specimen.pass(request, now)
}

fn without_lost_tags(memory: &Memory, entry: &mut Members) {
    if get_text(entry, "imageDigest").is_some_and(|digest| memory.bare.contains(digest)) {
        remove(entry, "imageTags");
    }
}

fn tag_deleted_deletes_image(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    if let Some((digest, _)) = deleted_tag(specimen, request, now) {
        let body = image(&body_of(request), "imageDigest", &digest);
        return specimen.call(request, "BatchDeleteImage", body, now);
    }
    specimen.pass(request, now)
}

/// A registry that hashes something else than the manifest, and keeps to it everywhere.
fn digest_of_another_text(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    let mut request = request.clone();
    let body = String::from_utf8_lossy(&request.body).into_owned();
    request.body = exchanged(&body, |digest| specimen.memory.aliases.get(digest).cloned()).into_bytes();
    let mut response = specimen.pass(&request, now);
    if matches!(operation_of(&request), "PutImage" | "DescribeImages" | "BatchDeleteImage") {
        let body = String::from_utf8_lossy(&response.body).into_owned();
        let pushed = &specimen.memory.manifests;
        let aliases = &mut specimen.memory.aliases;
        let body = exchanged(&body, |digest| {
            pushed.contains_key(digest).then(|| {
                let alias = alias_of(digest);
                aliases.insert(alias.clone(), digest.to_owned());
                alias
            })
        });
        rewrite(&mut response, body.into_bytes());
    }
    response
}

fn alias_of(digest: &str) -> String {
    sha256(digest.as_bytes())
}

/// A text with each digest in it exchanged for another, where there is another.
fn exchanged(text: &str, mut other: impl FnMut(&str) -> Option<String>) -> String {
    const LENGTH: usize = "sha256:".len() + 64;

    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("sha256:") {
        out.push_str(&rest[..at]);
        let digest = rest.get(at..at + LENGTH).unwrap_or(&rest[at..]);
        out.push_str(&other(digest).unwrap_or_else(|| digest.to_owned()));
        rest = &rest[at + digest.len()..];
    }
    out.push_str(rest);
    out
}

/// An image that is there already gets no other tag.
fn second_tag_is_lost(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    let mut body = body_of(request);
    if operation_of(request) == "PutImage" {
        let digest = get_text(&body, "imageManifest").map(|manifest| sha256(manifest.as_bytes()));
        let repository = get_text(&body, "repositoryName").map(str::to_owned);
        let is_there = specimen.memory.pushes.iter().any(|push| {
            Some(&push.digest) == digest.as_ref() && Some(&push.repository) == repository.as_ref()
        });
        if is_there {
            let tag = get(&body, "imageTag").cloned().unwrap_or(Document::Null);
            remove(&mut body, "imageTag");
            let id = object([("imageDigest", text(digest.unwrap_or_default())), ("imageTag", tag)]);
            return json(200, &object([("image", object([("imageId", id)]))]));
        }
    }
    specimen.pass(request, now)
}

/// A repository that was deleted while it had images goes on as it was, and its name can be taken again.
fn deleted_repository_stays(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    let name = get(&body_of(request), "repositoryName").cloned().unwrap_or(Document::Null);
    let repository = object([("repository", object([("repositoryName", name.clone())]))]);
    let is_known = name.as_str().is_some_and(|name| specimen.memory.repositories.contains(name));
    match operation_of(request) {
        "DeleteRepository" | "CreateRepository" if is_known => json(200, &repository),
        _ => specimen.pass(request, now),
    }
}

/// A push of what is there already counts as one more.
fn takes_any_push(specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
    let response = specimen.pass(request, now);
    if code_of(&response) == "ImageAlreadyExistsException" {
        let body = body_of(request);
        let text_of = |name: &str| get_text(&body, name).unwrap_or_default().to_owned();
        let digest = sha256(text_of("imageManifest").as_bytes());
        let tag = get_text(&body, "imageTag").map(str::to_owned);
        specimen.memory.pushes.push(Push { repository: text_of("repositoryName"), digest, tag });
    }
    response
}

/// A tag stands as often as it was pushed.
fn pushed_again_is_twice_tagged(memory: &Memory, entry: &mut Members) {
    let (repository, digest) = (get_text(entry, "repositoryName"), get_text(entry, "imageDigest"));
    let pushes = memory
        .pushes
        .iter()
        .filter(|push| Some(push.repository.as_str()) == repository && Some(push.digest.as_str()) == digest);
    let names: Vec<String> = pushes.filter_map(|push| push.tag.clone()).collect();
    if let Some(tags) = elements(entry, "imageTags") {
        let again: Vec<Document> = tags
            .iter()
            .filter(|tag| names.iter().filter(|name| tag.as_str() == Some(name)).count() > 1)
            .cloned()
            .collect();
        tags.extend(again);
    }
}
