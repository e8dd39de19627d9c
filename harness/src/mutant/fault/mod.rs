//! What can be wrong with an emulator, by where it strikes.

mod entry;
mod envelope;
mod error;
mod leniency;
mod listing;
mod lookup;
mod push;
mod reading;
mod refusal;
mod signature;

use std::time::SystemTime;

use ecrspec_api::Document;

use super::edit::{Members, members_of, objects};
use super::generated::{Crash, Edge, EntryMember};
use super::specimen::{Asked, Memory, Specimen, json, rewrite};
use crate::emulator::Blindness;
use crate::exchange::{Request, Response};

/// One fault. All but the last two kinds strike `DescribeImages` alone.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The request is taken for another one.
    Request(fn(&mut Members)),
    /// Requests of which this is true are refused.
    Refuse(fn(&Members) -> bool),
    /// The request is carried out otherwise.
    Describe(fn(&mut Specimen, Asked<'_>) -> Response),
    /// Each entry of an answer is another.
    Entry(fn(&Memory, &mut Members)),
    /// A successful answer is another.
    Answer(fn(&Memory, Asked<'_>, &mut Members)),
    /// An error is another.
    Error(fn(&mut Told)),
    /// The response is written otherwise.
    Response(fn(&mut Response)),
    /// Constraints are not seen.
    Blind(Blindness),
    /// Something of a signature is not seen.
    Signature(signature::Blindness),
    /// A bound lies one off.
    Edge(Edge),
    /// What breaks a constraint breaks the server.
    Crash(Crash),
    /// A member of an entry is not as the model has it.
    Member(EntryMember),
    /// Other operations are carried out otherwise, and entries are others for it.
    Change(fn(&mut Specimen, &Request, SystemTime) -> Response, fn(&Memory, &mut Members)),
    /// Every request is taken for another one, and every response is another.
    Alias(fn(&mut Specimen, &Request, SystemTime) -> Response),
}

/// An error as it would be told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    /// Which members the request has.
    pub(super) asked: Members,
}

/// What the fault of that name is.
pub(super) fn find(name: &str) -> Option<Fault> {
    all().find(|(known, _)| *known == name).map(|(_, fault)| fault.clone())
}

/// Every fault with its name.
pub(super) fn all() -> impl Iterator<Item = &'static (&'static str, Fault)> {
    [
        reading::FAULTS,
        refusal::FAULTS,
        leniency::FAULTS,
        listing::FAULTS,
        lookup::FAULTS,
        entry::FAULTS,
        error::FAULTS,
        envelope::FAULTS,
        push::FAULTS,
        signature::FAULTS,
    ]
    .into_iter()
    .flatten()
}

impl Fault {
    /// What the mutant does not see of a signature.
    pub(super) fn of_signatures(&self) -> signature::Blindness {
        match self {
            Self::Signature(blindness) => *blindness,
            _ => signature::Blindness::Nothing,
        }
    }

    /// Answers a request of `DescribeImages`.
    pub(super) fn describe(&self, specimen: &mut Specimen, asked: Asked<'_>) -> Response {
        match self {
            Self::Request(change) => {
                let mut body = asked.body.clone();
                change(&mut body);
                // What is no object goes through as it is.
                if body == *asked.body {
                    specimen.pass(asked.request, asked.now)
                } else {
                    specimen.ask(asked, body)
                }
            }
            Self::Refuse(is_refused) => refusal::refuse(specimen, asked, *is_refused),
            Self::Describe(carry_out) => carry_out(specimen, asked),
            Self::Entry(change) | Self::Change(_, change) => {
                let response = specimen.pass(asked.request, asked.now);
                let memory = &specimen.memory;
                changed(response, |answer| {
                    objects(answer, "imageDetails").for_each(|entry| change(memory, entry));
                })
            }
            Self::Answer(change) => {
                let response = specimen.pass(asked.request, asked.now);
                changed(response, |answer| change(&specimen.memory, asked, answer))
            }
            Self::Error(change) => told(specimen.pass(asked.request, asked.now), asked, *change),
            Self::Response(change) => {
                let mut response = specimen.pass(asked.request, asked.now);
                change(&mut response);
                response
            }
            Self::Blind(blindness) => specimen.answer_blindly(asked, *blindness),
            Self::Edge(edge) => edge.describe(specimen, asked),
            Self::Crash(crash) => crash.describe(specimen, asked),
            Self::Member(member) => {
                let response = specimen.pass(asked.request, asked.now);
                changed(response, |answer| member.change(answer))
            }
            Self::Alias(carry_out) => carry_out(specimen, asked.request, asked.now),
            Self::Signature(_) => specimen.pass(asked.request, asked.now),
        }
    }

    /// Whether it strikes the operations that make a world, too.
    pub(super) fn strikes_worlds(&self) -> bool {
        matches!(self, Self::Change(..) | Self::Alias(_))
    }

    /// Answers a request of any other operation.
    pub(super) fn change(&self, specimen: &mut Specimen, request: &Request, now: SystemTime) -> Response {
        match self {
            Self::Change(carry_out, _) | Self::Alias(carry_out) => carry_out(specimen, request, now),
            _ => specimen.pass(request, now),
        }
    }
}

impl Specimen {
    /// What the emulator answers while it does not see these constraints.
    pub(super) fn answer_blindly(&mut self, asked: Asked<'_>, blindness: Blindness) -> Response {
        self.emulator.be_blind(blindness);
        let response = self.pass(asked.request, asked.now);
        self.emulator.be_blind(Blindness::ToNothing);
        response
    }
}

/// A success with its body changed; an error as it is.
fn changed(mut response: Response, change: impl FnOnce(&mut Members)) -> Response {
    if response.status == 200 {
        let mut answer = Document::parse(&response.body).map(members_of).unwrap_or_default();
        change(&mut answer);
        rewrite(&mut response, Document::Object(answer).to_string().into_bytes());
    }
    response
}

/// An error changed; a success as it is.
fn told(response: Response, asked: Asked<'_>, change: fn(&mut Told)) -> Response {
    if response.status == 200 {
        return response;
    }
    let body = Document::parse(&response.body).unwrap_or(Document::Null);
    let member = |name: &str| body.get(name).and_then(Document::as_str).unwrap_or_default().to_owned();
    let mut told = Told {
        status: response.status,
        code: member("__type"),
        message: member("message"),
        asked: asked.body.clone(),
    };
    change(&mut told);
    let body = super::edit::object([
        ("__type", super::edit::text(told.code)),
        ("message", super::edit::text(told.message)),
    ]);
    json(told.status, &body)
}
