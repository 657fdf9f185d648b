//! Reads what the container says: its claims, its acks, its tool, and whom it has answered.
//!
//! The claims are read first, then the host's queue, then the rest within the same transaction, so
//! that a message is never both claimed and acked. Acks are looked up per live message: finished
//! history is not read.

use std::collections::BTreeMap;

use sweepd_decide::{Ack, Claim, Message, MessageId, Span, Timestamp, Tool, Written};

use super::foreign::Cells;
use super::open::Database;
use super::reply::Outbound;
use super::schema;
use super::unreadable::Unreadable;

const ACKS: &str = "processing_ack";
const STATE: &str = "container_state";
const OUTPUT: &str = "messages_out";

/// How many of the rows written last are searched for the newest ack. A runner replaces a row when
/// it acks, so the newest are the last.
const LAST_ACKS: i64 = 256;
/// How many outputs are searched for answers, newest first.
const LAST_OUTPUTS: i64 = 10_000;
/// Outputs older than the oldest claim by this much end that search: clocks step, but not far.
const OLD_OUTPUT: Span = Span::from_mins(60);

const CLAIMS: &str = "SELECT message_id, status_changed FROM processing_ack \
                      WHERE status = 'processing' ORDER BY rowid LIMIT ?1";
const ACK_OF: &str = "SELECT status, status_changed FROM processing_ack \
                      WHERE message_id = ?1 COLLATE BINARY AND status IS NOT 'processing' LIMIT 1";
const NEWEST: &str =
    "SELECT status, status_changed FROM processing_ack ORDER BY rowid DESC LIMIT ?1";
const OUTPUTS: &str =
    "SELECT in_reply_to, kind, timestamp FROM messages_out ORDER BY rowid DESC LIMIT ?1";

/// The open claims, in rowid order.
pub(crate) fn claims(database: &Database, limit: u32) -> Result<Vec<Claim>, Unreadable> {
    let needed = ["message_id", "status", "status_changed"];
    schema::required(database, ACKS)?.require(database.file, ACKS, &needed)?;
    let claims = rows(database, ACKS, CLAIMS, [i64::from(limit) + 1], |cells| {
        Ok(Claim {
            message_id: MessageId::new(cells.some_text(0, "message_id")?),
            status_changed: Written::new(cells.text(1, "status_changed")?),
        })
    })?;
    if claims.len() > usize::try_from(limit).unwrap_or(usize::MAX) {
        let (file, table) = (database.file.to_owned(), ACKS.to_owned());
        return Err(Unreadable::TooManyRows { file, table, limit });
    }
    Ok(claims)
}

/// Everything but the claims, which were read before.
pub(crate) fn read(
    database: &Database,
    claims: Vec<Claim>,
    messages: &[Message],
) -> Result<Outbound, Unreadable> {
    let mut absent = Vec::new();
    Ok(Outbound {
        acks: acks(database, messages)?,
        last_ack: last_ack(database)?,
        tool: tool(database, &mut absent)?,
        answered: answered(database, &claims, &mut absent)?,
        absent,
        claims,
    })
}

fn acks(database: &Database, messages: &[Message]) -> Result<Vec<Ack>, Unreadable> {
    let mut acks = Vec::new();
    for message in messages {
        acks.extend(rows(database, ACKS, ACK_OF, [message.id.as_str()], |cells| {
            Ok(Ack {
                message_id: message.id.clone(),
                status: cells.some_text(0, "status")?,
                status_changed: Written::new(cells.text(1, "status_changed")?),
            })
        })?);
    }
    Ok(acks)
}

fn last_ack(database: &Database) -> Result<Option<Written>, Unreadable> {
    let newest_first = rows(database, ACKS, NEWEST, [LAST_ACKS], |cells| {
        let ended = matches!(cells.text(0, "status")?.as_deref(), Some("completed" | "failed"));
        let at = Written::new(cells.text(1, "status_changed")?);
        Ok(ended.then_some(at))
    })?;
    let mut newest_first = newest_first.into_iter().flatten();
    let Some(last) = newest_first.next() else { return Ok(None) };
    if last.at().is_none() {
        return Ok(Some(last));
    }
    Ok(Some(newest_first.fold(last, |best, next| if next.at() > best.at() { next } else { best })))
}

fn tool(database: &Database, absent: &mut Vec<String>) -> Result<Option<Tool>, Unreadable> {
    let Some(columns) = schema::optional(database, STATE)? else {
        absent.push(STATE.to_owned());
        return Ok(None);
    };
    let wanted = ["id", "current_tool", "tool_declared_timeout_ms", "tool_started_at"];
    let lacking = columns.lacking(&wanted);
    absent.extend(lacking.iter().map(|column| format!("{STATE}.{column}")));
    if !columns.has("id") {
        return Ok(None);
    }
    let select = wanted.map(|column| columns.or_null(column)).join(", ");
    let sql = format!("SELECT {select} FROM {STATE} WHERE id = 1 LIMIT 1");
    let tool = rows(database, STATE, &sql, [], |cells| {
        Ok(Tool {
            name: cells.text(1, "current_tool")?,
            declared_ms: cells.only_integer(2),
            started_at: Written::new(cells.text(3, "tool_started_at")?),
        })
    })?;
    Ok(tool.into_iter().next())
}

fn answered(
    database: &Database,
    claims: &[Claim],
    absent: &mut Vec<String>,
) -> Result<Vec<MessageId>, Unreadable> {
    let Some(columns) = schema::optional(database, OUTPUT)? else {
        absent.push(OUTPUT.to_owned());
        return Ok(Vec::new());
    };
    let lacking = columns.lacking(&["in_reply_to", "kind", "timestamp"]);
    absent.extend(lacking.iter().map(|column| format!("{OUTPUT}.{column}")));
    let since: BTreeMap<&str, Timestamp> = claims
        .iter()
        .filter_map(|c| Some((c.message_id.as_str(), c.status_changed.at()?.floor_to_second())))
        .collect();
    let Some(oldest) = since.values().min() else { return Ok(Vec::new()) };
    if !lacking.is_empty() {
        return Ok(Vec::new());
    }
    let answered = replies(database, oldest.minus(OLD_OUTPUT), &since)?;
    let named = claims.iter().map(|claim| &claim.message_id);
    Ok(named.filter(|id| answered.contains(&id.as_str())).cloned().collect())
}

/// Those of the claimed messages to which an output replies that is later than their claim.
fn replies<'a>(
    database: &Database,
    until: Timestamp,
    since: &BTreeMap<&'a str, Timestamp>,
) -> Result<Vec<&'a str>, Unreadable> {
    let why = |error| database.why(&error);
    let mut statement = database.conn.prepare(OUTPUTS).map_err(why)?;
    let mut found = statement.query([LAST_OUTPUTS]).map_err(why)?;
    let mut answered = Vec::new();
    while let Some(row) = found.next().map_err(why)? {
        let cells = Cells { row, file: database.file, table: OUTPUT, ration: &database.ration };
        let Some(at) = Written::new(cells.text(2, "timestamp")?).at() else { continue };
        if at < until {
            break;
        }
        let Some(to) = cells.text(0, "in_reply_to")? else { continue };
        let said = !matches!(cells.text(1, "kind")?.as_deref(), Some("status" | "system"));
        if let Some((id, claimed)) = since.get_key_value(to.as_str())
            && said
            && at.floor_to_second() > *claimed
        {
            answered.push(*id);
        }
    }
    Ok(answered)
}

fn rows<T>(
    database: &Database,
    table: &str,
    sql: &str,
    params: impl rusqlite::Params,
    mut read: impl FnMut(&Cells<'_>) -> Result<T, Unreadable>,
) -> Result<Vec<T>, Unreadable> {
    let why = |error| database.why(&error);
    let mut statement = database.conn.prepare_cached(sql).map_err(why)?;
    let mut rows = statement.query(params).map_err(why)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(why)? {
        found.push(read(&Cells { row, file: database.file, table, ration: &database.ration })?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nanoclaw::fixture::{OUTBOUND_SCHEMA, plan};

    #[test]
    fn an_ack_is_found_by_its_message_and_rows_come_in_order_without_sorting() {
        let plan = |sql| plan(OUTBOUND_SCHEMA, sql);
        let by_id = "SEARCH processing_ack USING INDEX sqlite_autoindex_processing_ack_1 \
                     (message_id=?)\n";
        assert_eq!(plan(ACK_OF), by_id);
        assert_eq!(plan(CLAIMS), "SCAN processing_ack\n");
        assert_eq!(plan(NEWEST), "SCAN processing_ack\n");
        assert_eq!(plan(OUTPUTS), "SCAN messages_out\n");
    }
}
