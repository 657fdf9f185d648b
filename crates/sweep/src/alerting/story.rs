//! An incident as it is told.

use std::collections::BTreeSet;

use serde_json::Value;
use sweepd_decide::incident::recovered;
use sweepd_decide::{
    Alert, End, Fact, FindingKind, Moment, News, Span, Story, Timestamp, parse_utc,
};

use super::Alerting;
use super::advice::advice;
use super::case::flaps;
use super::deeds::{deeds, held_back};
use crate::clean::clean;
use crate::engine::Engine;
use crate::ports::{Outbox, PortError, Standing};

/// What was done a little before an incident opened was done about it.
const BEFORE: Span = Span::from_secs(60);
/// Comings and goings of the last day are told.
const DAY: Span = Span::from_mins(24 * 60);
/// So many keys of those that a cause covers are told.
const NAMED: usize = 20;

impl Engine {
    /// The alert about a moment of an incident that explains `folded`.
    pub(super) async fn alert(
        &self,
        alerting: &Alerting,
        outbox: &dyn Outbox,
        one: &Standing,
        moment: Moment,
        folded: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<Alert, PortError> {
        let incident = &one.incident;
        let word = match moment {
            Moment::Opened => "opened",
            Moment::Still => "still",
            Moment::Resolved => "resolved",
        };
        let install: String = self.install().chars().take(8).collect();
        let since = text(&incident.evidence, "since").and_then(parse_utc);
        let since = since.unwrap_or(incident.opened_at).min(incident.opened_at);
        let thread = flaps(incident).unwrap_or(&incident.key).to_owned();
        let flapping = incident.kind == FindingKind::Flapping;
        let counted_since = if flapping { since } else { now.minus(DAY) };
        let openings = outbox.openings(&thread, counted_since).await?;
        let mut done = Vec::new();
        let mut restraint = None;
        if let Some(agent) = &incident.agent {
            let from = since.max(incident.opened_at.minus(DAY)).minus(BEFORE);
            done = deeds(&outbox.past(agent, from).await?);
            let paused = self.pauses.of(agent, now).map(|pause| pause.since);
            let known = outbox.agent(agent).await?;
            restraint = known.and_then(|known| held_back(&known, paused));
        }
        let subject = incident.key.split_once(':').map_or("", |(_, subject)| subject);
        let whom = incident.agent.as_ref().map_or(subject, |agent| agent.as_str());
        let over = moment == Moment::Resolved;
        let end = one.end.as_ref().filter(|_| over);
        let story = Story {
            moment,
            // What is in memory alone has no number that anybody could name.
            number: if outbox.lasts() { one.id } else { 0 },
            key: incident.key.clone(),
            thread,
            kind: incident.kind,
            severity: incident.severity,
            agent: incident.agent.clone(),
            source: source(one),
            seen: incident.summary.clone(),
            since,
            opened_at: incident.opened_at,
            end: end.map(|(at, how)| End { at: *at, how: clean(how), recovered: recovered(how) }),
            deeds: done,
            held_back: restraint.filter(|_| !over),
            advice: if over { String::new() } else { advice(incident.kind, whom) },
            facts: facts(&incident.evidence),
            folded: u32::try_from(folded.len()).unwrap_or(u32::MAX),
            folded_keys: folded.iter().take(NAMED).cloned().collect(),
            flaps: if flapping { openings } else { openings.saturating_sub(1) },
        };
        Ok(Alert {
            id: format!("{install}-{}-{word}-{}", one.id, now.as_millis()),
            at: now,
            host: alerting.setup.host.clone(),
            from_memory: !outbox.lasts(),
            news: News::Incident(Box::new(story)),
        })
    }
}

/// The source that an incident is about.
fn source(one: &Standing) -> Option<String> {
    let incident = &one.incident;
    if let Some(agent) = &incident.agent {
        return Some(agent.source().to_owned());
    }
    let own = matches!(
        incident.kind,
        FindingKind::SinkFailed | FindingKind::BrakeEngaged | FindingKind::SelfDegraded
    );
    let subject = incident.key.split_once(':').map_or("", |(_, subject)| subject);
    let name = subject.split('/').next().unwrap_or_default();
    (!own && !name.is_empty()).then(|| name.to_owned())
}

/// What it rests on, but for what the sentence says already.
fn facts(evidence: &Value) -> Vec<Fact> {
    let fields = evidence.as_object().into_iter().flatten();
    let told = ["since", "detail", "of"];
    let fields = fields.filter(|(name, value)| !told.contains(&name.as_str()) && !value.is_null());
    let fact = |(name, value): (&String, &Value)| Fact {
        name: name.replace('_', " "),
        value: clean(&value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
    };
    fields.map(fact).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}
