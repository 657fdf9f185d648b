//! One container at the engine: learned, made anew, started, remembered.

use sweepd_decide::{RunId, Timestamp};
use sweepd_docker::{Blueprint, Error, Rebuilt};

use super::KeptContainers;
use crate::adapters::docker::{port, state};
use crate::adapters::ended::ended_at_once;
use crate::adapters::learned::{learned, mark};
use crate::ports::{Doing, Happening, Keeper, Learned, Learner, PortError, Recreated, Recreation};

impl Learner for KeptContainers {
    fn learn<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Learned, PortError>> {
        Box::pin(learned(&self.client, run))
    }
}

impl Keeper for KeptContainers {
    fn recreate<'a>(&'a self, order: &'a Recreation) -> Doing<'a, Result<Recreated, PortError>> {
        Box::pin(async move {
            let doing = || format!("make {} anew", order.name);
            let learned = order.learned.clone().map(serde_json::from_value::<Blueprint>);
            let learned = learned.transpose().map_err(|error| {
                PortError::lacking(doing(), format!("what was learned of it: {error}"))
            })?;
            let image = self.default_image.as_deref();
            let blueprint = self
                .declared(&order.name)
                .over(learned, image)
                .map_err(|wrong| PortError::lacking(doing(), wrong))?;
            let labels = mark(&blueprint, &self.install, &order.agent);
            let made = self.client.rebuild(&order.name, &blueprint, &labels).await;
            let made = made.map_err(|error| not_made(&doing(), error))?;
            self.see(made, &blueprint, &doing()).await
        })
    }

    fn start<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        Box::pin(async move {
            let started = self.client.start_again(run.as_str()).await;
            started.map_err(|error| port(&self.engine(), error))
        })
    }

    fn history<'a>(
        &'a self,
        run: &'a RunId,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'a, Result<Vec<Happening>, PortError>> {
        Box::pin(async move {
            let history = self.client.history(run.as_str(), since, until).await;
            let history = history.map_err(|error| port(&self.engine(), error))?;
            let happening = |seen: sweepd_docker::Happening| Happening {
                at: seen.at,
                what: seen.action,
                exit_code: seen.exit_code,
                signal: seen.signal,
            };
            Ok(history.into_iter().map(happening).collect())
        })
    }
}

impl KeptContainers {
    fn engine(&self) -> String {
        format!("engine at {}", self.client.host())
    }

    /// It has to be seen running; one that ended at once says why in its log.
    async fn see(
        &self,
        made: Rebuilt,
        blueprint: &Blueprint,
        doing: &str,
    ) -> Result<Recreated, PortError> {
        let Rebuilt { id, warnings, mut notes, mounts_differ } = made;
        notes.extend(warnings);
        let found = self.client.inspect(&id).await.map_err(|error| port(doing, error))?;
        let up = state(&found.state).is_up();
        let secrets = blueprint.env.iter().map(|(_, value)| value.as_str());
        let ended =
            if up { None } else { Some(ended_at_once(&self.client, &found, secrets).await) };
        let started_at = found.started_at;
        Ok(Recreated { run: RunId::new(id), started_at, ended, notes, mounts_differ })
    }
}

/// Why it was not made.
fn not_made(doing: &str, error: Error) -> PortError {
    // While another is being made, its name is taken and nobody can be asked about it yet.
    let taken = |status: u16, words: &str| status == 409 && words.contains(" in use");
    if matches!(error, Error::Conflict { .. })
        || matches!(&error, Error::Refused { status, message, .. } if taken(*status, message))
    {
        PortError::Superseded { doing: doing.to_owned() }
    } else if error.lacking().is_some() {
        PortError::lacking(doing, error)
    } else {
        port(doing, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, message: &str) -> PortError {
        let (doing, message) = ("create container a".to_owned(), message.to_owned());
        not_made("make a anew", Error::Refused { doing, status, message })
    }

    /// It cannot be inspected yet: the name is taken by whoever is making one at this moment.
    #[test]
    fn a_name_that_is_taken_is_somebody_else_s_doing_and_no_failure() {
        let docker = "Conflict. The container name \"/a\" is already in use by container \"f0\".";
        let podman = "the container name \"a\" is already in use by f0. You have to remove it";
        for words in [docker, podman] {
            assert!(matches!(refused(409, words), PortError::Superseded { .. }), "{words}");
        }
        assert!(matches!(refused(409, "removal in progress"), PortError::Refused { .. }));
        let port = "Bind for 0.0.0.0:80 failed: address already in use";
        assert!(matches!(refused(500, port), PortError::Refused { .. }));
    }
}
