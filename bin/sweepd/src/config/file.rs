//! What may stand in a configuration file?
//!
//! Exactly the file's shape: everything is optional, and values are as they are written. What they
//! mean is `resolve`'s business; which keys there are is read off these types by
//! `shape`, so a key is added here and nowhere else.

use std::collections::BTreeMap;

use serde::Deserialize;

mod alerts;
mod health;

pub(crate) use alerts::{AlertsFile, DigestFile, MaintenanceFile, SinkFile};
pub(crate) use health::{CredentialFile, HealthMonitorFile, RefreshFile, SilentFailureFile};

/// A duration as written, e.g. `30m`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct SpanText(pub(crate) String);

/// A size as written, e.g. `10MiB`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct SizeText(pub(crate) String);

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct ConfigFile {
    pub(crate) state_dir: Option<String>,
    pub(crate) mode: Option<String>,
    pub(crate) sweep: SweepFile,
    pub(crate) policy: PolicyFile,
    pub(crate) agent: Vec<AgentFile>,
    pub(crate) docker: DockerFile,
    pub(crate) source: Vec<SourceFile>,
    pub(crate) alerts: AlertsFile,
    pub(crate) sink: Vec<SinkFile>,
    pub(crate) maintenance: Vec<MaintenanceFile>,
    pub(crate) digest: Option<DigestFile>,
    pub(crate) silent_failure: SilentFailureFile,
    pub(crate) credential: Vec<CredentialFile>,
}

/// `[sweep]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct SweepFile {
    pub(crate) interval: Option<SpanText>,
    pub(crate) concurrency: Option<i64>,
    pub(crate) agent_budget: Option<SpanText>,
}

/// `[docker]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct DockerFile {
    pub(crate) host: Option<String>,
}

/// `[[source]]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct SourceFile {
    pub(crate) kind: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) root: Option<String>,
    pub(crate) mode: Option<String>,
    pub(crate) timezone: Option<String>,
    pub(crate) install: Option<String>,
    pub(crate) sole_sweeper: Option<bool>,
    pub(crate) policy: PolicyFile,
    pub(crate) wake: Option<WakeFile>,
    pub(crate) health_monitor: Option<HealthMonitorFile>,
    pub(crate) name_prefix: Option<String>,
    pub(crate) default_image: Option<String>,
    pub(crate) on_stopped: Option<String>,
    pub(crate) recreate: Option<String>,
    pub(crate) remove_orphans: Option<SpanText>,
    pub(crate) registry: Option<RegistryFile>,
    pub(crate) container: Vec<ContainerFile>,
}

/// `[source.registry]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct RegistryFile {
    pub(crate) path: Option<String>,
    pub(crate) query: Option<String>,
}

/// `[[source.container]]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct ContainerFile {
    pub(crate) name: Option<String>,
    pub(crate) enabled: Option<bool>,
    pub(crate) image: Option<String>,
    pub(crate) command: Option<Vec<String>>,
    pub(crate) entrypoint: Option<Vec<String>>,
    pub(crate) env: Option<BTreeMap<String, String>>,
    pub(crate) volumes: Option<Vec<String>>,
    pub(crate) labels: Option<BTreeMap<String, String>>,
    pub(crate) restart: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) working_dir: Option<String>,
    pub(crate) on_stopped: Option<String>,
    pub(crate) recreate: Option<String>,
}

/// `[source.wake]`: the keys of all kinds.
///
/// One table for all of them, not one per kind: so a wrong key is told with its own place.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct WakeFile {
    pub(crate) kind: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) command: Option<Vec<String>>,
    pub(crate) entrypoint: Option<Vec<String>>,
    pub(crate) mounts: Option<Vec<String>>,
    pub(crate) user: Option<String>,
    pub(crate) argv: Option<Vec<String>>,
    pub(crate) cwd: Option<String>,
    pub(crate) timeout: Option<SpanText>,
    pub(crate) log_cap: Option<SizeText>,
    pub(crate) env: Option<BTreeMap<String, String>>,
}

/// `[policy.retry]` and its like in sources and overrides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct RetryFile {
    pub(crate) max_tries: Option<i64>,
    pub(crate) base: Option<SpanText>,
    pub(crate) cap: Option<SpanText>,
}

/// `[policy.wake-backoff]` and its like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct BackoffFile {
    pub(crate) base: Option<SpanText>,
    pub(crate) cap: Option<SpanText>,
}

/// `[policy.poison]` and its like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct PoisonFile {
    pub(crate) deaths: Option<i64>,
    pub(crate) window: Option<SpanText>,
    pub(crate) base: Option<SpanText>,
    pub(crate) cap: Option<SpanText>,
}

/// Makes `[policy]` and `[[agent]]`, which has the same keys beside its own: one list for both.
macro_rules! policy_tables {
    ($($key:ident: $type:ty,)*) => {
        /// `[policy]` and `[source.policy]`
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
        pub(crate) struct PolicyFile {
            $(pub(crate) $key: $type,)*
        }

        /// `[[agent]]`
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
        pub(crate) struct AgentFile {
            #[serde(rename = "match")]
            pub(crate) pattern: Option<String>,
            pub(crate) mode: Option<String>,
            $(pub(crate) $key: $type,)*
        }

        impl AgentFile {
            /// Its keys without those of its own.
            pub(crate) fn policy(&self) -> PolicyFile {
                PolicyFile { $($key: self.$key.clone(),)* }
            }
        }
    };
}

policy_tables! {
    profile: Option<String>,
    ceiling: Option<SpanText>,
    claim_tolerance: Option<SpanText>,
    declared_cap: Option<SpanText>,
    declared_grace: Option<SpanText>,
    skew: Option<SpanText>,
    silence: Option<SpanText>,
    silence_action: Option<String>,
    start_deadline: Option<SpanText>,
    never_beat: Option<SpanText>,
    unclaimed: Option<SpanText>,
    hard_cap: Option<SpanText>,
    idle_stop: Option<SpanText>,
    confirmations: Option<i64>,
    confirmation_gap: Option<SpanText>,
    retry: RetryFile,
    wake_backoff: BackoffFile,
    poison: PoisonFile,
}
