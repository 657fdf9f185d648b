//! What a scenario can break: a state that takes no commit, a runtime that does not answer, and
//! points at which sweepd is killed.
//!
//! Each port is passed through unchanged but for that. The state also keeps what was committed
//! about agents, for the timeline.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sweepd_decide::{AgentId, MessageId, RowChange};
use sweepd_sweep::ports::{AgentRecord, Commit, PortError};
use tokio::sync::Notify;

use super::act::{Point, Question, What};
use super::settings::PREFIX;

mod ports;

/// The faults of one scenario, and what went through its state. Shared by all its ports.
#[derive(Debug, Default)]
pub(super) struct Faults {
    now: Mutex<Now>,
    crashed: Notify,
    looked: Notify,
    go_on: Notify,
}

#[derive(Debug, Default)]
struct Now {
    unwritable: bool,
    silent: Vec<Question>,
    crash: Option<Point>,
    amid: Vec<What>,
    happening: Vec<What>,
    saved: Vec<AgentRecord>,
    clones: Vec<(MessageId, MessageId)>,
    /// Ports that are asked and have not answered.
    busy: usize,
    /// sweepd is killed this very moment: whatever it was about, it gets no further.
    dead: bool,
}

/// A port that is asked, until it has answered.
struct Busy<'a>(&'a Faults);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let mut now = self.0.now();
        now.busy = now.busy.saturating_sub(1);
    }
}

impl Faults {
    /// The state takes no commit any more, or takes them again.
    pub(super) fn set_unwritable(&self, unwritable: bool) {
        self.now().unwritable = unwritable;
    }

    /// Asked this, the runtime does not answer any more.
    pub(super) fn fall_silent(&self, question: Question) {
        self.now().silent.push(question);
    }

    /// It answers everything again.
    pub(super) fn speak(&self) {
        self.now().silent.clear();
    }

    /// sweepd is killed the next time it gets to `point`.
    pub(super) fn crash_at(&self, point: Point) {
        self.now().crash = Some(point);
    }

    /// Until sweepd has got to the point at which it is killed.
    pub(super) async fn crashed(&self) {
        self.crashed.notified().await;
    }

    /// `what` happens right after the next look.
    pub(super) fn amid_a_look(&self, what: What) {
        self.now().amid.push(what);
    }

    /// Until a look is over after which something happens.
    pub(super) async fn looked(&self) {
        self.looked.notified().await;
    }

    /// What happens now.
    pub(super) fn happening(&self) -> Vec<What> {
        std::mem::take(&mut self.now().happening)
    }

    /// It has happened.
    pub(super) fn go_on(&self) {
        self.go_on.notify_one();
    }

    /// What was committed about agents since this was asked last.
    pub(super) fn saved(&self) -> Vec<AgentRecord> {
        std::mem::take(&mut self.now().saved)
    }

    /// The clones that sweepd meant to make since this was asked last: original and clone.
    pub(super) fn clones(&self) -> Vec<(MessageId, MessageId)> {
        std::mem::take(&mut self.now().clones)
    }

    /// Whoever gets to the point at which sweepd is killed gets no further.
    async fn pass(&self, point: Point) {
        if self.now().crash != Some(point) {
            return;
        }
        self.now().crash = None;
        self.now().dead = true;
        self.crashed.notify_one();
        std::future::pending::<()>().await;
    }

    /// After a look at `agent`: waits for what happens amid it.
    async fn look(&self, agent: &AgentId) {
        let concerns = |what: &What| {
            let What::Agent { agent: whose, .. } = what else { return true };
            agent.as_str().strip_prefix(PREFIX) == Some(whose)
        };
        let happening = {
            let mut now = self.now();
            let (happening, amid) = std::mem::take(&mut now.amid).into_iter().partition(concerns);
            now.amid = amid;
            now.happening = happening;
            !now.happening.is_empty()
        };
        if happening {
            self.looked.notify_one();
            self.go_on.notified().await;
        }
    }

    /// Nobody of a sweepd that is killed gets any further.
    async fn alive(&self) {
        if self.now().dead {
            std::future::pending::<()>().await;
        }
    }

    /// sweepd was killed; the next one lives.
    pub(super) fn buried(&self) {
        self.now().dead = false;
    }

    /// A port is asked; what waits for it is not idle meanwhile.
    async fn asked<T>(&self, answer: impl Future<Output = T>) -> T {
        self.alive().await;
        self.now().busy += 1;
        let _busy = Busy(self);
        answer.await
    }

    /// Whether some port has not answered yet.
    pub(super) fn is_busy(&self) -> bool {
        self.now().busy > 0
    }

    fn keep(&self, commit: &Commit) {
        let mut now = self.now();
        now.saved.extend(commit.agent.clone());
        for (_, _, change) in &commit.intents {
            if let RowChange::Recur { message_id, clone_id, .. } = change {
                now.clones.push((message_id.clone(), clone_id.clone()));
            }
        }
    }

    /// Whether the runtime answers this.
    fn answer(&self, question: Question) -> Result<(), PortError> {
        if self.now().silent.contains(&question) {
            let doing = format!("ask the runtime ({question:?})").to_lowercase();
            return Err(PortError::unreachable(doing, "it does not answer"));
        }
        Ok(())
    }

    fn refuse(&self) -> Result<(), PortError> {
        if self.now().unwritable {
            return Err(PortError::refused("write the state", "the disk is full"));
        }
        Ok(())
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A port and the faults that befall it.
#[derive(Debug, Clone)]
pub(super) struct With<P> {
    port: P,
    faults: Arc<Faults>,
}
