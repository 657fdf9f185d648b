//! What a token is, where it is kept, and that it is never shown.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::AsyncReadExt as _;

/// A token, a password or a whole address that must not be shown.
///
/// One in a file is read anew at each attempt, so that a rotated one works without a restart. Line
/// ends after it are no part of it.
#[derive(Clone)]
pub struct Secret(Kept);

#[derive(Clone)]
enum Kept {
    Value(SecretString),
    File(PathBuf),
    LookedUp(PathBuf, LookUp),
}

/// What reads a secret out of a file that holds more than it.
type LookUp = Arc<dyn Fn() -> io::Result<String> + Send + Sync>;

/// Why a secret cannot be used. Never says what it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The file cannot be read.
    #[error("read the secret in {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What is there cannot be a secret.
    #[error("the secret{} {wrong}", In(.path.as_deref()))]
    Content {
        /// In which file, if it is in one.
        path: Option<PathBuf>,
        /// What is wrong with it.
        wrong: &'static str,
    },
}

impl Secret {
    /// The secret itself, as the program was given it.
    pub fn value(secret: impl Into<String>) -> Self {
        Self(Kept::Value(SecretString::from(secret.into())))
    }

    /// A secret that is kept in a file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kept::File(path.into()))
    }

    /// A secret that `look_up` reads at each attempt out of a file that holds more than it. It must not
    /// block for long.
    pub fn looked_up(
        path: impl Into<PathBuf>,
        look_up: impl Fn() -> io::Result<String> + Send + Sync + 'static,
    ) -> Self {
        Self(Kept::LookedUp(path.into(), Arc::new(look_up)))
    }

    /// Reads it.
    ///
    /// # Errors
    /// The file cannot be read; or it is empty, longer than 64 KiB, no UTF-8, or holds control
    /// characters, so that it cannot be what was meant.
    ///
    /// # Cancel safety
    /// Nothing is changed.
    pub async fn read(&self) -> Result<SecretString, SecretError> {
        match &self.0 {
            Kept::Value(secret) => checked(secret.expose_secret().as_bytes(), None),
            Kept::LookedUp(path, look_up) => {
                let failed = |source| SecretError::Read { path: path.clone(), source };
                checked(look_up().map_err(failed)?.as_bytes(), Some(path))
            }
            Kept::File(path) => {
                let failed = |source| SecretError::Read { path: path.clone(), source };
                // Opening a pipe would wait for whoever writes into it.
                if !tokio::fs::metadata(path).await.map_err(failed)?.is_file() {
                    let wrong = "is not in a regular file";
                    return Err(SecretError::Content { path: Some(path.clone()), wrong });
                }
                let file = tokio::fs::File::open(path).await.map_err(failed)?;
                let mut bytes = Vec::new();
                let _: usize =
                    file.take(LONGEST + 1).read_to_end(&mut bytes).await.map_err(failed)?;
                checked(&bytes, Some(path))
            }
        }
    }

    /// Reads it, or `None`: for a digest that has to change when it does.
    pub(crate) fn peek(&self) -> Option<SecretString> {
        use io::Read as _;
        match &self.0 {
            Kept::Value(secret) => checked(secret.expose_secret().as_bytes(), None).ok(),
            Kept::LookedUp(path, look_up) => checked(look_up().ok()?.as_bytes(), Some(path)).ok(),
            Kept::File(path) => {
                std::fs::metadata(path).ok()?.is_file().then_some(())?;
                let file = std::fs::File::open(path).ok()?;
                let mut bytes = Vec::new();
                file.take(LONGEST + 1).read_to_end(&mut bytes).ok()?;
                checked(&bytes, Some(path)).ok()
            }
        }
    }
}

/// Where it is kept, and never what it is.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kept::Value(_) => f.write_str("Secret(…)"),
            Kept::File(path) | Kept::LookedUp(path, _) => {
                write!(f, "Secret(in {})", path.display())
            }
        }
    }
}

/// The secret in these bytes.
fn checked(bytes: &[u8], path: Option<&Path>) -> Result<SecretString, SecretError> {
    let wrong = |wrong| SecretError::Content { path: path.map(Path::to_path_buf), wrong };
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST {
        return Err(wrong("is longer than 64 KiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("is not UTF-8"))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(wrong("is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong("holds control characters, or several lines"));
    }
    Ok(SecretString::from(text))
}

/// The file a secret is in, for an error.
struct In<'a>(Option<&'a Path>);

impl fmt::Display for In<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |path| write!(f, " in {}", path.display()))
    }
}

/// No secret is longer, in bytes.
const LONGEST: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(bytes: &[u8]) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, bytes).unwrap();
        let secret = Secret::file(&path);
        let peeked = secret.peek().map(|it| it.expose_secret().to_owned());
        let read = secret.read().await.map(|it| it.expose_secret().to_owned());
        assert_eq!(peeked, read.as_ref().ok().cloned());
        read.map_err(|error| {
            assert!(error.to_string().contains("token"), "names the path: {error}");
            error.to_string().replace(path.to_str().unwrap(), "PATH")
        })
    }

    #[tokio::test]
    async fn a_file_is_read_anew_and_its_line_end_is_no_part_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let secret = Secret::file(&path);
        assert!(matches!(secret.read().await, Err(SecretError::Read { .. })));
        assert!(secret.peek().is_none());
        std::fs::write(&path, "one\n").unwrap();
        assert_eq!(secret.read().await.unwrap().expose_secret(), "one");
        std::fs::write(&path, "two\r\n").unwrap();
        assert_eq!(secret.read().await.unwrap().expose_secret(), "two");
    }

    #[tokio::test]
    async fn what_cannot_be_a_secret_is_refused_by_its_path_alone() {
        assert_eq!(told(b"s3cr t").await.unwrap(), "s3cr t");
        assert_eq!(told(b" \n").await.unwrap_err(), "the secret in PATH is empty");
        assert_eq!(told(b"s3\xff").await.unwrap_err(), "the secret in PATH is not UTF-8");
        assert_eq!(
            told(b"one\ntwo\n").await.unwrap_err(),
            "the secret in PATH holds control characters, or several lines"
        );
        assert_eq!(
            told("x".repeat(65_537).as_bytes()).await.unwrap_err(),
            "the secret in PATH is longer than 64 KiB"
        );
        assert_eq!(told("x".repeat(65_536).as_bytes()).await.unwrap().len(), 65_536);
    }

    #[tokio::test]
    async fn a_pipe_or_a_directory_is_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let secret = Secret::file(dir.path());
        assert!(secret.read().await.unwrap_err().to_string().ends_with("is not in a regular file"));
        assert!(secret.peek().is_none());
    }

    #[tokio::test]
    async fn it_is_never_shown() {
        let secret = Secret::value("PLANTED-password");
        assert!(!format!("{secret:?}").contains("PLANTED-password"));
        assert!(!format!("{:?}", secret.read().await).contains("PLANTED-password"));
        let error = Secret::value("PLANTED-password\u{1b}").read().await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("PLANTED-password"));
    }
}
