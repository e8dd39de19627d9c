//! The program as a user calls it: what it says where, and how it ends.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use support::program::{Ended, Program};
use support::server::{Server, nobody, read_request, write_response};
use support::{Altered, emulator_door};

const ESCAPE: &str = "\u{1b}";

fn run(arguments: &[&str]) -> Ended {
    Program::new(arguments).run()
}

/// An emulator that is wrong about paging, on a socket, without end.
fn wrong_about_paging() -> Server {
    let target = Altered::pages(|page| {
        page.as_object_mut().expect("a page is an object").remove("nextToken");
    });
    Server::answering(move |request| target.answer(request))
}

fn ids(report: &Value) -> Vec<&str> {
    report["checks"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|check| check["id"].as_str().expect("an id"))
        .collect()
}

#[test]
fn a_plain_call_passes_on_the_embedded_emulator() {
    run(&[])
        .expect_code(0)
        .expect_stdout(&[
            "against the embedded emulator",
            "the embedded emulator: conforms in ",
            "0 recorded from ECR",
        ])
        .expect_stderr(&["running "])
        .expect_nowhere(&[ESCAPE, "left behind", "✗"]);
}

#[test]
fn run_is_the_command_without_a_command() {
    let [plain, named] = [&[][..], &["run"]].map(|arguments| run(arguments).expect_code(0).stdout);
    let last = |text: &str| text.lines().last().expect("a line").to_owned();
    assert_eq!(last(&plain), last(&named));
}

#[test]
fn data_goes_to_stdout_and_talk_to_stderr() {
    let ended = run(&["run", "--filter", "describe.plain"]).expect_code(0);
    assert!(!ended.stdout.contains("running "), "{}", ended.stdout);
    assert!(!ended.stderr.contains("conform"), "{}", ended.stderr);
}

#[test]
fn json_is_json_with_a_version_and_every_check_once() {
    let ended = run(&["run", "--format", "json"]).expect_code(0).expect_nowhere(&[ESCAPE]);
    let report = ended.json();
    assert_eq!(report["format"], 1);
    assert_eq!(report["exit"], 0);
    assert_eq!(report["suite"], concat!("ecrspec ", env!("CARGO_PKG_VERSION")));
    assert!(report["api"]["specHash"].as_str().is_some_and(|hash| hash.len() >= 32), "{}", report["api"]);
    assert_eq!(report["leftBehind"], Value::Array(Vec::new()));
    let ids = ids(&report);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice");
    let list = run(&["run", "--list"]).expect_code(0).stdout;
    let listed: Vec<_> =
        list.lines().filter_map(|line| line.split_whitespace().find(|word| word.contains('#'))).collect();
    assert_eq!(ids, listed, "what is listed is what is reported, in the same order");
}

#[test]
fn a_failing_check_says_what_a_reader_needs() {
    let server = wrong_about_paging();
    let endpoint = server.endpoint();
    let again = format!("ecrspec run --endpoint {endpoint} --filter paging.token");
    run(&["run", "--endpoint", &endpoint, "--filter", "paging.token"])
        .expect_code(1)
        .expect_stdout(&[
            "✗ MUST",
            "paging.token#has-token",
            "expected",
            "actual",
            "breaks",
            "curl",
            &again,
            "D-8",
        ])
        .expect_stderr(&["paging.token: 1 failed"])
        .expect_nowhere(&[ESCAPE]);
    let report =
        run(&["run", "--endpoint", &endpoint, "--filter", "paging.token", "--format", "json"]).expect_code(1);
    let report = report.json();
    let failed: Vec<_> = report["checks"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|check| check["outcome"] == "nonconform")
        .map(|check| {
            (check["id"].as_str().expect("an id"), check["finding"]["again"].as_str().expect("a command"))
        })
        .collect();
    assert_eq!(failed, [("paging.token#has-token", again.as_str())]);
}

#[test]
fn the_level_that_fails_is_the_users_choice() {
    let target = Altered::images(|image| image["imageColour"] = Value::from("blue"));
    let server = Server::answering(move |request| target.answer(request));
    let endpoint = server.endpoint();
    for (level, code) in [("must", 0), ("should", 1), ("may", 1)] {
        let ended = run(&["run", "--endpoint", &endpoint, "--filter", "describe.*", "--fail-on", level]);
        ended.expect_code(code).expect_stdout(&[&format!("failing on `{level}`")]);
    }
    run(&["run", "--fail-on", "perhaps"]).expect_code(2).expect_stderr(&["must, should, may"]);
}

#[test]
fn a_list_sends_nothing() {
    run(&["run", "--list", "--endpoint", &nobody(), "--filter", "describe.plain"])
        .expect_code(0)
        .expect_stdout(&["describe.plain\n", "describe.plain#status (", "must"])
        .expect_nowhere(&[ESCAPE, "paging.", "no connection"]);
}

#[test]
fn api_names_the_revision_to_judge_by() {
    let ids = |revision: &str| {
        run(&["run", "--api", revision, "--list", "--filter", "image-status.*"]).expect_code(match revision {
            "2025-04" => 2,
            _ => 0,
        })
    };
    ids("2026-11").expect_stdout(&["image-status.archived#images"]);
    ids("2025-04").expect_stderr(&["no case of API 2025-04 fits `image-status.*`"]);
    run(&["run", "--api", "2025-04", "--filter", "describe.plain"])
        .expect_code(0)
        .expect_stdout(&["\nAPI 2025-04 (spec "]);
    run(&["case", "check", "--api", "2025-04", "cases/describe.json"]).expect_code(0);
    for command in [&["run"][..], &["case", "check", "x.json"]] {
        let arguments = [command, &["--api", "2025-4"]].concat();
        run(&arguments).expect_code(2).expect_stderr(&[
            "'2025-4'",
            "possible values: 2025-04, 2026-11",
            "a similar value exists: '2025-04'",
        ]);
    }
}

#[test]
fn a_diff_takes_revisions_and_files_of_either_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).expect("the folder can be written to");
        file.display().to_string()
    };
    let smithy = write("own.json", include_str!("../../spec/model/2026-11.json"));
    let botocore = write(
        "service-2.json",
        r#"{"version": "2.0", "metadata": {"apiVersion": "2015-09-21", "endpointPrefix": "api.ecr",
            "jsonVersion": "1.1", "protocol": "json", "serviceId": "ECR", "signingName": "ecr",
            "targetPrefix": "AmazonEC2ContainerRegistry_V20150921"},
            "operations": {"DescribeImages": {"input": {"shape": "In"}, "output": {"shape": "In"}}},
            "shapes": {"In": {"type": "structure", "members": {}}}}"#,
    );
    let baseline = write("baseline.txt", "derived.repositoryName.*\npaging.token#status\n");
    let only = ["--operation", "DescribeImages"];
    let diff = |arguments: &[&str]| run(&[&["spec", "diff"], arguments].concat());

    diff(&[&["2025-04", &smithy, "--look-in", &baseline], &only[..]].concat()).expect_code(0).expect_stdout(
        &[
            "2025-04 to own\n12 changes: 0 removed, 0 tightened, 1 loosened, 11 added; types: major",
            "LOOSENED  RepositoryName pattern",
            "baseline.txt\n    1 derived.repositoryName.*\n",
        ],
    );
    diff(&["2026-11", &smithy]).expect_code(0).expect_stdout(&["0 changes"]);
    diff(&[&["2025-04", &botocore], &only[..]].concat())
        .expect_code(0)
        .expect_stdout(&["REMOVED  DescribeImages input, replaced"]);
    let json = diff(&[&["2025-04", "2026-11", "--format", "json"], &only[..]].concat()).expect_code(0).stdout;
    let report: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((report["format"].as_u64(), report["changes"].as_array().map(Vec::len)), (Some(1), Some(12)));
    diff(&["2025-04", "2026-11", "--format", "markdown"])
        .expect_code(0)
        .expect_stdout(&["## 2025-04 to 2026-11", "| loosened | **RepositoryName pattern**"]);

    diff(&["2025-04", "2026-1"])
        .expect_code(2)
        .expect_stderr(&["`2026-1` is neither a revision nor a file", "2025-04, 2026-11"]);
    diff(&["2025-04", &baseline]).expect_code(2).expect_stderr(&["baseline.txt:1:1"]);
    diff(&["2025-04", "2026-11", "--operation", "DescribeImage"])
        .expect_code(2)
        .expect_stderr(&["did you mean DescribeImages?"]);
    diff(&["2025-04", "2026-11", "--look-in", "no-such-folder"])
        .expect_code(2)
        .expect_stderr(&["failed to read no-such-folder"]);
}

#[test]
fn usage_errors_end_with_2_and_say_what_to_do() {
    let table: &[(&[&str], &[&str])] = &[
        (&["run", "--colour"], &["--colour", "--help"]),
        (&["walk"], &["walk", "--help"]),
        (&["run", "--filter", "nothing.fits.this"], &["`nothing.fits.this`", "ecrspec run --list"]),
        (&["run", "--endpoint", "here"], &["`here`", "http://127.0.0.1:5000"]),
        (&["run", "--endpoint", "ftp://127.0.0.1"], &["neither http nor https"]),
        (&["run", "--endpoint", "http://127.0.0.1:1/?a=b"], &["query"]),
        (&["run", "--endpoint", "http://127.0.0.1:1", "--spawn", "x {port}"], &["cannot be used with"]),
        (&["run", "--account", "12"], &["twelve digits"]),
        (&["run", "--jobs", "0"], &["--jobs"]),
        (&["run", "--timeout", "0"], &["--timeout"]),
        (&["run", "--cases", "/no/such/folder"], &["/no/such/folder"]),
        (&["run", "--endpoint", "http://127.0.0.1:1", "--ca-cert", "/no/such/file"], &["/no/such/file"]),
        (&["run", "--credentials", "environment"], &["AWS_ACCESS_KEY_ID", "not set"]),
        (&["case", "check", "/no/such/file.json"], &["/no/such/file.json"]),
        (&["case", "check"], &["FILE"]),
        (&["explain", "Z-99"], &["`Z-99`", "ecrspec explain"]),
        (&["explain", "paging.tokn"], &["did you mean `paging.token`"]),
    ];
    for (arguments, said) in table {
        let ended = run(arguments).expect_code(2).expect_stderr(said);
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_password_in_an_endpoint_is_refused_and_not_repeated() {
    for (endpoint, said) in [
        ("http://admin:hunter2@127.0.0.1:1", "user name or password"),
        ("ftp://admin:hunter2@127.0.0.1:1", "neither http nor https"),
        ("http://admin:hunter2@[1", "no endpoint"),
        ("admin:hunter2@127.0.0.1", "no endpoint"),
    ] {
        run(&["run", "--endpoint", endpoint])
            .expect_code(2)
            .expect_stderr(&[said])
            .expect_nowhere(&["hunter2"]);
    }
}

#[test]
fn an_endpoint_where_nobody_listens_ends_with_3_and_its_address() {
    let endpoint = nobody();
    run(&["run", "--endpoint", &endpoint]).expect_code(3).expect_stderr(&[
        &endpoint,
        "no connection",
        "refused",
    ]);
}

#[test]
fn an_endpoint_of_the_environment_is_used_and_the_command_line_beats_it() {
    let [general, special, said] = [nobody(), nobody(), nobody()];
    let call = |arguments: &[&str], environment: &[(&str, &str)]| {
        let program = Program::new(arguments);
        environment
            .iter()
            .fold(program, |program, (name, value)| program.env(name, value))
            .run()
            .expect_code(3)
    };
    let both = [("AWS_ENDPOINT_URL", general.as_str()), ("AWS_ENDPOINT_URL_ECR", special.as_str())];
    call(&[], &both[..1]).expect_stderr(&[&general]);
    call(&[], &both).expect_stderr(&[&special]).expect_nowhere(&[&general]);
    call(&["--endpoint", &said], &both).expect_stderr(&[&said]).expect_nowhere(&[&general, &special]);
    call(&[], &[("AWS_ENDPOINT_URL", &general), ("AWS_ENDPOINT_URL_ECR", "")]).expect_stderr(&[&general]);
}

#[test]
fn a_proxy_of_the_environment_is_not_asked_for_loopback() {
    let endpoint = wrong_about_paging().endpoint();
    Program::new(&["run", "--endpoint", &endpoint, "--filter", "describe.plain"])
        .env("http_proxy", nobody())
        .env("HTTP_PROXY", nobody())
        .env("ALL_PROXY", nobody())
        .run()
        .expect_code(0);
}

#[test]
fn the_region_and_account_of_the_user_are_those_of_the_run() {
    let ended = Program::new(&["run", "--filter", "registry.own-id", "--format", "json"])
        .env("AWS_REGION", "eu-north-1")
        .run()
        .expect_code(0);
    assert_eq!(ended.json()["target"]["registryId"], "123456789012");
    let ended = run(&["run", "--filter", "registry.own-id", "--format", "json", "--account", "210987654321"]);
    assert_eq!(ended.expect_code(0).json()["target"]["registryId"], "210987654321");
}

#[test]
fn help_names_every_exit_code_and_goes_to_stdout() {
    for arguments in [&["--help"][..], &["run", "--help"]] {
        let codes = ["\n  0 ", "\n  1 ", "\n  2 ", "\n  3 ", "\n  70 ", "\n  130 "];
        run(arguments).expect_code(0).expect_stdout(&codes).expect_nowhere(&[ESCAPE]);
    }
    run(&["--version"]).expect_code(0).expect_stdout(&[concat!("ecrspec ", env!("CARGO_PKG_VERSION"))]);
}

#[test]
fn the_built_in_case_files_pass_the_check() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("the cases are here")
        .map(|entry| entry.expect("an entry").path().display().to_string())
        .filter(|file| Path::new(file).extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    let mut arguments = vec!["case", "check"];
    arguments.extend(files.iter().map(String::as_str));
    run(&arguments).expect_code(0).expect_stdout(&["no problem", &format!("in {} files", files.len())]);
}

const OWN_CASE: &str = r#"{
  "format": 1,
  "cases": [
    {
      "id": "own.no-such-repository",
      "sentence": "A repository that is not there is not found.",
      "twin": "describe.plain",
      "steps": [
        {
          "send": {"body": {"value": {"repositoryName": "{{absent.repository}}"}}},
          "expect": [{"that": {"status": [400]}, "level": "must", "evidence": ["B-1"]}]
        }
      ]
    }
  ]
}
"#;

#[test]
fn a_users_own_cases_are_checked_and_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.json");
    fs::write(&file, OWN_CASE).expect("a file");
    let file = file.display().to_string();
    let folder = folder.path().display().to_string();
    run(&["case", "check", &file]).expect_code(0).expect_stdout(&["1 cases with 1 checks"]);
    run(&["run", "--cases", &folder, "--list", "--filter", "own.*"])
        .expect_stdout(&["own.no-such-repository#status"]);
    run(&["run", "--cases", &folder, "--filter", "own.*"])
        .expect_code(0)
        .expect_stdout(&["conforms in 1 case,"]);
}

#[test]
fn a_bad_case_file_ends_with_2_and_every_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.json");
    fs::write(&file, OWN_CASE.replace("B-1", "B-999").replace("describe.plain", "describe.nobody"))
        .expect("a file");
    let file = file.display().to_string();
    let said = [format!("--> {file}:7:"), format!("--> {file}:11:")];
    let said = ["describe.nobody", "B-999", "hint: ", &said[0], &said[1]];
    let ended = run(&["case", "check", &file]).expect_code(2).expect_stderr(&said);
    assert_eq!(ended.stdout, "");
    let folder = folder.path().display().to_string();
    run(&["run", "--cases", &folder]).expect_code(2).expect_stderr(&said);
}

#[test]
fn a_folder_without_cases_and_a_file_of_bytes_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display().to_string();
    run(&["run", "--cases", &path]).expect_code(2).expect_stderr(&[&path, "*.json"]);
    let file = folder.path().join("own.json");
    fs::write(&file, [0xff, 0xfe, 0x00]).expect("a file");
    run(&["case", "check", &file.display().to_string()]).expect_code(2).expect_stderr(&["own.json"]);
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    let printed = run(&["case", "schema"]).expect_code(0).stdout;
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("case.schema.json");
    let committed =
        fs::read_to_string(committed).expect("`ecrspec case schema > harness/case.schema.json` makes it");
    assert!(printed == committed, "`ecrspec case schema > harness/case.schema.json` makes it anew");
}

#[test]
fn the_page_of_the_evidence_is_what_explain_prints() {
    let printed = run(&["explain", "evidence"]).expect_code(0).stdout;
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("EVIDENCE.md");
    let committed =
        fs::read_to_string(committed).expect("`ecrspec explain evidence > harness/EVIDENCE.md` makes it");
    assert!(printed == committed, "`ecrspec explain evidence > harness/EVIDENCE.md` makes it anew");
}

#[test]
fn explain_prints_whatever_has_an_id() {
    let explained = |id: &str, parts: &[&str]| {
        run(&["explain", id]).expect_code(0).expect_stdout(parts);
    };
    explained("A-5", &["A-5 (observed)", "source: ", "must        describe.pushed-at#number"]);
    explained(
        "paging.token",
        &["step 2", "takes /nextToken as {{token}}", "paging.token#has-token", "holds "],
    );
    explained("paging.token#has-token", &["asserts ", "tier      shape", "D-8 (documented)", "request "]);
    explained("validation.max-results-zero", &["twin "]);
    explained("law.pages@mixed", &["nothing is lost", "20 pages at most", "#none-lost"]);
    explained("law.pages@team/app#none-lost", &["law.pages@mixed#none-lost"]);
    explained("page.request.max-results.min", &["derived.maxResults.range.min.bad#status", "page: https"]);
    explained("filter-ignored", &["killed by filter.tagged#images"]);
    explained("coverage", &["in.maxResults range.max 1000", "last good"]);
    explained("requirements", &["page.errors.server"]);
    run(&["explain", "A-5", "D-3"]).expect_code(0).expect_stdout(&["A-5 (", "D-3 ("]);
    run(&["explain"]).expect_code(0).expect_stdout(&[
        "A-5  ",
        "paging.token  ",
        "filter-ignored  ",
        "evidence  ",
    ]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for arguments in
        [&["explain"][..], &["run", "--list"], &["case", "schema"], &["run", "--filter", "describe.*"]]
    {
        let ended = Program::new(arguments).start_without_reader().wait();
        assert_eq!(
            (ended.code, ended.stderr.contains("error")),
            (Some(0), false),
            "{arguments:?}: {}",
            ended.stderr
        );
    }
}

#[test]
fn colour_is_only_where_it_is_asked_for() {
    let call = |environment: &[(&str, &str)]| {
        let program = Program::new(&["run", "--filter", "describe.plain"]);
        environment
            .iter()
            .fold(program, |program, (name, value)| program.env(name, value))
            .run()
            .expect_code(0)
    };
    call(&[]).expect_nowhere(&[ESCAPE]);
    call(&[("NO_COLOR", "1")]).expect_nowhere(&[ESCAPE]);
    call(&[("NO_COLOR", "1"), ("TERM", "xterm-256color")]).expect_nowhere(&[ESCAPE]);
    // The same text has styles, so that the calls above can fail.
    call(&[("CLICOLOR_FORCE", "1")]).expect_stdout(&[ESCAPE]);
}

#[test]
fn no_secret_reaches_a_recording_or_a_report() {
    let seen = Arc::new(Mutex::new(String::new()));
    let server = {
        let (seen, door) = (Arc::clone(&seen), emulator_door());
        Server::start(move |mut stream| {
            while let Some(request) = read_request(&mut stream)? {
                let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
                seen.lock().expect("no thread panicked").extend(headers);
                let mut response = door.answer(&request);
                // A session of the server's own is as secret.
                response.headers.push(("Set-Cookie".to_owned(), "session=planted-cookie".to_owned()));
                if response.status == 200 && support::operation(&request) == "DescribeImages" {
                    support::rewrite(&mut response, |page| {
                        page.as_object_mut().map(|page| page.remove("nextToken"));
                    });
                }
                write_response(&mut stream, &response)?;
            }
            Ok(())
        })
    };
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().join("recordings").display().to_string();
    let endpoint = server.endpoint();
    let secrets = ["AKIAPLANTEDPLANTED00", "planted/secret+key", "planted-session-token", "planted-cookie"];
    let with_secrets = |arguments: &[&str], code| {
        let filters = ["--filter", "paging.*", "--filter", "validation.*", "--filter", "missing.*"];
        let target = ["--endpoint", &endpoint, "--credentials", "environment"];
        Program::new(&[arguments, &target, &filters].concat())
            .env("AWS_ACCESS_KEY_ID", secrets[0])
            .env("AWS_SECRET_ACCESS_KEY", secrets[1])
            .env("AWS_SESSION_TOKEN", secrets[2])
            .run()
            .expect_code(code)
            .expect_nowhere(&secrets)
            .expect_nowhere(&["Signature=", "Credential="])
    };
    let human = with_secrets(&["run"], 1);
    with_secrets(&["run", "--format", "json"], 1);
    with_secrets(&["record", "-vv", "--into", &into], 0).expect_stderr(&["rule `digest` gave <"]);
    assert!(human.stdout.contains("$AWS_SECRET_ACCESS_KEY"), "the line to try names it, and no more");
    let seen = seen.lock().expect("no thread panicked");
    assert!(
        seen.contains(secrets[0]) && seen.contains(secrets[2]),
        "the requests were signed with them:\n{seen}"
    );
    assert!(!seen.contains(secrets[1]), "a secret key is never sent");
    let recording: String = fs::read_dir(&into)
        .expect("a folder")
        .map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("a recording"))
        .collect();
    assert!(recording.contains("DescribeImages"));
    for secret in
        secrets.iter().copied().chain(["authorization", "signature=", "x-amz-security-token", "set-cookie"])
    {
        let found = recording.to_ascii_lowercase().contains(&secret.to_ascii_lowercase());
        assert!(!found, "`{secret}` is in the recording");
    }
}

#[test]
fn an_empty_variable_is_no_credential() {
    Program::new(&["run", "--credentials", "environment"])
        .env("AWS_ACCESS_KEY_ID", "AKIAPLANTEDPLANTED00")
        .env("AWS_SECRET_ACCESS_KEY", "")
        .run()
        .expect_code(2)
        .expect_stderr(&["AWS_SECRET_ACCESS_KEY"]);
}

#[test]
fn dummy_credentials_are_the_default_whatever_the_environment_has() {
    let seen = Arc::new(Mutex::new(String::new()));
    let server = {
        let (seen, door) = (Arc::clone(&seen), emulator_door());
        Server::start(move |mut stream| {
            while let Some(request) = read_request(&mut stream)? {
                let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
                seen.lock().expect("no thread panicked").extend(headers);
                write_response(&mut stream, &door.answer(&request))?;
            }
            Ok(())
        })
    };
    Program::new(&["run", "--endpoint", &server.endpoint(), "--filter", "describe.plain"])
        .env("AWS_ACCESS_KEY_ID", "AKIAPLANTEDPLANTED00")
        .env("AWS_SECRET_ACCESS_KEY", "planted/secret+key")
        .env("AWS_SESSION_TOKEN", "planted-session-token")
        .run()
        .expect_code(0);
    let seen = seen.lock().expect("no thread panicked");
    assert!(seen.contains("Credential=test/"), "{seen}");
    assert!(!seen.contains("PLANTED") && !seen.contains("planted"), "{seen}");
}
