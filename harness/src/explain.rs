//! Everything that has an id, explained whole: a case, a check, a fact, a requirement, a mutant.
//!
//! In: the suite, the ledger, the requirements and the mutants. Out: text. What must stay true: pure; an id that
//! nothing has gives those that look like it.

use std::fmt::Write as _;

use ecrspec_api::table::Revision;

use crate::case::Suite;
use crate::case::format::{
    Body, BodyExpectation, Case, Check, EnvelopeRule, Expectation, HeaderRule, LexicalRule, Matcher,
    ShapeRule, Step, TextMatcher, Window,
};
use crate::evidence::{Fact, Ledger};
use crate::mutant::{self, Expected, Mutant};
use crate::trace::{Requirement, Requirements, check_ids, coverage};
use crate::verdict::check_id;

/// The topics: words that stand for a page and no single thing.
pub const TOPICS: [(&str, &str); 3] = [
    ("evidence", "the ledger as a page"),
    ("requirements", "every sentence of the API page, with the checks that hold it"),
    ("coverage", "every constraint, value and error of the model, with the cases that exercise it"),
];

/// How many ids are suggested for one that nothing has.
const SUGGESTED: usize = 5;

/// Everything that can be explained.
#[derive(Debug)]
pub struct Library<'a> {
    suite: &'a Suite,
    revision: &'static Revision,
    mutants: Vec<Mutant>,
}

impl<'a> Library<'a> {
    /// What a suite and a revision have.
    pub fn new(suite: &'a Suite, revision: &'static Revision) -> Self {
        Self { suite, revision, mutants: mutant::all(revision) }
    }

    /// What an id stands for, whole. A check of a law on a repository of your own is that of the law.
    ///
    /// # Errors
    /// If nothing has that id: the ids that look like it.
    pub fn explain(&self, id: &str) -> Result<String, Vec<String>> {
        match id {
            "evidence" => return Ok(Ledger::built_in().page()),
            "requirements" => return Ok(Requirements::built_in().text(self.suite)),
            "coverage" => return Ok(coverage(self.revision, self.suite).text()),
            _ => {}
        }
        if let Some(case) = self.suite.cases.iter().find(|case| case.id == id) {
            return Ok(self.case(case));
        }
        if let Some((id, case, check)) = self.suite.checks().find(|(check, ..)| check == id) {
            return Ok(self.check(&id, case, check));
        }
        if let Some(fact) = Ledger::built_in().fact(id) {
            return Ok(self.fact(fact));
        }
        if let Some(requirement) = Requirements::built_in().get(id) {
            return Ok(self.requirement(requirement));
        }
        if let Some(mutant) = self.mutants.iter().find(|mutant| mutant.name == id) {
            return Ok(explain_mutant(mutant));
        }
        match self.elsewhere(id) {
            Some(known) => self.explain(&known),
            None => Err(self.like(id)),
        }
    }

    /// Every id with a line of what it is.
    pub fn index(&self) -> String {
        let mut text = String::new();
        for (id, sentence) in self.ids() {
            // Writing to a string can't fail.
            let _ = writeln!(text, "{id}  {sentence}");
        }
        text
    }

    fn ids(&self) -> Vec<(String, &str)> {
        let topics = TOPICS.iter().map(|(topic, sentence)| ((*topic).to_owned(), *sentence));
        let facts = Ledger::built_in().facts().map(|fact| (fact.id.clone(), fact.statement.as_str()));
        let requirements = Requirements::built_in().requirements.iter();
        let requirements =
            requirements.map(|requirement| (requirement.id.clone(), requirement.sentence.as_str()));
        let cases = self.suite.cases.iter().map(|case| (case.id.clone(), case.sentence.as_str()));
        let mutants = self.mutants.iter().map(|mutant| (mutant.name.clone(), mutant.sentence.as_str()));
        topics.chain(facts).chain(requirements).chain(cases).chain(mutants).collect()
    }

    /// For an id of a case on some repository, the id of the same case in the suite.
    fn elsewhere(&self, id: &str) -> Option<String> {
        let (case, rest) = id.split_once('@')?;
        let name = rest.split_once('#').map_or(String::new(), |(_, name)| format!("#{name}"));
        let of_suite = self
            .suite
            .cases
            .iter()
            .find(|known| known.id == case || known.id.starts_with(&format!("{case}@")))?;
        let known = format!("{}{name}", of_suite.id);
        (known != id && self.suite.checks().any(|(check, ..)| check == known || name.is_empty()))
            .then_some(known)
    }

    fn like(&self, id: &str) -> Vec<String> {
        let lower = id.to_lowercase();
        let known = self.ids().into_iter().map(|(id, _)| id).chain(check_ids(self.suite));
        let mut near: Vec<(usize, String)> = known
            .map(|known| {
                let candidate = known.to_lowercase();
                let distance = if candidate.contains(&lower) { 0 } else { distance(&lower, &candidate) };
                (distance, known)
            })
            .filter(|(distance, _)| *distance <= 3.max(lower.len() / 4))
            .collect();
        near.sort();
        near.into_iter().take(SUGGESTED).map(|(_, id)| id).collect()
    }

    fn case(&self, case: &Case) -> String {
        let mut text = format!("{}\n  {}\n", case.id, case.sentence);
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(text, "  {name:<9} {value}");
        };
        if let Some(about) = &case.about {
            row("about", about);
        }
        if let Some(world) = &case.world {
            let recipe = self.suite.worlds.get(world);
            row(
                "world",
                &format!("{world}: {}", recipe.map_or("a repository that stands", |recipe| &recipe.sentence)),
            );
        }
        for capability in &case.needs {
            row("needs", capability.name());
        }
        row("revisions", &revisions(case));
        row("runs", self.suite.cost(case).name());
        if let Some(twin) = &case.twin {
            row("twin", &format!("{twin}, which must be accepted for this to count"));
        }
        for (number, step) in (1..).zip(&case.steps) {
            row(&format!("step {number}"), &request(step));
            for (name, path) in &step.capture {
                row("", &format!("takes {path} as {{{{{name}}}}}"));
            }
            for check in &step.expect {
                row("", &expected(&case.id, check));
            }
        }
        self.write_held_requirements(&mut text, |check| {
            check.split_once('#').is_some_and(|(id, _)| id == case.id)
        });
        text
    }

    fn check(&self, id: &str, case: &Case, check: &Check) -> String {
        let mut text = format!("{id}\n  {}\n", case.sentence);
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(text, "  {name:<9} {value}");
        };
        row("asserts", &sentence(&check.that));
        row("level", check.level.name());
        row("tier", check.that.tier().name());
        if let Some(breaks) = &check.breaks {
            row("breaks", breaks);
        }
        if let Some(twin) = &case.twin {
            row("twin", twin);
        }
        if let Some(step) =
            case.steps.iter().find(|step| step.expect.iter().any(|other| std::ptr::eq(other, check)))
        {
            row("request", &request(step));
        }
        row("case", &case.id);
        self.write_held_requirements(&mut text, |held| held == id);
        for fact in check.evidence.iter().filter_map(|id| Ledger::built_in().fact(id)) {
            let _ = write!(text, "\n{}", fact.text());
        }
        text
    }

    fn write_held_requirements(&self, text: &mut String, is_asked: impl Fn(&str) -> bool) {
        let ids: Vec<String> = check_ids(self.suite).into_iter().filter(|id| is_asked(id)).collect();
        for requirement in &Requirements::built_in().requirements {
            if ids.iter().any(|id| requirement.is_held_by(id)) {
                let _ = writeln!(text, "  {:<9} {}: {}", "holds", requirement.id, requirement.sentence);
            }
        }
    }

    fn fact(&self, fact: &Fact) -> String {
        let mut text = fact.text();
        let resting = self.suite.checks().filter(|(_, _, check)| check.evidence.contains(&fact.id));
        for (id, _, check) in resting {
            let _ = writeln!(text, "  {:<11} {id}", check.level);
        }
        text
    }

    fn requirement(&self, requirement: &Requirement) -> String {
        let mut text = format!("{} ({})\n", requirement.id, requirement.place);
        let checks = check_ids(self.suite);
        requirement.write(&mut text, &checks);
        for id in checks.iter().filter(|id| requirement.is_held_by(id)) {
            let _ = writeln!(text, "    {id}");
        }
        let _ = writeln!(text, "  page: {}", Requirements::built_in().page);
        text
    }
}

fn explain_mutant(mutant: &Mutant) -> String {
    let mut text = format!("{}\n  {}\n", mutant.name, mutant.sentence);
    for seen in &mutant.seen {
        let _ = writeln!(text, "  seen      {seen}");
    }
    match &mutant.expected {
        Expected::KilledBy(checks) if checks.is_empty() => {
            let _ = writeln!(text, "  killed by any check");
        }
        Expected::KilledBy(checks) => {
            for check in checks {
                let _ = writeln!(text, "  killed by {check}");
            }
        }
        Expected::Equivalent(reason) => {
            let _ = writeln!(text, "  equivalent: {reason}");
        }
    }
    text
}

fn revisions(case: &Case) -> String {
    match (&case.since, &case.until) {
        (None, None) => "all".to_owned(),
        (Some(since), None) => format!("since {since}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(since), Some(until)) => format!("from {since} to {until}"),
    }
}

fn request(step: &Step) -> String {
    let body = match &step.send.body {
        Body::Value(value) => value.to_string(),
        Body::Text(text) => format!("the text {text:?}"),
        Body::Hex(digits) => format!("the bytes {digits}"),
    };
    let mut text = format!("{} {body}", step.send.operation);
    if let Some(most) = step.send.walk {
        let _ = write!(text, ", and again with each page's token, {most} pages at most");
    }
    for (name, value) in &step.send.headers.set {
        let _ = write!(text, ", with {name}: {value}");
    }
    for name in &step.send.headers.remove {
        let _ = write!(text, ", without {name}");
    }
    text
}

fn expected(case: &str, check: &Check) -> String {
    let evidence = check.evidence.join(", ");
    format!("{:<11} {}: {} ({evidence})", check.level, check_id(case, check.name()), sentence(&check.that))
}

/// What an expectation asserts, in words.
pub fn sentence(expectation: &Expectation) -> String {
    match expectation {
        Expectation::Status(accepted) => {
            let accepted: Vec<String> = accepted.iter().map(u16::to_string).collect();
            format!("the status is {}", accepted.join(" or "))
        }
        Expectation::Code(accepted) => format!("the error's code is {}", accepted.join(" or ")),
        Expectation::Text(TextMatcher::Exact(accepted)) => {
            format!("the error's text is {}", accepted.join(" or "))
        }
        Expectation::Text(TextMatcher::Contains(part)) => format!("the error's text has {part} in it"),
        Expectation::Header(header) => match &header.is {
            HeaderRule::Present => format!("the header {} is there", header.name),
            HeaderRule::Absent => format!("the header {} is not there", header.name),
            HeaderRule::MediaType(media_type) => format!("the header {} says {media_type}", header.name),
            HeaderRule::Uuid => format!("the header {} is a UUID", header.name),
            HeaderRule::BodyLength => format!("the header {} is the length of the body", header.name),
        },
        Expectation::Envelope(rule) => match rule {
            EnvelopeRule::AwsJson => "the body is a JSON object, and an error's names its code",
            EnvelopeRule::BareType => "`__type` is the bare code",
            EnvelopeRule::LowerCaseMessage => "the error's text is in `message`",
            EnvelopeRule::NoCapitalMessage => "there is no second text in `Message`",
        }
        .to_owned(),
        Expectation::Shape(rule) => match rule {
            ShapeRule::Typed => "a typed client can read the body",
            ShapeRule::NoNulls => "what is absent is left out, not null",
            ShapeRule::KnownMembers => "the body has members of the API only",
            ShapeRule::UniqueKeys => "no key stands twice in an object",
        }
        .to_owned(),
        Expectation::Body(BodyExpectation { at, is }) => {
            let at = if at.is_empty() { "the body" } else { at };
            format!("{at} is {}", matcher(is))
        }
        Expectation::Lexical(rule) => match rule {
            LexicalRule::ExponentTimestamps => "times are spelled as Java spells a double",
            LexicalRule::SortedMembers => "members come in alphabetical order",
        }
        .to_owned(),
        Expectation::Law(check) => check.rule.sentence().to_owned(),
    }
}

fn matcher(is: &Matcher) -> String {
    match is {
        Matcher::Equals(value) => value.to_string(),
        Matcher::Set(value) => format!("{value} in any order"),
        Matcher::Includes(value) => format!("a list with {value} in it"),
        Matcher::NoneOf(value) => format!("a list with nothing of {value} in it"),
        Matcher::AnyOf(matchers) => matchers.iter().map(matcher).collect::<Vec<_>>().join(", or "),
        Matcher::Each(each) => format!("a list of which each is {}", matcher(each)),
        Matcher::Distinct => "a list with nothing twice".to_owned(),
        Matcher::Between(between) => window(between),
        Matcher::Count(count) => format!("a list of {} elements", window(count)),
        Matcher::Type(kind) => format!("a JSON value of type {}", format!("{kind:?}").to_lowercase()),
        Matcher::Absent => "absent".to_owned(),
        Matcher::Null => "null".to_owned(),
        Matcher::Empty => "there and empty".to_owned(),
        Matcher::Present => "there and not null".to_owned(),
    }
}

fn window(Window { min, max }: &Window) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min == max => min.to_string(),
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "any number".to_owned(),
    }
}

/// How many letters must be put in, taken out or replaced to make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut above_left = line;
        let mut left = line + 1;
        for (cell, known) in row.iter_mut().skip(1).zip(&other) {
            let replaced = above_left + usize::from(letter != *known);
            above_left = *cell;
            left = replaced.min(*cell + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn the_distance_of_two_texts() {
        for (one, other, expected) in
            [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("D-4", "D-41", 1)]
        {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }
}
