//! Every trait in force against the ledger: known, not refused, on something that can carry it, of a value
//! that means something.

use std::collections::BTreeMap;

use super::Checker;
use crate::diagnostic::Code;
use crate::ledger::{self, Carrier, Fate};
use crate::lower::{Applied, members};
use crate::model::TraitUse;
use crate::parse::UNREAD;
use crate::suggest;

/// What carries a trait.
#[derive(Clone, Copy)]
struct Bearer<'a> {
    /// The type of the shape, or of the shape that a member targets.
    kind: &'a str,
    /// The type of the shape whose member it is.
    parent: Option<&'a str>,
}

impl Checker<'_, '_, '_, '_> {
    pub(super) fn judge_traits(&mut self) -> Vec<TraitUse> {
        let mut subjects: Vec<(String, String, Option<String>)> = Vec::new();
        let mut shapes = vec![self.scope.service];
        shapes.extend(&self.scope.operations);
        shapes.extend(self.scope.reached.iter().filter_map(|id| self.scope.shapes.get(id)));
        for shape in shapes {
            subjects.push((shape.id.to_owned(), shape.kind.to_owned(), None));
            for member in members(shape) {
                let id = format!("{}${}", shape.id, member.name);
                let kind = self.scope.kind(member.target.id).unwrap_or(UNREAD);
                subjects.push((id, kind.to_owned(), Some(shape.kind.to_owned())));
            }
        }
        let mut uses: BTreeMap<String, TraitUse> = BTreeMap::new();
        for (subject, kind, parent) in &subjects {
            let bearer = Bearer { kind, parent: parent.as_deref() };
            for applied in self.scope.traits(subject).to_vec() {
                self.judge(applied, bearer);
                let id = applied.line.id;
                if let Some(line) = ledger::find(id) {
                    let entry = uses.entry(id.to_owned());
                    entry.or_insert(TraitUse { id: id.to_owned(), fate: line.fate, count: 0 }).count += 1;
                }
            }
        }
        uses.into_values().collect()
    }

    fn judge(&mut self, applied: Applied<'_, '_, '_>, bearer: Bearer<'_>) {
        let id = applied.line.id;
        let Some(line) = ledger::find(id) else {
            let known = ledger::lines().iter().map(|line| line.id);
            self.diagnostics.report(
                Code::UnknownTrait,
                applied.line.place,
                format!("the ledger has no trait {id:?}"),
                suggest::hint(id, known, "add it to the ledger with what becomes of it, or take it out"),
            );
            return;
        };
        if let Fate::Refused(reason) = line.fate {
            self.diagnostics.report(
                Code::RefusedTrait,
                applied.line.place,
                format!("the trait {id} is refused: {reason}"),
                "take it out of the model, or the shape out of the service",
            );
        } else if line.overlay_only && !applied.from_overlay {
            self.diagnostics.report(
                Code::MisplacedTrait,
                applied.line.place,
                format!("the trait {id} stands in a model"),
                "write it as a statement of the overlay, with its evidence",
            );
        } else if !carries(line.carrier, bearer) {
            self.diagnostics.report(
                Code::MisplacedTrait,
                applied.line.place,
                format!("the trait {id} is for {}, not for {}", line.carrier, bearer.describe()),
                "take it away here",
            );
        } else {
            self.judge_value(applied, bearer.parent);
        }
    }
}

impl Bearer<'_> {
    fn describe(self) -> String {
        match self.parent {
            Some(parent) => format!("a member of type {} of a shape of type {parent}", self.kind),
            None => format!("a shape of type {}", self.kind),
        }
    }
}

fn carries(carrier: Carrier, bearer: Bearer<'_>) -> bool {
    // What something of an unknown type can carry is not known: the type has a message already.
    if bearer.kind == UNREAD || bearer.parent == Some(UNREAD) {
        return true;
    }
    let is_value = !matches!(bearer.kind, "service" | "operation" | "resource")
        && !matches!(bearer.parent, Some("enum" | "intEnum"));
    match carrier {
        Carrier::Anything => true,
        Carrier::Service => bearer.kind == "service",
        Carrier::Operation => bearer.kind == "operation",
        Carrier::Structure => bearer.kind == "structure" && bearer.parent.is_none(),
        Carrier::StructureMember => bearer.parent == Some("structure"),
        Carrier::EnumMember => matches!(bearer.parent, Some("enum" | "intEnum")),
        Carrier::Value(kinds) => is_value && kinds.contains(&bearer.kind),
        Carrier::ValueOrService => is_value || bearer.kind == "service",
    }
}
