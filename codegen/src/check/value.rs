//! The values of traits, typed; what is mistyped is reported once and read as absent.

use super::Checker;
use crate::diagnostic::Code;
use crate::lower::Applied;
use crate::parse::{Fields, integer, text};
use crate::source::Node;

/// The two ends of a length or a range.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    pub(super) least: Option<i64>,
    pub(super) greatest: Option<i64>,
}

impl Checker<'_, '_, '_, '_> {
    /// The text of a string trait; the judge of traits reports one that is none.
    pub(super) fn text_of(&self, subject: &str, id: &str) -> Option<String> {
        self.scope.find(subject, id)?.line.value.as_str().map(str::to_owned)
    }

    /// The documentation in force on a subject.
    pub(super) fn documentation_of(&self, subject: &str) -> Option<String> {
        self.documentation.get(subject).cloned()
    }

    /// Reports a trait value of the wrong type or meaning. `id` is known to the ledger.
    pub(super) fn judge_value(&mut self, applied: Applied<'_, '_, '_>, parent: Option<&str>) {
        let id = applied.line.id;
        let node = applied.line.value;
        match id {
            "smithy.api#enumValue" if parent == Some("intEnum") => {
                self.within(id, node, i64::from(i32::MIN), i64::from(i32::MAX));
            }
            "smithy.api#documentation"
            | "smithy.api#mediaType"
            | "ecrspec.api#uncheckedPattern"
            | "smithy.api#pattern"
            | "smithy.api#enumValue"
            | "ecrspec.api#requestPattern" => {
                text(node, id, self.diagnostics);
            }
            "smithy.api#required"
            | "smithy.api#sparse"
            | "smithy.api#sensitive"
            | "smithy.api#uniqueItems"
            | "smithy.api#idempotencyToken"
            | "smithy.api#hostLabel"
            | "aws.protocols#awsQueryCompatible"
            | "aws.protocols#awsJson1_0"
            | "aws.protocols#awsJson1_1" => {
                Fields::of(node, id, self.diagnostics);
            }
            "smithy.api#length" | "smithy.api#range" => self.judge_bounds(id, node),
            "smithy.api#timestampFormat" => {
                self.one_of(id, node, &["date-time", "epoch-seconds", "http-date"]);
            }
            "smithy.api#endpoint" => self.text_fields(id, node, &["hostPrefix"]),
            "aws.protocols#awsQueryError" => self.text_fields(id, node, &["code"]),
            "smithy.api#error" => self.one_of(id, node, &["client", "server"]),
            "ecrspec.api#patternMatch" => self.one_of(id, node, &["full", "search"]),
            "smithy.api#httpError" => self.within(id, node, 400, 599),
            "ecrspec.api#defaultPageSize" => self.within(id, node, 1, i64::from(u32::MAX)),
            "aws.api#service" => self.text_fields(id, node, &["sdkId"]),
            "aws.auth#sigv4" => self.text_fields(id, node, &["name"]),
            "smithy.api#paginated" => {
                if let Some(fields) = Fields::of(node, id, self.diagnostics) {
                    fields.only(&["inputToken", "outputToken", "items", "pageSize"], self.diagnostics);
                    for name in ["inputToken", "outputToken"] {
                        fields.require(name, self.diagnostics);
                    }
                }
            }
            _ => {}
        }
    }

    fn one_of(&mut self, id: &str, node: &Node<'_>, known: &[&str]) {
        if let Some(value) = text(node, id, self.diagnostics)
            && !known.contains(&value)
        {
            self.diagnostics.report(
                Code::WrongValue,
                &node.place,
                format!("{id} is {value:?}"),
                format!("write one of {}", known.join(", ")),
            );
        }
    }

    fn within(&mut self, id: &str, node: &Node<'_>, least: i64, greatest: i64) {
        if let Some(value) = integer(node, id, self.diagnostics)
            && !(least..=greatest).contains(&value)
        {
            self.diagnostics.report(
                Code::WrongValue,
                &node.place,
                format!("{id} is {value}"),
                format!("write a number from {least} to {greatest}"),
            );
        }
    }

    fn text_fields(&mut self, id: &str, node: &Node<'_>, required: &[&str]) {
        let Some(fields) = Fields::of(node, id, self.diagnostics) else { return };
        for name in required {
            if let Some(node) = fields.require(name, self.diagnostics) {
                text(node, name, self.diagnostics);
            }
        }
        if let Some(node) = fields.get("endpointPrefix") {
            text(node, "endpointPrefix", self.diagnostics);
        }
    }

    fn judge_bounds(&mut self, id: &str, node: &Node<'_>) {
        let Some(fields) = Fields::of(node, id, self.diagnostics) else { return };
        fields.only(&["min", "max"], self.diagnostics);
        let mut ends = [None, None];
        for (end, name) in ends.iter_mut().zip(["min", "max"]) {
            let Some(node) = fields.get(name) else { continue };
            let Some(value) = integer(node, name, self.diagnostics) else { continue };
            if id == "smithy.api#length" && value < 0 {
                self.diagnostics.report(
                    Code::NegativeLength,
                    &node.place,
                    format!("a length of {value} cannot be"),
                    "write 0 or more",
                );
            } else {
                *end = Some(value);
            }
        }
        if fields.get("min").is_none() && fields.get("max").is_none() {
            self.diagnostics.report(
                Code::MissingField,
                &node.place,
                format!("{id} has neither \"min\" nor \"max\""),
                "write at least one of the two",
            );
        }
        if let [Some(least), Some(greatest)] = ends
            && least > greatest
        {
            self.diagnostics.report(
                Code::EmptyBounds,
                &node.place,
                format!("no value is at least {least} and at most {greatest}"),
                "swap the two bounds",
            );
        }
    }
}

/// The bounds that a node holds, as far as it holds any.
pub(super) fn bounds(node: &Node<'_>) -> Bounds {
    Bounds { least: node.get("min").and_then(whole), greatest: node.get("max").and_then(whole) }
}

/// The value of a node that is a whole number.
pub(super) fn whole(node: &Node<'_>) -> Option<i64> {
    match node.value {
        crate::source::Value::Number(lexeme) => lexeme.parse().ok(),
        _ => None,
    }
}
