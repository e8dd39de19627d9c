//! `--baseline`, and `ecrspec baseline write`
//!
//! In: files, and the day that it is. Out: what is known before a run, and the file after it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use ecrspec::baseline::{self, Baseline, Changes, Entry, NewEntries, Standing};
use ecrspec::case::Suite;
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::run::Run;
use ecrspec::verdict::{CheckResult, Outcome};
use ecrspec_api::table::Revision;
use ecrspec_codegen::source::Source;
use time::{Date, Duration, OffsetDateTime};

use crate::cli::arguments::{RunArguments, WriteBaseline};
use crate::cli::output::say;
use crate::cli::{Failure, problems_failure};

/// What is known before a run.
pub(super) struct Known {
    /// How many `must` checks the suite has, whatever was selected.
    pub(super) must_in_suite: usize,
    /// The ids of all checks of the suite, whatever was selected.
    checks: BTreeSet<String>,
    /// The baseline, and for each of its entries how many checks it is for.
    baseline: Option<(Baseline, Vec<usize>)>,
    /// The entries of the file that is written anew.
    before: Vec<Entry>,
    today: Date,
}

impl Known {
    /// Reads the files that the arguments name, and says what was found.
    pub(super) fn load(arguments: &RunArguments, suite: &Suite) -> Result<Self, Failure> {
        let checks = suite.check_ids();
        let today = OffsetDateTime::now_utc().date();
        let before = match &arguments.write_baseline {
            Some(new) => read_to_renew(&new.file)?,
            None => Vec::new(),
        };
        let baseline = arguments.baseline.as_deref().map(|file| read(file, &checks)).transpose()?;
        Ok(Self { must_in_suite: suite.count(Level::Must), checks, baseline, before, today })
    }

    /// Whether a result fails the run: of a case that was asked for, at or above a level, and not known.
    pub(super) fn fails_the_run(
        &self,
        suite: &Suite,
        from: Level,
    ) -> impl Fn(&CheckResult) -> bool + Send + Sync + use<> {
        let cases: BTreeSet<String> = suite.selected().map(|case| case.id.clone()).collect();
        let entries =
            self.baseline.as_ref().map(|(baseline, _)| baseline.entries.clone()).unwrap_or_default();
        move |result| {
            matches!(result.outcome, Outcome::Nonconform(_))
                && result.level >= from
                && result.id.split_once('#').is_some_and(|(case, _)| cases.contains(case))
                && !entries.iter().any(|entry| entry.is_for(&result.id))
        }
    }

    /// How the baseline stands after a run.
    pub(super) fn standing<'a>(&'a self, run: &'a Run, revision: &Revision) -> Option<Standing<'a>> {
        let (baseline, matches) = self.baseline.as_ref()?;
        Some(Standing::of(baseline, matches, run, revision.hash, self.today))
    }

    /// Writes a baseline that lists what fails.
    pub(super) fn write(
        &self,
        new: &WriteBaseline,
        run: &Run,
        revision: &Revision,
        from: Level,
    ) -> Result<Exit, Failure> {
        let exit = Exit::of_run(run, from, &[]);
        if !matches!(exit, Exit::Conforms | Exit::DoesNotConform) {
            let faults = run.faults.join("\n");
            let message = format!("{} was not written: {}\n{faults}", new.file.display(), exit.verdict());
            return Err(Failure { exit, message: message.trim_end().to_owned() });
        }
        let entries = NewEntries {
            reason: &new.reason,
            issue: &new.issue,
            expires: self.today.saturating_add(Duration::days(new.days.into())),
            spec: revision.hash,
            from,
        };
        let (text, changes) = baseline::renewed(&self.before, &self.checks, run, &entries);
        let file = new.file.display();
        fs::write(&new.file, text)
            .map_err(|error| Failure::usage(format!("failed to write {file}: {error}")))?;
        let Changes { kept, added, removed, to_fill } = changes;
        say(&format!("wrote {file}: {kept} entries stay, {added} are new, {removed} are gone"));
        if to_fill > 0 {
            say(&format!(
                "\nhint: fill in `reason` and `issue` of {to_fill} entries; the file is refused until then"
            ));
        }
        Ok(Exit::Conforms)
    }
}

fn read(file: &Path, checks: &BTreeSet<String>) -> Result<(Baseline, Vec<usize>), Failure> {
    let source = source(file).map_err(|error| unreadable(file, &error))?;
    let baseline = baseline::read(&source).map_err(|problems| problems_failure("the baseline", &problems))?;
    let matches = baseline.matches(checks);
    let covered =
        checks.iter().filter(|check| baseline.entries.iter().any(|entry| entry.is_for(check))).count();
    let mut line = format!("{}: {} entries for {covered} checks", baseline.file, baseline.entries.len());
    for (entry, count) in baseline.entries.iter().zip(&matches) {
        if *count == 0 {
            // Writing to a string can't fail.
            let _ = write!(line, "\n  line {}: no check is called {}", entry.line, entry.id);
        }
    }
    say(&line);
    Ok((baseline, matches))
}

/// The entries of a file that is to be written anew; none if it is not there.
fn read_to_renew(file: &Path) -> Result<Vec<Entry>, Failure> {
    match source(file) {
        Ok(source) => {
            let baseline = baseline::read_unfilled(&source)
                .map_err(|problems| problems_failure("the baseline", &problems))?;
            Ok(baseline.entries)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(file, &error)),
    }
}

fn source(file: &Path) -> io::Result<Source> {
    let bytes = fs::read(file)?;
    Source::from_bytes(file.display().to_string(), &bytes).map_err(io::Error::other)
}

fn unreadable(file: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("failed to read {}: {error}", file.display()))
}
