//! Configurations as a whole: who is held to what, what is told of a bad file, what is shown.

use sweepd_decide::{AgentId, Profile, Span};

use super::load::load_text;
use super::*;

mod alerts;
mod bad;
mod disk;
mod reference;
mod round_trip;

/// Surroundings that say nothing but what every host does.
pub(super) fn plain() -> Surroundings {
    Surroundings { zone: Some("Europe/Madrid".to_owned()), ..Surroundings::default() }
}

pub(super) fn loaded(text: &str) -> Loaded {
    load_text(text, &plain()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const LAYERS: &str = r#"
mode = "assist"
[policy]
ceiling = "40m"
claim-tolerance = "2m"
confirmations = 3
[policy.retry]
base = "7s"
[[agent]]
match = "nc/ag-slow/*"
ceiling = "2h"
retry.max-tries = 9
[[agent]]
match = "*/s-special"
mode = "observe"
ceiling = "3h"
profile = "nanoclaw"
[[agent]]
match = "nc/ag-slow/s-?"
mode = "enforce"
[[source]]
kind = "nanoclaw"
name = "nc"
root = "/srv/nc"
[source.policy]
claim-tolerance = "3m"
idle-stop = "never"
[[source]]
kind = "nanoclaw"
name = "other"
mode = "enforce"
root = "/srv/other"
"#;

fn held(config: &Config, agent: &str) -> (Policy, Mode) {
    let agent = AgentId::new(agent);
    let source = config.source(agent.source()).unwrap();
    (config.policy_for(source, &agent), config.mode_for(source.mode, &agent))
}

#[test]
fn the_nearest_table_that_sets_a_limit_wins() {
    let config = loaded(LAYERS).config;
    let (policy, mode) = held(&config, "nc/ag-1/s-1");
    assert_eq!(policy.ceiling, Span::from_mins(40), "[policy] over the default");
    assert_eq!(policy.claim_tolerance, Span::from_mins(3), "the source over [policy]");
    assert_eq!(policy.idle_stop, sweepd_decide::IdleStop::Never, "the source over the default");
    assert_eq!(policy.confirmations, 3);
    assert_eq!(policy.retry.backoff.base, Span::from_secs(7));
    assert_eq!(policy.skew, Policy::default().skew);
    assert_eq!(mode, Mode::Assist, "as above");

    let (policy, mode) = held(&config, "nc/ag-slow/s-10");
    assert_eq!(policy.ceiling, Span::from_mins(120), "the override over [policy]");
    assert_eq!(policy.claim_tolerance, Span::from_mins(3), "what it does not set stays");
    assert_eq!(policy.retry.max_tries, 9);
    assert_eq!(policy.retry.backoff.base, Span::from_secs(7));
    assert_eq!(mode, Mode::Assist);
}

#[test]
fn of_several_overrides_that_fit_the_last_one_wins_key_by_key() {
    let config = loaded(LAYERS).config;
    let (policy, mode) = held(&config, "nc/ag-slow/s-special");
    assert_eq!(policy.ceiling, Span::from_mins(180));
    assert_eq!(policy.retry.max_tries, 9, "from the first of the two");
    assert_eq!(policy.profile, Profile::Nanoclaw);
    assert_eq!(policy.poison.deaths, 0, "profile nanoclaw has no poison rule");
    assert_eq!(mode, Mode::Observe);
    assert_eq!(held(&config, "nc/ag-slow/s-1").1, Mode::Enforce);
    assert_eq!(held(&config, "other/ag-1/s-special").1, Mode::Observe);
    assert_eq!(held(&config, "other/ag-1/s-1").1, Mode::Enforce, "the source's own");
}

#[test]
fn a_file_with_nothing_in_it_has_all_defaults() {
    let config = loaded("").config;
    assert_eq!(config.state_dir, PathBuf::from("/var/lib/sweepd"));
    assert_eq!(config.mode, Mode::Observe);
    let sweep = Sweep {
        interval: Duration::from_mins(1),
        concurrency: 8,
        agent_budget: Duration::from_secs(20),
    };
    assert_eq!(config.sweep, sweep);
    assert_eq!(policy::merged(&config.policy), Policy::default());
    assert_eq!(config.sources, []);
}

/// The parts of the product contract's example that this version has.
#[test]
fn the_contracts_example_is_understood_as_it_says() {
    let loaded = loaded(CONTRACT);
    let config = &loaded.config;
    let agent = AgentId::new("nanoclaw/ag-slow/s-1");
    let source = config.source("nanoclaw").unwrap();
    let policy = config.policy_for(source, &agent);
    assert_eq!(policy.ceiling, Span::from_mins(120));
    assert_eq!(policy.idle_stop, sweepd_decide::IdleStop::After(Span::from_mins(30)));
    assert_eq!((config.mode, source.mode), (Mode::Observe, Mode::Enforce));
    assert_eq!(source.timezone.name(), "Europe/Madrid");
    let Wake::Docker(wake) = &source.wake else { panic!("{:?}", source.wake) };
    let command: Vec<_> = wake.command.iter().flatten().map(ToString::to_string).collect();
    assert_eq!(command, ["bun", "run", "/app/src/index.ts"]);
    let session = |hole| (hole == Placeholder::SessionDir).then_some("/srv/s");
    assert_eq!(wake.mounts[0].source.fill(session).as_deref(), Some("/srv/s"));
    assert_eq!(wake.mounts[0].target.to_string(), "/workspace");
    assert!(!loaded.findings.has_errors());
}

const CONTRACT: &str = r#"
state-dir = "/var/lib/sweepd"
mode = "observe"
[sweep]
interval = "60s"
concurrency = 8
agent-budget = "20s"
[policy]
profile = "standard"
ceiling = "30m"
claim-tolerance = "60s"
confirmations = 2
idle-stop = "30m"
[policy.retry]
max-tries = 5
base = "5s"
[[agent]]
match = "nanoclaw/ag-slow/*"
ceiling = "2h"
[docker]
host = "unix:///var/run/docker.sock"
[[source]]
kind = "nanoclaw"
name = "nanoclaw"
root = "/srv/nanoclaw"
mode = "enforce"
timezone = "Europe/Madrid"
[source.wake]
kind = "docker"
image = "nanoclaw-agent:latest"
command = ["bun", "run", "/app/src/index.ts"]
mounts = ["{session_dir}:/workspace"]
"#;

#[test]
fn the_environment_names_the_engine_only_where_the_file_does_not() {
    let file = "docker.host = 'unix:///run/file.sock'";
    let around = Surroundings { docker_host: Some("unix:///run/env.sock".to_owned()), ..plain() };
    for around in [&plain(), &around] {
        assert_eq!(load_text(file, around).unwrap().config.docker_host, "unix:///run/file.sock");
    }
    let loaded = load_text("", &around).unwrap();
    assert_eq!(loaded.config.docker_host, "unix:///run/env.sock");
    assert_eq!(loaded.origins.of("docker.host").to_string(), "$DOCKER_HOST");
    let around = Surroundings { podman: Some(PathBuf::from("/run/podman.sock")), ..plain() };
    assert_eq!(load_text(file, &around).unwrap().config.docker_host, "unix:///run/file.sock");
    assert_eq!(load_text("", &around).unwrap().config.docker_host, "unix:///run/podman.sock");
    let around = Surroundings { docker_host: Some("tcp://10.0.0.1:2375".to_owned()), ..plain() };
    assert!(load_text(file, &around).is_ok(), "nobody asks it");
    let told = load_text("", &around).unwrap_err().to_string();
    assert!(
        told.starts_with("sweepd.toml: $DOCKER_HOST: \"tcp://10.0.0.1:2375\" is not"),
        "{told}"
    );
}

#[test]
fn a_path_may_start_at_home_or_beside_the_file() {
    let around = Surroundings { home: Some(PathBuf::from("/home/ada")), ..plain() };
    let state_dir = |text: &str| {
        let loaded = load_text(&format!("state-dir = {text:?}"), &around).unwrap();
        (loaded.config.state_dir.display().to_string(), check(loaded).len())
    };
    let expected = |path: &str, warnings| (path.to_owned(), warnings);
    let usual = state_dir("/nowhere").1;
    assert_eq!(state_dir("/x/y"), expected("/x/y", usual));
    assert_eq!(state_dir("~/s"), expected("/home/ada/s", usual));
    assert_eq!(state_dir("~"), expected("/home/ada/", usual));
    assert_eq!(state_dir("./s"), expected("/etc/sweepd/s", usual + 1));
    assert_eq!(state_dir("s/t"), expected("/etc/sweepd/s/t", usual + 1));
}

#[test]
fn the_time_zone_is_the_files_else_that_of_dotenv_else_the_hosts() {
    let root = tempfile::tempdir().unwrap();
    let zone = |key: &str, around: &Surroundings| {
        let text = format!("[[source]]\nkind = 'nanoclaw'\nroot = {:?}\n{key}", root.path());
        let loaded = load_text(&text, around).unwrap();
        let origin = loaded.origins.of("source[0].timezone").to_string();
        (loaded.config.sources[0].timezone.name().to_owned(), origin)
    };
    let found = |name: &str, origin: &str| (name.to_owned(), origin.to_owned());
    assert_eq!(zone("", &plain()), found("Europe/Madrid", "the host's zone"));
    assert_eq!(zone("", &Surroundings::default()), found("UTC", "default: no zone is known"));
    std::fs::write(root.path().join(".env"), "A=1\nTZ=\"Asia/Tokyo\"\n").unwrap();
    let origin = format!("TZ in {}/.env", root.path().display());
    assert_eq!(zone("", &plain()), found("Asia/Tokyo", &origin));
    let set = "timezone = 'america/new_york'";
    assert_eq!(zone(set, &plain()), found("America/New_York", "sweepd.toml:4"));
}

#[test]
fn what_is_allowed_but_hardly_meant_is_warned_of() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("data")).unwrap();
    std::fs::write(root.path().join("data/v2.db"), "").unwrap();
    let text = WARNED.replace("ROOT", &root.path().display().to_string());
    let socket = root.path().join("data/v2.db");
    let host = format!("unix://{}", socket.display());
    let around = Surroundings { docker_host: Some(host), ..plain() };
    let mut findings = check(load_text(&text, &around).unwrap());
    // The file is not there, so nobody can write it.
    findings.retain(|finding| finding.severity == Severity::Warning);
    let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n").replace(&root.path().display().to_string(), "ROOT"));
}

const WARNED: &str = r#"
[policy]
claim-tolerance = "15m"
ceiling = "10m"
retry = { base = "1m", cap = "30s" }
[[agent]]
match = "ag-slow/*"
ceiling = "2h"
[[agent]]
match = "old/*"
idle-stop = "never"
silence = "1m"
[[agent]]
match = "*"
hard-cap = "9h"
[[source]]
kind = "nanoclaw"
name = "old"
root = "ROOT"
mode = "enforce"
policy = { profile = "nanoclaw", poison.deaths = 2 }
[[source]]
kind = "nanoclaw"
name = "new"
root = "ROOT/data/.."
[source.policy]
claim-tolerance = "1m"
wake-backoff.cap = "1s"
[source.wake]
kind = "docker"
image = "x"
mounts = ["{root}/none:/workspace"]
[[source]]
kind = "nanoclaw"
name = "command"
root = "ROOT/gone"
[source.wake]
kind = "command"
argv = ["no-such-program", "{session_id}"]
[[agent]]
match = "old/ag-[12]/*"
ceiling = "1h"
[[agent]]
match = "old/{ag-1,ag-2}/*"
ceiling = "1h"
"#;

#[test]
fn a_source_whose_root_is_gone_or_taken_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let text = WARNED.replace("ROOT", &root.path().display().to_string());
    let told: Vec<_> = check(loaded(&text))
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.to_string().replace(&root.path().display().to_string(), "ROOT"))
        .collect();
    assert_eq!(
        told,
        [
            "sweepd.toml:25:8: `source.root`: ROOT/data/.. cannot be found: No such file or \
             directory (os error 2)",
            "sweepd.toml:36:8: `source.root`: ROOT/gone cannot be found: No such file or \
             directory (os error 2)",
        ]
    );
    std::fs::create_dir(root.path().join("data")).unwrap();
    let told: Vec<_> = check(loaded(&text)).iter().map(ToString::to_string).collect();
    let taken = "sweepd.toml:25:8: `source.root`: this is the root of source \"old\" too";
    assert!(told.iter().any(|line| line == taken), "{told:#?}");
}

#[test]
fn environments_are_never_shown() {
    let text = "[[source]]\nkind = 'nanoclaw'\nroot = '/r'\n[source.wake]\nkind = 'docker'\n\
                image = 'x'\nenv = { TOKEN = 'hunter2' }";
    let loaded = loaded(text);
    let shown = [show(&loaded, true), format!("{:?}", loaded.config)].concat();
    assert!(shown.contains("TOKEN") && !shown.contains("hunter2"), "{shown}");
}
