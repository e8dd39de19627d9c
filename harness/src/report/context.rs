//! What a finding takes to be understood by somebody who has the report alone: what stood in the target, which rule
//! the request breaks, what else the answer must be.

use std::fmt::Write as _;

use ecrspec_api::DeviationKind;
use ecrspec_api::table::{Enforced, Revision};
use serde_json::{Value, json};

use crate::case::format::{Body, Capability, Expectation, TextMatcher};
use crate::exchange::{Exchange, Request};
use crate::law::Law;
use crate::level::Level;
use crate::report::Subject;
use crate::report::curl::curl;
use crate::report::detail::cut;
use crate::report::failure::{reading, request};
use crate::run::CaseRun;
use crate::transcript::StepOutcome;
use crate::verdict::{CheckResult, Finding, FindingKind, printable, shorten};
use crate::world::{ImageRecipe, ManifestFormat, Push, WorldRecipe};

/// Of a world so many pushes are told one by one, and the commands given if there are no more.
const SHOWN_PUSHES: usize = 8;

/// The longest request of a twin that is shown.
const SHOWN_TWIN: usize = 200;

/// The header that names the operation.
const OPERATION: &str = "x-amz-target";

/// What lies around a finding: the rest of the answer, the rule, the twin, the world.
pub(super) fn context(
    case: &CaseRun,
    result: &CheckResult,
    finding: &Finding,
    subject: &Subject<'_>,
) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    rows.extend(pages(finding).map(|pages| ("pages", pages.to_owned())));
    rows.extend(answer(case, result, finding).map(|answer| ("answer", answer)));
    rows.extend(due(case, result));
    rows.extend(rules(case, result, finding, subject.revision).into_iter().map(|rule| ("rule", rule)));
    rows.extend(twin(case, subject).map(|twin| ("twin", twin)));
    rows.extend(world(case, result, subject).map(|world| ("world", world)));
    rows
}

/// What of a request is against the model and rejected.
pub(super) fn rules(
    case: &CaseRun,
    result: &CheckResult,
    finding: &Finding,
    revision: &Revision,
) -> Vec<String> {
    let is_about_rejection =
        matches!(finding.kind, FindingKind::ErrorIdentity | FindingKind::ErrorText | FindingKind::Envelope)
            && !finding.expected.starts_with('2');
    if !is_about_rejection {
        return Vec::new();
    }
    against_model(case, result, revision)
}

fn against_model(case: &CaseRun, result: &CheckResult, revision: &Revision) -> Vec<String> {
    let Some(reading) = reading(case, result, revision) else { return Vec::new() };
    let unread: Vec<String> = reading
        .deviations
        .iter()
        .filter(|deviation| !matches!(deviation.kind, DeviationKind::UnknownMember | DeviationKind::Null))
        .map(ToString::to_string)
        .collect();
    // What can't be read breaks bounds too, which helps nobody.
    if !unread.is_empty() {
        return unread;
    }
    let enforced =
        reading.violations.iter().filter(|violation| violation.constraint.enforced != Enforced::No);
    enforced.map(ToString::to_string).collect()
}

/// What other checks expect of the code and the text of the same answer, where the finding is not about them.
pub(super) fn due(case: &CaseRun, result: &CheckResult) -> Vec<(&'static str, String)> {
    let Some(step) = case.case.steps.get(result.step) else { return Vec::new() };
    let fill = |text: &String| case.transcript.bindings.fill_text(text).unwrap_or_else(|_| text.clone());
    let all = |texts: &[String]| texts.iter().map(fill).collect::<Vec<_>>().join(", or ");
    let (mut code, mut exact, mut part) = (None, None, None);
    for check in step.expect.iter().filter(|check| check.level > Level::Information) {
        match &check.that {
            Expectation::Code(codes) if result.aspect == "status" => {
                code = Some(format!("{} ({})", all(codes), check.level));
            }
            Expectation::Text(text) if ["status", "code"].contains(&result.aspect) => match text {
                TextMatcher::Exact(texts) => exact = Some(format!("{} ({})", all(texts), check.level)),
                TextMatcher::Contains(text) => {
                    part = Some(format!("has {} in it ({})", fill(text), check.level));
                }
            },
            _ => {}
        }
    }
    let text = exact.or(part).map(|text| ("text", text));
    code.map(|code| ("code", code)).into_iter().chain(text).collect()
}

/// The answer that was judged, in a line, where the finding is about its form.
pub(super) fn answer(case: &CaseRun, result: &CheckResult, finding: &Finding) -> Option<String> {
    if !matches!(finding.kind, FindingKind::Envelope | FindingKind::Shape | FindingKind::Lexical) {
        return None;
    }
    let exchange = exchanges(case, result.step).get(result.exchange)?;
    let response = exchange.outcome.as_ref().ok()?;
    let body = shorten(&printable(&response.body));
    (!body.is_empty() && !finding.actual.contains(&body)).then(|| format!("{} {body}", response.status))
}

/// The valid twin of a rejection: what was sent and how it was answered.
pub(super) fn twin(case: &CaseRun, subject: &Subject<'_>) -> Option<String> {
    let id = case.case.twin.as_deref()?;
    let twin = subject.run.cases.iter().find(|other| other.case.id == id)?;
    let exchange = exchanges(twin, 0).first()?;
    let status = status(exchange);
    let body = cut(&printable(&exchange.request.body), SHOWN_TWIN);
    Some(format!("{id}, answered {status}: {body}"))
}

/// What a place in a walk over pages means.
pub(super) fn pages(finding: &Finding) -> Option<&'static str> {
    finding.pointer.starts_with("/pages/").then_some(
        "/pages/0 is the first answer, /pages/1 the one to the same request with its `nextToken`, and so on",
    )
}

/// What stood in the target when the request was sent, and what the case itself sent before.
pub(super) fn world(case: &CaseRun, result: &CheckResult, subject: &Subject<'_>) -> Option<String> {
    let recipe = recipe(case, result, subject)?;
    let mut text = recipe.sentence.clone();
    let pushes =
        || recipe.repositories.iter().flat_map(|(key, pushes)| pushes.iter().map(move |push| (key, push)));
    for key in recipe.repositories.keys() {
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "\nrepository.{key} is {}",
            value(case, &format!("repository.{key}")).unwrap_or_default()
        );
    }
    for (key, push) in pushes().take(SHOWN_PUSHES) {
        let _ = write!(text, "\n{}", told(case, recipe, key, push));
    }
    let more = pushes().count().saturating_sub(SHOWN_PUSHES);
    if more > 0 {
        let _ = write!(text, "\nand {more} pushes more");
    }
    for (number, step) in case.case.steps.iter().enumerate().take(before(case, result)) {
        let Some(exchange) = exchanges(case, number).first() else { continue };
        let Body::Value(body) = &step.send.body else { continue };
        let status = status(exchange);
        let _ = write!(text, "\nthen {} {}: {status}", step.send.operation, shorten(&body.to_string()));
    }
    Some(text)
}

/// One push in a line.
fn told(case: &CaseRun, recipe: &WorldRecipe, key: &str, push: &Push) -> String {
    let Push { image, tag, count, after } = push;
    let later = after.map(|seconds| format!("{seconds} seconds later ")).unwrap_or_default();
    let of = |name: &str| value(case, &format!("image.{image}.{name}")).unwrap_or_default();
    let what = match recipe.images.get(image) {
        Some(ImageRecipe::Image(single)) => {
            let layers: Vec<String> = single.layers.iter().map(ToString::to_string).collect();
            format!("{} image with layers of {} bytes", format_name(single.format), layers.join(" and "))
        }
        Some(ImageRecipe::Index(index)) => {
            format!("{} index of {}", format_name(index.format), index.of.join(", "))
        }
        None => String::new(),
    };
    if let Some(count) = count {
        let tags = tag
            .as_ref()
            .map_or_else(|| "without tags".to_owned(), |tag| format!("tagged {tag}-1 to {tag}-{count}"));
        return format!("{later}PutImage to repository.{key}: {image}-1 to {image}-{count}, {tags}, {what}");
    }
    let tag = tag.as_ref().map_or_else(|| "without a tag".to_owned(), |tag| format!("tagged {tag}"));
    let size = match (recipe.images.get(image), of("size").parse::<u64>()) {
        (Some(ImageRecipe::Image(single)), Ok(size)) => {
            let layers: u64 = single.layers.iter().map(|layer| u64::from(*layer)).sum();
            format!(" and a config of {}", size.saturating_sub(layers))
        }
        _ => String::new(),
    };
    let manifest = of("manifest");
    format!(
        "{later}PutImage to repository.{key}: {image}, {tag}, {what}{size}; imageManifest of {} bytes, {}",
        manifest.len(),
        of("sha256")
    )
}

fn format_name(format: ManifestFormat) -> &'static str {
    match format {
        ManifestFormat::Docker => "Docker",
        ManifestFormat::Oci => "OCI",
    }
}

/// The commands that make the world and send what the case sent before; none where there would be too many.
pub(super) fn setup(case: &CaseRun, result: &CheckResult, subject: &Subject<'_>) -> Vec<String> {
    commands(case, result, subject).unwrap_or_default()
}

fn commands(case: &CaseRun, result: &CheckResult, subject: &Subject<'_>) -> Option<Vec<String>> {
    let recipe = recipe(case, result, subject)?;
    let like = request(case, result)?;
    let pushes: usize = recipe.repositories.values().map(Vec::len).sum();
    if pushes > SHOWN_PUSHES {
        return None;
    }
    let mut commands = Vec::new();
    for (key, pushes) in &recipe.repositories {
        let repository = value(case, &format!("repository.{key}"))?;
        commands.push(ask(like, "CreateRepository", &json!({"repositoryName": repository}), subject)?);
        for Push { image, tag, .. } in pushes {
            let of = |name: &str| value(case, &format!("image.{image}.{name}"));
            let mut body = json!({
                "repositoryName": repository,
                "imageManifest": of("manifest")?,
                "imageManifestMediaType": of("mediaType")?,
            });
            if let Some(tag) = tag {
                body["imageTag"] = Value::from(tag.as_str());
            }
            commands.push(ask(like, "PutImage", &body, subject)?);
        }
    }
    for exchange in (0..before(case, result)).flat_map(|step| exchanges(case, step)) {
        commands.push(curl(&exchange.request, subject)?);
    }
    Some(commands)
}

/// The command that calls an operation as another request did.
fn ask(like: &Request, operation: &str, body: &Value, subject: &Subject<'_>) -> Option<String> {
    let mut request = like.clone();
    let target = request.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(OPERATION))?;
    let (service, _) = target.1.rsplit_once('.')?;
    target.1 = format!("{service}.{operation}");
    request.body = body.to_string().into_bytes();
    curl(&request, subject)
}

/// What became of configs and layers where the world was made.
pub(super) fn layers(subject: &Subject<'_>) -> &'static str {
    if subject.run.target.can(Capability::LayerUpload) {
        "Configs and layers were uploaded before each PutImage; these commands leave that out."
    } else {
        "The target takes no layers, so none were uploaded."
    }
}

/// The recipe of a case's world, where the finding depends on it: what is wrong with the request does not.
fn recipe<'a>(case: &CaseRun, result: &CheckResult, subject: &Subject<'a>) -> Option<&'a WorldRecipe> {
    let recipe = subject.run.worlds.get(case.case.world.as_deref()?)?;
    against_model(case, result, subject.revision).is_empty().then_some(recipe)
}

/// How many steps the case itself made before; a law only asks.
fn before(case: &CaseRun, result: &CheckResult) -> usize {
    if Law::of(&case.case).is_some() { 0 } else { result.step }
}

/// The value of a name, as text.
fn value(case: &CaseRun, name: &str) -> Option<String> {
    let found = case.transcript.bindings.iter().find(|(bound, _)| *bound == name)?.1;
    Some(found.as_str().map_or_else(|| found.to_string(), ToOwned::to_owned))
}

/// The status of an answer, or why there is none.
fn status(exchange: &Exchange) -> String {
    exchange.outcome.as_ref().map_or_else(ToString::to_string, |response| response.status.to_string())
}

fn exchanges(case: &CaseRun, step: usize) -> &[Exchange] {
    match case.transcript.steps.get(step) {
        Some(StepOutcome::Sent { exchanges, .. }) => exchanges,
        _ => &[],
    }
}
