//! Recordings: every exchange of a run, written, read, served again, and judged again.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ecrspec::case::Suite;
use ecrspec::client::{Client, HttpTransport, Signer, Transport};
use ecrspec::exchange::Request;
use ecrspec::recording::{Judged, RecordedBody, Recording, Replay, Replayed, Replayer};
use ecrspec::run::{CaseRun, Run};
use ecrspec::verdict::{CheckResult, NotJudged, Outcome};
use ecrspec::world::Seed;
use support::{Altered, Attempt, outcome_name, revision, suite};
use tokio::sync::watch;

/// What moto 5.2.5 answered, recorded by this program:
///
/// ```text
/// ecrspec record --spawn 'moto_server -H 127.0.0.1 -p {port}' --into DIR --filter …
/// ```
const MOTO: &str = include_str!("fixtures/moto-5.2.5.recording.json");

const TIMEOUT: Duration = Duration::from_secs(10);

fn moto() -> Recording {
    Recording::parse(MOTO).expect("the fixture is a recording")
}

async fn run_on_emulator() -> Run {
    Attempt::new(&[]).against(Altered::untouched()).await
}

async fn recorded_emulator() -> Recording {
    Recording::of_run(&run_on_emulator().await, revision().name, "the emulator")
}

/// Small ones, each exchange of which is altered in turn: that takes the cube of their number.
async fn small_recordings() -> [Recording; 2] {
    let cases = ["describe.*", "tags.*", "missing.*", "paging.token", "paging.page-size", "malformed.*"];
    let run = Attempt::new(&cases).against(Altered::untouched()).await;
    [Recording::of_run(&run, revision().name, "the emulator"), moto()]
}

/// What came of each session of a recording, sent as it was recorded.
async fn replayed(recording: &Recording, transport: Arc<dyn Transport>) -> Vec<Replayed> {
    let signer = Signer::with_dummy_credentials("us-east-1", revision().service.signing_name);
    let client = Client::new(transport, &revision().service, signer, "localhost".to_owned(), TIMEOUT);
    let (_stop, stop) = watch::channel(false);
    let suite = Suite::default();
    let replay = Replay {
        client: Arc::new(client),
        revision: revision(),
        suite: &suite,
        target: None,
        seed: Seed::default(),
        stop,
    };
    let mut replayed = Vec::new();
    let left = replay.replay(&[recording], &mut |one| replayed.push(one)).await;
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(replayed.len(), recording.sessions.len());
    replayed
}

/// The sessions in which an endpoint answers otherwise, each with the first place.
async fn differences_of(recording: &Recording, transport: Arc<dyn Transport>) -> Vec<(String, String)> {
    let replayed = replayed(recording, transport).await;
    replayed
        .into_iter()
        .filter_map(|one| match one.judged {
            Judged::Same => None,
            Judged::Differs(differences) => Some((one.case, differences[0].places[0].to_string())),
            other => Some((one.case, format!("{other:?}"))),
        })
        .collect()
}

/// Where a server of one recording answers other than another recording says, without sockets.
async fn differences(served: &Recording, expected: &Recording) -> Vec<(String, String)> {
    differences_of(expected, Arc::new(Replayer::new(served))).await
}

/// The same through a socket.
async fn differences_through_socket(recording: &Recording) -> Vec<(String, String)> {
    let server = support::server::mock(Replayer::new(recording)).await;
    let transport = HttpTransport::new(&server.uri(), None).expect("an address");
    differences_of(recording, Arc::new(transport)).await
}

/// Every exchange of a recording is changed in turn by `alter`, which says whether it could; each change must
/// be found, and nothing else.
async fn check_each_alteration(
    recording: &Recording,
    alter: impl Fn(&mut ecrspec::recording::RecordedExchange) -> bool,
) {
    let replayer = || Replayer::new(recording);
    let mut altered_count = 0;
    for (session, step, exchange) in positions(recording) {
        let mut altered = recording.clone();
        let changed = &mut altered.sessions[session].steps[step].exchanges[exchange];
        if !alter(changed) {
            continue;
        }
        altered_count += 1;
        let case = altered.sessions[session].case.clone();
        let replayer = replayer();
        let found: Vec<_> =
            differences_of(&altered, Arc::new(replayer)).await.into_iter().map(|(case, _)| case).collect();
        assert_eq!(found, [case], "exchange {exchange} of step {step} of session {session}");
    }
    assert!(altered_count > 20, "only {altered_count} could be altered");
}

fn positions(recording: &Recording) -> Vec<(usize, usize, usize)> {
    let mut positions = Vec::new();
    for (session, content) in recording.sessions.iter().enumerate() {
        for (step, content) in content.steps.iter().enumerate() {
            positions.extend((0..content.exchanges.len()).map(|exchange| (session, step, exchange)));
        }
    }
    positions
}

fn alter_text(body: &mut RecordedBody, alter: impl Fn(&str) -> String) -> bool {
    match body {
        RecordedBody::Text(text) if !text.is_empty() => {
            *text = alter(text);
            true
        }
        _ => false,
    }
}

/// The text with its last byte changed.
fn last_byte_changed(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let last = characters.last_mut().expect("there is a text");
    *last = if *last == ' ' { '\t' } else { ' ' };
    characters.into_iter().collect()
}

/// The checks of a recording's cases, judged again, by id.
fn judge_again(recording: &Recording) -> BTreeMap<String, CheckResult> {
    let results = recording.judge(&suite(&[]), revision());
    results.into_iter().map(|result| (result.id.clone(), result)).collect()
}

/// The cases of a run that sent something: what a target can't do is not asked, and leaves nothing to record.
fn asked(run: &Run) -> impl Iterator<Item = &CaseRun> {
    run.cases.iter().filter(|case| case.transcript.exchanges().next().is_some())
}

#[tokio::test]
async fn a_recording_has_every_exchange_of_every_case() {
    let run = run_on_emulator().await;
    let recording = Recording::of_run(&run, revision().name, "the emulator");
    let exchanges: usize = run.cases.iter().map(|case| case.transcript.exchanges().count()).sum();
    assert_eq!(recording.exchanges().count(), exchanges);
    let recorded: Vec<&str> = recording.sessions.iter().map(|session| session.case.as_str()).collect();
    let asked: Vec<&str> = asked(&run).map(|case| case.case.id.as_str()).collect();
    assert_eq!(recorded, asked);
    assert!(exchanges > 200, "{exchanges}");
}

#[tokio::test]
async fn what_was_written_is_read_again() {
    let recording = recorded_emulator().await;
    let text = recording.to_text();
    assert_eq!(Recording::parse(&text).expect("what it wrote"), recording);
    assert_eq!(Recording::parse(&text).expect("what it wrote").to_text(), text);
    assert!(text.ends_with("}\n"));
}

#[test]
fn the_recording_of_moto_is_read_and_written_byte_for_byte() {
    assert!(moto().to_text() == MOTO, "the fixture is as this program writes it");
    assert!(MOTO.len() < 300_000);
}

#[test]
fn the_recording_of_moto_has_nothing_of_the_machine_or_the_caller_in_it() {
    let text = MOTO.to_ascii_lowercase();
    for word in
        ["/tmp", "/root", "/home", "/work", "authorization", "credential=", "x-amz-date", "security-token"]
    {
        assert!(!text.contains(word), "`{word}` is in it");
    }
}

#[tokio::test]
async fn no_recording_has_a_header_that_signs() {
    let recording = recorded_emulator().await;
    let kept: BTreeSet<String> = recording
        .exchanges()
        .flat_map(|(_, exchange)| &exchange.request_headers)
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    assert_eq!(kept, ["content-type", "x-amz-target"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_served_recording_replays_without_a_difference() {
    for recording in [recorded_emulator().await, moto()] {
        assert_eq!(differences(&recording, &recording).await, Vec::new(), "{}", recording.target);
        assert_eq!(differences_through_socket(&recording).await, Vec::new(), "{}", recording.target);
    }
}

#[tokio::test]
async fn a_recording_survives_a_file_and_a_socket() {
    let recording = recorded_emulator().await;
    let read = Recording::parse(&recording.to_text()).expect("what it wrote");
    assert_eq!(differences_through_socket(&read).await, Vec::new());
}

#[tokio::test]
async fn one_changed_byte_of_a_response_is_one_difference() {
    for recording in small_recordings().await {
        check_each_alteration(&recording, |exchange| {
            alter_text(&mut exchange.response_body, last_byte_changed)
        })
        .await;
    }
}

#[tokio::test]
async fn a_changed_status_is_one_difference() {
    for recording in small_recordings().await {
        check_each_alteration(&recording, |exchange| {
            exchange.status += 1;
            true
        })
        .await;
    }
}

#[tokio::test]
async fn a_changed_content_type_is_one_difference() {
    for recording in small_recordings().await {
        check_each_alteration(&recording, |exchange| {
            let content_type = exchange
                .response_headers
                .iter_mut()
                .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            content_type.map(|(_, value)| value.push('x')).is_some()
        })
        .await;
    }
}

#[tokio::test]
async fn a_changed_request_is_one_difference() {
    for recording in small_recordings().await {
        // A request that was sent twice has its answers in order, so that one fewer moves the others.
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        let key = |exchange: &ecrspec::recording::RecordedExchange| {
            format!("{:?} {:?}", exchange.request_headers, exchange.request_body)
        };
        for (_, exchange) in recording.exchanges() {
            *times.entry(key(exchange)).or_default() += 1;
        }
        check_each_alteration(&recording, |exchange| {
            let is_alone = times[&key(exchange)] == 1;
            is_alone && alter_text(&mut exchange.request_body, |text| format!("{text}, another one"))
        })
        .await;
    }
}

#[tokio::test]
async fn a_request_with_its_members_in_another_order_is_the_same() {
    let recording = moto();
    let (_, exchange) = recording
        .exchanges()
        .find(|(_, exchange)| matches!(&exchange.request_body, RecordedBody::Text(text) if text.contains("maxResults")))
        .expect("a request with two members");
    let mut request = exchange.request();
    let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
    let members = body.as_object().expect("an object").iter().rev();
    let turned: serde_json::Map<_, _> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    request.body = format!("{:#}", serde_json::Value::Object(turned)).into_bytes();
    assert_ne!(request.body, exchange.request().body);
    assert_eq!(Replayer::new(&recording).answer(&request).body, exchange.response().body);
}

#[tokio::test]
async fn a_request_that_was_not_recorded_gets_404_and_is_told_so() {
    let recording = moto();
    let (_, known) = recording.exchanges().next().expect("an exchange");
    let replayer = Replayer::new(&recording);
    let unknown = [
        Request { path: "/other".to_owned(), ..known.request() },
        Request { method: "PUT".to_owned(), ..known.request() },
        Request { body: b"{\"repositoryName\":\"nobody\"}".to_vec(), ..known.request() },
        Request { body: Vec::new(), ..known.request() },
        Request { headers: Vec::new(), ..known.request() },
    ];
    for request in unknown {
        let response = replayer.answer(&request);
        assert_eq!(response.status, 404, "{request:?}");
        assert!(support::text(&response).contains("no recorded exchange has this request"), "{request:?}");
    }
    assert_eq!(replayer.answer(&known.request()).status, known.status);
}

#[tokio::test]
async fn a_request_that_was_sent_again_is_answered_in_order_and_the_last_answer_stays() {
    let mut recording = moto();
    recording.sessions.truncate(1);
    recording.sessions[0].steps.truncate(1);
    let exchanges = &mut recording.sessions[0].steps[0].exchanges;
    exchanges.truncate(1);
    for body in ["second", "third"] {
        let mut again = exchanges[0].clone();
        again.response_body = RecordedBody::Text(body.to_owned());
        exchanges.push(again);
    }
    let request = exchanges[0].request();
    let first = support::text(&exchanges[0].response());
    let replayer = Replayer::new(&recording);
    let answers: Vec<_> = (0..4).map(|_| support::text(&replayer.answer(&request))).collect();
    assert_eq!(answers, [first.as_str(), "second", "third", "third"]);
}

#[tokio::test]
async fn a_recording_of_the_emulator_judged_again_gives_the_outcomes_of_the_run() {
    let run = run_on_emulator().await;
    let recording = Recording::of_run(&run, revision().name, "the emulator");
    let read = Recording::parse(&recording.to_text()).expect("what it wrote");
    let again = judge_again(&read);
    let judged = asked(&run).flat_map(|case| &case.results);
    let judged: BTreeMap<_, _> =
        judged.map(|result| (result.id.as_str(), outcome_name(&result.outcome))).collect();
    let again: BTreeMap<_, _> =
        again.iter().map(|(id, result)| (id.as_str(), outcome_name(&result.outcome))).collect();
    assert_eq!(again, judged);
}

#[tokio::test]
async fn a_recording_of_a_wrong_target_judged_again_gives_the_same_findings() {
    let target = Altered::pages(|page| {
        page.as_object_mut().expect("a page is an object").remove("nextToken");
    });
    let run = Attempt::new(&[]).against(target).await;
    let recording = Recording::of_run(&run, revision().name, "an emulator without tokens");
    let again = judge_again(&recording);
    for result in asked(&run).flat_map(|case| &case.results) {
        // Of a step that was not sent a recording does not say why.
        if let Outcome::NotJudged(NotJudged::Unbound(_)) = result.outcome {
            let now = &again[&result.id].outcome;
            assert!(matches!(now, Outcome::NotJudged(NotJudged::NoAnswer(_))), "{} {now:?}", result.id);
        } else {
            assert_eq!(again[&result.id].outcome, result.outcome, "{}", result.id);
        }
    }
    assert!(!support::failed(&run).is_empty());
}

#[test]
fn the_recording_of_moto_judged_again_shows_its_known_defects_and_what_is_right() {
    let again = judge_again(&moto());
    let outcome = |id: &str| again.get(id).map_or("not there", |result| outcome_name(&result.outcome));
    for (id, expected) in [
        ("describe.plain#status", "conform"),
        ("describe.digest#sha256", "nonconform"),
        ("describe.size#size", "nonconform"),
        ("paging.one-a-page#page-size", "nonconform"),
        ("paging.token#has-token", "nonconform"),
        ("tags.retagged#both-listed", "nonconform"),
        ("validation.repository-name-absent#code", "nonconform"),
        ("validation.repository-name-upper-case#code", "nonconform"),
        ("missing.repository#status", "conform"),
    ] {
        assert_eq!(outcome(id), expected, "{id}");
    }
}

#[tokio::test]
async fn a_target_that_answers_with_bytes_is_recorded_and_replayed_byte_for_byte() {
    let bytes = [0xff, 0xfe, 0x00, 0x7b];
    let target = Altered::new(move |request, response| {
        if support::operation(request) == "DescribeImages" {
            response.body = bytes.to_vec();
        }
    });
    let run = Attempt::new(&["describe.plain", "malformed.body-not-utf8"]).against(target).await;
    let recording = Recording::of_run(&run, revision().name, "bytes");
    assert!(recording.to_text().contains("base64"));
    let read = Recording::parse(&recording.to_text()).expect("what it wrote");
    assert_eq!(differences_through_socket(&read).await, Vec::new());
    assert!(read.exchanges().all(|(_, exchange)| exchange.response().body == bytes));
}

#[tokio::test]
async fn what_is_no_recording_is_refused_with_its_cause() {
    let text = MOTO.replacen("\"format\": 1", "\"format\": 2", 1);
    let error = |text: &str| Recording::parse(text).expect_err("it is none").to_string();
    assert!(error(&text).contains("format 2"), "{}", error(&text));
    assert!(error("{}").contains("ecrspec record"), "{}", error("{}"));
    assert!(error("").contains("ecrspec record"));
    let mut broken = moto();
    broken.sessions[0].steps[0].exchanges[0].response_body = RecordedBody::Base64("!".to_owned());
    assert!(error(&broken.to_text()).contains("base64"));
}

#[tokio::test]
async fn a_replay_against_nobody_differs_everywhere_and_ends() {
    let recording = moto();
    let transport = HttpTransport::new(&support::server::nobody(), None).expect("an address");
    let replayed = replayed(&recording, Arc::new(transport)).await;
    for one in replayed {
        assert!(
            matches!(&one.judged, Judged::NoAnswer(reason) if reason.contains("no connection")),
            "{one:?}"
        );
    }
    // As does one against another target, which knows none of the repositories.
    let others = differences_of(&recording, Arc::new(support::emulator_door())).await;
    assert!(others.len() > recording.sessions.len() / 2, "{others:?}");
}
