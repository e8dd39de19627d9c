//! What is said while a run goes on: a bar on a terminal, a few lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ecrspec::run::Progress;
use ecrspec::verdict::{CheckResult, Outcome};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::output::say;

/// A case that takes longer is named.
const SLOW: Duration = Duration::from_secs(5);

/// When each case that runs began.
#[derive(Default)]
struct Clock(Mutex<BTreeMap<String, Instant>>);

impl Clock {
    fn start(&self, id: &str) {
        if let Ok(mut begun) = self.0.lock() {
            begun.insert(id.to_owned(), Instant::now());
        }
    }

    /// What is to be said of a case that has ended, if it was slow.
    fn stop(&self, id: &str) -> Option<String> {
        let took = self.0.lock().ok()?.remove(id)?.elapsed();
        (took >= SLOW).then(|| format!("{id}: slow, {} s", took.as_secs()))
    }
}

/// A bar on a terminal.
pub(super) struct Bar {
    shown: ProgressBar,
    clock: Clock,
    failed: Mutex<usize>,
}

/// A few lines where there is no terminal.
#[derive(Default)]
pub(super) struct Lines {
    clock: Clock,
}

/// What fits the place that stderr goes to.
pub(super) fn for_stderr() -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() { Box::new(Bar::new()) } else { Box::new(Lines::default()) }
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0).with_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} {prefix} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { shown: bar, clock: Clock::default(), failed: Mutex::new(0) }
    }
}

impl Progress for Bar {
    fn started(&self, worlds: usize, cases: usize) {
        self.shown.set_length((worlds + cases) as u64);
    }

    fn world_made(&self, name: &str) {
        self.shown.inc(1);
        self.shown.set_message(format!("world {name}"));
    }

    fn case_started(&self, id: &str) {
        self.clock.start(id);
        self.shown.set_message(id.to_owned());
    }

    fn case_judged(&self, id: &str, results: &[CheckResult]) {
        if let Some(line) = self.clock.stop(id) {
            self.shown.suspend(|| say(&line));
        }
        let failed = count_failed(results);
        if failed > 0
            && let Ok(mut all) = self.failed.lock()
        {
            *all += failed;
            self.shown.set_prefix(format!("{all} failed"));
        }
        self.shown.inc(1);
    }

    fn cleaning(&self, _repositories: usize) {
        self.shown.finish_and_clear();
    }
}

impl Progress for Lines {
    fn started(&self, worlds: usize, cases: usize) {
        say(&format!("running {cases} cases in {worlds} worlds"));
    }

    fn world_made(&self, _name: &str) {}

    fn case_started(&self, id: &str) {
        self.clock.start(id);
    }

    fn case_judged(&self, id: &str, results: &[CheckResult]) {
        if let Some(line) = self.clock.stop(id) {
            say(&line);
        }
        let failed = count_failed(results);
        if failed > 0 {
            say(&format!("{id}: {failed} failed"));
        }
    }

    fn cleaning(&self, repositories: usize) {
        if repositories > 0 {
            say(&format!("removing {repositories} repositories"));
        }
    }
}

fn count_failed(results: &[CheckResult]) -> usize {
    results.iter().filter(|result| matches!(result.outcome, Outcome::Nonconform(_))).count()
}
