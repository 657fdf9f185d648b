//! The runner's side of the two databases and of the heartbeat.
//!
//! `inbound.db` is the host's and only read; `outbound.db` is ours and written by nobody else.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::schema;
use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, Transaction, params};

use crate::clock;

/// How many messages reach the model at once.
const BATCH: usize = 10;

/// A message that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) id: String,
    trigger: i64,
    channel_type: Option<String>,
    platform_id: Option<String>,
    thread_id: Option<String>,
}

/// The session directory as its agent sees it.
#[derive(Debug)]
pub(crate) struct Databases {
    workspace: PathBuf,
    outbound: Connection,
    first_poll: bool,
}

impl Databases {
    /// Opens `outbound.db`, with its tables if it has none, and forgets what a predecessor had
    /// claimed.
    pub(crate) fn open(workspace: &Path) -> Result<Self> {
        let path = outbound_path(workspace);
        let outbound =
            Connection::open(&path).with_context(|| format!("open {}", path.display()))?;
        outbound.busy_timeout(Duration::from_secs(5))?;
        outbound.pragma_update(None, "journal_mode", "DELETE")?;
        outbound.execute_batch(schema::OUTBOUND)?;
        outbound.execute("DELETE FROM processing_ack WHERE status = 'processing'", [])?;
        Ok(Self { workspace: workspace.to_owned(), outbound, first_poll: true })
    }

    /// Claims what is due, at most ten messages, oldest first. Context alone wakes nobody, unless
    /// the model is at work already.
    pub(crate) fn take(&mut self, at_work: bool) -> Result<Vec<Taken>> {
        let due = self.due()?;
        self.first_poll = false;
        if !at_work && due.iter().all(|message| message.trigger != 1) {
            return Ok(Vec::new());
        }
        self.mark(&due, "processing")?;
        Ok(due)
    }

    /// Replaces the claims on these messages, or their acks, in one transaction.
    pub(crate) fn mark(&mut self, messages: &[Taken], status: &str) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let transaction =
            Transaction::new(&mut self.outbound, rusqlite::TransactionBehavior::Immediate)?;
        for message in messages {
            transaction.execute(
                "INSERT OR REPLACE INTO processing_ack (message_id, status, status_changed)
                 VALUES (?1, ?2, datetime('now'))",
                [message.id.as_str(), status],
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// Writes an answer, stamped as a reply to the newest message it may be about.
    pub(crate) fn answer(&self, messages: &[Taken], text: &str) -> Result<()> {
        let Some(newest) = messages.last() else { return Ok(()) };
        let inbound = self.inbound()?;
        let newest_in: i64 =
            inbound
                .query_row("SELECT coalesce(max(seq), 0) FROM messages_in", [], |row| row.get(0))?;
        let millis = clock::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
        self.outbound.execute(
            "INSERT INTO messages_out (seq, id, in_reply_to, timestamp, kind, channel_type,
                platform_id, thread_id, content)
             SELECT next, ?2 || '-' || next, ?3, datetime('now'), 'chat', ?4, ?5, ?6, ?7
             FROM (SELECT (max(?1, coalesce(max(seq), 0)) + 1) / 2 * 2 + 1 AS next
                FROM messages_out)",
            params![
                newest_in,
                format!("msg-{millis}"),
                newest.id,
                newest.channel_type,
                newest.platform_id,
                newest.thread_id,
                serde_json::json!({ "text": text }).to_string(),
            ],
        )?;
        Ok(())
    }

    /// Says that a tool is in flight, and what timeout it declared; `None` that none is.
    pub(crate) fn tool(&self, tool: Option<&str>, declared_ms: Option<i64>) -> Result<()> {
        self.outbound.execute(
            "INSERT OR REPLACE INTO container_state VALUES (1, ?1, ?2,
                iif(?1 IS NULL, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
                strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
            params![tool, tool.and(declared_ms)],
        )?;
        Ok(())
    }

    /// Touches the heartbeat, `ahead` of the time.
    pub(crate) fn beat(&self, ahead: Duration) -> Result<()> {
        let path = self.workspace.join(".heartbeat");
        let touch = || File::create(&path)?.set_modified(clock::now() + ahead);
        touch().with_context(|| format!("touch {}", path.display()))
    }

    fn due(&self) -> Result<Vec<Taken>> {
        let inbound = self.inbound()?;
        let mut newest = inbound.prepare(
            "SELECT id, trigger, channel_type, platform_id, thread_id FROM messages_in
             WHERE status = 'pending' AND kind <> 'system' AND (on_wake = 0 OR ?1)
                AND (process_after IS NULL OR datetime(process_after) <= datetime('now'))
             ORDER BY seq DESC LIMIT ?2",
        )?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Taken {
                id: row.get(0)?,
                trigger: row.get(1)?,
                channel_type: row.get(2)?,
                platform_id: row.get(3)?,
                thread_id: row.get(4)?,
            })
        };
        let found: Vec<Taken> = newest
            .query_map(params![self.first_poll, i64::try_from(BATCH)?], read)?
            .collect::<rusqlite::Result<_>>()?;
        let mut known =
            self.outbound.prepare("SELECT 1 FROM processing_ack WHERE message_id = ?1")?;
        let mut due = Vec::new();
        for message in found.into_iter().rev() {
            if !known.exists([&message.id])? {
                due.push(message);
            }
        }
        Ok(due)
    }

    fn inbound(&self) -> Result<Connection> {
        let path = self.workspace.join("inbound.db");
        let inbound = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("open {}", path.display()))?;
        inbound.busy_timeout(Duration::from_secs(5))?;
        Ok(inbound)
    }
}

pub(crate) fn outbound_path(workspace: &Path) -> PathBuf {
    workspace.join("outbound.db")
}
