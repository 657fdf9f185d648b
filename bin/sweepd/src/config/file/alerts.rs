//! The tables about alerts: `[alerts]`, `[[sink]]`, `[[maintenance]]` and `[digest]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::SpanText;

/// `[alerts]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct AlertsFile {
    pub(crate) repeat_every: Option<SpanText>,
    pub(crate) host: Option<String>,
    pub(crate) templates: Option<String>,
    pub(crate) ca_file: Option<String>,
    pub(crate) proxy: Option<String>,
}

/// `[[sink]]`: the keys of all kinds.
///
/// One table for all of them, as in `[source.wake]`. There is no key for a secret itself, only for
/// where it is kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct SinkFile {
    pub(crate) kind: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) min_severity: Option<String>,
    #[serde(rename = "match")]
    pub(crate) patterns: Option<Vec<String>>,
    pub(crate) kinds: Option<Vec<String>>,
    pub(crate) except_kinds: Option<Vec<String>>,
    pub(crate) api_base: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) url_file: Option<String>,
    pub(crate) url_env: Option<String>,
    pub(crate) token_file: Option<String>,
    pub(crate) token_env: Option<String>,
    pub(crate) channel_id: Option<String>,
    pub(crate) chat_id: Option<String>,
    pub(crate) thread_id: Option<i64>,
    pub(crate) topic: Option<String>,
    pub(crate) key_file: Option<String>,
    pub(crate) key_env: Option<String>,
    pub(crate) headers_file: Option<BTreeMap<String, String>>,
    pub(crate) headers_env: Option<BTreeMap<String, String>>,
    pub(crate) valid: Option<SpanText>,
    pub(crate) routing_key_file: Option<String>,
    pub(crate) routing_key_env: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) urls_file: Option<String>,
    pub(crate) urls_env: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<i64>,
    pub(crate) tls: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password_file: Option<String>,
    pub(crate) password_env: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<Vec<String>>,
    pub(crate) repo: Option<String>,
    pub(crate) assignee: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) max_issues: Option<i64>,
    pub(crate) comment_every: Option<SpanText>,
    pub(crate) snooze_after_close: Option<SpanText>,
}

/// `[[maintenance]]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct MaintenanceFile {
    #[serde(rename = "match")]
    pub(crate) patterns: Option<Vec<String>>,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) cron: Option<String>,
    #[serde(rename = "for")]
    pub(crate) span: Option<SpanText>,
    pub(crate) timezone: Option<String>,
}

/// `[digest]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct DigestFile {
    pub(crate) at: Option<String>,
    pub(crate) timezone: Option<String>,
}
