//! The installation: an image, a NanoClaw directory, a configuration, the daemon itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use agent_sim::fixture::Root;
use rustix::process::{Pid, Signal, getgid, getuid, kill_process};
use sweepd_tests::image::{self, Image};
use tokio::process::Child;

use crate::actor::Actor;
use crate::cast::Part;
use crate::clock::now;

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"

    [docker]
    host = "ENGINE"

    [sweep]
    interval = "1m"

    [policy]
    ceiling = "60s"
    claim-tolerance = "20s"
    silence = "40s"
    silence-action = "stop"
    start-deadline = "25s"
    never-beat = "60s"
    unclaimed = "45s"
    idle-stop = "5m"

    [[agent]]
    match = "nanoclaw/ag/idle-*"
    idle-stop = "45s"

    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"

    [source.wake]
    kind = "docker"
    image = "IMAGE"
    entrypoint = ["/bin/busybox", "sh", "-c"]
    command = ["exec /bin/agent-sim --poll-ms 500 --beat-ms 500 $(/bin/busybox cat /workspace/args)"]
    user = "USER"

    [[sink]]
    kind = "webhook"
    url = "HOOK"
"#;

/// Everything the run needs on this host. Its files stay until the next run; its containers and
/// its image go with it.
#[derive(Debug)]
pub(crate) struct Site {
    dir: PathBuf,
    engine: String,
    image: Image,
    root: Root,
}

impl Site {
    pub(crate) fn new() -> Self {
        image::rebuild();
        let program = image::program("sweepd");
        let dir = program.ancestors().nth(2).unwrap().join("soak");
        // There may be none yet.
        drop(std::fs::remove_dir_all(&dir));
        std::fs::create_dir_all(&dir).unwrap();
        let engine = engine();
        let image = Image::import(&engine, &format!("sweepd-soak:{}", std::process::id()));
        let root = Root::create(dir.join("nanoclaw"), now()).unwrap();
        Self { dir, engine, image, root }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn engine(&self) -> &str {
        &self.engine
    }

    pub(crate) fn image(&self) -> &str {
        self.image.name()
    }

    /// Where the daemon logs to.
    pub(crate) fn log(&self) -> PathBuf {
        self.dir.join("daemon.log")
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.dir.join("state/sweepd.db")
    }

    /// A session for each part.
    pub(crate) fn enlist(&mut self, cast: &[Part]) -> Vec<(Actor, Part)> {
        let enlist = |part: &Part| {
            let session = self.root.session("ag", part.name, now()).unwrap();
            (Actor::new(part, session), *part)
        };
        cast.iter().map(enlist).collect()
    }

    /// Starts `sweepd run`.
    pub(crate) fn start(&self) -> Daemon {
        let log = std::fs::File::create(self.log()).unwrap();
        let mut sweepd = tokio::process::Command::new(image::program("sweepd"));
        sweepd.arg("run").env_clear().env("HOME", &self.dir).env("TZ", "UTC");
        sweepd.current_dir(&self.dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Daemon(sweepd.kill_on_drop(true).spawn().unwrap())
    }

    /// Writes the configuration; who is told is at `hook`.
    pub(crate) fn configure(&self, hook: &str) {
        let text = CONFIG
            .replace("HERE", &self.dir.display().to_string())
            .replace("IMAGE", self.image())
            .replace("ENGINE", &self.engine)
            .replace("HOOK", hook)
            .replace("USER", &format!("{}:{}", getuid().as_raw(), getgid().as_raw()));
        std::fs::write(self.dir.join("sweepd.toml"), text).unwrap();
    }

    fn docker(&self, args: &[&str]) -> String {
        let mut docker = Command::new("timeout");
        docker.args(["120", "docker", "-H", &self.engine]).args(args);
        let output = docker.output().map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&output).into_owned()
    }
}

/// Also when the run fails. Only containers of this run's own image are removed.
impl Drop for Site {
    fn drop(&mut self) {
        let filter = format!("ancestor={}", self.image());
        let left = self.docker(&["ps", "-aq", "--no-trunc", "--filter", &filter]);
        let left: Vec<&str> = left.split_whitespace().collect();
        if !left.is_empty() {
            self.docker(&[&["rm", "-fv"], left.as_slice()].concat());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "where the engine is")]
fn engine() -> String {
    let named = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
    named.unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned())
}

/// `sweepd run`; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Daemon(Child);

impl Daemon {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id().unwrap()
    }

    /// SIGTERM: the exit code. `None`: it was ended by a signal, or ran no more.
    pub(crate) async fn terminate(&mut self) -> Option<i32> {
        let pid = self.0.id().and_then(|id| Pid::from_raw(id.try_into().ok()?))?;
        kill_process(pid, Signal::TERM).ok()?;
        self.0.wait().await.ok()?.code()
    }
}
