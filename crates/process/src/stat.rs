//! What the kernel says about one process: state, group, threads and start.
//!
//! Reads `/proc` by hand: four numbers of one line. It keeps "there is no such process" apart
//! from "it could not be read".

use std::io;

use rustix::io::Errno;

/// The part of `/proc/<pid>/stat` that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    state: u8,
    /// The process group it is in now.
    pub(crate) group: i32,
    threads: u64,
    /// Clock ticks from boot to its start.
    pub(crate) start_ticks: u64,
}

impl Stat {
    /// Whether it has ended: a zombie, or on its way out of the table. A zombie that still counts
    /// threads only lost its first thread; the others go on.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self.state, b'X' | b'x') || (self.state == b'Z' && self.threads <= 1)
    }

    /// Whether somebody stopped it with a signal or holds it in a debugger.
    pub(crate) const fn is_paused(self) -> bool {
        matches!(self.state, b'T' | b't')
    }
}

/// Reads the line of one process; `None` if there is no such process.
pub(crate) fn read(pid: i32) -> io::Result<Option<Stat>> {
    match std::fs::read(format!("/proc/{pid}/stat")) {
        Ok(line) => parse(&line).map(Some).ok_or_else(|| io::Error::other("unreadable stat line")),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The pids of all live processes in `group`. Zombies don't count: they can do nothing.
pub(crate) fn live_members(group: i32) -> io::Result<Vec<i32>> {
    let mut members = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if read(pid)?.is_some_and(|stat| stat.group == group && !stat.is_over()) {
            members.push(pid);
        }
    }
    Ok(members)
}

/// The id of this boot of the host.
pub(crate) fn boot_id() -> io::Result<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(text.trim().to_owned())
}

/// A process that ends while its line is read gives ESRCH instead of ENOENT.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || Errno::from_io_error(error) == Some(Errno::SRCH)
}

/// The command's name stands in parentheses and may itself contain parentheses and spaces, so
/// fields are counted from the last one: state is field 3.
fn parse(line: &[u8]) -> Option<Stat> {
    let end_of_name = line.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(line.get(end_of_name + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    Some(Stat {
        state: *fields.next()?.as_bytes().first()?,
        group: fields.nth(1)?.parse().ok()?,
        threads: fields.nth(14)?.parse().ok()?,
        start_ticks: fields.nth(1)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_full_of_parentheses_does_not_shift_the_fields() {
        let line = b"77 (a) R 9 (b)) Z 1 77 76 0 -1 4228 0 0 0 0 1 2 3 4 20 0 5 0 424242 8 9\n";
        let expected = Stat { state: b'Z', group: 77, threads: 5, start_ticks: 424_242 };
        assert_eq!(parse(line), Some(expected));
    }

    #[test]
    fn a_name_that_is_not_text_is_read() {
        let line = b"77 (\xff\xfe) S 1 77 76 0 -1 4228 0 0 0 0 1 2 3 4 20 0 1 0 12 8 9\n";
        assert_eq!(parse(line).map(|stat| stat.start_ticks), Some(12));
    }

    #[test]
    fn a_zombie_with_threads_left_is_not_over() {
        let zombie = Stat { state: b'Z', group: 7, threads: 1, start_ticks: 1 };
        assert!(zombie.is_over());
        assert!(!Stat { threads: 2, ..zombie }.is_over());
        assert!(Stat { state: b'X', ..zombie }.is_over());
        assert!(!Stat { state: b'S', ..zombie }.is_over());
    }

    #[test]
    fn a_short_line_is_unreadable() {
        assert_eq!(parse(b"77 (a) S 1 77"), None);
        assert_eq!(parse(b""), None);
    }

    #[test]
    fn we_find_ourselves_in_the_process_table() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let stat = read(pid).unwrap().unwrap();
        assert!(!stat.is_over());
        assert!(live_members(stat.group).unwrap().contains(&pid));
    }

    #[test]
    fn a_pid_beyond_the_table_is_nobody() {
        assert_eq!(read(i32::MAX).unwrap(), None);
    }
}
