//! What holds after any kill, however long ago it was: nobody is lost, doubled or charged twice,
//! and what was promised is kept to the letter.

use std::collections::BTreeSet;

use agent_sim::fixture::Message;
use sweepd_decide::RowChange;

use super::judge::{Outcome, Rows, rows, state};
use super::trouble::{ORPHANS, POISONED, STUCK};
use super::world::{World, agent};

/// A world as a kill has left it, and as it was before.
pub(super) struct Killed {
    given: Rows,
    rows: Rows,
    /// Row changes that were committed and are not settled, by session.
    promised: Vec<(String, RowChange)>,
}

impl Killed {
    pub(super) fn new(world: &World, given: &Rows) -> Self {
        let open = state(world).open_intents(None).unwrap().into_iter().map(|intent| {
            let session = intent.agent.as_str().rsplit('/').next().unwrap().to_owned();
            (session, serde_json::from_str(&intent.payload).unwrap())
        });
        Self { given: given.clone(), rows: rows(world), promised: open.collect() }
    }

    /// Whether what came of it is right.
    pub(super) fn came_to(&self, outcome: &Outcome, point: &str) {
        self.nobody_is_lost_or_doubled(outcome, point);
        self.everybody_is_charged_at_most_once(outcome, point);
        self.what_was_done_stands(outcome, point);
        self.what_was_promised_is_done(outcome, point);
        self.whoever_was_given_up_has_an_incident(outcome, point);
        assert!(outcome.up.values().all(|up| *up <= 1), "{point}: {:?}", outcome.up);
    }

    fn nobody_is_lost_or_doubled(&self, outcome: &Outcome, point: &str) {
        let now = outcome.by_id();
        for (session, row) in each(&self.given) {
            assert!(now.contains_key(&(session, &row.id)), "{point}: {} is lost", row.id);
        }
        for (session, rows) in &outcome.rows {
            let series = self.given[session].iter().filter(|row| row.recurrence.is_some());
            let clones: usize = series.map(|row| one_clone(rows, row, point)).sum();
            assert_eq!(rows.len(), self.given[session].len() + clones, "{point}: {session}");
        }
    }

    fn everybody_is_charged_at_most_once(&self, outcome: &Outcome, point: &str) {
        let now = outcome.by_id();
        for (session, given) in &self.given {
            let mut charged = 0;
            for before in given {
                let after = now[&(*session, before.id.as_str())];
                let more = after.tries.unwrap() - before.tries.unwrap();
                assert!((0..=1).contains(&more), "{point}: {} has {more} more tries", before.id);
                charged += usize::try_from(more).unwrap();
            }
            let told = outcome.times(session, "message_retried");
            assert_eq!(told, charged, "{point}: {session} was told of {told} retries");
        }
    }

    /// Rows that had been charged or had ended are not computed anew.
    fn what_was_done_stands(&self, outcome: &Outcome, point: &str) {
        let now = outcome.by_id();
        for (session, then) in each(&self.rows) {
            let before = self.given[session].iter().find(|row| row.id == then.id);
            if before.is_none_or(|before| fields(before) != fields(then)) {
                let after = now[&(session, then.id.as_str())];
                assert_eq!(fields(after), fields(then), "{point}: {} was changed again", then.id);
            }
        }
    }

    fn what_was_promised_is_done(&self, outcome: &Outcome, point: &str) {
        let now = outcome.by_id();
        for (session, change) in &self.promised {
            let row = |id: &str| {
                let found = now.iter().find(|((of, has), _)| *of == session.as_str() && *has == id);
                *found.unwrap().1
            };
            match change {
                RowChange::Update { message_id, after, .. } => {
                    let expected = (after.status.clone(), after.tries, after.process_after.clone());
                    assert_eq!(fields(row(message_id.as_str())), expected, "{point}: {message_id}");
                }
                RowChange::Recur { clone_id, clone_status, process_after, timestamp, .. } => {
                    let clone = row(clone_id.as_str());
                    let expected =
                        (Some(clone_status.clone()), Some(0), Some(process_after.clone()));
                    assert_eq!(fields(clone), expected, "{point}: {clone_id}");
                    assert_eq!(clone.timestamp, *timestamp, "{point}: {clone_id}");
                }
            }
        }
    }

    fn whoever_was_given_up_has_an_incident(&self, outcome: &Outcome, point: &str) {
        let ends = [(STUCK, "try-5"), (ORPHANS, "orphan-5"), (POISONED, "killer")];
        let mine = ends.into_iter().filter(|(session, _)| self.given.contains_key(session));
        let now = outcome.by_id();
        let mut given_up = BTreeSet::new();
        for (session, id) in mine {
            assert_eq!(now[&(session, id)].status.as_deref(), Some("failed"), "{point}: {id}");
            given_up.insert(format!("dead-letter:{}/{id}", agent(session)));
        }
        let letters = outcome.open.keys().filter(|key| key.starts_with("dead-letter:"));
        assert_eq!(letters.cloned().collect::<BTreeSet<_>>(), given_up, "{point}");
    }
}

/// The one clone that a series has, which alone carries it; or none where its schedule never runs,
/// and then the row is left alone.
fn one_clone(rows: &[Message], series: &Message, point: &str) -> usize {
    let of_it = rows.iter().filter(|row| row.series_id == series.series_id);
    let (own, clones): (Vec<&Message>, Vec<&Message>) = of_it.partition(|row| row.id == series.id);
    let expected = usize::from(series.id != "never");
    assert_eq!(clones.len(), expected, "{point}: clones of {}", series.id);
    let live = |row: &&Message| matches!(row.status.as_deref(), Some("pending" | "paused"));
    assert!(clones.iter().all(live), "{point}: {clones:?}");
    let carriers = clones.iter().chain(&own).filter(|row| row.recurrence.is_some());
    let carriers: Vec<bool> = carriers.map(|row| row.id == series.id).collect();
    assert_eq!(carriers, [expected == 0], "{point}: who carries {}", series.id);
    expected
}

fn fields(row: &Message) -> (Option<String>, Option<i64>, Option<String>) {
    (row.status.clone(), row.tries, row.process_after.clone())
}

fn each(rows: &Rows) -> impl Iterator<Item = (&'static str, &Message)> {
    rows.iter().flat_map(|(session, rows)| rows.iter().map(|row| (*session, row)))
}
