//! Between sweepd and the engine: every list of containers is cut in half.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

/// A socket for sweepd. It is gone when this is dropped.
#[derive(Debug)]
pub(super) struct Scissors {
    cuts: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl Scissors {
    /// Listens at `socket` for the engine at `host`.
    pub(super) fn listen(socket: &Path, host: &str) -> Self {
        let listener = UnixListener::bind(socket).unwrap();
        let engine: PathBuf = host.strip_prefix("unix://").unwrap().into();
        let cuts = Arc::new(AtomicUsize::new(0));
        let mut serving = JoinSet::new();
        let counted = Arc::clone(&cuts);
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(serve(client, engine.clone(), Arc::clone(&counted)));
            }
        });
        Self { cuts, _serving: serving }
    }

    /// How many answers were cut so far.
    pub(super) fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

async fn serve(client: UnixStream, engine: PathBuf, cuts: Arc<AtomicUsize>) {
    let Ok(engine) = UnixStream::connect(&engine).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_engine, mut to_engine) = engine.into_split();
    let mut request = vec![0; 64 * 1024];
    let Ok(length @ 1..) = from_client.read(&mut request).await else { return };
    let is_list = String::from_utf8_lossy(&request[..length]).contains("/containers/json");
    if to_engine.write_all(&request[..length]).await.is_err() {
        return;
    }
    if !is_list {
        let there = copy(&mut from_client, &mut to_engine);
        let back = copy(&mut from_engine, &mut to_client);
        drop(tokio::join!(there, back));
        return;
    }
    let mut answer = vec![0; 1024 * 1024];
    let Ok(length @ 1..) = from_engine.read(&mut answer).await else { return };
    cuts.fetch_add(1, Ordering::SeqCst);
    drop(to_client.write_all(&answer[..length / 2]).await);
}
