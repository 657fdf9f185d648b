//! How templates are rendered: every value is marked as data, and nothing takes that mark away.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::NAMES;
use super::pieces::{
    BOLD, BOLD_END, CODE, CODE_END, COMMAND, COMMAND_END, DATA, DATA_END, ends_line, is_mark,
};

/// The environment with the built-in templates.
pub(super) fn built_in() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        env.set_syntax(syntax);
    }
    env.set_recursion_limit(50);
    env.set_fuel(Some(FUEL));
    // What is captured is marked already; the formatter below does the marking.
    env.set_auto_escape_callback(|_| AutoEscape::Custom("sweepd".into()));
    env.set_formatter(|out, _state, value| {
        let text = marked(value);
        out.write_str(&text).map_err(Error::from)
    });
    // With these a template could pass data off as its own words.
    env.remove_filter("safe");
    env.remove_filter("escape");
    env.remove_filter("e");
    env.add_filter("bold", |value: Value| styled(BOLD, &value, BOLD_END));
    env.add_filter("code", |value: Value| styled(CODE, &value, CODE_END));
    for (name, source) in NAMES.into_iter().zip(SOURCES) {
        // A built-in template that cannot be parsed is found by the tests.
        env.add_template(name, source).ok();
    }
    env
}

/// Renders a template; values are between marks.
pub(super) fn render(env: &Environment<'_>, name: &str, view: &Value) -> Result<String, Error> {
    let mut text = Capped(Vec::new());
    let rendered = env.get_template(name)?.render_captured_to(view, &mut text).map(drop);
    if text.0.len() >= LONGEST {
        return Err(Error::new(ErrorKind::InvalidOperation, "it gives more than 1 MiB of text"));
    }
    rendered?;
    String::from_utf8(text.0)
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "it gives no text"))
}

/// What is wrong, with the template and the line.
pub(super) fn told(error: &Error, name: &str) -> String {
    let name = error.name().unwrap_or(name);
    let line = error.line().map_or_else(String::new, |line| format!(", line {line}"));
    let what = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
    format!("`{name}`{line}: {what}")
}

/// A value between the marks of data; what is marked already is left as it is.
fn marked(value: &Value) -> String {
    if value.is_undefined() || value.is_none() {
        return String::new();
    }
    let text = value.to_string();
    if value.is_safe() && value.kind() == ValueKind::String {
        return text;
    }
    let text: String = text.chars().filter(|c| !is_mark(*c)).collect();
    format!("{DATA}{text}{DATA_END}")
}

/// Nothing is not emphasized: two marks of code without anything between are no code. And no emphasis
/// goes over the end of a line: not every place takes that, and a message's title is one line.
fn styled(begin: char, value: &Value, end: char) -> Value {
    let inside = marked(value);
    let lines = inside.split(ends_line).map(str::trim).filter(|line| !line.is_empty());
    let mut inside = lines.collect::<Vec<_>>().join(" ");
    if begin == CODE {
        // Code within code would end it.
        inside.retain(|c| !matches!(c, CODE | CODE_END | COMMAND | COMMAND_END));
    }
    if inside.chars().all(|c| is_mark(c) || c.is_whitespace()) {
        return Value::from_safe_string(inside);
    }
    Value::from_safe_string(format!("{begin}{inside}{end}"))
}

/// So much work may a template take, in the steps of its language.
const FUEL: u64 = 50_000;
/// No text is longer, in bytes: those that are sent are far shorter.
const LONGEST: usize = 1024 * 1024;

/// A text that ends where it gets too long.
struct Capped(Vec<u8>);

impl std::io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len().saturating_add(bytes.len()) > LONGEST {
            self.0.resize(LONGEST, b' ');
            return Err(std::io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The built-in templates, in the order of [`NAMES`].
const SOURCES: [&str; 9] = [
    include_str!("../../templates/title.j2"),
    include_str!("../../templates/message.j2"),
    include_str!("../../templates/body.j2"),
    include_str!("../../templates/note.j2"),
    include_str!("../../templates/line.j2"),
    include_str!("../../templates/post.j2"),
    include_str!("../../templates/issue.j2"),
    include_str!("../../templates/comment.j2"),
    include_str!("../../templates/recovered.j2"),
];
