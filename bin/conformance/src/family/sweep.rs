//! Whole calls over one session: the real engine and store on real databases, with a simulated
//! runtime, waker and clock.

use serde::Deserialize as _;
use serde_json::Value;

use crate::case::{Case, Outcome};

mod rows;
pub(super) mod session;
mod world;

use world::World;

pub(crate) struct Sweep;

/// One case as the file has it.
#[derive(serde::Deserialize)]
pub(crate) struct Given {
    tz: String,
    now_ms: i64,
    session: Session,
    inbound: Option<Inbound>,
    outbound: Option<Outbound>,
    heartbeat_age_ms: Option<i64>,
    container_alive: bool,
    wake: Wake,
    kill_effective: bool,
    ticks: Vec<Tick>,
    ours: Vec<Expected>,
}

#[derive(serde::Deserialize)]
struct Session {
    #[serde(rename = "agent_group_id")]
    group: String,
    #[serde(rename = "session_id")]
    id: String,
    #[serde(rename = "agent_group_exists")]
    group_exists: bool,
    status: String,
}

#[derive(serde::Deserialize)]
pub(super) struct Inbound {
    schema: String,
    rows: Vec<serde_json::Map<String, Value>>,
}

#[derive(serde::Deserialize)]
pub(super) struct Outbound {
    schema: String,
    processing_ack: Vec<serde_json::Map<String, Value>>,
    container_state: Option<serde_json::Map<String, Value>>,
}

#[derive(serde::Deserialize)]
struct Wake {
    succeeds: bool,
    clears_heartbeat: bool,
}

#[derive(serde::Deserialize)]
struct Tick {
    at_ms: i64,
    before: Vec<Value>,
}

#[derive(serde::Deserialize)]
struct Expected {
    actions: Vec<Value>,
    messages_in: Option<Vec<serde_json::Map<String, Value>>>,
}

impl Case for Sweep {
    fn run(&self, case: &Value) -> anyhow::Result<Outcome> {
        let given = Given::deserialize(case)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut world = World::of(&given)?;
            for (number, (tick, expected)) in given.ticks.iter().zip(&given.ours).enumerate() {
                world.prepare(tick)?;
                let actions = world.sweep().await?;
                let found = world.messages()?;
                let same = rows::same(expected.messages_in.as_deref(), found.as_deref());
                if actions != expected.actions || !same {
                    return Ok(Outcome::Failed {
                        expected: format!(
                            "tick {number}: {:?}\n{}",
                            expected.actions,
                            rows::print(expected.messages_in.as_deref())
                        ),
                        got: format!(
                            "tick {number}: {actions:?}\n{}",
                            rows::print(found.as_deref())
                        ),
                    });
                }
            }
            Ok(Outcome::Passed)
        })
    }
}
