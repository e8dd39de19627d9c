//! What the generator writes: its text is a snapshot, and the text of the obstacle course is compiled here.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ecrspec_codegen::model::Api;
use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::{Node, Source};
use ecrspec_codegen::{Revision, check, ledger};

/// Keywords, names of the prelude, recursion: whatever a model may be called must compile without a warning.
mod obstacles {
    #![deny(warnings)]
    #![allow(clippy::all, clippy::pedantic, reason = "generated")]
    #![allow(unreachable_pub, dead_code, reason = "a test exports nothing")]
    include!(concat!(env!("OUT_DIR"), "/vobstacles.rs"));
}

/// What botocore's models do not have, and what they have seldom.
mod breadth {
    #![deny(warnings)]
    #![allow(clippy::all, clippy::pedantic, reason = "generated")]
    #![allow(unreachable_pub, dead_code, reason = "a test exports nothing")]
    include!(concat!(env!("OUT_DIR"), "/vbreadth.rs"));
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../codegen");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn read(path: &str) -> Source {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there");
    Source::new(path, text)
}

fn api(name: &str, model: &Source, overlay: Option<&Source>) -> Api {
    check(&[Revision { name, source: model }], overlay).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(ToString::to_string).collect::<String>());
    })
}

/// Every revision of the real API, the first of which may stand in another text.
fn real(first: &Source) -> Api {
    let newer = read("../spec/model/2026-11.json");
    let revisions =
        [Revision { name: "2025-04", source: first }, Revision { name: "2026-11", source: &newer }];
    check(&revisions, Some(&read("../spec/overlay.json"))).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(ToString::to_string).collect::<String>());
    })
}

fn first() -> Source {
    read("../spec/model/2025-04.json")
}

#[test]
fn the_code_of_the_first_revision() {
    let first = &real(&first()).revisions[0];
    snapshot(&first.module, &render::revision(first, Home::Crate));
}

#[test]
fn what_has_no_documentation_has_that_of_the_revision_before() {
    let api = real(&first());
    let documentation = |revision: usize, id: &str| {
        let shape =
            api.revisions[revision].shapes().iter().find(|shape| shape.id == id).expect("it is there");
        shape.documentation.clone().expect("it is documented")
    };
    let (same, other) = ("com.amazonaws.ecr#ImageDetail", "com.amazonaws.ecr#ListImagesFilter");
    assert_eq!(documentation(0, same), documentation(1, same));
    // The overlay says it anew, for the second alone.
    assert!(!documentation(0, other).contains("status") && documentation(1, other).contains("status"));
}

#[test]
fn the_code_of_the_weather() {
    let model = read("fixtures/codegen/good/weather.json");
    let overlay = read("fixtures/codegen/good/weather.overlay.json");
    let api = api("2025-04", &model, Some(&overlay));
    snapshot("weather", &render::revision(&api.revisions[0], Home::Crate));
    snapshot("weather-revisions", &render::index(&api, Home::Crate));
}

#[test]
fn the_code_of_the_breadth() {
    let api = api("breadth", &read("fixtures/codegen/good/breadth.json"), None);
    snapshot("breadth", &render::revision(&api.revisions[0], Home::Crate));
}

#[test]
fn the_trait_ledger() {
    let mut text = String::new();
    for line in ledger::lines() {
        writeln!(text, "{:<36} {}", line.id, line.fate).expect("writing to a string");
    }
    snapshot("ledger", &text);
}

#[test]
fn the_traits_of_each_revision() {
    for model in real(&first()).revisions {
        let mut text = String::new();
        for line in &model.traits {
            writeln!(text, "{:>4} {:<36} {}", line.count, line.id, line.fate).expect("writing to a string");
        }
        snapshot(&format!("traits-{}", model.name), &text);
    }
}

#[test]
fn the_obstacle_course_reads_and_writes() {
    use ecrspec_api::{Direction, Validate as _, WriteJson as _, wire};

    let body = r#"{"type":"abc","self":"long","crate":"a"}"#;
    let read = wire::read::<obstacles::Self_>(body.as_bytes(), Direction::Request);
    assert_eq!(read.deviations, []);
    let value = read.value.expect("an object");
    assert_eq!(value.to_json(), body);
    let violations: Vec<_> = value.violations().iter().map(|violation| violation.pointer.clone()).collect();
    assert_eq!(violations, ["/self"]);

    let tree = r#"{"left":{"left":{"rest":[]}},"right":{"back":{}},"tree":{"a":[[{}]],"~/":[]}}"#;
    let read = wire::read::<obstacles::None>(tree.as_bytes(), Direction::Request);
    let violations: Vec<_> =
        read.value.expect("an object").violations().iter().map(ToString::to_string).collect();
    snapshot("obstacles-violations", &violations.join("\n"));
    assert_eq!(obstacles::String::from("UNKNOWN"), obstacles::String::Unknown_);
    assert!(!obstacles::String::from("unknown").is_known());
}

#[test]
fn the_breadth_reads_and_writes_everything() {
    use ecrspec_api::{Direction, WriteJson as _, wire};

    // A body, what is written of it, and what the reader says of it.
    let cases = [
        (r#"{"byte":-128,"short":32767,"ratio":"NaN"}"#, None, &[][..]),
        (r#"{"byte":128}"#, Some("{}"), &["/byte: 128 does not fit smithy.api#Byte"]),
        (r#"{"ratio":"-Infinity"}"#, None, &[]),
        (r#"{"huge":123456789012345678901234567890,"exact":1.000e-400}"#, None, &[]),
        (r#"{"huge":0.5}"#, Some("{}"), &["/huge: 0.5 does not fit smithy.api#BigInteger"]),
        (r#"{"any":{"b":[1e3,null,{"a":"x"}],"a":false}}"#, None, &[]),
        (r#"{"level":-1}"#, None, &[]),
        (r#"{"level":5}"#, None, &["/level: 5 is no known value of example.breadth#Level"]),
        (r#"{"value":{"either":{"levels":{"a":0}}}}"#, None, &[]),
        (r#"{"value":{"unknown":true}}"#, None, &[]),
        (r#"{"value":{"__type":"Value","text":"abc"}}"#, Some(r#"{"value":{"text":"abc"}}"#), &[]),
        (r#"{"value":{"new":[1.0]}}"#, None, &["/value/new: no such member in example.breadth#Value"]),
        (r#"{"value":{}}"#, Some("{}"), &["/value: expected one member of example.breadth#Value, found 0"]),
        (
            r#"{"value":{"unknown":true,"text":"abc"}}"#,
            Some(r#"{"value":{"text":"abc"}}"#),
            &["/value: expected one member of example.breadth#Value, found 2"],
        ),
        (r#"{"gaps":["a",null],"holes":{"a":null,"b":{"text":"abc"}}}"#, None, &[]),
        (
            r#"{"names":["a",null,"b"]}"#,
            Some(r#"{"names":["a","b"]}"#),
            &["/names/1: null where an absent member is usual"],
        ),
        (r#"{"when":"2000-01-02T21:34:56.5+01:00"}"#, Some(r#"{"when":"2000-01-02T20:34:56.5Z"}"#), &[]),
        (r#"{"when":1}"#, Some("{}"), &["/when: expected a string, found number"]),
        (r#"{"when":"today"}"#, Some("{}"), &["/when: expected a date and time of RFC 3339"]),
        (r#"{"days":["Sun, 02 Jan 2000 20:34:56 GMT"],"seconds":-0.5}"#, None, &[]),
        (r#"{"seconds":1.7e9}"#, Some(r#"{"seconds":1700000000}"#), &[]),
    ];
    for (body, written, told) in cases {
        let body = body.replacen('{', r#"{"account":"me","#, 1);
        let read = wire::read::<breadth::Everything>(body.as_bytes(), Direction::Response);
        let said: Vec<_> = read.deviations.iter().map(ToString::to_string).collect();
        assert_eq!(said, told, "{body}");
        let expected = written.map_or(body.clone(), |text| text.replacen('{', r#"{"account":"me","#, 1));
        let expected = expected.replace(",}", "}");
        assert_eq!(read.value.map(|value| value.to_json()), Some(expected), "{body}");
    }
}

#[test]
fn the_breadth_is_validated_and_keeps_its_secrets() {
    use ecrspec_api::{Direction, Document, Validate as _, wire};

    let body = r#"{"byte":10,"ratio":"NaN","huge":-1e99,"value":{"text":"ab"},"gaps":[null,"long"],
        "names":["a","a"],"secret":"no","level":9,"free":"anything","wide":"c"}"#;
    let read = wire::read::<breadth::Everything>(body.as_bytes(), Direction::Request);
    let value = read.value.expect("an object");
    let violations: Vec<_> = value.violations().iter().map(ToString::to_string).collect();
    snapshot("breadth-violations", &violations.join("\n"));
    let printed = format!("{value:?}");
    assert!(!printed.contains("ab\"") && !printed.contains("no\""), "{printed}");
    assert!(printed.contains("secret: <redacted>"), "{printed}");

    let echo = breadth::REVISION.operation("Echo").expect("it is there");
    let request = Document::parse(br#"{"account":"me"}"#).expect("JSON");
    assert_eq!(echo.host_prefix(&request).as_deref(), Some("me.data."));
    assert_eq!(echo.host_prefix(&Document::Null), None);
    assert_eq!(echo.errors[0].query_code, Some("Example.Broken"));
    assert!(breadth::REVISION.service.query_compatible);
    let texts = ["ab", "aaaaaaaaaaaaa", "babbbbbbbbbbbb", "bbbbbbbbbbbbb", "a~😀", "é~😀", "a~é"];
    let wide = texts.map(|text| {
        let value = breadth::Everything {
            wide: Some(text.to_owned()),
            account: Some(String::new()),
            ..Default::default()
        };
        value.violations().is_empty()
    });
    assert_eq!(wide, [false, true, true, false, true, false, false]);
}

/// A node with the keys of every object turned round, but for members: their order is that of fields, and means
/// something.
fn turned(node: &Node<'_>, is_members: bool, turn: usize) -> String {
    if let Some(entries) = node.entries() {
        let mut entries: Vec<String> = entries
            .iter()
            .map(|entry| format!("{:?}: {}", entry.key, turned(&entry.value, entry.key == "members", turn)))
            .collect();
        if !is_members && !entries.is_empty() {
            let length = entries.len();
            entries.rotate_left(turn % length);
            entries.reverse();
        }
        return format!("{{{}}}", entries.join(","));
    }
    if let Some(elements) = node.elements() {
        let elements: Vec<String> = elements.iter().map(|one| turned(one, false, turn)).collect();
        return format!("[{}]", elements.join(","));
    }
    let span = node.place.span;
    node.place.source.text()[span.start..span.end].to_owned()
}

/// Checks that the order of keys in a model means nothing.
fn assert_order_means_nothing(model: &Source, make: impl Fn(&Source) -> Api) {
    let generate = |source: &Source| {
        let api = make(source);
        // The hash names the text itself.
        render::revision(&api.revisions[0], Home::Crate).replace(&api.revisions[0].hash, "hash")
    };
    let forward = generate(model);
    let root = model.parse().expect("JSON");
    for turn in [0, 1, 17, 50] {
        let text = turned(&root, false, turn);
        assert!(text != model.text(), "nothing is turned");
        assert!(forward == generate(&Source::new(model.name(), text)), "turned by {turn}");
    }
}

#[test]
fn the_same_model_gives_the_same_bytes_whatever_the_order_of_its_keys() {
    assert_order_means_nothing(&first(), real);
    let breadth = read("fixtures/codegen/good/breadth.json");
    assert_order_means_nothing(&breadth, |source| api("breadth", source, None));
}
