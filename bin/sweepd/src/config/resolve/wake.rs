//! Reads `[source.wake]`.
//!
//! The table has the keys of all kinds; those of another kind are errors here.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Resolver, value};
use crate::config::file::WakeFile;
use crate::config::{CommandWake, DockerWake, Env, Mount, ProcessWake, Template, Wake, size};

/// The kinds there are.
const KINDS: [&str; 5] = ["docker", "learned", "command", "process", "none"];

/// Which kinds have a key.
const KEYS: [(&str, &[&str]); 10] = [
    ("image", &["docker"]),
    ("command", &["docker"]),
    ("entrypoint", &["docker"]),
    ("mounts", &["docker"]),
    ("user", &["docker"]),
    ("argv", &["command", "process"]),
    ("cwd", &["command", "process"]),
    ("timeout", &["command"]),
    ("log-cap", &["process"]),
    ("env", &["docker", "command", "process"]),
];

impl Resolver<'_> {
    /// `None` if something that has no default is wrong; it is noted then.
    pub(super) fn wake(&mut self, at: &str, file: Option<&WakeFile>) -> Option<Wake> {
        let Some(file) = file else { return Some(Wake::None) };
        let path = format!("{at}.kind");
        let Some(kind) = file.kind.as_deref() else {
            self.findings.missing(
                &path,
                "write \"docker\", \"learned\", \"command\", \"process\" or \"none\"",
            );
            return None;
        };
        if !KINDS.contains(&kind) {
            self.findings.wrong(&path, value::not_one_of(kind, &KINDS));
            return None;
        }
        self.strangers(at, kind);
        match kind {
            "docker" => self.docker(at, file).map(Wake::Docker),
            "learned" => Some(Wake::Learned),
            "command" => self.command(at, file).map(Wake::Command),
            "process" => self.process(at, file).map(Wake::Process),
            _ => Some(Wake::None),
        }
    }

    /// Notes the keys that are there but not for this kind.
    fn strangers(&mut self, at: &str, kind: &str) {
        for (key, kinds) in KEYS {
            let path = format!("{at}.{key}");
            if kinds.contains(&kind) || !self.findings.has(&path) {
                continue;
            }
            let advice = match (key, kind) {
                ("argv", "docker") => "write `command`".to_owned(),
                ("command", "command" | "process") => "write `argv`".to_owned(),
                _ => format!("it is for kind {}", crate::config::suggest::either(kinds)),
            };
            let told = format!("`source.wake.{key}` is not for kind {kind:?}; {advice}");
            self.findings.wrong_key(&path, told);
        }
    }

    fn docker(&mut self, at: &str, file: &WakeFile) -> Option<DockerWake> {
        let image = match file.image.as_deref() {
            Some("") | None => {
                let told = "which image? For example image = \"nanoclaw-agent:latest\"";
                self.findings.missing(&format!("{at}.image"), told);
                None
            }
            Some(image) => self.template(&format!("{at}.image"), image, true),
        };
        let command = self.texts(&format!("{at}.command"), file.command.as_deref());
        let entrypoint = self.texts(&format!("{at}.entrypoint"), file.entrypoint.as_deref());
        let mounts = self.mounts(&format!("{at}.mounts"), file.mounts.as_deref());
        let user = file.user.as_deref();
        let user = user.and_then(|user| self.template(&format!("{at}.user"), user, true));
        let env = self.env(&format!("{at}.env"), file.env.as_ref());
        Some(DockerWake { image: image?, command, entrypoint, mounts, user, env })
    }

    fn command(&mut self, at: &str, file: &WakeFile) -> Option<CommandWake> {
        let argv = self.argv(at, file);
        let cwd = self.cwd(at, file);
        let timeout = format!("{at}.timeout");
        let timeout = value::some_time(&timeout, file.timeout.as_ref(), self.findings);
        let env = self.env(&format!("{at}.env"), file.env.as_ref());
        let timeout = timeout.unwrap_or(Duration::from_secs(30));
        Some(CommandWake { argv: argv?, cwd, timeout, env })
    }

    fn process(&mut self, at: &str, file: &WakeFile) -> Option<ProcessWake> {
        let argv = self.argv(at, file);
        let cwd = self.cwd(at, file);
        let env = self.env(&format!("{at}.env"), file.env.as_ref());
        let log_cap = match file.log_cap.as_ref().map(|size| size::parse(&size.0)) {
            None => 10 << 20,
            Some(Ok(bytes @ 1024..)) => bytes,
            Some(Ok(_)) => {
                self.findings.wrong(&format!("{at}.log-cap"), "a log needs at least \"1KiB\"");
                0
            }
            Some(Err(told)) => {
                self.findings.wrong(&format!("{at}.log-cap"), told);
                0
            }
        };
        Some(ProcessWake { argv: argv?, cwd, log_cap, env })
    }

    fn argv(&mut self, at: &str, file: &WakeFile) -> Option<Vec<Template>> {
        let path = format!("{at}.argv");
        match file.argv.as_deref() {
            None if self.findings.has(&format!("{at}.command")) => None,
            None | Some([]) => {
                let told = "what is to be run? For example argv = [\"/usr/local/bin/wake\", \
                            \"{session_id}\"]";
                self.findings.missing(&path, told);
                None
            }
            Some([program, ..]) if program.is_empty() => {
                self.findings.wrong(&path, "the program is missing between the first quotes");
                None
            }
            Some(argv) => self.texts(&path, Some(argv)),
        }
    }

    fn cwd(&mut self, at: &str, file: &WakeFile) -> Option<Template> {
        let path = format!("{at}.cwd");
        let cwd = self.template(&path, file.cwd.as_deref()?, true)?;
        if cwd.is_absolute() {
            return Some(cwd);
        }
        self.findings.wrong(&path, "this has to be an absolute path");
        None
    }

    fn mounts(&mut self, path: &str, set: Option<&[String]>) -> Vec<Mount> {
        let usual = ["{session_dir}:/workspace".to_owned()];
        let texts = set.unwrap_or(&usual).iter().enumerate();
        let mounts: Vec<_> =
            texts.filter_map(|(nth, text)| self.mount(&format!("{path}[{nth}]"), text)).collect();
        for (nth, mount) in mounts.iter().enumerate() {
            if mounts.iter().take(nth).any(|before| before.target == mount.target) {
                let told = format!("{:?} is mounted over twice", mount.target.to_string());
                self.findings.wrong(path, told);
            }
        }
        mounts
    }

    fn mount(&mut self, path: &str, text: &str) -> Option<Mount> {
        let (pair, read_only) = if let Some(pair) = text.strip_suffix(":ro") {
            (pair, true)
        } else {
            (text.strip_suffix(":rw").unwrap_or(text), false)
        };
        let halves = pair.split_once(':').filter(|(source, target)| {
            !source.is_empty() && !target.is_empty() && !target.contains(':')
        });
        let Some((source, target)) = halves else {
            let told = format!(
                "{text:?} is no mount; write \"/path/on/host:/path/in/container\", with :ro \
                 behind it to only read"
            );
            self.findings.wrong(path, told);
            return None;
        };
        let source = self.template(path, source, true)?;
        let target = self.template(path, target, true)?;
        for (half, what) in [(&source, "host"), (&target, "container")] {
            if !half.is_absolute() {
                let half = half.to_string();
                self.findings
                    .wrong(path, format_args!("{half:?} is no absolute path of the {what}"));
            }
        }
        Some(Mount { source, target, read_only })
    }

    fn env(&mut self, path: &str, set: Option<&BTreeMap<String, String>>) -> Env {
        let mut env = Env::default();
        for (name, value) in set.into_iter().flatten() {
            let path = format!("{path}.{name}");
            if name.is_empty() || name.contains(['=', '\0']) {
                self.findings.wrong(&path, "no environment variable has such a name");
            }
            if let Some(value) = self.template(&path, value, false) {
                env.0.insert(name.clone(), value);
            }
        }
        env
    }

    fn texts(&mut self, path: &str, set: Option<&[String]>) -> Option<Vec<Template>> {
        let texts = set?.iter().enumerate();
        texts.map(|(nth, text)| self.template(&format!("{path}[{nth}]"), text, false)).collect()
    }

    fn template(&mut self, path: &str, text: &str, strict: bool) -> Option<Template> {
        if text.contains('\0') {
            self.findings.wrong(path, "there is a NUL in it");
            return None;
        }
        Template::parse(text, strict).map_err(|told| self.findings.wrong(path, told)).ok()
    }
}
