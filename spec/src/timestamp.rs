//! A point in time, exactly as a decimal number says it.

use std::fmt;
use std::str::FromStr;

use crate::wire::Decimal;

/// A point in time: seconds since the epoch and nanoseconds, never a float.
///
/// ```
/// use ecrspec_api::Timestamp;
///
/// let pushed: Timestamp = "1.705072146E9".parse()?;
/// assert_eq!((pushed.seconds(), pushed.nanoseconds()), (1_705_072_146, 0));
///
/// let before: Timestamp = "-0.25".parse()?;
/// assert_eq!((before.seconds(), before.nanoseconds()), (-1, 750_000_000));
/// assert_eq!(before.to_string(), "-0.25");
/// # Ok::<(), ecrspec_api::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
}

const PER_SECOND: i128 = 1_000_000_000;

impl Timestamp {
    /// A point in time; `None` for a thousand million nanoseconds or more.
    pub const fn new(seconds: i64, nanoseconds: u32) -> Option<Self> {
        if nanoseconds < 1_000_000_000 { Some(Self { seconds, nanoseconds }) } else { None }
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`seconds`](Self::seconds).
    pub const fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// The time that a JSON number stands for, and whether nothing finer than a nanosecond was cut off.
    pub(crate) fn read(number: &str) -> Option<(Self, bool)> {
        let (total, exact) = Decimal::parse(number)?.scaled(9)?;
        let seconds = i64::try_from(total.div_euclid(PER_SECOND)).ok()?;
        let nanoseconds = u32::try_from(total.rem_euclid(PER_SECOND)).ok()?;
        Some((Self { seconds, nanoseconds }, exact))
    }
}

/// Seconds as a decimal number without exponent: `1787198543.563`.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = i128::from(self.seconds) * PER_SECOND + i128::from(self.nanoseconds);
        let sign = if total < 0 { "-" } else { "" };
        let (seconds, rest) = (total.abs() / PER_SECOND, total.abs() % PER_SECOND);
        write!(formatter, "{sign}{seconds}")?;
        if rest != 0 {
            write!(formatter, ".{}", format!("{rest:09}").trim_end_matches('0'))?;
        }
        Ok(())
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Self::read(text) {
            Some((timestamp, true)) => Ok(timestamp),
            _ => Err(ParseTimestampError(())),
        }
    }
}

/// The text is no JSON number, is out of range, or is finer than a nanosecond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTimestampError(pub(crate) ());

impl fmt::Display for ParseTimestampError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no number of epoch seconds in whole nanoseconds")
    }
}

impl std::error::Error for ParseTimestampError {}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn spellings_of_one_time_are_one_value() {
        let expected = Timestamp::new(1_787_198_543, 563_000_000);
        for text in ["1787198543.563", "1.787198543563E9", "1787198543563e-3", "0.1787198543563e+10"] {
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
        assert_eq!("0.0".parse(), Ok(Timestamp::default()));
        assert_eq!("0e999999999999999999999".parse(), Ok(Timestamp::default()));
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        for text in
            ["", "-", "1.", "abc", "1e999999999999", "9223372036854775808", "1e-10", "2021-12-03T20:36:09Z"]
        {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        assert!("-9223372036854775808".parse::<Timestamp>().is_ok());
    }

    #[test]
    fn printing_goes_back() {
        for text in ["0", "-0.25", "-1", "1787198543.563", "0.000000001", "-9223372036854775808"] {
            assert_eq!(text.parse::<Timestamp>().map(|time| time.to_string()), Ok(text.to_owned()));
        }
    }
}
