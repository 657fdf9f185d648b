//! Writing to the queue: changes are committed as intents, applied one by one, settled.

use serde_json::json;
use sweepd_decide::session::{self, Queue, RowEffect, RowVerb};
use sweepd_decide::{EventKind, Finding, FindingKind, MessageId, Released, RowChange};

use super::Tending;
use crate::ledger::LedgerError;
use crate::ports::{Applied, Commit, PortError};
use crate::report::Outcome;

/// The word under which an intent is settled that the live host made void.
const HOST_LIVE: &str = "host-live";
/// The columns that a retry writes.
const RETRY_NEEDS: &[&str] = &["tries", "process_after"];

impl Tending<'_> {
    /// Commits, applies and settles changes, and the release that goes with them. Without the
    /// authority they are only planned.
    pub(super) async fn change(
        &mut self,
        queue: &mut Queue,
        effects: Vec<RowEffect>,
        released: Vec<Released>,
    ) -> Result<(), LedgerError> {
        self.turn.cut_short |= effects.len() >= session::AT_ONCE;
        let effects = self.unblocked(effects);
        queue.apply(&effects);
        queue.forget(&released);
        if effects.is_empty() && released.is_empty() {
            return Ok(());
        }
        if !self.may_write().await {
            for effect in &effects {
                self.not_allowed(verb_name(effect.verb), Some(subject(effect)));
            }
            return Ok(());
        }
        self.turn.memory.released.extend(released);
        let intents = effects
            .iter()
            .map(|effect| {
                let verb = verb_name(effect.verb).to_owned();
                (self.turn.agent.clone(), verb, effect.change.clone())
            })
            .collect();
        let commit = Commit { intents, ..self.record() };
        let committed = self.cx.ledger.commit(commit).await?;
        let mut settled = Vec::new();
        for (effect, id) in effects.iter().zip(committed.intents) {
            let word = self.write(effect).await;
            if word == Some(HOST_LIVE) {
                // The host took over between our commit and our write: its claim is its own again.
                let id = effect.change.message_id();
                self.turn.memory.released.retain(|released| released.claim.message_id != *id);
            }
            settled.extend(word.map(|word| (id, word.to_owned())));
        }
        let commit = Commit { settled, ..self.record() };
        self.cx.ledger.commit(commit).await?;
        Ok(())
    }

    /// Leaves out what cannot be written: rows whose earlier intent is still open, and retries
    /// where the schema has no place for them, which is told by itself.
    fn unblocked(&mut self, mut effects: Vec<RowEffect>) -> Vec<RowEffect> {
        if RETRY_NEEDS.iter().any(|column| self.turn.absent.iter().any(|absent| absent == column)) {
            effects.retain(|effect| effect.verb != RowVerb::Retry);
        }
        let (blocked, free): (Vec<_>, Vec<_>) = effects
            .into_iter()
            .partition(|effect| self.turn.blocked.contains(effect.change.message_id()));
        for effect in blocked {
            let detail = format!("{}: an earlier write is still open", subject(&effect));
            self.turn.did(verb_name(effect.verb), Outcome::Held, Some(detail));
        }
        free
    }

    /// Whether rows may be written, by the host's word of this very moment.
    pub(super) async fn may_write(&mut self) -> bool {
        self.authority().rows && self.authority_now().await.rows
    }

    /// Applies one change, if the host is still not there. The word under which its intent is
    /// settled; `None`: it is not, and recovery tries again.
    async fn write(&mut self, effect: &RowEffect) -> Option<&'static str> {
        let name = verb_name(effect.verb);
        if !self.turn.blocked.is_empty() {
            // One write that fails is enough: the others would wait for the same lock.
            self.turn.blocked.insert(effect.change.message_id().clone());
            self.turn.did(name, Outcome::Held, Some(subject(effect)));
            return None;
        }
        if !self.authority_now().await.rows {
            let why = format!("{}: the host is alive", subject(effect));
            self.turn.did(name, Outcome::Planned, Some(why));
            return Some(HOST_LIVE);
        }
        let (outcome, word, detail) = match self
            .cx
            .setup
            .source
            .apply(self.agent(), &effect.change)
            .await
        {
            Ok(Applied::Done) => (Outcome::Done, Some("done"), subject(effect)),
            Ok(Applied::AlreadyDone) => {
                (Outcome::AlreadyDone, Some("already-done"), subject(effect))
            }
            Ok(Applied::Superseded) => (Outcome::Superseded, Some("superseded"), subject(effect)),
            Err(error @ PortError::Unreachable { .. }) => {
                self.turn.blocked.insert(effect.change.message_id().clone());
                (Outcome::Failed, None, format!("{}: {}", subject(effect), error.chain()))
            }
            Err(error) => {
                // It will never be written: told, and in nobody's way.
                let why = error.chain();
                let (kind, since) = (FindingKind::MalformedRow, self.now);
                let message_id = Some(effect.change.message_id().clone());
                self.found(vec![Finding { kind, message_id, since, detail: Some(why.clone()) }]);
                (Outcome::Failed, Some("refused"), format!("{}: {why}", subject(effect)))
            }
        };
        self.turn.did(name, outcome, Some(detail));
        if matches!(outcome, Outcome::Done | Outcome::AlreadyDone) {
            self.tell(effect.verb, &effect.change);
        }
        word
    }

    /// Applies what an earlier call committed and did not live to apply.
    pub(super) async fn recover(&mut self, up: bool) -> Result<(), LedgerError> {
        if !self.authority().rows || self.turn.intents.is_empty() {
            return Ok(());
        }
        // Killed amid a write it left a journal, which a look rolls back where that is allowed.
        drop(self.look(up).await);
        let mut settled = Vec::new();
        for intent in std::mem::take(&mut self.turn.intents) {
            let Some(verb) = verb_named(&intent.verb) else { continue };
            let effect = RowEffect { verb, change: intent.change };
            let word = self.write(&effect).await;
            settled.extend(word.map(|word| (intent.id, word.to_owned())));
        }
        let commit = Commit { settled, ..self.record() };
        self.cx.ledger.commit(commit).await?;
        Ok(())
    }

    fn tell(&mut self, verb: RowVerb, change: &RowChange) {
        let id = change.message_id().clone();
        let (kind, after) = match change {
            RowChange::Update { after, .. } => (update_event(verb, after.status()), json!(after)),
            RowChange::Recur { clone_id, process_after, .. } => {
                let clone = json!({ "clone": clone_id, "process_after": process_after });
                (EventKind::MessageRecurred, clone)
            }
        };
        if verb == RowVerb::Recur {
            self.turn.memory.paused.retain(|paused| *paused != id);
        }
        if verb == RowVerb::DeadLetter {
            let detail = Some(self.dead_letter_reason(&id).to_owned());
            let (kind, since) = (FindingKind::DeadLetter, self.now);
            let found = Finding { kind, message_id: Some(id.clone()), since, detail };
            self.turn.found_now(found, self.now);
            self.turn.memory.deaths.retain(|death| death.claim.message_id != id);
        }
        self.turn.event(kind, json!({ "message_id": id, "after": after }));
    }

    fn dead_letter_reason(&self, id: &MessageId) -> &'static str {
        let deaths = self.turn.memory.deaths.iter().filter(|death| death.claim.message_id == *id);
        let limit = usize::try_from(self.policy.poison.deaths).unwrap_or(usize::MAX);
        if limit > 0 && deaths.count() >= limit { "poison" } else { "tries" }
    }
}

fn update_event(verb: RowVerb, status: &str) -> EventKind {
    match verb {
        RowVerb::Retry | RowVerb::Requeue => EventKind::MessageRetried,
        RowVerb::DeadLetter => EventKind::MessageFailed,
        RowVerb::Sync if status == "failed" => EventKind::MessageFailed,
        RowVerb::Sync | RowVerb::Complete | RowVerb::Recur => EventKind::MessageCompleted,
    }
}

fn subject(effect: &RowEffect) -> String {
    match &effect.change {
        RowChange::Update { message_id, after, .. } if effect.verb == RowVerb::Retry => {
            let at = after.process_after.as_deref().unwrap_or("now");
            format!("{message_id}, try {}, not before {at}", after.tries())
        }
        RowChange::Update { message_id, after, .. } => format!("{message_id}: {}", after.status()),
        RowChange::Recur { message_id, process_after, .. } => {
            format!("{message_id}, next run {process_after}")
        }
    }
}

const VERBS: [(RowVerb, &str); 6] = [
    (RowVerb::Sync, "sync"),
    (RowVerb::Complete, "complete"),
    (RowVerb::Retry, "retry"),
    (RowVerb::DeadLetter, "dead-letter"),
    (RowVerb::Recur, "recur"),
    (RowVerb::Requeue, "requeue"),
];

fn verb_name(verb: RowVerb) -> &'static str {
    VERBS.iter().find(|(known, _)| *known == verb).map_or("sync", |(_, name)| name)
}

fn verb_named(name: &str) -> Option<RowVerb> {
    VERBS.iter().find(|(_, known)| *known == name).map(|(verb, _)| *verb)
}
