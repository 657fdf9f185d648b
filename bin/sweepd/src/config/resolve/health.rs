//! Reads `[silent-failure]`, `[[credential]]` and `[source.health-monitor]`.

use std::path::Path;

use sweepd_decide::{Severity, Span};

use super::sink::DISCORD;
use super::{Resolver, value};
use crate::config::alerts::{Sink, To};
use crate::config::file::{CredentialFile, HealthMonitorFile, RefreshFile, SilentFailureFile};
use crate::config::health::{
    CHANNEL, Credential, CredentialKind, GUILD, HealthMonitor, Keepalive, Refresh, Rule,
    SilentFailure, TOKEN,
};
use crate::config::{Glob, Kept, Source, dotenv};

/// The kinds there are.
const KINDS: [&str; 3] = ["claude-oauth", "json", "jwt"];
const REFRESHES: [&str; 3] = ["keychain", "command", "file"];
/// A command that renews has usually done so by then.
const TIMEOUT: Span = Span::from_secs(30);

impl Resolver<'_> {
    pub(super) fn silent_failure(&mut self, file: &SilentFailureFile) -> SilentFailure {
        let SilentFailureFile { enabled, rule, window, may_be_silent } = file;
        let at = "silent-failure";
        let rule = value::choice(&format!("{at}.rule"), rule.as_deref(), &Rule::ALL, self.findings);
        let path = format!("{at}.window");
        let span = value::some_span(&path, window.as_ref(), self.findings);
        if span.is_some_and(|span| span < Span::from_mins(1)) {
            self.findings.wrong(&path, "this has to be a minute at least");
        }
        for (nth, one) in may_be_silent.iter().flatten().enumerate() {
            let rest = one.split_once(':').map_or(one.as_str(), |(_, rest)| rest);
            if rest.trim().is_empty() {
                let told = "this is \"series:…\", \"kind:…\", or the id of a message";
                self.findings.wrong(&format!("{at}.may-be-silent[{nth}]"), told);
            }
        }
        SilentFailure {
            enabled: enabled.unwrap_or(true),
            rule: rule.unwrap_or(Rule::PerMessage),
            window: span.unwrap_or(Span::from_mins(120)),
            may_be_silent: may_be_silent.clone().unwrap_or_default(),
        }
    }

    pub(super) fn credentials(&mut self, files: &[CredentialFile]) -> Vec<Credential> {
        let each = files.iter().enumerate();
        each.filter_map(|(nth, file)| self.credential(nth, file)).collect()
    }

    fn credential(&mut self, nth: usize, file: &CredentialFile) -> Option<Credential> {
        let at = |key: &str| format!("credential[{nth}].{key}");
        let pointer = self.pointer(&at("pointer"), file.pointer.as_deref());
        let kind = match file.kind.as_deref() {
            Some("claude-oauth") => {
                if file.pointer.is_some() {
                    let told = "`credential.pointer` is not for kind \"claude-oauth\"";
                    self.findings.wrong_key(&at("pointer"), told.to_owned());
                }
                Some(CredentialKind::ClaudeOauth)
            }
            Some("json") => {
                if file.pointer.is_none() {
                    let told =
                        "where in it is its end? For example pointer = \"/token/expires_at\"";
                    self.findings.missing(&at("pointer"), told);
                }
                pointer.map(|pointer| CredentialKind::Json { pointer })
            }
            Some("jwt") => Some(CredentialKind::Jwt { pointer }),
            Some(other) => {
                self.findings.wrong(&at("kind"), value::not_one_of(other, &KINDS));
                None
            }
            None => {
                let told = "write kind = \"claude-oauth\", \"json\" or \"jwt\"";
                self.findings.missing(&at("kind"), told);
                None
            }
        };
        if file.path.is_none() {
            let told =
                "which files? For example path = \"/srv/nanoclaw/data/v2-sessions/*/claude.json\"";
            self.findings.missing(&at("path"), told);
        }
        let path = file.path.as_deref().and_then(|path| self.path(&at("path"), path));
        let path = path.filter(|path| {
            let deep = path.to_string_lossy().contains("**");
            if deep {
                let told = "`**` is not understood: `*` and `?` stand for a part of one name";
                self.findings.wrong(&at("path"), told);
            }
            !deep
        });
        let warn = value::some_span(&at("warn-before"), file.warn_before.as_ref(), self.findings);
        let refresh = file.refresh.as_ref();
        let refresh = refresh.and_then(|file| self.refresh(&at("refresh"), file));
        let warn_before = warn.unwrap_or(Span::from_mins(60));
        Some(Credential { nth, kind: kind?, path: path?, warn_before, refresh })
    }

    fn pointer(&mut self, path: &str, text: Option<&str>) -> Option<String> {
        let text = text?;
        if text.starts_with('/') {
            return Some(text.to_owned());
        }
        self.findings.wrong(path, "a pointer begins with `/`, for example \"/token/expires_at\"");
        None
    }

    fn refresh(&mut self, at: &str, file: &RefreshFile) -> Option<Refresh> {
        let RefreshFile { kind, argv, timeout, path } = file;
        let key = |key: &str| format!("{at}.{key}");
        let set = [
            ("argv", "command", argv.is_some()),
            ("timeout", "command", timeout.is_some()),
            ("path", "file", path.is_some()),
        ];
        if let Some(kind) = kind.as_deref().filter(|kind| REFRESHES.contains(kind)) {
            for (name, of, is_set) in set {
                if is_set && of != kind {
                    let told = format!(
                        "`credential.refresh.{name}` is not for kind {kind:?}; it is for kind {of:?}"
                    );
                    self.findings.wrong_key(&key(name), told);
                }
            }
        }
        match kind.as_deref() {
            Some("keychain") => Some(Refresh::Keychain),
            Some("command") => {
                let argv = argv.clone().unwrap_or_default();
                if argv.first().is_none_or(String::is_empty) {
                    let told = "which command? For example argv = [\"/usr/local/bin/renew-token\"]";
                    self.findings.missing(&key("argv"), told);
                }
                let timeout = value::some_span(&key("timeout"), timeout.as_ref(), self.findings);
                Some(Refresh::Command { argv, timeout: timeout.unwrap_or(TIMEOUT) })
            }
            Some("file") => {
                if path.is_none() {
                    let told = "which file? For example path = \"~/.claude/.credentials.json\"";
                    self.findings.missing(&key("path"), told);
                }
                let path = path.as_deref().and_then(|path| self.path(&key("path"), path))?;
                Some(Refresh::File { path })
            }
            Some(other) => {
                self.findings.wrong(&key("kind"), value::not_one_of(other, &REFRESHES));
                None
            }
            None => {
                let told = "write kind = \"keychain\", \"command\" or \"file\"";
                self.findings.missing(&key("kind"), told);
                None
            }
        }
    }

    pub(super) fn health_monitor(
        &mut self,
        at: &str,
        file: Option<&HealthMonitorFile>,
        root: &Path,
    ) -> HealthMonitor {
        let Some(HealthMonitorFile { enabled, api_base }) = file else {
            return HealthMonitor::default();
        };
        let enabled = enabled.unwrap_or(true);
        let api_base = api_base.as_deref();
        let api_base = api_base.and_then(|base| self.address(&format!("{at}.api-base"), base));
        let channel = if enabled { self.channel(&format!("{at}.enabled"), root) } else { None };
        HealthMonitor { enabled, api_base, channel }
    }

    /// Where an installation's alerts go, by its `.env`.
    fn channel(&mut self, path: &str, root: &Path) -> Option<Keepalive> {
        let env = root.join(".env");
        let text = self.env_file(path, &env).unwrap_or_default();
        let of = |key| dotenv::lookup(&text, key).map(str::to_owned);
        let lacking: Vec<&str> =
            [GUILD, CHANNEL, TOKEN].into_iter().filter(|key| of(key).is_none()).collect();
        if !lacking.is_empty() {
            let (lacking, env) = (lacking.join(", "), env.display());
            let told = format!(
                "{lacking} not set in {env}: alerts of this source go to no channel, and its monitor \
                 has none"
            );
            self.findings.warn(path, told);
            return None;
        }
        let ids = [(GUILD, of(GUILD)?), (CHANNEL, of(CHANNEL)?)];
        let odd = ids.iter().find(|(_, id)| !id.chars().all(|c| c.is_ascii_digit()));
        if let Some((key, _)) = odd {
            let told = format!("{key} in {} is no id of Discord's: digits alone", env.display());
            self.findings.wrong(path, told);
            return None;
        }
        let [(_, guild), (_, channel)] = ids;
        Some(Keepalive { guild, channel, env })
    }

    /// The sinks of the installations' monitors.
    pub(super) fn monitor_sinks(&mut self, sources: &[Source], known: &[Sink]) -> Vec<Sink> {
        let mut sinks = Vec::new();
        for source in sources {
            let Some(channel) = &source.monitor.channel else { continue };
            let at = format!("source[{}].health-monitor", source.nth);
            let name = format!("{}-health-monitor", source.name);
            if known.iter().any(|sink| sink.name == name) {
                let told = format!("a [[sink]] has the name of this monitor's: {name:?}");
                self.findings.wrong(&format!("{at}.enabled"), told);
                continue;
            }
            let api_base = source.monitor.api_base.clone();
            let api_base = api_base.unwrap_or_else(|| DISCORD.to_owned());
            let token = Kept::Dotenv { path: channel.env.clone(), name: TOKEN };
            let channel_id = channel.channel.clone();
            sinks.push(Sink {
                at,
                is_written: false,
                patterns: vec![Glob::new(format!("{}/*", source.name)), Glob::new(&source.name)],
                name,
                min_severity: Severity::Warning,
                kinds: Vec::new(),
                except_kinds: Vec::new(),
                to: To::DiscordBot { api_base, channel_id, token },
            });
        }
        sinks
    }
}
