//! The tables about what fails in silence: `[silent-failure]`, `[[credential]]` and
//! `[source.health-monitor]`.

use serde::Deserialize;

use super::SpanText;

/// `[silent-failure]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct SilentFailureFile {
    pub(crate) enabled: Option<bool>,
    pub(crate) rule: Option<String>,
    pub(crate) window: Option<SpanText>,
    pub(crate) may_be_silent: Option<Vec<String>>,
}

/// `[[credential]]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct CredentialFile {
    pub(crate) kind: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) pointer: Option<String>,
    pub(crate) warn_before: Option<SpanText>,
    pub(crate) refresh: Option<RefreshFile>,
}

/// `[credential.refresh]`: the keys of all kinds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct RefreshFile {
    pub(crate) kind: Option<String>,
    pub(crate) argv: Option<Vec<String>>,
    pub(crate) timeout: Option<SpanText>,
    pub(crate) path: Option<String>,
}

/// `[source.health-monitor]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct HealthMonitorFile {
    pub(crate) enabled: Option<bool>,
    pub(crate) api_base: Option<String>,
}
