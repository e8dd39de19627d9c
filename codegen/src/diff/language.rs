//! The texts that one automaton takes and another does not.
//!
//! In: two automata. Out: for each side the shortest text that it alone takes. What must stay true: the search
//! ends, whatever the automata; where it gives up, it says so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::Pattern;

/// The most pairs of states that are looked at.
const MOST_PAIRS: usize = 20_000;

/// What two patterns make of all texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// A text that the old one alone takes.
    pub(super) lost: Option<String>,
    /// A text that the new one alone takes.
    pub(super) gained: Option<String>,
    /// Whether the search was given up.
    pub(super) given_up: bool,
}

/// The states in which an automaton can be after a text.
type States = BTreeSet<u16>;

/// The states of both sides after a text, and how they were come by: from the pair of that number, by a byte.
type Pair = ((States, States), Option<(usize, u8)>);

/// Compares two patterns.
pub(super) fn compare(old: &Pattern, new: &Pattern) -> Comparison {
    let mut comparison = Comparison::default();
    let start = (States::from([0]), States::from([0]));
    let mut pairs: Vec<Pair> = vec![(start.clone(), None)];
    let mut seen = BTreeMap::from([(start, 0)]);
    let mut open = VecDeque::from([0]);
    while let Some(index) = open.pop_front() {
        let Some(((old_states, new_states), _)) = pairs.get(index).cloned() else { break };
        let (was, is) = (accepts(old, &old_states), accepts(new, &new_states));
        if was && !is && comparison.lost.is_none() {
            comparison.lost = Some(text(&pairs, index));
        }
        if is && !was && comparison.gained.is_none() {
            comparison.gained = Some(text(&pairs, index));
        }
        if comparison.lost.is_some() && comparison.gained.is_some() {
            break;
        }
        for byte in classes(old, &old_states, new, &new_states) {
            let next = (step(old, &old_states, byte), step(new, &new_states, byte));
            if next.0.is_empty() && next.1.is_empty() || seen.contains_key(&next) {
                continue;
            }
            if pairs.len() == MOST_PAIRS {
                comparison.given_up = true;
                return comparison;
            }
            seen.insert(next.clone(), pairs.len());
            open.push_back(pairs.len());
            pairs.push((next, Some((index, byte))));
        }
    }
    comparison
}

/// Whether a pattern takes a text.
pub(super) fn takes(pattern: &Pattern, text: &str) -> bool {
    let end = text.bytes().fold(States::from([0]), |states, byte| step(pattern, &states, byte));
    accepts(pattern, &end)
}

fn accepts(pattern: &Pattern, states: &States) -> bool {
    states.iter().any(|state| pattern.states.get(usize::from(*state)).is_some_and(|state| state.accepts))
}

fn step(pattern: &Pattern, states: &States, byte: u8) -> States {
    ranges(pattern, states)
        .filter(|(from, to, _)| (*from..=*to).contains(&byte))
        .map(|(.., next)| next)
        .collect()
}

fn ranges<'a>(pattern: &'a Pattern, states: &'a States) -> impl Iterator<Item = (u8, u8, u16)> + 'a {
    let states = states.iter().filter_map(|state| pattern.states.get(usize::from(*state)));
    states.flat_map(|state| state.ranges.iter().copied())
}

/// One byte for each way in which the two can go on: a letter, digit or sign where there is one, so that a text
/// can be read.
fn classes(old: &Pattern, old_states: &States, new: &Pattern, new_states: &States) -> Vec<u8> {
    let mut cuts = BTreeSet::new();
    for (from, to, _) in ranges(old, old_states).chain(ranges(new, new_states)) {
        cuts.insert(u16::from(from));
        cuts.insert(u16::from(to) + 1);
    }
    let cuts: Vec<u16> = cuts.into_iter().collect();
    let classes = cuts.windows(2).filter_map(|pair| {
        let [from, to] = pair else { return None };
        let (from, last) = (u8::try_from(*from).ok()?, u8::try_from(to - 1).ok()?);
        let readable = [b'a'..=b'z', b'0'..=b'9', b'A'..=b'Z', b'!'..=b'~'];
        let found = readable.iter().flat_map(Clone::clone).find(|byte| (from..=last).contains(byte));
        Some(found.unwrap_or(from))
    });
    let mut classes: Vec<u8> = classes.collect();
    classes.sort_by_key(|byte| (!byte.is_ascii_lowercase(), !byte.is_ascii_digit(), *byte));
    classes
}

fn text(pairs: &[Pair], end: usize) -> String {
    let mut bytes = Vec::new();
    let mut at = pairs.get(end);
    while let Some((_, Some((before, byte)))) = at {
        bytes.push(*byte);
        at = pairs.get(*before);
    }
    bytes.reverse();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::{Comparison, compare, takes};
    use crate::model::Pattern;
    use crate::pattern::compile;

    fn pattern(source: &str) -> Pattern {
        compile(source, true).expect("a pattern of this file")
    }

    fn found(lost: Option<&str>, gained: Option<&str>) -> Comparison {
        Comparison { lost: lost.map(str::to_owned), gained: gained.map(str::to_owned), given_up: false }
    }

    #[test]
    fn what_one_alone_takes_is_shown_by_its_shortest_text() {
        let cases = [
            ("a*", "(a)*", None, None),
            ("[a-z]+", "[a-z0-9]+", None, Some("0")),
            ("[a-z]{2,3}", "[a-z]{2}", Some("aaa"), None),
            ("ab|c", "ab|d", Some("c"), Some("d")),
            ("", "é", Some(""), Some("é")),
        ];
        for (old, new, lost, gained) in cases {
            assert_eq!(compare(&pattern(old), &pattern(new)), found(lost, gained), "{old} {new}");
            assert_eq!(compare(&pattern(new), &pattern(old)), found(gained, lost), "{new} {old}");
        }
    }

    #[test]
    fn a_text_that_is_shown_is_taken_by_one_side_alone() {
        let old = pattern("(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*");
        let new = pattern(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*");
        let Comparison { lost, gained, given_up } = compare(&old, &new);
        assert_eq!((lost, given_up), (None, false));
        let gained = gained.expect("the new one takes more");
        assert!(takes(&new, &gained) && !takes(&old, &gained), "{gained}");
    }
}
