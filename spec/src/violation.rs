//! What a validator finds: constraints that a value breaks, each as data.

use std::fmt;

use crate::table::{Constraint, ConstraintKind};

/// One constraint that one value breaks.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Where the value is: a JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    /// The name of the member that holds the value; for an element of a list, the member that holds the list.
    pub member: &'static str,
    /// The constraint it breaks.
    pub constraint: &'static Constraint,
    /// The offending value as JSON text, shortened to at most 80 characters; `None` where it is missing.
    pub value: Option<String>,
}

impl Violation {
    /// The service's own text for this violation, where evidence has one.
    pub fn service_message(&self) -> Option<String> {
        self.constraint.message.as_ref().map(|message| message.template.replace("{member}", self.member))
    }
}

impl PartialEq for Violation {
    fn eq(&self, other: &Self) -> bool {
        self.pointer == other.pointer
            && self.member == other.member
            && std::ptr::eq(self.constraint, other.constraint)
            && self.value == other.value
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pointer, constraint, value, .. } = self;
        write!(formatter, "{pointer}: ")?;
        match constraint.kind {
            ConstraintKind::Required => write!(formatter, "required, but missing or null")?,
            ConstraintKind::MinLength(bound) => write!(formatter, "shorter than {bound}")?,
            ConstraintKind::MaxLength(bound) => write!(formatter, "longer than {bound}")?,
            ConstraintKind::Minimum(bound) => write!(formatter, "less than {bound}")?,
            ConstraintKind::Maximum(bound) => write!(formatter, "greater than {bound}")?,
            ConstraintKind::Pattern(pattern) => write!(formatter, "does not match {}", pattern.source)?,
            ConstraintKind::Enum(values) => write!(formatter, "none of {}", values.join(", "))?,
            ConstraintKind::IntEnum(values) => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(formatter, "none of {}", values.join(", "))?;
            }
            ConstraintKind::UniqueItems => write!(formatter, "has an element twice")?,
            ConstraintKind::Excludes(members) => {
                write!(formatter, "not allowed beside {}", members.join(", "))?;
            }
        }
        if let Some(value) = value {
            write!(formatter, ": {value}")?;
        }
        write!(formatter, " ({})", constraint.declared_by)
    }
}
