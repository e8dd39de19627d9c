//! What is said while a run goes on: a bar on a terminal, a few lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;

use ecrspec::run::Progress;
use ecrspec::verdict::{CheckResult, Outcome};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::output::say;

/// A bar on a terminal.
pub(super) struct Bar {
    bar: ProgressBar,
    failed: Mutex<usize>,
}

/// A few lines where there is no terminal.
pub(super) struct Lines;

/// Nothing at all.
pub(super) struct Silence;

impl Progress for Silence {
    fn started(&self, _worlds: usize, _cases: usize) {}
    fn world_made(&self, _name: &str) {}
    fn case_started(&self, _id: &str) {}
    fn case_judged(&self, _id: &str, _results: &[CheckResult]) {}
    fn cleaning(&self, _repositories: usize) {}
}

/// What fits the place that stderr goes to.
pub(super) fn for_stderr() -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() { Box::new(Bar::new()) } else { Box::new(Lines) }
}

/// What says nothing.
pub(super) fn quiet() -> Box<dyn Progress> {
    Box::new(Quiet)
}

struct Quiet;

impl Progress for Quiet {
    fn started(&self, _worlds: usize, _cases: usize) {}
    fn world_made(&self, _name: &str) {}
    fn case_started(&self, _id: &str) {}
    fn case_judged(&self, _id: &str, _results: &[CheckResult]) {}
    fn cleaning(&self, _repositories: usize) {}
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0).with_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} {prefix} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { bar, failed: Mutex::new(0) }
    }
}

impl Progress for Bar {
    fn started(&self, worlds: usize, cases: usize) {
        self.bar.set_length((worlds + cases) as u64);
    }

    fn world_made(&self, name: &str) {
        self.bar.inc(1);
        self.bar.set_message(format!("world {name}"));
    }

    fn case_started(&self, id: &str) {
        self.bar.set_message(id.to_owned());
    }

    fn case_judged(&self, _id: &str, results: &[CheckResult]) {
        let failed = count_failed(results);
        if failed > 0
            && let Ok(mut all) = self.failed.lock()
        {
            *all += failed;
            self.bar.set_prefix(format!("{all} failed"));
        }
        self.bar.inc(1);
    }

    fn cleaning(&self, _repositories: usize) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Lines {
    fn started(&self, worlds: usize, cases: usize) {
        say(&format!("running {cases} cases in {worlds} worlds"));
    }

    fn world_made(&self, _name: &str) {}

    fn case_started(&self, _id: &str) {}

    fn case_judged(&self, id: &str, results: &[CheckResult]) {
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
