//! Where a reader or a validator is in a body.

use crate::table::{Member, Shape, ShapeKind};

/// A place in a body: a chain from the value back to the root. The JSON pointer is made only when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
    shape: &'static Shape,
    member: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Name(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    /// The whole body.
    pub fn root(shape: &'static Shape) -> Self {
        Self { parent: None, step: Step::Root, shape, member: "" }
    }

    /// A member of the structure here.
    #[must_use]
    pub fn member(&'p self, member: &'static Member) -> Self {
        Self { parent: Some(self), step: Step::Name(member.name), shape: member.target, member: member.name }
    }

    /// An element of the list here.
    #[must_use]
    pub fn element(&'p self, index: usize) -> Self {
        let shape = match self.shape.kind {
            ShapeKind::List { member } => member.target,
            _ => self.shape,
        };
        Self { parent: Some(self), step: Step::Index(index), shape, member: self.member }
    }

    /// The value of the map here under that key.
    #[must_use]
    pub fn entry(&'p self, key: &'p str) -> Self {
        let shape = match self.shape.kind {
            ShapeKind::Map { value, .. } => value.target,
            _ => self.shape,
        };
        Self { parent: Some(self), step: Step::Name(key), shape, member: self.member }
    }

    /// A name that the structure here does not have.
    pub(super) fn unknown(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Name(name), shape: self.shape, member: self.member }
    }

    /// The shape that the value here should have.
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// The member that holds the value; for an element or an entry, the member that holds the list or map.
    pub fn member_name(&self) -> &'static str {
        self.member
    }

    /// The JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let mut pointer = self.parent.map(Place::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Name(name) => {
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
