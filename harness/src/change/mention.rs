//! Lines of other texts, such as snapshots and baselines, that speak of suspect checks or of what changed.
//!
//! In: a text with its name, ids of checks, ids of shapes and members. Out: lines. What must stay true: a pattern with
//! `*` counts for each id that it fits, as a baseline would have it.

use std::collections::BTreeSet;

use crate::case::fits;

/// A line that speaks of something suspect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The name of the text.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The word in it.
    pub word: String,
}

/// The lines of a text; of several words in a line the first counts.
pub(super) fn find(name: &str, text: &str, ids: &BTreeSet<&str>, subjects: &BTreeSet<&str>) -> Vec<Mention> {
    let cases: BTreeSet<&str> = ids.iter().filter_map(|id| id.split('#').next()).collect();
    let speaks = |word: &&str| {
        let is_id = ids.contains(word) || cases.contains(word) || subjects.contains(word);
        let is_pattern = word.contains('*') && word.len() > 2 && word.contains(['.', '#']);
        is_id || is_pattern && ids.iter().any(|id| fits(id, word))
    };
    let lines = (1..).zip(text.lines()).filter_map(|(line, text)| {
        let word = text.split(|one: char| !is_of_an_id(one)).find(speaks)?;
        Some(Mention { file: name.to_owned(), line, word: word.to_owned() })
    });
    lines.collect()
}

fn is_of_an_id(one: char) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, '.' | '#' | '$' | '*' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::find;

    #[test]
    fn ids_patterns_and_subjects_are_found_and_nothing_else() {
        let ids = BTreeSet::from(["paging.token#status", "describe.plain#typed"]);
        let subjects = BTreeSet::from(["example#Shape$member"]);
        let text = "must paging.token#status\nshould paging.token#code\n\"describe.*#typed\",\n* . **\n\
                    /// Shape: `example#Shape$member`\ndescribe.plain {}\ndescribe.plainer\n";
        let lines: Vec<(usize, String)> =
            find("x", text, &ids, &subjects).into_iter().map(|one| (one.line, one.word)).collect();
        let word = |line: usize, word: &str| (line, word.to_owned());
        assert_eq!(
            lines,
            [
                word(1, "paging.token#status"),
                word(3, "describe.*#typed"),
                word(5, "example#Shape$member"),
                word(6, "describe.plain"),
            ]
        );
    }
}
