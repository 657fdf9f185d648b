//! Files that are no databases, and databases that are not what they seem.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use sweepd_store::nanoclaw::Unreadable;

use super::{ACKS, instead, made_by};
use crate::session::{OUTBOUND, Session};

#[test]
fn garbage_is_not_a_database() {
    let why = instead(|path| fs::write(path, "garbage ".repeat(1000)).unwrap()).outbound_is();
    assert_eq!(why, Unreadable::NotADatabase { file: "outbound.db".into() });
}

#[test]
fn a_few_bytes_are_not_a_database() {
    let why = instead(|path| fs::write(path, "SQLite format 3\0").unwrap()).outbound_is();
    assert_eq!(why, Unreadable::NotADatabase { file: "outbound.db".into() });
}

#[test]
fn an_empty_file_lacks_its_table_and_what_lies_beside_it_stays() {
    let session = instead(|path| drop(File::create(path).unwrap()));
    fs::write(session.file("outbound.db-journal"), "left by somebody").unwrap();
    let why = session.outbound_is();
    assert_eq!(why.to_string(), "outbound.db has no table processing_ack");
    fs::write(session.file("inbound.db"), "").unwrap();
    let why = session.look().inbound.unreadable().unwrap().to_string();
    assert_eq!(why, "inbound.db has no table messages_in");
}

#[test]
fn half_a_database_is_damaged() {
    let session = made_by(OUTBOUND);
    let file = File::options().write(true).open(session.file("outbound.db")).unwrap();
    file.set_len(4096 * 2).unwrap();
    let why = session.outbound_is();
    assert!(matches!(why, Unreadable::Corrupt { .. }), "{why:?}");
}

#[test]
fn overwritten_pages_are_damage_and_quote_no_control_characters() {
    let session = made_by(OUTBOUND);
    let file = File::options().write(true).open(session.file("outbound.db")).unwrap();
    for page in 1..5 {
        file.write_all_at(&[0xff; 4096], page * 4096).unwrap();
    }
    let why = session.outbound_is();
    assert!(matches!(why, Unreadable::Corrupt { .. }), "{why:?}");
}

#[test]
fn a_schema_that_does_not_parse_is_quoted_without_control_characters() {
    let session = made_by(OUTBOUND);
    session.sql(
        "outbound.db",
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE TABLE \u{1b}[31m', name = '\u{1b}[31m' || char(7)
         WHERE name = 'session_state'",
    );
    let why = session.outbound_is();
    assert!(matches!(why, Unreadable::Corrupt { .. }), "{why:?}");
    assert!(!why.to_string().contains(char::is_control), "{why}");
}

#[test]
fn a_view_is_no_table() {
    let why = made_by(
        "CREATE TABLE t (message_id TEXT, status TEXT, status_changed TEXT);
         CREATE VIEW processing_ack AS SELECT * FROM t",
    )
    .outbound_is();
    assert_eq!(why.to_string(), "processing_ack of outbound.db is not an ordinary table");
}

#[test]
fn a_view_without_end_is_not_read() {
    let why = made_by(
        "CREATE VIEW processing_ack AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n)
         SELECT i AS message_id, 'processing' AS status, '' AS status_changed, 1 AS rowid FROM n",
    )
    .outbound_is();
    assert!(matches!(why, Unreadable::NotATable { .. }), "{why:?}");
}

#[test]
fn a_virtual_table_is_no_table() {
    let why = made_by(
        "CREATE VIRTUAL TABLE processing_ack USING fts5(message_id, status, status_changed)",
    )
    .outbound_is();
    assert!(matches!(why, Unreadable::NotATable { .. }), "{why:?}");
}

#[test]
fn a_generated_column_is_no_column() {
    let why = made_by(
        "CREATE TABLE processing_ack (message_id TEXT PRIMARY KEY, status_changed TEXT,
           status TEXT GENERATED ALWAYS AS (hex(zeroblob(400000))) VIRTUAL);
         INSERT INTO processing_ack (message_id, status_changed) VALUES ('a', 'b')",
    )
    .outbound_is();
    assert_eq!(why.to_string(), "outbound.db has no column processing_ack.status");
}

#[test]
fn an_optional_column_that_is_generated_is_left_out() {
    let session = Session::with(
        "CREATE TABLE messages_in (id TEXT PRIMARY KEY, kind TEXT, timestamp TEXT, status TEXT,
           recurrence TEXT GENERATED ALWAYS AS (hex(zeroblob(400000))) STORED);
         INSERT INTO messages_in (id, kind, timestamp) VALUES ('m', 'chat', 't')",
        OUTBOUND,
    );
    let inbound = session.inbound();
    assert_eq!(inbound.messages[0].recurrence, None);
    assert!(inbound.absent_columns.contains(&"recurrence".to_owned()));
}

#[test]
fn wrong_types_are_named() {
    for (insert, found) in [
        (
            "VALUES (x'00', 'processing', 't')",
            "processing_ack.message_id of outbound.db holds a blob",
        ),
        ("VALUES (NULL, 'processing', 't')", "processing_ack.message_id of outbound.db holds NULL"),
        (
            "VALUES (7, 'processing', 't')",
            "processing_ack.message_id of outbound.db holds an integer",
        ),
        (
            "VALUES ('a', 'processing', 1.5)",
            "processing_ack.status_changed of outbound.db holds a real number",
        ),
        (
            "VALUES ('a', 'processing', CAST(x'ff' AS TEXT))",
            "processing_ack.status_changed of outbound.db holds a text that is not UTF-8",
        ),
        (
            "VALUES (hex(zeroblob(2049)), 'processing', 't')",
            "processing_ack.message_id of outbound.db holds a text of 4098 bytes",
        ),
    ] {
        let session = made_by(&format!(
            "CREATE TABLE processing_ack (message_id, status, status_changed);
             INSERT INTO processing_ack {insert}"
        ));
        assert_eq!(session.outbound_is().to_string(), found);
    }
}

#[test]
fn a_text_where_a_number_belongs_makes_the_inbound_unreadable() {
    let session = Session::new();
    session.sql(
        "inbound.db",
        "INSERT INTO messages_in (id, kind, timestamp, tries, content)
         VALUES ('m', 'chat', 't', 'many', '')",
    );
    let why = session.inbound_is();
    assert_eq!(why.to_string(), "messages_in.tries of inbound.db holds a text");
}

#[test]
fn a_table_without_row_numbers_is_refused() {
    let why = made_by(
        "CREATE TABLE processing_ack (message_id TEXT PRIMARY KEY, status TEXT, status_changed TEXT)
         WITHOUT ROWID",
    )
    .outbound_is();
    assert_eq!(why.to_string(), "outbound.db has no column processing_ack.rowid");
}

#[test]
fn an_index_without_end_does_not_matter_to_a_reader() {
    let session = made_by(&format!(
        "{ACKS} INSERT INTO processing_ack VALUES ('a', 'processing', '2026-05-12 01:00:00');
         CREATE INDEX i ON processing_ack (hex(zeroblob(length(message_id) * 100000)))"
    ));
    assert_eq!(session.outbound().claims.len(), 1);
}
