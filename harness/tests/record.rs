//! `ecrspec record`, `replay` and `serve`, as a user calls them.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use ecrspec::exchange::{Broken, Request};
use ecrspec::recording::{Recording, load};
use serde_json::{Value, json};
use support::program::{Ended, Program};
use support::server::{Server, read_request, write_response};
use support::{Altered, emulator_door};

fn run(arguments: &[&str]) -> Ended {
    Program::new(arguments).run()
}

/// A folder that goes when the test ends, and a path in it.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recordings").display().to_string();
    (folder, path)
}

fn recordings(folder: &str) -> Vec<(PathBuf, Recording)> {
    let loaded = load(&[PathBuf::from(folder)]);
    assert!(loaded.broken.is_empty(), "{:?}", loaded.broken);
    loaded.recordings
}

/// A program that serves until it is dropped.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ecrspec"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        let mut reader = BufReader::new(stdout);
        reader.read_line(&mut line).expect("a line");
        let address = line.trim().to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "`{address}` is no address");
        // Kept open, so that what it prints at its end has a place to go to.
        std::thread::spawn(move || drop(reader.read_to_string(&mut String::new())));
        Self { child, address }
    }

    /// Asks it to end, and waits.
    fn interrupt(mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.expect("`kill` is there").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends bytes and reads all that comes until the connection ends.
fn talk(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).expect("a connection");
    stream.write_all(bytes).expect("it is read");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn http(operation: &str, body: &Value, headers: &str) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST / HTTP/1.1\r\nHost: client.example:1\r\nConnection: close\r\n\
         Content-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.{operation}\r\n{headers}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// An emulator behind a socket whose answers are changed on their way.
fn altered(alter: impl Fn(&Request, &mut ecrspec::exchange::Response) + Send + Sync + 'static) -> Server {
    let target = Altered::new(alter);
    Server::answering(move |request| target.answer(request))
}

#[test]
fn what_was_recorded_is_served_and_replayed_green() {
    let (_folder, into) = folder();
    run(&["record", "--into", &into])
        .expect_code(0)
        .expect_stdout(&["recordings with", "0 refused"])
        .expect_nowhere(&["123456789012"]);
    let count = recordings(&into).len();
    assert!(count > 200, "{count}");

    let stub = Serving::start(&["serve", "--recordings", &into]);
    run(&["replay", &into, "--as-recorded", "--endpoint", &stub.address]).expect_code(0).expect_stdout(&[
        &format!("{count} sessions"),
        &format!("{count} same"),
        "answers as recorded",
    ]);
    assert_eq!(stub.interrupt(), Some(0));
    // The same against a fresh target, whose worlds and names are others.
    run(&["replay", &into]).expect_code(0).expect_stdout(&[&format!("{count} same")]);
}

#[test]
fn a_target_that_differs_is_found_by_place() {
    let (_folder, into) = folder();
    run(&["record", "--into", &into, "--filter", "describe.*"]).expect_code(0);
    let server = altered(|request, response| {
        if support::operation(request) == "DescribeImages" && response.status == 200 {
            support::rewrite(response, |page| {
                for image in page["imageDetails"].as_array_mut().into_iter().flatten() {
                    image["imageSizeInBytes"] = json!(7);
                }
            });
        }
    });
    let endpoint = server.endpoint();
    run(&["replay", &into, "--endpoint", &endpoint]).expect_code(1).expect_stdout(&[
        "differs  describe.plain",
        "/imageDetails/0/imageSizeInBytes: ",
        " became 7",
    ]);
    let report = run(&["replay", &into, "--endpoint", &endpoint, "--format", "json"]).expect_code(1).json();
    let session = report["sessions"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|session| session["case"] == "describe.plain")
        .expect("the session is there");
    assert_eq!(session["verdict"], "differs");
    let place = &session["differences"][0]["places"][0];
    assert_eq!(
        (&place["place"], &place["actual"]),
        (&json!("/imageDetails/0/imageSizeInBytes"), &json!("7"))
    );
}

#[test]
fn what_is_not_answered_the_same_way_twice_is_refused_by_place() {
    let (_folder, into) = folder();
    let count = AtomicU64::new(0);
    let server = altered(move |request, response| {
        let asked_for_plain = response.status == 200 && support::operation(request) == "DescribeImages";
        if asked_for_plain && !String::from_utf8_lossy(&request.body).contains("maxResults") {
            let count = count.fetch_add(1, Ordering::SeqCst);
            support::rewrite(response, |page| page["mood"] = json!(count));
        }
    });
    run(&["record", "--endpoint", &server.endpoint(), "--into", &into, "--filter", "describe.plain#"])
        .expect_code(1)
        .expect_stdout(&["0 recordings", "1 refused"])
        .expect_stderr(&["describe.plain: not saved", "/mood: "]);
}

#[test]
fn a_mode_says_what_becomes_of_what_is_there() {
    let (_folder, into) = folder();
    let record =
        |mode: &str, filter: &str| run(&["record", "--into", &into, "--mode", mode, "--filter", filter]);
    record("new", "describe.plain#").expect_code(0);
    let file = Path::new(&into).join("describe.plain.json");
    let first = fs::read_to_string(&file).expect("a recording");
    record("new", "describe.plain#")
        .expect_code(2)
        .expect_stderr(&["has 1 recordings already", "--mode missing"]);
    record("missing", "describe.*").expect_code(0);
    assert_eq!(fs::read_to_string(&file).expect("a recording"), first);
    assert!(recordings(&into).len() > 3);
    record("all", "describe.plain#").expect_code(0);
    assert_ne!(fs::read_to_string(&file).expect("a recording"), first);
}

#[test]
fn a_recording_says_what_it_is_of() {
    let (_folder, into) = folder();
    run(&["record", "--into", &into, "--filter", "describe.plain#"]).expect_code(0);
    let (_, recording) = recordings(&into).remove(0);
    let value: Value = serde_json::from_str(&recording.to_text()).expect("JSON");
    assert_eq!(value["endpoint"], "emulator");
    assert_eq!(value["region"], "us-east-1");
    assert_eq!(value["account"], "111122223333");
    assert_eq!(value["tool"], concat!("ecrspec ", env!("CARGO_PKG_VERSION")));
    assert_eq!(value["revision"], support::revision().name);
    assert_eq!(value["specHash"], support::revision().hash);
    assert!(value["date"].as_str().is_some_and(|date| date.ends_with(" GMT")), "{value}");
    let kept = ["record", "--into", &into, "--mode", "all", "--keep-account", "--filter", "describe.plain#"];
    run(&kept).expect_code(0);
    assert_eq!(recordings(&into)[0].1.account.as_deref(), Some("123456789012"));
}

#[test]
fn no_account_id_is_in_a_recording_neither_inside_a_text_nor_in_bytes() {
    let (_folder, into) = folder();
    run(&["record", "--account", "210987654321", "--into", &into]).expect_code(0);
    let text: String = fs::read_dir(&into)
        .expect("a folder")
        .map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("text"))
        .collect();
    assert!(!text.contains("210987654321"), "the account is in a recording");
    // Whose text was seen with an example in it.
    assert!(text.contains("registry with id '111122223333'"));
}

#[test]
fn a_body_that_is_cut_is_kept_as_far_as_it_came() {
    let (_folder, into) = folder();
    let door = emulator_door();
    let server = Server::start(move |mut stream| {
        while let Some(request) = read_request(&mut stream)? {
            let response = door.answer(&request);
            if support::operation(&request) == "DescribeImages" {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"imageDetails\":[")?;
                return Ok(());
            }
            write_response(&mut stream, &response)?;
        }
        Ok(())
    });
    run(&["record", "--endpoint", &server.endpoint(), "--into", &into, "--filter", "describe.plain#"])
        .expect_code(0);
    let (_, recording) = recordings(&into).remove(0);
    let (_, exchange) = recording.exchanges().next().expect("an exchange");
    assert_eq!(exchange.response().body, b"{\"imageDetails\":[");
    assert!(matches!(exchange.broken, Some(Broken::Cut { .. })), "{:?}", exchange.broken);
    // It is served as it came: the connection ends where the body did.
    let stub = Serving::start(&["serve", "--recordings", &into]);
    run(&["replay", &into, "--as-recorded", "--endpoint", &stub.address]).expect_code(0);
}

#[test]
fn a_broken_file_is_named_with_line_and_column_and_the_rest_is_replayed() {
    let (_folder, into) = folder();
    run(&["record", "--into", &into, "--filter", "missing.repository#"]).expect_code(0);
    fs::write(Path::new(&into).join("a.json"), "{\n  \"format\": 1,\n  oops\n}").expect("it is written");
    run(&["replay", &into])
        .expect_code(2)
        .expect_stderr(&["a.json:3:3: not a recording"])
        .expect_stdout(&["2 sessions", "2 same"]);
    let stub = Serving::start(&["serve", "--recordings", &into]);
    run(&[
        "replay",
        &format!("{into}/missing.repository.json"),
        "--as-recorded",
        "--endpoint",
        &stub.address,
    ])
    .expect_code(0);
    run(&["replay", "/no/such/folder"]).expect_code(2).expect_stderr(&["/no/such/folder", "failed to read"]);
}

#[test]
fn a_request_that_was_not_recorded_is_answered_with_the_nearest_and_what_differs() {
    let (_folder, into) = folder();
    run(&["record", "--into", &into, "--filter", "describe.*", "--filter", "missing.*"]).expect_code(0);
    let stub = Serving::start(&["serve", "--recordings", &into]);
    let answer = talk(&stub.address, &http("DescribeImages", &json!({"repositoryName": "nobody/here"}), ""));
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert_eq!(answer.matches("near: a request of `").count(), 3, "{answer}");
    assert!(answer.contains("/repositoryName: recorded \""), "{answer}");
    assert!(answer.contains("asked \"nobody/here\""), "{answer}");
}

#[test]
fn a_proxy_passes_a_request_to_a_mock_untouched_and_records_it_without_secrets() {
    let (_folder, into) = folder();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let server = {
        let (seen, door) = (Arc::clone(&seen), emulator_door());
        Server::start(move |mut stream| {
            while let Some(request) = read_request(&mut stream)? {
                let mut response = door.answer(&request);
                response.headers.push(("set-cookie".to_owned(), "sid=planted-cookie; Path=/".to_owned()));
                seen.lock().expect("no thread panicked").push(request);
                write_response(&mut stream, &response)?;
            }
            Ok(())
        })
    };
    let proxy = Serving::start(&["record", "--proxy", "--endpoint", &server.endpoint(), "--into", &into]);
    let signature = "Authorization: AWS4-HMAC-SHA256 Credential=AKIAPLANTED000000001/20260101/us-east-1/ecr/\
                     aws4_request, SignedHeaders=host, Signature=plantedsignature0123\r\n\
                     X-Amz-Security-Token: planted/session+token\r\nX-Api-Key: planted-api-key\r\n";
    // A secret that a body repeats is a secret there too.
    for (operation, body) in [
        ("CreateRepository", json!({"repositoryName": "team/planted"})),
        ("DescribeImages", json!({"repositoryName": "team/planted"})),
        ("DescribeImages", json!({"repositoryName": "planted/session+token"})),
        ("DescribeImages", json!({"repositoryName": "team/planted", "password": "hunter2"})),
        ("DeleteRepository", json!({"repositoryName": "team/planted"})),
    ] {
        let answer = talk(&proxy.address, &http(operation, &body, signature));
        assert!(answer.contains("set-cookie: sid=planted-cookie"), "the client gets all of it: {answer}");
    }
    // The address of a request leads to the target and nowhere else.
    let elsewhere =
        talk(&proxy.address, b"GET //127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(elsewhere.contains("UnknownOperationException"), "{elsewhere}");
    assert_eq!(proxy.interrupt(), Some(0));

    let seen = seen.lock().expect("no thread panicked");
    let first =
        seen.iter().find(|request| support::operation(request) == "CreateRepository").expect("it came");
    assert_eq!(first.body, br#"{"repositoryName":"team/planted"}"#);
    for (header, value) in [
        ("host", "client.example:1"),
        ("x-amz-security-token", "planted/session+token"),
        ("x-api-key", "planted-api-key"),
    ] {
        assert_eq!(first.header(header), Some(value));
    }
    assert!(first.header("authorization").is_some_and(|value| value.ends_with("plantedsignature0123")));

    let file = Path::new(&into).join("traffic-0001.json");
    let text = fs::read_to_string(&file).expect("a recording");
    for secret in [
        "AKIAPLANTED",
        "plantedsignature",
        "session+token",
        "planted-api-key",
        "planted-cookie",
        "hunter2",
        "123456789012",
        "authorization",
    ] {
        assert!(!text.contains(secret), "`{secret}` is in the recording");
    }
    assert!(text.contains("team/planted"), "what is no secret stays");
    // It has its state with it, so that it replays on any target; there its repository has another name.
    run(&["replay", &into]).expect_code(0).expect_stdout(&["1 sessions, 6 requests: 1 same"]);
}

#[test]
fn traffic_whose_state_is_not_there_is_not_judged() {
    let (_folder, into) = folder();
    let emulator = Serving::start(&["serve"]);
    talk(&emulator.address, &http("CreateRepository", &json!({"repositoryName": "team/old"}), ""));
    let proxy = Serving::start(&["record", "--proxy", "--endpoint", &emulator.address, "--into", &into]);
    talk(&proxy.address, &http("DescribeImages", &json!({"repositoryName": "team/old"}), ""));
    assert_eq!(proxy.interrupt(), Some(0));
    run(&["replay", &into, "--endpoint", &emulator.address]).expect_code(0);
    run(&["replay", &into]).expect_code(1).expect_stdout(&["needs-state  traffic", "is not there now"]);
}

#[test]
fn a_server_reads_no_request_without_bound() {
    let emulator = Serving::start(&["serve"]);
    let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\n";
    let mut stream =
        TcpStream::connect(emulator.address.trim_start_matches("http://")).expect("a connection");
    stream.write_all(head.as_bytes()).expect("it is read");
    let mut answer = [0; 12];
    let chunk = vec![b'a'; 1024 * 1024];
    // Until it is refused, or the connection ends under the writer.
    for _ in 0..64 {
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    let _ = stream.read(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 413") || answer == [0; 12], "{answer:?}");
    let alive = talk(&emulator.address, &http("DescribeRegistry", &json!({}), ""));
    assert!(alive.starts_with("HTTP/1.1 200"), "{alive}");
}

#[test]
fn ten_thousand_recordings_are_loaded_served_and_replayed_in_bounded_memory() {
    let (_folder, into) = folder();
    run(&["record", "--into", &into, "--filter", "missing.repository#"]).expect_code(0);
    let text = fs::read_to_string(Path::new(&into).join("missing.repository.json")).expect("a recording");
    let recording = Recording::parse(&text).expect("a recording");
    let name = recording.sessions[0].bindings.iter().find(|(name, _)| *name == "absent.repository");
    let name = name.and_then(|(_, value)| value.as_str()).expect("the name is bound").to_owned();
    for number in 0..10_000 {
        let text = text.replace(&name, &format!("absent/number-{number:05}"));
        fs::write(Path::new(&into).join(format!("{number}.json")), text).expect("it is written");
    }
    let stub = Serving::start(&["serve", "--recordings", &into]);
    let ended = run(&["replay", &into, "--as-recorded", "--endpoint", &stub.address])
        .expect_code(0)
        .expect_stdout(&["10002 same"]);
    assert!(ended.peak_kilobytes < 300_000, "{} kB", ended.peak_kilobytes);
}

#[test]
fn recordings_go_to_wiremock_and_come_back() {
    let (_folder, into) = folder();
    run(&["record", "--into", &into, "--filter", "describe.*", "--filter", "malformed.*"]).expect_code(0);
    let stubs = run(&["stubs", "export", &into]).expect_code(0).stdout;
    let file = Path::new(&into).join("../stubs.json").display().to_string();
    fs::write(&file, &stubs).expect("it is written");
    let (_other, back) = folder();
    run(&["stubs", "import", &file, "--into", &back]).expect_code(0).expect_stdout(&[" exchanges saved"]);
    assert!(run(&["stubs", "export", &back]).expect_code(0).stdout == stubs, "there and back is the same");
    // What came back serves what was recorded.
    let stub = Serving::start(&["serve", "--recordings", &back]);
    run(&["replay", &into, "--as-recorded", "--endpoint", &stub.address]).expect_code(0);
}

#[test]
fn a_mapping_that_matches_several_requests_is_refused_by_place() {
    let (_folder, into) = folder();
    let file = Path::new(&into).with_extension("stub");
    for (mapping, said) in [
        (json!({"request": {"method": "POST", "urlPattern": "/.*"}, "response": {}}), "/request/urlPattern"),
        (
            json!({"mappings": [{"request": {"method": "POST", "url": "/", "bodyPatterns": [{"matches": ".*"}]}, "response": {}}]}),
            "/mappings/0/request/bodyPatterns/0",
        ),
        (json!({"request": {"method": "POST", "url": "/"}}), "/response"),
    ] {
        fs::write(&file, mapping.to_string()).expect("it is written");
        let arguments = ["stubs", "import", &file.display().to_string(), "--into", &into];
        run(&arguments).expect_code(2).expect_stderr(&[said]);
    }
}
