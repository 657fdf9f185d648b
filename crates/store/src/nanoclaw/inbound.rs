//! Reads the live rows of the host's queue: what is not completed, recurs, or is claimed.
//!
//! Content is never read, and finished history is only skipped over.

use std::collections::BTreeSet;

use rusqlite::Params;
use sweepd_decide::{Claim, Message, MessageId, RowState, Written};

use super::foreign::Cells;
use super::open::Database;
use super::reply::Inbound;
use super::schema::{self, Columns};
use super::unreadable::Unreadable;

/// The table.
pub(crate) const TABLE: &str = "messages_in";

/// The columns of the newest schema known.
const NEWEST: [&str; 16] = [
    "id",
    "seq",
    "kind",
    "timestamp",
    "status",
    "process_after",
    "recurrence",
    "series_id",
    "tries",
    "trigger",
    "platform_id",
    "channel_type",
    "thread_id",
    "content",
    "source_session_id",
    "on_wake",
];

/// Reads the live rows, at most `max_rows`, and those of every claim.
pub(crate) fn read(
    database: &Database,
    claims: &[Claim],
    max_rows: u32,
) -> Result<Inbound, Unreadable> {
    let columns = schema::required(database, TABLE)?;
    columns.require(database.file, TABLE, &["id", "kind", "timestamp", "status"])?;
    let mut messages = select(database, &live(&columns), [i64::from(max_rows) + 1])?;
    if messages.len() > usize::try_from(max_rows).unwrap_or(usize::MAX) {
        let (file, table) = (database.file.to_owned(), TABLE.to_owned());
        return Err(Unreadable::TooManyRows { file, table, limit: max_rows });
    }
    let known: BTreeSet<MessageId> = messages.iter().map(|message| message.id.clone()).collect();
    for claim in claims.iter().filter(|claim| !known.contains(&claim.message_id)) {
        messages.extend(select(database, &by_id(&columns), [claim.message_id.as_str()])?);
    }
    messages.sort_by_key(|message| message.rowid);
    Ok(Inbound { messages, absent_columns: columns.lacking(&NEWEST) })
}

/// The next even number above all, at least 2: host rows are even.
pub(crate) fn next_seq(database: &Database) -> rusqlite::Result<i64> {
    let sql = format!("SELECT max(seq) FROM {TABLE}");
    let max: Option<i64> = database.conn.query_row(&sql, [], |row| row.get(0))?;
    let above = max.unwrap_or(0).max(0).saturating_add(1);
    Ok(above.saturating_add(above.rem_euclid(2)))
}

fn live(columns: &Columns) -> String {
    let recurs = if columns.has("recurrence") { "OR recurrence IS NOT NULL" } else { "" };
    let head = head(columns);
    format!("{head} WHERE status IS NOT 'completed' {recurs} ORDER BY rowid LIMIT ?1")
}

fn by_id(columns: &Columns) -> String {
    format!("{} WHERE id = ?1 COLLATE BINARY LIMIT 1", head(columns))
}

fn head(columns: &Columns) -> String {
    let optional = ["tries", "process_after", "recurrence", "series_id", "trigger"];
    let optional = optional.map(|column| columns.or_null(column)).join(", ");
    format!("SELECT rowid, id, kind, timestamp, status, {optional} FROM {TABLE}")
}

fn select(database: &Database, sql: &str, params: impl Params) -> Result<Vec<Message>, Unreadable> {
    let why = |error| database.why(&error);
    let mut statement = database.conn.prepare_cached(sql).map_err(why)?;
    let mut rows = statement.query(params).map_err(why)?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next().map_err(why)? {
        let (file, ration) = (database.file, &database.ration);
        messages.push(message(&Cells { row, file, table: TABLE, ration })?);
    }
    Ok(messages)
}

fn message(cells: &Cells<'_>) -> Result<Message, Unreadable> {
    Ok(Message {
        rowid: cells.integer(0, "rowid")?.ok_or_else(|| cells.wrong("rowid", "NULL"))?,
        id: MessageId::new(cells.some_text(1, "id")?),
        kind: cells.some_text(2, "kind")?,
        timestamp: Written::new(cells.text(3, "timestamp")?),
        state: RowState {
            status: cells.text(4, "status")?,
            tries: cells.integer(5, "tries")?,
            process_after: cells.text(6, "process_after")?,
        },
        recurrence: cells.text(7, "recurrence")?,
        series_id: cells.text(8, "series_id")?,
        trigger: cells.integer(9, "trigger")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nanoclaw::fixture::{INBOUND_SCHEMA, plan};

    #[test]
    fn a_claimed_row_is_found_by_its_id_and_live_rows_come_in_order_without_sorting() {
        let columns = Columns::of(&NEWEST);
        let by_id = plan(INBOUND_SCHEMA, &by_id(&columns));
        let expected = "SEARCH messages_in USING INDEX sqlite_autoindex_messages_in_1 (id=?)\n";
        assert_eq!(by_id, expected);
        assert_eq!(plan(INBOUND_SCHEMA, &live(&columns)), "SCAN messages_in\n");
    }
}
