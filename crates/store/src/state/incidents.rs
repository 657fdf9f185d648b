//! The life of each finding: opened once per key, kept open while it is seen, resolved, remembered.

use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use sweepd_decide::{AgentId, Severity, Timestamp};

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// Something that is or was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Incident {
    /// Its number; later ones are higher.
    pub id: i64,
    /// What makes it the same incident: at most one is open per key.
    pub key: String,
    /// The kind of finding.
    pub kind: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whom it is about, if it is about an agent.
    pub agent: Option<AgentId>,
    /// The source, if it is about one.
    pub source: Option<String>,
    /// One sentence.
    pub summary: String,
    /// What it rests on (JSON).
    pub evidence: String,
    /// When it was first seen.
    pub opened_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// How many looks in a row have not seen it any more.
    pub good_looks: u32,
    /// When it was over; `None` while it is open.
    pub resolved_at: Option<Timestamp>,
    /// How it ended.
    pub resolution: Option<String>,
}

/// What a look means for an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled change is a bug")]
pub enum IncidentChange {
    /// It was seen: opens it, or keeps it open and starts the count of good looks anew.
    Seen {
        /// What makes it the same incident.
        key: String,
        /// The kind of finding.
        kind: String,
        /// How bad it is.
        severity: Severity,
        /// Whom it is about, if it is about an agent.
        agent: Option<AgentId>,
        /// The source, if it is about one.
        source: Option<String>,
        /// One sentence.
        summary: String,
        /// What it rests on (JSON).
        evidence: String,
    },
    /// It was looked for and not seen: resolves it with the `needed`-th such look in a row.
    Good {
        /// Which incident.
        key: String,
        /// How many good looks resolve it.
        needed: u32,
    },
    /// It is over.
    Resolve {
        /// Which incident.
        key: String,
        /// How it ended: `recovered`, `aged-out`, `by-hand` …
        how: String,
    },
}

/// Which incidents to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a question with two answers")]
pub enum IncidentFilter {
    /// Those that are open.
    Open,
    /// Those that are open, and those resolved at or after an instant.
    Since(Timestamp),
}

/// How an incident changed by a commit.
#[derive(Debug)]
pub(super) enum Change {
    /// There was none of this key.
    Opened(Incident),
    /// Its severity is another one now.
    Updated(Incident),
    /// It is over.
    Resolved(Incident),
}

impl StateDb {
    /// Incidents in the order in which they opened.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn incidents(&self, filter: IncidentFilter) -> Result<Vec<Incident>, Error> {
        let failed = |error| self.failed("list the incidents", error);
        let list = |sql, values: &[i64]| -> rusqlite::Result<Vec<Incident>> {
            let mut list = self.conn.prepare_cached(sql)?;
            list.query_map(params_from_iter(values), incident)?.collect()
        };
        let found = match filter {
            IncidentFilter::Open => list(LIST_OPEN, &[]),
            IncidentFilter::Since(at) => list(LIST_SINCE, &[at.as_millis()]),
        };
        let mut found = found.map_err(failed)?;
        found.sort_by_key(|incident| incident.id);
        self.steady(found)
    }

    /// How many incidents are open, also of kinds that only a newer version knows.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn open_incidents(&self) -> Result<u32, Error> {
        let failed = |error| self.failed("count the open incidents", error);
        let mut count = self.conn.prepare_cached(HOW_MANY).map_err(failed)?;
        self.steady(count.query_row([], |row| row.get(0)).map_err(failed)?)
    }

    /// How often an incident of a key was opened at or after an instant, as far as is remembered.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn openings(&self, key: &str, since: Timestamp) -> Result<u32, Error> {
        let failed = |error| self.failed("count the openings of an incident", error);
        let mut count = self.conn.prepare_cached(OPENINGS).map_err(failed)?;
        let count = count.query_row(params![key, since.as_millis()], |row| row.get(0));
        self.steady(count.map_err(failed)?)
    }
}

/// Applies one change; `None` if it changed nothing worth an event.
pub(super) fn change(
    conn: &Connection,
    at: Timestamp,
    change: &IncidentChange,
) -> rusqlite::Result<Option<Change>> {
    match change {
        IncidentChange::Seen { key, kind, severity, agent, source, summary, evidence } => {
            let before = conn.prepare_cached(OPEN)?.query_row([key], incident).optional()?;
            let sql = if before.is_some() { SEE } else { BEGIN };
            let now = conn.prepare_cached(sql)?.query_row(
                params![
                    key,
                    at.as_millis(),
                    cell::severity_text(*severity),
                    summary,
                    evidence,
                    kind,
                    agent.as_ref().map(AgentId::as_str),
                    source,
                ],
                incident,
            )?;
            Ok(match before {
                None => Some(Change::Opened(now)),
                Some(before) if before.severity != now.severity => Some(Change::Updated(now)),
                Some(_) => None,
            })
        }
        IncidentChange::Good { key, needed } => {
            let looks = conn.prepare_cached(GOOD)?.query_row([key], |row| row.get::<_, u32>(0));
            match looks.optional()? {
                Some(looks) if looks >= *needed => resolve(conn, at, key, "recovered"),
                Some(_) | None => Ok(None),
            }
        }
        IncidentChange::Resolve { key, how } => resolve(conn, at, key, how),
    }
}

fn resolve(
    conn: &Connection,
    at: Timestamp,
    key: &str,
    how: &str,
) -> rusqlite::Result<Option<Change>> {
    let values = params![key, at.as_millis(), how];
    let resolved = conn.prepare_cached(RESOLVE)?.query_row(values, incident).optional()?;
    Ok(resolved.map(Change::Resolved))
}

/// What a row is read from. `incident` reads `*` in the order of the schema.
const LIST_OPEN: &str = "SELECT * FROM incidents WHERE resolved_at IS NULL";
const LIST_SINCE: &str = "SELECT * FROM incidents WHERE resolved_at IS NULL \
                          UNION ALL SELECT * FROM incidents WHERE resolved_at >= ?1";
const HOW_MANY: &str = "SELECT count(*) FROM incidents WHERE resolved_at IS NULL";
const OPEN: &str = "SELECT * FROM incidents WHERE key = ?1 AND resolved_at IS NULL";
const BEGIN: &str = "INSERT INTO incidents (key, opened_at, last_seen_at, severity, summary, \
                     evidence, kind, agent, source) \
                     VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING *";
const SEE: &str = "UPDATE incidents SET last_seen_at = ?2, severity = ?3, summary = ?4, \
                   evidence = ?5, kind = ?6, agent = ?7, source = ?8, good_looks = 0 \
                   WHERE key = ?1 AND resolved_at IS NULL RETURNING *";
const GOOD: &str = "UPDATE incidents SET good_looks = good_looks + 1 \
                    WHERE key = ?1 AND resolved_at IS NULL RETURNING good_looks";
const RESOLVE: &str = "UPDATE incidents SET resolved_at = ?2, resolution = ?3 \
                       WHERE key = ?1 AND resolved_at IS NULL RETURNING *";

const OPENINGS: &str = "SELECT count(*) FROM incidents WHERE key = ?1 AND opened_at >= ?2";

/// How many columns [`incident`] reads.
pub(super) const COLUMNS: usize = 13;

pub(super) fn incident(row: &Row<'_>) -> rusqlite::Result<Incident> {
    Ok(Incident {
        id: row.get(0)?,
        key: row.get(1)?,
        kind: row.get(2)?,
        severity: cell::severity(row, 3)?,
        agent: cell::some_agent(row, 4)?,
        source: row.get(5)?,
        summary: row.get(6)?,
        evidence: row.get(7)?,
        opened_at: cell::instant(row, 8)?,
        last_seen_at: cell::instant(row, 9)?,
        good_looks: row.get(10)?,
        resolved_at: cell::some_instant(row, 11)?,
        resolution: row.get(12)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{GOOD, LIST_OPEN, LIST_SINCE, OPEN, OPENINGS, RESOLVE, SEE};
    use crate::state::plans::plan;

    #[test]
    fn resolved_incidents_are_not_read_to_find_the_open_ones() {
        for sql in [OPEN, SEE, GOOD, RESOLVE] {
            assert_eq!(plan(sql), "SEARCH incidents USING INDEX incidents_open (key=?)\n");
        }
        assert_eq!(plan(LIST_OPEN), "SCAN incidents USING INDEX incidents_open\n");
        assert_eq!(plan(OPENINGS), "SEARCH incidents USING INDEX incidents_key (key=?)\n");
        let since = plan(LIST_SINCE);
        assert!(since.contains("SCAN incidents USING INDEX incidents_open"), "{since}");
        assert!(since.contains("USING INDEX incidents_resolved (resolved_at>?)"), "{since}");
    }
}
