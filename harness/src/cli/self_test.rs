//! `ecrspec self-test`

use ecrspec::exit::Exit;
use ecrspec::mutant::Matrix;
use indicatif::ProgressBar;

use crate::cli::case;
use crate::cli::output::{complain, print};
use crate::cli::{Failure, newest_revision};

/// Runs the built-in suite on the mutants of the newest revision and prints which check fails on which.
pub(super) fn run(mutants: &[String]) -> Result<Exit, Failure> {
    let fault = |message: String| Failure { exit: Exit::SuiteFault, message };
    let revision = newest_revision()?;
    let suite = case::suite(revision, None)?;

    // It hides itself where stderr is no terminal.
    let bar = ProgressBar::new_spinner();
    let matrix = Matrix::run(&suite, revision, mutants, |mutant| {
        bar.inc(1);
        bar.set_message(format!("{} {}", bar.position(), mutant.name));
    });
    bar.finish_and_clear();
    let matrix = matrix.map_err(|error| fault(format!("failed to start: {error}")))?;
    if matrix.rows.is_empty() {
        return Err(Failure::usage(format!(
            "no mutant is called {}; `ecrspec self-test` without a name runs all of them",
            mutants.join(" or ")
        )));
    }

    print(&matrix.to_string())?;
    let complaints = matrix.complaints();
    for complaint in &complaints {
        complain(complaint);
    }
    if complaints.is_empty() { Ok(Exit::Conforms) } else { Ok(Exit::SuiteFault) }
}
