//! What must hold for any bytes and any value: no panic, and agreement with slower or other means.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

use ecrspec_api::table::{ConstraintKind, Member, Operation, Revision, Shape, ShapeKind};
use ecrspec_api::{DeviationKind, Document, Pattern, revisions};
use proptest::prelude::*;

fn operations() -> impl Iterator<Item = (&'static Revision, &'static Operation)> {
    revisions()
        .iter()
        .flat_map(|revision| revision.operations.iter().map(move |operation| (*revision, *operation)))
}

/// Text that is JSON more often than chance would have it.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(":".to_owned()),
        Just(",".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"repositoryName\":".to_owned()),
        Just("\"imageIds\":[{".to_owned()),
        Just("\"imageDetails\":[{".to_owned()),
        Just("\"findingSeverityCounts\":{\"HIGH\":".to_owned()),
        Just("\"imagePushedAt\":".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,4})?",
        "\"[a-z/_.-]{0,6}\"",
    ];
    let pieces = prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![3 => pieces, 1 => prop::collection::vec(any::<u8>(), 0..64)]
}

/// A document with the member names that the operations know, and values that are often near a bound.
fn document() -> impl Strategy<Value = Document> {
    let text = prop_oneof![
        "[a-zA-Z0-9._/-]{0,8}",
        "[0-9]{11,13}",
        "sha256:[a-f0-9]{0,4}",
        Just("TAGGED".to_owned()),
        Just("a".repeat(256)),
        Just("a".repeat(257)),
        Just("é".repeat(256)),
        any::<String>(),
    ];
    let number =
        prop_oneof![Just("0"), Just("1"), Just("1000"), Just("1001"), Just("-1"), Just("5.0"), Just("1e99")];
    let leaf = prop_oneof![
        1 => Just(Document::Null),
        1 => any::<bool>().prop_map(Document::Boolean),
        3 => number.prop_map(|number| Document::Number(number.to_owned())),
        6 => text.prop_map(Document::String),
    ];
    let names: Vec<&'static str> = revisions()
        .iter()
        .flat_map(|revision| {
            revision.shapes.iter().flat_map(|shape| shape.members().iter().map(|one| one.name))
        })
        .collect();
    let name = prop_oneof![9 => prop::sample::select(names).prop_map(str::to_owned), 1 => "[a-z]{1,4}"];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Document::Array),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(Document::Object),
        ]
    })
}

/// A document that has the form of a shape more often than not.
fn of_shape(shape: &'static Shape, depth: u32) -> BoxedStrategy<Document> {
    let right = match shape.kind {
        _ if depth == 0 => Just(Document::Null).boxed(),
        ShapeKind::Structure { members } => members
            .iter()
            .map(|member| {
                let name = member.name.to_owned();
                prop::option::of(of_shape(member.target, depth - 1))
                    .prop_map(move |value| Some((name.clone(), value?)))
            })
            .collect::<Vec<_>>()
            .prop_map(|members| Document::Object(members.into_iter().flatten().collect()))
            .boxed(),
        ShapeKind::List { member } => {
            let element = of_shape(member.target, depth - 1);
            prop::collection::vec(element, 0..3).prop_map(Document::Array).boxed()
        }
        ShapeKind::Map { value, .. } => {
            let key = prop_oneof![Just("HIGH".to_owned()), "[A-Z]{1,3}"];
            let entries = prop::collection::btree_map(key, of_shape(value.target, depth - 1), 0..3);
            entries.prop_map(|entries| Document::Object(entries.into_iter().collect())).boxed()
        }
        ShapeKind::Enum { values } => {
            prop::sample::select(values).prop_map(|value| Document::String(value.to_owned())).boxed()
        }
        ShapeKind::Boolean => any::<bool>().prop_map(Document::Boolean).boxed(),
        ShapeKind::Integer | ShapeKind::Long => {
            (-2_i64..1003).prop_map(|number| Document::Number(number.to_string())).boxed()
        }
        _ => prop_oneof![
            "[a-z]{1,3}([._/-][a-z0-9]{1,3}){0,2}",
            "[0-9]{11,13}",
            "sha256:[a-f0-9]{0,4}",
            "[a-z]{255,258}",
            Just(String::new()),
        ]
        .prop_map(Document::String)
        .boxed(),
    };
    prop_oneof![12 => right, 1 => document()].boxed()
}

/// An independent and slow reading of the table: what a request breaks, as pointer and constraint name.
fn interpret(
    document: &Document,
    shape: &'static Shape,
    pointer: &str,
    found: &mut Vec<(String, &'static str)>,
) {
    match (&shape.kind, document) {
        (ShapeKind::Structure { members }, Document::Object(_)) => {
            for member in *members {
                let pointer = format!("{pointer}/{}", member.name);
                match document.get(member.name).filter(|value| **value != Document::Null) {
                    None => found.extend(
                        member
                            .constraints
                            .iter()
                            .filter(|one| matches!(one.kind, ConstraintKind::Required))
                            .map(|one| (pointer.clone(), one.kind.name())),
                    ),
                    Some(value) => interpret_value(value, member, Some(document), &pointer, found),
                }
            }
        }
        (ShapeKind::List { member }, Document::Array(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                interpret_value(element, member, None, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn interpret_value(
    value: &Document,
    member: &'static Member,
    siblings: Option<&Document>,
    pointer: &str,
    found: &mut Vec<(String, &'static str)>,
) {
    if !is_readable(value, member.target) {
        return;
    }
    let length = match value {
        Document::String(text) => text.chars().count(),
        Document::Array(elements) => {
            elements.iter().filter(|element| is_element(element, member.target)).count()
        }
        _ => 0,
    } as u64;
    let number = match value {
        Document::Number(text) => text.parse::<f64>().unwrap_or_default(),
        _ => 0.0,
    };
    for constraint in member.constraints {
        let holds = match constraint.kind {
            ConstraintKind::MinLength(bound) => length >= bound,
            ConstraintKind::MaxLength(bound) => length <= bound,
            #[expect(clippy::cast_precision_loss, reason = "the bounds of the model are small")]
            ConstraintKind::Minimum(bound) => number >= bound as f64,
            #[expect(clippy::cast_precision_loss, reason = "the bounds of the model are small")]
            ConstraintKind::Maximum(bound) => number <= bound as f64,
            ConstraintKind::Pattern(pattern) => {
                value.as_str().is_none_or(|text| regex_of(pattern).is_match(text))
            }
            ConstraintKind::Enum(values) => value.as_str().is_none_or(|text| values.contains(&text)),
            ConstraintKind::Excludes(others) => others.iter().all(|other| {
                let other_shape =
                    siblings.and_then(|siblings| siblings.get(other)).zip(sibling_shape(member, other));
                other_shape.is_none_or(|(value, shape)| !is_readable(value, shape))
            }),
            _ => true,
        };
        if !holds {
            found.push((pointer.to_owned(), constraint.kind.name()));
        }
    }
    interpret(value, member.target, pointer, found);
}

fn sibling_shape(member: &Member, sibling: &str) -> Option<&'static Shape> {
    let (holder, _) = member.id.split_once('$')?;
    let holder = revisions().iter().find_map(|revision| revision.shape(holder))?;
    holder.members().iter().find(|member| member.name == sibling).map(|member| member.target)
}

fn is_element(element: &Document, list: &Shape) -> bool {
    match list.kind {
        ShapeKind::List { member } => is_readable(element, member.target),
        _ => true,
    }
}

/// Whether the reader takes the value: it is of the right JSON type, and a number fits.
fn is_readable(value: &Document, shape: &Shape) -> bool {
    match (&shape.kind, value) {
        (ShapeKind::Structure { .. } | ShapeKind::Map { .. }, Document::Object(_))
        | (ShapeKind::List { .. }, Document::Array(_))
        | (ShapeKind::String | ShapeKind::Enum { .. }, Document::String(_))
        | (ShapeKind::Boolean, Document::Boolean(_)) => true,
        (ShapeKind::Integer | ShapeKind::Long, Document::Number(text)) => {
            text.parse::<f64>().is_ok_and(|number| number.fract() == 0.0 && number.abs() < 1e9)
        }
        _ => false,
    }
}

/// The pattern as the regex crate has it. The patterns of the model use nothing in which it differs, but for
/// the dash after a range.
fn regex_of(pattern: &Pattern) -> regex::Regex {
    let source = pattern.source.replace("0-9-_", "0-9\\-_").replace("Z0-9-.", "Z0-9\\-.");
    let source = if pattern.full { format!("^(?:{source})$") } else { source };
    regex::Regex::new(&source).expect("a pattern of the model")
}

fn patterns() -> Vec<&'static Pattern> {
    let members =
        revisions().iter().flat_map(|revision| revision.shapes).flat_map(|shape| match shape.kind {
            ShapeKind::List { member } => std::slice::from_ref(member),
            _ => shape.members(),
        });
    let constraints = members.flat_map(|member| member.constraints);
    constraints
        .filter_map(|constraint| match constraint.kind {
            ConstraintKind::Pattern(pattern) => Some(pattern),
            _ => None,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_a_panic(bytes in nearly_json()) {
        let document = Document::parse(&bytes);
        for (_, operation) in operations() {
            let mut readings = vec![(operation.check_request)(&bytes), (operation.read_response)(&bytes)];
            readings.extend(operation.errors.iter().map(|error| (error.read)(&bytes)));
            for reading in readings {
                prop_assert_eq!(reading.document.as_ref(), document.as_ref().ok());
                for deviation in &reading.deviations {
                    prop_assert!(deviation.offset <= bytes.len());
                }
                let malformed = reading.deviations.iter().any(|deviation| {
                    matches!(deviation.kind, DeviationKind::Malformed { .. } | DeviationKind::TooDeep)
                });
                // No body is right where nothing can be said.
                prop_assert!(malformed == document.is_err() || bytes.is_empty());
            }
        }
    }

    #[test]
    fn documents_agree_with_serde_json_on_what_is_json(bytes in nearly_json()) {
        let theirs = serde_json::from_slice::<serde_json::Value>(&bytes);
        let out_of_range = theirs.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range"));
        prop_assert!(Document::parse(&bytes).is_ok() == theirs.is_ok() || out_of_range);
    }

    #[test]
    fn a_printed_document_reads_as_itself(document in document()) {
        prop_assert_eq!(Document::parse(document.to_string().as_bytes()), Ok(document));
    }

    #[test]
    fn a_truncated_body_keeps_its_whole_parts(cut in 0_usize..60) {
        let body = br#"{"repositoryName":"team/app","registryId":"012345678910"}"#;
        let cut = cut.min(body.len());
        let reading = ecrspec_api::wire::read::<ecrspec_api::v2025_04::DescribeImagesRequest>(
            &body[..cut],
            ecrspec_api::Direction::Request,
        );
        let name = reading.value.and_then(|request| request.repository_name);
        prop_assert_eq!(name.is_some(), cut >= 28);
        prop_assert_eq!(reading.deviations.is_empty(), cut == body.len());
    }

    #[test]
    fn patterns_agree_with_the_regex_crate(text in prop_oneof![
        "[a-z0-9._/-]{0,12}", "[a-zA-Z0-9_+.-]{0,6}:[a-fA-F0-9]{0,6}", "[0-9]{11,13}",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11,13}", any::<String>(),
    ]) {
        for pattern in patterns() {
            prop_assert_eq!(pattern.matches(&text), regex_of(pattern).is_match(&text), "{} {:?}", pattern.source, text);
        }
    }

    #[test]
    fn the_validator_agrees_with_the_table(
        (operation, document) in prop::sample::select(operations().map(|(_, one)| one).collect::<Vec<_>>())
            .prop_flat_map(|operation| (Just(operation), of_shape(operation.input, 4)))
    ) {
        let reading = (operation.check_request)(document.to_string().as_bytes());
        let mut expected = Vec::new();
        if let Document::Object(_) = document {
            interpret(&document, operation.input, "", &mut expected);
        }
        // A required member of the wrong type is told once, as a deviation.
        let actual: Vec<_> =
            reading.violations.iter().map(|one| (one.pointer.clone(), one.constraint.kind.name())).collect();
        let duplicates = reading.deviations.iter().any(|one| one.kind == DeviationKind::DuplicateKey);
        prop_assume!(!duplicates);
        prop_assert_eq!(actual, expected);
    }
}

#[test]
fn nesting_is_followed_to_its_limit_and_no_further() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
    assert!(Document::parse(&nested(128)).is_ok());
    assert_eq!(
        Document::parse(&nested(129)).map_err(|deviation| deviation.kind),
        Err(DeviationKind::TooDeep)
    );
    assert!(Document::parse("[".repeat(1_000_000).as_bytes()).is_err());
    let body = format!("{{\"unknown\": {}", "{\"a\":".repeat(1_000_000));
    for (_, operation) in operations() {
        assert!(!(operation.read_response)(body.as_bytes()).deviations.is_empty());
    }
}
