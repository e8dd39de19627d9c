//! Did you mean: the known name that is nearest to an unknown one.
//!
//! What must stay true: a hint costs nothing where nobody reads it, and little where a model is made to cost
//! much: long names and long lists of names have no nearest.

/// The most letters of a name, and the most names, among which a near one is looked for.
const MAXIMUM_LETTERS: usize = 256;
const MAXIMUM_NAMES: usize = 4096;

/// The nearest of the candidates, if any is near: at most a third of the letters differ.
pub(crate) fn nearest<'c>(wanted: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if wanted.len() > MAXIMUM_LETTERS {
        return None;
    }
    candidates
        .into_iter()
        .take(MAXIMUM_NAMES)
        .filter(|candidate| candidate.len() <= MAXIMUM_LETTERS)
        .map(|candidate| (distance_of_middles(wanted, candidate), candidate))
        .filter(|(distance, candidate)| distance * 3 <= candidate.chars().count().max(3))
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean X?`, or else the given advice; looked for where it is turned into text.
pub(crate) fn hint<'c, C: IntoIterator<Item = &'c str>, O: Into<String>>(
    wanted: &str,
    candidates: C,
    otherwise: O,
) -> Hint<'_, C, O> {
    Hint { wanted, candidates, otherwise }
}

/// A hint that is not looked for yet.
pub(crate) struct Hint<'w, C, O> {
    wanted: &'w str,
    candidates: C,
    otherwise: O,
}

impl<'c, C: IntoIterator<Item = &'c str>, O: Into<String>> From<Hint<'_, C, O>> for String {
    fn from(hint: Hint<'_, C, O>) -> Self {
        nearest(hint.wanted, hint.candidates)
            .map_or_else(|| hint.otherwise.into(), |found| format!("did you mean {found}?"))
    }
}

/// The distance of what is left of two names without the start and the end that they share.
fn distance_of_middles(left: &str, right: &str) -> usize {
    let shared = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
    let start = (0..=shared).rev().find(|at| left.is_char_boundary(*at)).unwrap_or_default();
    let (left, right) = (left.get(start..).unwrap_or_default(), right.get(start..).unwrap_or_default());
    distance(left, right)
}

/// How many letters must be put in, taken out or changed, case aside.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, character) in left.chars().flat_map(char::to_lowercase).enumerate() {
        let mut next = vec![index + 1];
        for (other, pair) in right.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            let before = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(*other != character)).min(above + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("ImageDetial", ["ImageDetail", "Image"]), Some("ImageDetail"));
        assert_eq!(nearest("Colour", ["ImageDetail", "Image"]), None);
        assert_eq!(nearest("", ["a", "ab"]), Some("a"));
    }
}
