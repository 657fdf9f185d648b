//! One agent's turn in one pass: the six steps, in their binding order.
//!
//! What is called for is decided by `sweepd_decide`; this says in which order it is asked, and what
//! is committed before it is done. One destructive step: after a stop the turn is over, and the
//! next pass looks again.

use sweepd_decide::session::{self, Queue, Standing};
use sweepd_decide::{
    AgentId, Doubt, Finding, FindingKind, Policy, Presence, Recheck, RunState, Span, Timestamp,
    Written,
};

use crate::board::Board;
use crate::credentials::Vault;
use crate::fleet::Fleet;
use crate::ledger::{Ledger, LedgerError};
use crate::mode::{Authority, Mode};
use crate::order::{Order, Pause};
use crate::orphans::Names;
use crate::pauses::Pauses;
use crate::ports::{Clock, Enlisted, HostState, SessionFacts, SessionLook, WakeKind};
use crate::report::AgentState;
use crate::setup::{Options, SourceSetup};
use crate::turn::Turn;
use tokio::sync::{Semaphore, SemaphorePermit};

mod asked;
mod autopsy;
mod brake;
mod exit;
mod failed;
mod hear;
mod investigate;
mod judge;
mod kept;
mod learn;
mod life;
mod recur;
mod renew;
mod rows;
mod sight;
mod stop;
mod wake;
mod write;

/// After a runtime that did not answer about an agent it is asked again.
const UNKNOWN: Span = Span::from_secs(5);
/// A turn with more rows to change than one may have is followed by another after this.
const CUT_SHORT: Span = Span::from_secs(1);

/// What an agent's turn may use.
pub(crate) struct Context<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ledger: &'a Ledger,
    pub(crate) setup: &'a SourceSetup,
    pub(crate) fleet: &'a Fleet,
    pub(crate) options: &'a Options,
    /// The host at the beginning of the pass.
    pub(crate) host: HostState,
    /// No stop is begun after this instant.
    pub(crate) until: Timestamp,
    /// A round of the daemon, not a call of its own.
    pub(crate) daemon: bool,
    /// The host's present boot.
    pub(crate) boot_id: &'a str,
    /// What is doubted about time.
    pub(crate) doubt: &'a Doubt,
    /// What watches the agents' credentials.
    pub(crate) vault: &'a Vault,
    /// Who is to be left alone.
    pub(crate) pauses: &'a Pauses,
    /// Who else wants a stop.
    pub(crate) board: &'a Board,
    /// The containers that any source knows.
    pub(crate) names: &'a Names,
    /// So many are woken at once.
    pub(crate) wakes: &'a Semaphore,
}

/// What one turn works on.
pub(crate) struct Tending<'a> {
    pub(crate) cx: &'a Context<'a>,
    pub(crate) enlisted: &'a Enlisted,
    pub(crate) policy: Policy,
    pub(crate) mode: Mode,
    pub(crate) now: Timestamp,
    /// The host, when it was asked last.
    pub(crate) host: HostState,
    pub(crate) turn: &'a mut Turn,
    /// When its own look was over.
    pub(crate) looked_at: Timestamp,
    /// Given up before anything that takes long.
    pub(crate) seat: Option<SemaphorePermit<'a>>,
}

/// Serves one agent once, from a `seat`.
///
/// # Errors
/// The state could not be written: nothing more was done to this agent.
pub(crate) async fn tend<'a>(
    cx: &'a Context<'a>,
    enlisted: &'a Enlisted,
    turn: &'a mut Turn,
    seat: Option<SemaphorePermit<'a>>,
) -> Result<(), LedgerError> {
    let policy = cx.setup.rules.policy(&enlisted.agent);
    let mode = cx.setup.rules.mode(&enlisted.agent).unwrap_or(cx.setup.mode);
    let now = cx.clock.now();
    Tending { cx, enlisted, policy, mode, now, host: cx.host, turn, looked_at: now, seat }
        .serve()
        .await
}

impl Tending<'_> {
    async fn serve(&mut self) -> Result<(), LedgerError> {
        self.turn.begin(self.mode.beside(self.host));
        if let Some(expected) = self.enlisted.container.clone() {
            return self.keep(&expected).await;
        }
        if let Some(ghost) = self.enlisted.ghost.clone() {
            self.note_wish(None);
            return self.ghost(ghost).await;
        }
        let presence = self.cx.fleet.presence(self.enlisted);
        let presence = match self.observe_exit(presence).await {
            Ok(presence) => presence,
            Err(why) => return self.dont_know(why).await,
        };
        let up = matches!(presence, Presence::Up(_) | Presence::Duplicate(_));
        if self.turn.order == Some(Order::Stop) {
            // Whatever its databases say, if they say anything.
            self.turn.order = None;
            if self.stop_by_hand(&presence).await? {
                return Ok(());
            }
        }
        if let Presence::Up(seen) = &presence {
            self.learn_once(&seen.run).await?;
        }
        self.recover(up).await?;
        self.turn.state = if up { AgentState::Running } else { AgentState::Stopped };
        let look = self.look_seated(up).await;
        self.looked_at = self.cx.clock.now();
        match look {
            SessionLook::Ghost(why) => {
                self.note_wish(None);
                self.ghost(why).await
            }
            SessionLook::Failed(failure) => {
                self.note_wish(None);
                self.look_failed(*failure, up).await
            }
            SessionLook::Facts(facts) => self.steps(*facts, presence).await,
        }
    }

    async fn steps(&mut self, facts: SessionFacts, presence: Presence) -> Result<(), LedgerError> {
        let earlier = self.open_before();
        self.remember(&facts);
        let mut queue = self.open_claims(&facts);
        self.notice_absent(&facts);
        // Before anything is committed: a crash after that must not forget the death.
        let ended = self.turn.memory.ended.take();
        if let Some(ended) = &ended {
            // Its log may go with it, and says whether it was given anything to work with.
            self.listen_last(ended).await;
            let last_ack = facts.last_ack.known().and_then(Written::at);
            let held = session::held_at_end(&queue, &earlier, ended);
            self.count_death(&held, last_ack, ended).await;
        }

        self.sync_acks(&mut queue, &facts).await?;
        let up = matches!(presence, Presence::Up(_) | Presence::Duplicate(_));
        let run = match &presence {
            Presence::Up(seen) => Some(&seen.run),
            Presence::Duplicate(_) | Presence::Down | Presence::Missing => None,
        };
        self.hear(&facts, up, run, ended.as_ref()).await;
        self.investigate().await?;
        if let Some(ended) = ended.as_ref().filter(|ended| !ended.by_us) {
            self.put_off_held(&mut queue, &earlier, ended).await?;
        }
        self.settle_the_dead(&mut queue, up).await?;
        self.give_up_poison(&mut queue).await?;
        if let Some(ended) = &ended {
            self.clear_away(ended).await?;
        }
        self.asked(&mut queue).await?;
        if !matches!(presence, Presence::Up(_)) {
            self.note_wish(None);
        }
        if !up && !self.may_stop_in_earnest() {
            // Whoever ended it, it was not us.
            self.turn.over.push((FindingKind::AgentStuck, "it does not run any more".to_owned()));
        }
        let waking = self.wake_if_due(&mut queue, up).await?;
        if let Presence::Up(seen) = &presence {
            if self.judge(&facts, &queue, seen).await? {
                return Ok(());
            }
        } else if let Presence::Duplicate(runs) = &presence {
            let names: Vec<&str> = runs.iter().map(sweepd_decide::RunId::as_str).collect();
            self.find(FindingKind::DuplicateContainer, names.join(", "));
            self.turn.blind = true;
        } else if !waking {
            self.release_orphans(&mut queue).await?;
        }
        self.carry_on_series(&mut queue).await?;
        self.file_recheck(&queue);
        self.save().await
    }

    /// When there may be something to do next, by the queue as this turn leaves it.
    fn file_recheck(&mut self, queue: &Queue) {
        let may_wake = self.authority().wake && self.cx.setup.waker.kind() != WakeKind::None;
        let standing = if self.turn.state == AgentState::Running {
            Standing::Up(self.turn.judged_until)
        } else if may_wake {
            Standing::Down
        } else {
            Standing::LeftAlone
        };
        let now = self.cx.clock.now();
        let mut next = session::next_look(&self.policy, queue, &self.turn.memory, standing, now);
        if let Some(until) =
            self.turn.memory.hearing.until.filter(|_| self.cx.setup.silence.is_some())
        {
            next = next.sooner(Recheck::At(until.max(now)));
        }
        if let Some(until) = self.pause().and_then(|pause| pause.until) {
            next = next.sooner(Recheck::At(until));
        }
        if self.turn.cut_short {
            next = next.sooner(Recheck::At(now.plus(CUT_SHORT)));
        }
        self.turn.recheck = next.at();
        self.turn.memory.next_look = next.at();
    }

    /// Does what may take long. Others may look meanwhile: as soon as it has to be waited for, the
    /// seat is given up.
    async fn standing<T>(&mut self, act: impl Future<Output = T>) -> T {
        let mut act = std::pin::pin!(act);
        match futures_util::poll!(act.as_mut()) {
            std::task::Poll::Ready(done) => done,
            std::task::Poll::Pending => {
                self.seat = None;
                act.await
            }
        }
    }

    fn agent(&self) -> &AgentId {
        &self.enlisted.agent
    }

    /// What may be done as far as is known; asked again before each act.
    fn authority(&self) -> Authority {
        if !self.turn.by_hand && self.pause().is_some() {
            return Authority::NONE;
        }
        Authority::of(self.mode, self.cx.options.dry_run, self.host, self.cx.setup.sole_sweeper)
    }

    /// Whether somebody wants it to be left alone, as of now.
    fn pause(&self) -> Option<Pause> {
        self.cx.pauses.of(self.agent(), self.cx.clock.now())
    }

    /// Asks whether the host is alive right now: directly before a wake or a write.
    async fn authority_now(&mut self) -> Authority {
        self.host = self.cx.setup.source.host().await;
        self.turn.mode = self.mode.beside(self.host);
        self.authority()
    }

    fn find(&mut self, kind: FindingKind, detail: String) {
        let (since, detail) = (self.now, Some(detail));
        self.turn.findings.push(Finding { kind, message_id: None, since, detail });
    }

    async fn ghost(&mut self, why: String) -> Result<(), LedgerError> {
        self.turn.state = AgentState::Missing;
        self.turn.memory.next_look = None;
        self.find(FindingKind::GhostSession, why);
        self.save().await
    }

    /// The runtime did not answer about this agent: its facts stay what they were.
    async fn dont_know(&mut self, why: String) -> Result<(), LedgerError> {
        self.turn.lost(&why);
        self.turn.unanswered = Some(why);
        self.turn.recheck = Some(self.cx.clock.now().plus(UNKNOWN));
        self.save().await
    }
}

/// Somebody paused the container: it is alive, and not to be judged.
const fn is_paused(state: RunState) -> bool {
    matches!(state, RunState::Paused)
}
