//! The statements of an overlay, put onto what they speak of.

use std::collections::BTreeMap;

use super::{Applied, members};
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Overlay, Shape, Statement};
use crate::suggest;

/// Traits that several statements may each say a part of.
const IN_PARTS: &[&str] = &["ecrspec.api#enforced", "ecrspec.api#messages"];

/// Adds the statements that cover the revision; a trait of the model gives way to one of the overlay.
pub(super) fn apply<'m, 'n, 's>(
    revision: &str,
    overlay: &'m Overlay<'n, 's>,
    service: &Shape<'_, '_>,
    shapes: &BTreeMap<&'n str, &'m Shape<'n, 's>>,
    traits: &mut BTreeMap<String, Vec<Applied<'m, 'n, 's>>>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(id) = overlay.service.as_str()
        && id != service.id
    {
        diagnostics.report(
            Code::UnknownTarget,
            &overlay.service.place,
            format!("the overlay is for {id}, and the service of revision {revision} is {}", service.id),
            format!("name {}", service.id),
        );
    }
    for statement in overlay.statements.iter().filter(|statement| statement.covers(revision)) {
        if !is_known(revision, statement, shapes, diagnostics) {
            continue;
        }
        let applied = traits.entry(statement.subject.to_owned()).or_default();
        for line in &statement.traits {
            let earlier = applied.iter().position(|applied| applied.line.id == line.id);
            match earlier.and_then(|index| applied.get(index)).map(|applied| applied.from_overlay) {
                Some(true) if !IN_PARTS.contains(&line.id) => {
                    diagnostics.report(
                        Code::StatementRepeats,
                        line.place,
                        format!("another statement already gives {} to {}", line.id, statement.subject),
                        "keep one of the two, or give them ranges that do not meet",
                    );
                    continue;
                }
                Some(false) => applied.retain(|applied| applied.line.id != line.id),
                _ => {}
            }
            for earlier in applied.iter().filter(|applied| applied.line.id == line.id) {
                repeated_parts(earlier, line, statement, diagnostics);
            }
            applied.push(Applied { line: *line, evidence: &statement.evidence, from_overlay: true });
        }
    }
}

fn repeated_parts(
    earlier: &Applied<'_, '_, '_>,
    line: &crate::parse::Trait<'_, '_>,
    statement: &Statement<'_, '_>,
    diagnostics: &mut Diagnostics,
) {
    for entry in line.value.entries().unwrap_or_default() {
        if earlier.line.value.get(&entry.key).is_some() {
            diagnostics.report(
                Code::StatementRepeats,
                &entry.place,
                format!(
                    "another statement already gives {} of {} to {}",
                    entry.key, line.id, statement.subject
                ),
                "keep one of the two, or give them ranges that do not meet",
            );
        }
    }
}

fn is_known(
    revision: &str,
    statement: &Statement<'_, '_>,
    shapes: &BTreeMap<&str, &Shape<'_, '_>>,
    diagnostics: &mut Diagnostics,
) -> bool {
    let (shape_id, member) = match statement.subject.split_once('$') {
        Some((shape, member)) => (shape, Some(member)),
        None => (statement.subject, None),
    };
    let Some(shape) = shapes.get(shape_id) else {
        diagnostics.report(
            Code::UnknownTarget,
            statement.place,
            format!("revision {revision} has no shape {shape_id}"),
            suggest::hint(
                shape_id,
                shapes.keys().copied(),
                "bound the statement with \"since\" or \"until\"",
            ),
        );
        return false;
    };
    let Some(member) = member else { return true };
    let names: Vec<&str> = members(shape).iter().map(|member| member.name).collect();
    let known = names.contains(&member);
    if !known {
        diagnostics.report(
            Code::UnknownTarget,
            statement.place,
            format!("in revision {revision}, {shape_id} has no member {member}"),
            suggest::hint(member, names, "bound the statement with \"since\" or \"until\""),
        );
    }
    known
}
