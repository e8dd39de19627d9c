//! `ecrspec run`

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use ecrspec::case::Suite;
use ecrspec::client::ReadOnly;
use ecrspec::exit::Exit;
use ecrspec::report::Subject;
use ecrspec::revision;
use ecrspec::run::{self, Ending, Settings, Silence};
use ecrspec::verdict::check_id;
use ecrspec::world;
use ecrspec_api::table::Revision;
use tokio::sync::watch;

use crate::cli::arguments::RunArguments;
use crate::cli::baseline::Known;
use crate::cli::output::{print, say};
use crate::cli::reports::{self, render};
use crate::cli::signals::until_asked_twice;
use crate::cli::target::{self, Target};
use crate::cli::{Failure, case, progress, selection, snapshots};

/// Runs the suite, or lists it.
pub(super) async fn run(arguments: RunArguments) -> Result<Exit, Failure> {
    arguments.color.write_global();
    arguments.snapshots.check(&arguments.target)?;
    let revision = arguments.api.revision;
    let mut suite = case::suite(revision, arguments.cases.as_deref())?;
    let known = Known::load(&arguments, &suite)?;
    let whole = suite.clone();
    if arguments.read_only {
        suite = suite.on_standing(&arguments.repository);
    }
    if arguments.quick {
        suite = suite.quick();
    }
    let mut suite = suite.select(&arguments.filter);
    if let Some(report) = &arguments.rerun_failed {
        let failed = selection::failed_in(report)?;
        let selected =
            suite.selected().map(|case| case.id.clone()).filter(|id| failed.contains(id)).collect();
        suite = suite.keep(&selected);
    }
    if let Some((part, of)) = arguments.shard {
        suite = suite.shard(part, of);
    }
    if suite.selected().next().is_none() {
        return Err(selection::nothing(&arguments, &whole));
    }
    if arguments.list {
        print(&list(&suite))?;
        return Ok(Exit::Conforms);
    }
    reports::check(&arguments.report)?;
    until_asked_twice(|stopped| run_against_target(arguments, revision, suite, known, stopped)).await
}

async fn run_against_target(
    arguments: RunArguments,
    revision: &'static Revision,
    suite: Suite,
    known: Known,
    mut stopped: watch::Receiver<bool>,
) -> Result<Exit, Failure> {
    let mut interrupted = stopped.clone();
    let mut target = tokio::select! {
        target = Target::open(&arguments.target, revision) => target?,
        _ = interrupted.wait_for(|stopped| *stopped) => {
            return Err(Failure { exit: Exit::Interrupted, message: "interrupted".to_owned() });
        }
    };
    if arguments.read_only {
        target.transport = Arc::new(ReadOnly::new(target.transport));
        target.may_write = Err("the run only reads".to_owned());
    }
    // Borrowed by the run below only; marks it as seen.
    stopped.mark_unchanged();
    let done = judge(&arguments, revision, &suite, &known, &target, stopped).await;
    target.end().await;
    done
}

async fn judge(
    arguments: &RunArguments,
    revision: &'static Revision,
    suite: &Suite,
    known: &Known,
    target: &Target,
    stopped: watch::Receiver<bool>,
) -> Result<Exit, Failure> {
    let timeout = Duration::from_secs(arguments.timeout);
    let client = target.client(&arguments.target, revision, timeout).await?.with_retries(arguments.retries);
    let mut account = arguments.target.account.clone();
    for repository in &arguments.repository {
        let registry = world::find(&client, repository).await.map_err(|reason| {
            Failure::usage(format!(
                "{} has no repository `{repository}`: {reason}\n\nhint: is it of this account and region?",
                target.name()
            ))
        })?;
        account = account.or(registry);
    }
    let settings = Settings {
        jobs: arguments.jobs,
        account,
        may_write: target.may_write.clone(),
        seed: arguments.target.seed(),
        keep_bodies: arguments.snapshots.are_wanted(),
    };
    let progress = if arguments.quiet { Box::new(Silence) } else { progress::for_stderr() };
    let limit = arguments.max_failures.map_or(usize::from(arguments.fail_fast), NonZeroUsize::get);
    let fails = known.fails_the_run(suite, arguments.fail_on);
    let (progress, halted, enough) = selection::stop_after(limit, progress, fails, stopped);
    let client = Arc::new(client);
    let once = || {
        let (client, progress) = (Arc::clone(&client), Arc::clone(&progress));
        run::run(suite, client, revision, &settings, progress, halted.clone())
    };
    let mut run = once().await;
    let mut unsteady = BTreeSet::new();
    for _ in 1..arguments.repeat {
        if run.ending != Ending::Complete {
            break;
        }
        unsteady.append(&mut run.take_in(once().await));
    }
    if !unsteady.is_empty() {
        let ids: Vec<String> = unsteady.into_iter().collect();
        say(&format!("not the same each time: {}", ids.join(", ")));
    }
    if enough() {
        run.ending = Ending::Enough;
    }
    if arguments.snapshots.are_wanted() {
        return snapshots::judge(&arguments.snapshots, &run, revision, target);
    }
    if let Some(new) = &arguments.write_baseline {
        return known.write(new, &run, revision, arguments.fail_on);
    }
    let standing = known.standing(&run, revision);
    let exit = Exit::of_run_with(&run, arguments.fail_on, &arguments.allow_missing, standing.as_ref());
    let again = again(arguments);
    let subject = Subject {
        run: &run,
        revision,
        endpoint: target.endpoint.as_deref(),
        again: &again,
        region: &arguments.target.region,
        signed: target::signs(&arguments.target),
        fail_on: arguments.fail_on,
        allowed_to_lack: &arguments.allow_missing,
        must_in_suite: known.must_in_suite,
        exit,
        baseline: standing.as_ref(),
    };
    // What is printed comes first: it is there even if a file can't be written.
    if arguments.prints {
        print(&render(arguments.format, &subject))?;
    }
    reports::write(&arguments.report, &subject)?;
    Ok(exit)
}

/// The options with which this run's target is reached again.
fn again(arguments: &RunArguments) -> String {
    let mut words = target::words(&arguments.target);
    let revision = arguments.api.revision.name;
    if revision::newest().is_none_or(|newest| newest.name != revision) {
        words.extend(["--api".to_owned(), revision.to_owned()]);
    }
    if let Some(folder) = &arguments.cases {
        words.extend(["--cases".to_owned(), shell_words::quote(&folder.display().to_string()).into_owned()]);
    }
    if arguments.target.allow_writes {
        words.push("--allow-writes".to_owned());
    }
    if arguments.read_only {
        words.push("--read-only".to_owned());
    }
    for repository in &arguments.repository {
        words.extend(["--repository".to_owned(), shell_words::quote(repository).into_owned()]);
    }
    words.join(" ")
}

fn list(suite: &Suite) -> String {
    let mut text = String::new();
    for case in suite.selected() {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{}\n  {} [{}]", case.id, case.sentence, suite.cost(case).name());
        for check in case.steps.iter().flat_map(|step| &step.expect) {
            let id = check_id(&case.id, check.name());
            let (tier, evidence) = (check.that.tier().name(), check.evidence.join(", "));
            let _ = writeln!(text, "  {:<11} {tier:<8} {id} ({evidence})", check.level);
        }
    }
    text
}
