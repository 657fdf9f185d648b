//! Which containers do the rows of an answer name, and which of them are not to be trusted?

use std::collections::{BTreeMap, BTreeSet};

use super::cell::{Cell, Row};
use super::entry::{Entry, Registry};
use super::forms;
use crate::words::plain;

/// The longest name of a container.
const LONGEST_NAME: usize = 128;

/// What was understood so far, and what was not.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    entries: BTreeMap<String, Entry>,
    refused: BTreeSet<(String, String)>,
}

impl Gathered {
    /// Takes one more row. Rows that say the same are one; rows that differ are both refused.
    pub(super) fn take(&mut self, row: &Row) {
        match entry(row) {
            Ok(entry) => match self.entries.get(&entry.name) {
                Some(other) if *other != entry => {
                    let why = row.wrong("name", "is that of another row which says otherwise");
                    self.refused.insert((entry.name, why));
                }
                Some(_) => {}
                None => {
                    self.entries.insert(entry.name.clone(), entry);
                }
            },
            Err(why) => {
                self.refused.insert((named(row), why));
            }
        }
    }

    /// All of it. A name of which any row was refused is not known, whatever another row says.
    pub(super) fn finish(mut self) -> Registry {
        for (name, _) in &self.refused {
            self.entries.remove(name);
        }
        Registry {
            entries: self.entries.into_values().collect(),
            refused: self.refused.into_iter().collect(),
        }
    }
}

/// What a row says, or why it is refused.
fn entry(row: &Row) -> Result<Entry, String> {
    Ok(Entry {
        name: name(row)?,
        enabled: enabled(row)?,
        image: row.line("image", false)?,
        command: row.form("command", forms::command)?,
        entrypoint: row.form("entrypoint", forms::command)?,
        env: row.form("env", forms::pairs)?.unwrap_or_default(),
        volumes: row.form("volumes", forms::list)?.unwrap_or_default(),
        labels: row.form("labels", forms::pairs)?.unwrap_or_default().into_iter().collect(),
        restart: row.line("restart", false)?,
        network: row.line("network", false)?,
        user: row.line("user", true)?,
        working_dir: row.line("working_dir", false)?,
    })
}

fn name(row: &Row) -> Result<String, String> {
    if let Cell::Text(text) = row.cell("name")
        && is_legal(text)
    {
        return Ok(text.clone());
    }
    let what = format!("is {}, which is no name of a container", row.cell("name").shown());
    Err(row.wrong("name", &what))
}

fn is_legal(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(inner)
}

fn enabled(row: &Row) -> Result<bool, String> {
    let cell = row.cell("enabled");
    match cell {
        Cell::Integer(number) => return Ok(*number != 0),
        Cell::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => return Ok(true),
            "false" | "no" | "off" | "0" => return Ok(false),
            _ => {}
        },
        Cell::Null | Cell::Real(_) | Cell::Odd(_) => {}
    }
    Err(row.wrong("enabled", &format!("is {}, neither true nor false", cell.shown())))
}

/// The name of a refused row, as far as it can be told.
fn named(row: &Row) -> String {
    match row.cell("name") {
        Cell::Text(text) => plain(text),
        cell @ (Cell::Null | Cell::Integer(_) | Cell::Real(_) | Cell::Odd(_)) => cell.shown(),
    }
}
