//! Statements of an overlay that hold for one side alone.

use super::Statement;
use super::compare::Sides;
use crate::parse::Overlay;

/// Whether the overlay says of that service that a pattern is meant for the whole text.
pub(super) fn matches_the_whole(overlay: &Overlay<'_, '_>, service: &str) -> bool {
    overlay
        .statements
        .iter()
        .filter(|statement| statement.subject == service)
        .flat_map(|statement| &statement.traits)
        .any(|one| one.id == "ecrspec.api#patternMatch" && one.value.as_str() == Some("full"))
}

/// The statements that hold for one side alone, in the order of the overlay, as far as they speak of what counts.
pub(super) fn one_sided(
    overlay: &Overlay<'_, '_>,
    sides: &Sides<'_>,
    old: &str,
    new: &str,
) -> Vec<Statement> {
    let mut found = Vec::new();
    for statement in &overlay.statements {
        let subject = statement.subject;
        let (is_old, is_new) = (sides.old.has(subject), sides.new.has(subject));
        if !is_old && !is_new {
            continue;
        }
        let range = |revision: &str| match statement.since {
            Some(since) if since > revision => format!("it holds since {since}, which {revision} is before"),
            _ => format!("it holds until {}, which {revision} is after", statement.until.unwrap_or_default()),
        };
        let (was, is) = (statement.covers(old), statement.covers(new));
        let why = if is && !is_new {
            format!("{new} has no such shape or member: bound it with \"until\"")
        } else if was && !is_old {
            format!("{old} has no such shape or member: bound it with \"since\"")
        } else {
            match (was, is) {
                (true, false) => range(new),
                (false, true) => range(old),
                _ => continue,
            }
        };
        let line = statement.place.source.position(statement.place.span.start).0;
        found.push(Statement {
            subject: subject.to_owned(),
            traits: statement.traits.iter().map(|one| one.id.to_owned()).collect(),
            place: format!("{}:{line}", statement.place.source.name()),
            why,
        });
    }
    found
}
