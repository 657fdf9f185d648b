//! Which sessions are to be swept: the active ones of the central database `data/v2.db`.
//!
//! The database is the host's, in WAL mode, and nothing of it is written here. Where a host has it
//! open it is read with locks like any other; where nothing lies beside it, as an immutable file,
//! and whether that was true is checked afterwards; and where a host that is gone has left its
//! log, from a copy, because whoever reads that in place makes files.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use super::id::component;
use super::root::Root;
use crate::copy::{self, Stamp, stamp};
use crate::error::Error;
use crate::path::{beside, uri};

/// An active session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct SessionRow {
    /// The agent group it belongs to.
    pub agent_group_id: String,
    /// Its id.
    pub session_id: String,
    /// The group's folder below `groups/`.
    pub group_folder: Option<String>,
    /// Whether there is a row for the group. `true` as well where there is no table of groups.
    pub group_exists: bool,
}

/// An active session whose ids must not become part of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct RefusedSession {
    /// The agent group as written, whatever was not UTF-8 replaced.
    pub agent_group_id: String,
    /// The session as written.
    pub session_id: String,
    /// Why it is refused.
    pub reason: String,
}

/// Every active session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Sessions {
    /// Those to sweep, by group and id.
    pub rows: Vec<SessionRow>,
    /// Those that were refused, by group and id.
    pub refused: Vec<RefusedSession>,
    /// Tables and columns (`table.column`) that are not there and were done without.
    pub absent: Vec<String>,
}

/// The host's file is never opened in any other way.
const READ_ONLY: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY;
/// How often a database without a lock is read again when it changed meanwhile.
const ATTEMPTS: usize = 5;

impl Root {
    /// Lists the active sessions, by group and id. Waits at most half a second for a lock.
    ///
    /// Sessions of an old schema without `status` all count as active.
    ///
    /// # Errors
    /// [`Error::ReadCentral`] and [`Error::CentralUnsettled`], after which the same call may
    /// succeed; [`Error::CentralLacks`] if there is no list of sessions in it.
    pub fn sessions(&self) -> Result<Sessions, Error> {
        let path = self.data().join("v2.db");
        let failed = |source: std::io::Error| Error::ReadCentral {
            path: path.clone(),
            source: Box::new(source),
        };
        let real = path.canonicalize().map_err(failed)?;
        for _ in 0..ATTEMPTS {
            let before = Settled::of(&real).map_err(failed)?;
            let sessions = match before.beside {
                Beside::Nothing => list(&real, READ_ONLY, "immutable=1"),
                // The host has it open; its shared memory is not written to.
                Beside::Live => match list(&real, READ_ONLY, "readonly_shm=1") {
                    Err(Error::ReadCentral { .. }) => copied(&real),
                    listed => listed,
                },
                Beside::Left => copied(&real),
            };
            if before.beside != Beside::Nothing || Settled::of(&real).map_err(failed)? == before {
                return sessions;
            }
        }
        Err(Error::CentralUnsettled { path })
    }
}

/// What must not change while a file is read as immutable.
#[derive(Debug, PartialEq, Eq)]
struct Settled {
    file: Option<Stamp>,
    beside: Beside,
}

/// What lies beside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// Nothing of a writer.
    Nothing,
    /// A log of writes, and the memory that its readers share.
    Live,
    /// What a writer that is gone has left: whoever reads it in place has to put it in order.
    Left,
}

impl Settled {
    fn of(path: &Path) -> std::io::Result<Self> {
        if !path.metadata()?.is_file() {
            return Err(std::io::Error::other("not a regular file"));
        }
        let there = |suffix| beside(path, suffix).try_exists();
        let beside = match (there("-wal")?, there("-shm")?, there("-journal")?) {
            (false, _, false) => Beside::Nothing,
            (true, true, _) => Beside::Live,
            (_, _, true) | (true, false, _) => Beside::Left,
        };
        Ok(Self { file: stamp(path)?, beside })
    }
}

/// Lists from a copy, so that nothing of the host's is put in order for it.
fn copied(path: &Path) -> Result<Sessions, Error> {
    let failed = |source: std::io::Error| Error::ReadCentral {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let Some((_place, copy)) = copy::copy(path).map_err(failed)? else {
        return Err(failed(std::io::ErrorKind::NotFound.into()));
    };
    list(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE, "")
}

fn list(path: &Path, access: OpenFlags, query: &str) -> Result<Sessions, Error> {
    let failed = |source| Error::ReadCentral { path: path.to_owned(), source: Box::new(source) };
    let flags = access
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(uri(path, query), flags).map_err(failed)?;
    conn.busy_timeout(std::time::Duration::from_millis(500)).map_err(failed)?;
    conn.execute_batch("PRAGMA query_only = ON; BEGIN").map_err(failed)?;

    let sessions = columns(&conn, "sessions").map_err(failed)?;
    for needed in ["id", "agent_group_id"] {
        if !sessions.iter().any(|column| column == needed) {
            let what = format!("column sessions.{needed}");
            return Err(Error::CentralLacks { path: path.to_owned(), what });
        }
    }
    let groups = columns(&conn, "agent_groups").map_err(failed)?;
    let mut found = Sessions::default();
    let sql = statement(&sessions, &groups, &mut found.absent);
    let mut statement = conn.prepare(&sql).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        found.take(row).map_err(failed)?;
    }
    found.rows.sort();
    found.refused.sort();
    Ok(found)
}

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut info = conn.prepare("SELECT lower(name) FROM pragma_table_info(?1)")?;
    info.query_map([table], |row| row.get(0))?.collect()
}

fn statement(sessions: &[String], groups: &[String], absent: &mut Vec<String>) -> String {
    let mut has = |table: &str, columns: &[String], column: &str| {
        let there = columns.iter().any(|name| name == column);
        if !there {
            absent.push(format!("{table}.{column}"));
        }
        there
    };
    let active = if has("sessions", sessions, "status") { "s.status = 'active'" } else { "TRUE" };
    if !has("agent_groups", groups, "id") {
        return format!("SELECT s.agent_group_id, s.id, NULL, TRUE FROM sessions s WHERE {active}");
    }
    let folder = if has("agent_groups", groups, "folder") { "g.folder" } else { "NULL" };
    format!(
        "SELECT s.agent_group_id, s.id, {folder}, g.id IS NOT NULL \
         FROM sessions s LEFT JOIN agent_groups g ON g.id = s.agent_group_id WHERE {active}"
    )
}

impl Sessions {
    fn take(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        let word = |at| -> rusqlite::Result<Result<String, String>> {
            Ok(match row.get_ref(at)? {
                ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec())
                    .map_err(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => {
                    Err(String::new())
                }
            })
        };
        let (group, session) = (word(0)?, word(1)?);
        let checked = |id: &Result<String, String>| match id {
            Ok(id) => component(id).map(str::to_owned).map_err(|why| why.to_string()),
            Err(_) => Err("the id is not a text".to_owned()),
        };
        match (checked(&group), checked(&session)) {
            (Ok(agent_group_id), Ok(session_id)) => self.rows.push(SessionRow {
                agent_group_id,
                session_id,
                group_folder: word(2)?.ok(),
                group_exists: row.get(3)?,
            }),
            (Err(reason), _) | (_, Err(reason)) => self.refused.push(RefusedSession {
                agent_group_id: group.unwrap_or_else(|lossy| lossy),
                session_id: session.unwrap_or_else(|lossy| lossy),
                reason,
            }),
        }
        Ok(())
    }
}
