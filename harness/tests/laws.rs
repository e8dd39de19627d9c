//! Laws: what they catch, what they leave unjudged, and that a run which only reads only reads.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ecrspec::client::{Answer, READING, ReadOnly, Transport};
use ecrspec::evidence::Ledger;
use ecrspec::exchange::{NoResponse, Request};
use ecrspec::law::{self, LIST_PAGES, Law, MOST_CALLS};
use ecrspec::run::Run;
use ecrspec::verdict::{NotJudged, Outcome};
use serde_json::{Value, json};
use support::program::Program;
use support::server::Server;
use support::{Altered, Attempt, Target, failed_ids, operation, outcomes, request, results};

const REPOSITORY: &str = "team/app";

/// The bytes `config`, which every image has for its config and its layer.
const CONFIG: &str = "sha256:b79606fb3afea5bd1609ed40b622142f1c98125abcfe89a76a661b0e8e343910";

/// Asks a target for something that must succeed.
fn ok(target: &Altered, operation: &str, body: &Value) -> Value {
    let response = target.answer(&request(operation, body));
    assert_eq!(response.status, 200, "{operation} {}", support::text(&response));
    serde_json::from_slice(&response.body).expect("a JSON body")
}

/// Puts an image into a target, with a tag or without.
fn push(target: &Altered, number: usize, tag: Option<&str>) {
    let blob = |media_type: &str| json!({"mediaType": media_type, "digest": CONFIG, "size": 6});
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob("application/vnd.oci.image.config.v1+json"),
        "layers": [blob("application/vnd.oci.image.layer.v1.tar+gzip")],
        "annotations": {"number": number.to_string()},
    });
    let mut body = json!({"repositoryName": REPOSITORY, "imageManifest": manifest.to_string()});
    if let Some(tag) = tag {
        body["imageTag"] = json!(tag);
    }
    ok(target, "PutImage", &body);
}

/// A target in which a repository stands with so many images, every third of them untagged.
fn standing(target: Arc<Altered>, images: usize) -> Arc<Altered> {
    let repository = json!({"repositoryName": REPOSITORY});
    ok(&target, "CreateRepository", &repository);
    let upload = ok(&target, "InitiateLayerUpload", &repository)["uploadId"].clone();
    let part = json!({
        "repositoryName": REPOSITORY, "uploadId": upload,
        "partFirstByte": 0, "partLastByte": 5, "layerPartBlob": "Y29uZmln",
    });
    ok(&target, "UploadLayerPart", &part);
    let complete = json!({"repositoryName": REPOSITORY, "uploadId": upload, "layerDigests": [CONFIG]});
    ok(&target, "CompleteLayerUpload", &complete);
    for number in 0..images {
        let tag = format!("v{number}");
        push(&target, number, (number % 3 != 2).then_some(&tag));
    }
    target
}

async fn read(target: Arc<dyn Transport>) -> Run {
    let mut attempt = Attempt::new(&[]);
    attempt.suite = attempt.suite.on_standing(&[REPOSITORY.to_owned()]);
    attempt.settings.may_write = Err("the run only reads".to_owned());
    attempt.against(Arc::new(ReadOnly::new(target))).await
}

/// Asserts which laws fail on a target.
async fn check(target: Arc<Altered>, expected: &[&str]) {
    let run = read(standing(target, 7)).await;
    let failed: Vec<_> = failed_ids(&run).into_iter().filter(|id| id.starts_with("law.")).collect();
    let expected: Vec<_> =
        expected.iter().map(|id| id.replacen('#', &format!("@{REPOSITORY}#"), 1)).collect();
    assert_eq!(failed, expected);
}

#[tokio::test]
async fn every_law_holds_of_the_emulator_and_each_is_judged() {
    let run = read(standing(Altered::untouched(), 7)).await;
    let laws: Vec<_> = outcomes(&run).into_iter().filter(|(id, _)| id.starts_with("law.")).collect();
    assert_eq!(laws.len(), 19);
    for (id, outcome) in outcomes(&run) {
        assert_eq!(outcome, "conform", "{id}");
    }
}

#[tokio::test]
async fn an_empty_repository_breaks_no_law_and_leaves_nothing_to_ask_for() {
    let run = read(standing(Altered::untouched(), 0)).await;
    let count = |wanted: &str| outcomes(&run).iter().filter(|(_, outcome)| *outcome == wanted).count();
    assert_eq!(failed_ids(&run), Vec::<&str>::new());
    assert_eq!(count("nothing to ask"), 4);
}

#[tokio::test]
async fn a_page_that_loses_its_last_image_is_caught() {
    let target = Altered::pages(|page| {
        let has_token = page.get("nextToken").is_some();
        if let Some(images) = page["imageDetails"].as_array_mut().filter(|_| has_token) {
            images.pop();
        }
    });
    check(target, &["law.pages#none-lost"]).await;
}

#[tokio::test]
async fn an_image_that_comes_twice_is_caught() {
    let target = Altered::pages(|page| {
        let has_token = page.get("nextToken").is_some();
        if let Some(images) = page["imageDetails"].as_array_mut().filter(|_| has_token) {
            let first = images.first().cloned();
            images.pop();
            images.extend(first);
        }
    });
    check(target, &["law.pages#none-lost", "law.pages#none-twice"]).await;
}

#[tokio::test]
async fn a_filter_that_is_not_read_is_caught() {
    let target = standing(Altered::untouched(), 7);
    let deaf = Target(move |mut request: Request| {
        let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        body.as_object_mut().map(|body| body.remove("filter"));
        request.body = body.to_string().into_bytes();
        Ok(target.answer(&request))
    });
    let run = read(Arc::new(deaf)).await;
    let expected = ["tagged-have-tags", "untagged-have-none", "apart"]
        .map(|rule| format!("law.partition@{REPOSITORY}#{rule}"));
    assert_eq!(failed_ids(&run), expected);
}

#[tokio::test]
async fn an_entry_with_only_the_tag_that_was_asked_for_is_caught() {
    let target = Altered::new(|request, response| {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if let (Some(tag), 200) = (body.pointer("/imageIds/0/imageTag"), response.status) {
            support::rewrite(response, |page| page["imageDetails"][0]["imageTags"] = json!([tag]));
        }
    });
    let target = standing(target, 7);
    push(&target, 0, Some("latest"));
    let run = read(target).await;
    assert_eq!(failed_ids(&run), [format!("law.by-tag@{REPOSITORY}#same-tags")]);
    let request = run.cases.iter().find(|case| case.case.id.starts_with("law.by-tag")).map(|case| {
        let result = case.results.iter().find(|result| matches!(result.outcome, Outcome::Nonconform(_)));
        result.map(|result| (result.step, result.exchange))
    });
    assert_eq!(request, Some(Some((1, 0))), "the finding is about the first tag, `latest`");
}

#[tokio::test]
async fn a_repository_that_changes_meanwhile_is_not_judged() {
    let asked = AtomicU32::new(0);
    let target = Altered::pages(move |page| {
        let digest = format!("sha256:{:064x}", asked.fetch_add(1, Ordering::SeqCst));
        if let Some(images) = page["imageDetails"].as_array_mut() {
            images.push(json!({"imageDigest": digest, "repositoryName": REPOSITORY}));
        }
    });
    let run = read(standing(target, 7)).await;
    let laws = results(&run).filter(|result| result.id.starts_with("law."));
    for result in laws.filter(|result| !result.id.ends_with("#answered")) {
        assert_eq!(result.outcome, Outcome::NotJudged(NotJudged::Unsteady), "{}", result.id);
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_followed_so_far_and_not_judged() {
    let target = standing(Altered::pages(|page| page["nextToken"] = json!("again")), 7);
    let deaf = Target(move |mut request: Request| {
        let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        body.as_object_mut().map(|body| body.remove("nextToken"));
        request.body = body.to_string().into_bytes();
        Ok(target.answer(&request))
    });
    let run = read(Arc::new(deaf)).await;
    for result in results(&run).filter(|result| result.id.starts_with("law.")) {
        let endless = Outcome::NotJudged(NotJudged::Endless(LIST_PAGES));
        assert_eq!(result.outcome, endless, "{}", result.id);
    }
    assert!(run.calls < 10 * LIST_PAGES, "{} calls", run.calls);
}

#[tokio::test]
async fn nothing_that_writes_is_sent_and_no_more_than_the_bound() {
    for images in [7, 1_050] {
        let target = standing(Altered::untouched(), images);
        let sent = Arc::new(Mutex::new(BTreeMap::<String, u32>::new()));
        let counted = Arc::clone(&sent);
        let counting = Target(move |request: Request| {
            let mut sent = counted.lock().unwrap_or_else(PoisonError::into_inner);
            *sent.entry(operation(&request).to_owned()).or_default() += 1;
            Ok(target.answer(&request))
        });
        let run = read(Arc::new(counting)).await;
        assert_eq!(failed_ids(&run), Vec::<&str>::new());
        let sent = sent.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert!(sent.keys().all(|operation| READING.contains(&operation.as_str())), "{sent:?}");
        let calls: u32 = sent.values().sum();
        assert_eq!(calls, run.calls);
        assert!(calls <= MOST_CALLS, "{calls} calls");
    }
}

#[tokio::test]
async fn the_door_of_a_run_that_reads_lets_no_other_operation_through() {
    let target = Target(|_| Ok(support::error(400, "Reached", "")));
    let door = ReadOnly::new(Arc::new(target));
    let send = async |operation: &str| {
        let answer: Answer<'_> = door.send(request(operation, &json!({})), Duration::from_secs(1));
        answer.await.map(|response| response.status)
    };
    for operation in READING {
        assert_eq!(send(operation).await, Ok(400));
    }
    for operation in ["CreateRepository", "PutImage", "DeleteRepository", "BatchDeleteImage", ""] {
        assert!(matches!(send(operation).await, Err(NoResponse::Closed { .. })), "{operation}");
    }
}

#[tokio::test]
async fn a_case_that_runs_on_any_repository_uses_no_name_of_a_world_but_the_repository() {
    let run = read(standing(Altered::untouched(), 1)).await;
    for case in &run.cases {
        assert!(
            case.results
                .iter()
                .all(|result| !matches!(result.outcome, Outcome::NotJudged(NotJudged::Unbound(_)))),
            "{}",
            case.case.id
        );
    }
}

#[test]
fn a_law_weighs_no_more_than_its_evidence_and_calls_nothing_that_writes() {
    for case in law::cases() {
        assert!(Law::of(&case).is_some());
        for step in &case.steps {
            assert_eq!(step.send.operation, "DescribeImages");
            for check in &step.expect {
                let highest = Ledger::built_in().highest_level(check.evidence.iter().map(String::as_str));
                assert!(check.level <= highest, "{} {}", case.id, check.name());
            }
        }
    }
}

fn on_socket(target: Arc<Altered>) -> Server {
    Server::answering(move |request| target.answer(request))
}

#[test]
fn the_program_judges_a_repository_that_stands() {
    let server = on_socket(standing(Altered::untouched(), 7));
    let endpoint = server.endpoint();
    let arguments = ["run", "--read-only", "--repository", REPOSITORY, "--endpoint", &endpoint];
    Program::new(&arguments)
        .run()
        .expect_code(0)
        .expect_stdout(&["conforms in 10 cases", "the run only reads"])
        .expect_nowhere(&["✗", "left behind"]);
    let list: Vec<&str> = arguments.into_iter().chain(["--list"]).collect();
    Program::new(&list).run().expect_code(0).expect_stdout(&["law.pages@team/app#none-lost"]);
}

#[test]
fn the_program_says_how_a_broken_law_is_seen_again() {
    let target = Altered::pages(|page| {
        page.as_object_mut().map(|page| page.remove("nextToken"));
    });
    let server = on_socket(standing(target, 7));
    let endpoint = server.endpoint();
    Program::new(&["run", "--read-only", "--repository", REPOSITORY, "--endpoint", &endpoint])
        .run()
        .expect_code(1)
        .expect_stdout(&[
            "law.pages@team/app#none-lost",
            "--read-only --repository team/app --filter law.pages@team/app",
        ]);
}

#[test]
fn a_repository_that_is_not_there_is_a_mistake_of_the_call() {
    let server = on_socket(standing(Altered::untouched(), 1));
    let endpoint = server.endpoint();
    Program::new(&["run", "--read-only", "--repository", "team/other", "--endpoint", &endpoint])
        .run()
        .expect_code(2)
        .expect_stderr(&["has no repository `team/other`", "RepositoryNotFoundException", "hint: "]);
    for arguments in [&["run", "--read-only"][..], &["run", "--repository", "a"]] {
        Program::new(arguments).run().expect_code(2);
    }
}
