//! Texts made from a pattern: some that match, some that just don't.
//!
//! In: a pattern of the table. Out: texts. What must stay true: a text is called good or bad by the slow
//! interpreter alone, and bad only if every known revision calls it bad.

use std::collections::BTreeSet;

use ecrspec_api::Pattern;
use ecrspec_api::table::{ConstraintKind, Member};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::case::derive::interpreter::{broken, matches};
use crate::revision;

/// A text of so many characters that matches, if the pattern has one.
pub(super) fn of_length(pattern: &Pattern, length: usize) -> Option<String> {
    let hir = regex_syntax::parse(pattern.source).ok()?;
    let mut text = String::new();
    let mut extra = length.checked_sub(shortest(&hir))?;
    write(&hir, &mut extra, &mut text);
    (text.chars().count() == length && matches(pattern, &text)).then_some(text)
}

/// Texts that differ little from one that matches and that break the pattern and nothing else, in a fixed
/// order: the kinds of change take turns. The empty text is not among them: whether a member counts as absent
/// then is a question of its own.
pub(super) fn counter_examples(pattern: &Pattern, member: &Member) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(pattern.source) else { return Vec::new() };
    let mut samples = vec![String::new(), String::new()];
    write(&hir, &mut 2, &mut samples[0]);
    write_rich(&hir, &mut samples[1]);
    samples.dedup();
    let mut kinds: Vec<std::vec::IntoIter<String>> =
        samples.iter().rev().flat_map(|sample| changes(sample)).map(Vec::into_iter).collect();
    let mut seen = BTreeSet::new();
    let mut bad = Vec::new();
    while kinds.iter().any(|kind| kind.len() > 0) {
        for kind in &mut kinds {
            let next = kind
                .find(|text| !text.is_empty() && breaks_only_pattern(member, text) && !seen.contains(text));
            if let Some(text) = next {
                seen.insert(text.clone());
                bad.push(text);
            }
        }
    }
    bad
}

/// Texts that match and break nothing else, each with the characters from one end of a range of the pattern
/// wherever the pattern lets them stand, in a fixed order.
pub(super) fn examples(pattern: &Pattern, member: &Member) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(pattern.source) else { return Vec::new() };
    let mut ends = BTreeSet::new();
    collect_ends(&hir, &mut ends);
    let mut texts = Vec::new();
    for end in ends {
        let mut text = String::new();
        write_preferring(&hir, end, &mut text);
        let value = serde_json::Value::String(text.clone());
        if text.contains(end) && !texts.contains(&text) && broken(member, &value).is_empty() {
            texts.push(text);
        }
    }
    texts
}

/// The characters at both ends of every range of a pattern.
fn collect_ends(hir: &Hir, ends: &mut BTreeSet<char>) {
    match hir.kind() {
        HirKind::Class(class) => ends.extend(ranges(class).into_iter().flat_map(|(start, end)| [start, end])),
        HirKind::Repetition(repetition) => collect_ends(&repetition.sub, ends),
        HirKind::Capture(capture) => collect_ends(&capture.sub, ends),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            for part in parts {
                collect_ends(part, ends);
            }
        }
        HirKind::Literal(literal) => ends.extend(String::from_utf8_lossy(&literal.0).chars()),
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// Writes a text that matches, uses every optional part once, and has this character wherever it can.
fn write_preferring(hir: &Hir, wanted: char, text: &mut String) {
    match hir.kind() {
        HirKind::Capture(capture) => write_preferring(&capture.sub, wanted, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write_preferring(part, wanted, text)),
        HirKind::Alternation(ways) => {
            let has_it = |way: &&Hir| {
                let mut ends = BTreeSet::new();
                collect_ends(way, &mut ends);
                ends.contains(&wanted)
            };
            if let Some(way) = ways.iter().find(has_it).or(ways.first()) {
                write_preferring(way, wanted, text);
            }
        }
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min.max(1) {
                write_preferring(&repetition.sub, wanted, text);
            }
        }
        HirKind::Class(class) => {
            let has_it = ranges(class).iter().any(|(start, end)| (start..=end).contains(&&wanted));
            text.push(if has_it { wanted } else { character(class) });
        }
        HirKind::Literal(_) | HirKind::Empty | HirKind::Look(_) => write(hir, &mut 0, text),
    }
}

/// Changes of a matching text, by kind.
fn changes(sample: &str) -> Vec<Vec<String>> {
    let characters: Vec<char> = sample.chars().collect();
    let with = |edit: &dyn Fn(&mut Vec<char>, usize)| -> Vec<String> {
        (0..characters.len())
            .map(|at| {
                let mut changed = characters.clone();
                edit(&mut changed, at);
                changed.into_iter().collect()
            })
            .collect()
    };
    let mut kinds = vec![
        with(&|text, at| text.insert(at, text[at])),
        with(&|text, at| {
            text.remove(at);
        }),
        with(&|text, at| text[at] = text[at].to_ascii_uppercase()),
        // What an engine that searches, instead of matching the whole, lets through. No line feed at the end: to
        // some engines that still is the whole.
        vec![format!("{sample}!"), format!(" {sample}")],
    ];
    for other in [' ', '/', ':', 'é'] {
        kinds.push(with(&|text, at| text[at] = other));
    }
    kinds
}

/// Whether a text breaks the pattern of a member, no other constraint of it, and the patterns that every other
/// revision has at this place.
fn breaks_only_pattern(member: &Member, text: &str) -> bool {
    let value = serde_json::Value::String(text.to_owned());
    let here = broken(member, &value);
    let only_pattern = matches!(here[..], [only] if matches!(only.kind, ConstraintKind::Pattern(_)));
    only_pattern
        && revision::all().iter().filter_map(|other| revision::member(other, member.id)).all(|member| {
            broken(member, &value).iter().any(|broken| matches!(broken.kind, ConstraintKind::Pattern(_)))
        })
}

/// The least number of characters that match.
fn shortest(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().count(),
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => shortest(&repetition.sub) * repetition.min as usize,
        HirKind::Capture(capture) => shortest(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(shortest).sum(),
        HirKind::Alternation(ways) => ways.iter().map(shortest).min().unwrap_or_default(),
    }
}

/// Writes a text that matches and is longer than the shortest by `extra`, as far as repetitions of a single
/// character allow.
fn write(hir: &Hir, extra: &mut usize, text: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.push(character(class)),
        HirKind::Capture(capture) => write(&capture.sub, extra, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, extra, text)),
        HirKind::Alternation(ways) => {
            if let Some(way) = ways.iter().min_by_key(|way| shortest(way)) {
                write(way, extra, text);
            }
        }
        HirKind::Repetition(repetition) => {
            let mut times = repetition.min as usize;
            if shortest(&repetition.sub) == 1 {
                let most = repetition.max.map_or(usize::MAX, |max| max as usize);
                let more = (*extra).min(most.saturating_sub(times));
                *extra -= more;
                times += more;
            }
            for _ in 0..times {
                write(&repetition.sub, &mut 0, text);
            }
        }
    }
}

/// Writes a text that matches and uses every optional part once.
fn write_rich(hir: &Hir, text: &mut String) {
    match hir.kind() {
        HirKind::Capture(capture) => write_rich(&capture.sub, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write_rich(part, text)),
        HirKind::Alternation(ways) => {
            if let Some(way) = ways.iter().max_by_key(|way| shortest(way)) {
                write_rich(way, text);
            }
        }
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min.max(1) {
                write_rich(&repetition.sub, text);
            }
        }
        _ => write(hir, &mut 0, text),
    }
}

/// A character of a class: a letter before a digit before a dot before any other. A dot because it is the one
/// separator of names that no revision lets stand twice.
fn character(class: &Class) -> char {
    let ranges = ranges(class);
    let has = |wanted: &char| ranges.iter().any(|(start, end)| (start..=end).contains(&wanted));
    ['a', '0', '.'].into_iter().find(has).or_else(|| ranges.first().map(|(start, _)| *start)).unwrap_or('a')
}

fn ranges(class: &Class) -> Vec<(char, char)> {
    match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
    }
}
