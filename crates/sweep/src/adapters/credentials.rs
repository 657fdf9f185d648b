//! Credentials in files, as the configuration names them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sweepd_credentials::{
    FindError, Kind, MOST_FOUND, Place, Replaced, Step, fetch, find, read, replace,
};
use sweepd_decide::{CredentialPolicy, Reading};

use crate::ports::{CredentialSeen, Credentials, Doing, Renewed};

/// Files that hold credentials of one kind, and where newer ones may be found.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct CredentialFiles {
    /// How they hold them.
    pub kind: Kind,
    /// Which they are: `*` and `?` stand for parts of names.
    pub pattern: String,
    /// When people hear of them.
    pub policy: CredentialPolicy,
    /// Where newer ones may be found.
    pub step: Option<Step>,
    /// Where they may be written.
    pub writable: Writable,
}

/// Where credentials may be written. What is below both kinds of directories may not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct Writable {
    /// Below these.
    pub below: Vec<PathBuf>,
    /// Not below these.
    pub not_below: Vec<PathBuf>,
    /// Anywhere else.
    pub elsewhere: bool,
}

impl Writable {
    fn holds(&self, path: &Path) -> bool {
        let is_below = |dirs: &[PathBuf]| dirs.iter().any(|dir| path.starts_with(dir));
        !is_below(&self.not_below) && (self.elsewhere || is_below(&self.below))
    }
}

/// All of them.
#[derive(Debug, Clone)]
pub struct FileCredentials {
    files: Arc<[CredentialFiles]>,
    /// What was found for each: one that is gone since is missing, not unheard of.
    known: Arc<[Mutex<BTreeSet<Place>>]>,
}

impl FileCredentials {
    /// Watches these.
    pub fn new(files: Vec<CredentialFiles>) -> Self {
        let known = files.iter().map(|_| Mutex::default()).collect();
        Self { files: files.into(), known }
    }
}

impl Credentials for FileCredentials {
    fn look<'a>(&'a self, of: Option<&'a Path>) -> Doing<'a, Vec<CredentialSeen>> {
        let (this, of) = (self.clone(), of.map(Path::to_owned));
        Box::pin(async move {
            let look = move || {
                let each = this.files.iter().zip(this.known.iter());
                each.flat_map(|(one, known)| one.look(of.as_deref(), known)).collect()
            };
            tokio::task::spawn_blocking(look).await.unwrap_or_default()
        })
    }

    fn renew<'a>(&'a self, paths: &'a [PathBuf]) -> Doing<'a, Vec<Renewed>> {
        let (files, paths) = (Arc::clone(&self.files), paths.to_vec());
        Box::pin(async move {
            let renew = move || files.iter().flat_map(|one| one.renew(&paths)).collect();
            tokio::task::spawn_blocking(renew).await.unwrap_or_default()
        })
    }
}

impl CredentialFiles {
    fn look(&self, of: Option<&Path>, known: &Mutex<BTreeSet<Place>>) -> Vec<CredentialSeen> {
        let matches = match find(&self.pattern) {
            Ok(matches) => matches,
            Err(error) => return vec![self.unread(&error)],
        };
        // What an agent holds lies in a directory that its own is in.
        let is_of = |place: &&Place| {
            of.is_none_or(|of| place.path().parent().is_some_and(|dir| of.starts_with(dir)))
        };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(matches.places);
        // With its directory went whoever held it.
        known.retain(|place| place.path().parent().is_some_and(Path::is_dir));
        while known.len() > MOST_FOUND {
            known.pop_first();
        }
        let seen = known.iter().filter(is_of).map(|place| self.seen(place));
        // Where nobody could look there may be one.
        seen.chain(matches.unread.iter().map(|error| self.unread(error))).collect()
    }

    fn seen(&self, place: &Place) -> CredentialSeen {
        let found = read(&self.kind, place);
        let may_renew = self.writable.holds(place.path());
        CredentialSeen {
            path: place.path().to_owned(),
            reading: found.reading,
            why: found.why,
            account: found.account,
            policy: CredentialPolicy { can_renew: self.step.is_some() && may_renew, ..self.policy },
            may_renew,
        }
    }

    /// The files cannot even be listed there.
    fn unread(&self, error: &FindError) -> CredentialSeen {
        CredentialSeen {
            path: error.place().map_or_else(|| PathBuf::from(&self.pattern), Path::to_owned),
            reading: Reading::Unreadable,
            why: Some(chain(error)),
            account: None,
            policy: self.policy,
            may_renew: false,
        }
    }

    fn renew(&self, paths: &[PathBuf]) -> Vec<Renewed> {
        let Some(step) = &self.step else { return Vec::new() };
        let places = find(&self.pattern).map(|matches| matches.places).unwrap_or_default();
        let wanted = |place: &&Place| paths.iter().any(|path| path == place.path());
        let places: Vec<&Place> = places
            .iter()
            .filter(wanted)
            .filter(|place| self.writable.holds(place.path()))
            .collect();
        if places.is_empty() {
            return Vec::new();
        }
        let from = word(step);
        let candidate = match fetch(step, &self.kind) {
            Ok(candidate) => candidate,
            Err(error) => {
                let path = places.first().map(|place| place.path().to_owned()).unwrap_or_default();
                return vec![Renewed { path, outcome: Err(chain(&error)), from }];
            }
        };
        let each = places.into_iter().map(|place| {
            let outcome = match replace(place, &candidate) {
                Ok(Replaced::Yes { until, .. }) => Ok(until),
                Ok(other) => Err(format!("{other:?}")),
                Err(error) => Err(chain(&error)),
            };
            Renewed { path: place.path().to_owned(), outcome, from }
        });
        each.collect()
    }
}

/// The published word.
const fn word(step: &Step) -> &'static str {
    match step {
        Step::Keychain { .. } => "keychain",
        Step::Command { .. } => "command",
        Step::File { .. } => "file",
        _ => "other",
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
