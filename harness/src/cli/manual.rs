//! `ecrspec completions` and `ecrspec man`: what packagers install beside the program.

use clap::CommandFactory as _;
use clap_complete::Shell;
use ecrspec::exit::Exit;

use crate::cli::Failure;
use crate::cli::arguments::Arguments;
use crate::cli::output::print;

/// Prints the script for a shell.
pub(super) fn print_completions(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "ecrspec", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Conforms)
}

/// Prints the manual page.
pub(super) fn print_page() -> Result<Exit, Failure> {
    let mut page = Vec::new();
    // Writing to a vector can't fail.
    let _ = clap_mangen::Man::new(Arguments::command()).render(&mut page);
    print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Conforms)
}
