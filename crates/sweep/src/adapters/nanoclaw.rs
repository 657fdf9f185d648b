//! A NanoClaw installation as a source of agents.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use sweepd_decide::session::Queue;
use sweepd_decide::{AgentId, Observed, RowChange, Timestamp};
use sweepd_store::Retry;
use sweepd_store::nanoclaw::{self, LookRequest, Part, Root, SessionRow, Unreadable};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::nanoclaw_exchange;
use crate::ports::{
    Applied, Doing, Enlisted, Exchange, HostState, LookFailure, PortError, Roster, SessionFacts,
    SessionLook, Source,
};

/// How long the host may take to accept a connection.
const HOST_ANSWERS_WITHIN: Duration = Duration::from_millis(200);

/// The socket on which it listens, in its data directory.
const HOST_SOCKET: &str = "ncl.sock";

/// Columns that older schemas lack and that have a default we know.
const HAVE_DEFAULTS: &[&str] = &["trigger", "on_wake", "series_id", "source_session_id"];

/// The sessions below a NanoClaw root.
#[derive(Debug, Clone)]
pub struct NanoclawSource {
    name: String,
    root: Arc<Root>,
    /// Whose look has not come back: nobody is looked at twice at once.
    looking: Arc<Mutex<BTreeSet<AgentId>>>,
}

impl NanoclawSource {
    /// The source called `name` over an opened root.
    pub fn new(name: impl Into<String>, root: Arc<Root>) -> Self {
        Self { name: name.into(), root, looking: Arc::default() }
    }

    /// The two ids that an agent's id is made of.
    fn ids(&self, agent: &AgentId) -> Option<(String, String)> {
        let rest = agent.as_str().strip_prefix(&self.name)?.strip_prefix('/')?;
        let (group, session) = rest.split_once('/')?;
        Some((group.to_owned(), session.to_owned()))
    }

    fn enlist(&self, row: &SessionRow) -> Enlisted {
        let SessionRow { agent_group_id: group, session_id: session, group_folder, .. } = row;
        let dir = self.root.session_dir(group, session);
        let dir = dir.ok().map(|dir| dir.canonicalize().unwrap_or(dir));
        let mut places = BTreeMap::from([
            ("agent_group_id", group.clone()),
            ("session_id", session.clone()),
            ("root", self.root.path().display().to_string()),
        ]);
        places.extend(group_folder.clone().map(|folder| ("group_folder", folder)));
        places.extend(dir.as_ref().map(|dir| ("session_dir", dir.display().to_string())));
        Enlisted {
            agent: AgentId::new(format!("{}/{group}/{session}", self.name)),
            ghost: (!row.group_exists).then(|| format!("there is no agent group {group}")),
            workspace: dir,
            places,
            container: None,
        }
    }
}

/// A look under way, until it comes back.
struct Looking {
    all: Arc<Mutex<BTreeSet<AgentId>>>,
    agent: AgentId,
}

impl Looking {
    fn begin(all: &Arc<Mutex<BTreeSet<AgentId>>>, agent: &AgentId) -> Option<Self> {
        let fresh = all.lock().unwrap_or_else(PoisonError::into_inner).insert(agent.clone());
        fresh.then(|| Self { all: Arc::clone(all), agent: agent.clone() })
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.agent);
    }
}

impl Source for NanoclawSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn roster(&self) -> Doing<'_, Result<Roster, PortError>> {
        Box::pin(async move {
            let this = self.clone();
            let listed = tokio::task::spawn_blocking(move || {
                this.root.sessions().map(|sessions| {
                    let agents = sessions.rows.iter().map(|row| this.enlist(row)).collect();
                    let refused = sessions.refused.into_iter().map(|row| {
                        (format!("{}/{}", row.agent_group_id, row.session_id), row.reason)
                    });
                    Roster { agents, refused: refused.collect(), ..Roster::default() }
                })
            });
            match listed.await {
                Ok(Ok(roster)) => Ok(roster),
                Ok(Err(error)) => Err(PortError::unreachable("list the sessions", error)),
                Err(error) => Err(PortError::unreachable("list the sessions", error)),
            }
        })
    }

    fn host(&self) -> Doing<'_, HostState> {
        Box::pin(async move {
            // Through the directory: the name of a socket must not be long, that of a root may.
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let Ok(data) = rustix::fs::open(self.root.data(), flags, Mode::empty()) else {
                return HostState::Alive;
            };
            let socket = format!("/proc/self/fd/{}/{HOST_SOCKET}", data.as_raw_fd());
            match timeout(HOST_ANSWERS_WITHIN, UnixStream::connect(socket)).await {
                Ok(Err(error)) if is_nobody(error.kind()) => HostState::Absent,
                Ok(_) | Err(_) => HostState::Alive,
            }
        })
    }

    fn look<'a>(&'a self, agent: &'a AgentId, heal: bool) -> Doing<'a, SessionLook> {
        Box::pin(async move {
            let Some((group, session)) = self.ids(agent) else {
                return SessionLook::Ghost(format!("{agent} is no session of {}", self.name));
            };
            // One that hangs in the kernel keeps its thread, and must not take another.
            let Some(looking) = Looking::begin(&self.looking, agent) else {
                return SessionLook::Failed(Box::new(LookFailure {
                    reason: "its last look still hangs".to_owned(),
                    hot_journal: false,
                    queue: None,
                }));
            };
            let mut request = LookRequest::new(self.root.path(), group, session);
            request.heal_inbound = heal;
            match tokio::task::spawn_blocking(move || {
                let _looking = looking;
                nanoclaw::look(&request)
            })
            .await
            {
                Ok(look) => seen(look),
                Err(error) => failed(error.to_string(), false, None),
            }
        })
    }

    fn exchange<'a>(
        &'a self,
        agent: &'a AgentId,
        since: Timestamp,
    ) -> Doing<'a, Result<Option<Exchange>, PortError>> {
        Box::pin(async move {
            let doing = || format!("read what {agent} has said");
            let Some((group, session)) = self.ids(agent) else { return Ok(None) };
            // The monitor's own silence is no news.
            if group == nanoclaw::MONITOR_GROUP {
                return Ok(None);
            }
            let Some(looking) = Looking::begin(&self.looking, agent) else {
                let why: Box<dyn std::error::Error + Send + Sync> =
                    "its last look still hangs".into();
                return Err(PortError::Unreachable { doing: doing(), source: Some(why) });
            };
            let request = LookRequest::new(self.root.path(), group, session);
            let read = tokio::task::spawn_blocking(move || {
                let _looking = looking;
                nanoclaw::exchange(&request, since)
            });
            match read.await {
                Ok(Part::Seen(rows)) => Ok(Some(nanoclaw_exchange::facts(rows))),
                // One that has never said anything, or is a ghost.
                Ok(Part::Missing) => Ok(Some(Exchange::default())),
                Ok(Part::Unreadable(why)) => Err(PortError::refused(doing(), why)),
                Err(error) => Err(PortError::unreachable(doing(), error)),
            }
        })
    }

    fn apply<'a>(
        &'a self,
        agent: &'a AgentId,
        change: &'a RowChange,
    ) -> Doing<'a, Result<Applied, PortError>> {
        Box::pin(async move {
            let doing = || format!("write to {agent}");
            let Some((group, session)) = self.ids(agent) else {
                return Err(PortError::Gone { doing: doing() });
            };
            let (root, change) = (Arc::clone(&self.root), change.clone());
            let write = move || nanoclaw::apply(&root, &group, &session, &change);
            match tokio::task::spawn_blocking(write).await {
                Ok(Ok(nanoclaw::Applied::Done)) => Ok(Applied::Done),
                Ok(Ok(nanoclaw::Applied::AlreadyDone)) => Ok(Applied::AlreadyDone),
                Ok(Ok(nanoclaw::Applied::Superseded)) => Ok(Applied::Superseded),
                Ok(Err(error)) if error.retry() == Retry::Later => {
                    Err(PortError::unreachable(doing(), error))
                }
                Ok(Err(error)) => Err(PortError::refused(doing(), error)),
                Err(error) => Err(PortError::unreachable(doing(), error)),
            }
        })
    }
}

/// Nobody listens there: the only answers that mean so.
const fn is_nobody(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

fn seen(look: nanoclaw::Look) -> SessionLook {
    let inbound = match look.inbound {
        Part::Seen(inbound) => inbound,
        Part::Missing => return SessionLook::Ghost("it has no inbound.db".to_owned()),
        Part::Unreadable(why) => return failed(why.to_string(), false, None),
    };
    let mut queue = Queue { messages: inbound.messages, ..Queue::default() };
    let lacks_default = |column: &String| !HAVE_DEFAULTS.contains(&column.as_str());
    let mut absent: Vec<String> =
        inbound.absent_columns.into_iter().filter(lacks_default).collect();
    let (started_once, last_ack, tool) = match look.outbound {
        Part::Seen(outbound) => {
            queue.claims = outbound.claims;
            queue.acks = outbound.acks;
            queue.answered = outbound.answered;
            absent.extend(outbound.absent);
            (true, outbound.last_ack, outbound.tool)
        }
        Part::Missing => (false, None, None),
        Part::Unreadable(why) => {
            let hot = Unreadable::is_hot_journal(&why);
            return failed(why.to_string(), hot, Some(queue));
        }
    };
    SessionLook::Facts(Box::new(SessionFacts {
        queue,
        last_ack: Observed::from_option(last_ack),
        tool: Observed::from_option(tool),
        heartbeat: look.heartbeat,
        started_once,
        absent,
    }))
}

fn failed(reason: String, hot_journal: bool, queue: Option<Queue>) -> SessionLook {
    SessionLook::Failed(Box::new(LookFailure { reason, hot_journal, queue }))
}

/// The path of a session's heartbeat, which a waker removes before it starts a new run.
impl NanoclawSource {
    /// The directory of an agent, if it is one of ours.
    pub fn session_dir(&self, agent: &AgentId) -> Option<PathBuf> {
        let (group, session) = self.ids(agent)?;
        self.root.session_dir(&group, &session).ok()
    }
}
