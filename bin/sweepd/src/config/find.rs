//! Which file is the configuration?
//!
//! `--config`, else `$SWEEPD_CONFIG`: that one and no other. Else the first of three usual places
//! that holds one.

use std::io;
use std::path::{Path, PathBuf};

use super::regular;
use super::surroundings::Surroundings;

/// Nobody writes more.
const LARGEST: u64 = 1 << 20;

/// A file that was found and read.
#[derive(Debug)]
pub(crate) struct Found {
    /// As it was named.
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindError {
    #[error("found no configuration file; looked for {}", listed(.looked))]
    Nowhere { looked: Vec<PathBuf> },
    #[error("failed to read {}{by}", .path.display())]
    Read { path: PathBuf, by: &'static str, source: io::Error },
    #[error("{} is larger than 1 MiB: that is no configuration file", .path.display())]
    TooLarge { path: PathBuf },
}

/// Finds the file and reads it.
pub(crate) fn find(flag: Option<&Path>, around: &Surroundings) -> Result<Found, FindError> {
    if let Some(path) = flag {
        return read(path, " (from --config)");
    }
    if let Some(path) = &around.config {
        return read(path, " (from $SWEEPD_CONFIG)");
    }
    let looked = usual_places(around);
    for path in &looked {
        match read(path, "") {
            Err(FindError::Read { source, .. })
                if matches!(
                    source.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) => {}
            found_or_broken => return found_or_broken,
        }
    }
    Err(FindError::Nowhere { looked })
}

fn usual_places(around: &Surroundings) -> Vec<PathBuf> {
    let own = around.home.iter().map(|home| home.join(".config/sweepd/sweepd.toml"));
    let mut places = vec![PathBuf::from("./sweepd.toml")];
    places.extend(own);
    places.push(PathBuf::from("/etc/sweepd/sweepd.toml"));
    places
}

fn read(path: &Path, by: &'static str) -> Result<Found, FindError> {
    let failed = |source| FindError::Read { path: path.to_owned(), by, source };
    let bytes = regular::read(path, LARGEST + 1).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(FindError::TooLarge { path: path.to_owned() });
    }
    Ok(Found { path: path.to_owned(), bytes })
}

fn listed(paths: &[PathBuf]) -> String {
    let shown: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    shown.join(", ")
}
