//! Reads the `[[source]]` tables of kind `containers`.

use std::collections::{BTreeMap, BTreeSet};

use sweepd_docker::Restart;
use sweepd_sweep::adapters::Declared;

use super::{Resolver, value};
use crate::config::file::{ContainerFile, SourceFile};
use crate::config::{Container, Containers, Mode, OnStopped, RECREATE, Registry};

impl Resolver<'_> {
    /// One source.
    pub(super) fn containers(
        &mut self,
        nth: usize,
        at: &str,
        name: String,
        file: &SourceFile,
        mode: Mode,
    ) -> Containers {
        let path = |key: &str| format!("{at}.{key}");
        let own = self.mode(&path("mode"), file.mode.as_deref());
        if own.is_none() {
            self.origins.elsewhere(path("mode"), "as `mode` above");
        }
        let prefix = file.name_prefix.clone().filter(|prefix| !prefix.is_empty());
        let on_stopped = file.on_stopped.as_deref();
        let on_stopped =
            value::choice(&path("on-stopped"), on_stopped, &OnStopped::ALL, self.findings);
        let recreate = file.recreate.as_deref();
        let recreate = value::choice(&path("recreate"), recreate, &RECREATE, self.findings);
        let orphans = file.remove_orphans.as_ref();
        let words = [("never", None)];
        let remove_orphans = value::span_or(
            &path("remove-orphans"),
            orphans,
            &words,
            |span| Some(std::time::Duration::from_millis(span.as_millis().unsigned_abs())),
            self.findings,
        );
        let default_image = self.words(&path("default-image"), file.default_image.as_deref());
        if file.registry.is_none() && file.container.is_empty() {
            let told = "who is expected? Ask a [source.registry], or name each in a \
                        [[source.container]]";
            self.findings.missing(&path("registry"), told);
        }
        let registry = self.registry(&path("registry"), file);
        let mut fixed: Vec<Container> = Vec::new();
        let mut names = BTreeSet::new();
        for (nth, file) in file.container.iter().enumerate() {
            let at = format!("{at}.container[{nth}]");
            let Some(one) = self.container(&at, file, prefix.as_deref()) else { continue };
            if names.insert(one.name.clone()) {
                fixed.push(one);
            } else {
                let told = format!("there is a [[source.container]] {:?} already", one.name);
                self.findings.wrong(&format!("{at}.name"), told);
            }
        }
        Containers {
            nth,
            name,
            mode: own.unwrap_or(mode),
            prefix,
            default_image,
            on_stopped: on_stopped.unwrap_or_default(),
            recreate: recreate.unwrap_or_default(),
            remove_orphans: remove_orphans.flatten(),
            registry,
            fixed,
        }
    }

    /// `None`: there is none, or something is wrong with it.
    fn registry(&mut self, at: &str, file: &SourceFile) -> Option<Registry> {
        let file = file.registry.as_ref()?;
        let path = format!("{at}.path");
        if file.path.is_none() {
            let told = "which file? For example path = \"/srv/claude-hooks/agents.db\"";
            self.findings.missing(&path, told);
        }
        let query = format!("{at}.query");
        let told = "which containers? For example query = \"SELECT name, enabled FROM agents\"";
        match file.query.as_deref().map(str::trim) {
            None => self.findings.missing(&query, told),
            Some("") => self.findings.wrong(&query, told),
            Some(_) => {}
        }
        let registry = file.path.as_deref().and_then(|file| self.path(&path, file));
        Some(Registry { path: registry?, query: file.query.clone()? })
    }

    fn container(
        &mut self,
        at: &str,
        file: &ContainerFile,
        prefix: Option<&str>,
    ) -> Option<Container> {
        let path = |key: &str| format!("{at}.{key}");
        let Some(name) = file.name.as_deref() else {
            let told = "which container? Its name in full, as `docker ps` shows it";
            self.findings.missing(&path("name"), told);
            return None;
        };
        if !is_name(name) {
            let told = format!(
                "{name:?} is no name of a container: letters, digits, `_`, `.` and `-`, the first \
                 one a letter or a digit"
            );
            self.findings.wrong(&path("name"), told);
        } else if let Some(prefix) = prefix.filter(|prefix| !name.starts_with(prefix)) {
            let told = format!("{name:?} does not begin with the source's name-prefix {prefix:?}");
            self.findings.wrong(&path("name"), told);
        }
        if let Some(restart) = file.restart.as_deref() {
            self.restart(&path("restart"), restart);
        }
        self.volumes(&path("volumes"), file.volumes.as_deref().unwrap_or_default());
        self.keys(&path("env"), file.env.as_ref());
        let on_stopped = file.on_stopped.as_deref();
        let recreate = file.recreate.as_deref();
        Some(Container {
            name: name.to_owned(),
            enabled: file.enabled.unwrap_or(true),
            on_stopped: value::choice(
                &path("on-stopped"),
                on_stopped,
                &OnStopped::ALL,
                self.findings,
            ),
            recreate: value::choice(&path("recreate"), recreate, &RECREATE, self.findings),
            declared: Declared {
                image: self.words(&path("image"), file.image.as_deref()),
                command: file.command.clone(),
                entrypoint: file.entrypoint.clone(),
                env: file.env.clone(),
                volumes: file.volumes.clone(),
                labels: file.labels.clone(),
                restart: file.restart.clone(),
                network: self.words(&path("network"), file.network.as_deref()),
                user: self.words(&path("user"), file.user.as_deref()),
                working_dir: self.words(&path("working-dir"), file.working_dir.as_deref()),
            },
        })
    }

    /// A text that may be left out and not be empty.
    fn words(&mut self, path: &str, text: Option<&str>) -> Option<String> {
        let text = text?;
        if text.trim().is_empty() {
            self.findings.wrong(path, "nothing is between the quotes; leave the key out instead");
            return None;
        }
        Some(text.to_owned())
    }

    fn restart(&mut self, path: &str, text: &str) {
        if text.parse::<Restart>().is_err() {
            let known = ["no", "always", "unless-stopped", "on-failure", "on-failure:3"];
            self.findings.wrong(path, value::not_one_of(text, &known));
        }
    }

    fn volumes(&mut self, path: &str, volumes: &[String]) {
        for (nth, volume) in volumes.iter().enumerate() {
            if let Err(told) = sweepd_sweep::adapters::check_volume(volume) {
                self.findings.wrong(&format!("{path}[{nth}]"), told);
            }
        }
    }

    fn keys(&mut self, path: &str, set: Option<&BTreeMap<String, String>>) {
        for name in set.into_iter().flat_map(BTreeMap::keys) {
            if name.is_empty() || name.contains(['=', '\0']) {
                let path = format!("{path}.{name}");
                self.findings.wrong(&path, "no environment variable has such a name");
            }
        }
    }
}

/// What engines take for a container's name.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric();
    let rest = |c: char| plain(c) || "_.-".contains(c);
    let mut chars = name.chars();
    chars.next().is_some_and(plain) && chars.all(rest) && name.len() > 1
}
