//! How does sweepd end, and what does it say then?
//!
//! | code | meaning |
//! |---|---|
//! | 0 | all well |
//! | 1 | something is wrong with an agent or a probe: a warning or an error is open |
//! | 2 | the command line, the configuration or a lock is in the way; nothing was done |
//! | 3 | sweepd itself could not look: its database or the runtime cannot be used; or not answer |
//!
//! Nothing else of the program ends the process or writes to standard error.

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::control::Reply;

/// The end of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Exit {
    /// All well.
    Well,
    /// Something is wrong with an agent or a probe.
    Failing,
    /// The command line, the configuration or a lock is in the way.
    Usage,
    /// sweepd itself could not look, or not answer.
    Blind,
    /// The demo was interrupted, or an agent of it ends as it was told to.
    Other(ExitCode),
}

/// Why a command could not do what it is for.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    error: anyhow::Error,
    hint: Option<String>,
    /// Nothing was done, and a moment later it may be.
    again: bool,
}

impl Exit {
    /// The code of an end that scripts rely on.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Failing => 1,
            Self::Usage => 2,
            Self::Blind | Self::Other(_) => 3,
        }
    }

    /// The end of a code that another sweepd told.
    pub(crate) const fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Well,
            1 => Self::Failing,
            2 => Self::Usage,
            _ => Self::Blind,
        }
    }

    fn code(self) -> ExitCode {
        match self {
            Self::Other(code) => code,
            Self::Well | Self::Failing | Self::Usage | Self::Blind => self.number().into(),
        }
    }
}

impl Failure {
    /// A failure with what it means for the caller.
    pub(crate) fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), hint: None, again: false }
    }

    /// Adds what to do about it.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Marks that nothing was done, and that it may be a moment later.
    pub(crate) fn again(self) -> Self {
        Self { again: true, ..self }
    }

    /// All of it in one line, for a log.
    pub(crate) fn in_one_line(&self) -> String {
        let hint = self.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{:#}{hint}", self.error)
    }

    /// The same for whoever asked through the daemon.
    pub(crate) fn into_reply(self) -> Reply {
        if self.again {
            return Reply::Again;
        }
        let (exit, error) = (self.exit.number(), format!("{:#}", self.error));
        Reply::Refused { exit, error, hint: self.hint }
    }

    /// The error alone.
    pub(crate) fn into_error(self) -> anyhow::Error {
        self.error
    }

    /// What is said: the error, outermost first, one cause a line, and the hint. Each line of the
    /// error itself is a message of its own.
    fn told(&self) -> String {
        let mut causes = self.error.chain().map(ToString::to_string);
        let outermost = causes.next().unwrap_or_default();
        let mut lines: Vec<_> = outermost.lines().map(|line| format!("sweepd: {line}")).collect();
        lines.extend(causes.map(|cause| format!("  because: {cause}")));
        let mut hint = self.hint.iter().flat_map(|hint| hint.lines());
        lines.extend(hint.next().map(|first| format!("  hint: {first}")));
        lines.extend(hint.map(|line| format!("    {line}").trim_end().to_owned()));
        lines.join("\n")
    }
}

/// Says what is to be said, once, and turns the end of a command into that of the process.
pub(crate) fn report(ended: Result<Exit, Failure>) -> ExitCode {
    let exit = match ended {
        Ok(exit) => exit,
        Err(failure) => {
            tell(&failure.told());
            failure.exit
        }
    };
    exit.code()
}

/// Writes lines to standard error, as far as there is somebody to read them.
pub(crate) fn tell(lines: &str) {
    // Where not even this can be written, nobody can be told so.
    let _unread = writeln!(io::stderr().lock(), "{lines}");
}

/// Writes a command's answer to standard output. That nobody reads on is no failure.
pub(crate) fn answer(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let error = anyhow::Error::new(error).context("failed to write to standard output");
            Err(Failure::new(Exit::Blind, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_that_scripts_rely_on() {
        let codes = [Exit::Well, Exit::Failing, Exit::Usage, Exit::Blind].map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3].map(ExitCode::from));
    }

    #[test]
    fn a_failure_is_told_outermost_first_with_one_cause_a_line_and_the_hint_last() {
        let error = anyhow::anyhow!("no such file").context("failed to read x").context("one\ntwo");
        let told = Failure::new(Exit::Usage, error).with_hint("write x\nlike so").told();
        assert_eq!(
            told,
            "sweepd: one\nsweepd: two\n  because: failed to read x\n  because: no such file\n  \
             hint: write x\n    like so"
        );
    }
}
