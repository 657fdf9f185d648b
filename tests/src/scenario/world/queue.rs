//! What the host writes: messages, and their status.

use agent_sim::fixture::{Message, iso_text};
use anyhow::{Result, ensure};

use super::World;
use crate::scenario::act::{NewMessage, Null};

impl World {
    /// Puts a message into an agent's queue.
    pub(super) fn get(&mut self, agent: &str, new: &NewMessage) -> Result<()> {
        ensure!(self.names.take_message(&new.id), "there is a message {} already", new.id);
        let now = self.now();
        let fresh =
            if new.task { Message::task(&new.id, now, now) } else { Message::chat(&new.id, now) };
        let is_null = |column| new.nulls.contains(&column);
        let after = new.after.map(|after| iso_text(self.origin.0.plus(after)));
        let message = Message {
            process_after: after.or_else(|| new.after_text.clone()),
            recurrence: new.every.clone(),
            status: new.status.clone().or(fresh.status).filter(|_| !is_null(Null::Status)),
            tries: new.tries.or(fresh.tries).filter(|_| !is_null(Null::Tries)),
            trigger: new.trigger.unwrap_or(fresh.trigger),
            series_id: fresh.series_id.filter(|_| !is_null(Null::Series)),
            ..fresh
        };
        self.session(agent)?.message(&message)
    }

    /// Changes the status of a message, as the host does when somebody pauses a task.
    pub(super) fn set_status(&self, agent: &str, message: &str, status: &str) -> Result<()> {
        let id = self.names.message(message);
        let sql = "UPDATE messages_in SET status = ?2 WHERE id = ?1";
        let changed = self.session(agent)?.inbound()?.execute(sql, [id, status])?;
        ensure!(changed == 1, "{agent} has no message {message}");
        Ok(())
    }
}
