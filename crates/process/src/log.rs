//! What a run has written: its log file, the cap on it, and its tail.
//!
//! The run holds the file itself, opened to append; there is no pipe and nobody in between, so
//! the log goes on when sweepd ends. Therefore nobody stops a run from writing either: the cap is
//! kept by [`cap`], called at each look. Between two looks a log can be larger.
//!
//! A log is a regular file of ours, never a symlink. Its content is the agent's: data.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::fs::{Mode, OFlags};

use crate::error::Error;

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tail {
    /// Whole lines without their ends, oldest first. What is no UTF-8 became U+FFFD.
    pub lines: Vec<String>,
    /// Whether the log holds more than this.
    pub truncated: bool,
}

/// Cuts a log that is larger than `cap` bytes back to nothing, after its newest `cap` bytes, from
/// a line's start on, have replaced `<path>.1`. So log and predecessor never lose the newest
/// `cap` bytes, and together hold less than 2 × `cap` + what is written between two calls.
///
/// The run appends, so it goes on at the new end. What it writes in the instant between copy and
/// cut is lost. A missing log is fine. Blocking; up to `cap` bytes are copied.
///
/// # Errors
///
/// [`Error::CapLog`]; the log is whole then.
pub fn cap(path: &Path, cap: u64) -> Result<(), Error> {
    rotate(path, cap).map_err(|source| Error::CapLog { path: path.to_owned(), source })
}

/// Reads the newest `lines` lines of a log, at most its newest `max_bytes` bytes, going on into
/// `<path>.1` where the log was just cut. A missing log is empty. Blocking.
///
/// # Errors
///
/// [`Error::ReadLog`].
pub fn tail(path: &Path, lines: usize, max_bytes: u64) -> Result<Tail, Error> {
    read_tail(path, lines, max_bytes)
        .map_err(|source| Error::ReadLog { path: path.to_owned(), source })
}

/// The log twice, for standard output and error of one child.
pub(crate) async fn outputs(path: &Path) -> Result<(Stdio, Stdio), Error> {
    let owned = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND;
        let out = open_regular(&owned, flags)?;
        Ok((out.try_clone()?, out))
    });
    let opened = opened.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    let (out, err): (File, File) =
        opened.map_err(|source| Error::OpenLog { path: path.to_owned(), source })?;
    Ok((out.into(), err.into()))
}

fn rotate(path: &Path, cap: u64) -> io::Result<()> {
    let Some(mut log) = found(open_regular(path, OFlags::RDWR))? else { return Ok(()) };
    let size = log.metadata()?.len();
    if size <= cap {
        return Ok(());
    }
    let from = size - cap;
    log.seek(SeekFrom::Start(from))?;
    let mut head = Vec::new();
    Read::by_ref(&mut log).take(cap.min(LINE)).read_to_end(&mut head)?;
    let line = head.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    log.seek(SeekFrom::Start(from.saturating_add(u64::try_from(line).unwrap_or(0))))?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC;
    let mut kept = open_regular(&predecessor(path), flags)?;
    // What is written meanwhile is copied too, but a run that writes faster does not hold us.
    io::copy(&mut log.by_ref().take(cap.saturating_mul(2)), &mut kept)?;
    log.set_len(0)
}

fn read_tail(path: &Path, lines: usize, max_bytes: u64) -> io::Result<Tail> {
    let (newer, newer_cut) = read_end(path, max_bytes)?;
    let left = max_bytes.saturating_sub(u64::try_from(newer.len()).unwrap_or(u64::MAX));
    let (mut bytes, cut) =
        if newer_cut { (Vec::new(), true) } else { read_end(&predecessor(path), left)? };
    bytes.extend(newer);
    let text = String::from_utf8_lossy(&bytes);
    let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
    // The first of several lines may lack its beginning; a lone one is better than nothing.
    let partial = usize::from(cut && all.len() > 1);
    let skip = all.len().saturating_sub(lines).max(partial);
    Ok(Tail { lines: all.split_off(skip), truncated: cut || skip > 0 })
}

/// The last `max` bytes of a file, and whether there is more before them.
fn read_end(path: &Path, max: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    let Some(mut file) = found(open_regular(path, OFlags::RDONLY))? else {
        return Ok((bytes, false));
    };
    let from = file.metadata()?.len().saturating_sub(max);
    file.seek(SeekFrom::Start(from))?;
    file.take(max).read_to_end(&mut bytes)?;
    Ok((bytes, from > 0))
}

fn open_regular(path: &Path, flags: OFlags) -> io::Result<File> {
    // NONBLOCK: a FIFO in its place must not hold us. For a regular file it means nothing.
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
    }
}

fn found(opened: io::Result<File>) -> io::Result<Option<File>> {
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn predecessor(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

/// 64 KiB: how far a cut looks for the end of a line.
const LINE: u64 = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    fn dir_with(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("agent.log");
        std::fs::write(&log, text).unwrap();
        (dir, log)
    }

    #[test]
    fn a_log_within_its_cap_is_left_alone() {
        let (_dir, log) = dir_with("one\ntwo\n");
        cap(&log, 8).unwrap();
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "one\ntwo\n");
        assert!(!predecessor(&log).exists());
    }

    #[test]
    fn the_newest_whole_lines_of_a_capped_log_stay_beside_it() {
        let (_dir, log) = dir_with("first\nsecond\nthird\n");
        cap(&log, 9).unwrap();
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "");
        assert_eq!(std::fs::read_to_string(predecessor(&log)).unwrap(), "third\n");
    }

    #[test]
    fn a_log_without_line_ends_is_capped_too() {
        let (_dir, log) = dir_with(&"x".repeat(200_000));
        cap(&log, 100_000).unwrap();
        assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
        assert_eq!(std::fs::metadata(predecessor(&log)).unwrap().len(), 100_000);
    }

    #[test]
    fn the_tail_goes_on_into_the_predecessor() {
        let (_dir, log) = dir_with("a\nb\nc\n");
        cap(&log, 4).unwrap();
        std::fs::write(&log, "d\n").unwrap();
        let tail = tail(&log, 10, 1000).unwrap();
        assert_eq!(tail, Tail { lines: vec!["c".into(), "d".into()], truncated: false });
    }

    #[test]
    fn the_tail_is_bounded_in_lines_and_in_bytes() {
        let (_dir, log) = dir_with("one\ntwo\nthree\n");
        assert_eq!(tail(&log, 1, 1000).unwrap().lines, ["three"]);
        assert_eq!(tail(&log, 9, 8).unwrap().lines, ["three"]);
        assert_eq!(tail(&log, 9, 3).unwrap().lines, ["ee"]);
        assert!(tail(&log, 9, 3).unwrap().truncated);
        assert!(!tail(&log, 9, 14).unwrap().truncated);
        assert_eq!(tail(&log, 9, 0).unwrap().lines, [""; 0]);
    }

    #[test]
    fn a_missing_log_is_empty_and_needs_no_cap() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("none");
        cap(&log, 1).unwrap();
        assert_eq!(tail(&log, 9, 9).unwrap(), Tail::default());
    }

    #[test]
    fn a_symlink_in_the_place_of_a_log_is_not_followed() {
        let (dir, log) = dir_with("precious and long enough to be cut\n");
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&log, &link).unwrap();
        assert!(matches!(cap(&link, 1), Err(Error::CapLog { .. })));
        assert!(matches!(tail(&link, 9, 9), Err(Error::ReadLog { .. })));
        assert!(std::fs::metadata(&log).unwrap().len() > 1);
    }

    #[test]
    fn a_fifo_in_the_place_of_a_log_does_not_block() {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(matches!(tail(&fifo, 9, 9), Err(Error::ReadLog { .. })));
        assert!(matches!(cap(&fifo, 9), Err(Error::CapLog { .. })));
    }
}
