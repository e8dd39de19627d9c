//! Models made to cost much: each is read or refused, in time and memory that grow with its text.
//!
//! No timing is asserted; a test that takes minutes has failed all the same. What a run of the program holds is
//! measured in the tests of the program.

#![cfg(feature = "render")]

use std::fmt::Write as _;

use ecrspec_codegen::import::{Import, import};
use ecrspec_codegen::model::Api;
use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::{MAXIMUM_BYTES, Source};
use ecrspec_codegen::{Code, Diagnostic, Revision, check};

/// How many shapes or members a model here has.
const MANY: usize = 4_000;

fn checked(text: &str) -> Result<Api, Vec<Diagnostic>> {
    let source = Source::new("model.json", text);
    check(&[Revision { name: "2026-01", source: &source }], None)
}

fn codes(text: &str) -> Vec<&'static str> {
    checked(text).err().unwrap_or_default().iter().map(|mistake| mistake.code.name()).collect()
}

/// The model of a service whose one operation takes `a#Input`.
fn model(shapes: &str) -> String {
    format!(
        r#"{{"smithy": "2.0", "shapes": {{
            "a#Service": {{"type": "service", "operations": [{{"target": "a#Call"}}],
                "traits": {{"aws.protocols#awsJson1_1": {{}}}}}},
            "a#Call": {{"type": "operation", "input": {{"target": "a#Input"}}}},
            {shapes}
        }}}}"#
    )
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}

#[test]
fn a_text_as_large_as_it_may_be_is_read_and_a_larger_one_is_not() {
    let text = |length: usize| format!("{}{{}}", " ".repeat(length - 2));
    assert_eq!(codes(&text(MAXIMUM_BYTES)), ["missing-field", "missing-field", "no-service"]);
    assert_eq!(codes(&text(MAXIMUM_BYTES + 1)), ["too-large"]);
}

#[test]
fn a_text_of_nothing_but_values_is_refused() {
    assert_eq!(codes(&format!("[{}0]", "0,".repeat(1_000_000))), ["too-large"]);
    assert_eq!(codes(&"[".repeat(10_000)), ["not-json"]);
    assert_eq!(codes(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))), ["nested-too-deep"]);
    assert_eq!(codes(&format!("{}0{}", "{\"a\":".repeat(10_000), "}".repeat(10_000))), ["nested-too-deep"]);
}

#[test]
fn a_long_key_costs_its_length_once() {
    let key = "k".repeat(MAXIMUM_BYTES / 2);
    let text = format!(r#"{{"smithy": "2.0", "shapes": {{"{key}": {{"{key}": [{}0]}}}}}}"#, "0,".repeat(100));
    // It is too large by little; what is below it is read all the same in the next one.
    assert_eq!(codes(&text), ["too-large"]);
    let key = "k".repeat(MAXIMUM_BYTES / 4);
    let members = join((0..100_000).map(|number| format!("\"{number}\": 0")));
    let text = format!(r#"{{"smithy": "2.0", "shapes": {{"a#{key}": {{"type": "string", {members}}}}}}}"#);
    let mistakes = checked(&text).err().unwrap_or_default();
    assert_eq!(mistakes.len(), 1001);
    assert!(mistakes.iter().all(|mistake| mistake.to_string().len() < 4000));
}

#[test]
fn more_mistakes_than_anybody_reads_are_counted() {
    let references =
        join((0..MANY).map(|number| format!(r#""m{number}": {{"target": "a#Missing{number}"}}"#)));
    let near = join((0..MANY / 10).map(|number| format!(r#""a#Messing{number}": {{"type": "string"}}"#)));
    let text = model(&format!(r#""a#Input": {{"type": "structure", "members": {{{references}}}}}, {near}"#));
    let mistakes = checked(&text).err().unwrap_or_default();
    assert_eq!(mistakes.len(), 1001);
    let last = mistakes.last().map(|mistake| (mistake.code, mistake.message.clone()));
    assert_eq!(last, Some((Code::TooManyMistakes, format!("there may be {} more mistakes", MANY - 1000))));
}

#[test]
fn long_circles_and_chains_are_found_in_one_pass() {
    let circle = |kind: &str, member: &str| {
        join((0..MANY).map(|number| {
            let next = (number + 1) % MANY;
            format!(r#""a#S{number}": {{"type": "{kind}", {}}}"#, member.replace('#', &format!("a#S{next}")))
        }))
    };
    let input = |target: &str| {
        format!(r#""a#Input": {{"type": "structure", "members": {{"s": {{"target": "{target}"}}}}}},"#)
    };
    let structures = input("a#S0") + &circle("structure", r##""members": {"s": {"target": "#"}}"##);
    assert_eq!(codes(&model(&structures)), [""; 0]);
    let lists = input("a#S0") + &circle("list", r##""member": {"target": "#"}"##);
    assert_eq!(codes(&model(&lists)), ["unboxed-recursion"]);
}

#[test]
fn two_circles_of_lists_are_two_mistakes() {
    let text = model(
        r#""a#Input": {"type": "structure", "members": {"a": {"target": "a#A"}}},
           "a#A": {"type": "map", "key": {"target": "smithy.api#String"}, "value": {"target": "a#B"}},
           "a#B": {"type": "map", "key": {"target": "smithy.api#String"}, "value": {"target": "a#A"}},
           "a#Unreached": {"type": "list", "member": {"target": "a#Unreached"}}"#,
    );
    assert_eq!(codes(&text), ["unboxed-recursion"]);
    let text = text.replace(r#""value": {"target": "a#A"}"#, r#""value": {"target": "a#Unreached"}"#);
    assert_eq!(codes(&text), ["unboxed-recursion"]);
}

#[test]
fn mixins_do_not_multiply() {
    // Each takes over twice what the one before it has.
    let doubling = join((0..60).map(|number| {
        let before = [format!("a#L{}", number - 1), format!("a#R{}", number - 1)];
        let mixins = if number == 0 { String::new() } else { format!(r#""mixins": [{{"target": "{}"}}, {{"target": "{}"}}],"#, before[0], before[1]) };
        let shape = |side: &str| {
            format!(
                r#""a#{side}{number}": {{"type": "structure", {mixins} "members": {{"m{side}{number}": {{"target": "smithy.api#String"}}}},
                    "traits": {{"smithy.api#mixin": {{}}}}}}"#
            )
        };
        format!("{}, {}", shape("L"), shape("R"))
    }).collect::<Vec<_>>().into_iter());
    let text = model(&format!(
        r#""a#Input": {{"type": "structure", "mixins": [{{"target": "a#L59"}}], "members": {{}}}}, {doubling}"#
    ));
    assert_eq!(codes(&text), [""; 0]);
    // A chain as long as a text allows, of which the last would have the members of all.
    let chain = join((0..MANY).map(|number| {
        let before = if number == 0 { String::new() } else { format!(r#""mixins": [{{"target": "a#M{}"}}],"#, number - 1) };
        format!(r#""a#M{number}": {{"type": "structure", {before} "members": {{"m{number}": {{"target": "smithy.api#String"}}}}, "traits": {{"smithy.api#mixin": {{}}}}}}"#)
    }));
    let text = model(&format!(
        r#""a#Input": {{"type": "structure", "mixins": [{{"target": "a#M{}"}}], "members": {{}}}}, {chain}"#,
        MANY - 1
    ));
    assert_eq!(codes(&text), ["unsupported-feature"]);
}

#[test]
fn a_large_enum_behind_many_members_is_kept_once() {
    let values = join((0..MANY).map(|number| format!(r#""V{number}": {{"target": "smithy.api#Unit"}}"#)));
    let members = join((0..MANY).map(|number| format!(r#""m{number}": {{"target": "a#Enum"}}"#)));
    let text = model(&format!(
        r#""a#Enum": {{"type": "enum", "members": {{{values}}}}}, "a#Input": {{"type": "structure", "members": {{{members}}}}}"#
    ));
    assert_eq!(codes(&text), [""; 0]);
}

#[test]
fn names_that_are_alike_are_told_apart_in_one_pass() {
    let shapes = join((0..MANY).map(|number| format!(r#""n{number}#Same": {{"type": "string"}}"#)));
    let members = join((0..MANY).map(|number| format!(r#""m{number}": {{"target": "n{number}#Same"}}"#)));
    let text = model(&format!(r#""a#Input": {{"type": "structure", "members": {{{members}}}}}, {shapes}"#));
    assert_eq!(codes(&text), [""; 0]);
}

#[test]
fn patterns_that_blow_up_are_refused_by_name() {
    let patterns = [
        "(a+)+$",
        "(?:.{0,500}x){9}",
        "(x{1000}){1000}",
        "((a?){50}a{50}){50}",
        "(.*a){20}b",
        "[ab]*a[ab]{40}",
        "\\\\p{L}{1,1000}\\\\p{Lu}{1,1000}",
    ];
    let members =
        join((0..patterns.len()).map(|number| format!(r#""m{number}": {{"target": "a#P{number}"}}"#)));
    let shapes = join(patterns.iter().enumerate().map(|(number, pattern)| {
        format!(r#""a#P{number}": {{"type": "string", "traits": {{"smithy.api#pattern": "{pattern}"}}}}"#)
    }));
    let text = model(&format!(r#""a#Input": {{"type": "structure", "members": {{{members}}}}}, {shapes}"#));
    let found = codes(&text);
    assert!(!found.is_empty() && found.iter().all(|code| *code == "pattern-too-large"), "{found:?}");
}

#[test]
fn documentation_cannot_leave_its_comment() {
    let documentation = "*/ } fn main() { /* ``` ` <script>alert(1)</script> <b>never closed \\n```rust\\npanic!()\\n \\u202e \\u0000 \\r [x](y \\\\";
    let text = model(&format!(
        r#""a#Input": {{"type": "structure", "members": {{"self": {{"target": "smithy.api#String",
            "traits": {{"smithy.api#documentation": "{documentation}"}}}}}},
            "traits": {{"smithy.api#documentation": "{documentation}"}}}}"#
    ));
    let code = checked(&text).map(|api| render::revision(&api.revisions[0], Home::Dependency("ecrspec_api")));
    let code = code.unwrap_or_default();
    assert!(code.contains("pub struct Input"), "it is good");
    for line in code.lines().filter(|line| line.contains("fn main") || line.contains("panic!()")) {
        assert!(line.trim_start().starts_with("///"), "{line}");
    }
    assert!(!code.contains("<script>"), "HTML goes into no page");
}

#[test]
fn an_import_is_bounded_too() {
    let values = join((0..MANY).map(|number| {
        format!("\"{}\"", char::from_u32(0x4e00 + u32::try_from(number).unwrap_or_default()).unwrap_or('?'))
    }));
    let mut text = String::new();
    let _ = write!(
        text,
        r#"{{"version": "2.0", "metadata": {{"apiVersion": "2026-01-01", "endpointPrefix": "w", "jsonVersion": "1.1",
            "protocol": "json", "serviceId": "W", "targetPrefix": "W"}},
            "operations": {{"Call": {{"input": {{"shape": "Input"}}}}}},
            "shapes": {{"Input": {{"type": "structure", "members": {{"e": {{"shape": "E"}}}}}},
                "E": {{"type": "string", "enum": [{values}]}}}}}}"#
    );
    let source = Source::new("service-2.json", text);
    let made = import(&source, "2026-01", Import::default());
    assert_eq!(made.map(|text| text.contains(&format!("VALUE___{MANY}"))), Ok(true));
}
