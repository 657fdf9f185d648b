//! Which columns does an answer have, and which of them are ours?

use super::fault::Fault;
use crate::words::plain;

/// Every column that says something about a container.
const KNOWN: [&str; 12] = [
    "name",
    "enabled",
    "image",
    "command",
    "entrypoint",
    "env",
    "volumes",
    "labels",
    "restart",
    "network",
    "user",
    "working_dir",
];
/// Those without which a row says nothing.
const REQUIRED: [&str; 2] = ["name", "enabled"];

/// Our columns of an answer, and where in it they are.
#[derive(Debug)]
pub(super) struct Columns(pub(super) Vec<(&'static str, usize)>);

impl Columns {
    /// Finds ours. Fails where one that is required is not there, or any of ours is there twice.
    pub(super) fn of(names: &[&str]) -> Result<Self, Fault> {
        let mut found = Vec::new();
        for known in KNOWN {
            let mut at =
                names.iter().enumerate().filter(|(_, name)| name.eq_ignore_ascii_case(known));
            match (at.next(), at.next()) {
                (Some((at, _)), None) => found.push((known, at)),
                (None, _) if !REQUIRED.contains(&known) => {}
                (None, _) | (Some(_), Some(_)) => {
                    let found = names.iter().map(|name| plain(name)).collect();
                    return Err(Fault::Columns { missing: known, found });
                }
            }
        }
        Ok(Self(found))
    }
}
