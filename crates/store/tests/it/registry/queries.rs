//! One SELECT and nothing else.

use std::fs;

use rusqlite::Connection;
use sweepd_store::registry::{self, DEADLINE_MS, Fault};
use sweepd_store::{Error, Retry};

use super::{bare, two};

#[test]
fn a_query_may_be_anything_that_only_reads() {
    let owner = two();
    owner.sql("CREATE VIEW expected AS SELECT name AS n, enabled AS e FROM agents");
    for query in [
        "SELECT name, enabled FROM agents",
        "select NAME, Enabled from agents;",
        "  -- all of them\nSELECT * FROM agents; -- that is all\n /* indeed */ ; ",
        "WITH a AS (SELECT * FROM agents) SELECT * FROM a ORDER BY enabled",
        "SELECT n AS name, e AS enabled FROM expected",
        "SELECT 'a' AS name, 0 AS enabled UNION ALL SELECT 'b', 1",
        "SELECT lower(name) AS name, iif(enabled, 'yes', 'no') AS enabled FROM agents",
        "SELECT value ->> 'n' AS name, value ->> 'e' AS enabled
         FROM json_each('[{\"n\":\"a\",\"e\":0},{\"n\":\"b\",\"e\":true}]')",
        "SELECT a.name, enabled, 1 AS other, 2 AS other FROM agents a JOIN agents USING (enabled)",
    ] {
        let answer = owner.ask(query).unwrap();
        assert_eq!(answer.entries, [bare("a", false), bare("b", true)], "{query}");
        assert_eq!(answer.refused, []);
    }
}

#[test]
fn a_query_that_is_more_or_less_than_one_select_is_refused() {
    let owner = two();
    let elsewhere = owner.temp.path().join("elsewhere.db").display().to_string();
    let changes = "a statement that changes something";
    let several = "more than one statement";
    let nothing = "a statement that answers nothing";
    let transaction = "a statement about transactions";
    for (query, expected) in [
        ("SELECT * FROM agents; DELETE FROM agents", changes),
        ("SELECT * FROM agents; SELECT * FROM agents", several),
        ("SELECT * FROM agents;;; SELECT 1", several),
        ("DELETE FROM agents RETURNING name, enabled", changes),
        ("INSERT INTO agents VALUES ('c', 1) RETURNING name, enabled", changes),
        ("WITH x AS (SELECT 1) UPDATE agents SET enabled = 0 RETURNING name, enabled", changes),
        ("CREATE TABLE t (x)", changes),
        ("CREATE TEMP TABLE t AS SELECT * FROM agents", changes),
        ("DROP TABLE agents", changes),
        ("VACUUM", changes),
        (&format!("VACUUM INTO '{elsewhere}'"), changes),
        ("REINDEX agents", nothing),
        ("ANALYZE", changes),
        (&format!("ATTACH '{elsewhere}' AS other"), "an ATTACH or DETACH"),
        ("DETACH main", "an ATTACH or DETACH"),
        ("PRAGMA writable_schema = ON", "a PRAGMA"),
        ("PRAGMA query_only = OFF", "a PRAGMA"),
        ("PRAGMA journal_mode = DELETE", "a PRAGMA"),
        ("PRAGMA wal_checkpoint(TRUNCATE)", "a PRAGMA"),
        ("PRAGMA table_info(agents)", "a PRAGMA"),
        ("BEGIN IMMEDIATE", transaction),
        ("COMMIT", transaction),
        ("SAVEPOINT a", transaction),
        ("EXPLAIN SELECT * FROM agents", "an EXPLAIN"),
        ("EXPLAIN QUERY PLAN SELECT * FROM agents", "an EXPLAIN"),
        (
            "SELECT load_extension('/tmp/x.so') AS name, 1 AS enabled",
            "a function that reaches beyond the database",
        ),
        (
            "SELECT fts3_tokenizer('simple') AS name, 1 AS enabled",
            "a function that reaches beyond the database",
        ),
        ("SELECT * FROM agents WHERE name = ?", "a statement with parameters"),
        ("SELECT * FROM agents WHERE name = :name", "a statement with parameters"),
        ("", nothing),
        (" ; ", nothing),
        ("-- nothing", nothing),
        ("SELECT * FROM agents\0", "a text with a NUL in it"),
    ] {
        match owner.ask(query) {
            Err(Fault::NotOneSelect { what }) => assert_eq!(what, expected, "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
    let count = "SELECT count(*) FROM agents";
    let count: i64 = owner.open().query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 2);
}

#[test]
fn a_pragma_is_not_let_in_by_the_back_door() {
    let owner = two();
    let query = "SELECT name, 1 AS enabled FROM pragma_table_info('agents')";
    assert_eq!(owner.ask(query), Err(Fault::NotOneSelect { what: "a PRAGMA" }));
}

#[test]
fn a_query_that_sqlite_does_not_understand_is_quoted_by_its_words() {
    for (query, detail) in [
        ("SELECT * FROM robots", "no such table: robots"),
        ("SELECT name, enabled, colour FROM agents", "no such column: colour"),
        ("SELECT name, enabled FROM agents WHERE", "incomplete input"),
        ("SELEKT 1", "near \"SELEKT\": syntax error"),
        ("SELECT name, enabled, f(1) FROM agents", "no such function: f"),
        (
            "SELECT name, \"enabled!\" FROM agents",
            "no such column: \"enabled!\" - should this be a string literal in single-quotes?",
        ),
        ("SELECT name, json(name) AS enabled FROM agents", "malformed JSON"),
    ] {
        assert_eq!(two().ask(query), Err(Fault::BadQuery { detail: detail.into() }), "{query}");
    }
}

#[test]
fn an_answer_without_a_name_or_enabled_says_which_is_missing_and_which_are_there() {
    let owner = two();
    for (query, missing, found) in [
        ("SELECT name FROM agents", "enabled", "name"),
        ("SELECT enabled FROM agents", "name", "enabled"),
        ("SELECT count(*) FROM agents", "name", "count(*)"),
        ("VALUES ('a', 1)", "name", "column1, column2"),
        (
            "SELECT name AS Name, enabled AS active, 1 AS x FROM agents",
            "enabled",
            "Name, active, x",
        ),
        ("SELECT a.*, b.* FROM agents a, agents b", "name", "name, enabled, name, enabled"),
        (
            "SELECT *, 'x' AS image, 'y' AS IMAGE FROM agents",
            "image",
            "name, enabled, image, IMAGE",
        ),
        ("SELECT name, 1 AS \"a\u{1b}[31m\" FROM agents", "enabled", "name, a[31m"),
    ] {
        let fault = owner.ask(query).unwrap_err();
        let Fault::Columns { missing: lacking, found: there } = &fault else { panic!("{fault:?}") };
        assert_eq!((*lacking, there.join(", ").as_str()), (missing, found), "{query}");
        assert_eq!(fault.retry(), Retry::Never);
    }
}

#[test]
fn an_error_names_the_file_what_is_wrong_and_what_helps() {
    let owner = two();
    let path = owner.path();
    let ask = |query: &str| registry::read(&path, query, DEADLINE_MS).unwrap_err();
    let said = |error: &Error| error.to_string().replace(&path.display().to_string(), "FILE");

    let error = ask("SELECT name FROM agents");
    assert_eq!(
        said(&error),
        "the registry FILE does not answer with one column enabled but with name: name the columns \
         in the query (SELECT … AS enabled)",
    );
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(
        said(&ask("SELECT * FROM robots")),
        "the registry FILE cannot answer the query (no such table: robots): correct the query",
    );
    assert_eq!(
        said(&ask("DELETE FROM agents")),
        "the registry FILE is asked by a statement that changes something: the query must be one \
         SELECT without parameters",
    );
    fs::remove_file(&path).unwrap();
    assert_eq!(
        said(&ask("SELECT * FROM agents")),
        "the registry FILE does not exist: correct its path, or start what makes it",
    );
    assert!(!path.exists(), "and none is made");
}

#[test]
fn a_query_has_its_limits() {
    let owner = two();
    let long = format!("SELECT * FROM agents {}", " ".repeat(10_000));
    assert!(matches!(owner.ask(&long), Err(Fault::TooBig { .. })));
    let empty = format!("SELECT * FROM agents{}", ";".repeat(9_900));
    assert_eq!(owner.ask(&empty).unwrap().entries.len(), 2);
    let deep = format!("SELECT {}1{} AS name, 1 AS enabled", "(".repeat(300), ")".repeat(300));
    assert!(owner.ask(&deep).is_err());
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT";
    let many = |count: usize, name: &str| {
        owner.ask(&format!("{numbers} {count}) SELECT {name} AS name, 1 AS enabled FROM n"))
    };
    assert_eq!(many(10_000, "'a' || i").unwrap().entries.len(), 10_000);
    assert_eq!(many(10_001, "'a' || i"), Err(Fault::TooManyRows { limit: 10_000 }));
    assert_eq!(many(10_001, "'a'"), Err(Fault::TooManyRows { limit: 10_000 }));
    assert!(matches!(many(1, "zeroblob(1000001)"), Err(Fault::TooBig { .. })));
    let texts = format!(
        "{numbers} 600) SELECT 'a' || i AS name, 1 AS enabled, hex(zeroblob(16000)) AS image FROM n"
    );
    assert!(matches!(owner.ask(&texts), Err(Fault::TooBig { .. })));
}

#[test]
fn a_query_without_end_ends_by_the_deadline_and_holds_up_no_writer() {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    let owner = two();
    owner.sql(&format!(
        "CREATE VIEW endless AS {endless} SELECT 'a' AS name, 1 AS enabled FROM n WHERE i < 0"
    ));
    for query in [
        "SELECT * FROM endless".to_owned(),
        format!("{endless} SELECT 'a' AS name, 1 AS enabled FROM n WHERE i < 0"),
        format!("{endless} SELECT 'a' AS name, max(i) AS enabled FROM n"),
        "SELECT count(*) AS name, 1 AS enabled FROM endless".to_owned(),
    ] {
        assert_eq!(owner.ask_for(&query, 100), Err(Fault::Deadline), "{query}");
    }
    assert_eq!(owner.ask_for("SELECT * FROM agents", 0), Err(Fault::Deadline));

    let path = owner.path();
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| owner.ask_untouched("SELECT * FROM endless", 1000));
        let writer = Connection::open(&path).unwrap();
        writer.busy_timeout(std::time::Duration::ZERO).unwrap();
        let mut written = 0;
        while !asked.is_finished() {
            let done = writer.execute("UPDATE agents SET enabled = enabled", []);
            written += usize::from(done.is_ok());
        }
        assert_eq!(asked.join().unwrap(), Err(Fault::Deadline));
        assert!(written > 10, "{written} writes");
    });
}
