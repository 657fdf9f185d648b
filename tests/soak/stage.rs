//! What all agents of the run share: what was told so far, and whose cue it is.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::process::Stdio;

use sweepd_decide::{Span, Timestamp};
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::actor::Actor;
use crate::args::Args;
use crate::cast::Fault;
use crate::clock::{now, pause};
use crate::gauge::Gauge;
use crate::journal::{Journal, Tally};
use crate::site::Site;
use crate::timeline::{Follow, Timeline};

/// Between two looks at what was told.
const TICK: Span = Span::from_millis(200);
/// Between the beginnings of two faults.
const GAP: Span = Span::from_secs(7);
/// Agents that look stuck count for the brake for five minutes after their stop, and a fault is
/// stopped within so long of its beginning.
const BRAKED: Span = Span::from_secs(400);
/// So many of them at once are a fifth of those that run, or less: half of them may be down.
const STUCK_AT_ONCE: usize = 3;
/// In a shorter run they come once each, and the brake may well be on in the end.
const SHORT: i64 = 10;
/// So many kinds of them there are.
const KINDS: usize = 7;

/// One fault, played once.
#[derive(Debug, Clone)]
pub(crate) struct Episode {
    pub(crate) fault: Fault,
    pub(crate) agent: String,
    pub(crate) began: Timestamp,
    pub(crate) ended: Timestamp,
    /// Events after the first number up to the second are of it.
    pub(crate) events: (i64, i64),
    pub(crate) called_for: Tally,
    pub(crate) told: Tally,
}

/// The run.
#[derive(Debug)]
pub(crate) struct Stage {
    engine: String,
    pub(crate) began: Timestamp,
    minutes: i64,
    pub(crate) journal: RefCell<Journal>,
    pub(crate) timeline: RefCell<Timeline>,
    pub(crate) episodes: RefCell<Vec<Episode>>,
    /// What a script waited for in vain.
    pub(crate) complaints: RefCell<Vec<String>>,
    /// Messages as they were written.
    pub(crate) sent: RefCell<Vec<(Timestamp, String)>>,
    cues: RefCell<Cues>,
    random: Cell<u64>,
    follow: Mutex<Follow>,
}

#[derive(Debug, Default)]
struct Cues {
    last: Option<Timestamp>,
    stops: Vec<Timestamp>,
    played: BTreeSet<Fault>,
}

impl Stage {
    pub(crate) fn new(site: &Site, args: &Args) -> Self {
        Self {
            engine: site.engine().to_owned(),
            began: now(),
            minutes: args.minutes,
            journal: RefCell::new(Journal::at(site.journal())),
            timeline: RefCell::default(),
            episodes: RefCell::default(),
            complaints: RefCell::default(),
            sent: RefCell::default(),
            cues: RefCell::default(),
            random: Cell::new(args.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            follow: Mutex::new(Follow::of(site.engine(), site.image())),
        }
    }

    /// Takes note of what is told; never ends.
    pub(crate) async fn watch(&self, gauge: &mut Gauge) {
        let mut follow = self.follow.lock().await;
        loop {
            tokio::select! {
                moment = follow.next() => self.timeline.borrow_mut().moments.push(moment),
                () = pause(TICK) => {
                    self.journal.borrow_mut().read();
                    gauge.read();
                }
            }
        }
    }

    /// Takes note of what was told last.
    pub(crate) async fn last_look(&self) {
        let mut follow = self.follow.lock().await;
        let until = now().plus(Span::from_secs(2));
        while now() < until {
            tokio::select! {
                moment = follow.next() => self.timeline.borrow_mut().moments.push(moment),
                () = pause(TICK) => {}
            }
        }
        self.journal.borrow_mut().read();
    }

    /// Whether so many faults come within minutes that the brake may well be on.
    pub(crate) const fn is_short(&self) -> bool {
        self.minutes < SHORT
    }

    /// When no more faults begin.
    pub(crate) const fn over(&self) -> Timestamp {
        self.began.plus(Span::from_mins(self.minutes))
    }

    /// Waits for the cue of a fault; whether it may begin. Never so many at once that their stops
    /// would be held, and each at least once before one comes again.
    pub(crate) async fn cue(&self, fault: Fault) -> bool {
        while now() < self.over() {
            if self.is_its_turn(fault) {
                return true;
            }
            pause(TICK).await;
        }
        false
    }

    fn is_its_turn(&self, fault: Fault) -> bool {
        let (at, mut cues) = (now(), self.cues.borrow_mut());
        let recent = cues.stops.iter().filter(|stop| at < stop.plus(BRAKED)).count();
        let most = if self.is_short() { KINDS } else { STUCK_AT_ONCE };
        let missing = |other: &&Fault| other.looks_stuck() && !cues.played.contains(*other);
        let others_first = cues.played.contains(&fault) && Fault::ALL.iter().any(|f| missing(&f));
        let held = fault.looks_stuck() && (recent >= most || others_first);
        if held || cues.last.is_some_and(|last| at < last.plus(GAP)) {
            return false;
        }
        cues.last = Some(at);
        cues.played.insert(fault);
        cues.stops.extend(fault.looks_stuck().then_some(at));
        true
    }

    /// Waits until something holds; whether it did within `limit`.
    pub(crate) async fn until(&self, limit: Span, mut holds: impl FnMut() -> bool) -> bool {
        let until = now().plus(limit);
        while !holds() {
            if now() >= until {
                return false;
            }
            pause(TICK).await;
        }
        true
    }

    /// Between `from` and `to` seconds, by chance, but not beyond the end of the run.
    pub(crate) async fn rest(&self, (from, to): (i64, i64)) {
        let secs = from + self.random(to - from);
        let until = now().plus(Span::from_secs(secs)).min(self.over());
        pause(until.since(now())).await;
    }

    /// Some number from 0 to `most`.
    pub(crate) fn random(&self, most: i64) -> i64 {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        i64::try_from(x >> 1).unwrap() % (most + 1)
    }

    /// An agent's host writes it a message.
    pub(crate) fn send(&self, actor: &Actor) -> String {
        let at = now();
        self.sent.borrow_mut().push((at, actor.id.clone()));
        actor.send()
    }

    pub(crate) fn complain(&self, actor: &Actor, what: &str) {
        self.complaints.borrow_mut().push(format!("{} {}: {what}", now(), actor.id));
    }

    /// Removes what runs for an agent, by hand: whether something did.
    pub(crate) async fn remove(&self, actor: &Actor) -> bool {
        let up = self.timeline.borrow().up(&actor.id).map(str::to_owned);
        let Some(up) = up else { return false };
        self.docker(&["rm", "-f", &up]).await
    }

    /// One command of the `docker` program; whether it worked.
    pub(crate) async fn docker(&self, args: &[&str]) -> bool {
        let mut docker = Command::new("docker");
        docker.args(["-H", &self.engine]).args(args);
        docker.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        docker.status().await.is_ok_and(|status| status.success())
    }
}
