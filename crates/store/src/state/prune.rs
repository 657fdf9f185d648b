//! Forgets what is old: the events' ring, and what was decided, settled and resolved long ago.
//!
//! Nothing that is open is ever forgotten. Numbers are never used again.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sweepd_decide::Timestamp;

use super::StateDb;
use crate::error::Error;

/// How many rows of a table one call removes at most, so that no writer waits long for it.
const AT_ONCE: u32 = 10_000;

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Pruned {
    /// Events, oldest first.
    pub events: usize,
    /// Decisions, oldest first.
    pub decisions: usize,
    /// Settled intents.
    pub intents: usize,
    /// Resolved incidents, with what was told of them.
    pub incidents: usize,
    /// Deliveries that are settled, but for those of incidents whose end is not told yet.
    pub deliveries: usize,
    /// Whether there is more to forget: call again.
    pub more: bool,
}

impl StateDb {
    /// Keeps the newest `max_rows` events and decisions of those not older than `older_than`, and
    /// the settled intents and resolved incidents not older than that. Events go strictly from the
    /// oldest on, so that what is left has no gap.
    ///
    /// # Errors
    /// [`Error::Unwritable`], [`Error::Corrupt`], [`Error::Query`]. Nothing was removed.
    pub fn prune(&mut self, max_rows: u32, older_than: Timestamp) -> Result<Pruned, Error> {
        self.for_writing()?;
        self.remove(max_rows, older_than).map_err(|error| self.failed("prune", error))
    }

    fn remove(&mut self, max_rows: u32, older_than: Timestamp) -> rusqlite::Result<Pruned> {
        let whole = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = older_than.as_millis();
        let by_age = |sql| whole.prepare_cached(sql)?.execute(params![before, AT_ONCE]);
        let mut pruned = Pruned {
            events: EVENTS.remove(&whole, max_rows, before)?,
            decisions: DECISIONS.remove(&whole, max_rows, before)?,
            intents: by_age(INTENTS)?,
            incidents: by_age(INCIDENTS)?,
            deliveries: by_age(DELIVERIES)?,
            more: false,
        };
        let at_once = usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        whole.prepare_cached(ALERTS)?.execute([AT_ONCE])?;
        let removed =
            [pruned.events, pruned.decisions, pruned.intents, pruned.incidents, pruned.deliveries];
        pruned.more = removed.into_iter().any(|removed| removed >= at_once);
        whole.commit()?;
        Ok(pruned)
    }
}

/// A table whose rows go strictly from the oldest on.
struct Ring {
    ends: &'static str,
    young: &'static str,
    remove: &'static str,
}

impl Ring {
    /// Removes everything up to the later of two rows: the one before the first that is young
    /// enough, and the one `max_rows` before the newest; but at most one bite.
    fn remove(&self, conn: &Connection, max_rows: u32, before: i64) -> rusqlite::Result<usize> {
        let ends = conn.prepare_cached(self.ends)?.query_row([], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.zip(row.get::<_, Option<i64>>(1)?))
        })?;
        let Some((oldest, newest)) = ends else { return Ok(0) };
        let bite = oldest.saturating_add(i64::from(AT_ONCE)).saturating_sub(1);
        let young: Option<i64> = conn
            .prepare_cached(self.young)?
            .query_row([bite, before], |row| row.get(0))
            .optional()?;
        let old = young.map_or(bite, |young| young.saturating_sub(1));
        let last = old.max(newest.saturating_sub(i64::from(max_rows))).min(bite);
        conn.prepare_cached(self.remove)?.execute([last])
    }
}

const EVENTS: Ring = Ring {
    ends: "SELECT (SELECT min(seq) FROM events), (SELECT max(seq) FROM events)",
    young: "SELECT seq FROM events WHERE seq <= ?1 AND at >= ?2 ORDER BY seq LIMIT 1",
    remove: "DELETE FROM events WHERE seq <= ?1",
};
const DECISIONS: Ring = Ring {
    ends: "SELECT (SELECT min(id) FROM decisions), (SELECT max(id) FROM decisions)",
    young: "SELECT id FROM decisions WHERE id <= ?1 AND at >= ?2 ORDER BY id LIMIT 1",
    remove: "DELETE FROM decisions WHERE id <= ?1",
};
const INTENTS: &str = "DELETE FROM intents WHERE id IN (SELECT id FROM intents \
                       WHERE settled_at < ?1 \
                       ORDER BY settled_at LIMIT ?2)";
const INCIDENTS: &str = "DELETE FROM incidents WHERE id IN (SELECT id FROM incidents \
                         WHERE resolved_at < ?1 \
                         ORDER BY resolved_at LIMIT ?2)";
const DELIVERIES: &str = "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries \
                          WHERE settled_at < ?1 AND outcome <> 'given-up' AND NOT EXISTS ( \
                              SELECT 1 FROM alerts AS a JOIN incidents AS i ON i.id = a.incident \
                              LEFT JOIN telling AS t ON t.incident = i.id \
                              WHERE a.id = deliveries.alert AND (i.resolved_at IS NULL \
                                  OR (t.told_at IS NOT NULL AND t.end_told_at IS NULL))) \
                          ORDER BY settled_at LIMIT ?2)";
/// Alerts of which no delivery is left.
const ALERTS: &str = "DELETE FROM alerts WHERE id IN (SELECT a.id FROM alerts AS a \
                      WHERE NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.alert = a.id) \
                      LIMIT ?1)";

#[cfg(test)]
mod tests {
    use super::{DECISIONS, EVENTS, INCIDENTS, INTENTS};
    use crate::state::plans::plan;

    #[test]
    fn pruning_reads_only_what_it_removes() {
        for ring in [EVENTS, DECISIONS] {
            let ends = plan(ring.ends);
            assert_eq!(ends.matches("SEARCH").count(), 2, "{ends}");
            assert!(plan(ring.young).contains("USING INTEGER PRIMARY KEY (rowid<?)"));
            assert!(plan(ring.remove).contains("USING INTEGER PRIMARY KEY (rowid<?)"));
        }
        let intents = plan(INTENTS);
        assert!(intents.contains("intents_settled (settled_at<?)"), "{intents}");
        let incidents = plan(INCIDENTS);
        assert!(incidents.contains("incidents_resolved (resolved_at<?)"), "{incidents}");
    }
}
