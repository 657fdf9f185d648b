//! What may stand in a request's path as the name or id of a container.
//!
//! Nothing is looked up here. The point is that no text from a registry, a database or a label can
//! turn a request into another one.

use crate::Error;

/// Checks that `given` has the form of a container's name, full id or id prefix.
pub(crate) fn reference(given: &str) -> Result<&str, Error> {
    let mut chars = given.bytes();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphanumeric());
    let rest = chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-'));
    check(given, first && rest && given.len() <= MAX_NAME, "a container's name or id")
}

/// Checks that `given` is a full id: neither a name nor a prefix, both of which a successor may
/// come to own.
pub(crate) fn immutable(given: &str) -> Result<&str, Error> {
    let hex = given.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    check(given, hex && given.len() == ID_LEN, "a container's full id")
}

/// Checks that `given` has the form of an image's name, with or without tag or digest, or id.
pub(crate) fn image(given: &str) -> Result<&str, Error> {
    let first = given.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric());
    let fit = |c: u8| c.is_ascii_alphanumeric() || b"_.-/:@".contains(&c);
    let rest = given.bytes().all(fit) && !given.contains("..") && !given.contains("//");
    check(given, first && rest && given.len() <= MAX_IMAGE, "an image's name or id")
}

/// Any text as one segment of a path: what could mean something there is escaped.
pub(crate) fn segment(text: &str) -> String {
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.');
    let escaped = |c: u8| if plain(c) { char::from(c).to_string() } else { format!("%{c:02X}") };
    text.bytes().map(escaped).collect()
}

fn check<'a>(given: &'a str, fits: bool, wanted: &'static str) -> Result<&'a str, Error> {
    if fits { Ok(given) } else { Err(Error::Name { given: given.to_owned(), wanted }) }
}

/// Hex digits of a full id, of Docker and Podman alike.
const ID_LEN: usize = 64;

/// No engine has a limit of its own; this is the longest file name on Linux.
const MAX_NAME: usize = 255;

/// A registry, a path of at most 255 characters, a tag of 128 and a digest.
const MAX_IMAGE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_pass_and_nothing_that_could_change_a_path_does() {
        for good in ["a", "sweepd-ag.1_x", "4f66ad9b3e0c", &"0".repeat(64)] {
            assert_eq!(reference(good).unwrap(), good);
        }
        let long = "x".repeat(256);
        for bad in ["", ".", "..", "-x", "a/b", "a?b", "a#b", "a b", "a%2f", "é", "a\0", &long] {
            assert!(matches!(reference(bad), Err(Error::Name { .. })), "{bad:?}");
        }
    }

    #[test]
    fn an_image_has_slashes_and_colons_and_no_way_out() {
        let id = format!("sha256:{}", "0".repeat(64));
        for good in ["a", "agent:1", "ghcr.io:443/a/b_c:1.2-x", "a@sha256:ab", &id] {
            assert_eq!(image(good).unwrap(), good);
        }
        for bad in ["", "/a", "a/../b", "a//b", "a?b", "a#b", "a b", "a%2f", "é"] {
            assert!(matches!(image(bad), Err(Error::Name { .. })), "{bad:?}");
        }
    }

    #[test]
    fn a_segment_is_one_segment() {
        assert_eq!(segment("my-net_1.x"), "my-net_1.x");
        assert_eq!(segment("a/b?c d%é"), "a%2Fb%3Fc%20d%25%C3%A9");
    }

    #[test]
    fn only_a_full_id_is_immutable() {
        let id = "0123456789abcdef".repeat(4);
        assert_eq!(immutable(&id).unwrap(), id);
        for bad in ["", "0123456789ab", "sweepd-x", &id[1..], &id.to_uppercase()] {
            assert!(matches!(immutable(bad), Err(Error::Name { .. })), "{bad:?}");
        }
    }
}
