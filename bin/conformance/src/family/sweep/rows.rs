//! Rows of the queue as the vectors show them, and when two of them are the same.

use serde_json::{Map, Value};

/// Columns that a file may lack, and what an absent one reads as.
const DEFAULTS: &[(&str, i64)] = &[("trigger", 1), ("on_wake", 0)];

/// What the expectation adds for the reader.
const NOT_A_COLUMN: &[&str] = &["process_after_rel_s", "created_by_sweep"];

/// Whether the rows found are those expected: every column that is expected, in order.
pub(super) fn same(
    expected: Option<&[Map<String, Value>]>,
    found: Option<&[Map<String, Value>]>,
) -> bool {
    match (expected, found) {
        (None, None) => true,
        (Some(expected), Some(found)) => {
            expected.len() == found.len()
                && expected.iter().zip(found).all(|(expected, found)| same_row(expected, found))
        }
        _ => false,
    }
}

fn same_row(expected: &Map<String, Value>, found: &Map<String, Value>) -> bool {
    let columns = expected.iter().filter(|(key, _)| !NOT_A_COLUMN.contains(&key.as_str()));
    columns.into_iter().all(|(key, value)| match found.get(key) {
        Some(found) => found == value,
        // The file lacks the column: NULL and its default are equal.
        None => value.is_null() || is_default(key, value),
    })
}

/// A file without `series_id` cannot say what series a row is of: by its rows it is its own, by
/// the expectation that of its original.
fn is_default(key: &str, value: &Value) -> bool {
    let default =
        |(column, default): &(&str, i64)| *column == key && value.as_i64() == Some(*default);
    key == "series_id" || DEFAULTS.iter().any(default)
}

/// The rows, one a line.
pub(super) fn print(rows: Option<&[Map<String, Value>]>) -> String {
    let line = |row: &Map<String, Value>| Value::Object(row.clone()).to_string();
    rows.map_or_else(
        || "no file".to_owned(),
        |rows| rows.iter().map(line).collect::<Vec<_>>().join("\n"),
    )
}
