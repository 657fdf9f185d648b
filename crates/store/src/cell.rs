//! Our nouns as SQLite's values and back: the only place where the two meet.

use rusqlite::Row;
use rusqlite::types::Value;
use sweepd_decide::{AgentId, RowState, Severity, Timestamp};

/// The columns of a message's state with their values, in a fixed order.
pub(crate) fn row_state(state: &RowState) -> [(&'static str, Value); 3] {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    [
        ("status", text(&state.status)),
        ("tries", state.tries.map_or(Value::Null, Value::Integer)),
        ("process_after", text(&state.process_after)),
    ]
}

/// An instant, stored as UTC milliseconds.
pub(crate) fn instant(row: &Row<'_>, at: usize) -> rusqlite::Result<Timestamp> {
    row.get(at).map(Timestamp::from_millis)
}

/// An instant or NULL.
pub(crate) fn some_instant(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp::from_millis))
}

/// An agent's id.
pub(crate) fn agent(row: &Row<'_>, at: usize) -> rusqlite::Result<AgentId> {
    row.get::<_, String>(at).map(AgentId::new)
}

/// An agent's id or NULL.
pub(crate) fn some_agent(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<AgentId>> {
    Ok(row.get::<_, Option<String>>(at)?.map(AgentId::new))
}

/// A severity by its published word. One that only a newer version knows is as bad as it gets: it must
/// not keep people from hearing of all the others.
pub(crate) fn severity(row: &Row<'_>, at: usize) -> rusqlite::Result<Severity> {
    Ok(match row.get_ref(at)?.as_str()? {
        "notice" => Severity::Notice,
        "warning" => Severity::Warning,
        _ => Severity::Error,
    })
}

/// The published word of a severity.
pub(crate) const fn severity_text(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
