//! Points in time as ECR writes them.
//!
//! In: a [`SystemTime`]. Out: text. What must stay true: exact to the millisecond, without a detour
//! through floating point.

use std::time::SystemTime;

/// Epoch seconds with milliseconds, spelled as Java spells a double: `1.705072146E9`.
/// A time before 1970 counts as its start.
pub(super) fn epoch_seconds(time: SystemTime) -> String {
    const MILLIS_OF_TEN_MILLION_SECONDS: u128 = 10_000_000_000;

    let millis = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    if millis < MILLIS_OF_TEN_MILLION_SECONDS {
        return decimal(&(millis / 1000).to_string(), &format!("{:03}", millis % 1000));
    }
    let digits = millis.to_string();
    let (first, rest) = digits.split_at(1);
    format!("{}E{}", decimal(first, rest), rest.len() - 3)
}

/// The form of an HTTP `Date`: `Fri, 16 Dec 2016 19:31:33 GMT`.
pub(super) fn http_date(time: SystemTime) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (weekday, month) = (pick(&WEEKDAYS, days % 7), pick(&MONTHS, month - 1));
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

fn pick<'a>(names: &[&'a str], index: u64) -> &'a str {
    usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
}

/// Year, month from 1, and day from 1 of the day that many days after 1970-01-01, by the usual arithmetic on
/// years that begin in March and eras of 400 years.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = day_of_era / 1460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// A number without the zeros at its end, but with one digit after the point.
fn decimal(whole: &str, fraction: &str) -> String {
    let fraction = fraction.trim_end_matches('0');
    format!("{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
}
