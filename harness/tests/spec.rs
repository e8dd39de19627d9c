//! `ecrspec spec …` as users run it: files, folders, standard input and an installed botocore in; models, Rust and
//! diagnostics out.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test file uses its part of what the tests share")]

#[path = "support/program.rs"]
mod program;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ecrspec_codegen::Code;
use flate2::Compression;
use flate2::write::GzEncoder;
use program::{Ended, Program};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Far more than the largest text that is read takes, and far less than what these tests would have it take.
const MEMORY_KILOBYTES: u64 = 512 * 1024;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn fixture(name: &str) -> String {
    let file = repository().join("snapshots/fixtures").join(name);
    file.to_str().expect("a path of this repository is text").to_owned()
}

fn run(arguments: &[&str]) -> Ended {
    Program::new(arguments).run()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().expect("a temporary folder has a name that is text").to_owned()
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> String {
    let file = folder.path().join(name);
    fs::create_dir_all(file.parent().expect("a file is in a folder")).expect("a folder can be made");
    fs::write(&file, bytes).expect("a file can be written");
    path(folder, name)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("it goes to memory");
    encoder.finish().expect("it goes to memory")
}

/// Imports, and gives what was written.
fn imported(from: &str, input: Option<Vec<u8>>, further: &[&str]) -> (String, Ended) {
    let folder = folder();
    let target = path(&folder, "");
    let mut arguments = vec!["spec", "import", from, "--as", "2026-11", "--folder", &target];
    arguments.extend(further);
    let program = Program::new(&arguments);
    let program = if let Some(input) = input { program.input(input) } else { program };
    let ended = program.run().expect_code(0);
    (fs::read_to_string(folder.path().join("2026-11.json")).expect("the model was written"), ended)
}

#[test]
fn a_model_is_the_same_wherever_it_comes_from() {
    let service = fs::read(fixture("import/service-2.json")).expect("the fixture is there");
    let paginators = fs::read(fixture("import/paginators-1.json")).expect("the fixture is there");
    let waiters = fs::read(fixture("import/waiters-2.json")).expect("the fixture is there");
    let (model, ended) = imported(&fixture("import/service-2.json"), None, &[]);
    ended.expect_stderr(&[
        "service-2.json with ",
        "paginators-1.json and ",
        "waiters-2.json",
        "a rebuild makes it a revision",
    ]);
    assert!(model.contains("smithy.api#paginated") && model.contains("smithy.waiters#waitable"), "{model}");

    let data = folder();
    write(&data, "weather/2025-01-01/service-2.json", b"the older one is not read");
    write(&data, "weather/2026-01-01/service-2.json.gz", &packed(&service));
    write(&data, "weather/2026-01-01/paginators-1.json", &paginators);
    write(&data, "weather/2026-01-01/waiters-2.json.gz", &packed(&waiters));
    write(&data, "weather/2026-01-01/endpoint-rule-set-1.json.gz", b"not read");
    for from in ["weather/2026-01-01/service-2.json.gz", "weather/2026-01-01", "weather"] {
        assert!(imported(&path(&data, from), None, &[]).0 == model, "{from}");
    }
    // Nothing stands beside standard input.
    let (alone, _) = imported("-", Some(service.clone()), &[]);
    assert!(!alone.contains("smithy.api#paginated"), "{alone}");
    assert!(imported("-", Some(packed(&service)), &[]).0 == alone);
    // What came out can go in.
    assert!(imported("-", Some(model.clone().into_bytes()), &[]).0 == model);
}

#[cfg(unix)]
#[test]
fn an_installed_botocore_is_asked_for_by_the_name_of_the_service() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = folder();
    let service = fs::read(fixture("import/service-2.json")).expect("the fixture is there");
    write(&place, "botocore/data/weather/2026-01-01/service-2.json.gz", &packed(&service));
    let python =
        write(&place, "bin/python3", format!("#!/bin/sh\necho '{}'\n", path(&place, "botocore")).as_bytes());
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("a file can be made a program");
    let call = |from: &str| {
        Program::new(&["spec", "import", from, "--as", "2026-11", "--folder", &path(&place, "")])
            .env("PATH", format!("{}:/bin:/usr/bin", path(&place, "bin")))
            .run()
    };
    call("botocore:weather")
        .expect_code(0)
        .expect_stderr(&["botocore/data/weather/2026-01-01/service-2.json.gz"]);
    for service in ["botocore:wether", "botocore:", "botocore:../data/weather"] {
        call(service).expect_code(2).expect_stderr(&["botocore has no service", "botocore/data"]);
    }
    fs::write(&python, "#!/bin/sh\nexit 1\n").expect("a file can be written");
    fs::copy(&python, place.path().join("bin/python")).expect("a file can be copied");
    call("botocore:weather").expect_code(2).expect_stderr(&["no Python with botocore", "name the folder"]);
}

#[test]
fn the_hash_of_what_was_written_is_printed() {
    let (model, ended) =
        imported(&fixture("import/service-2.json"), None, &["--operation", "Ping", "--without-docs"]);
    let hash = Sha256::digest(&model).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert!(ended.stdout.starts_with(&format!("{hash}  ")), "{}", ended.stdout);
    assert!(!model.contains("ListCities") && !model.contains("smithy.api#documentation"), "{model}");
}

#[test]
fn a_revision_that_is_there_stays_as_it_is() {
    let place = folder();
    let there = write(&place, "2026-11.json", b"mine");
    run(&[
        "spec",
        "import",
        &fixture("import/service-2.json"),
        "--as",
        "2026-11",
        "--folder",
        &path(&place, ""),
    ])
    .expect_code(2)
    .expect_stderr(&["revision 2026-11 is there already", "frozen"]);
    assert_eq!(fs::read_to_string(there).expect("it is there"), "mine");
}

#[test]
fn what_cannot_be_imported_writes_nothing_and_ends_with_2() {
    let place = folder();
    let target = path(&place, "");
    let service = fs::read_to_string(fixture("import/service-2.json")).expect("the fixture is there");
    let wrong =
        write(&place, "wrong/service-2.json", service.replace("\"CityList\"}", "\"CityLst\"}").as_bytes());
    let cut = write(&place, "cut/service-2.json.gz", &packed(service.as_bytes())[..200]);
    let bytes = write(&place, "bytes.json", b"{\"\xff\"}");
    let empty = path(&place, "cut");
    fs::create_dir(place.path().join("empty")).expect("a folder can be made");
    for (from, said) in [
        (wrong.as_str(), &["error[unknown-target]", "wrong/service-2.json:", "hint:"][..]),
        (&cut, &["failed to unpack", "cut/service-2.json.gz"]),
        (&empty, &["failed to unpack"]),
        (&bytes, &["error[not-utf8]", "bytes.json:1:3"]),
        (&path(&place, "nothing.json"), &["failed to read", "nothing.json"]),
        (&path(&place, "empty"), &["no service-2.json or service-2.json.gz", "botocore/data/ecr"]),
    ] {
        let ended = run(&["spec", "import", from, "--as", "new", "--folder", &target])
            .expect_code(2)
            .expect_stderr(said);
        assert_eq!(ended.stdout, "", "{from}");
        assert!(!place.path().join("new.json").exists(), "{from}");
    }
    run(&["spec", "import", &wrong, "--as", "../x", "--folder", &target])
        .expect_code(2)
        .expect_stderr(&["--as"]);
    run(&[
        "spec",
        "import",
        &fixture("import/service-2.json"),
        "--as",
        "new",
        "--folder",
        &path(&place, "no/folder"),
    ])
    .expect_code(2)
    .expect_stderr(&["no/folder/new.json", "--folder"]);
}

#[test]
fn a_pattern_that_no_automaton_has_is_left_unchecked_by_name() {
    let place = folder();
    let service = fs::read_to_string(fixture("import/service-2.json")).expect("the fixture is there");
    let service =
        write(&place, "service-2.json", service.replace("[A-Za-z ]+", "(?=A)[A-Za-z ]+").as_bytes());
    let target = path(&place, "");
    let import = |shapes: &[&str]| {
        run(&[&["spec", "import", &service, "--as", "new", "--folder", &target], shapes].concat())
    };
    import(&[]).expect_code(2).expect_stderr(&["error[unsupported-pattern]", "--unchecked SHAPE"]);
    import(&["--unchecked", "CityNam"]).expect_code(2).expect_stderr(&["CityNam"]);
    import(&["--unchecked", "CityName"]).expect_code(0);
    run(&["spec", "check", &path(&place, "new.json")]).expect_code(0);
}

#[test]
fn what_unpacks_without_end_is_not_unpacked() {
    let place = folder();
    let bomb = packed(&vec![b' '; 300 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    let file = write(&place, "service-2.json.gz", &bomb);
    let ended = run(&["spec", "import", &file, "--as", "new", "--folder", &path(&place, "")])
        .expect_code(2)
        .expect_stderr(&["failed to unpack", "more than 16 MiB"]);
    assert!(ended.peak_kilobytes < MEMORY_KILOBYTES / 4, "{} kB", ended.peak_kilobytes);
}

#[test]
fn the_models_of_the_project_are_checked_without_a_word_more() {
    let ended = Program::new(&["spec", "check"]).folder(&repository()).run().expect_code(0);
    let revisions = ecrspec_api::revisions();
    assert_eq!(ended.stdout.lines().count(), revisions.len());
    for (line, revision) in ended.stdout.lines().zip(revisions) {
        assert!(
            line.starts_with(&format!(
                "{}: no mistake in {} operations",
                revision.name,
                revision.operations.len()
            )),
            "{line}"
        );
        assert!(line.ends_with(&format!("sha256 {}", revision.hash)), "{line}");
    }
    Program::new(&["spec", "check", "--traits"]).folder(&repository()).run().expect_code(0).expect_stdout(&[
        "smithy.api#length",
        "enforced",
        "ignored: ",
    ]);
    let elsewhere = folder();
    Program::new(&["spec", "check"])
        .folder(elsewhere.path())
        .run()
        .expect_code(2)
        .expect_stderr(&["there is no folder spec/model here", "name the files"]);
}

#[test]
fn every_mistake_is_printed_in_the_order_of_the_file() {
    let ended = run(&["spec", "check", &fixture("codegen/bad/many.json")])
        .expect_code(2)
        .expect_stderr(&["the spec has 10 mistakes"]);
    assert_eq!(ended.stderr.matches("error[").count(), 10);
    let places: Vec<usize> = [
        "unknown-trait",
        "misplaced-trait",
        "unknown-target",
        "bad-name",
        "wrong-value",
        "negative-length",
        "bad-pattern",
        "empty-bounds",
        "unknown-shape-type",
        "wrong-type",
    ]
    .iter()
    .map(|code| {
        ended
            .stderr
            .find(&format!("error[{code}]"))
            .unwrap_or_else(|| panic!("{code} is not said:\n{}", ended.stderr))
    })
    .collect();
    assert!(places.is_sorted(), "{}", ended.stderr);
    let (good, bad) =
        (fixture("codegen/good/weather.json"), fixture("codegen/bad/overlay-repeats.overlay.json"));
    run(&["spec", "check", &good]).expect_code(0).expect_stdout(&["weather: no mistake in 1 operations"]);
    run(&["spec", "check", &good, "--overlay", &bad])
        .expect_code(2)
        .expect_stderr(&["error[statement-repeats]"]);
}

#[test]
fn the_code_of_a_model_goes_to_stdout_or_to_a_file_that_changes_only_with_it() {
    let model = fixture("codegen/good/weather.json");
    let place = folder();
    let output = path(&place, "weather.rs");
    let header = format!("// Made by `ecrspec spec emit {model} --as 2026-01`: change the model");
    let printed = run(&["spec", "emit", &model, "--as", "2026-01"])
        .expect_code(0)
        .expect_stdout(&["// @generated by ecrspec-codegen ", &header, "pub struct GetForecastRequest"])
        .stdout;
    let emit = || run(&["spec", "emit", &model, "--as", "2026-01", "--output", &output]).expect_code(0);
    emit().expect_stderr(&["wrote "]);
    let written = fs::read_to_string(&output).expect("it was written");
    let body = |text: &str| text.lines().skip(2).collect::<Vec<_>>().join("\n");
    assert_eq!(body(&written), body(&printed));
    assert!(written.contains("--output"), "the header has the whole command");
    fs::set_permissions(&output, read_only(&output)).expect("permissions can be set");
    emit().expect_stderr(&["up to date"]);

    let from_input = Program::new(&["spec", "emit", "-", "--as", "2026-01"])
        .input(fs::read(&model).expect("the fixture is there"))
        .run()
        .expect_code(0)
        .stdout;
    assert_eq!(body(&from_input), body(&printed));
    run(&["spec", "emit", "-"]).expect_code(2).expect_stderr(&["--as"]);
    run(&["spec", "emit", &fixture("codegen/bad/bad-name.json"), "--as", "a"])
        .expect_code(2)
        .expect_stderr(&["error[bad-name]"]);
}

fn read_only(file: &str) -> fs::Permissions {
    let mut permissions = fs::metadata(file).expect("the file is there").permissions();
    permissions.set_readonly(true);
    permissions
}

#[test]
fn a_code_is_explained() {
    let all = run(&["spec", "explain"]).expect_code(0).stdout;
    assert_eq!(all.lines().count(), Code::ALL.len());
    run(&["spec", "explain", "unknown-target"])
        .expect_code(0)
        .expect_stdout(&["unknown-target ", "a shape that is not there"]);
    run(&["spec", "explain", "unknown"]).expect_code(2).expect_stderr(&["`unknown`", "ecrspec spec explain"]);
}

#[test]
fn hostile_files_are_refused_within_bounds() {
    let place = folder();
    let good = fs::read_to_string(fixture("codegen/good/weather.json")).expect("the fixture is there");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let files: [(&str, Vec<u8>, &str); 6] = [
        ("spaces.json", vec![b' '; 100_000_000], "more than 16 MiB"),
        ("values.json", format!("[{}0]", "0,".repeat(1_500_000)).into_bytes(), "error[too-large]"),
        ("deep.json", deep.into_bytes(), "error[nested-too-deep]"),
        ("bytes.json", b"\x00\xff\xfe".to_vec(), "error[not-utf8]"),
        (
            "twice.json",
            good.replace("\"smithy\": \"2.0\",", "\"smithy\": \"2.0\", \"smithy\": \"2.0\",").into_bytes(),
            "error[duplicate-key]",
        ),
        (
            "pattern.json",
            good.replace("[a-z]+", "(?:.{0,900}x){90}").into_bytes(),
            "error[pattern-too-large]",
        ),
    ];
    for (name, bytes, said) in files {
        let file = write(&place, name, &bytes);
        for command in [
            &["spec", "check", &file][..],
            &["spec", "emit", &file, "--as", "a"],
            &["spec", "import", &file, "--as", "a", "--folder", &path(&place, "")],
        ] {
            let ended = Program::new(command).run().expect_code(2).expect_stderr(&[said]);
            assert!(ended.peak_kilobytes < MEMORY_KILOBYTES, "{name}: {} kB", ended.peak_kilobytes);
        }
    }
}
