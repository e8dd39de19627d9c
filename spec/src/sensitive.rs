//! What stands where a secret would be printed.

use std::fmt;

use crate::WriteJson;

/// Stands for a value that the model calls sensitive, wherever a person may read it.
#[derive(Clone, Copy)]
pub struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<redacted>")
    }
}

impl WriteJson for Redacted {
    fn write_json(&self, out: &mut String) {
        out.push_str("\"<redacted>\"");
    }
}
