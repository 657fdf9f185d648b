//! Reads the `[[source]]` tables.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use sweepd_schedule::Zone;

use super::{Resolver, policy, value};
use crate::config::file::SourceFile;
use crate::config::{Containers, Mode, Source, dotenv, regular};

/// The kinds there are; also what a source is called that has no name.
const NANOCLAW: &str = "nanoclaw";
const CONTAINERS: &str = "containers";

/// Which kind has a key that not all have.
const KEYS: [(&str, &str); 14] = [
    ("root", NANOCLAW),
    ("timezone", NANOCLAW),
    ("install", NANOCLAW),
    ("sole-sweeper", NANOCLAW),
    ("policy", NANOCLAW),
    ("wake", NANOCLAW),
    ("health-monitor", NANOCLAW),
    ("name-prefix", CONTAINERS),
    ("default-image", CONTAINERS),
    ("on-stopped", CONTAINERS),
    ("recreate", CONTAINERS),
    ("remove-orphans", CONTAINERS),
    ("registry", CONTAINERS),
    ("container", CONTAINERS),
];

impl Resolver<'_> {
    pub(super) fn sources(
        &mut self,
        files: &[SourceFile],
        mode: Mode,
    ) -> (Vec<Source>, Vec<Containers>) {
        let mut lines = BTreeMap::new();
        let (mut sources, mut containers) = (Vec::new(), Vec::new());
        for (nth, file) in files.iter().enumerate() {
            let at = format!("source[{nth}]");
            if file.kind.is_none() && self.findings.has(&format!("{at}.kind")) {
                // It was taken out with an error: there is no telling what this is.
                continue;
            }
            let name = self.name(&at, file);
            if let Some(first) = lines.insert(name.clone(), at.clone()) {
                self.twice(&at, &name, &first);
            }
            if file.kind.as_deref() == Some(CONTAINERS) {
                self.strange_keys(&at, CONTAINERS);
                containers.push(self.containers(nth, &at, name, file, mode));
            } else {
                self.strange_keys(&at, NANOCLAW);
                sources.extend(self.source(nth, &at, name, file, mode));
            }
        }
        (sources, containers)
    }

    /// Notes the keys that are there but not for this kind.
    fn strange_keys(&mut self, at: &str, kind: &str) {
        for (key, of) in KEYS {
            // Lists of tables are known by their first.
            let paths = [format!("{at}.{key}"), format!("{at}.{key}[0]")];
            let path = paths.iter().find(|path| of != kind && self.findings.has(path));
            if let Some(path) = path {
                let told =
                    format!("`source.{key}` is not for kind {kind:?}; it is for kind {of:?}");
                self.findings.wrong_key(path, told);
            }
        }
    }

    fn source(
        &mut self,
        nth: usize,
        at: &str,
        name: String,
        file: &SourceFile,
        mode: Mode,
    ) -> Option<Source> {
        let path = |key: &str| format!("{at}.{key}");
        match file.kind.as_deref() {
            None => self
                .findings
                .missing(&path("kind"), "write kind = \"nanoclaw\" or kind = \"containers\""),
            Some(NANOCLAW) => {}
            Some(other) => {
                self.findings
                    .wrong(&path("kind"), value::not_one_of(other, &[NANOCLAW, CONTAINERS]));
            }
        }
        if file.root.is_none() {
            let told = "where is the installation? For example root = \"/srv/nanoclaw\"";
            self.findings.missing(&path("root"), told);
        }
        let own = self.mode(&path("mode"), file.mode.as_deref());
        if own.is_none() {
            self.origins.elsewhere(path("mode"), "as `mode` above");
        }
        let policy = policy::changes(&file.policy, &path("policy"), self.findings);
        let wake = self.wake(&path("wake"), file.wake.as_ref());
        let install = self.install(&path("install"), file.install.as_deref());
        let root = file.root.as_deref().and_then(|root| self.path(&path("root"), root));
        let root_or_none = root.as_deref().unwrap_or_else(|| Path::new("/nonexistent"));
        let monitor = file.health_monitor.as_ref();
        let monitor = self.health_monitor(&path("health-monitor"), monitor, root_or_none);
        let timezone = self.timezone(&path("timezone"), file.timezone.as_deref(), root_or_none);
        Some(Source {
            nth,
            name,
            mode: own.unwrap_or(mode),
            timezone,
            install,
            sole_sweeper: file.sole_sweeper.unwrap_or(false),
            policy,
            wake: wake?,
            monitor,
            root: root?,
        })
    }

    fn name(&mut self, at: &str, file: &SourceFile) -> String {
        let kind = if file.kind.as_deref() == Some(CONTAINERS) { CONTAINERS } else { NANOCLAW };
        let name = file.name.as_deref().unwrap_or(kind);
        let path = format!("{at}.name");
        if name.is_empty() {
            self.findings.wrong(&path, "a name is missing between the quotes");
        } else if name.contains('/') {
            let told = format!(
                "{name:?} has a `/`, which ends the name of the source in the ids of agents, such \
                 as nanoclaw/ag-1/s-1"
            );
            self.findings.wrong(&path, told);
        } else if name.contains(|c: char| c.is_whitespace() || c.is_control() || "*?%".contains(c))
        {
            let told = format!("{name:?} has a character that is a nuisance in ids and patterns");
            self.findings.wrong(&path, format_args!("{told}; use letters, digits, `-`, `_`, `.`"));
        }
        name.to_owned()
    }

    fn twice(&mut self, at: &str, name: &str, first: &str) {
        let place = self.origins.of(first);
        let told = format!("there is a source {name:?} at {place} already; give each its own name");
        let path = format!("{at}.name");
        if self.findings.has(&path) {
            self.findings.wrong(&path, told);
        } else {
            self.findings.missing(&path, told);
        }
    }

    fn install(&mut self, path: &str, text: Option<&str>) -> Option<String> {
        let install = text?;
        if install.trim().is_empty() {
            self.findings.wrong(path, "the label's value is missing; leave the key out instead");
        }
        Some(install.to_owned())
    }

    fn timezone(&mut self, path: &str, set: Option<&str>, root: &Path) -> Zone {
        if let Some(name) = set {
            return Zone::parse(name).unwrap_or_else(|unknown| {
                self.findings.wrong(path, unknown);
                Zone::utc()
            });
        }
        let env = root.join(".env");
        let text = self.env_file(path, &env);
        if let Some(name) = text.as_deref().and_then(|text| dotenv::lookup(text, "TZ")) {
            match Zone::parse(name) {
                Ok(zone) => {
                    self.origins.elsewhere(path.to_owned(), format!("TZ in {}", env.display()));
                    return zone;
                }
                Err(unknown) => {
                    let told =
                        format!("not set, and TZ in {} cannot be used: {unknown}", env.display());
                    self.findings.warn(path, told);
                }
            }
        }
        let hosts = self.around.zone.as_deref().and_then(|name| Zone::parse(name).ok());
        let words = if hosts.is_some() { "the host's zone" } else { "default: no zone is known" };
        self.origins.elsewhere(path.to_owned(), words);
        hosts.unwrap_or_else(|| {
            let told = "not set, and the host does not say its own; cron is read in UTC";
            self.findings.warn(path, told);
            Zone::utc()
        })
    }

    /// The text of a `.env`. One that is there and cannot be had is told of; the rest goes on as
    /// if it were absent.
    pub(super) fn env_file(&mut self, path: &str, env: &Path) -> Option<String> {
        match regular::read(env, dotenv::LONGEST) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => {
                if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
                    let told = format!("not set, and {} cannot be read: {error}", env.display());
                    self.findings.warn(path, told);
                }
                None
            }
        }
    }
}
