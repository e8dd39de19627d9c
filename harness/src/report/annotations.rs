//! The report as workflow commands of GitHub: what fails the run stands on the pull request.

use std::fmt::Write as _;

use crate::report::state::State;
use crate::report::{RootCause, Subject, failures, root_cause};

/// GitHub shows so many annotations of one kind a step.
const SHOWN: usize = 10;

/// The report as workflow commands, a line each.
pub fn annotations(subject: &Subject<'_>) -> String {
    let mut text = String::new();
    let mut hidden = 0;
    let mut errors = 0;
    let mut warnings = 0;
    // Writing to a string can't fail.
    if let Some(standing) = subject.baseline {
        for stale in &standing.stale {
            errors += 1;
            if errors > SHOWN {
                hidden += 1;
                continue;
            }
            let _ = writeln!(
                text,
                "::error file={},line={},title={}::{}",
                property(&standing.baseline.file),
                stale.entry.line,
                property(&format!("stale entry {}", stale.entry.id)),
                message(&stale.sentence())
            );
        }
    }
    let root_cause = root_cause(subject);
    if let Some(RootCause { cause, means, came, next, checks }) = &root_cause {
        let command = if subject.exit.code() == 0 { "warning" } else { "error" };
        let title = property(&format!("everything fails for one cause, {cause}"));
        let why = message(&format!("{means}\n{came}\n{next}\n{} checks fail for it", checks.len()));
        let _ = writeln!(text, "::{command} title={title}::{why}");
    }
    let failures = if root_cause.is_some() { Vec::new() } else { failures(subject) };
    for failure in failures {
        let state = State::of(failure.result, subject);
        let (command, count) = match state {
            State::Fails(_) => ("error", &mut errors),
            State::Differs(_) => ("warning", &mut warnings),
            _ => continue,
        };
        *count += 1;
        if *count > SHOWN {
            hidden += 1;
            continue;
        }
        let also = match failure.also.len() {
            0 => String::new(),
            1 => "\n1 more check fails for the same cause".to_owned(),
            count => format!("\n{count} more checks fail for the same cause"),
        };
        let _ = writeln!(
            text,
            "::{command} title={}::{}",
            property(&format!("{} {}", failure.result.level, failure.result.id)),
            message(&format!(
                "{}\n{}\nbreaks {}{also}",
                failure.case.case.sentence,
                state.why().unwrap_or_default(),
                failure.finding.breaks
            ))
        );
    }
    let hidden =
        if hidden > 0 { format!("; {hidden} more findings are not shown here") } else { String::new() };
    let verdict = format!("{}: {}{hidden}", subject.target(), subject.verdict());
    let _ = writeln!(text, "::notice title=ecrspec::{}", message(&verdict));
    text
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
