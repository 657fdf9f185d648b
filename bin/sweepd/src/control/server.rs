//! The daemon's ear: a socket in the state directory that only its owner may open.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rustix::fs::Mode;
use rustix::process::umask;
use sweepd_decide::Span;
use sweepd_sweep::ports::Clock as _;
use sweepd_sweep::{Engine, Handle, SystemClock};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::place::Place;
use super::{Reply, Request, carry_out};
use crate::config::Config;

/// So large a question may be.
const LARGEST: u64 = 64 << 10;
/// And so long it may take to be put.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two attempts to hear somebody.
const AGAIN: Span = Span::from_millis(200);
/// So many are answered at once.
const AT_ONCE: usize = 16;

/// The socket. It is gone when this is dropped.
pub(crate) struct Server {
    listener: UnixListener,
    place: Place,
}

impl Server {
    /// Listens in `state_dir`. Whatever an earlier daemon has left there is replaced: whoever has
    /// the state's lock has the socket too.
    ///
    /// # Errors
    /// It cannot be made there.
    pub(crate) fn listen(state_dir: &Path) -> std::io::Result<Self> {
        let place = Place::of(state_dir)?;
        let path = place.path();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        // Nobody else may open it, not for a moment.
        let before = umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
        let listener = UnixListener::bind(&path);
        umask(before);
        Ok(Self { listener: listener?, place })
    }

    /// Answers until `over`; what was asked by then is answered still.
    ///
    /// # Cancel safety
    /// Whatever was asked for is done all the same; its answer is lost.
    pub(crate) async fn serve(
        &self,
        engine: &Engine,
        config: &Config,
        over: impl Future<Output = ()>,
    ) {
        let (handle, clock) = (engine.handle(), SystemClock::new());
        let mut answering = FuturesUnordered::new();
        let mut over = std::pin::pin!(over);
        loop {
            tokio::select! {
                biased;
                () = &mut over => break,
                Some(()) = answering.next() => {}
                accepted = self.listener.accept(), if answering.len() < AT_ONCE => {
                    match accepted {
                        Ok((stream, _)) => {
                            answering.push(answer(stream, engine, &handle, config));
                        }
                        // Too many files are open: whoever asks waits until one is closed.
                        Err(_) => clock.sleep_until(clock.now().plus(AGAIN)).await,
                    }
                }
            }
        }
        let rest = async { while answering.next().await.is_some() {} };
        // Whoever does not read on is not waited for.
        let _unread = tokio::time::timeout(PATIENCE, rest).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it is gone already, so much the better.
        let _gone = std::fs::remove_file(self.place.path());
    }
}

/// Answers one question. Whoever hangs up hears nothing.
async fn answer(stream: UnixStream, engine: &Engine, handle: &Handle, config: &Config) {
    let (reading, mut writing) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(reading.take(LARGEST));
    let read = tokio::time::timeout(PATIENCE, reader.read_until(b'\n', &mut line)).await;
    if !matches!(read, Ok(Ok(1..))) {
        return;
    }
    let reply = match serde_json::from_slice::<Request>(&line) {
        Ok(request) => match carry_out(engine, Some(handle), config, &request).await {
            Ok(answer) => Reply::Answer(answer),
            Err(failure) => failure.into_reply(),
        },
        Err(error) => Reply::Refused {
            exit: 2,
            error: format!("the question is not understood: {error}"),
            hint: Some("is the `sweepd` that asks of the daemon's version?".to_owned()),
        },
    };
    let Ok(mut text) = serde_json::to_vec(&reply) else { return };
    text.push(b'\n');
    // Whoever asked may have gone, or not read on.
    let _unheard = tokio::time::timeout(PATIENCE, writing.write_all(&text)).await;
}
