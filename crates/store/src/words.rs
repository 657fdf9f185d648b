//! What did SQLite say? Its words may quote a stranger's file: they are cut and stripped here.

/// What SQLite said, without the statement it said it about.
pub(crate) fn words(error: &rusqlite::Error) -> String {
    if let rusqlite::Error::SqliteFailure(_, Some(words)) = error {
        return plain(words);
    }
    if let rusqlite::Error::SqlInputError { msg, .. } = error {
        return plain(msg);
    }
    plain(&error.to_string())
}

/// Words of SQLite's, which may quote the agent's: no control characters, and not many.
pub(crate) fn plain(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn quoted_words_lose_control_characters_and_length() {
        assert_eq!(plain("a\u{1b}[31mb\n"), "a[31mb");
        assert_eq!(plain(&"x".repeat(1000)).len(), 200);
    }
}
