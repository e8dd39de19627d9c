//! Derived cases of what a reader must take, and of what it can't: texts of every kind that a pattern allows, and
//! elements of lists that are of the wrong JSON type.

use ecrspec_api::table::{Constraint, ConstraintKind, Member, ShapeKind};
use serde_json::{Value, json};

use crate::case::derive::{Descent, Place, check, interpreter, pattern, values};
use crate::case::format::{Case, EnvelopeRule, Expectation};
use crate::level::Level;

impl Place {
    /// Texts that the pattern allows pass validation, with the characters of each end of its ranges.
    pub(super) fn derive_examples(&self, cases: &mut Vec<Case>) {
        for constraint in self.member.constraints {
            for (number, text) in (1..).zip(examples(self.member, constraint)) {
                let proof = self.proof();
                let evidence: Vec<&str> = constraint.evidence.iter().chain(proof.evidence).copied().collect();
                // Of a pattern that only the text of an error shows, that its texts pass is a conclusion.
                let level = if self.inner.is_empty() { Level::Must } else { Level::Should };
                let mut checks = vec![check(Expectation::Status(vec![proof.status]), level, &evidence)];
                checks.extend(
                    proof.code.map(|code| check(Expectation::Code(vec![code.to_owned()]), level, &evidence)),
                );
                let sentence = "A text that the pattern allows passes validation.";
                cases.push(self.case(
                    &format!("pattern.good-{number}"),
                    sentence,
                    Some(Value::String(text)),
                    None,
                    checks,
                ));
            }
        }
    }

    /// An element of a list that no reader takes for the right type.
    pub(super) fn derive_elements(&self, cases: &mut Vec<Case>) {
        let ShapeKind::List { member } = self.member.target.kind else { return };
        let element = self.below(Descent::Element, member);
        let twin = if self.proof().status == 200 { self.id("good") } else { "describe.plain".to_owned() };
        let wrong = values::wrong_types(&member.target.kind).into_iter().chain([("null", Value::Null)]);
        for (name, value) in wrong {
            cases.push(element.case(
                &format!("element.type.{name}"),
                &format!("An element that is {name} where the API has {} is the client's fault.", {
                    values::json_name(&member.target.kind)
                }),
                Some(value),
                Some(twin.clone()),
                vec![
                    check(Expectation::Status(vec![400]), Level::Should, &["A-10"]),
                    check(Expectation::Envelope(EnvelopeRule::AwsJson), Level::Must, &["A-1", "A-2"]),
                ],
            ));
        }
    }
}

/// Texts that a pattern allows in every revision. Another account's registry is closed, whatever its id, so there
/// are none of that.
pub(crate) fn examples(member: &'static Member, constraint: &Constraint) -> Vec<String> {
    match constraint.kind {
        ConstraintKind::Pattern(pattern) if member.name != "registryId" => {
            let texts = pattern::examples(pattern, member).into_iter();
            texts.filter(|text| is_good_everywhere(member, text)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether every revision that has the member allows the text.
fn is_good_everywhere(member: &Member, text: &str) -> bool {
    let value = json!(text);
    let here = |member: &Member| interpreter::broken(member, &value).is_empty();
    ecrspec_api::revisions()
        .iter()
        .filter_map(|revision| {
            let (shape, name) = member.id.split_once('$')?;
            revision.shape(shape)?.members().iter().find(|member| member.name == name)
        })
        .all(here)
}
