//! Reads the `[[sink]]` tables.
//!
//! The table has the keys of all kinds; those of another kind are errors here.

use std::collections::BTreeMap;

use sweepd_decide::{FindingKind, Severity};

use super::{Resolver, value};
use crate::config::alerts::Sink;
use crate::config::file::SinkFile;
use crate::config::suggest::either;

mod secret;
mod to;

/// The address of Discord's API.
pub(super) const DISCORD: &str = "https://discord.com/api/v10";

/// The kinds there are.
const KINDS: [&str; 13] = [
    "discord",
    "slack",
    "telegram",
    "ntfy",
    "webhook",
    "smtp",
    "alertmanager",
    "pagerduty",
    "apprise",
    "gitea",
    "forgejo",
    "github",
    "gitlab",
];

/// Those that keep issues.
const TRACKERS: &[&str] = &["gitea", "forgejo", "github", "gitlab"];

/// Those with a token.
const TOKENS: &[&str] =
    &["discord", "telegram", "ntfy", "alertmanager", "gitea", "forgejo", "github", "gitlab"];

/// Those whose address is no secret, or need not be one.
const URLS: &[&str] = &[
    "ntfy",
    "webhook",
    "alertmanager",
    "pagerduty",
    "apprise",
    "gitea",
    "forgejo",
    "github",
    "gitlab",
];

/// Those whose address is a secret, or may be one.
const SECRET_URLS: &[&str] = &["discord", "slack", "webhook"];

/// Which kinds have a key that not all have.
const KEYS: [(&str, &[&str]); 35] = [
    ("api-base", &["discord", "telegram"]),
    ("url", URLS),
    ("url-file", SECRET_URLS),
    ("url-env", SECRET_URLS),
    ("token-file", TOKENS),
    ("token-env", TOKENS),
    ("channel-id", &["discord"]),
    ("chat-id", &["telegram"]),
    ("thread-id", &["telegram"]),
    ("topic", &["ntfy"]),
    ("key-file", &["webhook"]),
    ("key-env", &["webhook"]),
    ("headers-file", &["webhook"]),
    ("headers-env", &["webhook"]),
    ("valid", &["alertmanager"]),
    ("routing-key-file", &["pagerduty"]),
    ("routing-key-env", &["pagerduty"]),
    ("key", &["apprise"]),
    ("urls-file", &["apprise"]),
    ("urls-env", &["apprise"]),
    ("tag", &["apprise"]),
    ("host", &["smtp"]),
    ("port", &["smtp"]),
    ("tls", &["smtp"]),
    ("user", &["smtp"]),
    ("password-file", &["smtp"]),
    ("password-env", &["smtp"]),
    ("from", &["smtp"]),
    ("to", &["smtp"]),
    ("repo", TRACKERS),
    ("assignee", TRACKERS),
    ("label", TRACKERS),
    ("max-issues", TRACKERS),
    ("comment-every", TRACKERS),
    ("snooze-after-close", TRACKERS),
];

/// What is told at all; notices are only shown.
const SEVERITIES: [(&str, Severity); 2] =
    [("warning", Severity::Warning), ("error", Severity::Error)];

impl Resolver<'_> {
    pub(super) fn sinks(&mut self, files: &[SinkFile]) -> Vec<Sink> {
        let mut names = BTreeMap::new();
        let mut sinks = Vec::new();
        for (nth, file) in files.iter().enumerate() {
            let at = format!("sink[{nth}]");
            let path = format!("{at}.kind");
            let Some(kind) = file.kind.as_deref() else {
                // One that was taken out with an error is not missed.
                if !self.findings.has(&path) {
                    let told = format!("write one of {}", either(&KINDS));
                    self.findings.missing(&path, told);
                }
                continue;
            };
            if !KINDS.contains(&kind) {
                self.findings.wrong(&path, value::not_one_of(kind, &KINDS));
                continue;
            }
            self.sink_strangers(&at, kind);
            let name = self.sink_name(&at, file, kind);
            if let Some(first) = names.insert(name.clone(), at.clone()) {
                self.sink_twice(&at, &name, &first);
            }
            sinks.extend(self.sink(&at, name, kind, file));
        }
        sinks
    }

    fn sink(&mut self, at: &str, name: String, kind: &str, file: &SinkFile) -> Option<Sink> {
        let path = |key: &str| format!("{at}.{key}");
        let least = file.min_severity.as_deref();
        let least = value::choice(&path("min-severity"), least, &SEVERITIES, self.findings);
        let patterns = self.patterns(&path("match"), file.patterns.as_deref());
        let kinds = self.finding_kinds(&path("kinds"), file.kinds.as_deref());
        let except_kinds = self.finding_kinds(&path("except-kinds"), file.except_kinds.as_deref());
        Some(Sink {
            at: at.to_owned(),
            is_written: true,
            name,
            min_severity: least.unwrap_or(Severity::Warning),
            patterns,
            kinds,
            except_kinds,
            to: self.to(at, kind, file)?,
        })
    }

    /// Notes the keys that are there but not for this kind.
    fn sink_strangers(&mut self, at: &str, kind: &str) {
        for (key, kinds) in KEYS {
            let path = format!("{at}.{key}");
            if kinds.contains(&kind) || !self.findings.has(&path) {
                continue;
            }
            let advice = match (key, kind) {
                ("url", "discord" | "slack") => {
                    "the address of its webhook is a secret: write `url-file` or `url-env`"
                        .to_owned()
                }
                ("url", "telegram") => "write `api-base`".to_owned(),
                ("api-base", kind) if URLS.contains(&kind) => "write `url`".to_owned(),
                ("key", "webhook") => {
                    "the key that posts are signed with is a secret: write `key-file` or `key-env`"
                        .to_owned()
                }
                _ => format!("it is for kind {}", either(kinds)),
            };
            let told = format!("`sink.{key}` is not for kind {kind:?}; {advice}");
            self.findings.wrong_key(&path, told);
        }
    }

    fn sink_name(&mut self, at: &str, file: &SinkFile, kind: &str) -> String {
        let name = file.name.as_deref().unwrap_or(kind);
        let path = format!("{at}.name");
        if name.is_empty() {
            self.findings.wrong(&path, "a name is missing between the quotes");
        } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            let told = format!("{name:?} has spaces or control characters; use one word");
            self.findings.wrong(&path, told);
        }
        name.to_owned()
    }

    fn sink_twice(&mut self, at: &str, name: &str, first: &str) {
        let place = self.origins.of(first);
        let told = format!("there is a sink {name:?} at {place} already; give each its own name");
        let path = format!("{at}.name");
        if self.findings.has(&path) {
            self.findings.wrong(&path, told);
        } else {
            self.findings.missing(&path, told);
        }
    }

    fn finding_kinds(&mut self, path: &str, names: Option<&[String]>) -> Vec<FindingKind> {
        let mut kinds = Vec::new();
        for (nth, name) in names.into_iter().flatten().enumerate() {
            let known = FindingKind::ALL.iter();
            if let Some(kind) = known.clone().find(|kind| kind.as_str() == name) {
                kinds.push(*kind);
                continue;
            }
            let meant = crate::config::nearest(name, known.map(|kind| kind.as_str()));
            let advice = meant.map_or_else(
                || "docs/reference/findings.md lists them".to_owned(),
                |meant| format!("did you mean {meant:?}?"),
            );
            let told = format!("no findings are called {name:?}; {advice}");
            self.findings.wrong(&format!("{path}[{nth}]"), told);
        }
        if names.is_some_and(<[String]>::is_empty) {
            self.findings.wrong(path, "nothing is in the list; leave the key out instead");
        }
        kinds
    }
}
