//! The rows of every queue, and how they differ from what they were.

use std::collections::BTreeMap;

use agent_sim::fixture::Message;
use anyhow::Result;

use super::World;

/// All queues at one instant. A queue that cannot be read is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::scenario) struct Rows(BTreeMap<String, Vec<Message>>);

/// One row that has changed: what it was, unless it is new, and what it is, unless it is gone.
pub(in crate::scenario) type Change<'a> = (Option<&'a Message>, Option<&'a Message>);

impl World {
    /// All queues as they are now.
    pub(in crate::scenario) fn rows(&self) -> Result<Rows> {
        let mut rows = BTreeMap::new();
        for (agent, session) in &self.sessions {
            let torn = session.dir().join("inbound.db-journal").exists();
            if session.inbound_path().exists() && !torn {
                rows.insert(agent.clone(), session.messages()?);
            }
        }
        Ok(Rows(rows))
    }
}

impl Rows {
    /// What has changed since `before`.
    pub(in crate::scenario) fn changes<'a>(&'a self, before: &'a Self) -> Vec<Change<'a>> {
        let mut changes = Vec::new();
        for (agent, rows) in &self.0 {
            let Some(old) = before.0.get(agent) else { continue };
            for row in rows {
                let was = old.iter().find(|was| was.id == row.id);
                if was != Some(row) {
                    changes.push((was, Some(row)));
                }
            }
            let gone = old.iter().filter(|was| !rows.iter().any(|row| row.id == was.id));
            changes.extend(gone.map(|was| (Some(was), None)));
        }
        changes
    }
}
