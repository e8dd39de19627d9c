//! The syntax of an overlay: statements about shapes of a model, each with its evidence.

use super::field::{Fields, integer, text};
use super::model::{Trait, bad_shape_id, traits};
use super::{is_identifier, is_shape_id};
use crate::diagnostic::{Code, Diagnostics};
use crate::source::{Node, Place};

/// The statements of a file in its order.
#[derive(Debug)]
pub(crate) struct Overlay<'n, 's> {
    pub(crate) service: &'n Node<'s>,
    pub(crate) statements: Vec<Statement<'n, 's>>,
}

/// Traits that hold for one shape or member.
#[derive(Debug)]
pub(crate) struct Statement<'n, 's> {
    /// A shape id, or shape$member.
    pub(crate) subject: &'n str,
    pub(crate) place: &'n Place<'s>,
    pub(crate) traits: Vec<Trait<'n, 's>>,
    pub(crate) evidence: Vec<String>,
    pub(crate) since: Option<&'n str>,
    pub(crate) until: Option<&'n str>,
}

impl Statement<'_, '_> {
    /// Whether the statement speaks of the revision of that name.
    pub(crate) fn covers(&self, revision: &str) -> bool {
        self.since.is_none_or(|since| since <= revision) && self.until.is_none_or(|until| revision <= until)
    }
}

/// Reads an overlay file.
pub(crate) fn overlay<'n, 's>(root: &'n Node<'s>, diagnostics: &mut Diagnostics) -> Option<Overlay<'n, 's>> {
    let fields = Fields::of(root, "an overlay", diagnostics)?;
    fields.only(&["overlay", "service", "statements"], diagnostics);
    if let Some(node) = fields.require("overlay", diagnostics)
        && let Some(version) = integer(node, "overlay", diagnostics)
        && version != 1
    {
        diagnostics.report(
            Code::WrongVersion,
            &node.place,
            format!("this is an overlay of format {version}, not 1"),
            "write it in format 1",
        );
    }
    fields.require("statements", diagnostics);
    let statements = fields.array("statements", diagnostics);
    let statements = statements.iter().filter_map(|node| statement(node, diagnostics)).collect();
    let service = fields.require("service", diagnostics)?;
    text(service, "service", diagnostics)?;
    Some(Overlay { service, statements })
}

fn statement<'n, 's>(node: &'n Node<'s>, diagnostics: &mut Diagnostics) -> Option<Statement<'n, 's>> {
    let fields = Fields::of(node, "a statement", diagnostics)?;
    fields.only(&["apply", "traits", "evidence", "since", "until", "why"], diagnostics);
    let mut optional_text = |name| fields.get(name).and_then(|node| text(node, name, diagnostics));
    let (since, until) = (optional_text("since"), optional_text("until"));
    optional_text("why");
    let evidence = fields.array("evidence", diagnostics);
    if evidence.is_empty() && fields.get("evidence").is_none_or(|node| node.elements().is_some()) {
        diagnostics.report(
            Code::MissingField,
            &node.place,
            "a statement has no evidence",
            "add \"evidence\" with at least one id of the evidence ledger",
        );
    }
    let evidence =
        evidence.iter().filter_map(|node| text(node, "evidence", diagnostics)).map(str::to_owned).collect();
    fields.require("traits", diagnostics);
    let traits = traits(fields.object("traits", diagnostics));
    let apply = fields.require("apply", diagnostics)?;
    let subject = text(apply, "apply", diagnostics)?;
    let well_formed = match subject.split_once('$') {
        Some((shape, member)) => is_shape_id(shape) && is_identifier(member),
        None => is_shape_id(subject),
    };
    if !well_formed {
        bad_shape_id(subject, &apply.place, diagnostics);
        return None;
    }
    Some(Statement { subject, place: &apply.place, traits, evidence, since, until })
}
