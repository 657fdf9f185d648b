//! Reads a file of cases, runs each, prints what failed and the closing line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use anyhow::Context as _;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::args::{Args, Family};
use crate::case::{Outcome, input};
use crate::family;

/// How a file of cases went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Cases whose answer is the expected one.
    pub passed: usize,
    /// Cases whose answer is not.
    pub failed: usize,
    /// Cases that are a matter of taste, by the format's rules.
    pub skipped: usize,
    /// Cases that pass although the recheck is earlier than it need be.
    pub early: usize,
    /// The failures, as text.
    pub failures: Vec<String>,
}

/// Runs the cases of a file and prints the outcome; whether all of them passed.
///
/// # Errors
/// The file cannot be read, or a line is not JSON.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<bool> {
    let report = run_file(args.family, &args.file)?;
    for failure in report.failures.iter().take(args.show) {
        writeln!(out, "{failure}\n")?;
    }
    if report.early > 0 {
        writeln!(out, "{} early", report.early)?;
    }
    write!(out, "{} passed, {} failed", report.passed, report.failed)?;
    if report.skipped > 0 {
        write!(out, ", {} skipped", report.skipped)?;
    }
    writeln!(out)?;
    Ok(report.failed == 0 && report.passed > 0)
}

/// Runs the cases of a file.
///
/// # Errors
/// As [`run`].
pub fn run_file(family: Family, path: &Path) -> anyhow::Result<Report> {
    let case = family::runner(family);
    let mut report = Report::default();
    for (number, line) in lines(path)?.enumerate() {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        if line.trim().is_empty() {
            continue;
        }
        let value: Value = serde_json::from_str(&line)
            .with_context(|| format!("{}:{}: not JSON", path.display(), number + 1))?;
        let id = value.get("id").and_then(Value::as_str).unwrap_or("?").to_owned();
        // A case that cannot even be run has failed; the others go on.
        let outcome = case.run(&value).unwrap_or_else(|error| Outcome::Failed {
            expected: "an answer".to_owned(),
            got: format!("{error:#}"),
        });
        report.count(&id, outcome, &value);
    }
    Ok(report)
}

impl Report {
    fn count(&mut self, id: &str, outcome: Outcome, case: &Value) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Early => {
                self.passed += 1;
                self.early += 1;
            }
            Outcome::Skipped => self.skipped += 1,
            Outcome::Failed { expected, got } => {
                self.failed += 1;
                let name = case.get("name").and_then(Value::as_str).unwrap_or("");
                self.failures.push(format!(
                    "{id} {name}\n  case     {}\n  expected {expected}\n  got      {got}",
                    input(case)
                ));
            }
        }
    }
}

fn lines(path: &Path) -> anyhow::Result<impl Iterator<Item = std::io::Result<String>>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|ext| ext == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(BufReader::new(reader).lines())
}
