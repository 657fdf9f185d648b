//! Twenty sessions, agents of eight kinds, and a host that writes messages.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use agent_sim::fixture::{Message, Session};
use sweepd_decide::{Span, Timestamp};

use super::super::host::{Host, now};
use super::super::program;
use super::super::wait::pause;
use super::dice::Dice;

/// How many retries a message has.
pub(super) const TRIES: i64 = 2;

/// Kind; how many; how its agent is called, in a shell that knows the how many-th start this is.
const KINDS: [(&str, usize, &str); 8] = [
    ("well", 6, "set --"),
    // Stopped whenever it has nothing to do.
    ("brief", 4, "set --"),
    ("slow", 4, "set -- --work-ms 1500"),
    // Every other life ends amid a message, the others when there is nothing to do.
    ("dying", 2, "[ $((n % 2)) = 0 ] || set -- --behave crash-mid-message=7 --work-ms 200"),
    ("poison", 1, "set -- --behave crash-mid-message=7 --work-ms 200"),
    ("hangs", 1, "set -- --behave hang-after-claim"),
    // Every other one is silent and does not hear SIGTERM.
    (
        "deaf",
        1,
        "[ $((n % 2)) = 0 ] || set -- --behave ignore-term --work-ms 600000 --beat-ms 600000",
    ),
    ("fails", 1, "set -- --behave fail-ack"),
];

const POLICY: &str = r#"
[policy]
claim-tolerance = "3s"
silence = "4s"
silence-action = "stop"
confirmation-gap = "200ms"
[policy.retry]
max-tries = 2
base = "1s"
cap = "1s"
[policy.wake-backoff]
base = "100ms"
cap = "500ms"
[policy.poison]
base = "100ms"
cap = "200ms"
[[agent]]
match = "nanoclaw/ag-1/brief-*"
idle-stop = "1s"
[[agent]]
match = "nanoclaw/ag-1/dying-*"
idle-stop = "1s"
"#;

const WAKE: &str =
    "[source.wake]\nkind = \"process\"\nargv = [\"/bin/sh\", \"{session_dir}/start\"]\n";

/// Each start is written down. A lock that lives as long as the agent tells of two at once.
const START: &str = r#"cd HERE || exit 90
exec 9>>alive
/usr/bin/flock -n 9 || echo $$ >> doubles
echo $$ >> starts
n=$(/usr/bin/wc -l < starts)
set --
HOW
exec AGENT --workspace HERE --poll-ms 40 --work-ms 20 --beat-ms 50 "$@"
"#;

pub(super) struct Herd {
    pub(super) host: Host,
    pub(super) sessions: BTreeMap<String, Session>,
    /// Every message that was written, by session.
    pub(super) fed: BTreeMap<String, Vec<String>>,
    /// Sessions by how often they are written to.
    often: Vec<String>,
}

impl Herd {
    pub(super) fn gather() -> Self {
        let host = Host::new();
        host.configure("enforce", POLICY, WAKE);
        let (mut sessions, mut often) = (BTreeMap::new(), Vec::new());
        for (kind, count, how) in KINDS {
            for n in 0..count {
                let name = format!("{kind}-{n}");
                let session = host.session(&name);
                write_start(&session, how);
                let times = if ["well", "brief", "slow"].contains(&kind) { 3 } else { 1 };
                often.extend(std::iter::repeat_n(name.clone(), times));
                sessions.insert(name, session);
            }
        }
        assert_eq!(sessions.len(), 20);
        Self { host, sessions, fed: BTreeMap::new(), often }
    }

    /// Writes messages until then.
    pub(super) fn feed_until(&mut self, until: Timestamp, dice: &mut Dice) {
        loop {
            let left = until.since(now()).as_millis();
            let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else { return };
            let next = 20 + dice.roll(80);
            pause(Duration::from_millis(left.min(next)));
            if next <= left {
                self.feed(dice);
            }
        }
    }

    /// Writes one message as NanoClaw's host does; one in five is a task for later.
    pub(super) fn feed(&mut self, dice: &mut Dice) {
        let name = self.often[dice.place(self.often.len())].clone();
        self.write_to(&name, dice);
    }

    /// Writes to those whose agents are down most of the time, so that many are woken at once.
    pub(super) fn rouse(&mut self, dice: &mut Dice) {
        let down = |name: &&String| name.starts_with("brief") || name.starts_with("dying");
        let names: Vec<String> = self.sessions.keys().filter(down).cloned().collect();
        for name in &names {
            self.write_to(name, dice);
        }
    }

    fn write_to(&mut self, name: &str, dice: &mut Dice) {
        let fed = self.fed.entry(name.to_owned()).or_default();
        let (id, at) = (format!("{name}-m{}", fed.len()), now());
        let later = at.plus(Span::from_millis(i64::try_from(dice.roll(2000)).unwrap()));
        let is_task = dice.roll(5) == 0;
        let message = if is_task { Message::task(&id, at, later) } else { Message::chat(&id, at) };
        self.sessions[name].message(&message).unwrap();
        fed.push(id);
    }

    /// How many messages are not over, by session. A database whose last write was cut off cannot
    /// be read until somebody who may write has rolled that back: one, at least.
    pub(super) fn lying(&self) -> BTreeMap<&str, usize> {
        let is_lying = |row: &&Message| row.status.as_deref() == Some("pending");
        let lying = |session: &Session| {
            session.messages().map_or(1, |rows| rows.iter().filter(is_lying).count())
        };
        let all = self.sessions.iter().map(|(name, session)| (name.as_str(), lying(session)));
        all.filter(|(_, count)| *count > 0).collect()
    }

    pub(super) fn left(&self) -> usize {
        self.lying().values().sum()
    }

    pub(super) fn nobody_runs_twice(&self) {
        let agents = self.host.agents();
        for session in self.sessions.values() {
            let dir = session.dir().display().to_string();
            let own: Vec<_> = agents.iter().filter(|one| one.words.contains(&dir)).collect();
            assert!(own.len() <= 1, "two agents at once: {own:?}");
        }
    }
}

fn write_start(session: &Session, how: &str) {
    let here = session.dir().display().to_string();
    let agent = program::agent().display().to_string();
    let text = START.replace("HERE", &here).replace("AGENT", &agent).replace("HOW", how);
    let path = session.dir().join("start");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
