//! The case format, version 1: what a case file may say.
//!
//! In: nothing; these are the types. Out: the shape of a case file, from which its JSON Schema is made. What
//! must stay true: a file of format 1 means the same for ever, and an unknown key is an error.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::law::LawCheck;
use crate::level::Level;
use crate::world::WorldRecipe;

/// The version of the case format that this program reads.
pub const FORMAT: u32 = 1;

/// A file of cases, with the worlds they need.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// Where the JSON Schema of this file is, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The version of the case format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub format: u32,
    /// The worlds that the cases of this file name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub worlds: BTreeMap<String, WorldRecipe>,
    /// The cases, in the order in which they are reported.
    pub cases: Vec<Case>,
}

/// One thing that an endpoint must do.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The case's id, lower-case words with dots and dashes, never used again for another case:
    /// `tags.several-on-one-digest`.
    pub id: String,
    /// What a conforming endpoint does, as one sentence.
    pub sentence: String,
    /// The member of the request or response that the case is about. Failures are told apart by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The world that must exist before the first step. Without one the case needs no state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub world: Option<String>,
    /// What else the endpoint must be able to do; where it can't, the case is not judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Capability>,
    /// The first revision of the API in which the case holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The last revision of the API in which the case holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The valid twin of a rejection: a case that differs in one thing and is accepted. Unless the twin's
    /// status and code came as it declares, this case proves nothing and is not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    /// What is sent and what is expected, in order.
    #[schemars(length(min = 1))]
    pub steps: Vec<Step>,
}

/// Something that a target may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// `CreateRepository` and `DeleteRepository` work.
    Repositories,
    /// The layer operations work, so that an image's layers exist where it is pushed.
    LayerUpload,
    /// `PutImage` works: with layers where they can be uploaded, and without where they can't.
    PutImage,
    /// The registry's id is known: the target says it, or the user does.
    RegistryId,
    /// The target lets itself be written to: loopback, a child of this program, or `--allow-writes`.
    Writes,
    /// The target looks at signatures. One that does not lacks nothing that a run would fail for.
    Signatures,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 6] = [
        Self::Repositories,
        Self::LayerUpload,
        Self::PutImage,
        Self::RegistryId,
        Self::Writes,
        Self::Signatures,
    ];

    /// The capability as reports and `--allow-missing` spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Repositories => "repositories",
            Self::LayerUpload => "layer-upload",
            Self::PutImage => "put-image",
            Self::RegistryId => "registry-id",
            Self::Writes => "writes",
            Self::Signatures => "signatures",
        }
    }
}

/// One request and what is expected of its answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is sent.
    pub send: Send,
    /// Values of the answer that later steps use as `{{name}}`, each at a path as in [`BodyExpectation`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capture: BTreeMap<String, String>,
    /// What is expected, each on its own and with its own weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Check>,
}

/// A request.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// The operation. `DescribeImages` unless said.
    #[serde(default = "describe_images", skip_serializing_if = "is_describe_images")]
    pub operation: String,
    /// The body.
    pub body: Body,
    /// Headers that differ from those of an ordinary request.
    #[serde(default, skip_serializing_if = "HeaderChanges::is_empty")]
    pub headers: HeaderChanges,
    /// Send the request again with each page's `nextToken` until none comes, at most this many times. The
    /// answer is then `{"pages": [...]}`, and its status is that of the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk: Option<u32>,
}

fn describe_images() -> String {
    "DescribeImages".to_owned()
}

fn is_describe_images(operation: &str) -> bool {
    operation == "DescribeImages"
}

/// The body of a request. `{{name}}` stands for a value of the world or of an earlier step: alone in a string
/// it is the value itself, inside a text it is the value's text.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// A JSON value, sent compact.
    Value(Value),
    /// A text sent as it is; it need not be JSON.
    Text(String),
    /// Bytes, as hexadecimal digits.
    Hex(String),
}

/// Headers that differ from those of an ordinary request.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderChanges {
    /// Headers to set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// Headers to leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// What is wrong with the signature, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureFault>,
}

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureFault {
    /// There is none.
    Absent,
    /// The header lacks the signature itself.
    Malformed,
    /// It was made an hour ago.
    Expired,
    /// Its last digit is another one.
    Tampered,
    /// It was made for another region.
    WrongRegion,
    /// It was made for another service.
    WrongService,
    /// It was made with a key that nobody knows.
    UnknownKey,
}

impl HeaderChanges {
    fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty() && self.signature.is_none()
    }
}

/// One expectation with its weight and its evidence.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What the check is called: its id is `case#name`. The expectation's aspect unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is expected.
    pub that: Expectation,
    /// How much it weighs.
    pub level: Level,
    /// The facts that it rests on.
    pub evidence: Vec<String>,
    /// Judge this only where the status is one of these: for what must hold of an answer that nobody is bound to
    /// give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<u16>,
    /// Who notices a failure, where that is not plain from the aspect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
}

impl Check {
    /// The name in the check's id.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.that.aspect())
    }
}

/// What is expected of one aspect of an answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// The HTTP status is one of these.
    Status(Vec<u16>),
    /// The error's code, in whatever form it came, is one of these.
    Code(Vec<String>),
    /// The error's text.
    Text(TextMatcher),
    /// One header.
    Header(HeaderExpectation),
    /// The form of the body, whatever it says.
    Envelope(EnvelopeRule),
    /// The body against the model's shape.
    Shape(ShapeRule),
    /// A place in the body.
    Body(BodyExpectation),
    /// How the body of a success is spelled, which no JSON reader can see. At most a `may`.
    Lexical(LexicalRule),
    /// A part of a law. No file has it, for what holds between answers is code.
    #[serde(skip)]
    #[schemars(skip)]
    Law(LawCheck),
}

impl Expectation {
    /// The aspect's name: the key with which it stands in the file.
    pub fn aspect(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Code(_) => "code",
            Self::Text(_) => "text",
            Self::Header(_) => "header",
            Self::Envelope(_) => "envelope",
            Self::Shape(_) => "shape",
            Self::Body(_) => "body",
            Self::Lexical(_) => "lexical",
            Self::Law(_) => "law",
        }
    }
}

/// What an error text is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TextMatcher {
    /// One of these, to the letter.
    Exact(Vec<String>),
    /// Has this in it.
    Contains(String),
}

/// What a header is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderExpectation {
    /// The header's name, in any case.
    pub name: String,
    /// What it is.
    pub is: HeaderRule,
}

/// What a header is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HeaderRule {
    /// There, and not empty.
    Present,
    /// Not there.
    Absent,
    /// This media type, parameters aside.
    MediaType(String),
    /// A UUID.
    Uuid,
    /// The number of bytes in the body.
    BodyLength,
}

/// The form of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EnvelopeRule {
    /// The body is a JSON object; that of an error names its code.
    AwsJson,
    /// An error's `__type` is the bare name, without namespace or address.
    BareType,
    /// An error has its text in `message`.
    LowerCaseMessage,
    /// An error has no second text in `Message`.
    NoCapitalMessage,
}

/// How a body fits the model's shape. Each rule is about one kind of deviation, so that each can weigh its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeRule {
    /// A typed client can read it: JSON, every value of its type, nothing required missing.
    Typed,
    /// What is absent is left out, not `null`.
    NoNulls,
    /// No member that no known revision has.
    KnownMembers,
    /// No key stands twice in one object.
    UniqueKeys,
}

/// How a body is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LexicalRule {
    /// Every timestamp as Java spells a double: `1.705072146E9`, `0.0`.
    ExponentTimestamps,
    /// The members of every object in alphabetical order.
    SortedMembers,
}

/// What a place in the body is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyExpectation {
    /// Where: a JSON pointer (RFC 6901) in which `*` stands for every element of an array (the value is then
    /// the array of what is there) and `[member=value]` for the one element with that member.
    pub at: String,
    /// What it is.
    pub is: Matcher,
}

/// What a value is. This list is closed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Matcher {
    /// This value; numbers by value, not by spelling.
    Equals(Value),
    /// An array with these elements, each as often as here, in any order.
    Set(Value),
    /// An array with at least these elements, in any order.
    Includes(Value),
    /// An array with none of these elements; an empty one is enough.
    NoneOf(Value),
    /// One of these.
    AnyOf(Vec<Matcher>),
    /// An array whose every element is this; an empty one is not enough.
    Each(Box<Matcher>),
    /// An array with no element twice.
    Distinct,
    /// A number in this window.
    Between(Window),
    /// An array with as many elements as this window allows.
    Count(Window),
    /// A value of this JSON type.
    Type(ValueType),
    /// Not there.
    Absent,
    /// There, as `null`.
    Null,
    /// There, as `[]`, `{}` or `""`.
    Empty,
    /// There, and not `null`.
    Present,
}

/// A window for a number, both ends in it. An end may be a `{{name}}`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The least; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// The greatest; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
}

/// The JSON types that a value can be expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}
