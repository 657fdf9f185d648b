//! Do the directories that a configuration names stand where they must, and may they be used?
//!
//! Asked before anything is written or locked: whoever is refused has changed nothing.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use sweepd_store::nanoclaw::{Root, RootLock};
use sweepd_store::{Error, LockError};

use crate::config::{self, Config, Mode, Source};
use crate::exit::{Exit, Failure};

/// The sources' names and roots, in the file's order.
pub(crate) type Roots = Vec<(String, Arc<Root>)>;

/// Opens every root, and makes sure that nothing is in the way of anything else.
pub(crate) fn check_ground(config: &Config) -> Result<Roots, Failure> {
    let mut roots = Roots::new();
    for source in &config.sources {
        let root = root(source)?;
        let same = roots.iter().find(|(_, known)| known.path() == root.path());
        if let Some((other, _)) = same {
            let (name, path) = (&source.name, root.path().display());
            let error = anyhow!("sources {other:?} and {name:?} have the same root, {path}");
            let hint = "one source for each installation: remove one of the two";
            return Err(Failure::new(Exit::Usage, error).with_hint(hint));
        }
        roots.push((source.name.clone(), Arc::new(root)));
    }
    let known = roots.iter().map(|(name, root)| (name.as_str(), root.path()));
    if let Some(fault) = config::state_dir_fault(&config.state_dir, known) {
        return Err(Failure::new(Exit::Usage, anyhow!("state-dir {fault}")).with_hint(STATE_DIR));
    }
    Ok(roots)
}

fn root(source: &Source) -> Result<Root, Failure> {
    let (name, path) = (&source.name, &source.root);
    let shown = path.display().to_string();
    let refused = |error: anyhow::Error| {
        let hint = format!("`root` of source {name:?} names the directory above `data`");
        Failure::new(Exit::Usage, error).with_hint(hint)
    };
    match path.metadata() {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(refused(anyhow!("root {shown:?} is not a directory"))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(refused(anyhow!("root {shown:?} does not exist")));
        }
        Err(error) => {
            let told = format!("failed to look at root {shown:?}");
            return Err(refused(anyhow::Error::new(error).context(told)));
        }
    }
    let root = Root::open(path).with_context(|| format!("failed to look at root {shown:?}"));
    let root = root.map_err(refused)?;
    if !root.path().join("data").is_dir() {
        let path = root.path().display();
        return Err(refused(anyhow!("{path} has no directory `data`: not a NanoClaw root")));
    }
    Ok(root)
}

/// In assist and enforce: the right to write below a root, and nobody else's.
pub(crate) fn lock(config: &Config, roots: &Roots) -> Result<Vec<RootLock>, Failure> {
    let mut locks = Vec::new();
    for (source, (_, root)) in config.sources.iter().zip(roots) {
        if !config.may_touch(source) {
            continue;
        }
        root.check_owner().map_err(|error| {
            let failure = Failure::new(Exit::Usage, error);
            failure.with_hint("mode = \"observe\" needs no such right")
        })?;
        locks.push(root.lock().map_err(|error| {
            let failure = Failure::new(Exit::Usage, error);
            failure.with_hint("one sweepd sweeps a root, whatever its state-dir")
        })?);
    }
    Ok(locks)
}

/// What to do where the state cannot be kept.
const STATE_DIR: &str = "`state-dir` names a directory of sweepd's own that it may write to";

/// Why the lock on the state could not even be tried, and what to do.
pub(crate) fn lock_failure(error: LockError) -> Failure {
    Failure::new(Exit::Usage, error).with_hint(STATE_DIR)
}

/// Why the state cannot be used, and what to do. A wrong place is the configuration's fault; all
/// else means that sweepd itself could not look.
pub(crate) fn state_failure(error: Error, dir: &Path) -> Failure {
    let denied = error.is_denied();
    let corrupt = matches!(error, Error::Corrupt { .. });
    let elsewhere = matches!(error, Error::NotOurs { .. } | Error::NewerSchema { .. });
    let failure = Failure::new(if denied || elsewhere { Exit::Usage } else { Exit::Blind }, error);
    if corrupt {
        let dir = dir.display();
        failure.with_hint(format!("the next `sweepd sweep` sets it aside in {dir} and begins anew"))
    } else if denied {
        failure.with_hint(STATE_DIR)
    } else {
        failure
    }
}

impl Config {
    /// Whether anything of this source may be touched.
    fn may_touch(&self, source: &Source) -> bool {
        let prefix = format!("{}/", source.name);
        let raised = |over: &config::Override| {
            over.mode.is_some_and(|mode| mode != Mode::Observe)
                && over.pattern.can_start_with(&prefix)
        };
        source.mode != Mode::Observe || self.overrides.iter().any(raised)
    }
}
