//! From what is watched that fails in silence to what the engine is told of it.

use sweepd_decide::silent::{MayBeSilent, SilencePolicy};
use sweepd_sweep::{Silence, SilenceRule};

use crate::config::Config;
use crate::config::health::Rule;

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
