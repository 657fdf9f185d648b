//! Two NanoClaw directories with a session of every kind.
//!
//! `docked` is swept with wakes, `still` without; otherwise they hold the same, as far as that
//! makes a difference. Ages are such that a call at once decides what the tests expect.

use agent_sim::fixture::{Message, Output, Root, Session, Tool};
use sweepd_decide::{Span, Timestamp};

use super::rig::Rig;
use super::site::Site;
use super::wait::{ago, later_than, now, until};

/// How long a hung agent's claim is tolerated: longer than a call takes, so that a claim made at
/// its beginning is young at its end.
const TOLERANCE: Span = Span::from_secs(10);

pub(crate) const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [policy]
    claim-tolerance = "3s"
    [[agent]]
    match = "*/ag/hung"
    claim-tolerance = "10s"
    [[agent]]
    match = "*/ag/idle"
    ceiling = "3s"
    [[agent]]
    match = "*/ag/bash"
    ceiling = "3s"
    [[source]]
    kind = "nanoclaw"
    name = "docked"
    root = "HERE/docked"
    timezone = "Europe/Madrid"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/agent-sim", "--beat-ms=100", "--work-ms=3600000"]
    user = "USER"
    [[source]]
    kind = "nanoclaw"
    name = "still"
    root = "HERE/still"
    [source.wake]
    kind = "none"
"#;

/// The two directories, and the containers that run in them.
pub(crate) struct Crowd {
    pub(crate) docked: Root,
    pub(crate) still: Root,
    /// Hung with an old and a young claim, in each directory.
    pub(crate) hung: [String; 2],
    /// Nothing to do for longer than its ceiling.
    pub(crate) idle: String,
    /// In a long Bash call, for longer than its ceiling.
    pub(crate) bash: String,
}

impl Crowd {
    /// Makes it, and returns at the instant from which stops are due.
    pub(crate) async fn gather(site: &Site<'_>, rig: &Rig) -> Self {
        let (docked, still) = (site.root("docked"), site.root("still"));
        let hung = [hung(rig, &docked).await, hung(rig, &still).await];
        let idle = idle(rig, &docked).await;
        let bash = bash(rig, &docked).await;
        for root in [&docked, &still] {
            message(root, "due");
            at_rest(root);
        }
        orphan(&docked, "orphan-0", 0);
        for (name, tries) in [("orphan-0", 0), ("orphan-4", 4), ("orphan-5", 5)] {
            orphan(&still, name, tries);
        }
        let last = rig.started(&hung[1]).max(newest_claim(&still));
        later_than(last.plus(TOLERANCE)).await;
        for root in [&docked, &still] {
            session(root, "hung").claim("m-young", now()).unwrap();
        }
        Self { docked, still, hung, idle, bash }
    }

    /// An agent that claimed long ago and beats, in `docked`.
    pub(crate) async fn add_busy(&self, rig: &Rig) -> String {
        let busy = message(&self.docked, "busy");
        let id = rig.nanoclaw(&busy, "--work-ms=3600000");
        until("it works", || busy.heartbeat_at().unwrap().is_some()).await;
        id
    }

    pub(crate) fn roots(&self) -> [&Root; 2] {
        [&self.docked, &self.still]
    }
}

/// A session by its name.
pub(crate) fn session(root: &Root, name: &str) -> Session {
    root.find("ag", name)
}

/// A session with a message `m` that is due.
fn message(root: &Root, name: &str) -> Session {
    let session = root.session("ag", name, now()).unwrap();
    session.message(&Message::chat("m", ago(MINUTES))).unwrap();
    session
}

async fn hung(rig: &Rig, root: &Root) -> String {
    let session = root.session("ag", "hung", now()).unwrap();
    session.message(&Message::chat("m-old", now())).unwrap();
    let id = rig.nanoclaw(&session, "--behave=hang-after-claim");
    until("it claims", || session.acks().is_ok_and(|acks| acks.len() == 1)).await;
    session.message(&Message::chat("m-young", now())).unwrap();
    id
}

fn newest_claim(root: &Root) -> Timestamp {
    let acks = session(root, "hung").acks().unwrap();
    sweepd_decide::parse_utc(&acks[0].status_changed).unwrap().plus(Span::from_secs(1))
}

async fn idle(rig: &Rig, root: &Root) -> String {
    let session = root.session("ag", "idle", now()).unwrap();
    let id = rig.nanoclaw(&session, "--behave=idle");
    until("it beats", || session.heartbeat_at().unwrap().is_some()).await;
    id
}

async fn bash(rig: &Rig, root: &Root) -> String {
    let session = message(root, "bash");
    let id = rig.nanoclaw(&session, "--behave=long-bash --declare-ms=600000 --work-ms=100");
    let called = |row: Option<Tool>| row.is_some_and(|tool| tool.current_tool.is_some());
    until("it calls Bash", || session.tool_row().is_ok_and(called)).await;
    id
}

/// A claim whose agent is gone; its message is due.
fn orphan(root: &Root, name: &str, tries: i64) {
    let session = root.session("ag", name, now()).unwrap();
    let message = Message { tries: Some(tries), ..Message::chat("m", ago(MINUTES)) };
    session.message(&message).unwrap();
    session.claim("m", ago(MINUTES)).unwrap();
}

/// Sessions in which nothing runs and nothing is to be woken.
fn at_rest(root: &Root) {
    let rescheduled = root.session("ag", "rescheduled", now()).unwrap();
    let later = now().plus(Span::from_mins(60));
    rescheduled.message(&Message::task("m", ago(MINUTES), later)).unwrap();
    rescheduled.claim("m", ago(MINUTES)).unwrap();

    let answered = message(root, "answered");
    answered.claim("m", ago(MINUTES)).unwrap();
    let output = Output::chat("out-1", Some("m"), ago(Span::from_mins(9)));
    answered.output(&output).unwrap();

    message(root, "acked").ack("m", "completed", ago(MINUTES)).unwrap();
    message(root, "refused").ack("m", "failed", ago(MINUTES)).unwrap();

    let series = root.session("ag", "series", now()).unwrap();
    let task = Message::task("m", ago(MINUTES), ago(MINUTES));
    let recurs = Some("30 4 1 1 *".to_owned());
    series.message(&Message { recurrence: recurs, ..task }).unwrap();
    series.ack("m", "completed", ago(MINUTES)).unwrap();

    let broken = message(root, "broken");
    std::fs::write(broken.outbound_path(), "no database at all").unwrap();
}

const MINUTES: Span = Span::from_mins(10);
