//! The program as it is called: which file it takes, what it says, how it ends.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use tempfile::TempDir;

/// A host of its own: an empty home, which is also the working directory.
struct Host(TempDir);

impl Host {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, args: &str) -> Command {
        let mut command = Command::cargo_bin("sweepd").unwrap();
        command.env_clear().env("HOME", self.path()).env("TZ", "Europe/Madrid");
        command.current_dir(self.path()).args(args.split_whitespace());
        command
    }

    /// Standard output and error, with the host's directory as `HOST`, and the exit code.
    fn run(&self, args: &str) -> (String, String, i32) {
        self.told(&self.command(args).assert())
    }

    fn told(&self, ended: &Assert) -> (String, String, i32) {
        let output = ended.get_output();
        let shown = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(&self.path().display().to_string(), "HOST")
        };
        (shown(&output.stdout), shown(&output.stderr), output.status.code().unwrap())
    }

    /// A configuration that nothing is wrong with, and what it needs.
    fn with_installation(self) -> Self {
        self.write("srv/data/v2.db", "");
        self.write("docker.sock", "");
        let here = self.path().display().to_string();
        self.write("sweepd.toml", &GOOD.replace("HERE", &here));
        self
    }
}

const GOOD: &str = r#"
mode = "observe"
state-dir = "HERE/state"
[docker]
host = "unix://HERE/docker.sock"
[[source]]
kind = "nanoclaw"
root = "HERE/srv"
mode = "enforce"
[source.wake]
kind = "docker"
image = "nanoclaw-agent:latest"
[[agent]]
match = "nanoclaw/ag-slow/*"
ceiling = "2h"
"#;

#[test]
fn a_good_file_is_ok_and_its_contents_are_summed_up() {
    let host = Host::new().with_installation();
    let (out, err, code) = host.run("config check");
    assert_eq!((err.as_str(), code), ("", 0));
    insta::assert_snapshot!(out);
}

#[test]
fn warnings_are_told_but_do_not_fail_the_check() {
    let host = Host::new().with_installation();
    let text = fs::read_to_string(host.path().join("sweepd.toml")).unwrap();
    host.write("sweepd.toml", &text.replace("ceiling = \"2h\"", "silence = \"5s\""));
    let (out, err, code) = host.run("config check");
    assert_eq!(
        err,
        "sweepd: sweepd.toml:15:11: warning: `agent.silence`: `silence` (5s) is shorter than \
         `claim-tolerance` (1m): an agent is called silent before its claim is overdue\n"
    );
    assert!(out.starts_with("sweepd.toml: ok, with 1 warning\n"), "{out}");
    assert_eq!(code, 0);
}

#[test]
fn everything_wrong_with_a_file_is_told_once_on_standard_error_and_ends_with_2() {
    let host = Host::new();
    host.write("sweepd.toml", "mode = \"observ\"\n\n[policy]\n  ceilling = \"45m\"\nskew = 5\n");
    for command in ["config check", "config show"] {
        let (out, err, code) = host.run(command);
        assert_eq!(
            err,
            "sweepd: sweepd.toml:1:8: `mode`: \"observ\" is not \"observe\", \"assist\" or \
             \"enforce\"; did you mean \"observe\"?\n\
             sweepd: sweepd.toml:4:3: unknown key `policy.ceilling`; did you mean `ceiling`?\n\
             sweepd: sweepd.toml:5:8: `policy.skew`: 5 has no unit; write \"5s\", \"5m\" or \
             \"5h\"\n"
        );
        assert_eq!((out.as_str(), code), ("", 2), "{command}");
    }
}

#[test]
fn an_installation_that_is_not_there_fails_the_check() {
    let host = Host::new().with_installation();
    fs::remove_dir_all(host.path().join("srv")).unwrap();
    let (out, err, code) = host.run("config check");
    assert_eq!(
        err,
        "sweepd: sweepd.toml:8:8: `source.root`: HOST/srv cannot be found: No such file or \
         directory (os error 2)\n"
    );
    assert_eq!((out.as_str(), code), ("", 2));
}

#[test]
fn without_a_file_it_is_told_where_it_was_looked_for_and_how_to_begin() {
    let host = Host::new();
    let (out, err, code) = host.run("config check");
    assert_eq!((out.as_str(), code), ("", 2));
    insta::assert_snapshot!(err);
}

/// Which of the files is taken is told by the mode in it.
#[test]
fn the_nearest_file_is_taken() {
    let host = Host::new();
    let mode = |command: &mut Command| {
        let (out, err, code) = host.told(&command.assert());
        assert_eq!((err.as_str(), code), ("", 0));
        out.lines().find_map(|line| line.strip_prefix("mode = ")).unwrap().to_owned()
    };
    host.write(".config/sweepd/sweepd.toml", "mode = 'assist'");
    assert_eq!(mode(&mut host.command("config show")), "\"assist\"");
    host.write("sweepd.toml", "mode = 'enforce'");
    assert_eq!(mode(&mut host.command("config show")), "\"enforce\"");
    host.write("env.toml", "mode = 'observe'");
    assert_eq!(mode(host.command("config show").env("SWEEPD_CONFIG", "env.toml")), "\"observe\"");
    assert_eq!(mode(host.command("config show").env("SWEEPD_CONFIG", "")), "\"enforce\"");
    host.write("flag.toml", "mode = 'assist'");
    for args in ["--config flag.toml config show", "config show --config flag.toml"] {
        assert_eq!(mode(host.command(args).env("SWEEPD_CONFIG", "env.toml")), "\"assist\"");
    }
}

#[test]
fn a_file_that_was_named_and_cannot_be_read_is_never_replaced_by_another() {
    let host = Host::new();
    host.write("sweepd.toml", "");
    let (out, err, code) = host.run("--config nowhere.toml config show");
    let expected = "sweepd: failed to read nowhere.toml (from --config)\n  because: No such file or \
                    directory (os error 2)\n";
    assert_eq!((out.as_str(), err.as_str(), code), ("", expected, 2));
    let ended = host.command("config show").env("SWEEPD_CONFIG", "/dev/null/x").assert();
    let (_, err, code) = host.told(&ended);
    assert!(err.starts_with("sweepd: failed to read /dev/null/x (from $SWEEPD_CONFIG)\n"), "{err}");
    assert_eq!(code, 2);
}

#[test]
fn what_is_no_text_or_never_ends_is_refused() {
    let host = Host::new();
    fs::write(host.path().join("sweepd.toml"), b"mode = 'assist'\n# \xff\n").unwrap();
    let (_, err, code) = host.run("config check");
    let expected = "sweepd: sweepd.toml:2:3: this byte is not UTF-8\n";
    assert_eq!((err.as_str(), code), (expected, 2));
    let (_, err, code) = host.run("config check --config /dev/zero");
    let expected = "sweepd: failed to read /dev/zero (from --config)\n  because: it is not a regular \
                    file\n";
    assert_eq!((err.as_str(), code), (expected, 2));
    fs::write(host.path().join("large.toml"), "#".repeat((1 << 20) + 1)).unwrap();
    let (_, err, code) = host.run("config check --config large.toml");
    let expected = "sweepd: large.toml is larger than 1 MiB: that is no configuration file\n";
    assert_eq!((err.as_str(), code), (expected, 2));
}

/// It would be waited for without end.
#[test]
fn a_pipe_in_place_of_the_file_is_refused_at_once() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let host = Host::new();
    let path = host.path().join("sweepd.toml");
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    for command in ["config check", "config show", "status", "sweep"] {
        let (out, err, code) = host.run(command);
        let expected =
            "sweepd: failed to read ./sweepd.toml\n  because: it is not a regular file\n";
        assert_eq!((out.as_str(), err.as_str(), code), ("", expected, 2), "{command}");
    }
}

#[test]
fn the_engine_named_by_the_environment_is_shown_with_its_origin() {
    let host = Host::new().with_installation();
    let shown = |host: &Host| {
        let mut command = host.command("config show --origin");
        command.env("DOCKER_HOST", "unix:///run/podman/podman.sock");
        let (out, _, code) = host.told(&command.assert());
        assert_eq!(code, 0);
        out
    };
    let out = shown(&host);
    assert!(out.contains("docker.sock\"  # sweepd.toml:5\n"), "the file's stands: {out}");
    let text = fs::read_to_string(host.path().join("sweepd.toml")).unwrap();
    host.write("sweepd.toml", &text.replace("[docker]", "").replace("host = ", "# "));
    let out = shown(&host);
    assert!(out.contains("host = \"unix:///run/podman/podman.sock\"  # $DOCKER_HOST\n"), "{out}");
    assert!(out.contains("# the host's zone\n"), "{out}");
}

#[test]
fn the_limits_of_one_agent_can_be_asked_for() {
    let host = Host::new().with_installation();
    let (out, _, code) = host.run("config show --origin --agent nanoclaw/ag-slow/s-1");
    assert!(out.contains("mode = \"enforce\"  # sweepd.toml:9\n"), "{out}");
    assert!(out.contains("ceiling = \"2h\"           # sweepd.toml:15\n"), "{out}");
    assert_eq!(code, 0);
    for id in ["elsewhere/ag-1/s-1", "nanoclaw", ""] {
        let mut command = host.command("config show --agent");
        let (out, err, code) = host.told(&command.arg(id).assert());
        let expected = format!(
            "sweepd: no source has an agent {id:?}\n  hint: ids start with the name of a source: \
             nanoclaw/…\n"
        );
        assert_eq!((out.as_str(), err, code), ("", expected, 2));
    }
}

#[test]
fn a_wrong_command_line_ends_with_2_and_help_and_version_with_0() {
    let host = Host::new();
    for args in ["", "config", "swep", "config chekc", "config show --orign", "--config"] {
        let (out, err, code) = host.run(args);
        assert_eq!((out.as_str(), code), ("", 2), "{args}");
        assert!(err.contains("--help"), "{args}: {err}");
    }
    let version = format!("sweepd {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(host.run("--version"), (version, String::new(), 0));
    let (out, err, code) = host.run("--help");
    assert_eq!((err.as_str(), code), ("", 0));
    insta::assert_snapshot!(out);
}

#[test]
fn nobody_reading_the_answer_is_no_failure() {
    let host = Host::new().with_installation();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("sweepd"));
    command.env_clear().current_dir(host.path()).args(["config", "show"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.stdout(writer).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
