//! Decisions with their inputs, so that each can be explained and replayed later.

use rusqlite::{Connection, params};
use sweepd_decide::{AgentId, Timestamp};

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct DecisionRecord {
    /// Its number; later ones are higher.
    pub id: i64,
    /// Whom it is about.
    pub agent: AgentId,
    /// When it was made.
    pub at: Timestamp,
    /// `kill-claim`, `hold` …
    pub action: String,
    /// Everything it was made from (JSON).
    pub inputs: String,
    /// The decision with its evidence and recheck (JSON).
    pub decision: String,
}

/// A decision to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct NewDecision {
    /// Whom it is about.
    pub agent: AgentId,
    /// `kill-claim`, `hold` …
    pub action: String,
    /// Everything it was made from (JSON).
    pub inputs: String,
    /// The decision with its evidence and recheck (JSON).
    pub decision: String,
}

impl StateDb {
    /// The last decisions about an agent, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn decisions(&self, agent: &AgentId, limit: u32) -> Result<Vec<DecisionRecord>, Error> {
        let failed = |error| self.failed("read decisions", error);
        let mut last = self.conn.prepare_cached(LAST).map_err(failed)?;
        let found = last.query_map(params![agent.as_str(), limit], |row| {
            Ok(DecisionRecord {
                id: row.get(0)?,
                agent: cell::agent(row, 1)?,
                at: cell::instant(row, 2)?,
                action: row.get(3)?,
                inputs: row.get(4)?,
                decision: row.get(5)?,
            })
        });
        self.steady(found.map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?)
    }
}

pub(super) fn add(conn: &Connection, at: Timestamp, new: &NewDecision) -> rusqlite::Result<i64> {
    let NewDecision { agent, action, inputs, decision } = new;
    let values = params![agent.as_str(), at.as_millis(), action, inputs, decision];
    conn.prepare_cached(ADD)?.insert(values)
}

const LAST: &str = "SELECT id, agent, at, action, inputs, decision FROM decisions \
                    WHERE agent = ?1 ORDER BY id DESC LIMIT ?2";
const ADD: &str = "INSERT INTO decisions (agent, at, action, inputs, decision) \
                   VALUES (?1, ?2, ?3, ?4, ?5)";

#[cfg(test)]
mod tests {
    use super::LAST;
    use crate::state::plans::plan;

    #[test]
    fn the_last_decisions_of_an_agent_are_found_without_sorting() {
        assert_eq!(plan(LAST), "SEARCH decisions USING INDEX decisions_agent (agent=?)\n");
    }
}
