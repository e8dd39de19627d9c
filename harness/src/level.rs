//! How much a check weighs.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a check weighs, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// What the target does is written down and not judged: evidence leaves it open.
    Information,
    /// A difference that no client is known to notice.
    May,
    /// A difference that rests on deduction, or that few clients notice.
    Should,
    /// A difference from documented or observed behaviour that clients rely on.
    Must,
}

impl Level {
    /// The level as reports print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::May => "may",
            Self::Should => "should",
            Self::Must => "must",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
