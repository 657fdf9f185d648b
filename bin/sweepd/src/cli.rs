//! What can be asked on the command line?
//!
//! Only the words and their help. A command is one variant here and one module in
//! [`commands`].

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands;
use crate::config::Surroundings;
use crate::exit::{Exit, Failure};

/// Supervises AI agents on this host: looks at each, decides, acts, and says why.
#[derive(Debug, Parser)]
#[command(
    name = "sweepd",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Exit codes:\n  \
        0  all well\n  \
        1  something is wrong with an agent\n  \
        2  the command line, the configuration or a lock is in the way\n  \
        3  sweepd itself could not look"
)]
pub(crate) struct Cli {
    /// Read this configuration file
    #[arg(long, global = true, value_name = "FILE", long_help = CONFIG_HELP)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

/// Not a doc comment: these are no words of Rust.
const CONFIG_HELP: &str = "\
Read this configuration file

Without it: $SWEEPD_CONFIG, else the first that is there of ./sweepd.toml, \
~/.config/sweepd/sweepd.toml and /etc/sweepd/sweepd.toml";

#[derive(Debug, Subcommand)]
enum Command {
    /// Look at every agent once, and do what that calls for
    Sweep(commands::sweep::Words),
    /// Keep looking: the daemon
    Run,
    /// Show what is known about every agent
    Status(commands::status::Words),
    /// Explain what is decided about one agent, and when that changes
    Why(commands::why::Words),
    /// Start an agent now, whatever is due
    Wake(commands::by_hand::Words),
    /// Stop an agent now; nothing is said to be wrong with it
    Stop(commands::by_hand::Words),
    /// Leave an agent alone: look at it, and do nothing to it
    Pause(commands::by_hand::PauseWords),
    /// Take a pause back
    Resume(commands::by_hand::Words),
    /// List what is wrong and who was told of it; acknowledge, snooze or close some of it
    Incidents(commands::incidents::Words),
    /// Try whether alerts arrive; list what waits or was given up
    Alert(commands::alert::Words),
    /// List messages that were given up, or put one back
    DeadLetters(commands::dead_letters::Words),
    /// Show whether stops are held because too many agents look stuck, or let them go
    Brake(commands::brake::Words),
    /// Watch sweepd deal with agents that misbehave on purpose; needs nothing, ends in a minute
    Demo,
    /// Check or show the configuration
    #[command(subcommand)]
    Config(commands::config::Command),
    #[command(hide = true)]
    DemoAgent(commands::demo::agent::Words),
}

impl Cli {
    /// Does what was asked.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let Self { config, command } = self;
        let around = Surroundings::of_process();
        match command {
            Command::Sweep(words) => commands::sweep::run(&words, config.as_deref(), &around),
            Command::Run => commands::run::run(config.as_deref(), &around),
            Command::Status(words) => commands::status::run(&words, config.as_deref(), &around),
            Command::Why(words) => commands::why::run(&words, config.as_deref(), &around),
            Command::Wake(words) => commands::by_hand::wake(&words, config.as_deref(), &around),
            Command::Stop(words) => commands::by_hand::stop(&words, config.as_deref(), &around),
            Command::Pause(words) => commands::by_hand::pause(&words, config.as_deref(), &around),
            Command::Resume(words) => commands::by_hand::resume(&words, config.as_deref(), &around),
            Command::Incidents(words) => {
                commands::incidents::run(&words, config.as_deref(), &around)
            }
            Command::Alert(words) => commands::alert::run(&words, config.as_deref(), &around),
            Command::DeadLetters(words) => {
                commands::dead_letters::run(&words, config.as_deref(), &around)
            }
            Command::Brake(words) => commands::brake::run(&words, config.as_deref(), &around),
            Command::Demo => commands::demo::run(),
            Command::DemoAgent(words) => commands::demo::agent::run(&words),
            Command::Config(command) => commands::config::run(&command, config.as_deref(), &around),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_put_together_soundly() {
        Cli::command().debug_assert();
    }

    /// What a reader looks up: commands, options, exit codes, and variables.
    #[test]
    fn the_reference_has_all_there_is() {
        const PAGE: &str = include_str!("../../../docs/reference/cli.md");
        const VARIABLES: &str = include_str!("config/surroundings.rs");
        let row = |name: &str| format!("| `{name}` |");
        let cli = Cli::command();
        for command in cli.get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = command.get_name();
            let known = PAGE.contains(&format!("| `sweepd {name}"));
            assert!(known, "{name}");
            for option in command.get_arguments().filter_map(clap::Arg::get_long) {
                let own = format!("| `--{option}` |");
                assert!(option == "help" || PAGE.contains(&own), "{name} --{option}");
            }
        }
        for code in ["| 0 |", "| 1 |", "| 2 |", "| 3 |"] {
            assert!(PAGE.contains(code), "{code}");
        }
        let read = VARIABLES.split("variable(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let names: Vec<_> = read.chain(["TZ"]).collect();
        assert!(names.len() >= 7, "{names:?}");
        for name in names {
            assert!(PAGE.contains(&row(name)), "{name}");
        }
    }

    #[test]
    fn the_configuration_file_is_named_before_or_after_the_command() {
        for words in ["sweepd --config x config check", "sweepd config check --config x"] {
            let cli = Cli::try_parse_from(words.split(' ')).unwrap();
            assert_eq!(cli.config, Some(PathBuf::from("x")), "{words}");
        }
    }
}
