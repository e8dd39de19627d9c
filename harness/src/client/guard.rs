//! What may be sent to a target, and a note of what is made there.
//!
//! In: each request before it is sent, each answer after it came. Out: whether it may be sent. What must stay
//! true: where a guard stands, nothing but the operations on the list here is sent, nothing is written outside
//! the run's own names, and of a repository a note is on the disk before it is made.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use ecrspec_api::Document;

use crate::case::is_reading;
use crate::client::journal::Journal;
use crate::exchange::{NoResponse, Request, Response};

/// Every operation that this program may ever call where it counts.
const ALLOWED: [&str; 12] = [
    "BatchCheckLayerAvailability",
    "BatchDeleteImage",
    "CompleteLayerUpload",
    "CreateRepository",
    "DeleteRepository",
    "DescribeImages",
    "DescribeRegistry",
    "InitiateLayerUpload",
    "ListImages",
    "PutImage",
    "UploadLayerPart",
    // No operation of ECR: a case asks for one that is not there.
    "DescribeImagesInDetail",
];

/// What a client may send.
#[derive(Debug)]
pub struct Guard {
    /// How the names of repositories begin that may be written to.
    prefix: String,
    /// Whether the list and the prefix are enforced, for a target that is not on loopback.
    strict: bool,
    /// Whether anything may be written at all.
    may_write: bool,
    calls: AtomicU64,
    most_calls: u64,
    journal: Mutex<Option<Journal>>,
}

impl Guard {
    /// A guard of a target that is on loopback, or no more than a mock: it notes and counts, no more.
    pub fn lax(prefix: &str, most_calls: u64) -> Self {
        let (calls, journal) = (AtomicU64::new(0), Mutex::new(None));
        Self { prefix: prefix.to_owned(), strict: false, may_write: true, calls, most_calls, journal }
    }

    /// A guard of a target that counts as real.
    pub fn strict(prefix: &str, may_write: bool, most_calls: u64) -> Self {
        Self { strict: true, may_write, ..Self::lax(prefix, most_calls) }
    }

    /// Notes what is made in this journal.
    #[must_use]
    pub fn noting_in(self, journal: Journal) -> Self {
        Self { journal: Mutex::new(Some(journal)), ..self }
    }

    /// Whether a request may be sent; it is counted, and noted if it makes a repository.
    ///
    /// # Errors
    /// Why it may not be sent.
    pub(super) fn admit(&self, request: &Request) -> Result<(), String> {
        if self.calls.fetch_add(1, Ordering::SeqCst) >= self.most_calls {
            return Err(format!("the budget of {} calls is spent; --max-calls sets it", self.most_calls));
        }
        // Without an operation nothing is done.
        let Some(operation) = operation(request) else { return Ok(()) };
        let reads = is_reading(operation) || operation == "DescribeImagesInDetail";
        let repository = repository(request);
        if self.strict {
            if !ALLOWED.contains(&operation) {
                return Err(format!(
                    "{operation} is not on the list of operations that are sent to a real target"
                ));
            }
            if !reads && !self.may_write {
                return Err(format!("{operation} writes, and the target may not be written to"));
            }
            let own = repository.as_deref().is_some_and(|name| name.starts_with(&self.prefix));
            if !reads && !own {
                return Err(format!(
                    "{operation} would write outside the names of this run, `{}…`",
                    self.prefix
                ));
            }
        }
        if operation == "CreateRepository"
            && let Some(name) = repository
            && let Some(journal) = self.journal.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            let noted = journal.note_made(&name);
            if let Err(error) = noted
                && self.strict
            {
                return Err(format!("failed to note {name} in the journal, so it is not made: {error}"));
            }
        }
        Ok(())
    }

    /// Takes note of an answer: of a repository that is gone.
    pub(super) fn answered(&self, request: &Request, outcome: &Result<Response, NoResponse>) {
        let Ok(response) = outcome else { return };
        if operation(request) != Some("DeleteRepository") || !is_gone(response) {
            return;
        }
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(journal), Some(name)) = (journal.as_mut(), repository(request)) {
            // What can't be noted is asked for again by a sweep, which finds nothing.
            let _ = journal.note_removed(&name);
        }
    }
}

/// Whether an answer to `DeleteRepository` says that the repository is not there any more.
fn is_gone(response: &Response) -> bool {
    let document = Document::parse(&response.body).ok();
    let error = crate::verdict::error_identity(response, document.as_ref());
    (200..300).contains(&response.status)
        || error.is_some_and(|error| error.code.ends_with("RepositoryNotFoundException"))
}

fn operation(request: &Request) -> Option<&str> {
    request.header("x-amz-target")?.rsplit('.').next()
}

fn repository(request: &Request) -> Option<String> {
    let document = Document::parse(&request.body).ok()?;
    document.get("repositoryName").and_then(Document::as_str).map(str::to_owned)
}
