//! What lies beside a database, or should not.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use sweepd_store::nanoclaw::{self, LookRequest, Unreadable};

use super::{die_in_a_transaction, made_by, named_pipe};
use crate::session::{OUTBOUND, Session, within};

#[test]
fn a_database_in_wal_mode_is_not_opened_and_no_file_appears_beside_it() {
    let session = made_by(OUTBOUND);
    session.sql(
        "outbound.db",
        "PRAGMA journal_mode = WAL; INSERT INTO processing_ack VALUES ('a', 'x', 'y')",
    );
    assert!(!session.file("outbound.db-wal").exists());
    assert_eq!(session.outbound_is(), Unreadable::Wal { file: "outbound.db".into() });
}

#[test]
fn the_same_goes_for_the_hosts_database() {
    let session = Session::new();
    session.sql("inbound.db", "PRAGMA journal_mode = WAL");
    assert_eq!(session.inbound_is(), Unreadable::Wal { file: "inbound.db".into() });
}

#[test]
fn a_planted_wal_is_neither_read_nor_removed() {
    let session = Session::new();
    fs::write(session.file("outbound.db-wal"), "").unwrap();
    assert_eq!(session.outbound_is(), Unreadable::Wal { file: "outbound.db".into() });
}

#[test]
fn a_dead_writers_journal_is_hot_and_stays() {
    let session = Session::new();
    die_in_a_transaction(&session, "outbound.db", "junk");
    let why = session.outbound_is();
    assert!(why.is_hot_journal(), "{why:?}");
}

#[test]
fn a_hot_journal_beside_the_inbound_is_rolled_back_only_on_demand() {
    let session = Session::new();
    session.sql(
        "inbound.db",
        "INSERT INTO messages_in (id, kind, timestamp, content) VALUES ('m', 'chat', 't', '')",
    );
    die_in_a_transaction(&session, "inbound.db", "junk");
    assert!(session.inbound_is().is_hot_journal());

    let request = LookRequest { heal_inbound: true, ..session.request() };
    let healed = within(Duration::from_secs(20), move || nanoclaw::look(&request));

    assert_eq!(healed.inbound.seen().unwrap().messages.len(), 1);
    assert!(!session.file("inbound.db-journal").exists());
    let check = "PRAGMA integrity_check";
    let ok: String = session.open("inbound.db").query_row(check, [], |row| row.get(0)).unwrap();
    assert_eq!(ok, "ok");
}

#[test]
fn demanding_to_heal_the_inbound_leaves_the_outbound_alone() {
    let session = Session::new();
    die_in_a_transaction(&session, "outbound.db", "junk");
    let look = session.look_as(LookRequest { heal_inbound: true, ..session.request() });
    assert!(look.outbound.unreadable().unwrap().is_hot_journal());
}

#[test]
fn the_journal_of_a_living_writer_is_not_hot() {
    let session = Session::new();
    let writer = session.open("outbound.db");
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM processing_ack").unwrap();
    writer.execute_batch("INSERT INTO processing_ack VALUES ('a', 'processing', 't')").unwrap();
    assert!(session.file("outbound.db-journal").exists());
    let request = session.request();
    let look = within(Duration::from_secs(20), move || nanoclaw::look(&request));
    assert_eq!(look.outbound.seen().unwrap().claims, [], "not committed, not seen");
}

#[test]
fn a_pipe_or_link_in_place_of_the_journal_is_not_opened() {
    let session = Session::new();
    named_pipe(&session.file("outbound.db-journal"));
    let why = session.outbound_is();
    assert_eq!(why.to_string(), "outbound.db-journal is a named pipe, not a file");

    let session = Session::new();
    symlink("/etc/passwd", session.file("outbound.db-journal")).unwrap();
    assert_eq!(session.outbound_is().to_string(), "outbound.db-journal is a symbolic link");
}
