//! How near to the bytes a check looks.

use crate::case::format::{Expectation, Matcher};

/// How near to the bytes a check looks. A target is scored in each tier apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// What the answer says: status, code and values.
    Semantic,
    /// Which form the values have: absent, null and empty told apart, types, members.
    Shape,
    /// What is around them: headers, and where an error says what it is.
    Envelope,
    /// The wording of errors.
    Text,
    /// How numbers are spelled and members ordered, which no JSON reader can see.
    Lexical,
}

impl Tier {
    /// Every tier, from what says most to what says least.
    pub const ALL: [Self; 5] = [Self::Semantic, Self::Shape, Self::Envelope, Self::Text, Self::Lexical];

    /// The tier as reports print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Semantic => "semantic",
            Self::Shape => "shape",
            Self::Envelope => "envelope",
            Self::Text => "text",
            Self::Lexical => "lexical",
        }
    }
}

impl Expectation {
    /// The tier that it belongs to.
    pub fn tier(&self) -> Tier {
        match self {
            Self::Status(_) | Self::Code(_) | Self::Law(_) => Tier::Semantic,
            Self::Text(_) => Tier::Text,
            Self::Header(_) | Self::Envelope(_) => Tier::Envelope,
            Self::Shape(_) => Tier::Shape,
            Self::Body(body) => of_matcher(&body.is),
            Self::Lexical(_) => Tier::Lexical,
        }
    }
}

/// A matcher that no value satisfies for what it is, only for its form, is about the shape.
fn of_matcher(matcher: &Matcher) -> Tier {
    match matcher {
        Matcher::Absent | Matcher::Null | Matcher::Empty | Matcher::Present | Matcher::Type(_) => Tier::Shape,
        Matcher::Each(each) => of_matcher(each),
        Matcher::AnyOf(matchers) if matchers.iter().all(|matcher| of_matcher(matcher) == Tier::Shape) => {
            Tier::Shape
        }
        _ => Tier::Semantic,
    }
}
