//! sweepd cannot use its state: people are told once, also by calls that end and remember nothing.

use sweepd_services::Webhook;

use super::host::Host;

/// What arrived: the kind and whether it is marked as from memory.
fn arrived(webhook: &Webhook) -> Vec<(String, bool)> {
    let taken = webhook.requests().into_iter();
    let alerts = taken.flat_map(|request| request.json()["alerts"].as_array().cloned().unwrap());
    let of = |alert: serde_json::Value| {
        let kind = alert["news"]["incident"]["kind"].as_str().unwrap_or("note").to_owned();
        (kind, alert["from_memory"].as_bool().unwrap())
    };
    alerts.map(of).collect()
}

fn told_once() -> Vec<(String, bool)> {
    vec![("self-degraded".to_owned(), true)]
}

async fn host() -> (Host, Webhook) {
    let webhook = Webhook::start().await;
    let url = webhook.url();
    let host = Host::new(&format!("[[sink]]\nkind = \"webhook\"\nurl = \"{url}/hook\"\n"));
    (host, webhook)
}

#[tokio::test]
async fn a_state_dir_that_cannot_be_made_is_told_once_however_often_one_calls() {
    let (host, webhook) = host().await;
    std::os::unix::fs::symlink("/proc/nobody/makes/this", host.path("state")).unwrap();
    for _ in 0..3 {
        assert_eq!(host.sweepd("sweep").code, 2);
    }
    assert_eq!(host.sweepd("run").code, 2);
    assert_eq!(arrived(&webhook), told_once());
    host.sweepd("sweep --dry-run");
    assert_eq!(arrived(&webhook), told_once());
}

#[tokio::test]
async fn a_database_of_a_newer_sweepd_is_told() {
    let (host, webhook) = host().await;
    host.sweepd("sweep");
    let before = arrived(&webhook).len();
    let db = rusqlite::Connection::open(host.path("state/sweepd.db")).unwrap();
    db.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99").unwrap();
    drop(db);
    for _ in 0..2 {
        assert_eq!(host.sweepd("sweep").code, 2);
    }
    assert_eq!(arrived(&webhook)[before..], told_once());
}

#[tokio::test]
async fn a_damaged_database_is_told() {
    let (host, webhook) = host().await;
    host.sweepd("sweep");
    let before = arrived(&webhook).len();
    for beside in ["state/sweepd.db-wal", "state/sweepd.db-shm"] {
        // They are there or not.
        drop(std::fs::remove_file(host.path(beside)));
    }
    std::fs::write(host.path("state/sweepd.db"), vec![7; 40_000]).unwrap();
    assert_eq!(host.sweepd("sweep").code, 3);
    // The fresh one greets again; and what is wrong with the old one is told.
    let told = arrived(&webhook);
    assert!(told[before..].ends_with(&told_once()), "{told:?}");
    host.sweepd("sweep");
    let sick = arrived(&webhook).into_iter().filter(|told| *told == told_once()[0]);
    assert_eq!(sick.count(), 1);
}
