//! Which time zone does a name mean?
//!
//! It does not find out the host's own zone: which zone a schedule is read in is configuration.

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::error::{Error, shortened};

/// A time zone with its past and coming clock changes. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name such as `Europe/Berlin`, in any case.
    ///
    /// The host's zone data come first, because an update of the system corrects them; what the host
    /// lacks is taken from the data this crate was built with. The first call reads files.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownZone`] for anything else, also for offsets (`+02:00`, `GMT+2`), which have no
    /// clock changes and are seldom what is meant. `Etc/GMT-2` is such an offset with a name.
    pub fn parse(name: &str) -> Result<Self, Error> {
        TimeZone::get(name)
            .or_else(|_| TimeZoneDatabase::bundled().get(name))
            .ok()
            .filter(|zone| !zone.is_unknown())
            .map(Self)
            .ok_or_else(|| Error::UnknownZone { name: shortened(name) })
    }

    /// Coordinated Universal Time, which has no clock changes.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The IANA name, spelled as the zone data spell it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub(crate) fn rules(&self) -> &TimeZone {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_spelled_right() {
        let names = ["utc", "america/new_york", "EUROPE/BERLIN", "Etc/GMT+5"];
        let found: Vec<_> =
            names.iter().map(|name| Zone::parse(name).map(|zone| zone.name().to_owned())).collect();
        let spelled = ["UTC", "America/New_York", "Europe/Berlin", "Etc/GMT+5"];
        assert_eq!(found, spelled.map(|name| Ok(name.to_owned())));
        assert_eq!(Zone::parse("UTC"), Ok(Zone::utc()));
    }

    #[test]
    fn what_is_no_zone_is_named_in_the_error() {
        for name in [
            "",
            " ",
            "Mars/Olympus",
            "+02:00",
            "GMT+2",
            "UTC+3",
            "Etc/Unknown",
            "../etc/passwd",
            "/etc/localtime",
            "Europe/Berlin ",
        ] {
            let error = Zone::parse(name).expect_err(name);
            let shown = error.to_string();
            assert!(shown.starts_with(&format!("unknown time zone {name:?}; use")), "{shown}");
        }
    }
}
