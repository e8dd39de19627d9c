//! What two targets do, check by check.
//!
//! In: both verdicts of each check. Out: a text for people, or JSON. What must stay true: a check on which they do
//! not agree is shown with both answers.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::compare::{Agreement, Compared};
use crate::exit::Exit;
use crate::verdict::shorten;

/// The most places that are shown of a check.
const SHOWN_PLACES: usize = 4;

/// The version of the JSON report.
const FORMAT: u32 = 1;

/// What two targets do, for people. `left` and `right` are what they are called.
pub fn compared_human(compared: &[Compared], left: &str, right: &str) -> String {
    let mut text = String::new();
    let shown = |one: &&Compared| !matches!(one.agreement, Agreement::Agree | Agreement::NotJudged);
    for one in compared.iter().filter(shown) {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{:<15}  {}", one.agreement.name(), one.id);
        let _ = one.expected.as_ref().map(|expected| writeln!(text, "  expected  {expected}"));
        let _ = writeln!(text, "  left      {}\n  right     {}", one.left, one.right);
        for place in one.places.iter().take(SHOWN_PLACES) {
            let shown = |value: &Option<String>| value.as_deref().map_or("nothing".to_owned(), shorten);
            let _ = writeln!(text, "  {}: {} | {}", place.place, shown(&place.first), shown(&place.second));
        }
        text.push('\n');
    }
    for agreement in Agreement::ALL {
        let count = compared.iter().filter(|one| one.agreement == agreement).count();
        let _ = writeln!(text, "{:<15}  {count}", agreement.name());
    }
    let _ = writeln!(text, "left {left}, right {right}");
    text
}

/// The same as JSON of format 1.
pub fn compared_json(compared: &[Compared], left: &str, right: &str, exit: Exit) -> String {
    let checks: Vec<Value> = compared
        .iter()
        .map(|one| {
            let places: Vec<Value> = one
                .places
                .iter()
                .map(|place| json!({"place": place.place, "left": place.first, "right": place.second}))
                .collect();
            json!({
                "id": one.id,
                "agreement": one.agreement.name(),
                "expected": one.expected,
                "left": one.left,
                "right": one.right,
                "places": places,
            })
        })
        .collect();
    let report = json!({
        "format": FORMAT,
        "suite": concat!("ecrspec ", env!("CARGO_PKG_VERSION")),
        "left": left,
        "right": right,
        "exit": exit.code(),
        "checks": checks,
    });
    format!("{report:#}\n")
}
