//! ECMA-262 syntax as the syntax of `regex-syntax`.
//!
//! The two differ where it is easy to miss: `\d`, `\w` and `\s` are ASCII here and Unicode there, `.` stops
//! at four line ends here and at one there, and a bracket, `&&`, `--` or `~~` in a class is literal here and
//! an operator there. So a class is read item by item and written anew.

use std::iter::Peekable;
use std::str::Chars;

use super::Refusal;
use crate::diagnostic::Code;

/// The same pattern for `regex-syntax`.
pub(super) fn translate(pattern: &str) -> Result<String, Refusal> {
    let mut letters = pattern.chars().peekable();
    let mut out = String::new();
    let mut repetition = Repetition::None;
    while let Some(letter) = letters.next() {
        repetition = repetition.after(letter)?;
        match letter {
            '\\' => out.push_str(&escape(&mut letters)?),
            '[' => class(&mut letters, &mut out)?,
            '.' => out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            '{' => {
                out.push('{');
                out.extend(letters.by_ref().take_while(|letter| *letter != '}'));
                out.push('}');
            }
            '(' if letters.peek() == Some(&'?') => {
                letters.next();
                out.push_str(&group(&mut letters)?);
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

/// What was just repeated: `a**` and `a++` mean something to `regex-syntax` and nothing here.
#[derive(Clone, Copy, PartialEq)]
enum Repetition {
    None,
    Greedy,
    Lazy,
}

impl Repetition {
    fn after(self, letter: char) -> Result<Self, Refusal> {
        match (self, letter) {
            (Self::None, '*' | '+' | '?' | '{') => Ok(Self::Greedy),
            (Self::Greedy, '?') => Ok(Self::Lazy),
            (_, '*' | '+' | '?' | '{') => Err(bad("there is nothing to repeat")),
            _ => Ok(Self::None),
        }
    }
}

fn group(letters: &mut Peekable<Chars<'_>>) -> Result<String, Refusal> {
    match letters.next() {
        Some(':') => Ok("(?:".to_owned()),
        Some('=' | '!') => Err(unsupported("look-ahead")),
        Some('<') => match letters.peek() {
            Some('=' | '!') => Err(unsupported("look-behind")),
            _ => Ok("(?P<".to_owned()),
        },
        _ => Err(unsupported("a group with flags")),
    }
}

fn escape(letters: &mut Peekable<Chars<'_>>) -> Result<String, Refusal> {
    Ok(match letters.next() {
        Some('b') => r"(?-u:\b)".to_owned(),
        Some('B') => return Err(unsupported(r"the assertion \B")),
        Some('k') => return Err(unsupported("a backreference by name")),
        Some(digit @ '1'..='9') => return Err(unsupported(&format!("the backreference \\{digit}"))),
        Some(letter @ ('d' | 'D' | 'w' | 'W' | 's' | 'S')) => set(letter).to_owned(),
        Some(letter @ ('p' | 'P')) => property(letter, letters)?,
        Some(other) => literal(one(other, letters)?),
        None => return Err(bad("it ends in the middle of an escape")),
    })
}

/// A set of ASCII characters as a class of its own.
fn set(letter: char) -> &'static str {
    match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => r"[\t\n\x0B\x0C\r ]",
        _ => r"[^\t\n\x0B\x0C\r ]",
    }
}

/// Properties that ECMA-262 does not have and models use: ASCII classes, as Java has them.
const POSIX: &[(&str, &str)] =
    &[("Alnum", "0-9A-Za-z"), ("Blank", "\\t "), ("Graph", "!-~"), ("Print", " -~"), ("XDigit", "0-9A-Fa-f")];

fn property(letter: char, letters: &mut Peekable<Chars<'_>>) -> Result<String, Refusal> {
    if letters.next() != Some('{') {
        return Err(bad("a property escape has no braces"));
    }
    let name: String = letters.by_ref().take_while(|letter| *letter != '}').collect();
    if let Some((_, class)) = POSIX.iter().find(|(known, _)| *known == name) {
        let negation = if letter == 'P' { "^" } else { "" };
        return Ok(format!("[{negation}{class}]"));
    }
    Ok(format!("\\{letter}{{{name}}}"))
}

/// The one character that an escape stands for.
fn one(letter: char, letters: &mut Peekable<Chars<'_>>) -> Result<char, Refusal> {
    match letter {
        't' => Ok('\t'),
        'n' => Ok('\n'),
        'v' => Ok('\u{b}'),
        'f' => Ok('\u{c}'),
        'r' => Ok('\r'),
        '0' => Ok('\0'),
        'x' => hexadecimal(letters, 2),
        'u' if letters.peek() == Some(&'{') => {
            letters.next();
            let digits: String = letters.by_ref().take_while(|letter| *letter != '}').collect();
            code_point(&digits)
        }
        'u' => surrogates(letters).map_or_else(|| hexadecimal(letters, 4), Ok),
        other if other.is_alphanumeric() => Err(unsupported(&format!("the escape \\{other}"))),
        other => Ok(other),
    }
}

fn hexadecimal(letters: &mut Peekable<Chars<'_>>, length: usize) -> Result<char, Refusal> {
    let digits: String = letters.by_ref().take(length).collect();
    if digits.len() == length { code_point(&digits) } else { Err(bad("a hexadecimal escape is cut short")) }
}

/// The character that two escapes stand for, one for each half of it.
fn surrogates(letters: &mut Peekable<Chars<'_>>) -> Option<char> {
    let mut ahead = letters.clone();
    let high: String = ahead.by_ref().take(4).collect();
    let marks: String = ahead.by_ref().take(2).collect();
    let low: String = ahead.by_ref().take(4).collect();
    let (high, low) = (u16::from_str_radix(&high, 16).ok()?, u16::from_str_radix(&low, 16).ok()?);
    let found =
        char::decode_utf16([high, low]).next()?.ok().filter(|found| marks == "\\u" && found.len_utf16() == 2);
    found.inspect(|_| *letters = ahead)
}

fn code_point(digits: &str) -> Result<char, Refusal> {
    let number = u32::from_str_radix(digits, 16).ok();
    if number.is_some_and(|number| (0xd800..0xe000).contains(&number)) {
        return Err(unsupported("half of a character, a lone surrogate"));
    }
    number.and_then(char::from_u32).ok_or_else(|| bad("a hexadecimal escape is no character"))
}

fn literal(letter: char) -> String {
    format!("\\x{{{:X}}}", u32::from(letter))
}

enum Item {
    One(char),
    Set(String),
}

/// A class, its opening bracket read.
fn class(letters: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(), Refusal> {
    let negated = letters.next_if_eq(&'^').is_some();
    let mut items: Vec<String> = Vec::new();
    while letters.next_if_eq(&']').is_none() {
        match item(letters)? {
            Item::Set(set) => items.push(set),
            Item::One(first) => {
                let mut ahead = letters.clone();
                let is_range = ahead.next() == Some('-') && ahead.next().is_some_and(|after| after != ']');
                if !is_range {
                    items.push(literal(first));
                    continue;
                }
                letters.next();
                match item(letters)? {
                    Item::One(last) if first <= last => {
                        items.push(format!("{}-{}", literal(first), literal(last)));
                    }
                    Item::One(last) => return Err(bad(&format!("the range {first}-{last} runs backwards"))),
                    // A set is no end of a range: all three stand for themselves.
                    Item::Set(set) => items.extend([literal(first), literal('-'), set]),
                }
            }
        }
    }
    match (items.is_empty(), negated) {
        (true, false) => out.push_str("[a&&b]"),
        (true, true) => out.push_str("(?s:.)"),
        (false, _) => {
            out.push_str(if negated { "[^" } else { "[" });
            out.extend(items);
            out.push(']');
        }
    }
    Ok(())
}

fn item(letters: &mut Peekable<Chars<'_>>) -> Result<Item, Refusal> {
    Ok(match letters.next() {
        None => return Err(bad("a class is not closed")),
        Some('\\') => match letters.next() {
            None => return Err(bad("it ends in the middle of an escape")),
            Some('b') => Item::One('\u{8}'),
            Some(letter @ ('d' | 'D' | 'w' | 'W' | 's' | 'S')) => Item::Set(set(letter).to_owned()),
            Some(letter @ ('p' | 'P')) => Item::Set(property(letter, letters)?),
            Some(other) => Item::One(one(other, letters)?),
        },
        Some(other) => Item::One(other),
    })
}

fn unsupported(what: &str) -> Refusal {
    Refusal {
        code: Code::UnsupportedPattern,
        message: format!("the pattern has {what}, which generated validators do not match"),
        hint: "write the pattern without it, or leave it unchecked: ecrspec.api#uncheckedPattern with the \
               reason, which `spec import --unchecked SHAPE` writes"
            .to_owned(),
    }
}

fn bad(reason: &str) -> Refusal {
    Refusal {
        code: Code::BadPattern,
        message: format!("the pattern does not compile: {reason}"),
        hint: "patterns are ECMA-262 regular expressions".to_owned(),
    }
}
