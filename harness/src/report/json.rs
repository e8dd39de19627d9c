//! The report for programs. Its format has a version: members are added, never changed.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;

use crate::baseline::{Entry, Standing, WhyStale};
use crate::evidence::Ledger;
use crate::level::Level;
use crate::report::curl::curl;
use crate::report::failure::request;
use crate::report::{RootCause, Score, Subject, Summary, context, root_cause, warning};
use crate::run::CaseRun;
use crate::verdict::{CheckResult, Outcome};

/// The version of the report's format.
const FORMAT: u32 = 1;

/// What a run of ecrspec says of a target.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    /// The version of the report's format.
    #[schemars(extend("const" = 1))]
    format: u32,
    suite: &'static str,
    requirement_set: String,
    api: Api,
    target: Target<'a>,
    verdict: String,
    exit: u8,
    fail_on: Level,
    summary: Summary,
    /// Only where the whole suite was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    /// The one thing that makes everything fail, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    root_cause: Option<RootCause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
    checks: Vec<Check<'a>>,
    left_behind: Vec<String>,
    faults: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baseline<'a>>,
}

/// What the baseline says of the run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Baseline<'a> {
    file: &'a str,
    entries: usize,
    /// How many failed checks are known.
    known: usize,
    /// Entries that no longer hold.
    stale: Vec<Stale<'a>>,
    /// Ids of entries for which the suite has no check.
    unmatched: Vec<&'a str>,
    /// Ids of entries that were written against another spec.
    other_spec: Vec<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Stale<'a> {
    id: &'a str,
    line: usize,
    #[schemars(extend("enum" = ["passes", "expired"]))]
    why: &'static str,
    /// The checks of the entry that pass.
    passing: &'a [&'a str],
}

/// The entry of the baseline for a failed check.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Known<'a> {
    entry: &'a str,
    reason: &'a str,
    issue: &'a str,
    expires: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Api {
    revision: &'static str,
    spec_hash: &'static str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Target<'a> {
    endpoint: Option<&'a str>,
    registry_id: &'a str,
    /// What the target lacks of what cases may need, each with what showed it.
    lacks: BTreeMap<&'static str, &'a str>,
    throttled: u32,
    /// Members of its answers that only a later revision of the API knows, each with that revision's name.
    newer_members: BTreeMap<&'a str, &'static str>,
    /// Requests that were sent again because no answer came.
    resent: u32,
    /// How many requests were sent, those that were sent again included.
    calls: u32,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Check<'a> {
    id: &'a str,
    case: &'a str,
    sentence: &'a str,
    about: Option<&'a str>,
    aspect: &'static str,
    tier: &'static str,
    level: Level,
    #[schemars(extend("enum" = ["conform", "nonconform", "informational", "not-judged"]))]
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<Finding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The check is about another of the accepted answers than the one that came, and so is no part of any score.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    moot: bool,
    evidence: Vec<Evidence<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<Known<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    #[schemars(extend("enum" =
        ["transport", "envelope", "shape", "error-identity", "error-text", "semantics"]))]
    kind: &'static str,
    pointer: &'a str,
    expected: &'a str,
    actual: &'a str,
    breaks: &'a str,
    /// The answer, where the finding is about its form.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// What the code or the text of the same answer must be, by the checks that say so.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    due: BTreeMap<&'static str, String>,
    /// What the request has that is against the model and must be rejected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<String>,
    /// The valid twin of a rejection, and how it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    twin: Option<String>,
    /// What stood in the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    world: Option<String>,
    /// The commands that make that, but for layers and configs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    setup: Vec<String>,
    curl: Option<String>,
    again: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Evidence<'a> {
    id: &'a str,
    strength: Option<&'a str>,
    link: Option<&'a str>,
}

/// The JSON Schema (2020-12) of the report: members may be added within a format, so none is refused.
pub fn json_schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Report<'_>>()
}

/// The report as JSON, ending in a newline.
pub fn json(subject: &Subject<'_>) -> String {
    let run = subject.run;
    let summary = Summary::of(&run.cases);
    let report = Report {
        format: FORMAT,
        suite: concat!("ecrspec ", env!("CARGO_PKG_VERSION")),
        requirement_set: format!("{}/{}", env!("CARGO_PKG_VERSION"), subject.revision.name),
        api: Api { revision: subject.revision.name, spec_hash: subject.revision.hash },
        target: Target {
            endpoint: subject.endpoint,
            registry_id: &run.target.registry_id,
            lacks: run
                .target
                .capabilities
                .iter()
                .filter_map(|(capability, reason)| Some((capability.name(), reason.as_deref()?)))
                .collect(),
            throttled: run.throttled,
            newer_members: run.newer(),
            resent: run.resent,
            calls: run.calls,
        },
        verdict: subject.verdict(),
        exit: subject.exit.code(),
        fail_on: subject.fail_on,
        score: Score::of(subject, &summary),
        summary,
        root_cause: root_cause(subject),
        warning: warning(subject),
        checks: run
            .cases
            .iter()
            .filter(|case| case.selected)
            .flat_map(|case| case.results.iter().map(move |result| check(case, result, subject)))
            .collect(),
        left_behind: run.left.iter().map(|left| left.repository.clone()).collect(),
        faults: &run.faults,
        baseline: subject.baseline.map(baseline),
    };
    let value = serde_json::to_value(&report).unwrap_or(Value::Null);
    format!("{value:#}\n")
}

fn baseline<'a>(standing: &'a Standing<'a>) -> Baseline<'a> {
    let ids = |entries: &[&'a Entry]| entries.iter().map(|entry| entry.id.as_str()).collect();
    Baseline {
        file: &standing.baseline.file,
        entries: standing.baseline.entries.len(),
        known: standing.known(),
        stale: standing
            .stale
            .iter()
            .map(|stale| {
                let passing = match &stale.why {
                    WhyStale::Passes(checks) => checks.as_slice(),
                    WhyStale::Expired => &[],
                };
                Stale { id: &stale.entry.id, line: stale.entry.line, why: stale.name(), passing }
            })
            .collect(),
        unmatched: ids(&standing.unmatched),
        other_spec: ids(&standing.other_spec),
    }
}

fn check<'a>(case: &'a CaseRun, result: &'a CheckResult, subject: &Subject<'a>) -> Check<'a> {
    let (outcome, finding, observed, reason) = match &result.outcome {
        Outcome::Conform => ("conform", None, None, None),
        Outcome::Nonconform(finding) => {
            let finding = Finding {
                kind: finding.kind.name(),
                pointer: &finding.pointer,
                expected: &finding.expected,
                actual: &finding.actual,
                breaks: &finding.breaks,
                answer: context::answer(case, result, finding),
                due: context::due(case, result).into_iter().collect(),
                rules: context::rules(case, result, finding, subject.revision),
                twin: context::twin(case, subject),
                world: context::world(case, result, subject),
                setup: context::setup(case, result, subject),
                curl: request(case, result).and_then(|request| curl(request, subject)),
                again: subject.command(&case.case.id),
            };
            ("nonconform", Some(finding), None, None)
        }
        Outcome::Informational(observed) => ("informational", None, Some(observed.as_str()), None),
        Outcome::NotJudged(reason) => ("not-judged", None, None, Some(reason.reason())),
    };
    Check {
        id: &result.id,
        case: &case.case.id,
        sentence: &case.case.sentence,
        about: case.case.about.as_deref(),
        aspect: result.aspect,
        tier: result.tier.name(),
        level: result.level,
        outcome,
        finding,
        observed,
        reason,
        moot: matches!(&result.outcome, Outcome::NotJudged(reason) if reason.is_moot()),
        evidence: result.evidence.iter().map(|id| evidence(id)).collect(),
        known: subject.known(&result.id).map(|entry| Known {
            entry: &entry.id,
            reason: &entry.reason,
            issue: &entry.issue,
            expires: entry.expires.to_string(),
        }),
    }
}

fn evidence(id: &str) -> Evidence<'_> {
    let fact = Ledger::built_in().fact(id);
    Evidence {
        id,
        strength: fact.map(|fact| fact.strength.as_str()),
        link: fact.and_then(|fact| fact.sources.iter().find_map(|source| source.link.as_deref())),
    }
}
