//! How SQLite would run a statement on the state database: for tests that no query scans.

use rusqlite::Connection;

use super::migrate;

/// The plan, one step a line.
pub(super) fn plan(sql: &str) -> String {
    let conn = Connection::open_in_memory().unwrap();
    migrate::upgrade(&conn, "memory".as_ref()).unwrap();
    let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut steps = explain.raw_query();
    let mut plan = String::new();
    while let Some(step) = steps.next().unwrap() {
        plan.push_str(&step.get::<_, String>("detail").unwrap());
        plan.push('\n');
    }
    plan
}
