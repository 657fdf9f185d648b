//! What a person may ask of sweepd, whether a daemon runs or not: the same question, the same
//! answer.
//!
//! While a daemon runs it is asked through a socket in the state directory ([`client`],
//! [`server`]); else the question is answered by hand, under the state's lock ([`carry`]).

use serde::{Deserialize, Serialize};
use sweepd_decide::Timestamp;

mod answer;
mod attend;
mod carry;
pub(crate) mod client;
mod place;
pub(crate) mod server;

pub(crate) use answer::Answer;
pub(crate) use carry::{Asked, ask, carry_out};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "ask", deny_unknown_fields)]
pub(crate) enum Request {
    /// Look at everybody.
    Pass,
    /// Start whoever is in a scope.
    Wake { scope: String },
    /// Stop whoever is in a scope.
    Stop { scope: String },
    /// Leave whoever is in a scope alone.
    Pause { scope: String, until: Option<Timestamp> },
    /// Do not any more.
    Resume { scope: String },
    /// Put a message that was given up back.
    Requeue { id: String },
    /// Let go whom the brake holds.
    ReleaseBrake,
    /// Do what somebody wants about open incidents.
    Attend { wish: Wish, incidents: Vec<i64>, until: Option<Timestamp> },
    /// Try whether alerts arrive, at one sink or at each.
    TestAlerts { sink: Option<String> },
    /// Try alerts again that were given up; none named: all of them.
    RetryAlerts { ids: Vec<i64> },
    /// Forget alerts that were given up; none named: all of them.
    DropAlerts { ids: Vec<i64> },
}

/// What somebody wants about an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Wish {
    /// He knows.
    Ack,
    /// He does not want to hear of it for a while.
    Snooze,
    /// He does after all.
    Unsnooze,
    /// It is over.
    Resolve,
    /// It is over, and such silence is no news.
    Expect,
}

/// What came back over the socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    /// The answer.
    Answer(Answer),
    /// Nobody can answer at this moment, and nothing was done: ask once more.
    Again,
    /// Why there is none, with the exit code and what to do.
    Refused { exit: u8, error: String, hint: Option<String> },
}
