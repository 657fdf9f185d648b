//! What the configuration names and the disk does not have.
//!
//! Only looks. What is looked for per session cannot be looked for here.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::config::finding::Findings;
use crate::config::{
    Config, DockerWake, Env, Placeholder, Source, Template, Wake, state_dir_fault,
};

/// Looks for everything that can be looked for.
pub(super) fn check(config: &Config, file: &Path, findings: &mut Findings) {
    if fs::metadata(file).is_ok_and(|file| file.permissions().mode() & 0o002 != 0) {
        findings.warn_of("everybody may write this file, and so tell sweepd what to run");
    }
    let mut roots: Vec<(PathBuf, &str)> = Vec::new();
    for source in &config.sources {
        let at = format!("source[{}]", source.nth);
        if let Some(root) = root(&at, source, findings) {
            if let Some((_, other)) = roots.iter().find(|(known, _)| *known == root) {
                let told = format!("this is the root of source {other:?} too");
                findings.wrong(&format!("{at}.root"), told);
            }
            roots.push((root, &source.name));
        }
        wake(&format!("{at}.wake"), source, findings);
    }
    for source in &config.containers {
        if let Some(registry) = source.registry.as_ref().filter(|registry| !registry.path.exists())
        {
            let told =
                format!("there is no {:?}: nobody in it is watched", registry.path.display());
            findings.warn(&format!("source[{}].registry.path", source.nth), told);
        }
    }
    let known = roots.iter().map(|(root, name)| (*name, root.as_path()));
    if let Some(fault) = state_dir_fault(&config.state_dir, known) {
        findings.wrong("state-dir", fault);
    }
}

/// What each call finds out by itself and says: whether the list of sessions is there, and the
/// container engine, if anything runs in one.
pub(super) fn what_calls_ask(config: &Config, findings: &mut Findings) {
    for source in &config.sources {
        let Ok(root) = source.root.canonicalize() else { continue };
        if root.is_dir() && !root.join("data/v2.db").exists() {
            let root = root.display();
            let told =
                format!("there is no data/v2.db in {root}: is this a NanoClaw installation?");
            findings.warn(&format!("source[{}].root", source.nth), told);
        }
    }
    let process = |source: &Source| matches!(source.wake, Wake::Process(_));
    let socket = config.docker_host.strip_prefix("unix://").unwrap_or_default();
    let only_processes = !config.sources.is_empty() && config.sources.iter().all(process);
    let needed = !only_processes || !config.containers.is_empty();
    if needed && !Path::new(socket).exists() {
        let told = format!("there is nothing at {socket:?}: is the container engine running?");
        findings.warn("docker.host", told);
    }
}

/// The canonical root, if it is one.
fn root(at: &str, source: &Source, findings: &mut Findings) -> Option<PathBuf> {
    let path = format!("{at}.root");
    let root = match source.root.canonicalize() {
        Ok(root) => root,
        Err(error) => {
            let told = format!("{} cannot be found: {error}", source.root.display());
            findings.wrong(&path, told);
            return None;
        }
    };
    if !root.is_dir() {
        findings.wrong(&path, format_args!("{} is not a directory", root.display()));
        return None;
    }
    Some(root)
}

fn wake(at: &str, source: &Source, findings: &mut Findings) {
    let root = source.root.to_string_lossy();
    match &source.wake {
        Wake::None | Wake::Learned => {}
        Wake::Docker(DockerWake { mounts, .. }) => {
            for (nth, mount) in mounts.iter().enumerate() {
                let told = "it has to be there: what is missing is never created";
                missing(&format!("{at}.mounts[{nth}]"), &mount.source, &root, told, findings);
            }
        }
        Wake::Command(command) => {
            program(&format!("{at}.argv"), &command.argv, &command.env, &root, findings);
        }
        Wake::Process(process) => {
            program(&format!("{at}.argv"), &process.argv, &process.env, &root, findings);
        }
    }
}

/// Warns of a path that is the same for all sessions and not there.
fn missing(path: &str, template: &Template, root: &str, told: &str, findings: &mut Findings) {
    if let Some(filled) = fill(template, root)
        && !Path::new(&filled).exists()
    {
        findings.warn(path, format_args!("there is no {filled:?}; {told}"));
    }
}

/// Warns of a program that will not be found.
fn program(path: &str, argv: &[Template], env: &Env, root: &str, findings: &mut Findings) {
    let Some(program) = argv.first().and_then(|program| fill(program, root)) else { return };
    if program.contains('/') {
        if program.starts_with('/') && !Path::new(&program).exists() {
            findings.warn(path, format_args!("there is no {program:?}"));
        }
        return;
    }
    let set = env.0.get("PATH").map(|path| fill(path, root));
    let directories = match set {
        None => "/bin:/usr/bin".to_owned(),
        Some(Some(path)) => path,
        Some(None) => return,
    };
    if !directories.split(':').any(|dir| Path::new(dir).join(&program).exists()) {
        let told = format!(
            "there is no {program:?} in {directories}; write its whole path, or set PATH in `env`"
        );
        findings.warn(path, told);
    }
}

fn fill(template: &Template, root: &str) -> Option<String> {
    template.fill(|placeholder| (placeholder == Placeholder::Root).then_some(root))
}
