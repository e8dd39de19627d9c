//! Many targets side by side: requirement groups by target.
//!
//! In: JSON reports, each with what its target is called. Out: a table as Markdown and as a page, and a picture as SVG. What must
//! stay true: a check that was not judged is never left out of what it is a part of.

use std::collections::{BTreeMap, BTreeSet};

use maud::{DOCTYPE, PreEscaped, html as markup};
use serde_json::Value;
use time::Date;

use crate::report::html::head;
use crate::report::summary::Counts;

/// One target and what its run said.
#[derive(Clone, Debug)]
pub struct Column {
    /// What the target is called, with its version.
    pub label: String,
    /// The JSON report of its run, or why there is none.
    pub report: Result<Value, String>,
    /// Where the whole report is, as the table links it.
    pub link: String,
}

/// A target's checks, counted from its report.
struct Tally<'a> {
    column: &'a Column,
    /// By level.
    levels: BTreeMap<&'a str, Counts>,
    /// The `must` checks by requirement group.
    groups: BTreeMap<&'a str, Counts>,
}

impl<'a> Tally<'a> {
    fn of(column: &'a Column) -> Self {
        let mut tally = Self { column, levels: BTreeMap::new(), groups: BTreeMap::new() };
        let checks = column.report.as_ref().ok().and_then(|report| report["checks"].as_array());
        // A check about another accepted answer than the one that came is no part of the whole.
        for check in checks.into_iter().flatten().filter(|check| check["moot"] != true) {
            let text = |key: &str| check[key].as_str().unwrap_or_default();
            let mut one = Counts::default();
            *match text("outcome") {
                "conform" => &mut one.conform,
                "nonconform" => &mut one.nonconform,
                "informational" => &mut one.informational,
                _ => &mut one.not_judged,
            } += 1;
            tally.levels.entry(text("level")).or_default().take_in(one);
            if text("level") == "must" {
                let area = text("id").split('.').next().unwrap_or_default();
                let group = if area == "derived" { "constraints" } else { area };
                tally.groups.entry(group).or_default().take_in(one);
            }
        }
        tally
    }

    fn must(&self) -> Counts {
        self.levels.get("must").copied().unwrap_or_default()
    }
}

/// The rows of the table: the head of each, and a cell a target.
fn rows(tallies: &[Tally<'_>]) -> Vec<(String, Vec<String>)> {
    let row = |head: &str, cell: &dyn Fn(&Tally<'_>) -> String| {
        (head.to_owned(), tallies.iter().map(cell).collect::<Vec<_>>())
    };
    let of_level = |level: &'static str| {
        row(&format!("all {level}"), &|tally| match &tally.column.report {
            Ok(_) => share(tally.levels.get(level)),
            Err(reason) => reason.clone(),
        })
    };
    let mut rows = Vec::from(["must", "should", "may"].map(of_level));
    let groups: BTreeSet<&str> = tallies.iter().flat_map(|tally| tally.groups.keys().copied()).collect();
    rows.extend(groups.iter().map(|group| row(group, &|tally| share(tally.groups.get(group)))));
    rows.push(row("not judged", &|tally| {
        tally.levels.values().map(|counts| counts.not_judged).sum::<usize>().to_string()
    }));
    rows.push(row("the judged rest on", &|tally| {
        let evidence =
            tally.column.report.as_ref().ok().and_then(|report| report["summary"]["evidence"].as_object());
        let evidence = evidence.into_iter().flatten();
        evidence.map(|(strength, count)| format!("{count} {strength}")).collect::<Vec<_>>().join(", ")
    }));
    rows
}

/// The table as Markdown. `made` is the day on which the targets were asked.
pub fn matrix_markdown(columns: &[Column], made: Date) -> String {
    let tallies: Vec<Tally<'_>> = columns.iter().map(Tally::of).collect();
    let line = |head: &str, cells: &[String]| format!("| {head} | {} |\n", cells.join(" | "));
    let plain_of = |cells: &[String]| cells.iter().map(|cell| plain(cell)).collect::<Vec<_>>();
    let of_each = |cell: &dyn Fn(&Column) -> String| columns.iter().map(cell).collect::<Vec<_>>();
    let mut text = line("", &of_each(&|column| plain(&column.label)));
    text += &line("---", &of_each(&|_| "---:".to_owned()));
    for (head, cells) in rows(&tallies) {
        text += &line(&plain(&head), &plain_of(&cells));
    }
    text += &line(
        "report",
        &of_each(&|column| match &column.report {
            Ok(_) => format!("[{}]({})", plain(&column.link), column.link),
            Err(_) => String::new(),
        }),
    );
    format!("{text}\n{}\n", caption(columns, made))
}

/// The same as a page, with the picture, that asks nothing of any network.
pub fn matrix_html(columns: &[Column], made: Date) -> String {
    let tallies: Vec<Tally<'_>> = columns.iter().map(Tally::of).collect();
    let page = markup! {
        (head("ecrspec: many targets"))
        body {
            header { h1 { "How the targets compare" } }
            main {
                div.wide role="region" aria-label="Picture" tabindex="0" { (PreEscaped(matrix_svg(columns, made))) }
                div.wide role="region" aria-label="Checks that hold" tabindex="0" { table {
                    caption { "Checks that hold" }
                    thead { tr { td {} @for column in columns { th scope="col" {
                        @if column.report.is_ok() { a href=(column.link) { (column.label) } }
                        @else { (column.label) }
                    } } } }
                    tbody { @for (head, cells) in rows(&tallies) { tr {
                        th scope="row" { (head) }
                        @for cell in cells { td { (cell) } }
                    } } }
                } }
                p { (caption(columns, made)) }
            }
        }
    };
    markup! { (DOCTYPE) html lang="en" { (page) } }.into_string() + "\n"
}

/// What was run when, and what the expectations rest on.
fn caption(columns: &[Column], made: Date) -> String {
    let Some(report) = columns.iter().find_map(|column| column.report.as_ref().ok()) else {
        return format!("No target answered on {made}.");
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let hash: String = text(&report["api"]["specHash"]).chars().take(12).collect();
    let recorded = &report["summary"]["recordedFromEcr"];
    format!(
        "{}, API {} (spec {hash}), {made}. So many checks hold, of all of their kind; groups count `must`. What was \
         not judged counts as not held. {recorded} checks rest on bytes recorded from ECR by this tool.",
        text(&report["suite"]),
        text(&report["api"]["revision"])
    )
}

fn share(counts: Option<&Counts>) -> String {
    counts.map_or_else(|| "–".to_owned(), |counts| format!("{} of {}", counts.conform, counts.total()))
}

/// A text that ends no cell and begins no markup.
fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|character| !"|<>[]`*\\".contains(*character)).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const STYLE: &str = "text{font:14px system-ui,sans-serif;fill:#1b1f24}.good{fill:#1a7f37}.bad{fill:#cf222e}\
    .open{fill:#8c959f}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.good{fill:#3fb950}.bad{fill:#f85149}}";

/// A picture of how much of all `must` each target does, for a README.
pub fn matrix_svg(columns: &[Column], made: Date) -> String {
    const ROW: usize = 32;
    const BAR: usize = 320;
    let tallies: Vec<Tally<'_>> = columns.iter().map(Tally::of).collect();
    let height = ROW * tallies.len() + 40;
    let picture = markup! {
        svg xmlns="http://www.w3.org/2000/svg" width="720" height=(height) viewBox=(format!("0 0 720 {height}"))
            role="img" aria-labelledby="title"
        {
            title id="title" { "How many of the must checks of ecrspec hold" }
            style { (PreEscaped(STYLE)) }
            @for (index, tally) in tallies.iter().enumerate() {
                @let must = tally.must();
                @let whole = must.total().max(1);
                @let (good, bad) = (BAR * must.conform / whole, BAR * must.nonconform / whole);
                @let top = index * ROW + 8;
                text x="8" y=(top + 17) { (tally.column.label) }
                @if tally.column.report.is_ok() {
                    rect.open x="220" y=(top) width=(BAR) height="22" {}
                    rect.good x="220" y=(top) width=(good) height="22" {}
                    rect.bad x=(220 + good) y=(top) width=(bad) height="22" {}
                    text x=(228 + BAR) y=(top + 17) { (must.conform) " of " (must.total()) }
                } @else {
                    text x="220" y=(top + 17) { "no answer" }
                }
            }
            text x="8" y=(height - 12) { "must: green holds, red fails, grey not judged (" (made) ")" }
        }
    };
    picture.into_string() + "\n"
}
