//! A pattern of the model as a finite automaton.
//!
//! In: the text of an ECMA-262 pattern. Out: the least deterministic automaton over the bytes of UTF-8 that
//! decides it; where that is too large, one that follows several states at once; or the reason why there is
//! none. What must stay true: the automaton reads each byte once and decides at the
//! end of the text; a pattern that it cannot be made for is refused by name, never approximated.

mod automaton;
mod ecma;
mod follow;

pub(crate) use automaton::compile;

use crate::diagnostic::Code;

/// Why a pattern is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: String,
}
