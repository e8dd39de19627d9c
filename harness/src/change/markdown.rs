//! The impact for a pull request.

use std::fmt::{self, Write as _};

use super::{Impact, headline, places, sides, some};

/// How many places, ids or lines of one kind are shown.
const SHOWN: usize = 6;

/// The impact as Markdown of GitHub's kind.
pub fn markdown(impact: &Impact<'_>) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_all(&mut text, impact);
    text
}

fn write_all(text: &mut String, impact: &Impact<'_>) -> fmt::Result {
    let diff = impact.diff;
    writeln!(text, "## {} to {}\n\n{}", diff.old, diff.new, escape(&impact.summary()))?;
    if !diff.changes.is_empty() {
        writeln!(text, "\n| | change | types | validators | suspect checks |\n|---|---|---|---|---|")?;
    }
    for (change, suspects) in impact.changes() {
        let sides: Vec<String> =
            sides(change).into_iter().map(|(name, side)| format!("<br>{name} {}", code(side))).collect();
        let uses = if change.uses.is_empty() {
            String::new()
        } else {
            format!("<br>in {}", escape(&places(&change.uses, SHOWN)))
        };
        writeln!(
            text,
            "| {} | **{}**{}{uses} | {}: {} | {}: {} | {} |",
            change.kind.name(),
            escape(&headline(change)),
            sides.concat(),
            change.types.name(),
            escape(&change.types_why),
            change.validators.name(),
            escape(&change.validators_why),
            some(suspects.iter().map(|id| code(id)), SHOWN),
        )?;
    }
    if !impact.untouched.is_empty() {
        writeln!(text, "\n### New constraints that no case touches\n")?;
        for constraint in &impact.untouched {
            let uses = escape(&places(&constraint.uses, 2));
            let subject = escape(constraint.short_subject());
            writeln!(text, "- **{subject} {}** {} in {uses}", constraint.name, code(&constraint.bound))?;
        }
    }
    if !diff.statements.is_empty() {
        writeln!(text, "\n### Overlay statements that hold for one of the two alone\n")?;
        for statement in &diff.statements {
            let subject = statement.subject.split_once('#').map_or("", |(_, name)| name);
            let (traits, why) = (code(&statement.traits.join(", ")), escape(&statement.why));
            writeln!(text, "- **{}** {traits}: {why} ({})", escape(subject), code(&statement.place))?;
        }
    }
    if impact.looked {
        writeln!(text, "\n### Lines that speak of what is suspect\n")?;
        for mention in &impact.mentions {
            writeln!(
                text,
                "- {} {}",
                code(&format!("{}:{}", mention.file, mention.line)),
                code(&mention.word)
            )?;
        }
        if impact.mentions.is_empty() {
            writeln!(text, "none")?;
        }
    }
    Ok(())
}

/// A text in which nothing is markup but the code spans of this program's own words.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    let mut is_code = false;
    for one in text.chars() {
        is_code ^= one == '`';
        match one {
            '\n' | '\r' => escaped.push(' '),
            '|' => escaped.push_str("\\|"),
            _ if is_code => escaped.push(one),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '*' | '_' | '\\' | '[' | ']' | '#' => escaped.extend(['\\', one]),
            _ => escaped.push(one),
        }
    }
    escaped
}

/// A text as code, in a cell of a table too.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    let longest = text.split(|one| one != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 || text.is_empty() { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::{code, escape};

    #[test]
    fn nothing_of_a_model_is_markup() {
        assert_eq!(escape("a|b <i> *c* [d]"), r"a\|b &lt;i> \*c\* \[d\]");
        assert_eq!(escape("_ `a_b<c` _"), r"\_ `a_b<c` \_");
        assert_eq!(code("a|`b"), "`` a\\|`b ``");
        assert_eq!(code(""), "`  `");
    }
}
