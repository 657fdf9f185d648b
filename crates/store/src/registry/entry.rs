//! What a registry says of one container, and of all of them.

use std::collections::BTreeMap;
use std::fmt;

/// Every container that a registry names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Registry {
    /// Those that were understood, by name, each once.
    pub entries: Vec<Entry>,
    /// Name and reason of every row that was not, by name. Whether such a container is expected is
    /// *not known*. What is no legal name is stripped of control characters and cut.
    pub refused: Vec<(String, String)>,
}

/// One container of a registry. `Debug` shows no value of its environment.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Entry {
    /// The container's full name.
    pub name: String,
    /// Whether it is expected to run.
    pub enabled: bool,
    /// The image.
    pub image: Option<String>,
    /// The command; empty where the registry says `[]`.
    pub command: Option<Vec<String>>,
    /// The entry point; empty where the registry says `[]`.
    pub entrypoint: Option<Vec<String>>,
    /// The environment, in the registry's order; no key comes twice.
    pub env: Vec<(String, String)>,
    /// Volumes and binds as written.
    pub volumes: Vec<String>,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The restart policy as written.
    pub restart: Option<String>,
    /// The network.
    pub network: Option<String>,
    /// The user, and the group after a colon.
    pub user: Option<String>,
    /// The working directory.
    pub working_dir: Option<String>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            enabled,
            image,
            command,
            entrypoint,
            env,
            volumes,
            labels,
            restart,
            network,
            user,
            working_dir,
        } = self;
        f.debug_struct("Entry")
            .field("name", name)
            .field("enabled", enabled)
            .field("image", image)
            .field("command", command)
            .field("entrypoint", entrypoint)
            .field("env", &env.iter().map(|(key, _)| key).collect::<Vec<_>>())
            .field("volumes", volumes)
            .field("labels", labels)
            .field("restart", restart)
            .field("network", network)
            .field("user", user)
            .field("working_dir", working_dir)
            .finish()
    }
}
