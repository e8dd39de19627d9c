//! JSON as the slow interpreter has it: numbers as they are spelled, names in their order, twice if they are there
//! twice. Nothing here reads; it only writes.

use std::fmt::{Display, Write as _};

use super::dice::Dice;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn number(number: impl Display) -> Self {
        Self::Number(format!("{number}"))
    }

    /// What messages call the type.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Compact JSON, as the generated writer spells it.
    pub fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut None);
        out
    }

    /// The same, with space and escapes where nobody needs them.
    pub fn spelled(&self, dice: &mut Dice) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut Some(dice));
        out
    }

    fn write(&self, out: &mut String, dice: &mut Option<&mut Dice>) {
        space(out, dice);
        match self {
            Self::Null => out.push_str("null"),
            Self::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => write_text(text, out, dice),
            Self::Array(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    element.write(out, dice);
                }
                space(out, dice);
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    space(out, dice);
                    write_text(key, out, dice);
                    space(out, dice);
                    out.push(':');
                    value.write(out, dice);
                }
                space(out, dice);
                out.push('}');
            }
        }
        space(out, dice);
    }
}

fn space(out: &mut String, dice: &mut Option<&mut Dice>) {
    if let Some(dice) = dice
        && dice.one_in(12)
    {
        let spaces: [&str; 5] = [" ", "\n", "\t", "\r\n", "  "];
        out.push_str(dice.choose::<&str>(&spaces));
    }
}

fn write_text(text: &str, out: &mut String, dice: &mut Option<&mut Dice>) {
    out.push('"');
    for letter in text.chars() {
        if dice.as_mut().is_some_and(|dice| dice.one_in(25)) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04X}").expect("writing to a string");
            }
            continue;
        }
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter < ' ' => {
                write!(out, "\\u{:04x}", u32::from(letter)).expect("writing to a string");
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
