//! `ecrspec evidence`

use std::fmt::Write as _;

use ecrspec::evidence::{Fact, Ledger};
use ecrspec::exit::Exit;

use crate::cli::Failure;
use crate::cli::output::print;

/// Prints facts of the ledger.
pub(super) fn print_facts(ids: &[String]) -> Result<Exit, Failure> {
    let ledger = Ledger::built_in();
    let mut text = String::new();
    if ids.is_empty() {
        ledger.facts().for_each(|fact| write_fact(&mut text, fact));
    }
    for id in ids {
        let fact = ledger.fact(id).ok_or_else(|| {
            Failure::usage(format!("the ledger has no fact `{id}`; `ecrspec evidence` prints all of them"))
        })?;
        write_fact(&mut text, fact);
    }
    print(&text)?;
    Ok(Exit::Conforms)
}

fn write_fact(text: &mut String, fact: &Fact) {
    // Writing to a string can't fail.
    let _ = writeln!(text, "{} ({})\n  {}", fact.id, fact.strength, fact.statement);
    if let Some(scope) = &fact.scope {
        let _ = writeln!(text, "  scope: {scope}");
    }
    for source in &fact.sources {
        let seen = source.seen.as_ref().map(|seen| format!(", {seen}")).unwrap_or_default();
        let link = source.link.as_ref().map(|link| format!(" {link}")).unwrap_or_default();
        let _ = writeln!(text, "  source: {}{seen}{link}", source.title);
    }
    if !fact.overrides.is_empty() {
        let _ = writeln!(text, "  overrides: {}", fact.overrides.join(", "));
    }
}
