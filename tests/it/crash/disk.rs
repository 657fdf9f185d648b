//! A directory put back as it was: what a test of many points begins each of them with.

use std::path::Path;

/// Copies what is in `from` to `to`, which is made anew. Modification times are facts here: a
/// heartbeat is one.
pub(super) fn put_back(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    copy(from, to);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
            let modified = from.metadata().unwrap().modified().unwrap();
            std::fs::File::options().write(true).open(&to).unwrap().set_modified(modified).unwrap();
        }
    }
}
