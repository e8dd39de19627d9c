//! Points in time as ECR writes them.
//!
//! In: a [`SystemTime`]. Out: text. What must stay true: exact to the millisecond, without a detour
//! through floating point.

use std::time::{Duration, SystemTime};

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

/// The form of an HTTP `Date`: `Fri, 16 Dec 2016 19:31:33 GMT`. A time before 1970 counts as its start, and one
/// after 9999 as its end.
pub(super) fn http_date(time: SystemTime) -> String {
    const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);

    httpdate::fmt_http_date(time.clamp(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + LAST_SECOND))
}

/// A number without the zeros at its end, but with one digit after the point.
fn decimal(whole: &str, fraction: &str) -> String {
    let fraction = fraction.trim_end_matches('0');
    format!("{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
}
