//! Which cases are run, and when a run has seen enough.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ecrspec::case::Suite;
use ecrspec::run::Progress;
use ecrspec::verdict::CheckResult;
use serde_json::Value;
use tokio::sync::watch;

use crate::cli::Failure;
use crate::cli::arguments::RunArguments;

/// The ids of the cases that failed in a JSON report.
pub(super) fn failed_in(file: &Path) -> Result<BTreeSet<String>, Failure> {
    let shown = file.display();
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("failed to read {shown}: {error}")))?;
    let report: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{shown} is no JSON report: {error}")))?;
    let checks = report["checks"].as_array().filter(|_| report["format"] == 1).ok_or_else(|| {
        Failure::usage(format!(
            "{shown} is no JSON report of format 1; `ecrspec run --report json={shown}` makes one"
        ))
    })?;
    let failed = checks.iter().filter(|check| check["outcome"] == "nonconform");
    let cases: BTreeSet<String> =
        failed.filter_map(|check| Some(check["case"].as_str()?.to_owned())).collect();
    if cases.is_empty() {
        return Err(Failure::usage(format!("nothing failed in {shown}, so there is nothing to run again")));
    }
    Ok(cases)
}

/// Why there is nothing to run.
pub(super) fn nothing(arguments: &RunArguments, suite: &Suite) -> Failure {
    if arguments.shard.is_some() || arguments.rerun_failed.is_some() {
        return Failure::usage("no case is left by --filter, --rerun-failed and --shard together");
    }
    let filters = arguments.filter.join("`, `");
    let near = arguments.filter.iter().flat_map(|filter| nearest(filter, suite)).collect::<Vec<_>>();
    let hint =
        if near.is_empty() { String::new() } else { format!("\n\nhint: there is `{}`", near.join("`, `")) };
    let api = arguments.api.revision.name;
    Failure::usage(format!(
        "no case of API {api} fits `{filters}`; `ecrspec run --list` prints all ids{hint}"
    ))
}

/// The ids of cases that a mistyped one is near to.
fn nearest(typed: &str, suite: &Suite) -> Vec<String> {
    const NEAR: f64 = 0.9;
    const SHOWN: usize = 3;
    let typed = typed.split_once('#').map_or(typed, |(case, _)| case);
    let likeness = |id: &str| strsim::jaro_winkler(typed, id);
    let mut near: Vec<(f64, &str)> =
        suite.cases.iter().map(|case| (likeness(&case.id), case.id.as_str())).collect();
    near.retain(|(likeness, _)| *likeness >= NEAR);
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().take(SHOWN).map(|(_, id)| id.to_owned()).collect()
}

/// Progress that asks for an end after so many failures; with a limit of 0 it never does.
///
/// Gives what the run reports to, what ends the run (the user or enough failures), and whether it was the failures.
pub(super) fn stop_after(
    limit: usize,
    inner: Box<dyn Progress>,
    fails: impl Fn(&CheckResult) -> bool + Send + Sync + 'static,
    mut stopped: watch::Receiver<bool>,
) -> (Arc<dyn Progress>, watch::Receiver<bool>, impl FnOnce() -> bool) {
    let by_user = stopped.clone();
    let (stop, halted) = watch::channel(false);
    let of_user = stop.clone();
    tokio::spawn(async move {
        if stopped.wait_for(|stopped| *stopped).await.is_ok() {
            // Nobody listens any more once the run is over.
            let _ = of_user.send(true);
        }
    });
    let counter = Arc::new(Counter { inner, fails, limit, failed: AtomicUsize::new(0), stop });
    let seen = Arc::clone(&counter);
    let enough = move || limit > 0 && seen.failed.load(Ordering::SeqCst) >= limit && !*by_user.borrow();
    (counter, halted, enough)
}

struct Counter<F> {
    inner: Box<dyn Progress>,
    fails: F,
    limit: usize,
    failed: AtomicUsize,
    stop: watch::Sender<bool>,
}

impl<F: Fn(&CheckResult) -> bool + Send + Sync> Progress for Counter<F> {
    fn started(&self, worlds: usize, cases: usize) {
        self.inner.started(worlds, cases);
    }

    fn world_made(&self, name: &str) {
        self.inner.world_made(name);
    }

    fn case_started(&self, id: &str) {
        self.inner.case_started(id);
    }

    fn case_judged(&self, id: &str, results: &[CheckResult]) {
        self.inner.case_judged(id, results);
        let more = results.iter().filter(|result| (self.fails)(result)).count();
        let all = self.failed.fetch_add(more, Ordering::SeqCst) + more;
        if self.limit > 0 && all >= self.limit {
            let _ = self.stop.send(true);
        }
    }

    fn cleaning(&self, repositories: usize) {
        self.inner.cleaning(repositories);
    }
}
