//! One agent as its host writes to it, and as somebody looks at its files who changes nothing.

use std::cell::Cell;
use std::time::Duration;

use agent_sim::fixture::{Message, Session};
use rusqlite::{Connection, OpenFlags};

use crate::cast::Part;
use crate::clock::now;

/// An agent of the run.
#[derive(Debug)]
pub(crate) struct Actor {
    /// As sweepd calls it.
    pub(crate) id: String,
    name: &'static str,
    calm: &'static str,
    session: Session,
    sent: Cell<u32>,
}

impl Actor {
    pub(crate) fn new(part: &Part, session: Session) -> Self {
        let id = format!("nanoclaw/ag/{}", part.name);
        let (name, calm) = (part.name, part.role.calm());
        let actor = Self { id, name, calm, session, sent: Cell::new(0) };
        actor.calm_down();
        actor
    }

    /// From its next start on it behaves like this.
    pub(crate) fn direct(&self, words: &str) {
        std::fs::write(self.session.dir().join("args"), words).unwrap();
    }

    /// From its next start on nothing is wrong with it.
    pub(crate) fn calm_down(&self) {
        self.direct(self.calm);
    }

    /// Its host has a message for it: the id.
    pub(crate) fn send(&self) -> String {
        self.sent.set(self.sent.get() + 1);
        let id = format!("{}-m{}", self.name, self.sent.get());
        self.session.message(&Message::chat(&id, now())).unwrap();
        id
    }

    /// Whether it has claimed a message. Read in a way that is no change of a file.
    pub(crate) fn has_claimed(&self, message: &str) -> bool {
        let sql = "SELECT 1 FROM processing_ack WHERE message_id = ?1 AND status = 'processing'";
        let path = self.session.outbound_path();
        let open = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let Ok(db) = open else { return false };
        let found = db.busy_timeout(Duration::from_secs(1));
        found.and_then(|()| db.prepare(sql)?.exists([message])).unwrap_or(false)
    }

    /// Writes garbage over its own database: what it was.
    pub(crate) fn spoil(&self) -> Vec<u8> {
        let path = self.session.outbound_path();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, "this is no database ".repeat(500)).unwrap();
        whole
    }

    /// Puts its own database back.
    pub(crate) fn mend(&self, whole: &[u8]) {
        std::fs::write(self.session.outbound_path(), whole).unwrap();
    }

    /// How its messages stand: id, status, tries.
    pub(crate) fn messages(&self) -> Vec<(String, String, i64)> {
        let rows = self.session.messages().unwrap_or_default();
        let row = |row: Message| (row.id, row.status.unwrap_or_default(), row.tries.unwrap_or(0));
        rows.into_iter().map(row).collect()
    }

    /// How many messages it was sent.
    pub(crate) const fn sent(&self) -> &Cell<u32> {
        &self.sent
    }
}
