//! Values as compact JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::{BigDecimal, BigInteger, Blob, DateTime, Document, HttpDate, Timestamp};

/// A value that can be written as JSON. Generated for every structure and enum.
pub trait WriteJson {
    /// Appends the value as compact JSON.
    fn write_json(&self, out: &mut String);

    /// The value as compact JSON.
    fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }
}

/// Writes an object member by member; what is absent is left out.
pub struct ObjectWriter<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> ObjectWriter<'o> {
    /// Opens an object.
    pub fn new(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    /// A member, unless it is absent.
    pub fn member(&mut self, name: &str, value: Option<&impl WriteJson>) {
        if let Some(value) = value {
            if !std::mem::take(&mut self.empty) {
                self.out.push(',');
            }
            name.write_json(self.out);
            self.out.push(':');
            value.write_json(self.out);
        }
    }

    /// Closes the object.
    pub fn end(self) {
        self.out.push('}');
    }
}

impl WriteJson for str {
    fn write_json(&self, out: &mut String) {
        out.push('"');
        for character in self.chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                control if u32::from(control) < 0x20 => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{:04x}", u32::from(control));
                }
                other => out.push(other),
            }
        }
        out.push('"');
    }
}

impl WriteJson for String {
    fn write_json(&self, out: &mut String) {
        self.as_str().write_json(out);
    }
}

macro_rules! write_displayed {
    ($($kind:ty),*) => {
        $(impl WriteJson for $kind {
            fn write_json(&self, out: &mut String) {
                let _ = write!(out, "{self}");
            }
        })*
    };
}

write_displayed!(bool, i8, i16, i32, i64, Timestamp, Document, BigInteger, BigDecimal);

macro_rules! write_quoted {
    ($($kind:ty),*) => {
        $(impl WriteJson for $kind {
            fn write_json(&self, out: &mut String) {
                let _ = write!(out, "\"{self}\"");
            }
        })*
    };
}

write_quoted!(DateTime, HttpDate);

macro_rules! write_float {
    ($($kind:ty),*) => {
        $(impl WriteJson for $kind {
            fn write_json(&self, out: &mut String) {
                let _ = match *self {
                    value if value.is_nan() => write!(out, "\"NaN\""),
                    value if value.is_infinite() && value > 0.0 => write!(out, "\"Infinity\""),
                    value if value.is_infinite() => write!(out, "\"-Infinity\""),
                    value => write!(out, "{value:?}"),
                };
            }
        })*
    };
}

write_float!(f32, f64);

impl WriteJson for Blob {
    fn write_json(&self, out: &mut String) {
        self.to_base64().write_json(out);
    }
}

impl<T: WriteJson> WriteJson for Box<T> {
    fn write_json(&self, out: &mut String) {
        (**self).write_json(out);
    }
}

/// What is absent from a sparse list or map is null there.
impl<T: WriteJson> WriteJson for Option<T> {
    fn write_json(&self, out: &mut String) {
        match self {
            Some(value) => value.write_json(out),
            None => out.push_str("null"),
        }
    }
}

impl<T: WriteJson> WriteJson for Vec<T> {
    fn write_json(&self, out: &mut String) {
        out.push('[');
        for (index, element) in self.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            element.write_json(out);
        }
        out.push(']');
    }
}

impl<K: AsRef<str>, V: WriteJson> WriteJson for BTreeMap<K, V> {
    fn write_json(&self, out: &mut String) {
        let mut object = ObjectWriter::new(out);
        for (key, value) in self {
            object.member(key.as_ref(), Some(value));
        }
        object.end();
    }
}

/// At most 80 characters of a text.
pub(crate) fn shorten(text: &str) -> String {
    if text.chars().count() <= 80 {
        return text.to_owned();
    }
    text.chars().take(77).chain("...".chars()).collect()
}
