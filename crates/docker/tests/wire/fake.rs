//! An engine made of canned answers, for the faults that a real one does not show on demand.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sweepd_docker::{Client, Options};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinSet;

/// What the fake does with one request.
pub(crate) enum Answer {
    /// Answers in full, with this status and this body.
    Full(u16, String),
    /// Answers 200 with this body, but not before so many requests have come in.
    FullAfter(usize, String),
    /// Announces this body, sends half of it, and closes the connection.
    HalfThenClose(String),
    /// Announces this body, sends half of it, and keeps the connection open.
    HalfThenHang(String),
    /// Sends 200 and this much white space, in chunks.
    Blank(usize),
    /// Sends 200 at once, then each piece as it is fed, until there is nobody to feed any.
    Feed(Pieces),
    /// Says nothing and keeps the connection open.
    Hang,
}

/// The pieces of one answer, from a test.
pub(crate) type Pieces = Arc<Mutex<mpsc::UnboundedReceiver<String>>>;

/// Both ends of an answer that the test feeds.
pub(crate) fn feeder() -> (mpsc::UnboundedSender<String>, Pieces) {
    let (feed, pieces) = mpsc::unbounded_channel();
    (feed, Arc::new(Mutex::new(pieces)))
}

/// A listening fake engine. Dropping it closes everything.
pub(crate) struct Fake {
    dir: TempDir,
    seen: watch::Receiver<Vec<String>>,
    open: watch::Receiver<usize>,
    _server: JoinSet<()>,
}

/// How a script answers a request, given as `GET /path?query`, and what its answers say of it.
struct Script {
    answer: Box<dyn Fn(&str) -> Answer + Send + Sync>,
    server: &'static str,
}

impl Fake {
    /// Listens, and answers each request, given as `GET /path?query`, by `script`.
    pub(crate) fn new(script: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::called("Docker/20.10.24 (linux)", script)
    }

    /// The same, as Podman.
    pub(crate) fn podman(script: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::called("Libpod/4.3.1 (linux)", script)
    }

    fn called(
        server: &'static str,
        script: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let script = Script { answer: Box::new(script), server };
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(socket(&dir)).unwrap();
        let (log, seen) = watch::channel(Vec::new());
        let (count, open) = watch::channel(0);
        let mut server = JoinSet::new();
        server.spawn(serve(listener, Arc::new(script), log, count));
        Self { dir, seen, open, _server: server }
    }

    /// A client of it that waits `deadline` for everything.
    pub(crate) fn client(&self, deadline: Duration) -> Client {
        client(&format!("unix://{}", socket(&self.dir).display()), deadline)
    }

    /// All requests so far, in order.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    /// Those that are not looks.
    pub(crate) fn verbs(&self) -> Vec<String> {
        let mut verbs = self.seen();
        verbs.retain(|request| !request.starts_with("GET ") && !request.contains("/wait"));
        verbs
    }

    /// Waits until `n` connections are open.
    pub(crate) async fn until_open(&self, n: usize) {
        let mut open = self.open.clone();
        let wait = open.wait_for(|open| *open == n);
        tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap().unwrap();
    }
}

/// A client of any host that waits `deadline` for everything.
pub(crate) fn client(host: &str, deadline: Duration) -> Client {
    Client::connect(Options {
        host: host.to_owned(),
        list: deadline,
        inspect: deadline,
        start: deadline,
        call: deadline,
        logs: deadline,
        events: deadline,
    })
    .unwrap()
}

fn socket(dir: &TempDir) -> PathBuf {
    dir.path().join("engine.sock")
}

async fn serve(
    listener: UnixListener,
    script: Arc<Script>,
    seen: watch::Sender<Vec<String>>,
    open: watch::Sender<usize>,
) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (script, seen, open) = (Arc::clone(&script), seen.clone(), open.clone());
        open.send_modify(|n| *n += 1);
        connections.spawn(async move {
            // A client that hangs up while it is being answered is no fault of the test.
            talk(stream, &script, &seen).await.ok();
            open.send_modify(|n| *n -= 1);
        });
    }
}

/// One request per connection.
async fn talk(
    mut stream: UnixStream,
    script: &Script,
    seen: &watch::Sender<Vec<String>>,
) -> io::Result<()> {
    let Some(request) = read_request(&mut stream).await? else { return Ok(()) };
    let answer = (script.answer)(&request);
    let server = script.server;
    seen.send_modify(|seen| seen.push(request));
    match answer {
        Answer::Full(status, body) => {
            write(&mut stream, (status, server), &body, body.len()).await?;
        }
        Answer::FullAfter(n, body) => {
            seen.subscribe().wait_for(|seen| seen.len() >= n).await.unwrap();
            write(&mut stream, (200, server), &body, body.len()).await?;
        }
        Answer::HalfThenClose(body) => {
            write(&mut stream, (200, server), &body, body.len() / 2).await?;
        }
        Answer::HalfThenHang(body) => {
            write(&mut stream, (200, server), &body, body.len() / 2).await?;
            until_hung_up(&mut stream).await?;
        }
        Answer::Blank(bytes) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await?;
            let blank = vec![b' '; 1 << 20];
            for _ in 0..bytes / blank.len() {
                stream.write_all(&blank).await?;
            }
        }
        Answer::Feed(pieces) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
            let mut pieces = pieces.lock().await;
            loop {
                tokio::select! {
                    piece = pieces.recv() => match piece {
                        Some(piece) => {
                            let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
                            stream.write_all(chunk.as_bytes()).await?;
                        }
                        None => return stream.write_all(b"0\r\n\r\n").await,
                    },
                    gone = until_hung_up(&mut stream) => return gone,
                }
            }
        }
        Answer::Hang => until_hung_up(&mut stream).await?,
    }
    Ok(())
}

/// Reads the head and the body, and gives the request line without its HTTP version.
async fn read_request(stream: &mut UnixStream) -> io::Result<Option<String>> {
    let mut got = Vec::new();
    loop {
        if stream.read_buf(&mut got).await? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&got);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .to_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            let line = head.lines().next().unwrap_or_default();
            return Ok(Some(line.trim_end_matches(" HTTP/1.1").to_owned()));
        }
    }
}

async fn write(
    stream: &mut UnixStream,
    (status, server): (u16, &str),
    body: &str,
    bytes: usize,
) -> io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Told\r\nServer: {server}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let head = if status == 204 { "HTTP/1.1 204 Told\r\n\r\n".to_owned() } else { head };
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body.as_bytes()[..bytes]).await
}

async fn until_hung_up(stream: &mut UnixStream) -> io::Result<()> {
    while stream.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}
