//! Requests that are bad and mended instead of refused.

use std::collections::BTreeSet;

use ecrspec_api::Document;

use super::Fault;
use crate::exchange::{Request, Response};
use crate::mutant::edit::{
    Members, elements, get, get_mut, get_text, number, object, objects, remove, set, text,
};
use crate::mutant::specimen::{Asked, Specimen, code_of};

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("name-is-trimmed", Fault::Request(|body| mend_name(body, |name| name.trim_matches(' ').to_owned()))),
    (
        "slashes-around-the-name-cut",
        Fault::Request(|body| mend_name(body, |name| name.trim_matches('/').to_owned())),
    ),
    ("name-in-small-letters", Fault::Request(|body| mend_name(body, str::to_lowercase))),
    (
        "line-feed-behind-the-name-cut",
        Fault::Request(|body| mend_name(body, |name| name.trim_end_matches('\n').to_owned())),
    ),
    (
        "tag-behind-the-name-cut",
        Fault::Request(|body| {
            mend_name(body, |name| name.split_once(':').map_or(name, |(name, _)| name).to_owned());
        }),
    ),
    (
        "dash-behind-the-name-let-through",
        Fault::Request(|body| mend_name(body, |name| name.trim_end_matches('-').to_owned())),
    ),
    ("any-underscores-let-through", Fault::Request(|body| mend_name(body, |name| name.replace("___", "_")))),
    ("empty-registry-id-means-own", Fault::Request(empty_registry_id_means_own)),
    (
        "zero-page-size-means-default",
        Fault::Request(|body| mend_page_size(body, |size| (size != 0).then_some(size))),
    ),
    (
        "negative-page-size-means-default",
        Fault::Request(|body| mend_page_size(body, |size| (size >= 0).then_some(size))),
    ),
    (
        "page-size-brought-into-range",
        Fault::Request(|body| mend_page_size(body, |size| Some(size.clamp(1, 1000)))),
    ),
    ("page-size-of-any-height", Fault::Request(|body| mend_page_size(body, |size| Some(size.min(1000))))),
    ("page-size-in-quotes-taken", Fault::Request(page_size_in_quotes_taken)),
    ("true-is-a-page-size", Fault::Request(true_is_a_page_size)),
    ("id-without-list-taken", Fault::Request(id_without_list_taken)),
    ("text-is-a-tag", Fault::Request(text_is_a_tag)),
    ("text-is-a-filter", Fault::Request(text_is_a_filter)),
    ("list-is-a-filter", Fault::Request(list_is_a_filter)),
    (
        "true-is-no-filter",
        Fault::Request(|body| no_filter_if(body, |value| matches!(value, Document::Boolean(_)))),
    ),
    (
        "number-is-no-filter",
        Fault::Request(|body| no_filter_if(body, |value| matches!(value, Document::Number(_)))),
    ),
    ("list-of-ids-of-no-list", Fault::Request(list_of_ids_of_no_list)),
    ("elements-of-no-object-passed-over", Fault::Request(elements_of_no_object_passed_over)),
    ("empty-ids-passed-over", Fault::Request(empty_ids_passed_over)),
    (
        "ids-beyond-a-hundred-cut",
        Fault::Request(|body| elements(body, "imageIds").map_or((), |ids| ids.truncate(100))),
    ),
    ("unknown-tag-status-means-any", Fault::Request(unknown_tag_status_means_any)),
    ("first-id-validated-alone", Fault::Describe(first_id_validated_alone)),
    ("empty-filter-values-mean-none", Fault::Request(empty_filter_values_mean_none)),
    (
        "line-feed-behind-the-registry-id-cut",
        Fault::Request(|body| mend_registry_id(body, |id| id.trim_end_matches('\n').to_owned())),
    ),
    ("line-feed-behind-an-image-id-cut", Fault::Request(line_feed_behind_an_image_id_cut)),
    (
        "digits-of-any-script",
        Fault::Request(|body| mend_registry_id(body, |id| id.chars().map(latin_digit).collect())),
    ),
    ("equal-ids-counted-once", Fault::Request(equal_ids_counted_once)),
    ("members-in-any-case", Fault::Request(members_in_any_case)),
    ("tag-of-any-length", Fault::Request(tag_of_any_length)),
    ("not-a-number-taken", Fault::Describe(not_a_number_taken)),
];

fn mend_name(body: &mut Members, mend: impl FnOnce(&str) -> String) {
    if let Some(name) = get_text(body, "repositoryName").map(mend) {
        set(body, "repositoryName", text(name));
    }
}

fn mend_page_size(body: &mut Members, mend: impl FnOnce(i64) -> Option<i64>) {
    let Some(Document::Number(size)) = get(body, "maxResults") else { return };
    let Ok(size) = size.parse() else { return };
    match mend(size) {
        Some(size) => set(body, "maxResults", number(size)),
        None => drop(remove(body, "maxResults")),
    }
}

fn empty_registry_id_means_own(body: &mut Members) {
    if get_text(body, "registryId") == Some("") {
        remove(body, "registryId");
    }
}

fn page_size_in_quotes_taken(body: &mut Members) {
    if let Some(size) = get_text(body, "maxResults").and_then(|size| size.parse::<i64>().ok()) {
        set(body, "maxResults", number(size));
    }
}

fn true_is_a_page_size(body: &mut Members) {
    if get(body, "maxResults") == Some(&Document::Boolean(true)) {
        set(body, "maxResults", number(1));
    }
}

fn id_without_list_taken(body: &mut Members) {
    if let Some(Document::Object(id)) = get(body, "imageIds") {
        let id = Document::Object(id.clone());
        set(body, "imageIds", Document::Array(vec![id]));
    }
}

fn text_is_a_tag(body: &mut Members) {
    for id in elements(body, "imageIds").into_iter().flatten() {
        if let Document::String(tag) = id {
            *id = object([("imageTag", text(tag.clone()))]);
        }
    }
}

fn text_is_a_filter(body: &mut Members) {
    if let Some(status) = get_text(body, "filter").map(str::to_owned) {
        set(body, "filter", object([("tagStatus", text(status))]));
    }
}

fn list_is_a_filter(body: &mut Members) {
    if let Some([first, ..]) = get(body, "filter").and_then(Document::as_array) {
        let first = first.clone();
        set(body, "filter", first);
    }
}

fn no_filter_if(body: &mut Members, is_none: fn(&Document) -> bool) {
    if get(body, "filter").is_some_and(is_none) {
        remove(body, "filter");
    }
}

fn list_of_ids_of_no_list(body: &mut Members) {
    if matches!(get(body, "imageIds"), Some(Document::Boolean(_) | Document::Number(_))) {
        remove(body, "imageIds");
    }
}

fn elements_of_no_object_passed_over(body: &mut Members) {
    if let Some(ids) = elements(body, "imageIds")
        && !ids.is_empty()
    {
        ids.retain(|id| matches!(id, Document::Object(_)));
        if ids.is_empty() {
            remove(body, "imageIds");
        }
    }
}

fn empty_ids_passed_over(body: &mut Members) {
    if let Some(ids) = elements(body, "imageIds")
        && ids.len() > 1
    {
        ids.retain(|id| *id != Document::Object(Vec::new()));
    }
}

fn unknown_tag_status_means_any(body: &mut Members) {
    if let Some(Document::Object(filter)) = get_mut(body, "filter")
        && get_text(filter, "tagStatus")
            .is_some_and(|status| !matches!(status, "TAGGED" | "UNTAGGED" | "ANY"))
    {
        remove(filter, "tagStatus");
    }
}

fn mend_registry_id(body: &mut Members, mend: impl FnOnce(&str) -> String) {
    if let Some(id) = get_text(body, "registryId").map(mend) {
        set(body, "registryId", text(id));
    }
}

fn empty_filter_values_mean_none(body: &mut Members) {
    if let Some(Document::Object(filter)) = get_mut(body, "filter") {
        filter.retain(|(_, value)| value.as_str() != Some(""));
    }
}

fn line_feed_behind_an_image_id_cut(body: &mut Members) {
    for (_, half) in objects(body, "imageIds").flatten() {
        if let Document::String(half) = half {
            half.truncate(half.trim_end_matches('\n').len());
        }
    }
}

/// The Latin digit for an Arabic one.
fn latin_digit(digit: char) -> char {
    let value = u32::from(digit).wrapping_sub(u32::from('\u{660}'));
    char::from_digit(value, 10).unwrap_or(digit)
}

fn equal_ids_counted_once(body: &mut Members) {
    if let Some(ids) = elements(body, "imageIds") {
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(id.to_string()));
    }
}

fn members_in_any_case(body: &mut Members) {
    for (name, _) in body {
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_lowercase();
        }
    }
}

/// A tag is cut to what a tag may have, which is no image's tag either.
fn tag_of_any_length(body: &mut Members) {
    for (_, half) in objects(body, "imageIds").flatten() {
        if let Document::String(half) = half {
            half.truncate(300);
        }
    }
}

fn not_a_number_taken(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let body = String::from_utf8_lossy(&asked.request.body).replace(":NaN", ":null").into_bytes();
    specimen.pass(&Request { body, ..asked.request.clone() }, asked.now)
}

/// A bad image id after the first is passed over.
fn first_id_validated_alone(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let mut body = asked.body.clone();
    let count = objects(&mut body, "imageIds").count();
    if code_of(&response) != "InvalidParameterException" || count < 2 {
        return response;
    }
    if let Some(ids) = elements(&mut body, "imageIds") {
        ids.truncate(1);
    }
    specimen.ask(asked, body)
}
