//! The report for people at a terminal.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};

use crate::level::Level;
use crate::report::{
    Counts, Failure, RootCause, Score, Subject, Summary, detail, failures, removed, root_cause, warning,
};
use crate::run::Ending;
use crate::tier::Tier;
use crate::verdict::{NotJudged, Outcome};

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const WEAK: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

/// A `curl` line that is longer is left to the JSON report.
const LONGEST_CURL: usize = 1_000;

/// How many ids of failures with the same cause are shown.
const SHOWN_ALSO: usize = 8;

/// The report as text with ANSI styles, which the writer takes out where they are not wanted.
pub fn human(subject: &Subject<'_>) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_report(&mut text, subject);
    text
}

fn write_report(text: &mut String, subject: &Subject<'_>) -> fmt::Result {
    write_heading(text, subject)?;
    if let Some(root_cause) = root_cause(subject) {
        write_root_cause(text, &root_cause)?;
    } else {
        let failures = failures(subject);
        if let Some(note) = removed(&failures, subject) {
            writeln!(text, "{note}\n")?;
        }
        for failure in failures.iter().filter(|failure| !failure.is_known) {
            write_failure(text, failure, subject)?;
        }
    }
    write_baseline(text, subject)?;
    write_informational(text, subject)?;
    write_not_judged(text, subject)?;
    write_summary(text, subject)
}

fn write_heading(text: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let (revision, target) = (subject.revision, &subject.run.target);
    let hash = revision.hash.get(..12).unwrap_or(revision.hash);
    writeln!(text, "{STRONG}ecrspec {}{STRONG:#} against {}", env!("CARGO_PKG_VERSION"), subject.target())?;
    writeln!(
        text,
        "API {} (spec {hash}), registry {}, {} calls",
        revision.name, target.registry_id, subject.run.calls
    )?;
    for (capability, reason) in &target.capabilities {
        if let Some(reason) = reason {
            writeln!(text, "the target lacks `{}`: {reason}", capability.name())?;
        }
    }
    for (pointer, revision) in subject.run.newer() {
        writeln!(text, "the target answers `{pointer}`, which API {revision} has and this one has not")?;
    }
    writeln!(text)
}

/// One thing instead of all that fails for it.
fn write_root_cause(text: &mut String, root_cause: &RootCause) -> fmt::Result {
    let RootCause { cause, means, came, next, checks } = root_cause;
    let more = checks.len().saturating_sub(SHOWN_ALSO);
    let shown = checks.iter().take(SHOWN_ALSO).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    writeln!(text, "{BAD}✗ EVERYTHING{BAD:#}  {STRONG}{cause}{STRONG:#}: {means}")?;
    writeln!(text, "  {WEAK}came     {WEAK:#} {came}")?;
    writeln!(text, "  {WEAK}next     {WEAK:#} {next}")?;
    writeln!(text, "  {WEAK}folded   {WEAK:#} {} failures: {shown}{more}", checks.len())?;
    writeln!(text)
}

fn write_failure(text: &mut String, failure: &Failure<'_>, subject: &Subject<'_>) -> fmt::Result {
    let Failure { case, result, finding, also, is_known: _ } = failure;
    let level = result.level.name().to_uppercase();
    writeln!(text, "{BAD}✗ {level}{BAD:#}  {STRONG}{}{STRONG:#}", result.id)?;
    writeln!(text, "  {}", case.case.sentence)?;
    let mut row = |name: &str, value: &str| {
        let value = value.replace('\n', &format!("\n{:12}", ""));
        writeln!(text, "  {WEAK}{name:<9}{WEAK:#} {value}")
    };
    for (name, value) in detail::rows(case, result, finding, subject) {
        if name == "try" && value.len() > LONGEST_CURL {
            row(name, &format!("a request of {} bytes: `--format json` has the line", value.len()))?;
        } else {
            row(name, &value)?;
        }
    }
    if !also.is_empty() {
        let more = also.len().saturating_sub(SHOWN_ALSO);
        let shown = also.iter().take(SHOWN_ALSO).copied().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        row("also", &format!("for the same cause {shown}{more}"))?;
    }
    writeln!(text)
}

/// The failures that are known, and the entries of the baseline that no longer hold.
fn write_baseline(text: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let Some(standing) = subject.baseline else { return Ok(()) };
    let file = &standing.baseline.file;
    let mut known: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for result in subject.run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results) {
        if let Some(entry) = standing.entry(&result.id) {
            known.entry(entry.line).or_default().push(&result.id);
        }
    }
    if !known.is_empty() {
        writeln!(text, "{STRONG}Known failures, listed in {file}{STRONG:#}")?;
    }
    for entry in &standing.baseline.entries {
        let Some(checks) = known.get(&entry.line) else { continue };
        let count = if entry.id.contains('*') { format!(" ({} fail)", checks.len()) } else { String::new() };
        writeln!(text, "  {}{count}", entry.id)?;
        writeln!(text, "    {WEAK}{}; until {}, {}{WEAK:#}", entry.reason, entry.expires, entry.issue)?;
    }
    if !known.is_empty() {
        writeln!(text)?;
    }
    for stale in &standing.stale {
        let entry = stale.entry;
        writeln!(text, "{BAD}✗ STALE{BAD:#}  {STRONG}{}{STRONG:#} ({file}:{})", entry.id, entry.line)?;
        writeln!(text, "  {}", stale.sentence())?;
    }
    for entry in &standing.unmatched {
        writeln!(text, "{file}:{}: no check is called {}", entry.line, entry.id)?;
    }
    if !standing.other_spec.is_empty() {
        let count = standing.other_spec.len();
        let entries = if count == 1 { "entry was" } else { "entries were" };
        writeln!(
            text,
            "{count} {entries} written against another spec, so what is expected may have changed: look again, \
             and let `ecrspec baseline write` renew {file}"
        )?;
    }
    if standing.is_stale() || !standing.unmatched.is_empty() || !standing.other_spec.is_empty() {
        writeln!(text)?;
    }
    Ok(())
}

fn write_counts<'a>(text: &mut String, rows: impl Iterator<Item = (&'a str, Counts)>) -> fmt::Result {
    for (name, counts) in rows.filter(|(_, counts)| counts.total() > 0) {
        writeln!(
            text,
            "{name:<12} {:>8} {:>11} {:>14} {:>11}",
            counts.conform, counts.nonconform, counts.informational, counts.not_judged
        )?;
    }
    Ok(())
}

fn write_informational(text: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let selected = || subject.run.cases.iter().filter(|case| case.selected);
    let open = selected().flat_map(|case| &case.results).filter_map(|result| match &result.outcome {
        Outcome::Informational(observed) => Some((&result.id, observed)),
        _ => None,
    });
    let open: Vec<_> = open.collect();
    if open.is_empty() {
        return Ok(());
    }
    writeln!(text, "{STRONG}Not judged, for evidence leaves it open; this target answers{STRONG:#}")?;
    for (id, observed) in open {
        let observed: String = observed.lines().next().unwrap_or_default().chars().take(120).collect();
        writeln!(text, "  {id}  {WEAK}{observed}{WEAK:#}")?;
    }
    writeln!(text)
}

fn write_not_judged(text: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let mut by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for result in subject.run.cases.iter().filter(|case| case.selected).flat_map(|case| &case.results) {
        match &result.outcome {
            // What another check says, or asks of another answer, needs no second mention.
            Outcome::NotJudged(NotJudged::Covered(_) | NotJudged::AnotherStatus(_)) => {}
            Outcome::NotJudged(reason) => by_reason.entry(reason.reason()).or_default().push(&result.id),
            _ => {}
        }
    }
    if by_reason.is_empty() {
        return Ok(());
    }
    writeln!(text, "{STRONG}Could not be judged, which counts for nothing{STRONG:#}")?;
    for (reason, ids) in by_reason {
        let more = ids.len().saturating_sub(SHOWN_ALSO);
        let shown = ids.iter().take(SHOWN_ALSO).copied().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(text, "  {reason}\n    {WEAK}{shown}{more}{WEAK:#}")?;
    }
    writeln!(text)
}

fn write_summary(text: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let run = subject.run;
    let summary = Summary::of(&run.cases);
    let cases = run.cases.iter().filter(|case| case.selected).count();
    writeln!(
        text,
        "{STRONG}{:<12} {:>8} {:>11} {:>14} {:>11}{STRONG:#}",
        "level", "conform", "nonconform", "informational", "not judged"
    )?;
    let levels = [Level::Must, Level::Should, Level::May, Level::Information].map(Level::name);
    let by_level = levels.iter().filter_map(|level| Some((*level, *summary.by_level.get(level)?)));
    write_counts(text, by_level.chain([("all", summary.all)]))?;
    if let Some(score) = Score::of(subject, &summary) {
        writeln!(text, "{}", score.sentence())?;
    }
    writeln!(text, "{STRONG}tier{STRONG:#}")?;
    let tiers = Tier::ALL.map(Tier::name);
    write_counts(text, tiers.iter().filter_map(|tier| Some((*tier, *summary.by_tier.get(tier)?))))?;
    let shares: Vec<String> =
        summary.evidence.iter().map(|(strength, count)| format!("{count} {strength}")).collect();
    if !shares.is_empty() {
        writeln!(
            text,
            "evidence of the {} judged checks: {}; {} recorded from ECR by this tool",
            summary.all.judged(),
            shares.join(", "),
            summary.recorded_from_ecr
        )?;
    }
    if let Some(warning) = warning(subject) {
        writeln!(text, "warning: {warning}")?;
    }
    if run.throttled > 0 {
        writeln!(text, "{} requests were throttled and sent again", run.throttled)?;
    }
    if run.resent > 0 {
        writeln!(text, "{} requests got no answer and were sent again", run.resent)?;
    }
    if run.ending == Ending::Enough {
        writeln!(text, "stopped after as many failures as were asked for; the rest was not judged")?;
    }
    for left in &run.left {
        writeln!(text, "{BAD}left behind{BAD:#} repository {}: {}", left.repository, left.reason)?;
    }
    for fault in &run.faults {
        writeln!(text, "{BAD}a fault of this program{BAD:#} {fault}; please report it")?;
    }
    let noun = if cases == 1 { "case" } else { "cases" };
    let style = if subject.exit.code() == 0 { GOOD } else { BAD };
    writeln!(
        text,
        "\n{style}{}{style:#}: {} in {cases} {noun}, failing on `{}`",
        subject.target(),
        subject.verdict(),
        subject.fail_on
    )
}
