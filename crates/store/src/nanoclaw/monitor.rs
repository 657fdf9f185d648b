//! The health monitor, as NanoClaw knows it: an agent group of its own, and the tasks it is given.
//!
//! [`bootstrap()`] puts the group, its channel and its folder where they are not yet; [`inject()`]
//! puts one question into the monitor's session. Whoever may run that session wakes it.
//!
//! Here, and nowhere else, `v2.db` is written and files are made below the root. What is there
//! already is left as it is, schemas are taken as they are found, and no link is followed. Both
//! calls may be made again at any time, by any number of processes.

mod bootstrap;
mod central;
mod error;
mod place;
mod schema;
mod session;
mod table;
mod task;

use serde::{Deserialize, Serialize};
use sweepd_decide::MessageId;

pub use self::bootstrap::bootstrap;
pub use self::error::MonitorError;
#[cfg(test)]
pub(super) use self::schema::{INBOUND as INBOUND_SCHEMA, OUTBOUND as OUTBOUND_SCHEMA};
pub use self::task::inject;

/// The monitor's agent group, its folder below `groups/`, and its directory of sessions.
pub const MONITOR_GROUP: &str = "health-monitor";
/// The messaging group of the channel, where no other group has that channel.
const MESSAGING_GROUP: &str = "mg-health-monitor";
/// What the channel is called.
const KEEPALIVE: &str = "keepalive";
/// The kind of channel.
const DISCORD: &str = "discord";

/// What the monitor ought to be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct MonitorPlan {
    /// Where it speaks, as `.env` says it. `None`: there is only the group.
    pub channel: Option<MonitorChannel>,
}

/// A channel of Discord's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct MonitorChannel {
    /// The server's id, in digits.
    pub guild_id: String,
    /// The channel's id, in digits.
    pub channel_id: String,
}

impl MonitorChannel {
    /// How NanoClaw calls the channel: `discord:<guild>:<channel>`.
    ///
    /// # Errors
    /// [`MonitorError::BadChannel`] if one of the ids is not a number.
    pub fn platform_id(&self) -> Result<String, MonitorError> {
        for (what, id) in [("guild id", &self.guild_id), ("channel id", &self.channel_id)] {
            if id.is_empty() || id.len() > 20 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(MonitorError::BadChannel { what });
            }
        }
        Ok(format!("{DISCORD}:{}:{}", self.guild_id, self.channel_id))
    }
}

/// What [`bootstrap()`] did. Nothing, from the second time on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Bootstrapped {
    /// What was made now, e.g. `agent group health-monitor`.
    pub created: Vec<String>,
    /// What was there, and now follows the channel of the plan.
    pub updated: Vec<String>,
    /// Tables and columns (`table.column`) that are not there and were done without.
    pub left_out: Vec<String>,
}

/// A question for the monitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct InvestigationTask {
    /// The id of its message. The same id is the same task: it is put there once.
    pub message_id: MessageId,
    /// What is asked, as the agent will read it.
    pub prompt: String,
    /// Where the answer goes: the plan's channel.
    pub channel: Option<MonitorChannel>,
}

/// How [`inject()`] went.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must handle both")]
pub enum Injected {
    /// The task is in the queue of this session now.
    Done {
        /// The monitor's session.
        session_id: String,
    },
    /// It had been put there before.
    AlreadyThere {
        /// The monitor's session.
        session_id: String,
    },
}

impl Injected {
    /// The monitor's session.
    pub fn session_id(&self) -> &str {
        match self {
            Self::Done { session_id } | Self::AlreadyThere { session_id } => session_id,
        }
    }
}
