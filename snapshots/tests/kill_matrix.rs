//! The kill matrix: which check fails on which mutant of the emulator.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ecrspec::emulator::Settings;
use ecrspec::level::Level;
use ecrspec::mutant::{self, Expected, Mutant};
use ecrspec::verdict::Outcome;
use support::{assert_golden, revision, run_alone, suite};

/// The checks that failed on a mutant, with their levels.
type Killers = BTreeMap<String, Level>;

#[test]
fn every_mutant_is_killed_as_expected_and_every_check_kills_one() {
    let mutants = mutant::all(revision());
    let (all, matrix) = run_all(&mutants);
    let mut complaints = Vec::new();
    let mut text = String::new();
    for (mutant, killers) in mutants.iter().zip(&matrix) {
        complaints.extend(complaint(mutant, killers));
        let _ = writeln!(text, "{}: {}", mutant.name, mutant.sentence);
        match &mutant.expected {
            Expected::Equivalent(reason) => drop(writeln!(text, "  equivalent: {reason}")),
            Expected::KilledBy(_) => {
                let count = |level| killers.values().filter(|killer| **killer == level).count();
                let (must, should, may) = (count(Level::Must), count(Level::Should), count(Level::May));
                let _ = writeln!(text, "  killed by {must} must, {should} should, {may} may");
                for line in compact(&all, killers) {
                    let _ = writeln!(text, "    {line}");
                }
            }
        }
    }
    let useful: BTreeSet<&str> = matrix.iter().flat_map(Killers::keys).map(String::as_str).collect();
    let useless: Vec<&str> = all
        .iter()
        .filter(|(id, level)| **level >= Level::Should && !useful.contains(id.as_str()))
        .map(|(id, _)| id.as_str())
        .collect();
    let listed = mutant::kills_none();
    for id in &useless {
        if !listed.iter().flat_map(|entry| &entry.checks).any(|pattern| fits(id, pattern)) {
            complaints.push(format!("{id} kills no mutant, and `kills_none` has no reason for it"));
        }
    }
    for pattern in listed.iter().flat_map(|entry| &entry.checks) {
        if !useless.iter().any(|id| fits(id, pattern)) {
            complaints.push(format!("`kills_none` has `{pattern}`, but no such check kills none"));
        }
    }
    let equivalent =
        mutants.iter().filter(|mutant| matches!(mutant.expected, Expected::Equivalent(_))).count();
    let judged = all.values().filter(|level| **level >= Level::Should).count();
    let figures = format!(
        "{} mutants: {} killed, {equivalent} equivalent\n{judged} checks that must or should hold: {} kill a mutant, {} kill none\n\n",
        mutants.len(),
        mutants.len() - equivalent,
        judged - useless.len(),
        useless.len()
    );
    assert_golden("kill-matrix", revision().name, &(figures + &text));
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

fn complaint(mutant: &Mutant, killers: &Killers) -> Vec<String> {
    let name = &mutant.name;
    match &mutant.expected {
        Expected::Equivalent(_) => killers
            .keys()
            .take(3)
            .map(|id| format!("{name} is called equivalent, but {id} kills it"))
            .collect(),
        Expected::KilledBy(_) if killers.is_empty() => vec![format!("{name} survives")],
        Expected::KilledBy(patterns) => patterns
            .iter()
            .filter(|pattern| !killers.keys().any(|id| fits(id, pattern)))
            .map(|pattern| format!("{name} is not killed by {pattern}"))
            .collect(),
    }
}

/// All checks with their levels, and for each mutant those that failed on it.
fn run_all(mutants: &[Mutant]) -> (BTreeMap<String, Level>, Vec<Killers>) {
    let suite = suite(&[]);
    let next = AtomicUsize::new(0);
    let all = Mutex::new(BTreeMap::new());
    let matrix = Mutex::new(vec![Killers::new(); mutants.len()]);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((index, mutant)) = at(mutants, next.fetch_add(1, Ordering::Relaxed)) {
                    let run = run_alone(&suite, mutant.door(Settings::new(revision())));
                    assert!(run.faults.is_empty(), "{}: {:?}", mutant.name, run.faults);
                    let results = || run.cases.iter().flat_map(|case| &case.results);
                    let failed = results().filter(|result| matches!(result.outcome, Outcome::Nonconform(_)));
                    let killers = failed.map(|result| (result.id.clone(), result.level)).collect();
                    if let Some(place) = matrix.lock().ok().as_mut().and_then(|matrix| matrix.get_mut(index))
                    {
                        *place = killers;
                    }
                    if let Ok(mut all) = all.lock() {
                        all.extend(results().map(|result| (result.id.clone(), result.level)));
                    }
                }
            });
        }
    });
    (all.into_inner().unwrap_or_default(), matrix.into_inner().unwrap_or_default())
}

fn at(mutants: &[Mutant], index: usize) -> Option<(usize, &Mutant)> {
    mutants.get(index).map(|mutant| (index, mutant))
}

/// Whether an id fits a pattern in which `*` stands for anything.
fn fits(id: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return id == pattern };
    let Some(id) = id.strip_prefix(first) else { return false };
    id.char_indices().map(|(at, _)| &id[at..]).chain([""]).any(|end| fits(end, rest))
}

/// The lines of a mutant's killers: a case's checks together, and where they are many a topic's by their number.
fn compact(all: &BTreeMap<String, Level>, killers: &Killers) -> Vec<String> {
    const MANY: usize = 24;

    let by = |mark| group(killers.keys(), mark);
    if by('#').len() > MANY {
        let counted = all.iter().filter(|(_, level)| **level > Level::Information).map(|(id, _)| id);
        let whole = group(counted, '.');
        return by('.')
            .into_iter()
            .map(|(topic, ids)| {
                format!("{topic}.* ({} of {})", ids.len(), whole.get(topic).map_or(0, Vec::len))
            })
            .collect();
    }
    by('#').into_iter().map(|(case, names)| format!("{case}#{}", names.join(" "))).collect()
}

/// The ids by what stands before the mark, each with what stands after it.
fn group<'a>(ids: impl Iterator<Item = &'a String>, mark: char) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for (group, rest) in ids.filter_map(|id| id.split_once(mark)) {
        groups.entry(group).or_default().push(rest);
    }
    groups
}
