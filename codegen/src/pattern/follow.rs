//! The second tier: an automaton in which several states may follow one for a byte.
//!
//! It is as large as the pattern with its repetitions written out, where the deterministic one can be
//! exponentially larger; who runs it follows every state at once.

use std::collections::{BTreeMap, BTreeSet};

use regex_automata::nfa::thompson::{NFA, State as Node};
use regex_automata::util::look::Look;
use regex_automata::util::primitives::StateID;

use crate::model::State;

/// More would make a file that takes minutes to compile.
const MAXIMUM_STATES: usize = 8192;
const MAXIMUM_RANGES: usize = 65_536;

/// The states that a text can reach; `None` where they are too many, or need to look around.
pub(super) fn table(nfa: &NFA) -> Option<Vec<State>> {
    let start = nfa.start_anchored();
    let mut numbers = BTreeMap::from([(start, 0_u16)]);
    let mut found = vec![start];
    let mut states: Vec<State> = Vec::new();
    let mut total = 0;
    while let Some(&id) = found.get(states.len()) {
        let (accepts, steps) = closure(nfa, id, states.is_empty())?;
        let mut ranges = Vec::with_capacity(steps.len());
        for (first, last, next) in steps {
            let number = if let Some(number) = numbers.get(&next) {
                *number
            } else {
                let number = u16::try_from(found.len()).ok().filter(|_| found.len() < MAXIMUM_STATES)?;
                numbers.insert(next, number);
                found.push(next);
                number
            };
            ranges.push((first, last, number));
        }
        total += ranges.len();
        if total > MAXIMUM_RANGES {
            return None;
        }
        states.push(State { accepts, ranges });
    }
    Some(states)
}

/// From the first byte to the last, what they lead to.
type Steps = BTreeSet<(u8, u8, StateID)>;

/// What follows a state without reading a byte: whether a text may end there, and every step that reads one.
fn closure(nfa: &NFA, from: StateID, at_start: bool) -> Option<(bool, Steps)> {
    let mut accepts = false;
    let mut steps = BTreeSet::new();
    // Past an assertion of the end, nothing more can be read.
    let mut open = vec![(from, false)];
    let mut seen = BTreeSet::new();
    while let Some((id, at_end)) = open.pop() {
        if !seen.insert((id, at_end)) {
            continue;
        }
        match nfa.state(id) {
            Node::ByteRange { trans } if !at_end => {
                steps.insert((trans.start, trans.end, trans.next));
            }
            Node::Sparse(sparse) if !at_end => {
                steps.extend(sparse.transitions.iter().map(|trans| (trans.start, trans.end, trans.next)));
            }
            Node::Dense(dense) if !at_end => {
                let lead = |byte| Some((byte, byte, dense.matches_byte(byte)?));
                steps.extend((0..=u8::MAX).filter_map(lead));
            }
            Node::ByteRange { .. } | Node::Sparse(_) | Node::Dense(_) | Node::Fail => {}
            Node::Look { look: Look::Start, next } => {
                if at_start {
                    open.push((*next, at_end));
                }
            }
            Node::Look { look: Look::End, next } => open.push((*next, true)),
            Node::Look { .. } => return None,
            Node::Union { alternates } => open.extend(alternates.iter().map(|next| (*next, at_end))),
            Node::BinaryUnion { alt1, alt2 } => open.extend([(*alt1, at_end), (*alt2, at_end)]),
            Node::Capture { next, .. } => open.push((*next, at_end)),
            Node::Match { .. } => accepts = true,
        }
    }
    Some((accepts, steps))
}
