//! The report as one HTML page, to send to whoever can mend the target.
//!
//! What must stay true: the page asks nothing of any network, and a browser would refuse if it did; everything is
//! there to read without a script, which only filters; no meaning is carried by colour alone.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use crate::evidence::Ledger;
use crate::level::Level;
use crate::report::detail::{self, Difference};
use crate::report::state::State;
use crate::report::{
    Failure, RootCause, Score, Subject, Summary, context, failures, folded, removed, root_cause,
};
use crate::run::CaseRun;
use crate::verdict::{CheckResult, Finding, FindingKind};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// No request leaves the page, whatever stands in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

const LEVELS: [Level; 4] = [Level::Must, Level::Should, Level::May, Level::Information];

const KINDS: [FindingKind; 6] = [
    FindingKind::Transport,
    FindingKind::Envelope,
    FindingKind::Shape,
    FindingKind::ErrorIdentity,
    FindingKind::ErrorText,
    FindingKind::Semantics,
];

/// A browser lays out so many checks at once, and only those near what is seen.
const PART: usize = 50;

/// A check with what it means.
struct Row<'a> {
    case: &'a CaseRun,
    result: &'a CheckResult,
    state: State<'a>,
    /// The check that tells the cause, where that is another one.
    first: Option<&'a str>,
    /// The checks that fail for the same cause.
    also: Vec<&'a str>,
}

/// The report as an HTML page.
pub fn html(subject: &Subject<'_>) -> String {
    let failures = failures(subject);
    let folds = folded(&failures);
    let also: BTreeMap<&str, &Failure<'_>> =
        failures.iter().map(|failure| (failure.result.id.as_str(), failure)).collect();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for case in subject.run.cases.iter().filter(|case| case.selected) {
        rows.extend(case.results.iter().map(|result| Row {
            case,
            result,
            state: State::of(result, subject),
            first: folds.get(result.id.as_str()).copied(),
            also: also.get(result.id.as_str()).map(|failure| failure.also.clone()).unwrap_or_default(),
        }));
    }
    // What fails the run comes first; among equals the suite's order stays.
    rows.sort_by_key(|row| row.state.rank());
    let title = format!("{}: {}", subject.target(), subject.verdict());
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("ecrspec: {title}")))
            body {
                a.skip href="#checks" { "Skip to the checks" }
                (heading(subject, &title))
                main {
                    (everything(subject))
                    (stale(subject))
                    @if let Some(note) = removed(&failures, subject) { p { (ticked(note)) } }
                    (filters(&rows))
                    div #checks tabindex="-1" { @for rows in rows.chunks(PART) {
                        ol { @for row in rows { (check(row, subject)) } }
                    } }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// The head of a page that stands alone.
pub(super) fn head(title: &str) -> Markup {
    markup! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn heading(subject: &Subject<'_>, title: &str) -> Markup {
    let summary = Summary::of(&subject.run.cases);
    let score = Score::of(subject, &summary);
    markup! {
        header {
            h1 class=(if subject.exit.code() == 0 { "good" } else { "bad" }) { (title) }
            dl {
                div { dt { "Suite" } dd { "ecrspec " (env!("CARGO_PKG_VERSION")) } }
                div { dt { "API" } dd { (subject.revision.name) } }
                div { dt { "Spec" } dd { code { (subject.revision.hash.get(..12).unwrap_or_default()) } } }
                div { dt { "Registry" } dd { (subject.run.target.registry_id) } }
                div { dt { "Fails on" } dd { (subject.fail_on) } }
                div { dt { "Exit code" } dd { (subject.exit.code()) } }
            }
            div.wide role="region" aria-label="Checks by level" tabindex="0" { table {
                caption { "Checks by level" }
                thead { tr { @for name in ["Level", "Conform", "Nonconform", "Informational", "Not judged"] {
                    th scope="col" { (name) }
                } } }
                tbody { @for level in LEVELS {
                    @let counts = summary.by_level.get(level.name()).copied().unwrap_or_default();
                    @if counts.total() > 0 { tr {
                        th scope="row" { (level) }
                        @for count in
                            [counts.conform, counts.nonconform, counts.informational, counts.not_judged]
                        { td { (count) } }
                    } }
                } }
            } }
            @if let Some(score) = score { p { (ticked(&score.sentence())) } }
            p { (summary.recorded_from_ecr) " of the " (summary.all.judged())
                " judged checks rest on bytes that this tool recorded from ECR." }
        }
    }
}

/// One thing that makes everything fail.
fn everything(subject: &Subject<'_>) -> Markup {
    let Some(RootCause { cause, means, came, next, checks }) = root_cause(subject) else { return markup! {} };
    markup! {
        section aria-labelledby="everything" {
            h2 #everything { "Everything fails for one cause" }
            p { code { (cause) } ": " (means) ", " (checks.len()) " failures" }
            p { "Came: " (came) }
            p { "Next: " (next) }
        }
    }
}

/// A text in which what stands between backticks is code.
fn ticked(text: &str) -> Markup {
    // Without a second one a backtick is no mark.
    let is_paired = text.matches('`').count().is_multiple_of(2);
    markup! {
        @if is_paired { @for (number, part) in text.split('`').enumerate() {
            @if number % 2 == 1 { code { (part) } } @else { (part) }
        } } @else { (text) }
    }
}

fn stale(subject: &Subject<'_>) -> Markup {
    let Some(standing) = subject.baseline.filter(|standing| standing.is_stale()) else { return markup! {} };
    markup! {
        section aria-labelledby="stale" {
            h2 #stale { "Stale entries of the baseline" }
            ul { @for stale in &standing.stale { li {
                code { (standing.baseline.file) ":" (stale.entry.line) } " "
                code { (stale.entry.id) } ": " (stale.sentence())
            } } }
        }
    }
}

fn filters(rows: &[Row<'_>]) -> Markup {
    let count = |fits: &dyn Fn(&Row<'_>) -> bool| rows.iter().filter(|row| fits(row)).count();
    let states = State::NAMES.map(|name| (name, count(&|row| row.state.name() == name)));
    let levels = LEVELS.map(|level| (level.name(), count(&|row| row.result.level == level)));
    let kinds = KINDS.map(|kind| (kind.name(), count(&|row| kind_of(row) == kind.name())));
    markup! {
        form #filters aria-label="Filter the checks" hidden {
            p {
                label for="words" { "Words of the id or the sentence" }
                input #words type="search" autocomplete="off";
                button type="reset" { "Show all" }
            }
            (choices("State", "state", &states))
            (choices("Level", "level", &levels))
            (choices("Kind of difference", "kind", &kinds))
        }
        h2 { "Checks" }
        p #shown role="status" { (rows.len()) " checks" }
    }
}

fn choices(legend: &str, name: &str, choices: &[(&str, usize)]) -> Markup {
    markup! {
        fieldset {
            legend { (legend) }
            @for (value, count) in choices.iter().filter(|(_, count)| *count > 0) {
                label { input type="checkbox" name=(name) value=(value); " " (value) " (" (count) ")" }
            }
        }
    }
}

fn kind_of(row: &Row<'_>) -> &'static str {
    row.state.finding().map_or("", |finding| finding.kind.name())
}

fn check(row: &Row<'_>, subject: &Subject<'_>) -> Markup {
    let Row { case, result, state, also, .. } = row;
    let head = markup! {
        span.state { (state.name()) } " "
        span.level { (result.level) } " "
        code { (result.id) } " "
        span.sentence { (ticked(&case.case.sentence)) }
    };
    markup! {
        li id=(result.id) data-state=(state.name()) data-level=(result.level) data-kind=(kind_of(row)) {
            @if let State::Conforms = state {
                div.head { (head) }
            } @else {
                details {
                    summary.head { (head) }
                    @if let Some(finding) = state.finding() { (finding_of(row, finding, subject)) }
                    @else { p { (ticked(&state.why().unwrap_or_default())) } }
                    @if !also.is_empty() {
                        p { "For the same cause fail " @for (index, id) in also.iter().enumerate() {
                            @if index > 0 { ", " } (link(id))
                        } }
                    }
                    (evidence(result))
                    @for shown in detail::exchanges(case, result).into_iter().take(SHOWN_EXCHANGES) {
                        h3 { "Request" } pre tabindex="0" { (shown.request) }
                        h3 { "Answer" } pre tabindex="0" { (shown.response) }
                    }
                }
            }
        }
    }
}

/// Of a walk over many pages so many are shown.
const SHOWN_EXCHANGES: usize = 3;

fn finding_of(row: &Row<'_>, finding: &Finding, subject: &Subject<'_>) -> Markup {
    let command = |name: &str| {
        let rows = detail::rows(row.case, row.result, finding, subject);
        rows.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    markup! {
        @if let State::Known(_, entry) = row.state {
            p { "Known until " (entry.expires) ": " (entry.reason) " "
                a href=(entry.issue) rel="noreferrer" { (entry.issue) } }
        }
        table.difference {
            caption { "What differs (" (finding.kind.name()) ")" }
            thead { tr { th scope="col" { "At" } th scope="col" { "Expected" } th scope="col" { "Actual" } } }
            tbody { @for Difference { pointer, expected, actual } in detail::differences(finding) { tr {
                th scope="row" { @if pointer.is_empty() { "the answer" } @else { code { (pointer) } } }
                td { (side(expected.as_deref())) }
                td { (side(actual.as_deref())) }
            } } }
        }
        p { "Breaks " (finding.breaks) }
        @if let Some(first) = row.first { p { "Fails for the same cause as " (link(first)) } }
        (context(row, finding, subject))
        @if let Some(command) = command("try") { h3 { "Try" } pre tabindex="0" { (command) } }
        @if let Some(command) = command("again") { h3 { "Again" } pre tabindex="0" { (command) } }
    }
}

/// What lies around a finding, and the commands that make it anew.
fn context(row: &Row<'_>, finding: &Finding, subject: &Subject<'_>) -> Markup {
    let Row { case, result, .. } = row;
    let rows = context::context(case, result, finding, subject);
    let setup = context::setup(case, result, subject);
    markup! {
        @if !rows.is_empty() { table.context {
            caption { "What lies around it" }
            tbody { @for (name, value) in rows { tr { th scope="row" { (name) } td { code { (value) } } } } }
        } }
        @if !setup.is_empty() {
            h3 { "First" }
            p { (context::layers(subject)) }
            pre tabindex="0" { (setup.join("\n")) }
        }
    }
}

fn link(id: &str) -> Markup {
    markup! { a href={ "#" (id) } { code { (id) } } }
}

fn side(value: Option<&str>) -> Markup {
    markup! { @match value { Some(value) => code { (value) }, None => em { "nothing" } } }
}

fn evidence(result: &CheckResult) -> Markup {
    let facts = result.evidence.iter().filter_map(|id| Ledger::built_in().fact(id));
    markup! {
        h3 { "Evidence" }
        ul { @for fact in facts { li {
            (fact.id) " (" (fact.strength) "): " (ticked(&fact.statement))
            @for source in &fact.sources { @if let Some(link) = &source.link {
                " " a href=(link) rel="noreferrer" { (source.title) }
            } }
        } } }
    }
}
