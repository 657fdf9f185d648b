//! What stands on the disk where the configuration says: pipes, directories within others, sockets.

use super::{check, load_text, loaded, plain};
use crate::config::{Severity, warnings};

/// It would be waited for without end.
#[test]
fn a_pipe_in_place_of_dotenv_is_told_of_and_not_read() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let root = tempfile::tempdir().unwrap();
    let env = root.path().join(".env");
    mknodat(CWD, &env, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let text = format!("[[source]]\nkind = 'nanoclaw'\nroot = {:?}\n", root.path());
    let loaded = load_text(&text, &plain()).unwrap();
    assert_eq!(loaded.config.sources[0].timezone.name(), "Europe/Madrid", "the host's");
    let told: Vec<_> = loaded.findings.into_sorted().iter().map(ToString::to_string).collect();
    let expected = format!(
        "sweepd.toml:1:1: warning: `source.timezone`: not set, and {} cannot be read: it is not a \
         regular file",
        env.display()
    );
    assert_eq!(told, [expected]);
}

#[test]
fn a_state_dir_below_a_root_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("data")).unwrap();
    let here = root.path().canonicalize().unwrap().display().to_string();
    let text = format!(
        "state-dir = '{here}/data/sweepd'\n[[source]]\nkind = 'nanoclaw'\nroot = '{here}'\n"
    );
    let mut found = check(loaded(&text));
    found.retain(|finding| finding.severity == Severity::Error);
    let told: Vec<_> = found.iter().map(|found| found.to_string().replace(&here, "HERE")).collect();
    assert_eq!(
        told,
        ["sweepd.toml:1:13: `state-dir`: \"HERE/data/sweepd\" is below the root of source \
          \"nanoclaw\"; name a place outside of \"HERE\""]
    );
}

/// Agents as processes need no engine; whether it is there is not a warning of theirs.
#[test]
fn the_engine_is_missed_only_where_it_is_needed() {
    let root = tempfile::tempdir().unwrap();
    let missed = |wake: &str| {
        let text = format!(
            "docker.host = 'unix:///nowhere/engine.sock'\n[[source]]\nkind = 'nanoclaw'\n\
             root = {:?}\n[source.wake]\n{wake}",
            root.path()
        );
        let told: Vec<_> = check(loaded(&text)).iter().map(ToString::to_string).collect();
        let at_start = warnings(loaded(&text)).1;
        assert!(!at_start.iter().any(|line| line.to_string().contains("engine.sock")));
        told.iter().any(|line| line.contains("engine.sock"))
    };
    assert!(missed("kind = 'none'") && missed("kind = 'docker'\nimage = 'x'"));
    assert!(!missed("kind = 'process'\nargv = ['/bin/true']"));
}
