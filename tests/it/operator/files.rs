//! A directory tree to the byte and the nanosecond.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    inode: u64,
    mode: u32,
    modified: (i64, i64),
    bytes: Option<Vec<u8>>,
}

/// Everything below `top`, itself included.
pub(crate) fn tree(top: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut found = BTreeMap::new();
    note(top, &mut found);
    found
}

fn note(path: &Path, found: &mut BTreeMap<PathBuf, Entry>) {
    let meta = path.symlink_metadata().unwrap();
    let bytes = meta.is_file().then(|| std::fs::read(path).unwrap());
    let modified = (meta.mtime(), meta.mtime_nsec());
    let entry = Entry { inode: meta.ino(), mode: meta.mode(), modified, bytes };
    found.insert(path.to_owned(), entry);
    if meta.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            note(&entry.unwrap().path(), found);
        }
    }
}

/// That nothing at all differs; else the names of what does.
#[track_caller]
pub(crate) fn assert_same(before: &BTreeMap<PathBuf, Entry>, top: &Path) {
    let after = tree(top);
    let names = before.keys().chain(after.keys());
    let differ: Vec<&PathBuf> =
        names.filter(|name| before.get(*name) != after.get(*name)).collect();
    assert!(differ.is_empty(), "touched: {differ:?}");
}

/// Copies a tree, as `cp -a` does.
pub(crate) fn copy(from: &Path, to: &Path) {
    let status = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success());
}
