//! What an agent can do to its own directory, and that it costs nobody but itself.
//!
//! Every look here returns within the harness's limit, names the right reason, changes nothing on
//! disk, and still reads the other database.

mod content;
mod journals;
mod limits;
mod locks;
mod paths;

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rustix::fs::{CWD, FileType, Mode};
use sweepd_store::nanoclaw::Unreadable;

use crate::session::{INBOUND, Session};

const ACKS: &str = "
    CREATE TABLE processing_ack (message_id TEXT PRIMARY KEY, status TEXT NOT NULL,
      status_changed TEXT NOT NULL);";

/// A session whose `outbound.db` is replaced by something else.
fn instead(put: impl FnOnce(&Path)) -> Session {
    let session = Session::new();
    let path = session.file("outbound.db");
    fs::remove_file(&path).unwrap();
    put(&path);
    session
}

/// A session with an `outbound.db` made by these statements, whatever they are good for.
fn made_by(sql: &str) -> Session {
    Session::with(INBOUND, sql)
}

pub(crate) fn named_pipe(path: &Path) {
    rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// A pair of files as a writer leaves them that dies in the middle of a transaction.
fn die_in_a_transaction(session: &Session, name: &str, table: &str) {
    let (temp, path) = (tempfile::tempdir().unwrap(), session.file(name));
    let (torn, journal) = (temp.path().join("db"), temp.path().join("journal"));
    let writer = Connection::open(&path).unwrap();
    let filler = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
         INSERT INTO {table} SELECT * FROM filler, n"
    );
    writer
        .execute_batch(&format!(
            "PRAGMA cache_size = 2;
             CREATE TABLE filler (x TEXT); INSERT INTO filler VALUES (hex(zeroblob(500)));
             CREATE TABLE {table} (x TEXT, i INTEGER); {filler};
             BEGIN; UPDATE {table} SET i = i + 1"
        ))
        .unwrap();
    fs::copy(&path, &torn).unwrap();
    fs::copy(session.file(&format!("{name}-journal")), &journal).unwrap();
    drop(writer);
    fs::copy(&torn, &path).unwrap();
    fs::copy(&journal, session.file(&format!("{name}-journal"))).unwrap();
}

fn is_not_a_file(why: &Unreadable, word: &str) -> bool {
    matches!(why, Unreadable::NotAFile { file, kind } if file == "outbound.db" && kind == word)
}
