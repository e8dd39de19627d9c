//! The signals that ask the program to end.
//!
//! In: nothing. Out: when one came. What must stay true: caught before anything is started, so that an early
//! one leaves nothing behind.

use std::io;

use ecrspec::exit::Exit;
use tokio::sync::watch;

use crate::cli::Failure;

/// Does work that makes something in a target: the first signal asks it to end, through what it is given, and the
/// second ends it. Who asks twice does not want to wait for the clean-up.
pub(super) async fn until_asked_twice<Work>(
    work: impl FnOnce(watch::Receiver<bool>) -> Work,
) -> Result<Exit, Failure>
where
    Work: Future<Output = Result<Exit, Failure>>,
{
    let (stop, stopped) = watch::channel(false);
    let second = watch_for_signals(stop)?;
    tokio::select! {
        done = work(stopped) => done,
        () = second => Err(Failure {
            exit: Exit::Interrupted,
            message: "interrupted twice: what was made in the target may be left there".to_owned(),
        }),
    }
}

/// Turns `stop` true at the first signal that asks the program to end; what it gives is done at the second.
///
/// The signals are caught from here on, not from when a task comes to it: a signal in between would end the
/// program and leave a started target behind.
pub(super) fn watch_for_signals(stop: watch::Sender<bool>) -> Result<impl Future<Output = ()>, Failure> {
    let mut signals = Signals::catch().map_err(|error| Failure {
        exit: Exit::SuiteFault,
        message: format!("failed to catch signals: {error}"),
    })?;
    let (second, mut twice) = watch::channel(false);
    tokio::spawn(async move {
        signals.next().await;
        // Nobody listens any more once the run is over.
        let _ = stop.send(true);
        signals.next().await;
        let _ = second.send(true);
    });
    Ok(async move {
        if twice.wait_for(|twice| *twice).await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The signals that ask the program to end.
#[cfg(unix)]
pub(super) struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    pub(super) fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let [interrupt, terminate, hang_up] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        Ok(Self([interrupt?, terminate?, hang_up?]))
    }

    pub(super) async fn next(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}

/// The signal that asks the program to end.
#[cfg(windows)]
pub(super) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    pub(super) fn catch() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    pub(super) async fn next(&mut self) {
        self.0.recv().await;
    }
}
