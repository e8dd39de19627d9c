//! Running cases against a target.
//!
//! In: cases, their worlds and a client. Out: a [`CaseRun`] a case, in the order of the cases whatever the
//! order of answers, and what is known of the target. What must stay true: never more than `jobs` cases at
//! once; what was made in the target is removed, however the run ends.

mod case;
mod law;

pub(crate) use case::bytes_of_hex;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use ecrspec_api::table::Revision;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::case::Suite;
use crate::case::bindings::Bindings;
use crate::case::format::{Capability, Case};
use crate::client::Client;
use crate::law::Law;
use crate::transcript::{Transcript, Unsent};
use crate::verdict::{CheckResult, NotJudged, Outcome, discount_unproven, judge, newer_members};
use crate::world::{self, Left, Random, Seed, Target, World, WorldRecipe};

/// How a run goes about it.
#[derive(Debug)]
pub struct Settings {
    /// How many cases run at once.
    pub jobs: NonZeroUsize,
    /// The registry's id, if the user says it; else the target is asked.
    pub account: Option<String>,
    /// Whether the target may be written to; if not, why not.
    pub may_write: Result<(), String>,
    /// What the names and bytes that the run makes up follow from.
    pub seed: Seed,
    /// Whether whole bodies are kept after they are judged, for a recording.
    pub keep_bodies: bool,
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// What is known of the target.
    pub target: Target,
    /// The cases, in the suite's order.
    pub cases: Vec<CaseRun>,
    /// How the worlds of the cases were made, by name.
    pub worlds: BTreeMap<String, WorldRecipe>,
    /// How the run ended.
    pub ending: Ending,
    /// How many requests were sent in all.
    pub calls: u32,
    /// Requests that were sent again because the target throttled them.
    pub throttled: u32,
    /// Requests that were sent again because no answer came.
    pub resent: u32,
    /// Repositories that were made and could not be removed.
    pub left: Vec<Left>,
    /// What went wrong in this program itself: each is a bug.
    pub faults: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every case was run.
    Complete,
    /// The target stopped answering.
    Unreachable,
    /// The user interrupted it.
    Interrupted,
    /// It had as many failures as the user wanted to see.
    Enough,
}

impl Run {
    /// The members of answers that only a later revision knows, each with that revision's name.
    pub fn newer(&self) -> BTreeMap<&str, &'static str> {
        let all = self.cases.iter().flat_map(|case| &case.newer);
        all.map(|(pointer, revision)| (pointer.as_str(), *revision)).collect()
    }
}

/// What came of one case.
#[derive(Debug)]
pub struct CaseRun {
    /// The case.
    pub case: Case,
    /// What happened.
    pub transcript: Transcript,
    /// What it says.
    pub results: Vec<CheckResult>,
    /// Members of answers that only a later revision knows, each with that revision's name.
    pub newer: BTreeMap<String, &'static str>,
    /// Whether the case was asked for, or runs only as another's valid twin.
    pub selected: bool,
}

impl Run {
    /// Takes in another run of the same suite against the same target: of each case what went worse stays, so that a
    /// check passes only if it passed in both. Gives the checks whose outcomes differ.
    pub fn take_in(&mut self, other: Self) -> BTreeSet<String> {
        let mut unsteady = BTreeSet::new();
        for (mine, theirs) in self.cases.iter_mut().zip(other.cases) {
            let pairs = mine.results.iter().zip(&theirs.results);
            let differing = pairs.filter(|(one, other)| badness(&one.outcome) != badness(&other.outcome));
            unsteady.extend(differing.map(|(one, _)| one.id.clone()));
            let total = |results: &[CheckResult]| {
                results.iter().map(|result| badness(&result.outcome)).max().unwrap_or_default()
            };
            if total(&theirs.results) > total(&mine.results) {
                *mine = theirs;
            }
        }
        self.throttled = self.throttled.max(other.throttled);
        self.resent = self.resent.max(other.resent);
        self.left.extend(other.left);
        self.faults.extend(other.faults);
        if self.ending == Ending::Complete {
            self.ending = other.ending;
        }
        unsteady
    }
}

fn badness(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Conform | Outcome::Informational(_) => 0,
        Outcome::NotJudged(_) => 1,
        Outcome::Nonconform(_) => 2,
    }
}

/// What a run tells while it goes on.
pub trait Progress: Send + Sync {
    /// The target was probed; so many worlds will be made and so many cases run.
    fn started(&self, worlds: usize, cases: usize);
    /// A world stands, or could not be made.
    fn world_made(&self, name: &str);
    /// A case begins.
    fn case_started(&self, id: &str);
    /// A case is judged.
    fn case_judged(&self, id: &str, results: &[CheckResult]);
    /// What was made is being removed.
    fn cleaning(&self, repositories: usize);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silence;

impl Progress for Silence {
    fn started(&self, _worlds: usize, _cases: usize) {}
    fn world_made(&self, _name: &str) {}
    fn case_started(&self, _id: &str) {}
    fn case_judged(&self, _id: &str, _results: &[CheckResult]) {}
    fn cleaning(&self, _repositories: usize) {}
}

/// The name of the registry's id in cases.
const REGISTRY_ID: &str = "registry.id";

/// The bytes of a body that are kept once it is judged, unless all are asked for.
const KEPT_BODY: usize = 64 * 1024;

/// Runs a suite. `stop` turning true ends it early; what was made is removed all the same.
pub async fn run(
    suite: &Suite,
    client: Arc<Client>,
    revision: &'static Revision,
    settings: &Settings,
    progress: Arc<dyn Progress>,
    stop: watch::Receiver<bool>,
) -> Run {
    let shared = Arc::new(Shared {
        client,
        revision,
        progress,
        stop,
        keep_bodies: settings.keep_bodies,
        seed: settings.seed,
    });
    let stage = set(suite, &shared, settings).await;
    let mut run = play(suite, &stage, &shared, settings.jobs).await;
    run.left.extend(remove_worlds(&shared, &stage.worlds, settings.jobs).await);
    // Who answers the cleaning up is there.
    run.ending = shared.ending();
    run.throttled = shared.client.throttled();
    run
}

/// A target that was probed, with the worlds of a suite in it.
#[derive(Debug)]
pub(crate) struct Stage {
    target: Arc<Target>,
    worlds: Arc<BTreeMap<WorldKey, World>>,
}

/// Probes a target and makes the worlds of a suite in it; nothing is removed.
pub(crate) async fn set_stage(
    suite: &Suite,
    client: Arc<Client>,
    revision: &'static Revision,
    settings: &Settings,
) -> Stage {
    set(suite, &Arc::new(Shared::quiet(client, revision)), settings).await
}

/// Runs a suite on a stage that was set with it, in this target or in one that has become of it.
pub(crate) async fn play_on(
    stage: &Stage,
    suite: &Suite,
    client: Arc<Client>,
    revision: &'static Revision,
    settings: &Settings,
) -> Run {
    play(suite, stage, &Arc::new(Shared::quiet(client, revision)), settings.jobs).await
}

async fn set(suite: &Suite, shared: &Arc<Shared>, settings: &Settings) -> Stage {
    let target =
        world::probe(&shared.client, settings.account.as_deref(), settings.may_write.clone(), settings.seed)
            .await;
    let target = Arc::new(target);
    let plans = suite.plans();
    let wanted: BTreeSet<&WorldKey> = plans.iter().filter_map(|plan| plan.world.as_ref()).collect();
    shared.progress.started(wanted.len(), plans.len());
    let worlds = make_worlds(suite, wanted, shared, &target, settings.jobs).await;
    Stage { target, worlds: Arc::new(worlds) }
}

async fn play(suite: &Suite, stage: &Stage, shared: &Arc<Shared>, jobs: NonZeroUsize) -> Run {
    let (mut cases, faults) = run_cases(suite.plans(), shared, &stage.target, &stage.worlds, jobs).await;
    discount(&mut cases);
    let mut target = Target::clone(&stage.target);
    let left = std::mem::take(&mut target.left);
    Run {
        target,
        cases,
        worlds: suite.worlds.clone(),
        ending: shared.ending(),
        calls: shared.client.calls(),
        throttled: shared.client.throttled(),
        resent: shared.client.resent(),
        left,
        faults,
    }
}

/// Which world a case runs in: cases that only read share one, a case that writes has its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorldKey {
    /// The recipe's name.
    pub recipe: String,
    /// The case that has it for itself.
    pub owner: Option<String>,
}

/// A case and how it is run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The case.
    pub case: Case,
    /// The world it runs in.
    pub world: Option<WorldKey>,
    /// Whether the case was asked for, or runs only as another's valid twin.
    pub selected: bool,
}

struct Shared {
    client: Arc<Client>,
    revision: &'static Revision,
    progress: Arc<dyn Progress>,
    stop: watch::Receiver<bool>,
    keep_bodies: bool,
    seed: Seed,
}

impl Shared {
    /// What a run shares that nobody watches and nobody stops.
    fn quiet(client: Arc<Client>, revision: &'static Revision) -> Self {
        // A receiver goes on reading the last value when the sender is gone.
        let (_, stop) = watch::channel(false);
        Self {
            client,
            revision,
            progress: Arc::new(Silence),
            stop,
            keep_bodies: false,
            seed: Seed::default(),
        }
    }

    fn ending(&self) -> Ending {
        if *self.stop.borrow() {
            Ending::Interrupted
        } else if self.client.is_unreachable() {
            Ending::Unreachable
        } else {
            Ending::Complete
        }
    }

    /// Why nothing more is sent, if nothing more is.
    fn halted(&self) -> Option<Unsent> {
        match self.ending() {
            Ending::Complete => None,
            Ending::Unreachable => Some(Unsent::Unreachable),
            Ending::Interrupted | Ending::Enough => Some(Unsent::Interrupted),
        }
    }
}

async fn make_worlds(
    suite: &Suite,
    wanted: BTreeSet<&WorldKey>,
    shared: &Arc<Shared>,
    target: &Arc<Target>,
    jobs: NonZeroUsize,
) -> BTreeMap<WorldKey, World> {
    let places = Arc::new(Semaphore::new(jobs.get()));
    let mut tasks = JoinSet::new();
    let mut worlds = BTreeMap::new();
    for key in wanted {
        if suite.stands(&key.recipe) {
            worlds.insert(key.clone(), World::standing(&key.recipe));
            continue;
        }
        let Some(recipe): Option<WorldRecipe> = suite.worlds.get(&key.recipe).cloned() else { continue };
        let (key, shared, target, places) =
            (key.clone(), Arc::clone(shared), Arc::clone(target), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            if shared.halted().is_some() {
                let bindings = Err(world::Failure::Refused("the run ended before".to_owned()));
                return (key, World { bindings, repositories: Vec::new() });
            }
            let owner = key.owner.as_deref().unwrap_or_default();
            let random = shared.seed.random(&format!("world {} {owner}", key.recipe));
            let world = world::build(&shared.client, &target, &recipe, random, &shared.stop).await;
            shared.progress.world_made(&key.recipe);
            (key, world)
        });
    }
    while let Some(made) = tasks.join_next().await {
        worlds.extend(made.ok());
    }
    worlds
}

async fn run_cases(
    plans: Vec<Plan>,
    shared: &Arc<Shared>,
    target: &Arc<Target>,
    worlds: &Arc<BTreeMap<WorldKey, World>>,
    jobs: NonZeroUsize,
) -> (Vec<CaseRun>, Vec<String>) {
    let places = Arc::new(Semaphore::new(jobs.get()));
    let mut tasks = JoinSet::new();
    for (index, plan) in plans.into_iter().enumerate() {
        let (shared, target, worlds, places) =
            (Arc::clone(shared), Arc::clone(target), Arc::clone(worlds), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            shared.progress.case_started(&plan.case.id);
            let mut transcript = transcribe(&plan, &shared, &target, &worlds).await;
            let results = judge(&plan.case, &transcript, shared.revision);
            let results =
                results.into_iter().map(|result| without_registry(result, &target)).collect::<Vec<_>>();
            let newer = newer_members(&plan.case, &transcript, shared.revision);
            if !shared.keep_bodies {
                transcript.cut_bodies(KEPT_BODY);
            }
            shared.progress.case_judged(&plan.case.id, &results);
            (index, CaseRun { case: plan.case, transcript, results, newer, selected: plan.selected })
        });
    }
    let mut cases = BTreeMap::new();
    let mut faults = Vec::new();
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok((index, case)) => drop(cases.insert(index, case)),
            Err(fault) => faults.push(format!("a case broke off: {fault}")),
        }
    }
    (cases.into_values().collect(), faults)
}

async fn transcribe(
    plan: &Plan,
    shared: &Shared,
    target: &Target,
    worlds: &BTreeMap<WorldKey, World>,
) -> Transcript {
    let steps = plan.case.steps.len();
    if let Some(reason) = shared.halted() {
        return Transcript::unsent(steps, &reason);
    }
    if let Some(capability) = plan.case.needs.iter().find(|capability| !target.can(**capability)) {
        return Transcript::unsent(steps, &Unsent::Lacks(*capability));
    }
    let mut bindings = general_bindings(target, shared.seed.random(&plan.case.id));
    if let Some(key) = &plan.world {
        match worlds.get(key).map(|world| &world.bindings) {
            Some(Ok(of_world)) => bindings.extend(of_world),
            Some(Err(world::Failure::Lacks(capability))) => {
                return Transcript::unsent(steps, &Unsent::Lacks(*capability));
            }
            Some(Err(world::Failure::Refused(reason))) => {
                return Transcript::unsent(steps, &Unsent::NoWorld(reason.clone()));
            }
            None => {
                return Transcript::unsent(steps, &Unsent::NoWorld(format!("no recipe `{}`", key.recipe)));
            }
        }
    }
    match Law::of(&plan.case) {
        Some(law) => law::run(law, &plan.case, bindings, shared).await,
        None => case::run(&plan.case, bindings, shared).await,
    }
}

/// What needs the registry's id can't be judged where that is not known, which the target lacks.
fn without_registry(result: CheckResult, target: &Target) -> CheckResult {
    match &result.outcome {
        Outcome::NotJudged(NotJudged::Unbound(name))
            if name == REGISTRY_ID && !target.can(Capability::RegistryId) =>
        {
            CheckResult { outcome: Outcome::NotJudged(NotJudged::Lacks(Capability::RegistryId)), ..result }
        }
        _ => result,
    }
}

/// The names that every case has: who the registry is, and things that are not there.
pub(crate) fn general_bindings(target: &Target, mut random: Random) -> Bindings {
    let mut bindings = Bindings::default();
    if target.can(Capability::RegistryId) {
        bindings.bind(REGISTRY_ID, target.registry_id.clone());
    }
    bindings.bind("absent.repository", random.absent_repository());
    bindings.bind("absent.tag", random.name(10));
    bindings.bind("absent.digest", random.digest());
    bindings
}

async fn remove_worlds(
    shared: &Arc<Shared>,
    worlds: &Arc<BTreeMap<WorldKey, World>>,
    jobs: NonZeroUsize,
) -> Vec<Left> {
    let repositories: Vec<String> = worlds.values().flat_map(|world| world.repositories.clone()).collect();
    shared.progress.cleaning(repositories.len());
    let mut tasks = JoinSet::new();
    for share in repositories.chunks(repositories.len().div_ceil(jobs.get()).max(1)) {
        let (shared, share) = (Arc::clone(shared), share.to_vec());
        tasks.spawn(async move { world::remove(&shared.client, &share).await });
    }
    let mut left = Vec::new();
    while let Some(more) = tasks.join_next().await {
        left.extend(more.unwrap_or_default());
    }
    left.sort_by(|one, other| one.repository.cmp(&other.repository));
    left
}

fn discount(cases: &mut [CaseRun]) {
    let mut judged: Vec<(&Case, Vec<CheckResult>)> =
        cases.iter().map(|run| (&run.case, run.results.clone())).collect();
    discount_unproven(&mut judged);
    let results: Vec<_> = judged.into_iter().map(|(_, results)| results).collect();
    for (run, results) in cases.iter_mut().zip(results) {
        run.results = results;
    }
}
