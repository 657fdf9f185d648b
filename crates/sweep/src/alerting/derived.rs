//! Incidents about other incidents, and about the sinks: they come of what is remembered, not of a
//! look.

use std::collections::BTreeMap;

use serde_json::json;
use sweepd_decide::incident::{Change, Flapping, NOT_CONFIGURED, flap};
use sweepd_decide::{Finding, FindingKind, Recheck, Severity, Timestamp};

use super::Alerting;
use super::case::{Explained, flaps};
use crate::incidents;
use crate::ports::{Incident, IncidentChange, SinkRecord, Standing};

/// What of that begins and ends now, and when to ask again.
pub(super) fn derived(
    alerting: &Alerting,
    standing: &[Standing],
    sinks: &[SinkRecord],
    causes: &BTreeMap<i64, Explained>,
    now: Timestamp,
) -> (Vec<IncidentChange>, Recheck) {
    let (mut changes, recheck) = flapping(alerting, standing, causes, now);
    let failing = failing(alerting, standing, sinks, now);
    changes.extend(failing.0);
    (changes, recheck.sooner(failing.1))
}

/// Keys that begin to flap, and those that are calm again.
fn flapping(
    alerting: &Alerting,
    standing: &[Standing],
    causes: &BTreeMap<i64, Explained>,
    now: Timestamp,
) -> (Vec<IncidentChange>, Recheck) {
    let mut changes_of: BTreeMap<&str, Vec<Change>> = BTreeMap::new();
    let mut open: BTreeMap<&str, &Standing> = BTreeMap::new();
    let mut last: BTreeMap<&str, &Standing> = BTreeMap::new();
    // Of those that flapped before: what came before the end of that is told already.
    let mut since: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for one in standing {
        if let Some((of, (ended, _))) = flaps(&one.incident).zip(one.end.as_ref()) {
            let since = since.entry(of).or_insert(*ended);
            *since = (*since).max(*ended);
        }
    }
    for one in standing {
        let key = one.incident.key.as_str();
        if let Some(of) = flaps(&one.incident) {
            if one.end.is_none() {
                changes_of.entry(of).or_default();
                open.insert(of, one);
            }
            continue;
        }
        if one.incident.kind == FindingKind::Flapping {
            continue;
        }
        last.insert(key, one);
        let opened_at = one.incident.opened_at;
        if since.get(key).is_some_and(|since| opened_at <= *since) {
            continue;
        }
        let changes = changes_of.entry(key).or_default();
        // What nobody is told of, because it is a notice or another one explains it, does not flap:
        // but once one does, each change counts for its calm.
        let new = one.end.is_none()
            && one.incident.severity > Severity::Notice
            && !causes.contains_key(&one.id);
        if one.told.is_some() || new {
            changes.push(Change::Opened(opened_at));
        } else {
            changes.push(Change::Ended(opened_at));
        }
        changes.extend(one.end.iter().map(|(at, _)| Change::Ended(*at)));
    }
    let mut changes = Vec::new();
    let mut recheck = Recheck::OnChange;
    for (key, history) in changes_of {
        let flapped = open.get(key);
        let answer = flap(&alerting.setup.flap, &history, flapped.is_some(), now);
        match (answer.action, flapped) {
            (Flapping::Yes, None) => {
                let since = answer.evidence.unwrap_or(now);
                let begins = last.get(key).map(|last| begins(&last.incident, since, now));
                changes.extend(begins.map(IncidentChange::Seen));
            }
            (Flapping::No, Some(flapping)) => {
                let calm = alerting.setup.flap.calm.as_millis() / 60_000;
                let still = last.get(key).is_some_and(|last| last.end.is_none());
                let how = if still { "it stays, no longer comes and goes" } else { "it is calm" };
                changes.push(IncidentChange::Resolved {
                    key: flapping.incident.key.clone(),
                    how: format!("{how}: nothing has changed for {calm} min"),
                });
            }
            (Flapping::Yes, Some(_)) => recheck = recheck.sooner(answer.recheck),
            (Flapping::No, None) => {}
        }
    }
    (changes, recheck)
}

fn begins(of: &Incident, since: Timestamp, now: Timestamp) -> Incident {
    let kind = FindingKind::Flapping;
    Incident {
        key: incidents::shortened(format!("{}:{}", kind.as_str(), of.key)),
        kind,
        severity: kind.severity(),
        agent: of.agent.clone(),
        summary: format!("comes and goes: {}", of.summary),
        evidence: json!({ "since": since.to_string(), "of": of.key, "severity": of.severity }),
        opened_at: now,
        good_looks: 0,
    }
}

/// Sinks that begin to be an incident, and those that are none any more.
fn failing(
    alerting: &Alerting,
    standing: &[Standing],
    sinks: &[SinkRecord],
    now: Timestamp,
) -> (Vec<IncidentChange>, Recheck) {
    let kind = FindingKind::SinkFailed;
    let mut open: BTreeMap<&str, &Incident> = BTreeMap::new();
    for one in standing.iter().filter(|one| one.incident.kind == kind && one.end.is_none()) {
        open.insert(&one.incident.key, &one.incident);
    }
    let mut changes = Vec::new();
    let mut recheck = Recheck::OnChange;
    for record in sinks.iter().filter(|record| alerting.setup.sink(&record.name).is_some()) {
        let known = open.remove(incidents::of_sink(&record.name).as_str());
        match (record.state.wrong_since(now), known) {
            (Some(since), None) => {
                let detail = record.remark.clone();
                let found = Finding { kind, message_id: None, since, detail };
                let incident = incidents::of(None, &record.name, &found, now);
                changes.push(IncidentChange::Seen(incident));
            }
            (None, Some(known)) => changes.push(IncidentChange::Resolved {
                key: known.key.clone(),
                how: "it takes alerts again".to_owned(),
            }),
            (Some(_), Some(_)) => {}
            (None, None) => {
                let wrong_at = record.state.wrong_at();
                recheck = recheck.sooner(wrong_at.map_or(Recheck::OnChange, Recheck::from));
            }
        }
    }
    let gone = open.into_values().map(|known| IncidentChange::Resolved {
        key: known.key.clone(),
        how: NOT_CONFIGURED.to_owned(),
    });
    changes.extend(gone);
    (changes, recheck)
}
