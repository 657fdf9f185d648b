//! What happened, numbered without gaps: the journal that the API replays from.

use rusqlite::{Connection, Row, params};
use sweepd_decide::{AgentId, Timestamp};

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Event {
    /// Its number: one more than the event before, also across restarts and pruning.
    pub seq: i64,
    /// When it was committed.
    pub at: Timestamp,
    /// `agent_woken`, `incident_opened` …
    pub kind: String,
    /// Whom it is about, if it is about an agent.
    pub agent: Option<AgentId>,
    /// The source, if it is about one.
    pub source: Option<String>,
    /// Which run of the agent, if that is known.
    pub incarnation: Option<String>,
    /// Everything else (JSON).
    pub data: String,
}

/// Something to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct NewEvent {
    /// `agent_woken`, `container_died` …
    pub kind: String,
    /// Whom it is about, if it is about an agent.
    pub agent: Option<AgentId>,
    /// The source, if it is about one.
    pub source: Option<String>,
    /// Which run of the agent, if that is known.
    pub incarnation: Option<String>,
    /// Everything else (JSON).
    pub data: String,
}

/// Which events are still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct EventBounds {
    /// The oldest that has not been pruned; `None` if there is none.
    pub oldest: Option<i64>,
    /// The newest ever written, pruned or not; 0 before the first.
    pub newest: i64,
}

impl StateDb {
    /// Events after number `after_seq`, at most `limit`, oldest first; of one agent or of all.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn events(
        &self,
        after_seq: i64,
        agent: Option<&AgentId>,
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        let failed = |error| self.failed("read events", error);
        let sql = if agent.is_some() { OF_ONE } else { ALL };
        let mut after = self.conn.prepare_cached(sql).map_err(failed)?;
        let found = match agent {
            Some(agent) => after.query_map(params![after_seq, limit, agent.as_str()], event),
            None => after.query_map(params![after_seq, limit], event),
        };
        self.steady(found.map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?)
    }

    /// The last events about an agent, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn last_events(&self, agent: &AgentId, limit: u32) -> Result<Vec<Event>, Error> {
        let failed = |error| self.failed("read the last events", error);
        let mut last = self.conn.prepare_cached(LAST).map_err(failed)?;
        let found = last.query_map(params![agent.as_str(), limit], event).map_err(failed)?;
        self.steady(found.collect::<Result<_, _>>().map_err(failed)?)
    }

    /// Which events are still there: a reader that asks for older ones has a gap.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn event_bounds(&self) -> Result<EventBounds, Error> {
        let failed = |error| self.failed("read the bounds of the events", error);
        let mut bounds = self.conn.prepare_cached(BOUNDS).map_err(failed)?;
        let bounds = bounds
            .query_row([], |row| Ok(EventBounds { oldest: row.get(0)?, newest: row.get(1)? }));
        self.steady(bounds.map_err(failed)?)
    }
}

pub(super) fn add(conn: &Connection, at: Timestamp, event: &NewEvent) -> rusqlite::Result<i64> {
    let NewEvent { kind, agent, source, incarnation, data } = event;
    let agent = agent.as_ref().map(AgentId::as_str);
    conn.prepare_cached(ADD)?.insert(params![
        at.as_millis(),
        kind,
        agent,
        source,
        incarnation,
        data
    ])
}

const ALL: &str = "SELECT seq, at, kind, agent, source, incarnation, data FROM events \
                   WHERE seq > ?1 ORDER BY seq LIMIT ?2";
const OF_ONE: &str = "SELECT seq, at, kind, agent, source, incarnation, data FROM events \
                      WHERE seq > ?1 AND agent = ?3 ORDER BY seq LIMIT ?2";
const LAST: &str = "SELECT seq, at, kind, agent, source, incarnation, data FROM events \
                    WHERE agent = ?1 ORDER BY seq DESC LIMIT ?2";
const BOUNDS: &str = "SELECT (SELECT min(seq) FROM events), \
                      coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)";
const ADD: &str = "INSERT INTO events (at, kind, agent, source, incarnation, data) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        seq: row.get(0)?,
        at: cell::instant(row, 1)?,
        kind: row.get(2)?,
        agent: cell::some_agent(row, 3)?,
        source: row.get(4)?,
        incarnation: row.get(5)?,
        data: row.get(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{ALL, BOUNDS, LAST, OF_ONE};
    use crate::state::plans::plan;

    #[test]
    fn events_are_found_by_number_and_by_agent_and_number() {
        assert_eq!(plan(ALL), "SEARCH events USING INTEGER PRIMARY KEY (rowid>?)\n");
        let of_one = "SEARCH events USING INDEX events_agent (agent=? AND seq>?)\n";
        assert_eq!(plan(OF_ONE), of_one);
        assert_eq!(plan(LAST), "SEARCH events USING INDEX events_agent (agent=?)\n");
        assert!(plan(BOUNDS).contains("SEARCH events"));
    }
}
