//! What people did about each incident, and what they were told of it.

use rusqlite::{Connection, Row, params};
use sweepd_decide::{Severity, Timestamp};

use super::incidents::{Incident, incident};
use super::{StateDb, incidents};
use crate::cell;
use crate::error::Error;

/// An incident, with what people did about it and were told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Standing {
    /// The incident.
    pub incident: Incident,
    /// How bad it was when somebody acknowledged it, and when that was.
    pub acknowledged: Option<(Severity, Timestamp)>,
    /// Nobody wants to hear of it before.
    pub snoozed_until: Option<Timestamp>,
    /// When its opening, or that it lasts, was promised last, and how bad it was then.
    pub told: Option<(Timestamp, Severity)>,
    /// When its end was promised.
    pub end_told_at: Option<Timestamp>,
    /// Why nothing was told when that was asked last, in one published word.
    pub why: Option<String>,
    /// Until when that holds, where time alone can change it.
    pub until: Option<Timestamp>,
    /// The number of the incident that explains this one.
    pub cause: Option<i64>,
}

/// What changes about that.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled change is a bug")]
pub enum TellingChange {
    /// Somebody knows of it, as bad as it is now.
    Acknowledged {
        /// Which incident.
        incident: i64,
    },
    /// Somebody does not want to hear of it before; `None`: does want to after all.
    Snoozed {
        /// Which incident.
        incident: i64,
        /// Until when.
        until: Option<Timestamp>,
    },
    /// Its opening, or that it lasts, is promised.
    Told {
        /// Which incident.
        incident: i64,
        /// How bad it is.
        severity: Severity,
    },
    /// Its end is promised.
    EndTold {
        /// Which incident.
        incident: i64,
    },
    /// What was promised of it has reached nobody, and never will.
    Unpromised {
        /// Which incident.
        incident: i64,
    },
    /// Nothing is told.
    Untold {
        /// Which incident.
        incident: i64,
        /// Why, in one published word.
        why: String,
        /// Until when that holds.
        until: Option<Timestamp>,
        /// What explains it.
        cause: Option<i64>,
    },
}

impl StateDb {
    /// Incidents that are open, that were resolved at or after an instant, or whose opening was told
    /// and whose end was not; in the order in which they opened.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn standing(&self, since: Timestamp) -> Result<Vec<Standing>, Error> {
        let failed = |error| self.failed("read what was told", error);
        let mut list = self.conn.prepare_cached(STANDING).map_err(failed)?;
        let found = list.query_map([since.as_millis()], standing).map_err(failed)?;
        let mut found: Vec<Standing> = found.collect::<Result<_, _>>().map_err(failed)?;
        found.sort_by_key(|one| one.incident.id);
        self.steady(found)
    }
}

impl StateDb {
    /// The keys of the incidents that another one explains and that nobody was told of.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn explained_by(&self, cause: i64) -> Result<Vec<String>, Error> {
        let failed = |error| self.failed("read what a cause explains", error);
        let mut list = self.conn.prepare_cached(EXPLAINED).map_err(failed)?;
        let found = list.query_map([cause], |row| row.get(0)).map_err(failed)?;
        self.steady(found.collect::<Result<_, _>>().map_err(failed)?)
    }
}

/// Writes one change.
pub(super) fn change(
    conn: &Connection,
    at: Timestamp,
    change: &TellingChange,
) -> rusqlite::Result<()> {
    let at = at.as_millis();
    let done = match change {
        TellingChange::Acknowledged { incident } => {
            conn.prepare_cached(ACKNOWLEDGE)?.execute(params![incident, at])
        }
        TellingChange::Snoozed { incident, until } => {
            let until = until.map(Timestamp::as_millis);
            conn.prepare_cached(SNOOZE)?.execute(params![incident, until])
        }
        TellingChange::Told { incident, severity } => {
            let severity = cell::severity_text(*severity);
            conn.prepare_cached(TELL)?.execute(params![incident, at, severity])
        }
        TellingChange::EndTold { incident } => {
            conn.prepare_cached(TELL_END)?.execute(params![incident, at])
        }
        TellingChange::Unpromised { incident } => {
            conn.prepare_cached(UNPROMISE)?.execute(params![incident])
        }
        TellingChange::Untold { incident, why, until, cause } => {
            let until = until.map(Timestamp::as_millis);
            conn.prepare_cached(NOT_TELL)?.execute(params![incident, why, until, cause])
        }
    };
    done.map(|_| ())
}

/// The incident's columns come first, in the order of its schema.
const STANDING: &str = "SELECT i.*, t.acked_severity, t.acked_at, t.snoozed_until, t.told_at, \
     t.told_severity, t.end_told_at, t.why, t.until, t.cause \
     FROM incidents AS i LEFT JOIN telling AS t ON t.incident = i.id WHERE i.id IN ( \
         SELECT id FROM incidents WHERE resolved_at IS NULL \
         UNION ALL SELECT id FROM incidents WHERE resolved_at >= ?1 \
         UNION ALL SELECT incident FROM telling WHERE told_at IS NOT NULL AND end_told_at IS NULL)";
const ACKNOWLEDGE: &str = "INSERT INTO telling (incident, acked_at, acked_severity) \
     SELECT id, ?2, severity FROM incidents WHERE id = ?1 \
     ON CONFLICT (incident) DO UPDATE SET acked_at = excluded.acked_at, \
     acked_severity = excluded.acked_severity";
const SNOOZE: &str = "INSERT INTO telling (incident, snoozed_until) \
     SELECT id, ?2 FROM incidents WHERE id = ?1 \
     ON CONFLICT (incident) DO UPDATE SET snoozed_until = excluded.snoozed_until";
const TELL: &str = "INSERT INTO telling (incident, told_at, told_severity) \
     SELECT id, ?2, ?3 FROM incidents WHERE id = ?1 \
     ON CONFLICT (incident) DO UPDATE SET told_at = excluded.told_at, \
     told_severity = excluded.told_severity, why = NULL, until = NULL, cause = NULL";
const TELL_END: &str = "UPDATE telling SET end_told_at = ?2, why = NULL, until = NULL \
     WHERE incident = ?1 AND end_told_at IS NULL";
const UNPROMISE: &str = "UPDATE telling SET told_at = NULL, told_severity = NULL \
     WHERE incident = ?1 AND end_told_at IS NULL";
const EXPLAINED: &str = "SELECT i.key FROM telling AS t JOIN incidents AS i ON i.id = t.incident \
     WHERE t.cause = ?1 AND t.told_at IS NULL ORDER BY i.id";
const NOT_TELL: &str = "INSERT INTO telling (incident, why, until, cause) \
     SELECT id, ?2, ?3, ?4 FROM incidents WHERE id = ?1 \
     ON CONFLICT (incident) DO UPDATE SET why = excluded.why, until = excluded.until, \
     cause = coalesce(excluded.cause, cause)";

fn standing(row: &Row<'_>) -> rusqlite::Result<Standing> {
    let at = incidents::COLUMNS;
    let some_severity = |at| match row.get::<_, Option<String>>(at)? {
        None => Ok(None),
        Some(_) => cell::severity(row, at).map(Some),
    };
    Ok(Standing {
        incident: incident(row)?,
        acknowledged: some_severity(at)?.zip(cell::some_instant(row, at + 1)?),
        snoozed_until: cell::some_instant(row, at + 2)?,
        told: cell::some_instant(row, at + 3)?.zip(some_severity(at + 4)?),
        end_told_at: cell::some_instant(row, at + 5)?,
        why: row.get(at + 6)?,
        until: cell::some_instant(row, at + 7)?,
        cause: row.get(at + 8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{EXPLAINED, STANDING};
    use crate::state::plans::plan;

    #[test]
    fn incidents_that_are_over_and_told_are_not_read() {
        let plan = plan(STANDING);
        assert!(plan.contains("SEARCH i USING INTEGER PRIMARY KEY (rowid=?)"), "{plan}");
        assert!(plan.contains("INDEX incidents_resolved (resolved_at>?)"), "{plan}");
        assert!(plan.contains("INDEX telling_unfinished"), "{plan}");
        assert!(plan.contains("SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"), "{plan}");
        let explained = crate::state::plans::plan(EXPLAINED);
        assert!(explained.contains("USING INDEX telling_cause (cause=?)"), "{explained}");
    }
}
