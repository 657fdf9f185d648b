//! Delivers what a week files, as the rule says, and wakes only when it says so or a fact changes.

use std::collections::BTreeMap;

use sweepd_decide::Setback;
use sweepd_decide::outbox::{Attempt, Fate, Hold, Next, SinkState, Waiting, next, tried};

use crate::dice::ms;

use super::week::Week;

/// A post.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) began: i64,
    pub(super) ended: i64,
    pub(super) ids: Vec<i64>,
    pub(super) setback: Option<Setback>,
}

/// How an alert left the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    Delivered,
    /// By an attempt.
    Refused,
    /// By the rule, after so many attempts, at a sink that had stopped or not.
    GivenUp {
        tries: u32,
        stopped: bool,
    },
}

/// What was asked, and whether something was wrong with the sink then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) at: i64,
    pub(super) hold: Hold,
    pub(super) wrong_since: Option<i64>,
    /// Posts before it.
    pub(super) posts: usize,
}

/// What came of a week.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) posts: Vec<Post>,
    pub(super) left: BTreeMap<i64, (i64, Left)>,
    pub(super) asked: Vec<Asked>,
}

struct Driver<'a> {
    week: &'a Week,
    now: i64,
    filed: usize,
    repaired: usize,
    sink: SinkState,
    waiting: Vec<Waiting>,
    log: Log,
}

/// Lives through a week until nothing is left to wait for.
pub(super) fn deliver(week: &Week) -> Result<Log, String> {
    let (sink, waiting, log) = (SinkState::default(), Vec::new(), Log::default());
    let mut driver = Driver { week, now: 0, filed: 0, repaired: 0, sink, waiting, log };
    while driver.step()? {
        if driver.log.asked.len() > 6_000 {
            return Err(format!("a hot loop at {}", driver.now));
        }
    }
    Ok(driver.log)
}

impl Driver<'_> {
    fn learn(&mut self) {
        while let Some((at, thread)) =
            self.week.filings.get(self.filed).filter(|it| it.0 <= self.now)
        {
            self.filed += 1;
            self.waiting.push(Waiting {
                filed_at: ms(*at),
                thread: thread.to_string(),
                ..super::dice::alert(i64::try_from(self.filed).unwrap())
            });
        }
        while self.week.repairs.get(self.repaired).is_some_and(|at| *at <= self.now) {
            self.repaired += 1;
            self.sink.stopped_at = None;
        }
    }

    /// Asks and does what is said; whether there is more to come.
    fn step(&mut self) -> Result<bool, String> {
        self.learn();
        let now = ms(self.now);
        let said = next(&self.week.policy, &self.sink, &self.waiting, now, self.week.seed);
        let wrong_since = self.sink.wrong_since(now).map(sweepd_decide::Timestamp::as_millis);
        let (at, posts) = (self.now, self.log.posts.len());
        self.log.asked.push(Asked { at, hold: said.evidence, wrong_since, posts });
        match said.action {
            Next::GiveUp(ids) => {
                let stopped = self.sink.stopped_at.is_some();
                for id in ids {
                    let tries = self.waiting.iter().find(|it| it.id == id).unwrap().tries;
                    self.leave(id, Left::GivenUp { tries, stopped });
                }
            }
            Next::Send(ids) => self.post(ids),
            Next::Rest => {
                let filing = self.week.filings.get(self.filed).map(|(at, _)| *at);
                let repair = self.week.repairs.get(self.repaired).copied();
                let recheck = said.recheck.at().map(sweepd_decide::Timestamp::as_millis);
                let Some(then) = [filing, repair, recheck].into_iter().flatten().min() else {
                    return Ok(false);
                };
                if then <= self.now {
                    return Err(format!("asked again at {then}, and it is {now}"));
                }
                self.now = then;
            }
        }
        Ok(true)
    }

    fn leave(&mut self, id: i64, left: Left) {
        self.waiting.retain(|it| it.id != id);
        self.log.left.insert(id, (self.now, left));
    }

    fn post(&mut self, ids: Vec<i64>) {
        let began = self.now;
        let sent = self.waiting.iter().filter(|it| ids.contains(&it.id));
        let times = sent.map(|it| it.tries + 1).max().unwrap_or(1);
        let setback = self.week.takes(began, &ids, times);
        self.now += self.week.takes[self.log.posts.len() % self.week.takes.len()];
        let attempt = setback.map_or(Attempt::Arrived, Attempt::Failed);
        let (policy, now) = (&self.week.policy, ms(self.now));
        let (sink, fate) = tried(policy, &self.sink, attempt, ids.len(), ms(began), now);
        self.sink = sink;
        for id in &ids {
            let alert = self.waiting.iter_mut().find(|it| it.id == *id).unwrap();
            alert.tries += 1;
            match fate {
                Fate::Delivered => self.leave(*id, Left::Delivered),
                Fate::GivenUp => self.leave(*id, Left::Refused),
                Fate::Wait => {}
                Fate::WaitUntil(until) => alert.deferred_until = Some(until),
                Fate::WaitAlone => alert.alone = true,
            }
        }
        self.log.posts.push(Post { began, ended: self.now, ids, setback });
    }
}
