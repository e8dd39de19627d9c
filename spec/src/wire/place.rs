//! Where a reader or a validator is in a body.

use crate::table::{Member, Shape, ShapeKind, Trait};

/// A place in a body: a chain from the value back to the root. The JSON pointer is made only when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
    shape: &'static Shape,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Member(&'static Member),
    Name(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    /// The whole body.
    pub fn root(shape: &'static Shape) -> Self {
        Self { parent: None, step: Step::Root, shape }
    }

    /// A member of the structure here.
    #[must_use]
    #[inline]
    pub fn member(&'p self, member: &'static Member) -> Self {
        Self { parent: Some(self), step: Step::Member(member), shape: member.target }
    }

    /// An element of the list here.
    #[must_use]
    #[inline]
    pub fn element(&'p self, index: usize) -> Self {
        let shape = match self.shape.kind {
            ShapeKind::List { member } => member.target,
            _ => self.shape,
        };
        Self { parent: Some(self), step: Step::Index(index), shape }
    }

    /// The value of the map here under that key.
    #[must_use]
    #[inline]
    pub fn entry(&'p self, key: &'p str) -> Self {
        let shape = match self.shape.kind {
            ShapeKind::Map { value, .. } => value.target,
            _ => self.shape,
        };
        Self { parent: Some(self), step: Step::Name(key), shape }
    }

    /// A name that the structure here does not have.
    pub(super) fn unknown(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Name(name), shape: self.shape }
    }

    /// The shape that the value here should have.
    #[inline]
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// The member that holds the value; for an element or an entry, the member that holds the list or map.
    pub fn member_name(&self) -> &'static str {
        match self.step {
            Step::Member(member) => member.name,
            _ => self.parent.map_or("", Place::member_name),
        }
    }

    /// Whether no log may have the value here: the model calls it, or what holds it, sensitive.
    pub(super) fn is_secret(&self) -> bool {
        let Some(parent) = self.parent else { return false };
        let is_secret = |member: &Member| member.traits.contains(&Trait::Sensitive);
        let here = match (&parent.shape.kind, self.step) {
            (ShapeKind::List { member }, _) => is_secret(member),
            (ShapeKind::Map { key, value }, _) => is_secret(key) || is_secret(value),
            (_, Step::Member(member)) => is_secret(member),
            _ => false,
        };
        here || parent.is_secret()
    }

    /// The JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let mut pointer = self.parent.map(Place::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Member(&Member { name, .. }) | Step::Name(name) => {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
        pointer
    }
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::Direction;
    use crate::table::{Member, Shape, ShapeKind, Trait};
    use crate::wire::Reader;

    static BYTE: Shape = Shape { id: "a#Byte", kind: ShapeKind::Byte };
    static BYTES: Shape = Shape { id: "a#Bytes", kind: ShapeKind::List { member: &ELEMENT } };
    static ELEMENT: Member =
        Member { name: "member", id: "a#Bytes$member", target: &BYTE, constraints: &[], traits: &[] };
    static HOLDER: Shape = Shape { id: "a#Holder", kind: ShapeKind::Structure { members: MEMBERS } };
    static MEMBERS: &[Member] = &[
        Member { name: "open", id: "a#Holder$open", target: &BYTE, constraints: &[], traits: &[] },
        Member { name: "pin", id: "a#Holder$pin", target: &BYTE, constraints: &[], traits: SENSITIVE },
        Member { name: "pins", id: "a#Holder$pins", target: &BYTES, constraints: &[], traits: SENSITIVE },
    ];
    static SENSITIVE: &[Trait] = &[Trait::Sensitive];

    #[test]
    fn what_is_said_of_a_secret_does_not_say_it() {
        let root = Place::root(&HOLDER);
        let [open, pin, pins] = [0, 1, 2].map(|index| root.member(&MEMBERS[index]));
        for (place, told) in [(open, true), (pin, false), (pins.element(0), false)] {
            for text in ["4711", "4.0"] {
                let mut reader = Reader::new(text.as_bytes(), Direction::Response);
                reader.byte(&place);
                let said: Vec<String> = reader
                    .finish(&BYTE)
                    .0
                    .iter()
                    .map(|deviation| format!("{deviation} {deviation:?}"))
                    .collect();
                assert_eq!(said.len(), 1);
                assert_eq!(said[0].contains(text), told, "{said:?}");
            }
        }
    }
}
