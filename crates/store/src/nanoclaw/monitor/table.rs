//! A table of the central database, as it is found: rows are put in with the columns that exist.

use rusqlite::{OptionalExtension as _, ToSql};

use super::central::{CENTRAL, Central};
use super::error::MonitorError;
use crate::nanoclaw::failure::why;
use crate::nanoclaw::unreadable::Unreadable;

/// A column and what it gets.
pub(super) type Cell<'a> = (&'static str, &'a dyn ToSql);

/// An ordinary table and its plain columns, in lower case.
#[derive(Debug)]
pub(super) struct Table {
    name: &'static str,
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: String,
    /// A row without a value for it is not taken.
    needs_value: bool,
}

impl Table {
    /// Finds a table. `None` if there is none; a view in its place is an error.
    pub(super) fn find(
        central: &Central,
        name: &'static str,
    ) -> Result<Option<Self>, MonitorError> {
        let failed = |error| MonitorError::Open { file: CENTRAL, source: why(CENTRAL, &error) };
        let sql = "SELECT type IS 'table' AND rootpage > 0 FROM sqlite_schema \
                   WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE";
        let found = central.conn().query_row(sql, [name], |row| row.get(0)).optional();
        match found.map_err(failed)? {
            None => return Ok(None),
            Some(false) => {
                let (file, table) = (CENTRAL.to_owned(), name.to_owned());
                let source = Unreadable::NotATable { file, table };
                return Err(MonitorError::Open { file: CENTRAL, source });
            }
            Some(true) => {}
        }
        let columns = || {
            let mut info = central.conn().prepare(&format!("PRAGMA table_info(\"{name}\")"))?;
            let columns = info.query_map([], |row| {
                let default: Option<String> = row.get("dflt_value")?;
                Ok(Column {
                    name: row.get::<_, String>("name")?.to_ascii_lowercase(),
                    needs_value: row.get("notnull")? && default.is_none(),
                })
            })?;
            columns.collect::<rusqlite::Result<Vec<Column>>>()
        };
        Ok(Some(Self { name, columns: columns().map_err(failed)? }))
    }

    /// Finds a table that there is no doing without.
    pub(super) fn required(
        central: &Central,
        name: &'static str,
        columns: &[&str],
    ) -> Result<Self, MonitorError> {
        let lacks = |what| MonitorError::Lacks { file: CENTRAL, what };
        let table = Self::find(central, name)?.ok_or_else(|| lacks(format!("table {name}")))?;
        match columns.iter().find(|column| !table.has(column)) {
            None => Ok(table),
            Some(column) => Err(lacks(format!("column {name}.{column}"))),
        }
    }

    /// Finds a table with some columns; what is not there is noted.
    pub(super) fn optional(
        central: &Central,
        name: &'static str,
        columns: &[&str],
        left_out: &mut Vec<String>,
    ) -> Result<Option<Self>, MonitorError> {
        let Some(table) = Self::find(central, name)? else {
            left_out.push(name.to_owned());
            return Ok(None);
        };
        let lacking = columns.iter().filter(|column| !table.has(column));
        let lacking: Vec<String> = lacking.map(|column| format!("{name}.{column}")).collect();
        let complete = lacking.is_empty();
        left_out.extend(lacking);
        Ok(complete.then_some(table))
    }

    /// Whether there is a column of this name.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known.name == column)
    }

    /// The column for a `SELECT`, or NULL where there is none.
    pub(super) fn or_null(&self, column: &str) -> String {
        if self.has(column) { format!("\"{column}\"") } else { "NULL".to_owned() }
    }

    /// Puts a row in, with those of the cells that have a column. The spare ones are for columns
    /// that need a value and have no default of their own.
    pub(super) fn insert(
        &self,
        central: &Central,
        cells: &[Cell<'_>],
        spare: &[Cell<'_>],
        left_out: &mut Vec<String>,
    ) -> Result<(), MonitorError> {
        let lacking = cells.iter().filter(|(column, _)| !self.has(column));
        left_out.extend(lacking.map(|(column, _)| format!("{}.{column}", self.name)));
        let needed = |column: &str| {
            self.columns.iter().any(|known| known.name == column && known.needs_value)
        };
        let given = cells.iter().filter(|(column, _)| self.has(column));
        let given = given.chain(spare.iter().filter(|(column, _)| needed(column)));
        let (columns, values): (Vec<String>, Vec<&dyn ToSql>) =
            given.map(|(column, value)| (format!("\"{column}\""), *value)).unzip();
        let marks = vec!["?"; columns.len()].join(", ");
        let columns = columns.join(", ");
        let sql = format!("INSERT INTO \"{}\" ({columns}) VALUES ({marks})", self.name);
        central.change(self.name, &sql, &values).map(|_| ())
    }
}
