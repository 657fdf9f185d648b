//! Files that hold credentials, and an engine that watches them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use agent_sim::fixture::{Message, Root, Session};
use serde_json::{Value, json};
use sweepd_credentials::{Kind, Step};
use sweepd_decide::{AgentId, CredentialPolicy, Span, Timestamp};
use sweepd_store::nanoclaw;
use sweepd_store::state::StateDb;
use sweepd_sweep::adapters::{
    CredentialFiles, FileCredentials, NanoclawSource, SqliteState, Writable,
};
use sweepd_sweep::ports::{Clock as _, Incident, State as _};
use sweepd_sweep::sim::{ManualClock, SimRuntime, SimWaker};
use sweepd_sweep::{Engine, Mode, Options, SourceSetup};
use tempfile::TempDir;

/// 2026-11-27 10:00:00 UTC.
const START: Timestamp = Timestamp::from_millis(1_795_773_600_000);

pub(super) struct Rig {
    dir: TempDir,
    root: Root,
    pub(super) clock: Arc<ManualClock>,
    pub(super) runtime: SimRuntime,
    pub(super) step: Option<Step>,
    pub(super) mode: Mode,
    pub(super) dry_run: bool,
    /// One for all calls, as in a daemon.
    files: OnceLock<Arc<FileCredentials>>,
}

impl Rig {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::create(dir.path().join("root"), START).unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let runtime = SimRuntime::new(Arc::clone(&clock));
        Self {
            dir,
            root,
            clock,
            runtime,
            step: None,
            mode: Mode::Enforce,
            dry_run: false,
            files: OnceLock::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn session(&self, group: &str) -> Session {
        self.root.session(group, "s", START).unwrap()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn file(&self, group: &str) -> PathBuf {
        self.path(&format!("root/data/v2-sessions/{group}/claude.json"))
    }

    /// An account's token for a group, good for so long from now on.
    pub(super) fn token(&self, path: &Path, account: &str, good_for: Span) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let token = json!({
            "theme": "dark",
            "claudeAiOauth": {
                "accessToken": format!("PLANTED-{account}-{}", good_for.as_millis()),
                "refreshToken": format!("PLANTED-{account}"),
                "expiresAt": self.now().plus(good_for).as_millis(),
            },
        });
        std::fs::write(path, token.to_string()).unwrap();
    }

    fn state(&self) -> SqliteState {
        SqliteState::new(Some(StateDb::open(&self.path("state"), self.now()).unwrap()))
    }

    /// A call of its own. The waker wakes whoever has work.
    pub(super) async fn sweep(&self) {
        self.call(true).await;
    }

    /// The same, by a configuration that names no credentials.
    pub(super) async fn sweep_unwatched(&self) {
        self.call(false).await;
    }

    async fn call(&self, watched: bool) {
        let nanoclaw = Arc::new(nanoclaw::Root::open(self.root.path()).unwrap());
        let source = NanoclawSource::new("nanoclaw", nanoclaw);
        let homes = self.homes();
        let waker = SimWaker::new(self.runtime.clone(), homes);
        let mut setup =
            SourceSetup::new(Arc::new(source), Arc::new(self.runtime.clone()), Arc::new(waker));
        setup.mode = self.mode;
        let mut options = Options::default();
        (options.mode, options.dry_run) = (self.mode, self.dry_run);
        let state = Arc::new(self.state());
        let mut engine = Engine::new(self.clock.clone(), state, "0123456789", vec![setup], options);
        if watched {
            engine = engine.with_credentials(self.credentials());
        }
        let report = engine.sweep().await.unwrap();
        assert!(report.trouble.is_empty(), "{:?}", report.trouble);
    }

    fn credentials(&self) -> Arc<FileCredentials> {
        let files = || CredentialFiles {
            kind: Kind::ClaudeOauth,
            pattern: self.file("*").display().to_string(),
            policy: CredentialPolicy::default(),
            step: self.step.clone(),
            writable: Writable { elsewhere: self.mode != Mode::Observe, ..Writable::default() },
        };
        let made = self.files.get_or_init(|| Arc::new(FileCredentials::new(vec![files()])));
        Arc::clone(made)
    }

    fn homes(&self) -> BTreeMap<AgentId, PathBuf> {
        let sessions = std::fs::read_dir(self.path("root/data/v2-sessions")).unwrap();
        let home = |entry: std::io::Result<std::fs::DirEntry>| {
            let entry = entry.unwrap();
            let group = entry.file_name().to_string_lossy().into_owned();
            let dir = entry.path().join("s");
            dir.is_dir().then(|| (AgentId::new(format!("nanoclaw/{group}/s")), dir))
        };
        sessions.filter_map(home).collect()
    }

    /// Somebody has work for the agent of a group.
    pub(super) fn work(&self, session: &Session) {
        session.message(&Message::chat("m-1", self.now())).unwrap();
    }

    /// What is wrong with credentials.
    pub(super) async fn open(&self) -> Vec<Incident> {
        let open = self.state().incidents().await.unwrap();
        let mut open: Vec<_> =
            open.into_iter().filter(|open| open.key.starts_with("credential:")).collect();
        open.sort_by(|a, b| a.key.cmp(&b.key));
        open
    }

    /// The same in words, with `HERE` for this rig's directory.
    pub(super) async fn words(&self) -> Vec<String> {
        let here = self.dir.path().display().to_string();
        let open = self.open().await.into_iter();
        open.map(|open| format!("{:?} {}", open.severity, open.summary.replace(&here, "HERE")))
            .collect()
    }

    pub(super) fn events(&self, kind: &str) -> Vec<Value> {
        let db = StateDb::open_read_only(&self.path("state")).unwrap().unwrap();
        let events = db.events(0, None, 100_000).unwrap();
        let of = events.into_iter().filter(|event| event.kind == kind);
        of.map(|event| serde_json::from_str(&event.data).unwrap()).collect()
    }
}
