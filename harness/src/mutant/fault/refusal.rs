//! Requests that are good and refused all the same.

use ecrspec_api::Document;

use super::Fault;
use crate::exchange::Response;
use crate::mutant::edit::{Members, elements, get, get_text, objects};
use crate::mutant::specimen::{Asked, Specimen, entries_of, refusal, rewrite};

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("page-size-refused", if_asked(|body| has(body, "maxResults"))),
    ("token-refused", if_asked(|body| has(body, "nextToken"))),
    ("filter-refused", if_asked(|body| has(body, "filter"))),
    ("empty-filter-refused", if_asked(|body| get(body, "filter") == Some(&Document::Object(Vec::new())))),
    ("tagged-refused", if_asked(|body| tag_status(body) == Some("TAGGED"))),
    ("untagged-refused", if_asked(|body| tag_status(body) == Some("UNTAGGED"))),
    ("any-refused", if_asked(|body| tag_status(body) == Some("ANY"))),
    ("filtered-pages-refused", if_asked(|body| has(body, "filter") && has(body, "maxResults"))),
    ("digest-refused", if_asked(|body| any_id(body, |id| get_text(id, "imageDigest").is_some()))),
    ("tag-refused", if_asked(|body| any_id(body, |id| get_text(id, "imageTag").is_some()))),
    ("both-halves-refused", if_asked(|body| any_id(body, |id| id.len() > 1))),
    ("several-ids-refused", if_asked(|body| id_count(body) > 1)),
    ("fifty-ids-at-most", if_asked(|body| id_count(body) > 50)),
    ("great-page-refused", if_asked(|body| number(body, "maxResults").is_some_and(|size| size > 100))),
    ("null-refused", if_asked(|body| body.iter().any(|(_, value)| *value == Document::Null))),
    (
        "null-half-refused",
        if_asked(|body| any_id(body, |id| id.iter().any(|(_, half)| *half == Document::Null))),
    ),
    (
        "unknown-member-of-an-id-refused",
        if_asked(|body| {
            any_id(body, |id| id.iter().any(|(name, _)| !matches!(name.as_str(), "imageDigest" | "imageTag")))
        }),
    ),
    (
        "unknown-member-of-the-filter-refused",
        if_asked(|body| {
            filter_of(body).is_some_and(|filter| {
                filter.iter().any(|(name, _)| !matches!(name.as_str(), "tagStatus" | "imageStatus"))
            })
        }),
    ),
    (
        "null-tag-status-refused",
        if_asked(|body| {
            filter_of(body).is_some_and(|filter| get(filter, "tagStatus") == Some(&Document::Null))
        }),
    ),
    ("own-registry-id-with-ids-refused", if_asked(|body| has(body, "registryId") && has(body, "imageIds"))),
    ("own-registry-id-in-a-list-refused", if_asked(|body| has(body, "registryId") && !has(body, "imageIds"))),
    ("empty-repository-is-missing", Fault::Describe(empty_repository_is_missing)),
    ("empty-answer-of-a-filter-is-missing", Fault::Describe(empty_answer_of_a_filter_is_missing)),
    (
        "index-breaks-the-server",
        Fault::Describe(|specimen, asked| {
            breaks_over(specimen, asked, "application/vnd.oci.image.index.v1+json")
        }),
    ),
    (
        "manifest-list-breaks-the-server",
        Fault::Describe(|specimen, asked| {
            breaks_over(specimen, asked, "application/vnd.docker.distribution.manifest.list.v2+json")
        }),
    ),
    (
        "oci-breaks-the-server",
        Fault::Describe(|specimen, asked| {
            breaks_over(specimen, asked, "application/vnd.oci.image.manifest.v1+json")
        }),
    ),
    (
        "docker-breaks-the-server",
        Fault::Describe(|specimen, asked| {
            breaks_over(specimen, asked, "application/vnd.docker.distribution.manifest.v2+json")
        }),
    ),
    ("untagged-breaks-the-server", Fault::Describe(untagged_breaks_the_server)),
    ("long-list-breaks-the-server", Fault::Describe(long_list_breaks_the_server)),
    ("page-size-with-ids-breaks", Fault::Describe(page_size_with_ids_breaks)),
    ("double-underscore-breaks", Fault::Describe(double_underscore_breaks)),
    ("second-question-refused", Fault::Describe(second_question_refused)),
];

const fn if_asked(is_refused: fn(&Members) -> bool) -> Fault {
    Fault::Refuse(is_refused)
}

/// What comes of a request that may be refused.
pub(super) fn refuse(
    specimen: &mut Specimen,
    asked: Asked<'_>,
    is_refused: fn(&Members) -> bool,
) -> Response {
    if is_refused(asked.body) {
        return refusal(400, "InvalidParameterException", "The request is not supported.");
    }
    specimen.pass(asked.request, asked.now)
}

fn has(body: &Members, name: &str) -> bool {
    get(body, name).is_some_and(|value| *value != Document::Null)
}

fn number(body: &Members, name: &str) -> Option<i64> {
    match get(body, name)? {
        Document::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn filter_of(body: &Members) -> Option<&Members> {
    match get(body, "filter")? {
        Document::Object(filter) => Some(filter),
        _ => None,
    }
}

fn tag_status(body: &Members) -> Option<&str> {
    get_text(filter_of(body)?, "tagStatus")
}

fn any_id(body: &Members, is_so: fn(&Members) -> bool) -> bool {
    let mut body = body.clone();
    objects(&mut body, "imageIds").any(|id| is_so(id))
}

fn id_count(body: &Members) -> usize {
    let mut body = body.clone();
    elements(&mut body, "imageIds").map_or(0, |ids| ids.len())
}

fn empty_repository_is_missing(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    let all = specimen.list(
        asked,
        &vec![(
            "repositoryName".to_owned(),
            get(asked.body, "repositoryName").cloned().unwrap_or(Document::Null),
        )],
    );
    match all {
        Ok(entries) if entries.is_empty() && response.status == 200 => {
            refusal(400, "RepositoryNotFoundException", "The repository does not exist")
        }
        _ => response,
    }
}

fn empty_answer_of_a_filter_is_missing(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    match entries_of(response.clone()) {
        Ok(entries) if entries.is_empty() && has(asked.body, "filter") => {
            refusal(400, "ImageNotFoundException", "No image is left")
        }
        _ => response,
    }
}

/// A server that can't describe images of this media type.
fn breaks_over(specimen: &mut Specimen, asked: Asked<'_>, media_type: &str) -> Response {
    breaks_if(specimen, asked, |entry| {
        entry.get("imageManifestMediaType").and_then(Document::as_str) == Some(media_type)
    })
}

fn untagged_breaks_the_server(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    breaks_if(specimen, asked, |entry| entry.get("imageTags").is_none())
}

fn breaks_if(specimen: &mut Specimen, asked: Asked<'_>, breaks: impl Fn(&Document) -> bool) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    match entries_of(response.clone()) {
        Ok(entries) if entries.iter().any(breaks) => refusal(500, "ServerException", "Internal failure"),
        _ => response,
    }
}

fn long_list_breaks_the_server(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let response = specimen.pass(asked.request, asked.now);
    match entries_of(response.clone()) {
        Ok(entries) if entries.len() > 50 => refusal(500, "ServerException", "Internal failure"),
        _ => response,
    }
}

/// A server that answers the same question only once.
fn second_question_refused(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let question = String::from_utf8_lossy(&asked.request.body).into_owned();
    if !specimen.memory.questions.insert(question) {
        return refusal(400, "InvalidParameterException", "The question was asked before.");
    }
    specimen.pass(asked.request, asked.now)
}

/// The server's own page of an error, where `maxResults` stands beside named images.
fn page_size_with_ids_breaks(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    if has(asked.body, "maxResults") && has(asked.body, "imageIds") {
        let mut response = refusal(500, "ServerException", "Internal failure");
        rewrite(&mut response, b"<title>Internal Server Error</title>".to_vec());
        return response;
    }
    specimen.pass(asked.request, asked.now)
}

fn double_underscore_breaks(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    if get_text(asked.body, "repositoryName").is_some_and(|name| name.contains("__")) {
        return refusal(500, "ServerException", "Internal failure");
    }
    specimen.pass(asked.request, asked.now)
}
