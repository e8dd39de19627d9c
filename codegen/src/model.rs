//! A model in which nothing is wrong: what `check` gives and `render` takes.
//!
//! What must stay true: every index is in range, every name is a Rust identifier that clashes with no other,
//! every pattern is an automaton, every bound is in order. Only `check` makes these values.

#![cfg_attr(not(feature = "render"), expect(dead_code, reason = "only rendering reads the whole of it"))]

use crate::ledger::Fate;
use std::rc::Rc;

/// Every revision of an API, oldest first.
#[derive(Clone, Debug)]
pub struct Api {
    /// The revisions, sorted by name.
    pub revisions: Vec<Model>,
}

/// One revision of an API.
#[derive(Clone, Debug)]
pub struct Model {
    /// The revision's name: `2025-04`.
    pub name: String,
    /// The revision's Rust module: `v2025_04`.
    pub module: String,
    /// SHA-256 of the model text followed by the overlay text.
    pub hash: String,
    /// The service.
    pub service: Service,
    /// The operations in the order of the model.
    pub operations: Vec<Operation>,
    /// Every trait of the model and the overlay, sorted by id.
    pub traits: Vec<TraitUse>,
    pub(crate) shapes: Vec<Shape>,
}

impl Model {
    /// Every shape that an operation reaches, sorted by shape id.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// The shape of an index that this model holds.
    pub(crate) fn shape(&self, index: ShapeIndex) -> &Shape {
        &self.shapes[index.0]
    }
}

/// How often a trait stands in a model, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraitUse {
    /// The trait's id.
    pub id: String,
    /// What became of it.
    pub fate: Fate,
    /// How often it stands on what the operations reach.
    pub count: usize,
}

/// What addresses and signs a request.
#[derive(Clone, Debug)]
pub struct Service {
    /// The shape id.
    pub id: String,
    /// Documentation as the model has it.
    pub documentation: Option<String>,
    pub(crate) sdk_id: String,
    pub(crate) signing_name: String,
    pub(crate) endpoint_prefix: String,
    pub(crate) target_prefix: String,
    pub(crate) content_type: &'static str,
    pub(crate) query_compatible: bool,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The shape id.
    pub id: String,
    /// The name on the wire.
    pub name: String,
    /// Documentation as the model has it.
    pub documentation: Option<String>,
    pub(crate) error_type: String,
    pub(crate) input: ShapeIndex,
    pub(crate) output: ShapeIndex,
    pub(crate) errors: Vec<ErrorEntry>,
    pub(crate) pagination: Option<Pagination>,
    pub(crate) host_prefix: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct ErrorEntry {
    pub(crate) shape: ShapeIndex,
    pub(crate) status: u16,
    pub(crate) client_fault: bool,
    pub(crate) query_code: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Pagination {
    pub(crate) input_token: String,
    pub(crate) output_token: String,
    pub(crate) page_size: Option<String>,
    pub(crate) items: Option<String>,
    pub(crate) default_page_size: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShapeIndex(pub(crate) usize);

/// One shape.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The shape id.
    pub id: String,
    /// Documentation as the model has it.
    pub documentation: Option<String>,
    /// The name in Rust, where it has one.
    pub(crate) type_name: String,
    /// The name of its statics, without what tells them apart.
    pub(crate) constant: String,
    pub(crate) kind: Kind,
    pub(crate) is_error: bool,
    /// Whether only responses hold it.
    pub(crate) response: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Structure(Vec<Member>),
    Union(Vec<Member>),
    List(Box<Member>),
    Map { key: Box<Member>, value: Box<Member> },
    Enum(Vec<EnumValue>),
    IntEnum(Vec<IntEnumValue>),
    String,
    Blob,
    Boolean,
    Byte,
    Short,
    Integer,
    Long,
    Float,
    Double,
    BigInteger,
    BigDecimal,
    Timestamp,
    Document,
}

#[derive(Clone, Debug)]
pub(crate) struct EnumValue {
    pub(crate) value: String,
    pub(crate) variant: String,
    pub(crate) documentation: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct IntEnumValue {
    pub(crate) value: i32,
    pub(crate) variant: String,
    pub(crate) documentation: Option<String>,
}

/// What a model says of a value beside its shape and its constraints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trait {
    Sparse,
    DateTime,
    HttpDate,
    JsonText,
    IdempotencyToken,
    HostLabel,
    Sensitive,
    /// As JSON.
    Default(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) field: String,
    pub(crate) constant: String,
    pub(crate) documentation: Option<String>,
    pub(crate) target: ShapeIndex,
    pub(crate) boxed: bool,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) traits: Vec<Trait>,
}

impl Member {
    pub(crate) fn is_required(&self) -> bool {
        self.constraints.iter().any(|constraint| matches!(constraint.kind, ConstraintKind::Required))
    }

    pub(crate) fn has(&self, wanted: &Trait) -> bool {
        self.traits.contains(wanted)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) kind: ConstraintKind,
    pub(crate) declared_by: String,
    /// The part of a static's name that says who declares it.
    pub(crate) constant: String,
    pub(crate) enforced: Enforced,
    pub(crate) request_only: bool,
    pub(crate) evidence: Vec<String>,
    pub(crate) message: Option<Message>,
}

#[derive(Clone, Debug)]
pub(crate) enum ConstraintKind {
    Required,
    MinLength(u64),
    MaxLength(u64),
    Minimum(i64),
    Maximum(i64),
    Pattern(Rc<Pattern>),
    Enum(Rc<[String]>),
    IntEnum(Rc<[i32]>),
    UniqueItems,
    Excludes(Vec<Sibling>),
}

impl ConstraintKind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::MinLength(_) => "length.min",
            Self::MaxLength(_) => "length.max",
            Self::Minimum(_) => "range.min",
            Self::Maximum(_) => "range.max",
            Self::Pattern(_) => "pattern",
            Self::Enum(_) | Self::IntEnum(_) => "enum",
            Self::UniqueItems => "uniqueItems",
            Self::Excludes(_) => "excludes",
        }
    }
}

/// The names of every kind of constraint.
pub(crate) const CONSTRAINT_NAMES: &[&str] = &[
    "required",
    "length.min",
    "length.max",
    "range.min",
    "range.max",
    "pattern",
    "enum",
    "uniqueItems",
    "excludes",
];

#[derive(Clone, Debug)]
pub(crate) struct Sibling {
    pub(crate) name: String,
    pub(crate) field: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enforced {
    Yes,
    No,
    Unknown,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) template: String,
    pub(crate) evidence: Vec<String>,
}

/// A pattern and the automaton that decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) source: String,
    pub(crate) full: bool,
    /// Whether at most one state follows another for a byte.
    pub(crate) deterministic: bool,
    /// The first state is where a text starts.
    pub(crate) states: Vec<State>,
}

/// A state: whether a text may end here, and where each byte leads. A byte that leads nowhere is in no range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) accepts: bool,
    pub(crate) ranges: Vec<(u8, u8, u16)>,
}
