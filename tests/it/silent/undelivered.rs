//! What is said and reaches nobody.

use agent_sim::fixture::{Message, iso_text};

use super::rig::Rig;

/// What the host says of an output.
fn delivered(rig: &Rig, output: &str, status: &str, id: Option<&str>) {
    let db = rig.session.inbound().unwrap();
    let sql = "INSERT OR REPLACE INTO delivered (message_out_id, platform_message_id, status, \
               delivered_at) VALUES (?1, ?2, ?3, ?4)";
    db.execute(sql, (output, id, status, iso_text(rig.now()))).unwrap();
}

async fn found(rig: &Rig) -> bool {
    let report = rig.sweep().await;
    report.incidents.iter().any(|open| open.key == "undelivered:nanoclaw/ag/s")
}

#[tokio::test]
async fn an_answer_that_its_host_never_delivers_is_found_after_ten_minutes() {
    let rig = Rig::new();
    rig.asked(&Message::chat("m-1", rig.now()));
    rig.says("o-0", None);
    rig.says("o-1", Some("m-1"));
    rig.minutes(20);
    assert!(!found(&rig).await, "nobody ever delivers here");
    delivered(&rig, "o-0", "delivered", Some("77"));
    assert!(found(&rig).await);
    delivered(&rig, "o-1", "delivered", Some("78"));
    rig.sweep().await;
    assert!(!found(&rig).await);
}

#[tokio::test]
async fn what_failed_or_got_no_id_is_found_at_once() {
    for (status, id) in [("failed", None), ("delivered", None), ("delivered", Some(""))] {
        let rig = Rig::new();
        rig.asked(&Message::chat("m-1", rig.now()));
        rig.says("o-1", Some("m-1"));
        delivered(&rig, "o-1", status, id);
        assert!(found(&rig).await, "{status} {id:?}");
    }
}
