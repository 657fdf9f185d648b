//! How each sink stands, and where at it a thread is.

use rusqlite::{Connection, OptionalExtension, Row, params};
use sweepd_decide::Timestamp;

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// What is remembered of one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct SinkRecord {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// How it stands, for the rule of the outbox (JSON).
    pub standing: String,
    /// What a delivery depended on when that was so.
    pub fingerprint: String,
    /// When it was told for the first time that sweepd watches.
    pub greeted_at: Option<Timestamp>,
    /// When it was promised the last daily line.
    pub digested_at: Option<Timestamp>,
    /// What the last attempt came to.
    pub remark: Option<String>,
    /// When it was written.
    pub updated_at: Timestamp,
}

/// Where at a sink a thread is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Place {
    /// The sink.
    pub sink: String,
    /// The thread.
    pub thread: String,
    /// An issue's number, a message's id.
    pub place: String,
}

impl StateDb {
    /// What is remembered of each sink, by name.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn sinks(&self) -> Result<Vec<SinkRecord>, Error> {
        let failed = |error| self.failed("read the sinks", error);
        let mut list = self.conn.prepare_cached(SINKS).map_err(failed)?;
        let found = list.query_map([], sink).map_err(failed)?;
        self.steady(found.collect::<Result<_, _>>().map_err(failed)?)
    }

    /// Where at a sink a thread is, if that is known.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn place(&self, sink: &str, thread: &str) -> Result<Option<String>, Error> {
        let failed = |error| self.failed("read a place", error);
        let mut one = self.conn.prepare_cached(PLACE).map_err(failed)?;
        self.steady(one.query_row([sink, thread], |row| row.get(0)).optional().map_err(failed)?)
    }
}

/// What was promised to a sink beside incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct SinkNoted {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// It was told for the first time that sweepd watches.
    pub greeted: bool,
    /// It was told the daily line.
    pub digested: bool,
}

pub(super) fn noted(conn: &Connection, at: Timestamp, noted: &SinkNoted) -> rusqlite::Result<()> {
    let SinkNoted { name, kind, greeted, digested } = noted;
    let (at, now) = (at.as_millis(), |is: bool| is.then_some(at.as_millis()));
    let values = params![name, kind, now(*greeted), now(*digested), at];
    conn.prepare_cached(NOTE)?.execute(values).map(|_| ())
}

pub(super) fn write(conn: &Connection, record: &SinkRecord) -> rusqlite::Result<()> {
    let SinkRecord { name, kind, standing, fingerprint, remark, updated_at, .. } = record;
    let greeted_at = record.greeted_at.map(Timestamp::as_millis);
    let digested_at = record.digested_at.map(Timestamp::as_millis);
    let at = updated_at.as_millis();
    let values = params![name, kind, standing, fingerprint, greeted_at, digested_at, remark, at];
    conn.prepare_cached(WRITE)?.execute(values).map(|_| ())
}

pub(super) fn put(conn: &Connection, at: Timestamp, new: &Place) -> rusqlite::Result<()> {
    let Place { sink, thread, place } = new;
    conn.prepare_cached(PUT)?.execute(params![sink, thread, place, at.as_millis()]).map(|_| ())
}

const SINKS: &str = "SELECT name, kind, standing, fingerprint, greeted_at, digested_at, \
                     remark, updated_at FROM sinks ORDER BY name";
const PLACE: &str = "SELECT place FROM places WHERE sink = ?1 AND thread = ?2";
/// What was noted meanwhile is newer than what was read before an attempt.
const WRITE: &str = "INSERT INTO sinks \
                     (name, kind, standing, fingerprint, greeted_at, digested_at, remark, \
                     updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                     ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, \
                     standing = excluded.standing, fingerprint = excluded.fingerprint, \
                     greeted_at = coalesce(greeted_at, excluded.greeted_at), \
                     digested_at = coalesce(digested_at, excluded.digested_at), \
                     remark = excluded.remark, updated_at = excluded.updated_at";
const NOTE: &str = "INSERT INTO sinks (name, kind, standing, fingerprint, greeted_at, \
                    digested_at, updated_at) VALUES (?1, ?2, '{}', '', ?3, ?4, ?5) \
                    ON CONFLICT (name) DO UPDATE SET \
                    greeted_at = coalesce(excluded.greeted_at, greeted_at), \
                    digested_at = coalesce(excluded.digested_at, digested_at)";
const PUT: &str = "INSERT OR REPLACE INTO places (sink, thread, place, at) \
                   VALUES (?1, ?2, ?3, ?4)";

fn sink(row: &Row<'_>) -> rusqlite::Result<SinkRecord> {
    Ok(SinkRecord {
        name: row.get(0)?,
        kind: row.get(1)?,
        standing: row.get(2)?,
        fingerprint: row.get(3)?,
        greeted_at: cell::some_instant(row, 4)?,
        digested_at: cell::some_instant(row, 5)?,
        remark: row.get(6)?,
        updated_at: cell::instant(row, 7)?,
    })
}
