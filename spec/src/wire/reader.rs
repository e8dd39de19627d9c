//! Reads typed values and keeps what is wrong with them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Cursor, Fault, FromText, MAXIMUM_DEPTH, Place, Text, shorten};
use crate::table::{ConstraintKind, Member, Shape, ShapeKind};
use crate::{Deviation, DeviationKind, Direction, Document, JsonType};

/// The elements of lists that could not be read: their indexes by the pointer of the list.
pub(super) type Dropped = BTreeMap<String, Vec<usize>>;

/// Reads one body. Generated code drives it.
#[derive(Debug)]
pub struct Reader<'b> {
    pub(super) cursor: Cursor<'b>,
    depth: usize,
    pub(super) direction: Direction,
    /// Set once the bytes are no JSON from here on: what is then missing was perhaps cut off.
    stopped: bool,
    deviations: Vec<Deviation>,
    dropped: Dropped,
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
            dropped: Dropped::new(),
        }
    }

    /// Ends the reading: whatever follows the value is a deviation. Also gives the elements that were dropped.
    pub(super) fn finish(mut self, shape: &'static Shape) -> (Vec<Deviation>, Dropped) {
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
        read: &mut dyn FnMut(&mut Self, &Place<'_>, usize),
    ) -> bool {
        if self.expect(at, JsonType::Object, "an object").is_none() || self.enter(at).is_none() {
            return false;
        }
        let members = at.shape().members();
        // Members mostly come in the order of the model: the one after the last is tried first.
        let mut likely = 0;
        let mut first = true;
        while !self.stopped {
            let expected = members.get(likely);
            if let Some(member) = expected
                && let Some(offset) = self.cursor.likely_key(first, member.name)
            {
                self.member(at, (likely, member), offset, seen, read);
                likely += 1;
            } else {
                let Some((offset, key)) = self.key(at, first) else { break };
                if let Some(found) = find(members, likely, &key) {
                    likely = found.0 + 1;
                    self.member(at, found, offset, seen, read);
                } else {
                    let at = at.unknown(&key);
                    if !protocol.contains(&key.as_ref()) {
                        self.deviate(&at, offset, DeviationKind::UnknownMember);
                    }
                    self.skip(&at);
                }
            }
            first = false;
        }
        self.depth -= 1;
        if !self.stopped && self.direction == Direction::Response {
            let missing = members.iter().zip(seen).filter(|(member, seen)| !**seen && is_required(member));
            for (member, _) in missing {
                let offset = self.cursor.position().saturating_sub(1);
                self.deviate(&at.member(member), offset, DeviationKind::Missing);
            }
        }
        true
    }

    /// Reads one member of a structure, its key read. Of a key that is there twice the last counts, null too.
    fn member(
        &mut self,
        at: &Place<'_>,
        (index, member): (usize, &'static Member),
        offset: usize,
        seen: &mut [bool],
        read: &mut dyn FnMut(&mut Self, &Place<'_>, usize),
    ) {
        let at = at.member(member);
        let again = seen.get_mut(index).is_some_and(|seen| std::mem::replace(seen, true));
        if again {
            self.again(&at, offset);
            if let Some(JsonType::Null) = self.cursor_to_value(&at) {
                // Read as what it is not, it is nothing; and nothing else is kept of that reading.
                let (start, told) = (self.cursor.clone(), self.deviations.len());
                read(self, &at, index);
                self.deviations.truncate(told);
                self.cursor = start;
            }
        }
        if !self.null(&at, member) {
            read(self, &at, index);
        }
    }

    /// Reads an object with one member of the union here. `unknown` makes a value of one that the union does
    /// not have. `__type` belongs to the protocol.
    pub fn union<T>(
        &mut self,
        at: &Place<'_>,
        read: fn(&mut Self, &Place<'_>, usize) -> Option<T>,
        unknown: fn(String, Document) -> T,
    ) -> Option<T> {
        let members = at.shape().members();
        self.cursor_to_value(at)?;
        let start = self.cursor.position();
        let mut value = None;
        let mut count = 0;
        let is_object = self.object(at, &mut |reader, at, offset, key| {
            if let Some((index, member)) = members.iter().enumerate().find(|(_, member)| member.name == key) {
                let at = at.member(member);
                if !reader.null(&at, member) {
                    count += 1;
                    reader.forget(&at);
                    value = read(reader, &at, index).or(value.take());
                }
                return;
            }
            let at = at.unknown(key);
            if key == "__type" {
                reader.skip(&at);
                return;
            }
            reader.deviate(&at, offset, DeviationKind::UnknownMember);
            if let Some(document) = reader.document(&at).filter(|document| *document != Document::Null) {
                count += 1;
                value.get_or_insert_with(|| unknown(key.to_owned(), document));
            }
        });
        if is_object && count != 1 && !self.stopped {
            self.deviate(at, start, DeviationKind::NotOneMember { count });
        }
        value
    }

    /// Reads an array. A null in it is an element that is not there.
    pub fn list<T>(
        &mut self,
        at: &Place<'_>,
        read: fn(&mut Self, &Place<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut list = Vec::new();
        let is_array = self.elements(at, &mut |reader, at| {
            let element = if reader.absent(at) { None } else { read(reader, at) };
            element.map(|element| list.push(element)).is_some()
        });
        is_array.then_some(list)
    }

    /// Reads an array with room for null.
    pub fn sparse_list<T>(
        &mut self,
        at: &Place<'_>,
        read: fn(&mut Self, &Place<'_>) -> Option<T>,
    ) -> Option<Vec<Option<T>>> {
        let mut list = Vec::new();
        let is_array = self.elements(at, &mut |reader, at| {
            let element = if reader.take_null(at) { Some(None) } else { read(reader, at).map(Some) };
            element.map(|element| list.push(element)).is_some()
        });
        is_array.then_some(list)
    }

    /// Reads an array: `each` reads one element and says whether there is one.
    pub(super) fn elements(
        &mut self,
        at: &Place<'_>,
        each: &mut dyn FnMut(&mut Self, &Place<'_>) -> bool,
    ) -> bool {
        if self.expect(at, JsonType::Array, "an array").is_none() || self.enter(at).is_none() {
            return false;
        }
        let mut dropped = Vec::new();
        for index in 0.. {
            match self.cursor.next_element(index == 0) {
                Ok(true) => {
                    if !each(self, &at.element(index)) {
                        dropped.push(index);
                    }
                }
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
        if !dropped.is_empty() {
            self.dropped.insert(at.pointer(), dropped);
        }
        self.depth -= 1;
        true
    }

    /// Reads an object with free keys. A null in it is an entry that is not there.
    pub fn map<K: Ord + FromText, V>(
        &mut self,
        at: &Place<'_>,
        read: fn(&mut Self, &Place<'_>) -> Option<V>,
    ) -> Option<BTreeMap<K, V>> {
        let mut map = BTreeMap::new();
        let is_object = self.object(at, &mut |reader, at, offset, key| {
            let entry = reader.entry(at, offset, key, &mut map);
            let at = &at.entry(key);
            let value = if reader.absent(at) { None } else { read(reader, at) };
            put(entry, value);
        });
        is_object.then_some(map)
    }

    /// Reads an object with free keys and room for null.
    pub fn sparse_map<K: Ord + FromText, V>(
        &mut self,
        at: &Place<'_>,
        read: fn(&mut Self, &Place<'_>) -> Option<V>,
    ) -> Option<BTreeMap<K, Option<V>>> {
        let mut map = BTreeMap::new();
        let is_object = self.object(at, &mut |reader, at, offset, key| {
            let entry = reader.entry(at, offset, key, &mut map);
            let at = &at.entry(key);
            let value = if reader.take_null(at) { Some(None) } else { read(reader, at).map(Some) };
            put(entry, value);
        });
        is_object.then_some(map)
    }

    /// The place of a key in the map that is read, and what is wrong with the key.
    fn entry<'m, K: Ord + FromText, V>(
        &mut self,
        at: &Place<'_>,
        offset: usize,
        key: &str,
        map: &'m mut BTreeMap<K, V>,
    ) -> Entry<'m, K, V> {
        let entry = map.entry(K::from(key));
        if self.direction == Direction::Response && !entry.key().is_known() {
            let shape = match at.shape().kind {
                ShapeKind::Map { key, .. } => key.target.id,
                _ => at.shape().id,
            };
            let kind = DeviationKind::UnknownValue { value: shorten(key) };
            self.deviate_from(&at.entry(key), shape, offset, kind);
        }
        if let Entry::Occupied(_) = entry {
            self.again(&at.entry(key), offset);
        }
        entry
    }

    /// Says that a key is there already: what comes now counts, and what was dropped of the first does not.
    fn again(&mut self, at: &Place<'_>, offset: usize) {
        self.deviate(at, offset, DeviationKind::DuplicateKey);
        self.forget(at);
    }

    fn forget(&mut self, at: &Place<'_>) {
        if self.dropped.is_empty() {
            return;
        }
        let pointer = at.pointer();
        // In the order of bytes a zero comes after a slash.
        let within = format!("{pointer}/")..format!("{pointer}0");
        let within: Vec<String> = self.dropped.range(within).map(|(list, _)| list.clone()).collect();
        for list in within.iter().chain([&pointer]) {
            self.dropped.remove(list);
        }
    }

    #[inline]
    pub(super) fn number(&mut self, at: &Place<'_>) -> Option<(usize, &'b str)> {
        self.expect(at, JsonType::Number, "a number")?;
        let offset = self.cursor.position();
        let number = self.cursor.number();
        Some((offset, self.or_stop(at, number)?))
    }

    /// Reads `null` where it stands and says so; a required member of a request that is null breaks a
    /// constraint, which the validator says.
    #[inline]
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

    /// Reads a null that stands for an element or an entry that is not there. In a request it is one of the
    /// wrong type. Among documents it is one.
    #[inline]
    fn absent(&mut self, at: &Place<'_>) -> bool {
        if self.direction == Direction::Request || matches!(at.shape().kind, ShapeKind::Document) {
            return false;
        }
        let is_null = self.take_null(at);
        if is_null {
            let offset = self.cursor.position().saturating_sub("null".len());
            self.deviate(at, offset, DeviationKind::Null);
        }
        is_null
    }

    fn take_null(&mut self, at: &Place<'_>) -> bool {
        let Some(JsonType::Null) = self.cursor_to_value(at) else { return false };
        let literal = self.cursor.literal();
        self.or_stop(at, literal).is_some()
    }

    /// Reads an object: `each` is called past every key with its offset, and reads or skips the value.
    pub(super) fn object(
        &mut self,
        at: &Place<'_>,
        each: &mut dyn FnMut(&mut Self, &Place<'_>, usize, &str),
    ) -> bool {
        if self.expect(at, JsonType::Object, "an object").is_none() || self.enter(at).is_none() {
            return false;
        }
        let mut first = true;
        while let Some((offset, key)) = self.key(at, first) {
            each(self, at, offset, &key);
            first = false;
        }
        self.depth -= 1;
        true
    }

    /// Reads the next key of an object; nothing past its end, or where the reading stopped. Also its offset.
    fn key(&mut self, at: &Place<'_>, first: bool) -> Option<(usize, Cow<'b, str>)> {
        if self.stopped {
            return None;
        }
        if let Some((offset, key)) = self.cursor.plain_key(first) {
            return Some((offset, Cow::Borrowed(key)));
        }
        let key = self.cursor.next_key(first);
        let (offset, Text { text, flaw }) = self.or_stop(at, key)??;
        if let Some(flaw) = flaw {
            self.deviate(&at.unknown(&text), flaw.offset, flaw.kind);
        }
        Some((offset, text))
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
                self.object(at, &mut |reader, at, _, _| reader.skip(at));
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
    #[inline]
    pub(super) fn expect(&mut self, at: &Place<'_>, expected: JsonType, name: &'static str) -> Option<()> {
        let actual = self.cursor_to_value(at)?;
        if actual != expected {
            self.unexpected(at, actual, name);
            return None;
        }
        if matches!(actual, JsonType::Array | JsonType::Object) {
            self.cursor.open();
        }
        Some(())
    }

    #[cold]
    fn unexpected(&mut self, at: &Place<'_>, actual: JsonType, name: &'static str) {
        self.deviate(at, self.cursor.position(), DeviationKind::WrongType { expected: name, actual });
        self.skip(at);
    }

    #[inline]
    pub(super) fn cursor_to_value(&mut self, at: &Place<'_>) -> Option<JsonType> {
        if self.stopped {
            return None;
        }
        let kind = self.cursor.value_type();
        self.or_stop(at, kind)
    }

    #[inline]
    fn enter(&mut self, at: &Place<'_>) -> Option<()> {
        if self.depth == MAXIMUM_DEPTH {
            let offset = self.cursor.position();
            self.fail(at, Fault { offset, kind: DeviationKind::TooDeep });
            return None;
        }
        self.depth += 1;
        Some(())
    }

    #[inline]
    pub(super) fn or_stop<T>(&mut self, at: &Place<'_>, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.fail(at, fault)).ok()
    }

    #[cold]
    fn fail(&mut self, at: &Place<'_>, fault: Fault) {
        self.deviate(at, fault.offset, fault.kind);
        self.stopped = true;
        self.cursor.stop();
    }

    #[cold]
    pub(super) fn deviate(&mut self, at: &Place<'_>, offset: usize, kind: DeviationKind) {
        self.deviate_from(at, at.shape().id, offset, kind);
    }

    /// A deviation from another shape than that of the place; what the model calls sensitive is not in it.
    fn deviate_from(&mut self, at: &Place<'_>, shape: &'static str, offset: usize, kind: DeviationKind) {
        let kind = if at.is_secret() { kind.redacted() } else { kind };
        self.deviations.push(Deviation { pointer: at.pointer(), shape, offset, kind });
    }
}

/// Of a key that is there twice, the last counts.
fn put<K: Ord, V>(entry: Entry<'_, K, V>, value: Option<V>) {
    match (entry, value) {
        (entry, Some(value)) => {
            entry.insert_entry(value);
        }
        (Entry::Occupied(entry), None) => {
            entry.remove();
        }
        (Entry::Vacant(_), None) => {}
    }
}

/// The member of that name, the likely one looked at first.
fn find(members: &'static [Member], likely: usize, name: &str) -> Option<(usize, &'static Member)> {
    let is_it = |(_, member): &(usize, &Member)| member.name == name;
    let guess = members.get(likely).map(|member| (likely, member)).filter(is_it);
    guess.or_else(|| members.iter().enumerate().find(is_it))
}

fn is_required(member: &Member) -> bool {
    member.constraints.iter().any(|constraint| matches!(constraint.kind, ConstraintKind::Required))
}
