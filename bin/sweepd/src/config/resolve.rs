//! What does a file mean?
//!
//! From the file's shape to a complete [`Config`]: words become values, defaults are filled in,
//! and what is wrong is noted. Only `<root>/.env` is read here, for the time zone; what else is on
//! disk is `check`'s business.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::file::{AgentFile, ConfigFile, SweepFile};
use super::finding::Findings;
use super::origin::Origins;
use super::surroundings::Surroundings;
use super::{Config, Glob, Mode, Override, Sweep};

mod alerts;
mod containers;
mod health;
mod host;
mod path;
mod policy;
mod sink;
mod source;
pub(super) mod value;
mod wake;

/// Everything it takes besides the file.
struct Resolver<'a> {
    /// The directory relative paths are taken from.
    base: &'a Path,
    around: &'a Surroundings,
    origins: &'a mut Origins,
    findings: &'a mut Findings,
}

/// Makes a configuration of a file. It is worth nothing if `findings` has errors afterwards.
pub(super) fn resolve(
    file: &ConfigFile,
    base: &Path,
    around: &Surroundings,
    origins: &mut Origins,
    findings: &mut Findings,
) -> Config {
    let mut resolver = Resolver { base, around, origins, findings };
    let mode = resolver.mode("mode", file.mode.as_deref()).unwrap_or_default();
    let (sources, containers) = resolver.sources(&file.source, mode);
    let alerts = resolver.alerts(file, &sources);
    Config {
        state_dir: resolver.state_dir(file.state_dir.as_deref()),
        mode,
        sweep: resolver.sweep(&file.sweep),
        policy: policy::changes(&file.policy, "policy", resolver.findings),
        overrides: resolver.overrides(&file.agent),
        docker_host: resolver.docker_host(file.docker.host.as_deref()),
        sources,
        containers,
        alerts,
        silent_failure: resolver.silent_failure(&file.silent_failure),
        credentials: resolver.credentials(&file.credential),
    }
}

impl Resolver<'_> {
    fn mode(&mut self, path: &str, text: Option<&str>) -> Option<Mode> {
        value::choice(path, text, &Mode::ALL, self.findings)
    }

    fn state_dir(&mut self, text: Option<&str>) -> PathBuf {
        text.and_then(|text| self.path("state-dir", text))
            .unwrap_or_else(|| PathBuf::from("/var/lib/sweepd"))
    }

    fn sweep(&mut self, file: &SweepFile) -> Sweep {
        let mut span = |key, text: &Option<_>, default| {
            value::some_time(&format!("sweep.{key}"), text.as_ref(), self.findings)
                .unwrap_or_else(|| Duration::from_secs(default))
        };
        let interval = span("interval", &file.interval, 60);
        let agent_budget = span("agent-budget", &file.agent_budget, 20);
        let concurrency =
            value::whole("sweep.concurrency", file.concurrency, 1..=1024_usize, self.findings);
        Sweep { interval, concurrency: concurrency.unwrap_or(8), agent_budget }
    }

    fn overrides(&mut self, files: &[AgentFile]) -> Vec<Override> {
        let overrides = files.iter().enumerate().map(|(nth, file)| {
            let path = format!("agent[{nth}]");
            let pattern = file.pattern.as_deref().unwrap_or_else(|| {
                let example = "which agents? For example match = \"nanoclaw/ag-1/*\"";
                self.findings.missing(&format!("{path}.match"), example);
                ""
            });
            Override {
                pattern: Glob::new(pattern),
                mode: self.mode(&format!("{path}.mode"), file.mode.as_deref()),
                changes: policy::changes(&file.policy(), &path, self.findings),
            }
        });
        overrides.collect()
    }
}
