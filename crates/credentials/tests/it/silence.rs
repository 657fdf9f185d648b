//! No value of a credential is ever said: not by an error, a `Debug`, a reading or an outcome.

use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::fs;
use std::time::Duration;

use sweepd_credentials::{
    Candidate, Kind, ReplaceError, Replaced, Step, fetch, find, read, replace, understand,
};

use crate::support::{Desk, JWT, candidate, claude, in_mins, json, jwt, jwt_at};

/// Everything that was said.
#[derive(Default)]
struct Said(String);

impl Said {
    fn debug(&mut self, it: &impl Debug) {
        writeln!(self.0, "{it:?} {it:#?}").unwrap();
    }

    fn error(&mut self, it: &(dyn Error + 'static)) {
        let mut next = Some(it);
        while let Some(error) = next {
            writeln!(self.0, "{error} {error:?}").unwrap();
            next = error.source();
        }
    }
}

#[test]
fn no_value_is_in_any_text() {
    let desk = Desk::new();
    let mut said = Said::default();
    let kinds =
        [Kind::ClaudeOauth, json("/PLANTE"), json("/a"), json(""), JWT, jwt_at("/a"), jwt_at("/b")];
    let contents = [
        claude(in_mins(5)),
        claude("\"PLANTED\""),
        claude("\"PLANTED"),
        "PLANTED".into(),
        "\"PLANTED\"".into(),
        "{\"PLANTED\":PLANTED}".into(),
        "{\"a\":\"PLANTED\",\"PLANTED\":{\"PLANTED\":1}}".into(),
        "{\"a\":{\"PLANTED\":\"PLANTED\"}".into(),
        "{\"a\":\"PLANTED.PLANTED.PLANTED\"}".into(),
        "PLANTED.PLANTED.PLANTED".into(),
        format!("{{\"a\":\"{}\"}}", jwt("{\"exp\":\"PLANTED\"}")),
        jwt("{\"exp\":\"PLANTED\",\"PLANTED\":1}"),
        jwt("PLANTED"),
        jwt("{\"exp\":7}"),
    ];
    for kind in &kinds {
        for content in &contents {
            said.debug(&understand(kind, content.as_bytes()));
            let place = desk.put("credential", content);
            said.debug(&read(kind, &place));
            said.debug(&sweepd_credentials::account(kind, content.as_bytes()));
            said.debug(&Candidate::new(kind, content.clone().into_bytes()));
            let steps = [
                Step::file(place.path()),
                Step::command(vec!["/bin/cat".into(), place.path().to_str().unwrap().into()]),
            ];
            for step in steps {
                said.debug(&step);
                said.0 += &step.to_string();
                match fetch(&step, kind) {
                    Ok(candidate) => said.debug(&candidate),
                    Err(error) => said.error(&error),
                }
            }
            if let Ok(newer) = Candidate::new(kind, contents[0].clone().into_bytes()) {
                match replace(&place, &newer) {
                    Ok(replaced) => said.debug(&replaced),
                    Err(error) => said.error(&error),
                }
            }
        }
    }
    for script in ["echo PLANTED; exit 1", "yes PLANTED", "echo PLANTED >&2; kill $$", "sleep 60"] {
        // An argument may be a password as well.
        let argv = ["/bin/sh", "-c", script, "PLANTED"].map(str::to_owned).to_vec();
        let step = Step::Command { argv, timeout: Duration::from_millis(300) };
        said.debug(&step);
        said.error(&fetch(&step, &Kind::ClaudeOauth).unwrap_err());
    }
    assert!(said.0.len() > 10_000);
    let said = said.0.replace("/PLANTE`", "").replace("Pointer(\n", "");
    assert!(!said.contains("PLANTED"), "a value was said");
    // The tokens of `jwt` in base64.
    assert!(!said.contains("UExBTlRFRA") && !said.contains("eyJhbGciOiJSUzI1NiJ9"));
}

#[test]
fn no_value_is_in_the_errors_of_replacing() {
    let desk = Desk::new();
    let newer = candidate(claude(in_mins(90)));
    let mut said = Said::default();
    let place = desk.put("claude.json", claude(in_mins(1)));
    fs::create_dir(desk.path(".claude.json.sweepd-part")).unwrap();
    said.error(&replace(&place, &newer).unwrap_err());
    fs::remove_dir(desk.path(".claude.json.sweepd-part")).unwrap();
    fs::create_dir(desk.path(".claude.json.sweepd-lock")).unwrap();
    said.error(&replace(&place, &newer).unwrap_err());
    let path = place.path().to_owned();
    let refused = || std::io::Error::from(std::io::ErrorKind::ResourceBusy);
    said.error(&ReplaceError::Unfit { path: path.clone() });
    said.error(&ReplaceError::Rename { path: path.clone(), source: refused() });
    said.error(&ReplaceError::Owner { path: path.clone(), uid: 7, source: refused() });
    said.error(&ReplaceError::Write { path, source: refused() });
    said.error(&find("/PLANTE**").unwrap_err());
    said.debug(&Replaced::Changed);
    said.debug(&newer);
    said.debug(&place);
    assert!(said.0.contains("it is a mount by itself here: mount its directory instead"));
    assert!(!said.0.contains("PLANTED"), "a value was said");
}
