//! The `ecrspec` program.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main().into()
}
