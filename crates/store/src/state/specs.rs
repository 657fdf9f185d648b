//! What was each agent's container made of when it was last seen alive?
//!
//! A spec holds what the container was given, secrets included: no `Debug` here shows its text.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, Row, params};
use sweepd_decide::{AgentId, Timestamp};

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// What an agent's container was made of.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct SpecRow {
    /// Whose container it was.
    pub agent: AgentId,
    /// When it was seen alive.
    pub learned_at: Timestamp,
    /// The container's id.
    pub run: String,
    /// What it was made of (JSON).
    pub spec: String,
}

/// What an agent's container was seen to be made of, at the commit's instant.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a request is all there is")]
pub struct NewSpec {
    /// Whose container it is.
    pub agent: AgentId,
    /// The container's id.
    pub run: String,
    /// What it is made of (JSON).
    pub spec: String,
}

impl fmt::Debug for SpecRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpecRow")
            .field("agent", &self.agent)
            .field("learned_at", &self.learned_at)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NewSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSpec")
            .field("agent", &self.agent)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl StateDb {
    /// Every spec that was learned, by agent.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn specs(&self) -> Result<Vec<SpecRow>, Error> {
        let failed = |error| self.failed("read the specs", error);
        let mut all = self.conn.prepare_cached(ALL).map_err(failed)?;
        let specs = all.query_map([], record).map_err(failed)?;
        self.steady(specs.collect::<Result<_, _>>().map_err(failed)?)
    }

    /// What was learned of one agent's container.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn spec(&self, agent: &AgentId) -> Result<Option<SpecRow>, Error> {
        let failed = |error| self.failed("read a spec", error);
        let mut one = self.conn.prepare_cached(ONE).map_err(failed)?;
        self.steady(one.query_row([agent.as_str()], record).optional().map_err(failed)?)
    }
}

pub(super) fn write(conn: &Connection, at: Timestamp, new: &NewSpec) -> rusqlite::Result<()> {
    let NewSpec { agent, run, spec } = new;
    let values = params![agent.as_str(), at.as_millis(), run, spec];
    conn.prepare_cached(WRITE)?.execute(values).map(|_| ())
}

pub(super) fn remove(conn: &Connection, agent: &AgentId) -> rusqlite::Result<()> {
    conn.prepare_cached(REMOVE)?.execute([agent.as_str()]).map(|_| ())
}

const ALL: &str = "SELECT agent, learned_at, run, spec FROM specs ORDER BY agent";
const ONE: &str = "SELECT agent, learned_at, run, spec FROM specs WHERE agent = ?1";
const WRITE: &str = "INSERT OR REPLACE INTO specs (agent, learned_at, run, spec) \
                     VALUES (?1, ?2, ?3, ?4)";
const REMOVE: &str = "DELETE FROM specs WHERE agent = ?1";

fn record(row: &Row<'_>) -> rusqlite::Result<SpecRow> {
    Ok(SpecRow {
        agent: cell::agent(row, 0)?,
        learned_at: cell::instant(row, 1)?,
        run: row.get(2)?,
        spec: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{ALL, ONE};
    use crate::state::plans::plan;

    #[test]
    fn a_spec_is_found_by_its_agent_and_all_come_sorted() {
        assert_eq!(plan(ONE), "SEARCH specs USING PRIMARY KEY (agent=?)\n");
        assert_eq!(plan(ALL), "SCAN specs\n");
    }
}
