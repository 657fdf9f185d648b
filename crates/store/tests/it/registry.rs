//! Which containers ought to run, asked of a database of somebody else's.

mod forms;
mod hostile;
mod journals;
mod locks;
mod queries;
mod rows;

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;
use sweepd_store::Error;
use sweepd_store::registry::{self, DEADLINE_MS, Entry, Fault, Registry};
use tempfile::TempDir;

use crate::session::{listing, within};

const ALL: &str = "SELECT * FROM agents";

/// A registry's database, in a directory of its own.
struct Owner {
    temp: TempDir,
}

impl Owner {
    fn empty() -> Self {
        Self { temp: tempfile::tempdir().unwrap() }
    }

    /// A database made by these statements.
    fn with(sql: &str) -> Self {
        let owner = Self::empty();
        owner.sql(sql);
        owner
    }

    /// A table with these columns and rows.
    fn table(columns: &str, rows: &str) -> Self {
        Self::with(&format!("CREATE TABLE agents ({columns}); INSERT INTO agents VALUES {rows}"))
    }

    fn path(&self) -> PathBuf {
        self.temp.path().join("agents.db")
    }

    fn open(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn sql(&self, sql: &str) {
        self.open().execute_batch(sql).unwrap();
    }

    /// Asks, and makes sure that this returns and leaves every file as it was.
    fn ask(&self, query: &str) -> Result<Registry, Fault> {
        self.ask_for(query, 20_000)
    }

    fn ask_for(&self, query: &str, deadline_ms: u64) -> Result<Registry, Fault> {
        let before = listing(self.temp.path());
        let answer = self.ask_untouched(query, deadline_ms);
        assert_eq!(listing(self.temp.path()), before, "a look changes nothing");
        answer
    }

    /// The same, beside locks of this process: looking at the files would drop them.
    fn ask_untouched(&self, query: &str, deadline_ms: u64) -> Result<Registry, Fault> {
        let (path, query) = (self.path(), query.to_owned());
        let read = move || registry::read(&path, &query, deadline_ms);
        within(Duration::from_secs(30), read).map_err(|error| {
            let Error::Registry { path, fault } = error else { unreachable!("{error:?}") };
            assert_eq!(path, self.path());
            fault
        })
    }

    fn all(&self) -> Registry {
        self.ask(ALL).unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.all().entries.into_iter().map(|entry| entry.name).collect()
    }

    /// Name and reason of the only row, which is refused.
    fn refused(&self) -> (String, String) {
        let mut all = self.all();
        assert_eq!(all.entries, []);
        assert_eq!(all.refused.len(), 1, "{:?}", all.refused);
        all.refused.remove(0)
    }
}

/// A container of which only the name is given.
fn bare(name: &str, enabled: bool) -> Entry {
    Entry {
        name: name.into(),
        enabled,
        image: None,
        command: None,
        entrypoint: None,
        env: vec![],
        volumes: vec![],
        labels: [].into(),
        restart: None,
        network: None,
        user: None,
        working_dir: None,
    }
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

fn two_texts(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

/// Two rows that are always good.
fn two() -> Owner {
    Owner::table("name, enabled", "('b', 1), ('a', 0)")
}

#[test]
fn the_usual_deadline_suffices_for_a_usual_registry() {
    let answer = two().ask_for(ALL, DEADLINE_MS).unwrap();
    assert_eq!(answer.entries, [bare("a", false), bare("b", true)]);
}
