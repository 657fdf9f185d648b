//! Makes a container again from its blueprint: created, connected, started, and looked at.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::error::Doing;
use crate::start::Started;
use crate::{Blueprint, Client, Error, labels, names};

mod compare;

/// A container that was made again and started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Its immutable id, in full.
    pub id: String,
    /// What the engine had to say about it.
    pub warnings: Vec<String>,
    /// What is not as it was, or as the blueprint has it, for people. The blueprint's own notes
    /// are among them.
    pub notes: Vec<String>,
    /// Every mount that is there and is not in the blueprint, or the other way round, or differs
    /// in kind, source or in whether it may be written to, for people.
    pub mounts_differ: Vec<String>,
}

impl Client {
    /// Makes a container of this name from a blueprint and starts it. That it keeps running is for
    /// a later look to tell. `labels` are added to the blueprint's, and go before them.
    ///
    /// It is made from the very image that it had, if that is still there: by its name, if that
    /// means the same image, else by its id, with a note. If it is gone, it is made from what the
    /// name means now, with a note. Nothing is pulled.
    ///
    /// Paths are mounted so that a missing source is an error and never created. A volume that is
    /// missing is made by the engine, as it always does, and a note says that it is new.
    ///
    /// It is created on one network and connected to the others before it starts. If the engine
    /// refuses a step, the container is removed again, as far as that goes, with the nameless
    /// volumes that were made for it; on Podman those stay. Volumes that have a name stay, always.
    ///
    /// # Errors
    ///
    /// * [`Error::Conflict`] if the name is taken, with the container that has it.
    /// * [`Error::NoImage`] if neither the image is there nor its name means another one.
    /// * [`Error::Refused`], with the engine's words; [`Error::lacking`] tells what is missing, if
    ///   that is why.
    /// * One for which [`Error::is_unknown`] holds: the container may exist, or even run. It is
    ///   not removed then. The name will tell.
    ///
    /// # Cancel safety
    ///
    /// Dropping it may leave a container of that name, created or running.
    pub async fn rebuild(
        &self,
        name: &str,
        blueprint: &Blueprint,
        labels: &BTreeMap<String, String>,
    ) -> Result<Rebuilt, Error> {
        let name = names::reference(name)?;
        let mut notes = blueprint.notes.clone();
        let mut labels = labels.clone();
        let image = self.image_to_use(name, blueprint, &mut notes).await?;
        if image != blueprint.image {
            labels.insert(labels::IMAGE.to_owned(), blueprint.image.clone());
        }
        self.note_new_volumes(blueprint, &mut notes).await?;

        let document = blueprint.document(&image, &labels);
        let (Started { id, warnings }, engine) = self.create(name, &document).await?;
        let rest = async {
            for (network, endpoint) in blueprint.other_networks() {
                self.join(&id, network, endpoint).await?;
            }
            self.run(name, &id).await
        };
        self.or_undo(&id, engine, rest).await?;

        let mut mounts_differ = Vec::new();
        match self.inspect(&id).await {
            Ok(seen) => mounts_differ = compare::mounts(&blueprint.mounts, &seen.mounts),
            Err(error) => notes.push(format!("its mounts could not be compared: {error}")),
        }
        Ok(Rebuilt { id, warnings, notes, mounts_differ })
    }

    /// By which name or id the image is to be asked for.
    async fn image_to_use(
        &self,
        name: &str,
        blueprint: &Blueprint,
        notes: &mut Vec<String>,
    ) -> Result<String, Error> {
        let Blueprint { image: asked, image_id, .. } = blueprint;
        let had = match image_id {
            Some(id) => self.image(id).await?.map(|row| row.id),
            None => None,
        };
        let named = match asked.as_str() {
            "" => None,
            name => self.image(name).await?.map(|row| row.id),
        };
        match (had, named) {
            (Some(had), Some(named)) if had == named => Ok(asked.clone()),
            (Some(had), None) if asked.is_empty() => Ok(had),
            (Some(had), Some(_)) => {
                notes.push(format!("{asked} is another image by now; it is made from {had}"));
                Ok(had)
            }
            (Some(had), None) => {
                notes.push(format!("no image is called {asked} any more; it is made from {had}"));
                Ok(had)
            }
            (None, Some(named)) => {
                if let Some(gone) = image_id {
                    notes.push(format!(
                        "the image {gone} is gone; it is made from what {asked} is now, {named}"
                    ));
                }
                Ok(asked.clone())
            }
            (None, None) => Err(Error::NoImage {
                doing: Doing("create container", name).to_string(),
                image: asked.clone(),
                id: image_id.clone(),
            }),
        }
    }

    /// Notes the volumes that are not there, and that the engine will therefore make.
    async fn note_new_volumes(
        &self,
        blueprint: &Blueprint,
        notes: &mut Vec<String>,
    ) -> Result<(), Error> {
        for volume in blueprint.volumes() {
            let path = format!("/volumes/{}", names::segment(volume));
            let doing = Doing("inspect volume", volume);
            match self.look::<Value>(&path, doing, self.options().inspect).await {
                Ok(_) => {}
                Err(Error::Gone { .. }) => {
                    notes.push(format!("the volume {volume} was not there: it is a new one"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn join(
        &self,
        id: &str,
        network: &str,
        endpoint: &Map<String, Value>,
    ) -> Result<(), Error> {
        let path = format!("/networks/{}/connect", names::segment(network));
        let document = json!({"Container": id, "EndpointConfig": endpoint});
        let doing = Doing("connect a container to network", network);
        self.hand(&path, &document, doing, self.options().call).await.map(drop)
    }
}
