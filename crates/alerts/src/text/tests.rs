//! Every template in every markup; and that no data is more than data.

use std::fmt::Write as _;

use proptest::prelude::*;
use sweepd_decide::{Deed, End, Fact, Moment, Note, Occasion};

use super::*;
use crate::text::clean::{is_unseen, units};
use crate::text::sample::{AT, alert, alerts};

const MARKUPS: [Markup; 6] = [
    Markup::Plain,
    Markup::Discord,
    Markup::Slack,
    Markup::Telegram,
    Markup::Tracker,
    Markup::Title,
];

fn long(markup: Markup) -> Target {
    Target::new(markup, Unit::Utf16, 100_000)
}

#[test]
fn every_template_in_every_markup() {
    let texts = Texts::built_in();
    for markup in MARKUPS {
        let mut told = String::new();
        for name in ["title", "message", "line", "issue", "comment", "recovered"] {
            for alert in alerts() {
                let is_note = story(&alert).is_none();
                let ends = story(&alert).is_some_and(|story| story.end.is_some());
                let fits = match name {
                    "issue" | "comment" => !is_note && !ends,
                    "recovered" => ends,
                    _ => true,
                };
                if fits {
                    let view = View { why: "Still failing", ..View::of(&alert, Caps::MESSAGE) };
                    let text = texts.write(name, &view, long(markup));
                    assert_eq!(text.remark, None, "{name}");
                    writeln!(told, "--- {name}\n{}", text.text).unwrap();
                }
            }
        }
        let post = texts.message(&alerts(), long(markup)).text;
        writeln!(told, "--- post\n{post}").unwrap();
        insta::assert_snapshot!(format!("{markup:?}"), told.replace('\u{200b}', "<ZWSP>"));
    }
}

#[test]
fn a_digest_says_its_times_as_people_do() {
    let line = |text: &str| text.to_owned();
    let note = Note {
        occasion: Occasion::Digest,
        title: line("daily: 40 agents watched, 38 running, 2 incidents open"),
        lines: vec![
            line("in the last 24 h: 3 opened, 1 ended"),
            line("#41 since 2026-11-27T10:02:11.250Z: no heartbeat since 2026-11-27T09:31:11.000Z"),
            line("#7 since 2026-11-20T23:59:59.999Z: it ends, and ends"),
        ],
    };
    let told = Texts::built_in().message(&[alert(News::Note(note))], long(Markup::Plain)).text;
    insta::assert_snapshot!(told, @r"
    daily: 40 agents watched, 38 running, 2 incidents open
    in the last 24 h: 3 opened, 1 ended
    #41 since 10:02:11 UTC: no heartbeat since 09:31:11 UTC
    #7 since 2026-11-20 23:59:59 UTC: it ends, and ends
    digest, host-1, 2026-11-27 10:14:11 UTC
    ");
}

fn with_seen(seen: &str) -> Alert {
    let story = Story { seen: seen.to_owned(), ..sample::story(Moment::Opened, true) };
    alert(News::Incident(Box::new(story)))
}

#[test]
fn lines_that_do_not_fit_are_counted_and_errors_go_first() {
    let texts = Texts::built_in();
    let mut alerts: Vec<_> =
        (0..50).map(|nth| with_seen(&format!("{nth}{}", "x".repeat(90)))).collect();
    let mut last = sample::story(Moment::Opened, true);
    last.severity = Severity::Error;
    alerts[49] = alert(News::Incident(Box::new(last)));
    let told = texts.message(&alerts, Target::new(Markup::Discord, Unit::Utf16, 2000)).text;
    assert!(units(&told) <= 2000 && units(&told) > 1700, "{}", units(&told));
    let shown = told.lines().filter(|line| line.starts_with("- ")).count();
    assert!(told.contains("- error: "), "{told}");
    assert!(told.ends_with(&format!("+{} more", 50 - shown)), "{told}");
    assert!(told.starts_with("**50 alerts from host-1**"), "{told}");
}

#[test]
fn a_replacement_is_used_tried_and_passed_over_when_it_fails() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("title.j2", "!! {{ kind }} {{ note.title if note }}");
    write("README.md", "not a template");
    let texts = Texts::load(Some(dir.path())).unwrap();
    let alert = with_seen("a & b");
    assert_eq!(texts.title(&alert, long(Markup::Telegram)).text, "!! agent-stuck");
    let told = texts.message(std::slice::from_ref(&alert), long(Markup::Telegram));
    assert!(told.text.starts_with("<b>!! agent-stuck</b>\na &amp; b\n"), "{}", told.text);

    write("body.j2", "{% if seen == 'boom' %}{{ seen.nothing.more }}{% endif %}own\n");
    let texts = Texts::load(Some(dir.path())).unwrap();
    let told = texts.body(&with_seen("boom"), Caps::MESSAGE, long(Markup::Plain));
    assert!(told.text.starts_with("boom\nAgent: "), "{}", told.text);
    assert_eq!(
        told.remark.unwrap(),
        "the template `body`, line 1: `seen.nothing` is undefined; the built-in one was used"
    );

    write("body.j2", "<b>{{ seen }} & more");
    let texts = Texts::load(Some(dir.path())).unwrap();
    let told = texts.body(&with_seen("boom"), Caps::MESSAGE, long(Markup::Telegram));
    assert!(told.text.starts_with("boom\nAgent: "), "{}", told.text);
    assert!(told.remark.unwrap().contains("tags that are not closed"));

    write("body.j2", "[runbook](https://wiki.test) {{ seen }}");
    let texts = Texts::load(Some(dir.path())).unwrap();
    let short = Target::new(Markup::Discord, Unit::Utf16, 30);
    let told = texts.body(&with_seen("boom"), Caps::MESSAGE, short);
    assert!(told.text.starts_with("boom"), "{}", told.text);
    assert!(told.remark.unwrap().contains("too long to be cut"));
    let told = texts.body(&with_seen("[x](y)"), Caps::MESSAGE, long(Markup::Discord));
    assert_eq!(told.text, "[runbook](https://wiki.test) \\[x\\]\\(y\\)");
}

#[test]
fn a_title_is_one_line_however_many_its_template_has() {
    let dir = tempfile::tempdir().unwrap();
    let title = "{{ kind }}\r\n{{ subject }}\rof\u{2028}{{ host }}\n\n on {{ since }}\n";
    std::fs::write(dir.path().join("title.j2"), title).unwrap();
    let texts = Texts::load(Some(dir.path())).unwrap();
    let alert = alert(News::Incident(Box::new(sample::story(Moment::Opened, false))));
    let one = "agent-stuck nanoclaw/ag-1/sess-1 of host-1 on 10:02:11 UTC";
    for markup in MARKUPS {
        assert_eq!(texts.title(&alert, long(markup)).text, one, "{markup:?}");
        let told = texts.message(std::slice::from_ref(&alert), long(markup)).text;
        let first = told.lines().next().unwrap().replace("<b>", "").replace("</b>", "");
        assert_eq!(first.trim_matches('*'), one, "{markup:?}");
    }
}

#[test]
fn a_replacement_that_cannot_work_is_refused_with_its_line() {
    let told = |name: &str, text: &str| {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        let error = Texts::load(Some(dir.path())).unwrap_err();
        assert!(error.path.ends_with(name), "{error}");
        error.why
    };
    insta::assert_snapshot!(
        [
            told("titel.j2", "x"),
            told("title.j2", "\n{% if %}"),
            told("title.j2", "a\n{{ sene }}"),
            told("body.j2", "{{ seen | safe }}"),
            told("title.j2", " \n"),
        ]
        .join("\n"),
        @r"
        there is no such template; there are title, message, body, note, line, post, issue, comment, recovered
        `title`, line 2: unexpected end of block
        `title`, line 2: `sene` is undefined
        `body`, line 1: filter safe is unknown
        gives no text
        "
    );
    assert!(Texts::load(Some(Path::new("/nowhere/at/all"))).is_err());
}

#[test]
fn a_replacement_without_end_is_refused() {
    let told = |text: &str| {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("body.j2"), text).unwrap();
        Texts::load(Some(dir.path())).unwrap_err().why
    };
    let work = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}x";
    assert!(told(work).contains("fuel"), "{}", told(work));
    let long = format!("{{% for a in range(999) %}}{}{{% endfor %}}", "A".repeat(9999));
    assert!(told(&long).contains("more than 1 MiB"), "{}", told(&long));
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("body.j2")).unwrap();
    assert_eq!(Texts::load(Some(dir.path())).unwrap_err().why, "is not a file");
}

fn hostile() -> impl Strategy<Value = String> + Clone {
    let piece = prop_oneof![
        Just("@everyone".to_owned()),
        Just("@here".to_owned()),
        Just("<@123>".to_owned()),
        Just("<!channel>".to_owned()),
        Just("@bob".to_owned()),
        Just("#12".to_owned()),
        Just("!3".to_owned()),
        Just("GH-4".to_owned()),
        Just("4f66ad9b3e0c".to_owned()),
        Just("https://x.test/y".to_owned()),
        Just("<!-- sweepd key=x -->".to_owned()),
        Just("-->".to_owned()),
        Just("\n/close\n".to_owned()),
        Just("```".to_owned()),
        Just("`".to_owned()),
        Just("\\".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("\u{fdd0}\u{fdd1}".to_owned()),
        Just("e\u{301}".repeat(3)),
        Just(format!("e{}", "\u{301}".repeat(40))),
        Just("🚀".to_owned()),
        Just(" ".to_owned()),
        Just("&lt;b&gt;<b>".to_owned()),
        "\\PC{0,8}",
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

prop_compose! {
    fn any_alert()(
        texts in prop::collection::vec(hostile(), 12),
        shape in 0..4_u8,
        many in 0..60_usize,
    ) -> Alert {
        let text = |nth: usize| texts[nth].clone();
        let base = Story {
            key: text(0),
            thread: text(0),
            agent: Some(text(1).as_str().into()),
            source: Some(text(2)),
            seen: text(3),
            held_back: Some(text(4)),
            advice: format!("{} `sweepd why {}` has more.", text(5), text(1)),
            deeds: vec![Deed { at: AT, what: text(6), worked: None }; many / 4],
            facts: vec![Fact { name: text(7), value: text(8) }; many],
            folded_keys: vec![text(9); many],
            end: (shape == 1).then(|| End { at: AT, how: text(10), recovered: true }),
            ..sample::story(Moment::Opened, true)
        };
        let note = Note { occasion: Occasion::Digest, title: text(3), lines: vec![text(4); many] };
        let news = if shape == 2 { News::Note(note) } else { News::Incident(Box::new(base)) };
        Alert { id: text(11), host: text(11), ..alert(news) }
    }
}

/// What the place makes of the text is not looked at where nothing is made of it.
fn outside_of_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '\\']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if from.starts_with('\\') {
            rest = from.get(2..).unwrap_or_default();
            continue;
        }
        let length = from.len() - from.trim_start_matches('`').len();
        let (fence, inside) = from.split_at(length);
        let mut from = 0;
        rest = loop {
            let Some(end) = inside[from..].find(fence).map(|at| at + from) else {
                panic!("a fence without an end: {text}");
            };
            let run = inside[end..].len() - inside[end..].trim_start_matches('`').len();
            if run == length {
                break &inside[end + run..];
            }
            from = end + run;
        };
        out.push('C');
    }
    out.push_str(rest);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_limit_is_exceeded_and_nothing_is_live(alert in any_alert(), limit in 30..3000_usize) {
        let texts = Texts::built_in();
        for markup in MARKUPS {
            for unit in [Unit::Utf16, Unit::Bytes] {
                let target = Target::new(markup, unit, limit);
                let one = std::slice::from_ref(&alert);
                let many = vec![alert.clone(); 7];
                let view = View { why: "Still failing", ..View::of(&alert, Caps::DOCUMENT) };
                let mut told = vec![
                    texts.title(&alert, target),
                    texts.message(one, target),
                    texts.message(&many, target),
                ];
                if story(&alert).is_some() {
                    told.push(texts.write("issue", &view, target));
                    told.push(texts.write("comment", &view, target));
                    told.push(texts.write("recovered", &view, target));
                }
                for Text { text, remark } in told {
                    prop_assert_eq!(remark, None);
                    let length = if unit == Unit::Bytes { text.len() } else { units(&text) };
                    prop_assert!(length <= limit, "{} > {}: {}", length, limit, text);
                    prop_assert!(!text.trim().is_empty());
                    for c in text.chars() {
                        prop_assert!(matches!(c, '\n' | '\u{200b}') || !is_unseen(c), "{c:?} in {text:?}");
                    }
                    let lower = text.to_lowercase();
                    match markup {
                        Markup::Tracker => {
                            prop_assert!(!text.contains("<!--"), "{text}");
                            let live = outside_of_code(&text);
                            for sign in ["@", "#1", "!3", "GH-", "://", "<"] {
                                prop_assert!(!live.contains(sign), "{sign} in {live}");
                            }
                            // A commit is a whole word.
                            let mut words = live.split(|c: char| !c.is_alphanumeric());
                            prop_assert!(!words.any(|word| word == "4f66ad9b3e0c"), "{live}");
                            prop_assert!(!live.lines().any(|line| line.starts_with('/')), "{live}");
                        }
                        // The less-than sign is escaped there.
                        Markup::Discord => {
                            for sign in ["@everyone", "@here", "<@1", "@bob"] {
                                prop_assert!(!lower.contains(sign), "{sign} in {lower}");
                            }
                        }
                        Markup::Plain | Markup::Slack | Markup::Telegram | Markup::Title => {
                            for sign in ["@everyone", "@here", "<!channel", "<@1", "@bob"] {
                                prop_assert!(!lower.contains(sign), "{sign} in {lower}");
                            }
                        }
                    }
                    if matches!(markup, Markup::Slack | Markup::Telegram) {
                        let bare = ["<b>", "</b>", "<code>", "</code>"]
                            .iter()
                            .fold(text.clone(), |text, tag| text.replace(tag, ""));
                        prop_assert!(!bare.contains(['<', '>']), "{bare}");
                        for entity in bare.split('&').skip(1) {
                            let known = ["amp;", "lt;", "gt;", "quot;"];
                            prop_assert!(known.iter().any(|it| entity.starts_with(it)), "{bare}");
                        }
                    }
                }
            }
        }
    }
}
