//! The static table of a revision: what the harness may know of the API.
//!
//! In: nothing at run time; every value here is a `static` written by the generator from
//! `model/<revision>.json` and `overlay.json`. Out: shapes, members, constraints and operations as data,
//! and one reader per operation as a function over bytes. What must stay true: whoever holds a
//! [`Revision`] needs no generated type to judge a request or a response.

use crate::{Deviation, Document, Pattern, Violation};

/// One revision of the API.
#[derive(Debug)]
pub struct Revision {
    /// The name of the model file without its ending: `2025-04`.
    pub name: &'static str,
    /// SHA-256, in lower-case hexadecimal, of the model file followed by the overlay file.
    pub hash: &'static str,
    /// The service whose API this is.
    pub service: Service,
    /// The operations in the order of the model.
    pub operations: &'static [&'static Operation],
    /// Every shape that an operation reaches, sorted by shape id.
    pub shapes: &'static [&'static Shape],
}

impl Revision {
    /// The operation of that name, such as `DescribeImages`.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().copied().find(|operation| operation.name == name)
    }

    /// The shape of that id, such as `com.amazonaws.ecr#RepositoryName`.
    pub fn shape(&self, id: &str) -> Option<&'static Shape> {
        self.shapes.iter().copied().find(|shape| shape.id == id)
    }
}

/// What a client must know of the service to address and sign a request.
#[derive(Debug)]
pub struct Service {
    /// The id of the service shape.
    pub id: &'static str,
    /// `aws.api#service` `sdkId`: `ECR`.
    pub sdk_id: &'static str,
    /// `aws.auth#sigv4` `name`: `ecr`.
    pub signing_name: &'static str,
    /// `aws.api#service` `endpointPrefix`: `api.ecr`.
    pub endpoint_prefix: &'static str,
    /// What `X-Amz-Target` puts before the dot: `AmazonEC2ContainerRegistry_V20150921`.
    pub target_prefix: &'static str,
    /// The media type of requests and responses: `application/x-amz-json-1.1`.
    pub content_type: &'static str,
    /// Whether the service once spoke the query protocol (`aws.protocols#awsQueryCompatible`): a request says
    /// `x-amzn-query-mode: true`, and an error's old code stands in `x-amzn-query-error`.
    pub query_compatible: bool,
}

/// One operation of a revision.
#[derive(Debug)]
pub struct Operation {
    /// The operation's name: `DescribeImages`.
    pub name: &'static str,
    /// The whole value of `X-Amz-Target`.
    pub target: &'static str,
    /// The shape of the request.
    pub input: &'static Shape,
    /// The shape of a successful response.
    pub output: &'static Shape,
    /// The errors that the model declares, in its order.
    pub errors: &'static [ErrorEntry],
    /// How the operation is paged, if it is.
    pub pagination: Option<Pagination>,
    /// What goes before the host's name, with a member's value where `{member}` stands
    /// (`smithy.api#endpoint`).
    pub host_prefix: Option<&'static str>,
    /// Reads a request body and names every deviation and every violation in it.
    pub check_request: fn(&[u8]) -> Reading,
    /// Reads the body of a successful response and names every deviation and every violation in it.
    pub read_response: fn(&[u8]) -> Reading,
}

impl Operation {
    /// The declared error of that name, such as `ImageNotFoundException`.
    pub fn error(&self, name: &str) -> Option<&'static ErrorEntry> {
        self.errors.iter().find(|error| error.name == name)
    }

    /// What goes before the host's name for that request; `None` where a member that it needs is missing or
    /// empty. Without a host prefix, nothing does.
    pub fn host_prefix(&self, request: &Document) -> Option<String> {
        let mut host = String::new();
        let mut rest = self.host_prefix.unwrap_or_default();
        while let Some((before, label)) = rest.split_once('{') {
            let (label, after) = label.split_once('}')?;
            let value = request.get(label)?.as_str().filter(|value| !value.is_empty())?;
            host.extend([before, value]);
            rest = after;
        }
        Some(host + rest)
    }
}

/// What a reader made of one body.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The body as JSON, unless it is not JSON.
    pub document: Option<Document>,
    /// Where the body is not what the shape says it is, in the order of the bytes.
    pub deviations: Vec<Deviation>,
    /// Which constraints the values break, in the order of the model's members.
    pub violations: Vec<Violation>,
}

/// An error that an operation declares.
#[derive(Debug)]
pub struct ErrorEntry {
    /// The error's name on the wire: `ImageNotFoundException`.
    pub name: &'static str,
    /// The error's shape.
    pub shape: &'static Shape,
    /// The HTTP status it comes with.
    pub status: u16,
    /// The code that the query protocol has for it (`aws.protocols#awsQueryError`).
    pub query_code: Option<&'static str>,
    /// Whose fault the model says it is.
    pub fault: Fault,
    /// Reads the body of this error. `__type` and `code` belong to the protocol and are no deviation.
    pub read: fn(&[u8]) -> Reading,
}

/// Whose fault an error is (`smithy.api#error`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request was wrong.
    Client,
    /// The service failed.
    Server,
}

/// How an operation is paged (`smithy.api#paginated`).
#[derive(Debug)]
pub struct Pagination {
    /// The request member that takes a token: `nextToken`.
    pub input_token: &'static str,
    /// The response member that gives a token: `nextToken`.
    pub output_token: &'static str,
    /// The request member that bounds a page: `maxResults`.
    pub page_size: Option<&'static str>,
    /// The response member that holds the items: `imageDetails`.
    pub items: Option<&'static str>,
    /// The most items on a page when the request names no bound (`ecrspec.api#defaultPageSize`).
    pub default_page_size: Option<u32>,
}

/// One shape of the model.
#[derive(Debug)]
pub struct Shape {
    /// The shape id: `com.amazonaws.ecr#ImageDetail`.
    pub id: &'static str,
    /// What kind of value it is.
    pub kind: ShapeKind,
}

impl Shape {
    /// The shape's name without its namespace: `ImageDetail`.
    pub fn name(&self) -> &'static str {
        self.id.split_once('#').map_or(self.id, |(_, name)| name)
    }

    /// The members of a structure or a union; nothing for any other kind.
    pub fn members(&self) -> &'static [Member] {
        match self.kind {
            ShapeKind::Structure { members } | ShapeKind::Union { members } => members,
            _ => &[],
        }
    }
}

/// The kind of a shape, with what belongs to that kind.
#[derive(Debug)]
#[non_exhaustive]
pub enum ShapeKind {
    /// A JSON object with named members.
    Structure {
        /// The members in the order of the model.
        members: &'static [Member],
    },
    /// A JSON object with exactly one of the members.
    Union {
        /// The members in the order of the model.
        members: &'static [Member],
    },
    /// A JSON array.
    List {
        /// Its element, named `member`.
        member: &'static Member,
    },
    /// A JSON object with free keys.
    Map {
        /// Its keys, named `key`.
        key: &'static Member,
        /// Its values, named `value`.
        value: &'static Member,
    },
    /// Any text.
    String,
    /// One of a set of texts, open to new ones.
    Enum {
        /// The known values in the order of the model.
        values: &'static [&'static str],
    },
    /// One of a set of numbers, open to new ones.
    IntEnum {
        /// The known values in the order of the model.
        values: &'static [i32],
    },
    /// Bytes, as base64 on the wire.
    Blob,
    /// `true` or `false`.
    Boolean,
    /// A whole number of 8 bits.
    Byte,
    /// A whole number of 16 bits.
    Short,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A floating-point number of 32 bits.
    Float,
    /// A floating-point number of 64 bits.
    Double,
    /// A whole number of any size.
    BigInteger,
    /// A decimal number of any size and precision.
    BigDecimal,
    /// A point in time, as epoch seconds on the wire unless a member says otherwise.
    Timestamp,
    /// Any JSON.
    Document,
}

/// A member of a structure or union, an element of a list, a key or value of a map.
#[derive(Debug)]
pub struct Member {
    /// The member's name on the wire.
    pub name: &'static str,
    /// The member's id: `com.amazonaws.ecr#DescribeImagesRequest$repositoryName`.
    pub id: &'static str,
    /// The shape of its value.
    pub target: &'static Shape,
    /// The constraints in force here, those of the target included unless the member has its own of
    /// that kind; in the order in which ECR checks them: required, length, range, pattern, enum, exclusion.
    pub constraints: &'static [Constraint],
    /// What else the model says of the value.
    pub traits: &'static [Trait],
}

/// What a model says of a value beside its shape and its constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trait {
    /// An element or an entry may be null (`smithy.api#sparse`).
    Sparse,
    /// A timestamp that is an RFC 3339 date and time on the wire (`smithy.api#timestampFormat`).
    DateTime,
    /// A timestamp that is an HTTP date on the wire (`smithy.api#timestampFormat`).
    HttpDate,
    /// Text that holds JSON (`smithy.api#mediaType`).
    JsonText,
    /// A client that retries fills it with a text of its own (`smithy.api#idempotencyToken`).
    IdempotencyToken,
    /// It goes into the host's name too (`smithy.api#hostLabel`).
    HostLabel,
    /// No log may have it (`smithy.api#sensitive`).
    Sensitive,
    /// What an absent value stands for, as JSON (`smithy.api#default`).
    Default(&'static str),
}

/// One thing that must hold for a value.
#[derive(Debug)]
pub struct Constraint {
    /// What must hold.
    pub kind: ConstraintKind,
    /// The id of the shape or member that declares it.
    pub declared_by: &'static str,
    /// Whether the service is known to reject a request that breaks it.
    pub enforced: Enforced,
    /// Whether it binds requests only: a response that breaks it breaks nothing.
    pub request_only: bool,
    /// The evidence for `enforced`, and for the constraint itself where no model has it.
    pub evidence: &'static [&'static str],
    /// The service's own text for a breach, where anything is known of it.
    pub message: Option<Message>,
}

/// The text with which the service answers a breach.
#[derive(Debug)]
pub struct Message {
    /// The text, with `{member}` where the member's name goes.
    pub template: &'static str,
    /// The evidence for this text. It can be weaker than the evidence for the rejection itself.
    pub evidence: &'static [&'static str],
}

/// The kinds of constraint. A lower and an upper bound are two constraints: a service may enforce one alone.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// The member must be there and must not be null.
    Required,
    /// The least length: Unicode scalar values of a string, bytes of a blob, elements of a list or map.
    MinLength(u64),
    /// The greatest length, in the same units.
    MaxLength(u64),
    /// The least value.
    Minimum(i64),
    /// The greatest value.
    Maximum(i64),
    /// The text must match.
    Pattern(&'static Pattern),
    /// The text must be one of these.
    Enum(&'static [&'static str]),
    /// The number must be one of these.
    IntEnum(&'static [i32]),
    /// No two elements may be equal.
    UniqueItems,
    /// None of these sibling members may be there beside this one.
    Excludes(&'static [&'static str]),
}

impl ConstraintKind {
    /// A stable name for ids and messages: `required`, `length.min`, `length.max`, `range.min`,
    /// `range.max`, `pattern`, `enum`, `uniqueItems`, `excludes`.
    pub fn name(&self) -> &'static str {
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

/// Whether the service rejects what breaks a constraint. A modelled bound is not yet an enforced one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforced {
    /// Seen or documented to be rejected.
    Yes,
    /// Seen to be accepted.
    No,
    /// Nobody knows: either answer is information.
    Unknown,
}
