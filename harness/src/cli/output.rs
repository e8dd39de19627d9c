//! Where text goes: data to stdout, talk to stderr.

use std::io::{self, ErrorKind, Write as _};

use crate::cli::Failure;
use ecrspec::exit::Exit;

/// Prints data. A reader that went away is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure { exit: Exit::SuiteFault, message: format!("failed to print: {error}") })
        }
        _ => Ok(()),
    }
}

/// Prints a line of talk.
pub(super) fn say(line: &str) {
    let _: io::Result<()> = writeln!(anstream::stderr().lock(), "{line}");
}

/// Prints why the program ends early.
pub(super) fn complain(message: &str) {
    say(&format!("error: {message}"));
}
