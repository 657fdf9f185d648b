//! What is watched that fails in silence, as a file has it.

use toml::Value;

use super::page::Page;
use super::text;
use crate::config::duration;
use crate::config::health::{Credential, CredentialKind, HealthMonitor, Refresh, SilentFailure};

pub(super) fn silent_failure(silent: &SilentFailure, page: &mut Page<'_>) {
    let SilentFailure { enabled, rule, window, may_be_silent } = silent;
    page.table("silent-failure", "[silent-failure]");
    page.row("enabled", Value::Boolean(*enabled));
    page.row("rule", text(rule.name()));
    page.row("window", text(duration::show(*window)));
    page.row("may-be-silent", Value::Array(may_be_silent.iter().map(text).collect()));
}

pub(super) fn credential(credential: &Credential, page: &mut Page<'_>) {
    let Credential { nth, kind, path, warn_before, refresh } = credential;
    page.table(&format!("credential[{nth}]"), "[[credential]]");
    page.row("kind", text(kind.name()));
    page.row("path", text(path.to_string_lossy()));
    match kind {
        CredentialKind::ClaudeOauth | CredentialKind::Jwt { pointer: None } => {}
        CredentialKind::Json { pointer } | CredentialKind::Jwt { pointer: Some(pointer) } => {
            page.row("pointer", text(pointer));
        }
    }
    page.row("warn-before", text(duration::show(*warn_before)));
    if let Some(refresh) = refresh {
        page.table(&format!("credential[{nth}].refresh"), "[credential.refresh]");
        page.row("kind", text(refresh.name()));
        match refresh {
            Refresh::Keychain => {}
            Refresh::Command { argv, timeout } => {
                page.row("argv", Value::Array(argv.iter().map(text).collect()));
                page.row("timeout", text(duration::show(*timeout)));
            }
            Refresh::File { path } => page.row("path", text(path.to_string_lossy())),
        }
    }
}

pub(super) fn health_monitor(at: &str, monitor: &HealthMonitor, page: &mut Page<'_>) {
    let HealthMonitor { enabled, api_base, channel: _ } = monitor;
    if !enabled && api_base.is_none() {
        return;
    }
    page.table(&format!("{at}.health-monitor"), "[source.health-monitor]");
    page.row("enabled", Value::Boolean(*enabled));
    match api_base {
        Some(base) => page.row("api-base", text(base)),
        None => page.left_out("api-base", "Discord's own"),
    }
}
