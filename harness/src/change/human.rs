//! The impact for people at a terminal.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};
use ecrspec_codegen::diff::ChangeKind;

use super::{Impact, headline, places, sides, some};

const BAD: Style = AnsiColor::Red.on_default().bold();
const FAIR: Style = AnsiColor::Yellow.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const WEAK: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// How many places, ids or lines of one kind are shown.
const SHOWN: usize = 6;

/// The impact as text with ANSI styles, which the writer takes out where they are not wanted.
pub fn human(impact: &Impact<'_>) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_all(&mut text, impact);
    text
}

fn write_all(text: &mut String, impact: &Impact<'_>) -> fmt::Result {
    let diff = impact.diff;
    writeln!(text, "{STRONG}{} to {}{STRONG:#}\n{}\n", diff.old, diff.new, impact.summary())?;
    for (change, suspects) in impact.changes() {
        let style = match change.kind {
            ChangeKind::Removed | ChangeKind::Tightened => BAD,
            ChangeKind::Loosened => FAIR,
            ChangeKind::Added => GOOD,
        };
        let kind = change.kind.name().to_uppercase();
        writeln!(text, "{style}{kind}{style:#}  {STRONG}{}{STRONG:#}", headline(change))?;
        let mut row = |name: &str, value: &str| writeln!(text, "  {WEAK}{name:<10}{WEAK:#} {value}");
        for (name, side) in sides(change) {
            row(name, side)?;
        }
        row("types", &format!("{}: {}", change.types.name(), change.types_why))?;
        row("validators", &format!("{}: {}", change.validators.name(), change.validators_why))?;
        if !change.uses.is_empty() {
            row("in", &places(&change.uses, SHOWN))?;
        }
        if !suspects.is_empty() {
            row("suspect", &some(suspects.iter().cloned(), SHOWN))?;
        }
        writeln!(text)?;
    }
    if !impact.untouched.is_empty() {
        writeln!(text, "{STRONG}New constraints that no case touches{STRONG:#}")?;
        for constraint in &impact.untouched {
            let (subject, uses) = (constraint.short_subject(), places(&constraint.uses, 2));
            writeln!(
                text,
                "  {subject} {}: {}\n    {WEAK}in {uses}{WEAK:#}",
                constraint.name, constraint.bound
            )?;
        }
        writeln!(text)?;
    }
    if !diff.statements.is_empty() {
        writeln!(text, "{STRONG}Overlay statements that hold for one of the two alone{STRONG:#}")?;
        for statement in &diff.statements {
            let subject = statement.subject.split_once('#').map_or("", |(_, name)| name);
            let traits = statement.traits.join(", ");
            writeln!(text, "  {subject} {traits}: {} {WEAK}({}){WEAK:#}", statement.why, statement.place)?;
        }
        writeln!(text)?;
    }
    if impact.looked {
        writeln!(text, "{STRONG}Lines that speak of what is suspect{STRONG:#}")?;
        let mut by_file: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for mention in &impact.mentions {
            by_file.entry(&mention.file).or_default().push(format!("{} {}", mention.line, mention.word));
        }
        if by_file.is_empty() {
            writeln!(text, "  none")?;
        }
        for (file, lines) in by_file {
            writeln!(text, "  {file}\n    {WEAK}{}{WEAK:#}", some(lines.into_iter(), SHOWN))?;
        }
    }
    Ok(())
}
