//! The report as Markdown, for a job summary or a comment on a pull request.
//!
//! What must stay true: never longer than a comment on GitHub may be, and what is left out is counted; nothing that
//! the target answers is read as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report::detail::cut;
use crate::report::state::State;
use crate::report::{Failure, RootCause, Score, Subject, Summary, detail, failures, removed, root_cause};

/// GitHub takes comments of 65,536 characters; the rest is for the lines that say what was left out.
const LONGEST: usize = 64_000;

/// The longest cell or line that is shown of one value.
const LONGEST_VALUE: usize = 600;

/// How many ids of failures with the same cause are shown.
const SHOWN_ALSO: usize = 8;

/// The report as Markdown.
pub fn markdown(subject: &Subject<'_>) -> String {
    let summary = Summary::of(&subject.run.cases);
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = heading(&mut text, subject, &summary);
    let mut blocks: Vec<String> = Vec::new();
    if let Some(standing) = subject.baseline {
        blocks.extend(standing.stale.iter().map(|stale| {
            let place = format!("{}:{}", standing.baseline.file, stale.entry.line);
            format!("- **stale** {} ({}): {}\n", code(&stale.entry.id), code(&place), code(&stale.sentence()))
        }));
    }
    let root_cause = root_cause(subject);
    let failures = failures(subject);
    let known = failures.iter().filter(|failure| failure.is_known).count();
    if let Some(root_cause) = &root_cause {
        blocks.push(everything(root_cause));
    } else {
        if let Some(note) = removed(&failures, subject) {
            let _ = writeln!(text, "{note}\n");
        }
        if !failures.is_empty() {
            let _ = writeln!(text, "`again` is {}.\n", code(&subject.command("CASE")));
        }
        let mut new: Vec<_> = failures.iter().filter(|failure| !failure.is_known).collect();
        // Where not all of them have room, what fails the run has it first.
        new.sort_by_key(|failure| State::of(failure.result, subject).rank());
        let mut told = BTreeMap::new();
        blocks.extend(new.into_iter().map(|failure| block(failure, &mut told, subject)));
    }
    let mut left = 0;
    let mut length = text.chars().count();
    for block in blocks {
        length += block.chars().count();
        // Once one is left out all that follow are, so that the order says what is there.
        if left > 0 || length > LONGEST {
            left += 1;
        } else {
            text.push_str(&block);
        }
    }
    if left > 0 {
        let _ = writeln!(
            text,
            "\n**{left} more are not shown here**: the HTML and JSON reports have all of them."
        );
    }
    if known > 0 {
        let _ = writeln!(text, "\n{known} findings are known and listed in the baseline.");
    }
    text
}

fn heading(text: &mut String, subject: &Subject<'_>, summary: &Summary) -> std::fmt::Result {
    let mark = if subject.exit.code() == 0 { "✅" } else { "❌" };
    writeln!(text, "## {mark} {}: {}\n", code(subject.target()), subject.verdict())?;
    let hash = subject.revision.hash.get(..12).unwrap_or(subject.revision.hash);
    writeln!(
        text,
        "ecrspec {}, API {} (spec {hash}), failing on `{}`\n",
        env!("CARGO_PKG_VERSION"),
        subject.revision.name,
        subject.fail_on
    )?;
    writeln!(
        text,
        "| level | conform | nonconform | informational | not judged |\n|---|---:|---:|---:|---:|"
    )?;
    for level in ["must", "should", "may", "information"] {
        let counts = summary.by_level.get(level).copied().unwrap_or_default();
        if counts.total() > 0 {
            let (judged, open) =
                ((counts.conform, counts.nonconform), (counts.informational, counts.not_judged));
            writeln!(text, "| {level} | {} | {} | {} | {} |", judged.0, judged.1, open.0, open.1)?;
        }
    }
    if let Some(score) = Score::of(subject, summary) {
        writeln!(text, "\n{}", score.sentence())?;
    }
    writeln!(text)
}

/// One thing instead of all that fails for it.
fn everything(root_cause: &RootCause) -> String {
    let RootCause { cause, means, came, next, checks } = root_cause;
    format!(
        "**Everything fails for one cause, {cause}**: {}\n\n{}\n\n{}\n",
        escape(means),
        fenced(&cut(&format!("came      {came}\nnext      {next}"), LONGEST_VALUE)),
        also(&checks.iter().map(String::as_str).collect::<Vec<_>>())
    )
}

/// The checks that fail for a cause that was told.
fn also(checks: &[&str]) -> String {
    let shown: Vec<String> = checks.iter().take(SHOWN_ALSO).map(|id| code(id)).collect();
    let more = checks.len().saturating_sub(SHOWN_ALSO);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("For the same cause {}{more}.", shown.join(", "))
}

/// A row, short where another finding has told the same: room is scarce.
fn once<'a>(
    (name, value): (&'static str, String),
    id: &'a str,
    told: &mut BTreeMap<String, &'a str>,
) -> (&'static str, String) {
    let head = match name {
        "evidence" => value.split_once(": ").map(|(head, _)| format!("{head}: ")),
        "world" => Some(String::new()),
        _ => None,
    };
    let Some(head) = head else { return (name, cut(&value, LONGEST_VALUE)) };
    if let Some(first) = told.get(&value) {
        return (name, format!("{head}as told at {first}"));
    }
    let shown = cut(&value, LONGEST_VALUE);
    told.insert(value, id);
    (name, shown)
}

fn block<'a>(failure: &Failure<'a>, told: &mut BTreeMap<String, &'a str>, subject: &Subject<'_>) -> String {
    let Failure { case, result, finding, also: others, .. } = failure;
    let state = State::of(result, subject);
    let rows = detail::rows(case, result, finding, subject);
    // The one line that is the same for all but for the case stands at the top.
    let rows = rows.into_iter().filter(|(name, _)| *name != "again");
    let rows: Vec<_> = rows.map(|row| once(row, &result.id, told)).collect();
    let mut block = format!(
        "<details><summary>{} <code>{}</code> ({})</summary>\n\n{}\n\n{}\n",
        result.level.name().to_uppercase(),
        result.id,
        state.name(),
        escape(&case.case.sentence),
        fenced(&detail::text(&rows))
    );
    if !others.is_empty() {
        let _ = writeln!(block, "\n{}", also(others));
    }
    block.push_str("\n</details>\n\n");
    block
}

/// A text in which nothing is Markdown or HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '#' | '@' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A text as code within a line.
fn code(text: &str) -> String {
    let text: String =
        text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A text as a block of code.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end())
}

/// How many backticks follow each other at most.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}
