//! Puts the monitor's group, its channel and its folder where they are not yet.
//!
//! Only the channel follows the plan: which messaging group it is, and that the group is wired to
//! it. Everything else that is there stays as somebody has made it.

use sweepd_decide::Timestamp;

use super::central::Central;
use super::error::MonitorError;
use super::place::Place;
use super::table::{Cell, Table};
use super::{Bootstrapped, DISCORD, KEEPALIVE, MESSAGING_GROUP, MONITOR_GROUP, MonitorPlan};
use crate::nanoclaw::root::Root;
use crate::words::plain;

/// The wiring of the channel to the group.
const WIRING: &str = "mga-health-monitor";

/// Sets the monitor up, or finds that it is. One transaction on `v2.db`; the folder is made before
/// its end, so that where no folder can be made there is no row either.
///
/// Waits at most two seconds for the database's lock. Whether the mode allows this is the caller's
/// question; whether a host is alive does not matter.
///
/// # Errors
/// [`MonitorError`]; nothing was changed in the database. [`MonitorError::retry`] says whether to
/// try again later.
pub fn bootstrap(
    root: &Root,
    plan: &MonitorPlan,
    now: Timestamp,
) -> Result<Bootstrapped, MonitorError> {
    let channel = plan.channel.as_ref().map(super::MonitorChannel::platform_id).transpose()?;
    let central = Central::begin(root)?;
    let mut steps =
        Steps { central: &central, now: now.to_string(), done: Bootstrapped::default() };
    let folder = steps.group()?;
    steps.config()?;
    if let Some(platform_id) = channel
        && let Some(group) = steps.messaging_group(&platform_id)?
    {
        steps.wiring(&group)?;
        steps.destination(&group)?;
    }
    steps.folder(root, &folder)?;
    let done = steps.done;
    central.commit()?;
    Ok(done)
}

struct Steps<'a> {
    central: &'a Central,
    /// As NanoClaw writes `created_at`.
    now: String,
    done: Bootstrapped,
}

impl Steps<'_> {
    /// The agent group; its folder is returned.
    fn group(&mut self) -> Result<String, MonitorError> {
        let groups = Table::required(self.central, "agent_groups", &["id"])?;
        let folder = groups.or_null("folder");
        let sql = format!("SELECT {folder} FROM agent_groups WHERE id = ?1");
        if let Some([folder]) = self.central.row(&sql, &[&MONITOR_GROUP])? {
            return Ok(folder.unwrap_or_else(|| MONITOR_GROUP.to_owned()));
        }
        if groups.has("folder") {
            let sql = "SELECT id FROM agent_groups WHERE folder = ?1";
            if let Some([group]) = self.central.row(sql, &[&MONITOR_GROUP])? {
                return Err(MonitorError::FolderTaken { group: plain(&group.unwrap_or_default()) });
            }
        }
        let cells: &[Cell<'_>] = &[
            ("id", &MONITOR_GROUP),
            ("name", &"Health Monitor"),
            ("folder", &MONITOR_GROUP),
            ("created_at", &self.now),
        ];
        groups.insert(self.central, cells, &[], &mut self.done.left_out)?;
        self.created(format!("agent group {MONITOR_GROUP}"));
        Ok(MONITOR_GROUP.to_owned())
    }

    /// How its container is to be made: the defaults.
    fn config(&mut self) -> Result<(), MonitorError> {
        let Some(configs) = self.optional("container_configs", &["agent_group_id"])? else {
            return Ok(());
        };
        let sql = "SELECT 1 FROM container_configs WHERE agent_group_id = ?1";
        if self.central.row::<0>(sql, &[&MONITOR_GROUP])?.is_some() {
            return Ok(());
        }
        let cells: &[Cell<'_>] = &[("agent_group_id", &MONITOR_GROUP), ("updated_at", &self.now)];
        let spare: &[Cell<'_>] = &[
            ("skills", &"\"all\""),
            ("mcp_servers", &"{}"),
            ("packages_apt", &"[]"),
            ("packages_npm", &"[]"),
            ("additional_mounts", &"[]"),
            ("cli_scope", &"group"),
            ("created_at", &self.now),
        ];
        configs.insert(self.central, cells, spare, &mut self.done.left_out)?;
        self.created(format!("container config {MONITOR_GROUP}"));
        Ok(())
    }

    /// The messaging group that has the channel: another one that has it already, or ours. `None`
    /// where the schema has no room for one.
    fn messaging_group(&mut self, platform_id: &str) -> Result<Option<String>, MonitorError> {
        let needed = ["id", "channel_type", "platform_id"];
        let Some(groups) = self.optional("messaging_groups", &needed)? else { return Ok(None) };
        let sql = "SELECT channel_type, platform_id FROM messaging_groups WHERE id = ?1";
        let ours = self.central.row::<2>(sql, &[&MESSAGING_GROUP])?;
        let (kind, written) = match &ours {
            Some([kind, written]) => (kind.as_deref().unwrap_or(DISCORD), written.as_deref()),
            None => (DISCORD, None),
        };
        if written == Some(platform_id) {
            return Ok(Some(MESSAGING_GROUP.to_owned()));
        }
        let sql = "SELECT id FROM messaging_groups WHERE channel_type = ?1 AND platform_id = ?2 \
                   AND id IS NOT NULL ORDER BY id LIMIT 1";
        if let Some([Some(other)]) = self.central.row(sql, &[&kind, &platform_id])? {
            return Ok(Some(other));
        }
        if ours.is_some() {
            let sql = "UPDATE messaging_groups SET platform_id = ?1 WHERE id = ?2";
            self.central.change("messaging_groups", sql, &[&platform_id, &MESSAGING_GROUP])?;
            self.updated(format!("messaging group {MESSAGING_GROUP}"));
            return Ok(Some(MESSAGING_GROUP.to_owned()));
        }
        let cells: &[Cell<'_>] = &[
            ("id", &MESSAGING_GROUP),
            ("channel_type", &DISCORD),
            ("platform_id", &platform_id),
            ("name", &KEEPALIVE),
            ("is_group", &1),
            ("created_at", &self.now),
        ];
        let spare: &[Cell<'_>] = &[("unknown_sender_policy", &"strict")];
        groups.insert(self.central, cells, spare, &mut self.done.left_out)?;
        self.created(format!("messaging group {MESSAGING_GROUP}"));
        Ok(Some(MESSAGING_GROUP.to_owned()))
    }

    /// That the channel's messages go to the group. Our own wiring moves with the channel; one that
    /// somebody else has made will do as well.
    fn wiring(&mut self, group: &str) -> Result<(), MonitorError> {
        let table = "messaging_group_agents";
        let needed = ["id", "messaging_group_id", "agent_group_id"];
        let Some(wirings) = self.optional(table, &needed)? else { return Ok(()) };
        let sql = "SELECT 1 FROM messaging_group_agents \
                   WHERE messaging_group_id = ?1 AND agent_group_id = ?2";
        if self.central.row::<0>(sql, &[&group, &MONITOR_GROUP])?.is_some() {
            return Ok(());
        }
        let sql = "SELECT 1 FROM messaging_group_agents WHERE id = ?1";
        if self.central.row::<0>(sql, &[&WIRING])?.is_some() {
            let sql = "UPDATE messaging_group_agents SET messaging_group_id = ?1 \
                       WHERE id = ?2 AND agent_group_id = ?3";
            if self.central.change(table, sql, &[&group, &WIRING, &MONITOR_GROUP])? > 0 {
                self.updated(format!("wiring {WIRING}"));
            }
            return Ok(());
        }
        let cells: &[Cell<'_>] = &[
            ("id", &WIRING),
            ("messaging_group_id", &group),
            ("agent_group_id", &MONITOR_GROUP),
            ("session_mode", &"shared"),
            ("created_at", &self.now),
        ];
        let spare: &[Cell<'_>] = &[
            ("engage_mode", &"mention"),
            ("sender_scope", &"all"),
            ("ignored_message_policy", &"drop"),
            ("priority", &0),
        ];
        wirings.insert(self.central, cells, spare, &mut self.done.left_out)?;
        self.created(format!("wiring {WIRING}"));
        Ok(())
    }

    /// The name under which the agent may write to the channel.
    fn destination(&mut self, group: &str) -> Result<(), MonitorError> {
        let table = "agent_destinations";
        let needed = ["agent_group_id", "local_name", "target_type", "target_id"];
        let Some(destinations) = self.optional(table, &needed)? else { return Ok(()) };
        let sql = "SELECT target_type, target_id FROM agent_destinations \
                   WHERE agent_group_id = ?1 AND local_name = ?2";
        if let Some([kind, target]) = self.central.row::<2>(sql, &[&MONITOR_GROUP, &KEEPALIVE])? {
            if kind.as_deref() == Some("channel") && target.as_deref() != Some(group) {
                let sql = "UPDATE agent_destinations SET target_id = ?1 \
                           WHERE agent_group_id = ?2 AND local_name = ?3";
                self.central.change(table, sql, &[&group, &MONITOR_GROUP, &KEEPALIVE])?;
                self.updated(format!("destination {KEEPALIVE}"));
            }
            return Ok(());
        }
        let cells: &[Cell<'_>] = &[
            ("agent_group_id", &MONITOR_GROUP),
            ("local_name", &KEEPALIVE),
            ("target_type", &"channel"),
            ("target_id", &group),
            ("created_at", &self.now),
        ];
        destinations.insert(self.central, cells, &[], &mut self.done.left_out)?;
        self.created(format!("destination {KEEPALIVE}"));
        Ok(())
    }

    /// The group's folder; and the directory of all folders, which is as much the host's as `data`.
    fn folder(&mut self, root: &Root, folder: &str) -> Result<(), MonitorError> {
        let top = Place::root(root)?;
        let groups = if let Some(groups) = top.enter("groups")? {
            groups
        } else {
            let (groups, made) = top.make_like("groups", &top.existing("data")?)?;
            if made {
                self.created("directory groups".to_owned());
            }
            groups
        };
        if groups.make(folder)?.1 {
            self.created(format!("directory groups/{folder}"));
        }
        Ok(())
    }

    fn optional(
        &mut self,
        table: &'static str,
        columns: &[&str],
    ) -> Result<Option<Table>, MonitorError> {
        Table::optional(self.central, table, columns, &mut self.done.left_out)
    }

    fn created(&mut self, what: String) {
        self.done.created.push(what);
    }

    fn updated(&mut self, what: String) {
        self.done.updated.push(what);
    }
}
