//! Which pieces advice has, and how each place shows them.

use sweepd_decide::{Alert, Moment, News, Story};

use super::*;
use crate::Texts;
use crate::text::{Caps, Markup, Target, Unit, sample};

fn pieces(advice: &str, whom: &str, most: usize) -> Vec<String> {
    let Advice(pieces) = Advice::of(advice, whom, most);
    let told = |piece: &Piece| match piece {
        Piece::Words(text) => text.clone(),
        Piece::Command(text) => format!("[{text}]"),
    };
    pieces.iter().map(told).collect()
}

#[test]
fn commands_stand_between_backticks_and_a_name_with_some_ends_none() {
    for whom in ["a/b", "a`b", "` `", "``` x", "e"] {
        let told = pieces(&format!("Look: `why {whom}` says."), whom, 99);
        assert_eq!(told, ["Look: ", &format!("[why {whom}]"), " says."], "{whom}");
    }
    // Whoever is called that has no commands in his advice.
    assert_eq!(pieces("See: `why `` says.", "`", 99), ["See: `why `` says."]);
    assert_eq!(pieces("", "", 9), Vec::<String>::new());
    assert_eq!(pieces("`a", "x", 9), ["[a]"]);
    assert_eq!(pieces("``a` `b", "x", 9), ["a", " ", "b"]);
}

#[test]
fn a_cut_leaves_commands_whole_or_marks_them() {
    let of = |most| pieces("See `docker info`. Then", "", most);
    assert_eq!(of(99), ["See ", "[docker info]", ". Then"]);
    assert_eq!(of(17), ["See ", "[docker info]", ".…"]);
    assert_eq!(of(8), ["See ", "[doc…]"]);
    assert_eq!(of(2), ["S…"]);
}

fn about(whom: &str) -> Alert {
    let advice = format!("Stop it (`docker rm -f`); `sweepd why {whom}` has *more*.");
    let base = sample::story(Moment::Opened, true);
    sample::alert(News::Incident(Box::new(Story { agent: Some(whom.into()), advice, ..base })))
}

fn told(texts: &Texts, markup: Markup, whom: &str) -> String {
    let target = Target::new(markup, Unit::Utf16, 10_000);
    let told = texts.body(&about(whom), Caps::MESSAGE, target);
    assert_eq!(told.remark, None);
    let line = told.text.lines().find_map(|line| line.strip_prefix("To do: ")).unwrap();
    line.replace('\u{200b}', "|")
}

/// The texts, once with a body of one's own.
fn both() -> [Texts; 2] {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("body.j2"), "To do: {{ advice }}").unwrap();
    [Texts::built_in(), Texts::load(Some(dir.path())).unwrap()]
}

#[test]
fn every_place_shows_commands_in_its_own_way() {
    let plain = "Stop it (`docker rm -f`); `sweepd why a/b` has *more*.";
    for (markup, written) in [
        (Markup::Plain, plain),
        (Markup::Title, plain),
        (Markup::Slack, plain),
        (Markup::Discord, r"Stop it \(`docker rm -f`\); `sweepd why a/b` has \*more\*."),
        (
            Markup::Telegram,
            "Stop it (<code>docker rm -f</code>); <code>sweepd why a/b</code> has *more*.",
        ),
        (Markup::Tracker, r"Stop it (`docker rm -f`); `sweepd why a/b` has \*more\*."),
    ] {
        for texts in both() {
            assert_eq!(told(&texts, markup, "a/b"), written, "{markup:?}");
        }
    }
}

#[test]
fn no_name_breaks_out_of_a_command_in_any_place() {
    let whom = "a` *b* ``` @here <@1> <b>";
    for (markup, command) in [
        (Markup::Plain, "`sweepd why a' *b* ''' @|here <|@|1> <b>`"),
        (Markup::Title, "`sweepd why a' *b* ''' @|here <|@|1> <b>`"),
        (Markup::Slack, "`sweepd why a' *b* ''' @|here &lt;@|1&gt; &lt;b&gt;`"),
        (Markup::Discord, "`sweepd why a' *b* ''' @|here <|@|1> <|b>`"),
        (Markup::Telegram, "<code>sweepd why a` *b* ``` @|here &lt;@|1&gt; &lt;b&gt;</code>"),
        (Markup::Tracker, "```` sweepd why a` *b* ``` @here <@1> <b> ````"),
    ] {
        for texts in both() {
            let told = told(&texts, markup, whom);
            let (_, after) = told.split_once("; ").unwrap();
            assert!(after.starts_with(&format!("{command} has ")), "{markup:?}: {told}");
        }
    }
}

#[test]
fn code_within_code_ends_none() {
    let dir = tempfile::tempdir().unwrap();
    let body = "{% set all %}{{ advice }} {{ agent | code }}{% endset %}{{ all | code | bold }}";
    std::fs::write(dir.path().join("body.j2"), body).unwrap();
    let texts = Texts::load(Some(dir.path())).unwrap();
    let target = Target::new(Markup::Discord, Unit::Utf16, 10_000);
    let told = texts.body(&about("*x*"), Caps::MESSAGE, target);
    assert_eq!(told.text, "**`Stop it (docker rm -f); sweepd why *x* has *more*. *x*`**");
}
