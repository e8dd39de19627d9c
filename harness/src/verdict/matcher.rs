//! Whether a value is what a case expects.
//!
//! In: a place in a body and a matcher with its names filled in. Out: nothing, or what was expected, what is
//! there and where. What must stay true: numbers are compared by value, objects without regard to order.

use std::collections::{BTreeMap, BTreeSet};

use ecrspec_api::{Document, JsonType};
use serde_json::Value;

use crate::case::format::{Matcher, ValueType, Window};
use crate::verdict::place::Place;

/// A value that is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// What was expected.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

/// How long a value may be before a report cuts it.
const SHOWN: usize = 400;

/// Compares what is at a place with a matcher.
///
/// # Errors
/// The first difference.
pub(super) fn compare(place: &Place<'_>, matcher: &Matcher) -> Result<(), Mismatch> {
    let mismatch = |pointer: &str, actual: String| {
        Err(Mismatch { pointer: pointer.to_owned(), expected: describe(matcher), actual })
    };
    match place {
        Place::One(pointer, value) => compare_value(pointer, Some(value), matcher),
        Place::Absent(pointer) => compare_value(pointer, None, matcher),
        Place::NoParent(pointer) => mismatch(pointer, "nothing there".to_owned()),
        Place::Ambiguous(pointer, count) => mismatch(pointer, format!("{count} such elements")),
        Place::Many(path, places) => match matcher {
            Matcher::Each(each) if places.is_empty() => {
                mismatch(path, format!("no element, where each should be {}", describe(each)))
            }
            Matcher::Each(each) => {
                places.iter().try_for_each(|(pointer, value)| compare_value(pointer, *value, each))
            }
            _ => {
                let missing = places.iter().find(|(_, value)| value.is_none());
                if let Some((pointer, _)) = missing {
                    return mismatch(pointer, "absent".to_owned());
                }
                let values = places.iter().filter_map(|(_, value)| value.cloned()).collect();
                compare_value(path, Some(&Document::Array(values)), matcher)
            }
        },
    }
}

fn compare_value(pointer: &str, value: Option<&Document>, matcher: &Matcher) -> Result<(), Mismatch> {
    if fits(pointer, value, matcher)? {
        return Ok(());
    }
    Err(Mismatch {
        pointer: pointer.to_owned(),
        expected: describe(matcher),
        actual: value.map_or_else(|| "absent".to_owned(), |value| actual(value, matcher)),
    })
}

fn fits(pointer: &str, value: Option<&Document>, matcher: &Matcher) -> Result<bool, Mismatch> {
    let Some(value) = value else {
        return Ok(match matcher {
            Matcher::Absent => true,
            Matcher::AnyOf(matchers) => any_of(pointer, None, matchers),
            _ => false,
        });
    };
    Ok(match matcher {
        Matcher::Equals(expected) => equal(value, expected),
        Matcher::Set(expected) => match (value.as_array(), expected.as_array()) {
            (Some(actual), Some(expected)) => actual.len() == expected.len() && included(actual, expected),
            _ => false,
        },
        Matcher::Includes(expected) => match (value.as_array(), expected.as_array()) {
            (Some(actual), Some(expected)) => included(actual, expected),
            _ => false,
        },
        Matcher::NoneOf(unwanted) => match (value.as_array(), unwanted.as_array()) {
            (Some(actual), Some(unwanted)) => {
                !actual.iter().any(|actual| unwanted.iter().any(|unwanted| equal(actual, unwanted)))
            }
            _ => false,
        },
        Matcher::AnyOf(matchers) => any_of(pointer, Some(value), matchers),
        Matcher::Each(each) => match value.as_array() {
            Some([]) | None => false,
            Some(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    compare_value(&format!("{pointer}/{index}"), Some(element), each)?;
                }
                true
            }
        },
        Matcher::Distinct => value.as_array().is_some_and(|elements| {
            let mut seen = BTreeSet::new();
            elements.iter().all(|element| seen.insert(element.to_string()))
        }),
        Matcher::Between(window) => match value {
            Document::Number(text) => text.parse().is_ok_and(|number: f64| within(number, window)),
            _ => false,
        },
        #[expect(clippy::cast_precision_loss, reason = "no body has 2^52 elements")]
        Matcher::Count(window) => {
            value.as_array().is_some_and(|elements| within(elements.len() as f64, window))
        }
        Matcher::Type(expected) => value.json_type() == json_type(*expected),
        Matcher::Absent => false,
        Matcher::Null => *value == Document::Null,
        Matcher::Empty => match value {
            Document::Array(elements) => elements.is_empty(),
            Document::Object(members) => members.is_empty(),
            Document::String(text) => text.is_empty(),
            _ => false,
        },
        Matcher::Present => *value != Document::Null,
    })
}

fn any_of(pointer: &str, value: Option<&Document>, matchers: &[Matcher]) -> bool {
    matchers.iter().any(|matcher| fits(pointer, value, matcher) == Ok(true))
}

/// Whether each expected element has an actual one of its own.
fn included(actual: &[Document], expected: &[Value]) -> bool {
    let mut left: Vec<&Document> = actual.iter().collect();
    // Texts, of which there may be thousands, are found by what they say.
    let mut texts = BTreeMap::<&str, usize>::new();
    for text in actual.iter().filter_map(Document::as_str) {
        *texts.entry(text).or_default() += 1;
    }
    expected.iter().all(|expected| match expected.as_str() {
        Some(text) => texts.get_mut(text).is_some_and(|count| match count.checked_sub(1) {
            Some(fewer) => {
                *count = fewer;
                true
            }
            None => false,
        }),
        None => left
            .iter()
            .position(|actual| equal(actual, expected))
            .map(|index| left.swap_remove(index))
            .is_some(),
    })
}

/// Whether a value of a body is a value of a case: numbers by value, objects without regard to order.
pub fn equal(actual: &Document, expected: &Value) -> bool {
    match (actual, expected) {
        (Document::Null, Value::Null) => true,
        (Document::Boolean(actual), Value::Bool(expected)) => actual == expected,
        (Document::Number(actual), Value::Number(expected)) => same_number(actual, &expected.to_string()),
        (Document::String(actual), Value::String(expected)) => actual == expected,
        (Document::Array(actual), Value::Array(expected)) => {
            actual.len() == expected.len()
                && actual.iter().zip(expected).all(|(actual, expected)| equal(actual, expected))
        }
        (Document::Object(actual), Value::Object(expected)) => {
            actual.len() == expected.len()
                && expected.iter().all(|(name, expected)| {
                    actual
                        .iter()
                        .find(|(key, _)| key == name)
                        .is_some_and(|(_, actual)| equal(actual, expected))
                })
        }
        _ => false,
    }
}

fn same_number(one: &str, other: &str) -> bool {
    match (one.parse::<i128>(), other.parse::<i128>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => match (one.parse::<f64>(), other.parse::<f64>()) {
            #[expect(clippy::float_cmp, reason = "two spellings of one number are the same double")]
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        },
    }
}

fn within(number: f64, window: &Window) -> bool {
    let end = |end: &Option<Value>| end.as_ref().map(Value::as_f64);
    let above = end(&window.min).is_none_or(|min| min.is_some_and(|min| number >= min));
    let below = end(&window.max).is_none_or(|max| max.is_some_and(|max| number <= max));
    above && below
}

fn json_type(expected: ValueType) -> JsonType {
    match expected {
        ValueType::Boolean => JsonType::Boolean,
        ValueType::Number => JsonType::Number,
        ValueType::String => JsonType::String,
        ValueType::Array => JsonType::Array,
        ValueType::Object => JsonType::Object,
    }
}

fn actual(value: &Document, matcher: &Matcher) -> String {
    match (matcher, value) {
        (Matcher::Count(_), Document::Array(elements)) => format!("{} elements", elements.len()),
        (Matcher::Type(_), value) => format!("{} {}", value.json_type(), shorten(&value.to_string())),
        _ => shorten(&value.to_string()),
    }
}

/// A matcher in words.
fn describe(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Equals(value) => shorten(&value.to_string()),
        Matcher::Set(value) => format!("in any order {}", shorten(&value.to_string())),
        Matcher::Includes(value) => format!("at least {}", shorten(&value.to_string())),
        Matcher::NoneOf(value) => format!("none of {}", shorten(&value.to_string())),
        Matcher::AnyOf(matchers) => matchers.iter().map(describe).collect::<Vec<_>>().join(", or "),
        Matcher::Each(each) => format!("each {}", describe(each)),
        Matcher::Distinct => "no element twice".to_owned(),
        Matcher::Between(window) => format!("a number {}", describe_window(window)),
        Matcher::Count(window) => format!("{} elements", describe_window(window)),
        Matcher::Type(expected) => format!("a JSON {}", json_type(*expected)),
        Matcher::Absent => "absent".to_owned(),
        Matcher::Null => "null".to_owned(),
        Matcher::Empty => "empty".to_owned(),
        Matcher::Present => "a value".to_owned(),
    }
}

fn describe_window(window: &Window) -> String {
    match (&window.min, &window.max) {
        (Some(min), Some(max)) if min == max => min.to_string(),
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "of any size".to_owned(),
    }
}

/// Bytes as text on one line.
pub fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect()
}

/// A value short enough to show.
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(text: &str) -> Document {
        Document::Number(text.to_owned())
    }

    #[test]
    fn numbers_are_the_same_by_value() {
        assert!(equal(&number("1.705072146E9"), &json!(1_705_072_146)));
        assert!(equal(&number("9007199254740993"), &json!(9_007_199_254_740_993_i64)));
        assert!(!equal(&number("9007199254740993"), &json!(9_007_199_254_740_992_i64)));
    }

    #[test]
    fn a_set_counts_each_element_once() {
        let actual = Document::Array(vec![number("1"), number("1"), number("2")]);
        let place = Place::One(String::new(), &actual);
        assert_eq!(compare(&place, &Matcher::Set(json!([2, 1, 1]))), Ok(()));
        assert!(compare(&place, &Matcher::Set(json!([2, 2, 1]))).is_err());
        assert!(compare(&place, &Matcher::Set(json!([1, 2]))).is_err());
        assert_eq!(compare(&place, &Matcher::Includes(json!([1, 2]))), Ok(()));
        assert_eq!(compare(&place, &Matcher::NoneOf(json!([3]))), Ok(()));
        assert!(compare(&place, &Matcher::NoneOf(json!([3, 2]))).is_err());
    }

    #[test]
    fn absent_null_and_empty_are_told_apart() {
        let null = Place::One("/a".into(), &Document::Null);
        let nothing = Place::Absent("/a".into());
        let no_parent = Place::NoParent("/a".into());
        assert_eq!(compare(&nothing, &Matcher::Absent), Ok(()));
        assert!(compare(&null, &Matcher::Absent).is_err());
        assert!(compare(&no_parent, &Matcher::Absent).is_err());
        assert_eq!(compare(&null, &Matcher::Null), Ok(()));
        assert!(compare(&null, &Matcher::Present).is_err());
        assert!(compare(&nothing, &Matcher::Empty).is_err());
    }

    #[test]
    fn each_wants_at_least_one_element() {
        assert!(
            compare(&Place::Many(String::new(), Vec::new()), &Matcher::Each(Box::new(Matcher::Present)))
                .is_err()
        );
        let missing = Place::Many("/*/a".into(), vec![("/0/a".into(), None)]);
        assert!(compare(&missing, &Matcher::Each(Box::new(Matcher::Present))).is_err());
        assert_eq!(compare(&missing, &Matcher::Each(Box::new(Matcher::Absent))), Ok(()));
    }
}
