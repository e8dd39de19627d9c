//! Numbers without a bound: exact, and spelled as they came.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::wire::Decimal;

/// Text that is no number of that kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseNumberError(());

impl fmt::Display for ParseNumberError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a number of that kind")
    }
}

impl std::error::Error for ParseNumberError {}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $is_usual:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The number as it is spelled.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// How the number compares with a whole one.
            pub fn compare(&self, bound: i64) -> Ordering {
                compare(&self.0, bound)
            }
        }

        impl FromStr for $name {
            type Err = ParseNumberError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let usual: fn(&Decimal<'_>) -> bool = $is_usual;
                match Decimal::parse(text) {
                    Some(decimal) if usual(&decimal) => Ok(Self(text.to_owned())),
                    _ => Err(ParseNumberError(())),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self("0".to_owned())
            }
        }

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(value.to_string())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

number! {
    /// A whole number of any size. Two are equal if they are spelled alike.
    ///
    /// ```
    /// use ecrspec_api::BigInteger;
    ///
    /// let number: BigInteger = "123456789012345678901234567890".parse()?;
    /// assert!(number.compare(i64::MAX).is_gt());
    /// assert!("1.5".parse::<BigInteger>().is_err());
    /// # Ok::<(), ecrspec_api::ParseNumberError>(())
    /// ```
    BigInteger, |decimal| decimal.is_whole()
}

number! {
    /// A decimal number of any size and precision. Two are equal if they are spelled alike: `1.0` is not `1`.
    BigDecimal, |_| true
}

/// How a JSON number compares with a whole one. What no 128 bits hold is beyond any bound.
fn compare(text: &str, bound: i64) -> Ordering {
    let beyond = if text.starts_with('-') { Ordering::Less } else { Ordering::Greater };
    let Some((value, exact)) = Decimal::parse(text).and_then(|decimal| decimal.scaled(0)) else {
        return beyond;
    };
    // The value is rounded down: with a fraction cut off, it is a little more than it shows.
    value.cmp(&i128::from(bound)).then(if exact { Ordering::Equal } else { Ordering::Greater })
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{BigDecimal, BigInteger};

    #[test]
    fn numbers_of_any_size_compare() {
        for (text, bound, expected) in [
            ("1e400", i64::MAX, Ordering::Greater),
            ("-1e400", i64::MIN, Ordering::Less),
            ("0.5", 0, Ordering::Greater),
            ("-0.5", 0, Ordering::Less),
            ("5.0", 5, Ordering::Equal),
        ] {
            assert_eq!(text.parse::<BigDecimal>().map(|one| one.compare(bound)), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_whole_number_has_no_fraction() {
        for (text, whole) in [("5", true), ("5.0", true), ("5e3", true), ("5.5", false), ("5e-1", false)] {
            assert_eq!(text.parse::<BigInteger>().is_ok(), whole, "{text}");
        }
        assert!("".parse::<BigDecimal>().is_err() && "0x1".parse::<BigDecimal>().is_err());
    }
}
