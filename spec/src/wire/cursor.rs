//! The JSON grammar over bytes: tokens, and the punctuation between them.
//!
//! What must stay true: the position only grows, and never passes the end.

use std::borrow::Cow;

use crate::{DeviationKind, JsonType};

/// A place in a text that is read from left to right.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'b> {
    bytes: &'b [u8],
    /// The bytes as text, where all of them are UTF-8: then no string needs a look at its bytes again.
    text: Option<&'b str>,
    position: usize,
}

/// Where and how bytes are no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) kind: DeviationKind,
}

/// A string token. One with a flaw has U+FFFD where no character is.
#[derive(Debug)]
pub(crate) struct Text<'b> {
    pub(crate) text: Cow<'b, str>,
    pub(crate) flaw: Option<Fault>,
}

impl<'b> Cursor<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, text: str::from_utf8(bytes).ok(), position: 0 }
    }

    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Goes to the end, from where nothing more can be read.
    pub(crate) fn stop(&mut self) {
        self.position = self.bytes.len();
    }

    /// The type of the value that starts here, white space aside.
    #[inline]
    pub(crate) fn value_type(&mut self) -> Result<JsonType, Fault> {
        self.skip_space();
        match self.peek() {
            Some(b'n') => Ok(JsonType::Null),
            Some(b't' | b'f') => Ok(JsonType::Boolean),
            Some(b'-' | b'0'..=b'9') => Ok(JsonType::Number),
            Some(b'"') => Ok(JsonType::String),
            Some(b'[') => Ok(JsonType::Array),
            Some(b'{') => Ok(JsonType::Object),
            _ => Err(self.fault("a value")),
        }
    }

    /// Reads the bracket or brace that [`value_type`](Self::value_type) saw.
    #[inline]
    pub(crate) fn open(&mut self) {
        self.position = (self.position + 1).min(self.bytes.len());
    }

    /// Goes to the next element of an array; `false` past its closing bracket.
    #[inline]
    pub(crate) fn next_element(&mut self, first: bool) -> Result<bool, Fault> {
        self.skip_space();
        if self.eat(b']') {
            return Ok(false);
        }
        if !first && !self.eat(b',') {
            return Err(self.fault("a comma or a closing bracket"));
        }
        Ok(true)
    }

    /// Reads the next key of an object and its colon if it is this one, in its usual spelling: without a space
    /// where none need be. Gives the offset of the key.
    #[inline]
    pub(crate) fn likely_key(&mut self, first: bool, name: &str) -> Option<usize> {
        let comma = usize::from(!first);
        let rest = self.rest();
        let rest = if first { rest } else { rest.strip_prefix(b",")? };
        rest.strip_prefix(b"\"")?.strip_prefix(name.as_bytes())?.strip_prefix(b"\":")?;
        let offset = self.position + comma;
        self.position = offset + name.len() + 3;
        Some(offset)
    }

    /// Reads the next key of an object and its colon, in their usual spelling; stays where it is if they are in
    /// another. Gives the offset of the key.
    #[inline]
    pub(crate) fn plain_key(&mut self, first: bool) -> Option<(usize, &'b str)> {
        let start = self.position;
        if first || self.eat(b',') {
            let offset = self.position;
            if self.peek() == Some(b'"')
                && let Some(key) = self.plain_string()
                && self.eat(b':')
            {
                return Some((offset, key));
            }
        }
        self.position = start;
        None
    }

    /// Reads the next key of an object and its colon; `None` past the closing brace. Also the offset of the key.
    pub(crate) fn next_key(&mut self, first: bool) -> Result<Option<(usize, Text<'b>)>, Fault> {
        self.skip_space();
        if self.eat(b'}') {
            return Ok(None);
        }
        if !first && !self.eat(b',') {
            return Err(self.fault("a comma or a closing brace"));
        }
        self.skip_space();
        if self.peek() != Some(b'"') {
            return Err(self.fault("a key in quotes"));
        }
        let offset = self.position;
        let key = self.string()?;
        self.skip_space();
        if !self.eat(b':') {
            return Err(self.fault("a colon"));
        }
        Ok(Some((offset, key)))
    }

    /// Reads `null`, `true` or `false`.
    pub(crate) fn literal(&mut self) -> Result<Option<bool>, Fault> {
        for (word, value) in [("null", None), ("true", Some(true)), ("false", Some(false))] {
            if self.rest().starts_with(word.as_bytes()) {
                self.position += word.len();
                return Ok(value);
            }
        }
        Err(self.fault("null, true or false"))
    }

    /// Reads a number and gives its text.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<&'b str, Fault> {
        let start = self.position;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        let text = match self.text {
            Some(text) => text.get(start..self.position),
            None => self.bytes.get(start..self.position).and_then(|bytes| str::from_utf8(bytes).ok()),
        };
        Ok(text.unwrap_or_default())
    }

    /// Reads a number as most times are spelled: from zero on, without exponent, at most nine digits behind the
    /// point. Gives the whole part and thousand millionths; stays where it is if the number is of another kind.
    #[inline]
    pub(crate) fn usual_decimal(&mut self) -> Option<(i64, u32)> {
        let rest = self.rest();
        let digit = |at: usize| rest.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10);
        let mut at = 0;
        let mut whole = 0_i64;
        while let Some(digit) = digit(at) {
            whole = whole * 10 + i64::from(digit);
            at += 1;
            if at > 18 {
                return None;
            }
        }
        let mut part = 0;
        let mut scale = 1_000_000_000_u32;
        if rest.get(at) == Some(&b'.') {
            at += 1;
            while let Some(digit) = digit(at).filter(|_| scale > 1) {
                scale /= 10;
                part += u32::from(digit) * scale;
                at += 1;
            }
            if scale == 1_000_000_000 {
                return None;
            }
        }
        let is_usual = at > 0 && (rest.first() != Some(&b'0') || digit(1).is_none());
        if !is_usual || matches!(rest.get(at), Some(b'0'..=b'9' | b'e' | b'E')) {
            return None;
        }
        self.position += at;
        Some((whole, part))
    }

    /// Reads a string as most are, without escape or flaw; stays where it is if it is another.
    #[inline]
    pub(crate) fn plain_string(&mut self) -> Option<&'b str> {
        let start = self.position + 1;
        let end = start + plain_length(self.bytes.get(start..)?);
        if self.bytes.get(end) != Some(&b'"') {
            return None;
        }
        let text = self.text?.get(start..end)?;
        self.position = end + 1;
        Some(text)
    }

    /// Reads a string; it starts here with its quote.
    pub(crate) fn string(&mut self) -> Result<Text<'b>, Fault> {
        if let Some(text) = self.plain_string() {
            return Ok(Text { text: Cow::Borrowed(text), flaw: None });
        }
        self.open();
        let start = self.position;
        self.position += plain_length(self.rest());
        let end = self.position;
        if self.eat(b'"') {
            let plain = self.bytes.get(start..end).unwrap_or_default();
            return Ok(match str::from_utf8(plain) {
                Ok(text) => Text { text: Cow::Borrowed(text), flaw: None },
                Err(error) => Text {
                    text: Cow::Owned(String::from_utf8_lossy(plain).into_owned()),
                    flaw: Some(malformed(start + error.valid_up_to(), "UTF-8")),
                },
            });
        }
        let plain = self.bytes.get(start..end).unwrap_or_default();
        let mut text = String::new();
        let mut flaw = None;
        push_bytes(plain, start, &mut text, &mut flaw);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(Text { text: Cow::Owned(text), flaw });
                }
                Some(b'\\') => self.escape(&mut text, &mut flaw)?,
                Some(0..0x20) => return Err(self.fault("an escape for a control character")),
                Some(_) => {
                    let start = self.position;
                    let rest = self.rest();
                    let length = plain_length(rest);
                    push_bytes(rest.get(..length).unwrap_or_default(), start, &mut text, &mut flaw);
                    self.position += length;
                }
                None => return Err(self.fault("a closing quote")),
            }
        }
    }

    /// Nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.position == self.bytes.len() { Ok(()) } else { Err(self.fault("the end of the body")) }
    }

    fn escape(&mut self, text: &mut String, flaw: &mut Option<Fault>) -> Result<(), Fault> {
        let start = self.position;
        self.position += 1;
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.position += 1;
                let unit = self.four_digits()?;
                text.push(self.scalar(unit).unwrap_or_else(|| {
                    flaw.get_or_insert_with(|| malformed(start, "a pair of surrogates"));
                    char::REPLACEMENT_CHARACTER
                }));
                return Ok(());
            }
            _ => return Err(self.fault("an escape")),
        };
        self.position += 1;
        text.push(plain);
        Ok(())
    }

    /// The character of a UTF-16 unit, with the low surrogate that may follow a high one.
    fn scalar(&mut self, unit: u32) -> Option<char> {
        if !(0xd800..0xdc00).contains(&unit) {
            return char::from_u32(unit);
        }
        let mut ahead = self.clone();
        if !(ahead.eat(b'\\') && ahead.eat(b'u')) {
            return None;
        }
        let low = ahead.four_digits().ok().filter(|low| (0xdc00..0xe000).contains(low))?;
        *self = ahead;
        char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
    }

    fn four_digits(&mut self) -> Result<u32, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.fault("four hexadecimal digits"))?;
            self.position += 1;
        }
        Ok(unit)
    }

    #[inline]
    fn digits(&mut self) -> Result<(), Fault> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Err(self.fault("a digit"));
        }
        self.position += count;
        Ok(())
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.position += 1;
        }
    }

    #[inline]
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.position += usize::from(found);
        found
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    #[inline]
    fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    fn fault(&self, expected: &'static str) -> Fault {
        malformed(self.position, expected)
    }
}

/// How many bytes stand before the first quote, backslash or control character. Eight are looked at together.
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    // A byte whose highest bit is set in the result of this is zero, or has a zero byte below it.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let special = zeros(word ^ (ONES * u64::from(b'"'))) | zeros(word ^ (ONES * u64::from(b'\\')));
        let found = (control | special) & (ONES << 7);
        if found != 0 {
            return index * 8 + (found.trailing_zeros() / 8) as usize;
        }
    }
    let tail = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    bytes.len() - rest.len() + tail.unwrap_or(rest.len())
}

fn push_bytes(bytes: &[u8], offset: usize, text: &mut String, flaw: &mut Option<Fault>) {
    match str::from_utf8(bytes) {
        Ok(piece) => text.push_str(piece),
        Err(error) => {
            flaw.get_or_insert_with(|| malformed(offset + error.valid_up_to(), "UTF-8"));
            text.push_str(&String::from_utf8_lossy(bytes));
        }
    }
}

fn malformed(offset: usize, expected: &'static str) -> Fault {
    Fault { offset, kind: DeviationKind::Malformed { expected } }
}
