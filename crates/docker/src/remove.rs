//! Removes a container that has ended.

use bollard::query_parameters::RemoveContainerOptions;

use crate::error::Doing;
use crate::{Client, Error, names};

impl Client {
    /// Removes the container, and none of its volumes.
    ///
    /// One that is gone, or that the engine is removing already, is success; in the latter case
    /// it may show for a moment longer. Without `force` a running container is refused; with it,
    /// it is killed first.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] if `id` is not a full id. [`Error::Refused`] if it runs and `force` is
    /// false. Else unknown: it may have been removed.
    ///
    /// # Cancel safety
    ///
    /// Dropping it does not take the request back once it was sent. It can be repeated.
    pub async fn remove(&self, id: &str, force: bool) -> Result<(), Error> {
        let id = names::immutable(id)?;
        let options = RemoveContainerOptions { force, v: false, link: false };
        let removal =
            self.verb(Doing("remove container", id), self.options().call, |docker| async move {
                docker.remove_container(id, Some(options)).await
            });
        match removal.await {
            Err(Error::Gone { .. }) => Ok(()),
            Err(Error::Refused { status: 409, message, .. }) if message.contains(UNDER_WAY) => {
                Ok(())
            }
            answer => answer,
        }
    }
}

/// Docker's words for "somebody else is removing it": `removal of container X is already in
/// progress`.
const UNDER_WAY: &str = "already in progress";
