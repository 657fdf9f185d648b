//! The monitor's session: the row in `v2.db`, and its directory with both databases, as NanoClaw
//! makes them. Made when it is first needed.

use sweepd_decide::{MessageId, Timestamp};

use super::central::Central;
use super::error::MonitorError;
use super::place::Place;
use super::table::{Cell, Table};
use super::{DISCORD, InvestigationTask, KEEPALIVE, MESSAGING_GROUP, MONITOR_GROUP, schema};
use crate::nanoclaw::id::component;
use crate::nanoclaw::open::{INBOUND, OUTBOUND};
use crate::nanoclaw::root::Root;

/// Where a task goes.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) session_id: String,
    pub(super) route: Option<Route>,
}

/// Where its answer goes.
#[derive(Debug)]
pub(super) struct Route {
    /// `None` where the schema has no messaging groups, or this one was never set up.
    messaging_group: Option<String>,
    pub(super) channel_type: String,
    pub(super) platform_id: String,
    pub(super) name: String,
}

/// Finds the active session for the task's channel, or makes one. Its files are made before the
/// row is there for others to see.
pub(super) fn seat(
    root: &Root,
    task: &InvestigationTask,
    now: Timestamp,
) -> Result<Seat, MonitorError> {
    let channel = task.channel.as_ref().map(super::MonitorChannel::platform_id).transpose()?;
    let central = Central::begin(root)?;
    Table::required(&central, "agent_groups", &["id"])?;
    let sql = "SELECT 1 FROM agent_groups WHERE id = ?1";
    central.row::<0>(sql, &[&MONITOR_GROUP])?.ok_or(MonitorError::NoGroup)?;
    let route = channel.map(|platform_id| route(&central, platform_id)).transpose()?;
    let group = route.as_ref().and_then(|route| route.messaging_group.as_deref());
    let sessions = Table::required(&central, "sessions", &["id", "agent_group_id"])?;
    let session_id = match active(&central, &sessions, group)? {
        Some(id) => id,
        None => create(&central, &sessions, group, &task.message_id, now)?,
    };
    files(root, &session_id)?;
    central.commit()?;
    Ok(Seat { session_id, route })
}

/// The channel's messaging group: ours if it has the channel, else whichever has.
fn route(central: &Central, platform_id: String) -> Result<Route, MonitorError> {
    let mut route = Route {
        messaging_group: None,
        channel_type: DISCORD.to_owned(),
        platform_id,
        name: KEEPALIVE.to_owned(),
    };
    let needed = ["id", "channel_type", "platform_id"];
    let groups = Table::optional(central, "messaging_groups", &needed, &mut Vec::new())?;
    let Some(groups) = groups else { return Ok(route) };
    let sql = format!(
        "SELECT id, channel_type, {} FROM messaging_groups WHERE platform_id = ?1 \
         AND (id = ?2 OR channel_type = ?3) ORDER BY id = ?2 DESC, id LIMIT 1",
        groups.or_null("name")
    );
    let found = central.row(&sql, &[&route.platform_id, &MESSAGING_GROUP, &DISCORD])?;
    if let Some([id, channel_type, name]) = found {
        route.messaging_group = id;
        route.channel_type = channel_type.unwrap_or(route.channel_type);
        route.name = name.unwrap_or(route.name);
    }
    Ok(route)
}

/// The oldest active session of the group: of this messaging group, or of any if there is none.
fn active(
    central: &Central,
    sessions: &Table,
    group: Option<&str>,
) -> Result<Option<String>, MonitorError> {
    let of_group = sessions.or_null("messaging_group_id");
    let group = group.filter(|_| sessions.has("messaging_group_id"));
    let which = if group.is_some() { format!("{of_group} IS ?2") } else { "?2 IS NULL".to_owned() };
    let active = if sessions.has("status") { "status = 'active'" } else { "TRUE" };
    let sql = format!(
        "SELECT id FROM sessions WHERE agent_group_id = ?1 AND id IS NOT NULL AND {active} \
         AND {which} AND {} IS NULL ORDER BY {of_group} IS NOT NULL, {}, id LIMIT 1",
        sessions.or_null("thread_id"),
        sessions.or_null("created_at"),
    );
    let found = central.row(&sql, &[&MONITOR_GROUP, &group])?;
    Ok(found.and_then(|[id]| id))
}

fn create(
    central: &Central,
    sessions: &Table,
    group: Option<&str>,
    task: &MessageId,
    now: Timestamp,
) -> Result<String, MonitorError> {
    let (id, created_at) = (session_id(task, now), now.to_string());
    let cells: &[Cell<'_>] = &[
        ("id", &id),
        ("agent_group_id", &MONITOR_GROUP),
        ("messaging_group_id", &group),
        ("status", &"active"),
        ("container_status", &"stopped"),
        ("created_at", &created_at),
    ];
    sessions.insert(central, cells, &[], &mut Vec::new())?;
    Ok(id)
}

/// The directory and what belongs into it, as far as it is not there.
fn files(root: &Root, session: &str) -> Result<(), MonitorError> {
    component(session).map_err(|source| MonitorError::BadPath { what: "session", source })?;
    let (group, _) = Place::sessions(root)?.make(MONITOR_GROUP)?;
    let (dir, _) = group.make(session)?;
    dir.make("outbox")?;
    dir.make_file(OUTBOUND, || schema::empty_database(schema::OUTBOUND))?;
    dir.make_file(INBOUND, || schema::empty_database(schema::INBOUND))?;
    Ok(())
}

/// An id in the host's own form. The last part comes from the task that the session is made for.
fn session_id(task: &MessageId, now: Timestamp) -> String {
    let hash = task.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let digit = |at: u32| {
        let value = u32::try_from(hash / 36_u64.pow(at) % 36);
        value.ok().and_then(|value| char::from_digit(value, 36)).unwrap_or('0')
    };
    let suffix: String = (0..6).map(digit).collect();
    format!("sess-{}-{suffix}", now.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_has_the_hosts_form_and_is_the_tasks_own() {
        let id = |task: &str| session_id(&MessageId::from(task), Timestamp::from_millis(1_778_547));
        let suffix = id("task-1").strip_prefix("sess-1778547-").unwrap().to_owned();
        assert_eq!(suffix.len(), 6);
        assert!(suffix.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()));
        assert_eq!(id("task-1"), id("task-1"));
        assert_ne!(id("task-1"), id("task-2"));
    }
}
