//! From a pattern to its least automaton, by way of `regex-automata`.

use std::collections::BTreeMap;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{Hir, Look};

use super::{Refusal, ecma, follow};
use crate::diagnostic::Code;
use crate::model::{Pattern, State};

/// The largest pattern known so far, a UUID, has 37 states.
const MAXIMUM_STATES: usize = 1024;
/// Bounds the work of making an automaton, whatever the pattern.
const MAXIMUM_BYTES: usize = 1 << 19;
const MAXIMUM_NFA_BYTES: usize = 1 << 22;

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
        .configure(thompson::Config::new().utf8(false).shrink(false).nfa_size_limit(Some(MAXIMUM_NFA_BYTES)))
        .build_from_hir(&whole)
        .map_err(|_| too_large())?;
    let source = source.to_owned();
    if let Some(states) = deterministic(&nfa) {
        return Ok(Pattern { source, full, deterministic: true, states });
    }
    let states = follow::table(&nfa).ok_or_else(too_large)?;
    Ok(Pattern { source, full, deterministic: false, states })
}

fn deterministic(nfa: &thompson::NFA) -> Option<Vec<State>> {
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
        .build_from_nfa(nfa)
        .ok()?;
    table(&dfa)
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
        message: "the automaton of the pattern is too large".to_owned(),
        hint: "bound the repetitions less widely, or put the bound into a length trait, or leave the \
               pattern unchecked: ecrspec.api#uncheckedPattern with the reason, which `spec import \
                 --unchecked SHAPE` writes"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::compile;
    use crate::diagnostic::Code;
    use crate::model::Pattern;

    fn matches(pattern: &Pattern, text: &str) -> bool {
        let mut state = pattern.states.first();
        for byte in text.bytes() {
            let next = state.and_then(|state| {
                state.ranges.iter().find(|(first, last, _)| (*first..=*last).contains(&byte))
            });
            state = next.and_then(|(_, _, next)| pattern.states.get(usize::from(*next)));
        }
        state.is_some_and(|state| state.accepts)
    }

    #[test]
    fn patterns_are_read_as_ecma_has_them() {
        // A pattern, what matches it as a whole, and what does not.
        let cases: &[(&str, &[&str], &[&str])] = &[
            (r"^\d+$", &["0", "42"], &["", "٣", "4x"]),
            (r"[\w-.]+", &["a-b.c_9"], &["é", "a b"]),
            (r"[a-z0-9-_.]+", &["a-_.9"], &["A", "a/b"]),
            (r"[[a]+", &["[a["], &["b"]),
            (r"a&&b|c~~d|[x&&y]", &["a&&b", "c~~d", "&", "x"], &["a", "z"]),
            (r".", &["a", "é"], &["\n", "\u{2028}", "ab"]),
            (r"\u00e9\x41\/", &["éA/"], &["eA/"]),
            (r"[^\s]+", &["ab", "\u{a0}"], &["a b", ""]),
            (r"a{2,3}(?:b|cd)?", &["aa", "aaacd"], &["a", "aaaa", "aac"]),
            (r"\p{Lu}", &["É"], &["é"]),
        ];
        for (pattern, good, bad) in cases {
            let compiled = compile(pattern, true);
            let compiled = compiled.as_ref();
            for text in *good {
                assert_eq!(
                    compiled.map(|one| matches(one, text)),
                    Ok(true),
                    "{pattern} should match {text:?}"
                );
            }
            for text in *bad {
                assert_eq!(
                    compiled.map(|one| matches(one, text)),
                    Ok(false),
                    "{pattern} should not match {text:?}"
                );
            }
        }
    }

    #[test]
    fn a_search_finds_its_pattern_anywhere() {
        let pattern = compile("b+|^c|d$", false);
        for (text, expected) in
            [("abba", true), ("ca", true), ("ac", false), ("ad", true), ("da", false), ("", false)]
        {
            assert_eq!(pattern.as_ref().map(|one| matches(one, text)), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_decided_is_refused_by_name() {
        for (pattern, code) in [
            ("(?=a)", Code::UnsupportedPattern),
            ("(a)\\1", Code::UnsupportedPattern),
            ("\\B", Code::UnsupportedPattern),
            ("(?i)a", Code::UnsupportedPattern),
            ("a**", Code::BadPattern),
            ("*", Code::BadPattern),
            ("[a", Code::BadPattern),
            ("a\\", Code::BadPattern),
            ("[b-a]", Code::BadPattern),
            ("\\u12", Code::BadPattern),
            ("(?:.{0,500}x){9}", Code::PatternTooLarge),
        ] {
            assert_eq!(compile(pattern, true).map_err(|refusal| refusal.code), Err(code), "{pattern}");
        }
    }
}
