//! What is remembered of each agent from look to look.

use rusqlite::{Connection, OptionalExtension, Row, params};
use sweepd_decide::{AgentId, Timestamp};

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// What is remembered of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct AgentRecord {
    /// Whose memory it is.
    pub agent: AgentId,
    /// The source it came from.
    pub source: String,
    /// What the core remembers (JSON).
    pub memory: String,
    /// What the last look saw (JSON), for showing; `None` if no look has seen anything yet.
    pub facts: Option<String>,
    /// When it was written.
    pub updated_at: Timestamp,
}

/// A new memory of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct AgentUpdate {
    /// Whose memory it is.
    pub agent: AgentId,
    /// The source it came from.
    pub source: String,
    /// What the core remembers (JSON).
    pub memory: String,
    /// What this look saw (JSON); `None` leaves what an earlier look saw.
    pub facts: Option<String>,
}

impl StateDb {
    /// Every agent that is remembered, by id.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn agents(&self) -> Result<Vec<AgentRecord>, Error> {
        let failed = |error| self.failed("list the agents", error);
        let mut all = self.conn.prepare_cached(ALL).map_err(failed)?;
        let agents = all.query_map([], record).map_err(failed)?;
        self.steady(agents.collect::<Result<_, _>>().map_err(failed)?)
    }

    /// What is remembered of one agent.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn agent(&self, agent: &AgentId) -> Result<Option<AgentRecord>, Error> {
        let failed = |error| self.failed("read an agent", error);
        let mut one = self.conn.prepare_cached(ONE).map_err(failed)?;
        self.steady(one.query_row([agent.as_str()], record).optional().map_err(failed)?)
    }
}

pub(super) fn write(
    conn: &Connection,
    at: Timestamp,
    update: &AgentUpdate,
) -> rusqlite::Result<()> {
    let AgentUpdate { agent, source, memory, facts } = update;
    let values = params![agent.as_str(), source, memory, facts, at.as_millis()];
    conn.prepare_cached(WRITE)?.execute(values).map(|_| ())
}

const ALL: &str = "SELECT agent, source, memory, facts, updated_at FROM agents ORDER BY agent";
const ONE: &str = "SELECT agent, source, memory, facts, updated_at FROM agents WHERE agent = ?1";
const WRITE: &str = "INSERT INTO agents (agent, source, memory, facts, updated_at) \
                     VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT (agent) DO UPDATE SET source = excluded.source, \
                     memory = excluded.memory, facts = coalesce(excluded.facts, facts), \
                     updated_at = excluded.updated_at";

fn record(row: &Row<'_>) -> rusqlite::Result<AgentRecord> {
    Ok(AgentRecord {
        agent: cell::agent(row, 0)?,
        source: row.get(1)?,
        memory: row.get(2)?,
        facts: row.get(3)?,
        updated_at: cell::instant(row, 4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{ALL, ONE};
    use crate::state::plans::plan;

    #[test]
    fn an_agent_is_found_by_its_id_and_all_come_sorted() {
        assert_eq!(plan(ONE), "SEARCH agents USING PRIMARY KEY (agent=?)\n");
        assert_eq!(plan(ALL), "SCAN agents\n");
    }
}
