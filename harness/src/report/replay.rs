//! What came of a replay: where a target answers otherwise than was recorded.
//!
//! In: the sessions with their verdicts. Out: a text for people, or JSON. What must stay true: every session that is
//! not answered as recorded is there, and every file that could not be read.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::recording::{Judged, Loaded, Replayed};
use crate::world::Left;

/// The most places of one exchange that are shown.
const SHOWN_PLACES: usize = 10;

/// The version of the JSON report.
const FORMAT: u32 = 1;

/// A replay to report.
#[derive(Debug)]
pub struct ReplaySubject<'a> {
    /// The sessions.
    pub replayed: &'a [Replayed],
    /// The files that they are from.
    pub loaded: &'a Loaded,
    /// What could not be removed.
    pub left: &'a [Left],
    /// The target's address; nothing for the embedded emulator.
    pub endpoint: Option<&'a str>,
    /// How the program ends.
    pub exit: Exit,
}

impl ReplaySubject<'_> {
    fn file(&self, one: &Replayed) -> String {
        let file = self.loaded.recordings.get(one.recording);
        file.map(|(file, _)| file.display().to_string()).unwrap_or_default()
    }
}

/// What a verdict is called, and why it is so where it needs a word.
fn named(judged: &Judged) -> (&'static str, Option<&str>) {
    match judged {
        Judged::Same => ("same", None),
        Judged::Differs(_) => ("differs", None),
        Judged::NeedsState(reason) => ("needs-state", Some(reason)),
        Judged::NoAnswer(reason) => ("no-answer", Some(reason)),
        Judged::Interrupted => ("interrupted", None),
    }
}

/// What came of a replay, for people.
pub fn replay_human(subject: &ReplaySubject<'_>) -> String {
    let ReplaySubject { replayed, left, endpoint, exit, .. } = subject;
    let target = endpoint.unwrap_or("the embedded emulator");
    let mut text = String::new();
    let mut counts = [("same", 0), ("differs", 0), ("needs-state", 0), ("no-answer", 0), ("interrupted", 0)];
    for one in *replayed {
        let (name, reason) = named(&one.judged);
        counts.iter_mut().filter(|(counted, _)| *counted == name).for_each(|(_, count)| *count += 1);
        if one.judged == Judged::Same {
            continue;
        }
        // Writing to a string can't fail.
        let _ = writeln!(text, "{name}  {}  {}", one.case, subject.file(one));
        let _ = reason.map(|reason| writeln!(text, "  {reason}"));
        let Judged::Differs(differences) = &one.judged else { continue };
        for difference in differences {
            let _ = writeln!(text, "  {difference}");
            for place in difference.places.iter().take(SHOWN_PLACES) {
                let _ = writeln!(text, "    {place}");
            }
            if difference.places.len() > SHOWN_PLACES {
                let _ = writeln!(text, "    and {} places more", difference.places.len() - SHOWN_PLACES);
            }
        }
        text.push('\n');
    }
    for left in *left {
        let _ = writeln!(text, "left behind: {} ({})", left.repository, left.reason);
    }
    let sent: usize = replayed.iter().map(|one| one.sent).sum();
    let counts: Vec<String> = counts
        .iter()
        .filter(|(name, count)| *count > 0 || *name == "same")
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let said = match exit {
        Exit::Conforms => "answers as recorded",
        Exit::DoesNotConform => "does not answer as recorded",
        Exit::Usage => "a file is no recording",
        other => other.verdict(),
    };
    let _ = writeln!(text, "{} sessions, {sent} requests: {}", replayed.len(), counts.join(", "));
    let _ = writeln!(text, "{target}: {said}");
    text
}

/// What came of a replay, as JSON of format 1.
pub fn replay_json(subject: &ReplaySubject<'_>) -> String {
    let ReplaySubject { replayed, loaded, left, endpoint, exit, .. } = subject;
    let sessions: Vec<Value> = replayed
        .iter()
        .map(|one| {
            let (name, reason) = named(&one.judged);
            let differences = match &one.judged {
                Judged::Differs(differences) => differences.as_slice(),
                _ => &[],
            };
            let differences: Vec<Value> = differences
                .iter()
                .map(|difference| {
                    let places: Vec<Value> = difference
                        .places
                        .iter()
                        .map(|place| {
                            json!({"place": place.place, "recorded": place.first, "actual": place.second})
                        })
                        .collect();
                    json!({
                        "exchange": difference.exchange,
                        "operation": difference.operation,
                        "places": places,
                    })
                })
                .collect();
            json!({
                "case": one.case,
                "file": subject.file(one),
                "verdict": name,
                "reason": reason,
                "sent": one.sent,
                "differences": differences,
            })
        })
        .collect();
    let broken: Vec<String> = loaded.broken.iter().map(ToString::to_string).collect();
    let left: Vec<&str> = left.iter().map(|left| left.repository.as_str()).collect();
    let report = json!({
        "format": FORMAT,
        "suite": concat!("ecrspec ", env!("CARGO_PKG_VERSION")),
        "target": endpoint,
        "exit": exit.code(),
        "sessions": sessions,
        "brokenFiles": broken,
        "leftBehind": left,
    });
    format!("{report:#}\n")
}
