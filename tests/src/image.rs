//! Where are the programs under test, and how does the test agent get into a container?
//!
//! In an image of our own: the agent, the libraries it names, and busybox. Nothing is pulled, and
//! no container is started here.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "test harness")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// An image with `/bin/agent-sim` and `/bin/busybox`, removed when it is dropped.
#[derive(Debug)]
pub struct Image {
    host: String,
    name: String,
}

impl Image {
    /// Imports it into the engine at `host` under `name`.
    pub fn import(host: &str, name: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let (root, archive) = (dir.path().join("root"), dir.path().join("root.tar"));
        let agent = program("agent-sim");
        put(&agent, &root.join("bin/agent-sim"));
        put(Path::new(BUSYBOX), &root.join("bin/busybox"));
        for library in libraries(&agent) {
            put(&library, &root.join(library.strip_prefix("/").unwrap()));
        }
        std::fs::create_dir(root.join("tmp")).unwrap();
        ran(Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&archive).arg("."));
        let image = Self { host: host.to_owned(), name: name.to_owned() };
        ran(image.docker().arg("import").arg(&archive).arg(name));
        image
    }

    /// Its name and tag.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn docker(&self) -> Command {
        // An engine that hangs must not hang the cleanup.
        let mut docker = Command::new("timeout");
        docker.args(["60", "docker", "-H", &self.host]);
        docker
    }
}

/// Also when the test fails. What cannot be removed is no second failure.
impl Drop for Image {
    fn drop(&mut self) {
        drop(self.docker().args(["rmi", "-f", &self.name]).output());
    }
}

/// What an image is missing on this machine, if anything.
pub fn missing() -> Option<&'static str> {
    (!Path::new(BUSYBOX).exists()).then_some("no /bin/busybox")
}

/// A program of the workspace, built like the test that asks. `cargo nextest run --workspace` has
/// built it; where it is missing it is built now.
pub fn program(name: &str) -> PathBuf {
    let profile = profile();
    let path = profile.join(name);
    if !path.exists() {
        build(&profile);
    }
    assert!(path.exists(), "{} was not built", path.display());
    path
}

/// Builds the programs, so that none of an earlier day is tested.
pub fn rebuild() {
    build(&profile());
}

/// Where programs are that were built like this one; tests lie a directory deeper.
fn profile() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let dir = own.parent().unwrap();
    if dir.ends_with("deps") { dir.parent().unwrap().to_owned() } else { dir.to_owned() }
}

fn build(profile: &Path) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--package", "sweepd", "--package", "agent-sim", "--target-dir"]);
    cargo.arg(profile.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    ran(&mut cargo);
}

/// The libraries that a program is linked with, as paths of this host; not the kernel's own.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let listed = ran(Command::new("ldd").arg(program));
    let text = String::from_utf8(listed.stdout).unwrap();
    let path =
        |line: &str| line.split_whitespace().find(|word| word.starts_with('/')).map(Into::into);
    text.lines().filter_map(path).collect()
}

fn put(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap();
}

fn ran(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {words}");
    output
}

const BUSYBOX: &str = "/bin/busybox";
