//! Faults in what a listing has, and in its pages.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ecrspec_api::Document;

use super::Fault;
use crate::exchange::Response;
use crate::mutant::edit::{
    Members, elements, get, get_text, number, objects, remove, set, set_if_absent, text,
};
use crate::mutant::specimen::{Asked, Memory, Specimen, answer_of, entries_of, json, refusal};

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("one-entry-a-tag", Fault::Answer(|_, _, answer| entry_a_tag(answer, false))),
    ("one-entry-a-tag-no-untagged", Fault::Answer(|_, _, answer| entry_a_tag(answer, true))),
    ("untagged-hidden", Fault::Answer(untagged_hidden)),
    ("children-of-an-index-hidden", Fault::Answer(children_of_an_index_hidden)),
    ("index-hidden", Fault::Answer(index_hidden)),
    ("shared-image-shown-once", Fault::Answer(shared_image_shown_once)),
    ("leak-from-every-repository", Fault::Describe(|specimen, asked| leak(specimen, asked, |_, _| true))),
    (
        "leak-from-below-the-name",
        Fault::Describe(|specimen, asked| {
            leak(specimen, asked, |name, other| other.starts_with(&format!("{name}/")))
        }),
    ),
    (
        "leak-from-names-that-begin-alike",
        Fault::Describe(|specimen, asked| leak(specimen, asked, |name, other| other.starts_with(name))),
    ),
    ("always-empty", Fault::Answer(|_, _, answer| elements(answer, "imageDetails").map_or((), Vec::clear))),
    ("no-list-when-empty", Fault::Answer(no_list_when_empty)),
    ("null-list-when-empty", Fault::Answer(null_list_when_empty)),
    (
        "unknown-member-in-answer",
        Fault::Answer(|_, _, answer| set(answer, "failures", Document::Array(Vec::new()))),
    ),
    ("answer-in-a-wrapper", Fault::Answer(answer_in_a_wrapper)),
    ("null-token", Fault::Answer(|_, _, answer| set_if_absent(answer, "nextToken", Document::Null))),
    ("empty-token", Fault::Answer(|_, _, answer| set_if_absent(answer, "nextToken", text("")))),
    (
        "token-on-the-last-page",
        Fault::Answer(|_, _, answer| set_if_absent(answer, "nextToken", text("ZW5k"))),
    ),
    ("never-a-token", Fault::Answer(|_, _, answer| drop(remove(answer, "nextToken")))),
    ("token-is-a-number", Fault::Answer(token_is_a_number)),
    (
        "one-too-many-on-a-page",
        paged_fault(|specimen, asked| {
            paged(specimen, asked, |all, page| (page.from..page.to(all) + 1, page.to(all) + 1))
        }),
    ),
    (
        "token-one-too-far",
        paged_fault(|specimen, asked| {
            paged(specimen, asked, |all, page| (page.from..page.to(all), page.to(all) + 1))
        }),
    ),
    ("image-twice-at-the-border", paged_fault(|specimen, asked| paged(specimen, asked, border_twice))),
    ("token-after-a-full-page", paged_fault(token_after_a_full_page)),
    ("order-changes-between-pages", paged_fault(order_changes_between_pages)),
    ("cut-before-the-filter", paged_fault(cut_before_the_filter)),
    ("stranger-on-small-pages", Fault::Answer(stranger_on_small_pages)),
    (
        "own-registry-lists-nothing",
        Fault::Answer(|_, asked, answer| {
            if is_listing(asked) && get_text(asked.body, "registryId").is_some() {
                retain(answer, |_| false);
            }
        }),
    ),
    (
        "one-too-few-on-a-page",
        paged_fault(|specimen, asked| {
            paged(specimen, asked, |all, page| {
                let end = if page.size > 1 { page.from + page.size - 1 } else { page.from + page.size };
                (page.from..end.min(all), end.min(all))
            })
        }),
    ),
    (
        "two-pages-only",
        paged_fault(|specimen, asked| {
            paged(specimen, asked, |all, page| {
                (page.from..page.to(all), if page.from == 0 { page.to(all) } else { all })
            })
        }),
    ),
    (
        "default-pages-end-after-two",
        paged_fault(|specimen, asked| {
            paged(specimen, asked, |all, page| {
                let goes_on = page.from == 0 || page.size != 100;
                (page.from..page.to(all), if goes_on { page.to(all) } else { all })
            })
        }),
    ),
    (
        "great-page-has-all",
        paged_fault(|specimen, asked| {
            paged(specimen, asked, |all, page| {
                let end = if page.size == 1000 { all } else { page.to(all) };
                (page.from..end, end)
            })
        }),
    ),
    ("no-token-after-a-great-page", Fault::Answer(no_token_after_a_great_page)),
    (
        "token-is-a-page-number",
        paged_fault(|specimen, asked| {
            paged(specimen, asked, |all, page| {
                let start = page.from * page.size;
                let end = (start + page.size).min(all);
                (start..end, if end < all { page.from + 1 } else { all })
            })
        }),
    ),
    ("token-needs-the-page-size", paged_fault(token_needs_the_page_size)),
    ("token-starts-over-without-the-page-size", Fault::Request(token_starts_over_without_the_page_size)),
    ("token-used-up", paged_fault(token_used_up)),
    ("token-carries-its-repository", paged_fault(token_carries_its_repository)),
    ("token-of-any-repository", paged_fault(token_of_any_repository)),
    ("token-alone-gives-nothing", paged_fault(token_alone_gives_nothing)),
    ("bad-token-breaks-the-server", paged_fault(bad_token_breaks_the_server)),
    ("empty-list-is-an-object", Fault::Answer(empty_list_is_an_object)),
    (
        "page-size-ignored-with-filter",
        Fault::Request(|body| {
            if get(body, "filter").is_some() {
                remove(body, "maxResults");
            }
        }),
    ),
    ("page-of-ten-at-most", Fault::Request(|body| ten_at_most(body, false))),
    ("default-page-of-ten", Fault::Request(|body| ten_at_most(body, true))),
    ("continuation-token-exception", Fault::Error(continuation_token_exception)),
    ("answers-the-request-before", Fault::Describe(answers_the_request_before)),
];

const fn paged_fault(carry_out: fn(&mut Specimen, Asked<'_>) -> Response) -> Fault {
    Fault::Describe(carry_out)
}

fn entry_a_tag(answer: &mut Members, drop_untagged: bool) {
    let Some(entries) = elements(answer, "imageDetails") else { return };
    let mut split = Vec::new();
    for entry in std::mem::take(entries) {
        let tags = entry.get("imageTags").and_then(Document::as_array).unwrap_or_default().to_vec();
        if tags.is_empty() && !drop_untagged {
            split.push(entry);
            continue;
        }
        let Document::Object(members) = entry else { continue };
        for tag in tags {
            let mut members = members.clone();
            set(&mut members, "imageTags", Document::Array(vec![tag]));
            split.push(Document::Object(members));
        }
    }
    *entries = split;
}

fn is_listing(asked: Asked<'_>) -> bool {
    get(asked.body, "imageIds").is_none_or(|ids| *ids == Document::Null)
}

fn untagged_hidden(_: &Memory, asked: Asked<'_>, answer: &mut Members) {
    if is_listing(asked) {
        retain(answer, |entry| entry.get("imageTags").is_some());
    }
}

/// A page of a few images has one that no repository has.
fn stranger_on_small_pages(_: &Memory, asked: Asked<'_>, answer: &mut Members) {
    let is_small = matches!(get(asked.body, "maxResults"), Some(Document::Number(size)) if size.len() == 1);
    let first = elements(answer, "imageDetails").and_then(|entries| entries.first_mut());
    if let (true, Some(Document::Object(members))) = (is_small, first) {
        let digest = format!("sha256:{}", "5e".repeat(32));
        set(members, "imageDigest", text(digest));
    }
}

fn retain(answer: &mut Members, keep: impl Fn(&Document) -> bool) {
    if let Some(entries) = elements(answer, "imageDetails") {
        entries.retain(keep);
    }
}

fn digest_of(entry: &Document) -> &str {
    entry.get("imageDigest").and_then(Document::as_str).unwrap_or_default()
}

fn children_of_an_index_hidden(memory: &Memory, asked: Asked<'_>, answer: &mut Members) {
    if !is_listing(asked) {
        return;
    }
    let indexes = memory.manifests.keys().filter_map(|digest| memory.manifest(digest));
    let children: BTreeSet<String> = indexes
        .filter_map(|manifest| manifest.get("manifests").and_then(Document::as_array).map(<[_]>::to_vec))
        .flatten()
        .filter_map(|child| child.get("digest").and_then(Document::as_str).map(str::to_owned))
        .collect();
    retain(answer, |entry| !children.contains(digest_of(entry)));
}

fn index_hidden(memory: &Memory, asked: Asked<'_>, answer: &mut Members) {
    if is_listing(asked) {
        retain(answer, |entry| {
            memory.manifest(digest_of(entry)).is_none_or(|manifest| manifest.get("manifests").is_none())
        });
    }
}

/// An image shows only in the repository to which it was pushed first.
fn shared_image_shown_once(memory: &Memory, asked: Asked<'_>, answer: &mut Members) {
    let repository = get_text(asked.body, "repositoryName").unwrap_or_default();
    retain(answer, |entry| {
        let first = memory.pushes.iter().find(|push| push.digest == digest_of(entry));
        first.is_none_or(|push| push.repository == repository)
    });
}

/// How many images of each other repository show: enough to be seen, and no thousand for each request.
const LEAKED: u32 = 5;

/// Images of other repositories show as this one's.
fn leak(specimen: &mut Specimen, asked: Asked<'_>, leaks: fn(&str, &str) -> bool) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let name = get_text(asked.body, "repositoryName").unwrap_or_default().to_owned();
    if response.status != 200 || !is_listing(asked) {
        return response;
    }
    let mut answer = Document::parse(&response.body).map(crate::mutant::edit::members_of).unwrap_or_default();
    for other in specimen.memory.repositories.clone() {
        if other == name || !leaks(&name, &other) {
            continue;
        }
        let mut body = asked.body.clone();
        set(&mut body, "repositoryName", text(other));
        set(&mut body, "maxResults", number(LEAKED));
        remove(&mut body, "nextToken");
        let entries = entries_of(specimen.ask(asked, body)).unwrap_or_default();
        if let Some(list) = elements(&mut answer, "imageDetails") {
            list.extend(entries);
        }
    }
    for entry in objects(&mut answer, "imageDetails") {
        set(entry, "repositoryName", text(name.clone()));
    }
    json(200, &Document::Object(answer))
}

fn no_list_when_empty(_: &Memory, _: Asked<'_>, answer: &mut Members) {
    if elements(answer, "imageDetails").is_some_and(|entries| entries.is_empty()) {
        remove(answer, "imageDetails");
    }
}

fn null_list_when_empty(_: &Memory, _: Asked<'_>, answer: &mut Members) {
    if elements(answer, "imageDetails").is_some_and(|entries| entries.is_empty()) {
        set(answer, "imageDetails", Document::Null);
    }
}

fn answer_in_a_wrapper(_: &Memory, _: Asked<'_>, answer: &mut Members) {
    let inner = std::mem::take(answer);
    answer.push(("DescribeImagesResponse".to_owned(), Document::Object(inner)));
}

fn token_is_a_number(_: &Memory, _: Asked<'_>, answer: &mut Members) {
    if get(answer, "nextToken").is_some() {
        set(answer, "nextToken", Document::Number("2".to_owned()));
    }
}

/// A page that a request asks for.
#[derive(Clone, Copy)]
struct Page {
    from: usize,
    size: usize,
}

impl Page {
    /// Where it ends.
    fn to(self, all: usize) -> usize {
        (self.from + self.size).min(all)
    }
}

/// Pages cut by hand, with tokens that are places in the list. What comes of the number of all entries and the
/// page: which entries are on it, and where the next one begins.
fn paged(
    specimen: &mut Specimen,
    asked: Asked<'_>,
    cut: fn(usize, Page) -> (std::ops::Range<usize>, usize),
) -> Response {
    let (all, page) = match all_and_page(specimen, asked) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let (range, next) = cut(all.len(), page);
    let entries = all.iter().take(range.end).skip(range.start).cloned().collect();
    answer_of(entries, (next < all.len()).then(|| token(next)))
}

fn all_and_page(specimen: &mut Specimen, asked: Asked<'_>) -> Result<(Vec<Document>, Page), Response> {
    let from = get_text(asked.body, "nextToken").and_then(place);
    let mut body = asked.body.clone();
    if from.is_some() {
        remove(&mut body, "nextToken");
    }
    let response = specimen.ask(asked, body.clone());
    if response.status != 200 || !is_listing(asked) {
        return Err(response);
    }
    let size = match get(asked.body, "maxResults") {
        Some(Document::Number(size)) => size.parse().unwrap_or(100),
        _ => 100,
    };
    Ok((specimen.list(asked, &body)?, Page { from: from.unwrap_or_default(), size }))
}

fn token(place: usize) -> String {
    BASE64.encode(format!("from {place}"))
}

fn place(token: &str) -> Option<usize> {
    String::from_utf8(BASE64.decode(token).ok()?).ok()?.strip_prefix("from ")?.parse().ok()
}

/// The last image of a page stands on the next one too.
fn border_twice(all: usize, page: Page) -> (std::ops::Range<usize>, usize) {
    let end = page.to(all);
    let next = if end < all && page.size > 1 { end - 1 } else { end };
    (page.from..end, next)
}

fn token_after_a_full_page(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let (all, page) = match all_and_page(specimen, asked) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let entries: Vec<Document> = all.into_iter().skip(page.from).take(page.size).collect();
    let full = entries.len() == page.size;
    answer_of(entries, full.then(|| token(page.from + page.size)))
}

fn order_changes_between_pages(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let (mut all, page) = match all_and_page(specimen, asked) {
        Ok(found) => found,
        Err(response) => return response,
    };
    if page.from > 0 {
        all.reverse();
    }
    let next = page.to(all.len());
    let token = (next < all.len()).then(|| token(next));
    answer_of(all.into_iter().skip(page.from).take(page.size).collect(), token)
}

/// A page is cut off the whole list, and what the filter hides is missing on it.
fn cut_before_the_filter(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let (shown, page) = match all_and_page(specimen, asked) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let mut body = asked.body.clone();
    remove(&mut body, "filter");
    let all = specimen.list(asked, &body).unwrap_or_default();
    let next = page.to(all.len());
    let token = (next < all.len()).then(|| token(next));
    let entries = all.into_iter().skip(page.from).take(page.size).filter(|entry| shown.contains(entry));
    answer_of(entries.collect(), token)
}

fn continuation_token_exception(told: &mut super::Told) {
    if told.code == "InvalidParameterException" && get_text(&told.asked, "nextToken").is_some() {
        "InvalidContinuationTokenException".clone_into(&mut told.code);
    }
}

fn answers_the_request_before(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let first = || refusal(500, "ServerException", "Internal failure");
    specimen.memory.previous.replace(response).unwrap_or_else(first)
}

fn no_token_after_a_great_page(_: &Memory, _: Asked<'_>, answer: &mut Members) {
    if elements(answer, "imageDetails").is_some_and(|entries| entries.len() >= 1000) {
        remove(answer, "nextToken");
    }
}

fn token_needs_the_page_size(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    if get_text(asked.body, "nextToken").is_some()
        && get(asked.body, "maxResults").is_none()
        && is_listing(asked)
    {
        return refusal(400, "InvalidParameterException", "nextToken needs maxResults");
    }
    specimen.pass(asked.request, asked.now)
}

fn token_starts_over_without_the_page_size(body: &mut Members) {
    if get(body, "maxResults").is_none() {
        remove(body, "nextToken");
    }
}

/// Each token is given out once and taken once.
fn token_used_up(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let mut body = asked.body.clone();
    if let Some(token) = get_text(asked.body, "nextToken") {
        if !specimen.memory.questions.insert(token.to_owned()) {
            return refusal(400, "InvalidParameterException", "nextToken was used before");
        }
        let token = token.split('.').next().unwrap_or_default();
        set(&mut body, "nextToken", text(token));
    }
    let response =
        if body == *asked.body { specimen.pass(asked.request, asked.now) } else { specimen.ask(asked, body) };
    let number = specimen.memory.asked;
    super::changed(response, |answer| {
        if let Some(token) = get_text(answer, "nextToken").map(|token| format!("{token}.{number}")) {
            set(answer, "nextToken", text(token));
        }
    })
}

/// A token alone, without the page size it came with, gives an empty page.
fn token_alone_gives_nothing(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let is_alone = get_text(asked.body, "nextToken").is_some() && get(asked.body, "maxResults").is_none();
    if response.status == 200 && is_alone { answer_of(Vec::new(), None) } else { response }
}

/// A token that can't be read breaks the server.
fn bad_token_breaks_the_server(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if response.status == 400 && get_text(asked.body, "nextToken").is_some() {
        return refusal(500, "ServerException", "Internal failure");
    }
    response
}

fn empty_list_is_an_object(_: &Memory, _: Asked<'_>, answer: &mut Members) {
    if elements(answer, "imageDetails").is_some_and(|entries| entries.is_empty()) {
        set(answer, "imageDetails", Document::Object(Vec::new()));
    }
}

/// Tokens are places in a list, of whichever repository; one that can't be read is the first place.
fn token_of_any_repository(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let mut body = asked.body.clone();
    if get_text(asked.body, "nextToken").is_some_and(|token| place(token).is_none()) {
        remove(&mut body, "nextToken");
    }
    let asked = Asked { body: &body, ..asked };
    paged(specimen, asked, |all, page| (page.from..page.to(all), page.to(all)))
}

/// A token that leads back to the repository that it is of, whichever is asked for.
fn token_carries_its_repository(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if response.status == 200 || get_text(asked.body, "nextToken").is_none() {
        return response;
    }
    for repository in specimen.memory.repositories.clone() {
        let mut body = asked.body.clone();
        set(&mut body, "repositoryName", text(repository));
        remove(&mut body, "nextToken");
        let entries = specimen.list(asked, &body).unwrap_or_default();
        set(&mut body, "nextToken", get(asked.body, "nextToken").cloned().unwrap_or(Document::Null));
        if !entries.is_empty() && specimen.ask(asked, body).status == 200 {
            return answer_of(entries, None);
        }
    }
    response
}

fn ten_at_most(body: &mut Members, by_default: bool) {
    match get(body, "maxResults") {
        Some(Document::Number(size))
            if !by_default && size.parse().is_ok_and(|size: i64| (11..=1000).contains(&size)) =>
        {
            set(body, "maxResults", number(10));
        }
        None if by_default && get(body, "imageIds").is_none() => set(body, "maxResults", number(10)),
        _ => {}
    }
}
