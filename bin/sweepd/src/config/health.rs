//! What is watched that fails in silence: answers that never come, credentials that end; and the
//! monitor within an installation.

use std::path::PathBuf;

use sweepd_decide::Span;

/// `[silent-failure]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SilentFailure {
    /// Whether anybody looks for it.
    pub(crate) enabled: bool,
    pub(crate) rule: Rule,
    /// A message is reported for so long after it was acknowledged.
    pub(crate) window: Span,
    /// `series:…`, `kind:…`, or the id of a message.
    pub(crate) may_be_silent: Vec<String>,
}

/// By which rule silence is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Over turns, message by message.
    PerMessage,
    /// The original's: a session that said nothing at all.
    PerSession,
}

/// A `[[credential]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    /// Its number in the file.
    pub(crate) nth: usize,
    pub(crate) kind: CredentialKind,
    /// Absolute; `*` and `?` stand for parts of names.
    pub(crate) path: PathBuf,
    /// So long before its end it is expiring.
    pub(crate) warn_before: Span,
    pub(crate) refresh: Option<Refresh>,
}

/// How a file holds a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CredentialKind {
    /// What Claude Code keeps.
    ClaudeOauth,
    /// JSON, with its end at a pointer.
    Json { pointer: String },
    /// A JSON web token; with a pointer, one within JSON.
    Jwt { pointer: Option<String> },
}

/// Where a newer one is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// The keychain of macOS.
    Keychain,
    /// What a command prints.
    Command { argv: Vec<String>, timeout: Span },
    /// Another file.
    File { path: PathBuf },
}

/// `[source.health-monitor]`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HealthMonitor {
    pub(crate) enabled: bool,
    /// Of Discord's API; `None`: the usual one.
    pub(crate) api_base: Option<String>,
    /// Where its alerts go; `None`: its `.env` does not say.
    pub(crate) channel: Option<Keepalive>,
}

/// A channel of Discord's, as an installation's `.env` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keepalive {
    pub(crate) guild: String,
    pub(crate) channel: String,
    /// Where the token is.
    pub(crate) env: PathBuf,
}

/// The keys of an installation's `.env` that say where its alerts go.
pub(crate) const GUILD: &str = "HEALTH_MONITOR_DISCORD_GUILD_ID";
/// See [`GUILD`].
pub(crate) const CHANNEL: &str = "HEALTH_MONITOR_KEEPALIVE_CHANNEL_ID";
/// See [`GUILD`].
pub(crate) const TOKEN: &str = "DISCORD_BOT_TOKEN";

impl Rule {
    pub(crate) const ALL: [(&'static str, Self); 2] =
        [("per-message", Self::PerMessage), ("per-session", Self::PerSession)];

    /// As the file has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PerMessage => "per-message",
            Self::PerSession => "per-session",
        }
    }
}

impl CredentialKind {
    /// As the file has it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::ClaudeOauth => "claude-oauth",
            Self::Json { .. } => "json",
            Self::Jwt { .. } => "jwt",
        }
    }
}

impl Refresh {
    /// As the file has it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Command { .. } => "command",
            Self::File { .. } => "file",
        }
    }
}
