//! Targets of which everything fails for one cause: what one call says of them, and what a run says once.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ecrspec::exchange::Response;
use support::program::{Ended, Program};
use support::server::{Server, nobody, read_request, write_response};
use support::{Altered, error, response};

/// A server that answers every request alike.
fn always(answer: Response) -> Server {
    Server::start(move |mut stream| {
        while read_request(&mut stream)?.is_some() {
            write_response(&mut stream, &answer)?;
        }
        Ok(())
    })
}

fn broken(answer: fn(&mut TcpStream) -> io::Result<()>) -> Server {
    Server::start(move |mut stream| {
        read_request(&mut stream)?;
        answer(&mut stream)
    })
}

fn doctor(endpoint: &str) -> Ended {
    Program::new(&["doctor", "--endpoint", endpoint, "--timeout", "2"]).run()
}

fn html(status: u16) -> Response {
    response(status, "text/html", "<html><body>Hello</body></html>")
}

/// Every answer that makes everything fail: the cause, and a part of what to do.
fn ill() -> Vec<(Response, &'static str, &'static str)> {
    let said = |code: &str| error(400, code, "no");
    let mut moved = response(301, "text/plain", "");
    moved.headers.push(("location".to_owned(), "https://example.invalid/".to_owned()));
    vec![
        (said("UnrecognizedClientException"), "authentication", "--credentials environment"),
        (said("MissingAuthenticationTokenException"), "authentication", "--credentials environment"),
        (said("ExpiredTokenException"), "authentication", "--credentials environment"),
        (said("InvalidSignatureException"), "authentication", "clock, and --region"),
        (said("AccessDeniedException"), "authentication", "allow ecr:DescribeImages"),
        (html(403), "authentication", "gateway or proxy"),
        (error(403, "com.amazon.coral#Forbidden", "no"), "authentication", "allow ecr:DescribeImages"),
        (html(404), "routing", "port and path"),
        (html(200), "routing", "another service"),
        (html(502), "routing", "nothing is behind it"),
        (html(500), "routing", "own output"),
        (moved, "routing", "sends to"),
        (response(405, "text/plain", ""), "routing", "port and path"),
        (response(400, "text/xml", "<ErrorResponse/>"), "routing", "another service"),
        (said("UnknownOperationException"), "routing", "turn the ECR of the target on"),
        (error(501, "NotImplemented", "no"), "routing", "turn the ECR of the target on"),
        (error(500, "InternalError", "no"), "routing", "own output"),
    ]
}

#[test]
fn one_call_says_which_of_the_two_is_wrong_and_what_to_do() {
    for (answer, cause, next) in ill() {
        let server = always(answer);
        doctor(&server.endpoint()).expect_code(1).expect_stdout(&[&format!(": {cause}\n"), next, "came    "]);
    }
}

#[test]
fn a_body_that_no_client_reads_is_a_matter_of_shape() {
    for body in [r#"{"imageDetails": [{"imagePushedAt": "yesterday"}]}"#, r#"{"hello": "world"}"#] {
        let server = always(response(200, "application/json", body));
        doctor(&server.endpoint()).expect_code(1).expect_stdout(&[": shape\n"]);
    }
}

#[test]
fn a_target_that_can_be_judged_is_healthy_whatever_it_gets_wrong() {
    let emulator = Altered::untouched();
    let server = Server::answering(move |request| emulator.answer(request));
    let endpoint = server.endpoint();
    doctor(&endpoint).expect_code(0).expect_stdout(&[
        ": healthy\n",
        "RepositoryNotFoundException",
        &format!("ecrspec run --endpoint {endpoint}"),
    ]);
    let lax = always(response(200, "application/x-amz-json-1.1", r#"{"imageDetails": []}"#));
    doctor(&lax.endpoint()).expect_code(0).expect_stdout(&[": healthy\n"]);
    Program::new(&["doctor"]).run().expect_code(0).expect_stdout(&["the embedded emulator: healthy\n"]);
}

#[test]
fn without_an_answer_it_says_how_far_the_connection_came() {
    fn cut(stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"image")
    }
    fn silent(stream: &mut TcpStream) -> io::Result<()> {
        thread::sleep(Duration::from_mins(10));
        stream.flush()
    }
    fn ssh(stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n")
    }
    fn bad_request(stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
    }
    doctor("http://nobody.invalid:1").expect_code(3).expect_stdout(&[": dns\n"]);
    doctor(&nobody()).expect_code(3).expect_stdout(&[": tcp\n", "check host and port"]);
    doctor(&broken(cut).endpoint()).expect_code(3).expect_stdout(&[": cut\n", "then the connection ended"]);
    doctor(&broken(silent).endpoint()).expect_code(3).expect_stdout(&[": silence\n", "--timeout"]);
    doctor(&broken(ssh).endpoint()).expect_code(3).expect_stdout(&[": silence\n", "speaks HTTP"]);
    // It does not wait for the end of a request head, which never comes.
    let plain = Server::start(|mut stream| bad_request(&mut stream));
    doctor(&plain.endpoint().replace("http:", "https:"))
        .expect_code(3)
        .expect_stdout(&[": tls\n", "--ca-cert"]);
    doctor(&always(error(400, "ThrottlingException", "Rate exceeded")).endpoint())
        .expect_code(3)
        .expect_stdout(&[": throttling\n"]);
    doctor("ftp://127.0.0.1").expect_code(2);
}

#[test]
fn a_run_says_once_what_makes_everything_fail() {
    for (answer, cause, next) in ill() {
        let server = always(answer);
        let endpoint = server.endpoint();
        let ended = Program::new(&[
            "run",
            "--endpoint",
            &endpoint,
            "--filter",
            "describe.*",
            "--filter",
            "missing.*",
        ])
        .run()
        .expect_code(1);
        let stdout = &ended.stdout;
        assert!(stdout.contains(&format!("✗ EVERYTHING  {cause}: ")), "{cause}: {stdout}");
        assert!(stdout.contains(next) && stdout.contains("folded"), "{cause}: {stdout}");
        assert_eq!(stdout.matches('✗').count(), 1, "{stdout}");
    }
}

#[test]
fn every_report_says_once_what_makes_everything_fail() {
    let server = always(error(400, "RepositoryNotFoundException", "no"));
    let endpoint = server.endpoint();
    let report = |format| {
        let ended = Program::new(&["run", "--endpoint", &endpoint, "--format", format]).run().expect_code(1);
        ended.stdout
    };
    let markdown = report("markdown");
    assert!(markdown.contains("**Everything fails for one cause, same-answer**"), "{markdown}");
    assert_eq!(markdown.matches("<details>").count(), 0, "{markdown}");
    assert_eq!(report("html").matches("Everything fails for one cause").count(), 1);
    assert_eq!(report("junit").matches("name=\"rootCause\"").count(), 1);
    let annotations = report("github");
    assert_eq!(annotations.matches("::error ").count(), 1, "{annotations}");
    assert!(!annotations.contains("::warning "), "{annotations}");
}

#[test]
fn the_same_answer_to_everything_is_one_finding_too() {
    for (answer, came) in [
        (error(400, "RepositoryNotFoundException", "no"), "400 RepositoryNotFoundException"),
        (error(400, "InvalidParameterException", "no"), "400 InvalidParameterException"),
        (response(200, "application/x-amz-json-1.1", "{}"), "200 {}"),
    ] {
        let server = always(answer);
        let endpoint = server.endpoint();
        let ended = Program::new(&["run", "--endpoint", &endpoint, "--format", "json"]).run().expect_code(1);
        let report = ended.json();
        let root = &report["rootCause"];
        assert_eq!(root["cause"], "same-answer", "{came}: {}", report["summary"]);
        assert!(root["came"].as_str().is_some_and(|text| text.contains(came)), "{root}");
        let failed = report["summary"]["all"]["nonconform"].as_u64().expect("a number");
        assert_eq!(root["checks"].as_array().expect("a list").len() as u64, failed);
    }
}

#[test]
fn a_few_cases_that_get_the_same_answer_keep_their_findings() {
    let server = always(response(200, "application/x-amz-json-1.1", r#"{"imageDetails": []}"#));
    let endpoint = server.endpoint();
    Program::new(&["run", "--endpoint", &endpoint, "--filter", "missing.repository"])
        .run()
        .expect_code(1)
        .expect_stdout(&["✗ MUST  missing.repository#status"])
        .expect_nowhere(&["EVERYTHING"]);
}

#[test]
fn a_target_with_many_faults_has_no_one_cause() {
    let target = Arc::new(Altered::images(|image| image["imagePushedAt"] = "yesterday".into()));
    let server = Server::answering(move |request| target.answer(request));
    let ended =
        Program::new(&["run", "--endpoint", &server.endpoint(), "--format", "json"]).run().expect_code(1);
    assert_eq!(ended.json().get("rootCause"), None);
}

#[test]
fn a_run_that_saw_one_error_only_passes_and_warns() {
    Program::new(&[
        "run",
        "--filter",
        "derived.repositoryName.length.*.good",
        "--filter",
        "envelope.repository-not-found",
        "--filter",
        "missing.repository*",
        "--filter",
        "derived.repositoryName.good",
    ])
    .run()
    .expect_code(0)
    .expect_stdout(&[
        "warning: all ",
        "400 RepositoryNotFoundException: only the way of this error was tried",
    ]);
}
