//! What the answers to a law say.
//!
//! A law is judged only if its first and last list agree: what changed in between is no fault of the target.

use std::collections::{BTreeMap, BTreeSet};

use ecrspec_api::Document;

use crate::case::format::{Case, Check, Expectation};
use crate::exchange::{Exchange, NoResponse};
use crate::law::{LIST_PAGES, Law, PAGE_SIZE, Rule};
use crate::transcript::{StepOutcome, Transcript};
use crate::verdict::error_identity::{error_identity, is_throttled};
use crate::verdict::judge::{not_judged, summary, what_broke};
use crate::verdict::matcher::{printable, shorten};
use crate::verdict::{CheckResult, Finding, FindingKind, NotJudged, Outcome, check_id};

/// Where the digests of a page's images stand.
const DIGESTS: &str = "/imageDetails/*/imageDigest";

/// Judges every check of a law.
pub(super) fn judge(law: Law, case: &Case, transcript: &Transcript) -> Vec<CheckResult> {
    let answers: Vec<Result<Answers, Trouble>> =
        transcript.steps.iter().enumerate().map(Answers::of).collect();
    let steady = match &answers[..] {
        [Ok(before), .., Ok(after)] => steady(before, after),
        _ => Ok(()),
    };
    // An image that was removed meanwhile is rightly not found.
    let answers: Result<Vec<Answers>, Trouble> =
        answers.into_iter().collect::<Result<_, _>>().map_err(|trouble| match &steady {
            Err(reason) => Trouble::Unknown(reason.clone()),
            Ok(()) => trouble,
        });
    let mut answered = None;
    let mut results = Vec::new();
    for check in case.steps.iter().flat_map(|step| &step.expect) {
        let Expectation::Law(asserted) = &check.that else { continue };
        let id = check_id(&case.id, check.name());
        let mut at = At { step: 1, exchange: 0 };
        let outcome = match (asserted.rule, &answers) {
            (_, Err(Trouble::Unknown(reason))) => Outcome::NotJudged(reason.clone()),
            (Rule::Answered, Err(Trouble::Found(place, difference))) => {
                at = *place;
                answered = Some(id.clone());
                nonconform(check, difference.clone())
            }
            (_, Err(Trouble::Found(..))) => {
                Outcome::NotJudged(NotJudged::Covered(answered.clone().unwrap_or_default()))
            }
            // After a list without an end nothing more was asked.
            (Rule::Answered, Ok(_)) => match &steady {
                Err(reason @ NotJudged::Endless(_)) => Outcome::NotJudged(reason.clone()),
                _ => Outcome::Conform,
            },
            (rule, Ok(answers)) => {
                match steady.clone().and_then(|()| holds(law, rule, answers, transcript)) {
                    Ok(None) => Outcome::Conform,
                    Ok(Some((place, difference))) => {
                        at = place;
                        nonconform(check, difference)
                    }
                    Err(reason) => Outcome::NotJudged(reason),
                }
            }
        };
        results.push(CheckResult {
            id,
            aspect: check.that.aspect(),
            tier: check.that.tier(),
            level: check.level,
            evidence: check.evidence.clone(),
            step: at.step,
            exchange: at.exchange,
            outcome,
        });
    }
    results
}

/// Which request of a law an answer belongs to.
#[derive(Clone, Copy)]
struct At {
    step: usize,
    exchange: usize,
}

#[derive(Clone)]
struct Difference {
    kind: FindingKind,
    pointer: &'static str,
    expected: String,
    actual: String,
}

/// Why answers can't be compared.
enum Trouble {
    Unknown(NotJudged),
    Found(At, Difference),
}

/// The answers of one step.
struct Answers {
    pages: Vec<Page>,
    complete: bool,
}

/// One answer: what was asked for, and the images.
struct Page {
    asked: Option<Document>,
    images: Vec<Image>,
}

struct Image {
    /// The digest, or the whole entry where it has none.
    key: String,
    tags: BTreeSet<String>,
}

impl Answers {
    fn of((index, outcome): (usize, &StepOutcome)) -> Result<Self, Trouble> {
        let (exchanges, complete) = match outcome {
            StepOutcome::Sent { exchanges, complete } => (exchanges, *complete),
            StepOutcome::NotSent(reason) => return Err(Trouble::Unknown(not_judged(reason))),
        };
        let page = |(number, exchange)| Page::of(exchange, At { step: index, exchange: number });
        Ok(Self { pages: exchanges.iter().enumerate().map(page).collect::<Result<_, _>>()?, complete })
    }

    fn images(&self) -> impl Iterator<Item = &Image> {
        self.pages.iter().flat_map(|page| &page.images)
    }

    fn keys(&self) -> BTreeSet<&str> {
        self.images().map(|image| image.key.as_str()).collect()
    }

    /// Each image with all tags that it was given with.
    fn state(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut state = BTreeMap::<&str, BTreeSet<&str>>::new();
        for image in self.images() {
            state.entry(&image.key).or_default().extend(image.tags.iter().map(String::as_str));
        }
        state
    }
}

impl Page {
    fn of(exchange: &Exchange, at: At) -> Result<Self, Trouble> {
        let found = |kind, expected: &str, actual| {
            Trouble::Found(at, Difference { kind, pointer: "", expected: expected.to_owned(), actual })
        };
        let response = match &exchange.outcome {
            Ok(response) if is_throttled(response) => return Err(Trouble::Unknown(NotJudged::Throttled)),
            Ok(response) => response,
            Err(reason @ NoResponse::Unreachable { .. }) => {
                return Err(Trouble::Unknown(NotJudged::NoAnswer(reason.to_string())));
            }
            Err(reason) => return Err(found(FindingKind::Transport, "an answer", reason.to_string())),
        };
        if let Some(actual) = what_broke(response) {
            return Err(found(FindingKind::Transport, "a whole body", actual));
        }
        let body = Document::parse(&response.body).ok();
        if response.status != 200 {
            return Err(found(
                FindingKind::ErrorIdentity,
                "200",
                summary(response, error_identity(response, body.as_ref()).as_ref()),
            ));
        }
        let entries = body.as_ref().and_then(|body| body.get("imageDetails")).and_then(Document::as_array);
        let Some(entries) = entries else {
            let actual = shorten(&printable(&response.body));
            return Err(found(FindingKind::Shape, "a list in `imageDetails`", actual));
        };
        let request = Document::parse(&exchange.request.body).ok();
        let asked = request.as_ref().and_then(|request| request.pointer("/imageIds/0")).cloned();
        Ok(Self { asked, images: entries.iter().map(Image::of).collect() })
    }
}

impl Image {
    fn of(entry: &Document) -> Self {
        let digest = entry.get("imageDigest").and_then(Document::as_str);
        let tags = entry.get("imageTags").and_then(Document::as_array).unwrap_or_default();
        Self {
            key: digest.map_or_else(|| entry.to_string(), str::to_owned),
            tags: tags.iter().filter_map(Document::as_str).map(str::to_owned).collect(),
        }
    }
}

/// Whether the first and the last list are whole and agree.
fn steady(before: &Answers, after: &Answers) -> Result<(), NotJudged> {
    if !before.complete || !after.complete {
        return Err(NotJudged::Endless(LIST_PAGES));
    }
    if before.state() == after.state() { Ok(()) } else { Err(NotJudged::Unsteady) }
}

type Held = Result<Option<(At, Difference)>, NotJudged>;

/// What breaks a rule, if anything does.
fn holds(law: Law, rule: Rule, answers: &[Answers], transcript: &Transcript) -> Held {
    let [list, asked @ .., _] = answers else { return Ok(None) };
    let [first, ..] = asked else { return Ok(None) };
    match law {
        Law::Pages => {
            let size = transcript.bindings.iter().find(|(name, _)| *name == PAGE_SIZE);
            let size = size.and_then(|(_, value)| value.as_u64()).and_then(|size| usize::try_from(size).ok());
            pages(rule, list, first, size.unwrap_or(usize::MAX))
        }
        Law::Partition => Ok(partition(rule, list, asked)),
        Law::ByDigest | Law::ByTag => asked_for(law, rule, list, first),
        Law::OwnRegistry => Ok(differing("with one's own registry", first, "without", list, 1)),
    }
}

fn pages(rule: Rule, list: &Answers, walk: &Answers, size: usize) -> Held {
    Ok(match rule {
        Rule::PageSize => {
            let too_long = walk.pages.iter().position(|page| page.images.len() > size);
            too_long.map(|exchange| {
                let actual = walk.pages.get(exchange).map_or(0, |page| page.images.len());
                let expected = format!("at most {size} images");
                let pointer = "/pages/*/imageDetails";
                (At { step: 1, exchange }, values(pointer, expected, format!("{actual} images")))
            })
        }
        Rule::NoneTwice => {
            let mut seen = BTreeSet::new();
            let twice = walk.images().find(|image| !seen.insert(image.key.as_str()));
            twice.map(|image| {
                let actual = format!("{} more than once", shorten(&image.key));
                ask_at(1, values("/pages/*/imageDetails/*/imageDigest", "each image once".to_owned(), actual))
            })
        }
        Rule::NoneElse => missing("in the list", walk, "in the pages", list, 1),
        _ if !walk.complete => return Err(NotJudged::Endless(crate::law::WALK_PAGES)),
        _ => missing("in the pages", list, "in the list", walk, 1),
    })
}

fn partition(rule: Rule, list: &Answers, asked: &[Answers]) -> Option<(At, Difference)> {
    let [tagged, untagged, any, ..] = asked else { return None };
    match rule {
        Rule::TaggedHaveTags => {
            let wrong = tagged.images().find(|image| image.tags.is_empty());
            wrong.map(|image| {
                let actual = format!("{} without tags", shorten(&image.key));
                ask_at(1, values("/imageDetails/*/imageTags", "images with tags".to_owned(), actual))
            })
        }
        Rule::UntaggedHaveNone => {
            let wrong = untagged.images().find(|image| !image.tags.is_empty());
            wrong.map(|image| {
                let actual = format!("{} with tags", shorten(&image.key));
                ask_at(2, values("/imageDetails/*/imageTags", "images without tags".to_owned(), actual))
            })
        }
        Rule::Apart => {
            let (tagged, untagged) = (tagged.keys(), untagged.keys());
            let both = tagged.intersection(&untagged).next();
            both.map(|key| {
                let actual = format!("{} in both", shorten(key));
                ask_at(2, values(DIGESTS, "no image in both".to_owned(), actual))
            })
        }
        Rule::AnyIsAll => differing("with ANY", any, "without a filter", list, 3),
        _ => {
            let together: BTreeSet<&str> = tagged.keys().union(&untagged.keys()).copied().collect();
            difference_of("of TAGGED and UNTAGGED", &together, "of ANY", &any.keys(), 3)
        }
    }
}

fn asked_for(law: Law, rule: Rule, list: &Answers, asked: &Answers) -> Held {
    if asked.pages.is_empty() {
        return Err(NotJudged::NothingToAsk);
    }
    let state = list.state();
    let member = law.asks_by().unwrap_or_default();
    for (exchange, page) in asked.pages.iter().enumerate() {
        let Some(name) = page.asked.as_ref().and_then(|id| id.get(member)).and_then(Document::as_str) else {
            continue;
        };
        // A tag that two digests have, as where the digests are not what they should be, is asked for all the same.
        let due: BTreeSet<&str> = match law {
            Law::ByDigest => BTreeSet::from([name]),
            _ => state.iter().filter(|(_, tags)| tags.contains(name)).map(|(key, _)| *key).collect(),
        };
        let given: BTreeSet<&str> = page.images.iter().map(|image| image.key.as_str()).collect();
        let at = At { step: 1, exchange };
        match rule {
            Rule::ItsImage if given != due => {
                let expected = due.iter().map(|key| shorten(key)).collect::<Vec<_>>().join(", ");
                let actual = format!("{} for {}", joined(&given), shorten(name));
                return Ok(Some((at, values(DIGESTS, expected, actual))));
            }
            Rule::SameTags => {
                for image in page.images.iter().filter(|image| due.contains(image.key.as_str())) {
                    let tags: BTreeSet<&str> = image.tags.iter().map(String::as_str).collect();
                    let listed = state.get(image.key.as_str()).cloned().unwrap_or_default();
                    if tags != listed {
                        let pointer = "/imageDetails/*/imageTags";
                        return Ok(Some((at, values(pointer, joined(&listed), joined(&tags)))));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// What `whole` has and `part` lacks.
fn missing(
    wanted: &str,
    whole: &Answers,
    source: &str,
    part: &Answers,
    step: usize,
) -> Option<(At, Difference)> {
    let (whole, part) = (whole.keys(), part.keys());
    let lost: BTreeSet<&str> = whole.difference(&part).copied().collect();
    let first = lost.first()?;
    let expected = format!("{wanted} what is {source}");
    let more = if lost.len() > 1 { format!(" and {} more", lost.len() - 1) } else { String::new() };
    let actual = format!("{}{more} not {wanted}", shorten(first));
    Some(ask_at(step, values("/pages/*/imageDetails/*/imageDigest", expected, actual)))
}

fn differing(
    one_name: &str,
    one: &Answers,
    other_name: &str,
    other: &Answers,
    step: usize,
) -> Option<(At, Difference)> {
    difference_of(one_name, &one.keys(), other_name, &other.keys(), step)
}

fn difference_of(
    one_name: &str,
    one: &BTreeSet<&str>,
    other_name: &str,
    other: &BTreeSet<&str>,
    step: usize,
) -> Option<(At, Difference)> {
    let odd = one.symmetric_difference(other).next()?;
    let (has, lacks) = if one.contains(odd) { (one_name, other_name) } else { (other_name, one_name) };
    let expected = format!("the images {one_name} and {other_name} alike");
    let actual = format!("{} {has}, not {lacks}", shorten(odd));
    Some(ask_at(step, values(DIGESTS, expected, actual)))
}

fn ask_at(step: usize, difference: Difference) -> (At, Difference) {
    (At { step, exchange: 0 }, difference)
}

fn values(pointer: &'static str, expected: String, actual: String) -> Difference {
    Difference { kind: FindingKind::Semantics, pointer, expected, actual }
}

fn joined(keys: &BTreeSet<&str>) -> String {
    if keys.is_empty() {
        return "nothing there".to_owned();
    }
    shorten(&keys.iter().copied().collect::<Vec<_>>().join(", "))
}

fn nonconform(check: &Check, difference: Difference) -> Outcome {
    let Difference { kind, pointer, expected, actual } = difference;
    Outcome::Nonconform(Finding {
        kind,
        pointer: pointer.to_owned(),
        expected,
        actual,
        breaks: check.breaks.clone().unwrap_or_else(|| kind.breaks().to_owned()),
    })
}
