//! Are the agents' credentials good, and was a newer one put in place?

mod accounts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use sweepd_decide::{
    AgentId, CredentialState, EventKind, Reading, Recheck, Span, Timestamp, credential,
};
use tokio::time::timeout;

use crate::call::Call;
use crate::clean::clean;
use crate::engine::Engine;
use crate::incidents::graded_of;
use crate::order::Wanted;
use crate::ports::{CredentialSeen, Credentials, Enlisted, NewEvent, Renewed};
use crate::survey::Survey;

/// At least so often they are looked at.
const EVERY: Span = Span::from_mins(5);
/// So long a pass waits for newer ones.
const WITHIN: Duration = Duration::from_secs(5);

/// What watches them, and when it is to look next.
#[derive(Default)]
pub(crate) struct Vault {
    port: Option<Arc<dyn Credentials>>,
    next: Mutex<Option<Timestamp>>,
    /// When a newer one was looked for in vain.
    failed_at: Mutex<Option<Timestamp>>,
}

impl Vault {
    pub(crate) fn new(port: Arc<dyn Credentials>) -> Self {
        Self { port: Some(port), ..Self::default() }
    }

    pub(crate) fn port(&self) -> Option<&dyn Credentials> {
        self.port.as_deref()
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|next| {
            // What is further ahead than a look can be was set before the clock was set back.
            now >= next || next > now.plus(EVERY)
        })
    }

    /// Whether a newer one may be looked for: not so soon after that was in vain.
    pub(crate) fn may_try(&self, now: Timestamp) -> bool {
        let failed = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_none_or(|at| now < at || now >= at.plus(EVERY))
    }

    /// What came of looking for newer ones; nothing: it did not end in time.
    pub(crate) fn tried(&self, renewed: &[Renewed], now: Timestamp) {
        for one in renewed {
            if let Err(why) = &one.outcome {
                let path = clean(&one.path.display().to_string());
                tracing::debug!(path, from = one.from, why = clean(why), "no newer credential");
            }
        }
        let worked = renewed.iter().any(|one| one.outcome.is_ok());
        let failed = if worked { None } else { Some(now) };
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }

    fn put_off(&self, until: Timestamp) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

impl Engine {
    /// The same engine, which also watches credentials: in each call of its own, every five minutes, and
    /// before each wake.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Arc<dyn Credentials>) -> Self {
        self.vault = Vault::new(credentials);
        self
    }

    /// Looks at them if that is due, has those renewed that end, and says what is wrong.
    /// In a pass over everybody, that is; in a call of its own after all have been served: it may take a
    /// while, and whoever is to be stopped is stopped first.
    pub(crate) async fn watch_credentials(
        &self,
        call: &mut Call,
        survey: &Survey,
        wanted: &Wanted,
    ) {
        if !wanted.is_whole() {
            return;
        }
        let Some(port) = self.vault.port() else {
            // Whatever was wrong, nobody looks any more.
            let changes = call.incidents.after_credentials(&BTreeSet::new(), &BTreeSet::new(), &[]);
            call.changes.extend(changes);
            return;
        };
        let now = self.clock().now();
        if call.daemon && !self.vault.is_due(now) {
            return;
        }
        let mut seen = port.look(None).await;
        if !self.options().dry_run {
            let ending = ending(&seen, now);
            if !ending.is_empty() && self.vault.may_try(now) {
                // One that hangs must not hold up everybody; what it finds in the end is seen next time.
                let renewed = timeout(WITHIN, port.renew(&ending)).await.unwrap_or_default();
                self.vault.tried(&renewed, now);
                let told = renewed.iter().filter_map(|one| told(one, &seen, survey));
                let told: Vec<NewEvent> = told.collect();
                call.events.extend(told);
                if renewed.iter().any(|one| one.outcome.is_ok()) {
                    seen = port.look(None).await;
                }
            }
        }
        let now = self.clock().now();
        let mut next = Recheck::from(now.plus(EVERY));
        for one in &seen {
            next = next.sooner(credential(&one.policy, one.reading, now).recheck);
        }
        self.vault.put_off(next.at().unwrap_or(Timestamp::MAX));
        judge(&seen, call, now);
    }
}

/// What is wrong is an incident, and what was and is not is one no more.
fn judge(seen: &[CredentialSeen], call: &mut Call, now: Timestamp) {
    let mut bad = BTreeSet::new();
    let accounts = accounts::bad(seen, now);
    for (account, subject) in
        accounts.iter().zip(accounts::subjects(&accounts, call.incidents.open()))
    {
        let incident = graded_of(None, &subject, &account.graded(&subject, now), now);
        bad.insert(incident.key.clone());
        let known = call.incidents.open().find(|open| open.key == incident.key);
        let before = known.and_then(|open| open.evidence.get("state")).cloned();
        let state = incident.evidence.get("state").cloned();
        let ends = matches!(account.state, CredentialState::Expiring | CredentialState::Expired);
        if before != state && ends {
            let data = json!({
                "path": subject,
                "state": account.state.as_str(),
                "until": account.until.map(|until| until.to_string()),
                "paths": account.paths(),
            });
            call.events.push(event(EventKind::CredentialExpiring, data));
        }
        let change = call.incidents.sighted(incident, now);
        call.changes.push(change);
    }
    let path = |one: &CredentialSeen| clean(&one.path.display().to_string());
    let watched: BTreeSet<String> = seen.iter().map(path).collect();
    // Of what lies where nobody could look, nothing is known.
    let unread = seen.iter().filter(|one| one.reading == Reading::Unreadable).map(path);
    let unread: Vec<String> = unread.collect();
    let changes = call.incidents.after_credentials(&bad, &watched, &unread);
    call.changes.extend(changes);
}

/// Those that end or have ended, and that may be renewed.
pub(crate) fn ending(seen: &[CredentialSeen], now: Timestamp) -> Vec<PathBuf> {
    let ends = |one: &&CredentialSeen| {
        let (state, _) = credential(&one.policy, one.reading, now).action;
        one.policy.can_renew && one.may_renew && state.wants_refresh()
    };
    seen.iter().filter(ends).map(|one| one.path.clone()).collect()
}

/// That one was renewed, and who still holds the old one.
fn told(one: &Renewed, seen: &[CredentialSeen], survey: &Survey) -> Option<NewEvent> {
    let until = one.outcome.as_ref().ok()?;
    let before = seen.iter().find(|known| known.path == one.path);
    let before = before.and_then(|known| match known.reading {
        Reading::Until(until) => Some(until.to_string()),
        Reading::NoEnd | Reading::Missing | Reading::Unreadable => None,
    });
    let holders: Vec<AgentId> = holders(&one.path, survey);
    let data = json!({
        "path": clean(&one.path.display().to_string()),
        "until": until.to_string(),
        "before": before,
        "from": one.from,
        "holders": holders,
    });
    Some(event(EventKind::CredentialRefreshed, data))
}

/// Agents below the directory of a credential that run: they hold the one that they were started with.
fn holders(path: &Path, survey: &Survey) -> Vec<AgentId> {
    let Some(dir) = path.parent() else { return Vec::new() };
    let below =
        |on: &Enlisted| on.workspace.as_deref().is_some_and(|workspace| workspace.starts_with(dir));
    survey.running().filter(|on| below(on)).map(|on| on.agent.clone()).collect()
}

fn event(kind: EventKind, data: Value) -> NewEvent {
    NewEvent { kind, agent: None, source: None, run: None, data }
}
