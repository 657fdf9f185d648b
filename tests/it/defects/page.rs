//! Does `docs/defects.md` name each defect with its rule and its tests, and only what there is?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::NAMES;

/// How many defects of the original are known.
const ROWS: usize = 20;

#[test]
fn the_page_has_a_row_for_each_defect_and_names_every_test_of_it() {
    let page = page();
    let rows = rows(&page);
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), (1..=ROWS).collect::<Vec<_>>());
    let tests = tests();
    let defects: BTreeSet<&String> = tests.iter().filter(|name| number(name).is_some()).collect();
    assert!(defects.len() > ROWS, "some are shown twice: {defects:?}");
    let mut named = BTreeSet::new();
    for (row, cells) in &rows {
        let [_, original, ours, shown] = cells.as_slice() else { panic!("0.{row}: {cells:?}") };
        assert!(!original.is_empty() && ours.contains("](rules/"), "0.{row} names no rule");
        let shown: Vec<String> = quoted(shown).map(str::to_owned).collect();
        assert_eq!(shown.first().and_then(|name| number(name)), Some(*row), "0.{row}: {shown:?}");
        for name in shown {
            assert!(tests.contains(&name), "0.{row}: there is no test {name}");
            assert!(number(&name).is_none_or(|of| of == *row), "0.{row} names {name}");
            named.insert(name);
        }
    }
    let left_out: Vec<_> = defects.into_iter().filter(|name| !named.contains(*name)).collect();
    assert_eq!(left_out, [""; 0], "the page does not name them");
}

#[test]
fn every_rule_that_the_page_links_to_is_there() {
    let page = page();
    let mut links = page.split("](rules/").skip(1).peekable();
    assert!(links.peek().is_some());
    for link in links {
        let (link, _) = link.split_once(')').unwrap();
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let text = std::fs::read_to_string(top().join("docs/rules").join(file));
        let text = text.unwrap_or_else(|error| panic!("{link}: {error}"));
        let slug = |line: &str| Some(line.strip_prefix("## ")?.to_lowercase().replace(' ', "-"));
        let found = heading.is_empty() || text.lines().filter_map(slug).any(|it| it == heading);
        assert!(found, "{file} has no heading {heading}");
    }
}

/// The rows of the table, by number: their cells.
fn rows(page: &str) -> BTreeMap<usize, Vec<&str>> {
    page.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<(usize, Vec<&str>)> {
    let (number, _) = line.strip_prefix("| 0.")?.split_once(' ')?;
    let cells = line.trim_matches('|').split('|').map(str::trim).collect();
    Some((number.parse().ok()?, cells))
}

/// The words between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Of `defect_0_07_…` it is 7.
fn number(name: &str) -> Option<usize> {
    name.strip_prefix("defect_0_")?.split_once('_')?.0.parse().ok()
}

/// The name of every test of the workspace: of each function without arguments and result.
fn tests() -> BTreeSet<String> {
    let words =
        ["grep", "--untracked", "-hoE", "^ *(async )?fn [a-z0-9_]+\\(\\) \\{", "--", "*.rs"];
    let found = Command::new("git").args(words).current_dir(top()).output().unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    let name = |line: &str| {
        let (_, name) = line.split_once("fn ")?;
        Some(name.trim_end_matches("() {").to_owned())
    };
    let all = text.lines().filter_map(name);
    all.chain(NAMES.iter().map(ToString::to_string)).collect()
}

fn page() -> String {
    std::fs::read_to_string(top().join("docs/defects.md")).unwrap()
}

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
