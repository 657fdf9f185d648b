//! Reads `[alerts]`, `[[maintenance]]` and `[digest]`.

use sweepd_decide::{Span, Timestamp};
use sweepd_schedule::{Zone, next_run};

use super::{Resolver, value};
use crate::config::alerts::{Alerts, Digest, When, Window};
use crate::config::file::{AlertsFile, ConfigFile, DigestFile, MaintenanceFile, SpanText};
use crate::config::policy::NEVER;
use crate::config::{Glob, Source};

/// A cron expression with seconds has six.
const FIELDS: usize = 5;

impl Resolver<'_> {
    /// Everything about alerts.
    pub(super) fn alerts(&mut self, file: &ConfigFile, sources: &[Source]) -> Alerts {
        let AlertsFile { repeat_every, host, templates, ca_file, proxy } = &file.alerts;
        let never = [(NEVER, None)];
        let repeat_every = value::span_or(
            "alerts.repeat-every",
            repeat_every.as_ref(),
            &never,
            Some,
            self.findings,
        );
        let (zone, words) = self.usual_zone(sources);
        let mut path = |key: &str, text: &Option<String>| {
            text.as_deref().and_then(|text| self.path(&format!("alerts.{key}"), text))
        };
        let templates = path("templates", templates);
        let ca_file = path("ca-file", ca_file);
        let proxy = proxy.as_deref().and_then(|proxy| self.address("alerts.proxy", proxy));
        let mut sinks = self.sinks(&file.sink);
        sinks.extend(self.monitor_sinks(sources, &sinks));
        let windows = file.maintenance.iter().enumerate();
        let windows = windows
            .filter_map(|(nth, file)| {
                self.window(&format!("maintenance[{nth}]"), file, (&zone, &words))
            })
            .collect();
        let digest = file.digest.as_ref();
        let digest = digest.and_then(|file| self.digest(file, (&zone, &words)));
        Alerts {
            repeat_every: repeat_every.unwrap_or(Some(Span::from_mins(60))),
            host: self.host(host.as_deref()),
            templates,
            ca_file,
            proxy,
            sinks,
            windows,
            digest,
        }
    }

    fn host(&mut self, set: Option<&str>) -> String {
        if let Some(host) = set {
            if host.trim().is_empty() || host.contains(char::is_control) {
                self.findings
                    .wrong("alerts.host", "this has to be a name; leave the key out instead");
            }
            return host.to_owned();
        }
        let own = self.around.host.clone().filter(|host| !host.is_empty());
        let words = if own.is_some() { "the host's name" } else { "default: it has no name" };
        self.origins.elsewhere("alerts.host".to_owned(), words);
        own.unwrap_or_else(|| "localhost".to_owned())
    }

    /// The zone of times that are given without one, and where it comes from.
    fn usual_zone(&self, sources: &[Source]) -> (Zone, String) {
        if let Some(source) = sources.first() {
            return (source.timezone.clone(), format!("as source {:?}", source.name));
        }
        let hosts = self.around.zone.as_deref().and_then(|name| Zone::parse(name).ok());
        match hosts {
            Some(zone) => (zone, "the host's zone".to_owned()),
            None => (Zone::utc(), "default: no zone is known".to_owned()),
        }
    }

    fn zone(&mut self, path: &str, set: Option<&str>, usual: (&Zone, &str)) -> Zone {
        let Some(name) = set else {
            self.origins.elsewhere(path.to_owned(), usual.1);
            return usual.0.clone();
        };
        Zone::parse(name).unwrap_or_else(|unknown| {
            self.findings.wrong(path, unknown);
            Zone::utc()
        })
    }

    /// Patterns of ids; none: everybody.
    pub(super) fn patterns(&mut self, path: &str, texts: Option<&[String]>) -> Vec<Glob> {
        for (nth, text) in texts.into_iter().flatten().enumerate() {
            if text.trim().is_empty() {
                let told = "a pattern is missing between the quotes, such as \"nanoclaw/*\"";
                self.findings.wrong(&format!("{path}[{nth}]"), told);
            }
        }
        if texts.is_some_and(<[String]>::is_empty) {
            self.findings.wrong(path, "nobody is in the list; leave the key out for everybody");
        }
        texts.into_iter().flatten().map(Glob::new).collect()
    }

    fn window(&mut self, at: &str, file: &MaintenanceFile, zone: (&Zone, &str)) -> Option<Window> {
        let path = |key: &str| format!("{at}.{key}");
        let patterns = self.patterns(&path("match"), file.patterns.as_deref());
        let once = [("from", file.from.is_some()), ("until", file.until.is_some())];
        let again = [
            ("cron", file.cron.is_some()),
            ("for", file.span.is_some()),
            ("timezone", file.timezone.is_some()),
        ];
        let set =
            |keys: &[(&'static str, bool)]| keys.iter().find(|(_, set)| *set).map(|(key, _)| *key);
        let when = match (set(&once), set(&again)) {
            (Some(_), Some(key)) => {
                let told = format!(
                    "`maintenance.{key}` goes with `cron` and `for`, not with `from` and `until`: \
                     write a [[maintenance]] for each"
                );
                self.findings.wrong_key(&path(key), told);
                return None;
            }
            (Some(_), None) => self.once(at, file),
            (None, Some(_)) => self.again(at, file, zone),
            (None, None) => {
                let told = "when? Write `from` and `until`, or `cron` and `for`";
                self.findings.missing(&path("from"), told);
                None
            }
        };
        Some(Window { patterns, when: when? })
    }

    fn once(&mut self, at: &str, file: &MaintenanceFile) -> Option<When> {
        let from = self.instant(&format!("{at}.from"), file.from.as_deref());
        let until = self.instant(&format!("{at}.until"), file.until.as_deref());
        let (from, until) = (from?, until?);
        if until <= from {
            self.findings.wrong(&format!("{at}.until"), "this is not after `from`");
            return None;
        }
        Some(When::Once { from, until })
    }

    fn instant(&mut self, path: &str, text: Option<&str>) -> Option<Timestamp> {
        let Some(text) = text else {
            let told = "an instant such as \"2026-12-24T18:00:00+01:00\"";
            self.findings.missing(path, told);
            return None;
        };
        let read = value::instant(text);
        if read.is_none() {
            self.findings.wrong(path, value::no_instant(text));
        }
        read
    }

    fn again(&mut self, at: &str, file: &MaintenanceFile, zone: (&Zone, &str)) -> Option<When> {
        let path = |key: &str| format!("{at}.{key}");
        let zone = self.zone(&path("timezone"), file.timezone.as_deref(), zone);
        let cron = file.cron.as_deref();
        if cron.is_none() {
            let told = "when does it begin? For example cron = \"0 3 * * 0\", with `for`";
            self.findings.missing(&path("cron"), told);
        }
        let runs = cron.and_then(|cron| match next_run(cron, &zone, Timestamp::from_millis(0)) {
            Ok(_) if cron.split_whitespace().count() == FIELDS => Some(cron.to_owned()),
            Ok(_) => {
                let told = "five fields are wanted: minute, hour, day of the month, month, day of the week";
                self.findings.wrong(&path("cron"), told);
                None
            }
            Err(error) => {
                self.findings.wrong(&path("cron"), error);
                None
            }
        });
        let span = self.for_so_long(&path("for"), file.span.as_ref());
        Some(When::Again { cron: runs?, span: span?, zone })
    }

    fn for_so_long(&mut self, path: &str, text: Option<&SpanText>) -> Option<Span> {
        if text.is_none() {
            self.findings.missing(path, "for how long, each time? For example for = \"2h\"");
        }
        value::some_span(path, text, self.findings)
    }

    fn digest(&mut self, file: &DigestFile, zone: (&Zone, &str)) -> Option<Digest> {
        let zone = self.zone("digest.timezone", file.timezone.as_deref(), zone);
        let Some(at) = file.at.as_deref() else {
            self.findings.missing("digest.at", "at what time of day? For example at = \"08:00\"");
            return None;
        };
        let Some((hour, minute)) = time_of_day(at) else {
            let told = format!("{at:?} is no time of day; write for example \"08:00\"");
            self.findings.wrong("digest.at", told);
            return None;
        };
        Some(Digest { at: at.to_owned(), hour, minute, zone })
    }
}

/// `08:00`: hours and minutes.
fn time_of_day(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, most: u8| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|number| digits && *number <= most)
    };
    Some((number(hour, 23)?, number(minute, 59)?))
}
