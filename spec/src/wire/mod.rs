//! The wire: JSON bodies to typed values and back.
//!
//! In: bytes. Out: a value of a generated type, and every place where the bytes are not what the shape says.
//! What must stay true: one pass; no byte sequence makes a panic, an endless loop or nesting deeper than
//! [`MAXIMUM_DEPTH`]; what stood before a broken place is kept. This is the one hand-written JSON reader.

mod cursor;
mod error;
mod number;
mod place;
mod reader;
mod scalar;
mod write;

pub(crate) use cursor::{Cursor, Fault, Text};
pub use error::{QueryError, error_code, error_message};
pub(crate) use number::Decimal;
pub use place::Place;
use reader::Dropped;
pub use reader::Reader;
pub(crate) use write::shorten;
pub use write::{ObjectWriter, WriteJson};

use std::collections::BTreeSet;

use crate::table::{ConstraintKind, Reading, Shape, ShapeKind};
use crate::{Deviation, DeviationKind, Direction, Document, Validate, Violation};

/// The deepest nesting that is read.
pub const MAXIMUM_DEPTH: usize = 128;

/// A type that can be read from the wire. Generated for every structure.
pub trait ReadJson: Sized {
    /// The shape of the type.
    const SHAPE: &'static Shape;

    /// Reads one value; `None` where there is nothing of its kind. The reader keeps what is wrong.
    fn read_json(reader: &mut Reader<'_>, at: &Place<'_>) -> Option<Self>;
}

/// A type that takes any text: a string, or an enum that keeps what it does not know. Generated for every enum.
pub trait FromText: for<'t> From<&'t str> {
    /// Whether the model has the value.
    fn is_known(&self) -> bool;
}

/// Every text is as good as another.
impl FromText for String {
    fn is_known(&self) -> bool {
        true
    }
}

/// A typed value, and where its bytes are not what the shape says.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed<T> {
    /// The value, with whatever could be read; `None` where the body is no object.
    pub value: Option<T>,
    /// In the order of the bytes.
    pub deviations: Vec<Deviation>,
}

/// Reads a body as a value of that type. No body at all is right where the shape has no members.
///
/// ```
/// use ecrspec_api::v2025_04::DescribeImagesResponse;
/// use ecrspec_api::{Direction, wire};
///
/// let body = br#"{"imageDetails": [{"imagePushedAt": "2021-12-03", "imageSizeInBytes": 5}]}"#;
/// let read = wire::read::<DescribeImagesResponse>(body, Direction::Response);
/// assert_eq!(read.deviations[0].to_string(), "/imageDetails/0/imagePushedAt: expected a number, found string");
/// let details = read.value.and_then(|response| response.image_details).unwrap();
/// assert_eq!(details[0].image_size_in_bytes, Some(5));
/// ```
pub fn read<T: ReadJson>(bytes: &[u8], direction: Direction) -> Typed<T> {
    read_counting(bytes, direction).0
}

/// Also gives the elements of lists that could not be read.
fn read_counting<T: ReadJson>(bytes: &[u8], direction: Direction) -> (Typed<T>, Dropped) {
    // Who has nothing to say may send nothing at all.
    let bytes = if bytes.is_empty() && is_empty(T::SHAPE) { b"{}" } else { bytes };
    let mut reader = Reader::new(bytes, direction);
    let value = T::read_json(&mut reader, &Place::root(T::SHAPE));
    let (deviations, dropped) = reader.finish(T::SHAPE);
    (Typed { value, deviations }, dropped)
}

/// Whether the shape is a structure without members.
fn is_empty(shape: &Shape) -> bool {
    matches!(shape.kind, ShapeKind::Structure { members: [] })
}

/// Reads a request. What breaks a constraint is a violation and no deviation: a missing member that is
/// required, an unknown value of an enum.
pub fn check_request<T: ReadJson + Validate>(bytes: &[u8]) -> Reading {
    reading::<T>(bytes, Direction::Request)
}

/// Reads a response. A required member that is missing, or an unknown value of an enum, is a deviation and no
/// violation: the service may be newer than the model.
pub fn read_response<T: ReadJson + Validate>(bytes: &[u8]) -> Reading {
    reading::<T>(bytes, Direction::Response)
}

fn reading<T: ReadJson + Validate>(bytes: &[u8], direction: Direction) -> Reading {
    let (Typed { value, deviations }, dropped) = read_counting::<T>(bytes, direction);
    let mut violations = value.map(|value| value.violations_as(direction)).unwrap_or_default();
    for violation in &mut violations {
        move_past(&mut violation.pointer, &dropped);
    }
    leave_out_told(&mut violations, &deviations);
    Reading { document: Document::parse(bytes).ok(), deviations, violations }
}

/// A typed list lacks the elements that could not be read: makes an index into it one into the body, from the
/// outermost list to the innermost.
fn move_past(pointer: &mut String, dropped: &Dropped) {
    if dropped.is_empty() {
        return;
    }
    let mut moved = String::new();
    for step in pointer.split('/').skip(1) {
        let index = dropped.get(&moved).and_then(|dropped| Some(original(step.parse().ok()?, dropped)));
        moved.push('/');
        match index {
            Some(index) => moved.push_str(&index.to_string()),
            None => moved.push_str(step),
        }
    }
    *pointer = moved;
}

/// The index in the body of an element that is at that index once others are dropped, whose indexes rise.
fn original(kept: usize, dropped: &[usize]) -> usize {
    let (mut least, mut most) = (0, dropped.len());
    while least < most {
        let middle = usize::midpoint(least, most);
        // So many elements are kept before that dropped one.
        if dropped.get(middle).is_some_and(|index| index - middle <= kept) {
            least = middle + 1;
        } else {
            most = middle;
        }
    }
    kept + least
}

/// Leaves out what a deviation already says: why a value is not there, or is none of its enum.
fn leave_out_told(violations: &mut Vec<Violation>, deviations: &[Deviation]) {
    let absent: BTreeSet<&str> = deviations
        .iter()
        .filter(|deviation| !matches!(deviation.kind, DeviationKind::DuplicateKey))
        .map(|deviation| deviation.pointer.as_str())
        .collect();
    let unknown: BTreeSet<&str> = deviations
        .iter()
        .filter(|deviation| matches!(deviation.kind, DeviationKind::UnknownValue { .. }))
        .map(|deviation| deviation.pointer.as_str())
        .collect();
    violations.retain(|violation| match violation.constraint.kind {
        ConstraintKind::Required => !absent.contains(violation.pointer.as_str()),
        ConstraintKind::Enum(_) | ConstraintKind::IntEnum(_) => !unknown.contains(violation.pointer.as_str()),
        _ => true,
    });
}
