//! Rejections that prove nothing.
//!
//! In: the results of all cases. Out: the same, where a rejection whose valid twin was not accepted counts no
//! more. What must stay true: an endpoint that rejects everything passes no rejection.

use std::collections::BTreeMap;

use crate::case::format::Case;
use crate::verdict::{CheckResult, NotJudged, Outcome};

/// Takes back every pass of a rejection whose valid twin was not accepted as it declares.
pub fn discount_unproven(judged: &mut [(&Case, Vec<CheckResult>)]) {
    let accepted: BTreeMap<&str, bool> =
        judged.iter().map(|(case, results)| (case.id.as_str(), came_as_declared(results))).collect();
    for (case, results) in judged {
        let Some(twin) = &case.twin else { continue };
        if accepted.get(twin.as_str()) == Some(&true) {
            continue;
        }
        for result in results.iter_mut().filter(|result| result.outcome == Outcome::Conform) {
            result.outcome = Outcome::NotJudged(NotJudged::TwinFailed(twin.clone()));
        }
    }
}

/// Whether a case's status and code came as it declares.
fn came_as_declared(results: &[CheckResult]) -> bool {
    let mut declared = results.iter().filter(|result| matches!(result.aspect, "status" | "code")).peekable();
    declared.peek().is_some() && declared.all(|result| result.outcome == Outcome::Conform)
}
