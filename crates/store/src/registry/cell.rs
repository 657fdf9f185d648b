//! One row as SQLite gives it: every cell with its type, none of it trusted.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;

use super::column::Columns;
use super::fault::Fault;
use crate::words::plain;

/// The longest text that a cell may hold, in bytes.
const LONGEST_TEXT: usize = 65_536;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// What is none, by why.
    Odd(String),
}

/// A row: its number, from 1, and its cells by column.
#[derive(Debug)]
pub(super) struct Row {
    number: usize,
    cells: BTreeMap<&'static str, Cell>,
}

impl Row {
    /// Takes what is ours of a row.
    pub(super) fn read(
        number: usize,
        row: &rusqlite::Row<'_>,
        columns: &Columns,
    ) -> Result<Self, Fault> {
        let cell = |&(name, at): &(&'static str, usize)| Ok((name, Cell::from(row.get_ref(at)?)));
        let cells = columns.0.iter().map(cell).collect::<Result<_, rusqlite::Error>>()?;
        Ok(Self { number, cells })
    }

    /// How much text it holds.
    pub(super) fn text_len(&self) -> usize {
        let text = |cell: &Cell| if let Cell::Text(text) = cell { text.len() } else { 0 };
        self.cells.values().map(text).sum()
    }

    /// A cell; a column that is not there holds NULL.
    pub(super) fn cell(&self, column: &'static str) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Null)
    }

    /// A text, an integer where `numbers` are as good, or `None` for what is not given.
    pub(super) fn text(
        &self,
        column: &'static str,
        numbers: bool,
    ) -> Result<Option<String>, String> {
        let wrong = |what: &str| Err(self.wrong(column, what));
        match self.cell(column) {
            Cell::Null => Ok(None),
            Cell::Text(text) if text.trim().is_empty() => Ok(None),
            Cell::Text(text) if text.contains('\0') => wrong("holds a NUL"),
            Cell::Text(text) => Ok(Some(text.clone())),
            Cell::Integer(number) if numbers => Ok(Some(number.to_string())),
            Cell::Integer(_) => wrong("is an integer and not a text"),
            Cell::Real(_) => wrong("is a real number and not a text"),
            Cell::Odd(why) => wrong(&format!("is {why}")),
        }
    }

    /// A text of one line.
    pub(super) fn line(
        &self,
        column: &'static str,
        numbers: bool,
    ) -> Result<Option<String>, String> {
        match self.text(column, numbers)? {
            Some(text) if text.contains(char::is_control) => {
                Err(self.wrong(column, "holds a control character"))
            }
            text => Ok(text),
        }
    }

    /// What the text of a cell means in one of the forms that are read.
    pub(super) fn form<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        let Some(text) = self.text(column, false)? else { return Ok(None) };
        read(&text).map(Some).map_err(|what| self.wrong(column, &what))
    }

    /// The reason to refuse this row.
    pub(super) fn wrong(&self, column: &str, what: &str) -> String {
        format!("row {}: {column} {what}", self.number)
    }
}

impl Cell {
    /// The cell for a reader, without control characters and not much of it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => format!("{number:?}"),
            Self::Text(text) => format!("{:?}", plain(text).chars().take(40).collect::<String>()),
            Self::Odd(why) => why.clone(),
        }
    }
}

impl From<ValueRef<'_>> for Cell {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(bytes) if bytes.len() > LONGEST_TEXT => Self::Odd(format!(
                "a text of {} bytes, at most {LONGEST_TEXT} are read",
                bytes.len()
            )),
            ValueRef::Text(bytes) => match str::from_utf8(bytes) {
                Ok(text) => Self::Text(text.to_owned()),
                Err(_) => Self::Odd("a text that is not UTF-8".to_owned()),
            },
            ValueRef::Blob(bytes) => Self::Odd(format!("a blob of {} bytes", bytes.len())),
        }
    }
}
