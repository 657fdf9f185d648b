//! A real engine for one test: an image, containers, and everything of it gone at the end.
//!
//! Only containers that carry this rig's label or mount something of its directory are removed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use agent_sim::fixture::Session;
use rustix::process::{getgid, getuid};
use sweepd_decide::{Timestamp, parse_utc};
use sweepd_tests::image::{self, Image};
use tempfile::TempDir;

/// One test's share of an engine.
#[derive(Debug)]
pub(crate) struct Rig {
    host: String,
    tag: String,
    count: AtomicUsize,
    dir: TempDir,
    image: Image,
}

/// A container's state, as the engine tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) started_at: String,
}

impl Rig {
    /// On the engine of this host. `None`, and a line on standard error, where there is none; a
    /// failure where one is required, by the word `docker` in `SWEEPD_REQUIRE`.
    pub(crate) fn new() -> Option<Self> {
        let host = env("DOCKER_HOST").unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned());
        let version = docker(&host, &["version", "--format", "{{.Server.Version}}"]);
        if !version.status.success() {
            let words = String::from_utf8_lossy(&version.stderr).trim().to_owned();
            return skipped(&format!("no Docker engine at {host}: {words}"));
        }
        match image::missing() {
            Some(missing) => skipped(missing),
            None => Some(Self::on(&host)),
        }
    }

    /// On the engine that listens at `host`.
    pub(crate) fn on(host: &str) -> Self {
        let n = RIGS.fetch_add(1, Ordering::Relaxed);
        let tag = format!("e2e-{}-{n}", std::process::id());
        let image = Image::import(host, &format!("sweepd-test-agent:{tag}"));
        let dir = TempDir::new().unwrap();
        Self { host: host.to_owned(), tag, count: AtomicUsize::new(0), dir, image }
    }

    /// `unix://` and the engine's socket.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// What its containers' label says.
    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    /// The image with the test agent.
    pub(crate) fn image(&self) -> &str {
        self.image.name()
    }

    /// A directory for this test's files, canonical.
    pub(crate) fn dir(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    /// Who owns what containers write, as `--user` has it: whoever runs the test.
    pub(crate) fn user() -> String {
        format!("{}:{}", getuid().as_raw(), getgid().as_raw())
    }

    /// A container name that nobody else has.
    pub(crate) fn name(&self) -> String {
        format!("sweepd-test-{}-{}", self.tag, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Starts an agent as NanoClaw's own process does: the full id.
    pub(crate) fn nanoclaw(&self, session: &Session, agent: &str) -> String {
        self.nanoclaw_at(session.dir(), agent)
    }

    /// The same with the session's directory by another path.
    pub(crate) fn nanoclaw_at(&self, dir: &Path, agent: &str) -> String {
        self.agent(&["--rm", "--label", "nanoclaw-install=0a1b2c3d"], dir, agent)
    }

    /// Starts an agent that is not removed when it ends: the full id.
    pub(crate) fn agent(&self, options: &[&str], dir: &Path, agent: &str) -> String {
        let bind = format!("{}:/workspace", dir.display());
        let shell = format!("exec /bin/agent-sim --poll-ms 200 --beat-ms 100 {agent}");
        self.run(&[options, &["-v", &bind]].concat(), &shell)
    }

    /// `docker run -d` of a shell script, with this rig's label: the full id.
    pub(crate) fn run(&self, options: &[&str], script: &str) -> String {
        let (label, user, name) = (format!("{LABEL}={}", self.tag), Self::user(), self.name());
        let ours = ["run", "-d", "--label", &label, "--user", &user];
        let network = if options.contains(&"--network") { vec![] } else { vec!["--network=none"] };
        let named = if options.contains(&"--name") { vec![] } else { vec!["--name", &name] };
        let what = ["--entrypoint", "/bin/busybox", self.image(), "sh", "-c", script];
        self.docker(&[&ours, network.as_slice(), &named, options, &what].concat())
    }

    /// One command of the `docker` program, which has to succeed: its output.
    pub(crate) fn docker(&self, args: &[&str]) -> String {
        let Output { status, stdout, stderr } = docker(&self.host, args);
        assert!(status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap().trim().to_owned()
    }

    /// How a container stands; `None` if there is no such one.
    pub(crate) fn standing(&self, id: &str) -> Option<Standing> {
        let format = "{{.Id}} {{.State.Status}} {{.State.StartedAt}}";
        let seen = docker(&self.host, &["container", "inspect", "-f", format, id]);
        let words = String::from_utf8_lossy(&seen.stderr).to_lowercase();
        if !seen.status.success() && words.contains("no such container") {
            return None;
        }
        assert!(seen.status.success(), "inspect {id}: {words}");
        let text = String::from_utf8(seen.stdout).unwrap();
        let mut words = text.split_whitespace().map(str::to_owned);
        let mut word = || words.next().unwrap();
        Some(Standing { id: word(), status: word(), started_at: word() })
    }

    /// Whether a container runs.
    pub(crate) fn runs(&self, id: &str) -> bool {
        self.standing(id).is_some_and(|seen| seen.status == "running")
    }

    /// When a container was started, to the millisecond.
    pub(crate) fn started(&self, id: &str) -> Timestamp {
        parse_utc(&self.standing(id).unwrap().started_at).unwrap()
    }

    /// The containers, in any state, with this directory at `/workspace`; newest first.
    pub(crate) fn of(&self, session: &Session) -> Vec<String> {
        let dir = session.dir().canonicalize().unwrap();
        self.mounting(&|source| source == dir)
    }

    /// The same, which has to be one.
    pub(crate) fn only(&self, session: &Session) -> String {
        let found = self.of(session);
        assert_eq!(found.len(), 1, "{}: {found:?}", session.dir().display());
        found.concat()
    }

    /// How all of this test's containers stand, oldest last.
    pub(crate) fn all(&self) -> Vec<Standing> {
        let dir = self.dir();
        let found = self.mounting(&|source| source.starts_with(&dir));
        found.iter().filter_map(|id| self.standing(id)).collect()
    }

    /// What a container is made of, as the engine tells it: without what it is given for a name,
    /// and without our own labels.
    pub(crate) fn made_of(&self, id: &str) -> serde_json::Value {
        let seen = self.docker(&["container", "inspect", id]);
        let mut seen: serde_json::Value = serde_json::from_str(&seen).unwrap();
        let mut taken = |path: &str| seen.pointer_mut(path).map(serde_json::Value::take);
        let mut config = taken("/0/Config").unwrap();
        config["Hostname"].take();
        let labels = config["Labels"].as_object_mut().unwrap();
        labels.retain(|label, _| label == LABEL || !label.starts_with("sweepd."));
        let mut host = taken("/0/HostConfig").unwrap();
        // The same by another name: all is mounted by the Mounts API.
        host["Binds"].take();
        host.as_object_mut().unwrap().remove("Mounts");
        let mut mounts = taken("/0/Mounts").unwrap();
        for mount in mounts.as_array_mut().unwrap() {
            mount["Mode"].take();
        }
        serde_json::json!({ "config": config, "host": host, "mounts": mounts })
    }

    /// Removes volumes, as far as they are there and nobody has them.
    pub(crate) fn forget(&self, volumes: &[String]) {
        let dead = format!("label={LABEL}={}", self.tag);
        let left = docker(&self.host, &["ps", "-aq", "--no-trunc", "--filter", &dead]);
        let left = String::from_utf8_lossy(&left.stdout).into_owned();
        let ids: Vec<&str> = left.split_whitespace().collect();
        if !ids.is_empty() {
            drop(docker(&self.host, &[&["rm", "-f"], ids.as_slice()].concat()));
        }
        let names: Vec<&str> = volumes.iter().map(String::as_str).collect();
        drop(docker(&self.host, &[&["volume", "rm", "-f"], names.as_slice()].concat()));
    }

    fn mounting(&self, wanted: &dyn Fn(&Path) -> bool) -> Vec<String> {
        let format = "{{.ID}} {{.Mounts}}";
        let listed = docker(&self.host, &["ps", "-a", "--no-trunc", "--format", format]);
        let text = String::from_utf8(listed.stdout).unwrap();
        let mounts = |row: &str| {
            let (id, mounts) = row.split_once(' ')?;
            let source =
                |path: &str| Path::new(path).canonicalize().unwrap_or_else(|_| path.into());
            mounts.split(',').any(|path| wanted(&source(path))).then(|| id.to_owned())
        };
        text.lines().filter_map(mounts).collect()
    }
}

/// Also when the test fails. What cannot be removed is no second failure.
impl Drop for Rig {
    fn drop(&mut self) {
        let dir = self.dir();
        let filter = format!("label={LABEL}={}", self.tag);
        let labeled = docker(&self.host, &["ps", "-aq", "--no-trunc", "--filter", &filter]);
        let labeled = String::from_utf8_lossy(&labeled.stdout).into_owned();
        let mut left = self.mounting(&|source| source.starts_with(&dir));
        left.extend(labeled.split_whitespace().map(str::to_owned));
        if !left.is_empty() {
            let ids: Vec<&str> = left.iter().map(String::as_str).collect();
            drop(docker(&self.host, &[&["rm", "-fv"], ids.as_slice()].concat()));
        }
    }
}

/// Says so past the harness, which hides what passing tests print.
pub(crate) fn skipped<T>(missing: &str) -> Option<T> {
    let required = env("SWEEPD_REQUIRE").is_some_and(|all| all.contains("docker"));
    assert!(!required, "{missing}");
    std::io::stderr().write_all(format!("skipped: {missing}\n").as_bytes()).unwrap();
    None
}

fn docker(host: &str, args: &[&str]) -> Output {
    // An engine that hangs must not hang the test.
    let words = ["60", "docker", "-H", host];
    Command::new("timeout").args(words).args(args).output().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "where the engine is, and whether it has to be")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How many rigs this process has made.
static RIGS: AtomicUsize = AtomicUsize::new(0);

const LABEL: &str = "sweepd.test";
