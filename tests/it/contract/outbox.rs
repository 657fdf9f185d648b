//! The outboxes: the one in SQLite, and the one in memory.

use sweepd_decide::Timestamp;
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::SqliteState;
use sweepd_sweep::sim::MemoryOutbox;

use super::telling;

macro_rules! outboxes {
    ($($sentence:ident;)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $sentence() {
                let dir = tempfile::tempdir().unwrap();
                let db = super::StateDb::open(dir.path(), super::Timestamp::from_millis(0));
                let state = super::SqliteState::new(Some(db.unwrap()));
                super::telling::$sentence(&state).await;
            })*
        }

        mod memory {
            $(#[tokio::test]
            async fn $sentence() {
                super::telling::$sentence(&super::MemoryOutbox::default()).await;
            })*
        }
    };
}

outboxes! {
    one_incident_is_open_per_key;
    what_is_told_stays_with_its_incident;
    each_sink_has_its_own_delivery;
    a_sink_is_remembered;
}
