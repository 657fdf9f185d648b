//! From findings to incidents: one open incident for each key, closed by good looks or by what
//! ends it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use sweepd_decide::incident::{Course, Life, NO_LONGER_ACTIVE, NOT_CONFIGURED, Sight, life};
use sweepd_decide::{AgentId, Finding, FindingKind, MessageId, Timestamp, parse_utc};

use crate::board::EVERYBODY;
use crate::clean::clean;
use crate::fingerprint::fingerprint;
use crate::ports::{Incident, IncidentChange};
use crate::turn::{Graded, JUDGED, Turn};

/// How the incident of a credential ends.
const GOOD_AGAIN: &str = "it is good again, or told of with another";

/// Longest key.
const KEY: usize = 255;

/// Open incidents by key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incidents {
    open: BTreeMap<String, Incident>,
    /// When each was last looked for: looks close together count as one.
    counted: BTreeMap<String, Timestamp>,
}

impl Incidents {
    /// The open ones, and when each was last looked for in an earlier round of this daemon.
    pub(crate) fn new(open: Vec<Incident>, counted: BTreeMap<String, Timestamp>) -> Self {
        let open = open.into_iter().map(|incident| (incident.key.clone(), incident));
        Self { open: open.collect(), counted }
    }

    /// When each open one was last looked for.
    pub(crate) fn counted(&self) -> BTreeMap<String, Timestamp> {
        let open = self.counted.iter().filter(|(key, _)| self.open.contains_key(*key));
        open.map(|(key, at)| (key.clone(), *at)).collect()
    }

    pub(crate) fn is_open(&self, key: &str) -> bool {
        self.open.contains_key(key)
    }

    /// Ends those of agents that are on the roster no more.
    pub(crate) fn leave_out(
        &mut self,
        source: &str,
        on_roster: &BTreeSet<&AgentId>,
    ) -> Vec<IncidentChange> {
        let gone = |open: &&Incident| {
            open.agent.as_ref().is_some_and(|id| id.source() == source && !on_roster.contains(id))
        };
        let gone: Vec<String> =
            self.open.values().filter(gone).map(|open| open.key.clone()).collect();
        gone.iter().filter_map(|key| self.resolve(key, NO_LONGER_ACTIVE)).collect()
    }

    /// Ends those of sources that are configured no more.
    pub(crate) fn leave_out_all_but(&mut self, sources: &[&str]) -> Vec<IncidentChange> {
        // Those about sinks, about other incidents and about credentials end by their own rules.
        let derived = |kind| {
            [FindingKind::SinkFailed, FindingKind::Flapping, FindingKind::Credential]
                .contains(&kind)
        };
        let of_one = |open: &Incident| {
            derived(open.kind) || sources.iter().any(|source| is_about(&open.key, source))
        };
        let gone = |open: &&Incident| !of_one(open) && !is_about(&open.key, EVERYBODY);
        let gone: Vec<String> =
            self.open.values().filter(gone).map(|open| open.key.clone()).collect();
        gone.iter().filter_map(|key| self.resolve(key, NOT_CONFIGURED)).collect()
    }

    /// The part that is about one agent.
    pub(crate) fn part(&self, agent: &AgentId) -> Self {
        let own = self.open.iter().filter(|(_, open)| open.agent.as_ref() == Some(agent));
        let open: BTreeMap<_, _> = own.map(|(key, open)| (key.clone(), open.clone())).collect();
        let counted = self.counted.iter().filter(|(key, _)| open.contains_key(*key));
        Self { counted: counted.map(|(key, at)| (key.clone(), *at)).collect(), open }
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = &Incident> {
        self.open.values()
    }

    /// The kinds and keys of an agent's open incidents.
    pub(crate) fn about(&self, agent: &AgentId) -> Vec<(FindingKind, String)> {
        let about = self.open.values().filter(|open| open.agent.as_ref() == Some(agent));
        about.map(|open| (open.kind, open.key.clone())).collect()
    }

    /// What one agent's call changes: sightings open, good looks and ends close.
    pub(crate) fn after_turn(&mut self, turn: &Turn, now: Timestamp) -> Vec<IncidentChange> {
        // Those that ended with what was done are resolved already.
        self.open.retain(|key, _| !turn.ended.contains(key));
        let agent = Some(&turn.agent);
        let opened = &turn.opened_at;
        let subject = turn.agent.as_str();
        let mut changes = self.seen(agent, subject, &turn.findings, opened, now);
        for graded in &turn.graded {
            changes.push(self.sighted(graded_of(agent, subject, graded, now), now));
        }
        let found = turn.findings.iter().chain(turn.graded.iter().map(|graded| &graded.finding));
        let seen: BTreeSet<String> = found.map(|found| key(subject, found)).collect();
        let about: Vec<Incident> = self
            .open
            .values()
            .filter(|open| open.agent.as_ref() == Some(&turn.agent) && !seen.contains(&open.key))
            .cloned()
            .collect();
        for incident in about {
            let sight = sight(&incident, turn);
            changes.extend(self.unseen(&incident.key, sight, now));
        }
        changes
    }

    /// What a look at a source as a whole changes. `judged` are the kinds it could have seen.
    pub(crate) fn after_look(
        &mut self,
        source: &str,
        judged: &[FindingKind],
        findings: &[Finding],
        now: Timestamp,
    ) -> Vec<IncidentChange> {
        let mut changes = self.seen(None, source, findings, &BTreeMap::new(), now);
        let seen: BTreeSet<String> = findings.iter().map(|found| key(source, found)).collect();
        let quiet: Vec<String> = self
            .open
            .values()
            .filter(|open| open.agent.is_none() && judged.contains(&open.kind))
            .filter(|open| is_about(&open.key, source) && !seen.contains(&open.key))
            .map(|open| open.key.clone())
            .collect();
        for key in quiet {
            changes.extend(self.unseen(&key, Sight::Unseen, now));
        }
        changes
    }

    /// Ends those of credentials that are good again, or watched no more. `watched` are the files.
    pub(crate) fn after_credentials(
        &mut self,
        bad: &BTreeSet<String>,
        watched: &BTreeSet<String>,
        unread: &[String],
    ) -> Vec<IncidentChange> {
        let file = |open: &Incident| {
            let named = open.evidence.get("path").and_then(Value::as_str);
            let file = named.or_else(|| open.key.split_once(':').map(|(_, file)| file));
            file.unwrap_or_default().to_owned()
        };
        let over = |open: &&Incident| {
            let hidden = || unread.iter().any(|dir| Path::new(&file(open)).starts_with(dir));
            open.kind == FindingKind::Credential && !bad.contains(&open.key) && !hidden()
        };
        let how = |open: &Incident| {
            if watched.contains(&file(open)) { GOOD_AGAIN } else { NOT_CONFIGURED }
        };
        let over = self.open.values().filter(over).map(|open| (open.key.clone(), how(open)));
        let over: Vec<(String, &str)> = over.collect();
        over.iter().filter_map(|(key, how)| self.resolve(key, how)).collect()
    }

    fn seen(
        &mut self,
        agent: Option<&AgentId>,
        subject: &str,
        findings: &[Finding],
        opened: &BTreeMap<String, Timestamp>,
        now: Timestamp,
    ) -> Vec<IncidentChange> {
        let mut changes = Vec::new();
        for found in findings {
            let opened_at = opened.get(&key(subject, found)).copied().unwrap_or(now);
            changes.push(self.sighted(of(agent, subject, found, opened_at), now));
        }
        changes
    }

    /// An incident that was seen; one that is open already was opened then.
    pub(crate) fn sighted(&mut self, mut incident: Incident, now: Timestamp) -> IncidentChange {
        let open = self.open.get(&incident.key).map(|open| open.opened_at);
        incident.opened_at = open.unwrap_or(incident.opened_at);
        self.counted.insert(incident.key.clone(), now);
        self.open.insert(incident.key.clone(), incident.clone());
        IncidentChange::Seen(incident)
    }

    /// A look that did not see an incident: what it says about it.
    fn unseen(&mut self, key: &str, sight: Sight<'_>, now: Timestamp) -> Option<IncidentChange> {
        let incident = self.open.get_mut(key)?;
        // A look that is not yet was before the clock was set back.
        let looked_at = self.counted.get(key).copied().filter(|at| *at <= now);
        let (opened_at, good_looks) = (incident.opened_at, incident.good_looks);
        let open = Life { opened_at, good_looks, looked_at };
        match life(incident.kind, Some(&open), sight, now) {
            Course::Nothing | Course::Opens | Course::Stays | Course::Waits => None,
            Course::Good(looks) => {
                incident.good_looks = looks;
                self.counted.insert(key.to_owned(), now);
                Some(IncidentChange::Good { key: key.to_owned() })
            }
            Course::Ends(how) => self.resolve(key, how),
        }
    }

    fn resolve(&mut self, key: &str, how: &str) -> Option<IncidentChange> {
        self.open.remove(key)?;
        Some(IncidentChange::Resolved { key: key.to_owned(), how: how.to_owned() })
    }
}

/// The incident that a finding opens or keeps open.
pub(crate) fn of(
    agent: Option<&AgentId>,
    subject: &str,
    found: &Finding,
    opened_at: Timestamp,
) -> Incident {
    Incident {
        key: key(subject, found),
        kind: found.kind,
        severity: found.kind.severity(),
        agent: agent.cloned(),
        summary: summary(subject, found),
        evidence: json!({
            "since": found.since.to_string(),
            "message_id": found.message_id,
            "detail": found.detail.as_deref().map(clean),
        }),
        opened_at,
        good_looks: 0,
    }
}

/// The incident of a finding that is not always as bad as its kind.
pub(crate) fn graded_of(
    agent: Option<&AgentId>,
    subject: &str,
    graded: &Graded,
    opened_at: Timestamp,
) -> Incident {
    let mut incident = of(agent, subject, &graded.finding, opened_at);
    incident.severity = graded.severity;
    if let (Some(evidence), Some(more)) =
        (incident.evidence.as_object_mut(), graded.evidence.as_object())
    {
        evidence.extend(more.clone());
    }
    incident
}

/// Whether a key's subject is a source as a whole, or something of it.
pub(crate) fn is_about(key: &str, source: &str) -> bool {
    let subject = key.split_once(':').map_or("", |(_, subject)| subject);
    let rest = subject.strip_prefix(source);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a turn that did not see an incident says about it.
fn sight<'a>(incident: &Incident, turn: &'a Turn) -> Sight<'a> {
    let kind = incident.kind;
    if let Some((_, how)) = turn.over.iter().find(|(over, _)| *over == kind) {
        return Sight::Ended(how);
    }
    if kind == FindingKind::MessageFailed && since(incident) < turn.memory.succeeded_at {
        return Sight::Ended("a later message completed");
    }
    if kind == FindingKind::DeadLetter && turn.good_look && !still_failed(incident, turn) {
        return Sight::Ended("it was taken up again");
    }
    if kind == FindingKind::WakeFailing && turn.memory.wakes.failures == 0 {
        return Sight::Ended("a wake works");
    }
    let blind = !turn.good_look || (turn.blind && JUDGED.contains(&kind));
    if blind { Sight::Blind } else { Sight::Unseen }
}

/// Since when, by its evidence.
fn since(incident: &Incident) -> Option<Timestamp> {
    parse_utc(incident.evidence.get("since")?.as_str()?)
}

/// Whether the message of a dead letter is still given up.
fn still_failed(incident: &Incident, turn: &Turn) -> bool {
    let id = incident.evidence.get("message_id").and_then(Value::as_str);
    id.is_some_and(|id| turn.failed.contains(&MessageId::new(id)))
}

/// `<kind>:<subject>`, with the message where there is one.
fn key(subject: &str, found: &Finding) -> String {
    let kind = found.kind.as_str();
    let by_message = matches!(
        found.kind,
        FindingKind::DeadLetter
            | FindingKind::MessageFailed
            | FindingKind::BadSchedule
            | FindingKind::MalformedRow
            | FindingKind::ShadowedMessage
            | FindingKind::OrphanContainer
    );
    let message = found.message_id.as_ref().filter(|_| by_message);
    let key =
        message.map_or_else(|| format!("{kind}:{subject}"), |id| format!("{kind}:{subject}/{id}"));
    shortened(key)
}

/// A key that is not too long; two that differ stay two.
pub(crate) fn shortened(key: String) -> String {
    if key.chars().count() <= KEY {
        return key;
    }
    let head: String = key.chars().take(KEY - 17).collect();
    format!("{head}~{:016x}", fingerprint(key.bytes()))
}

/// The key of the incident that a sink takes no alerts.
pub(crate) fn of_sink(name: &str) -> String {
    shortened(format!("{}:{name}", FindingKind::SinkFailed.as_str()))
}

fn summary(subject: &str, found: &Finding) -> String {
    // What is found of a source is no message of an agent's.
    let noun = if subject.contains('/') { " message" } else { "" };
    let message = found.message_id.as_ref().map(|id| format!("{noun} {id}")).unwrap_or_default();
    let detail = found.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    clean(&format!("{subject}{message}: {}{detail}", words(found.kind)))
}

const fn words(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::AgentStuck => "stuck",
        FindingKind::DeadLetter => "given up",
        FindingKind::MessageFailed => "the agent says it failed",
        FindingKind::WakeFailing => "waking fails",
        FindingKind::Zombie => "the stop did not end it",
        FindingKind::SilentFailure => "worked on it, and never answered",
        FindingKind::Credential => "the credential",
        FindingKind::Undelivered => "what it said is not delivered",
        FindingKind::NotProgressing => "runs, but leaves its oldest work untouched",
        FindingKind::InClaimSilence => "silent while working",
        FindingKind::CrashLooping => "restarts over and over",
        FindingKind::ContainerDown => "it is down",
        FindingKind::RecreateFailing => "it does not come back, or not as it was",
        FindingKind::OrphanContainer => "a container with our label that is nobody's",
        FindingKind::DuplicateContainer => "more than one container runs for it",
        FindingKind::ShadowedMessage => "an ack with an unknown status hides it",
        FindingKind::HostNotSweeping => "the host leaves its claims lying",
        FindingKind::SourceShrunk => "far fewer agents than before",
        FindingKind::BadSchedule => "its schedule never runs",
        FindingKind::MalformedRow => "cannot be used as it stands",
        FindingKind::Unreadable => "its databases cannot be read",
        FindingKind::HostDown => "the host process is gone",
        FindingKind::RuntimeUnreachable => "the runtime does not answer",
        FindingKind::BrakeEngaged => {
            "so many look stuck or have vanished at once that nothing is done about it"
        }
        FindingKind::SelfDegraded => "sweepd cannot do its whole job",
        FindingKind::SinkFailed => "it takes no alerts",
        FindingKind::Flapping => "comes and goes",
        FindingKind::ClockSuspicious => "its heartbeat is from the future",
        FindingKind::GhostSession => "there is nothing to look at",
        FindingKind::ForeignSchema => "its databases lack what a step needs",
        FindingKind::HostLive => "its own host is alive and sweeps; sweepd only assists",
    }
}
