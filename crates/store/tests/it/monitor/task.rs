//! One task, once, in a session that can be looked at and woken.

use rusqlite::Connection;
use sweepd_decide::{Observed, Timestamp};
use sweepd_store::Retry;
use sweepd_store::nanoclaw::{
    self, Exchange, Injected, LookRequest, MONITOR_GROUP, MonitorError, Part,
};

use super::{Install, NOW, channel, dump, pragma, task};
use crate::session::{INITIAL, listing};

const ID: &str = "task-1778580000123-abc123";
const ROW: &str = "|task|2026-05-12 10:00:00|pending|2026-05-12T10:00:00.123Z|-";
const PROMPT: &str = r#"{"prompt":"Why did \"ag-1\" say nothing?\nLook."}"#;

impl Install {
    fn inbound(&self, session: &str) -> Connection {
        let dir = self.root.session_dir(MONITOR_GROUP, session).unwrap();
        Connection::open(dir.join("inbound.db")).unwrap()
    }

    fn injected(&self, id: &str) -> String {
        let injected = self.inject(id).unwrap();
        assert!(matches!(injected, Injected::Done { .. }), "{injected:?}");
        injected.session_id().to_owned()
    }
}

fn ready() -> Install {
    let install = Install::new();
    install.bootstrap().unwrap();
    install
}

#[test]
fn a_session_is_made_as_the_host_makes_it() {
    let install = ready();
    let session = install.injected(ID);
    assert!(session.starts_with("sess-1778580000123-"), "{session}");
    let rows = install.monitors();
    let at = "2026-05-12T10:00:00.123Z";
    let row =
        format!("sessions: {session}|health-monitor|mg-health-monitor|-|-|active|stopped|-|{at}");
    assert!(rows.contains(&row), "{rows:?}");
    install.check();

    let conn = install.inbound(&session);
    let message = format!("messages_in: {ID}|2{ROW}|{ID}|0|1|discord:11:22|discord|-|{PROMPT}|-|0");
    assert_eq!(dump(&conn, "messages_in"), [message]);
    assert_eq!(dump(&conn, "session_routing"), ["session_routing: 1|discord|discord:11:22|-"]);
    let destination = "destinations: keepalive|keepalive|channel|discord|discord:11:22|-";
    assert_eq!(dump(&conn, "destinations"), [destination]);
    for file in ["inbound.db", "outbound.db"] {
        let dir = install.root.session_dir(MONITOR_GROUP, &session).unwrap();
        let conn = Connection::open(dir.join(file)).unwrap();
        assert_eq!(pragma(&conn, "journal_mode"), "delete");
        assert_eq!(pragma(&conn, "integrity_check"), "ok");
    }
}

#[test]
fn the_session_can_be_looked_at_and_the_task_is_due() {
    let install = ready();
    let session = install.injected(ID);
    let listed = install.root.sessions().unwrap().rows;
    let listed = listed.iter().find(|row| row.agent_group_id == MONITOR_GROUP).unwrap();
    assert_eq!(listed.session_id, session);
    assert_eq!(listed.group_folder.as_deref(), Some(MONITOR_GROUP));

    let request = LookRequest::new(install.root.path(), MONITOR_GROUP, &session);
    let look = nanoclaw::look(&request);
    let inbound = look.inbound.seen().unwrap();
    assert!(inbound.absent_columns.is_empty());
    let [message] = inbound.messages.as_slice() else { panic!("{:?}", inbound.messages) };
    assert_eq!(message.id.as_str(), ID);
    assert_eq!(message.state.status.as_deref(), Some("pending"));
    assert_eq!(message.trigger, Some(1));
    let after = message.state.process_after.as_deref();
    assert_eq!(after.and_then(sweepd_decide::parse_utc), Some(NOW));
    let outbound = look.outbound.seen().unwrap();
    assert!(outbound.absent.is_empty() && outbound.claims.is_empty(), "{outbound:?}");
    assert_eq!(look.heartbeat, Observed::Absent);

    let heard = nanoclaw::exchange(&request, Timestamp::from_millis(0));
    assert_eq!(heard, Part::Seen(Exchange::default()));
}

#[test]
fn the_same_task_is_put_there_once() {
    let install = ready();
    let session = install.injected(ID);
    let there = listing(&install.path("data"));
    let again =
        nanoclaw::inject(&install.root, &task(ID), Timestamp::from_millis(1_778_580_060_000));
    assert_eq!(again.unwrap(), Injected::AlreadyThere { session_id: session.clone() });
    let mut now = listing(&install.path("data"));
    now.retain(|path, _| there.contains_key(path));
    assert_eq!(now.len(), there.len());
    assert_eq!(dump(&install.inbound(&session), "messages_in").len(), 1);
    // What has been done with it meanwhile is nobody's business here.
    install.inbound(&session).execute_batch("UPDATE messages_in SET status = 'completed'").unwrap();
    assert!(matches!(install.inject(ID).unwrap(), Injected::AlreadyThere { .. }));
    assert!(dump(&install.inbound(&session), "messages_in")[0].contains("|completed|"));
}

#[test]
fn the_number_is_the_next_even_one_above_all() {
    let install = ready();
    let session = install.injected("task-0");
    for (max, next) in [(2, 4), (7, 8), (8, 10), (101, 102), (-5, 2)] {
        let conn = install.inbound(&session);
        let sql = format!(
            "DELETE FROM messages_in; INSERT INTO messages_in
            (id, seq, kind, timestamp, content) VALUES ('m', {max}, 'chat', 't', '{{}}')"
        );
        conn.execute_batch(&sql).unwrap();
        assert_eq!(install.injected(ID), session);
        let sql = "SELECT seq FROM messages_in WHERE kind = 'task'";
        let seq: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(seq, next, "above {max}");
    }
}

#[test]
fn the_second_task_goes_to_the_same_session() {
    let install = ready();
    let session = install.injected("task-1");
    assert_eq!(install.injected("task-2"), session);
    install.sql("UPDATE sessions SET status = 'archived' WHERE agent_group_id = 'health-monitor'");
    assert_ne!(install.injected("task-3"), session, "that one is over");
    install.check();
}

#[test]
fn a_session_of_the_hosts_is_used_as_it_is() {
    let install = ready();
    install.sql(
        "INSERT INTO sessions (id, agent_group_id, messaging_group_id, created_at)
           VALUES ('sess-9', 'health-monitor', 'mg-health-monitor', 't')",
    );
    let dir = install.root.session_dir(MONITOR_GROUP, "sess-9").unwrap();
    std::fs::create_dir_all(&dir).unwrap();
    install.inbound("sess-9").execute_batch(INITIAL).unwrap();
    std::fs::write(dir.join("outbound.db"), "the container's").unwrap();

    assert_eq!(install.injected(ID), "sess-9");

    let conn = install.inbound("sess-9");
    let message = format!("messages_in: {ID}|2{ROW}|0|discord:11:22|discord|-|{PROMPT}");
    assert_eq!(dump(&conn, "messages_in"), [message]);
    assert_eq!(dump(&conn, "sqlite_schema").len(), 3, "no table and no column was added");
    assert_eq!(std::fs::read(dir.join("outbound.db")).unwrap(), b"the container's");
    assert!(dir.join("outbox").is_dir());
}

#[test]
fn what_is_projected_replaces_its_own_rows_only() {
    let install = ready();
    let session = install.injected("task-0");
    install
        .inbound(&session)
        .execute_batch(
            "UPDATE session_routing SET platform_id = 'old', thread_id = 'th';
             UPDATE destinations SET platform_id = 'old';
             INSERT INTO destinations VALUES ('mine', 'Mine', 'agent', NULL, NULL, 'ag-1')",
        )
        .unwrap();
    install.sql("UPDATE messaging_groups SET name = 'ward' WHERE id = 'mg-health-monitor'");
    install.injected(ID);
    let conn = install.inbound(&session);
    assert_eq!(dump(&conn, "session_routing"), ["session_routing: 1|discord|discord:11:22|-"]);
    let destinations = [
        "destinations: keepalive|ward|channel|discord|discord:11:22|-",
        "destinations: mine|Mine|agent|-|-|ag-1",
    ];
    assert_eq!(dump(&conn, "destinations"), destinations);
}

#[test]
fn without_a_channel_the_session_has_no_way_out() {
    let install = Install::new();
    install.bootstrap_with(None).unwrap();
    let mut asked = task(ID);
    asked.channel = None;
    let injected = nanoclaw::inject(&install.root, &asked, NOW).unwrap();
    let conn = install.inbound(injected.session_id());
    assert!(dump(&conn, "session_routing").is_empty() && dump(&conn, "destinations").is_empty());
    assert!(dump(&conn, "messages_in")[0].contains("|0|1|-|-|-|{"));
    let row = format!("sessions: {}|health-monitor|-|-|-|active|", injected.session_id());
    assert!(install.rows().iter().any(|found| found.starts_with(&row)));
    // With a channel there is a session for it.
    install.bootstrap().unwrap();
    assert_ne!(install.injected("task-2"), injected.session_id());
    install.check();
}

#[test]
fn a_channel_of_another_messaging_group_has_its_session() {
    let install = Install::new();
    install.sql(
        "INSERT INTO messaging_groups VALUES ('mg-2', 'discord', 'discord:11:22', 'Ops', 1, 's', 't')",
    );
    install.bootstrap().unwrap();
    let session = install.injected(ID);
    let row = format!("sessions: {session}|health-monitor|mg-2|");
    assert!(install.rows().iter().any(|found| found.starts_with(&row)));
    let bad = nanoclaw::InvestigationTask { channel: Some(channel("11", "x")), ..task("task-2") };
    let error = nanoclaw::inject(&install.root, &bad, NOW).unwrap_err();
    assert!(matches!(error, MonitorError::BadChannel { what: "channel id" }), "{error:?}");
}

#[test]
fn of_many_who_ask_the_same_at_once_one_does() {
    let install = ready();
    let outcomes: Vec<Injected> = std::thread::scope(|scope| {
        let inject = || loop {
            match install.inject(ID) {
                Ok(injected) => return injected,
                Err(error) => assert_eq!(error.retry(), Retry::Later, "{error:?}"),
            }
        };
        let all: Vec<_> = (0..4).map(|_| scope.spawn(inject)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let session = outcomes[0].session_id();
    assert!(outcomes.iter().all(|of| of.session_id() == session), "{outcomes:?}");
    let done = outcomes.iter().filter(|of| matches!(of, Injected::Done { .. })).count();
    assert_eq!(done, 1, "{outcomes:?}");
    assert_eq!(dump(&install.inbound(session), "messages_in").len(), 1);
    install.check();
}

#[test]
fn a_queue_that_must_not_be_written_is_an_error_and_stays_as_it_is() {
    let cases = [
        ("PRAGMA journal_mode = WAL", "inbound.db is in WAL mode", Retry::Never),
        (
            "ALTER TABLE messages_in RENAME TO t; CREATE VIEW messages_in AS SELECT * FROM t",
            "messages_in of inbound.db is not an ordinary table",
            Retry::Never,
        ),
        (
            "ALTER TABLE destinations RENAME TO t; CREATE VIEW destinations AS SELECT * FROM t",
            "destinations of inbound.db is not an ordinary table",
            Retry::Never,
        ),
    ];
    for (sql, words, retry) in cases {
        let install = ready();
        let session = install.injected("task-0");
        install.inbound(&session).execute_batch(sql).unwrap();
        let dir = install.root.session_dir(MONITOR_GROUP, &session).unwrap();
        let before = listing(&dir);
        let error = install.inject(ID).unwrap_err();
        assert_eq!(error.retry(), retry, "{error:?}");
        let MonitorError::Open { source, .. } = error else { panic!("{error:?}") };
        assert_eq!(source.to_string(), words);
        assert_eq!(listing(&dir), before);
    }
}

#[test]
fn a_locked_queue_is_tried_again_later() {
    let install = ready();
    let session = install.injected("task-0");
    let holder = install.inbound(&session);
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = install.inject(ID).unwrap_err();
    assert_eq!(error.retry(), Retry::Later, "{error:?}");
    drop(holder);
    assert_eq!(install.injected(ID), session);
}

#[test]
fn a_planted_trigger_does_not_fire() {
    let install = ready();
    let session = install.injected("task-0");
    install
        .inbound(&session)
        .execute_batch(
            "CREATE TRIGGER t AFTER INSERT ON messages_in BEGIN DELETE FROM messages_in; END",
        )
        .unwrap();
    install.injected(ID);
    assert_eq!(dump(&install.inbound(&session), "messages_in").len(), 2);
}
