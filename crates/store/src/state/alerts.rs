//! The outbox: what was promised to be told, to whom, and what became of it.

use rusqlite::{Connection, Row, params};
use sweepd_decide::Timestamp;

use super::StateDb;
use crate::cell;
use crate::error::Error;

/// An alert to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct NewAlert {
    /// The incident it is about, if it is about one.
    pub incident: Option<i64>,
    /// What belongs together.
    pub thread: String,
    /// `opened`, `still`, `resolved`, `start`, `digest` …
    pub moment: String,
    /// The alert (JSON).
    pub alert: String,
    /// The sinks that are to deliver it.
    pub sinks: Vec<String>,
}

/// An alert on its way to one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Delivery {
    /// Its number; later ones are higher.
    pub id: i64,
    /// Whom it goes to.
    pub sink: String,
    /// The incident it is about, if it is about one.
    pub incident: Option<i64>,
    /// What belongs together.
    pub thread: String,
    /// `opened`, `still`, `resolved`, `start`, `digest` …
    pub moment: String,
    /// The alert (JSON).
    pub alert: String,
    /// When it was promised.
    pub filed_at: Timestamp,
    /// Attempts so far.
    pub tries: u32,
    /// Not before then.
    pub deferred_until: Option<Timestamp>,
    /// It was refused together with others.
    pub alone: bool,
    /// What the last attempt came to.
    pub remark: Option<String>,
    /// When it was delivered or given up.
    pub settled_at: Option<Timestamp>,
    /// `delivered`, `given-up`, `dropped`.
    pub outcome: Option<String>,
}

/// Which deliveries to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "all that is asked")]
pub enum DeliveryFilter<'a> {
    /// The oldest of each thread that waits for one sink; what is deferred comes last.
    HeadsFor(&'a str),
    /// All that wait.
    Waiting,
    /// Those that were given up, and that nobody has dealt with.
    GivenUp,
    /// Those of one incident.
    Of(i64),
}

/// What became of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Tried {
    /// Which.
    pub ids: Vec<i64>,
    /// How many attempts that was: 0 or 1.
    pub tries: u32,
    /// They wait until then.
    pub deferred_until: Option<Timestamp>,
    /// They wait to be sent one by one.
    pub alone: bool,
    /// What it came to.
    pub remark: Option<String>,
    /// They are settled so; `None`: they wait, also if they were given up before.
    pub outcome: Option<String>,
    /// They wait as if they had been promised now.
    pub anew: bool,
}

impl StateDb {
    /// Deliveries in the order in which they were promised, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn deliveries(
        &self,
        filter: DeliveryFilter<'_>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Error> {
        let failed = |error| self.failed("read the outbox", error);
        let mut list = self.conn.prepare_cached(sql(filter)).map_err(failed)?;
        let found = match filter {
            DeliveryFilter::HeadsFor(sink) => list.query_map(params![limit, sink], delivery),
            DeliveryFilter::Of(incident) => list.query_map(params![limit, incident], delivery),
            DeliveryFilter::Waiting | DeliveryFilter::GivenUp => list.query_map([limit], delivery),
        };
        self.steady(found.map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?)
    }
}

impl StateDb {
    /// The incidents about which something waits, and for which sink.
    ///
    /// # Errors
    /// [`Error::Query`], [`Error::Corrupt`].
    pub fn under_way(&self) -> Result<Vec<(i64, String)>, Error> {
        let failed = |error| self.failed("read what is under way", error);
        let mut list = self.conn.prepare_cached(UNDER_WAY).map_err(failed)?;
        let found = list.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        self.steady(found.collect::<Result<_, _>>().map_err(failed)?)
    }
}

pub(super) fn add(conn: &Connection, at: Timestamp, new: &NewAlert) -> rusqlite::Result<i64> {
    let NewAlert { incident, thread, moment, alert, sinks } = new;
    let at = at.as_millis();
    let alert = conn.prepare_cached(ADD)?.insert(params![incident, thread, moment, at, alert])?;
    for sink in sinks {
        conn.prepare_cached(DELIVER)?.execute(params![alert, sink, at])?;
    }
    Ok(alert)
}

pub(super) fn tried(conn: &Connection, at: Timestamp, tried: &Tried) -> rusqlite::Result<()> {
    let Tried { ids, tries, deferred_until, alone, remark, outcome, anew } = tried;
    let settled_at = outcome.as_ref().map(|_| at.as_millis());
    let deferred_until = deferred_until.map(Timestamp::as_millis);
    for id in ids {
        let values = params![id, tries, deferred_until, alone, remark, settled_at, outcome];
        conn.prepare_cached(TRY)?.execute(values)?;
        if *anew {
            conn.prepare_cached(ANEW)?.execute(params![id, at.as_millis()])?;
        }
    }
    Ok(())
}

macro_rules! select {
    ($by:literal, $rest:literal) => {
        concat!(
            "SELECT d.id, d.sink, a.incident, a.thread, a.moment, a.alert, d.filed_at, d.tries, ",
            "d.deferred_until, d.alone, d.remark, d.settled_at, d.outcome ",
            "FROM deliveries AS d INDEXED BY ",
            $by,
            " JOIN alerts AS a ON a.id = d.alert WHERE ",
            $rest,
            " ORDER BY d.id LIMIT ?1"
        )
    };
}

const fn sql(filter: DeliveryFilter<'_>) -> &'static str {
    match filter {
        DeliveryFilter::HeadsFor(_) => HEADS,
        DeliveryFilter::Waiting => select!("deliveries_waiting", "d.settled_at IS NULL"),
        DeliveryFilter::GivenUp => select!("deliveries_given_up", "d.outcome = 'given-up'"),
        DeliveryFilter::Of(_) => select!("deliveries_alert", "a.incident = ?2"),
    }
}

/// Of a thread only the oldest can be next: the others are not read.
const HEADS: &str = "WITH heads AS (SELECT min(d.id) AS id \
         FROM deliveries AS d INDEXED BY deliveries_waiting JOIN alerts AS a ON a.id = d.alert \
         WHERE d.settled_at IS NULL AND d.sink = ?2 GROUP BY a.thread) \
     SELECT d.id, d.sink, a.incident, a.thread, a.moment, a.alert, d.filed_at, d.tries, \
         d.deferred_until, d.alone, d.remark, d.settled_at, d.outcome \
     FROM heads CROSS JOIN deliveries AS d ON d.id = heads.id JOIN alerts AS a ON a.id = d.alert \
     ORDER BY coalesce(d.deferred_until, 0), d.id LIMIT ?1";
const UNDER_WAY: &str = "SELECT DISTINCT a.incident, d.sink \
     FROM deliveries AS d INDEXED BY deliveries_waiting JOIN alerts AS a ON a.id = d.alert \
     WHERE d.settled_at IS NULL AND a.incident IS NOT NULL";
const ANEW: &str = "UPDATE deliveries SET filed_at = ?2, tries = 0, alone = 0 WHERE id = ?1";
const ADD: &str = "INSERT INTO alerts (incident, thread, moment, at, alert) \
                   VALUES (?1, ?2, ?3, ?4, ?5)";
const DELIVER: &str = "INSERT INTO deliveries (alert, sink, filed_at) VALUES (?1, ?2, ?3)";
const TRY: &str = "UPDATE deliveries SET tries = tries + ?2, deferred_until = ?3, \
                   alone = alone OR ?4, remark = coalesce(?5, remark), settled_at = ?6, \
                   outcome = ?7 WHERE id = ?1";

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        sink: row.get(1)?,
        incident: row.get(2)?,
        thread: row.get(3)?,
        moment: row.get(4)?,
        alert: row.get(5)?,
        filed_at: cell::instant(row, 6)?,
        tries: row.get(7)?,
        deferred_until: cell::some_instant(row, 8)?,
        alone: row.get(9)?,
        remark: row.get(10)?,
        settled_at: cell::some_instant(row, 11)?,
        outcome: row.get(12)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{DeliveryFilter, HEADS, UNDER_WAY, sql};
    use crate::state::plans::plan;

    #[test]
    fn what_is_delivered_is_not_read_to_find_what_waits() {
        let heads = plan(HEADS);
        assert!(heads.contains("SEARCH d USING INDEX deliveries_waiting (sink=?)"), "{heads}");
        assert!(heads.contains("SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"), "{heads}");
        let under_way = plan(UNDER_WAY);
        assert!(under_way.contains("SCAN d USING INDEX deliveries_waiting"), "{under_way}");
        let all = plan(sql(DeliveryFilter::Waiting));
        assert!(all.contains("SCAN d USING INDEX deliveries_waiting"), "{all}");
        let dead = plan(sql(DeliveryFilter::GivenUp));
        assert!(dead.contains("SCAN d USING INDEX deliveries_given_up"), "{dead}");
        let of = plan(sql(DeliveryFilter::Of(1)));
        assert!(of.contains("SEARCH a USING INDEX alerts_incident (incident=?)"), "{of}");
        assert!(of.contains("SEARCH d USING INDEX deliveries_alert (alert=?)"), "{of}");
    }
}
