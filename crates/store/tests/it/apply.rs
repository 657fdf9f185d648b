//! Writes to `inbound.db`: conditional, repeatable, atomic, and nothing beside what was asked for.

mod beside;
mod recur;
mod refused;
mod update;

use rusqlite::types::Value;
use sweepd_decide::{MessageId, RowChange, RowState};

use crate::session::Session;

const ROW: &str = "
    INSERT INTO messages_in VALUES ('m', 2, 'task', '2026-05-12 00:00:00', 'completed',
      '2026-05-12 09:00:00', '0 9 * * *', 'series', 3, 0, 'plat-1', 'telegram', 'th-1',
      '{\"text\":\"hello\"}', 'sess-src', 1);";

fn state(status: Option<&str>, tries: Option<i64>, process_after: Option<&str>) -> RowState {
    RowState {
        status: status.map(str::to_owned),
        tries,
        process_after: process_after.map(str::to_owned),
    }
}

fn update(before: RowState, after: RowState) -> RowChange {
    RowChange::Update { message_id: MessageId::from("m"), before, after }
}

fn now() -> RowState {
    state(Some("completed"), Some(3), Some("2026-05-12 09:00:00"))
}

fn session() -> Session {
    let session = Session::new();
    session.sql("inbound.db", ROW);
    session
}

/// The clone that the tests ask for.
fn recur() -> RowChange {
    RowChange::Recur {
        message_id: MessageId::from("m"),
        status: Some("completed".into()),
        recurrence: "0 9 * * *".into(),
        clone_id: MessageId::from("task-1778547600000-abc123"),
        clone_status: "pending".into(),
        series_id: "series-2".into(),
        process_after: "2026-05-13T09:00:00.000Z".into(),
        timestamp: "2026-05-12 10:00:00".into(),
    }
}

const CLONE: &str = "task-1778547600000-abc123";

fn text(value: &str) -> Value {
    Value::Text(value.into())
}
