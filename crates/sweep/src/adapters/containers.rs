//! Always-on containers of one Docker engine: who is expected, by a registry and by the
//! configuration, and how one is made anew.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sweepd_decide::keep::KeepPolicy;
use sweepd_docker::Client;

mod declared;
mod keeper;
mod roster;
mod shown;

pub use declared::{Declared, check_volume};
pub use shown::shown_spec;

/// Who is expected to be up, and what makes them so.
///
/// Those of the registry and those of the configuration are expected alike; of one that both name,
/// the configuration's is what counts.
#[derive(Debug)]
#[non_exhaustive]
pub struct KeptContainers {
    name: String,
    install: String,
    client: Client,
    /// What the names of all of them begin with; whatever else is named is refused.
    pub prefix: Option<String>,
    /// The image of those of which no other is known.
    pub default_image: Option<String>,
    /// What those of the registry are held to.
    pub policy: KeepPolicy,
    /// Somebody's SQLite file, and one SELECT.
    pub registry: Option<(PathBuf, String)>,
    /// Those of the configuration.
    pub fixed: Vec<FixedContainer>,
    /// What the registry said last of what they are made of, by name.
    listed: Mutex<BTreeMap<String, Declared>>,
}

/// A container that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedContainer {
    /// Its name, in full.
    pub name: String,
    /// Whether it is expected.
    pub enabled: bool,
    /// What it is to be made of, as far as that is said.
    pub declared: Declared,
    /// What it is held to.
    pub policy: KeepPolicy,
}

impl KeptContainers {
    /// Nobody yet: the source `name`, of the engine that `client` talks to. Containers that are
    /// made carry `install` as their label.
    pub fn new(name: impl Into<String>, install: impl Into<String>, client: Client) -> Self {
        Self {
            name: name.into(),
            install: install.into(),
            client,
            prefix: None,
            default_image: None,
            policy: KeepPolicy::default(),
            registry: None,
            fixed: Vec::new(),
            listed: Mutex::default(),
        }
    }

    /// What is declared of a container, by the configuration or else by the registry.
    fn declared(&self, name: &str) -> Declared {
        let fixed = self.fixed.iter().find(|one| one.name == name);
        let fixed = fixed.map(|one| one.declared.clone());
        fixed.or_else(|| self.listed().get(name).cloned()).unwrap_or_default()
    }

    fn listed(&self) -> MutexGuard<'_, BTreeMap<String, Declared>> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
