//! Writing a baseline file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use time::Date;
use toml_edit::Value;

use crate::baseline::{Entry, FORMAT};
use crate::level::Level;
use crate::run::Run;
use crate::verdict::Outcome;

const HEAD: &str = "\
# Known failures. A check that fails and is listed here does not fail the run; one that passes and is listed
# here does, and so does an entry whose day is over. An entry without a reason or an address is refused.
#
# `ecrspec baseline write` keeps what you fill in, takes out what passes and adds what fails; it keeps no comments.
";

/// What entries that are new say.
#[derive(Clone, Debug)]
pub struct NewEntries<'a> {
    /// Why the failures are accepted; empty where it is left to fill.
    pub reason: &'a str,
    /// Where they are worked on; empty where it is left to fill.
    pub issue: &'a str,
    /// The last day on which they hold.
    pub expires: Date,
    /// The hash of the spec of the run.
    pub spec: &'a str,
    /// The level from which on a failure is listed.
    pub from: Level,
}

/// What writing a baseline anew changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Entries that stay.
    pub kept: usize,
    /// Entries that are new.
    pub added: usize,
    /// Entries that are gone, for their checks pass or are no more.
    pub removed: usize,
    /// Entries whose reason or address is left to fill.
    pub to_fill: usize,
}

/// The text of a baseline after a run, made from the one before. `checks` are the ids of the whole suite.
///
/// What the run says nothing about stays as it is. A pattern that covers a check which passes gives way to an
/// entry for each one that fails, if all of its checks were run. The last day of an entry is never moved.
pub fn renewed(
    before: &[Entry],
    checks: &BTreeSet<String>,
    run: &Run,
    new: &NewEntries<'_>,
) -> (String, Changes) {
    let results: Vec<_> =
        run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results).collect();
    let mut entries: Vec<Entry> = Vec::new();
    let mut changes = Changes::default();
    for entry in before {
        let mine = || results.iter().filter(|result| entry.is_for(&result.id));
        let failing: Vec<_> =
            mine().filter(|result| matches!(result.outcome, Outcome::Nonconform(_))).collect();
        let all = checks.iter().filter(|check| entry.is_for(check)).count();
        let was_run = mine().count() == all;
        if all == 0 {
            changes.removed += 1;
        } else if was_run && mine().any(|result| result.outcome == Outcome::Conform) {
            changes.removed += 1;
            for result in failing {
                entries.push(Entry { id: result.id.clone(), spec: new.spec.to_owned(), ..entry.clone() });
            }
        } else {
            let spec = if failing.is_empty() { entry.spec.clone() } else { new.spec.to_owned() };
            entries.push(Entry { spec, ..entry.clone() });
        }
    }
    for result in &results {
        if let Outcome::Nonconform(_) = &result.outcome
            && result.level >= new.from
            && !entries.iter().any(|entry| entry.is_for(&result.id))
        {
            changes.added += 1;
            entries.push(Entry {
                id: result.id.clone(),
                reason: new.reason.to_owned(),
                issue: new.issue.to_owned(),
                expires: new.expires,
                spec: new.spec.to_owned(),
                line: 0,
            });
        }
    }
    entries.sort_by(|one, other| one.id.cmp(&other.id));
    entries.dedup_by(|one, other| one.id == other.id);
    changes.kept = entries.len() - changes.added;
    changes.to_fill =
        entries.iter().filter(|entry| entry.reason.is_empty() || entry.issue.is_empty()).count();
    (text(&entries, run), changes)
}

fn text(entries: &[Entry], run: &Run) -> String {
    let mut text = format!("{HEAD}format = {FORMAT}\n");
    for entry in entries {
        let Entry { id, reason, issue, expires, spec, .. } = entry;
        // Writing to a string can't fail.
        let _ = write!(text, "\n[[known]]\n");
        if let Some(line) = remark(entry, run) {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "id = {}", quoted(id));
        let _ = writeln!(text, "reason = {}", quoted(reason));
        let _ = writeln!(text, "issue = {}", quoted(issue));
        let _ = writeln!(text, "expires = {expires}");
        let _ = writeln!(text, "spec = {}", quoted(spec));
    }
    text
}

/// What the check is about, so that whoever fills in the reason need not look it up. No answer of the target is
/// in it: that changes from run to run.
fn remark(entry: &Entry, run: &Run) -> Option<String> {
    let case = run.cases.iter().find(|case| case.results.iter().any(|result| result.id == entry.id))?;
    let result = case.results.iter().find(|result| result.id == entry.id)?;
    let sentence: String = case.case.sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("{}: {sentence}", result.level))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
