//! Puts one task into the queue of the monitor's session, once.

use rusqlite::ffi::ErrorCode;
use rusqlite::{ToSql, params_from_iter};
use sweepd_decide::{MessageId, Timestamp};

use super::error::MonitorError;
use super::session::{Route, Seat, seat};
use super::{Injected, InvestigationTask, KEEPALIVE, MONITOR_GROUP};
use crate::nanoclaw::apply::allowance;
use crate::nanoclaw::beneath::SessionDir;
use crate::nanoclaw::inbound::{self, TABLE};
use crate::nanoclaw::open::{Database, INBOUND, OUTBOUND};
use crate::nanoclaw::root::Root;
use crate::nanoclaw::schema;
use crate::nanoclaw::unreadable::Unreadable;

/// The longest id of a message, in bytes.
const LONGEST_ID: usize = 128;

/// Asks the monitor something: one message, due now, unless a message of that id is there. The
/// session, its directory and both databases are made where they are not yet.
///
/// Waits at most two seconds for the lock of `v2.db` and half a second for that of `inbound.db`.
/// An existing `outbound.db` is not opened. Whether the session may be woken is the caller's
/// question.
///
/// # Errors
/// [`MonitorError`]; no message was put there. [`MonitorError::NoGroup`] before
/// [`bootstrap()`](super::bootstrap()); [`MonitorError::retry`] says whether to try again later.
pub fn inject(
    root: &Root,
    task: &InvestigationTask,
    now: Timestamp,
) -> Result<Injected, MonitorError> {
    check(&task.message_id)?;
    let Seat { session_id, route } = seat(root, task, now)?;
    let open = |source| MonitorError::Open { file: INBOUND, source };
    let missing = || {
        let (file, detail) = (INBOUND.to_owned(), "it was removed".to_owned());
        open(Unreadable::Io { file, detail })
    };
    let dir = SessionDir::open(root.sessions_dir(), MONITOR_GROUP, &session_id).map_err(open)?;
    let dir = dir.ok_or_else(missing)?;
    let allowance = allowance();
    let outbound = dir.database(OUTBOUND, allowance.max_file);
    outbound.map_err(|source| MonitorError::Open { file: OUTBOUND, source })?;
    let database = Database::write(&dir, INBOUND, allowance).map_err(open)?.ok_or_else(missing)?;
    if !insert(&database, task, route.as_ref(), now)? {
        return Ok(Injected::AlreadyThere { session_id });
    }
    if let Some(route) = &route {
        project(&database, route)?;
    }
    let committed = database.run("COMMIT");
    committed.map_err(|source| MonitorError::Write { file: INBOUND, source })?;
    Ok(Injected::Done { session_id })
}

fn check(id: &MessageId) -> Result<(), MonitorError> {
    let may = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let text = id.as_str();
    if text.is_empty() || text.len() > LONGEST_ID || !text.bytes().all(may) {
        let id = text.chars().take(LONGEST_ID).collect();
        return Err(MonitorError::BadMessageId { id });
    }
    Ok(())
}

/// The message, with the columns that exist; false if its id is taken.
fn insert(
    database: &Database,
    task: &InvestigationTask,
    route: Option<&Route>,
    now: Timestamp,
) -> Result<bool, MonitorError> {
    let columns = schema::required(database, TABLE)
        .map_err(|source| MonitorError::Open { file: INBOUND, source })?;
    let needed = ["id", "kind", "timestamp", "status", "content"];
    if let Some(column) = columns.lacking(&needed).into_iter().next() {
        let what = format!("column {TABLE}.{column}");
        return Err(MonitorError::Lacks { file: INBOUND, what });
    }
    let id = task.message_id.as_str();
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {TABLE} WHERE id = ?1)");
    let there: rusqlite::Result<bool> = database.conn.query_row(&sql, [id], |row| row.get(0));
    if there.map_err(|error| failed(database, TABLE, error))? {
        return Ok(false);
    }
    let seq = if columns.has("seq") {
        Some(inbound::next_seq(database).map_err(|error| failed(database, TABLE, error))?)
    } else {
        None
    };
    let content = serde_json::json!({ "prompt": task.prompt }).to_string();
    let cells: [(&str, &dyn ToSql); 12] = [
        ("id", &id),
        ("seq", &seq),
        ("kind", &"task"),
        ("timestamp", &now.to_sqlite()),
        ("status", &"pending"),
        ("process_after", &now.to_string()),
        ("series_id", &id),
        ("tries", &0),
        ("trigger", &1),
        ("platform_id", &route.map(|route| &route.platform_id)),
        ("channel_type", &route.map(|route| &route.channel_type)),
        ("content", &content),
    ];
    put(database, TABLE, cells.iter().filter(|(column, _)| columns.has(column)).copied())?;
    Ok(true)
}

/// What the host writes at each spawn as well: where answers go, and the name of that place.
fn project(database: &Database, route: &Route) -> Result<(), MonitorError> {
    let Route { channel_type, platform_id, name, .. } = route;
    let routing: [(&'static str, &dyn ToSql); 3] =
        [("id", &1), ("channel_type", channel_type), ("platform_id", platform_id)];
    replace(database, "session_routing", &routing)?;
    let destination: [(&'static str, &dyn ToSql); 5] = [
        ("name", &KEEPALIVE),
        ("display_name", name),
        ("type", &"channel"),
        ("channel_type", channel_type),
        ("platform_id", platform_id),
    ];
    replace(database, "destinations", &destination)
}

/// Replaces the row that has the first cell. Where a table or column is not there, nothing is done.
fn replace(
    database: &Database,
    table: &'static str,
    cells: &[(&'static str, &dyn ToSql)],
) -> Result<(), MonitorError> {
    let columns = schema::optional(database, table)
        .map_err(|source| MonitorError::Open { file: INBOUND, source })?;
    let names: Vec<&str> = cells.iter().map(|(column, _)| *column).collect();
    let Some((key, value)) = cells.first() else { return Ok(()) };
    if columns.is_none_or(|columns| !columns.lacking(&names).is_empty()) {
        return Ok(());
    }
    let sql = format!("DELETE FROM {table} WHERE {key} = ?1");
    let deleted = database.conn.execute(&sql, [value]);
    deleted.map_err(|error| failed(database, table, error))?;
    put(database, table, cells.iter().copied())
}

fn put<'a>(
    database: &Database,
    table: &'static str,
    cells: impl Iterator<Item = (&'a str, &'a dyn ToSql)>,
) -> Result<(), MonitorError> {
    let (columns, values): (Vec<String>, Vec<&dyn ToSql>) =
        cells.map(|(column, value)| (format!("\"{column}\""), value)).unzip();
    let marks = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", columns.join(", "));
    let put = database.conn.execute(&sql, params_from_iter(values));
    put.map(|_| ()).map_err(|error| failed(database, table, error))
}

/// A failed statement.
fn failed(database: &Database, table: &'static str, error: rusqlite::Error) -> MonitorError {
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        return MonitorError::Constraint { file: INBOUND, table, source: Box::new(error) };
    }
    MonitorError::Write { file: INBOUND, source: database.why(&error) }
}
