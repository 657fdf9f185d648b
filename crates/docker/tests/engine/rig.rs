//! A real engine with an image of our own, and everything made with it gone at the end.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sweepd_decide::Timestamp;
use sweepd_docker::{Client, Error, Inspected, Options, Spec, Version};
use tempfile::TempDir;

/// One test's share of the engine. Containers carry its tag as a label, and go with it.
pub(crate) struct Rig {
    pub(crate) client: Client,
    pub(crate) dir: TempDir,
    engine: Version,
    tag: String,
    count: AtomicUsize,
    /// Commands of the `docker` program for what carries no label of its own.
    at_end: Mutex<Vec<Vec<String>>>,
}

impl Rig {
    /// `None`, and a line on standard error, where there is no engine. Where one is required, by
    /// the word `docker` in `SWEEPD_REQUIRE`, that is a failure.
    pub(crate) async fn new() -> Option<Self> {
        let host = env("DOCKER_HOST").unwrap_or_else(|| Options::default().host);
        let (client, engine) = match engine(&host).await {
            Ok(there) => there,
            Err(missing) => {
                let required = env("SWEEPD_REQUIRE").is_some_and(|all| all.contains("docker"));
                assert!(!required, "{missing}");
                // Past the harness, which hides what passing tests print.
                let mut visible = std::io::stderr();
                visible.write_all(format!("skipped: {missing}\n").as_bytes()).unwrap();
                return None;
            }
        };
        let n = RIGS.fetch_add(1, Ordering::Relaxed);
        let tag = format!("{}-{n}", std::process::id());
        let dir = tempfile::tempdir().unwrap();
        let (count, at_end) = (AtomicUsize::new(0), Mutex::default());
        let rig = Self { client, dir, engine, tag, count, at_end };
        rig.import();
        Some(rig)
    }

    /// Who answers. What Podman does otherwise is in `docs/reference/engines.md`.
    pub(crate) fn engine(&self) -> &Version {
        &self.engine
    }

    pub(crate) fn image(&self) -> String {
        format!("sweepd-test-busybox:{}", self.tag)
    }

    /// An image of ours by the name that the engine tells: Podman tells names in full.
    pub(crate) fn shown(&self, image: &str) -> String {
        let registry = if self.engine.is_podman() { "docker.io/library/" } else { "" };
        format!("{registry}{image}")
    }

    /// A name nobody else has.
    pub(crate) fn name(&self) -> String {
        format!("sweepd-test-{}-{}", self.tag, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// The label of everything made here, as `key=value`.
    pub(crate) fn label(&self) -> String {
        format!("{LABEL}={}", self.tag)
    }

    /// A container that runs `script`.
    pub(crate) fn spec(&self, script: &str) -> Spec {
        Spec {
            name: self.name(),
            image: self.image(),
            command: Some(["sh", "-c", script].map(str::to_owned).to_vec()),
            labels: BTreeMap::from([(LABEL.to_owned(), self.tag.clone())]),
            network: Some("none".to_owned()),
            ..Spec::default()
        }
    }

    /// Starts `script` and gives the container's id.
    pub(crate) async fn start(&self, script: &str) -> String {
        self.client.start(&self.spec(script)).await.unwrap().id
    }

    /// Starts `script`, which says `ready` when it is.
    pub(crate) async fn start_ready(&self, script: &str) -> String {
        let id = self.start(script).await;
        self.until_logged(&id, "ready").await;
        id
    }

    /// Waits until the container has written this line.
    pub(crate) async fn until_logged(&self, id: &str, line: &str) {
        until(async || {
            let logs = self.client.logs_tail(id, 100, 10_000).await.unwrap();
            logs.lines.iter().any(|logged| logged.text == line).then_some(())
        })
        .await;
    }

    /// Waits until the container looks like this.
    pub(crate) async fn until_seen(
        &self,
        id: &str,
        like: impl Fn(&Inspected) -> bool,
    ) -> Inspected {
        until(async || match self.client.inspect(id).await {
            // Podman cannot describe a container while its process is on its way out.
            Err(Error::Refused { status: 500, .. }) if self.engine.is_podman() => None,
            seen => Some(seen.unwrap()).filter(&like),
        })
        .await
    }

    /// `docker run -d` for what no `Spec` can say: `options`, then `sh -c script`.
    pub(crate) fn run(&self, options: &[&str], script: &str) -> String {
        let (label, image) = (self.label(), self.image());
        let mut args = vec!["run", "-d", "--network=none", "--label", &label];
        args.extend(options);
        args.extend([image.as_str(), "sh", "-c", script]);
        self.docker(&args)
    }

    /// One command of the `docker` program, which has to succeed: its output.
    pub(crate) fn docker(&self, args: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.try_docker(args);
        assert!(status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap().trim().to_owned()
    }

    /// Whether one command of the `docker` program succeeds.
    pub(crate) fn tries(&self, args: &[&str]) -> bool {
        self.try_docker(args).status.success()
    }

    /// A command for the end, after the containers are gone, the last one first. It may fail.
    pub(crate) fn at_end(&self, args: &[&str]) {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        self.at_end.lock().unwrap().push(args);
    }

    /// Another image with the same content, by this name, and changed as a Dockerfile would.
    pub(crate) fn import_as(&self, image: &str, changes: &[&str]) -> String {
        self.at_end(&["rmi", "-f", image]);
        let archive = self.dir.path().join("root.tar");
        // Podman refuses a health check here: the image then says nothing of one.
        let taken =
            |change: &&&str| !(self.engine.is_podman() && change.starts_with("HEALTHCHECK"));
        let mut args = vec!["import"];
        args.extend(changes.iter().filter(taken).flat_map(|change| ["--change", change]));
        args.extend([archive.to_str().unwrap(), image]);
        // Podman says the id twice.
        let id = self.docker(&args);
        id.rsplit(' ').next().unwrap_or(&id).to_owned()
    }

    fn try_docker(&self, args: &[&str]) -> Output {
        Command::new("docker").args(["-H", self.client.host()]).args(args).output().unwrap()
    }

    /// An image of nothing but a static busybox. It shares no layer with the images of others:
    /// Podman may lose one that is removed and added at the same time.
    fn import(&self) {
        let (root, archive) = (self.dir.path().join("root"), self.dir.path().join("root.tar"));
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::copy(BUSYBOX, root.join("bin/busybox")).unwrap();
        std::fs::write(root.join("tag"), &self.tag).unwrap();
        for applet in ["sh", "sleep", "cat", "head", "id", "touch", "true", "hostname"] {
            symlink("busybox", root.join("bin").join(applet)).unwrap();
        }
        let tar = |path: PathBuf| path.into_os_string().into_string().unwrap();
        let (root, archive) = (tar(root), tar(archive));
        let packed = Command::new("tar").args(["-C", &root, "-cf", &archive, "."]).status();
        assert!(packed.unwrap().success());
        self.docker(&["import", &archive, &self.image()]);
    }
}

/// Also when the test fails. What cannot be removed is no second failure.
impl Drop for Rig {
    fn drop(&mut self) {
        let label = format!("label={}", self.label());
        let left = self.try_docker(&["ps", "-aq", "--no-trunc", "--filter", &label]);
        for id in String::from_utf8_lossy(&left.stdout).split_whitespace() {
            drop(self.try_docker(&["rm", "-fv", id]));
        }
        for args in self.at_end.lock().unwrap().iter().rev() {
            let args: Vec<_> = args.iter().map(String::as_str).collect();
            drop(self.try_docker(&args));
        }
        drop(self.try_docker(&["rmi", "-f", &self.image()]));
    }
}

/// The engine at `host`, or what is missing.
async fn engine(host: &str) -> Result<(Client, Version), String> {
    let none = |error: Error| format!("no Docker engine at {host}: {error}");
    let client = Client::connect(Options { host: host.to_owned(), ..patient() }).map_err(none)?;
    let version = client.version().await.map_err(none)?;
    if Path::new(BUSYBOX).exists() { Ok((client, version)) } else { Err(format!("no {BUSYBOX}")) }
}

/// Asks again and again until there is an answer.
pub(crate) async fn until<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let answer = async {
        loop {
            pace.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), answer).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the engine's own events are compared with it")]
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since_epoch.as_millis().try_into().unwrap())
}

/// Deadlines that a loaded machine keeps.
pub(crate) fn patient() -> Options {
    let long = Duration::from_secs(30);
    Options {
        list: long,
        inspect: long,
        logs: long,
        events: long,
        call: long,
        ..Options::default()
    }
}

#[expect(clippy::disallowed_methods, reason = "where the engine is, and whether it has to be")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How many rigs this process has made.
static RIGS: AtomicUsize = AtomicUsize::new(0);

const BUSYBOX: &str = "/bin/busybox";
const LABEL: &str = "sweepd.test";
