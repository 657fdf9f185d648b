//! Compares a scenario's lower half with what came of its upper half, or writes it anew.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use similar::{ChangeTag, TextDiff};

use super::settings::Settings;
use super::{act, play, text};

/// Plays the scenario in the file at `path` and compares its lower half with what came of it;
/// with `update`, writes that into the file instead.
///
/// # Errors
/// The file cannot be read; its text is not understood, with file and line; or something else came
/// of it, with the difference line by line.
///
/// # Cancel safety
/// Nothing but a directory of its own is written before the end.
pub async fn check(path: &Path, update: bool) -> Result<()> {
    let name = path.display();
    let whole = fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
    let (upper, expected) = text::halves(&whole);
    let found = outcome(upper).await.map_err(|error| blame(&name.to_string(), &error))?;
    if update {
        fs::write(path, text::with_expected(&whole, &found))?;
        return Ok(());
    }
    let expected = expected.with_context(|| format!("{name} has no line ----"))?;
    if expected != found {
        bail!(
            "{name}: something else came of it (- expected, + found)\n{}",
            diff(expected, &found)
        );
    }
    Ok(())
}

/// Plays the upper half in each of its zones.
async fn outcome(upper: &str) -> Result<String> {
    let entries = text::entries(upper)?;
    let header = entries.iter().filter(|entry| entry.at.is_none());
    let settings = Settings::read(header)?;
    let acts = act::read(entries.iter(), &settings)?;
    ensure!(!acts.is_empty(), "nothing happens in it");
    let mut first: Option<String> = None;
    for zone in &settings.zones {
        let found = play::play(&settings, &acts, zone).await?;
        match &first {
            Some(first) if *first != found => {
                bail!("in {} something else comes of it\n{}", zone.name(), diff(first, &found));
            }
            Some(_) => {}
            None => first = Some(found),
        }
    }
    first.context("it is played in no zone")
}

/// An error with its file, and with its line where it has one: `FILE:LINE: why`.
fn blame(name: &str, error: &anyhow::Error) -> anyhow::Error {
    let told = format!("{error:#}");
    match told.strip_prefix("line ") {
        Some(told) => anyhow::anyhow!("{name}:{told}"),
        None => anyhow::anyhow!("{name}: {told}"),
    }
}

fn diff(expected: &str, found: &str) -> String {
    let diff = TextDiff::from_lines(expected, found);
    let sign = |tag| match tag {
        ChangeTag::Delete => '-',
        ChangeTag::Insert => '+',
        ChangeTag::Equal => ' ',
    };
    let mut shown = String::new();
    for change in diff.iter_all_changes() {
        shown.push(sign(change.tag()));
        shown.push_str(&change.to_string_lossy());
    }
    shown
}
