//! What was asked of an agent lately, what it acknowledged, and what it said: for the rule of silence.
//!
//! Newest first, back to an instant, within the limits of a look. Of what people and agents wrote only
//! this is read: whether a task has a script, and whether a chat begins with a slash.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sweepd_decide::{MessageId, Timestamp, Written};

use super::beneath::SessionDir;
use super::foreign::Cells;
use super::look::{allowance, session};
use super::open::{Database, INBOUND, OUTBOUND};
use super::reply::{LookRequest, Part};
use super::unreadable::Unreadable;
use super::{inbound, schema};

/// So many acknowledgements and outputs are read, the newest.
const ROWS: usize = 4000;
/// So many messages are read for them, the newest.
const MESSAGES: usize = 1000;
/// Longer contents are not looked into, in bytes.
const CONTENT: usize = 262_144;

const ACKS: &str = "SELECT message_id, status, status_changed FROM processing_ack \
                    ORDER BY rowid DESC";

/// What one look heard of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Exchange {
    /// Messages that were acknowledged as completed, in the order of the queue.
    pub asked: Vec<AskedRow>,
    /// When each was, as it stands there now: a runner may have written it again.
    pub acks: Vec<(MessageId, Written)>,
    /// What the agent wrote, oldest first.
    pub outputs: Vec<OutputRow>,
    /// What the host delivered of that; `None`: there is no such table, or it was never used.
    pub delivered: Option<Vec<DeliveredRow>>,
    /// There was more than is read.
    pub is_cut: bool,
}

/// A message, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct AskedRow {
    /// Its id.
    pub id: MessageId,
    /// Its kind.
    pub kind: String,
    /// Its series; its own id if none is written.
    pub series: String,
    /// When it was written.
    pub timestamp: Written,
    /// Not before then.
    pub process_after: Written,
    /// How often it was tried again.
    pub tries: i64,
    /// 0: it is context only.
    pub trigger: i64,
    /// 1: it is for a container's first look.
    pub on_wake: i64,
    /// It is a task with a script that decides whether the agent hears of it.
    pub has_script: bool,
    /// It is a chat that begins with a slash.
    pub is_command: bool,
}

/// An output, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct OutputRow {
    /// Its id.
    pub id: MessageId,
    /// Its kind.
    pub kind: String,
    /// When it was written.
    pub timestamp: Written,
    /// Not to be delivered before.
    pub deliver_after: Written,
    /// The message that it says it answers.
    pub reply_to: Option<MessageId>,
}

/// What became of an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct DeliveredRow {
    /// The output.
    pub id: MessageId,
    /// `delivered`, `failed`, or another word.
    pub status: String,
    /// The service has given it an id.
    pub has_platform_id: bool,
}

/// Looks at what was said in a session since an instant. Never fails and never panics; blocks no longer
/// than [`look()`](super::look()) does, and creates and changes nothing.
pub fn exchange(request: &LookRequest, since: Timestamp) -> Part<Exchange> {
    let found = session(request).and_then(|dir| match dir {
        Some(dir) => read(&dir, request, since),
        None => Ok(None),
    });
    found.into()
}

fn read(
    dir: &SessionDir,
    request: &LookRequest,
    since: Timestamp,
) -> Result<Option<Exchange>, Unreadable> {
    let allowance = allowance(request);
    // What the container says first: the host's rows for it are older.
    let Some(outbound) = Database::read(dir, OUTBOUND, allowance)? else { return Ok(None) };
    let Some(inbound) = Database::read(dir, INBOUND, allowance)? else { return Ok(None) };
    let mut exchange = Exchange::default();
    exchange.acks = acks(&outbound, since, &mut exchange.is_cut)?;
    exchange.asked = asked(&inbound, &exchange.acks, &mut exchange.is_cut)?;
    let begins = exchange.asked.iter().filter_map(|asked| asked.timestamp.at());
    let oldest = begins.min().map_or(since, |begin| begin.min(since));
    exchange.outputs = outputs(&outbound, oldest, &mut exchange.is_cut)?;
    exchange.delivered = delivered(&inbound, &exchange.outputs)?;
    Ok(Some(exchange))
}

fn acks(
    database: &Database,
    since: Timestamp,
    is_cut: &mut bool,
) -> Result<Vec<(MessageId, Written)>, Unreadable> {
    let table = "processing_ack";
    let columns = schema::required(database, table)?;
    columns.require(database.file, table, &["message_id", "status", "status_changed"])?;
    let mut acks = Vec::new();
    newest_first(database, table, ACKS, is_cut, |cells| {
        let Some((id, status, at)) = or_passed_over(ack(cells))? else { return Ok(true) };
        let is_old = at.at().is_some_and(|at| at < since);
        if !is_old && status.as_deref() == Some("completed") {
            acks.push((id, at));
        }
        Ok(!is_old)
    })?;
    acks.reverse();
    Ok(acks)
}

fn ack(cells: &Cells<'_>) -> Result<(MessageId, Option<String>, Written), Unreadable> {
    let id = MessageId::new(cells.some_text(0, "message_id")?);
    Ok((id, cells.text(1, "status")?, Written::new(cells.text(2, "status_changed")?)))
}

/// A row in which something stands that its column never holds is no message that could be judged.
fn or_passed_over<T>(row: Result<T, Unreadable>) -> Result<Option<T>, Unreadable> {
    match row {
        Ok(row) => Ok(Some(row)),
        Err(Unreadable::WrongType { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The messages of acknowledgements, the newest of them.
fn asked(
    database: &Database,
    acks: &[(MessageId, Written)],
    is_cut: &mut bool,
) -> Result<Vec<AskedRow>, Unreadable> {
    let columns = schema::required(database, inbound::TABLE)?;
    columns.require(database.file, inbound::TABLE, &["id", "kind", "timestamp"])?;
    let plain = ["tries", "trigger", "on_wake", "series_id", "process_after"];
    let plain = plain.map(|column| columns.or_null(column)).join(", ");
    let content = if columns.has("content") {
        let short = format!("octet_length(content) <= {CONTENT} AND json_valid(content)");
        format!(
            "CASE WHEN kind = 'task' AND {short} THEN json_type(content, '$.script') END, \
             CASE WHEN kind IN ('chat', 'chat-sdk') AND {short} THEN \
             substr(ltrim(json_extract(content, '$.text')), 1, 1) END"
        )
    } else {
        "NULL, NULL".to_owned()
    };
    let sql = format!(
        "SELECT rowid, id, kind, timestamp, {plain}, {content} FROM {} \
         WHERE id = ?1 COLLATE BINARY LIMIT 1",
        inbound::TABLE
    );
    let why = |error| database.why(&error);
    let mut statement = database.conn.prepare(&sql).map_err(why)?;
    let mut found = Vec::new();
    *is_cut |= acks.len() > MESSAGES;
    for (id, _) in acks.iter().rev().take(MESSAGES) {
        let mut rows = statement.query([id.as_str()]).map_err(why)?;
        let Some(row) = rows.next().map_err(why)? else { continue };
        let table = inbound::TABLE;
        let cells = Cells { row, file: database.file, table, ration: &database.ration };
        let rowid = cells.integer(0, "rowid")?.unwrap_or_default();
        if let Some(asked) = or_passed_over(asked_row(&cells))? {
            found.push((rowid, asked));
        }
    }
    found.sort_by_key(|(rowid, _)| *rowid);
    Ok(found.into_iter().map(|(_, asked)| asked).collect())
}

fn asked_row(cells: &Cells<'_>) -> Result<AskedRow, Unreadable> {
    let id = cells.some_text(1, "id")?;
    let script = cells.text(9, "content")?;
    Ok(AskedRow {
        kind: cells.some_text(2, "kind")?,
        timestamp: Written::new(cells.text(3, "timestamp")?),
        tries: cells.integer(4, "tries")?.unwrap_or(0),
        trigger: cells.integer(5, "trigger")?.unwrap_or(1),
        on_wake: cells.integer(6, "on_wake")?.unwrap_or(0),
        series: cells.text(7, "series_id")?.unwrap_or_else(|| id.clone()),
        process_after: Written::new(cells.text(8, "process_after")?),
        has_script: script.is_some_and(|of| of != "null"),
        is_command: cells.text(10, "content")?.as_deref() == Some("/"),
        id: MessageId::new(id),
    })
}

fn outputs(
    database: &Database,
    since: Timestamp,
    is_cut: &mut bool,
) -> Result<Vec<OutputRow>, Unreadable> {
    let table = "messages_out";
    let columns = schema::required(database, table)?;
    columns.require(database.file, table, &["id", "kind", "timestamp"])?;
    let optional = ["deliver_after", "in_reply_to"].map(|column| columns.or_null(column));
    let sql = format!(
        "SELECT id, kind, timestamp, {} FROM {table} ORDER BY rowid DESC",
        optional.join(", ")
    );
    let mut outputs = Vec::new();
    newest_first(database, table, &sql, is_cut, |cells| {
        let timestamp = Written::new(cells.text(2, "timestamp")?);
        let is_old = timestamp.at().is_some_and(|at| at < since);
        if !is_old {
            // Whatever else stands in it, it was said then: passed over, there would be silence.
            let reply_to = or_passed_over(cells.text(4, "in_reply_to"))?.flatten();
            let deliver_after = or_passed_over(cells.text(3, "deliver_after"))?.flatten();
            outputs.push(OutputRow {
                id: MessageId::new(or_passed_over(cells.some_text(0, "id"))?.unwrap_or_default()),
                kind: or_passed_over(cells.some_text(1, "kind"))?.unwrap_or_default(),
                timestamp,
                deliver_after: Written::new(deliver_after),
                reply_to: reply_to.map(MessageId::new),
            });
        }
        Ok(!is_old)
    })?;
    outputs.reverse();
    Ok(outputs)
}

fn delivered(
    database: &Database,
    outputs: &[OutputRow],
) -> Result<Option<Vec<DeliveredRow>>, Unreadable> {
    let table = "delivered";
    let Some(columns) = schema::optional(database, table)? else { return Ok(None) };
    if !columns.lacking(&["message_out_id", "platform_message_id", "status"]).is_empty() {
        return Ok(None);
    }
    let why = |error| database.why(&error);
    let used = "SELECT EXISTS (SELECT 1 FROM delivered)";
    let used: bool = database.conn.query_row(used, [], |row| row.get(0)).map_err(why)?;
    if !used {
        return Ok(None);
    }
    let sql = "SELECT status, platform_message_id IS NOT NULL AND platform_message_id <> '' \
               FROM delivered WHERE message_out_id = ?1 LIMIT 1";
    let mut statement = database.conn.prepare(sql).map_err(why)?;
    let mut found = Vec::new();
    let ids: BTreeSet<&MessageId> = outputs.iter().map(|output| &output.id).collect();
    for id in ids {
        let mut rows = statement.query([id.as_str()]).map_err(why)?;
        let Some(row) = rows.next().map_err(why)? else { continue };
        let cells = Cells { row, file: database.file, table, ration: &database.ration };
        let status = or_passed_over(cells.text(0, "status"))?.flatten().unwrap_or_default();
        let has_platform_id = cells.only_integer(1) == Some(1);
        found.push(DeliveredRow { id: id.clone(), status, has_platform_id });
    }
    Ok(Some(found))
}

/// Reads rows until one says that it is too old.
fn newest_first(
    database: &Database,
    table: &str,
    sql: &str,
    is_cut: &mut bool,
    mut read: impl FnMut(&Cells<'_>) -> Result<bool, Unreadable>,
) -> Result<(), Unreadable> {
    let why = |error| database.why(&error);
    let mut statement = database.conn.prepare(sql).map_err(why)?;
    let mut rows = statement.query([]).map_err(why)?;
    for _ in 0..ROWS {
        let Some(row) = rows.next().map_err(why)? else { return Ok(()) };
        if !read(&Cells { row, file: database.file, table, ration: &database.ration })? {
            return Ok(());
        }
    }
    *is_cut |= rows.next().map_err(why)?.is_some();
    Ok(())
}
