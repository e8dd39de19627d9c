//! Text with a name, and places in it.
//!
//! In: the name of a file and what stands in it. Out: a tree of JSON nodes, each of which knows its place,
//! and lines and columns for people. What must stay true: nothing here opens a file, and no text makes a
//! panic.
//!
//! ```
//! use ecrspec_codegen::source::Source;
//!
//! let source = Source::new("case.json", "{\n  \"steps\": [1, 2]\n}");
//! assert_eq!(source.locate("/steps/1"), Some((2, 16)));
//! assert_eq!(source.locate("/steps/2"), None);
//! ```

mod excerpt;
mod tree;

use std::rc::Rc;
use std::sync::OnceLock;

pub use excerpt::Excerpt;
pub use tree::{Entry, Node, Value};

use crate::diagnostic::{Code, Diagnostic};

/// The deepest nesting that [`Source::parse`] follows.
pub const MAXIMUM_DEPTH: usize = 128;

/// The most bytes that [`Source::parse`] reads: several times the largest model that AWS has.
pub const MAXIMUM_BYTES: usize = 16 * 1024 * 1024;

/// A named text. The name is what messages print: a path as the user would write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    /// Where each line starts, once somebody asks.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// A text that is known to be UTF-8.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// The place of the first byte that is not UTF-8.
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Box<Diagnostic>> {
        let name = name.into();
        match str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => {
                let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let source = Self::new(name, String::from_utf8_lossy(good));
                let place = Place::at(&source, source.text.len(), 0);
                Err(Box::new(Diagnostic::new(
                    Code::NotUtf8,
                    &place,
                    format!("byte {} is not UTF-8", error.valid_up_to()),
                    "save the file as UTF-8 without a byte order mark",
                )))
            }
        }
    }

    /// The name that messages print.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the text as JSON.
    ///
    /// # Errors
    ///
    /// The first place at which it is no JSON. Duplicate keys are no such error: every entry is kept, and
    /// [`Node::duplicates`] names them.
    pub fn parse(&self) -> Result<Node<'_>, Box<Diagnostic>> {
        tree::parse(self)
    }

    /// Line and column, both from 1, of the value at a JSON pointer (RFC 6901); `None` where the text is no
    /// JSON or has no such value. Columns count characters, not bytes.
    pub fn locate(&self, pointer: &str) -> Option<(usize, usize)> {
        Some(self.position(self.span(pointer)?.start))
    }

    /// The bytes of the value at a JSON pointer; `None` as for [`Source::locate`].
    pub fn span(&self, pointer: &str) -> Option<Span> {
        let root = self.parse().ok()?;
        Some(root.pointer(pointer)?.place.span)
    }

    /// The byte at a line and a byte of it, both from 1; the end of the text for what is behind it.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = line.checked_sub(1).and_then(|index| self.lines().get(index)).copied();
        let at = start.map_or(self.text.len(), |start| start + column.saturating_sub(1));
        self.before(at).len()
    }

    /// Line and column, both from 1, of a byte of the text.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.before(offset);
        let start = self.line_start(before.len());
        let line = self.lines().partition_point(|line| *line <= start);
        let column = before.get(start..).map_or(0, |text| text.chars().count()) + 1;
        (line, column)
    }

    /// The first byte of the line that a byte stands in.
    pub(crate) fn line_start(&self, offset: usize) -> usize {
        let lines = self.lines();
        let after = lines.partition_point(|line| *line <= offset);
        after.checked_sub(1).and_then(|index| lines.get(index)).copied().unwrap_or_default()
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(ends).collect()
        })
    }

    /// The text up to a byte, or up to the start of the character that the byte is part of.
    fn before(&self, offset: usize) -> &str {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.get(..end).unwrap_or_default()
    }
}

/// A range of bytes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The first byte after it.
    pub end: usize,
}

/// A range of a named text, and the value it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'s> {
    /// The text.
    pub source: &'s Source,
    /// Where in the text.
    pub span: Span,
    path: Option<Rc<Step>>,
}

/// The last step of a way from the root; the ways of all values share what they have in common, so that a long
/// key costs its length once and not once for each value below it.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    before: Option<Rc<Step>>,
    to: To,
}

#[derive(Debug, PartialEq, Eq)]
enum To {
    /// The value of the key that stands there, quotes included.
    Key(Span),
    Element(usize),
}

impl<'s> Place<'s> {
    pub(crate) fn at(source: &'s Source, start: usize, length: usize) -> Self {
        Self { source, span: Span { start, end: start + length }, path: None }
    }

    /// The JSON pointer (RFC 6901) of the value there; of a key, that of its value.
    pub fn pointer(&self) -> String {
        self.pointer_within(usize::MAX)
    }

    /// The same with each key cut that has more letters than that.
    pub(crate) fn pointer_within(&self, letters: usize) -> String {
        let mut steps = Vec::new();
        let mut next = self.path.as_deref();
        while let Some(step) = next {
            steps.push(match step.to {
                To::Element(index) => index.to_string(),
                To::Key(span) => {
                    let key = self.source.text.get(span.start..span.end).unwrap_or_default();
                    if let Some((at, _)) = key.char_indices().nth(letters.saturating_add(2)) {
                        steps.push(format!("{}...", key.get(1..at).unwrap_or_default()));
                        next = step.before.as_deref();
                        continue;
                    }
                    let key: String = serde_json::from_str(key).unwrap_or_default();
                    key.replace('~', "~0").replace('/', "~1")
                }
            });
            next = step.before.as_deref();
        }
        steps.iter().rev().fold(String::new(), |pointer, step| pointer + "/" + step)
    }
}
