//! All containers of an engine, in every state, in one call.

use std::collections::BTreeMap;

use serde::Deserialize;
use sweepd_decide::Timestamp;

use crate::convert::{bare_name, from_secs, null_is_empty};
use crate::error::Doing;
use crate::mount::MountRow;
use crate::{Client, Error, MountPoint, RunState};

/// One container of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The immutable id, in full.
    pub id: String,
    /// Its names without leading slash. Usually one; links add more, with a slash inside.
    pub names: Vec<String>,
    /// The image as it was asked for.
    pub image: String,
    /// The image's id.
    pub image_id: String,
    /// Labels, the image's included.
    pub labels: BTreeMap<String, String>,
    /// Mounts.
    pub mounts: Vec<MountPoint>,
    /// State.
    pub state: RunState,
    /// The state for people, e.g. `Exited (137) 5 minutes ago`. Not for machines.
    pub status: String,
    /// When it was created, to the second. A restart does not change it.
    pub created: Option<Timestamp>,
}

impl Listed {
    /// Whether `name` is one of its names. Compare here, not by the list's name filter: an
    /// anchored one matches nothing on Podman.
    pub fn is_named(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

impl Client {
    /// Lists all containers, in every state, in one call.
    ///
    /// The list is complete or it is an error: a row without id, state or mounts fails the call
    /// rather than being left out, since a missing row reads as "the container is gone". A state
    /// that we have no word for does not: it is [`RunState::Unknown`].
    ///
    /// # Errors
    ///
    /// The engine could not be asked: don't know, of any container.
    ///
    /// # Cancel safety
    ///
    /// Dropping it is safe at every await: it only looks.
    pub async fn list(&self) -> Result<Vec<Listed>, Error> {
        let doing = Doing("list containers", "");
        let rows = self.look::<Vec<Row>>("/containers/json?all=true", doing, self.options().list);
        Ok(rows.await.map_err(Error::never_gone)?.into_iter().map(Listed::from).collect())
    }
}

/// A container as engines list it. Fields without a default have to be there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    #[serde(deserialize_with = "null_is_empty")]
    names: Vec<String>,
    #[serde(default)]
    image: String,
    #[serde(rename = "ImageID", default)]
    image_id: String,
    created: Option<i64>,
    #[serde(deserialize_with = "null_is_empty")]
    labels: BTreeMap<String, String>,
    state: String,
    #[serde(default)]
    status: String,
    #[serde(deserialize_with = "null_is_empty")]
    mounts: Vec<MountRow>,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            names: row.names.iter().map(|name| bare_name(name).to_owned()).collect(),
            image: row.image,
            image_id: row.image_id,
            labels: row.labels,
            mounts: row.mounts.into_iter().map(MountPoint::from).collect(),
            state: RunState::from_word(&row.state),
            status: row.status,
            created: row.created.map(from_secs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MountKind;

    fn read(json: &str) -> Result<Vec<Listed>, serde_json::Error> {
        let rows: Vec<Row> = serde_json::from_str(json)?;
        Ok(rows.into_iter().map(Listed::from).collect())
    }

    #[test]
    fn a_row_of_docker_is_read_whole() {
        let listed = read(
            r#"[{"Id":"4f66","Names":["/nanoclaw-v2-main-1","/linker/alias"],"Image":"agent:1",
            "ImageID":"sha256:ab","Command":"bash","Created":1795341600,"Ports":[],
            "Labels":{"nanoclaw-install":"0a1b2c3d"},"State":"running","Status":"Up 5 seconds",
            "HostConfig":{"NetworkMode":"default"},"NetworkSettings":{"Networks":{}},
            "Mounts":[{"Type":"bind","Source":"/srv/s","Destination":"/workspace","Mode":"",
            "RW":true,"Propagation":"rprivate"},{"Type":"volume","Name":"v","Source":"",
            "Destination":"/v","Driver":"local","Mode":"z","RW":false,"Propagation":""}]}]"#,
        )
        .unwrap();
        let expected = Listed {
            id: "4f66".to_owned(),
            names: vec!["nanoclaw-v2-main-1".to_owned(), "linker/alias".to_owned()],
            image: "agent:1".to_owned(),
            image_id: "sha256:ab".to_owned(),
            labels: [("nanoclaw-install".to_owned(), "0a1b2c3d".to_owned())].into(),
            mounts: vec![
                MountPoint {
                    kind: MountKind::Bind,
                    source: "/srv/s".to_owned(),
                    destination: "/workspace".to_owned(),
                    name: None,
                    writable: true,
                },
                MountPoint {
                    kind: MountKind::Volume,
                    source: String::new(),
                    destination: "/v".to_owned(),
                    name: Some("v".to_owned()),
                    writable: false,
                },
            ],
            state: RunState::Running,
            status: "Up 5 seconds".to_owned(),
            created: Some(Timestamp::from_millis(1_795_341_600_000)),
        };
        assert!(expected.is_named("nanoclaw-v2-main-1"));
        assert!(!expected.is_named("/nanoclaw-v2-main-1"));
        assert_eq!(listed, [expected]);
    }

    #[test]
    fn a_state_nobody_has_heard_of_spoils_only_its_own_row() {
        let listed = read(
            r#"[{"Id":"a","Names":null,"Labels":null,"State":"hibernating","Mounts":null},
            {"Id":"b","Names":["/b"],"Labels":{},"State":"stopped","Mounts":[]}]"#,
        )
        .unwrap();
        let states: Vec<_> = listed.iter().map(|row| row.state.clone()).collect();
        assert_eq!(states, [RunState::Unknown("hibernating".to_owned()), RunState::Exited]);
    }

    #[test]
    fn a_row_without_what_identifies_it_spoils_the_list() {
        let whole = r#"{"Id":"a","Names":[],"Labels":{},"State":"running","Mounts":[]}"#;
        assert!(read(&format!("[{whole}]")).is_ok());
        for key in ["Id", "Names", "Labels", "State", "Mounts"] {
            let torn = whole.replace(&format!("{key:?}"), "\"Other\"");
            assert!(read(&format!("[{whole},{torn}]")).is_err(), "{key}");
        }
    }
}
