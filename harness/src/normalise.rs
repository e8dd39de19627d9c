//! What changes from run to run, named instead: `<digest:1>`, `<account:1>`, `<timestamp>`.
//!
//! In: exchanges in order, the names that a run knows, and the API's table. Out: each exchange as lines, a
//! place and a value each, that two runs against the same target share to the byte; and what differs between
//! two such lists. What must stay true: what is replaced follows the shapes of the table and the run's own
//! names, not guesses over text; the same value has the same placeholder everywhere; replacing comes before
//! sorting, and the longest value is replaced first.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use ecrspec_api::Document;
use ecrspec_api::table::{Operation, Revision, Shape, ShapeKind};

use crate::case::bindings::Bindings;
use crate::exchange::{Exchange, NoResponse, Request, Response};
use crate::verdict::shorten;

/// A shorter text is part of other words by chance.
const LEAST_IN_TEXT: usize = 8;

/// The most lines of one body: a page of 1,000 images has about 10,000.
const MOST_LINES: usize = 100_000;

/// What a value is, as far as it changes from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// An account's twelve digits.
    Account,
    /// The digest of a manifest or a layer.
    Digest,
    /// A repository's name.
    Repository,
    /// A page's token.
    Token,
    /// The id of an upload.
    Upload,
    /// A point in time.
    Timestamp,
    /// A name of this run: of a world, or of an earlier answer.
    Name,
}

/// The shapes of the model whose values change from run to run.
const RULES: [(&str, Rule); 8] = [
    ("RegistryId", Rule::Account),
    ("ImageDigest", Rule::Digest),
    ("LayerDigest", Rule::Digest),
    ("BatchedOperationLayerDigest", Rule::Digest),
    ("RepositoryName", Rule::Repository),
    ("NextToken", Rule::Token),
    ("UploadId", Rule::Upload),
    ("LifecyclePolicyPreviewToken", Rule::Token),
];

impl Rule {
    /// The rule for values of a shape, if they change from run to run.
    fn of(shape: &Shape) -> Option<Self> {
        if matches!(shape.kind, ShapeKind::Timestamp) {
            return Some(Self::Timestamp);
        }
        RULES.iter().find(|(name, _)| *name == shape.name()).map(|(_, rule)| *rule)
    }

    /// The rule's name in a placeholder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Digest => "digest",
            Self::Repository => "repository",
            Self::Token => "token",
            Self::Upload => "upload",
            Self::Timestamp => "timestamp",
            Self::Name => "name",
        }
    }
}

/// One place of an exchange and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `status`, `content-type`, `no answer`, `broken`, or a JSON pointer into the body.
    pub place: String,
    /// What is there, as JSON where it is a place of the body.
    pub value: String,
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", if self.place.is_empty() { "/" } else { &self.place }, self.value)
    }
}

/// Where two answers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceDifference {
    /// The place, as in [`Line`].
    pub place: String,
    /// What is there in the first; nothing if the place is not there.
    pub first: Option<String>,
    /// What is there in the second; nothing if the place is not there.
    pub second: Option<String>,
}

/// One value that was replaced, without the value: this may be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where the value stood.
    pub place: String,
    /// The rule that found it.
    pub rule: Rule,
    /// What stands there now.
    pub placeholder: String,
}

impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: rule `{}` gave {}", self.place, self.rule.name(), self.placeholder)
    }
}

/// Names what changes, exchange after exchange, with the same names all through.
#[derive(Clone, Debug)]
pub struct Normaliser<'a> {
    revision: &'a Revision,
    known: BTreeMap<String, (Rule, String)>,
    counts: BTreeMap<Rule, usize>,
    traces: Vec<Trace>,
}

impl<'a> Normaliser<'a> {
    /// A normaliser that knows these names.
    pub fn new(revision: &'a Revision, bindings: &Bindings) -> Self {
        let mut normaliser =
            Self { revision, known: BTreeMap::new(), counts: BTreeMap::new(), traces: Vec::new() };
        normaliser.learn(bindings);
        normaliser
    }

    /// Takes over names. Of two names of one value, the first in the alphabet counts.
    pub fn learn(&mut self, bindings: &Bindings) {
        for (name, value) in bindings.iter() {
            if let Some(text) = value.as_str().filter(|text| text.len() >= LEAST_IN_TEXT) {
                self.known.entry(text.to_owned()).or_insert_with(|| (Rule::Name, format!("<{name}>")));
            }
        }
    }

    /// What was replaced so far.
    pub fn traces(&self) -> &[Trace] {
        &self.traces
    }

    /// The answer of an exchange as lines. What its request named first keeps the lower numbers.
    pub fn answer(&mut self, exchange: &Exchange) -> Vec<Line> {
        let operation = operation_of(self.revision, &exchange.request);
        if let Ok(document) = Document::parse(&exchange.request.body) {
            self.number(&document, operation.map(|operation| operation.input), "request");
        }
        match &exchange.outcome {
            Err(no_response) => vec![Line { place: "no answer".to_owned(), value: kind_of(no_response) }],
            Ok(response) => self.response(response, operation),
        }
    }

    fn response(&mut self, response: &Response, operation: Option<&'static Operation>) -> Vec<Line> {
        let mut lines = vec![Line { place: "status".to_owned(), value: response.status.to_string() }];
        if let Some(content_type) = response.header("content-type") {
            lines.push(Line { place: "content-type".to_owned(), value: content_type.to_owned() });
        }
        if response.broken.is_some() {
            lines.push(Line { place: "broken".to_owned(), value: "the body is not whole".to_owned() });
        }
        match Document::parse(&response.body) {
            Ok(document) => {
                let shape = operation.and_then(|operation| shape_of_answer(operation, response));
                self.number(&document, shape, "");
                let settled = self.replaced(&document, shape);
                flatten(&settled, &mut String::new(), &mut lines);
            }
            Err(_) if response.body.is_empty() => {}
            Err(_) => {
                let text = self.in_text(&String::from_utf8_lossy(&response.body));
                lines.push(Line { place: "body".to_owned(), value: Document::String(text).to_string() });
            }
        }
        lines
    }

    /// Gives a placeholder to each value that has none, in an order that does not depend on the order of lists.
    fn number(&mut self, document: &Document, shape: Option<&'static Shape>, place: &str) {
        match document {
            Document::String(text) => {
                if let Some(rule) = shape.and_then(Rule::of) {
                    self.placeholder(rule, text, place);
                }
            }
            Document::Number(_) => {
                if shape.and_then(Rule::of) == Some(Rule::Timestamp) {
                    self.trace(place, Rule::Timestamp, "<timestamp>");
                }
            }
            Document::Array(elements) => {
                let member = element_shape(shape);
                let mut order: Vec<(String, usize)> = elements
                    .iter()
                    .enumerate()
                    .map(|(index, element)| (self.replaced(element, member).to_string(), index))
                    .collect();
                order.sort();
                for (_, index) in order {
                    self.number(&elements[index], member, &format!("{place}/{index}"));
                }
            }
            Document::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by(|(one, _), (other, _)| one.cmp(other));
                for (name, value) in members {
                    self.number(value, member_shape(shape, name), &format!("{place}/{}", escaped(name)));
                }
            }
            Document::Null | Document::Boolean(_) => {}
        }
    }

    fn placeholder(&mut self, rule: Rule, text: &str, place: &str) {
        if let Some((_, placeholder)) = self.known.get(text).cloned() {
            self.trace(place, rule, &placeholder);
            return;
        }
        if rule == Rule::Timestamp {
            // A text where a number is due: a deviation that must stay to be seen.
            return;
        }
        let count = self.counts.entry(rule).or_default();
        *count += 1;
        let placeholder = format!("<{}:{count}>", rule.name());
        self.known.insert(text.to_owned(), (rule, placeholder.clone()));
        self.trace(place, rule, &placeholder);
    }

    fn trace(&mut self, place: &str, rule: Rule, placeholder: &str) {
        if self.traces.len() < MOST_LINES {
            let (place, placeholder) = (place.to_owned(), placeholder.to_owned());
            self.traces.push(Trace { place, rule, placeholder });
        }
    }

    /// The document with placeholders for values, its members and its lists sorted. A typed value that has no
    /// placeholder yet becomes one without a number.
    fn replaced(&self, document: &Document, shape: Option<&'static Shape>) -> Document {
        let rule = shape.and_then(Rule::of);
        match document {
            Document::Number(_) if rule == Some(Rule::Timestamp) => {
                Document::String("<timestamp>".to_owned())
            }
            Document::String(text) => Document::String(match (self.known.get(text), rule) {
                (Some((_, placeholder)), _) => placeholder.clone(),
                (None, Some(rule)) if rule != Rule::Timestamp => format!("<{}>", rule.name()),
                (None, _) => self.in_text(text),
            }),
            Document::Array(elements) => {
                let member = element_shape(shape);
                let mut elements: Vec<Document> =
                    elements.iter().map(|element| self.replaced(element, member)).collect();
                elements.sort_by_cached_key(ToString::to_string);
                Document::Array(elements)
            }
            Document::Object(members) => {
                let mut members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| (name.clone(), self.replaced(value, member_shape(shape, name))))
                    .collect();
                members.sort_by(|(one, _), (other, _)| one.cmp(other));
                Document::Object(members)
            }
            other => other.clone(),
        }
    }

    /// A text with every known value in it replaced, longest first.
    fn in_text(&self, text: &str) -> String {
        let mut values: Vec<(&String, &String)> = self
            .known
            .iter()
            .filter(|(value, _)| value.len() >= LEAST_IN_TEXT && text.contains(value.as_str()))
            .map(|(value, (_, placeholder))| (value, placeholder))
            .collect();
        values.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        values
            .into_iter()
            .fold(without_instants(text), |text, (value, placeholder)| text.replace(value, placeholder))
    }
}

/// A text with `<instant>` for every instant in the form of a signature: `20170416T194251Z`. What AWS says of
/// an expired signature has three, two of which are worked out and stand nowhere else.
fn without_instants(text: &str) -> String {
    const FORM: &str = "00000000T000000Z";

    let fits = |at: usize| {
        text.get(at..at + FORM.len()).is_some_and(|part| {
            part.bytes().zip(FORM.bytes()).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                mark => byte == mark,
            })
        })
    };
    let (mut settled, mut from) = (String::with_capacity(text.len()), 0);
    for (at, _) in text.match_indices('T') {
        let Some(start) = at.checked_sub(8).filter(|start| *start >= from && fits(*start)) else { continue };
        settled.push_str(&text[from..start]);
        settled.push_str("<instant>");
        from = start + FORM.len();
    }
    settled.push_str(&text[from..]);
    settled
}

/// Where two lists of lines differ, in the order of the first. Of a place that stands several times, each
/// standing is compared with its like.
pub fn differences(first: &[Line], second: &[Line]) -> Vec<PlaceDifference> {
    let mut rest: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in second.iter().rev() {
        rest.entry(&line.place).or_default().push(&line.value);
    }
    let mut found = Vec::new();
    for line in first {
        let other = rest.get_mut(line.place.as_str()).and_then(Vec::pop);
        if other != Some(line.value.as_str()) {
            found.push(PlaceDifference {
                place: line.place.clone(),
                first: Some(line.value.clone()),
                second: other.map(str::to_owned),
            });
        }
    }
    for (place, values) in rest {
        found.extend(values.into_iter().rev().map(|value| PlaceDifference {
            place: place.to_owned(),
            first: None,
            second: Some(value.to_owned()),
        }));
    }
    found
}

/// The operation that a request calls, if the revision has it. Which service the target names does not matter: a
/// mock may not look, and what it answers then has the operation's types all the same.
pub(crate) fn operation_of(revision: &Revision, request: &Request) -> Option<&'static Operation> {
    let name = request.header("x-amz-target")?.rsplit('.').next()?;
    revision.operation(name)
}

/// The shape of an answer's body: that of a success or, if its type names one, of an error.
pub(crate) fn shape_of_answer(operation: &'static Operation, response: &Response) -> Option<&'static Shape> {
    if (200..300).contains(&response.status) {
        return Some(operation.output);
    }
    let document = Document::parse(&response.body).ok()?;
    let name = document.get("__type")?.as_str()?.rsplit('#').next()?;
    operation.error(name).map(|error| error.shape)
}

/// Every text of a document whose shape has a rule, with the rule.
pub(crate) fn typed_texts(document: &Document, shape: Option<&'static Shape>) -> Vec<(Rule, String)> {
    let mut found = Vec::new();
    collect_typed(document, shape, &mut String::new(), &mut |_, rule, text| {
        found.push((rule, text.to_owned()));
    });
    found
}

/// Calls `take` for every text whose shape has a rule, with its pointer.
pub(crate) fn collect_typed(
    document: &Document,
    shape: Option<&'static Shape>,
    pointer: &mut String,
    take: &mut dyn FnMut(&str, Rule, &str),
) {
    let length = pointer.len();
    match document {
        Document::String(text) => {
            if let Some(rule) = shape.and_then(Rule::of) {
                take(pointer, rule, text);
            }
        }
        Document::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                let _ = write!(pointer, "/{index}");
                collect_typed(element, element_shape(shape), pointer, take);
                pointer.truncate(length);
            }
        }
        Document::Object(members) => {
            for (name, value) in members {
                let _ = write!(pointer, "/{}", escaped(name));
                collect_typed(value, member_shape(shape, name), pointer, take);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn element_shape(shape: Option<&'static Shape>) -> Option<&'static Shape> {
    match shape?.kind {
        ShapeKind::List { member } => Some(member.target),
        _ => None,
    }
}

fn member_shape(shape: Option<&'static Shape>, name: &str) -> Option<&'static Shape> {
    match shape?.kind {
        ShapeKind::Map { value, .. } => Some(value.target),
        _ => shape?.members().iter().find(|member| member.name == name).map(|member| member.target),
    }
}

/// One line for each value that holds no other.
fn flatten(document: &Document, pointer: &mut String, lines: &mut Vec<Line>) {
    let length = pointer.len();
    match document {
        Document::Array(elements) if !elements.is_empty() => {
            for (index, element) in elements.iter().enumerate() {
                // Writing to a string can't fail.
                let _ = write!(pointer, "/{index}");
                flatten(element, pointer, lines);
                pointer.truncate(length);
            }
        }
        Document::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let _ = write!(pointer, "/{}", escaped(name));
                flatten(value, pointer, lines);
                pointer.truncate(length);
            }
        }
        _ if lines.len() >= MOST_LINES => {}
        leaf => lines.push(Line { place: pointer.clone(), value: leaf.to_string() }),
    }
}

/// A name as a step of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn kind_of(no_response: &NoResponse) -> String {
    match no_response {
        NoResponse::Unreachable { .. } => "no connection",
        NoResponse::Closed { .. } => "the connection ended",
        NoResponse::TimedOut => "nothing came in time",
    }
    .to_owned()
}

impl fmt::Display for PlaceDifference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| value.as_deref().map_or("nothing".to_owned(), shorten);
        let place = if self.place.is_empty() { "the body" } else { &self.place };
        write!(formatter, "{place}: {} became {}", shown(&self.first), shown(&self.second))
    }
}
