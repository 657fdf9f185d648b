//! One NanoClaw session on disk, to be looked at and written to.

use std::collections::BTreeMap;
use std::fs::FileType;
use std::hash::{DefaultHasher, Hasher as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value;
use sweepd_decide::RowChange;
use sweepd_store::nanoclaw::{
    self, Applied, ApplyError, Inbound, Look, LookRequest, Outbound, Root, Unreadable,
};
use tempfile::TempDir;

/// The newest schema of `inbound.db`, as NanoClaw 2.0.64 makes it.
pub(crate) const INBOUND: &str = "
    CREATE TABLE messages_in (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, kind TEXT NOT NULL,
      timestamp TEXT NOT NULL, status TEXT DEFAULT 'pending', process_after TEXT, recurrence TEXT,
      series_id TEXT, tries INTEGER DEFAULT 0, trigger INTEGER NOT NULL DEFAULT 1,
      platform_id TEXT, channel_type TEXT, thread_id TEXT, content TEXT NOT NULL,
      source_session_id TEXT, on_wake INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX idx_messages_in_series ON messages_in(series_id);";
/// The oldest one.
pub(crate) const INITIAL: &str = "
    CREATE TABLE messages_in (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, kind TEXT NOT NULL,
      timestamp TEXT NOT NULL, status TEXT DEFAULT 'pending', process_after TEXT, recurrence TEXT,
      tries INTEGER DEFAULT 0, platform_id TEXT, channel_type TEXT, thread_id TEXT,
      content TEXT NOT NULL);";
/// The newest schema of `outbound.db`.
pub(crate) const OUTBOUND: &str = "
    CREATE TABLE messages_out (id TEXT PRIMARY KEY, seq INTEGER UNIQUE, in_reply_to TEXT,
      timestamp TEXT NOT NULL, deliver_after TEXT, recurrence TEXT, kind TEXT NOT NULL,
      platform_id TEXT, channel_type TEXT, thread_id TEXT, content TEXT NOT NULL);
    CREATE TABLE processing_ack (message_id TEXT PRIMARY KEY, status TEXT NOT NULL,
      status_changed TEXT NOT NULL);
    CREATE TABLE session_state (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT NOT NULL);
    CREATE TABLE container_state (id INTEGER PRIMARY KEY CHECK (id = 1), current_tool TEXT,
      tool_declared_timeout_ms INTEGER, tool_started_at TEXT, updated_at TEXT NOT NULL);";

pub(crate) struct Session {
    _temp: TempDir,
    pub(crate) root: Root,
    pub(crate) dir: PathBuf,
}

impl Session {
    /// A session with both databases, in the newest schema, without rows.
    pub(crate) fn new() -> Self {
        Self::with(INBOUND, OUTBOUND)
    }

    /// A session with databases made by these statements.
    pub(crate) fn with(inbound: &str, outbound: &str) -> Self {
        let session = Self::empty();
        session.sql("inbound.db", inbound);
        session.sql("outbound.db", outbound);
        session
    }

    /// A session directory with nothing in it.
    pub(crate) fn empty() -> Self {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(temp.path().join("data/v2-sessions/ag-1/sess-1")).unwrap();
        let root = Root::open(temp.path()).unwrap();
        let dir = root.session_dir("ag-1", "sess-1").unwrap();
        Self { _temp: temp, root, dir }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn open(&self, name: &str) -> Connection {
        Connection::open(self.file(name)).unwrap()
    }

    pub(crate) fn sql(&self, name: &str, sql: &str) {
        self.open(name).execute_batch(sql).unwrap();
    }

    pub(crate) fn request(&self) -> LookRequest {
        LookRequest::new(self.root.path(), "ag-1", "sess-1")
    }

    pub(crate) fn look(&self) -> Look {
        self.look_as(self.request())
    }

    /// Looks, and makes sure that this returns and leaves every file as it was.
    pub(crate) fn look_as(&self, request: LookRequest) -> Look {
        let before = listing(&self.dir);
        let look = within(Duration::from_secs(20), move || nanoclaw::look(&request));
        assert_eq!(listing(&self.dir), before, "a look changes nothing");
        look
    }

    pub(crate) fn inbound(&self) -> Inbound {
        self.look().inbound.seen().unwrap().clone()
    }

    pub(crate) fn outbound(&self) -> Outbound {
        self.look().outbound.seen().unwrap().clone()
    }

    /// Why `outbound.db` cannot be read, while `inbound.db` is read all the same.
    pub(crate) fn outbound_is(&self) -> Unreadable {
        let look = self.look();
        assert!(look.inbound.seen().is_some(), "{:?}", look.inbound);
        look.outbound.unreadable().cloned().unwrap()
    }

    /// Why `inbound.db` cannot be read, while `outbound.db` is read all the same.
    pub(crate) fn inbound_is(&self) -> Unreadable {
        let look = self.look();
        assert!(look.outbound.seen().is_some(), "{:?}", look.outbound);
        look.inbound.unreadable().cloned().unwrap()
    }

    pub(crate) fn apply(&self, change: &RowChange) -> Result<Applied, ApplyError> {
        nanoclaw::apply(&self.root, "ag-1", "sess-1", change)
    }

    /// Every row of `inbound.db`, by id, with every column but those that are NULL.
    pub(crate) fn rows(&self) -> BTreeMap<String, BTreeMap<String, Value>> {
        let conn = self.open("inbound.db");
        let mut all = conn.prepare("SELECT * FROM messages_in").unwrap();
        let names: Vec<String> = all.column_names().map(str::to_owned).collect();
        let rows = all.query_map([], |row| {
            let mut cells = BTreeMap::new();
            for (at, name) in names.iter().enumerate() {
                let value: Value = row.get(at)?;
                if value != Value::Null {
                    cells.insert(name.clone(), value);
                }
            }
            Ok((row.get::<_, String>("id")?, cells))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// One cell of `inbound.db`.
    pub(crate) fn cell(&self, id: &str, column: &str) -> Value {
        let row = self.rows().remove(id).unwrap();
        row.get(column).cloned().unwrap_or(Value::Null)
    }
}

/// Runs something that might hang.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    run: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (tell, told) = mpsc::channel();
    let worker = std::thread::spawn(move || tell.send(run()));
    let value = told.recv_timeout(limit).unwrap();
    worker.join().unwrap().unwrap();
    value
}

/// Everything about a directory that must not change: names, types, sizes, owners, times, content.
///
/// Reading a file drops every lock that this process holds on it: not for tests about locks.
pub(crate) fn listing(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        let meta = entry.path().symlink_metadata().unwrap();
        let mut content = DefaultHasher::new();
        if kind.is_file() && meta.size() < 100_000_000 {
            content.write(&std::fs::read(entry.path()).unwrap());
        }
        let line = format!(
            "{} {} {:o} {}:{} {}.{} {:x}",
            letter(kind),
            meta.size(),
            meta.mode(),
            meta.uid(),
            meta.gid(),
            meta.mtime(),
            meta.mtime_nsec(),
            content.finish(),
        );
        found.insert(entry.path(), line);
        if kind.is_dir() {
            found.extend(listing(&entry.path()));
        }
    }
    found
}

fn letter(kind: FileType) -> char {
    match (kind.is_file(), kind.is_dir(), kind.is_symlink()) {
        (true, _, _) => 'f',
        (_, true, _) => 'd',
        (_, _, true) => 'l',
        _ => '?',
    }
}
