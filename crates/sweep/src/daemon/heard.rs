//! What hints have told and nobody has looked into yet. Pure: it is told the time.

use std::collections::{BTreeMap, BTreeSet};

use sweepd_decide::{RunId, Span, Timestamp};

use crate::order::{Scope, Wanted};

/// A change is often one of several: so long is waited for the others.
pub(super) const SETTLE: Span = Span::from_millis(50);
/// A roster is not read more often than this for a hint.
const ROSTER: Span = Span::from_secs(1);
/// A runtime is not listed more often than this for a hint: others may use it too.
const LIST: Span = Span::from_millis(100);

/// Everybody is not looked at more often than this for a hint: whoever floods us gains nothing.
const ALL: Span = Span::from_secs(5);

/// Hints that are not about an agent by its id.
#[derive(Debug, Default)]
pub(super) struct Heard {
    runs: BTreeSet<(String, RunId)>,
    runs_at: Option<Timestamp>,
    newcomers: BTreeMap<String, Timestamp>,
    rosters_read: BTreeMap<String, Timestamp>,
    sources: BTreeMap<String, Timestamp>,
    all_read: BTreeMap<String, Timestamp>,
    looked_at: Option<Timestamp>,
}

impl Heard {
    /// Something has happened to a run, whoever it belongs to.
    pub(super) fn run(&mut self, source: &str, run: RunId, now: Timestamp) {
        let at = apart(self.looked_at, LIST, now);
        self.runs_at = Some(self.runs_at.map_or(at, |known| known.min(at)));
        self.runs.insert((source.to_owned(), run));
    }

    /// A roster may have changed.
    pub(super) fn roster(&mut self, source: &str, now: Timestamp) {
        let last = self.rosters_read.get(source).copied();
        let at = now.plus(SETTLE).max(apart(last, ROSTER, now));
        let known = self.newcomers.entry(source.to_owned()).or_insert(at);
        *known = at.min(*known);
    }

    /// What happened in a source nobody knows.
    pub(super) fn everybody(&mut self, source: &str, now: Timestamp) {
        let at = apart(self.all_read.get(source).copied(), ALL, now);
        let known = self.sources.entry(source.to_owned()).or_insert(at);
        *known = at.min(*known);
    }

    /// Takes out everything: everybody is looked at at `now`. The runs that were told of.
    pub(super) fn take_all(&mut self, now: Timestamp) -> BTreeSet<(String, RunId)> {
        self.runs_at = None;
        let rosters = std::mem::take(&mut self.newcomers).into_keys();
        self.rosters_read.extend(rosters.map(|source| (source, now)));
        let all = std::mem::take(&mut self.sources).into_keys();
        self.all_read.extend(all.map(|source| (source, now)));
        std::mem::take(&mut self.runs)
    }

    /// Takes out what is to be looked into at `now`.
    pub(super) fn take(&mut self, now: Timestamp) -> Wanted {
        let mut wanted = Wanted::default();
        if self.runs_at.is_some_and(|at| at <= now) {
            self.runs_at = None;
            wanted.runs = std::mem::take(&mut self.runs);
        }
        let due = self.newcomers.iter().filter(|(_, at)| **at <= now);
        wanted.newcomers = due.map(|(source, _)| source.clone()).collect();
        for source in &wanted.newcomers {
            self.newcomers.remove(source);
            self.rosters_read.insert(source.clone(), now);
        }
        let due = self.sources.iter().filter(|(_, at)| **at <= now);
        let due: Vec<String> = due.map(|(source, _)| source.clone()).collect();
        for source in due {
            self.sources.remove(&source);
            self.all_read.insert(source.clone(), now);
            wanted.scopes.push(Scope::Source(source));
        }
        wanted
    }

    /// A look has begun.
    pub(super) const fn looked(&mut self, now: Timestamp) {
        self.looked_at = Some(now);
    }

    /// The earliest instant at which there is something to look into.
    pub(super) fn next(&self) -> Option<Timestamp> {
        let rosters = self.newcomers.values().chain(self.sources.values()).copied();
        rosters.chain(self.runs_at).min()
    }
}

/// So long after the last, but not later than so long from now: the clock may have been set back.
fn apart(last: Option<Timestamp>, span: Span, now: Timestamp) -> Timestamp {
    last.map_or(now, |last| now.max(last.plus(span)).min(now.plus(span)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn runs_are_looked_into_at_once_but_a_runtime_is_not_listed_over_and_over() {
        let mut heard = Heard::default();
        heard.run("s", RunId::new("r1"), at(0));
        heard.run("s", RunId::new("r1"), at(0));
        assert_eq!(heard.next(), Some(at(0)));
        assert_eq!(heard.take(at(0)).runs, [("s".to_owned(), RunId::new("r1"))].into());
        heard.looked(at(0));
        heard.run("s", RunId::new("r2"), at(10));
        assert_eq!(heard.next(), Some(at(100)));
        assert!(heard.take(at(99)).runs.is_empty());
        assert_eq!(heard.take(at(100)).runs.len(), 1);
        assert_eq!(heard.next(), None);
    }

    #[test]
    fn a_roster_is_read_once_a_second_at_the_most() {
        let mut heard = Heard::default();
        heard.roster("s", at(0));
        heard.roster("s", at(20));
        assert_eq!(heard.next(), Some(at(50)));
        assert!(heard.take(at(50)).newcomers.contains("s"));
        heard.roster("s", at(60));
        assert_eq!(heard.next(), Some(at(1050)));
    }

    #[test]
    fn a_look_at_everybody_is_one_at_whatever_was_heard() {
        let mut heard = Heard::default();
        heard.run("s", RunId::new("r1"), at(0));
        heard.roster("s", at(0));
        heard.everybody("t", at(0));
        assert_eq!(heard.take_all(at(10)), [("s".to_owned(), RunId::new("r1"))].into());
        assert_eq!(heard.next(), None);
        heard.roster("s", at(20));
        heard.everybody("t", at(20));
        assert_eq!(heard.next(), Some(at(1010)), "a roster was read at 10");
    }

    #[test]
    fn a_broken_stream_is_everybody_of_its_source_at_once() {
        let mut heard = Heard::default();
        heard.everybody("s", at(0));
        assert_eq!(heard.next(), Some(at(0)));
        assert_eq!(heard.take(at(0)).scopes, [Scope::Source("s".to_owned())]);
        assert_eq!(heard.next(), None);
        heard.everybody("s", at(10));
        assert_eq!(heard.next(), Some(at(5000)));
    }
}
