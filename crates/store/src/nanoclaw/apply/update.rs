//! Replaces the state of one message if it still is what it was.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};
use sweepd_decide::{MessageId, RowState};

use super::{Applied, ApplyError, failed};
use crate::cell;
use crate::nanoclaw::inbound::TABLE;
use crate::nanoclaw::open::Database;
use crate::nanoclaw::schema::{self, Columns};

/// Writes only the columns that differ; a NULL that stays NULL is not written out.
pub(super) fn update(
    database: &Database,
    id: &MessageId,
    before: &RowState,
    after: &RowState,
) -> Result<Applied, ApplyError> {
    let columns =
        schema::required(database, TABLE).map_err(|source| ApplyError::Open { source })?;
    let was = cell::row_state(before);
    let becomes = cell::row_state(after);
    let differing: Vec<(&str, Value)> = becomes
        .iter()
        .zip(&was)
        .filter(|(becomes, was)| becomes != was)
        .map(|((column, value), _)| (*column, value.clone()))
        .collect();
    if let Some((column, _)) = differing.iter().find(|(column, _)| !columns.has(column)) {
        return Err(ApplyError::LacksColumn { column: (*column).to_owned() });
    }
    if stands(database, &columns, id, &becomes)? {
        return Ok(Applied::AlreadyDone);
    }
    if differing.is_empty() {
        return Ok(Applied::Superseded);
    }
    let set: Vec<String> = differing.iter().map(|(column, _)| format!("{column} = ?")).collect();
    let (fence, fenced) = fence(&columns, &was);
    let sql = format!("UPDATE {TABLE} SET {} WHERE {fence}", set.join(", "));
    let values = differing
        .into_iter()
        .map(|(_, value)| value)
        .chain([Value::Text(id.as_str().to_owned())])
        .chain(fenced);
    match database.conn.execute(&sql, params_from_iter(values)) {
        Ok(0) => Ok(Applied::Superseded),
        Ok(1) => Ok(Applied::Done),
        Ok(_) => Err(ApplyError::Ambiguous { id: id.to_string() }),
        Err(error) => Err(failed(database, error)),
    }
}

/// Whether the row is as described.
fn stands(
    database: &Database,
    columns: &Columns,
    id: &MessageId,
    state: &[(&'static str, Value); 3],
) -> Result<bool, ApplyError> {
    let (fence, values) = fence(columns, state);
    let sql = format!("SELECT 1 FROM {TABLE} WHERE {fence} LIMIT 1");
    let values = [Value::Text(id.as_str().to_owned())].into_iter().chain(values);
    let found = database.conn.query_row(&sql, params_from_iter(values), |_| Ok(())).optional();
    found.map(|found| found.is_some()).map_err(|error| failed(database, error))
}

/// The condition that a row has this id and this state, as far as the columns exist.
fn fence(columns: &Columns, state: &[(&'static str, Value); 3]) -> (String, Vec<Value>) {
    let mut fence = String::from("id = ? COLLATE BINARY");
    let mut values = Vec::new();
    for (column, value) in state.iter().filter(|(column, _)| columns.has(column)) {
        fence.push_str(" AND ");
        fence.push_str(column);
        fence.push_str(" IS ? COLLATE BINARY");
        values.push(value.clone());
    }
    (fence, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nanoclaw::fixture::{INBOUND_SCHEMA, plan};

    #[test]
    fn the_fenced_row_is_found_by_its_id() {
        let columns = Columns::of(&["id", "status", "tries", "process_after"]);
        let (fence, values) = fence(&columns, &cell::row_state(&RowState::default()));
        assert_eq!(values.len(), 3);
        let plan = plan(INBOUND_SCHEMA, &format!("UPDATE {TABLE} SET tries = ? WHERE {fence}"));
        let expected = "SEARCH messages_in USING INDEX sqlite_autoindex_messages_in_1 (id=?)\n";
        assert_eq!(plan, expected);
    }
}
