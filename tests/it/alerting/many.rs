//! More alerts wait than are read at once: they are not promised again, and keep nobody waiting.

use rusqlite::Connection;
use sweepd_decide::{FindingKind, Setback, Span};

use super::rig::{Rig, told};

/// So many openings were promised, and `ops` was down.
async fn waiting(many: usize) -> (Rig, Connection) {
    let rig = Rig::new();
    rig.ops().down("503", Setback::Later(None));
    let many: Vec<String> = (0..many).map(|n| format!("s/a{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    rig.find(FindingKind::DeadLetter, &many).await;
    rig.tell().await;
    let db = Connection::open(rig.dir.path().join("state/sweepd.db")).unwrap();
    (rig, db)
}

#[tokio::test]
async fn nothing_is_promised_again_while_so_many_wait() {
    let (rig, db) = waiting(2500).await;
    for _ in 0..2 {
        rig.minutes(61);
        rig.tell().await;
    }
    let count = "SELECT count(*) FROM deliveries WHERE settled_at IS NULL";
    assert_eq!(db.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 2500);
}

#[tokio::test]
async fn as_many_that_are_deferred_do_not_starve_what_is_due() {
    let (rig, db) = waiting(2100).await;
    // The sink takes so many an hour, and has said so of each of them.
    let until = rig.now().plus(Span::from_mins(60)).as_millis();
    let deferred = db.execute("UPDATE deliveries SET deferred_until = ?1", [until]).unwrap();
    assert_eq!(deferred, 2100);
    rig.ops().up();
    rig.minutes(1);
    rig.find(FindingKind::RuntimeUnreachable, &["s"]).await;
    rig.tell().await;
    assert_eq!(told(rig.ops()), ["opened runtime-unreachable:s"]);
}
