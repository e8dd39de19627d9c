//! One case against its transcript.

use std::collections::BTreeMap;

use ecrspec_api::table::{Operation, Reading, Revision};
use ecrspec_api::{Deviation, DeviationKind, Document};

use crate::case::bindings::{Bindings, Unbound};
use crate::case::format::{
    Case, Check, EnvelopeRule, Expectation, HeaderExpectation, HeaderRule, LexicalRule, Matcher, ShapeRule,
    Step, TextMatcher, Window,
};
use crate::exchange::{Broken, Exchange, NoResponse, Response};
use crate::law::Law;
use crate::level::Level;
use crate::revision;
use crate::transcript::{StepOutcome, Transcript, Unsent};
use crate::verdict::error_identity::{ErrorIdentity, error_identity, is_throttled};
use crate::verdict::lexical::spelled;
use crate::verdict::matcher::{Mismatch, compare, printable, shorten};
use crate::verdict::place::{Path, without_indices};
use crate::verdict::{CheckResult, Finding, FindingKind, NotJudged, Outcome, check_id, law};

/// Judges every check of a case.
pub fn judge(case: &Case, transcript: &Transcript, revision: &Revision) -> Vec<CheckResult> {
    if let Some(law) = Law::of(case) {
        return law::judge(law, case, transcript);
    }
    let mut results = Vec::new();
    for (index, (step, outcome)) in case.steps.iter().zip(&transcript.steps).enumerate() {
        match Answer::of(step, outcome, revision) {
            Ok(answer) => judge_step(case, index, &answer, &transcript.bindings, &mut results),
            Err(Unanswered::Unknown(reason)) => {
                let outcome = Outcome::NotJudged(reason);
                results.extend(step.expect.iter().map(|check| result(case, index, check, outcome.clone())));
            }
            Err(Unanswered::Lost(actual)) => lost(case, index, step, actual, &mut results),
        }
    }
    results
}

/// A request that a target took and did not answer: the first check says so, the others can't be judged.
fn lost(case: &Case, index: usize, step: &Step, actual: String, results: &mut Vec<CheckResult>) {
    let kind = FindingKind::Transport;
    let finding = Finding {
        kind,
        pointer: String::new(),
        expected: "an answer".to_owned(),
        actual,
        breaks: kind.breaks().to_owned(),
    };
    let mut judged = step.expect.iter().filter(|check| check.level > Level::Information);
    let first = judged.next().map(|check| check_id(&case.id, check.name()));
    for check in &step.expect {
        let id = check_id(&case.id, check.name());
        let outcome = match &first {
            Some(first) if *first == id => Outcome::Nonconform(finding.clone()),
            Some(first) if check.level > Level::Information => {
                Outcome::NotJudged(NotJudged::Covered(first.clone()))
            }
            _ => Outcome::Informational(finding.actual.clone()),
        };
        results.push(result(case, index, check, outcome));
    }
}

/// Why there is no answer to judge.
enum Unanswered {
    /// Nothing can be said of the target.
    Unknown(NotJudged),
    /// The target took the request; what became of it.
    Lost(String),
}

/// An answer, taken apart once for all checks of its step.
struct Answer<'a> {
    step: &'a Step,
    exchanges: &'a [Exchange],
    /// The last response: for anything but a walk, the only one.
    response: &'a Response,
    /// The body as JSON; for a walk, all pages in one value.
    document: Option<Document>,
    error: Option<ErrorIdentity>,
    /// The operation as the run's revision has it.
    operation: Option<&'static Operation>,
    /// The same as each later revision has it.
    later: Vec<&'static Operation>,
}

impl<'a> Answer<'a> {
    fn of(step: &'a Step, outcome: &'a StepOutcome, revision: &Revision) -> Result<Self, Unanswered> {
        let unknown = |reason: &NoResponse| Unanswered::Unknown(NotJudged::NoAnswer(reason.to_string()));
        let (exchanges, complete) = match outcome {
            StepOutcome::Sent { exchanges, complete } => (exchanges, *complete),
            StepOutcome::NotSent(reason) => return Err(Unanswered::Unknown(not_judged(reason))),
        };
        let response = match exchanges.last().map(|exchange| &exchange.outcome) {
            Some(Ok(response)) if is_throttled(response) => {
                return Err(Unanswered::Unknown(NotJudged::Throttled));
            }
            Some(Ok(response)) => response,
            Some(Err(reason @ NoResponse::Unreachable { .. })) => return Err(unknown(reason)),
            Some(Err(reason)) => return Err(Unanswered::Lost(reason.to_string())),
            None => return Err(Unanswered::Unknown(NotJudged::NoAnswer("no request was sent".to_owned()))),
        };
        let body = Document::parse(&response.body).ok();
        let error = if is_success(response) { None } else { error_identity(response, body.as_ref()) };
        let document = if step.send.walk.is_some() { Some(pages(exchanges, complete)) } else { body };
        let name = step.send.operation.as_str();
        let operation = revision.operation(name);
        let later = revision::later(revision).filter_map(|later| later.operation(name)).collect();
        Ok(Self { step, exchanges, response, document, error, operation, later })
    }

    /// The answer in one line, for a finding that expected another.
    fn summary(&self) -> String {
        summary(self.response, self.error.as_ref())
    }
}

/// A response in one line.
pub(super) fn summary(response: &Response, error: Option<&ErrorIdentity>) -> String {
    match error {
        Some(ErrorIdentity { code, text: Some(text), .. }) => {
            format!("{} {code}: {}", response.status, shorten(text))
        }
        Some(ErrorIdentity { code, text: None, .. }) => format!("{} {code}", response.status),
        None if is_success(response) => format!("{}", response.status),
        None => format!("{} {}", response.status, shorten(&printable(&response.body))),
    }
}

fn judge_step(
    case: &Case,
    index: usize,
    answer: &Answer<'_>,
    bindings: &Bindings,
    results: &mut Vec<CheckResult>,
) {
    // Once the status is wrong there is nothing for the other checks to look into, and once the code is wrong
    // nothing for those of the text: one cause, one finding.
    let mut wrong_status = None;
    let mut wrong_code = None;
    for check in &answer.step.expect {
        let covered_by = match &check.that {
            Expectation::Text(_) => wrong_status.as_ref().or(wrong_code.as_ref()),
            Expectation::Code(_) | Expectation::Shape(_) | Expectation::Body(_) | Expectation::Lexical(_) => {
                wrong_status.as_ref()
            }
            Expectation::Envelope(rule) if *rule != EnvelopeRule::AwsJson => wrong_status.as_ref(),
            _ => None,
        };
        let status = answer.response.status;
        let outcome = match covered_by {
            _ if !check.when.is_empty() && !check.when.contains(&status) => {
                Outcome::NotJudged(NotJudged::AnotherStatus(status))
            }
            Some(id) if check.level > Level::Information => {
                Outcome::NotJudged(NotJudged::Covered(String::clone(id)))
            }
            _ => judge_check(check, answer, bindings),
        };
        if matches!(outcome, Outcome::Nonconform(_)) {
            match check.that {
                Expectation::Status(_) => wrong_status = Some(check_id(&case.id, check.name())),
                Expectation::Code(_) => wrong_code = Some(check_id(&case.id, check.name())),
                _ => {}
            }
        }
        results.push(result(case, index, check, outcome));
    }
}

fn judge_check(check: &Check, answer: &Answer<'_>, bindings: &Bindings) -> Outcome {
    if check.level == Level::Information {
        return Outcome::Informational(observed(check, answer, bindings));
    }
    let judged = match broken(answer) {
        Some(difference) => Err(difference),
        None => match holds(&check.that, answer, bindings) {
            Ok(judged) => judged,
            Err(Unbound(name)) => return Outcome::NotJudged(NotJudged::Unbound(name)),
        },
    };
    match judged {
        Ok(()) => Outcome::Conform,
        Err(Difference { kind, mismatch: Mismatch { pointer, expected, actual } }) => {
            Outcome::Nonconform(Finding {
                kind,
                pointer,
                expected,
                actual,
                breaks: check.breaks.clone().unwrap_or_else(|| kind.breaks().to_owned()),
            })
        }
    }
}

/// What a target does where evidence leaves it open.
fn observed(check: &Check, answer: &Answer<'_>, bindings: &Bindings) -> String {
    match &check.that {
        Expectation::Body(_)
        | Expectation::Header(_)
        | Expectation::Envelope(_)
        | Expectation::Shape(_)
        | Expectation::Lexical(_) => match holds(&check.that, answer, bindings) {
            Ok(Ok(())) => "as expected".to_owned(),
            Ok(Err(difference)) => difference.mismatch.actual,
            Err(unbound) => unbound.to_string(),
        },
        _ => answer.summary(),
    }
}

struct Difference {
    kind: FindingKind,
    mismatch: Mismatch,
}

type Judged = Result<(), Difference>;

fn differs(kind: FindingKind, pointer: &str, expected: String, actual: String) -> Judged {
    Err(Difference { kind, mismatch: Mismatch { pointer: pointer.to_owned(), expected, actual } })
}

fn broken(answer: &Answer<'_>) -> Option<Difference> {
    let actual = what_broke(answer.response)?;
    let expected = "a whole body".to_owned();
    Some(Difference {
        kind: FindingKind::Transport,
        mismatch: Mismatch { pointer: String::new(), expected, actual },
    })
}

/// What came of a body that is not whole; nothing for one that is.
pub fn what_broke(response: &Response) -> Option<String> {
    Some(match response.broken.as_ref()? {
        Broken::Cut { reason } => {
            format!("{} bytes, then the connection ended: {reason}", response.body.len())
        }
        Broken::TooLong { limit } => format!("more than {limit} bytes"),
        Broken::TooSlow => format!("{} bytes, then nothing in time", response.body.len()),
    })
}

fn holds(expectation: &Expectation, answer: &Answer<'_>, bindings: &Bindings) -> Result<Judged, Unbound> {
    Ok(match expectation {
        Expectation::Status(accepted) => status(accepted, answer),
        Expectation::Code(accepted) => code(accepted, answer),
        Expectation::Text(matcher) => text(&filled_text(matcher, bindings)?, answer),
        Expectation::Header(expectation) => header(expectation, answer.response),
        Expectation::Envelope(rule) => envelope(*rule, answer),
        Expectation::Shape(rule) => shape(*rule, answer),
        Expectation::Body(expectation) => {
            let path = bindings.fill_text(&expectation.at)?;
            let matcher = filled(&expectation.is, bindings)?;
            body(&path, &matcher, answer)
        }
        Expectation::Lexical(rule) => lexical(*rule, answer),
        // A case with one is judged as a law.
        Expectation::Law(_) => Ok(()),
    })
}

fn status(accepted: &[u16], answer: &Answer<'_>) -> Judged {
    if accepted.contains(&answer.response.status) {
        return Ok(());
    }
    let expected = accepted.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    differs(FindingKind::ErrorIdentity, "", expected, answer.summary())
}

fn code(accepted: &[String], answer: &Answer<'_>) -> Judged {
    if answer.error.as_ref().is_some_and(|error| accepted.contains(&error.code)) {
        return Ok(());
    }
    differs(FindingKind::ErrorIdentity, "/__type", accepted.join(" or "), answer.summary())
}

fn text(matcher: &TextMatcher, answer: &Answer<'_>) -> Judged {
    let actual = answer.error.as_ref().and_then(|error| error.text.as_deref());
    let (holds, expected) = match matcher {
        TextMatcher::Exact(accepted) => {
            (actual.is_some_and(|actual| accepted.iter().any(|text| text == actual)), accepted.join("\nor "))
        }
        TextMatcher::Contains(part) => {
            (actual.is_some_and(|actual| actual.contains(part.as_str())), format!("a text with {part} in it"))
        }
    };
    if holds {
        return Ok(());
    }
    differs(
        FindingKind::ErrorText,
        "/message",
        expected,
        actual.map_or_else(|| "no text".to_owned(), shorten),
    )
}

/// Whether a text is 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
fn is_uuid(text: &str) -> bool {
    let groups =
        text.split('-').map(|group| (group.len(), group.bytes().all(|byte| byte.is_ascii_hexdigit())));
    groups.eq([8, 4, 4, 4, 12].map(|length| (length, true)))
}

fn header(expectation: &HeaderExpectation, response: &Response) -> Judged {
    let actual = response.header(&expectation.name);
    let (holds, expected) = match &expectation.is {
        HeaderRule::Present => (actual.is_some_and(|value| !value.is_empty()), "there".to_owned()),
        HeaderRule::Absent => (actual.is_none(), "absent".to_owned()),
        HeaderRule::MediaType(media_type) => {
            let bare = actual.map(|value| value.split(';').next().unwrap_or_default().trim());
            (bare.is_some_and(|bare| bare.eq_ignore_ascii_case(media_type)), media_type.clone())
        }
        HeaderRule::Uuid => (actual.is_some_and(is_uuid), "a UUID".to_owned()),
        HeaderRule::BodyLength => {
            let length = response.body.len();
            (actual.is_some_and(|value| value.parse() == Ok(length)), length.to_string())
        }
    };
    if holds {
        return Ok(());
    }
    let actual = actual.unwrap_or("absent");
    let name = expectation.name.to_ascii_lowercase();
    differs(FindingKind::Envelope, "", format!("{name}: {expected}"), format!("{name}: {}", shorten(actual)))
}

fn envelope(rule: EnvelopeRule, answer: &Answer<'_>) -> Judged {
    let not_awsjson = |expected: &str| {
        differs(FindingKind::Envelope, "", expected.to_owned(), describe_body(answer.response))
    };
    let member = |name: &str| answer.document.as_ref().and_then(|document| document.get(name));
    match rule {
        EnvelopeRule::AwsJson => {
            if !matches!(answer.document, Some(Document::Object(_))) {
                return not_awsjson("a JSON object");
            }
            if !is_success(answer.response) && answer.error.is_none() {
                return not_awsjson("a JSON object with the error's code in `__type`");
            }
            Ok(())
        }
        EnvelopeRule::BareType => match &answer.error {
            Some(_) if member("__type").is_none() => {
                differs(FindingKind::Envelope, "/__type", "there".to_owned(), "absent".to_owned())
            }
            Some(error) if error.code == error.as_sent => Ok(()),
            Some(error) => {
                differs(FindingKind::Envelope, "/__type", error.code.clone(), error.as_sent.clone())
            }
            None => not_awsjson("an error with its code in `__type`"),
        },
        EnvelopeRule::LowerCaseMessage => match member("message") {
            Some(Document::String(_)) => Ok(()),
            Some(other) => {
                differs(FindingKind::Envelope, "/message", "a string".to_owned(), shorten(&other.to_string()))
            }
            None => differs(FindingKind::Envelope, "/message", "there".to_owned(), "absent".to_owned()),
        },
        EnvelopeRule::NoCapitalMessage => match member("Message") {
            None => Ok(()),
            Some(_) => differs(FindingKind::Envelope, "/Message", "absent".to_owned(), "there".to_owned()),
        },
    }
}

fn shape(rule: ShapeRule, answer: &Answer<'_>) -> Judged {
    let error = answer.error.as_ref();
    for exchange in answer.exchanges {
        let Ok(response) = &exchange.outcome else { continue };
        let Some(reading) = answer.operation.and_then(|operation| reading(operation, response, error)) else {
            continue;
        };
        let mut deviations =
            reading.deviations.into_iter().filter(|deviation| is_about(deviation, rule)).peekable();
        if deviations.peek().is_none() {
            continue;
        }
        // What a later revision takes is newer, and no deviation.
        let later: Vec<Reading> =
            answer.later.iter().filter_map(|later| self::reading(later, response, error)).collect();
        if let Some(deviation) = deviations.find(|deviation| !is_taken_by_any(&later, deviation, rule)) {
            let expected = match rule {
                ShapeRule::Typed => "a body that a typed client can read",
                ShapeRule::NoNulls => "absent, not null",
                ShapeRule::KnownMembers => "only members of the API",
                ShapeRule::UniqueKeys => "each key once",
            };
            return differs(
                FindingKind::Shape,
                &deviation.pointer,
                expected.to_owned(),
                deviation.to_string(),
            );
        }
    }
    Ok(())
}

/// What an operation's reader makes of a body; nothing where it has no reader for it.
fn reading(operation: &Operation, response: &Response, error: Option<&ErrorIdentity>) -> Option<Reading> {
    match error {
        None if is_success(response) => Some((operation.read_response)(&response.body)),
        None => None,
        Some(error) => Some((operation.error(&error.code)?.read)(&response.body)),
    }
}

fn is_taken_by_any(later: &[Reading], deviation: &Deviation, rule: ShapeRule) -> bool {
    later.iter().any(|reading| {
        let mut same = reading.deviations.iter();
        !same.any(|other| other.pointer == deviation.pointer && is_about(other, rule))
    })
}

/// The members of an answer that the run's revision does not know and a later one does, as pointers with `*` for
/// indices, each with the name of the first revision that knows it.
pub fn newer_members(
    case: &Case,
    transcript: &Transcript,
    revision: &Revision,
) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    // Oldest last, so that the first to know a member has the last word.
    let later: Vec<_> = revision::later(revision).collect();
    for (step, outcome) in case.steps.iter().zip(&transcript.steps).filter(|_| !later.is_empty()) {
        let StepOutcome::Sent { exchanges, .. } = outcome else { continue };
        let name = step.send.operation.as_str();
        for response in exchanges.iter().filter_map(|exchange| exchange.outcome.as_ref().ok()) {
            let read = |revision: &Revision| reading(revision.operation(name)?, response, None);
            let Some(here) = read(revision) else { continue };
            let rule = ShapeRule::KnownMembers;
            let unknown: Vec<_> = here.deviations.iter().filter(|one| is_about(one, rule)).collect();
            if unknown.is_empty() {
                continue;
            }
            for newer in later.iter().rev() {
                let Some(reading) = read(newer) else { continue };
                let reading = [reading];
                let known = unknown.iter().filter(|deviation| is_taken_by_any(&reading, deviation, rule));
                found.extend(known.map(|deviation| (without_indices(&deviation.pointer), newer.name)));
            }
        }
    }
    found
}

/// Whether a rule is about a deviation. A new value of an open enum is about none: the model is behind.
fn is_about(deviation: &Deviation, rule: ShapeRule) -> bool {
    match deviation.kind {
        DeviationKind::Null => rule == ShapeRule::NoNulls,
        DeviationKind::UnknownMember => rule == ShapeRule::KnownMembers,
        DeviationKind::DuplicateKey => rule == ShapeRule::UniqueKeys,
        DeviationKind::UnknownValue { .. } => false,
        _ => rule == ShapeRule::Typed,
    }
}

fn body(path: &str, matcher: &Matcher, answer: &Answer<'_>) -> Judged {
    let Some(document) = &answer.document else {
        return differs(FindingKind::Envelope, "", "a JSON body".to_owned(), describe_body(answer.response));
    };
    let difference = match Path::parse(path) {
        Ok(path) => compare(&path.find(document), matcher),
        Err(reason) => {
            Err(Mismatch { pointer: path.to_owned(), expected: "a path".to_owned(), actual: reason })
        }
    };
    difference.map_err(|mismatch| Difference { kind: FindingKind::Semantics, mismatch })
}

fn lexical(rule: LexicalRule, answer: &Answer<'_>) -> Judged {
    match (&answer.document, answer.operation) {
        (Some(document), Some(operation)) => spelled(rule, document, operation.output)
            .map_err(|mismatch| Difference { kind: FindingKind::Lexical, mismatch }),
        _ => differs(FindingKind::Envelope, "", "a JSON body".to_owned(), describe_body(answer.response)),
    }
}

fn pages(exchanges: &[Exchange], complete: bool) -> Document {
    let pages = exchanges
        .iter()
        .filter_map(|exchange| exchange.outcome.as_ref().ok())
        .map(|response| Document::parse(&response.body).unwrap_or(Document::Null))
        .collect();
    Document::Object(vec![
        ("pages".to_owned(), Document::Array(pages)),
        ("complete".to_owned(), Document::Boolean(complete)),
    ])
}

fn filled_text(matcher: &TextMatcher, bindings: &Bindings) -> Result<TextMatcher, Unbound> {
    Ok(match matcher {
        TextMatcher::Exact(accepted) => TextMatcher::Exact(
            accepted.iter().map(|text| bindings.fill_text(text)).collect::<Result<_, _>>()?,
        ),
        TextMatcher::Contains(part) => TextMatcher::Contains(bindings.fill_text(part)?),
    })
}

fn filled(matcher: &Matcher, bindings: &Bindings) -> Result<Matcher, Unbound> {
    let window = |window: &Window| {
        let end = |end: &Option<_>| end.as_ref().map(|end| bindings.fill(end)).transpose();
        Ok(Window { min: end(&window.min)?, max: end(&window.max)? })
    };
    Ok(match matcher {
        Matcher::Equals(value) => Matcher::Equals(bindings.fill(value)?),
        Matcher::Set(value) => Matcher::Set(bindings.fill(value)?),
        Matcher::Includes(value) => Matcher::Includes(bindings.fill(value)?),
        Matcher::NoneOf(value) => Matcher::NoneOf(bindings.fill(value)?),
        Matcher::AnyOf(matchers) => Matcher::AnyOf(
            matchers.iter().map(|matcher| filled(matcher, bindings)).collect::<Result<_, _>>()?,
        ),
        Matcher::Each(each) => Matcher::Each(Box::new(filled(each, bindings)?)),
        Matcher::Between(between) => Matcher::Between(window(between)?),
        Matcher::Count(count) => Matcher::Count(window(count)?),
        other => other.clone(),
    })
}

fn result(case: &Case, step: usize, check: &Check, outcome: Outcome) -> CheckResult {
    CheckResult {
        id: check_id(&case.id, check.name()),
        aspect: check.that.aspect(),
        tier: check.that.tier(),
        level: check.level,
        evidence: check.evidence.clone(),
        step,
        exchange: 0,
        outcome,
    }
}

pub(super) fn not_judged(reason: &Unsent) -> NotJudged {
    match reason {
        Unsent::Lacks(capability) => NotJudged::Lacks(*capability),
        Unsent::NoWorld(reason) => NotJudged::NoWorld(reason.clone()),
        Unsent::Unbound(name) => NotJudged::Unbound(name.clone()),
        Unsent::Unreachable => NotJudged::Unreachable,
        Unsent::Interrupted => NotJudged::Interrupted,
    }
}

fn describe_body(response: &Response) -> String {
    let kind = response.header("content-type").unwrap_or("no content type");
    format!("{} with {kind}: {}", response.status, shorten(&printable(&response.body)))
}

fn is_success(response: &Response) -> bool {
    (200..300).contains(&response.status)
}
