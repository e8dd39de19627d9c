//! The command line.
//!
//! In: arguments and the environment. Out: text on stdout, talk on stderr, an exit code by cause. What must
//! stay true: arguments are checked once, here; everything behind gets checked values.

mod arguments;
mod baseline;
mod case;
mod diff;
mod doctor;
mod evidence;
mod explain;
mod import;
mod manual;
mod matrix;
mod output;
mod policy;
mod progress;
mod record;
mod replay;
mod reports;
mod run;
mod selection;
mod self_test;
mod serve;
mod signals;
mod snapshots;
mod spec;
mod spec_diff;
mod stubs;
mod sweep;
mod target;

use clap::Parser as _;
use clap::error::ErrorKind;
use ecrspec::case::Problem;
use ecrspec::exit::Exit;
use ecrspec::revision;
use ecrspec_api::table::Revision;

use crate::cli::arguments::{
    Arguments, BaselineCommand, CaseCommand, Command, ReportCommand, RunArguments, SpecCommand,
    WriteArguments,
};
use crate::cli::output::complain;

/// Runs the program.
pub(crate) fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // What can't be printed has nobody to read it.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Conforms,
                _ => Exit::Usage,
            };
        }
    };
    let command = arguments.command.unwrap_or(Command::Run(arguments.run));
    let done = match command {
        Command::Run(arguments) => in_runtime(run::run(*arguments)),
        Command::Record(arguments) => in_runtime(record::record(*arguments)),
        Command::Replay(arguments) => in_runtime(replay::replay(*arguments)),
        Command::Diff(arguments) => in_runtime(diff::diff(*arguments)),
        Command::Sweep(arguments) => in_runtime(sweep::sweep(arguments)),
        Command::Policy(arguments) => policy::print_policy(&arguments),
        Command::Stubs { command } => stubs::stubs(&command),
        Command::Serve(arguments) => in_runtime(serve::serve(arguments)),
        Command::Matrix(arguments) => in_runtime(matrix::matrix(*arguments)),
        Command::Baseline { command: BaselineCommand::Write(arguments) } => {
            let WriteArguments { new, run } = *arguments;
            in_runtime(run::run(RunArguments { write_baseline: Some(new), ..run }))
        }
        Command::Case { command: CaseCommand::Check { api, files } } => case::check(api.revision, &files),
        Command::Case { command: CaseCommand::Schema } => case::print_schema(),
        Command::Spec { command: SpecCommand::Import(arguments) } => import::import(&arguments),
        Command::Spec { command: SpecCommand::Check(arguments) } => spec::check(&arguments),
        Command::Spec { command: SpecCommand::Emit(arguments) } => spec::emit(&arguments),
        Command::Spec { command: SpecCommand::Explain { codes } } => spec::explain(&codes),
        Command::Completions { shell } => manual::print_completions(shell),
        Command::Man => manual::print_page(),
        Command::Report { command: ReportCommand::Schema } => reports::print_schema(),
        Command::Spec { command: SpecCommand::Diff(arguments) } => spec_diff::print_diff(&arguments),
        Command::SelfTest { mutants } => self_test::run(&mutants),
        Command::Explain { api, ids } => explain::explain(api.revision, &ids),
        Command::Evidence(arguments) => evidence::print_evidence(&arguments),
        Command::Doctor(arguments) => in_runtime(doctor::examine(*arguments)),
    };
    done.unwrap_or_else(|failure| {
        complain(&failure.message);
        failure.exit
    })
}

/// Why the program ends early.
struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    fn usage(message: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string() }
    }
}

/// All problems of what a user wrote as one failure.
fn problems_failure(what: &str, problems: &[Problem]) -> Failure {
    let count =
        if problems.len() == 1 { "a problem".to_owned() } else { format!("{} problems", problems.len()) };
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Failure::usage(format!("{what} has {count}\n\n{}", problems.join("\n").trim_end()))
}

/// The newest revision that this program carries, for what is about no revision in particular.
fn newest_revision() -> Result<&'static Revision, Failure> {
    revision::newest().ok_or_else(|| Failure {
        exit: Exit::SuiteFault,
        message: "this program was built without any revision of the API".to_owned(),
    })
}

fn in_runtime(work: impl Future<Output = Result<Exit, Failure>> + Send + 'static) -> Result<Exit, Failure> {
    let fault = |message: String| Failure { exit: Exit::SuiteFault, message };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| fault(format!("failed to start: {error}")))?;
    // A task of its own: a panic in it is a fault that is said, with the exit code that it has.
    let done = runtime.block_on(runtime.spawn(work));
    runtime.shutdown_background();
    done.unwrap_or_else(|error| Err(fault(format!("this program broke: {error}; please report it"))))
}
