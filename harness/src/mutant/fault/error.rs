//! Faults in the errors that are told.

use super::{Fault, Told};
use crate::mutant::edit::get;

pub(super) const FAULTS: &[(&str, Fault)] = &[
    (
        "not-found-is-404",
        Fault::Error(|told| {
            if told.code.ends_with("NotFoundException") {
                told.status = 404;
            }
        }),
    ),
    (
        "denied-is-403",
        Fault::Error(|told| {
            if told.code == "AccessDeniedException" {
                told.status = 403;
            }
        }),
    ),
    (
        "invalid-is-422",
        Fault::Error(|told| {
            if told.code == "InvalidParameterException" {
                told.status = 422;
            }
        }),
    ),
    ("errors-are-500", Fault::Error(|told| told.status = 500)),
    ("errors-are-200", Fault::Error(|told| told.status = 200)),
    (
        "validation-exception",
        Fault::Error(|told| rename(told, "InvalidParameterException", "ValidationException")),
    ),
    (
        "resource-not-found-exception",
        Fault::Error(|told| rename(told, "RepositoryNotFoundException", "ResourceNotFoundException")),
    ),
    (
        "no-image-is-no-repository",
        Fault::Error(|told| rename(told, "ImageNotFoundException", "RepositoryNotFoundException")),
    ),
    (
        "no-image-is-invalid",
        Fault::Error(|told| rename(told, "ImageNotFoundException", "InvalidParameterException")),
    ),
    ("no-repository-is-no-image", Fault::Error(no_repository_is_no_image)),
    (
        "denied-is-not-modelled",
        Fault::Error(|told| rename(told, "AccessDeniedException", "ForbiddenException")),
    ),
    ("code-without-exception", Fault::Error(|told| told.code = told.code.replace("Exception", ""))),
    ("registry-missing-in-text", Fault::Error(registry_missing_in_text)),
    ("registry-empty-in-text", Fault::Error(registry_empty_in_text)),
    (
        "null-without-quotes-in-text",
        Fault::Error(|told| told.message = told.message.replace("'null'", "null")),
    ),
    ("absent-half-missing-in-text", Fault::Error(absent_half_missing_in_text)),
    ("empty-for-null-in-text", Fault::Error(|told| told.message = told.message.replace("'null'", "''"))),
    ("image-as-json-in-text", Fault::Error(image_as_json_in_text)),
    ("list-of-images-in-text", Fault::Error(list_of_images_in_text)),
    ("generic-validation-text", Fault::Error(generic_validation_text)),
    ("member-not-named-in-text", Fault::Error(member_not_named_in_text)),
    ("path-of-member-in-text", Fault::Error(path_of_member_in_text)),
    ("pattern-without-quotes-in-text", Fault::Error(pattern_without_quotes_in_text)),
    (
        "must-for-member-must-in-text",
        Fault::Error(|told| told.message = told.message.replace("Member must", "must")),
    ),
    (
        "registry-wrong-in-text",
        Fault::Error(|told| {
            registry_missing_in_text(told);
            if told.code.ends_with("NotFoundException") {
                told.message.push_str(" in the registry with id '000000000000'");
            }
        }),
    ),
    ("registry-without-quotes-in-text", Fault::Error(registry_without_quotes_in_text)),
    ("double-quotes-in-text", Fault::Error(|told| told.message = told.message.replace('\'', "\""))),
    ("none-for-null-in-text", Fault::Error(|told| told.message = told.message.replace("'null'", "'None'"))),
    (
        "halves-swapped-in-text",
        Fault::Error(|told| {
            told.message = told
                .message
                .replace("imageDigest:", "imageHalf:")
                .replace("imageTag:", "imageDigest:")
                .replace("imageHalf:", "imageTag:");
        }),
    ),
    (
        "repository-not-named-in-text",
        Fault::Error(|told| {
            if told.code.ends_with("NotFoundException") {
                "The resource does not exist.".clone_into(&mut told.message);
            }
        }),
    ),
    ("text-of-another-case", Fault::Error(|told| told.message = told.message.replacen("The ", "the ", 1))),
    (
        "bound-wrong-in-text",
        Fault::Error(|told| {
            told.message = told.message.replace("1000'", "100'").replace("equal to 100'", "equal to 101'");
        }),
    ),
    (
        "constraint-not-named-in-text",
        Fault::Error(|told| {
            if let Some(at) = told.message.find(" failed to satisfy") {
                told.message.truncate(at);
            }
        }),
    ),
    (
        "no-image-is-resource-not-found",
        Fault::Error(|told| rename(told, "ImageNotFoundException", "ResourceNotFoundException")),
    ),
    (
        "no-image-is-404",
        Fault::Error(|told| {
            if told.code == "ImageNotFoundException" {
                told.status = 404;
            }
        }),
    ),
    (
        "no-image-is-403",
        Fault::Error(|told| {
            if told.code == "ImageNotFoundException" {
                told.status = 403;
            }
        }),
    ),
    (
        "no-repository-is-404",
        Fault::Error(|told| {
            if told.code == "RepositoryNotFoundException" {
                told.status = 404;
            }
        }),
    ),
    (
        "no-repository-is-invalid",
        Fault::Error(|told| rename(told, "RepositoryNotFoundException", "InvalidParameterException")),
    ),
    ("null-name-is-unreadable", Fault::Error(null_name_is_unreadable)),
    (
        "wrong-type-is-500",
        Fault::Error(|told| {
            if told.code == "SerializationException" {
                told.status = 500;
            }
        }),
    ),
    ("too-many-ids-is-a-limit", Fault::Error(too_many_ids_is_a_limit)),
    ("no-text", Fault::Error(|told| told.message.clear())),
    ("text-with-full-stop", Fault::Error(|told| told.message.push('.'))),
];

fn rename(told: &mut Told, from: &str, to: &str) {
    if told.code == from {
        to.clone_into(&mut told.code);
    }
}

/// A missing repository is told as a missing image where images are asked for.
fn no_repository_is_no_image(told: &mut Told) {
    if get(&told.asked, "imageIds").is_some() {
        rename(told, "RepositoryNotFoundException", "ImageNotFoundException");
    }
}

fn registry_missing_in_text(told: &mut Told) {
    if let Some(at) = told.message.find(" in the registry with id") {
        told.message.truncate(at);
    }
}

fn registry_empty_in_text(told: &mut Told) {
    registry_missing_in_text(told);
    if told.code.ends_with("NotFoundException") {
        told.message.push_str(" in the registry with id ''");
    }
}

fn absent_half_missing_in_text(told: &mut Told) {
    told.message = told.message.replace("imageDigest:'null', ", "").replace(", imageTag:'null'", "");
}

fn image_as_json_in_text(told: &mut Told) {
    if told.code == "ImageNotFoundException" {
        told.message =
            told.message.replace("imageDigest:", "\"imageDigest\":").replace("imageTag:", "\"imageTag\":");
    }
}

fn list_of_images_in_text(told: &mut Told) {
    told.message = told.message.replace("imageId {", "imageId(s) [{").replace("'} does", "'}] does");
}

fn is_invalid(told: &Told) -> bool {
    told.code == "InvalidParameterException"
}

fn generic_validation_text(told: &mut Told) {
    if is_invalid(told) {
        told.message =
            format!("1 validation error detected: {}", told.message.replace("Invalid parameter", "Value"));
    }
}

fn member_not_named_in_text(told: &mut Told) {
    if is_invalid(told) {
        "A parameter of the request is invalid.".clone_into(&mut told.message);
    }
}

fn path_of_member_in_text(told: &mut Told) {
    told.message = told
        .message
        .replace("at 'imageTag'", "at 'imageIds.1.member.imageTag'")
        .replace("at 'imageDigest'", "at 'imageIds.1.member.imageDigest'");
}

fn pattern_without_quotes_in_text(told: &mut Told) {
    if is_invalid(told) {
        told.message = told.message.replace("expression '", "expression ").replace("''", "'");
    }
}

fn registry_without_quotes_in_text(told: &mut Told) {
    if told.code.ends_with("NotFoundException")
        && let Some((before, id)) = told.message.rsplit_once(" with id ")
    {
        told.message = format!("{before} with id {}", id.replace('\'', ""));
    }
}

/// A server whose reader, and not its validator, misses the repository's name.
fn null_name_is_unreadable(told: &mut Told) {
    let name = get(&told.asked, "repositoryName");
    if name.is_none_or(|name| name.as_str().is_none()) {
        rename(told, "InvalidParameterException", "SerializationException");
    }
}

fn too_many_ids_is_a_limit(told: &mut Told) {
    let ids = get(&told.asked, "imageIds").and_then(ecrspec_api::Document::as_array).map_or(0, <[_]>::len);
    if ids > 100 {
        rename(told, "InvalidParameterException", "LimitExceededException");
    }
}
