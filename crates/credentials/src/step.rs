//! Where is a newer credential looked for?

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::candidate::Candidate;
use crate::kind::Kind;
use crate::place::Place;
use crate::read;
use crate::run::{self, RunError};

/// The entry in which Claude Code keeps its credential on macOS.
pub const CLAUDE_KEYCHAIN: &str = "Claude Code-credentials";

/// How long a step may take unless said otherwise.
pub const STEP_TIMEOUT: Duration = Duration::from_secs(30);

/// The program that reads the keychain of macOS.
const SECURITY: &str = "/usr/bin/security";

/// With this status it says that there is no such entry.
const NO_ENTRY: i32 = 44;

/// One place where a newer credential may be.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// An entry of the keychain of macOS; elsewhere there is none.
    Keychain {
        /// What the entry is called: [`CLAUDE_KEYCHAIN`].
        service: String,
        /// What reads it instead of macOS's `security`; then it is run on every system.
        security: Option<PathBuf>,
        /// How long that may take.
        timeout: Duration,
    },
    /// A command that prints a credential.
    Command {
        /// The program and its arguments; no shell.
        argv: Vec<String>,
        /// How long it may take. Then its whole process group is killed.
        timeout: Duration,
    },
    /// Another file.
    File {
        /// Where; a symbolic link there is not followed.
        path: PathBuf,
    },
}

impl Step {
    /// The entry of that name in the keychain of macOS, 30 s.
    pub fn keychain(service: impl Into<String>) -> Self {
        Self::Keychain { service: service.into(), security: None, timeout: STEP_TIMEOUT }
    }

    /// A command, 30 s.
    pub const fn command(argv: Vec<String>) -> Self {
        Self::Command { argv, timeout: STEP_TIMEOUT }
    }

    /// Another file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into() }
    }
}

/// As a configuration would call it. Of a command the program alone: an argument may be a password.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keychain { service, .. } => write!(f, "keychain entry `{service}`"),
            Self::Command { argv, .. } => {
                write!(f, "command `{}`", argv.first().map_or("", String::as_str))
            }
            Self::File { path } => write!(f, "file {}", path.display()),
        }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Step({self})")
    }
}

/// No candidate came of a step. Never says what a command printed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// There is no keychain here.
    #[error(
        "read {step}: only macOS has a keychain; use a `command` or a `file` as the refresh step here"
    )]
    Unsupported {
        /// The step.
        step: String,
    },
    /// The keychain has no such entry.
    #[error("read {step}: there is no such entry; log in once on this machine")]
    NoEntry {
        /// The step.
        step: String,
    },
    /// A command did not give anything.
    #[error("run {step}; run it by hand to see what it says")]
    Run {
        /// The step.
        step: String,
        /// Why.
        source: RunError,
    },
    /// What is there is no credential whose end is known.
    #[error("take a credential from {step}: {why}")]
    NoCredential {
        /// The step.
        step: String,
        /// What is wrong, in words.
        why: String,
    },
}

/// Looks for a credential of this kind at one place. Blocking, for at most the step's time; nothing is
/// tried twice. The environment is inherited, input is empty, and standard error is not kept: it
/// may say anything.
///
/// # Errors
///
/// All of them mean that there is no newer one from here, now.
pub fn fetch(step: &Step, kind: &Kind) -> Result<Candidate, FetchError> {
    let bytes = match step {
        Step::Keychain { service, security, timeout } => {
            let program = match security {
                Some(program) => program.to_string_lossy().into_owned(),
                None if cfg!(target_os = "macos") => SECURITY.to_owned(),
                None => return Err(FetchError::Unsupported { step: step.to_string() }),
            };
            let words = ["find-generic-password", "-s", service, "-w"];
            let argv = std::iter::once(program).chain(words.map(str::to_owned)).collect::<Vec<_>>();
            let printed = run::run(&argv, *timeout);
            if let Err(RunError::Failed { status }) = &printed
                && status.code() == Some(NO_ENTRY)
            {
                return Err(FetchError::NoEntry { step: step.to_string() });
            }
            plain(printed.map_err(|source| FetchError::Run { step: step.to_string(), source })?)
        }
        Step::Command { argv, timeout } => run::run(argv, *timeout)
            .map_err(|source| FetchError::Run { step: step.to_string(), source })?,
        Step::File { path } => read::content(&Place::at(path)).map_err(|found| {
            FetchError::NoCredential { step: step.to_string(), why: found.why.unwrap_or_default() }
        })?,
    };
    Candidate::new(kind, bytes)
        .map_err(|why| FetchError::NoCredential { step: step.to_string(), why })
}

/// `security` prints an entry in hex when it holds a line end or anything beyond ASCII.
fn plain(printed: Vec<u8>) -> Vec<u8> {
    let digits = printed.trim_ascii();
    let pairs: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()
            }
            _ => None,
        })
        .collect();
    match pairs {
        Some(bytes) if !bytes.is_empty() => bytes,
        _ => printed,
    }
}
