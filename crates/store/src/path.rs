//! How are the files of a database called, and how is one named to SQLite?

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The file whose name has this at its end: `-wal`, `-journal`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A path as an URI file name with a query.
pub(crate) fn uri(path: &Path, query: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => {
                // Writing to a string cannot fail.
                let _infallible = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push('?');
    uri.push_str(query);
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_byte_of_a_path_is_escaped_in_its_uri() {
        let path = Path::new("/srv/a b?c#d%e/ä.db");
        assert_eq!(uri(path, "nolock=1"), "file:/srv/a%20b%3Fc%23d%25e/%C3%A4.db?nolock=1");
    }
}
