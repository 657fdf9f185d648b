//! What people were told of an incident, and if they were not, why not, and until when.
//!
//! Reads the outbox; changes nothing. The sentences are here, the tables elsewhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sweepd_decide::{AgentId, Moment, News, Occasion, Severity, Timestamp};
use sweepd_sweep::IncidentReport;
use sweepd_sweep::ports::{Delivery, Outbox, PortError, Settled, Standing, Which};

pub(crate) mod clock;
pub(crate) mod queue;
mod why;

use clock::clock;

/// An incident, and what people were told of it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) standing: Standing,
    /// What was promised about it, oldest first.
    pub(crate) deliveries: Vec<Delivery>,
    /// The key of what explains it.
    cause: Option<String>,
}

/// Incidents that are open, and those that ended at or after an instant; in the order in which they
/// opened.
pub(crate) async fn read(outbox: &dyn Outbox, since: Timestamp) -> Result<Vec<Told>, PortError> {
    read_of(outbox, since, |_| true).await
}

/// The same, of those about one agent.
pub(crate) async fn read_about(
    outbox: &dyn Outbox,
    since: Timestamp,
    agent: &AgentId,
) -> Result<Vec<Told>, PortError> {
    read_of(outbox, since, |one| one.incident.agent.as_ref() == Some(agent)).await
}

async fn read_of(
    outbox: &dyn Outbox,
    since: Timestamp,
    wanted: impl Fn(&Standing) -> bool,
) -> Result<Vec<Told>, PortError> {
    let standing = outbox.standing(since).await?;
    let keys: BTreeMap<i64, String> =
        standing.iter().map(|one| (one.id, one.incident.key.clone())).collect();
    let mut all = Vec::new();
    for one in standing.into_iter().filter(wanted) {
        if one.end.as_ref().is_some_and(|(at, _)| *at < since) {
            continue;
        }
        let told = one.told.is_some();
        let deliveries =
            if told { outbox.deliveries(Which::Of(one.id)).await? } else { Vec::new() };
        let cause = one.untold.as_ref().and_then(|untold| keys.get(&untold.cause?).cloned());
        all.push(Told { standing: one, deliveries, cause });
    }
    Ok(all)
}

impl Told {
    /// Whether it is still there.
    pub(crate) const fn is_open(&self) -> bool {
        self.standing.end.is_none()
    }

    /// Whether it is open, and no mere notice.
    pub(crate) fn is_failing(&self) -> bool {
        self.is_open() && self.standing.incident.severity > Severity::Notice
    }

    /// Whom it is about: an agent, a source, `*` …
    pub(crate) fn about(&self) -> &str {
        let incident = &self.standing.incident;
        let of_key = || incident.key.split_once(':').map_or("", |(_, subject)| subject);
        incident.agent.as_ref().map_or_else(of_key, AgentId::as_str)
    }

    /// Whether and when people were told, whom, what is pending, and why not.
    pub(crate) fn sentence(&self, has_sinks: bool, now: Timestamp) -> String {
        let Some((at, _)) = self.standing.told else {
            return format!("not told: {}", why::not_told(self, has_sinks, now));
        };
        let whom = self.whom(now, |moment| moment != Moment::Resolved);
        let mut sentence = format!("told {}{whom}", clock(at, now));
        if !self.is_open() {
            if self.standing.end_told {
                let whom = self.whom(now, |moment| moment == Moment::Resolved);
                sentence = format!("{sentence}; that it is over{whom}");
            } else {
                sentence.push_str("; that it is over is told next");
            }
        } else if let Some(next) = why::after_told(self, now) {
            sentence.push_str("; ");
            sentence.push_str(&next);
        }
        sentence
    }

    /// ` → ops, tracker (waits: …)`: of each sink, what became of the last such alert.
    fn whom(&self, now: Timestamp, wanted: impl Fn(Moment) -> bool) -> String {
        let mut last: BTreeMap<&str, &Delivery> = BTreeMap::new();
        for one in self.deliveries.iter().filter(|one| moment(one).is_some_and(&wanted)) {
            last.insert(&one.sink, one);
        }
        if last.is_empty() {
            return String::new();
        }
        let each = last.into_values().map(|one| match fate(one, now) {
            Some(fate) => format!("{} ({fate})", one.sink),
            None => one.sink.clone(),
        });
        format!(" → {}", each.collect::<Vec<_>>().join(", "))
    }

    /// The members of an incident, and what people did about it and were told.
    pub(crate) fn json(&self, has_sinks: bool, now: Timestamp) -> Value {
        let one = &self.standing;
        let mut shown = json!(IncidentReport::from(&one.incident));
        let cause = one.untold.as_ref().and_then(|untold| untold.cause);
        let cause = cause.map(|id| json!({ "id": id, "key": self.cause }));
        let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let telling = json!({
            "told_at": instant(one.told.map(|(at, _)| at)),
            "end_told": one.end_told,
            "why": why::word(self, now),
            "until": instant(why::until(self, now)),
            "cause": cause,
            "sentence": self.sentence(has_sinks, now),
            "deliveries": self.deliveries.iter().map(delivery).collect::<Vec<_>>(),
        });
        let own = [
            ("id", json!(one.id)),
            ("ended_at", json!(instant(one.end.as_ref().map(|(at, _)| *at)))),
            ("ended_how", json!(one.end.as_ref().map(|(_, how)| how))),
            ("acknowledged_at", json!(instant(one.acknowledged.map(|(_, at)| at)))),
            ("snoozed_until", json!(instant(one.snoozed_until.filter(|until| *until > now)))),
            ("telling", telling),
        ];
        if let Some(members) = shown.as_object_mut() {
            members.extend(own.map(|(name, value)| (name.to_owned(), value)));
        }
        shown
    }
}

/// What became of a delivery, where it has not arrived.
fn fate(one: &Delivery, now: Timestamp) -> Option<String> {
    let words = one.remark.as_deref().filter(|words| !words.is_empty());
    let said = words.map(|words| format!(": {words}")).unwrap_or_default();
    match one.settled {
        Some((_, Settled::Delivered)) => None,
        Some((at, Settled::GivenUp)) => Some(format!("given up {}{said}", clock(at, now))),
        Some((_, Settled::Dropped)) => Some(format!("dropped{said}")),
        None if one.tries == 0 => Some("on its way".to_owned()),
        None => Some(format!("pending{said}")),
    }
}

/// A delivery as `--json` has it.
pub(crate) fn delivery(one: &Delivery) -> Value {
    json!({
        "id": one.id,
        "sink": one.sink,
        "incident": one.incident,
        "moment": word(one),
        "what": what(one),
        "filed_at": one.filed_at.to_string(),
        "state": one.settled.map_or("waiting", |(_, how)| how.as_str()),
        "settled_at": one.settled.map(|(at, _)| at.to_string()),
        "tries": one.tries,
        "deferred_until": one.deferred_until.map(|at| at.to_string()),
        "remark": one.remark,
    })
}

/// What a delivery tells, in a few words.
pub(crate) fn what(one: &Delivery) -> String {
    match &one.alert.news {
        News::Incident(story) => format!("{} #{} {}", word(one), story.number, story.key),
        News::Note(note) => note.title.clone(),
    }
}

/// The moment of an incident that a delivery tells; `None`: it is about none.
fn moment(one: &Delivery) -> Option<Moment> {
    match &one.alert.news {
        News::Incident(story) => Some(story.moment),
        News::Note(_) => None,
    }
}

/// The same, and of notes too, in one published word.
fn word(one: &Delivery) -> &'static str {
    match &one.alert.news {
        News::Incident(story) => match story.moment {
            Moment::Opened => "opened",
            Moment::Still => "still",
            Moment::Resolved => "resolved",
        },
        News::Note(note) => match note.occasion {
            Occasion::Start => "start",
            Occasion::Digest => "digest",
            Occasion::Test => "test",
        },
    }
}

#[cfg(test)]
mod tests;
