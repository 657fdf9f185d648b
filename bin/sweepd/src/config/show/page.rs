//! Lays out tables and rows as TOML text.
//!
//! Comments behind the values are lined up within a table.

use std::mem;

use toml::Value;

use super::Origins;
use crate::config::place::join;

/// A text in the making.
pub(super) struct Page<'o> {
    origins: Option<&'o Origins>,
    text: String,
    /// The table that rows go into.
    path: String,
    rows: Vec<Row>,
}

struct Row {
    code: String,
    comments: Vec<String>,
}

/// Comments do not move further right than this for the sake of one long line.
const WIDEST: usize = 44;

impl<'o> Page<'o> {
    /// An empty page; with `origins`, rows are commented with theirs.
    pub(super) const fn new(origins: Option<&'o Origins>) -> Self {
        Self { origins, text: String::new(), path: String::new(), rows: Vec::new() }
    }

    /// Begins a table that stands at `path`.
    pub(super) fn table(&mut self, path: &str, header: &str) {
        self.lay_out();
        path.clone_into(&mut self.path);
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(header);
        self.text.push('\n');
    }

    /// A line of comment.
    pub(super) fn note(&mut self, words: &str) {
        self.lay_out();
        self.text.push_str("# ");
        self.text.push_str(words);
        self.text.push('\n');
    }

    /// A key of the current table.
    pub(super) fn row(&mut self, key: &str, value: Value) {
        let path = join(&self.path, key);
        self.row_at(&path, key, value);
    }

    /// A key of the current table that was set at `path`.
    #[expect(clippy::needless_pass_by_value, reason = "values are made to be shown")]
    pub(super) fn row_at(&mut self, path: &str, key: &str, value: Value) {
        let comments = self.origins.map(|origins| origins.of(path).to_string());
        let code = format!("{key} = {value}");
        self.rows.push(Row { code, comments: comments.into_iter().collect() });
    }

    /// A further comment on the last row.
    pub(super) fn remark(&mut self, words: &str) {
        if let Some(row) = self.rows.last_mut() {
            row.comments.push(words.to_owned());
        }
    }

    /// A key that is not set, and what holds instead.
    pub(super) fn left_out(&mut self, key: &str, words: &str) {
        self.rows.push(Row { code: format!("# {key}: {words}"), comments: Vec::new() });
    }

    /// The whole text.
    pub(super) fn into_text(mut self) -> String {
        self.lay_out();
        self.text
    }

    fn lay_out(&mut self) {
        let rows = mem::take(&mut self.rows);
        let widths = rows.iter().filter(|row| !row.comments.is_empty()).map(Row::width);
        let column = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
        for row in rows {
            self.text.push_str(&row.code);
            if !row.comments.is_empty() {
                let gap = column.saturating_sub(row.width());
                self.text.extend(std::iter::repeat_n(' ', gap));
                self.text.push_str("  # ");
                self.text.push_str(&row.comments.join("; "));
            }
            self.text.push('\n');
        }
    }
}

impl Row {
    fn width(&self) -> usize {
        self.code.chars().count()
    }
}
