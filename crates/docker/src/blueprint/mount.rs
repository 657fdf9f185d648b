//! One mount of a container to be made, in the terms of the engine's Mounts API.
//!
//! Never in those of `Binds`, by which a missing source is created as an empty directory.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Error, MountKind};

/// What is to be mounted, and where. Written down as engines do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Mount {
    /// What kind of mount.
    #[serde(rename = "Type")]
    pub kind: MountKind,
    /// The absolute path on the host, or the volume's name. Empty for a new anonymous volume, and
    /// for memory.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container may only read it.
    #[serde(default)]
    pub read_only: bool,
    /// Everything else, in the engine's words: `BindOptions`, `VolumeOptions`, `TmpfsOptions`.
    #[serde(flatten)]
    pub options: Map<String, Value>,
}

impl Mount {
    /// Reads `source:target[:options]`, as engines and compose files have it, and what of the
    /// options the Mounts API has no words for.
    pub(crate) fn read(text: &str) -> Result<(Self, Vec<&str>), &'static str> {
        let mut parts = text.split(':');
        let (Some(source), Some(target)) = (parts.next(), parts.next()) else {
            return Err("it has to be source:target, with :ro if it is only to be read");
        };
        let options = parts.next().unwrap_or_default();
        if parts.next().is_some() {
            return Err("it has more than three parts");
        }
        if !target.starts_with('/') {
            return Err("the target has to be an absolute path");
        }
        let kind = match source {
            path if path.starts_with('/') => MountKind::Bind,
            name if is_volume_name(name) => MountKind::Volume,
            _ => return Err("the source has to be an absolute path or the name of a volume"),
        };
        let mut mount = Self {
            kind,
            source: source.to_owned(),
            target: target.to_owned(),
            read_only: false,
            options: Map::new(),
        };
        let words = options.split(',').filter(|word| !word.is_empty());
        let unknown = words.filter(|word| !mount.take(word)).collect();
        Ok((mount, unknown))
    }

    /// Takes one option, if there is a word for it.
    fn take(&mut self, option: &str) -> bool {
        match (option, &self.kind) {
            ("ro" | "rro", _) => self.read_only = true,
            // What is so anyway.
            ("rw" | "rbind" | "copy", _) => {}
            ("bind", MountKind::Bind) => self.set("BindOptions", "NonRecursive", json!(true)),
            ("nocopy", MountKind::Volume) => self.set("VolumeOptions", "NoCopy", json!(true)),
            (
                "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave",
                MountKind::Bind,
            ) => {
                self.set("BindOptions", "Propagation", json!(option));
            }
            ("consistent" | "cached" | "delegated", _) => {
                self.options.insert("Consistency".to_owned(), json!(option));
            }
            _ => return false,
        }
        true
    }

    /// The same without the one option by which a missing source would be created.
    pub(crate) fn never_creating(mut self) -> Self {
        if let Some(Value::Object(group)) = self.options.get_mut("BindOptions") {
            group.remove("CreateMountpoint");
        }
        self
    }

    /// A note about it, for people.
    pub(crate) fn note(&self, text: &str) -> String {
        format!("the mount at {} {text}", self.target)
    }

    /// Sets one field of a group of options.
    pub(crate) fn set(&mut self, group: &str, field: &str, value: Value) {
        let group = self.options.entry(group).or_insert_with(|| json!({}));
        if let Some(group) = group.as_object_mut() {
            group.insert(field.to_owned(), value);
        }
    }
}

/// Reads `name:/path[:ro]` or `/host/path:/path[:ro]`; anything else is [`Error::Declared`].
impl FromStr for Mount {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |wrong: String| Error::Declared { given: text.to_owned(), wrong };
        let (mount, unknown) = Self::read(text).map_err(|why| wrong(why.to_owned()))?;
        match unknown.first() {
            None => Ok(mount),
            Some(option) => Err(wrong(format!("there is no mount option `{option}` here"))),
        }
    }
}

/// As Docker has it.
fn is_volume_name(name: &str) -> bool {
    let rest = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-');
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        json!(text.parse::<Mount>().unwrap())
    }

    #[test]
    fn paths_and_volumes_are_told_apart_and_options_find_their_place() {
        assert_eq!(
            read("/srv/a:/a"),
            json!({"Type": "bind", "Source": "/srv/a", "Target": "/a", "ReadOnly": false})
        );
        assert_eq!(
            read("/srv/a:/a:ro,rslave,cached"),
            json!({"Type": "bind", "Source": "/srv/a", "Target": "/a", "ReadOnly": true,
                "BindOptions": {"Propagation": "rslave"}, "Consistency": "cached"})
        );
        assert_eq!(read("/srv/a:/a:bind")["BindOptions"], json!({"NonRecursive": true}));
        assert_eq!(
            read("data.v-1:/a:nocopy,rw"),
            json!({"Type": "volume", "Source": "data.v-1", "Target": "/a", "ReadOnly": false,
                "VolumeOptions": {"NoCopy": true}})
        );
    }

    #[test]
    fn what_is_wrong_with_a_text_is_said_with_the_text() {
        for (bad, wrong) in [
            ("/a", "it has to be source:target, with :ro if it is only to be read"),
            ("", "it has to be source:target, with :ro if it is only to be read"),
            ("/a:b", "the target has to be an absolute path"),
            ("./a:/b", "the source has to be an absolute path or the name of a volume"),
            (":/b", "the source has to be an absolute path or the name of a volume"),
            ("a:/b:ro:x", "it has more than three parts"),
            ("a:/b:r0", "there is no mount option `r0` here"),
            ("/a:/b:z", "there is no mount option `z` here"),
            ("/a:/b:nocopy", "there is no mount option `nocopy` here"),
        ] {
            let error = bad.parse::<Mount>().unwrap_err();
            assert_eq!(error.to_string(), format!("`{bad}` cannot be used: {wrong}"));
        }
    }

    #[test]
    fn an_option_without_a_word_for_it_is_handed_back() {
        let (mount, unknown) = Mount::read("/a:/b:ro,Z,U").unwrap();
        assert!(mount.read_only);
        assert_eq!(unknown, ["Z", "U"]);
    }

    #[test]
    fn a_missing_source_is_never_to_be_created() {
        let raw = json!({"Type": "bind", "Source": "/a", "Target": "/b",
            "BindOptions": {"CreateMountpoint": true, "NonRecursive": true}});
        let mount: Mount = serde_json::from_value(raw).unwrap();
        assert_eq!(json!(mount.never_creating())["BindOptions"], json!({"NonRecursive": true}));
    }

    #[test]
    fn what_it_does_not_know_is_kept_as_it_is() {
        let raw = json!({"Type": "image", "Source": "tools:1", "Target": "/t", "ReadOnly": true,
            "ImageOptions": {"Subpath": "bin"}});
        let mount: Mount = serde_json::from_value(raw.clone()).unwrap();
        assert_eq!(mount.kind, MountKind::Other("image".to_owned()));
        assert_eq!(json!(mount), raw);
    }
}
