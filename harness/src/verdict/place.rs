//! Places in a body: JSON pointers with `*` and `[member=value]`.
//!
//! In: a path as a case writes it and a document. Out: what is there, each with its plain JSON pointer. What
//! must stay true: a place whose parent is missing is told apart from a place that is merely empty.

use std::fmt;

use ecrspec_api::Document;

/// A parsed path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Key(String),
    Every,
    Where { member: String, value: String },
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Place<'a> {
    /// One value.
    One(String, &'a Document),
    /// The parent is there, the value is not.
    Absent(String),
    /// For a path with `*`: the path, and each place with its value if it is there.
    Many(String, Vec<(String, Option<&'a Document>)>),
    /// What should hold the value is not there.
    NoParent(String),
    /// `[member=value]` fits more than one element.
    Ambiguous(String, usize),
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// If it neither is empty nor begins with a slash, or a bracket is not closed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(tokens) = text.strip_prefix('/') else {
            return if text.is_empty() {
                Ok(Self(Vec::new()))
            } else {
                Err(format!("the path `{text}` begins with no slash"))
            };
        };
        split(tokens).map(token).collect::<Result<_, _>>().map(Self)
    }

    /// What is there, as a case's binding: the one value, or for a path with `*` the array of all.
    pub fn value(&self, document: &Document) -> Option<serde_json::Value> {
        let value_of = |value: &Document| serde_json::from_str(&value.to_string()).ok();
        match self.find(document) {
            Place::One(_, value) => value_of(value),
            Place::Many(_, places) => {
                places.into_iter().filter_map(|(_, value)| value).map(value_of).collect()
            }
            _ => None,
        }
    }

    /// What is there in a document.
    pub fn find<'a>(&self, document: &'a Document) -> Place<'a> {
        find(&self.0, String::new(), document)
    }
}

/// Splits at slashes outside of brackets: a value in brackets may have slashes.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.split(move |character| {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            _ => {}
        }
        character == '/' && !inside
    })
}

fn token(text: &str) -> Result<Token, String> {
    if text == "*" {
        return Ok(Token::Every);
    }
    let Some(condition) = text.strip_prefix('[') else {
        return Ok(Token::Key(text.replace("~1", "/").replace("~0", "~")));
    };
    condition
        .strip_suffix(']')
        .and_then(|condition| condition.split_once('='))
        .map(|(member, value)| Token::Where { member: member.to_owned(), value: value.to_owned() })
        .ok_or_else(|| format!("`{text}` is not of the form `[member=value]`"))
}

fn find<'a>(tokens: &[Token], at: String, document: &'a Document) -> Place<'a> {
    let Some((token, rest)) = tokens.split_first() else {
        return Place::One(at, document);
    };
    match token {
        Token::Key(key) => {
            let below = format!("{at}/{}", escape(key));
            match child(document, key) {
                Some(value) => find(rest, below, value),
                None if rest.is_empty() && matches!(document, Document::Object(_) | Document::Array(_)) => {
                    Place::Absent(below)
                }
                None if rest.is_empty() => Place::NoParent(at),
                None => Place::NoParent(below),
            }
        }
        Token::Every => match document {
            Document::Array(elements) => every(rest, &at, elements),
            _ => Place::NoParent(at),
        },
        Token::Where { member, value } => {
            let elements = document.as_array().unwrap_or_default();
            let fitting: Vec<_> = elements
                .iter()
                .enumerate()
                .filter(|(_, element)| element.get(member).and_then(Document::as_str) == Some(value))
                .collect();
            match fitting[..] {
                [(index, element)] => find(rest, format!("{at}/{index}"), element),
                [] => Place::NoParent(format!("{at}/[{member}={value}]")),
                _ => Place::Ambiguous(format!("{at}/[{member}={value}]"), fitting.len()),
            }
        }
    }
}

fn every<'a>(rest: &[Token], at: &str, elements: &'a [Document]) -> Place<'a> {
    let mut places = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        match find(rest, format!("{at}/{index}"), element) {
            Place::One(pointer, value) => places.push((pointer, Some(value))),
            Place::Absent(pointer) => places.push((pointer, None)),
            Place::Many(_, more) => places.extend(more),
            lost @ (Place::NoParent(_) | Place::Ambiguous(..)) => return lost,
        }
    }
    let below: String = rest.iter().map(ToString::to_string).collect();
    Place::Many(format!("{at}/*{below}"), places)
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(formatter, "/{}", escape(key)),
            Self::Every => write!(formatter, "/*"),
            Self::Where { member, value } => write!(formatter, "/[{member}={value}]"),
        }
    }
}

fn child<'a>(document: &'a Document, key: &str) -> Option<&'a Document> {
    match document {
        Document::Object(_) => document.get(key),
        Document::Array(elements) => elements.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A pointer with `*` for each index and each element that is named by what it has.
pub fn without_indices(pointer: &str) -> String {
    pointer
        .split('/')
        .map(|token| if token.starts_with('[') || token.parse::<usize>().is_ok() { "*" } else { token })
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in<'a>(document: &'a Document, path: &str) -> Place<'a> {
        Path::parse(path).map_or_else(Place::NoParent, |path| path.find(document))
    }

    fn images() -> Document {
        let image = |name: &str, tags: Option<&str>| {
            let mut members = vec![("imageDigest".to_owned(), Document::String(name.to_owned()))];
            members.extend(tags.map(|tag| {
                ("imageTags".to_owned(), Document::Array(vec![Document::String(tag.to_owned())]))
            }));
            Document::Object(members)
        };
        Document::Object(vec![(
            "imageDetails".to_owned(),
            Document::Array(vec![image("sha256:a/b", Some("one")), image("c", None), image("c", None)]),
        )])
    }

    #[test]
    fn an_element_is_found_by_a_member_whatever_stands_in_its_value() {
        let images = images();
        let place = find_in(&images, "/imageDetails/[imageDigest=sha256:a/b]/imageTags/0");
        assert_eq!(place, Place::One("/imageDetails/0/imageTags/0".into(), &Document::String("one".into())));
    }

    #[test]
    fn a_missing_value_is_not_a_missing_parent() {
        let images = images();
        assert_eq!(
            find_in(&images, "/imageDetails/1/imageTags"),
            Place::Absent("/imageDetails/1/imageTags".into())
        );
        assert_eq!(
            find_in(&images, "/imageDetails/[imageDigest=x]/imageTags"),
            Place::NoParent("/imageDetails/[imageDigest=x]".into())
        );
        assert_eq!(
            find_in(&images, "/imageDetails/[imageDigest=c]"),
            Place::Ambiguous("/imageDetails/[imageDigest=c]".into(), 2)
        );
        assert_eq!(find_in(&images, "/nothing/0"), Place::NoParent("/nothing".into()));
    }

    #[test]
    fn every_element_is_listed_those_without_the_value_too() {
        let images = images();
        let Place::Many(path, places) = find_in(&images, "/imageDetails/*/imageTags") else {
            unreachable!("a path with a star lists places")
        };
        assert_eq!(path, "/imageDetails/*/imageTags");
        assert_eq!(places.iter().filter(|(_, value)| value.is_none()).count(), 2);
    }
}
