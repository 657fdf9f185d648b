//! A Docker engine made of canned answers: it lists, inspects and kills what a test says.
//!
//! It runs nothing. It serves each connection on a thread of its own, one request each.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use sweepd_decide::Timestamp;

use super::host::Host;

/// A listening engine. Dropped, nobody listens any more; the socket's file stays.
pub(crate) struct Engine {
    socket: PathBuf,
    inner: Arc<Inner>,
    server: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Inner {
    told: Mutex<Told>,
    /// A container has ended, or all is over.
    ended: Condvar,
}

#[derive(Default)]
struct Told {
    containers: Vec<Container>,
    requests: Vec<String>,
    over: bool,
}

/// One container.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    id: String,
    workspace: PathBuf,
    started_at: Timestamp,
    exit_code: Option<i64>,
    /// It does not hear SIGTERM.
    deaf: bool,
}

impl Engine {
    /// An engine without containers, where the host's configuration looks for it.
    pub(crate) fn new(host: &Host) -> Self {
        let socket = host.path("engine.sock");
        drop(std::fs::remove_file(&socket));
        let listener = UnixListener::bind(&socket).unwrap();
        let inner = Arc::new(Inner::default());
        let server = Arc::clone(&inner);
        let server = std::thread::spawn(move || serve(&listener, &server));
        Self { socket, inner, server: Some(server) }
    }

    /// Something runs for the session in this directory, since then.
    pub(crate) fn run(&self, workspace: &Path, started_at: Timestamp) {
        self.inner.run(workspace, started_at);
    }

    /// The same, and only SIGKILL ends it.
    pub(crate) fn run_deaf(&self, workspace: &Path, started_at: Timestamp) {
        self.inner.run(workspace, started_at);
        self.inner.told().containers.last_mut().unwrap().deaf = true;
    }

    /// A hand on it for a thread that outlives no test.
    pub(crate) fn runner(&self) -> impl Fn(&Path, Timestamp) + Send + 'static {
        let inner = Arc::clone(&self.inner);
        move |workspace, started_at| inner.run(workspace, started_at)
    }

    /// Everything asked that is not a look.
    pub(crate) fn verbs(&self) -> Vec<String> {
        let mut requests = self.inner.told().requests.clone();
        requests.retain(|request| !request.starts_with("GET "));
        requests
    }

    /// How many of its containers are up.
    pub(crate) fn up(&self) -> usize {
        self.inner.told().containers.iter().filter(|one| one.exit_code.is_none()).count()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.inner.told().over = true;
        self.inner.ended.notify_all();
        // Only to wake it.
        drop(UnixStream::connect(&self.socket));
        let _ended = self.server.take().map(JoinHandle::join);
    }
}

impl Inner {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, workspace: &Path, started_at: Timestamp) {
        let mut told = self.told();
        let id = format!("{:064x}", 0x00c0_ffee + told.containers.len());
        let workspace = workspace.canonicalize().unwrap();
        let container = Container { id, workspace, started_at, exit_code: None, deaf: false };
        told.containers.push(container);
    }

    fn answer(&self, request: &str) -> (u16, Value) {
        let mut told = self.told();
        told.requests.push(request.to_owned());
        let (verb, rest) = request.split_once(' ').unwrap();
        let path = rest.split('?').next().unwrap();
        let parts: Vec<&str> = path.split('/').filter(|part| !is_version(part)).collect();
        let missing = || (404, json!({ "message": format!("no such container: {path}") }));
        match (verb, parts.as_slice()) {
            ("GET", ["", "containers", "json"]) => {
                (200, told.containers.iter().map(Container::listed).collect())
            }
            ("GET", ["", "containers", id, "json"]) => {
                told.find(id).map_or_else(missing, |one| (200, one.inspected()))
            }
            ("POST", ["", "containers", id, "kill"]) => told.find(id).map_or_else(missing, |one| {
                one.hear(rest.contains("signal=SIGKILL"));
                self.ended.notify_all();
                (204, Value::Null)
            }),
            ("POST", ["", "containers", id, "wait"]) => self.wait_for(told, id),
            ("DELETE", ["", "containers", id]) => {
                told.containers.retain(|one| one.id != *id);
                (204, Value::Null)
            }
            ("GET", ["", "events"]) => (200, Value::Null),
            _ => (400, json!({ "message": format!("a fake engine does not know {request}") })),
        }
    }

    /// Answers when it has ended, as an engine does.
    fn wait_for(&self, mut told: MutexGuard<'_, Told>, id: &str) -> (u16, Value) {
        loop {
            let over = told.over;
            match told.find(id) {
                None => return (404, json!({ "message": format!("no such container: {id}") })),
                Some(one) if over || one.exit_code.is_some() => {
                    return (200, json!({ "StatusCode": one.exit_code }));
                }
                Some(_) => {}
            }
            told = self.ended.wait(told).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Told {
    fn find(&mut self, id: &str) -> Option<&mut Container> {
        self.containers.iter_mut().find(|one| one.id == id)
    }
}

impl Container {
    fn hear(&mut self, killed: bool) {
        if killed || !self.deaf {
            self.exit_code.get_or_insert(if killed { 137 } else { 143 });
        }
    }

    fn status(&self) -> &'static str {
        if self.exit_code.is_none() { "running" } else { "exited" }
    }

    fn mounts(&self) -> Value {
        json!([{ "Type": "bind", "Source": self.workspace, "Destination": "/workspace",
            "RW": true }])
    }

    fn listed(&self) -> Value {
        json!({ "Id": self.id, "Names": ["/agent"], "Labels": {}, "State": self.status(),
            "Status": "as told", "Created": self.started_at.as_millis() / 1000,
            "Mounts": self.mounts() })
    }

    fn inspected(&self) -> Value {
        let never = "0001-01-01T00:00:00Z".to_owned();
        let finished = if self.exit_code.is_some() { self.started_at.to_string() } else { never };
        json!({ "Id": self.id, "Name": "/agent", "Mounts": self.mounts(), "Config": {},
            "State": { "Status": self.status(), "ExitCode": self.exit_code.unwrap_or(0),
                "StartedAt": self.started_at.to_string(), "FinishedAt": finished } })
    }
}

fn serve(listener: &UnixListener, inner: &Arc<Inner>) {
    for stream in listener.incoming() {
        if inner.told().over {
            return;
        }
        let (inner, stream) = (Arc::clone(inner), stream.unwrap());
        // A client that was killed while it was being answered is what some tests are about.
        std::thread::spawn(move || drop(talk(stream, &inner)));
    }
}

fn talk(mut stream: UnixStream, inner: &Inner) -> std::io::Result<()> {
    let mut got = Vec::new();
    let mut buffer = [0; 4096];
    let line = loop {
        let n = stream.read(&mut buffer)?;
        got.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&got);
        if text.contains("\r\n\r\n") {
            let line = text.lines().next().unwrap_or_default();
            break line.trim_end_matches(" HTTP/1.1").to_owned();
        }
        if n == 0 {
            return Ok(());
        }
    };
    let (status, body) = inner.answer(&line);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let head = if status == 204 { "HTTP/1.1 204 Told\r\n\r\n".to_owned() } else { head };
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// `v1.49` in front of a path.
fn is_version(part: &str) -> bool {
    part.strip_prefix("v1.").is_some_and(|minor| minor.parse::<u8>().is_ok())
}
