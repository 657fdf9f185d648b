//! Reads a cell of a row that somebody else wrote: the type is checked, the size is rationed.
//!
//! It does not interpret: a time stays the text it is.

use std::cell::Cell;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::unreadable::Unreadable;

/// The longest text a cell may hold. Ids, times and cron expressions are far shorter.
const LONGEST_TEXT: usize = 4096;
/// How much text one reply may hold in all.
const REPLY_TEXT: usize = 16 << 20;

/// How much more text a reply may take.
#[derive(Debug)]
pub(crate) struct Ration(Cell<usize>);

impl Default for Ration {
    fn default() -> Self {
        Self(Cell::new(REPLY_TEXT))
    }
}

/// One row of a foreign table.
pub(crate) struct Cells<'a> {
    pub(crate) row: &'a Row<'a>,
    pub(crate) file: &'a str,
    pub(crate) table: &'a str,
    pub(crate) ration: &'a Ration,
}

impl Cells<'_> {
    /// A text or NULL.
    pub(crate) fn text(&self, at: usize, column: &str) -> Result<Option<String>, Unreadable> {
        let bytes = match self.value(at) {
            ValueRef::Null => return Ok(None),
            ValueRef::Text(bytes) if bytes.len() <= LONGEST_TEXT => bytes,
            ValueRef::Text(bytes) => {
                return Err(self.wrong(column, format!("a text of {} bytes", bytes.len())));
            }
            ValueRef::Integer(_) => return Err(self.wrong(column, "an integer")),
            ValueRef::Real(_) => return Err(self.wrong(column, "a real number")),
            ValueRef::Blob(_) => return Err(self.wrong(column, "a blob")),
        };
        let Some(left) = self.ration.0.get().checked_sub(bytes.len()) else {
            let what = format!("more than {REPLY_TEXT} bytes of live text");
            return Err(Unreadable::TooBig { file: self.file.to_owned(), what });
        };
        self.ration.0.set(left);
        match str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(self.wrong(column, "a text that is not UTF-8")),
        }
    }

    /// A text; NULL is wrong.
    pub(crate) fn some_text(&self, at: usize, column: &str) -> Result<String, Unreadable> {
        self.text(at, column)?.ok_or_else(|| self.wrong(column, "NULL"))
    }

    /// An integer or NULL.
    pub(crate) fn integer(&self, at: usize, column: &str) -> Result<Option<i64>, Unreadable> {
        match self.value(at) {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            ValueRef::Real(_) => Err(self.wrong(column, "a real number")),
            ValueRef::Text(_) => Err(self.wrong(column, "a text")),
            ValueRef::Blob(_) => Err(self.wrong(column, "a blob")),
        }
    }

    /// An integer; anything else is as good as NULL.
    pub(crate) fn only_integer(&self, at: usize) -> Option<i64> {
        match self.value(at) {
            ValueRef::Integer(value) => Some(value),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => None,
        }
    }

    /// The reason to refuse this row.
    pub(crate) fn wrong(&self, column: &str, found: impl Into<String>) -> Unreadable {
        Unreadable::WrongType {
            file: self.file.to_owned(),
            table: self.table.to_owned(),
            column: column.to_owned(),
            found: found.into(),
        }
    }

    /// A column that the statement does not have reads as NULL; no statement lacks one it reads.
    fn value(&self, at: usize) -> ValueRef<'_> {
        self.row.get_ref(at).unwrap_or(ValueRef::Null)
    }
}
