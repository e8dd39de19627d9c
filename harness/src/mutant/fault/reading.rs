//! Faults in what a request is taken for.

use ecrspec_api::{DeviationKind, Document};

use super::Fault;
use crate::emulator::Blindness;
use crate::exchange::Response;
use crate::mutant::edit::{Members, elements, get, get_mut, get_text, number, objects, remove, set, text};
use crate::mutant::specimen::{Asked, Specimen, code_of, refusal, rewrite};

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("accepts-everything", Fault::Blind(Blindness::ToAll)),
    ("page-size-ignored", Fault::Request(|body| drop(remove(body, "maxResults")))),
    ("page-size-ignored-with-token", Fault::Request(page_size_ignored_with_token)),
    ("page-size-of-hundred-at-most", Fault::Request(page_size_of_hundred_at_most)),
    ("default-page-of-thousand", Fault::Request(default_page_of_thousand)),
    ("token-ignored", Fault::Request(|body| drop(remove(body, "nextToken")))),
    ("token-forgets-the-filter", Fault::Request(token_forgets_the_filter)),
    ("filter-ignored", Fault::Request(|body| drop(remove(body, "filter")))),
    ("filter-inverted", Fault::Request(filter_inverted)),
    ("filter-any-is-tagged", Fault::Request(filter_any_is_tagged)),
    ("image-status-ignored", Fault::Request(image_status_ignored)),
    ("image-status-leaves-nothing", Fault::Request(image_status_leaves_nothing)),
    ("image-status-beside-tag-status-ignored", Fault::Request(image_status_beside_tag_status_ignored)),
    ("image-status-refused", Fault::Describe(image_status_refused)),
    ("filter-in-any-case", Fault::Request(filter_in_any_case)),
    ("only-tagged-without-filter", Fault::Request(only_tagged_without_filter)),
    ("registry-id-ignored", Fault::Request(|body| drop(remove(body, "registryId")))),
    ("ids-ignored", Fault::Request(|body| drop(remove(body, "imageIds")))),
    ("first-id-only", Fault::Request(|body| elements(body, "imageIds").map_or((), |ids| ids.truncate(1)))),
    ("ten-ids-at-most", Fault::Request(|body| elements(body, "imageIds").map_or((), |ids| ids.truncate(10)))),
    ("empty-id-list-means-all", Fault::Request(empty_id_list_means_all)),
    ("empty-text-means-absent", Fault::Request(empty_text_means_absent)),
    ("tag-wins", Fault::Request(|body| one_half_wins(body, "imageDigest"))),
    ("digest-wins", Fault::Request(|body| one_half_wins(body, "imageTag"))),
    ("own-registry-id-refused", Fault::Describe(own_registry_id_refused)),
    ("null-is-not-absent", Fault::Describe(null_is_not_absent)),
    ("unknown-member-refused", Fault::Describe(unknown_member_refused)),
    ("escapes-not-read", Fault::Describe(escapes_not_read)),
    ("wrong-types-ignored", Fault::Describe(wrong_types_ignored)),
    ("broken-json-means-empty", Fault::Describe(broken_json_means_empty)),
    ("look-up-before-validation", Fault::Describe(look_up_before_validation)),
    ("made-up-token-starts-over", Fault::Describe(made_up_token_starts_over)),
    (
        "filter-with-ids-refused",
        Fault::Describe(|specimen, asked| refused_beside_ids(specimen, asked, "filter")),
    ),
    (
        "page-size-with-ids-refused",
        Fault::Describe(|specimen, asked| refused_beside_ids(specimen, asked, "maxResults")),
    ),
    ("token-with-ids-breaks", Fault::Describe(token_with_ids_breaks)),
];

fn page_size_ignored_with_token(body: &mut Members) {
    if get(body, "nextToken").is_some() {
        remove(body, "maxResults");
    }
}

fn page_size_of_hundred_at_most(body: &mut Members) {
    if let Some(Document::Number(size)) = get_mut(body, "maxResults")
        && size.parse::<i64>().is_ok_and(|size| (101..=1000).contains(&size))
    {
        "100".clone_into(size);
    }
}

fn default_page_of_thousand(body: &mut Members) {
    if get(body, "maxResults").is_none() && get(body, "imageIds").is_none() {
        set(body, "maxResults", number(1000));
    }
}

fn token_forgets_the_filter(body: &mut Members) {
    if get(body, "nextToken").is_some() {
        remove(body, "filter");
    }
}

/// Changes the `tagStatus` of a request that has one.
fn with_tag_status(body: &mut Members, change: impl FnOnce(&str) -> String) {
    if let Some(Document::Object(filter)) = get_mut(body, "filter")
        && let Some(status) = get_text(filter, "tagStatus").map(change)
    {
        set(filter, "tagStatus", text(status));
    }
}

fn filter_inverted(body: &mut Members) {
    with_tag_status(body, |status| match status {
        "TAGGED" => "UNTAGGED".to_owned(),
        "UNTAGGED" => "TAGGED".to_owned(),
        other => other.to_owned(),
    });
}

fn filter_any_is_tagged(body: &mut Members) {
    with_tag_status(body, |status| if status == "ANY" { "TAGGED" } else { status }.to_owned());
}

fn filter_in_any_case(body: &mut Members) {
    with_tag_status(body, str::to_uppercase);
}

fn image_status_ignored(body: &mut Members) {
    if let Some(Document::Object(filter)) = get_mut(body, "filter") {
        remove(filter, "imageStatus");
    }
}

fn image_status_leaves_nothing(body: &mut Members) {
    if let Some(Document::Object(filter)) = get_mut(body, "filter")
        && matches!(get_text(filter, "imageStatus"), Some("ACTIVE" | "ANY"))
    {
        set(filter, "imageStatus", text("ARCHIVED"));
    }
}

fn image_status_beside_tag_status_ignored(body: &mut Members) {
    if let Some(Document::Object(filter)) = get_mut(body, "filter")
        && get(filter, "tagStatus").is_some()
    {
        remove(filter, "imageStatus");
    }
}

fn image_status_refused(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    match get(asked.body, "filter").and_then(|filter| filter.get("imageStatus")) {
        Some(_) => refusal(400, "InvalidParameterException", "Invalid parameter at 'filter'"),
        None => specimen.pass(asked.request, asked.now),
    }
}

fn only_tagged_without_filter(body: &mut Members) {
    if get(body, "filter").is_none() && get(body, "imageIds").is_none() {
        let filter = vec![("tagStatus".to_owned(), text("TAGGED"))];
        set(body, "filter", Document::Object(filter));
    }
}

fn empty_id_list_means_all(body: &mut Members) {
    if elements(body, "imageIds").is_some_and(|ids| ids.is_empty()) {
        remove(body, "imageIds");
    }
}

fn empty_text_means_absent(body: &mut Members) {
    for id in objects(body, "imageIds") {
        id.retain(|(_, half)| half.as_str() != Some(""));
    }
}

fn one_half_wins(body: &mut Members, loser: &str) {
    for id in objects(body, "imageIds").filter(|id| id.len() == 2) {
        remove(id, loser);
    }
}

fn own_registry_id_refused(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    match get_text(asked.body, "registryId") {
        Some(_) if response.status == 200 => {
            let message = "User is not authorized to perform: ecr:DescribeImages";
            refusal(400, "AccessDeniedException", message)
        }
        _ => response,
    }
}

fn null_is_not_absent(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let mut body = asked.body.clone();
    let in_ids = objects(&mut body, "imageIds").any(|id| id.iter().any(|(_, half)| *half == Document::Null));
    let optional = |(name, value): &(String, Document)| *value == Document::Null && name != "repositoryName";
    if in_ids || asked.body.iter().any(optional) {
        return refusal(400, "SerializationException", "null is not allowed here");
    }
    specimen.pass(asked.request, asked.now)
}

fn unknown_member_refused(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let known = specimen.operation.map(|operation| operation.input.members()).unwrap_or_default();
    let is_known = |name: &str| known.iter().any(|member| member.name == name);
    match asked.body.iter().find(|(name, _)| !is_known(name)) {
        Some((name, _)) => refusal(400, "SerializationException", &format!("unknown member {name}")),
        None => specimen.pass(asked.request, asked.now),
    }
}

fn escapes_not_read(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    if asked.request.body.contains(&b'\\') {
        return refusal(400, "SerializationException", "the body is not readable");
    }
    specimen.pass(asked.request, asked.now)
}

fn wrong_types_ignored(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let Some(operation) = specimen.operation else { return specimen.pass(asked.request, asked.now) };
    let reading = (operation.check_request)(&asked.request.body);
    let mut body = asked.body.clone();
    for deviation in &reading.deviations {
        if matches!(deviation.kind, DeviationKind::WrongType { .. } | DeviationKind::OutOfRange { .. }) {
            let member = deviation.pointer.split('/').nth(1).unwrap_or_default();
            remove(&mut body, member);
        }
    }
    if body == *asked.body { specimen.pass(asked.request, asked.now) } else { specimen.ask(asked, body) }
}

/// A server that goes on with nothing, and then has no repository to look for.
fn broken_json_means_empty(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    match Document::parse(&asked.request.body) {
        Ok(Document::Object(_)) => specimen.pass(asked.request, asked.now),
        _ => crate::mutant::specimen::answer_of(Vec::new(), None),
    }
}

fn look_up_before_validation(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if code_of(&response) != "InvalidParameterException" {
        return response;
    }
    let mut body = asked.body.clone();
    body.retain(|(name, _)| name == "repositoryName");
    let looked_up = specimen.ask(asked, body);
    if code_of(&looked_up) == "RepositoryNotFoundException" { looked_up } else { response }
}

fn made_up_token_starts_over(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    if response.status == 200 || get_text(asked.body, "nextToken").is_none() {
        return response;
    }
    let mut body = asked.body.clone();
    remove(&mut body, "nextToken");
    specimen.ask(asked, body)
}

fn refused_beside_ids(specimen: &mut Specimen, asked: Asked<'_>, member: &str) -> Response {
    let given = |name| get(asked.body, name).is_some_and(|value| *value != Document::Null);
    if given("imageIds") && given(member) {
        let message = format!("{member} cannot be used together with imageIds");
        return refusal(400, "InvalidParameterException", &message);
    }
    specimen.pass(asked.request, asked.now)
}

fn token_with_ids_breaks(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    if get_text(asked.body, "nextToken").is_some() && get(asked.body, "imageIds").is_some() {
        let mut response = refusal(500, "ServerException", "Internal failure");
        rewrite(&mut response, b"<title>Internal Server Error</title>".to_vec());
        return response;
    }
    specimen.pass(asked.request, asked.now)
}
