//! What is left of a world: its rows, what runs, and what sweepd remembers of it.

use std::collections::{BTreeMap, BTreeSet};

use agent_sim::fixture::Message;
use sweepd_decide::Timestamp;
use sweepd_store::state::{IncidentFilter, StateDb};
use sweepd_sweep::ports::Runtime as _;

use super::world::{World, agent};

/// `messages_in` of every session.
pub(super) type Rows = BTreeMap<&'static str, Vec<Message>>;

/// Everything that a kill may not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    /// `messages_in` of every session.
    pub(super) rows: Rows,
    /// Open incidents: key, and what they say.
    pub(super) open: BTreeMap<String, String>,
    /// Incidents that are over: key, and how.
    over: BTreeSet<(String, String)>,
    /// How many runs of each session are up.
    pub(super) up: BTreeMap<&'static str, usize>,
    /// How often the journal tells of what, of each agent.
    pub(super) told: BTreeMap<(String, String), usize>,
}

impl Outcome {
    pub(super) async fn of(world: &World) -> Self {
        let state = state(world);
        let incidents = state.incidents(IncidentFilter::Since(Timestamp::MIN)).unwrap();
        let (mut open, mut over) = (BTreeMap::new(), BTreeSet::new());
        for incident in incidents {
            if let Some(how) = incident.resolution {
                over.insert((incident.key, how));
            } else {
                let twice = open.insert(incident.key, incident.summary);
                assert_eq!(twice, None, "an incident is open twice");
            }
        }
        let mut told = BTreeMap::new();
        for event in state.events(0, None, u32::MAX).unwrap() {
            if TOLD.contains(&event.kind.as_str()) {
                let agent = event.agent.map(|agent| agent.to_string()).unwrap_or_default();
                *told.entry((agent, event.kind)).or_default() += 1;
            }
        }
        Self { rows: rows(world), open, over, up: up(world).await, told }
    }

    /// Every row by session and id.
    pub(super) fn by_id(&self) -> BTreeMap<(&'static str, &str), &Message> {
        let rows = self.rows.iter();
        rows.flat_map(|(name, rows)| rows.iter().map(|row| ((*name, row.id.as_str()), row)))
            .collect()
    }

    /// What a session's agent was told of, so often.
    pub(super) fn times(&self, session: &str, kind: &str) -> usize {
        let key = (agent(session).to_string(), kind.to_owned());
        self.told.get(&key).copied().unwrap_or_default()
    }

    /// What is here and not there, and the other way round, line by line.
    pub(super) fn unlike(&self, expected: &Self) -> String {
        let (found, expected) = (self.lines(), expected.lines());
        let lacks = expected.difference(&found).map(|line| format!("  - {line}\n"));
        let adds = found.difference(&expected).map(|line| format!("  + {line}\n"));
        lacks.chain(adds).collect()
    }

    fn lines(&self) -> BTreeSet<String> {
        let rows =
            self.by_id().into_iter().map(|((session, _), row)| format!("{session}: {row:?}"));
        rows.chain(self.open.iter().map(|incident| format!("open: {incident:?}")))
            .chain(self.over.iter().map(|incident| format!("over: {incident:?}")))
            .chain(self.up.iter().map(|count| format!("up: {count:?}")))
            .chain(self.told.iter().map(|count| format!("told: {count:?}")))
            .collect()
    }
}

/// What holds of every world in which sweepd has had its say, whatever happened before.
pub(super) fn is_sound(world: &World) {
    let state = state(world);
    assert_eq!(state.open_intents(None).unwrap(), []);
    let events = state.events(0, None, u32::MAX).unwrap();
    let numbers: Vec<i64> = events.iter().map(|event| event.seq).collect();
    let gapless: Vec<i64> = (1..).take(numbers.len()).collect();
    assert_eq!(numbers, gapless);
}

/// The state as the last life left it.
pub(super) fn state(world: &World) -> StateDb {
    StateDb::open(&world.state_dir(), Timestamp::MIN).unwrap()
}

pub(super) fn rows(world: &World) -> Rows {
    let sessions = world.sessions.iter();
    sessions.map(|name| (*name, world.session(name).messages().unwrap())).collect()
}

async fn up(world: &World) -> BTreeMap<&'static str, usize> {
    let list = world.runtime.list().await.unwrap();
    let of = |name: &&'static str| {
        let home = world.session(name).dir().to_owned();
        let mine = |run: &&sweepd_sweep::ports::Seen| run.workspace.as_ref() == Some(&home);
        (*name, list.iter().filter(mine).filter(|run| run.state.is_up()).count())
    };
    world.sessions.iter().map(of).collect()
}

/// Events of which there is one for each thing that happened, however often sweepd looked.
const TOLD: [&str; 9] = [
    "agent_stopped",
    "agent_woken",
    "container_died",
    "incident_opened",
    "incident_resolved",
    "message_completed",
    "message_failed",
    "message_recurred",
    "message_retried",
];
