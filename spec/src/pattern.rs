//! A pattern of the model, decided by an automaton that the generator made.

/// A regular expression of the model.
///
/// ```
/// let revision = ecrspec_api::revisions()[0];
/// let shape = revision.shape("com.amazonaws.ecr#DescribeImagesRequest").unwrap();
/// let pattern = shape.members()[0].constraints.iter().find_map(|constraint| match constraint.kind {
///     ecrspec_api::table::ConstraintKind::Pattern(pattern) => Some(pattern),
///     _ => None,
/// });
/// let pattern = pattern.unwrap();
/// assert_eq!(pattern.source, "[0-9]{12}");
/// assert!(pattern.matches("012345678910"));
/// assert!(!pattern.matches("0123456789101"));
/// ```
#[derive(Debug)]
pub struct Pattern {
    /// The pattern as the model has it.
    pub source: &'static str,
    /// Whether it must match the whole text; if not, some part of it.
    pub full: bool,
    /// Whether at most one state follows another for a byte. If not, all that can follow are followed at
    /// once: slower, and for patterns whose one-state automaton would be too large.
    pub deterministic: bool,
    /// The states of an automaton over the bytes of UTF-8; a text starts in the first.
    pub states: &'static [State],
}

/// A state of a pattern's automaton.
#[derive(Debug)]
pub struct State {
    /// Whether a text may end here.
    pub accepts: bool,
    /// The bytes from the first to the second of each entry lead to the state of that index; a byte in none of
    /// them ends in failure. In a deterministic automaton they are sorted and do not meet.
    pub ranges: &'static [(u8, u8, u16)],
}

impl Pattern {
    /// Whether the text matches. Reads each byte once.
    pub fn matches(&self, text: &str) -> bool {
        if !self.deterministic {
            return self.follow_all(text);
        }
        let mut rest = text.as_bytes();
        let mut index = 0;
        while let Some(state) = self.states.get(usize::from(index)) {
            rest = state.stay(index, rest);
            let Some((byte, after)) = rest.split_first() else { return state.accepts };
            let Some(next) = state.next(*byte) else { return false };
            (index, rest) = (next, after);
        }
        false
    }

    /// Follows every state that the bytes so far can lead to: for each byte, at most as much work as there
    /// are states.
    fn follow_all(&self, text: &str) -> bool {
        let mut here: Vec<usize> = vec![0];
        let mut ahead: Vec<usize> = Vec::new();
        // The step at which a state was last reached.
        let mut reached = vec![0; self.states.len()];
        for (step, byte) in (1_usize..).zip(text.bytes()) {
            let states = here.drain(..).filter_map(|index| self.states.get(index));
            for (first, last, next) in states.flat_map(|state| state.ranges) {
                let next = usize::from(*next);
                if (*first..=*last).contains(&byte)
                    && let Some(mark) = reached.get_mut(next).filter(|mark| **mark != step)
                {
                    *mark = step;
                    ahead.push(next);
                }
            }
            if ahead.is_empty() {
                return false;
            }
            std::mem::swap(&mut here, &mut ahead);
        }
        here.iter().filter_map(|index| self.states.get(*index)).any(|state| state.accepts)
    }
}

/// How many bytes are looked at together.
const CHUNK: usize = 16;

impl State {
    /// The state that a byte leads to.
    fn next(&self, byte: u8) -> Option<u16> {
        self.ranges
            .iter()
            .find(|(_, last, _)| byte <= *last)
            .filter(|(first, ..)| *first <= byte)
            .map(|one| one.2)
    }

    /// What is left of the bytes past those that lead from this state, which has that index, to itself.
    fn stay<'b>(&self, index: u16, mut bytes: &'b [u8]) -> &'b [u8] {
        if self.ranges.iter().all(|(.., next)| *next != index) {
            return bytes;
        }
        let end = bytes.last_chunk::<CHUNK>();
        while let Some((chunk, rest)) = bytes.split_first_chunk::<CHUNK>() {
            let run = self.run(index, chunk);
            if run < CHUNK {
                return bytes.get(run..).unwrap_or_default();
            }
            bytes = rest;
        }
        // What is less than a chunk is looked at once more with what stands before it, or alone.
        if bytes.is_empty() || end.is_some_and(|end| self.run(index, end) == CHUNK) {
            return &[];
        }
        let mut chunk = [0; CHUNK];
        if let Some(start) = chunk.get_mut(..bytes.len()) {
            start.copy_from_slice(bytes);
        }
        bytes.get(self.run(index, &chunk)..).unwrap_or_default()
    }

    /// How many of the bytes, from the first on, lead from this state to itself. No step depends on another, so
    /// that the processor can take them at once.
    fn run(&self, index: u16, chunk: &[u8; CHUNK]) -> usize {
        let mut stays = [0_u8; CHUNK];
        for (first, last, next) in self.ranges {
            if *next == index {
                for (stays, byte) in stays.iter_mut().zip(chunk) {
                    *stays |= u8::from(byte.wrapping_sub(*first) <= last - first);
                }
            }
        }
        let leaves = u128::from_le_bytes(stays) ^ (u128::MAX / 255);
        leaves.trailing_zeros() as usize / 8
    }
}
