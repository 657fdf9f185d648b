//! The ways an agent can behave.

use std::str::FromStr;

use anyhow::bail;

/// How this agent behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Behave {
    /// Claims, works, answers, acks.
    Healthy,
    /// Claims, and then nothing: no sign of life, no ack.
    HangAfterClaim,
    /// Exits with this code in the middle of a batch.
    CrashMidMessage(u8),
    /// Never touches a file.
    NeverStart,
    /// Works, with heartbeats from an hour ahead.
    FutureHeartbeat,
    /// Works, with a Bash call that lasts.
    LongBash,
    /// Beats once, and takes no message.
    Idle,
    /// Exits with this code before it touches anything.
    ExitAtOnce(u8),
    /// Works and acks without a word.
    AckWithoutAnswer,
    /// Works and acks `failed`.
    FailAck,
    /// Works, and does not hear SIGTERM.
    IgnoreTerm,
    /// Holds an exclusive lock on outbound.db from its start.
    HoldLock,
    /// Claims what is due, and dies amid a transaction on outbound.db.
    HotJournal,
}

impl Behave {
    /// For `--help`.
    pub(crate) const HELP: &str = "How to behave: healthy, hang-after-claim, \
        crash-mid-message[=CODE], never-start, future-heartbeat, long-bash, idle, \
        exit-at-once[=CODE], ack-without-answer, fail-ack, ignore-term, hold-lock, hot-journal";
}

/// `name`, or `name=code` for those that exit; without a code they exit with 1.
impl FromStr for Behave {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, code) = match text.split_once('=') {
            Some((name, code)) => (name, Some(code.parse::<u8>()?)),
            None => (text, None),
        };
        let exit_code = code.unwrap_or(1);
        let behave = match name {
            "healthy" => Self::Healthy,
            "hang-after-claim" => Self::HangAfterClaim,
            "crash-mid-message" => Self::CrashMidMessage(exit_code),
            "never-start" => Self::NeverStart,
            "future-heartbeat" => Self::FutureHeartbeat,
            "long-bash" => Self::LongBash,
            "idle" => Self::Idle,
            "exit-at-once" => Self::ExitAtOnce(exit_code),
            "ack-without-answer" => Self::AckWithoutAnswer,
            "fail-ack" => Self::FailAck,
            "ignore-term" => Self::IgnoreTerm,
            "hold-lock" => Self::HoldLock,
            "hot-journal" => Self::HotJournal,
            _ => bail!("unknown behavior `{name}`"),
        };
        let exits = matches!(behave, Self::CrashMidMessage(_) | Self::ExitAtOnce(_));
        if code.is_some() && !exits {
            bail!("`{name}` takes no exit code");
        }
        Ok(behave)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_help_is_a_behavior() {
        let (_, names) = Behave::HELP.split_once(": ").unwrap();
        for name in names.split(", ") {
            let plain = name.trim_end_matches("[=CODE]");
            assert!(plain.parse::<Behave>().is_ok(), "{name}");
            let with_code = format!("{plain}=7").parse::<Behave>();
            assert_eq!(with_code.is_ok(), name.ends_with("[=CODE]"), "{name}");
        }
    }

    #[test]
    fn an_exit_code_is_a_byte() {
        assert_eq!("exit-at-once=0".parse::<Behave>().unwrap(), Behave::ExitAtOnce(0));
        assert_eq!("exit-at-once".parse::<Behave>().unwrap(), Behave::ExitAtOnce(1));
        assert!("exit-at-once=256".parse::<Behave>().is_err());
        assert!("lazy".parse::<Behave>().is_err());
    }
}
