//! How an engine's values become ours: instants, absent things, names.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use sweepd_decide::{Timestamp, parse_utc};

/// An instant as `inspect` writes it, RFC 3339 with up to nine digits of a second.
///
/// Go's zero time, `0001-01-01T00:00:00Z`, stands for "never", and so does anything else before
/// 1970. What cannot be read is `None` too: callers have to take `None` for "not known".
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    parse_utc(text).filter(|at| *at >= EPOCH)
}

/// An instant given as seconds since the epoch.
pub(crate) fn from_secs(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs.saturating_mul(1000))
}

/// An instant given as nanoseconds since the epoch, cut to the millisecond.
pub(crate) fn from_nanos(nanos: i64) -> Timestamp {
    Timestamp::from_millis(nanos.div_euclid(1_000_000))
}

/// The first nanosecond of a millisecond, as the events call wants it: seconds, a point, nine
/// digits.
pub(crate) fn first_nano(at: Timestamp) -> String {
    let millis = at.as_millis().max(0);
    format!("{}.{:03}000000", millis / 1000, millis % 1000)
}

/// The last nanosecond of a millisecond, likewise.
pub(crate) fn last_nano(at: Timestamp) -> String {
    let millis = at.as_millis().max(0);
    format!("{}.{:03}999999", millis / 1000, millis % 1000)
}

/// A container's name without the slash that engines put before it.
pub(crate) fn bare_name(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

/// `None` for empty text, which is how engines write "none".
pub(crate) fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Reads `null`, which is how Go writes an empty list or map, as empty.
pub(crate) fn null_is_empty<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Takes out of an event's attributes what has one of these keys: the first that is a number.
pub(crate) fn take_number<T: FromStr, const N: usize>(
    attributes: &mut BTreeMap<String, String>,
    keys: [&str; N],
) -> Option<T> {
    let texts = keys.map(|key| attributes.remove(key));
    texts.into_iter().flatten().find_map(|text| text.parse().ok())
}

/// Where Docker and Podman write the exit code.
pub(crate) const EXIT_CODE: [&str; 2] = ["exitCode", "containerExitCode"];

const EPOCH: Timestamp = Timestamp::from_millis(0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_are_cut_and_zones_are_heeded() {
        let at = Some(Timestamp::from_millis(1_795_341_600_001));
        assert_eq!(instant("2026-11-22T10:00:00.001999999Z"), at);
        assert_eq!(instant("2026-11-22T12:00:00.001+02:00"), at);
        assert_eq!(
            instant("2026-11-22T10:00:00Z"),
            Some(Timestamp::from_millis(1_795_341_600_000))
        );
    }

    #[test]
    fn go_s_zero_time_and_nonsense_are_no_instant() {
        for text in ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "", "yesterday"] {
            assert_eq!(instant(text), None, "{text:?}");
        }
    }

    #[test]
    fn instants_travel_to_and_from_the_events_call() {
        let at = Timestamp::from_millis(1_795_341_600_007);
        assert_eq!(first_nano(at), "1795341600.007000000");
        assert_eq!(last_nano(at), "1795341600.007999999");
        assert_eq!(first_nano(Timestamp::MIN), "0.000000000");
        assert_eq!(from_nanos(1_795_341_600_007_999_999), at);
        assert_eq!(from_secs(1_795_341_600), Timestamp::from_millis(1_795_341_600_000));
        assert_eq!(from_secs(i64::MAX), Timestamp::MAX);
    }

    #[test]
    fn only_the_engine_s_own_slash_is_stripped() {
        assert_eq!(bare_name("/sweepd-a"), "sweepd-a");
        assert_eq!(bare_name("/other/alias"), "other/alias");
        assert_eq!(bare_name("podman-a"), "podman-a");
    }
}
