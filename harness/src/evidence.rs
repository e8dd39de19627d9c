//! The evidence ledger: what is known of the real service, from where, and how strongly.
//!
//! In: `evidence.json`. Out: facts by id, and the highest level that each strength carries. What must stay
//! true: no expectation weighs more than its evidence.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::level::Level;

/// How the page begins.
const PAGE_HEAD: &str = "\
# What is known of the real service

Made from `harness/evidence.json` by `cargo run -- explain evidence`; a test keeps it so. Each check cites facts of this
page and weighs no more than they carry. A gap is a fact too: it says what nobody knows, and what rests on it is shown
and not judged. Who thinks that a fact is wrong opens the issue *Dispute a fact*, with what the real service answered,
when, and to what request.

| strength | a check weighs at most | what it means |
|---|---|---|
";

/// What the facts of each letter are about.
const TOPICS: [(&str, &str); 4] = [
    ("A", "Protocol, envelope, headers, spelling"),
    ("B", "What is not found"),
    ("C", "Validation"),
    ("D", "What the answers mean"),
];

/// The ledger that this program carries.
static BUILT_IN: LazyLock<Ledger> = LazyLock::new(|| {
    Ledger::parse(include_str!("../evidence.json")).unwrap_or_else(|error| {
        // A broken ledger is a fault of the build, found by the first test that loads it.
        unreachable!("the ledger of this program is broken: {error}")
    })
});

/// All facts and what their strengths are worth.
#[derive(Debug)]
pub struct Ledger {
    strengths: BTreeMap<String, Strength>,
    facts: BTreeMap<String, Fact>,
}

/// What a strength is worth.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strength {
    /// The strength's name: `observed`.
    pub name: String,
    /// The highest level of an expectation that rests on it.
    pub highest: Level,
    /// What the name means.
    pub means: String,
}

/// One thing known of the real service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The fact's id: `A-5`.
    pub id: String,
    /// The fact.
    pub statement: String,
    /// The name of its strength.
    pub strength: String,
    /// Where it is from.
    pub sources: Vec<Source>,
    /// The sources or facts that it contradicts and beats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// What of it may be asserted, where that is less than the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// Where a fact is from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What kind of source it is.
    pub kind: SourceKind,
    /// What it is.
    pub title: String,
    /// Its address, where it has one that lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When it was seen or published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
}

/// The kinds of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Unaltered bytes of the real service, recorded by this tool.
    Recording,
    /// A model that AWS publishes.
    Model,
    /// A page of AWS's documentation.
    Page,
    /// Real output that somebody published.
    Sighting,
    /// A conclusion from other facts.
    Deduction,
}

impl Fact {
    /// Where the fact stands among others: A-9 before A-10.
    fn place(&self) -> (&str, u32, &str) {
        let (letter, rest) = self.id.split_once('-').unwrap_or((&self.id, ""));
        let digits = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let (number, rest) = rest.split_at(digits);
        (letter, number.parse().unwrap_or(u32::MAX), rest)
    }

    /// The fact as a text, ending in a newline.
    pub fn text(&self) -> String {
        let mut text = format!("{} ({})\n  {}\n", self.id, self.strength, self.statement);
        // Writing to a string can't fail.
        if let Some(scope) = &self.scope {
            let _ = writeln!(text, "  scope: {scope}");
        }
        for source in &self.sources {
            let _ = writeln!(text, "  source: {}, {source}", source.kind.name());
        }
        for beaten in &self.overrides {
            let _ = writeln!(text, "  overrides: {beaten}");
        }
        text
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.title)?;
        if let Some(seen) = &self.seen {
            write!(formatter, ", {seen}")?;
        }
        match &self.link {
            Some(link) => write!(formatter, " <{link}>"),
            None => Ok(()),
        }
    }
}

impl SourceKind {
    /// The kind as pages print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Model => "model",
            Self::Page => "page",
            Self::Sighting => "sighting",
            Self::Deduction => "deduction",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerFile {
    format: u32,
    strengths: Vec<Strength>,
    facts: Vec<Fact>,
}

impl Ledger {
    /// The ledger that this program carries.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads a ledger.
    ///
    /// # Errors
    /// If the text is no ledger of format 1, an id stands twice, a strength is unknown or a fact has no source.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: LedgerFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.format != 1 {
            return Err(format!("format {} is not 1", file.format));
        }
        let strengths: BTreeMap<_, _> =
            file.strengths.into_iter().map(|strength| (strength.name.clone(), strength)).collect();
        let mut facts = BTreeMap::new();
        for fact in file.facts {
            if !strengths.contains_key(&fact.strength) {
                return Err(format!("{}: unknown strength {}", fact.id, fact.strength));
            }
            if fact.sources.is_empty() {
                return Err(format!("{}: no source", fact.id));
            }
            if let Some(twice) = facts.insert(fact.id.clone(), fact) {
                return Err(format!("{}: stands twice", twice.id));
            }
        }
        Ok(Self { strengths, facts })
    }

    /// The fact of that id.
    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.facts.get(id)
    }

    /// All facts, sorted by id.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// The ledger as a page in Markdown.
    pub fn page(&self) -> String {
        let mut text = String::from(PAGE_HEAD);
        for strength in self.strengths.values() {
            // Writing to a string can't fail.
            let _ = writeln!(text, "| {} | `{}` | {} |", strength.name, strength.highest, strength.means);
        }
        let mut topic = "";
        let mut facts: Vec<&Fact> = self.facts.values().collect();
        facts.sort_by_key(|fact| fact.place());
        for fact in facts {
            let letter = fact.id.get(..1).unwrap_or_default();
            if letter != topic {
                topic = letter;
                let title = TOPICS
                    .iter()
                    .find(|(known, _)| *known == letter)
                    .map_or("Other facts", |(_, title)| title);
                let _ = write!(text, "\n## {letter}. {title}\n");
            }
            let _ = write!(text, "\n**{}** ({}) {}\n", fact.id, fact.strength, fact.statement);
            if let Some(scope) = &fact.scope {
                let _ = write!(text, "\n- asserted: {scope}\n");
            } else {
                text.push('\n');
            }
            for source in &fact.sources {
                let _ = writeln!(text, "- {}: {source}", source.kind.name());
            }
            for beaten in &fact.overrides {
                let _ = writeln!(text, "- beats: {beaten}");
            }
        }
        text
    }

    /// The highest level that any of these facts carries; [`Level::Information`] without facts.
    pub fn highest_level<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Level {
        ids.into_iter()
            .filter_map(|id| self.facts.get(id))
            .filter_map(|fact| self.strengths.get(&fact.strength))
            .map(|strength| strength.highest)
            .max()
            .unwrap_or(Level::Information)
    }
}
