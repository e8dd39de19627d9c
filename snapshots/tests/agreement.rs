//! Generated readers, validators and writers against the slow interpreter of the table, on random documents: right
//! ones, and ones with faults.
//!
//! The subjects are the fixtures and every revision of `ecrspec-api`; with the feature `services`, whole services of
//! botocore too, whose models `ECRSPEC_SERVICES` names when this is built.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

#[allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#[path = "support/dice.rs"]
mod dice;
#[allow(unreachable_pub, reason = "a test exports nothing")]
#[path = "support/oracle.rs"]
mod oracle;
#[allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#[path = "support/random.rs"]
mod random;
#[allow(unreachable_pub, reason = "a test exports nothing")]
#[path = "support/tree.rs"]
mod tree;

use dice::Dice;
use ecrspec_api::table::{ConstraintKind, Member, Reading, Revision, Shape, ShapeKind};
use ecrspec_api::wire::{self, Place, ReadJson, Reader};
use ecrspec_api::{Deviation, DeviationKind, Direction, Document, Pattern, WriteJson};
use oracle::{Verdict, judge};
use random::Maker;

/// A revision and its types by the id of their shapes.
struct Subject {
    name: &'static str,
    revision: &'static Revision,
    round: fn(&str, &[u8], Direction) -> Round,
}

include!(concat!(env!("OUT_DIR"), "/subjects.rs"));

/// A body that was read and written, and then read again.
struct Round {
    written: Option<String>,
    deviations: Vec<Deviation>,
    /// Whether the second value is the first.
    same: bool,
}

fn round<T: ReadJson + PartialEq + WriteJson>(body: &[u8], direction: Direction) -> Round {
    let read = wire::read::<T>(body, direction);
    let written = read.value.as_ref().map(WriteJson::to_json);
    let again = written.as_ref().and_then(|text| wire::read::<T>(text.as_bytes(), direction).value);
    // What is no number is not equal to itself.
    let same = again == read.value || written.as_ref().is_some_and(|text| text.contains("\"NaN\""));
    Round { written, deviations: read.deviations, same }
}

/// What an operation takes or gives where its model says nothing.
#[derive(PartialEq)]
struct Nothing;

impl ReadJson for Nothing {
    const SHAPE: &'static Shape =
        &Shape { id: "smithy.api#Unit", kind: ShapeKind::Structure { members: &[] } };

    fn read_json(reader: &mut Reader<'_>, at: &Place<'_>) -> Option<Self> {
        reader.structure(at, &mut [], &[], &mut |_, _, _| {}).then_some(Self)
    }
}

impl WriteJson for Nothing {
    fn write_json(&self, out: &mut String) {
        out.push_str("{}");
    }
}

/// One side of an operation.
struct Body {
    shape: &'static Shape,
    direction: Direction,
    protocol: &'static [&'static str],
    read: fn(&[u8]) -> Reading,
}

fn bodies(revision: &Revision) -> Vec<Body> {
    let mut bodies = Vec::new();
    for operation in revision.operations {
        bodies.push(Body {
            shape: operation.input,
            direction: Direction::Request,
            protocol: &[],
            read: operation.check_request,
        });
        bodies.push(Body {
            shape: operation.output,
            direction: Direction::Response,
            protocol: &[],
            read: operation.read_response,
        });
        bodies.extend(operation.errors.iter().map(|error| Body {
            shape: error.shape,
            direction: Direction::Response,
            protocol: &["__type", "code"],
            read: error.read,
        }));
    }
    bodies
}

/// What was found, in the words of the slow interpreter.
fn found(reading: &Reading, round: &Round) -> Verdict {
    let deviations = reading.deviations.iter().map(|one| {
        let what = match &one.kind {
            DeviationKind::Missing => "missing".to_owned(),
            DeviationKind::WrongType { expected, actual } => format!("type: {expected}, not {actual}"),
            DeviationKind::UnknownMember => "unknown member".to_owned(),
            DeviationKind::UnknownValue { value } => format!("unknown value {value}"),
            DeviationKind::Null => "null".to_owned(),
            DeviationKind::DuplicateKey => "twice".to_owned(),
            DeviationKind::NumberSpelling { text } => format!("spelling {text}"),
            DeviationKind::OutOfRange { text } => format!("range {text}"),
            DeviationKind::BadEncoding { expected } => format!("encoding: {expected}"),
            DeviationKind::NotOneMember { count } => format!("{count} members"),
            other => format!("{other:?}"),
        };
        (one.pointer.clone(), one.shape.to_owned(), what)
    });
    let violations = reading
        .violations
        .iter()
        .map(|one| (one.pointer.clone(), one.constraint.kind.name(), one.constraint.declared_by));
    Verdict {
        written: round.written.clone(),
        deviations: deviations.collect(),
        violations: violations.collect(),
    }
}

/// Calls `each` with so many documents of every body, one value in `faults` wrong.
fn documents(count: u64, faults: usize, mut each: impl FnMut(&Subject, &Body, &tree::Tree, &mut Dice)) {
    for subject in SUBJECTS {
        for (index, body) in bodies(subject.revision).iter().enumerate() {
            for seed in 0..count {
                let mut dice = Dice::new(seed << 32 | index as u64);
                let tree = Maker::new(&mut dice, faults).document(body.shape);
                each(subject, body, &tree, &mut dice);
            }
        }
    }
}

/// How many documents of each body: the fixtures and the revisions are few, the services are many.
const COUNT: u64 = if cfg!(feature = "services") { 20 } else { 150 };

#[test]
fn right_documents_go_through_unchanged() {
    documents(COUNT, 0, |subject, body, tree, _| {
        let text = tree.compact();
        let round = (subject.round)(body.shape.id, text.as_bytes(), body.direction);
        let told: Vec<String> = round.deviations.iter().map(ToString::to_string).collect();
        // What a model has as required may be one document deep too many.
        let told: Vec<&String> = told.iter().filter(|one| !one.ends_with("is missing")).collect();
        assert!(told.is_empty(), "{} {}: {told:?}\n{text}", subject.name, body.shape.id);
        assert_eq!(round.written.as_deref(), Some(text.as_str()), "{} {}", subject.name, body.shape.id);
        assert!(round.same, "{} {}: not the same value: {text}", subject.name, body.shape.id);
    });
}

#[test]
fn readers_validators_and_writers_agree_with_the_slow_interpreter() {
    for faults in [0, 4, 12, 40] {
        documents(COUNT, faults, |subject, body, tree, dice| {
            let text = tree.spelled(dice);
            let expected = judge(tree, body.shape, body.direction, body.protocol);
            let reading = (body.read)(text.as_bytes());
            let round = (subject.round)(body.shape.id, text.as_bytes(), body.direction);
            let actual = found(&reading, &round);
            assert_eq!(actual, expected, "{} {} {:?}\n{text}", subject.name, body.shape.id, body.direction);
            assert!(round.same, "{} {}: not the same value: {text}", subject.name, body.shape.id);
            let offsets: Vec<usize> = reading.deviations.iter().map(|one| one.offset).collect();
            assert!(offsets.iter().all(|offset| *offset < text.len()), "{offsets:?}: {text}");
        });
    }
}

#[test]
fn broken_bytes_are_told_and_nothing_worse() {
    documents(COUNT / 4, 20, |subject, body, tree, dice| {
        let mut bytes = tree.spelled(dice).into_bytes();
        for _ in 0..=dice.below(3) {
            let at = dice.below(bytes.len());
            match dice.below(3) {
                0 => bytes.truncate(at),
                1 => bytes[at] = u8::try_from(dice.below(256)).expect("a byte"),
                _ => bytes.insert(at, *dice.choose(b"{}[]:,\"\\0-.eE+ tfn\xff\xc3")),
            }
            if bytes.is_empty() {
                return;
            }
        }
        let reading = (body.read)(&bytes);
        let broken = reading
            .deviations
            .iter()
            .any(|one| matches!(one.kind, DeviationKind::Malformed { .. } | DeviationKind::TooDeep));
        let what = || format!("{} {}: {}", subject.name, body.shape.id, String::from_utf8_lossy(&bytes));
        assert_eq!(broken, Document::parse(&bytes).is_err(), "{}", what());
        assert!(reading.deviations.iter().all(|one| one.offset <= bytes.len()), "{}", what());
    });
}

/// The patterns of every subject, each once for each way to match.
fn patterns() -> Vec<&'static Pattern> {
    let members = |shape: &'static Shape| -> Vec<&'static Member> {
        match shape.kind {
            ShapeKind::List { member } => vec![member],
            ShapeKind::Map { key, value } => vec![key, value],
            _ => shape.members().iter().collect(),
        }
    };
    let shapes = SUBJECTS.iter().flat_map(|subject| subject.revision.shapes);
    let constraints = shapes.flat_map(|shape| members(shape)).flat_map(|member| member.constraints);
    let mut found: Vec<&'static Pattern> = constraints
        .filter_map(|constraint| match constraint.kind {
            ConstraintKind::Pattern(pattern) => Some(pattern),
            _ => None,
        })
        .collect();
    found.sort_by_key(|pattern| (pattern.source, pattern.full));
    found.dedup_by_key(|pattern| (pattern.source, pattern.full));
    found
}

/// Has the automata judge texts that Python made, which `.ci/patterns.py` lists in the file that `ECRSPEC_PATTERNS`
/// names, and texts of their own; writes what they say beside it.
#[cfg(feature = "services")]
#[test]
fn automata_judge_texts_for_python() {
    use std::io::Write as _;

    let path = std::env::var("ECRSPEC_PATTERNS").expect("ECRSPEC_PATTERNS names a file of .ci/patterns.py");
    let made = Document::parse(&std::fs::read(&path).expect("the file is there")).expect("JSON");
    let mut out = std::fs::File::create(format!("{path}.judged")).expect("a file");
    let mut dice = Dice::new(1);
    for pattern in patterns() {
        let mut texts: Vec<String> = (0..60).map(|_| random::walk(pattern, &mut dice)).collect();
        for index in 0..texts.len() {
            let mut letters: Vec<char> = texts[index].chars().collect();
            let at = dice.below(letters.len() + 1);
            letters.insert(at, *dice.choose(&['a', 'Z', '0', '-', '/', ':', ' ', 'é']));
            texts.push(letters.iter().collect());
            letters.remove(dice.below(letters.len()));
            texts.push(letters.iter().collect());
        }
        let of_python = made.as_array().expect("a list").iter().filter_map(Document::as_array);
        for entry in of_python.filter(|entry| entry[0].as_str() == Some(pattern.source)) {
            texts.extend(
                entry[1]
                    .as_array()
                    .expect("texts")
                    .iter()
                    .filter_map(|text| text.as_str().map(str::to_owned)),
            );
        }
        for text in texts {
            let verdict = pattern.matches(&text);
            let line = tree::Tree::Array(vec![
                tree::Tree::text(pattern.source),
                tree::Tree::Boolean(pattern.full),
                tree::Tree::Text(text),
                tree::Tree::Boolean(verdict),
            ]);
            writeln!(out, "{}", line.compact()).expect("written");
        }
    }
}

#[test]
fn every_subject_is_there() {
    let names: Vec<&str> = SUBJECTS.iter().map(|subject| subject.name).collect();
    let services = ["ecr", "dynamodb", "kms", "sqs", "secretsmanager", "ssm"];
    let there = services.iter().filter(|name| names.contains(name)).count();
    assert_eq!(there, if cfg!(feature = "services") { services.len() } else { 0 }, "{names:?}");
    assert!(patterns().len() >= 4, "{names:?}");
}
