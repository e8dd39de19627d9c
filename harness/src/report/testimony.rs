//! What recordings of ECR itself say of the suite.
//!
//! In: what is confirmed and contradicted. Out: a text for people, or JSON. What must stay true: what ECR contradicts
//! is there with what ECR answered.

use std::fmt::Write as _;

use serde_json::json;

use crate::recording::Testimony;
use crate::verdict::{CheckResult, Outcome};

/// The version of the JSON output.
const FORMAT: u32 = 1;

/// What recordings of ECR say, for people.
pub fn testimony_human(testimony: &Testimony) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    for fact in &testimony.facts {
        text.push_str(&fact.text());
    }
    for result in &testimony.contradicted {
        let Outcome::Nonconform(finding) = &result.outcome else { continue };
        let _ = writeln!(text, "✗ {} {}", result.level.to_string().to_uppercase(), result.id);
        let _ = writeln!(text, "  expected  {}\n  ECR       {}", finding.expected, finding.actual);
        let _ = writeln!(text, "  rests on  {}", result.evidence.join(", "));
    }
    let [confirmed, contradicted, open] =
        [&testimony.confirmed, &testimony.contradicted, &testimony.open].map(Vec::len);
    let _ =
        writeln!(text, "{confirmed} checks confirmed by ECR, {contradicted} contradicted, {open} left open");
    text
}

/// The same as JSON of format 1, with the facts as the ledger has them.
pub fn testimony_json(testimony: &Testimony, spec_hash: &str) -> String {
    let ids = |results: &[CheckResult]| results.iter().map(|result| result.id.clone()).collect::<Vec<_>>();
    let contradicted: Vec<_> = testimony
        .contradicted
        .iter()
        .filter_map(|result| match &result.outcome {
            Outcome::Nonconform(finding) => Some(json!({
                "id": result.id,
                "level": result.level.to_string(),
                "at": finding.pointer,
                "expected": finding.expected,
                "actual": finding.actual,
                "evidence": result.evidence,
            })),
            _ => None,
        })
        .collect();
    let value = json!({
        "format": FORMAT,
        "specHash": spec_hash,
        "facts": testimony.facts,
        "confirmed": ids(&testimony.confirmed),
        "contradicted": contradicted,
        "open": ids(&testimony.open),
    });
    format!("{value:#}\n")
}
