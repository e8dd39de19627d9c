//! The report as Markdown, for a job summary or a comment on a pull request.
//!
//! What must stay true: never longer than a comment on GitHub may be, and what is left out is counted; nothing that
//! the target answers is read as Markdown.

use std::fmt::Write as _;

use crate::report::state::State;
use crate::report::{Failure, Score, Subject, Summary, detail, failures};

/// GitHub takes comments of 65,536 characters; the rest is for the lines that say what was left out.
const LONGEST: usize = 64_000;

/// The longest cell or line that is shown of one value.
const LONGEST_VALUE: usize = 600;

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
    let failures = failures(subject);
    let known = failures.iter().filter(|failure| failure.is_known).count();
    let mut new: Vec<_> = failures.iter().filter(|failure| !failure.is_known).collect();
    // Where not all of them have room, what fails the run has it first.
    new.sort_by_key(|failure| State::of(failure.result, subject).rank());
    blocks.extend(new.into_iter().map(|failure| block(failure, subject)));
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

fn block(failure: &Failure<'_>, subject: &Subject<'_>) -> String {
    let Failure { case, result, finding, also, .. } = failure;
    let state = State::of(result, subject);
    let rows = detail::rows(case, result, finding, subject);
    let rows: Vec<_> = rows.into_iter().map(|(name, value)| (name, cut(&value, LONGEST_VALUE))).collect();
    let mut block = format!(
        "<details><summary>{} <code>{}</code> ({})</summary>\n\n{}\n\n{}\n",
        result.level.name().to_uppercase(),
        result.id,
        state.name(),
        escape(&case.case.sentence),
        fenced(&detail::text(&rows))
    );
    if !also.is_empty() {
        let shown: Vec<String> = also.iter().take(8).map(|id| code(id)).collect();
        let more = also.len().saturating_sub(8);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(block, "\nFor the same cause {}{more}.", shown.join(", "));
    }
    block.push_str("\n</details>\n\n");
    block
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
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
