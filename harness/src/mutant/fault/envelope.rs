//! Faults in how a response is written.

use ecrspec_api::Document;

use super::Fault;
use crate::exchange::{Broken, Response};
use crate::mutant::edit::{Members, get, members_of, remove, set, text};
use crate::mutant::specimen::{Asked, Specimen, json, operation_of, refusal, rewrite};

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("namespaced-type", Fault::Response(|response| of_error(response, namespaced))),
    ("type-with-address", Fault::Response(|response| of_error(response, with_address))),
    (
        "code-for-type",
        Fault::Response(|response| of_error(response, |error| renamed(error, "__type", "code"))),
    ),
    ("type-in-header-only", Fault::Response(type_in_header_only)),
    ("type-in-header-too", Fault::Response(type_in_header_too)),
    ("no-type", Fault::Response(|response| of_error(response, |error| drop(remove(error, "__type"))))),
    (
        "capital-message",
        Fault::Response(|response| of_error(response, |error| renamed(error, "message", "Message"))),
    ),
    ("both-messages", Fault::Response(|response| of_error(response, both_messages))),
    ("no-message", Fault::Response(|response| of_error(response, |error| drop(remove(error, "message"))))),
    (
        "request-id-beside-error",
        Fault::Response(|response| of_error(response, |error| set(error, "requestId", text("1f1c7a3e")))),
    ),
    (
        "code-beside-type",
        Fault::Response(|response| {
            of_error(response, |error| {
                let code = type_of(error);
                set(error, "code", text(code));
            });
        }),
    ),
    (
        "null-beside-error",
        Fault::Response(|response| of_error(response, |error| set(error, "fault", Document::Null))),
    ),
    (
        "message-is-null",
        Fault::Response(|response| of_error(response, |error| set(error, "message", Document::Null))),
    ),
    (
        "message-is-a-list",
        Fault::Response(|response| {
            of_error(response, |error| {
                let message = get(error, "message").cloned().unwrap_or(Document::Null);
                set(error, "message", Document::Array(vec![message]));
            });
        }),
    ),
    (
        "error-in-a-wrapper",
        Fault::Response(|response| {
            of_error(response, |error| {
                let inner = std::mem::take(error);
                error.push(("Error".to_owned(), Document::Object(inner)));
            });
        }),
    ),
    (
        "error-in-a-list",
        Fault::Response(|response| {
            if response.status != 200 {
                rewrite(response, [b"[", response.body.as_slice(), b"]"].concat());
            }
        }),
    ),
    (
        "errors-are-plain-text",
        Fault::Response(|response| {
            if response.status != 200 {
                set_header(response, "content-type", "text/plain");
                rewrite(response, b"Bad Request".to_vec());
            }
        }),
    ),
    (
        "content-type-of-another-version",
        Fault::Response(|response| set_header(response, "content-type", "application/x-amz-json-1.0")),
    ),
    (
        "plain-json-content-type-of-errors",
        Fault::Response(|response| {
            if response.status != 200 {
                set_header(response, "content-type", "application/json");
            }
        }),
    ),
    (
        "no-request-id-of-errors",
        Fault::Response(|response| {
            if response.status != 200 {
                response.headers.retain(|(name, _)| name != "x-amzn-requestid");
            }
        }),
    ),
    ("empty-request-id", Fault::Response(|response| set_header(response, "x-amzn-requestid", ""))),
    (
        "request-id-of-digits",
        Fault::Response(|response| set_header(response, "x-amzn-requestid", "20261125020359")),
    ),
    ("service-in-the-target-not-read", Fault::Describe(service_in_the_target_not_read)),
    (
        "unknown-operation-is-501",
        Fault::Describe(|specimen, asked| match operation_of(asked.request) {
            "DescribeImages" => specimen.pass(asked.request, asked.now),
            _ => refusal(501, "InvalidAction", "not implemented"),
        }),
    ),
    ("content-length-wrong", Fault::Response(|response| set_header(response, "content-length", "7"))),
    (
        "empty-list-is-204",
        Fault::Response(|response| {
            if response.body == b"{\"imageDetails\":[]}" {
                response.status = 204;
                rewrite(response, Vec::new());
            }
        }),
    ),
    (
        "redirect",
        Fault::Response(|response| {
            response.status = 307;
            response.headers.push(("location".to_owned(), "https://localhost/".to_owned()));
            rewrite(response, Vec::new());
        }),
    ),
    (
        "success-in-a-list",
        Fault::Response(|response| {
            if response.status == 200 {
                rewrite(response, [b"[", response.body.as_slice(), b"]"].concat());
            }
        }),
    ),
    (
        "success-is-html",
        Fault::Response(|response| {
            if response.status == 200 {
                set_header(response, "content-type", "text/html");
                rewrite(response, b"<html></html>".to_vec());
            }
        }),
    ),
    (
        "members-with-capitals",
        Fault::Response(|response| {
            of_success(response, |answer| {
                for (name, _) in answer {
                    name[..1].make_ascii_uppercase();
                }
            });
        }),
    ),
    (
        "missing-is-html",
        Fault::Response(|response| html_if(response, |code| code.ends_with("NotFoundException"))),
    ),
    (
        "invalid-is-html",
        Fault::Response(|response| html_if(response, |code| code == "InvalidParameterException")),
    ),
    ("denied-is-html", Fault::Response(|response| html_if(response, |code| code == "AccessDeniedException"))),
    ("html-errors", Fault::Response(html_errors)),
    ("blank-errors", Fault::Response(blank_errors)),
    ("xml-errors", Fault::Response(xml_errors)),
    (
        "plain-json-content-type",
        Fault::Response(|response| set_header(response, "content-type", "application/json")),
    ),
    ("content-type-with-charset", Fault::Response(content_type_with_charset)),
    (
        "no-content-type",
        Fault::Response(|response| response.headers.retain(|(name, _)| name != "content-type")),
    ),
    (
        "no-request-id",
        Fault::Response(|response| response.headers.retain(|(name, _)| name != "x-amzn-requestid")),
    ),
    (
        "no-content-length",
        Fault::Response(|response| response.headers.retain(|(name, _)| name != "content-length")),
    ),
    ("body-cut-short", Fault::Response(body_cut_short)),
    (
        "not-json",
        Fault::Response(|response| {
            rewrite(
                response,
                response.body.iter().map(|byte| if *byte == b'"' { b'\'' } else { *byte }).collect(),
            );
        }),
    ),
    (
        "byte-order-mark",
        Fault::Response(|response| rewrite(response, [b"\xef\xbb\xbf", response.body.as_slice()].concat())),
    ),
    ("indented-body", Fault::Response(indented_body)),
    (
        "slashes-escaped",
        Fault::Response(|response| {
            rewrite(response, String::from_utf8_lossy(&response.body).replace('/', "\\/").into_bytes());
        }),
    ),
    (
        "key-twice-in-answer",
        Fault::Response(|response| of_success(response, |answer| answer.extend(answer.first().cloned()))),
    ),
    (
        "success-is-201",
        Fault::Response(|response| {
            if response.status == 200 {
                response.status = 201;
            }
        }),
    ),
    (
        "rejects-everything",
        Fault::Response(|response| {
            *response = refusal(400, "InvalidParameterException", "Invalid parameter");
        }),
    ),
    (
        "knows-no-repository",
        Fault::Response(|response| {
            *response = refusal(400, "RepositoryNotFoundException", "The repository does not exist");
        }),
    ),
    (
        "breaks-always",
        Fault::Response(|response| *response = refusal(500, "ServerException", "Internal failure")),
    ),
    (
        "not-implemented",
        Fault::Response(|response| {
            *response = refusal(501, "NotImplementedException", "DescribeImages is not implemented");
        }),
    ),
    ("empty-object-always", Fault::Response(|response| *response = json(200, &Document::Object(Vec::new())))),
    ("unreadable-is-500", Fault::Response(unreadable_is_500)),
];

fn of_error(response: &mut Response, change: impl FnOnce(&mut Members)) {
    if response.status != 200 {
        of_body(response, change);
    }
}

fn of_success(response: &mut Response, change: impl FnOnce(&mut Members)) {
    if response.status == 200 {
        of_body(response, change);
    }
}

fn of_body(response: &mut Response, change: impl FnOnce(&mut Members)) {
    let mut body = Document::parse(&response.body).map(members_of).unwrap_or_default();
    change(&mut body);
    rewrite(response, Document::Object(body).to_string().into_bytes());
}

fn type_of(error: &Members) -> String {
    get(error, "__type").and_then(Document::as_str).unwrap_or_default().to_owned()
}

fn namespaced(error: &mut Members) {
    let code = type_of(error);
    set(error, "__type", text(format!("com.amazonaws.ecr#{code}")));
}

fn with_address(error: &mut Members) {
    let code = type_of(error);
    set(error, "__type", text(format!("{code}:http://internal.amazon.com/coral/com.amazonaws.ecr/")));
}

fn renamed(error: &mut Members, from: &str, to: &str) {
    let value = remove(error, from).unwrap_or(Document::Null);
    set(error, to, value);
}

fn both_messages(error: &mut Members) {
    let message = get(error, "message").cloned().unwrap_or(Document::Null);
    set(error, "Message", message);
}

fn type_in_header_too(response: &mut Response) {
    let mut code = String::new();
    of_error(response, |error| code = type_of(error));
    if !code.is_empty() {
        response.headers.push(("x-amzn-errortype".to_owned(), code));
    }
}

fn type_in_header_only(response: &mut Response) {
    type_in_header_too(response);
    of_error(response, |error| drop(remove(error, "__type")));
}

fn set_header(response: &mut Response, name: &str, value: &str) {
    for (key, old) in &mut response.headers {
        if key == name {
            value.clone_into(old);
        }
    }
}

fn html_errors(response: &mut Response) {
    if response.status != 200 {
        set_header(response, "content-type", "text/html");
        rewrite(response, b"<!doctype html><title>400 Bad Request</title>".to_vec());
    }
}

/// A page of HTML for errors with such a code.
fn html_if(response: &mut Response, is_html: fn(&str) -> bool) {
    let mut code = String::new();
    of_error(response, |error| code = type_of(error));
    if is_html(&code) {
        html_errors(response);
    }
}

fn xml_errors(response: &mut Response) {
    if response.status != 200 {
        set_header(response, "content-type", "text/xml");
        rewrite(response, b"<ErrorResponse><Error><Code>Sender</Code></Error></ErrorResponse>".to_vec());
    }
}

fn blank_errors(response: &mut Response) {
    if response.status != 200 {
        rewrite(response, Vec::new());
    }
}

fn content_type_with_charset(response: &mut Response) {
    set_header(response, "content-type", "application/x-amz-json-1.1; charset=utf-8");
}

fn body_cut_short(response: &mut Response) {
    let half = response.body.len() / 2;
    response.body.truncate(half);
    response.broken = Some(Broken::Cut { reason: "the connection was reset".to_owned() });
}

fn indented_body(response: &mut Response) {
    let text = String::from_utf8_lossy(&response.body).replace("\":", "\": ").replace(",\"", ",\n  \"");
    rewrite(response, text.into_bytes());
}

/// What cannot be read breaks the server, which has a page for it.
fn unreadable_is_500(response: &mut Response) {
    let mut code = String::new();
    of_error(response, |error| code = type_of(error));
    if matches!(code.as_str(), "SerializationException" | "UnknownOperationException") {
        response.status = 500;
        html_errors(response);
    }
}

fn service_in_the_target_not_read(specimen: &mut Specimen, asked: Asked<'_>) -> Response {
    let mut request = asked.request.clone();
    for (name, target) in &mut request.headers {
        if name.eq_ignore_ascii_case("x-amz-target")
            && let Some((_, operation)) = target.split_once('.')
        {
            *target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        }
    }
    specimen.pass(&request, asked.now)
}
