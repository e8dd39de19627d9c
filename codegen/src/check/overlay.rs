//! What is wrong with an overlay whatever the revision: ranges.

use super::Revision;
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::Overlay;

/// Reports every statement that applies to none of the revisions.
pub(super) fn ranges(overlay: &Overlay<'_, '_>, revisions: &[Revision<'_>], diagnostics: &mut Diagnostics) {
    let names: Vec<&str> = revisions.iter().map(|revision| revision.name).collect();
    for statement in &overlay.statements {
        if !names.iter().any(|name| statement.covers(name)) {
            diagnostics.report(
                Code::StatementNeverApplies,
                statement.place,
                "the statement applies to no revision",
                format!("mend \"since\" and \"until\": the revisions are {}", names.join(", ")),
            );
        }
    }
}
