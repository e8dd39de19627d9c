//! Mutants: the emulator with one fault each, to show what the suite catches.
//!
//! In: `mutants.json`, which says of each fault what it is, where it was seen and what must catch it; and the
//! table of a revision, each of whose constraints makes mutants of its own. Out: [`Mutant`]s, and a
//! [`MutantDoor`] to each, which is a transport like any other. What must stay true: a mutant differs from the
//! emulator in its one fault and in nothing else; it is as deterministic as the emulator, given the same
//! requests in the same order; the emulator itself knows no fault but blindness to constraints.
//!
//! | file | what is in it |
//! |---|---|
//! | `catalogue.rs` | the faults of `mutants.json`, with what is expected of the suite |
//! | `generated.rs` | the faults that a table's constraints make |
//! | `fault/` | what each fault does, by where it strikes |
//! | `specimen.rs` | the emulator with a fault, and what it remembers |
//! | `edit.rs` | changing JSON objects |
//! | `matrix.rs` | which check of a suite fails on which mutant, and whether that is as it should be |

mod catalogue;
mod edit;
mod fault;
mod generated;
mod matrix;
mod specimen;

use std::future::ready;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ecrspec_api::table::{Revision, Service};

pub use self::catalogue::{Expected, KillsNone, kills_none};
use self::fault::Fault;
pub use self::matrix::{Killers, Matrix, Row};
use self::specimen::Specimen;
use crate::client::{Answer, LeapingClock, Transport, Wait};
use crate::emulator::Settings;
use crate::exchange::Request;
use crate::signature::Verifier;

/// The emulator with one fault.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The mutant's name: lower-case words with dots and dashes.
    pub name: String,
    /// What is wrong with it, as one sentence.
    pub sentence: String,
    /// Where the fault was seen; nothing for one that was made up.
    pub seen: Vec<String>,
    /// What the suite should make of it.
    pub expected: Expected,
    /// Whether it strikes so much that what fails on it says little: no check is useful for its sake.
    pub blunt: bool,
    fault: Fault,
}

/// All mutants of a revision: those of the catalogue, then those of the constraints.
pub fn all(revision: &'static Revision) -> Vec<Mutant> {
    catalogue::mutants(revision).chain(generated::mutants(revision)).collect()
}

impl Mutant {
    /// A door to such an emulator, empty.
    pub fn door(&self, settings: Settings) -> MutantDoor {
        MutantDoor::new(settings, Some(self.fault.clone()))
    }
}

/// A mutant that a client can ask.
#[derive(Debug)]
pub struct MutantDoor {
    specimen: Mutex<Specimen>,
    /// None is the emulator itself.
    fault: Option<Fault>,
    clock: LeapingClock,
    /// It looks at signatures, those of the dummy credentials, so that its fault may be there too.
    verifier: Verifier,
    service: &'static Service,
}

impl MutantDoor {
    fn new(settings: Settings, fault: Option<Fault>) -> Self {
        let service = &settings.revision.service;
        let verifier = Verifier::of_dummy_credentials(&settings.region, service.signing_name)
            .blind(fault.as_ref().map(Fault::of_signatures).unwrap_or_default());
        let specimen = Mutex::new(Specimen::new(settings));
        Self { specimen, fault, clock: LeapingClock::default(), verifier, service }
    }

    /// The same emulator at this moment, with that fault or none.
    fn copy(&self, fault: Option<&Fault>) -> Self {
        let specimen = self.specimen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let blindness = fault.map(Fault::of_signatures).unwrap_or_default();
        Self {
            specimen: Mutex::new(specimen),
            fault: fault.cloned(),
            clock: self.clock.copy(),
            verifier: self.verifier.clone().blind(blindness),
            service: self.service,
        }
    }
}

impl Transport for MutantDoor {
    fn send(&self, request: Request, _timeout: Duration) -> Answer<'_> {
        let now = self.now();
        if let Some(refusal) = self.verifier.refuse(&request, now, self.service) {
            return Box::pin(ready(Ok(refusal)));
        }
        let mut specimen = self.specimen.lock().unwrap_or_else(PoisonError::into_inner);
        let response = match &self.fault {
            Some(fault) => specimen.answer(fault, &request, self.now()),
            None => specimen.pass(&request, self.now()),
        };
        Box::pin(ready(Ok(response)))
    }

    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn wait(&self, time: Duration) -> Wait<'_> {
        self.clock.wait(time)
    }
}
