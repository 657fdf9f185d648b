//! An engine of the test's own, to be stopped and frozen: everybody else's is left alone.
//!
//! In a network namespace of its own, since an engine without a bridge removes the host's. Gone
//! with the test, its containers first; its processes also when the test is killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, getuid, kill_process};
use tempfile::TempDir;

use super::rig::skipped;

/// A `dockerd`, and a `containerd` that goes on while the other is stopped.
#[derive(Debug)]
pub(crate) struct Engine {
    dir: TempDir,
    containerd: Child,
    dockerd: Child,
}

/// While this lives the engine does not run: it accepts connections, and answers nobody.
#[derive(Debug)]
#[must_use]
pub(crate) struct Frozen(Pid);

impl Engine {
    /// `None`, and a line on standard error, where there cannot be one.
    pub(crate) fn start() -> Option<Self> {
        if !getuid().is_root() {
            return skipped("an engine of our own needs root");
        }
        if let Some(missing) = [DOCKERD, CONTAINERD].iter().find(|path| !Path::new(path).exists()) {
            return skipped(&format!("no {missing}"));
        }
        let dir = TempDir::new().unwrap();
        let containerd = containerd(dir.path());
        let dockerd = dockerd(dir.path());
        let engine = Self { dir, containerd, dockerd };
        engine.answers();
        Some(engine)
    }

    /// `unix://` and its socket.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.path("docker.sock").display())
    }

    /// Ends it and leaves its containers running.
    pub(crate) fn stop(&mut self) {
        self.end(Pid::from_child(&self.dockerd));
        self.dockerd.wait().unwrap();
    }

    /// Starts it anew after [`Engine::stop`].
    pub(crate) fn restart(&mut self) {
        self.dockerd = dockerd(self.dir.path());
        self.answers();
    }

    /// SIGSTOP, until the answer is dropped.
    pub(crate) fn freeze(&self) -> Frozen {
        let pid = Pid::from_child(&self.dockerd);
        kill_process(pid, Signal::STOP).unwrap();
        Frozen(pid)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Waits until it answers.
    fn answers(&self) {
        let log = self.path("dockerd.log");
        assert!(self.shell(ANSWERS), "{}", std::fs::read_to_string(log).unwrap_or_default());
    }

    /// SIGTERM, and SIGKILL if that is not heard; returns when the process has ended.
    fn end(&self, pid: Pid) {
        let pid = pid.as_raw_nonzero();
        let ended = format!("grep -q '^State:.Z' /proc/{pid}/status || ! test -d /proc/{pid}");
        let politely =
            format!("for i in $(seq 200); do {ended} && exit; sleep 0.1; done; kill -9 {pid}");
        self.shell(&format!("kill {pid}; {politely}"));
    }

    /// A shell script with `docker` meaning this engine, within its deadline: whether it succeeded.
    fn shell(&self, script: &str) -> bool {
        let mut shell = Command::new("timeout");
        shell.args(["60", "sh", "-c", script]).env("DOCKER_HOST", self.host());
        shell.output().unwrap().status.success()
    }
}

fn containerd(dir: &Path) -> Child {
    let config = dir.join("containerd.toml");
    let text = "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n";
    std::fs::write(&config, text).unwrap();
    let options = [("config", "containerd.toml"), ("root", "images"), ("state", "tasks")];
    let socket = [("address", "containerd.sock")];
    spawn(dir, CONTAINERD, &[&options[..], &socket].concat(), &[])
}

fn dockerd(dir: &Path) -> Child {
    let options = [("data-root", "data"), ("exec-root", "exec"), ("pidfile", "pid")];
    let socket = [("containerd", "containerd.sock")];
    let host = format!("--host=unix://{}", dir.join("docker.sock").display());
    let flags = [&host, "--bridge=none", "--iptables=false", "--ip6tables=false", "--live-restore"];
    spawn(dir, DOCKERD, &[&options[..], &socket].concat(), &flags)
}

/// A program with paths below `dir` as its options, and flags.
fn spawn(dir: &Path, program: &str, paths: &[(&str, &str)], flags: &[&str]) -> Child {
    let name = Path::new(program).file_name().unwrap().to_string_lossy();
    let log = dir.join(format!("{name}.log"));
    let log = File::options().create(true).append(true).open(log).unwrap();
    // Both programs become what they start: one process, which dies with this test's thread.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "unshare", "--net", program]).args(flags);
    command.args(paths.iter().map(|(key, name)| format!("--{key}={}", dir.join(name).display())));
    command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}

/// Thawed also when the test fails.
impl Drop for Frozen {
    fn drop(&mut self) {
        kill_process(self.0, Signal::CONT).ok();
    }
}

/// Containers can only be removed by a living engine, and so it is revived for that.
impl Drop for Engine {
    fn drop(&mut self) {
        kill_process(Pid::from_child(&self.dockerd), Signal::CONT).ok();
        if !matches!(self.dockerd.try_wait(), Ok(None)) {
            self.dockerd = dockerd(self.dir.path());
        }
        self.shell(&format!("{ANSWERS}; docker ps -aq | xargs -r docker rm -fv"));
        for process in [&self.dockerd, &self.containerd] {
            self.end(Pid::from_child(process));
        }
        drop((self.dockerd.wait(), self.containerd.wait()));
        let dir = self.dir.path().display();
        self.shell(&format!("grep -o '{dir}/[^ ]*' /proc/mounts | sort -r | xargs -r umount"));
    }
}

const ANSWERS: &str = "until docker version >/dev/null 2>&1; do sleep 0.1; done";
const DOCKERD: &str = "/usr/sbin/dockerd";
const CONTAINERD: &str = "/usr/bin/containerd";
