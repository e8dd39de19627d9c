//! Reads typed values and keeps what is wrong with them.

use std::collections::BTreeMap;

use super::{Cursor, Decimal, Fault, MAXIMUM_DEPTH, Place, Text, shorten};
use crate::table::{ConstraintKind, Member, Shape, ShapeKind};
use crate::{Blob, Deviation, DeviationKind, Direction, JsonType, Timestamp};

/// Reads one body. Generated code drives it.
#[derive(Debug)]
pub struct Reader<'b> {
    cursor: Cursor<'b>,
    depth: usize,
    direction: Direction,
    /// Set once the bytes are no JSON from here on: what is then missing was perhaps cut off.
    stopped: bool,
    deviations: Vec<Deviation>,
    /// Elements of lists that could not be read, each as its list and its index.
    dropped: Vec<(String, usize)>,
}

impl<'b> Reader<'b> {
    /// A reader at the start of a body.
    pub fn new(bytes: &'b [u8], direction: Direction) -> Self {
        Self {
            cursor: Cursor::new(bytes),
            depth: 0,
            direction,
            stopped: false,
            deviations: Vec::new(),
            dropped: Vec::new(),
        }
    }

    /// Ends the reading: whatever follows the value is a deviation. Also gives the elements that were dropped.
    pub(super) fn finish(mut self, shape: &'static Shape) -> (Vec<Deviation>, Vec<(String, usize)>) {
        if !self.stopped
            && let Err(fault) = self.cursor.end()
        {
            self.fail(&Place::root(shape), fault);
        }
        (self.deviations, self.dropped)
    }

    /// Reads an object with the members of the shape here. Calls `read` with the index of each member that is
    /// there and not null; `seen` has room for every member; `protocol` names keys that belong to the
    /// protocol. `false` where there is no object.
    pub fn structure(
        &mut self,
        at: &Place<'_>,
        seen: &mut [bool],
        protocol: &[&str],
        mut read: impl FnMut(&mut Self, &Place<'_>, usize),
    ) -> bool {
        let members = at.shape().members();
        let is_object = self.object(at, |reader, at, offset, key| {
            let Some((index, member)) = members.iter().enumerate().find(|(_, member)| member.name == key)
            else {
                if !protocol.contains(&key) {
                    reader.deviate(&at.unknown(key), offset, DeviationKind::UnknownMember);
                }
                reader.skip(at);
                return;
            };
            let at = at.member(member);
            if let Some(seen) = seen.get_mut(index)
                && std::mem::replace(seen, true)
            {
                reader.deviate(&at, offset, DeviationKind::DuplicateKey);
            }
            if !reader.null(&at, member) {
                read(reader, &at, index);
            }
        });
        if is_object && !self.stopped && self.direction == Direction::Response {
            for (member, _) in
                members.iter().zip(seen).filter(|(member, seen)| !**seen && is_required(member))
            {
                self.deviate(
                    &at.member(member),
                    self.cursor.position().saturating_sub(1),
                    DeviationKind::Missing,
                );
            }
        }
        is_object
    }

    /// Reads an array.
    pub fn list<T>(
        &mut self,
        at: &Place<'_>,
        mut read: impl FnMut(&mut Self, &Place<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.expect(at, JsonType::Array, "an array")?;
        self.enter(at)?;
        let mut elements = Vec::new();
        for index in 0.. {
            match self.cursor.next_element(index == 0) {
                Ok(true) => match read(self, &at.element(index)) {
                    Some(element) => elements.push(element),
                    None => self.dropped.push((at.pointer(), index)),
                },
                Ok(false) => break,
                Err(fault) => {
                    self.fail(at, fault);
                    break;
                }
            }
            if self.stopped {
                break;
            }
        }
        self.depth -= 1;
        Some(elements)
    }

    /// Reads an object with free keys.
    pub fn map<K: Ord + for<'k> From<&'k str>, V>(
        &mut self,
        at: &Place<'_>,
        mut read: impl FnMut(&mut Self, &Place<'_>) -> Option<V>,
    ) -> Option<BTreeMap<K, V>> {
        let mut entries = BTreeMap::new();
        let known = match at.shape().kind {
            ShapeKind::Map {
                key: Member { target: Shape { kind: ShapeKind::Enum { values }, id }, .. },
                ..
            } => Some((*values, *id)),
            _ => None,
        };
        let is_object = self.object(at, |reader, at, offset, key| {
            let at = at.entry(key);
            if let Some((values, shape)) = known
                && !values.contains(&key)
                && reader.direction == Direction::Response
            {
                let kind = DeviationKind::UnknownValue { value: shorten(key) };
                reader.deviations.push(Deviation { pointer: at.pointer(), shape, offset, kind });
            }
            let value = read(reader, &at);
            if entries.contains_key(&K::from(key)) {
                reader.deviate(&at, offset, DeviationKind::DuplicateKey);
            }
            if let Some(value) = value {
                entries.insert(K::from(key), value);
            }
        });
        is_object.then_some(entries)
    }

    /// Reads a string.
    pub fn string(&mut self, at: &Place<'_>) -> Option<String> {
        self.expect(at, JsonType::String, "a string")?;
        let text = self.cursor.string();
        let Text { text, flaw } = self.or_stop(at, text)?;
        if let Some(flaw) = flaw {
            self.deviate(at, flaw.offset, flaw.kind);
        }
        Some(text.into_owned())
    }

    /// Reads a value of an open enum.
    pub fn enumeration<T: From<String>>(&mut self, at: &Place<'_>) -> Option<T> {
        self.cursor_to_value(at)?;
        let offset = self.cursor.position();
        let text = self.string(at)?;
        if let ShapeKind::Enum { values } = at.shape().kind
            && self.direction == Direction::Response
            && !values.contains(&text.as_str())
        {
            self.deviate(at, offset, DeviationKind::UnknownValue { value: shorten(&text) });
        }
        Some(T::from(text))
    }

    /// Reads bytes in base64.
    pub fn blob(&mut self, at: &Place<'_>) -> Option<Blob> {
        self.cursor_to_value(at)?;
        let offset = self.cursor.position();
        let text = self.string(at)?;
        let blob = Blob::from_base64(&text);
        if blob.is_none() {
            self.deviate(at, offset, DeviationKind::BadEncoding { expected: "padded base64" });
        }
        blob
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, at: &Place<'_>) -> Option<bool> {
        self.expect(at, JsonType::Boolean, "a boolean")?;
        let literal = self.cursor.literal();
        self.or_stop(at, literal)?
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
        let value = self.real(at)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a value out of range becomes infinite and is refused"
        )]
        let narrow = value.0 as f32;
        self.finite(at, value.0.is_finite() && narrow.is_infinite(), &value.1)?;
        Some(narrow)
    }

    /// Reads a floating-point number of 64 bits.
    pub fn double(&mut self, at: &Place<'_>) -> Option<f64> {
        self.real(at).map(|(value, _)| value)
    }

    /// The value of a number, or of one of the three strings that stand for what JSON cannot say.
    fn real(&mut self, at: &Place<'_>) -> Option<(f64, (usize, String))> {
        if let Some(JsonType::String) = self.cursor_to_value(at) {
            let offset = self.cursor.position();
            let text = self.string(at)?;
            let value = match text.as_str() {
                "NaN" => f64::NAN,
                "Infinity" => f64::INFINITY,
                "-Infinity" => f64::NEG_INFINITY,
                _ => {
                    let kind = DeviationKind::WrongType { expected: "a number", actual: JsonType::String };
                    self.deviate(at, offset, kind);
                    return None;
                }
            };
            return Some((value, (offset, text)));
        }
        let (offset, text) = self.number(at)?;
        let told = (offset, text.to_owned());
        let value: f64 = text.parse().ok()?;
        self.finite(at, value.is_infinite(), &told)?;
        Some((value, told))
    }

    fn finite(&mut self, at: &Place<'_>, overflows: bool, (offset, text): &(usize, String)) -> Option<()> {
        if overflows {
            self.deviate(at, *offset, DeviationKind::OutOfRange { text: shorten(text) });
            return None;
        }
        Some(())
    }

    /// Reads epoch seconds. What is finer than a nanosecond is cut off, and said.
    pub fn timestamp(&mut self, at: &Place<'_>) -> Option<Timestamp> {
        let (offset, text) = self.number(at)?;
        let read = Timestamp::read(text);
        if !matches!(read, Some((_, true))) {
            self.deviate(at, offset, DeviationKind::OutOfRange { text: shorten(text) });
        }
        read.map(|(timestamp, _)| timestamp)
    }

    fn number(&mut self, at: &Place<'_>) -> Option<(usize, &'b str)> {
        self.expect(at, JsonType::Number, "a number")?;
        let offset = self.cursor.position();
        let number = self.cursor.number();
        Some((offset, self.or_stop(at, number)?))
    }

    /// Reads `null` where it stands and says so; a required member of a request that is null breaks a
    /// constraint, which the validator says.
    fn null(&mut self, at: &Place<'_>, member: &Member) -> bool {
        let Some(JsonType::Null) = self.cursor_to_value(at) else { return self.stopped };
        let offset = self.cursor.position();
        let literal = self.cursor.literal();
        if self.or_stop(at, literal).is_some()
            && !(self.direction == Direction::Request && is_required(member))
        {
            self.deviate(at, offset, DeviationKind::Null);
        }
        true
    }

    /// Reads an object: `each` is called past every key with its offset, and reads or skips the value.
    fn object(&mut self, at: &Place<'_>, mut each: impl FnMut(&mut Self, &Place<'_>, usize, &str)) -> bool {
        if self.expect(at, JsonType::Object, "an object").is_none() || self.enter(at).is_none() {
            return false;
        }
        let mut first = true;
        while !self.stopped {
            match self.cursor.next_key(first) {
                Ok(Some((offset, Text { text, flaw }))) => {
                    if let Some(flaw) = flaw {
                        self.deviate(&at.unknown(&text), flaw.offset, flaw.kind);
                    }
                    each(self, at, offset, &text);
                }
                Ok(None) => break,
                Err(fault) => self.fail(at, fault),
            }
            first = false;
        }
        self.depth -= 1;
        true
    }

    /// Reads over a value of any type.
    fn skip(&mut self, at: &Place<'_>) {
        let Some(kind) = self.cursor_to_value(at) else { return };
        match kind {
            JsonType::Null | JsonType::Boolean => {
                let literal = self.cursor.literal();
                self.or_stop(at, literal);
            }
            JsonType::Number => {
                let number = self.cursor.number();
                self.or_stop(at, number);
            }
            JsonType::String => {
                self.string_as_is(at);
            }
            JsonType::Array => {
                if self.enter(at).is_none() {
                    return;
                }
                self.cursor.open();
                let mut first = true;
                while !self.stopped {
                    match self.cursor.next_element(first) {
                        Ok(true) => self.skip(at),
                        Ok(false) => break,
                        Err(fault) => self.fail(at, fault),
                    }
                    first = false;
                }
                self.depth -= 1;
            }
            JsonType::Object => {
                // As a trait object: the function would otherwise be instantiated within itself without end.
                let each: &mut dyn FnMut(&mut Self, &Place<'_>, usize, &str) =
                    &mut |reader, at, _, _| reader.skip(at);
                self.object(at, each);
            }
        }
    }

    fn string_as_is(&mut self, at: &Place<'_>) {
        let text = self.cursor.string();
        if let Some(Text { flaw: Some(flaw), .. }) = self.or_stop(at, text) {
            self.deviate(at, flaw.offset, flaw.kind);
        }
    }

    /// Goes to a value of that type and, for an array or object, past its opening; skips a value of another.
    fn expect(&mut self, at: &Place<'_>, expected: JsonType, name: &'static str) -> Option<()> {
        let actual = self.cursor_to_value(at)?;
        if actual != expected {
            self.deviate(at, self.cursor.position(), DeviationKind::WrongType { expected: name, actual });
            self.skip(at);
            return None;
        }
        if matches!(actual, JsonType::Array | JsonType::Object) {
            self.cursor.open();
        }
        Some(())
    }

    fn cursor_to_value(&mut self, at: &Place<'_>) -> Option<JsonType> {
        if self.stopped {
            return None;
        }
        let kind = self.cursor.value_type();
        self.or_stop(at, kind)
    }

    fn enter(&mut self, at: &Place<'_>) -> Option<()> {
        if self.depth == MAXIMUM_DEPTH {
            let offset = self.cursor.position();
            self.fail(at, Fault { offset, kind: DeviationKind::TooDeep });
            return None;
        }
        self.depth += 1;
        Some(())
    }

    fn or_stop<T>(&mut self, at: &Place<'_>, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.fail(at, fault)).ok()
    }

    fn fail(&mut self, at: &Place<'_>, fault: Fault) {
        self.deviate(at, fault.offset, fault.kind);
        self.stopped = true;
        self.cursor.stop();
    }

    fn deviate(&mut self, at: &Place<'_>, offset: usize, kind: DeviationKind) {
        self.deviations.push(Deviation { pointer: at.pointer(), shape: at.shape().id, offset, kind });
    }
}

fn is_required(member: &Member) -> bool {
    member.constraints.iter().any(|constraint| matches!(constraint.kind, ConstraintKind::Required))
}
