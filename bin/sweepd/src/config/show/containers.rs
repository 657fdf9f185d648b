//! Sources of always-on containers, as a file has them.

use std::collections::BTreeMap;

use sweepd_decide::keep::Recreate;
use sweepd_sweep::adapters::Declared;
use toml::Value;

use super::page::Page;
use super::{text, time};
use crate::config::{Container, Containers, RECREATE, Registry};

/// One source.
pub(super) fn source(at: &str, source: &Containers, page: &mut Page<'_>) {
    let Containers {
        nth: _,
        name,
        mode,
        prefix,
        default_image,
        on_stopped,
        recreate,
        remove_orphans,
        registry,
        fixed,
    } = source;
    page.table(at, "[[source]]");
    page.row("kind", text("containers"));
    page.row("name", text(name));
    page.row("mode", text(mode.name()));
    optional("name-prefix", prefix.as_deref(), "any name will do", page);
    optional("default-image", default_image.as_deref(), "none is known", page);
    page.row("on-stopped", text(on_stopped.name()));
    page.row("recreate", text(word(*recreate)));
    match remove_orphans {
        Some(after) => page.row("remove-orphans", time(*after)),
        None => page.row("remove-orphans", text("never")),
    }
    if let Some(Registry { path, query }) = registry {
        page.table(&format!("{at}.registry"), "[source.registry]");
        page.row("path", text(path.to_string_lossy()));
        page.row("query", text(query));
    }
    for (nth, one) in fixed.iter().enumerate() {
        container(&format!("{at}.container[{nth}]"), one, page);
    }
}

fn container(at: &str, one: &Container, page: &mut Page<'_>) {
    let Container { name, enabled, declared, on_stopped, recreate } = one;
    page.table(at, "[[source.container]]");
    page.row("name", text(name));
    page.row("enabled", Value::Boolean(*enabled));
    if let Some(on_stopped) = on_stopped {
        page.row("on-stopped", text(on_stopped.name()));
    }
    if let Some(recreate) = recreate {
        page.row("recreate", text(word(*recreate)));
    }
    self::declared(declared, page);
}

fn declared(declared: &Declared, page: &mut Page<'_>) {
    let Declared {
        image,
        command,
        entrypoint,
        env,
        volumes,
        labels,
        restart,
        network,
        user,
        working_dir,
    } = declared;
    let list = |texts: &Vec<String>| Value::Array(texts.iter().map(text).collect());
    let rows = [
        ("image", image.as_ref().map(text)),
        ("command", command.as_ref().map(list)),
        ("entrypoint", entrypoint.as_ref().map(list)),
        ("env", env.as_ref().map(|env| table(env, |_| "(not shown)"))),
        ("volumes", volumes.as_ref().map(list)),
        ("labels", labels.as_ref().map(|labels| table(labels, String::as_str))),
        ("restart", restart.as_ref().map(text)),
        ("network", network.as_ref().map(text)),
        ("user", user.as_ref().map(text)),
        ("working-dir", working_dir.as_ref().map(text)),
    ];
    for (key, value) in rows {
        if let Some(value) = value {
            page.row(key, value);
        }
    }
}

fn table<'a>(map: &'a BTreeMap<String, String>, show: impl Fn(&'a String) -> &'a str) -> Value {
    Value::Table(map.iter().map(|(key, value)| (key.clone(), text(show(value)))).collect())
}

fn word(recreate: Recreate) -> &'static str {
    RECREATE.iter().find(|(_, one)| *one == recreate).map_or("own", |(word, _)| word)
}

fn optional(key: &str, value: Option<&str>, without: &str, page: &mut Page<'_>) {
    match value {
        Some(value) => page.row(key, text(value)),
        None => page.left_out(key, without),
    }
}
