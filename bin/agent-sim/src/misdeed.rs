//! What only a bad agent does to its own database.

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rusqlite::Connection;
use rustix::process::{Signal, getpid, kill_process};

use crate::databases::outbound_path;

/// Locks everybody out of `outbound.db`, for as long as the connection is kept.
pub(crate) fn lock(workspace: &Path) -> Result<Connection> {
    let holder = open(workspace)?;
    holder.busy_timeout(Duration::from_secs(5))?;
    holder.execute_batch("BEGIN EXCLUSIVE")?;
    Ok(holder)
}

/// Dies amid a transaction that is larger than SQLite's cache: half of it stands in the file
/// already, and the journal beside it must be rolled back.
pub(crate) fn die_mid_transaction(workspace: &Path) -> Result<Infallible> {
    let writer = open(workspace)?;
    writer.execute_batch(
        "PRAGMA cache_size = 2;
         BEGIN IMMEDIATE;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
         INSERT INTO session_state SELECT 'half-' || i, hex(zeroblob(1000)), datetime('now') FROM n;",
    )?;
    kill_process(getpid(), Signal::KILL)?;
    // Still here: pid 1 of a container is deaf to its own SIGKILL.
    std::process::abort()
}

fn open(workspace: &Path) -> Result<Connection> {
    let path = outbound_path(workspace);
    Connection::open(&path).with_context(|| format!("open {}", path.display()))
}
