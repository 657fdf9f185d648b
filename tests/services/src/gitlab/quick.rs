//! Quick actions: lines of a text that GitLab obeys and does not keep.

use crate::tracker::Issue;

/// The commands that a person with the role of a reporter has on issues.
const COMMANDS: &[&str] = &[
    "assign",
    "unassign",
    "close",
    "reopen",
    "label",
    "unlabel",
    "relabel",
    "title",
    "due",
    "remove_due_date",
    "todo",
    "done",
    "subscribe",
    "unsubscribe",
    "confidential",
    "lock",
    "unlock",
    "duplicate",
    "move",
    "clone",
    "milestone",
    "remove_milestone",
    "estimate",
    "spend",
    "award",
    "react",
    "weight",
    "create_merge_request",
    "promote",
    "zoom",
    "cc",
    "shrug",
    "tableflip",
];

/// The text without its commands, and those. A line is one when it begins with a known command,
/// outside code and quotes.
pub(super) fn split(text: &str) -> (String, Vec<String>) {
    let mut kept = Vec::new();
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        if fence.is_none() && mark.is_none() && is_command(line) {
            found.push(line.to_owned());
        } else {
            kept.push(line);
        }
    }
    (kept.join("\n"), found)
}

/// Does what a command says, of those that change what is held here.
pub(super) fn obey(command: &str, issue: &mut Issue, by: &str, now: i64) {
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    match name.to_ascii_lowercase().as_str() {
        "/close" => issue.set_open(false, by, now),
        "/reopen" => issue.set_open(true, by, now),
        "/lock" => issue.locked = true,
        "/unlock" => issue.locked = false,
        "/title" => rest.trim().clone_into(&mut issue.title),
        "/unassign" => issue.assignees.clear(),
        "/assign" => issue.assignees = vec![rest.trim().trim_start_matches('@').to_owned()],
        "/unlabel" => issue.labels.clear(),
        _ => {}
    }
}

fn is_command(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('/') else { return false };
    let name = rest.split_whitespace().next().unwrap_or_default();
    COMMANDS.iter().any(|known| known.eq_ignore_ascii_case(name)) && !rest.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_at_the_start_of_a_line_outside_code() {
        let text = "a\n/close\n /reopen\n```\n/lock\n```\n/usr/bin\n/Title new";
        let (kept, found) = split(text);
        assert_eq!(found, ["/close", "/Title new"]);
        assert_eq!(kept, "a\n /reopen\n```\n/lock\n```\n/usr/bin");
    }
}
