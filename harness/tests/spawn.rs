//! Targets that the program starts itself: they are waited for, and nothing of them outlives the run.
//!
//! The children are this test program again, in a role that its environment names.

#![cfg(unix)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use support::program::{Ended, Program};
use tempfile::TempDir;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Not a test: what a child does that the tests below start. The environment says which role, and where its
/// process numbers go.
#[test]
#[ignore = "the role of a child, not a test"]
#[expect(clippy::print_stderr, clippy::exit, reason = "a server talks, and ends as it likes")]
fn play_a_role() {
    let Ok(role) = std::env::var("ROLE") else { return };
    let port: u16 = std::env::var("PORT").expect("a port").parse().expect("a number");
    let folder = PathBuf::from(std::env::var("FOLDER").expect("a folder"));
    fs::write(folder.join("child"), std::process::id().to_string()).expect("a file");
    match role.as_str() {
        "emulator" => serve(port, Duration::ZERO, &folder),
        "slow emulator" => {
            start_grandchild(&folder);
            serve(port, Duration::from_millis(30), &folder);
        }
        "emulator with a grandchild" => {
            start_grandchild(&folder);
            serve(port, Duration::ZERO, &folder);
        }
        "stubborn emulator" => {
            start_grandchild(&folder);
            ignore_terminate();
            serve(port, Duration::ZERO, &folder);
        }
        "ends at once" => {
            eprintln!("there is no configuration file");
            std::process::exit(3);
        }
        "never listens" => {
            eprintln!("waiting for a database");
            start_grandchild(&folder);
            thread::sleep(Duration::from_secs(1000));
        }
        "talks without end" => {
            thread::spawn(|| {
                for line in 0.. {
                    eprintln!("{line} {}", "x".repeat(1000));
                }
            });
            serve(port, Duration::ZERO, &folder);
        }
        other => panic!("no role `{other}`"),
    }
}

#[expect(clippy::zombie_processes, reason = "it is to outlive this process, unless somebody ends it")]
fn start_grandchild(folder: &Path) {
    let grandchild =
        Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().expect("`sleep` is there");
    fs::write(folder.join("grandchild"), grandchild.id().to_string()).expect("a file");
}

fn ignore_terminate() {
    let (ready, is_ready) = std::sync::mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async {
            use tokio::signal::unix::{SignalKind, signal};

            let mut terminate = signal(SignalKind::terminate()).expect("a handler");
            ready.send(()).expect("the other side waits");
            while terminate.recv().await.is_some() {}
        });
    });
    is_ready.recv().expect("a handler");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// Serves the emulator; once the run is well under way, a file `asked` says so.
fn serve(port: u16, delay: Duration, folder: &Path) {
    struct Late {
        door: ecrspec::emulator::EmulatorDoor,
        delay: Duration,
        asked: AtomicUsize,
        file: PathBuf,
    }
    impl Respond for Late {
        fn respond(&self, request: &Request) -> ResponseTemplate {
            if self.asked.fetch_add(1, Ordering::SeqCst) == 50 {
                fs::write(&self.file, std::process::id().to_string()).expect("a file");
            }
            self.door.respond(request).set_delay(self.delay)
        }
    }
    let late = Late {
        door: support::emulator_door(),
        delay,
        asked: AtomicUsize::new(0),
        file: folder.join("asked"),
    };
    runtime().block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
        Mock::given(any()).respond_with(late).mount(&server).await;
        std::future::pending::<()>().await;
    });
}

/// A child in a role, and what is known of it.
struct Role {
    folder: TempDir,
    line: String,
}

impl Role {
    fn new(role: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let executable = std::env::current_exe().expect("this program has a path");
        // `{port}` in an assignment; the child's own words follow.
        let words = [
            format!("ROLE={role}"),
            "PORT={port}".to_owned(),
            format!("FOLDER={}", folder.path().display()),
            executable.display().to_string(),
            "play_a_role".to_owned(),
            "--exact".to_owned(),
            "--ignored".to_owned(),
            "--nocapture".to_owned(),
        ];
        let line = words.map(|word| format!("'{word}'")).join(" ");
        Self { folder, line }
    }

    fn program(&self, arguments: &[&str]) -> Program {
        let mut all = vec!["run", "--spawn", &self.line];
        all.extend(arguments);
        Program::new(&all)
    }

    fn process(&self, name: &str) -> Option<Pid> {
        let text = fs::read_to_string(self.folder.path().join(name)).ok()?;
        Pid::from_raw(text.parse().ok()?)
    }

    /// Waits until the child has written that file.
    fn wait_for(&self, name: &str) {
        let started = Instant::now();
        while self.process(name).is_none() {
            assert!(started.elapsed() < PATIENCE, "there is no `{name}`");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Fails unless the child, and the grandchild if there was one, are gone.
    #[track_caller]
    fn expect_gone(&self) {
        let processes: Vec<Pid> =
            ["child", "grandchild"].into_iter().filter_map(|name| self.process(name)).collect();
        assert!(!processes.is_empty(), "nothing was started, so that nothing is there says nothing");
        let started = Instant::now();
        while processes.iter().any(|process| is_alive(*process)) {
            if started.elapsed() > Duration::from_secs(10) {
                let left: Vec<Pid> = processes.into_iter().filter(|process| is_alive(*process)).collect();
                for process in &left {
                    let _ = kill_process(*process, Signal::KILL);
                }
                panic!("{left:?} outlived the run");
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether a process runs. One that ended and that nobody has asked about yet does not.
fn is_alive(process: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
    let ended =
        status.is_ok_and(|status| status.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')));
    !ended && test_kill_process(process).is_ok()
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).expect("a process number")).expect("a process number")
}

#[test]
fn the_suite_passes_on_a_started_emulator_and_nothing_is_left() {
    let role = Role::new("emulator with a grandchild");
    role.program(&[]).run().expect_code(0).expect_stdout(&["http://127.0.0.1:", ": conforms in "]);
    assert!(role.process("grandchild").is_some());
    role.expect_gone();
}

#[test]
fn what_is_said_to_run_a_check_again_starts_the_target_again() {
    let role = Role::new("emulator");
    let report =
        role.program(&["--filter", "describe.plain", "--format", "json"]).run().expect_code(0).json();
    assert!(
        report["target"]["endpoint"]
            .as_str()
            .is_some_and(|endpoint| endpoint.starts_with("http://127.0.0.1:"))
    );
    role.expect_gone();
}

#[test]
fn the_port_is_put_into_arguments_too() {
    let role = Role::new("emulator");
    // The child's own argument is one that its test runner passes over.
    let line = format!("{} --skip 'no-test-on-port-{{port}}'", role.line);
    Program::new(&["run", "--spawn", &line, "--filter", "describe.plain"]).run().expect_code(0);
    role.expect_gone();
}

#[test]
fn a_child_that_talks_without_end_blocks_nothing() {
    let role = Role::new("talks without end");
    role.program(&["--filter", "describe.*"]).run().expect_code(0);
    role.expect_gone();
}

#[test]
fn a_child_that_will_not_end_is_made_to() {
    let role = Role::new("stubborn emulator");
    role.program(&["--filter", "describe.plain"]).run().expect_code(0);
    role.expect_gone();
}

/// Sends a signal in the middle of a run.
fn interrupt(role: &Role, signal: Signal) -> Ended {
    let running = role.program(&["--jobs", "1"]).start();
    // The slow emulator takes long enough for the rest.
    role.wait_for("asked");
    kill_process(pid(running.id()), signal).expect("the program runs");
    running.wait()
}

#[test]
fn an_interrupted_run_ends_with_130_and_its_child() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let role = Role::new("slow emulator");
        interrupt(&role, signal)
            .expect_code(130)
            .expect_stdout(&["interrupted"])
            .expect_nowhere(&["left behind"]);
        role.expect_gone();
    }
}

#[test]
fn an_interrupted_start_ends_with_130_and_its_child() {
    let role = Role::new("never listens");
    let running = role.program(&[]).start();
    role.wait_for("grandchild");
    kill_process(pid(running.id()), Signal::INT).expect("the program runs");
    running.wait().expect_code(130).expect_stderr(&["interrupted"]);
    role.expect_gone();
}

#[test]
fn a_second_signal_ends_the_run_at_once_and_the_child_all_the_same() {
    let role = Role::new("stubborn emulator");
    let running = role.program(&["--filter", "describe.plain"]).start();
    role.wait_for("grandchild");
    // By now it waits for a child that does not end.
    thread::sleep(Duration::from_millis(1500));
    for _ in 0..2 {
        // It may have ended by itself.
        let _ = kill_process(pid(running.id()), Signal::INT);
        thread::sleep(Duration::from_millis(200));
    }
    let ended = running.wait();
    assert!(matches!(ended.code, Some(0 | 130)), "{:?} {}", ended.code, ended.stderr);
    role.expect_gone();
}

#[test]
fn a_child_that_ends_at_once_is_told_with_what_it_wrote() {
    let role = Role::new("ends at once");
    role.program(&[])
        .run()
        .expect_code(3)
        .expect_stderr(&["ended with exit status: 3", "there is no configuration file"]);
    role.expect_gone();
}

#[test]
fn a_child_that_never_listens_is_told_with_what_it_wrote() {
    let role = Role::new("never listens");
    role.program(&["--spawn-wait", "1"]).run().expect_code(3).expect_stderr(&[
        "did not answer HTTP",
        "within 1 s",
        "waiting for a database",
    ]);
    role.expect_gone();
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let ended = Program::new(&["run", "--spawn", "no-such-program-of-ours -p {port}"]).run();
    ended.expect_code(3).expect_stderr(&["no-such-program-of-ours"]);
}

#[test]
fn a_line_that_can_not_work_is_bad_usage() {
    for (line, said) in [
        ("server -p 80", "`{port}`"),
        ("", "`{port}`"),
        ("'server {port}", "command line"),
        ("A={port}", "no program"),
    ] {
        Program::new(&["run", "--spawn", line]).run().expect_code(2).expect_stderr(&[said]);
    }
}
