//! One `SELECT` and nothing else: what may a query do, and how much may come of it?

use std::sync::{Arc, OnceLock};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, Statement};

use super::cell::Row;
use super::column::Columns;
use super::entry::Registry;
use super::fault::Fault;
use super::gather::Gathered;
use crate::budget::Budget;

/// How many rows are read at most.
const MOST_ROWS: usize = 10_000;
/// How much text all rows may hold together, in bytes.
const MOST_TEXT: usize = 16 << 20;
/// How long a query may be, in bytes.
const LONGEST_QUERY: usize = 10_000;
/// Functions that reach beyond the database.
const FORBIDDEN: [&str; 2] = ["load_extension", "fts3_tokenizer"];

/// Asks a hardened connection. The answer is whole, or it is none.
pub(super) fn ask(mut conn: Connection, query: &str, deadline: Budget) -> Result<Registry, Fault> {
    if query.len() > LONGEST_QUERY {
        let what = format!("the query has {} bytes, at most {LONGEST_QUERY} are read", query.len());
        return Err(Fault::TooBig { what });
    }
    if query.contains('\0') {
        return Err(Fault::NotOneSelect { what: "a text with a NUL in it" });
    }
    begin(&conn)?;
    let denied = only_reading(&mut conn)?;
    let why = |error: rusqlite::Error| match (denied.get(), error) {
        (Some(what), _) => Fault::NotOneSelect { what },
        (None, rusqlite::Error::MultipleStatement) => {
            Fault::NotOneSelect { what: "more than one statement" }
        }
        (None, error) => error.into(),
    };
    let mut statement = conn.prepare(query).map_err(why)?;
    one_select(&statement)?;
    let columns = Columns::of(&statement.column_names().collect::<Vec<_>>())?;
    let (mut gathered, mut text) = (Gathered::default(), 0_usize);
    let mut rows = statement.query([]).map_err(why)?;
    let mut number = 0;
    while let Some(row) = rows.next().map_err(why)? {
        if deadline.spent() {
            return Err(Fault::Deadline);
        }
        number += 1;
        if number > MOST_ROWS {
            return Err(Fault::TooManyRows { limit: MOST_ROWS });
        }
        let row = Row::read(number, row, &columns)?;
        text = text.saturating_add(row.text_len());
        if text > MOST_TEXT {
            return Err(Fault::TooBig { what: format!("more than {MOST_TEXT} bytes of text") });
        }
        gathered.take(&row);
    }
    Ok(gathered.finish())
}

/// Begins to read, before the query may have its say. The query is the operator's, and may have
/// more of everything than what a stranger's schema is allowed; and its tables may be views.
fn begin(conn: &Connection) -> Result<(), Fault> {
    conn.execute_batch(
        "PRAGMA query_only = ON; BEGIN; PRAGMA schema_version; PRAGMA cache_size = -2000",
    )?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, true)?;
    for (limit, at_most) in [
        (Limit::SQLITE_LIMIT_COLUMN, 500),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 20),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 100),
    ] {
        conn.set_limit(limit, at_most)?;
    }
    Ok(())
}

/// Denies everything but reading, and tells what was denied.
fn only_reading(conn: &mut Connection) -> Result<Arc<OnceLock<&'static str>>, Fault> {
    let denied = Arc::new(OnceLock::new());
    let tell = Arc::clone(&denied);
    conn.authorizer(Some(move |asked: rusqlite::hooks::AuthContext<'_>| {
        let Some(what) = beyond_reading(&asked.action) else { return Authorization::Allow };
        // The first one counts.
        let _already_told = tell.set(what);
        Authorization::Deny
    }))?;
    Ok(denied)
}

/// What an action is, if it is more than reading.
fn beyond_reading(action: &AuthAction<'_>) -> Option<&'static str> {
    if let AuthAction::Function { function_name } = action {
        let forbidden = FORBIDDEN.iter().any(|name| name.eq_ignore_ascii_case(function_name));
        return forbidden.then_some("a function that reaches beyond the database");
    }
    if matches!(action, AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive) {
        None
    } else if matches!(action, AuthAction::Attach { .. } | AuthAction::Detach { .. }) {
        Some("an ATTACH or DETACH")
    } else if matches!(action, AuthAction::Pragma { .. }) {
        Some("a PRAGMA")
    } else if matches!(action, AuthAction::Transaction { .. } | AuthAction::Savepoint { .. }) {
        Some("a statement about transactions")
    } else {
        Some("a statement that changes something")
    }
}

/// Makes sure of what the statement is, whatever it was allowed to do.
fn one_select(statement: &Statement<'_>) -> Result<(), Fault> {
    let what = if !statement.readonly() {
        "a statement that changes something"
    } else if statement.column_count() == 0 {
        "a statement that answers nothing"
    } else if statement.is_explain() != 0 {
        "an EXPLAIN"
    } else if statement.parameter_count() > 0 {
        "a statement with parameters"
    } else {
        return Ok(());
    };
    Err(Fault::NotOneSelect { what })
}
