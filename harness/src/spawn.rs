//! A target as a child process: started, waited for, ended.
//!
//! In: a command line with `{port}` in it. Out: an endpoint on loopback that answers HTTP. What must stay true:
//! no shell is involved; waiting is bounded; the child and whatever it started are ended, however the run ends;
//! what the child wrote is kept, up to a bound, for the error message.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::client::{HttpTransport, Transport};
use crate::exchange::Request;

/// The bytes of a child's output that are kept.
const KEPT_OUTPUT: usize = 16 * 1024;

/// How long a child may take to end when it is asked to, before it is made to.
const GRACE: Duration = Duration::from_secs(3);

/// A child process that answers HTTP on loopback.
#[derive(Debug)]
pub struct Spawned {
    child: Child,
    /// The child's process group, until it is known to be gone.
    group: Option<u32>,
    endpoint: String,
    output: Output,
}

/// Why a target could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The command line can't be taken apart.
    #[error("`{line}` is no command line: {reason}")]
    BadLine {
        /// The command line.
        line: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The command could not be started.
    #[error("failed to start `{program}`: {error}")]
    NotStarted {
        /// The program.
        program: String,
        /// What the system said.
        error: io::Error,
    },
    /// No port is free.
    #[error("failed to find a free port on loopback: {0}")]
    NoPort(io::Error),
    /// The child ended before it answered.
    #[error("`{line}` ended with {status} before it answered{output}")]
    Ended {
        /// The command line.
        line: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote.
        output: String,
    },
    /// The child did not answer in time.
    #[error("`{line}` did not answer HTTP on port {port} within {} s{output}", .waited.as_secs())]
    Silent {
        /// The command line.
        line: String,
        /// The port that it was given.
        port: u16,
        /// How long it was waited for.
        waited: Duration,
        /// The end of what it wrote.
        output: String,
    },
}

/// A command line taken apart: `NAME=value program argument …`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    environment: Vec<(String, String)>,
    program: String,
    arguments: Vec<String>,
}

/// Starts a target and waits until it answers HTTP, at most for `patience`.
///
/// # Errors
/// If the line is none, the program can't be started, or it does not answer.
pub async fn spawn(line: &str, patience: Duration) -> Result<Spawned, SpawnError> {
    let port = free_port().map_err(SpawnError::NoPort)?;
    let parsed = parse(line, port)?;
    let shown = without_secrets(line);
    let mut command = Command::new(&parsed.program);
    command
        .args(&parsed.arguments)
        .envs(parsed.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // A group of its own: ending the group ends what the child started, and Ctrl-C reaches us alone.
    #[cfg(unix)]
    command.process_group(0);
    let mut child =
        command.spawn().map_err(|error| SpawnError::NotStarted { program: parsed.program.clone(), error })?;
    let output = Output::default();
    output.collect(child.stdout.take());
    output.collect(child.stderr.take());
    let endpoint = format!("http://127.0.0.1:{port}");
    let group = child.id();
    let mut spawned = Spawned { child, group, endpoint, output };
    match spawned.wait_until_ready(patience).await {
        Ok(()) => Ok(spawned),
        Err(status) => {
            // What the child wrote last may still be in the pipe.
            sleep(Duration::from_millis(100)).await;
            let output = spawned.output.tail();
            spawned.end().await;
            let line = shown;
            Err(match status {
                Some(status) => SpawnError::Ended { line, status, output },
                None => SpawnError::Silent { line, port, waited: patience, output },
            })
        }
    }
}

impl Spawned {
    /// Where the child answers.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The end of what the child wrote, for a message about it.
    pub fn output(&self) -> String {
        self.output.tail()
    }

    /// Ends the child and all that it started: asks, then makes it.
    pub async fn end(mut self) {
        self.signal(Signal::Ask);
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        // The child's own children may outlive it.
        self.signal(Signal::Make);
        let _ = self.child.wait().await;
        self.group = None;
    }

    /// Waits for the first HTTP answer; gives how the child ended if it did, nothing if time ran out.
    async fn wait_until_ready(&mut self, patience: Duration) -> Result<(), Option<ExitStatus>> {
        let deadline = Instant::now() + patience;
        let Ok(transport) = HttpTransport::new(&self.endpoint, None) else { return Err(None) };
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Some(status));
            }
            let request = Request {
                method: "GET".to_owned(),
                path: "/".to_owned(),
                headers: Vec::new(),
                body: Vec::new(),
            };
            if transport.send(request, Duration::from_secs(5)).await.is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(None)
    }

    #[cfg(unix)]
    fn signal(&mut self, signal: Signal) {
        use rustix::process::{Pid, Signal as UnixSignal, kill_process_group};

        // The group has the number of the child that led it.
        let group = self.group.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let signal = match signal {
            Signal::Ask => UnixSignal::TERM,
            Signal::Make => UnixSignal::KILL,
        };
        if let Some(group) = group {
            let _ = kill_process_group(group, signal);
        }
    }

    #[cfg(not(unix))]
    fn signal(&mut self, signal: Signal) {
        if let (Signal::Make, Some(_)) = (signal, self.group) {
            let _ = self.child.start_kill();
        }
    }
}

/// A run that is torn down early ends the child too.
impl Drop for Spawned {
    fn drop(&mut self) {
        self.signal(Signal::Make);
    }
}

#[derive(Clone, Copy)]
enum Signal {
    Ask,
    Make,
}

/// The end of what a child wrote.
#[derive(Clone, Debug, Default)]
struct Output(Arc<Mutex<VecDeque<u8>>>);

impl Output {
    /// Reads a pipe to its end, so that the child never blocks on it.
    fn collect(&self, pipe: Option<impl AsyncRead + Unpin + Send + 'static>) {
        let Some(mut pipe) = pipe else { return };
        let kept = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut chunk).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&chunk[..read]);
                let excess = kept.len().saturating_sub(KEPT_OUTPUT);
                kept.drain(..excess);
            }
        });
    }

    /// The last lines, behind a heading; nothing if there are none.
    fn tail(&self) -> String {
        let kept: Vec<u8> = self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        let text = String::from_utf8_lossy(&kept);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        if lines.is_empty() {
            return "; it wrote nothing".to_owned();
        }
        let last = &lines[lines.len().saturating_sub(20)..];
        format!("; it wrote:\n    {}", last.join("\n    "))
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn parse(line: &str, port: u16) -> Result<Line, SpawnError> {
    let bad = |reason: &str| SpawnError::BadLine { line: without_secrets(line), reason: reason.to_owned() };
    let words = shell_words::split(line).map_err(|error| bad(&error.to_string()))?;
    if !words.iter().any(|word| word.contains("{port}")) {
        return Err(bad("`{port}` stands nowhere in it, so the program can't know where to listen"));
    }
    let mut words = words.into_iter().map(|word| word.replace("{port}", &port.to_string())).peekable();
    let mut environment = Vec::new();
    while let Some(assignment) = words.next_if(|word| as_assignment(word).is_some()) {
        environment
            .extend(as_assignment(&assignment).map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    let program = words.next().ok_or_else(|| bad("there is no program in it"))?;
    Ok(Line { environment, program, arguments: words.collect() })
}

/// A command line as it may be shown: what an assignment calls a key, a secret, a token or a password is hidden.
pub fn without_secrets(line: &str) -> String {
    let Ok(words) = shell_words::split(line) else { return "a line that is no command line".to_owned() };
    let is_secret = |name: &str| {
        let name = name.to_ascii_uppercase();
        ["KEY", "SECRET", "TOKEN", "PASSWORD", "CREDENTIAL"].iter().any(|word| name.contains(word))
    };
    let mut leading = true;
    let mut hidden = false;
    let shown: Vec<String> = words
        .iter()
        .map(|word| {
            let assignment = as_assignment(word).filter(|_| leading);
            leading = assignment.is_some();
            match assignment {
                Some((name, _)) if is_secret(name) => {
                    hidden = true;
                    format!("{name}=…")
                }
                _ => word.clone(),
            }
        })
        .collect();
    if hidden { shell_words::join(shown) } else { line.to_owned() }
}

fn as_assignment(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_without_a_shell() {
        let line = parse("A=1 PORT={port} 'my server' -p {port} 'B=2' $HOME", 77).ok();
        let expected = Line {
            environment: vec![("A".into(), "1".into()), ("PORT".into(), "77".into())],
            program: "my server".into(),
            arguments: vec!["-p".into(), "77".into(), "B=2".into(), "$HOME".into()],
        };
        assert_eq!(line, Some(expected));
    }

    #[test]
    fn what_an_assignment_calls_a_secret_is_not_shown() {
        let shown = without_secrets("PORT={port} API_TOKEN=abc 'my server' TOKEN=shown -p {port}");
        assert_eq!(shown, "'PORT={port}' 'API_TOKEN=…' 'my server' 'TOKEN=shown' -p {port}");
        assert_eq!(without_secrets("A=1 server -p {port}"), "A=1 server -p {port}");
    }

    #[test]
    fn a_line_that_can_not_work_is_refused() {
        for line in ["", "server", "A={port}", "server '{port}"] {
            assert!(matches!(parse(line, 77), Err(SpawnError::BadLine { .. })), "{line}");
        }
    }
}
