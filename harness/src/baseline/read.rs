//! Reading a baseline file.
//!
//! In: a text with its name. Out: the baseline, or every problem with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use ecrspec_codegen::source::{Source, Span};
use time::{Date, Month};
use toml_edit::{Document, Item, Table};

use crate::baseline::{Baseline, Entry, FORMAT};
use crate::case::Problem;

/// The keys of an entry, all of them required, each with what it holds.
const KEYS: [(&str, &str); 5] = [
    ("id", "the id of a check, such as `paging.token#has-token`"),
    ("reason", "why the failure is accepted for now"),
    ("issue", "the address at which it is worked on"),
    ("expires", "the last day on which the entry holds, such as 2027-03-31"),
    ("spec", "the `specHash` of the JSON report that showed the failure"),
];

/// Reads a baseline.
///
/// # Errors
/// Every problem of the file: no TOML, unknown or missing keys, values that are none.
pub fn read(source: &Source) -> Result<Baseline, Vec<Problem>> {
    read_as(source, false)
}

/// Reads a baseline in which reasons and addresses may be left to fill.
///
/// # Errors
/// As [`read`].
pub fn read_unfilled(source: &Source) -> Result<Baseline, Vec<Problem>> {
    read_as(source, true)
}

fn read_as(source: &Source, may_be_empty: bool) -> Result<Baseline, Vec<Problem>> {
    let mut reader = Reader { source, may_be_empty, problems: Vec::new() };
    let document = match Document::parse(source.text()) {
        Ok(document) => document,
        Err(error) => {
            let message = error.message().trim_end().replace('\n', ", ");
            reader.problem(error.span(), "", &message, "a baseline is a TOML file");
            return Err(reader.problems);
        }
    };
    let entries = reader.file(document.as_table());
    if reader.problems.is_empty() {
        Ok(Baseline { file: source.name().to_owned(), entries })
    } else {
        Err(reader.problems)
    }
}

struct Reader<'a> {
    source: &'a Source,
    /// Whether a reason or an address may be left to fill.
    may_be_empty: bool,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn file(&mut self, file: &Table) -> Vec<Entry> {
        match file.get("format") {
            Some(format) if format.as_integer() == Some(FORMAT) => {}
            Some(format) => {
                self.problem(
                    format.span(),
                    "/format",
                    "not a format that this program reads",
                    "write `format = 1`",
                );
            }
            None => self.problem(None, "", "the file has no `format`", "write `format = 1` at its top"),
        }
        self.unknown_keys(file, "", &["format", "known"]);
        let mut entries = Vec::new();
        match file.get("known") {
            None => {}
            Some(Item::ArrayOfTables(tables)) => {
                for (index, table) in tables.iter().enumerate() {
                    entries.extend(self.entry(table, &format!("/known/{index}")));
                }
            }
            Some(other) => {
                self.problem(
                    other.span(),
                    "/known",
                    "not a list of entries",
                    "begin each entry with `[[known]]`",
                );
            }
        }
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            if let Some(first) = lines.insert(entry.id.clone(), entry.line) {
                let start = self.source.offset(entry.line, 1);
                let message = format!("`{}` has an entry already, at line {first}", entry.id);
                let span = start..start + 1;
                self.problem(Some(span), &format!("/known/{index}/id"), &message, "take one out");
            }
        }
        entries
    }

    /// The entry, unless something is wrong with it.
    fn entry(&mut self, table: &Table, at: &str) -> Option<Entry> {
        let before = self.problems.len();
        self.unknown_keys(table, at, &KEYS.map(|(key, _)| key));
        for (key, what) in KEYS {
            if !table.contains_key(key) {
                let hint = format!("`{key}` is {what}");
                self.problem(table.span(), at, &format!("the entry has no `{key}`"), &hint);
            }
        }
        let mut text = |key: &str| self.text(table, at, key).unwrap_or_default();
        let (id, reason, issue, spec) = (text("id"), text("reason"), text("issue"), text("spec"));
        let expires = self.day(table, at);
        if !id.is_empty() && !id.contains(['#', '*']) {
            let hint = format!("an entry is for a check: `{id}#…`, or `{id}#*` for each of the case's");
            self.problem(span(table, "id"), &format!("{at}/id"), &format!("`{id}` is no check's id"), &hint);
        }
        if !issue.is_empty() && !issue.starts_with("https://") && !issue.starts_with("http://") {
            self.problem(
                span(table, "issue"),
                &format!("{at}/issue"),
                "not an address",
                "it begins with https://",
            );
        }
        let line = table.span().map_or(1, |span| self.source.position(span.start).0);
        let is_whole = self.problems.len() == before;
        expires.filter(|_| is_whole).map(|expires| Entry { id, reason, issue, expires, spec, line })
    }

    /// A text that is there and not empty; what is not there at all is said elsewhere.
    fn text(&mut self, table: &Table, at: &str, key: &str) -> Option<String> {
        let item = table.get(key)?;
        let place = format!("{at}/{key}");
        let what = KEYS.iter().find(|(known, _)| *known == key).map_or("", |(_, what)| what);
        match item.as_str() {
            Some("") if self.may_be_empty && ["reason", "issue"].contains(&key) => {}
            Some(text) if text.trim().is_empty() => {
                self.problem(
                    item.span(),
                    &place,
                    &format!("`{key}` is left to fill"),
                    &format!("write {what}"),
                );
            }
            Some(text) => return Some(text.to_owned()),
            None => {
                self.problem(item.span(), &place, &format!("`{key}` is no text"), &format!("write {what}"));
            }
        }
        None
    }

    fn day(&mut self, table: &Table, at: &str) -> Option<Date> {
        let item = table.get("expires")?;
        let day = item.as_datetime().filter(|moment| moment.time.is_none()).and_then(|moment| moment.date);
        let day = day.and_then(|day| {
            Date::from_calendar_date(day.year.into(), Month::try_from(day.month).ok()?, day.day).ok()
        });
        if day.is_none() {
            let place = format!("{at}/expires");
            self.problem(
                item.span(),
                &place,
                "`expires` is no day",
                "write a day without quotes: 2027-03-31",
            );
        }
        day
    }

    fn unknown_keys(&mut self, table: &Table, at: &str, known: &[&str]) {
        for (key, item) in table {
            if !known.contains(&key) {
                let place = table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
                let hint = format!("the keys are {}", known.join(", "));
                self.problem(place, &format!("{at}/{key}"), &format!("the key `{key}` is unknown"), &hint);
            }
        }
    }

    fn problem(&mut self, span: Option<Range<usize>>, pointer: &str, message: &str, hint: &str) {
        let span = span.map_or(Span { start: 0, end: 0 }, |span| Span { start: span.start, end: span.end });
        self.problems.push(Problem::new(self.source, span, pointer, message, hint));
    }
}

fn span(table: &Table, key: &str) -> Option<Range<usize>> {
    table.get(key).and_then(Item::span)
}
