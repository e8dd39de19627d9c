//! What a target answers, as a text to compare with tomorrow's: a regression gate.
//!
//! In: a run. Out: a snapshot, a place and a value a line, in which what changes from run to run is named; and
//! what changed between two. What must stay true: two runs of the same target give the same bytes; a snapshot
//! says what was, never what is right: accepting one changes no expectation.
//!
//! In a `cargo test` of your own the same text goes through `insta::assert_snapshot!(snapshot.to_string())`.

use std::collections::BTreeMap;
use std::fmt;

use ecrspec_api::table::Revision;

use crate::law::Law;
use crate::normalise::{Line, Normaliser};
use crate::run::Run;
use crate::transcript::{StepOutcome, Unsent};
use crate::verdict::shorten;

/// How a snapshot begins.
const HEAD: &str = "ecrspec snapshot 1";

/// Of a longer list the first elements are kept, and how many more there are.
const SHOWN_ELEMENTS: usize = 6;

/// What a target answers to each case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The target's name and version.
    pub target: String,
    /// The revision of the API.
    pub api: String,
    /// The lines of each case, by its id.
    pub cases: BTreeMap<String, Vec<String>>,
}

/// What changed in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The case's id.
    pub case: String,
    /// What changed in it.
    pub kind: ChangeKind,
}

/// What changed in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// There is no snapshot of it yet.
    New,
    /// Its lines, each with `-` if it was there or `+` if it is there now, under the exchange that it is of.
    Lines(Vec<String>),
}

/// Why a text is no snapshot.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct NotASnapshot {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Snapshot {
    /// What a run's target answered to the selected cases.
    pub fn of_run(run: &Run, revision: &Revision, target: &str) -> Self {
        // What a law asks for follows from what was answered, so its exchanges are no two times the same.
        let cases = run.cases.iter().filter(|case| case.selected && Law::of(&case.case).is_none());
        let cases = cases
            .map(|case| {
                let mut normaliser = Normaliser::new(revision, &case.transcript.bindings);
                let mut lines = Vec::new();
                for (step, outcome) in case.case.steps.iter().zip(&case.transcript.steps) {
                    match outcome {
                        StepOutcome::NotSent(reason) => {
                            lines.push(format!("  {}", step.send.operation));
                            lines.push(format!("    not-sent {}", why(reason)));
                        }
                        StepOutcome::Sent { exchanges, .. } => {
                            for exchange in exchanges {
                                lines.push(format!("  {}", step.send.operation));
                                lines.extend(shown(&normaliser.answer(exchange)));
                            }
                        }
                    }
                }
                (case.case.id.clone(), lines)
            })
            .collect();
        Self { target: target.to_owned(), api: revision.name.to_owned(), cases }
    }

    /// Reads a snapshot.
    ///
    /// # Errors
    /// If the text is none.
    pub fn parse(text: &str) -> Result<Self, NotASnapshot> {
        let mut snapshot = Self::default();
        let mut case = None;
        for (index, line) in text.lines().enumerate() {
            let error = |reason| NotASnapshot { line: index + 1, reason };
            match (index, line) {
                (0, HEAD) => {}
                (0, _) => return Err(error("a snapshot begins with `ecrspec snapshot 1`")),
                (1, _) => line.strip_prefix("target ").unwrap_or_default().clone_into(&mut snapshot.target),
                (2, _) => line.strip_prefix("api ").unwrap_or_default().clone_into(&mut snapshot.api),
                (_, "") => case = None,
                (_, line) if line.starts_with("  ") => {
                    let lines: &mut Vec<String> = case
                        .as_ref()
                        .and_then(|case| snapshot.cases.get_mut(case))
                        .ok_or_else(|| error("it belongs to no case"))?;
                    lines.push(line.to_owned());
                }
                (_, id) => {
                    snapshot.cases.insert(id.to_owned(), Vec::new());
                    case = Some(id.to_owned());
                }
            }
        }
        if snapshot.target.is_empty() || snapshot.api.is_empty() {
            return Err(NotASnapshot { line: 2, reason: "it names no target or no API" });
        }
        Ok(snapshot)
    }

    /// What is otherwise in `now`, for the cases that it has.
    pub fn changes(&self, now: &Self) -> Vec<Change> {
        let changed = |(id, lines): (&String, &Vec<String>)| {
            let kind = match self.cases.get(id) {
                None => ChangeKind::New,
                Some(before) if before == lines => return None,
                Some(before) => ChangeKind::Lines(compare(before, lines)),
            };
            Some(Change { case: id.clone(), kind })
        };
        now.cases.iter().filter_map(changed).collect()
    }

    /// Takes over every case of `now`; the others stay.
    pub fn accept(&mut self, now: Self) {
        self.target = now.target;
        self.api = now.api;
        self.cases.extend(now.cases);
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{HEAD}\ntarget {}\napi {}", self.target, self.api)?;
        for (id, lines) in &self.cases {
            writeln!(formatter, "\n{id}")?;
            for line in lines {
                writeln!(formatter, "{line}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.case)?;
        match &self.kind {
            ChangeKind::New => writeln!(formatter, "  there is no snapshot of it yet"),
            ChangeKind::Lines(lines) => lines.iter().try_for_each(|line| writeln!(formatter, "{line}")),
        }
    }
}

/// Why a request was not sent, as far as that is the same in every run.
fn why(reason: &Unsent) -> String {
    match reason {
        Unsent::Lacks(capability) => format!("the target lacks {}", capability.name()),
        Unsent::NoWorld(_) => "its world could not be made".to_owned(),
        Unsent::Unbound(name) => format!("no earlier answer gave {name}"),
        Unsent::Unreachable => "the target had stopped answering".to_owned(),
        Unsent::Interrupted => "the run was interrupted".to_owned(),
    }
}

/// Lines as they stand in a snapshot, those of long lists left out.
fn shown(lines: &[Line]) -> Vec<String> {
    let is_far = |line: &&Line| {
        line.place.split('/').any(|step| step.parse::<usize>().is_ok_and(|index| index >= SHOWN_ELEMENTS))
    };
    let far = lines.iter().filter(is_far).count();
    let near = lines.iter().filter(|line| !is_far(line));
    let mut shown: Vec<String> = near.map(|line| format!("    {line}")).collect();
    if far > 0 {
        shown.push(format!("    {far} more values of longer lists"));
    }
    shown
}

/// The exchanges of a case: what each calls, and its lines.
fn exchanges(lines: &[String]) -> Vec<(&str, Vec<&str>)> {
    let mut exchanges: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines {
        match exchanges.last_mut() {
            Some((_, inner)) if line.starts_with("    ") => inner.push(line),
            _ => exchanges.push((line, Vec::new())),
        }
    }
    exchanges
}

/// What changed, exchange by exchange and place by place.
fn compare(before: &[String], after: &[String]) -> Vec<String> {
    let (before, after) = (exchanges(before), exchanges(after));
    let mut changes = Vec::new();
    for index in 0..before.len().max(after.len()) {
        let nothing = (&"", Vec::new());
        let (operation, then) =
            before.get(index).map_or(nothing.clone(), |(name, lines)| (name, lines.clone()));
        let (now_operation, now) = after.get(index).map_or(nothing, |(name, lines)| (name, lines.clone()));
        if operation == now_operation && then == now {
            continue;
        }
        let operation = if now_operation.is_empty() { operation } else { now_operation };
        changes.push(format!("{operation}, exchange {}", index + 1));
        changes.extend(then.iter().filter(|line| !now.contains(line)).map(|line| signed('-', line)));
        changes.extend(now.iter().filter(|line| !then.contains(line)).map(|line| signed('+', line)));
    }
    changes
}

fn signed(sign: char, line: &str) -> String {
    format!("  {sign} {}", shorten(line.trim_start()))
}
