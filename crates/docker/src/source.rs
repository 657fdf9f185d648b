//! Whether the paths of this host that a container is to have are there.
//!
//! Docker refuses to mount one that is missing. Podman's compatible API creates it, as an empty
//! directory: there it is looked at before the container is created.

use serde_json::Value;

use crate::error::Doing;
use crate::{Client, Error};

impl Client {
    /// Refuses what Podman would create. Where another engine answers, it is left to that.
    pub(crate) async fn refuse_missing_source(
        &self,
        document: &Value,
        doing: Doing<'_>,
    ) -> Result<(), Error> {
        for source in bind_sources(document) {
            // What cannot be looked at from here may be there.
            let missing = matches!(tokio::fs::try_exists(source).await, Ok(false));
            if missing {
                return if self.version().await?.is_podman() {
                    let message = format!("{MISSING}{source}");
                    Err(Error::Refused { doing: doing.to_string(), status: BAD_REQUEST, message })
                } else {
                    Ok(())
                };
            }
        }
        Ok(())
    }
}

/// The paths that a document asks to be mounted, in the terms of the Mounts API.
fn bind_sources(document: &Value) -> impl Iterator<Item = &str> {
    let mounts = document.pointer("/HostConfig/Mounts").and_then(Value::as_array);
    let binds = mounts.into_iter().flatten().filter(|mount| mount["Type"] == "bind");
    binds.filter_map(|mount| mount["Source"].as_str())
}

/// In Docker's words, which [`Error::lacking`] reads.
const MISSING: &str =
    "not asked of Podman, which would create it: bind source path does not exist: ";

/// Docker's status for it.
const BAD_REQUEST: u16 = 400;
