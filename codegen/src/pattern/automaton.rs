//! From a pattern to its least automaton, by way of `regex-automata`.

use std::collections::BTreeMap;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{Hir, Look};

use super::{Refusal, ecma};
use crate::diagnostic::Code;
use crate::model::{Pattern, State};

/// Twice what the largest pattern of the APIs known today needs would be far less than this.
const MAXIMUM_STATES: usize = 4096;
/// Bounds the work of making an automaton, whatever the pattern.
const MAXIMUM_BYTES: usize = 1 << 21;

/// The automaton of a pattern that must match the whole text (`full`) or some part of it.
pub(crate) fn compile(source: &str, full: bool) -> Result<Pattern, Refusal> {
    let translated = ecma::translate(source)?;
    let mut parser = regex_syntax::ParserBuilder::new().utf8(false).nest_limit(128).build();
    let parsed = parser.parse(&translated).map_err(|error| bad(&error))?;

    // Anchored at both ends, every pattern is decided where the text ends; one that may match a part of the
    // text has anything around it.
    let anything = || {
        Hir::repetition(regex_syntax::hir::Repetition {
            min: 0,
            max: None,
            greedy: true,
            sub: Box::new(Hir::dot(regex_syntax::hir::Dot::AnyByte)),
        })
    };
    let body = if full { parsed } else { Hir::concat(vec![anything(), parsed, anything()]) };
    let whole = Hir::concat(vec![Hir::look(Look::Start), body, Hir::look(Look::End)]);

    let nfa = thompson::Compiler::new()
        .configure(thompson::Config::new().utf8(false).shrink(false).nfa_size_limit(Some(MAXIMUM_BYTES)))
        .build_from_hir(&whole)
        .map_err(|_| too_large())?;
    let dfa = dense::Builder::new()
        .configure(
            dense::Config::new()
                .match_kind(MatchKind::All)
                .start_kind(StartKind::Anchored)
                .accelerate(false)
                .minimize(true)
                .dfa_size_limit(Some(MAXIMUM_BYTES))
                .determinize_size_limit(Some(MAXIMUM_BYTES)),
        )
        .build_from_nfa(&nfa)
        .map_err(|_| too_large())?;
    let states = table(&dfa).ok_or_else(too_large)?;
    Ok(Pattern { source: source.to_owned(), full, states })
}

/// The states that a text can reach, numbered in the order in which they are found.
fn table(dfa: &dense::DFA<Vec<u32>>) -> Option<Vec<State>> {
    let start = dfa.start_state_forward(&Input::new("").anchored(Anchored::Yes)).ok()?;
    let mut numbers = BTreeMap::from([(start, 0_u16)]);
    let mut found: Vec<StateID> = vec![start];
    let mut states: Vec<State> = Vec::new();
    while let Some(&id) = found.get(states.len()) {
        let mut state = State { accepts: dfa.is_match_state(dfa.next_eoi_state(id)), ranges: Vec::new() };
        for byte in 0..=u8::MAX {
            let next = dfa.next_state(id, byte);
            if dfa.is_dead_state(next) {
                continue;
            }
            let number = if let Some(number) = numbers.get(&next) {
                *number
            } else {
                let number = u16::try_from(found.len()).ok().filter(|_| found.len() < MAXIMUM_STATES)?;
                numbers.insert(next, number);
                found.push(next);
                number
            };
            match state.ranges.last_mut() {
                Some((_, last, to)) if *to == number && last.checked_add(1) == Some(byte) => *last = byte,
                _ => state.ranges.push((byte, byte, number)),
            }
        }
        states.push(state);
    }
    Some(states)
}

fn bad(error: &regex_syntax::Error) -> Refusal {
    let reason = match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "its syntax is unknown".to_owned(),
    };
    Refusal {
        code: Code::BadPattern,
        message: format!("the pattern does not compile: {reason}"),
        hint: "patterns are ECMA-262 regular expressions".to_owned(),
    }
}

fn too_large() -> Refusal {
    Refusal {
        code: Code::PatternTooLarge,
        message: format!("the automaton of the pattern has more than {MAXIMUM_STATES} states"),
        hint: "bound the repetitions less widely, or put the bound into a length trait".to_owned(),
    }
}
