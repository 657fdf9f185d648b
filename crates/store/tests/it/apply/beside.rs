//! What a write leaves behind, and what writers do to each other.

use std::os::unix::fs::{MetadataExt as _, chown};

use sweepd_store::Retry;
use sweepd_store::nanoclaw::{self, Applied, Root};

use super::{recur, session};
use crate::session::listing;

#[test]
fn a_write_leaves_no_file_and_no_other_mode_behind() {
    let session = session();
    let names = || listing(&session.dir).into_keys().collect::<Vec<_>>();
    let before = names();
    session.apply(&recur()).unwrap();
    assert_eq!(names(), before);
    let mode = "PRAGMA journal_mode";
    let mode: String = session.open("inbound.db").query_row(mode, [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
}

#[test]
fn what_root_writes_still_belongs_to_the_owner() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let session = session();
    chown(session.file("inbound.db"), Some(4321), Some(4322)).unwrap();
    session.apply(&recur()).unwrap();
    let owner = |name: &str| {
        let meta = session.file(name).metadata().unwrap();
        (meta.uid(), meta.gid(), meta.mode() & 0o777)
    };
    assert_eq!(owner("inbound.db"), (4321, 4322, 0o644));
    // What SQLite puts beside it during the write, as seen from another connection's write.
    let writer = session.open("inbound.db");
    writer.execute_batch("BEGIN IMMEDIATE; UPDATE messages_in SET tries = 9").unwrap();
    assert_eq!(owner("inbound.db-journal"), (4321, 4322, 0o644));
}

#[test]
fn of_many_who_apply_the_same_change_one_does_it() {
    let session = session();
    let root: &Root = &session.root;
    let outcomes: Vec<Applied> = std::thread::scope(|scope| {
        let apply = || loop {
            match nanoclaw::apply(root, "ag-1", "sess-1", &recur()) {
                Ok(applied) => return applied,
                Err(error) => assert_eq!(error.retry(), Retry::Later, "{error:?}"),
            }
        };
        let all: Vec<_> = (0..4).map(|_| scope.spawn(apply)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let done = outcomes.iter().filter(|outcome| **outcome == Applied::Done).count();
    assert_eq!(done, 1, "{outcomes:?}");
    assert!(!outcomes.contains(&Applied::Superseded), "{outcomes:?}");
    assert_eq!(session.rows().len(), 2);
}
