//! Can the state directory be where it is said to be?
//!
//! Asked of the disk without changing it: by `config check`, and before every call.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is wrong with the place, as a text that goes on from the key's name. `roots` are the
/// sources' names and canonical roots.
pub(crate) fn state_dir_fault<'r>(
    dir: &Path,
    mut roots: impl Iterator<Item = (&'r str, &'r Path)>,
) -> Option<String> {
    let there = nearest(dir);
    let shown = |path: &Path| format!("{:?}", path.display().to_string());
    if !there.is_dir() {
        return Some(if there == dir {
            format!("{} is not a directory", shown(dir))
        } else {
            format!("{} cannot be made: {} is not a directory", shown(dir), shown(there))
        });
    }
    let real = real(dir, there)?;
    let (name, root) = roots.find(|(_, root)| real.starts_with(root))?;
    // What an agent may write to must not be what sweepd believes.
    let (dir, root) = (shown(dir), shown(root));
    Some(format!("{dir} is below the root of source {name:?}; name a place outside of {root}"))
}

/// The innermost part of a path that is there; a link to nowhere is.
fn nearest(path: &Path) -> &Path {
    let is_there = |path: &&Path| match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    };
    path.ancestors().find(is_there).unwrap_or(path)
}

/// The path without links, as far as it is there.
fn real(path: &Path, there: &Path) -> Option<PathBuf> {
    Some(there.canonicalize().ok()?.join(path.strip_prefix(there).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_dir_has_to_be_a_directory_or_become_one_outside_of_every_root() {
        let temp = tempfile::tempdir().unwrap();
        let here = temp.path().canonicalize().unwrap();
        std::fs::create_dir(here.join("root")).unwrap();
        std::fs::write(here.join("file"), "").unwrap();
        std::os::unix::fs::symlink(here.join("nowhere"), here.join("dangling")).unwrap();
        std::os::unix::fs::symlink(here.join("root"), here.join("link")).unwrap();
        let root = here.join("root");
        let fault = |name: &str| {
            let told = state_dir_fault(&here.join(name), [("n", root.as_path())].into_iter());
            told.map(|told| told.replace(&here.display().to_string(), "HERE"))
        };
        for good in ["", "state", "a/b/c", "rooted", "root-state"] {
            assert_eq!(fault(good), None, "{good}");
        }
        assert_eq!(fault("file").unwrap(), "\"HERE/file\" is not a directory");
        assert_eq!(fault("dangling").unwrap(), "\"HERE/dangling\" is not a directory");
        let told = "\"HERE/file/a\" cannot be made: \"HERE/file\" is not a directory";
        assert_eq!(fault("file/a").unwrap(), told);
        for below in ["root", "root/state", "root/a/b", "link/state"] {
            let told = format!(
                "\"HERE/{below}\" is below the root of source \"n\"; name a place outside of \
                 \"HERE/root\""
            );
            assert_eq!(fault(below), Some(told));
        }
    }
}
