//! What a container is to be made of, as far as anybody says so.

use std::collections::BTreeMap;

use sweepd_docker::{Blueprint, Error, Mount};
use sweepd_store::registry::Entry;

/// What is declared of a container. What is not is as it was, or as the image has it.
#[derive(Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Declared {
    /// The image.
    pub image: Option<String>,
    /// Replaces the image's command.
    pub command: Option<Vec<String>>,
    /// Replaces the image's entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// The whole environment beyond the image's. Values may be secrets.
    pub env: Option<BTreeMap<String, String>>,
    /// Everything that is mounted by name or path: `name:/path[:ro]` or `/host/path:/path[:ro]`.
    pub volumes: Option<Vec<String>>,
    /// All labels beyond the image's.
    pub labels: Option<BTreeMap<String, String>>,
    /// `no`, `always`, `unless-stopped` or `on-failure[:N]`.
    pub restart: Option<String>,
    /// The one network it is on.
    pub network: Option<String>,
    /// `uid`, `uid:gid` or names known in the image.
    pub user: Option<String>,
    /// Working directory in the container.
    pub working_dir: Option<String>,
}

/// Without the values of the environment.
impl std::fmt::Debug for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Declared")
            .field("image", &self.image)
            .field("volumes", &self.volumes)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

/// Whether a text can be a declared volume; if not, what is wrong with it.
///
/// # Errors
/// What is wrong, with the text.
pub fn check_volume(text: &str) -> Result<(), String> {
    text.parse::<Mount>().map(drop).map_err(|error| error.to_string())
}

impl Declared {
    /// What the container is made of: what was learned of it, with what is declared over it.
    ///
    /// # Errors
    /// What is wrong, in words: a declared text cannot be understood, or no image is known.
    pub(super) fn over(
        &self,
        learned: Option<Blueprint>,
        default_image: Option<&str>,
    ) -> Result<Blueprint, String> {
        let mut made = learned.unwrap_or_default();
        if let Some(image) = &self.image {
            made.replace_image(image);
        } else if made.image.is_empty() {
            let none = "no image is known: it was never seen up, and neither `image` nor \
                        `default-image` is given";
            default_image.ok_or(none)?.clone_into(&mut made.image);
        }
        self.set(&mut made).map_err(|error| error.to_string())?;
        Ok(made)
    }

    fn set(&self, made: &mut Blueprint) -> Result<(), Error> {
        // A declared entrypoint goes with a declared command, or with none.
        if let Some(entrypoint) = &self.entrypoint {
            made.entrypoint = Some(entrypoint.clone());
            made.command = None;
        }
        if let Some(command) = &self.command {
            made.command = Some(command.clone());
        }
        if let Some(env) = &self.env {
            let env = env.iter().map(|(key, value)| (key.clone(), value.clone()));
            made.replace_env(env.collect());
        }
        if let Some(volumes) = &self.volumes {
            let volumes = volumes.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
            made.replace_volumes(volumes);
        }
        if let Some(labels) = &self.labels {
            made.labels.clone_from(labels);
        }
        if let Some(restart) = &self.restart {
            made.restart = restart.parse()?;
        }
        if let Some(network) = &self.network {
            made.move_to_network(network);
        }
        if self.user.is_some() {
            made.user.clone_from(&self.user);
        }
        if self.working_dir.is_some() {
            made.working_dir.clone_from(&self.working_dir);
        }
        Ok(())
    }
}

impl From<Entry> for Declared {
    fn from(entry: Entry) -> Self {
        let Entry {
            name: _,
            enabled: _,
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
        } = entry;
        Self {
            image,
            command,
            entrypoint,
            env: (!env.is_empty()).then(|| env.into_iter().collect()),
            volumes: (!volumes.is_empty()).then_some(volumes),
            labels: (!labels.is_empty()).then_some(labels),
            restart,
            network,
            user,
            working_dir,
        }
    }
}
