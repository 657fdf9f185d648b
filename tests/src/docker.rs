//! A real engine for tests: an image of our own, and everything made with it gone at the end.
//!
//! Only what carries this rig's tag is ever removed. Nothing of the engine itself is touched.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "test harness")]

use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sweepd_docker::{Client, Error, Options, Version, labels};
use tempfile::TempDir;

/// One test's share of the engine.
///
/// What is made through [`Rig::run`] carries its tag as a label, what wakers make carries
/// [`Rig::install`]; both go when it is dropped, also when the test fails.
#[derive(Debug)]
pub struct Rig {
    client: Client,
    engine: Version,
    dir: TempDir,
    tag: String,
    count: AtomicUsize,
}

impl Rig {
    /// `None`, and a line on standard error, where there is no engine. Where one is required, by
    /// the word `docker` in `SWEEPD_REQUIRE`, that is a failure.
    pub async fn new() -> Option<Self> {
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
        let tag = format!("it-{}-{n}", std::process::id());
        let (dir, count) = (TempDir::new().unwrap(), AtomicUsize::new(0));
        let rig = Self { client, engine, dir, tag, count };
        rig.import();
        Some(rig)
    }

    /// The engine.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Who answers. What Podman does otherwise is in `docs/reference/engines.md`.
    pub fn engine(&self) -> &Version {
        &self.engine
    }

    /// A directory for this test's files, canonical.
    pub fn dir(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    /// The image: a static busybox with `sh`, `sleep` and `touch`.
    pub fn image(&self) -> String {
        format!("sweepd-test-busybox:{}", self.tag)
    }

    /// A container name that nobody else has.
    pub fn name(&self) -> String {
        format!("sweepd-test-{}-{}", self.tag, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// The installation that wakers of this test label their containers with.
    pub fn install(&self) -> String {
        format!("sweepd-test-{}", self.tag)
    }

    /// `docker run -d` without a network, as `sh -c script`: the full id.
    pub fn run(&self, options: &[&str], script: &str) -> String {
        self.make(&["run", "-d"], options, script)
    }

    /// `docker create`: the full id of a container that was never started.
    pub fn create(&self, options: &[&str], script: &str) -> String {
        self.make(&["create"], options, script)
    }

    /// One command of the `docker` program, which has to succeed: its output.
    pub fn docker(&self, args: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.try_docker(args);
        assert!(status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap().trim().to_owned()
    }

    fn make(&self, verb: &[&str], options: &[&str], script: &str) -> String {
        let (label, image) = (format!("{LABEL}={}", self.tag), self.image());
        let mut args = [verb, &["--network=none", "--label", &label], options].concat();
        args.extend([image.as_str(), "sh", "-c", script]);
        self.docker(&args)
    }

    fn try_docker(&self, args: &[&str]) -> Output {
        Command::new("docker").args(["-H", self.client.host()]).args(args).output().unwrap()
    }

    /// It shares no layer with the images of others: Podman may lose one that is removed and added
    /// at the same time.
    fn import(&self) {
        let (root, archive) = (self.dir().join("root"), self.dir().join("root.tar"));
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::copy(BUSYBOX, root.join("bin/busybox")).unwrap();
        std::fs::write(root.join("tag"), &self.tag).unwrap();
        for applet in ["sh", "sleep", "touch"] {
            symlink("busybox", root.join("bin").join(applet)).unwrap();
        }
        let mut tar = Command::new("tar");
        let packed = tar.arg("-C").arg(&root).arg("-cf").arg(&archive).arg(".").status();
        assert!(packed.unwrap().success());
        self.docker(&["import", &archive.to_string_lossy(), &self.image()]);
    }
}

/// Also when the test fails. What cannot be removed is no second failure.
impl Drop for Rig {
    fn drop(&mut self) {
        let ours = [(LABEL, self.tag.clone()), (labels::INSTALL, self.install())];
        for (label, value) in ours {
            let filter = format!("label={label}={value}");
            let left = self.try_docker(&["ps", "-aq", "--no-trunc", "--filter", &filter]);
            for id in String::from_utf8_lossy(&left.stdout).split_whitespace() {
                drop(self.try_docker(&["rm", "-fv", id]));
            }
        }
        drop(self.try_docker(&["rmi", "-f", &self.image()]));
    }
}

/// Options for the engine at `host` with deadlines that a loaded machine keeps.
pub fn patient(host: &str) -> Options {
    let long = Duration::from_secs(30);
    Options {
        host: host.to_owned(),
        list: long,
        inspect: long,
        logs: long,
        events: long,
        call: long,
        ..Options::default()
    }
}

/// The engine at `host`, or what is missing.
async fn engine(host: &str) -> Result<(Client, Version), String> {
    let none = |error: Error| format!("no Docker engine at {host}: {error}");
    let client = Client::connect(patient(host)).map_err(none)?;
    let version = client.version().await.map_err(none)?;
    if Path::new(BUSYBOX).exists() { Ok((client, version)) } else { Err(format!("no {BUSYBOX}")) }
}

#[expect(clippy::disallowed_methods, reason = "where the engine is, and whether it has to be")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How many rigs this process has made.
static RIGS: AtomicUsize = AtomicUsize::new(0);

const BUSYBOX: &str = "/bin/busybox";
const LABEL: &str = "sweepd.test";
