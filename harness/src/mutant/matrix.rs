//! The kill matrix: which check of a suite fails on which mutant.
//!
//! In: a suite, a revision and its mutants. Out: a [`Matrix`], and of it what is not as it should be. What must
//! stay true: a mutant is asked in the same order as any other, one request after the other, so that the same
//! suite gives the same matrix on any number of threads; a check counts as useful only for a mutant that is not
//! blunt.
//!
//! Most faults strike `DescribeImages` alone. For these the worlds are made once, in an emulator without any
//! fault, and each mutant is a copy of it; the others make the smaller worlds for themselves. Cases in worlds of
//! many images take long, so they run on the mutants that they are expected to kill and on those that nothing
//! should kill.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ecrspec_api::table::Revision;

use super::{Expected, Mutant, MutantDoor, kills_none};
use crate::case::Suite;
use crate::client::{Client, Signer};
use crate::emulator::Settings as EmulatorSettings;
use crate::level::Level;
use crate::run::{self, Run, Settings, Stage};
use crate::verdict::Outcome;
use crate::world::Seed;

/// The most pushes of a world that every mutant is tried in.
const SMALL_WORLD: u32 = 10;

/// A mutant on which more than this share of all cases fails is blunt.
const BLUNT: (usize, usize) = (1, 2);

/// The checks that failed on a mutant, with their levels.
pub type Killers = BTreeMap<String, Level>;

/// A mutant and what failed on it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The mutant.
    pub mutant: Mutant,
    /// The checks that failed.
    pub killers: Killers,
}

/// Which check of a suite fails on which mutant.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The mutants, in their order.
    pub rows: Vec<Row>,
    /// Every check of the suite with its level.
    pub checks: Killers,
    /// The checks that fail on the emulator itself: there should be none.
    pub on_the_emulator: Killers,
    /// What went wrong in this program itself.
    pub faults: Vec<String>,
    /// Whether all mutants were run. Of some alone it can't be said that a check kills none.
    is_whole: bool,
}

impl Matrix {
    /// Runs a suite on the mutants of a revision; with patterns, on those whose name fits one of them (`*` stands for
    /// anything). `told` is called after each mutant.
    ///
    /// # Errors
    /// If a runtime can't be started.
    pub fn run(
        suite: &Suite,
        revision: &'static Revision,
        patterns: &[String],
        told: impl Fn(&Mutant) + Sync,
    ) -> std::io::Result<Self> {
        let fits_one = |mutant: &Mutant| patterns.iter().any(|pattern| fits(&mutant.name, pattern));
        let mutants: Vec<Mutant> = super::all(revision)
            .into_iter()
            .filter(|mutant| patterns.is_empty() || fits_one(mutant))
            .collect();
        let door = Arc::new(MutantDoor::new(EmulatorSettings::new(revision), None));
        let stage = alone(run::set_stage(suite, client(Arc::clone(&door), revision), revision, &settings()))?;
        let base =
            Base { suite, small: suite.clone().without_worlds_above(SMALL_WORLD), revision, door, stage };

        let clean = base.play(suite, base.door.copy(None))?;
        let mut matrix = Self {
            checks: results_of(&clean).map(|(id, level, _)| (id, level)).collect(),
            on_the_emulator: failed(&clean),
            faults: clean.faults,
            rows: Vec::with_capacity(mutants.len()),
            is_whole: patterns.is_empty(),
        };
        let (killers, faults) = base.run_all(&mutants, &told);
        matrix.faults.extend(faults);
        matrix.rows =
            mutants.into_iter().zip(killers).map(|(mutant, killers)| Row { mutant, killers }).collect();
        Ok(matrix)
    }

    /// Everything that is not as it should be; nothing if the suite proves itself.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = self.faults.clone();
        complaints.extend(
            self.on_the_emulator.keys().map(|id| format!("{id} fails on the emulator, which has no fault")),
        );
        complaints.extend(self.rows.iter().flat_map(|row| row.complaints(self.cases())));
        if self.is_whole {
            complaints.extend(self.useless());
        }
        complaints
    }

    /// Checks that kill no mutant without a reason for it, and reasons that are no longer needed.
    fn useless(&self) -> Vec<String> {
        let listed = || kills_none().iter().flat_map(|entry| &entry.checks);
        let unlisted =
            self.killing_none().into_iter().filter(|id| !listed().any(|pattern| fits(id, pattern))).map(
                |id| format!("{id} kills no mutant but blunt ones, and `kills_none` has no reason for it"),
            );
        let stale = listed()
            .filter(|pattern| !self.killing_none().iter().any(|id| fits(id, pattern)))
            .map(|pattern| format!("`kills_none` has `{pattern}`, but no such check kills none"));
        unlisted.chain(stale).collect()
    }

    /// The checks above information that kill no mutant but blunt ones.
    fn killing_none(&self) -> Vec<&str> {
        let sharp = self.rows.iter().filter(|row| !row.mutant.blunt);
        let useful: BTreeSet<&str> = sharp.flat_map(|row| row.killers.keys()).map(String::as_str).collect();
        self.judging().filter(|id| !useful.contains(id)).collect()
    }

    fn judging(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().filter(|(_, level)| **level > Level::Information).map(|(id, _)| id.as_str())
    }

    fn cases(&self) -> usize {
        group(self.checks.keys(), '#').len()
    }
}

/// The figures, then each mutant with the checks that it is killed by.
impl fmt::Display for Matrix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_equivalent = |row: &&Row| matches!(row.mutant.expected, Expected::Equivalent(_));
        let equivalent = self.rows.iter().filter(is_equivalent).count();
        let killed = self.rows.iter().filter(|row| !row.killers.is_empty()).count();
        let blunt = self.rows.iter().filter(|row| row.mutant.blunt).count();
        writeln!(
            formatter,
            "{} mutants: {killed} killed, {equivalent} equivalent; {blunt} are blunt",
            self.rows.len()
        )?;
        if self.is_whole {
            let (judging, none) = (self.judging().count(), self.killing_none().len());
            writeln!(
                formatter,
                "{judging} checks that are judged: {} kill a mutant that is not blunt, {none} do not",
                judging - none
            )?;
        }
        writeln!(formatter)?;
        for row in &self.rows {
            formatter.write_str(&row.text(&self.checks))?;
        }
        Ok(())
    }
}

impl Row {
    fn complaints(&self, cases: usize) -> Vec<String> {
        let Self { mutant: Mutant { name, expected, blunt, .. }, killers } = self;
        let mut complaints: Vec<String> = match expected {
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
        };
        let failing = group(killers.keys(), '#').len();
        if !blunt && failing * BLUNT.1 > cases * BLUNT.0 {
            complaints.push(format!("{name} fails {failing} of {cases} cases: it is blunt"));
        }
        complaints
    }

    fn text(&self, checks: &Killers) -> String {
        let Self { mutant, killers } = self;
        let mut text = String::new();
        let blunt = if mutant.blunt { " (blunt)" } else { "" };
        // Writing to a string can't fail.
        let _ = writeln!(text, "{}: {}{blunt}", mutant.name, mutant.sentence);
        match &mutant.expected {
            Expected::Equivalent(reason) => drop(writeln!(text, "  equivalent: {reason}")),
            Expected::KilledBy(_) => {
                let count = |level| killers.values().filter(|killer| **killer == level).count();
                let (must, should, may) = (count(Level::Must), count(Level::Should), count(Level::May));
                let _ = writeln!(text, "  killed by {must} must, {should} should, {may} may");
                for line in compact(checks, killers) {
                    let _ = writeln!(text, "    {line}");
                }
            }
        }
        text
    }
}

/// The emulator without a fault, with the worlds of a suite in it.
struct Base<'a> {
    suite: &'a Suite,
    /// The cases that every mutant is tried on.
    small: Suite,
    revision: &'static Revision,
    door: Arc<MutantDoor>,
    stage: Stage,
}

impl Base<'_> {
    /// What fails on each mutant, and what went wrong.
    fn run_all(&self, mutants: &[Mutant], told: &(impl Fn(&Mutant) + Sync)) -> (Vec<Killers>, Vec<String>) {
        let next = AtomicUsize::new(0);
        let all = Mutex::new((vec![Killers::new(); mutants.len()], Vec::new()));
        let workers = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(mutant) = mutants.get(index) else { break };
                        let run = self.run(mutant);
                        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                        match run {
                            Ok(run) => {
                                all.1.extend(
                                    run.faults.iter().map(|fault| format!("{}: {fault}", mutant.name)),
                                );
                                if let Some(place) = all.0.get_mut(index) {
                                    *place = failed(&run);
                                }
                            }
                            Err(error) => all.1.push(format!("{}: {error}", mutant.name)),
                        }
                        drop(all);
                        told(mutant);
                    }
                });
            }
        });
        all.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mutant: &Mutant) -> std::io::Result<Run> {
        if !mutant.fault.strikes_worlds() {
            let suite = if self.needs_large_worlds(mutant) { self.suite } else { &self.small };
            return self.play(suite, self.door.copy(Some(&mutant.fault)));
        }
        let door = mutant.door(EmulatorSettings::new(self.revision));
        let client = client(Arc::new(door), self.revision);
        alone(async {
            let settings = settings();
            let stage = run::set_stage(&self.small, Arc::clone(&client), self.revision, &settings).await;
            run::play_on(&stage, &self.small, client, self.revision, &settings).await
        })
    }

    fn needs_large_worlds(&self, mutant: &Mutant) -> bool {
        let is_small = |id: &str| self.small.cases.iter().any(|case| case.id == id);
        match &mutant.expected {
            Expected::Equivalent(_) => true,
            Expected::KilledBy(patterns) => patterns
                .iter()
                .filter_map(|pattern| pattern.split_once('#'))
                .any(|(case, _)| !case.contains('*') && !is_small(case)),
        }
    }

    fn play(&self, suite: &Suite, door: MutantDoor) -> std::io::Result<Run> {
        let client = client(Arc::new(door), self.revision);
        alone(run::play_on(&self.stage, suite, client, self.revision, &settings()))
    }
}

fn client(door: Arc<MutantDoor>, revision: &'static Revision) -> Arc<Client> {
    let signer = Signer::with_dummy_credentials("us-east-1", revision.service.signing_name);
    let timeout = Duration::from_secs(30);
    Arc::new(Client::new(door, &revision.service, signer, "localhost".to_owned(), timeout))
}

fn settings() -> Settings {
    Settings {
        jobs: NonZeroUsize::MIN,
        account: None,
        may_write: Ok(()),
        seed: Seed::default(),
        keep_bodies: false,
    }
}

/// Does something on this thread alone, so that it happens in the same order every time.
fn alone<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    Ok(runtime.block_on(work))
}

fn results_of(run: &Run) -> impl Iterator<Item = (String, Level, &Outcome)> {
    let results = run.cases.iter().flat_map(|case| &case.results);
    results.map(|result| (result.id.clone(), result.level, &result.outcome))
}

fn failed(run: &Run) -> Killers {
    results_of(run)
        .filter(|(_, _, outcome)| matches!(outcome, Outcome::Nonconform(_)))
        .map(|(id, level, _)| (id, level))
        .collect()
}

/// Whether an id fits a pattern in which `*` stands for anything.
fn fits(id: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return id == pattern };
    let Some(id) = id.strip_prefix(first) else { return false };
    id.char_indices().map(|(at, _)| &id[at..]).chain([""]).any(|end| fits(end, rest))
}

/// The lines of a mutant's killers: a case's checks together, and where they are many a topic's by their number.
fn compact(all: &Killers, killers: &Killers) -> Vec<String> {
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
