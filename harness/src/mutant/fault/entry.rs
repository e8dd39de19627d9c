//! Faults of an image's entry: each strikes every entry of a successful answer.

use std::time::{Duration, SystemTime};

use ecrspec_api::Document;

use super::Fault;
use crate::mutant::edit::{
    Members, elements, get, get_text, number, object, remove, set, set_if_absent, text,
};
use crate::mutant::specimen::Memory;
use crate::world::sha256;

const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";

pub(super) const FAULTS: &[(&str, Fault)] = &[
    (
        "empty-tags-key",
        Fault::Entry(|_, entry| set_if_absent(entry, "imageTags", Document::Array(Vec::new()))),
    ),
    ("null-tags-key", Fault::Entry(|_, entry| set_if_absent(entry, "imageTags", Document::Null))),
    (
        "list-of-null-for-no-tags",
        Fault::Entry(|_, entry| set_if_absent(entry, "imageTags", Document::Array(vec![Document::Null]))),
    ),
    (
        "tags-as-objects",
        Fault::Entry(|_, entry| {
            for tag in elements(entry, "imageTags").into_iter().flatten() {
                *tag = object([("imageTag", tag.clone())]);
            }
        }),
    ),
    ("tags-as-text", Fault::Entry(tags_as_text)),
    ("image-status-left-out", Fault::Entry(|_, entry| drop(remove(entry, "imageStatus")))),
    ("subject-left-out", Fault::Entry(|_, entry| drop(remove(entry, "subjectManifestDigest")))),
    ("untyped-manifest-is-dockers", Fault::Entry(untyped_manifest_is_dockers)),
    ("tags-left-out", Fault::Entry(|_, entry| drop(remove(entry, "imageTags")))),
    (
        "only-the-last-tag",
        Fault::Entry(|_, entry| tags(entry).map_or((), |tags| drop(tags.drain(..tags.len() - 1)))),
    ),
    ("tags-in-another-order", Fault::Entry(|_, entry| tags(entry).map_or((), |tags| tags.reverse()))),
    ("iso-timestamp", Fault::Entry(|_, entry| pushed(entry, |time| text(iso(time))))),
    ("millisecond-timestamp", Fault::Entry(|_, entry| pushed(entry, |time| number(millis(time))))),
    (
        "timestamp-as-text",
        Fault::Entry(|_, entry| pushed(entry, |time| text((millis(time) / 1000).to_string()))),
    ),
    ("whole-second-timestamp", Fault::Entry(|_, entry| pushed(entry, |time| number(millis(time) / 1000)))),
    ("pushed-in-1970", Fault::Entry(|_, entry| set(entry, "imagePushedAt", number("0.0")))),
    ("pushed-at-moves", Fault::Entry(pushed_at_moves)),
    (
        "pushed-when-its-repository-was-made",
        Fault::Entry(|memory, entry| pushed_when(entry, |repository| memory.made.get(repository).copied())),
    ),
    (
        "pushed-when-the-last-one-was",
        Fault::Entry(|memory, entry| pushed_when(entry, |repository| memory.pushed.get(repository).copied())),
    ),
    (
        "pushed-in-local-time",
        Fault::Entry(|_, entry| pushed(entry, |time| number(millis(time) / 1000 + 32_400))),
    ),
    ("pushed-tomorrow", Fault::Entry(|_, entry| pushed(entry, |time| number(millis(time) / 1000 + 86_400)))),
    ("pushed-in-microseconds", Fault::Entry(|_, entry| pushed(entry, |time| number(millis(time) * 1000)))),
    (
        "pushed-at-as-an-object",
        Fault::Entry(|_, entry| pushed(entry, |time| object([("seconds", number(millis(time) / 1000))]))),
    ),
    (
        "pushed-on-the-hour",
        Fault::Entry(|_, entry| pushed(entry, |time| number(millis(time) / 3_600_000 * 3600 + 7))),
    ),
    ("pushed-at-left-out", Fault::Entry(|_, entry| drop(remove(entry, "imagePushedAt")))),
    ("size-as-text", Fault::Entry(|_, entry| set_size(entry, text))),
    ("size-of-the-manifest", Fault::Entry(size_of_the_manifest)),
    ("size-of-the-config", Fault::Entry(size_of_the_config)),
    ("size-without-the-config", Fault::Entry(size_without_the_config)),
    ("size-is-constant", Fault::Entry(|_, entry| set(entry, "imageSizeInBytes", number(52_428_800)))),
    ("size-with-the-manifest", Fault::Entry(size_with_the_manifest)),
    ("size-is-zero", Fault::Entry(|_, entry| set(entry, "imageSizeInBytes", number(0)))),
    (
        "size-of-an-index-is-the-first",
        Fault::Entry(|memory, entry| size_of_a_child(memory, entry, |sizes| sizes.first().copied())),
    ),
    (
        "size-of-an-index-is-the-last",
        Fault::Entry(|memory, entry| size_of_a_child(memory, entry, |sizes| sizes.last().copied())),
    ),
    (
        "size-of-an-index-is-the-least",
        Fault::Entry(|memory, entry| size_of_a_child(memory, entry, |sizes| sizes.iter().min().copied())),
    ),
    (
        "size-of-an-index-is-its-manifest",
        Fault::Entry(|memory, entry| {
            if is_index(memory, entry) {
                size_of_the_manifest(memory, entry);
            }
        }),
    ),
    ("size-left-out", Fault::Entry(|_, entry| drop(remove(entry, "imageSizeInBytes")))),
    (
        "no-size-of-an-index",
        Fault::Entry(|memory, entry| {
            if is_index(memory, entry) {
                remove(entry, "imageSizeInBytes");
            }
        }),
    ),
    ("size-of-an-index-adds-up", Fault::Entry(size_of_an_index_adds_up)),
    ("artifact-type-of-the-manifest", Fault::Entry(artifact_type_of_the_manifest)),
    ("artifact-type-by-the-manifest-type", Fault::Entry(artifact_type_by_the_manifest_type)),
    (
        "artifact-type-is-dockers",
        Fault::Entry(|_, entry| {
            if get(entry, "artifactMediaType").is_some() {
                set(entry, "artifactMediaType", text("application/vnd.docker.container.image.v1+json"));
            }
        }),
    ),
    ("tag-twice", Fault::Entry(|_, entry| tags(entry).map_or((), |tags| tags.extend(tags.first().cloned())))),
    (
        "tags-with-the-repository",
        Fault::Entry(|_, entry| {
            let name = get_text(entry, "repositoryName").unwrap_or_default().to_owned();
            for tag in tags(entry).into_iter().flatten() {
                *tag = text(format!("{name}:{}", tag.as_str().unwrap_or_default()));
            }
        }),
    ),
    (
        "latest-for-no-tags",
        Fault::Entry(|_, entry| set_if_absent(entry, "imageTags", Document::Array(vec![text("latest")]))),
    ),
    (
        "none-for-no-tags",
        Fault::Entry(|_, entry| set_if_absent(entry, "imageTags", Document::Array(vec![text("<untagged>")]))),
    ),
    (
        "repository-name-with-the-registry",
        Fault::Entry(|_, entry| {
            let name = get_text(entry, "repositoryName").unwrap_or_default().to_owned();
            set(
                entry,
                "repositoryName",
                text(format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/{name}")),
            );
        }),
    ),
    (
        "digest-in-capitals",
        Fault::Entry(|_, entry| {
            let digest =
                get_text(entry, "imageDigest").unwrap_or_default().to_uppercase().replace("SHA256", "sha256");
            set(entry, "imageDigest", text(digest));
        }),
    ),
    (
        "id-in-the-entry",
        Fault::Entry(|_, entry| {
            let digest = get(entry, "imageDigest").cloned().unwrap_or(Document::Null);
            set(entry, "imageId", object([("imageDigest", digest)]));
        }),
    ),
    ("manifest-in-the-entry", Fault::Entry(|_, entry| set(entry, "imageManifest", text("{}")))),
    (
        "scan-pending-invented",
        Fault::Entry(|_, entry| set(entry, "imageScanStatus", object([("status", text("PENDING"))]))),
    ),
    ("empty-findings-invented", Fault::Entry(|_, entry| set(entry, "imageScanFindingsSummary", object([])))),
    ("artifact-type-left-out", Fault::Entry(|_, entry| drop(remove(entry, "artifactMediaType")))),
    (
        "artifact-type-on-an-index",
        Fault::Entry(|memory, entry| {
            if is_index(memory, entry) {
                set(entry, "artifactMediaType", text("application/vnd.oci.image.config.v1+json"));
            }
        }),
    ),
    (
        "manifest-type-is-constant",
        Fault::Entry(|_, entry| set(entry, "imageManifestMediaType", text(DOCKER))),
    ),
    ("manifest-type-left-out", Fault::Entry(|_, entry| drop(remove(entry, "imageManifestMediaType")))),
    ("random-digest", Fault::Entry(random_digest)),
    ("digest-without-algorithm", Fault::Entry(digest_without_algorithm)),
    ("registry-id-wrong", Fault::Entry(|_, entry| set(entry, "registryId", text("3f9a1c22")))),
    ("registry-id-left-out", Fault::Entry(|_, entry| drop(remove(entry, "registryId")))),
    ("repository-name-wrong", Fault::Entry(repository_name_wrong)),
    ("repository-name-left-out", Fault::Entry(|_, entry| drop(remove(entry, "repositoryName")))),
    ("unknown-member-in-entry", Fault::Entry(|_, entry| set(entry, "isSynthetic", Document::Boolean(true)))),
    ("key-twice-in-entry", Fault::Entry(|_, entry| entry.extend(entry.first().cloned()))),
    ("null-for-absent", Fault::Entry(|_, entry| set(entry, "lastRecordedPullTime", Document::Null))),
    (
        "pulled-when-pushed",
        Fault::Entry(|_, entry| {
            let pushed = get(entry, "imagePushedAt").cloned().unwrap_or(Document::Null);
            set(entry, "lastRecordedPullTime", pushed);
        }),
    ),
    ("scan-invented", Fault::Entry(scan_invented)),
    ("subject-invented", Fault::Entry(subject_invented)),
    ("image-archived", Fault::Entry(|_, entry| set(entry, "imageStatus", text("ARCHIVED")))),
    (
        "archive-times-invented",
        Fault::Entry(|_, entry| {
            let pushed = get(entry, "imagePushedAt").cloned().unwrap_or(Document::Null);
            set(entry, "lastArchivedAt", pushed.clone());
            set(entry, "lastActivatedAt", pushed);
        }),
    ),
    ("members-in-another-order", Fault::Entry(|_, entry| entry.reverse())),
];

/// The tags of an entry that has some.
fn tags(entry: &mut Members) -> Option<&mut Vec<Document>> {
    elements(entry, "imageTags").filter(|tags| !tags.is_empty())
}

fn untyped_manifest_is_dockers(memory: &Memory, entry: &mut Members) {
    let manifest = get_text(entry, "imageDigest").and_then(|digest| memory.manifest(digest));
    if manifest.is_some_and(|manifest| manifest.get("mediaType").is_none()) {
        set(entry, "imageManifestMediaType", text(DOCKER));
    }
}

fn tags_as_text(_: &Memory, entry: &mut Members) {
    let Some(tags) = tags(entry) else { return };
    let tags: Vec<&str> = tags.iter().filter_map(Document::as_str).collect();
    let tags = text(tags.join(","));
    set(entry, "imageTags", tags);
}

/// Writes the time of the push in another way.
fn pushed(entry: &mut Members, write: impl Fn(SystemTime) -> Document) {
    let Some(Document::Number(seconds)) = get(entry, "imagePushedAt") else { return };
    let since = seconds.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let Some(time) = since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)) else { return };
    set(entry, "imagePushedAt", write(time));
}

fn millis(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// A time as ISO 8601 has it.
fn iso(time: SystemTime) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";

    let date = httpdate::fmt_http_date(time);
    let mut parts = date.split(' ').skip(1);
    let mut next = || parts.next().unwrap_or_default();
    let (day, month, year, clock) = (next(), next(), next(), next());
    let month = MONTHS.find(month).unwrap_or_default() / 3 + 1;
    format!("{year}-{month:02}-{day}T{clock}+00:00")
}

/// A later time with every request, as of a clock that runs fast.
fn pushed_at_moves(memory: &Memory, entry: &mut Members) {
    // Back, by less than the second that checks of the time allow: those must not catch this one by chance.
    let early = Duration::from_millis(memory.asked % 500);
    pushed(entry, |time| {
        let millis = millis(time - early);
        number(format!("{}.{:03}", millis / 1000, millis % 1000))
    });
}

fn set_size(entry: &mut Members, write: impl Fn(String) -> Document) {
    if let Some(Document::Number(size)) = get(entry, "imageSizeInBytes") {
        let size = write(size.clone());
        set(entry, "imageSizeInBytes", size);
    }
}

fn manifest_of(memory: &Memory, entry: &Members) -> Option<Document> {
    memory.manifest(get_text(entry, "imageDigest")?)
}

fn is_index(memory: &Memory, entry: &Members) -> bool {
    manifest_of(memory, entry).is_some_and(|manifest| manifest.get("manifests").is_some())
}

fn size_of_the_manifest(memory: &Memory, entry: &mut Members) {
    let manifest = get_text(entry, "imageDigest").and_then(|digest| memory.manifests.get(digest));
    if let Some(length) = manifest.map(String::len) {
        set(entry, "imageSizeInBytes", number(length));
    }
}

fn size_of_the_config(memory: &Memory, entry: &mut Members) {
    let size = manifest_of(memory, entry).and_then(|manifest| manifest.pointer("/config/size").cloned());
    if let Some(size) = size {
        set(entry, "imageSizeInBytes", size);
    }
}

fn size_without_the_config(memory: &Memory, entry: &mut Members) {
    let Some(manifest) = manifest_of(memory, entry) else { return };
    let layers = manifest.get("layers").and_then(Document::as_array);
    if let Some(layers) = layers {
        set(entry, "imageSizeInBytes", number(layers.iter().map(size_in).sum::<u64>()));
    }
}

fn size_in(descriptor: &Document) -> u64 {
    match descriptor.get("size") {
        Some(Document::Number(size)) => size.parse().unwrap_or_default(),
        _ => 0,
    }
}

fn size_of_an_index_adds_up(memory: &Memory, entry: &mut Members) {
    let Some(manifest) = manifest_of(memory, entry) else { return };
    let Some(children) = manifest.get("manifests").and_then(Document::as_array) else { return };
    let size: u64 = children
        .iter()
        .filter_map(|child| memory.manifest(child.get("digest")?.as_str()?))
        .map(|child| {
            let layers = child.get("layers").and_then(Document::as_array).unwrap_or_default();
            child.get("config").map_or(0, size_in) + layers.iter().map(size_in).sum::<u64>()
        })
        .sum();
    set(entry, "imageSizeInBytes", number(size));
}

fn artifact_type_of_the_manifest(_: &Memory, entry: &mut Members) {
    if let Some(media_type) = get(entry, "imageManifestMediaType").cloned() {
        set(entry, "artifactMediaType", media_type);
    }
}

fn random_digest(memory: &Memory, entry: &mut Members) {
    let seed = format!("{}{}", memory.asked, get_text(entry, "imageDigest").unwrap_or_default());
    set(entry, "imageDigest", text(sha256(seed.as_bytes())));
}

fn digest_without_algorithm(_: &Memory, entry: &mut Members) {
    let bare = get_text(entry, "imageDigest").map(|digest| digest.replace("sha256:", ""));
    set(entry, "imageDigest", text(bare.unwrap_or_default()));
}

fn repository_name_wrong(_: &Memory, entry: &mut Members) {
    let name = get_text(entry, "repositoryName").unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default().to_owned();
    set(entry, "repositoryName", text(last));
}

fn scan_invented(_: &Memory, entry: &mut Members) {
    set(entry, "imageScanStatus", object([("status", text("COMPLETE"))]));
    let counts = object([("findingSeverityCounts", Document::Object(Vec::new()))]);
    set(entry, "imageScanFindingsSummary", counts);
}

fn subject_invented(_: &Memory, entry: &mut Members) {
    let digest = get(entry, "imageDigest").cloned().unwrap_or(Document::Null);
    set(entry, "subjectManifestDigest", digest);
}

/// Gives an entry the time that its repository has.
fn pushed_when(entry: &mut Members, time_of: impl Fn(&str) -> Option<SystemTime>) {
    if let Some(time) = get_text(entry, "repositoryName").and_then(time_of) {
        let millis = millis(time);
        set(entry, "imagePushedAt", number(format!("{}.{:03}", millis / 1000, millis % 1000)));
    }
}

fn size_with_the_manifest(memory: &Memory, entry: &mut Members) {
    let length =
        get_text(entry, "imageDigest").and_then(|digest| memory.manifests.get(digest)).map(String::len);
    let Some(Document::Number(size)) = get(entry, "imageSizeInBytes") else { return };
    if let (Some(length), Ok(size)) = (length, size.parse::<usize>()) {
        set(entry, "imageSizeInBytes", number(size + length));
    }
}

fn size_of_a_child(memory: &Memory, entry: &mut Members, choose: fn(&[u64]) -> Option<u64>) {
    let Some(manifest) = manifest_of(memory, entry) else { return };
    let Some(children) = manifest.get("manifests").and_then(Document::as_array) else { return };
    let sizes: Vec<u64> = children
        .iter()
        .filter_map(|child| memory.manifest(child.get("digest")?.as_str()?))
        .map(|child| {
            let layers = child.get("layers").and_then(Document::as_array).unwrap_or_default();
            child.get("config").map_or(0, size_in) + layers.iter().map(size_in).sum::<u64>()
        })
        .collect();
    if let Some(size) = choose(&sizes) {
        set(entry, "imageSizeInBytes", number(size));
    }
}

fn artifact_type_by_the_manifest_type(_: &Memory, entry: &mut Members) {
    let by_type = match get_text(entry, "imageManifestMediaType") {
        Some(DOCKER) => "application/vnd.docker.container.image.v1+json",
        Some("application/vnd.oci.image.manifest.v1+json") => "application/vnd.oci.image.config.v1+json",
        _ => return,
    };
    set(entry, "artifactMediaType", text(by_type));
}
