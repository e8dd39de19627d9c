//! How numbers are spelled and members ordered.

use ecrspec_api::Document;
use ecrspec_api::table::{Shape, ShapeKind};

use crate::case::format::LexicalRule;
use crate::verdict::matcher::{Mismatch, shorten};

/// Whether a body of that shape is spelled as a rule says.
pub(super) fn spelled(rule: LexicalRule, body: &Document, shape: &Shape) -> Result<(), Mismatch> {
    let differs = |pointer: String, expected: &str, actual: &str| {
        Err(Mismatch { pointer, expected: expected.to_owned(), actual: shorten(actual) })
    };
    match rule {
        LexicalRule::ExponentTimestamps => match find(body, shape, String::new(), &is_other_number) {
            Some((pointer, value)) => differs(pointer, "a number such as 1.705072146E9", &value.to_string()),
            None => Ok(()),
        },
        LexicalRule::SortedMembers => match find(body, shape, String::new(), &is_unsorted) {
            Some((pointer, value)) => {
                differs(pointer, "members in alphabetical order", &names(value).join(", "))
            }
            None => Ok(()),
        },
    }
}

/// The first value, from the outside in, of which something holds.
fn find<'a>(
    value: &'a Document,
    shape: &Shape,
    at: String,
    holds: &impl Fn(&Document, &Shape) -> bool,
) -> Option<(String, &'a Document)> {
    if holds(value, shape) {
        return Some((at, value));
    }
    match (value, &shape.kind) {
        (Document::Array(elements), ShapeKind::List { member }) => elements
            .iter()
            .enumerate()
            .find_map(|(index, element)| find(element, member.target, format!("{at}/{index}"), holds)),
        (Document::Object(members), _) => members.iter().find_map(|(name, value)| {
            let member = shape.members().iter().find(|member| member.name == name)?;
            find(value, member.target, format!("{at}/{name}"), holds)
        }),
        _ => None,
    }
}

/// Whether it is a timestamp that Java's `Double.toString` would spell otherwise.
fn is_other_number(value: &Document, shape: &Shape) -> bool {
    match (value, &shape.kind) {
        (Document::Number(text), ShapeKind::Timestamp) => !is_java_double(text),
        _ => false,
    }
}

/// From ten million on it is one digit, the fraction without idle zeros, and an exponent; below, a plain fraction.
fn is_java_double(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((whole, rest)) = text.trim_start_matches('-').split_once('.') else { return false };
    let fraction = |text: &str| digits(text) && (text == "0" || !text.ends_with('0'));
    match rest.split_once('E') {
        Some((rest, exponent)) => {
            digits(whole) && whole.len() == 1 && whole != "0" && fraction(rest) && digits(exponent)
        }
        None => digits(whole) && whole.len() <= 7 && fraction(rest),
    }
}

fn is_unsorted(value: &Document, _shape: &Shape) -> bool {
    !names(value).is_sorted()
}

fn names(value: &Document) -> Vec<&str> {
    match value {
        Document::Object(members) => members.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_java_double;

    #[test]
    fn the_spellings_of_a_number_are_told_apart() {
        for text in ["1.705072146E9", "0.0", "1.0E7", "1234567.0", "1.787198543563E9"] {
            assert!(is_java_double(text), "{text}");
        }
        for text in ["1705072146", "1705072146.0", "1.705072146e9", "1.70E9", "17.0E8", "1E9", "10000000.0"] {
            assert!(!is_java_double(text), "{text}");
        }
    }
}
