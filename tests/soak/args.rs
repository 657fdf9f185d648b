//! The command line.

const USAGE: &str = "usage: soak [--minutes N] [--seed N]";

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Args {
    /// New faults begin for so long; those under way are seen through after it.
    pub(crate) minutes: i64,
    /// Where the pauses between messages begin to be drawn from.
    pub(crate) seed: u64,
}

impl Args {
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self { minutes: 3, seed: 1 };
        while let Some(word) = words.next() {
            let number = words.next().and_then(|number| number.parse::<u32>().ok());
            let Some(number) = number.filter(|number| *number > 0) else {
                return Err(USAGE.to_owned());
            };
            match word.as_str() {
                "--minutes" => args.minutes = number.into(),
                "--seed" => args.seed = number.into(),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(args)
    }
}
