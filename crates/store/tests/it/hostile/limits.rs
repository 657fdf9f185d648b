//! Too big, too many, too long.

use std::fs::File;

use sweepd_store::nanoclaw::{LookRequest, Unreadable};

use super::{ACKS, made_by};
use crate::session::{OUTBOUND, Session};

#[test]
fn a_terabyte_of_nothing_is_refused_by_its_size() {
    let session = made_by(OUTBOUND);
    let file = File::options().write(true).open(session.file("outbound.db")).unwrap();
    file.set_len(1 << 40).unwrap();
    let why = session.outbound_is();
    assert!(matches!(&why, Unreadable::TooBig { file, .. } if file == "outbound.db"), "{why:?}");
}

#[test]
fn a_value_longer_than_a_megabyte_is_not_taken_into_memory() {
    let why = made_by(&format!(
        "{ACKS} INSERT INTO processing_ack VALUES (hex(zeroblob(1000000)), 'processing', 't')"
    ))
    .outbound_is();
    assert!(matches!(why, Unreadable::TooBig { .. }), "{why:?}");
}

#[test]
fn long_content_does_not_matter_since_it_is_not_read() {
    let session = Session::new();
    session.sql(
        "inbound.db",
        "INSERT INTO messages_in (id, kind, timestamp, content)
         VALUES ('m', 'chat', 't', hex(zeroblob(5000000)))",
    );
    assert_eq!(session.inbound().messages.len(), 1);
}

#[test]
fn all_texts_together_are_rationed() {
    let session = Session::new();
    session.sql(
        "inbound.db",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
         INSERT INTO messages_in (id, kind, timestamp, status, content)
         SELECT i, 'chat', 't', hex(zeroblob(2000)), '' FROM n",
    );
    let request = LookRequest { deadline_ms: 20_000, ..session.request() };
    let look = session.look_as(request);
    let why = look.inbound.unreadable().unwrap();
    assert!(matches!(why, Unreadable::TooBig { .. }), "{why:?}");
}

#[test]
fn more_messages_than_a_reply_holds_are_too_many() {
    let session = Session::new();
    session.sql(
        "inbound.db",
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; DROP TABLE messages_in;
         CREATE TABLE messages_in (id TEXT, kind TEXT, timestamp TEXT, status TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
         INSERT INTO messages_in SELECT i, 'chat', 't', 'pending' FROM n",
    );
    let why = session.look_as(session.request()).inbound.unreadable().unwrap().to_string();
    assert_eq!(why, "messages_in of inbound.db has more than 10000 live rows");
}

#[test]
fn more_claims_than_a_reply_holds_are_too_many() {
    let session = Session::new();
    session.sql(
        "outbound.db",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101)
         INSERT INTO processing_ack SELECT i, 'processing', 't' FROM n",
    );
    let look = session.look_as(LookRequest { max_claims: 100, ..session.request() });
    let why = look.outbound.unreadable().unwrap().to_string();
    assert_eq!(why, "processing_ack of outbound.db has more than 100 live rows");
    let look = session.look_as(LookRequest { max_claims: 101, ..session.request() });
    assert_eq!(look.outbound.seen().unwrap().claims.len(), 101);
}

#[test]
fn a_look_that_takes_too_long_is_interrupted() {
    let session = Session::new();
    session.sql(
        "outbound.db",
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
         INSERT INTO processing_ack SELECT i, 'completed', 't' FROM n",
    );
    let look = session.look_as(LookRequest { deadline_ms: 1, ..session.request() });
    let why = look.outbound.unreadable().unwrap();
    assert_eq!(*why, Unreadable::Deadline { file: "outbound.db".into() });
}

#[test]
fn a_schema_of_more_than_a_thousand_objects_is_refused() {
    let mut sql = String::from(OUTBOUND);
    for n in 0..1500 {
        sql.extend(["CREATE TABLE t", &n.to_string(), " (x);"]);
    }
    let session = made_by(&format!("PRAGMA synchronous = OFF; BEGIN; {sql} COMMIT"));
    let why = session.outbound_is();
    assert_eq!(why.to_string(), "outbound.db cannot be read: too many schema objects");
}
