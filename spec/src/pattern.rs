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
        let mut bytes = text.bytes();
        let end =
            self.states.first().and_then(|start| bytes.try_fold(start, |state, byte| self.next(state, byte)));
        end.is_some_and(|state| state.accepts)
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

    fn next(&self, state: &State, byte: u8) -> Option<&'static State> {
        let index = state.ranges.partition_point(|(_, last, _)| *last < byte);
        let (first, _, next) = state.ranges.get(index)?;
        if *first <= byte { self.states.get(usize::from(*next)) } else { None }
    }
}
