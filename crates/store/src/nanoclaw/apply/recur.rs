//! Clones a recurring message for its next run and takes the expression off the original.

use rusqlite::params;
use sweepd_decide::MessageId;

use super::{Applied, ApplyError, failed};
use crate::nanoclaw::inbound::{TABLE, next_seq};
use crate::nanoclaw::open::Database;
use crate::nanoclaw::schema::{self, Columns};

/// The parts of [`sweepd_decide::RowChange::Recur`].
pub(super) struct Recur<'a> {
    pub(super) message_id: &'a MessageId,
    pub(super) status: Option<&'a str>,
    pub(super) recurrence: &'a str,
    pub(super) clone_id: &'a MessageId,
    pub(super) clone_status: &'a str,
    pub(super) series_id: &'a str,
    pub(super) process_after: &'a str,
    pub(super) timestamp: &'a str,
}

/// Where each column of the clone comes from; those that a schema lacks are left out, and those
/// not named here (`on_wake`, `source_session_id`, anything newer) get their defaults.
const CLONE: [(&str, &str); 14] = [
    ("id", "?1"),
    ("seq", "?2"),
    ("kind", "kind"),
    ("timestamp", "?3"),
    ("status", "?4"),
    ("process_after", "?5"),
    ("recurrence", "recurrence"),
    ("series_id", "?6"),
    ("tries", "0"),
    ("trigger", "\"trigger\""),
    ("platform_id", "platform_id"),
    ("channel_type", "channel_type"),
    ("thread_id", "thread_id"),
    ("content", "content"),
];

/// The original, if it still is what it was.
const ORIGINAL: &str = "id = ?7 COLLATE BINARY AND status IS ?8 COLLATE BINARY \
                        AND recurrence IS ?9 COLLATE BINARY";

impl Recur<'_> {
    /// Both writes happen, or neither. Content is copied inside SQLite and never read.
    pub(super) fn apply(&self, database: &Database) -> Result<Applied, ApplyError> {
        let columns =
            schema::required(database, TABLE).map_err(|source| ApplyError::Open { source })?;
        let needed =
            ["id", "kind", "timestamp", "status", "process_after", "recurrence", "content"];
        if let Some(column) = columns.lacking(&needed).into_iter().next() {
            return Err(ApplyError::LacksColumn { column });
        }
        if rows(database, "id = ?1 COLLATE BINARY", self.clone_id.as_str())? > 0 {
            let keeps = "id = ?1 COLLATE BINARY AND recurrence IS NOT NULL";
            let keeps = rows(database, keeps, self.message_id.as_str())? > 0;
            return Ok(if keeps { Applied::Superseded } else { Applied::AlreadyDone });
        }
        match self.insert(database, &columns)? {
            0 => return Ok(Applied::Superseded),
            1 => {}
            _ => return Err(self.ambiguous()),
        }
        let sql = format!("UPDATE {TABLE} SET recurrence = NULL WHERE id = ?1 COLLATE BINARY");
        match database.conn.execute(&sql, [self.message_id.as_str()]) {
            Ok(1) => Ok(Applied::Done),
            Ok(_) => Err(self.ambiguous()),
            Err(error) => Err(failed(database, error)),
        }
    }

    fn insert(&self, database: &Database, columns: &Columns) -> Result<usize, ApplyError> {
        let known = CLONE.iter().filter(|(column, _)| columns.has(column));
        let (into, from): (Vec<String>, Vec<&str>) =
            known.map(|(column, source)| (format!("\"{column}\""), *source)).unzip();
        let (into, from) = (into.join(", "), from.join(", "));
        let sql =
            format!("INSERT INTO {TABLE} ({into}) SELECT {from} FROM {TABLE} WHERE {ORIGINAL}");
        let seq = if columns.has("seq") {
            Some(next_seq(database).map_err(|error| failed(database, error))?)
        } else {
            None
        };
        let values = params![
            self.clone_id.as_str(),
            seq,
            self.timestamp,
            self.clone_status,
            self.process_after,
            self.series_id,
            self.message_id.as_str(),
            self.status,
            self.recurrence,
        ];
        database.conn.execute(&sql, values).map_err(|error| failed(database, error))
    }

    fn ambiguous(&self) -> ApplyError {
        ApplyError::Ambiguous { id: self.message_id.to_string() }
    }
}

/// How many rows fulfil a condition on one id; more than one is as good as two.
fn rows(database: &Database, condition: &str, id: &str) -> Result<i64, ApplyError> {
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {TABLE} WHERE {condition} LIMIT 2)");
    let count = database.conn.query_row(&sql, [id], |row| row.get(0));
    count.map_err(|error| failed(database, error))
}
