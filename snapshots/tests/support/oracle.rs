//! The slow interpreter: what a reader must say of a document, what a validator must say of what was read, and what
//! a writer must write of it; found by walking the table.
//!
//! In: a [`Tree`], which no parser of this project has seen, and a shape of a table. Out: a [`Verdict`]. What must
//! stay true: nothing here shares a line with generated code or with what it leans on at run time; numbers, dates and
//! base64 are worked out digit by digit, and patterns run on the `regex` crate.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ecrspec_api::table::{ConstraintKind, Member, Shape, ShapeKind, Trait};
use ecrspec_api::{Direction, Pattern};

use super::tree::Tree;

/// What must be said of a document.
#[derive(Debug, Default, PartialEq)]
pub struct Verdict {
    /// What is written of what was read; nothing where the document is no object.
    pub written: Option<String>,
    /// Pointer, shape and what is wrong, in the order of the text.
    pub deviations: Vec<(String, String, String)>,
    /// Pointer, kind of the constraint and who declares it, in the order of the model.
    pub violations: Vec<Broken>,
}

/// Pointer, kind of the constraint and who declares it.
pub type Broken = (String, &'static str, &'static str);

/// Judges a whole body. The names belong to the protocol and are no deviation.
pub fn judge(tree: &Tree, shape: &'static Shape, direction: Direction, protocol: &[&'static str]) -> Verdict {
    let mut reading = Reading { direction, protocol: protocol.to_vec(), deviations: Vec::new() };
    let kept = reading.value(tree, shape, &[], "");
    let told = |pointer: &str, wanted: &dyn Fn(&str) -> bool| {
        reading.deviations.iter().any(|(other, _, what)| other == pointer && wanted(what))
    };
    let mut violations = kept.as_ref().map(|kept| kept.inside.clone()).unwrap_or_default();
    violations.retain(|(pointer, name, _)| match *name {
        "required" => !told(pointer, &|what| what != "twice"),
        "enum" => !told(pointer, &|what| what.starts_with("unknown value")),
        _ => true,
    });
    Verdict { written: kept.map(|kept| kept.tree.compact()), deviations: reading.deviations, violations }
}

/// A value that was read, as it is written, and what is broken inside of it.
struct Kept {
    tree: Tree,
    inside: Vec<Broken>,
}

impl Kept {
    fn leaf(tree: Tree) -> Self {
        Self { tree, inside: Vec::new() }
    }
}

struct Reading {
    direction: Direction,
    /// What the protocol adds to the members of the outermost structure.
    protocol: Vec<&'static str>,
    deviations: Vec<(String, String, String)>,
}

impl Reading {
    fn say(&mut self, pointer: &str, shape: &Shape, what: impl Into<String>) {
        self.deviations.push((pointer.to_owned(), shape.id.to_owned(), what.into()));
    }

    fn wrong(&mut self, tree: &Tree, shape: &Shape, pointer: &str, expected: &str) -> Option<Kept> {
        self.say(pointer, shape, format!("type: {expected}, not {}", tree.kind()));
        None
    }

    fn value(&mut self, tree: &Tree, shape: &'static Shape, traits: &[Trait], at: &str) -> Option<Kept> {
        match (&shape.kind, tree) {
            (ShapeKind::Structure { members }, Tree::Object(entries)) => {
                Some(self.structure(entries, members, shape, at))
            }
            (ShapeKind::Union { members }, Tree::Object(entries)) => self.union(entries, members, shape, at),
            (ShapeKind::Map { key, value }, Tree::Object(entries)) => Some(self.map(entries, key, value, at)),
            (ShapeKind::Structure { .. } | ShapeKind::Union { .. } | ShapeKind::Map { .. }, _) => {
                self.wrong(tree, shape, at, "an object")
            }
            (ShapeKind::List { member }, Tree::Array(elements)) => Some(self.list(elements, member, at)),
            (ShapeKind::List { .. }, _) => self.wrong(tree, shape, at, "an array"),
            (ShapeKind::Boolean, Tree::Boolean(_)) | (ShapeKind::String, Tree::Text(_)) => {
                Some(Kept::leaf(tree.clone()))
            }
            (ShapeKind::Boolean, _) => self.wrong(tree, shape, at, "a boolean"),
            (ShapeKind::Enum { values }, Tree::Text(text)) => {
                if self.direction == Direction::Response && !values.contains(&text.as_str()) {
                    self.say(at, shape, format!("unknown value {}", shortened(text)));
                }
                Some(Kept::leaf(tree.clone()))
            }
            (ShapeKind::Blob, Tree::Text(text)) => {
                self.encoded(is_base64(text).then(|| text.clone()), shape, at, "padded base64")
            }
            (ShapeKind::Timestamp, Tree::Text(text)) if traits.contains(&Trait::DateTime) => {
                self.encoded(date_time(text), shape, at, "a date and time of RFC 3339")
            }
            (ShapeKind::Timestamp, Tree::Text(text)) if traits.contains(&Trait::HttpDate) => {
                self.encoded(http_date(text), shape, at, "an HTTP date")
            }
            (ShapeKind::String | ShapeKind::Enum { .. } | ShapeKind::Blob, _) => {
                self.wrong(tree, shape, at, "a string")
            }
            (ShapeKind::Timestamp, _)
                if traits.contains(&Trait::DateTime) || traits.contains(&Trait::HttpDate) =>
            {
                self.wrong(tree, shape, at, "a string")
            }
            (ShapeKind::Document, _) => Some(Kept::leaf(tree.clone())),
            (ShapeKind::Float | ShapeKind::Double, Tree::Text(text))
                if ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()) =>
            {
                Some(Kept::leaf(tree.clone()))
            }
            (_, Tree::Number(text)) => self.number(text, shape, at),
            _ => self.wrong(tree, shape, at, "a number"),
        }
    }

    fn encoded(&mut self, text: Option<String>, shape: &Shape, at: &str, expected: &str) -> Option<Kept> {
        if text.is_none() {
            self.say(at, shape, format!("encoding: {expected}"));
        }
        text.map(|text| Kept::leaf(Tree::Text(text)))
    }

    fn number(&mut self, text: &str, shape: &Shape, at: &str) -> Option<Kept> {
        let exact = Exact::of(text);
        let bits = match &shape.kind {
            ShapeKind::Byte => 7,
            ShapeKind::Short => 15,
            ShapeKind::Integer | ShapeKind::IntEnum { .. } => 31,
            ShapeKind::Long => 63,
            ShapeKind::BigInteger if exact.whole().is_none() => {
                self.say(at, shape, format!("range {}", shortened(text)));
                return None;
            }
            ShapeKind::BigInteger | ShapeKind::BigDecimal => return Some(Kept::leaf(Tree::number(text))),
            ShapeKind::Float => {
                let value: f32 = text.parse().expect("a number");
                return self.real(value.is_finite().then(|| format!("{value:?}")), text, shape, at);
            }
            ShapeKind::Double => {
                let value: f64 = text.parse().expect("a number");
                return self.real(value.is_finite().then(|| format!("{value:?}")), text, shape, at);
            }
            ShapeKind::Timestamp => {
                let (nanoseconds, cut) = exact.nanoseconds();
                if cut {
                    self.say(at, shape, format!("range {}", shortened(text)));
                }
                return Some(Kept::leaf(Tree::number(seconds(nanoseconds))));
            }
            _ => return self.wrong(&Tree::number(text), shape, at, "a number"),
        };
        let bound = 1_i128 << bits;
        let Some(value) = exact.whole().filter(|value| (-bound..bound).contains(value)) else {
            self.say(at, shape, format!("range {}", shortened(text)));
            return None;
        };
        if text != value.to_string() {
            self.say(at, shape, format!("spelling {}", shortened(text)));
        }
        if let ShapeKind::IntEnum { values } = &shape.kind
            && self.direction == Direction::Response
            && values.iter().all(|known| i128::from(*known) != value)
        {
            self.say(at, shape, format!("unknown value {value}"));
        }
        Some(Kept::leaf(Tree::number(value)))
    }

    fn real(&mut self, value: Option<String>, text: &str, shape: &Shape, at: &str) -> Option<Kept> {
        if value.is_none() {
            self.say(at, shape, format!("range {}", shortened(text)));
        }
        value.map(|value| Kept::leaf(Tree::Number(value)))
    }

    fn structure(
        &mut self,
        entries: &[(String, Tree)],
        members: &'static [Member],
        shape: &'static Shape,
        at: &str,
    ) -> Kept {
        let protocol = std::mem::take(&mut self.protocol);
        let mut found: BTreeMap<usize, Option<Kept>> = BTreeMap::new();
        for (name, value) in entries {
            let pointer = below(at, name);
            let Some(index) = members.iter().position(|member| member.name == name) else {
                if !protocol.contains(&name.as_str()) {
                    self.say(&pointer, shape, "unknown member");
                }
                continue;
            };
            let member = &members[index];
            if found.contains_key(&index) {
                self.say(&pointer, member.target, "twice");
            }
            let kept = self.member(value, member, &pointer);
            let is_document = matches!(member.target.kind, ShapeKind::Document);
            // Of a document that is there twice, the last is null and no absence.
            let kept = match kept {
                None if found.contains_key(&index) && is_document => Some(Kept::leaf(Tree::Null)),
                other => other,
            };
            found.insert(index, kept);
        }
        let mut tree = Vec::new();
        let mut inside = Vec::new();
        for (index, member) in members.iter().enumerate() {
            let pointer = below(at, member.name);
            if !found.contains_key(&index) && self.direction == Direction::Response && is_required(member) {
                self.say(&pointer, member.target, "missing");
            }
            let Some(Some(kept)) = found.get(&index) else {
                let required = member.constraints.iter().filter(|one| one.kind.name() == "required");
                inside.extend(required.map(|one| (pointer.clone(), "required", one.declared_by)));
                continue;
            };
            let others: Vec<&str> = found
                .iter()
                .filter(|(other, kept)| **other != index && kept.is_some())
                .map(|(other, _)| members[*other].name)
                .collect();
            inside.extend(self.broken(&kept.tree, member, &others, &pointer));
            inside.extend(kept.inside.iter().cloned());
            tree.push((member.name.to_owned(), kept.tree.clone()));
        }
        Kept { tree: Tree::Object(tree), inside }
    }

    /// A member that may be null: absent then.
    fn member(&mut self, value: &Tree, member: &'static Member, pointer: &str) -> Option<Kept> {
        if *value == Tree::Null {
            if !(self.direction == Direction::Request && is_required(member)) {
                self.say(pointer, member.target, "null");
            }
            return None;
        }
        self.value(value, member.target, member.traits, pointer)
    }

    fn union(
        &mut self,
        entries: &[(String, Tree)],
        members: &'static [Member],
        shape: &'static Shape,
        at: &str,
    ) -> Option<Kept> {
        let mut count = 0;
        let mut last: Option<(String, Kept)> = None;
        for (name, value) in entries {
            let pointer = below(at, name);
            match members.iter().find(|member| member.name == name) {
                None if name == "__type" => {}
                None => {
                    self.say(&pointer, shape, "unknown member");
                    if *value != Tree::Null {
                        count += 1;
                        last.get_or_insert_with(|| (name.clone(), Kept::leaf(value.clone())));
                    }
                }
                Some(member) => {
                    count += usize::from(*value != Tree::Null);
                    if let Some(kept) = self.member(value, member, &pointer) {
                        let mut inside = self.broken(&kept.tree, member, &[], &pointer);
                        inside.extend(kept.inside);
                        last = Some((name.clone(), Kept { tree: kept.tree, inside }));
                    }
                }
            }
        }
        if count != 1 {
            self.say(at, shape, format!("{count} members"));
        }
        last.map(|(name, kept)| Kept { tree: Tree::Object(vec![(name, kept.tree)]), inside: kept.inside })
    }

    /// An element or an entry, if it is kept. Null in a sparse list or map is.
    fn held(&mut self, value: &Tree, member: &'static Member, pointer: &str) -> Option<Kept> {
        if *value == Tree::Null {
            if member.traits.contains(&Trait::Sparse) {
                return Some(Kept::leaf(Tree::Null));
            }
            if self.direction == Direction::Response && !matches!(member.target.kind, ShapeKind::Document) {
                self.say(pointer, member.target, "null");
                return None;
            }
        }
        self.value(value, member.target, member.traits, pointer)
    }

    /// What an element or an entry breaks; a gap in a sparse list or map breaks nothing.
    fn broken_in(&self, kept: &Kept, member: &Member, pointer: &str) -> Vec<Broken> {
        if kept.tree == Tree::Null && member.traits.contains(&Trait::Sparse) {
            return Vec::new();
        }
        let mut broken = self.broken(&kept.tree, member, &[], pointer);
        broken.extend(kept.inside.iter().cloned());
        broken
    }

    fn list(&mut self, elements: &[Tree], member: &'static Member, at: &str) -> Kept {
        let mut tree = Vec::new();
        let mut inside = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            let pointer = format!("{at}/{index}");
            if let Some(kept) = self.held(element, member, &pointer) {
                inside.extend(self.broken_in(&kept, member, &pointer));
                tree.push(kept.tree);
            }
        }
        Kept { tree: Tree::Array(tree), inside }
    }

    fn map(
        &mut self,
        entries: &[(String, Tree)],
        key: &'static Member,
        value: &'static Member,
        at: &str,
    ) -> Kept {
        let known = match key.target.kind {
            ShapeKind::Enum { values } => Some(values),
            _ => None,
        };
        let mut found: Vec<(String, Kept)> = Vec::new();
        for (name, tree) in entries {
            let pointer = below(at, name);
            if known.is_some_and(|values| !values.contains(&name.as_str()))
                && self.direction == Direction::Response
            {
                self.say(&pointer, key.target, format!("unknown value {}", shortened(name)));
            }
            if found.iter().any(|(other, _)| other == name) {
                self.say(&pointer, value.target, "twice");
            }
            let kept = self.held(tree, value, &pointer);
            found.retain(|(other, _)| other != name);
            found.extend(kept.map(|kept| (name.clone(), kept)));
        }
        // Known keys in the order of the model, others by their letters.
        let rank = |name: &str| known.and_then(|values| values.iter().position(|one| *one == name));
        found.sort_by(|(left, _), (right, _)| {
            let ranks = (rank(left).unwrap_or(usize::MAX), rank(right).unwrap_or(usize::MAX));
            ranks.0.cmp(&ranks.1).then(left.cmp(right))
        });
        let mut tree = Vec::new();
        let mut inside = Vec::new();
        for (name, kept) in found {
            let pointer = below(at, &name);
            inside.extend(self.broken(&Tree::text(name.as_str()), key, &[], &pointer));
            inside.extend(self.broken_in(&kept, value, &pointer));
            tree.push((name, kept.tree));
        }
        Kept { tree: Tree::Object(tree), inside }
    }

    /// The constraints that a value of that member breaks, but for required.
    fn broken(&self, value: &Tree, member: &Member, others: &[&str], pointer: &str) -> Vec<Broken> {
        let binds = |request_only: bool| !request_only || self.direction == Direction::Request;
        let constraints = member.constraints.iter().filter(|one| binds(one.request_only));
        let broken = constraints.filter(|one| !holds(&one.kind, value, &member.target.kind, others));
        broken.map(|one| (pointer.to_owned(), one.kind.name(), one.declared_by)).collect()
    }
}

fn is_required(member: &Member) -> bool {
    member.constraints.iter().any(|constraint| constraint.kind.name() == "required")
}

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn holds(kind: &ConstraintKind, value: &Tree, shape: &ShapeKind, others: &[&str]) -> bool {
    let length = || match (shape, value) {
        (ShapeKind::Blob, Tree::Text(text)) => text.len() / 4 * 3 - text.matches('=').count(),
        (_, Tree::Text(text)) => text.chars().count(),
        (_, Tree::Array(elements)) => elements.len(),
        (_, Tree::Object(entries)) => entries.len(),
        _ => 0,
    } as u64;
    // How the value stands to a bound; nothing where it is no number.
    let compared = |bound: i64| match value {
        Tree::Number(text) => Some(Exact::of(text).compare(bound)),
        Tree::Text(text) if text == "Infinity" => Some(std::cmp::Ordering::Greater),
        Tree::Text(text) if text == "-Infinity" => Some(std::cmp::Ordering::Less),
        _ => None,
    };
    match kind {
        ConstraintKind::MinLength(bound) => length() >= *bound,
        ConstraintKind::MaxLength(bound) => length() <= *bound,
        ConstraintKind::Minimum(bound) => compared(*bound).is_some_and(std::cmp::Ordering::is_ge),
        ConstraintKind::Maximum(bound) => compared(*bound).is_some_and(std::cmp::Ordering::is_le),
        ConstraintKind::Pattern(pattern) => match value {
            Tree::Text(text) => matches(pattern, text),
            _ => true,
        },
        ConstraintKind::Enum(values) => {
            matches!(value, Tree::Text(text) if values.contains(&text.as_str()))
        }
        ConstraintKind::IntEnum(values) => {
            matches!(value, Tree::Number(text) if values.iter().any(|known| known.to_string() == *text))
        }
        ConstraintKind::UniqueItems => match value {
            Tree::Array(elements) => {
                let texts: Vec<String> = elements.iter().map(Tree::compact).collect();
                texts.iter().enumerate().all(|(index, text)| !texts[..index].contains(text))
            }
            _ => true,
        },
        ConstraintKind::Excludes(siblings) => siblings.iter().all(|sibling| !others.contains(sibling)),
        _ => true,
    }
}

/// Whether a text matches, as the `regex` crate sees it. A pattern that this crate does not take, its automaton
/// judges; `.ci/patterns.py` has those judged by Python.
fn matches(pattern: &'static Pattern, text: &str) -> bool {
    thread_local! {
        static MADE: RefCell<BTreeMap<(&'static str, bool), Option<regex::Regex>>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        let regex = made.entry((pattern.source, pattern.full)).or_insert_with(|| {
            let source = ascii(pattern.source);
            let source = if pattern.full { format!("\\A(?:{source})\\z") } else { source };
            regex::RegexBuilder::new(&source).size_limit(1 << 26).build().ok()
        });
        regex.as_ref().map_or_else(|| pattern.matches(text), |regex| regex.is_match(text))
    })
}

/// The pattern with sets of ASCII where the `regex` crate has sets of Unicode, and with dashes that mean
/// themselves said so.
fn ascii(source: &str) -> String {
    let sets = [
        (r"\d", "[0-9]"),
        (r"\w", "[0-9A-Za-z_]"),
        (r"\s", r"[\t\n\x0B\x0C\r ]"),
        (r"\D", "[^0-9]"),
        (r"\W", "[^0-9A-Za-z_]"),
        (r"\S", r"[^\t\n\x0B\x0C\r ]"),
        ("0-9-_", r"0-9\-_"),
        ("9-.", r"9\-."),
    ];
    sets.iter().fold(source.to_owned(), |source, (from, to)| source.replace(from, to))
}

fn shortened(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= 80 { text.to_owned() } else { letters[..77].iter().collect::<String>() + "..." }
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let value = |letter: char| match letter {
        'A'..='Z' => Some(u32::from(letter) - u32::from('A')),
        'a'..='z' => Some(u32::from(letter) - u32::from('a') + 26),
        '0'..='9' => Some(u32::from(letter) - u32::from('0') + 52),
        '+' => Some(62),
        '/' => Some(63),
        _ => None,
    };
    let values: Option<Vec<u32>> = digits.chars().map(value).collect();
    let Some(values) = values else { return false };
    // With two or three digits in the last group, four or two bits of it are left over and must be zero.
    let spare = match values.len() % 4 {
        0 => 1,
        2 => 16,
        3 => 4,
        _ => return false,
    };
    text.len() == values.len().div_ceil(4) * 4 && values.last().is_none_or(|last| last % spare == 0)
}

/// A number as its digits and the power of ten of the last.
struct Exact {
    negative: bool,
    digits: Vec<u8>,
    power: i64,
}

impl Exact {
    fn of(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let lower = text.to_lowercase();
        let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        let exponent: i64 = exponent.parse().expect("a small exponent");
        let mut power = exponent - i64::try_from(fraction.len()).expect("a short fraction");
        while digits.last() == Some(&0) {
            digits.pop();
            power += 1;
        }
        Self { negative, digits, power }
    }

    /// The digits before the point, once the value is multiplied by a power of ten, and whether others follow.
    fn shifted(&self, by: i64) -> Option<(i128, bool)> {
        let mut value: i128 = 0;
        let power = self.power + by;
        let cut = usize::try_from(-power).unwrap_or(0).min(self.digits.len());
        for digit in &self.digits[..self.digits.len() - cut] {
            value = value.checked_mul(10)?.checked_add(i128::from(*digit))?;
        }
        if value != 0 {
            value = value.checked_mul(10_i128.checked_pow(u32::try_from(power.max(0)).ok()?)?)?;
        }
        Some((if self.negative { -value } else { value }, cut > 0))
    }

    fn whole(&self) -> Option<i128> {
        match self.shifted(0) {
            Some((value, false)) => Some(value),
            // Too long for the type, but whole.
            None if self.power >= 0 => Some(i128::MAX),
            _ => None,
        }
    }

    /// Rounded down, and whether something was cut off.
    fn nanoseconds(&self) -> (i128, bool) {
        let (value, cut) = self.shifted(9).expect("a time that fits");
        (if self.negative && cut { value - 1 } else { value }, cut)
    }

    fn compare(&self, bound: i64) -> std::cmp::Ordering {
        let beyond = if self.negative { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
        let Some((value, cut)) = self.shifted(0) else { return beyond };
        value.cmp(&i128::from(bound)).then(if cut { beyond } else { std::cmp::Ordering::Equal })
    }
}

fn seconds(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let digits = format!("{:010}", nanoseconds.abs());
    let (seconds, rest) = digits.split_at(digits.len() - 9);
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { format!("{sign}{seconds}") } else { format!("{sign}{seconds}.{rest}") }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// How many days a month has.
fn length(year: i64, month: usize) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
}

/// One minute earlier or later, counted on the calendar.
struct Calendar {
    year: i64,
    /// From 0.
    month: usize,
    day: i64,
    minute: i64,
}

impl Calendar {
    /// Puts a minute before midnight or behind the next one into its day.
    fn settle(&mut self) {
        while self.minute < 0 {
            self.minute += 24 * 60;
            self.day -= 1;
            if self.day == 0 {
                (self.year, self.month) =
                    if self.month == 0 { (self.year - 1, 11) } else { (self.year, self.month - 1) };
                self.day = length(self.year, self.month);
            }
        }
        while self.minute >= 24 * 60 {
            self.minute -= 24 * 60;
            self.day += 1;
            if self.day > length(self.year, self.month) {
                self.day = 1;
                (self.year, self.month) =
                    if self.month == 11 { (self.year + 1, 0) } else { (self.year, self.month + 1) };
            }
        }
    }

    /// The day of the week, counted from 1 January of the year 0, a Saturday.
    fn weekday(&self) -> &'static str {
        let mut days = 5;
        for year in 0..self.year {
            days += if length(year, 1) == 29 { 366 } else { 365 };
        }
        for month in 0..self.month {
            days += length(self.year, month);
        }
        DAYS[usize::try_from((days + self.day - 1) % 7).expect("a day of the week")]
    }
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Hours and minutes as minutes, and the seconds as they are written: a leap second as the one before it.
fn time_of_day(text: &str) -> Option<(i64, String)> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, rest)| (clock, Some(rest)));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return None };
    let (hours, minutes, seconds) = (digits(hours, 2)?, digits(minutes, 2)?, digits(seconds, 2)?);
    if hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let mut text = format!("{:02}", seconds.min(59));
    if let Some(fraction) = fraction {
        let kept = fraction.trim_end_matches('0');
        if fraction.is_empty() || kept.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if !kept.is_empty() {
            text = format!("{text}.{kept}");
        }
    }
    Some((hours * 60 + minutes, text))
}

fn date_time(text: &str) -> Option<String> {
    let text = text.to_ascii_uppercase();
    let (date, rest) = text.split_once('T')?;
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let month = usize::try_from(month - 1).ok().filter(|month| *month < 12)?;
    if day < 1 || day > length(year, month) {
        return None;
    }
    let (clock, offset) = if let Some(clock) = rest.strip_suffix('Z') {
        (clock, 0)
    } else {
        let at = rest.find(['+', '-'])?;
        let (clock, zone) = rest.split_at(at);
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        (clock, (hours * 60 + minutes) * if zone.starts_with('+') { 1 } else { -1 })
    };
    let (minute, seconds) = time_of_day(clock)?;
    let mut calendar = Calendar { year, month, day, minute: minute - offset };
    calendar.settle();
    let Calendar { year, month, day, minute } = calendar;
    Some(format!("{year:04}-{:02}-{day:02}T{:02}:{:02}:{seconds}Z", month + 1, minute / 60, minute % 60))
}

fn http_date(text: &str) -> Option<String> {
    let (weekday, rest) = text.split_once(", ")?;
    DAYS.contains(&weekday).then_some(())?;
    let parts: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, clock, "GMT"] = parts.as_slice() else { return None };
    let (day, year) = (digits(day, 2)?, digits(year, 4)?);
    let month = MONTHS.iter().position(|name| name == month)?;
    if day < 1 || day > length(year, month) {
        return None;
    }
    let (minute, seconds) = time_of_day(clock)?;
    let calendar = Calendar { year, month, day, minute };
    Some(format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{seconds} GMT",
        calendar.weekday(),
        MONTHS[month],
        minute / 60,
        minute % 60
    ))
}
