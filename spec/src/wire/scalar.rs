//! Reads values that hold no others: texts, numbers, points in time; and JSON of no known shape.

use std::borrow::Cow;
use std::str::FromStr;

use super::{Decimal, FromText, Place, Reader, Text, shorten};
use crate::table::ShapeKind;
use crate::{
    BigDecimal, BigInteger, Blob, DateTime, DeviationKind, Direction, Document, HttpDate, JsonType, Timestamp,
};

impl<'b> Reader<'b> {
    /// Reads a string.
    pub fn string(&mut self, at: &Place<'_>) -> Option<String> {
        self.text(at).map(|(_, text)| text.into_owned())
    }

    #[inline]
    fn text(&mut self, at: &Place<'_>) -> Option<(usize, Cow<'b, str>)> {
        self.expect(at, JsonType::String, "a string")?;
        let offset = self.cursor.position();
        if let Some(text) = self.cursor.plain_string() {
            return Some((offset, Cow::Borrowed(text)));
        }
        let text = self.cursor.string();
        let Text { text, flaw } = self.or_stop(at, text)?;
        if let Some(flaw) = flaw {
            self.deviate(at, flaw.offset, flaw.kind);
        }
        Some((offset, text))
    }

    /// Reads a value of an open enum.
    pub fn enumeration<T: FromText>(&mut self, at: &Place<'_>) -> Option<T> {
        let (offset, text) = self.text(at)?;
        let value = T::from(&text);
        if self.direction == Direction::Response && !value.is_known() {
            self.deviate(at, offset, DeviationKind::UnknownValue { value: shorten(&text) });
        }
        Some(value)
    }

    /// Reads a value of an open enum of numbers.
    pub fn int_enumeration<T: From<i32>>(&mut self, at: &Place<'_>) -> Option<T> {
        self.cursor_to_value(at)?;
        let offset = self.cursor.position();
        let number: i32 = self.whole(at)?;
        if let ShapeKind::IntEnum { values } = at.shape().kind
            && self.direction == Direction::Response
            && !values.contains(&number)
        {
            self.deviate(at, offset, DeviationKind::UnknownValue { value: number.to_string() });
        }
        Some(T::from(number))
    }

    /// Reads bytes in base64.
    pub fn blob(&mut self, at: &Place<'_>) -> Option<Blob> {
        self.encoded(at, "padded base64", Blob::from_base64)
    }

    fn encoded<T>(
        &mut self,
        at: &Place<'_>,
        expected: &'static str,
        decode: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (offset, text) = self.text(at)?;
        let value = decode(&text);
        if value.is_none() {
            self.deviate(at, offset, DeviationKind::BadEncoding { expected });
        }
        value
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, at: &Place<'_>) -> Option<bool> {
        self.expect(at, JsonType::Boolean, "a boolean")?;
        let literal = self.cursor.literal();
        self.or_stop(at, literal)?
    }

    /// Reads any JSON.
    pub fn document(&mut self, at: &Place<'_>) -> Option<Document> {
        match self.cursor_to_value(at)? {
            JsonType::Null | JsonType::Boolean => {
                let literal = self.cursor.literal();
                self.or_stop(at, literal).map(|literal| literal.map_or(Document::Null, Document::Boolean))
            }
            JsonType::Number => self.number(at).map(|(_, text)| Document::Number(text.to_owned())),
            JsonType::String => self.string(at).map(Document::String),
            JsonType::Array => {
                let mut elements = Vec::new();
                let is_array = self.elements(at, &mut |reader, at| {
                    reader.document(at).map(|element| elements.push(element)).is_some()
                });
                is_array.then_some(Document::Array(elements))
            }
            JsonType::Object => {
                let mut members = Vec::new();
                let is_object = self.object(at, &mut |reader, at, _, key| {
                    let value = reader.document(&at.unknown(key));
                    members.extend(value.map(|value| (key.to_owned(), value)));
                });
                is_object.then_some(Document::Object(members))
            }
        }
    }

    /// Reads a whole number of 8 bits.
    pub fn byte(&mut self, at: &Place<'_>) -> Option<i8> {
        self.whole(at)
    }

    /// Reads a whole number of 16 bits.
    pub fn short(&mut self, at: &Place<'_>) -> Option<i16> {
        self.whole(at)
    }

    /// Reads a whole number of any size.
    pub fn big_integer(&mut self, at: &Place<'_>) -> Option<BigInteger> {
        let (offset, text) = self.number(at)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.deviate(at, offset, DeviationKind::OutOfRange { text: shorten(text) });
        }
        number
    }

    /// Reads a decimal number of any size and precision.
    pub fn big_decimal(&mut self, at: &Place<'_>) -> Option<BigDecimal> {
        self.number(at).and_then(|(_, text)| text.parse().ok())
    }

    /// Reads a whole number of 32 bits.
    pub fn integer(&mut self, at: &Place<'_>) -> Option<i32> {
        self.whole(at)
    }

    /// Reads a whole number of 64 bits.
    pub fn long(&mut self, at: &Place<'_>) -> Option<i64> {
        self.whole(at)
    }

    fn whole<T: TryFrom<i128>>(&mut self, at: &Place<'_>) -> Option<T> {
        let (offset, text) = self.number(at)?;
        if text != "-0"
            && let Ok(value) = text.parse::<i64>()
            && let Ok(value) = T::try_from(i128::from(value))
        {
            return Some(value);
        }
        let value = match Decimal::parse(text).and_then(|decimal| decimal.scaled(0)) {
            Some((value, true)) => T::try_from(value).ok(),
            _ => None,
        };
        if value.is_none() {
            self.deviate(at, offset, DeviationKind::OutOfRange { text: shorten(text) });
        } else if text == "-0" || text.contains(['.', 'e', 'E']) {
            self.deviate(at, offset, DeviationKind::NumberSpelling { text: shorten(text) });
        }
        value
    }

    /// Reads a floating-point number of 32 bits.
    pub fn float(&mut self, at: &Place<'_>) -> Option<f32> {
        self.real(at, [f32::NAN, f32::INFINITY, f32::NEG_INFINITY], |value| value.is_infinite())
    }

    /// Reads a floating-point number of 64 bits.
    pub fn double(&mut self, at: &Place<'_>) -> Option<f64> {
        self.real(at, [f64::NAN, f64::INFINITY, f64::NEG_INFINITY], |value| value.is_infinite())
    }

    /// The value of a number, or of one of the three strings that stand for what JSON cannot say.
    fn real<T: FromStr>(&mut self, at: &Place<'_>, special: [T; 3], overflows: fn(&T) -> bool) -> Option<T> {
        if let Some(JsonType::String) = self.cursor_to_value(at) {
            let (offset, text) = self.text(at)?;
            let known = ["NaN", "Infinity", "-Infinity"].into_iter().zip(special);
            let value = known.into_iter().find(|(name, _)| *name == text).map(|(_, value)| value);
            if value.is_none() {
                let kind = DeviationKind::WrongType { expected: "a number", actual: JsonType::String };
                self.deviate(at, offset, kind);
            }
            return value;
        }
        let (offset, text) = self.number(at)?;
        let value = text.parse().ok().filter(|value| !overflows(value));
        if value.is_none() {
            self.deviate(at, offset, DeviationKind::OutOfRange { text: shorten(text) });
        }
        value
    }

    /// Reads epoch seconds. What is finer than a nanosecond is cut off, and said.
    pub fn timestamp(&mut self, at: &Place<'_>) -> Option<Timestamp> {
        if let JsonType::Number = self.cursor_to_value(at)?
            && let Some((seconds, nanoseconds)) = self.cursor.usual_decimal()
        {
            return Timestamp::new(seconds, nanoseconds);
        }
        let (offset, text) = self.number(at)?;
        let read = Timestamp::read(text);
        if !matches!(read, Some((_, true))) {
            self.deviate(at, offset, DeviationKind::OutOfRange { text: shorten(text) });
        }
        read.map(|(timestamp, _)| timestamp)
    }

    /// Reads a date and time as RFC 3339 has it.
    pub fn date_time(&mut self, at: &Place<'_>) -> Option<DateTime> {
        self.encoded(at, "a date and time of RFC 3339", |text| text.parse().ok())
    }

    /// Reads a date as HTTP has it.
    pub fn http_date(&mut self, at: &Place<'_>) -> Option<HttpDate> {
        self.encoded(at, "an HTTP date", |text| text.parse().ok())
    }
}
