//! Locks held by others cost the budget, and ours are taken from nobody.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use sweepd_store::nanoclaw::{self, LookRequest, Unreadable};

use crate::session::{Session, within};

#[test]
fn a_lock_held_by_somebody_else_costs_the_budget_and_no_more() {
    let session = Session::new();
    let holder = session.open("outbound.db");
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let request = LookRequest { busy_ms: 50, ..session.request() };
    let look = within(Duration::from_secs(20), move || nanoclaw::look(&request));
    let why = look.outbound.unreadable().unwrap();
    assert_eq!(*why, Unreadable::Busy { file: "outbound.db".into() });
    assert!(look.inbound.seen().is_some());
    drop(holder);
}

#[test]
fn two_locks_share_one_budget() {
    let session = Session::new();
    let holders = ["inbound.db", "outbound.db"].map(|name| session.open(name));
    for holder in &holders {
        holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    }
    let request = LookRequest { busy_ms: 1500, deadline_ms: 60_000, ..session.request() };
    let (look, took) = within(Duration::from_secs(20), move || {
        let before = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let look = nanoclaw::look(&request);
        let after = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        (look, Duration::try_from(after).unwrap().saturating_sub(before.try_into().unwrap()))
    });
    assert!(matches!(look.outbound.unreadable(), Some(Unreadable::Busy { .. })));
    assert!(matches!(look.inbound.unreadable(), Some(Unreadable::Busy { .. })));
    assert!(took >= Duration::from_millis(1400), "{took:?}: it does wait");
    assert!(took < Duration::from_millis(2900), "{took:?}: but not twice");
    drop(holders);
}

#[test]
fn a_look_takes_no_lock_away_from_another_connection_of_this_process() {
    let session = Session::new();
    let writer = session.open("inbound.db");
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locks = || {
        let pid = std::process::id().to_string();
        let inode = session.file("inbound.db").metadata().unwrap().ino();
        let all = fs::read_to_string("/proc/locks").unwrap();
        let ours = |line: &&str| {
            line.contains("POSIX") && line.contains(&pid) && line.contains(&format!(":{inode} "))
        };
        all.lines().filter(ours).count()
    };
    let before = locks();
    assert!(before > 0);
    let request = session.request();
    let look = within(Duration::from_secs(20), move || nanoclaw::look(&request));
    assert!(look.inbound.seen().is_some());
    assert_eq!(locks(), before);
    drop(writer);
}
