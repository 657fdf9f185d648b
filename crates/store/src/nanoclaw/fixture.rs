//! NanoClaw's newest schemas, and how SQLite would run a statement on them: for tests.

use rusqlite::Connection;

pub(super) use super::monitor::{INBOUND_SCHEMA, OUTBOUND_SCHEMA};

/// The plan, one step a line.
pub(super) fn plan(schema: &str, sql: &str) -> String {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(schema).unwrap();
    let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut steps = explain.raw_query();
    let mut plan = String::new();
    while let Some(step) = steps.next().unwrap() {
        plan.push_str(&step.get::<_, String>("detail").unwrap());
        plan.push('\n');
    }
    plan
}
