//! What holds the API page, and what exercises the model.
//!
//! In: `requirements.json`, which lists every normative sentence of the API page in our own words; the suite; the
//! table of a revision. Out: for each sentence the checks that hold it, and for each constraint, value and error the
//! checks on either side of it. What must stay true: a sentence has a check that exists, or a reason why none can.

mod coverage;

use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;

pub use coverage::{Coverage, Item, coverage};

use crate::case::{Suite, fits};

/// The requirements that this program carries.
static BUILT_IN: LazyLock<Requirements> = LazyLock::new(|| {
    Requirements::parse(include_str!("../../requirements.json")).unwrap_or_else(|error| {
        // A broken list is a fault of the build, found by the first test that loads it.
        unreachable!("the requirements of this program are broken: {error}")
    })
});

/// Every normative sentence of the API page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirements {
    format: u32,
    /// The address of the page.
    pub page: String,
    /// The revision of the API that the page describes.
    pub revision: String,
    /// The sentences, in the page's order.
    pub requirements: Vec<Requirement>,
    /// What of the model no check exercises, and why.
    pub unexercised: Vec<Unexercised>,
}

/// One normative sentence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its id: `page.request.max-results.min`.
    pub id: String,
    /// Where it stands on the page.
    #[serde(rename = "where")]
    pub place: String,
    /// The sentence, in our own words.
    pub sentence: String,
    /// The checks that hold it: ids, or patterns with `*`.
    #[serde(default)]
    pub checks: Vec<String>,
    /// What is to be said of it, as where evidence beats the page.
    #[serde(default)]
    pub note: Option<String>,
    /// Why no check can hold it.
    #[serde(default)]
    pub unheld: Option<String>,
}

/// Parts of the model that no check exercises.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unexercised {
    /// Names of [`Item`]s, or patterns with `*`.
    pub of: Vec<String>,
    /// Why.
    pub reason: String,
}

impl Requirements {
    /// The requirements that this program carries.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    fn parse(text: &str) -> Result<Self, String> {
        let requirements: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if requirements.format != 1 {
            return Err(format!("format {} is not 1", requirements.format));
        }
        for (index, requirement) in requirements.requirements.iter().enumerate() {
            let id = &requirement.id;
            if requirements.requirements.iter().skip(index + 1).any(|other| other.id == *id) {
                return Err(format!("{id}: stands twice"));
            }
            if requirement.checks.is_empty() == requirement.unheld.is_none() {
                return Err(format!("{id}: has neither checks nor a reason, or both"));
            }
        }
        Ok(requirements)
    }

    /// The requirement of that id.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id == id)
    }

    /// Every requirement with the number of checks that hold it, as a text.
    pub fn text(&self, suite: &Suite) -> String {
        let checks = check_ids(suite);
        let held = self.requirements.iter().filter(|requirement| requirement.unheld.is_none()).count();
        let mut text = format!(
            "{} sentences of {}: {held} held by checks, {} by none\n",
            self.requirements.len(),
            self.page,
            self.requirements.len() - held
        );
        for requirement in &self.requirements {
            // Writing to a string can't fail.
            let _ = write!(text, "\n{} ({})\n", requirement.id, requirement.place);
            requirement.write(&mut text, &checks);
        }
        text
    }
}

impl Requirement {
    /// The sentence with its checks, each line indented.
    pub(crate) fn write(&self, text: &mut String, checks: &[String]) {
        // Writing to a string can't fail.
        let _ = writeln!(text, "  {}", self.sentence);
        if let Some(note) = &self.note {
            let _ = writeln!(text, "  note: {note}");
        }
        if let Some(reason) = &self.unheld {
            let _ = writeln!(text, "  held by no check: {reason}");
        }
        for pattern in &self.checks {
            let count = checks.iter().filter(|id| fits(id, pattern)).count();
            let count = if pattern.contains('*') { format!(" ({count})") } else { String::new() };
            let _ = writeln!(text, "  held by {pattern}{count}");
        }
    }

    /// The patterns of its checks that fit no check of a suite.
    pub fn without_check<'a>(&'a self, suite: &Suite) -> Vec<&'a str> {
        let checks = check_ids(suite);
        let fits_none = |pattern: &&String| !checks.iter().any(|id| holds(id, pattern));
        self.checks.iter().filter(fits_none).map(String::as_str).collect()
    }

    /// Whether a check is among those that hold it.
    pub fn is_held_by(&self, check: &str) -> bool {
        self.checks.iter().any(|pattern| holds(check, pattern))
    }
}

/// Whether a check is the one that is named, or fits the pattern.
fn holds(id: &str, pattern: &str) -> bool {
    if pattern.contains('*') { fits(id, pattern) } else { id == pattern }
}

/// The ids of all checks of a suite.
pub(crate) fn check_ids(suite: &Suite) -> Vec<String> {
    suite.checks().map(|(id, ..)| id).collect()
}
