//! A line of a text with what of it is meant, as a compiler shows it.

use std::fmt;

use crate::source::{Source, Span};

/// The line of a place, cut to a window where it is long, and what of it to underline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line's number, from 1.
    line: usize,
    text: String,
    indent: usize,
    carets: usize,
}

impl Excerpt {
    /// As wide as a terminal with its margin.
    const WIDTH: usize = 96;
    /// What stands before the place in a cut line.
    const BEFORE: usize = 32;

    /// What stands at a range of a text.
    #[must_use]
    pub fn of(source: &Source, span: Span) -> Self {
        let text = source.text();
        let (line, _) = source.position(span.start);
        let start = source.line_start(span.start);
        let before = text.get(start..span.start).unwrap_or_default();
        let after = text.get(span.start..).unwrap_or_default();
        let on_line = |text: &str| -> String {
            text.chars().take(Self::WIDTH + 1).take_while(|one| !matches!(one, '\n' | '\r')).collect()
        };
        let (rest, covered) =
            (on_line(after), on_line(after.get(..span.end.saturating_sub(span.start)).unwrap_or_default()));

        // A line that fits stands there whole; of any other what is around the place. Only the window is
        // looked at letter by letter: a line may be as long as its file.
        let fits = before.len() + rest.len() <= Self::WIDTH * 4
            && before.chars().chain(rest.chars()).count() <= Self::WIDTH;
        let back = if fits { before.len() } else { Self::BEFORE };
        let from = before.char_indices().rev().take(back).last().map_or(before.len(), |(at, _)| at);
        let shown = before.get(from..).unwrap_or_default();
        let mut indent = shown.chars().count();
        let mut window: String = shown.chars().chain(rest.chars()).take(Self::WIDTH).map(visible).collect();
        let room = window.chars().count().saturating_sub(indent);
        if rest.chars().nth(room).is_some() {
            window.push_str("...");
        }
        if from > 0 {
            window.insert_str(0, "...");
            indent += 3;
        }
        Self { line, text: window, indent, carets: covered.chars().count().clamp(1, room.max(1)) }
    }

    /// Writes what follows the first line of a message: the place, the line with what is meant of it, the pointer
    /// and the next step.
    ///
    /// # Errors
    /// If the formatter fails.
    pub fn write(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        place: &str,
        pointer: &str,
        hint: &str,
    ) -> fmt::Result {
        let Self { line, text, indent, carets } = self;
        let margin = " ".repeat(line.to_string().len());
        let (gap, carets) = (" ".repeat(*indent), "^".repeat(*carets));
        writeln!(formatter, "{margin}--> {place}")?;
        writeln!(formatter, "{margin} |")?;
        writeln!(formatter, "{line} | {text}")?;
        writeln!(formatter, "{margin} | {gap}{carets}")?;
        if !pointer.is_empty() {
            writeln!(formatter, "{margin} = pointer: {pointer}")?;
        }
        writeln!(formatter, "{margin} = hint: {hint}")
    }
}

/// A character as one cell: a tab or a control character would move the caret away from its place.
fn visible(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}
