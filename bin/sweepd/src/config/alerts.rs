//! Whom to tell, how, and when not.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use sweepd_decide::{FindingKind, Severity, Span, Timestamp};
use sweepd_schedule::Zone;

use super::Glob;

/// Everything about alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alerts {
    /// What lasts is told again after this. `None`: never.
    pub(crate) repeat_every: Option<Span>,
    /// How this host is called in alerts.
    pub(crate) host: String,
    /// Texts of one's own. Absolute.
    pub(crate) templates: Option<PathBuf>,
    /// Certificates of a private authority. Absolute.
    pub(crate) ca_file: Option<PathBuf>,
    /// What all requests go through.
    pub(crate) proxy: Option<String>,
    /// Who is told, in the file's order; names are unique.
    pub(crate) sinks: Vec<Sink>,
    /// When nobody wants to hear of whom, in the file's order.
    pub(crate) windows: Vec<Window>,
    /// The daily line.
    pub(crate) digest: Option<Digest>,
}

/// A `[[sink]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sink {
    /// What it is in the file, `sink[0]`.
    pub(crate) at: String,
    /// It is written there as a table of its own: it does not come of a source's monitor.
    pub(crate) is_written: bool,
    /// What is waiting for it waits for this name.
    pub(crate) name: String,
    /// What is less bad is not told here.
    pub(crate) min_severity: Severity,
    /// Whom it wants to hear of. Empty: everybody.
    pub(crate) patterns: Vec<Glob>,
    /// What it wants to hear of. Empty: everything.
    pub(crate) kinds: Vec<FindingKind>,
    /// What it does not.
    pub(crate) except_kinds: Vec<FindingKind>,
    /// Where that is.
    pub(crate) to: To,
}

/// A place where people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum To {
    DiscordBot { api_base: String, channel_id: String, token: Kept },
    DiscordWebhook { url: Kept },
    Slack { url: Kept },
    Telegram { api_base: String, chat_id: String, thread_id: Option<i64>, token: Kept },
    Ntfy { url: String, topic: String, token: Option<Kept> },
    Webhook { url: Address, key: Option<Kept>, headers: BTreeMap<String, Kept> },
    Smtp(Smtp),
    Alertmanager { url: String, valid: Span, token: Option<Kept> },
    Pagerduty { url: String, routing_key: Kept },
    Apprise { url: String, whom: Whom, tag: Option<String> },
    Tracker(Tracker),
}

/// An address, or where one that is a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Open(String),
    Secret(Kept),
}

/// Whom an Apprise API server notifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// What it has stored under a key.
    Key(String),
    /// These addresses.
    Urls(Kept),
}

/// A mail server, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Smtp {
    pub(crate) host: String,
    pub(crate) tls: Tls,
    /// `None`: the usual one.
    pub(crate) port: Option<u16>,
    /// A user, and the password.
    pub(crate) login: Option<(String, Kept)>,
    pub(crate) from: String,
    /// Never empty.
    pub(crate) to: Vec<String>,
}

/// How a mail server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tls {
    /// In TLS once both sides have said so.
    #[default]
    Upgraded,
    /// In TLS from the first byte.
    FromStart,
    /// In the open.
    None,
}

/// The issues of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tracker {
    pub(crate) kind: TrackerKind,
    pub(crate) url: String,
    pub(crate) repo: String,
    pub(crate) token: Kept,
    pub(crate) assignee: Option<String>,
    pub(crate) label: String,
    pub(crate) max_issues: u32,
    pub(crate) comment_every: Span,
    pub(crate) snooze_after_close: Span,
}

/// Which tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrackerKind {
    Gitea,
    Forgejo,
    GitHub,
    GitLab,
}

/// Where a secret is kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In a file, which is read at each attempt. Absolute.
    File(PathBuf),
    /// In an installation's `.env`, which is read at each attempt.
    Dotenv { path: PathBuf, name: &'static str },
    /// In a variable, which was read when the configuration was.
    Env {
        name: String,
        /// `None`: it is not set here.
        value: Option<String>,
    },
}

/// A `[[maintenance]]`: nobody is told meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    /// About whom. Empty: everybody.
    pub(crate) patterns: Vec<Glob>,
    pub(crate) when: When,
}

/// When maintenance is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum When {
    /// Once: `from <= now < until`.
    Once { from: Timestamp, until: Timestamp },
    /// From each run of a cron expression on, for so long.
    Again { cron: String, span: Span, zone: Zone },
}

/// A `[digest]`: when the daily line is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    /// As written, `08:00`.
    pub(crate) at: String,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) zone: Zone,
}

impl To {
    /// As the file has it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::DiscordBot { .. } | Self::DiscordWebhook { .. } => "discord",
            Self::Slack { .. } => "slack",
            Self::Telegram { .. } => "telegram",
            Self::Ntfy { .. } => "ntfy",
            Self::Webhook { .. } => "webhook",
            Self::Smtp(_) => "smtp",
            Self::Alertmanager { .. } => "alertmanager",
            Self::Pagerduty { .. } => "pagerduty",
            Self::Apprise { .. } => "apprise",
            Self::Tracker(tracker) => tracker.kind.name(),
        }
    }

    /// Whether it is told what is about no incident: that sweepd watches, and tests.
    pub(crate) const fn takes_notes(&self) -> bool {
        !matches!(self, Self::Alertmanager { .. } | Self::Pagerduty { .. } | Self::Tracker(_))
    }

    /// Its secrets, each with its key but for `-file` or `-env`.
    pub(crate) fn secrets(&self) -> Vec<(String, &Kept)> {
        fn named<'k>(key: &str, kept: Option<&'k Kept>) -> Vec<(String, &'k Kept)> {
            kept.map(|kept| (key.to_owned(), kept)).into_iter().collect()
        }
        match self {
            Self::DiscordWebhook { url } | Self::Slack { url } => named("url", Some(url)),
            Self::DiscordBot { token, .. }
            | Self::Telegram { token, .. }
            | Self::Tracker(Tracker { token, .. }) => named("token", Some(token)),
            Self::Ntfy { token, .. } | Self::Alertmanager { token, .. } => {
                named("token", token.as_ref())
            }
            Self::Webhook { url, key, headers } => {
                let url = match url {
                    Address::Open(_) => None,
                    Address::Secret(kept) => Some(kept),
                };
                let headers = headers.iter().map(|(name, kept)| (format!("headers.{name}"), kept));
                named("url", url)
                    .into_iter()
                    .chain(named("key", key.as_ref()))
                    .chain(headers)
                    .collect()
            }
            Self::Smtp(Smtp { login, .. }) => {
                named("password", login.as_ref().map(|(_, password)| password))
            }
            Self::Pagerduty { routing_key, .. } => named("routing-key", Some(routing_key)),
            Self::Apprise { whom: Whom::Urls(urls), .. } => named("urls", Some(urls)),
            Self::Apprise { whom: Whom::Key(_), .. } => Vec::new(),
        }
    }
}

impl TrackerKind {
    /// As the file has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gitea => "gitea",
            Self::Forgejo => "forgejo",
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
        }
    }
}

impl Tls {
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("starttls", Self::Upgraded), ("tls", Self::FromStart), ("none", Self::None)];

    /// As the file has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Upgraded => "starttls",
            Self::FromStart => "tls",
            Self::None => "none",
        }
    }
}

impl Kept {
    /// The key of a secret that is kept so: `token` becomes `token-file` or `token-env`; of one in
    /// a table, `headers.X` becomes `headers-file.X`.
    pub(crate) fn key(&self, base: &str) -> String {
        let suffix = match self {
            Self::File(_) => "file",
            Self::Env { .. } => "env",
            // It has no key: the source's table is to blame.
            Self::Dotenv { .. } => return "enabled".to_owned(),
        };
        match base.split_once('.') {
            Some((table, name)) => format!("{table}-{suffix}.{name}"),
            None => format!("{base}-{suffix}"),
        }
    }

    /// The file it is in.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Env { .. } | Self::Dotenv { .. } => None,
        }
    }

    /// The variable that ought to hold it, and does not.
    pub(crate) fn lacks(&self) -> Option<&str> {
        match self {
            Self::Env { name, value: None } => Some(name),
            Self::Env { value: Some(_), .. } | Self::File(_) | Self::Dotenv { .. } => None,
        }
    }
}

/// Where it is, and never what it is.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Env { name, .. } => write!(f, "in ${name}"),
            Self::Dotenv { path, name } => write!(f, "{name} in {}", path.display()),
        }
    }
}
