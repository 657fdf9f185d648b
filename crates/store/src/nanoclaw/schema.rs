//! Which columns an ordinary table has: detected each time, never assumed, never altered.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::open::Database;
use super::unreadable::Unreadable;

/// The names we know, and whether an ordinary table bears them.
#[derive(Debug, Default)]
pub(crate) struct Tables(BTreeMap<&'static str, bool>);

/// Every table that is read or written in a session.
const KNOWN: [&str; 7] = [
    "messages_in",
    "processing_ack",
    "container_state",
    "messages_out",
    "delivered",
    "destinations",
    "session_routing",
];

impl Tables {
    /// Finds the tables. The first read of a database: fails for what is none.
    pub(crate) fn find(conn: &Connection) -> rusqlite::Result<Self> {
        let mut named = conn.prepare(
            "SELECT name, type IS 'table' AND typeof(rootpage) IS 'integer' AND rootpage > 0 \
             FROM sqlite_schema WHERE type IN ('table', 'view') LIMIT 1000",
        )?;
        let mut rows = named.query([])?;
        let mut tables = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let name = row.get_ref(0)?.as_str().unwrap_or_default();
            if let Some(known) = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                tables.insert(*known, row.get(1)?);
            }
        }
        Ok(Self(tables))
    }
}

/// The plain columns of a table, in lower case and table order. Generated columns are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns(Vec<String>);

impl Columns {
    /// A table with just these columns.
    #[cfg(test)]
    pub(crate) fn of(columns: &[&str]) -> Self {
        Self(columns.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Whether there is a column of this name.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.0.iter().any(|name| name == column)
    }

    /// The column for a `SELECT`, or NULL where there is none.
    pub(crate) fn or_null(&self, column: &str) -> String {
        if self.has(column) { format!("\"{column}\"") } else { "NULL".to_owned() }
    }

    /// Which of these are not there.
    pub(crate) fn lacking(&self, columns: &[&str]) -> Vec<String> {
        columns.iter().filter(|name| !self.has(name)).map(|name| (*name).to_owned()).collect()
    }

    /// Fails unless all of these are there.
    pub(crate) fn require(
        &self,
        file: &str,
        table: &str,
        columns: &[&str],
    ) -> Result<(), Unreadable> {
        match self.lacking(columns).into_iter().next() {
            None => Ok(()),
            Some(column) => Err(Unreadable::MissingColumn {
                file: file.to_owned(),
                table: table.to_owned(),
                column,
            }),
        }
    }
}

/// The columns of a table that has to be there.
pub(crate) fn required(database: &Database, table: &str) -> Result<Columns, Unreadable> {
    optional(database, table)?.ok_or_else(|| Unreadable::MissingTable {
        file: database.file.to_owned(),
        table: table.to_owned(),
    })
}

/// The columns of a table, or `None` if there is none of this name.
///
/// Views and virtual tables have no root page; neither is read.
pub(crate) fn optional(database: &Database, table: &str) -> Result<Option<Columns>, Unreadable> {
    match database.tables.0.get(table) {
        Some(true) => {}
        Some(false) => {
            let (file, table) = (database.file.to_owned(), table.to_owned());
            return Err(Unreadable::NotATable { file, table });
        }
        None => return Ok(None),
    }
    numbered(database, table)?;
    let names = || -> rusqlite::Result<Vec<String>> {
        let mut info = database.conn.prepare(&format!("PRAGMA table_info(\"{table}\")"))?;
        let names = info.query_map([], |row| row.get::<_, String>("name"))?;
        names.map(|name| Ok(name?.to_ascii_lowercase())).collect()
    };
    names().map(Columns).map(Some).map_err(|error| database.why(&error))
}

/// Fails for a table without row numbers: the order of its rows would mean nothing.
fn numbered(database: &Database, table: &str) -> Result<(), Unreadable> {
    match database.conn.prepare(&format!("SELECT rowid FROM \"{table}\"")) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqlInputError { .. }) => Err(Unreadable::MissingColumn {
            file: database.file.to_owned(),
            table: table.to_owned(),
            column: "rowid".to_owned(),
        }),
        Err(error) => Err(database.why(&error)),
    }
}
