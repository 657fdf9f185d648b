//! How a place writes emphasis, and what it makes of characters that are meant as such.
//!
//! Data is never markup: whatever a place would make a mention, a link, an emphasis or an element of
//! is escaped by its own rules, and where it has none, broken by a space of no width.
//!
//! Source: Discord, "Markdown Text 101" and "Message Formatting"; Slack, "Formatting message text";
//! Telegram, Bot API, "HTML style"; GitHub Flavored Markdown Spec; GitLab, "GitLab Flavored
//! Markdown"; Gitea, "Automatically Linked References".

mod chat;
mod html;
mod tracker;

/// How a place writes what is to be emphasized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    /// Not at all.
    Plain,
    /// Discord's Markdown.
    Discord,
    /// Slack's mrkdwn.
    Slack,
    /// Telegram's HTML.
    Telegram,
    /// A tracker's Markdown: the body of an issue or a comment.
    Tracker,
    /// An issue's title: no emphasis, but references are followed.
    Title,
}

/// A part of a text that is kept whole, or is left out whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// What people see as one character, as it is written, and how many UTF-16 units of it are seen.
    Atom { written: String, seen: usize },
    /// An emphasis begins; `close` ends it.
    Open { written: String, close: String },
    /// The last emphasis ends.
    Close,
}

/// What a text is emphasized as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Bold.
    Bold,
    /// A name to be copied.
    Code,
    /// Something to be typed: it stands apart where there is no code, too.
    Command,
}

/// What stands around a text of this style. For code it depends on what is in it.
pub(crate) fn around(markup: Markup, style: Style, inside: &str) -> (String, String) {
    let same = |mark: &str| (mark.to_owned(), mark.to_owned());
    match (style, markup) {
        (Style::Bold, Markup::Discord | Markup::Tracker) => same("**"),
        (Style::Bold, Markup::Slack) => same("*"),
        (Style::Bold, Markup::Telegram) => ("<b>".to_owned(), "</b>".to_owned()),
        (Style::Bold | Style::Code, Markup::Plain | Markup::Title) => same(""),
        (Style::Code | Style::Command, Markup::Telegram) => {
            ("<code>".to_owned(), "</code>".to_owned())
        }
        (Style::Code | Style::Command, Markup::Tracker) => tracker::fence(inside),
        (Style::Code | Style::Command, Markup::Discord | Markup::Slack)
        | (Style::Command, Markup::Plain | Markup::Title) => same("`"),
    }
}

/// Writes data into `tokens`; `within` the marks of code or of a command, if they are around it.
pub(crate) fn data(markup: Markup, text: &str, within: Option<Style>, tokens: &mut Vec<Token>) {
    match markup {
        Markup::Tracker if within.is_some() => tracker::code(text, tokens),
        Markup::Tracker => tracker::text(text, tokens),
        Markup::Plain | Markup::Discord | Markup::Slack | Markup::Telegram | Markup::Title => {
            chat::text(markup, text, within, tokens);
        }
    }
}

/// Whether the place takes this as its markup; one refuses a message for a mistake in it.
pub(crate) fn is_sound(markup: Markup, text: &str) -> bool {
    match markup {
        Markup::Telegram => html::is_sound(text),
        Markup::Plain | Markup::Discord | Markup::Slack | Markup::Tracker | Markup::Title => true,
    }
}

/// The space of no width that keeps characters from being read as one thing.
pub(in crate::text) const APART: char = '\u{200b}';

/// An atom that is written as it is seen.
pub(in crate::text) fn atom(written: impl Into<String>) -> Token {
    let written = written.into();
    let seen = super::clean::units(&written);
    Token::Atom { written, seen }
}

/// So many code points make up what people see as one character; more are a flood.
pub(super) const MOST_OF_ONE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(markup: Markup, text: &str, within: Option<Style>) -> String {
        let mut tokens = Vec::new();
        data(markup, text, within, &mut tokens);
        let mut open = Vec::new();
        let mut out = String::new();
        for token in tokens {
            match token {
                Token::Atom { written, .. } => out.push_str(&written),
                Token::Open { written, close } => {
                    out.push_str(&written);
                    open.push(close);
                }
                Token::Close => out.push_str(&open.pop().unwrap()),
            }
        }
        out.replace(APART, "|")
    }

    #[test]
    fn chats_make_nothing_of_data() {
        for (markup, text, written) in [
            (Markup::Plain, "@everyone a@b.c <!channel> x", "@|everyone a@|b.c <|!channel> x"),
            (Markup::Discord, "**b** @here <@1>", "\\*\\*b\\*\\* @|here \\<@|1\\>"),
            (Markup::Discord, "me@everyone https://x_y", "me@|everyone https:|//x\\_y"),
            (Markup::Discord, "# h", "\\# h"),
            (Markup::Slack, "<!here> a&b @here", "&lt;!here&gt; a&amp;b @|here"),
            (Markup::Telegram, "<b>&\"@bob #x /stop", "&lt;b&gt;&amp;&quot;@|bob #|x /|stop"),
            (Markup::Telegram, "a/b a#b", "a/b a#b"),
            (Markup::Title, "fix #12 @bob !3 g-1", "fix #|12 @|bob !|3 g-1"),
            (Markup::Title, "https://x.test", "https:|//x.test"),
        ] {
            assert_eq!(told(markup, text, None), written, "{markup:?}");
        }
        assert_eq!(
            told(Markup::Discord, "a`b_c @here <@1>", Some(Style::Code)),
            "a'b_c @|here <|@|1>"
        );
        assert_eq!(told(Markup::Telegram, "<a> @b", Some(Style::Code)), "&lt;a&gt; @|b");
    }

    #[test]
    fn what_a_tracker_would_link_is_code() {
        for (text, written) in [
            ("the plain words, said.", "the plain words, said."),
            ("a *b* _c_ (d)", "a \\*b\\* \\_c\\_ (d)"),
            ("by @bob in #12, !3 GH-4", "by `@bob` in `#12`, `!3` `GH-4`"),
            ("container 4f66ad9b3e0c exited", "container `4f66ad9b3e0c` exited"),
            ("see https://x.test/a_b", "see `https://x.test/a_b`"),
            ("<!-- sweepd key=x -->", "`<|!--` sweepd `key=x` `-->`"),
            ("a`b ``c", "`` a`b `` ``` ``c ```"),
            ("/close", "`/close`"),
            ("at 10:02 100%", "at 10:02 100%"),
            ("deadbee deadbe feed", "`deadbee` deadbe feed"),
            ("- x", "\\- x"),
            (":smile: www.x", "`:smile`: `www.x`"),
        ] {
            assert_eq!(told(Markup::Tracker, text, None), written, "{text}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        assert_eq!(around(Markup::Tracker, Style::Code, "a").0, "`");
        assert_eq!(around(Markup::Tracker, Style::Code, "a``b`").0, "``` ");
    }
}
