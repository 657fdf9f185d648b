//! Processor time of the engine's threads alone: the agents of the bench share its process.

use std::fs;

/// What the engine's threads are called: its own, those of its runtime, and the file watcher's.
const NAMES: &[&str] = &["engine", "notify-rs"];
/// The kernel counts processor time in hundredths of a second.
const TICK_MS: i64 = 10;

/// Milliseconds so far.
pub(crate) fn engine_ms() -> i64 {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    tasks.filter_map(Result::ok).filter_map(|task| ms_of(&task.path())).sum()
}

fn ms_of(task: &std::path::Path) -> Option<i64> {
    let name = fs::read_to_string(task.join("comm")).ok()?;
    if !NAMES.iter().any(|known| name.starts_with(known)) {
        return None;
    }
    let stat = fs::read_to_string(task.join("stat")).ok()?;
    // After the name, which may hold blanks: the 12th and 13th word.
    let words = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
    Some(words.filter_map(|word| word.parse::<i64>().ok()).sum::<i64>() * TICK_MS)
}
