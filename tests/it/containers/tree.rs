//! Is every file still the same, to the byte and to the nanosecond?

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// All that lies below a directory: names, owners, modes, modification times, contents.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tree(BTreeMap<PathBuf, Entry>);

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    inode: u64,
    owner: (u32, u32),
    mode: u32,
    modified: (i64, i64),
    contents: Option<Vec<u8>>,
}

impl Tree {
    pub(crate) fn of(dir: &Path) -> Self {
        let mut tree = BTreeMap::new();
        walk(dir, &mut tree);
        assert!(tree.len() > 1, "nothing below {}", dir.display());
        Self(tree)
    }

    /// The paths in which two trees differ.
    pub(crate) fn changes<'a>(&'a self, other: &'a Self) -> Vec<&'a Path> {
        let all = self.0.keys().chain(other.0.keys().filter(|path| !self.0.contains_key(*path)));
        all.filter(|path| self.0.get(*path) != other.0.get(*path)).map(PathBuf::as_path).collect()
    }
}

fn walk(path: &Path, tree: &mut BTreeMap<PathBuf, Entry>) {
    let seen = fs::symlink_metadata(path).unwrap();
    let contents = seen.is_file().then(|| fs::read(path).unwrap());
    let entry = Entry {
        inode: seen.ino(),
        owner: (seen.uid(), seen.gid()),
        mode: seen.mode(),
        modified: (seen.mtime(), seen.mtime_nsec()),
        contents,
    };
    tree.insert(path.to_owned(), entry);
    if seen.is_dir() {
        for child in fs::read_dir(path).unwrap() {
            walk(&child.unwrap().path(), tree);
        }
    }
}
