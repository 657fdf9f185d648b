//! Runs that carry a mark in their environment: how a supervisor that was killed between a start
//! and the writing down of it finds what it started.
//!
//! Only leaders of a process group count. What an agent starts inherits the mark, and may lead a
//! group of its own: so the mark should name one start, and the oldest run with it is that one. It
//! reads; it signals nobody.

use std::io;

use rustix::param::clock_ticks_per_second;
use sweepd_decide::Timestamp;

use crate::error::Error;
use crate::id::ProcessId;
use crate::stat;

/// A living run with the mark.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Tagged {
    /// What it is called for good.
    pub id: ProcessId,
    /// When it started, to a second: by the host's boot time and the ticks since.
    pub started_at: Timestamp,
    /// The value of the variable that was asked for.
    pub value: String,
}

/// Finds the living group leaders whose environment has `mark` (name and value), and the variable
/// `wanted`. Oldest first. Processes whose environment we may not read are passed over.
///
/// # Errors
///
/// [`Error::ReadProcesses`] when the process table cannot be read.
pub fn tagged(mark: (&str, &str), wanted: &str) -> Result<Vec<Tagged>, Error> {
    find(mark, wanted).map_err(|source| Error::ReadProcesses { source })
}

fn find(mark: (&str, &str), wanted: &str) -> io::Result<Vec<Tagged>> {
    let boot_id = stat::boot_id()?;
    let booted_at = booted_at()?;
    let mark = format!("{}={}", mark.0, mark.1);
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let Some(value) = variable(pid, &mark, wanted) else { continue };
        let leads = |stat: &stat::Stat| stat.group == pid && !stat.is_over();
        let Some(stat) = stat::read(pid)?.filter(leads) else { continue };
        if let Some(id) = ProcessId::new(pid, stat.start_ticks, boot_id.as_str()) {
            let started_at = after_boot(booted_at, stat.start_ticks);
            found.push(Tagged { id, started_at, value });
        }
    }
    found.sort_by_key(|run| (run.id.start_ticks(), run.id.pid()));
    Ok(found)
}

/// The value of a variable of a process that has the mark.
fn variable(pid: i32, mark: &str, wanted: &str) -> Option<String> {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    let lines = || environment.split(|byte| *byte == 0);
    lines().find(|line| *line == mark.as_bytes())?;
    let value =
        lines().find_map(|line| line.strip_prefix(wanted.as_bytes())?.strip_prefix(b"="))?;
    String::from_utf8(value.to_vec()).ok()
}

fn after_boot(booted_at: i64, ticks: u64) -> Timestamp {
    let millis = ticks.saturating_mul(1000) / clock_ticks_per_second().max(1);
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    Timestamp::from_millis(booted_at.saturating_mul(1000).saturating_add(millis))
}

/// The second in which the host was booted.
fn booted_at() -> io::Result<i64> {
    let text = std::fs::read_to_string("/proc/stat")?;
    let line = text.lines().find_map(|line| line.strip_prefix("btime "));
    let seconds = line.and_then(|line| line.trim().parse().ok());
    seconds.ok_or_else(|| io::Error::other("/proc/stat has no btime"))
}
