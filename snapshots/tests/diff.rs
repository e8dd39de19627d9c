//! What changed between revisions, and what that puts in doubt.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that can't go on has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use ecrspec::case::format::Case;
use ecrspec::change::{Impact, assess, human, json, markdown};
use ecrspec_codegen::Revision;
use ecrspec_codegen::diff::{Change, ChangeKind, Diff, Question, Semver, diff};
use ecrspec_codegen::source::Source;
use serde_json::Value;
use support::{assert_golden, readme_block, suite};

const OLD: (&str, &str) = ("2025-04", "../spec/model/2025-04.json");
const NEW: (&str, &str) = ("2026-11", "../spec/model/2026-11.json");

fn read(path: &str) -> Source {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    Source::new(path.trim_start_matches("../"), text.expect("the file is there"))
}

fn compare(old: (&str, &Source), new: (&str, &Source), operations: &[&str], overlay: &str) -> Diff {
    let operations: Vec<String> = operations.iter().map(|name| (*name).to_owned()).collect();
    let question = Question {
        old: Revision { name: old.0, source: old.1 },
        new: Revision { name: new.0, source: new.1 },
        operations: &operations,
        overlay: Some(&read(overlay)),
    };
    diff(question).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(ToString::to_string).collect::<String>());
    })
}

fn real(old: (&str, &str), new: (&str, &str), operations: &[&str]) -> Diff {
    compare((old.0, &read(old.1)), (new.0, &read(new.1)), operations, "../spec/overlay.json")
}

fn shop(old: &str, new: &str) -> Diff {
    let [old_model, new_model] = [old, new].map(|name| read(&format!("fixtures/diff/{name}.json")));
    compare((old, &old_model), (new, &new_model), &[], "fixtures/diff/overlay.json")
}

fn plain(impact: &Impact<'_>) -> String {
    anstream::adapter::strip_str(&human(impact)).to_string()
}

#[test]
fn every_kind_of_change() {
    let diff = shop("1", "2");
    let impact = assess(&diff, &[], &[]);
    assert_golden("diff", "shop", &plain(&impact));
    assert_golden("diff", "shop-markdown", &markdown(&impact));
    assert_golden("diff", "shop-json", &json(&impact));
}

#[test]
fn what_the_newer_api_puts_in_doubt() {
    let suite = suite(&[]);
    let cases: Vec<&Case> = suite.cases.iter().collect();
    let baseline =
        "derived.repositoryName.pattern.*\npaging.token#status\ndescribe.image-status#active # known\n";
    let texts = [("baseline.txt".to_owned(), baseline.to_owned())];
    let diff = real(OLD, NEW, &["DescribeImages"]);
    let impact = assess(&diff, &cases, &texts);
    assert_golden("diff", "describe-images", &plain(&impact));
    let shown = readme_block("output of `ecrspec spec diff`, a part");
    assert!(
        plain(&impact).contains(&shown),
        "the README shows\n{shown}\nwhere the program prints\n{}",
        plain(&impact)
    );
}

#[test]
fn the_changes_in_describe_images_are_exactly_those_of_the_two_files() {
    let diff = real(OLD, NEW, &["DescribeImages"]);
    let named: BTreeSet<String> = diff
        .changes
        .iter()
        .map(|change| {
            let Change { subject, aspect, old, new, .. } = change;
            let side = |side: &Option<String>| side.clone().unwrap_or_default();
            match *aspect {
                "shape" | "member" => format!("{aspect} {subject}"),
                "value" => format!("value {subject} {}>{}", side(old), side(new)),
                _ => format!("{aspect} {subject} {}>{}", side(old), side(new)),
            }
        })
        .collect();
    assert_eq!(named.len(), diff.changes.len(), "no change is named twice");
    assert_eq!(named, walk(&read(OLD.1), &read(NEW.1), "com.amazonaws.ecr#DescribeImages"));
}

/// The differences of two files in what an operation reaches, found without any code of the generator.
fn walk(old: &Source, new: &Source, operation: &str) -> BTreeSet<String> {
    let [old, new] = [old, new].map(|source| {
        let root: Value = serde_json::from_str(source.text()).expect("JSON");
        reached(&root["shapes"], operation)
    });
    let mut found = BTreeSet::new();
    let keys = |old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>| -> BTreeSet<String> {
        old.keys().chain(new.keys()).cloned().collect()
    };
    for id in keys(&old, &new) {
        let (Some(was), Some(is)) = (old.get(&id), new.get(&id)) else {
            found.insert(format!("shape {id}"));
            continue;
        };
        assert_eq!(was["type"], is["type"], "no type changed between these two");
        let [were, are] = [was, is].map(|shape| object(&shape["members"]));
        for name in keys(&were, &are) {
            let (before, after) = (were.get(&name), are.get(&name));
            if let (Some(before), Some(after)) = (before, after) {
                assert_eq!(before["target"], after["target"], "no target changed between these two");
                found.extend(traits(&format!("{id}${name}"), before, after));
            } else if was["type"] == "enum" {
                let value = |member: Option<&Value>| {
                    let value = member.map(|member| member["traits"]["smithy.api#enumValue"].clone());
                    value.map(|value| value.as_str().unwrap_or(&name).to_owned()).unwrap_or_default()
                };
                found.insert(format!("value {id} {}>{}", value(before), value(after)));
            } else {
                found.insert(format!("member {id}${name}"));
            }
        }
        found.extend(traits(&id, was, is));
        let errors = |shape: &Value| -> BTreeSet<String> {
            shape["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|error| error["target"].to_string())
                .collect()
        };
        assert_eq!(errors(was), errors(is), "no error changed between these two");
    }
    found
}

/// The traits that differ, as far as they are no words and say nothing of the role of a shape.
fn traits(subject: &str, old: &Value, new: &Value) -> Vec<String> {
    let [old, new] = [old, new].map(|one| object(&one["traits"]));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let words = ["smithy.api#documentation", "smithy.api#input", "smithy.api#output"];
    let differ = ids.into_iter().filter(|id| !words.contains(&id.as_str()) && old.get(*id) != new.get(*id));
    differ
        .map(|id| {
            let side = |side: Option<&Value>| side.and_then(Value::as_str).unwrap_or_default().to_owned();
            let name = id.strip_prefix("smithy.api#").unwrap_or(id);
            format!("{name} {subject} {}>{}", side(old.get(id)), side(new.get(id)))
        })
        .collect()
}

fn reached(shapes: &Value, operation: &str) -> BTreeMap<String, Value> {
    let mut open = vec![operation.to_owned()];
    let mut reached = BTreeMap::new();
    while let Some(id) = open.pop() {
        let shape = &shapes[&id];
        if shape.is_null() || reached.contains_key(&id) {
            continue;
        }
        let mut targets = Vec::new();
        for part in ["input", "output", "member", "key", "value"] {
            targets.push(&shape[part]["target"]);
        }
        targets.extend(shape["errors"].as_array().into_iter().flatten().map(|error| &error["target"]));
        if shape["type"] != "enum" {
            targets.extend(shape["members"].as_object().into_iter().flatten().map(|(_, one)| &one["target"]));
        }
        open.extend(targets.into_iter().filter_map(Value::as_str).map(str::to_owned));
        reached.insert(id, shape.clone());
    }
    reached
}

fn object(value: &Value) -> BTreeMap<String, Value> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

#[test]
fn the_other_way_round_added_is_removed_and_looser_is_tighter() {
    for (there, back) in [(shop("1", "2"), shop("2", "1")), (real(OLD, NEW, &[]), real(NEW, OLD, &[]))] {
        let sides = |change: &Change| {
            (change.subject.clone(), change.aspect, change.old.clone(), change.new.clone(), change.kind)
        };
        let there: BTreeSet<_> = there.changes.iter().map(sides).collect();
        let mut back: BTreeSet<_> = back.changes.iter().map(sides).collect();
        for (subject, aspect, old, new, kind) in there {
            let turned = |kind| back.contains(&(subject.clone(), aspect, new.clone(), old.clone(), kind));
            let found: Vec<ChangeKind> =
                [ChangeKind::Removed, ChangeKind::Tightened, ChangeKind::Loosened, ChangeKind::Added]
                    .into_iter()
                    .filter(|kind| turned(*kind))
                    .collect();
            let [mirrored] = found[..] else { panic!("{subject} {aspect} is not there the other way round") };
            let fits = match kind {
                ChangeKind::Added => mirrored == ChangeKind::Removed,
                ChangeKind::Removed => matches!(mirrored, ChangeKind::Added | ChangeKind::Removed),
                ChangeKind::Loosened => matches!(mirrored, ChangeKind::Tightened | ChangeKind::Loosened),
                // A pattern that takes other texts is tightened both ways.
                ChangeKind::Tightened => matches!(mirrored, ChangeKind::Tightened | ChangeKind::Loosened),
            };
            assert!(fits, "{subject} {aspect}: {kind:?} is {mirrored:?} the other way round");
            back.remove(&(subject, aspect, new, old, mirrored));
        }
        assert_eq!(back, BTreeSet::new());
    }
}

#[test]
fn words_and_order_are_no_change() {
    for (name, path) in [OLD, NEW] {
        let model = read(path);
        let mut root: Value = serde_json::from_str(model.text()).expect("JSON");
        let shapes = root["shapes"].as_object_mut().expect("an object");
        let turned: Vec<(String, Value)> = std::mem::take(shapes)
            .into_iter()
            .rev()
            .map(|(id, mut shape)| {
                shape["traits"]["smithy.api#documentation"] = Value::from("Other words.");
                if let Some(errors) = shape.get_mut("errors").and_then(Value::as_array_mut) {
                    errors.reverse();
                }
                (id, shape)
            })
            .collect();
        shapes.extend(turned);
        let other = Source::new("other.json", root.to_string());
        let diff = compare((name, &model), ("other", &other), &[], "../spec/overlay.json");
        assert!(diff.changes.is_empty(), "{:#?}", diff.changes);
        assert!(diff.new_constraints.is_empty());
    }
}

#[test]
fn what_can_not_be_compared_is_refused_with_a_hint() {
    let (old, new) = (read(OLD.1), read(NEW.1));
    let ask = |new: &Source, operation: &str| {
        diff(Question {
            old: Revision { name: OLD.0, source: &old },
            new: Revision { name: NEW.0, source: new },
            operations: &[operation.to_owned()],
            overlay: None,
        })
    };
    let mistakes = ask(&new, "DescribeImage").expect_err("there is no such operation");
    assert_eq!(mistakes.len(), 1);
    assert!(mistakes[0].to_string().contains("did you mean DescribeImages?"), "{}", mistakes[0]);
    let broken = Source::new("broken.json", "{");
    assert_eq!(ask(&broken, "DescribeImages").expect_err("it is no JSON").len(), 1);
}

#[test]
fn a_change_of_the_checked_view_is_major() {
    let diff = shop("1", "2");
    let find = |subject: &str, aspect: &str| {
        let subject = format!("example.shop#{subject}");
        diff.changes
            .iter()
            .find(|change| change.subject == subject && change.aspect == aspect)
            .expect("a change")
    };
    assert_eq!(find("BuyRequest$name", "required").types, Semver::Major);
    assert_eq!(find("Way$sea", "member").types, Semver::Minor);
    assert_eq!(find("Name", "length.max").types, Semver::None);
}

#[test]
fn a_body_of_any_depth_and_shapes_within_one_another_are_compared() {
    const DEPTH: usize = 200;
    let model = |last: &str| {
        let structure = |at: usize, members: &str| {
            format!(r#""a.b#S{at}": {{"type": "structure", "members": {{{members}}}}}"#)
        };
        let mut shapes: Vec<String> = (0..DEPTH)
            .map(|at| {
                // Each has the next, itself and the first.
                let targets = [("next", at + 1), ("own", at), ("first", 0)];
                let members = targets.map(|(name, to)| format!(r#""{name}": {{"target": "a.b#S{to}"}}"#));
                structure(at, &members.join(","))
            })
            .collect();
        shapes.push(structure(DEPTH, &format!(r#""{last}": {{"target": "smithy.api#String"}}"#)));
        let text = format!(
            r#"{{"smithy": "2.0", "shapes": {{{},
            "a.b#Service": {{"type": "service", "operations": [{{"target": "a.b#Go"}}],
            "traits": {{"aws.protocols#awsJson1_1": {{}}}}}},
            "a.b#Go": {{"type": "operation", "input": {{"target": "a.b#S0"}}}}}}}}"#,
            shapes.join(",")
        );
        Source::new("deep.json", text)
    };
    let diff = compare(("1", &model("was")), ("2", &model("is")), &[], "../spec/overlay.json");
    let changes: Vec<_> = diff.changes.iter().map(|change| (change.kind, change.subject.as_str())).collect();
    let last = |member: &str| format!("a.b#S{DEPTH}${member}");
    assert_eq!(
        changes,
        [(ChangeKind::Removed, last("was").as_str()), (ChangeKind::Added, last("is").as_str())]
    );
}
