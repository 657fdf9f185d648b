//! How an argv becomes a child process, and which word for it not becoming one.
//!
//! No shell, no inherited environment, standard input empty, a process group of its own. Where
//! its output goes is the caller's choice.

use std::io;
use std::path::Path;
use std::process::Stdio;

use rustix::io::Errno;
use tokio::process::Command;

use crate::error::Error;

/// Prepares a child: `argv[0]` is searched in the `PATH` of `env` unless it has a slash (in
/// `/bin` and `/usr/bin` where `env` has none), and `env` is its whole environment.
pub(crate) fn prepare(
    argv: &[String],
    env: &[(String, String)],
    cwd: Option<&Path>,
) -> Result<Command, Error> {
    let (program, arguments) =
        argv.split_first().filter(|(program, _)| !program.is_empty()).ok_or(Error::EmptyArgv)?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().stdin(Stdio::null()).process_group(0);
    command.envs(env.iter().map(|(key, value)| (key, value)));
    if let Some(cwd) = cwd {
        command.current_dir(cwd);
    }
    Ok(command)
}

/// Says what a failed start failed at. The kernel has one ENOENT for a missing program, a missing
/// directory and a missing interpreter.
pub(crate) fn explain(argv: &[String], cwd: Option<&Path>, source: io::Error) -> Error {
    let program = argv.first().cloned().unwrap_or_default();
    if let Some(path) = cwd.filter(|path| !path.is_dir()) {
        return Error::EnterDirectory { path: path.to_owned(), program, source };
    }
    let names_a_file = program.contains('/') && Path::new(&program).exists();
    match Errno::from_io_error(&source) {
        Some(Errno::NOENT) if !names_a_file => Error::FindProgram { program, source },
        Some(Errno::NOENT | Errno::ACCESS | Errno::NOEXEC) => Error::Execute { program, source },
        _ => Error::Spawn { program, source },
    }
}
