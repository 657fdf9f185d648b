//! Cuts what arrives into lines, and keeps no more of one than it may be long.

use std::mem;

use hyper::body::Bytes;

/// What has arrived and was not handed out yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    chunk: Bytes,
    line: Vec<u8>,
    /// Within a line that is longer than [`MAX_LINE`]: up to its end nothing is kept.
    too_long: bool,
}

impl Lines {
    /// Takes the next piece of the stream. The last one has to be used up.
    pub(super) fn feed(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty(), "{} bytes lost", self.chunk.len());
        self.chunk = chunk;
    }

    /// Ends the line that the stream broke off in.
    pub(super) fn end(&mut self) {
        self.feed(Bytes::from_static(b"\n"));
    }

    /// The next whole line that is not blank, or once for each line that is too long, why there is
    /// none. `None`: used up.
    pub(super) fn cut(&mut self) -> Option<Result<Vec<u8>, &'static str>> {
        while !self.chunk.is_empty() {
            let end = self.chunk.iter().position(|byte| *byte == b'\n');
            let piece = self.chunk.split_to(end.map_or(self.chunk.len(), |end| end + 1));
            let known = mem::replace(&mut self.too_long, false);
            if known || self.line.len() + piece.len() > MAX_LINE {
                self.line = Vec::new();
                self.too_long = end.is_none();
                if !known {
                    return Some(Err("a line of more than 1 MiB"));
                }
                continue;
            }
            self.line.extend_from_slice(&piece);
            if end.is_some() {
                let line = mem::take(&mut self.line);
                if !line.trim_ascii().is_empty() {
                    return Some(Ok(line));
                }
            }
        }
        None
    }
}

/// 1 MiB: a thousand times what an event takes.
const MAX_LINE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// All lines of a stream that arrives in these pieces and then ends.
    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut told = Vec::new();
        let mut all = |lines: &mut Lines| {
            while let Some(line) = lines.cut() {
                let text = line.unwrap_or_else(|_| b"!".to_vec());
                told.push(String::from_utf8(text).unwrap());
            }
            assert!(lines.line.capacity() <= 2 * MAX_LINE);
        };
        for piece in pieces {
            lines.feed(Bytes::copy_from_slice(piece));
            all(&mut lines);
        }
        lines.end();
        all(&mut lines);
        told
    }

    #[test]
    fn lines_are_whole_however_they_arrive() {
        assert_eq!(lines(&[b"one\ntwo\n"]), ["one\n", "two\n"]);
        assert_eq!(lines(&[b"o", b"", b"ne", b"\n\r\n \nt", b"wo"]), ["one\n", "two\n"]);
        assert_eq!(lines(&[]), [""; 0]);
    }

    #[test]
    fn a_line_that_is_too_long_is_told_once_and_the_next_one_is_whole() {
        let most = vec![b'x'; MAX_LINE - 1];
        let fits = String::from_utf8([&most[..], b"\n"].concat()).unwrap();
        assert_eq!(lines(&[&most, b"\nnext\n"]), [fits.as_str(), "next\n"]);
        assert_eq!(lines(&[&most, b"xx", b"\nnext\n"]), ["!", "next\n"]);
        assert_eq!(lines(&[&most, &most, &most, b"x\nnext\n"]), ["!", "next\n"]);
        assert_eq!(lines(&[&most, &most, b"\n", &most, b"xy\n", b"next"]), ["!", "!", "next\n"]);
        assert_eq!(lines(&[&most, &most]), ["!"]);
    }
}
