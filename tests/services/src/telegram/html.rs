//! The HTML of Telegram: which tags and entities there are, and what is wrong with the rest.
//!
//! From "HTML style" in "Formatting options". Places are byte offsets into what was sent.

const TAGS: &[&str] = &[
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

/// A text without its markup.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) text: String,
    pub(super) tags: Vec<String>,
    /// The text without what is code.
    pub(super) outside_code: String,
    /// Whom links of `tg://user?id=` name.
    pub(super) users: Vec<String>,
}

struct Reader<'a> {
    all: &'a str,
    at: usize,
    open: Vec<String>,
    parsed: Parsed,
}

pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    let mut reader = Reader { all: text, at: 0, open: Vec::new(), parsed: Parsed::default() };
    while let Some(sign) = reader.sign() {
        match sign {
            '<' if reader.rest().starts_with("</") => reader.end_tag()?,
            '<' => reader.start_tag()?,
            _ => {
                let (decoded, length) =
                    entity(reader.rest()).unwrap_or_else(|| (sign, sign.len_utf8()));
                reader.at += length;
                reader.put(decoded);
            }
        }
    }
    match reader.open.last() {
        Some(tag) => Err(format!("Can't find end tag corresponding to start tag \"{tag}\"")),
        None => Ok(reader.parsed),
    }
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.all.get(self.at..).unwrap_or_default()
    }

    fn sign(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn put(&mut self, sign: char) {
        self.parsed.text.push(sign);
        let code = self.open.iter().any(|tag| tag == "code" || tag == "pre");
        self.parsed.outside_code.push(if code { ' ' } else { sign });
    }

    /// Everything up to the first sign that ends it.
    fn until(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(end).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.until(|sign| !sign.is_ascii_whitespace());
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        let name = self.until(|sign| sign.is_ascii_whitespace() || sign == '>').to_lowercase();
        if self.sign().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&name.as_str()) {
            return Err(format!("Unsupported start tag \"{name}\" at byte offset {begin}"));
        }
        let mut attributes = Vec::new();
        loop {
            self.blanks();
            match self.sign() {
                None => {
                    return Err(format!("Unclosed start tag \"{name}\" at byte offset {begin}"));
                }
                Some('>') => break,
                Some(_) => attributes.push(self.attribute(&name, begin)?),
            }
        }
        self.at += 1;
        let value = |wanted: &str| {
            let mut all = attributes.iter();
            all.find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        if name == "span" && value("class") != Some("tg-spoiler") {
            let said = "Tag \"span\" must have class \"tg-spoiler\"";
            return Err(format!("{said} at byte offset {begin}"));
        }
        let emoji = value("emoji-id").unwrap_or_default();
        if name == "tg-emoji" && emoji.parse::<u64>().is_err() {
            return Err("Invalid custom emoji identifier specified".to_owned());
        }
        if let Some(user) = value("href").and_then(|link| link.strip_prefix("tg://user?id="))
            && name == "a"
        {
            self.parsed.users.push(user.to_owned());
        }
        self.parsed.tags.push(name.clone());
        self.open.push(name);
        Ok(())
    }

    fn attribute(&mut self, tag: &str, begin: usize) -> Result<(String, String), String> {
        let name = self.until(|sign| sign.is_ascii_whitespace() || sign == '=' || sign == '>');
        if name.is_empty() {
            return Err(format!(
                "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
            ));
        }
        self.blanks();
        if self.sign() != Some('=') {
            let said = "Expected equal sign in declaration of an attribute of the tag";
            return Err(format!("{said} \"{tag}\" at byte offset {begin}"));
        }
        self.at += 1;
        self.blanks();
        let value = match self.sign() {
            None => return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}")),
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                let value = self.until(|sign| sign == quote);
                if self.sign().is_none() {
                    return Err(format!("Unclosed start tag at byte offset {begin}"));
                }
                self.at += 1;
                value
            }
            Some(_) => {
                let start = self.at;
                let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '.' || sign == '-';
                let value = self.until(|sign| !plain(sign));
                if self.sign().is_none_or(|sign| !sign.is_ascii_whitespace() && sign != '>') {
                    return Err(format!("Unexpected end of name token at byte offset {start}"));
                }
                value
            }
        };
        Ok((name.to_lowercase(), decoded(value)))
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 2;
        let Some(expected) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let found = self.until(|sign| sign.is_ascii_whitespace() || sign == '>').to_lowercase();
        self.blanks();
        if self.sign() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !found.is_empty() && found != expected {
            let said = format!("Unmatched end tag at byte offset {begin}");
            return Err(format!("{said}, expected \"</{expected}>\", found \"</{found}>\""));
        }
        Ok(())
    }
}

/// The character at the start and how many bytes it took. The named ones are four; others stand for
/// themselves.
fn entity(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix('&')?;
    let length = inner.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '#');
    let name = inner.get(..length.unwrap_or(inner.len()))?;
    let decoded = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?).filter(|sign| *sign != '\0')?
        }
    };
    let semicolon = inner.get(name.len()..)?.starts_with(';');
    Some((decoded, 1 + name.len() + usize::from(semicolon)))
}

fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let (sign, length) = entity(rest).unwrap_or_else(|| (sign, sign.len_utf8()));
        out.push(sign);
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_as_the_server_says_it() {
        for (text, error) in [
            ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
            ("🏟 🏟&lt;<abac aba>", "Unsupported start tag \"abac\" at byte offset 13"),
            ("🏟 🏟&lt;<i   =aba>", "Empty attribute name in the tag \"i\" at byte offset 13"),
            (
                "🏟 🏟&lt;<i    aba>",
                "Expected equal sign in declaration of an attribute of the tag \"i\" at byte offset 13",
            ),
            ("🏟 🏟&lt;<i    aba  =  ", "Unclosed start tag \"i\" at byte offset 13"),
            ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
            ("🏟 🏟&lt;<i    aba  =  \"&lt;&gt;&quot;>", "Unclosed start tag at byte offset 13"),
            ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
            ("🏟 🏟&lt;<b></b></", "Unexpected end tag at byte offset 20"),
            ("a < b", "Unsupported start tag \"\" at byte offset 2"),
            ("<br>", "Unsupported start tag \"br\" at byte offset 0"),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ] {
            assert_eq!(parse(text), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn entities_are_four_and_numbers() {
        let parsed =
            parse("<B>a &amp;&lt;&gt;&quot;</B> &#x41;&#66; &nbsp; & &amp > <i>x</>").unwrap();
        assert_eq!(parsed.text, "a &<>\" AB &nbsp; & & > x");
        assert_eq!(parsed.tags, ["b", "i"]);
    }

    #[test]
    fn code_is_told_apart() {
        let parsed = parse("<a href='tg://user?id=7'>x</a><code>@ann</code>@bob").unwrap();
        assert_eq!(
            (parsed.outside_code.trim_end(), parsed.users),
            ("x    @bob", vec!["7".to_owned()])
        );
    }
}
