//! A directory with a credential in it.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sweepd_credentials::{Candidate, Found, Kind, Place, Pointer, read};
use sweepd_decide::{Span, Timestamp};
use tempfile::TempDir;

/// When the tests happen: 2026-11-22T10:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

/// So many minutes from then, in milliseconds.
pub(crate) fn in_mins(mins: i64) -> i64 {
    NOW.plus(Span::from_mins(mins)).as_millis()
}

pub(crate) struct Desk {
    dir: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// One in memory where there is one, for very many files.
    pub(crate) fn wide() -> Self {
        let shm = Path::new("/dev/shm");
        let dir = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
        Self { dir: dir.unwrap() }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn place(&self, name: &str) -> Place {
        Place::at(self.path(name))
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> Place {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content).unwrap();
        self.place(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// What lies in the directory.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir()).unwrap();
        let mut names: Vec<String> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// What reading content of this kind comes to.
    pub(crate) fn told(&self, kind: &Kind, content: impl AsRef<[u8]>) -> Found {
        read(kind, &self.put("credential", content))
    }
}

/// A credential of Claude Code with that end, as JSON writes it.
pub(crate) fn claude(end: impl std::fmt::Display) -> String {
    let end = end.to_string();
    let label: String = end.chars().filter(char::is_ascii_alphanumeric).collect();
    format!(
        r#"{{"claudeAiOauth":{{"accessToken":"PLANTED-a-{label}","refreshToken":"PLANTED-r","expiresAt":{end}}}}}"#
    )
}

pub(crate) fn candidate(content: impl AsRef<[u8]>) -> Candidate {
    Candidate::new(&Kind::ClaudeOauth, content.as_ref().to_vec()).unwrap()
}

pub(crate) fn json(pointer: &str) -> Kind {
    Kind::Json { pointer: Pointer::new(pointer).unwrap() }
}

pub(crate) fn jwt_at(pointer: &str) -> Kind {
    Kind::Jwt { pointer: Some(Pointer::new(pointer).unwrap()) }
}

pub(crate) const JWT: Kind = Kind::Jwt { pointer: None };

pub(crate) fn jwt(payload: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.UExBTlRFRA", part(r#"{"alg":"RS256"}"#), part(payload))
}
