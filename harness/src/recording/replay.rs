//! An endpoint against a recording.
//!
//! In: recorded sessions and a client. Out: for each session whether the endpoint answers as recorded, and
//! where it does not. What must stay true: a session whose state is not there is not judged; what changes from
//! run to run is named on both sides before they are compared; what a session made is removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use ecrspec_api::Document;
use ecrspec_api::table::{Operation, Revision};
use tokio::sync::watch;

use crate::case::bindings::Bindings;
use crate::case::{Suite, is_reading};
use crate::client::Client;
use crate::exchange::{Exchange, Request, Response};
use crate::normalise::{
    Normaliser, PlaceDifference, Rule, collect_typed, differences, operation_of, shape_of_answer, typed_texts,
};
use crate::recording::{RecordedExchange, Recording, Session};
use crate::run::{Plan, WorldKey, general_bindings};
use crate::verdict::error_identity;
use crate::world::{self, Left, Seed, Target, World};

/// A shorter value is part of other words by chance.
const LEAST_REBOUND: usize = 8;

/// How sessions are replayed.
pub struct Replay<'a> {
    /// Asks the endpoint.
    pub client: Arc<Client>,
    /// The revision of the API.
    pub revision: &'static Revision,
    /// The cases that sessions may be of, with their worlds.
    pub suite: &'a Suite,
    /// What is known of the endpoint; nothing to send each request as it was recorded and make no world, for
    /// an endpoint that still has the recorded state or that serves recordings.
    pub target: Option<Target>,
    /// What the names and bytes that the replay makes up follow from.
    pub seed: Seed,
    /// Ends the replay when it turns true.
    pub stop: watch::Receiver<bool>,
}

/// What came of a session.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The place of its recording among those that were replayed, from 0.
    pub recording: usize,
    /// The case that it is of.
    pub case: String,
    /// How many requests were sent.
    pub sent: usize,
    /// What the answers say.
    pub judged: Judged,
}

/// What the answers of a session say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The endpoint answers as recorded.
    Same,
    /// It does not.
    Differs(Vec<Difference>),
    /// The session needs state that is not there and can't be made; why.
    NeedsState(String),
    /// A request got no answer, where one was recorded.
    NoAnswer(String),
    /// The replay was interrupted.
    Interrupted,
}

/// An answer that is not as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the exchange in its session, from 1.
    pub exchange: usize,
    /// The operation.
    pub operation: String,
    /// Where it differs: first what was recorded, then what came.
    pub places: Vec<PlaceDifference>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "exchange {}, {}", self.exchange, self.operation)
    }
}

impl Replay<'_> {
    /// Replays every session of every recording, in order; `done` is told what came of each. Gives the
    /// repositories that could not be removed.
    pub async fn replay(
        &self,
        recordings: &[&Recording],
        done: &mut (dyn FnMut(Replayed) + Send),
    ) -> Vec<Left> {
        let plans: BTreeMap<String, Plan> =
            self.suite.plans().into_iter().map(|plan| (plan.case.id.clone(), plan)).collect();
        let mut worlds: BTreeMap<WorldKey, World> = BTreeMap::new();
        let mut left = Vec::new();
        let mut sessions = Vec::new();
        for (index, recording) in recordings.iter().enumerate() {
            sessions.extend(recording.sessions.iter().map(|session| (index, *recording, session)));
        }
        for (index, recording, session) in sessions {
            let mut play = Play::new(self, recording, session);
            let judged = if *self.stop.borrow() {
                Judged::Interrupted
            } else {
                match play.prepare(plans.get(&session.case), &mut worlds).await {
                    Ok(()) => play.judge(plans.get(&session.case)).await,
                    Err(reason) => Judged::NeedsState(reason),
                }
            };
            left.extend(world::remove(&self.client, &play.made).await);
            done(Replayed { recording: index, case: session.case.clone(), sent: play.sent, judged });
        }
        let made: Vec<String> = worlds.into_values().flat_map(|world| world.repositories).collect();
        left.extend(world::remove(&self.client, &made).await);
        left
    }
}

/// One session while it is replayed.
struct Play<'a> {
    replay: &'a Replay<'a>,
    recording: &'a Recording,
    session: &'a Session,
    /// What stands now for what was recorded.
    rebound: BTreeMap<String, String>,
    /// The names that both sides have, with the recorded values and with those of now.
    recorded: Bindings,
    actual: Bindings,
    /// The repositories that the session makes.
    made: Vec<String>,
    sent: usize,
}

impl<'a> Play<'a> {
    fn new(replay: &'a Replay<'a>, recording: &'a Recording, session: &'a Session) -> Self {
        Self {
            replay,
            recording,
            session,
            rebound: BTreeMap::new(),
            recorded: Bindings::default(),
            actual: Bindings::default(),
            made: Vec::new(),
            sent: 0,
        }
    }

    fn exchanges(&self) -> impl Iterator<Item = &'a RecordedExchange> + use<'a> {
        self.session.steps.iter().flat_map(|step| &step.exchanges)
    }

    /// Makes the state that the session needs, as far as that is known.
    ///
    /// # Errors
    /// Why the state can't be made.
    async fn prepare(
        &mut self,
        plan: Option<&Plan>,
        worlds: &mut BTreeMap<WorldKey, World>,
    ) -> Result<(), String> {
        let Some(target) = &self.replay.target else { return Ok(()) };
        if let Some(account) = &self.recording.account {
            self.rebound.insert(account.clone(), target.registry_id.clone());
        }
        match plan {
            Some(plan) => self.prepare_case(plan, target, worlds).await,
            None => self.prepare_traffic(target),
        }
    }

    async fn prepare_case(
        &mut self,
        plan: &Plan,
        target: &Target,
        worlds: &mut BTreeMap<WorldKey, World>,
    ) -> Result<(), String> {
        if let Some(capability) = plan.case.needs.iter().find(|capability| !target.can(**capability)) {
            return Err(format!("the target lacks `{}`", capability.name()));
        }
        let mut actual = general_bindings(target, self.replay.seed.random(&plan.case.id));
        if let Some(key) = &plan.world {
            if !worlds.contains_key(key) {
                let Some(recipe) = self.replay.suite.worlds.get(&key.recipe) else {
                    return Err(format!("no recipe `{}`", key.recipe));
                };
                let owner = key.owner.as_deref().unwrap_or_default();
                let random = self.replay.seed.random(&format!("world {} {owner}", key.recipe));
                let world =
                    world::build(&self.replay.client, target, recipe, random, &self.replay.stop).await;
                worlds.insert(key.clone(), world);
            }
            match worlds.get(key).map(|world| &world.bindings) {
                Some(Ok(bindings)) => actual.extend(bindings),
                Some(Err(world::Failure::Lacks(capability))) => {
                    return Err(format!("the target lacks `{}`", capability.name()));
                }
                Some(Err(world::Failure::Refused(reason))) => {
                    return Err(format!("its world could not be made: {reason}"));
                }
                None => {}
            }
        }
        let now: BTreeMap<&str, &serde_json::Value> = actual.iter().collect();
        for (name, value) in self.session.bindings.iter() {
            // A name of an earlier answer has no value yet; it is learned from that answer.
            let Some(new) = now.get(name) else { continue };
            self.recorded.bind(name, value.clone());
            if let (Some(old), Some(new)) = (value.as_str(), new.as_str()) {
                self.rebound.insert(old.to_owned(), new.to_owned());
                // A manifest stands in a request as a JSON string has it.
                self.rebound.insert(escaped(old), escaped(new));
            }
        }
        self.actual = actual;
        Ok(())
    }

    /// A client's traffic makes its own state or needs what was there. What it makes gets new names, so that
    /// it does not meet what is there.
    fn prepare_traffic(&mut self, target: &Target) -> Result<(), String> {
        let writes = self
            .exchanges()
            .filter_map(|exchange| operation_of(self.replay.revision, &exchange.request()))
            .find(|operation| !is_reading(operation.name));
        if let Some(operation) = writes
            && !target.can(crate::case::format::Capability::Writes)
        {
            return Err(format!("it calls {}, and the target may not be written to", operation.name));
        }
        let mut random = self.replay.seed.random(&self.session.case);
        for exchange in self.exchanges() {
            let request = exchange.request();
            let creates = operation_of(self.replay.revision, &request)
                .filter(|operation| operation.name == "CreateRepository" && exchange.status == 200);
            for name in creates.map(|operation| repositories_of(&request, operation)).unwrap_or_default() {
                let new = random.repository();
                self.made.push(new.clone());
                self.rebound.insert(name, new);
            }
        }
        Ok(())
    }

    async fn judge(&mut self, plan: Option<&Plan>) -> Judged {
        let mut recorded = Normaliser::new(self.replay.revision, &self.recorded);
        let mut actual = Normaliser::new(self.replay.revision, &self.actual);
        let mut differing = Vec::new();
        let mut exchanges = Vec::new();
        for (step, recorded) in self.session.steps.iter().enumerate() {
            exchanges.extend(recorded.exchanges.iter().map(|exchange| (step, exchange)));
        }
        for (index, (step, exchange)) in exchanges.into_iter().enumerate() {
            if *self.replay.stop.borrow() {
                return Judged::Interrupted;
            }
            let request = self.rebind(exchange.request());
            let step = plan.and_then(|plan| plan.case.steps.get(step));
            let fault = step.and_then(|step| step.send.headers.signature);
            let answer = self.replay.client.send_again(&request, fault).await;
            self.sent += 1;
            if let (Err(no_response), None) = (&answer.outcome, &exchange.no_response) {
                return Judged::NoAnswer(no_response.to_string());
            }
            if let Some(reason) = self.lacks_state(exchange, &answer) {
                return Judged::NeedsState(reason);
            }
            let then = exchange.exchange();
            let places = differences(&recorded.answer(&then), &actual.answer(&answer));
            if !places.is_empty() {
                let operation = operation_of(self.replay.revision, &then.request);
                let operation = operation.map_or("an unknown operation", |operation| operation.name);
                differing.push(Difference { exchange: index + 1, operation: operation.to_owned(), places });
            }
            self.learn(&then, &answer);
        }
        if differing.is_empty() { Judged::Same } else { Judged::Differs(differing) }
    }

    /// Why an answer says nothing: what was there when the traffic was recorded is not there now.
    fn lacks_state(&self, recorded: &RecordedExchange, answer: &Exchange) -> Option<String> {
        let is_traffic = self.replay.target.is_some() && self.actual.iter().next().is_none();
        let response = answer.outcome.as_ref().ok().filter(|_| is_traffic && recorded.status == 200)?;
        let document = Document::parse(&response.body).ok();
        let error = error_identity(response, document.as_ref())?;
        let request = recorded.request();
        let named = operation_of(self.replay.revision, &request)
            .map(|operation| repositories_of(&request, operation))
            .unwrap_or_default();
        let made_here = named.iter().any(|name| self.rebound.contains_key(name));
        (error.code == "RepositoryNotFoundException" && !made_here)
            .then(|| "a repository that was there when it was recorded is not there now".to_owned())
    }

    /// The request with what stands now for what was recorded, longest first.
    fn rebind(&self, mut request: Request) -> Request {
        let text = match String::from_utf8(request.body) {
            Ok(text) => text,
            Err(error) => {
                request.body = error.into_bytes();
                return request;
            }
        };
        let mut changes: Vec<_> =
            self.rebound.iter().filter(|(old, new)| old != new && text.contains(old.as_str())).collect();
        changes.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
        // By way of marks that no request has, so that what is put in is not replaced in turn.
        let mut marked = text;
        for (index, (old, _)) in changes.iter().enumerate() {
            marked = marked.replace(old.as_str(), &format!("\u{1}{index}\u{2}"));
        }
        for (index, (_, new)) in changes.iter().enumerate() {
            marked = marked.replace(&format!("\u{1}{index}\u{2}"), new);
        }
        request.body = marked.into_bytes();
        request
    }

    /// Takes over what the answer gave for later requests to name: tokens, ids of uploads, digests.
    fn learn(&mut self, recorded: &Exchange, actual: &Exchange) {
        let (Ok(then), Ok(now)) = (&recorded.outcome, &actual.outcome) else { return };
        let Some(operation) = operation_of(self.replay.revision, &recorded.request) else { return };
        let (then, now) = (typed_places(then, operation), typed_places(now, operation));
        for (place, (rule, old)) in then {
            let learned = matches!(rule, Rule::Token | Rule::Upload | Rule::Digest);
            if let Some((_, new)) = now.get(&place)
                && learned
                && old.len() >= LEAST_REBOUND
            {
                self.rebound.entry(old).or_insert_with(|| new.clone());
            }
        }
    }
}

/// A text as it stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// The typed texts of an answer by their place, those in lists aside: their order is nobody's promise.
fn typed_places(response: &Response, operation: &'static Operation) -> BTreeMap<String, (Rule, String)> {
    let mut found = BTreeMap::new();
    if let Ok(document) = Document::parse(&response.body) {
        let shape = shape_of_answer(operation, response);
        collect_typed(&document, shape, &mut String::new(), &mut |place, rule, text| {
            let in_list = place.split('/').any(|step| step.parse::<usize>().is_ok());
            if !in_list {
                found.insert(place.to_owned(), (rule, text.to_owned()));
            }
        });
    }
    found
}

/// The repositories that a request names.
fn repositories_of(request: &Request, operation: &'static Operation) -> BTreeSet<String> {
    let Ok(document) = Document::parse(&request.body) else { return BTreeSet::new() };
    typed_texts(&document, Some(operation.input))
        .into_iter()
        .filter_map(|(rule, text)| (rule == Rule::Repository).then_some(text))
        .collect()
}
