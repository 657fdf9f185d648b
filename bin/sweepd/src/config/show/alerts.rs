//! Who is told, and how, as a file has it. Of secrets only where they are kept.

use std::collections::BTreeMap;

use sweepd_decide::Severity;
use toml::Value;

use super::page::Page;
use super::text;
use crate::config::alerts::{
    Address, Alerts, Digest, Kept, Sink, Smtp, To, Tracker, When, Whom, Window,
};
use crate::config::{Glob, duration};

/// All tables about alerts.
pub(super) fn alerts(alerts: &Alerts, page: &mut Page<'_>) {
    let Alerts { repeat_every, host, templates, ca_file, proxy, sinks, windows, digest } = alerts;
    page.table("alerts", "[alerts]");
    page.row("repeat-every", text(repeat_every.map_or_else(|| "never".to_owned(), duration::show)));
    page.row("host", text(host));
    let path = |path: &std::path::PathBuf| text(path.to_string_lossy());
    optional("templates", templates.as_ref().map(path), "the built-in texts", page);
    optional("ca-file", ca_file.as_ref().map(path), "the system's authorities alone", page);
    optional("proxy", proxy.as_ref().map(text), "none", page);
    for sink in sinks.iter().filter(|sink| sink.is_written) {
        self::sink(sink, page);
    }
    for (nth, window) in windows.iter().enumerate() {
        self::window(&format!("maintenance[{nth}]"), window, page);
    }
    if let Some(Digest { at, zone, hour: _, minute: _ }) = digest {
        page.table("digest", "[digest]");
        page.row("at", text(at));
        page.row("timezone", text(zone.name()));
    }
}

fn sink(sink: &Sink, page: &mut Page<'_>) {
    let Sink { at, is_written: _, name, min_severity, patterns, kinds, except_kinds, to } = sink;
    page.table(at, "[[sink]]");
    page.row("kind", text(to.kind()));
    page.row("name", text(name));
    page.row("min-severity", text(severity(*min_severity)));
    self::patterns(patterns, page);
    for (key, kinds) in [("kinds", kinds), ("except-kinds", except_kinds)] {
        if !kinds.is_empty() {
            page.row(key, Value::Array(kinds.iter().map(|kind| text(kind.as_str())).collect()));
        }
    }
    self::to(to, page);
}

fn to(to: &To, page: &mut Page<'_>) {
    match to {
        To::DiscordBot { api_base, channel_id, token } => {
            page.row("api-base", text(api_base));
            page.row("channel-id", text(channel_id));
            kept("token", token, page);
        }
        To::DiscordWebhook { url } | To::Slack { url } => kept("url", url, page),
        To::Telegram { api_base, chat_id, thread_id, token } => {
            page.row("api-base", text(api_base));
            page.row("chat-id", text(chat_id));
            optional("thread-id", thread_id.map(Value::Integer), "not in a topic", page);
            kept("token", token, page);
        }
        To::Ntfy { url, topic, token } => {
            page.row("url", text(url));
            page.row("topic", text(topic));
            maybe("token", token.as_ref(), page);
        }
        To::Webhook { url, key, headers } => {
            match url {
                Address::Open(url) => page.row("url", text(url)),
                Address::Secret(url) => kept("url", url, page),
            }
            maybe("key", key.as_ref(), page);
            self::headers(headers, page);
        }
        To::Smtp(smtp) => self::smtp(smtp, page),
        To::Alertmanager { url, valid, token } => {
            page.row("url", text(url));
            page.row("valid", text(duration::show(*valid)));
            maybe("token", token.as_ref(), page);
        }
        To::Pagerduty { url, routing_key } => {
            page.row("url", text(url));
            kept("routing-key", routing_key, page);
        }
        To::Apprise { url, whom, tag } => {
            page.row("url", text(url));
            match whom {
                Whom::Key(key) => page.row("key", text(key)),
                Whom::Urls(urls) => kept("urls", urls, page),
            }
            optional("tag", tag.as_ref().map(text), "all of them", page);
        }
        To::Tracker(tracker) => self::tracker(tracker, page),
    }
}

fn smtp(smtp: &Smtp, page: &mut Page<'_>) {
    let Smtp { host, tls, port, login, from, to } = smtp;
    page.row("host", text(host));
    page.row("tls", text(tls.name()));
    optional(
        "port",
        port.map(|port| Value::Integer(port.into())),
        "that of `tls`: 587, 465 or 25",
        page,
    );
    let user = login.as_ref().map(|(user, _)| text(user));
    optional("user", user, "nobody logs in", page);
    maybe("password", login.as_ref().map(|(_, password)| password), page);
    page.row("from", text(from));
    page.row("to", Value::Array(to.iter().map(text).collect()));
}

fn tracker(tracker: &Tracker, page: &mut Page<'_>) {
    let Tracker {
        kind: _,
        url,
        repo,
        token,
        assignee,
        label,
        max_issues,
        comment_every,
        snooze_after_close,
    } = tracker;
    page.row("url", text(url));
    page.row("repo", text(repo));
    kept("token", token, page);
    optional("assignee", assignee.as_ref().map(text), "nobody", page);
    page.row("label", text(label));
    page.row("max-issues", Value::Integer((*max_issues).into()));
    page.row("comment-every", text(duration::show(*comment_every)));
    page.row("snooze-after-close", text(duration::show(*snooze_after_close)));
}

fn window(at: &str, window: &Window, page: &mut Page<'_>) {
    let Window { patterns, when } = window;
    page.table(at, "[[maintenance]]");
    self::patterns(patterns, page);
    match when {
        When::Once { from, until } => {
            page.row("from", text(from.to_string()));
            page.row("until", text(until.to_string()));
        }
        When::Again { cron, span, zone } => {
            page.row("cron", text(cron));
            page.row("for", text(duration::show(*span)));
            page.row("timezone", text(zone.name()));
        }
    }
}

fn patterns(patterns: &[Glob], page: &mut Page<'_>) {
    if patterns.is_empty() {
        return page.left_out("match", "everybody");
    }
    let all = patterns.iter().map(|pattern| text(pattern.to_string()));
    page.row("match", Value::Array(all.collect()));
}

fn kept(key: &str, kept: &Kept, page: &mut Page<'_>) {
    page.row(&kept.key(key), place(kept));
}

fn maybe(key: &str, kept: Option<&Kept>, page: &mut Page<'_>) {
    if let Some(kept) = kept {
        self::kept(key, kept, page);
    }
}

fn headers(headers: &BTreeMap<String, Kept>, page: &mut Page<'_>) {
    for (key, is_file) in [("headers-file", true), ("headers-env", false)] {
        let own = headers.iter().filter(|(_, kept)| kept.file().is_some() == is_file);
        let own: toml::Table = own.map(|(name, kept)| (name.clone(), place(kept))).collect();
        if !own.is_empty() {
            page.row(key, Value::Table(own));
        }
    }
}

fn place(kept: &Kept) -> Value {
    match kept {
        Kept::File(path) => text(path.to_string_lossy()),
        Kept::Env { name, value: _ } => text(name),
        Kept::Dotenv { path: _, name } => text(*name),
    }
}

fn optional(key: &str, value: Option<Value>, without: &str, page: &mut Page<'_>) {
    match value {
        Some(value) => page.row(key, value),
        None => page.left_out(key, without),
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
