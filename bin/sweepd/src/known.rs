//! What is known about an agent without looking at it, and is that still to be believed?

use std::time::Duration;

use serde_json::{Value, json};
use sweepd_decide::{AgentId, Span, Timestamp};
use sweepd_sweep::Mode;

/// However often everybody is looked at, so old a look is still believed: whoever has cron call
/// `sweepd sweep` every five minutes must not be told that nobody looks.
const BELIEVED_AT_LEAST: Span = Span::from_mins(15);

/// An agent on a roster.
pub(crate) struct Known {
    pub(crate) agent: AgentId,
    /// The mode it is to be served in.
    pub(crate) mode: Mode,
    /// What runs it.
    pub(crate) runtime: &'static str,
    /// `None`: it was never looked at.
    pub(crate) seen: Option<Seen>,
}

/// What the last look left behind.
pub(crate) struct Seen {
    /// The report about it, as printed.
    pub(crate) report: Value,
    pub(crate) at: Timestamp,
    pub(crate) next_look: Option<Timestamp>,
    pub(crate) doubt: Option<Doubt>,
}

/// Why the last look says nothing about now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Its runtime has not answered since.
    RuntimeLost,
    /// Nobody has looked for long.
    Old,
    /// Its source cannot be read now.
    SourceLost,
}

/// How long a look is believed: three intervals, but not less than a quarter of an hour.
pub(crate) fn believed_for(interval: Duration) -> Span {
    let thrice = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).saturating_mul(3);
    Span::from_millis(thrice).max(BELIEVED_AT_LEAST)
}

impl Seen {
    /// A text of the report, if it still holds.
    pub(crate) fn now(&self, pointer: &str) -> Option<&str> {
        self.text(pointer).filter(|_| self.doubt.is_none())
    }

    /// A text of the report, as of then.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.report.pointer(pointer).and_then(Value::as_str)
    }
}

impl Known {
    /// The last look, if it still holds.
    pub(crate) fn current(&self) -> Option<&Seen> {
        self.seen.as_ref().filter(|seen| seen.doubt.is_none())
    }

    /// The same, when its source cannot be read.
    pub(crate) fn of_a_lost_source(mut self) -> Self {
        if let Some(seen) = self.seen.as_mut() {
            seen.doubt = Some(Doubt::SourceLost);
        }
        self
    }

    /// Whether it was looked at, but too long ago.
    pub(crate) fn is_old(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.doubt == Some(Doubt::Old))
    }

    /// In the shape of a call's agents, with what is remembered beside it.
    pub(crate) fn json(&self) -> Value {
        let nothing = json!({ "action": "none", "evidence": {}, "recheck_at": null });
        let current = self.current();
        let member = |name: &str, unknown: Value| {
            current.and_then(|seen| seen.report.get(name).cloned()).unwrap_or(unknown)
        };
        let seen = self.seen.as_ref();
        let next_look = current.and_then(|seen| seen.next_look);
        json!({
            "id": self.agent,
            "source": self.agent.source(),
            "mode": member("mode", json!(self.mode)),
            "runtime": member("runtime", json!(self.runtime)),
            "state": member("state", json!("unknown")),
            "health": member("health", json!("unknown")),
            "decision": member("decision", nothing),
            "effects": member("effects", json!([])),
            "seen_at": seen.map(|seen| seen.at.to_string()),
            "next_look_at": next_look.map(|at| at.to_string()),
            "current": current.is_some(),
            "last": seen.map(|seen| &seen.report),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_believed_for_three_intervals_but_at_least_a_quarter_of_an_hour() {
        for (interval, minutes) in [(1, 15), (5, 15), (6, 18), (60, 180)] {
            let believed = believed_for(Duration::from_mins(interval));
            assert_eq!(believed, Span::from_mins(minutes), "{interval}");
        }
        assert!(believed_for(Duration::MAX) > Span::from_mins(15));
    }
}
