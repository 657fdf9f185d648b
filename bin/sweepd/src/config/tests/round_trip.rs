//! What is shown can be loaded again, and means the same.

use proptest::prelude::*;
use sweepd_decide::{AgentId, IdleStop, Policy, Profile, SilenceAction, Span};

use super::{LAYERS, loaded, show};
use crate::config::{Change, show_agent};

const FULL: &str = r#"
state-dir = "/tmp/it's \"here\""
mode = "assist"
[sweep]
interval = "90s"
concurrency = 3
agent-budget = "1500ms"
[policy]
profile = "nanoclaw"
poison.deaths = 4
retry.cap = "1h"
[docker]
host = "unix:///run/user/1000/podman/podman.sock"
[[source]]
kind = "nanoclaw"
root = "/srv/a"
timezone = "Europe/Berlin"
install = "0a1b2c3d"
sole-sweeper = true
policy = { profile = "standard", silence = "never", idle-stop = "20m" }
[source.wake]
kind = "docker"
image = "nanoclaw-agent:{group_folder}"
command = ["bun", "run", '{"a": "b"}']
entrypoint = []
mounts = ["{session_dir}:/workspace", "{root}/groups/{group_folder}:/workspace/agent:ro"]
user = "1000:1000"
[source.health-monitor]
api-base = "http://127.0.0.1:9/api"
[[source]]
kind = "nanoclaw"
name = "b"
root = "/srv/b"
[source.wake]
kind = "command"
argv = ["/bin/wake", "{session_id}"]
cwd = "{root}"
timeout = "10s"
[[source]]
kind = "nanoclaw"
name = "c"
root = "/srv/c"
[source.wake]
kind = "process"
argv = ["/bin/agent", "{session_dir}"]
log-cap = "1500kB"
[[source]]
kind = "nanoclaw"
name = "d"
root = "/srv/d"
[source.wake]
kind = "none"
[silent-failure]
rule = "per-session"
window = "3h"
may-be-silent = ["series:x", "kind:webhook"]
[[credential]]
kind = "claude-oauth"
path = "/srv/a/data/v2-sessions/*/claude.json"
[credential.refresh]
kind = "keychain"
[[credential]]
kind = "json"
path = "/srv/token.json"
pointer = "/expires"
warn-before = "10m"
[credential.refresh]
kind = "command"
argv = ["/bin/renew", "x y"]
[[credential]]
kind = "jwt"
path = "/srv/token"
[credential.refresh]
kind = "file"
path = "/srv/other"
[[agent]]
match = "nanoclaw/*"
idle-stop = "unset"
wake-backoff.base = "20s"
poison = { window = "1d", cap = "never" }
"#;

#[test]
fn the_whole_of_a_configuration_is_shown() {
    insta::assert_snapshot!(show(&loaded(FULL), false));
}

#[test]
fn each_value_says_where_it_comes_from() {
    insta::assert_snapshot!(show(&loaded(LAYERS), true));
}

#[test]
fn what_holds_for_one_agent_is_shown_with_the_table_that_says_so() {
    let loaded = loaded(LAYERS);
    let agent = AgentId::new("nc/ag-slow/s-special");
    let source = loaded.config.source(agent.source()).unwrap();
    insta::assert_snapshot!(show_agent(&loaded, source, &agent, true));
}

#[test]
fn what_is_shown_is_the_same_configuration() {
    for text in ["", LAYERS, FULL] {
        let first = loaded(text);
        for origin in [false, true] {
            let again = loaded(&show(&first, origin));
            assert_eq!(again.config.sources, first.config.sources);
            assert_eq!(again.config.overrides, first.config.overrides);
            assert_eq!(again.config.sweep, first.config.sweep);
            assert_eq!(again.config.state_dir, first.config.state_dir);
            assert_eq!(again.config.docker_host, first.config.docker_host);
            assert_eq!(show(&again, false), show(&first, false));
            for agent in ["nc/ag-slow/s-special", "nanoclaw/ag-1/s-1", "b/ag-1/s-1", "other/a/b"] {
                let agent = AgentId::new(agent);
                let pair = [&first, &again].map(|loaded| {
                    let source = loaded.config.source(agent.source())?;
                    let policy = loaded.config.policy_for(source, &agent);
                    Some((policy, loaded.config.mode_for(source.mode, &agent)))
                });
                assert_eq!(pair[0], pair[1], "{agent}");
            }
        }
    }
}

fn span() -> impl Strategy<Value = Span> {
    (1..1_000_000_000_000_i64).prop_map(Span::from_millis)
}

fn limit() -> impl Strategy<Value = Option<Span>> {
    prop_oneof![Just(None), span().prop_map(Some)]
}

fn cap() -> impl Strategy<Value = Span> {
    prop_oneof![Just(Span::MAX), span()]
}

fn policy() -> impl Strategy<Value = Policy> {
    let idle =
        prop_oneof![Just(IdleStop::Unset), Just(IdleStop::Never), span().prop_map(IdleStop::After)];
    let words = (any::<bool>(), any::<bool>(), idle);
    let spans = (span(), span(), span(), span(), span(), span(), span(), span(), span(), span());
    let limits = (limit(), limit(), limit(), limit(), limit());
    let caps = (cap(), cap(), cap());
    let counts = (1..1000_u32, 0..1000_u32, 1..1_000_000_i64);
    (words, spans, limits, caps, counts).prop_map(|(words, spans, limits, caps, counts)| {
        let mut policy = Policy::default();
        policy.profile = if words.0 { Profile::Standard } else { Profile::Nanoclaw };
        policy.silence_action = if words.1 { SilenceAction::Warn } else { SilenceAction::Stop };
        policy.idle_stop = words.2;
        (policy.ceiling, policy.claim_tolerance) = (spans.0, spans.1);
        (policy.declared_cap, policy.declared_grace) = (spans.2, spans.3);
        (policy.skew, policy.confirmation_gap) = (spans.4, spans.5);
        (policy.retry.backoff.base, policy.wake_backoff.base) = (spans.6, spans.7);
        (policy.poison.backoff.base, policy.poison.window) = (spans.8, spans.9);
        (policy.silence, policy.start_deadline, policy.never_beat) = (limits.0, limits.1, limits.2);
        (policy.unclaimed, policy.hard_cap) = (limits.3, limits.4);
        (policy.retry.backoff.cap, policy.wake_backoff.cap) = (caps.0, caps.1);
        policy.poison.backoff.cap = caps.2;
        (policy.confirmations, policy.poison.deaths, policy.retry.max_tries) = counts;
        policy
    })
}

proptest! {
    #[test]
    fn any_set_of_limits_is_read_as_it_is_shown(policy in policy(), chosen: [bool; 24]) {
        let changes = Change::all_of(&policy).into_iter().zip(chosen);
        let changes: Vec<_> = changes.filter(|(_, chosen)| *chosen).map(|(change, _)| change).collect();
        let mut first = loaded("[[agent]]\nmatch = '*'\n[[source]]\nkind = 'nanoclaw'\nroot = '/r'");
        first.config.policy = changes.clone();
        first.config.sources[0].policy = changes.clone();
        first.config.overrides[0].changes = changes.clone();
        let again = loaded(&show(&first, true)).config;
        prop_assert_eq!(&again.sources[0].policy, &changes);
        prop_assert_eq!(&again.overrides[0].changes, &changes);
        prop_assert_eq!(
            super::policy::merged(&again.policy),
            super::policy::merged(&changes)
        );
    }
}
