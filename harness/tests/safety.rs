//! What keeps a real target safe: the journal and the sweep, the guards, the policy, and signatures.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ecrspec::case::format::SignatureFault;
use ecrspec::client::{Client, Guard, ReadOnly, Signer, Transport};
use ecrspec::exchange::{Request, Response};
use ecrspec::recording::AskTwice;
use ecrspec::signature::{Refused, SignedDoor, Verifier};
use serde_json::{Value, json};
use support::program::{Ended, Program};
use support::server::{Server, read_request, write_response};
use support::{Altered, emulator_door, request, revision};

fn run(arguments: &[&str]) -> Ended {
    Program::new(arguments).run()
}

/// An emulator on a socket that is slow to make anything, and the door to it.
fn slow() -> (Server, Arc<Altered>) {
    let target = Altered::untouched();
    let door = Arc::clone(&target);
    let server = Server::start(move |mut stream| {
        while let Some(request) = read_request(&mut stream)? {
            let response = door.answer(&request);
            if support::operation(&request) == "PutImage" {
                std::thread::sleep(Duration::from_millis(200));
            }
            write_response(&mut stream, &response)?;
        }
        Ok(())
    });
    (server, target)
}

#[cfg(unix)]
#[test]
fn what_a_killed_run_leaves_is_swept_up() {
    use std::os::unix::fs::PermissionsExt as _;

    let state = tempfile::tempdir().expect("a folder");
    let folder = state.path().join("state");
    let (server, target) = slow();
    let endpoint = server.endpoint();
    let running = Program::new(&["run", "--endpoint", &endpoint]).env("ECRSPEC_STATE_DIR", &folder).start();
    let journals = || {
        let entries = fs::read_dir(&folder).into_iter().flatten();
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    // In the middle of making worlds: some stand, none is removed.
    let started = Instant::now();
    while !journals()
        .iter()
        .any(|file| fs::read_to_string(file).is_ok_and(|text| text.matches("made").count() > 4))
    {
        assert!(started.elapsed() < Duration::from_secs(30), "no world is made");
        std::thread::sleep(Duration::from_millis(10));
    }
    let journal = journals().remove(0);
    let mode = |path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&journal), mode(&folder)), (0o600, 0o700));
    // While it runs, nobody sweeps under it.
    let sweep = || Program::new(&["sweep"]).env("ECRSPEC_STATE_DIR", &folder).run();
    sweep().expect_code(0).expect_stdout(&["still goes on", "0 repositories removed"]);
    let killed = Command::new("kill").args(["-KILL", &running.id().to_string()]).status();
    assert!(killed.expect("`kill` is there").success());
    assert_eq!(running.wait().code, None);
    assert!(!target.repositories_left().is_empty(), "it left nothing, so that a sweep proves nothing");

    sweep().expect_code(0).expect_stdout(&[", 0 left"]);
    assert_eq!(target.repositories_left(), Vec::<String>::new());
    assert_eq!(journals(), Vec::<std::path::PathBuf>::new());
    sweep().expect_code(0).expect_stdout(&["0 journals"]);
}

#[test]
fn a_run_that_ends_well_leaves_no_journal_and_a_target_that_is_gone_is_forgotten_on_request() {
    let state = tempfile::tempdir().expect("a folder");
    let (server, _target) = slow();
    let endpoint = server.endpoint();
    let with_state =
        |arguments: &[&str]| Program::new(arguments).env("ECRSPEC_STATE_DIR", state.path()).run();
    with_state(&["run", "--endpoint", &endpoint, "--filter", "describe.plain#"]).expect_code(0);
    assert_eq!(fs::read_dir(state.path()).expect("a folder").count(), 0);

    let gone = support::server::nobody();
    let about = json!({"format": 1, "endpoint": gone, "region": "us-east-1", "prefix": "abcdefgh/"});
    let text = format!("{about}\n{}\n{{\"made\":\"cut", json!({"made": "abcdefgh/ijklmn"}));
    fs::write(state.path().join("a.jsonl"), text).expect("it is written");
    with_state(&["sweep"]).expect_code(1).expect_stdout(&[
        "left behind: abcdefgh/ijklmn",
        "no connection",
        "1 left",
    ]);
    with_state(&["sweep", "--forget"]).expect_code(0).expect_stdout(&["0 left"]);
    assert_eq!(fs::read_dir(state.path()).expect("a folder").count(), 0);
    // A journal that names what no run of it made is not followed.
    let text = format!("{about}\n{}\n", json!({"made": "team/production"}));
    fs::write(state.path().join("b.jsonl"), text).expect("it is written");
    with_state(&["sweep"]).expect_code(1).expect_stdout(&["team/production", "is no name of that run"]);
    fs::write(state.path().join("c.jsonl"), "nothing\n").expect("it is written");
    with_state(&["sweep"]).expect_code(2).expect_stdout(&["c.jsonl: no journal"]);
}

/// What a guarded client sends, and what it says of the rest.
async fn through(guard: Guard, calls: &[(&str, Value)]) -> (Vec<String>, Vec<String>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let (seen, door) = (Arc::clone(&sent), emulator_door());
    let transport = support::Target(move |request: Request| {
        seen.lock().expect("no thread panicked").push(support::operation(&request).to_owned());
        Ok(door.answer(&request))
    });
    let signer = Signer::with_dummy_credentials("us-east-1", "ecr");
    let service = &revision().service;
    let client =
        Client::new(Arc::new(transport), service, signer, "localhost".to_owned(), Duration::from_secs(5))
            .with_guard(guard);
    let mut refused = Vec::new();
    for (operation, body) in calls {
        if let Err(reason) = client.call(operation, body.to_string().into_bytes()).await.outcome {
            refused.push(reason.to_string());
        }
    }
    let sent = sent.lock().expect("no thread panicked").clone();
    (sent, refused)
}

#[tokio::test]
async fn a_real_target_gets_what_is_on_the_list_and_under_the_runs_own_names() {
    let own = json!({"repositoryName": "abcdefgh/ijklmn"});
    let foreign = json!({"repositoryName": "team/production"});
    let calls = [
        ("DescribeImages", foreign.clone()),
        ("CreateRepository", own.clone()),
        ("CreateRepository", foreign.clone()),
        ("DeleteRepository", foreign.clone()),
        ("PutImage", json!({})),
        ("DeleteRegistryPolicy", json!({})),
        ("SetRepositoryPolicy", own.clone()),
        ("DeleteRepository", own.clone()),
    ];
    let (sent, refused) = through(Guard::strict("abcdefgh/", true, 100), &calls).await;
    assert_eq!(sent, ["DescribeImages", "CreateRepository", "DeleteRepository"]);
    assert_eq!(refused.len(), 5, "{refused:?}");
    assert!(refused[0].contains("outside the names of this run"), "{refused:?}");
    assert!(refused[3].contains("not on the list"), "{refused:?}");

    let (sent, refused) = through(Guard::strict("abcdefgh/", false, 100), &calls).await;
    assert_eq!(sent, ["DescribeImages"]);
    assert_eq!(refused.len(), 7, "{refused:?}");
}

#[tokio::test]
async fn a_budget_is_not_overdrawn() {
    let call = ("DescribeRegistry", json!({}));
    let (sent, refused) = through(Guard::lax("x/", 3), &vec![call; 5]).await;
    assert_eq!((sent.len(), refused.len()), (3, 2));
    assert!(refused[0].contains("budget of 3 calls"), "{refused:?}");
}

#[test]
fn a_budget_ends_a_run_and_what_was_found_is_kept() {
    let (server, target) = slow();
    run(&["run", "--endpoint", &server.endpoint(), "--filter", "paging.*", "--max-calls", "40"])
        .expect_code(3);
    drop(target);
}

#[test]
fn aws_is_refused_where_it_is_not_wanted_and_named_by_its_region() {
    run(&["run", "--endpoint", "aws", "--not-aws"])
        .expect_code(2)
        .expect_stderr(&["https://api.ecr.us-east-1.amazonaws.com is AWS, and --not-aws forbids it"]);
    run(&["run", "--endpoint", "https://ecr.eu-west-1.api.aws", "--not-aws"]).expect_code(2);
    run(&["run", "--endpoint", "aws", "--region", "nowhere"])
        .expect_code(2)
        .expect_stderr(&["`nowhere` is no region"]);
    run(&["run", "--endpoint", "aws", "--region", "cn-north-1", "--fips"])
        .expect_code(2)
        .expect_stderr(&["no FIPS address"]);
}

#[test]
fn a_policy_allows_what_the_chosen_cases_call_and_no_more() {
    let reading = run(&["policy", "--filter", "missing.repository#"]).expect_code(0).json();
    assert!(
        reading["Statement"][0]["Action"].as_array().expect("a list").contains(&json!("ecr:DescribeImages"))
    );
    let text = run(&["policy", "--account", "210987654321", "--region", "cn-north-1"]).expect_code(0).stdout;
    assert!(text.contains("arn:aws-cn:ecr:cn-north-1:210987654321:repository/*"), "{text}");
    for action in ["ecr:CreateRepository", "ecr:DeleteRepository", "ecr:PutImage"] {
        assert!(text.contains(action), "{text}");
    }
    assert!(!text.contains("ecr:*"), "{text}");
}

/// A request that stands as it goes on the wire, signed at a time.
fn signed(at: u64, fault: Option<SignatureFault>) -> Request {
    let signer = Signer::with_dummy_credentials("us-east-1", "ecr");
    let mut request = request("DescribeImages", &json!({"repositoryName": "team/app"}));
    let at = UNIX_EPOCH + Duration::from_secs(at);
    let headers = match fault {
        None => signer.sign(&request, "localhost", at),
        Some(fault) => signer.sign_wrongly(&request, "localhost", at, fault),
    };
    request.headers.extend(headers.expect("it is signed"));
    request
}

#[tokio::test]
async fn a_door_before_another_goes_by_the_clock_of_that_one() {
    const HOUR: Duration = Duration::from_hours(1);

    let inner = || -> Arc<dyn Transport> { Arc::new(emulator_door()) };
    let verifier = Verifier::of_dummy_credentials("us-east-1", "ecr");
    let doors: [Arc<dyn Transport>; 3] = [
        Arc::new(ReadOnly::new(inner())),
        Arc::new(AskTwice::new(inner(), revision())),
        Arc::new(SignedDoor::new(inner(), verifier, &revision().service)),
    ];
    for door in doors {
        // The emulator's clock leaps: a wait of an hour takes no time, and the hour is over.
        door.wait(HOUR).await;
        assert!(door.now() > SystemTime::now() + HOUR / 2);
    }
}

#[test]
fn a_signature_is_right_for_its_own_request_time_and_place_only() {
    const NOW: u64 = 1_795_000_000;

    let verifier = Verifier::of_dummy_credentials("us-east-1", "ecr");
    let check = |request: &Request| verifier.check(request, UNIX_EPOCH + Duration::from_secs(NOW));
    for at in [NOW, NOW - 900, NOW + 900] {
        assert_eq!(check(&signed(at, None)), Ok(()));
    }
    assert!(matches!(check(&signed(NOW - 901, None)), Err(Refused::Expired { .. })));
    assert!(matches!(check(&signed(NOW + 901, None)), Err(Refused::TooEarly { .. })));
    for (fault, code) in [
        (SignatureFault::Absent, "MissingAuthenticationTokenException"),
        (SignatureFault::Malformed, "IncompleteSignatureException"),
        (SignatureFault::Expired, "InvalidSignatureException"),
        (SignatureFault::Tampered, "InvalidSignatureException"),
        (SignatureFault::WrongRegion, "InvalidSignatureException"),
        (SignatureFault::WrongService, "InvalidSignatureException"),
        (SignatureFault::UnknownKey, "UnrecognizedClientException"),
    ] {
        let refused = check(&signed(NOW, Some(fault))).expect_err("it is wrong");
        assert_eq!(refused.code(), code, "{fault:?}: {refused}");
    }
    // Every part of the request is signed.
    let mut body = signed(NOW, None);
    body.body.push(b' ');
    let mut target = signed(NOW, None);
    for (name, value) in &mut target.headers {
        if name == "X-Amz-Target" {
            value.push('x');
        }
    }
    let mut path = signed(NOW, None);
    path.path = "/other".to_owned();
    let mut added = signed(NOW, None);
    added.headers.push(("X-Amz-Extra".to_owned(), "1".to_owned()));
    for request in [body, target, path, added] {
        assert_eq!(check(&request), Err(Refused::DoesNotMatch));
    }
    let text = check(&signed(NOW - 3_600, None)).expect_err("it is late").to_string();
    let said = "Signature expired: 20261118T100640Z is now earlier than 20261118T105140Z (20261118T110640Z - 15 min.)";
    assert_eq!(text, said);
}

const KEY: &str = "AKIAQUIETOTTER000001";
const SECRET: &str = "quiet/otter+0123456789";

/// A run of one case against an emulator that takes only one key, with the credentials of the chain.
fn run_with_chain(folder: &Path, profile: Option<&str>, environment: &[(&str, String)]) -> Ended {
    let keys = folder.join("keys");
    fs::write(&keys, format!("{KEY} {SECRET}\n")).expect("a file is written");
    let line = format!(
        "{} serve --check-signatures --keys {} --listen 127.0.0.1:{{port}}",
        env!("CARGO_BIN_EXE_ecrspec"),
        keys.display()
    );
    let mut arguments =
        vec!["run", "--spawn", &line, "--credentials", "chain", "--filter", "missing.repository"];
    arguments.extend(profile.iter().flat_map(|name| ["--profile", name]));
    let program = Program::new(&arguments)
        .env("HOME", folder)
        // No machine that has a role of its own is asked for it.
        .env("AWS_EC2_METADATA_DISABLED", "true");
    environment.iter().fold(program, |program, (name, value)| program.env(name, value)).run()
}

#[test]
fn credentials_come_from_environment_profile_program_and_container() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    let file = |name: &str, text: String| {
        fs::write(folder.join(name), text).expect("a file is written");
        folder.join(name).display().to_string()
    };
    let json = format!(r#"{{"Version": 1, "AccessKeyId": "{KEY}", "SecretAccessKey": "{SECRET}"}}"#);
    let process = file("process.json", json);
    let config =
        file("config", format!("[profile made]\nregion = us-east-1\ncredential_process = cat {process}\n"));
    let shared =
        file("credentials", format!("[kept]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"));
    let container = Server::start(move |mut stream| {
        while read_request(&mut stream)?.is_some() {
            let body = format!(
                r#"{{"AccessKeyId": "{KEY}", "SecretAccessKey": "{SECRET}", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}}"#
            );
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            let response = Response { status: 200, headers, body: body.into_bytes(), broken: None };
            write_response(&mut stream, &response)?;
        }
        Ok(())
    });
    let of_files = [("AWS_CONFIG_FILE", config), ("AWS_SHARED_CREDENTIALS_FILE", shared)];
    let of_environment =
        [("AWS_ACCESS_KEY_ID", KEY.to_owned()), ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned())];
    run_with_chain(folder, None, &of_environment).expect_code(0);
    run_with_chain(folder, Some("kept"), &of_files).expect_code(0);
    run_with_chain(folder, Some("made"), &of_files).expect_code(0);
    let uri = format!("{}/role", container.endpoint());
    run_with_chain(folder, None, &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]).expect_code(0);

    let wrong = [("AWS_ACCESS_KEY_ID", KEY.to_owned()), ("AWS_SECRET_ACCESS_KEY", "another".to_owned())];
    let refused = run_with_chain(folder, None, &wrong).expect_code(1);
    refused.expect_stdout(&["authentication"]).expect_nowhere(&["another"]);
    run_with_chain(folder, Some("nobody"), &of_files).expect_code(2).expect_stderr(&["credentials"]);
}
