//! Points in time as dates: the two formats that a model can ask for in place of epoch seconds.
//!
//! In: text. Out: a [`Timestamp`], or nothing where the text is no such date. What must stay true: dates are
//! of the Gregorian calendar whatever the year, a leap second counts as the second before it, and what is
//! finer than a nanosecond is refused.

use std::fmt;
use std::str::FromStr;

use crate::{ParseTimestampError, Timestamp};

/// A point in time that is an RFC 3339 date and time on the wire.
///
/// ```
/// use ecrspec_api::DateTime;
///
/// let time: DateTime = "2000-01-02T21:34:56.5+01:00".parse()?;
/// assert_eq!(time.to_string(), "2000-01-02T20:34:56.5Z");
/// # Ok::<(), ecrspec_api::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub Timestamp);

/// A point in time that is an HTTP date (RFC 9110) on the wire.
///
/// ```
/// use ecrspec_api::HttpDate;
///
/// let time: HttpDate = "Sun, 02 Jan 2000 20:34:56 GMT".parse()?;
/// assert_eq!(time.0.seconds(), 946_845_296);
/// # Ok::<(), ecrspec_api::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpDate(pub Timestamp);

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const PER_DAY: i64 = 86_400;

impl FromStr for DateTime {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        date_time(text).map(Self).ok_or(ParseTimestampError(()))
    }
}

impl FromStr for HttpDate {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        http_date(text).map(Self).ok_or(ParseTimestampError(()))
    }
}

fn date_time(text: &str) -> Option<Timestamp> {
    let mut scan = Scan(text);
    let year = scan.digits(4)?;
    scan.one_of("-")?;
    let month = scan.digits(2)?;
    scan.one_of("-")?;
    let day = scan.digits(2)?;
    scan.one_of("Tt")?;
    let (seconds, nanoseconds) = scan.clock()?;
    let offset = match scan.one_of("Zz+-")? {
        sign @ ('+' | '-') => {
            let hours = scan.digits(2).filter(|hours| *hours < 24)?;
            scan.one_of(":")?;
            let minutes = scan.digits(2).filter(|minutes| *minutes < 60)?;
            (hours * 3600 + minutes * 60) * if sign == '+' { 1 } else { -1 }
        }
        _ => 0,
    };
    let days = days(year, month, day)?;
    scan.0.is_empty().then(|| Timestamp::new(days * PER_DAY + seconds - offset, nanoseconds))?
}

fn http_date(text: &str) -> Option<Timestamp> {
    let (weekday, date) = text.split_once(", ")?;
    WEEKDAYS.contains(&weekday).then_some(())?;
    let mut scan = Scan(date);
    let day = scan.digits(2)?;
    scan.one_of(" ")?;
    let (name, rest) = scan.0.split_at_checked(3)?;
    let month = i64::try_from(MONTHS.iter().position(|month| *month == name)?).ok()? + 1;
    scan.0 = rest;
    scan.one_of(" ")?;
    let year = scan.digits(4)?;
    scan.one_of(" ")?;
    let (seconds, nanoseconds) = scan.clock()?;
    let days = days(year, month, day)?;
    (scan.0 == " GMT").then(|| Timestamp::new(days * PER_DAY + seconds, nanoseconds))?
}

/// Text that is read from its start.
struct Scan<'t>(&'t str);

impl Scan<'_> {
    fn one_of(&mut self, letters: &str) -> Option<char> {
        let letter = self.0.chars().next().filter(|letter| letters.contains(*letter))?;
        self.0 = self.0.get(letter.len_utf8()..)?;
        Some(letter)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }

    /// A time of day, as seconds and nanoseconds of the day.
    fn clock(&mut self) -> Option<(i64, u32)> {
        let hours = self.digits(2).filter(|hours| *hours < 24)?;
        self.one_of(":")?;
        let minutes = self.digits(2).filter(|minutes| *minutes < 60)?;
        self.one_of(":")?;
        let seconds = self.digits(2).filter(|seconds| *seconds <= 60)?.min(59);
        let mut nanoseconds = 0;
        if self.one_of(".").is_some() {
            let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, rest) = self.0.split_at_checked(length)?;
            let (kept, finer) = digits.split_at_checked(9).unwrap_or((digits, ""));
            if kept.is_empty() || finer.bytes().any(|digit| digit != b'0') {
                return None;
            }
            nanoseconds = format!("{kept:0<9}").parse().ok()?;
            self.0 = rest;
        }
        Some((hours * 3600 + minutes * 60 + seconds, nanoseconds))
    }
}

/// The days from the epoch to a date; `None` where there is no such date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=length).contains(&day).then_some(())?;
    // Years start in March here, so that the leap day is the last.
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The year, month and day of a count of days from the epoch.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The time of day, with a fraction where there is one.
fn clock(time: Timestamp) -> String {
    let seconds = time.seconds().rem_euclid(PER_DAY);
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match time.nanoseconds() {
        0 => text,
        rest => text + "." + format!("{rest:09}").trim_end_matches('0'),
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.seconds().div_euclid(PER_DAY));
        write!(formatter, "{year:04}-{month:02}-{day:02}T{}Z", clock(self.0))
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.seconds().div_euclid(PER_DAY);
        let (year, month, day) = date(days);
        let name = |names: &[&'static str], index: i64| {
            usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
        };
        let (weekday, month) = (name(&WEEKDAYS, days.rem_euclid(7)), name(&MONTHS, month - 1));
        write!(formatter, "{weekday}, {day:02} {month} {year:04} {} GMT", clock(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{DateTime, HttpDate};

    #[test]
    fn dates_go_both_ways() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
        ] {
            let time = text.parse::<DateTime>();
            assert_eq!(time.as_ref().map(|time| time.0.seconds()), Ok(seconds), "{text}");
            assert_eq!(time.map(|time| time.to_string()), Ok(text.to_owned()));
        }
        let date = "Tue, 29 Apr 2014 18:30:38.123 GMT";
        assert_eq!(date.parse::<HttpDate>().map(|time| time.to_string()), Ok(date.to_owned()));
    }

    #[test]
    fn an_offset_is_taken_off() {
        for text in ["2019-12-16T23:48:18Z", "2019-12-17T00:48:18+01:00", "2019-12-16t22:18:18-01:30"] {
            assert_eq!(text.parse::<DateTime>().map(|time| time.0.seconds()), Ok(1_576_540_098), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2019-02-29T00:00:00Z",
            "2019-13-01T00:00:00Z",
            "2019-12-16T24:00:00Z",
            "2019-12-16T00:00:00",
            "2019-12-16T00:00:00.Z",
            "2019-12-16T00:00:00.0000000001Z",
            "2019-12-16T00:00:00Zx",
            "2019-12-16",
            "é019-12-16T00:00:00Z",
            "",
        ] {
            assert!(text.parse::<DateTime>().is_err(), "{text}");
        }
        for text in ["Sun, 02 Jan 2000 20:34:56", "02 Jan 2000 20:34:56 GMT", "Sun, 02 Foo 2000 20:34:56 GMT"]
        {
            assert!(text.parse::<HttpDate>().is_err(), "{text}");
        }
    }
}
