//! The program as a child process, which is ended if it does not end.

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Longer than any run here takes.
const WATCHDOG: Duration = Duration::from_mins(1);

/// A call of the program, with nothing in its environment that a test did not put there.
pub(crate) struct Program {
    command: Command,
    input: Option<Vec<u8>>,
}

/// How the program ended.
pub(crate) struct Ended {
    /// Nothing if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The most memory it was seen to hold, in kilobytes; 0 where the system does not say.
    pub(crate) peak_kilobytes: u64,
}

/// A program that runs.
pub(crate) struct Running {
    child: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Program {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecrspec"));
        command
            .args(arguments)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Without it a system may not find its own libraries or temporary folder.
        for name in ["PATH", "HOME", "TMPDIR", "SystemRoot"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Self { command, input: None }
    }

    /// What it reads from standard input; nothing unless said.
    pub(crate) fn input(mut self, bytes: Vec<u8>) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(bytes);
        self
    }

    /// The folder in which it runs.
    pub(crate) fn folder(mut self, folder: &std::path::Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    pub(crate) fn start(mut self) -> Running {
        let mut child = self.command.spawn().expect("the program starts");
        if let (Some(input), Some(mut pipe)) = (self.input.take(), child.stdin.take()) {
            // A program that reads no further has said why on stderr.
            thread::spawn(move || pipe.write_all(&input));
        }
        let stdout = collect(child.stdout.take().expect("a pipe"));
        let stderr = collect(child.stderr.take().expect("a pipe"));
        Running { child, stdout, stderr }
    }

    /// Starts it with nobody to read its stdout.
    pub(crate) fn start_without_reader(mut self) -> Running {
        let mut child = self.command.spawn().expect("the program starts");
        drop(child.stdout.take());
        let stderr = collect(child.stderr.take().expect("a pipe"));
        Running { child, stdout: thread::spawn(String::new), stderr }
    }

    pub(crate) fn run(self) -> Ended {
        self.start().wait()
    }
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end; a program that hangs is killed and fails the test.
    pub(crate) fn wait(mut self) -> Ended {
        let started = Instant::now();
        let mut peak_kilobytes = 0;
        let status = loop {
            peak_kilobytes = peak_kilobytes.max(peak(self.child.id()));
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                break status;
            }
            if started.elapsed() > WATCHDOG {
                self.child.kill().expect("a child can be killed");
                let _ = self.child.wait();
                let said = self.stderr.join().unwrap_or_default();
                panic!("the program did not end within {} s; it said:\n{said}", WATCHDOG.as_secs());
            }
            thread::sleep(Duration::from_millis(5));
        };
        let ended = Ended {
            code: status.code(),
            stdout: self.stdout.join().expect("a reader does not panic"),
            stderr: self.stderr.join().expect("a reader does not panic"),
            peak_kilobytes,
        };
        for text in [&ended.stdout, &ended.stderr] {
            assert!(!text.contains("panicked at"), "the program panicked:\n{text}");
        }
        ended
    }
}

impl Ended {
    /// Fails unless the program ended with that code.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "stdout:\n{stdout}\nstderr:\n{stderr}");
        self
    }

    /// Fails unless all of it stands on stdout.
    #[track_caller]
    pub(crate) fn expect_stdout(self, parts: &[&str]) -> Self {
        expect_parts("stdout", &self.stdout, parts);
        self
    }

    /// Fails unless all of it stands on stderr.
    #[track_caller]
    pub(crate) fn expect_stderr(self, parts: &[&str]) -> Self {
        expect_parts("stderr", &self.stderr, parts);
        self
    }

    /// Fails if any of it stands anywhere.
    #[track_caller]
    pub(crate) fn expect_nowhere(self, parts: &[&str]) -> Self {
        for part in parts {
            for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
                assert!(!text.contains(part), "`{}` stands on {name}:\n{text}", part.escape_debug());
            }
        }
        self
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).expect("stdout is JSON and nothing else")
    }
}

#[track_caller]
fn expect_parts(name: &str, text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` does not stand on {name}:\n{text}");
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The most memory that a process has held so far, where the system says it.
fn peak(process: u32) -> u64 {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
