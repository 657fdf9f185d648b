//! The command line.

use std::path::PathBuf;

/// Replays golden vectors against sweepd.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// Which rules the file is about.
    pub family: Family,
    /// One JSON object a line, plain or gzip-compressed.
    pub file: PathBuf,
    /// Print the first N failing cases with a diff.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub show: usize,
}

/// A family of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a command line")]
pub enum Family {
    /// The stuck decision of profile `nanoclaw`.
    Decide,
    /// The stuck decision of profile `standard`.
    DecideStandard,
    /// The timestamp parser.
    ParseUtc,
    /// The next run of a cron expression.
    #[cfg(feature = "engine")]
    Recurrence,
    /// Whole calls over one session, on real databases.
    #[cfg(feature = "engine")]
    Sweep,
    /// Messages that were worked on and never answered, on real databases.
    #[cfg(feature = "engine")]
    Silent,
}
