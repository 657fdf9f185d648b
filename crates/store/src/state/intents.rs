//! What was promised and not yet seen through: the other half of every write elsewhere.
//!
//! An intent is committed before the act and settled after it. One that is still open after a
//! crash is applied again; what it says is never computed anew.

use rusqlite::{Connection, Row, params};
use sweepd_decide::{AgentId, Timestamp};

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// A promised act that has not been settled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Intent {
    /// Its number; later ones are higher.
    pub id: i64,
    /// Whom it is about.
    pub agent: AgentId,
    /// `row`, `stop`, `wake` …
    pub kind: String,
    /// The act itself (JSON).
    pub payload: String,
    /// When it was promised.
    pub created_at: Timestamp,
}

/// A promise to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct NewIntent {
    /// Whom it is about.
    pub agent: AgentId,
    /// `row`, `stop`, `wake` …
    pub kind: String,
    /// The act itself (JSON).
    pub payload: String,
}

/// A promise that was kept or became void. Settling twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Settled {
    /// Which one.
    pub id: i64,
    /// How it ended: `done`, `superseded`, `failed` …
    pub outcome: String,
}

impl StateDb {
    /// The open intents, of one agent or of all, in the order in which they were made.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn open_intents(&self, agent: Option<&AgentId>) -> Result<Vec<Intent>, Error> {
        let failed = |error| self.failed("list the open intents", error);
        let mut open =
            self.conn.prepare_cached(if agent.is_some() { OF_ONE } else { ALL }).map_err(failed)?;
        let found = match agent {
            Some(agent) => open.query_map([agent.as_str()], intent),
            None => open.query_map([], intent),
        };
        let mut found: Vec<Intent> =
            found.map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
        found.sort_by_key(|intent| intent.id);
        self.steady(found)
    }
}

pub(super) fn add(conn: &Connection, at: Timestamp, intent: &NewIntent) -> rusqlite::Result<i64> {
    let NewIntent { agent, kind, payload } = intent;
    let values = params![agent.as_str(), kind, payload, at.as_millis()];
    conn.prepare_cached(ADD)?.insert(values)
}

pub(super) fn settle(conn: &Connection, at: Timestamp, settled: &Settled) -> rusqlite::Result<()> {
    let values = params![settled.id, at.as_millis(), settled.outcome];
    conn.prepare_cached(SETTLE)?.execute(values).map(|_| ())
}

const ALL: &str =
    "SELECT id, agent, kind, payload, created_at FROM intents WHERE settled_at IS NULL";
const OF_ONE: &str = "SELECT id, agent, kind, payload, created_at FROM intents \
                      WHERE settled_at IS NULL AND agent = ?1";
const ADD: &str = "INSERT INTO intents (agent, kind, payload, created_at) VALUES (?1, ?2, ?3, ?4)";
const SETTLE: &str =
    "UPDATE intents SET settled_at = ?2, outcome = ?3 WHERE id = ?1 AND settled_at IS NULL";

fn intent(row: &Row<'_>) -> rusqlite::Result<Intent> {
    Ok(Intent {
        id: row.get(0)?,
        agent: cell::agent(row, 1)?,
        kind: row.get(2)?,
        payload: row.get(3)?,
        created_at: cell::instant(row, 4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{ALL, OF_ONE, SETTLE};
    use crate::state::plans::plan;

    #[test]
    fn settled_intents_are_not_read_to_find_the_open_ones() {
        assert_eq!(plan(ALL), "SCAN intents USING INDEX intents_open\n");
        assert_eq!(plan(OF_ONE), "SEARCH intents USING INDEX intents_open (agent=?)\n");
        assert_eq!(plan(SETTLE), "SEARCH intents USING INTEGER PRIMARY KEY (rowid=?)\n");
    }
}
