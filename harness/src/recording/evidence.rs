//! What recordings of ECR itself say of the suite: the only place from which an expectation may change.
//!
//! In: recordings and a suite. Out: which checks the recorded answers confirm and which they contradict, and a
//! fact for the ledger a session. What must stay true: what anything but AWS answered is no evidence, whatever it
//! answered.

use std::fmt;

use ecrspec_api::table::Revision;

use crate::case::Suite;
use crate::evidence::{Fact, Source, SourceKind};
use crate::recording::{EndpointKind, Recording};
use crate::verdict::{CheckResult, Outcome, discount_unproven, judge};

/// Why a recording is no evidence of what ECR does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoEvidence {
    /// The embedded emulator answered.
    Emulator,
    /// Something on this machine answered: a mock.
    Mock,
    /// Some other host answered, or AWS through something in between.
    AnotherHost,
    /// The recording does not say who answered.
    Unsaid,
    /// The account was not seen, so nothing shows that it was a registry.
    NoAccount,
    /// It was made with another model of the API.
    AnotherSpec,
}

impl fmt::Display for NoEvidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Emulator => "the embedded emulator answered it, which does what the suite expects of it",
            Self::Mock => "a mock on this machine answered it, and what a mock answers says nothing of ECR",
            Self::AnotherHost => {
                "a host answered it that is not surely AWS: not of AWS's names, or not over TLS with public roots, or through a proxy"
            }
            Self::Unsaid => "it does not say what answered it",
            Self::NoAccount => "it does not say in which account it was made",
            Self::AnotherSpec => "it was made with another model of the API; record it again",
        })
    }
}

/// What recordings say of a suite.
#[derive(Debug, Default)]
pub struct Testimony {
    /// What the recordings show, a fact a case, for the ledger.
    pub facts: Vec<Fact>,
    /// The checks that hold of what ECR answered.
    pub confirmed: Vec<CheckResult>,
    /// The checks that do not: each expects what ECR does not do.
    pub contradicted: Vec<CheckResult>,
    /// The checks that the recordings leave open.
    pub open: Vec<CheckResult>,
}

impl Recording {
    /// Whether this is evidence of what ECR does.
    ///
    /// # Errors
    /// Why it is none.
    pub fn as_evidence(&self, revision: &Revision) -> Result<(), NoEvidence> {
        match self.endpoint {
            None => Err(NoEvidence::Unsaid),
            Some(EndpointKind::Emulator) => Err(NoEvidence::Emulator),
            Some(EndpointKind::Loopback) => Err(NoEvidence::Mock),
            Some(EndpointKind::Host) => Err(NoEvidence::AnotherHost),
            Some(EndpointKind::Aws) if self.account.as_deref().is_none_or(str::is_empty) => {
                Err(NoEvidence::NoAccount)
            }
            Some(EndpointKind::Aws) if self.spec_hash.as_deref() != Some(revision.hash) => {
                Err(NoEvidence::AnotherSpec)
            }
            Some(EndpointKind::Aws) => Ok(()),
        }
    }

    /// The checks of the suite's cases, judged by what was recorded of them.
    pub fn judge(&self, suite: &Suite, revision: &Revision) -> Vec<CheckResult> {
        let mut judged: Vec<_> = self
            .sessions
            .iter()
            .filter_map(|session| {
                let case = suite.cases.iter().find(|case| case.id == session.case)?;
                Some((case, judge(case, &session.transcript(), revision)))
            })
            .collect();
        discount_unproven(&mut judged);
        judged.into_iter().flat_map(|(_, results)| results).collect()
    }

    fn fact(&self, case: &str, suite: &Suite, confirmed: &[CheckResult]) -> Option<Fact> {
        let case = suite.cases.iter().find(|one| one.id == case)?;
        let of_case = |result: &&CheckResult| {
            result.id.strip_prefix(&case.id).is_some_and(|rest| rest.starts_with('#'))
        };
        let checks: Vec<&str> = confirmed.iter().filter(of_case).map(|result| result.id.as_str()).collect();
        let region = self.region.as_deref().unwrap_or("a region that it does not name");
        (!checks.is_empty()).then(|| Fact {
            id: format!("R-{}", case.id),
            statement: case.sentence.clone(),
            strength: "recorded".to_owned(),
            sources: vec![Source {
                kind: SourceKind::Recording,
                title: format!("`{}` recorded from ECR in {region} by {}", case.id, self.tool),
                link: None,
                seen: self.date.clone(),
            }],
            overrides: Vec::new(),
            scope: Some(format!("What these checks hold: {}.", checks.join(", "))),
        })
    }
}

impl Testimony {
    /// What recordings say, each of which is evidence.
    ///
    /// # Errors
    /// If one is none: its place among them, and why.
    pub fn of(
        recordings: &[&Recording],
        suite: &Suite,
        revision: &Revision,
    ) -> Result<Self, (usize, NoEvidence)> {
        // One recording with the sessions of all, for a twin may stand in another file.
        let mut whole = Recording::new(revision.name, "ECR");
        for (index, recording) in recordings.iter().enumerate() {
            recording.as_evidence(revision).map_err(|reason| (index, reason))?;
            whole.sessions.extend(recording.sessions.iter().cloned());
        }
        let mut testimony = Self::default();
        for result in whole.judge(suite, revision) {
            let kind = match &result.outcome {
                Outcome::Conform => &mut testimony.confirmed,
                Outcome::Nonconform(_) => &mut testimony.contradicted,
                Outcome::Informational(_) | Outcome::NotJudged(_) => &mut testimony.open,
            };
            kind.push(result);
        }
        for recording in recordings {
            let cases = recording.sessions.iter().map(|session| session.case.as_str());
            let facts = cases.filter_map(|case| recording.fact(case, suite, &testimony.confirmed));
            testimony.facts.extend(facts);
        }
        Ok(testimony)
    }
}
