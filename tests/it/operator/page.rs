//! Pages without what differs from run to run: instants, spans, directories, processes.

use super::host::Host;

/// A page for a snapshot: `HERE`, `TIME`, `SPAN`, `PROCESS`, and columns two blanks apart.
pub(crate) fn redacted(text: &str, host: &Host) -> String {
    let text = text.replace(&host.here(), "HERE");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// JSON over many lines, keys in the order in which they came.
pub(crate) fn pretty(json: &str) -> String {
    let (mut page, mut depth, mut in_text, mut escaped) = (String::new(), 0_usize, false, false);
    let mut last = ' ';
    for c in json.trim().chars() {
        if in_text {
            page.push(c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            last = c;
            continue;
        }
        let closes = matches!(c, '}' | ']');
        depth -= usize::from(closes);
        let opened = matches!(last, '{' | '[');
        if last == ',' || opened != closes && (opened || closes) {
            page.push('\n');
            page.push_str(&"  ".repeat(depth));
        }
        page.push(c);
        depth += usize::from(matches!(c, '{' | '['));
        in_text = c == '"';
        last = c;
    }
    page
}

fn line(text: &str) -> String {
    let indent = text.len() - text.trim_start().len();
    let mut words = Vec::new();
    for cell in text.trim().split("  ").map(str::trim).filter(|cell| !cell.is_empty()) {
        words.push(cell.split(' ').map(word).collect::<Vec<_>>().join(" "));
    }
    let line = spans(&words.join("  "));
    format!("{}{}", &text[..indent], line)
}

/// A word with its quotes and commas around it kept.
fn word(word: &str) -> String {
    let (mut found, mut rest) = (String::new(), word);
    while let Some((at, length, name)) = first(rest) {
        found.push_str(&rest[..at]);
        found.push_str(name);
        rest = &rest[at + length..];
    }
    found + rest
}

/// The first instant or process in a word: where, how long, and what stands for it.
fn first(text: &str) -> Option<(usize, usize, &'static str)> {
    let shapes = [
        ("0000-00-00T00:00:00.000Z", "TIME"),
        ("0000-00-00", "DAY"),
        ("00:00:00", "CLOCK"),
        ("00:00Z", "MINUTE"),
    ];
    let fits = |at: usize, shape: &str| {
        let part = text.get(at..at + shape.len())?;
        let same = |(a, b): (char, char)| if b == '0' { a.is_ascii_digit() } else { a == b };
        part.chars().zip(shape.chars()).all(same).then_some(shape.len())
    };
    (0..text.len()).find_map(|at| {
        let shape = shapes.iter().find_map(|(shape, name)| Some((at, fits(at, shape)?, *name)));
        let process = text.get(at..)?.strip_prefix("pid:").map(|rest| {
            let id = |c: char| c.is_ascii_alphanumeric() || c == '@' || c == '-';
            (at, 4 + rest.chars().take_while(|c| id(*c)).count(), "PROCESS")
        });
        shape.or(process)
    })
}

/// `12 ms ago` and `for 3 s`, whatever the number and the unit.
fn spans(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
    let unit = |word: &str| matches!(word.trim_end_matches(')'), "ms" | "s" | "min" | "h");
    let mut kept: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let bare = words[at].trim_start_matches('(');
        let is_span = number(bare) && words.get(at + 1).is_some_and(|next| unit(next));
        let lasts = kept.last().is_some_and(|word| word.trim_start_matches('(') == "for");
        let told = lasts || words.get(at + 2) == Some(&"ago");
        if is_span && told {
            let end = if words[at + 1].ends_with(')') { ")" } else { "" };
            kept.push(format!("SPAN{end}"));
            at += 2;
        } else {
            kept.push(words[at].to_owned());
            at += 1;
        }
    }
    kept.join(" ")
}

#[test]
fn what_differs_from_run_to_run_is_replaced_and_nothing_else() {
    let host = Host::new();
    let page = format!(
        "  a  12 ms ago   2026-11-22T10:00:00.001Z  \"x\":\"2026-11-22 10:00:01\",\n\
         warning: y (for 3 s) limit 5 s  {}/z pid:12@34@ab-c0",
        host.here()
    );
    let expected = "  a  SPAN ago  TIME  \"x\":\"DAY CLOCK\",\n\
                    warning: y (for SPAN) limit 5 s  HERE/z PROCESS";
    assert_eq!(redacted(&page, &host), expected);
    let json = r#"{"b":[],"a":[1,{"c":"x,\"{"}],"d":{}}"#;
    let spread = "{\n  \"b\":[],\n  \"a\":[\n    1,\n    {\n      \"c\":\"x,\\\"{\"\n    }\n  ],\n  \"d\":{}\n}";
    assert_eq!(pretty(json), spread);
}
