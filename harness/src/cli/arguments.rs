//! What the command line may say.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use ecrspec::case::format::Capability;
use ecrspec::level::Level;
use ecrspec::revision;
use ecrspec_api::table::Revision;

use crate::cli::diff::DiffArguments;
use crate::cli::evidence::EvidenceArguments;
use crate::cli::policy::PolicyArguments;
use crate::cli::record::RecordArguments;
use crate::cli::replay::ReplayArguments;
use crate::cli::serve::ServeArguments;
use crate::cli::snapshots::SnapshotArguments;
use crate::cli::stubs::StubsCommand;
use crate::cli::sweep::SweepArguments;
use crate::cli::target::TargetArguments;

const EXAMPLES: &str = "\
Examples:
  ecrspec                                            the suite against the embedded emulator
  ecrspec run --endpoint http://127.0.0.1:5000       against a mock that runs already
  ecrspec run --spawn 'moto_server -p {port}'        against a mock that is started and ended
  ecrspec run --read-only --repository team/app      what holds of a repository that exists, writing nothing
  ecrspec run --filter 'paging.*' --list             what the suite holds about paging
  ecrspec run --api 2025-04                          the suite for an older revision of the API
  ecrspec spec diff 2025-04 2026-11                  what changed, and which checks that puts in doubt
  ecrspec doctor --endpoint http://127.0.0.1:5000    why nothing works there
  ecrspec explain paging.token D-4                   a case, and what a finding rests on
  ecrspec self-test 'token-*'                        which checks catch mocks with such a fault

Exit codes:
  0    the target conforms: something was judged, nothing at or above --fail-on failed, and no
       `must` went unjudged because the target lacks something
  1    it does not conform
  2    bad usage, a bad case or spec file, or nothing selected
  3    the target could not be reached, or stopped answering; findings so far are kept
  4    an entry of the baseline no longer holds
  70   a fault of this program
  130  interrupted
  Where several hold: 130, 70, 2, 3, 1, 4.";

/// Does this endpoint answer Amazon ECR's `DescribeImages` the way ECR does?
///
/// Without a command this is `ecrspec run`, and without an endpoint the target is the embedded emulator.
#[derive(Debug, Parser)]
#[command(name = "ecrspec", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) run: Box<RunArguments>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the suite against a target and say what differs, why it matters and where it is written
    #[command(after_help = EXAMPLES)]
    Run(Box<RunArguments>),
    /// Save what a target answers, by running cases or from a client's own traffic
    #[command(after_help = super::record::EXAMPLES)]
    Record(Box<RecordArguments>),
    /// Send what was recorded to a target and say where it answers otherwise
    #[command(after_help = super::replay::EXAMPLES)]
    Replay(Box<ReplayArguments>),
    /// Run the suite against two targets and say of each check who is right
    #[command(after_help = super::diff::EXAMPLES)]
    Diff(Box<DiffArguments>),
    /// Say what recordings of ECR itself confirm and contradict of the suite
    #[command(after_help = super::evidence::EXAMPLES)]
    Evidence(EvidenceArguments),
    /// Remove what killed runs have left on their targets
    #[command(after_help = super::sweep::EXAMPLES)]
    Sweep(SweepArguments),
    /// Print the least IAM policy that a run takes
    Policy(PolicyArguments),
    /// Carry recordings to `WireMock`'s stub mappings, or from there
    Stubs {
        #[command(subcommand)]
        command: StubsCommand,
    },
    /// Be an endpoint: the embedded emulator, or recordings
    #[command(after_help = super::serve::EXAMPLES)]
    Serve(ServeArguments),
    /// Run the suite against many targets and put them side by side
    ///
    /// Each `[[target]]` of the file has a `name`, may have a `version`, and has an `endpoint` or a line to `spawn`.
    /// The folder gets each target's report as HTML and JSON, the table as `matrix.md`, which is printed too, and as
    /// `matrix.html`, and a picture as `matrix.svg`. The exit code is 0 if every target was asked to the end, whatever it answered.
    Matrix(Box<MatrixArguments>),
    /// Work with case files
    Case {
        #[command(subcommand)]
        command: CaseCommand,
    },
    /// Work with reports
    Report {
        #[command(subcommand)]
        command: ReportCommand,
    },
    /// Work with models of the API
    Spec {
        #[command(subcommand)]
        command: SpecCommand,
    },
    /// Work with lists of known failures
    Baseline {
        #[command(subcommand)]
        command: BaselineCommand,
    },
    /// Run the suite on deliberately broken emulators and say which check catches which fault
    ///
    /// Each mutant is the embedded emulator with one fault. One that is not caught as it should be, a check that
    /// catches none and a check that fails on the emulator itself are faults of this program: exit code 70.
    SelfTest {
        /// Run only mutants with these names; `*` stands for anything
        #[arg(value_name = "MUTANT")]
        mutants: Vec<String>,
    },
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Ask a target once and say what is wrong with it or with how it is reached
    #[command(after_help = super::doctor::EXAMPLES)]
    Doctor(Box<DoctorArguments>),
    /// Print what has an id, whole: a case, a check, a fact, a requirement of the API page, a mutant
    ///
    /// `evidence`, `requirements` and `coverage` are pages: the ledger, the sentences of the API page with the checks
    /// that hold them, and the parts of the model with the cases that exercise them.
    Explain {
        #[command(flatten)]
        api: Api,
        /// The ids; without any, a line for each that there is
        #[arg(value_name = "ID")]
        ids: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CaseCommand {
    /// Check case files without sending anything
    Check {
        #[command(flatten)]
        api: Api,
        /// The files; they may use the worlds and twins of the built-in cases, and of each other
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of case files
    Schema,
}

#[derive(Debug, Subcommand)]
pub(super) enum ReportCommand {
    /// Print the JSON Schema of the JSON report
    Schema,
}

#[derive(Debug, Subcommand)]
pub(super) enum SpecCommand {
    /// Make a model file of a revision from a model of AWS: botocore's `service-2.json`, or Smithy's JSON form
    ///
    /// What the operations reach is cut out and written as `NAME.json`; the SHA-256 of the file is printed.
    /// botocore's `paginators-1.json` and `waiters-2.json` are read too where they stand beside the file. Its
    /// other files are not: examples, rules for endpoints and extras for its own code say nothing of shapes.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArguments),
    /// Check models, and an overlay over them: every mistake, with its place and what to do
    Check(CheckSpecArguments),
    /// Say what changed from one revision to another: for types, for validators, and for which checks
    ///
    /// Changes come in the order that matters: what is removed, tightened, loosened, added. A revision that is not built
    /// in is a file: a model of this program, of AWS, or botocore's `service-2.json`.
    Diff(SpecDiffArguments),
    /// Write the Rust of a model to stdout or a file, for a crate that has no build script
    ///
    /// The text is a module that leans on the crate `ecrspec-api`.
    Emit(EmitArguments),
    /// Print what the codes of mistakes mean
    Explain {
        /// The codes, such as `unknown-target`; all without any
        #[arg(value_name = "CODE")]
        codes: Vec<String>,
    },
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  ecrspec spec import botocore:ecr --as 2026-11                 from the botocore that Python has
  ecrspec spec import botocore/data/ecr --as 2026-11            from a folder of botocore
  ecrspec spec import service-2.json.gz --as 2026-11            from a file, packed or not
  ecrspec spec import ecr.json --as 2026-11 --operation DescribeImages --without-docs";

#[derive(Debug, Args)]
pub(super) struct CheckSpecArguments {
    /// Model files, or folders of them; a file's name is that of the revision. Without any: `spec/model`,
    /// under the overlay `spec/overlay.json`
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    /// An overlay to lay over each model
    #[arg(long, value_name = "FILE")]
    pub(super) overlay: Option<PathBuf>,

    /// Print which traits the models have, and what becomes of each
    #[arg(long)]
    pub(super) traits: bool,
}

#[derive(Debug, Args)]
pub(super) struct EmitArguments {
    /// The model, plain or packed by gzip; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// What the revision is called, if not as the file
    #[arg(long = "as", value_name = "NAME", value_parser = revision_name, required_if_eq("file", "-"))]
    pub(super) name: Option<String>,

    /// An overlay to lay over the model
    #[arg(long, value_name = "FILE")]
    pub(super) overlay: Option<PathBuf>,

    /// The file to write; it is left alone where it is up to date
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct MatrixArguments {
    /// The file of targets
    #[arg(value_name = "TARGETS.toml")]
    pub(super) file: PathBuf,

    /// The folder that gets the reports
    #[arg(long, value_name = "DIR", default_value = "matrix")]
    pub(super) out: PathBuf,

    #[command(flatten)]
    pub(super) run: RunArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Run the suite and list what fails, for `ecrspec run --baseline`
    ///
    /// Where the file is there already, what is filled in stays, what passes is taken out and what is new is
    /// added. Reasons and addresses of new entries are left to fill, and the file is refused until they are.
    Write(Box<WriteArguments>),
}

#[derive(Debug, Args)]
pub(super) struct WriteArguments {
    #[command(flatten)]
    pub(super) new: WriteBaseline,
    #[command(flatten)]
    pub(super) run: RunArguments,
}

/// Where a baseline is written to, and what its new entries say.
#[derive(Clone, Debug, Args)]
pub(super) struct WriteBaseline {
    /// The file
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    /// Why the failures that are new are accepted for now; left to fill without it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) reason: String,

    /// The address at which they are worked on; left to fill without it
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    pub(super) issue: String,

    /// For how many days entries that are new hold
    #[arg(long, value_name = "COUNT", default_value = "90", value_parser = clap::value_parser!(u16).range(1..=3660))]
    pub(super) days: u16,
}

#[derive(Debug, Args)]
pub(super) struct SpecDiffArguments {
    /// The older revision, by name or as a file
    #[arg(value_name = "OLD")]
    pub(super) old: String,

    /// The newer revision, by name or as a file
    #[arg(value_name = "NEW")]
    pub(super) new: String,

    /// Compare what this operation reaches only; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) operation: Vec<String>,

    /// Name the lines of this file, or of every file in this folder, that speak of suspect checks or of what
    /// changed: snapshots, baselines; may be given several times
    #[arg(long, value_name = "PATH")]
    pub(super) look_in: Vec<PathBuf>,

    /// How the difference is printed
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub(super) format: DiffFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// The model, plain or packed by gzip; `-` is standard input. Also a folder of botocore that has it, or
    /// `botocore:NAME`: the service of that name in the botocore that Python has
    #[arg(value_name = "FILE")]
    pub(super) from: PathBuf,

    /// What the revision is called: small letters, digits and dashes, such as 2026-11
    #[arg(long = "as", value_name = "NAME", value_parser = revision_name)]
    pub(super) name: String,

    /// Take this operation only; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) operation: Vec<String>,

    /// Leave the documentation out
    #[arg(long)]
    pub(super) without_docs: bool,

    /// Leave the pattern of this shape unchecked, if no validator can be made of it; may be given several times
    #[arg(long, value_name = "SHAPE")]
    pub(super) unchecked: Vec<String>,

    /// The folder that the file is written to
    #[arg(long, value_name = "DIR", default_value = "spec/model")]
    pub(super) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    #[command(flatten)]
    pub(super) target: TargetArguments,

    #[command(flatten)]
    pub(super) api: Api,

    /// How long the answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Pace")]
    pub(super) timeout: u64,
}

/// The revision of the API that a command is about.
#[derive(Clone, Debug, Args)]
pub(super) struct Api {
    /// The revision of the API to judge by
    #[arg(long = "api", value_name = "REV", default_value = newest(), value_parser = revisions(), help_heading = "Cases")]
    pub(super) revision: &'static Revision,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Clone, Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) target: TargetArguments,

    #[command(flatten)]
    pub(super) api: Api,

    /// Ask a repository that exists already instead of making any: the laws, and the checks of form
    ///
    /// Only operations that read are sent, on any account, a bounded number of them: at most 400 a repository,
    /// and for most a few dozen.
    #[arg(long, requires = "repository", conflicts_with = "allow_writes", help_heading = "Cases")]
    pub(super) read_only: bool,

    /// A repository that exists; may be given several times
    #[arg(long, value_name = "NAME", requires = "read_only", help_heading = "Cases")]
    pub(super) repository: Vec<String>,

    /// Run only cases whose id, or one of whose check ids, has this in it; with `*` a pattern for the whole id
    #[arg(long, value_name = "ID", help_heading = "Cases")]
    pub(super) filter: Vec<String>,

    /// Leave out what takes many calls: worlds of hundreds of images, and long walks
    #[arg(long, help_heading = "Cases")]
    pub(super) quick: bool,

    /// Print the selected checks, with tier and cost, and send nothing
    #[arg(long, help_heading = "Cases")]
    pub(super) list: bool,

    /// Run only the cases that failed in this JSON report of an earlier run
    #[arg(long, value_name = "FILE", help_heading = "Cases")]
    pub(super) rerun_failed: Option<PathBuf>,

    /// Run one part of the selected cases, such as 1/4; the parts have every case once between them
    #[arg(long, value_name = "PART/OF", value_parser = shard, help_heading = "Cases")]
    pub(super) shard: Option<(usize, usize)>,

    /// A folder whose `*.json` files are cases too
    #[arg(long, value_name = "DIR", help_heading = "Cases")]
    pub(super) cases: Option<PathBuf>,

    /// The level from which on a failure fails the run
    #[arg(long, value_name = "LEVEL", default_value = "must", value_parser = level, help_heading = "Verdict")]
    pub(super) fail_on: Level,

    /// Do not fail because the target lacks this
    #[arg(long, value_name = "CAPABILITY", value_parser = capability, help_heading = "Verdict")]
    pub(super) allow_missing: Vec<Capability>,

    /// A file of known failures, as `ecrspec baseline write` makes one
    ///
    /// A check that fails and is listed does not fail the run. One that passes and is listed ends it with exit
    /// code 4, and so does an entry whose day is over. One that fails and is not listed fails the run as ever.
    #[arg(long, value_name = "FILE", help_heading = "Verdict")]
    pub(super) baseline: Option<PathBuf>,

    /// Whether the verdict is printed.
    #[arg(skip = true)]
    pub(super) prints: bool,

    /// The baseline to write instead of a report.
    #[arg(skip)]
    pub(super) write_baseline: Option<WriteBaseline>,

    /// How the verdict is printed
    #[arg(long, value_enum, default_value_t = Format::Human, help_heading = "Verdict")]
    pub(super) format: Format,

    #[command(flatten)]
    pub(super) snapshots: SnapshotArguments,

    /// Write a report beside what is printed, such as junit=report.xml; may be given several times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report, help_heading = "Verdict")]
    pub(super) report: Vec<(Format, PathBuf)>,

    /// Whether what is printed is coloured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto, help_heading = "Verdict")]
    pub(super) color: Color,

    /// How many cases run at once
    #[arg(long, value_name = "COUNT", default_value = "8", help_heading = "Pace")]
    pub(super) jobs: NonZeroUsize,

    /// Stop after the first failure that fails the run
    #[arg(long, help_heading = "Pace", conflicts_with = "max_failures")]
    pub(super) fail_fast: bool,

    /// Stop once so many failures fail the run; what runs already is still judged, and a case whole
    #[arg(long, value_name = "COUNT", help_heading = "Pace")]
    pub(super) max_failures: Option<NonZeroUsize>,

    /// How often a request that got no answer is sent again; an answer is never asked for twice
    #[arg(long, value_name = "COUNT", default_value = "0", value_parser = clap::value_parser!(u32).range(..=10), help_heading = "Pace")]
    pub(super) retries: u32,

    /// Run so many times; a check passes only if it passes each time, and what differs is named
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = "Pace")]
    pub(super) repeat: u32,

    /// Say nothing while the run goes on
    #[arg(long, short, help_heading = "Pace")]
    pub(super) quiet: bool,

    /// How long one answer may take
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Pace")]
    pub(super) timeout: u64,
}

/// How what is no report of a run is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal that takes it, unless `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes it so for all that is printed from here on.
    pub(super) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// XML for Jenkins and its like, one test case a check
    Junit,
    /// For a job summary, or a comment on a pull request
    Markdown,
    /// Annotations of GitHub Actions
    Github,
    /// One page that needs nothing beside it
    Html,
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    parts
        .filter(|(part, of)| (1..=*of).contains(part))
        .ok_or_else(|| "PART/OF is due, from 1/1 on, such as 2/4".to_owned())
}

fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("FORMAT=FILE is due, such as html=report.html")?;
    let format = Format::from_str(format, false).map_err(|_| {
        let names: Vec<_> = Format::value_variants()
            .iter()
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        format!("one of {} is due before the `=`", names.join(", "))
    })?;
    if file.is_empty() {
        return Err("a file is due behind the `=`".to_owned());
    }
    Ok((format, PathBuf::from(file)))
}

/// The names of the revisions, of which a mistaken one gets the nearest as a hint.
fn revisions() -> impl TypedValueParser<Value = &'static Revision> {
    PossibleValuesParser::new(revision::all().iter().map(|revision| revision.name))
        .try_map(|name| revision::find(&name).ok_or("no such revision"))
}

fn newest() -> &'static str {
    revision::newest().map_or("", |revision| revision.name)
}

fn revision_name(text: &str) -> Result<String, String> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.is_empty() && text.bytes().all(known) {
        Ok(text.to_owned())
    } else {
        Err("a revision's name has small letters, digits and dashes".to_owned())
    }
}

fn level(text: &str) -> Result<Level, String> {
    [Level::Must, Level::Should, Level::May]
        .into_iter()
        .find(|level| level.name() == text)
        .ok_or_else(|| "one of must, should, may".to_owned())
}

fn capability(text: &str) -> Result<Capability, String> {
    Capability::ALL
        .into_iter()
        .find(|capability| capability.name() == text)
        .ok_or_else(|| format!("one of {}", Capability::ALL.map(Capability::name).join(", ")))
}
