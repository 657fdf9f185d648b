//! What does a configuration look like with everything filled in?
//!
//! As TOML that reads as the same configuration again, but for the values of environments, which
//! may be secrets and are never shown.

use sweepd_decide::{AgentId, Policy, Profile};
use toml::Value;

use super::load::Loaded;
use super::origin::{Origin, Origins};
use super::policy::{Change, merged};
use super::{
    CommandWake, Config, DockerWake, Env, Mount, Override, ProcessWake, Source, Template, Wake,
    duration, size,
};

mod alerts;
mod containers;
mod health;
mod page;

use page::Page;

/// The effective configuration; with `origin`, each value says where it comes from.
pub(crate) fn show(loaded: &Loaded, origin: bool) -> String {
    let mut page = Page::new(origin.then_some(&loaded.origins));
    whole(&loaded.config, &mut page);
    page.into_text()
}

/// What holds for one agent of `source`, and which table says so.
pub(crate) fn show_agent(
    loaded: &Loaded,
    source: &Source,
    agent: &AgentId,
    origin: bool,
) -> String {
    let Loaded { config, origins, .. } = loaded;
    let mut page = Page::new(origin.then_some(origins));
    let nth = source.nth;
    let mut mode_at = format!("source[{nth}].mode");
    let mut layers = vec!["policy".to_owned(), format!("source[{nth}].policy")];
    for (nth, over) in config.overrides_for(agent) {
        let path = format!("agent[{nth}]");
        if over.mode.is_some() {
            mode_at = format!("{path}.mode");
        }
        layers.push(path);
    }
    page.note(&format!("for {agent}"));
    page.row_at(&mode_at, "mode", text(config.mode_for(source.mode, agent).name()));
    let policy = config.policy_for(source, agent);
    let last = |key: &str| {
        let paths = layers.iter().rev().map(|layer| format!("{layer}.{key}"));
        paths.into_iter().find(|path| origins.of(path) != Origin::Default)
    };
    changes("policy", "policy", &Change::all_of(&policy), policy.profile, &last, &mut page);
    page.into_text()
}

fn whole(config: &Config, page: &mut Page<'_>) {
    let Config {
        state_dir,
        mode,
        sweep,
        policy,
        overrides,
        docker_host,
        sources,
        containers: kept,
        alerts,
        silent_failure,
        credentials,
    } = config;
    page.row("state-dir", text(state_dir.to_string_lossy()));
    page.row("mode", text(mode.name()));
    page.table("sweep", "[sweep]");
    page.row("interval", time(sweep.interval));
    page.row("concurrency", whole_number(sweep.concurrency));
    page.row("agent-budget", time(sweep.agent_budget));
    base_policy(policy, page);
    page.table("docker", "[docker]");
    page.row("host", text(docker_host));
    for name in config.names() {
        if let Some(source) = sources.iter().find(|source| source.name == name) {
            self::source(&format!("source[{}]", source.nth), source, config, page);
        }
        if let Some(source) = kept.iter().find(|source| source.name == name) {
            containers::source(&format!("source[{}]", source.nth), source, page);
        }
    }
    health::silent_failure(silent_failure, page);
    for credential in credentials {
        health::credential(credential, page);
    }
    alerts::alerts(alerts, page);
    for (nth, over) in overrides.iter().enumerate() {
        self::over(&format!("agent[{nth}]"), over, config, page);
    }
}

/// Everything, set or not; what profile `nanoclaw` does not read is shown as it would count
/// elsewhere.
fn base_policy(set: &[Change], page: &mut Page<'_>) {
    let profile = merged(set).profile;
    let all = Change::all_of(&Policy::default());
    let last =
        |change: &Change| set.iter().rev().find(|other| other.key() == change.key()).copied();
    let all: Vec<_> = all.into_iter().map(|change| last(&change).unwrap_or(change)).collect();
    changes("policy", "policy", &all, profile, &|_| None, page);
}

fn source(at: &str, source: &Source, config: &Config, page: &mut Page<'_>) {
    let Source { nth: _, name, root, mode, timezone, install, sole_sweeper, policy, wake, monitor } =
        source;
    page.table(at, "[[source]]");
    page.row("kind", text("nanoclaw"));
    page.row("name", text(name));
    page.row("root", text(root.to_string_lossy()));
    page.row("mode", text(mode.name()));
    page.row("timezone", text(timezone.name()));
    match install {
        Some(install) => page.row("install", text(install)),
        None => page.left_out("install", "as NanoClaw labels its containers"),
    }
    page.row("sole-sweeper", Value::Boolean(*sole_sweeper));
    if !policy.is_empty() {
        let path = format!("{at}.policy");
        let profile = merged(config.policy.iter().chain(policy)).profile;
        changes(&path, "source.policy", policy, profile, &|_| None, page);
    }
    self::wake(&format!("{at}.wake"), wake, page);
    health::health_monitor(at, monitor, page);
}

fn wake(at: &str, wake: &Wake, page: &mut Page<'_>) {
    page.table(at, "[source.wake]");
    page.row("kind", text(wake.kind()));
    match wake {
        Wake::None | Wake::Learned => {}
        Wake::Docker(DockerWake { image, command, entrypoint, mounts, user, env }) => {
            page.row("image", text(image.to_string()));
            optional("command", command.as_deref().map(texts), page);
            optional("entrypoint", entrypoint.as_deref().map(texts), page);
            page.row("mounts", Value::Array(mounts.iter().map(mount).collect()));
            optional("user", user.as_ref().map(|user| text(user.to_string())), page);
            self::env(env, page);
        }
        Wake::Command(CommandWake { argv, cwd, timeout, env }) => {
            page.row("argv", texts(argv));
            self::cwd(cwd.as_ref(), page);
            page.row("timeout", time(*timeout));
            self::env(env, page);
        }
        Wake::Process(ProcessWake { argv, cwd, log_cap, env }) => {
            page.row("argv", texts(argv));
            self::cwd(cwd.as_ref(), page);
            page.row("log-cap", text(size::show(*log_cap)));
            self::env(env, page);
        }
    }
}

fn over(at: &str, over: &Override, config: &Config, page: &mut Page<'_>) {
    let Override { pattern, mode, changes } = over;
    page.table(at, "[[agent]]");
    page.row("match", text(pattern.to_string()));
    if let Some(mode) = mode {
        page.row("mode", text(mode.name()));
    }
    let profile = merged(config.policy.iter().chain(changes)).profile;
    rows(at, "agent", changes, profile, &|_| None, page);
}

/// A table of a policy, with those inside it.
fn changes(
    at: &str,
    header: &str,
    changes: &[Change],
    profile: Profile,
    from: &dyn Fn(&str) -> Option<String>,
    page: &mut Page<'_>,
) {
    page.table(at, &format!("[{header}]"));
    rows(at, header, changes, profile, from, page);
}

fn rows(
    at: &str,
    header: &str,
    changes: &[Change],
    profile: Profile,
    from: &dyn Fn(&str) -> Option<String>,
    page: &mut Page<'_>,
) {
    let mut current = "";
    // Keys of the table itself first: TOML cannot go back to it.
    let own = changes.iter().filter(|change| !change.key().contains('.'));
    for change in own.chain(changes.iter().filter(|change| change.key().contains('.'))) {
        let key = change.key();
        let (table, name) = key.split_once('.').unwrap_or(("", key));
        if table != current {
            page.table(&format!("{at}.{table}"), &format!("[{header}.{table}]"));
            current = table;
        }
        let path = from(key).unwrap_or_else(|| format!("{at}.{key}"));
        page.row_at(&path, name, change.value());
        if !change.counts_in(profile) {
            page.remark("not read in profile \"nanoclaw\"");
        }
    }
}

fn optional(key: &str, value: Option<Value>, page: &mut Page<'_>) {
    match value {
        Some(value) => page.row(key, value),
        None => page.left_out(key, "the image's"),
    }
}

fn cwd(cwd: Option<&Template>, page: &mut Page<'_>) {
    match cwd {
        Some(cwd) => page.row("cwd", text(cwd.to_string())),
        None => page.left_out("cwd", "where sweepd runs"),
    }
}

fn env(env: &Env, page: &mut Page<'_>) {
    let hidden = env.0.keys().map(|name| (name.clone(), text("(not shown)")));
    page.row("env", Value::Table(hidden.collect()));
}

fn mount(mount: &Mount) -> Value {
    let Mount { source, target, read_only } = mount;
    text(format!("{source}:{target}{}", if *read_only { ":ro" } else { "" }))
}

fn texts(templates: &[Template]) -> Value {
    Value::Array(templates.iter().map(|template| text(template.to_string())).collect())
}

fn text(text: impl AsRef<str>) -> Value {
    Value::String(text.as_ref().to_owned())
}

fn whole_number(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn time(time: std::time::Duration) -> Value {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    text(duration::show(sweepd_decide::Span::from_millis(millis)))
}
