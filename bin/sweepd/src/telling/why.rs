//! Why is nobody told of an incident now? The published words, and what they mean.
//!
//! What people did holds from the moment on at which they did it, also where nobody has asked since
//! what is to be told: so it comes before what was written down then.

use sweepd_decide::{Severity, Timestamp};

use super::Told;
use super::clock::{clock, clock_ahead};

/// What holds now, in one published word; `None`: nobody has asked yet.
pub(super) fn word(told: &Told, now: Timestamp) -> Option<&str> {
    let one = &told.standing;
    if told.is_open() {
        if one.incident.severity == Severity::Notice {
            return Some("notice");
        }
        if one.acknowledged.is_some_and(|(at, _)| at >= one.incident.severity) {
            return Some("acknowledged");
        }
        if one.snoozed_until.is_some_and(|until| now < until) {
            return Some("snoozed");
        }
    }
    let why = one.untold.as_ref().map(|untold| untold.why.as_str());
    // Written down while it was so.
    let stale = matches!(why, Some("acknowledged" | "snoozed"));
    why.filter(|_| !stale || !told.is_open())
}

/// Until when that holds, where time alone can change it.
pub(super) fn until(told: &Told, now: Timestamp) -> Option<Timestamp> {
    let one = &told.standing;
    match word(told, now)? {
        "snoozed" => one.snoozed_until,
        "notice" | "acknowledged" => None,
        _ => one.untold.as_ref()?.until.filter(|until| *until < Timestamp::MAX),
    }
}

/// Of an incident that nobody was told of: why not.
pub(super) fn not_told(told: &Told, has_sinks: bool, now: Timestamp) -> String {
    let Some(word) = word(told, now) else {
        return if has_sinks {
            "not yet: `sweepd run`, or the next `sweepd sweep`, sees to it".to_owned()
        } else {
            NO_SINK.to_owned()
        };
    };
    match word {
        "notice" => "notice: only shown".to_owned(),
        "no-sink" if has_sinks => "no-sink: no sink wants to hear of it".to_owned(),
        "no-sink" => NO_SINK.to_owned(),
        "never-told" => "never-told: it was over before".to_owned(),
        "gathering" => "gathering: in a moment, with what belongs to it".to_owned(),
        _ => held(told, word, now),
    }
}

const NO_SINK: &str = "no-sink: there is no [[sink]] in the configuration";

/// Of an open incident that people were told of: what they will hear next, or will not.
pub(super) fn after_told(told: &Told, now: Timestamp) -> Option<String> {
    match word(told, now)? {
        "told" => until(told, now).map(|at| format!("again {}", clock(at, now))),
        // Where it is on its way to is said already.
        "under-way" | "gathering" | "notice" => None,
        "no-sink" => Some("no sink wants to hear of it any more".to_owned()),
        word => Some(held(told, word, now)),
    }
}

/// What holds it back.
fn held(told: &Told, word: &str, now: Timestamp) -> String {
    let end = |ahead| until(told, now).map(|at| format!(" until {}", clock_if(at, now, ahead)));
    match word {
        "flapping" => "flapping: its coming and going is an incident of its own".to_owned(),
        "folded" => {
            let cause = told.standing.untold.as_ref().and_then(|untold| untold.cause);
            let by = match (cause, &told.cause) {
                (Some(id), Some(key)) => format!("folded under #{id} {key}"),
                (Some(id), None) => format!("folded under #{id}"),
                (None, _) => "folded under its cause".to_owned(),
            };
            let over =
                until(told, now).map(|at| format!(", which is over, until {}", clock(at, now)));
            by + &over.unwrap_or_default()
        }
        "acknowledged" => {
            let at = told.standing.acknowledged.map(|(_, at)| clock(at, now));
            format!("acknowledged {}: told only if it gets worse", at.unwrap_or_default())
        }
        "snoozed" | "maintenance" => format!("{word}{}", end(true).unwrap_or_default()),
        "paused" => {
            let end = end(true).unwrap_or_else(|| ", until `sweepd resume`".to_owned());
            format!("paused{end}")
        }
        // A word of a later version says for itself what it can.
        other => format!("{other}{}", end(false).unwrap_or_default()),
    }
}

fn clock_if(at: Timestamp, now: Timestamp, ahead: bool) -> String {
    if ahead && now < at { clock_ahead(at, now) } else { clock(at, now) }
}
