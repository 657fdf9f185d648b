//! Credentials that are named and not there.

use sweepd_credentials::find;

use crate::config::Config;
use crate::config::finding::Findings;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for one in &config.credentials {
        let at = format!("credential[{}].path", one.nth);
        let shown = one.path.display();
        match find(&one.path.to_string_lossy()) {
            Err(error) => findings.warn(&at, error),
            Ok(found) if found.places.is_empty() => {
                findings.warn(&at, format_args!("no file is called {shown} now"));
            }
            Ok(found) => {
                let missing = |path: &std::path::Path| path.symlink_metadata().is_err();
                if found.places.iter().all(|place| missing(place.path())) {
                    findings.warn(&at, format_args!("{shown} is not there"));
                }
                if let Some(unread) = found.unread.first() {
                    findings.warn(&at, unread);
                }
            }
        }
    }
}
