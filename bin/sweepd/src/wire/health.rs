//! From what is watched that fails in silence to what the engine is told of it.

use std::sync::Arc;
use std::time::Duration;

use sweepd_credentials::{CLAUDE_KEYCHAIN, Kind, Pointer, Step};
use sweepd_decide::CredentialPolicy;
use sweepd_decide::silent::{MayBeSilent, SilencePolicy};
use sweepd_store::nanoclaw::Root;
use sweepd_sweep::adapters::{CredentialFiles, FileCredentials, NanoclawMonitor, Writable};
use sweepd_sweep::ports::{Clock, Monitor};
use sweepd_sweep::{Silence, SilenceRule};

use crate::config::health::{Credential, CredentialKind, HealthMonitor, Refresh, Rule};
use crate::config::{Config, Mode, Source};

/// How silence is looked for.
pub(super) fn silence(config: &Config) -> Option<Silence> {
    let of = &config.silent_failure;
    let rule = match of.rule {
        Rule::PerMessage => SilenceRule::PerMessage,
        Rule::PerSession => SilenceRule::PerSession,
    };
    let may_be_silent = of.may_be_silent.iter().map(|text| MayBeSilent::of(text)).collect();
    let policy = SilencePolicy { window: of.window, may_be_silent };
    of.enabled.then(|| Silence { rule, policy, ..Silence::default() })
}

/// The monitor within an installation, where one is wanted.
pub(super) fn monitor(
    source: &Source,
    root: &Arc<Root>,
    clock: &Arc<dyn Clock>,
) -> Option<Arc<dyn Monitor>> {
    let HealthMonitor { enabled, channel, .. } = &source.monitor;
    let channel = channel.as_ref().map(|of| (of.guild.clone(), of.channel.clone()));
    if !enabled {
        return None;
    }
    Some(Arc::new(NanoclawMonitor::new(Arc::clone(root), Arc::clone(clock), channel)))
}

/// Which credentials are watched; `None`: none.
pub(super) fn credentials(config: &Config) -> Option<FileCredentials> {
    let files: Vec<_> = config.credentials.iter().filter_map(|one| files(one, config)).collect();
    (!files.is_empty()).then(|| FileCredentials::new(files))
}

fn files(of: &Credential, config: &Config) -> Option<CredentialFiles> {
    let kind = match &of.kind {
        CredentialKind::ClaudeOauth => Kind::ClaudeOauth,
        CredentialKind::Json { pointer } => {
            Kind::Json { pointer: Pointer::new(pointer.as_str()).ok()? }
        }
        CredentialKind::Jwt { pointer } => {
            let pointer = pointer.as_deref().map(Pointer::new).transpose().ok()?;
            Kind::Jwt { pointer }
        }
    };
    let step = of.refresh.as_ref().map(|refresh| match refresh {
        Refresh::Keychain => Step::keychain(CLAUDE_KEYCHAIN),
        Refresh::Command { argv, timeout } => {
            let timeout = Duration::from_millis(timeout.as_millis().unsigned_abs());
            Step::Command { argv: argv.clone(), timeout }
        }
        Refresh::File { path } => Step::file(path),
    });
    let policy = CredentialPolicy { warn_before: of.warn_before, ..CredentialPolicy::default() };
    let pattern = of.path.to_string_lossy().into_owned();
    Some(CredentialFiles { kind, pattern, policy, step, writable: writable(config) })
}

/// Where credentials may be written: below the roots of sources that may be touched; elsewhere, and not
/// below those of others, where the whole configuration says so.
fn writable(config: &Config) -> Writable {
    let roots = |touched: bool| {
        let those = config.sources.iter().filter(|of| (of.mode != Mode::Observe) == touched);
        those.map(|source| source.root.clone()).collect()
    };
    Writable {
        below: roots(true),
        not_below: roots(false),
        elsewhere: config.mode != Mode::Observe,
    }
}
