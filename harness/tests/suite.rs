//! The whole suite against targets without sockets: one that is right, and ones that are wrong in one way.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use ecrspec::case::format::{Capability, Case, Expectation};
use ecrspec::case::{Problem, Suite};
use ecrspec::client::{HttpTransport, Transport};
use ecrspec::exchange::{Broken, NoResponse, Request, Response};
use ecrspec::exit::Exit;
use ecrspec::level::Level;
use ecrspec::run::{CaseRun, Ending, Run};
use ecrspec::verdict::{FindingKind, NotJudged, Outcome};
use ecrspec_codegen::source::Source;
use serde_json::{Value, json};
use support::{
    Altered, Attempt, Target, error, failed, failed_ids, operation, outcomes, response, results, text,
};

const JSON: &str = "application/x-amz-json-1.1";

fn exit(run: &Run) -> Exit {
    Exit::of_run(run, Level::Must, &[])
}

/// Runs the whole suite against an altered emulator. Every failure must be in `about`: a part of its id, its
/// pointer, or what it expected; and each of `sure` must be among them.
async fn check(target: Arc<Altered>, sure: &[&str], about: &[&str]) -> Run {
    let run = Attempt::new(&[]).against(target.clone()).await;
    let ids = failed_ids(&run);
    for id in sure {
        assert!(ids.contains(id), "{id} did not fail; these did: {ids:#?}");
    }
    for (result, finding) in failed(&run) {
        let place = format!("{} {} {}", result.id, finding.pointer, finding.expected);
        assert!(about.iter().any(|about| place.contains(about)), "a false alarm: {} {finding:#?}", result.id);
    }
    assert_eq!(run.faults, Vec::<String>::new());
    assert_eq!(target.repositories_left(), Vec::<String>::new());
    run
}

/// Runs the whole suite against a target that gives every request the same answer: nothing passes but what any
/// answer of that status passes, and the verdict is that it does not conform.
async fn check_same_answer_to_all(answer: Response) -> Run {
    let run = Attempt::new(&[]).jobs(16).against(Arc::new(Target(move |_| Ok(answer.clone())))).await;
    assert_eq!(exit(&run), Exit::DoesNotConform);
    assert_eq!(run.ending, Ending::Complete);
    assert_eq!(run.faults, Vec::<String>::new());
    assert_eq!(run.left.len(), 0, "nothing can be left where nothing was made");
    run
}

/// Whether no endpoint may answer a case with success: it has a status check, and none accepts 200.
fn is_rejection(case: &Case) -> bool {
    let last = case.steps.last().expect("a case has a step");
    let statuses: Vec<_> = last
        .expect
        .iter()
        .filter_map(|check| match &check.that {
            Expectation::Status(accepted) if check.level > Level::Information => Some(accepted),
            _ => None,
        })
        .collect();
    !statuses.is_empty() && statuses.iter().all(|accepted| !accepted.contains(&200))
}

/// The rejections that passed: cases with a valid twin of whose error something is right and nothing wrong.
fn passed_rejections(run: &Run) -> Vec<&str> {
    let passed = |run: &&CaseRun| {
        let last = run.case.steps.len() - 1;
        let of_error = || {
            let results = run.results.iter().filter(move |result| result.step == last);
            results.filter(|result| ["status", "code", "text"].contains(&result.aspect))
        };
        let any_conforms = of_error().any(|result| result.outcome == Outcome::Conform);
        any_conforms && !of_error().any(|result| matches!(result.outcome, Outcome::Nonconform(_)))
    };
    let rejections = run.cases.iter().filter(|run| run.case.twin.is_some() && is_rejection(&run.case));
    rejections.filter(passed).map(|run| run.case.id.as_str()).collect()
}

#[test]
fn every_rejection_has_a_valid_twin_unless_it_is_the_proof_that_a_value_is_let_in() {
    let without: Vec<_> = support::suite(&[])
        .cases
        .iter()
        .filter(|case| is_rejection(case) && case.twin.is_none() && !case.id.starts_with("derived."))
        .map(|case| case.id.clone())
        .collect();
    assert_eq!(without, Vec::<String>::new());
    let proofs = support::suite(&["derived.*"]);
    for case in proofs.cases.iter().filter(|case| is_rejection(case) && case.twin.is_none()) {
        let checks = case.steps.iter().flat_map(|step| &step.expect);
        let codes: Vec<_> = checks
            .filter_map(|check| match &check.that {
                Expectation::Code(accepted) => Some(accepted.as_slice()),
                _ => None,
            })
            .flatten()
            .collect();
        assert!(
            !codes.is_empty() && codes.iter().all(|code| code.ends_with("NotFoundException")),
            "{}",
            case.id
        );
    }
}

#[tokio::test]
async fn the_emulator_passes_every_check_and_nothing_is_left_in_it() {
    let target = Altered::untouched();
    let run = Attempt::new(&[]).against(target.clone()).await;
    assert_eq!(failed(&run), Vec::new());
    assert_eq!(exit(&run), Exit::Conforms);
    assert_eq!(run.ending, Ending::Complete);
    assert_eq!(run.throttled, 0);
    assert!(run.left.is_empty(), "{:?}", run.left);
    assert_eq!(target.repositories_left(), Vec::<String>::new());
    // This door looks at no signature. The one of the program does: the README's run has none of these.
    let lacks = |capability| matches!(capability, Capability::Signatures);
    let unjudged: Vec<_> = results(&run)
        .filter(|result| match &result.outcome {
            Outcome::NotJudged(NotJudged::Lacks(capability)) => !lacks(*capability),
            Outcome::NotJudged(reason) => !matches!(reason, NotJudged::AnotherStatus(_)),
            _ => false,
        })
        .map(|result| &result.id)
        .collect();
    assert_eq!(unjudged, Vec::<&String>::new(), "the emulator lacks nothing else");
    assert!(passed_rejections(&run).len() > 50, "what the tests below look for is there to be found");
}

#[tokio::test]
async fn no_check_stands_twice() {
    let run = Attempt::new(&[]).against(Altered::untouched()).await;
    let ids: BTreeSet<_> = results(&run).map(|result| &result.id).collect();
    assert_eq!(ids.len(), results(&run).count());
    assert!(ids.len() > 500, "only {} checks", ids.len());
}

#[tokio::test]
async fn ids_order_and_outcomes_are_the_same_at_any_number_of_jobs() {
    let one = Attempt::new(&[]).jobs(1).against(Altered::untouched()).await;
    for jobs in [3, 16] {
        let many = Attempt::new(&[]).jobs(jobs).against(Altered::untouched()).await;
        assert_eq!(outcomes(&one), outcomes(&many), "at {jobs} jobs");
    }
}

#[tokio::test]
async fn findings_are_the_same_at_any_number_of_jobs() {
    let target = || {
        Altered::pages(|page| {
            page.as_object_mut().expect("a page is an object").remove("nextToken");
        })
    };
    let one = Attempt::new(&[]).jobs(1).against(target()).await;
    assert!(!failed(&one).is_empty());
    for jobs in [3, 16] {
        let many = Attempt::new(&[]).jobs(jobs).against(target()).await;
        assert_eq!(outcomes(&one), outcomes(&many), "at {jobs} jobs");
    }
}

#[tokio::test]
async fn never_more_requests_at_once_than_jobs() {
    struct Counting {
        target: Arc<Altered>,
        now: AtomicUsize,
        most: AtomicUsize,
    }
    impl Transport for Counting {
        fn send(&self, request: Request, timeout: std::time::Duration) -> ecrspec::client::Answer<'_> {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            Box::pin(async move {
                let answer = self.target.send(request, timeout).await;
                self.now.fetch_sub(1, Ordering::SeqCst);
                answer
            })
        }
    }
    let target = Arc::new(Counting {
        target: Altered::untouched(),
        now: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
    });
    Attempt::new(&["describe.*", "validation.*"]).jobs(3).against(target.clone()).await;
    let most = target.most.load(Ordering::SeqCst);
    assert!((2..=3).contains(&most), "{most} at once at 3 jobs");
}

#[tokio::test]
async fn a_filter_pulls_in_twins_that_run_and_are_not_reported() {
    let run = Attempt::new(&["validation.repository-name-upper-case"]).against(Altered::untouched()).await;
    let reported: Vec<_> =
        run.cases.iter().filter(|case| case.selected).map(|case| case.case.id.as_str()).collect();
    let all: Vec<_> = run.cases.iter().map(|case| case.case.id.as_str()).collect();
    assert_eq!(reported, ["validation.repository-name-upper-case"]);
    assert_eq!(all, ["describe.plain", "validation.repository-name-upper-case"]);
    assert!(results(&run).all(|result| result.outcome == Outcome::Conform), "{:#?}", outcomes(&run));
}

#[tokio::test]
async fn a_twin_that_fails_takes_the_rejection_back_and_is_not_reported_itself() {
    let target = Altered::new(|request, response| {
        if operation(request) == "DescribeImages" {
            *response = error(400, "InvalidParameterException", "Invalid parameter at 'repositoryName'");
        }
    });
    let run = Attempt::new(&["validation.repository-name-upper-case"]).against(target).await;
    assert!(results(&run).all(|result| result.outcome != Outcome::Conform), "{:#?}", outcomes(&run));
    let by_twin = |outcome: &Outcome| matches!(outcome, Outcome::NotJudged(NotJudged::TwinFailed(twin)) if twin == "describe.plain");
    assert!(results(&run).any(|result| by_twin(&result.outcome)), "{:#?}", outcomes(&run));
    assert_eq!(exit(&run), Exit::DoesNotConform);
}

#[tokio::test]
async fn a_target_that_rejects_every_describe_images_passes_no_rejection() {
    let errors = [
        error(400, "InvalidParameterException", "Invalid parameter at 'repositoryName'"),
        error(400, "RepositoryNotFoundException", "The repository does not exist"),
        error(400, "ImageNotFoundException", "The image does not exist"),
        error(400, "SerializationException", ""),
        error(500, "ServerException", ""),
    ];
    for rejection in errors {
        let said = text(&rejection);
        let target = Altered::new(move |request, response| {
            if operation(request) == "DescribeImages" {
                *response = rejection.clone();
            }
        });
        let run = Attempt::new(&[]).against(target.clone()).await;
        assert_eq!(passed_rejections(&run), Vec::<&str>::new(), "against {said}");
        assert_eq!(exit(&run), Exit::DoesNotConform);
        assert_eq!(target.repositories_left(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_target_that_rejects_everything_passes_no_rejection() {
    let run = check_same_answer_to_all(error(400, "InvalidParameterException", "Invalid parameter")).await;
    assert_eq!(passed_rejections(&run), Vec::<&str>::new());
}

#[tokio::test]
async fn a_target_that_says_yes_to_everything_does_not_conform() {
    for body in
        ["{}", r#"{"imageDetails":[]}"#, r#"{"imageDetails":null}"#, "[]", "null", "", "{", "\u{feff}{}"]
    {
        let run = check_same_answer_to_all(response(200, JSON, body)).await;
        assert_eq!(passed_rejections(&run), Vec::<&str>::new(), "against `{body}`");
        assert!(!failed(&run).is_empty(), "against `{body}`");
    }
}

#[tokio::test]
async fn a_target_that_answers_with_a_web_page_does_not_conform() {
    for status in [200, 302, 404, 500, 502] {
        let run =
            check_same_answer_to_all(response(status, "text/html", "<html><h1>Hello</h1></html>")).await;
        assert_eq!(passed_rejections(&run), Vec::<&str>::new(), "against {status}");
    }
}

#[tokio::test]
async fn a_target_whose_every_body_is_cut_does_not_conform_and_says_so() {
    let mut cut = response(200, JSON, r#"{"imageDetails":["#);
    cut.broken = Some(Broken::Cut { reason: "unexpected end of file".to_owned() });
    let run = check_same_answer_to_all(cut).await;
    assert!(failed(&run).iter().all(|(_, finding)| finding.kind == FindingKind::Transport));
    assert!(failed(&run).iter().any(|(_, finding)| finding.actual.contains("unexpected end of file")));
}

#[tokio::test]
async fn deeply_nested_and_odd_bodies_break_nothing() {
    let deep = format!(r#"{{"imageDetails":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let token = format!(r#"{{"imageDetails":[],"nextToken":"{}"}}"#, "x".repeat(100_000));
    let odd =
        r#"{"imageDetails":[null,7,"x",{},{"imageTags":{},"imageDigest":1e999,"imageSizeInBytes":-0}]}"#;
    let surrogate = r#"{"imageDetails":[{"imageDigest":"\ud800"}],"imageDetails":7}"#;
    for body in [&deep, &token, odd, surrogate] {
        let target = {
            let body = body.to_owned();
            Altered::new(move |request, answer| {
                // A request for no operation that there is gets it too.
                let asked = operation(request);
                if asked.is_empty() || asked.starts_with("DescribeImages") {
                    *answer = response(200, JSON, &body);
                }
            })
        };
        let run = Attempt::new(&[]).against(target).await;
        assert_eq!(run.faults, Vec::<String>::new());
        assert_eq!(exit(&run), Exit::DoesNotConform);
        assert_eq!(passed_rejections(&run), Vec::<&str>::new());
    }
}

#[tokio::test]
async fn what_no_target_says_of_itself_is_missing_and_not_guessed() {
    // The emulator says its registry in every entry too, but that is what is judged.
    let target = Altered::new(|request, response| match operation(request) {
        "DescribeRegistry" => *response = error(400, "UnknownOperationException", ""),
        "CreateRepository" if response.status == 200 => {
            support::rewrite(response, |body| {
                drop(body["repository"].as_object_mut().map(|it| it.remove("registryId")));
            });
        }
        _ => {}
    });
    let run = Attempt::new(&["registry.own-id", "missing.tag"]).against(target.clone()).await;
    assert!(!run.target.can(Capability::RegistryId));
    assert_eq!(failed(&run), Vec::new());
    let outcome = |id: &str| results(&run).find(|result| result.id == id).map(|result| &result.outcome);
    let lacks = Outcome::NotJudged(NotJudged::Lacks(Capability::RegistryId));
    assert_eq!(outcome("registry.own-id#status"), Some(&lacks));
    assert_eq!(outcome("missing.tag#text"), Some(&lacks));
    assert_eq!(outcome("missing.tag#code"), Some(&Outcome::Conform), "what needs no registry is judged");
    let mut told = Attempt::new(&["registry.own-id"]);
    told.settings.account = Some("123456789012".to_owned());
    let run = told.against(target).await;
    assert!(results(&run).all(|result| result.outcome == Outcome::Conform));
}

#[tokio::test]
async fn a_target_that_takes_no_image_lacks_that_once() {
    let target = Altered::new(|request, response| {
        if operation(request) == "PutImage" {
            *response = error(500, "ServerException", "no room");
        }
    });
    let run = Attempt::new(&[]).against(target.clone()).await;
    let reason = run.target.capabilities[&Capability::PutImage].as_deref().expect("a reason");
    assert!(reason.contains("PutImage") && reason.contains("no room"), "{reason}");
    let plain = results(&run).find(|result| result.id == "describe.plain#status");
    let lacks = Outcome::NotJudged(NotJudged::Lacks(Capability::PutImage));
    assert_eq!(plain.map(|result| &result.outcome), Some(&lacks));
    assert_eq!(failed(&run), Vec::new(), "what could not be set up is no finding");
    assert_eq!(exit(&run), Exit::DoesNotConform);
    assert_eq!(Exit::of_run(&run, Level::Must, &[Capability::PutImage]), Exit::Conforms);
    assert_eq!(target.repositories_left(), Vec::<String>::new());
}

#[tokio::test]
async fn where_put_image_fails_cases_with_images_are_not_judged_and_that_is_no_pass() {
    let pushed = AtomicUsize::new(0);
    let target = Altered::new(move |request, response| {
        // The first one is the probe's.
        if operation(request) == "PutImage" && pushed.fetch_add(1, Ordering::SeqCst) > 0 {
            *response = error(500, "ServerException", "no room");
        }
    });
    let run = Attempt::new(&[]).against(target.clone()).await;
    let plain =
        results(&run).find(|result| result.id == "describe.plain#status").expect("the check is there");
    let Outcome::NotJudged(NotJudged::NoWorld(reason)) = &plain.outcome else { panic!("{plain:#?}") };
    assert!(reason.contains("PutImage") && reason.contains("no room"), "{reason}");
    assert_eq!(exit(&run), Exit::DoesNotConform);
    assert_eq!(Exit::of_run(&run, Level::Must, &Capability::ALL), Exit::DoesNotConform);
    assert_eq!(failed(&run), Vec::new(), "what could not be set up is no finding");
    assert!(
        results(&run).any(|result| result.outcome == Outcome::Conform),
        "cases without images are judged"
    );
    assert_eq!(target.repositories_left(), Vec::<String>::new());
}

#[tokio::test]
async fn where_layers_can_not_be_uploaded_images_are_pushed_all_the_same() {
    let target = Altered::new(|request, response| {
        if operation(request) == "InitiateLayerUpload" {
            *response = error(500, "ServerException", "not here");
        }
    });
    // The emulator itself wants the layers of a manifest, so this goes as far as the request.
    let run = Attempt::new(&["describe.plain"]).against(target).await;
    assert!(!run.target.can(Capability::LayerUpload));
    let reason = run.target.capabilities[&Capability::LayerUpload].as_deref().expect("a reason");
    assert!(reason.contains("InitiateLayerUpload") && reason.contains("not here"), "{reason}");
}

#[tokio::test]
async fn without_leave_to_write_nothing_is_written_and_what_needs_it_is_not_judged() {
    let seen = Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let target = {
        let seen = Arc::clone(&seen);
        Altered::new(move |request, _| {
            seen.lock().expect("no test thread panicked").insert(operation(request).to_owned());
        })
    };
    let mut attempt = Attempt::new(&[]);
    attempt.settings.may_write = Err("it counts as real".to_owned());
    let run = attempt.against(target).await;
    let seen: Vec<String> = seen.lock().expect("no test thread panicked").iter().cloned().collect();
    let reading = ["", "BatchCheckLayerAvailability", "DescribeImages", "DescribeRegistry", "ListImages"];
    let writing: Vec<_> = seen.iter().filter(|operation| !reading.contains(&operation.as_str())).collect();
    // Targets that no API has are sent on purpose.
    let writing: Vec<_> = writing.into_iter().filter(|name| revision_has(name)).collect();
    assert_eq!(writing, Vec::<&String>::new());
    assert_eq!(exit(&run), Exit::DoesNotConform, "a `must` went unjudged");
    assert_eq!(Exit::of_run(&run, Level::Must, &[Capability::Writes]), Exit::Conforms);
    let why = run.target.capabilities[&Capability::Writes].as_deref();
    assert_eq!(why, Some("it counts as real"));
}

fn revision_has(operation: &str) -> bool {
    support::revision().operation(operation).is_some()
}

#[tokio::test]
async fn a_page_written_anew_by_another_writer_is_as_good() {
    check(Altered::pages(|_| {}), &[], &[]).await;
}

#[tokio::test]
async fn times_as_text_fail_the_checks_of_times_and_types() {
    let target = Altered::images(|image| image["imagePushedAt"] = json!("2024-01-12T13:09:06Z"));
    check(target, &["describe.plain#typed"], &["imagePushedAt", "typed client", "pushed-at"]).await;
}

#[tokio::test]
async fn times_in_milliseconds_fail_the_checks_of_times_only() {
    let target = Altered::images(|image| {
        let seconds = image["imagePushedAt"].as_f64().expect("a time is a number");
        image["imagePushedAt"] = json!((seconds * 1000.0).trunc());
    });
    let run = check(target, &[], &["imagePushedAt", "pushed-at"]).await;
    assert!(failed_ids(&run).iter().any(|id| id.starts_with("describe.pushed-at")), "{:?}", failed_ids(&run));
}

#[tokio::test]
async fn an_empty_tag_list_on_untagged_images_fails_the_checks_of_it_only() {
    let target = Altered::images(|image| {
        if image.get("imageTags").is_none() {
            image["imageTags"] = json!([]);
        }
    });
    let sure = ["tags.untagged#no-tags-key", "tags.retagged#former-has-no-tags-key"];
    check(target, &sure, &["imageTags"]).await;
}

#[tokio::test]
async fn a_null_where_nothing_is_usual_fails_the_checks_of_it_only() {
    let target = Altered::images(|image| {
        if image.get("imageTags").is_none() {
            image["imageTags"] = Value::Null;
        }
    });
    check(target, &["tags.untagged#no-nulls"], &["imageTags"]).await;
}

#[tokio::test]
async fn pages_without_tokens_fail_the_checks_of_paging_only() {
    let target = Altered::pages(|page| {
        page.as_object_mut().expect("a page is an object").remove("nextToken");
    });
    check(
        target,
        &["paging.token#has-token", "paging.page-size#none-lost"],
        &["paging.", "nextToken", "pages"],
    )
    .await;
}

#[tokio::test]
async fn a_second_message_is_a_finding_that_fails_no_run_on_must() {
    let target = Altered::new(|request, response| {
        if operation(request) == "DescribeImages" && response.status == 400 {
            rewrite_message(response);
        }
    });
    let run = check(target, &[], &["/Message"]).await;
    assert!(!failed(&run).is_empty());
    assert!(failed(&run).iter().all(|(result, _)| result.level < Level::Must));
    assert_eq!(exit(&run), Exit::Conforms);
    assert_eq!(Exit::of_run(&run, Level::Should, &[]), Exit::DoesNotConform);
}

fn rewrite_message(response: &mut Response) {
    support::rewrite(response, |body| {
        if let Some(message) = body.get("message").cloned() {
            body["Message"] = message;
        }
    });
}

#[tokio::test]
async fn a_member_that_no_revision_has_fails_the_checks_of_members_only() {
    let target = Altered::images(|image| image["imageColour"] = json!("blue"));
    let run = check(target, &[], &["imageColour"]).await;
    assert!(!failed(&run).is_empty());
    assert!(failed(&run).iter().all(|(result, _)| result.level <= Level::Should), "{:#?}", failed(&run));
}

#[tokio::test]
async fn a_digest_that_is_not_the_manifests_fails_few_checks_and_says_so() {
    // As a target does that hashes something else: everywhere the same other digest.
    let swap = |text: &str| -> String {
        text.split("sha256:").enumerate().fold(String::new(), |mut swapped, (index, part)| {
            if index > 0 {
                swapped.push_str("sha256:");
                let end = part.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(part.len());
                let (digits, rest) = part.split_at(end);
                swapped.extend(digits.chars().rev());
                swapped.push_str(rest);
            } else {
                swapped.push_str(part);
            }
            swapped
        })
    };
    let door = Altered::untouched();
    let swapping = {
        let door = Arc::clone(&door);
        Target(move |mut request: Request| {
            // Layers keep their digests: only those of images are wrong.
            if matches!(operation(&request), "DescribeImages" | "BatchDeleteImage" | "ListImages") {
                request.body = swap(&String::from_utf8_lossy(&request.body)).into_bytes();
            }
            let mut response = door.answer(&request);
            if matches!(
                operation(&request),
                "DescribeImages" | "PutImage" | "ListImages" | "BatchDeleteImage"
            ) {
                response.body = swap(&text(&response)).into_bytes();
            }
            Ok(response)
        })
    };
    let run = Attempt::new(&["describe.*"]).against(Arc::new(swapping)).await;
    let ids = failed_ids(&run);
    assert_eq!(ids, ["describe.digest#sha256"], "one cause, one finding");
}

#[tokio::test]
async fn throttling_is_weather() {
    let asked = AtomicUsize::new(0);
    let target = Altered::new(move |request, response| {
        if operation(request) == "DescribeImages" && asked.fetch_add(1, Ordering::SeqCst) < 5 {
            *response = error(400, "ThrottlingException", "Rate exceeded");
        }
    });
    let calm = Attempt::new(&["describe.*"]).against(Altered::untouched()).await;
    let run = Attempt::new(&["describe.*"]).against(target).await;
    assert_eq!(outcomes(&run), outcomes(&calm));
    assert_eq!(exit(&run), Exit::Conforms);
    assert_eq!(run.throttled, 5);
}

#[tokio::test]
async fn a_target_that_throttles_without_end_is_not_judged() {
    let target = Altered::new(|request, response| {
        if operation(request) == "DescribeImages" {
            *response = error(400, "ThrottlingException", "Rate exceeded");
        }
    });
    let run = Attempt::new(&["describe.plain", "missing.repository"]).jobs(16).against(target).await;
    assert!(outcomes(&run).iter().all(|(_, outcome)| *outcome == "throttled"), "{:#?}", outcomes(&run));
    assert_eq!(exit(&run), Exit::DoesNotConform);
    assert!(run.throttled > 0);
}

#[tokio::test]
async fn an_interrupted_run_says_so_and_cleans_up() {
    let target = Altered::untouched();
    let mut attempt = Attempt::new(&[]).jobs(3);
    attempt.stop_after = Some(20);
    let run = attempt.against(target.clone()).await;
    assert_eq!(run.ending, Ending::Interrupted);
    assert_eq!(exit(&run), Exit::Interrupted);
    let count = |name| outcomes(&run).iter().filter(|(_, outcome)| *outcome == name).count();
    assert!(count("conform") > 0 && count("interrupted") > 0, "{:#?}", outcomes(&run));
    assert_eq!(failed(&run), Vec::new(), "what was not asked is no finding");
    assert_eq!(target.repositories_left(), Vec::<String>::new());
    assert!(run.left.is_empty());
}

#[tokio::test]
async fn a_target_that_stops_answering_ends_the_run_and_keeps_what_was_found() {
    let ways = [
        NoResponse::Unreachable { reason: "connection refused".to_owned() },
        NoResponse::Closed { reason: "connection reset".to_owned() },
        NoResponse::TimedOut,
    ];
    for way in ways {
        let door = Altered::pages(|page| {
            page.as_object_mut().expect("a page is an object").remove("nextToken");
        });
        let answers = AtomicUsize::new(0);
        let gone = way.clone();
        let target = Target(move |request: Request| {
            let is_judged = operation(&request) == "DescribeImages";
            if is_judged && answers.fetch_add(1, Ordering::SeqCst) >= 150
                || answers.load(Ordering::SeqCst) > 150
            {
                return Err(gone.clone());
            }
            Ok(door.answer(&request))
        });
        let run = Attempt::new(&[]).jobs(2).against(Arc::new(target)).await;
        assert_eq!(run.ending, Ending::Unreachable, "{way}");
        assert_eq!(exit(&run), Exit::Unreachable, "{way}");
        let count = |name| outcomes(&run).iter().filter(|(_, outcome)| *outcome == name).count();
        assert!(count("conform") > 0 && count("unreachable") > 0, "{way}: {:#?}", outcomes(&run));
        assert!(failed(&run).iter().any(|(_, finding)| finding.kind != FindingKind::Transport), "{way}");
        assert!(!run.left.is_empty(), "{way}: what could not be removed is said");
    }
}

#[tokio::test]
async fn repositories_that_can_not_be_removed_are_said() {
    let target = Altered::new(|request, response| {
        if operation(request) == "DeleteRepository" {
            *response = error(400, "RepositoryNotEmptyException", "it is full");
        }
    });
    let run = Attempt::new(&["describe.plain"]).against(target).await;
    assert!(!run.left.is_empty());
    assert!(run.left.iter().all(|left| left.reason.contains("it is full")), "{:?}", run.left);
}

#[tokio::test]
async fn through_a_socket_the_verdict_is_the_same_as_without() {
    let server = support::server::mock(support::emulator_door()).await;
    let transport = HttpTransport::new(&server.uri(), None).expect("an address");
    let through = Attempt::new(&[]).against(Arc::new(transport)).await;
    let without = Attempt::new(&[]).against(Altered::untouched()).await;
    assert_eq!(outcomes(&through), outcomes(&without));
    assert_eq!(exit(&through), Exit::Conforms);
}

#[tokio::test]
async fn no_request_tells_the_target_that_it_is_tested() {
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let target = {
        let told = Arc::clone(&told);
        Altered::new(move |request, _| {
            let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}"));
            let all = headers
                .chain([String::from_utf8_lossy(&request.body).into_owned()])
                .collect::<Vec<_>>()
                .join("\n");
            let all = all.to_ascii_lowercase();
            if ["ecrspec", "conformance", "harness", "emulator"].iter().any(|word| all.contains(word)) {
                told.lock().expect("no test thread panicked").push(all);
            }
        })
    };
    Attempt::new(&[]).against(target).await;
    assert_eq!(*told.lock().expect("no test thread panicked"), Vec::<String>::new());
}

/// A case file without a problem, for tests that break one thing in it.
const GOOD_FILE: &str = r#"{
  "format": 1,
  "worlds": {
    "own": {
      "sentence": "A repository with one image.",
      "images": {"one": {"image": {"format": "oci", "layers": [10]}}},
      "repositories": {"main": [{"image": "one", "tag": "t"}]}
    }
  },
  "cases": [
    {
      "id": "own.first",
      "sentence": "An image is listed.",
      "world": "own",
      "twin": "describe.plain",
      "steps": [
        {
          "send": {"body": {"value": {"repositoryName": "{{absent.tag}}"}}},
          "expect": [
            {"that": {"status": [200]}, "level": "must", "evidence": ["D-2"]},
            {"that": {"shape": "typed"}, "level": "must", "evidence": ["D-1"]}
          ]
        }
      ]
    }
  ]
}
"#;

fn problems(text: &str) -> Vec<Problem> {
    static KNOWN: LazyLock<Suite> = LazyLock::new(|| support::suite(&[]));
    let source = Source::new("own.json", text);
    ecrspec::case::check(&[source], &KNOWN, support::revision()).err().unwrap_or_default()
}

/// Replaces one thing in the good file. The one problem must point there and say and advise that.
#[track_caller]
fn check_problem(good: &str, bad: &str, place: &str, message: &str, hint: &str) {
    assert_eq!(GOOD_FILE.matches(good).count(), 1, "`{good}` is in the good file once");
    let problems = problems(&GOOD_FILE.replace(good, bad));
    let [problem] = &problems[..] else { panic!("not one problem: {problems:#?}") };
    let text = problem.to_string();
    assert!(text.starts_with("error: "), "{text}");
    assert!(text.contains(&format!("--> own.json:{place}\n")), "{text}");
    assert!(problem.message.contains(message), "{text}");
    assert!(problem.hint.contains(hint), "{text}");
}

#[test]
fn a_good_case_file_has_no_problem() {
    assert_eq!(problems(GOOD_FILE), Vec::new());
}

#[test]
fn a_case_in_an_unknown_world_is_refused() {
    check_problem(r#""world": "own""#, r#""world": "moon""#, "14:16", "no world `moon`", "own");
}

#[test]
fn a_case_that_holds_in_no_revision_is_refused() {
    let never = r#""since": "2027-01", "twin": "describe.plain""#;
    check_problem(r#""twin": "describe.plain""#, never, "15:16", "holds in no revision", "2025-04, 2026-11");
}

#[test]
fn a_name_without_a_value_is_refused() {
    check_problem("{{absent.tag}}", "{{repository.other}}", "18:38", "{{repository.other}}", "registry.id");
}

#[test]
fn evidence_that_the_ledger_does_not_have_is_refused() {
    // Without evidence the level is too high as well, so this one keeps another fact beside it.
    check_problem(r#"["D-2"]"#, r#"["D-2", "Z-99"]"#, "20:78", "no fact `Z-99`", "ecrspec explain");
}

#[test]
fn a_level_above_the_evidence_is_refused() {
    check_problem(r#"["D-1"]"#, r#"["D-29"]"#, "21:51", "`must` is more than", "lower it to");
}

#[test]
fn a_check_of_the_body_without_a_status_before_it_is_refused() {
    let status = r#"{"that": {"status": [200]}, "level": "must", "evidence": ["D-2"]},"#;
    check_problem(status, "", "21:13", "which status is due", "put a `status` check before it");
}

#[test]
fn an_id_that_is_taken_is_refused() {
    check_problem("own.first", "paging.token", "12:13", "stands twice", "ids are promises");
}

#[test]
fn an_id_of_other_characters_is_refused() {
    check_problem("own.first", "own first!", "12:13", "is no id", "paging.page-size");
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    check_problem(
        r#""format": 1,"#,
        "\"format\": 1,\n  \"format\": 1,",
        "3:3",
        "`format` stands twice",
        "take one out",
    );
}

#[test]
fn a_key_that_the_format_does_not_have_is_refused() {
    let bad = r#""world": "own", "colour": "blue""#;
    check_problem(r#""world": "own""#, bad, "14:23", "unknown field `colour`", "case schema");
}

#[test]
fn a_file_of_another_format_is_refused() {
    check_problem(r#""format": 1,"#, r#""format": 2,"#, "2:13", "2", r#""format": 1"#);
}

#[test]
fn a_twin_that_is_not_there_is_refused() {
    check_problem("describe.plain", "describe.nobody", "15:15", "no case `describe.nobody`", "name the case");
}

#[test]
fn an_image_that_the_world_does_not_have_is_refused() {
    check_problem(
        r#"{"image": "one", "tag": "t"}"#,
        r#"{"image": "two", "tag": "t"}"#,
        "7:43",
        "no image `two`",
        "under `images`",
    );
}

#[test]
fn two_checks_of_one_name_are_refused() {
    check_problem(
        r#"{"shape": "typed"}"#,
        r#"{"status": [200]}"#,
        "21:13",
        "two checks called `status`",
        "`name`",
    );
}

#[test]
fn a_word_that_no_list_has_is_refused() {
    check_problem(
        r#""shape": "typed""#,
        r#""shape": "round""#,
        "21:32",
        "unknown variant `round`",
        "case schema",
    );
}

#[test]
fn a_file_that_is_no_json_is_refused() {
    check_problem(r#""cases": ["#, r#""cases": [,"#, "10:13", "", "");
}

#[test]
fn all_problems_of_all_files_are_told_at_once() {
    let bad =
        GOOD_FILE.replace(r#""world": "own""#, r#""world": "moon""#).replace("describe.plain", "nobody");
    let sources = [Source::new("one.json", bad), Source::new("two.json", "{")];
    let known = support::suite(&[]);
    let problems =
        ecrspec::case::check(&sources, &known, support::revision()).expect_err("there are problems");
    let files: BTreeSet<_> = problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(files, ["one.json", "two.json"].into());
    assert!(problems.len() >= 3, "{problems:#?}");
}

#[test]
fn no_text_makes_the_reader_of_case_files_panic() {
    for end in 0..GOOD_FILE.len() {
        assert!(
            !problems(&GOOD_FILE[..end]).is_empty() || GOOD_FILE[end..].trim().is_empty(),
            "cut at {end}"
        );
    }
    for text in ["", "null", "[]", "7", "\u{feff}{}", "{\"format\":1}", "{\"format\":1e999,\"cases\":[]}"] {
        assert!(!problems(text).is_empty(), "`{text}`");
    }
    let deep = "[".repeat(200_000);
    assert!(!problems(&deep).is_empty());
}
