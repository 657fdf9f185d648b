//! Between sweepd and the engine, until a certain request: from then on, silence.
//!
//! Connections are accepted all the same, as by an engine that hangs.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// From when on nothing gets through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Silence {
    /// From the `nth` request on that `asks` this: counted from 1.
    pub(crate) nth: usize,
    pub(crate) asks: fn(&str) -> bool,
    /// Whether that request still reaches the engine, so that only its answer is lost.
    pub(crate) heard: bool,
}

/// A socket for sweepd. It is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    host: String,
    silent: watch::Receiver<bool>,
    _serving: JoinSet<()>,
}

/// What a connection needs to know.
#[derive(Clone)]
struct Line {
    engine: PathBuf,
    silence: Silence,
    asked: Arc<AtomicUsize>,
    silent: Arc<watch::Sender<bool>>,
}

impl Proxy {
    /// Listens at `socket` for the engine at `host`.
    pub(crate) fn listen(socket: &Path, host: &str, silence: Silence) -> Self {
        let listener = UnixListener::bind(socket).unwrap();
        let (silent, is_silent) = watch::channel(false);
        let line = Line {
            engine: host.strip_prefix("unix://").unwrap().into(),
            silence,
            asked: Arc::new(AtomicUsize::new(0)),
            silent: Arc::new(silent),
        };
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(line.clone().serve(client));
            }
        });
        let host = format!("unix://{}", socket.display());
        Self { host, silent: is_silent, _serving: serving }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether the request has come.
    pub(crate) fn is_silent(&self) -> bool {
        *self.silent.borrow()
    }
}

impl Line {
    async fn serve(self, client: UnixStream) {
        let Ok(engine) = UnixStream::connect(&self.engine).await else { return };
        let (from_client, to_client) = client.into_split();
        let (from_engine, to_engine) = engine.into_split();
        let there = self.forward(from_client, to_engine, true);
        let back = self.forward(from_engine, to_client, false);
        tokio::join!(there, back);
    }

    async fn forward(
        &self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
        requests: bool,
    ) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let chunk = &buffer[..length];
            let silenced = requests && self.is_the_one(chunk);
            if (*self.silent.borrow() && !silenced) || (silenced && !self.silence.heard) {
                return pending().await;
            }
            if to.write_all(chunk).await.is_err() {
                break;
            }
        }
        drop(to.shutdown().await);
    }

    /// Whether this begins the request from which on nothing gets through.
    fn is_the_one(&self, chunk: &[u8]) -> bool {
        let text = String::from_utf8_lossy(chunk);
        let Some((request, _)) = text.lines().next().and_then(|line| line.split_once(" HTTP/"))
        else {
            return false;
        };
        let asked = || self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let the_one = (self.silence.asks)(request) && asked() == self.silence.nth;
        if the_one {
            self.silent.send_replace(true);
        }
        the_one
    }
}
