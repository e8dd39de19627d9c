//! Documents made from the table: right ones, and ones with as many faults as are asked for.

use ecrspec_api::Pattern;
use ecrspec_api::table::{ConstraintKind, Member, Shape, ShapeKind, Trait};

use super::dice::Dice;
use super::tree::Tree;

/// How deep a document goes before it ends where it can.
const DEPTH: usize = 5;

/// What makes documents.
pub struct Maker<'d> {
    pub dice: &'d mut Dice,
    /// One value in so many is wrong in some way; none where it is zero.
    pub faults: usize,
    /// The values that may still be made: a document of a large model would otherwise have no end.
    budget: usize,
}

impl<'d> Maker<'d> {
    pub fn new(dice: &'d mut Dice, faults: usize) -> Self {
        Self { dice, faults, budget: 120 }
    }

    /// A document of that shape.
    pub fn document(&mut self, shape: &'static Shape) -> Tree {
        if self.is_faulty() && self.dice.one_in(8) {
            return self.anything(2);
        }
        self.value(shape, &[], &[], 0)
    }

    fn is_faulty(&mut self) -> bool {
        self.faults > 0 && self.dice.one_in(self.faults)
    }

    fn of(&mut self, member: &'static Member, depth: usize) -> Tree {
        if self.is_faulty() {
            return match self.dice.below(3) {
                0 => Tree::Null,
                1 => self.anything(2),
                _ => self.odd(member),
            };
        }
        let constraints: Vec<&ConstraintKind> = member.constraints.iter().map(|one| &one.kind).collect();
        self.value(member.target, member.traits, &constraints, depth)
    }

    fn value(
        &mut self,
        shape: &'static Shape,
        traits: &[Trait],
        constraints: &[&'static ConstraintKind],
        depth: usize,
    ) -> Tree {
        self.budget = self.budget.saturating_sub(1);
        match shape.kind {
            ShapeKind::Structure { members } => self.structure(members, depth),
            ShapeKind::Union { members: [] } => Tree::Object(Vec::new()),
            ShapeKind::Union { members } => self.union(members, depth),
            ShapeKind::List { member } => {
                let count = self.count(constraints, depth);
                let mut elements: Vec<Tree> = Vec::new();
                for _ in 0..count {
                    let element = self.held(member, depth + 1);
                    elements.push(element);
                }
                Tree::Array(elements)
            }
            ShapeKind::Map { key, value } => self.map(key, value, constraints, depth),
            ShapeKind::String => Tree::Text(self.text(constraints)),
            ShapeKind::Enum { values: [] } => Tree::text("x"),
            ShapeKind::Enum { values } => Tree::text(*self.dice.choose(values)),
            ShapeKind::IntEnum { values } => Tree::number(*self.dice.choose(values)),
            ShapeKind::Blob => {
                let length = self.length(constraints);
                let bytes: Vec<u8> =
                    (0..length).map(|_| u8::try_from(self.dice.below(256)).expect("a byte")).collect();
                Tree::Text(base64(&bytes))
            }
            ShapeKind::Boolean => Tree::Boolean(self.dice.one_in(2)),
            ShapeKind::Byte => self.whole(constraints, i8::MIN.into(), i8::MAX.into()),
            ShapeKind::Short => self.whole(constraints, i16::MIN.into(), i16::MAX.into()),
            ShapeKind::Integer => self.whole(constraints, i32::MIN.into(), i32::MAX.into()),
            ShapeKind::Long => self.whole(constraints, i64::MIN.into(), i64::MAX.into()),
            ShapeKind::Float => {
                let real = self.dice.between(-1_000_000, 1_000_000);
                #[expect(clippy::cast_precision_loss, reason = "any number will do")]
                let real = real as f32 / 64.0;
                Tree::Number(format!("{real:?}"))
            }
            ShapeKind::Double => {
                let choices = ["0.0", "1.5", "-2.5e-8", "1e300", "0.1"];
                Tree::number(*self.dice.choose(&choices))
            }
            ShapeKind::BigInteger => Tree::number(self.dice.between(i128::MIN / 4, i128::MAX / 4)),
            ShapeKind::BigDecimal => Tree::Number(format!("{}e-7", self.dice.between(-(1 << 90), 1 << 90))),
            ShapeKind::Timestamp => self.time(traits),
            // A document that is null is a member that is absent.
            ShapeKind::Document => Tree::Array(vec![self.anything(3)]),
            _ => Tree::Null,
        }
    }

    fn structure(&mut self, members: &'static [Member], depth: usize) -> Tree {
        let mut entries = Vec::new();
        for member in members {
            let required = member.constraints.iter().any(|one| matches!(one.kind, ConstraintKind::Required));
            let enough = self.budget == 0 || depth > DEPTH;
            // Deep down only what must be there is; a required member that recurses ends by the budget.
            let leave_out =
                if required { self.is_faulty() || depth > 2 * DEPTH } else { enough || self.dice.one_in(2) };
            if !leave_out {
                entries.push((member.name.to_owned(), self.of(member, depth + 1)));
            }
        }
        if self.is_faulty() {
            entries.push((self.name(), self.anything(2)));
        }
        if self.is_faulty() && !entries.is_empty() {
            let (name, value) = self.dice.choose(&entries).clone();
            let value = if self.dice.one_in(2) { value } else { self.anything(1) };
            entries.push((name, value));
        }
        if self.is_faulty() && !entries.is_empty() {
            let turn = self.dice.below(entries.len());
            entries.rotate_left(turn);
        }
        Tree::Object(entries)
    }

    fn union(&mut self, members: &'static [Member], depth: usize) -> Tree {
        let leaves: Vec<&'static Member> = members.iter().filter(|one| is_leaf(one.target)).collect();
        let member = if (depth > DEPTH || self.budget == 0) && !leaves.is_empty() {
            leaves[self.dice.below(leaves.len())]
        } else {
            self.dice.choose(members)
        };
        let mut entries = vec![(member.name.to_owned(), self.of(member, depth + 1))];
        if self.is_faulty() {
            let other = self.dice.choose(members);
            entries.push((other.name.to_owned(), self.of(other, depth + 1)));
        }
        if self.is_faulty() {
            let name = if self.dice.one_in(3) { "__type".to_owned() } else { self.name() };
            entries.insert(self.dice.below(entries.len() + 1), (name, self.anything(2)));
        }
        if self.is_faulty() && self.dice.one_in(3) {
            entries.clear();
        }
        Tree::Object(entries)
    }

    fn map(
        &mut self,
        key: &'static Member,
        value: &'static Member,
        constraints: &[&'static ConstraintKind],
        depth: usize,
    ) -> Tree {
        let count = self.count(constraints, depth);
        let mut entries: Vec<(String, Tree)> = Vec::new();
        for _ in 0..count {
            let name = match key.target.kind {
                ShapeKind::Enum { values } if !values.is_empty() && !self.is_faulty() => {
                    (*self.dice.choose(values)).to_owned()
                }
                _ => {
                    let constraints: Vec<&ConstraintKind> =
                        key.constraints.iter().map(|one| &one.kind).collect();
                    self.text(&constraints)
                }
            };
            if self.faults > 0 || entries.iter().all(|(other, _)| *other != name) {
                entries.push((name, self.held(value, depth + 1)));
            }
        }
        if self.faults == 0 {
            // As a map of the model has them: by their letters, or by the order of the enum.
            let rank = |name: &str| match key.target.kind {
                ShapeKind::Enum { values } => {
                    values.iter().position(|one| *one == name).unwrap_or(usize::MAX)
                }
                _ => 0,
            };
            entries.sort_by(|(left, _), (right, _)| rank(left).cmp(&rank(right)).then(left.cmp(right)));
        }
        Tree::Object(entries)
    }

    /// An element or an entry.
    fn held(&mut self, member: &'static Member, depth: usize) -> Tree {
        if member.traits.contains(&Trait::Sparse) && self.dice.one_in(4) {
            return Tree::Null;
        }
        self.of(member, depth)
    }

    /// How many elements or entries.
    fn count(&mut self, constraints: &[&'static ConstraintKind], depth: usize) -> usize {
        if depth > DEPTH || self.budget == 0 { 0 } else { self.length(constraints).min(6) }
    }

    fn length(&mut self, constraints: &[&'static ConstraintKind]) -> usize {
        let bounds = constraints.iter().filter_map(|one| match one {
            ConstraintKind::MinLength(bound) | ConstraintKind::MaxLength(bound) => {
                usize::try_from(*bound).ok()
            }
            _ => None,
        });
        let near: Vec<usize> = bounds.filter(|bound| *bound < 3000).collect();
        if !near.is_empty() && self.dice.one_in(3) {
            let bound = *self.dice.choose(&near);
            return (bound + 1).saturating_sub(self.dice.below(3));
        }
        self.dice.below(5)
    }

    fn text(&mut self, constraints: &[&'static ConstraintKind]) -> String {
        for constraint in constraints {
            if let ConstraintKind::Pattern(pattern) = constraint
                && !self.dice.one_in(6)
            {
                return walk(pattern, self.dice);
            }
        }
        let letters: Vec<char> = "aZ09-_./: \"\\~é😀\u{1}\n".chars().collect();
        let plain = !self.dice.one_in(4);
        let length = self.length(constraints);
        (0..length).map(|_| if plain { 'a' } else { *self.dice.choose(&letters) }).collect()
    }

    fn whole(&mut self, constraints: &[&'static ConstraintKind], least: i128, greatest: i128) -> Tree {
        let bounds = constraints.iter().filter_map(|one| match one {
            ConstraintKind::Minimum(bound) | ConstraintKind::Maximum(bound) => Some(i128::from(*bound)),
            _ => None,
        });
        let near: Vec<i128> = bounds.chain([0, least, greatest]).collect();
        let value = if self.dice.one_in(3) {
            self.dice.choose(&near) + self.dice.between(-1, 1)
        } else {
            self.dice.between(least, greatest)
        };
        Tree::number(value.clamp(least, greatest))
    }

    fn time(&mut self, traits: &[Trait]) -> Tree {
        let fraction = *self.dice.choose(&["", "", ".5", ".000000001", ".123"]);
        if traits.contains(&Trait::DateTime) {
            let date =
                *self.dice.choose(&["2000-02-29T23:59:59", "1969-12-31T00:00:00", "9999-12-31T12:34:56"]);
            Tree::Text(format!("{date}{fraction}Z"))
        } else if traits.contains(&Trait::HttpDate) {
            let date = *self.dice.choose(&["Tue, 29 Feb 2000 23:59:59", "Sun, 06 Nov 1994 08:49:37"]);
            Tree::Text(format!("{date}{fraction} GMT"))
        } else {
            Tree::Number(format!("{}{fraction}", self.dice.between(-9_999_999_999, 9_999_999_999)))
        }
    }

    fn name(&mut self) -> String {
        (*self.dice.choose(&["new", "Other", "a/b~c", "", "message", "__type"])).to_owned()
    }

    /// Something that is nearly what the member wants.
    fn odd(&mut self, member: &'static Member) -> Tree {
        let numbers = [
            "0",
            "-0",
            "1.0",
            "5e0",
            "0.5",
            "-1",
            "128",
            "32768",
            "2147483648",
            "9223372036854775808",
            "1e39",
            "1e309",
            "-1e-400",
            "1E+2",
            "123456789012345678901234567890",
            "0.1234567891",
            "-0.00000000001",
        ];
        let texts = [
            "NaN",
            "Infinity",
            "-Infinity",
            "nan",
            "Zg",
            "Zg==",
            "Zh==",
            "Zm9v\n",
            "2019-02-29T00:00:00Z",
            "2019-12-17T00:48:18+01:00",
            "2019-12-16t22:18:18.250-01:30",
            "2016-12-31T23:59:60Z",
            "2019-12-16",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 24:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "0001-01-01T00:00:00+23:59",
            "2000-03-01T00:30:00+00:31",
            "1999-12-31T23:59:59-00:01",
        ];
        match member.target.kind {
            ShapeKind::String | ShapeKind::Enum { .. } | ShapeKind::Blob => {
                Tree::text(*self.dice.choose(&texts))
            }
            ShapeKind::Timestamp | ShapeKind::Float | ShapeKind::Double if self.dice.one_in(2) => {
                Tree::text(*self.dice.choose(&texts))
            }
            // No reader need hold such a time.
            ShapeKind::Timestamp => {
                Tree::number(*self.dice.choose(&["-0.00000000001", "1.5e9", "-25e-2", "0.1234567891"]))
            }
            _ => Tree::number(*self.dice.choose(&numbers)),
        }
    }

    /// Any JSON.
    fn anything(&mut self, depth: usize) -> Tree {
        match self.dice.below(if depth == 0 { 4 } else { 6 }) {
            0 => Tree::Null,
            1 => Tree::Boolean(self.dice.one_in(2)),
            2 => Tree::number(*self.dice.choose(&["0", "-1", "2.50", "1e3"])),
            3 => Tree::text(*self.dice.choose(&["", "x", "TAGGED", "é\u{1}\"", "10000000000000000000"])),
            4 => {
                let count = self.dice.below(3);
                Tree::Array((0..count).map(|_| self.anything(depth - 1)).collect())
            }
            _ => {
                let count = self.dice.below(3);
                Tree::Object((0..count).map(|_| (self.name(), self.anything(depth - 1))).collect())
            }
        }
    }
}

fn is_leaf(shape: &Shape) -> bool {
    !matches!(
        shape.kind,
        ShapeKind::Structure { .. }
            | ShapeKind::Union { .. }
            | ShapeKind::List { .. }
            | ShapeKind::Map { .. }
    )
}

/// A text that the automaton of a pattern leads to; most match, and what does not is as good.
pub fn walk(pattern: &Pattern, dice: &mut Dice) -> String {
    let mut bytes = Vec::new();
    let mut state = pattern.states.first();
    let length = dice.below(40);
    while let Some(here) = state {
        if here.ranges.is_empty()
            || (here.accepts && (bytes.len() >= length || dice.one_in(12)))
            || bytes.len() > 300
        {
            break;
        }
        let (first, last, next) = *dice.choose(here.ranges);
        // Letters before controls, where there is a choice.
        let low =
            if last >= b'a' && first < b'a' && dice.one_in(2) { b'a' } else { first.max(b' '.min(last)) };
        let high = if last > b'~' && low <= b'~' { b'~' } else { last };
        let byte = usize::from(low) + dice.below(usize::from(high - low) + 1);
        bytes.push(u8::try_from(byte).expect("a byte"));
        state = pattern.states.get(usize::from(next));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn base64(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let mut text: String = bits
        .chunks(6)
        .map(|six| {
            let value =
                (0..6).fold(0, |value, bit| value * 2 + usize::from(six.get(bit).copied().unwrap_or(0)));
            alphabet[value]
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}
