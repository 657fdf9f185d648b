//! What a template is given: an alert as plain names and values, cleaned and of bounded length.

use serde::Serialize;
use sweepd_decide::{
    Alert, End, Moment, News, Note, Occasion, Severity, Span, Story, Timestamp, parse_utc,
};

use super::advice::Advice;
use super::clean::{clean, cut};

/// An alert for a template. Every value is there, empty or `none` where there is nothing to say.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct View {
    pub(crate) id: String,
    pub(crate) at: String,
    pub(crate) host: String,
    pub(crate) from_memory: bool,
    pub(crate) note: Option<NoteView>,
    pub(crate) moment: &'static str,
    pub(crate) number: i64,
    pub(crate) key: String,
    pub(crate) kind: &'static str,
    pub(crate) severity: &'static str,
    pub(crate) agent: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) subject: String,
    pub(crate) seen: String,
    pub(crate) since: String,
    pub(crate) age: String,
    pub(crate) end: Option<EndView>,
    pub(crate) deeds: Vec<DeedView>,
    pub(crate) held_back: Option<String>,
    pub(crate) advice: Advice,
    pub(crate) facts: Vec<FactView>,
    pub(crate) more_facts: usize,
    pub(crate) folded: u32,
    pub(crate) folded_keys: Vec<String>,
    pub(crate) flaps: u32,
    /// Why a comment is written.
    pub(crate) why: &'static str,
    /// Why nobody is assigned.
    pub(crate) nobody: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct NoteView {
    pub(crate) occasion: &'static str,
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct EndView {
    pub(crate) at: String,
    pub(crate) how: String,
    pub(crate) recovered: bool,
    pub(crate) after: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct DeedView {
    pub(crate) at: String,
    pub(crate) what: String,
    pub(crate) worked: &'static str,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct FactView {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// How much of an alert is shown: UTF-16 units of a field, and how many of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caps {
    name: usize,
    sentence: usize,
    value: usize,
    deeds: usize,
    facts: usize,
    lines: usize,
    keys: usize,
}

impl Caps {
    /// A message that is read on a phone.
    pub(crate) const MESSAGE: Self =
        Self { name: 160, sentence: 300, value: 120, deeds: 4, facts: 8, lines: 30, keys: 5 };
    /// One line of several.
    pub(crate) const LINE: Self =
        Self { name: 80, sentence: 120, value: 80, deeds: 1, facts: 0, lines: 0, keys: 0 };
    /// A document.
    pub(crate) const DOCUMENT: Self =
        Self { name: 255, sentence: 2000, value: 1000, deeds: 20, facts: 50, lines: 200, keys: 20 };
}

impl View {
    /// The alert, within these caps.
    pub(crate) fn of(alert: &Alert, caps: Caps) -> Self {
        let text = |text: &str, most| cut(&clean(text), most);
        let view = Self {
            id: text(&alert.id, 64),
            at: clock(alert.at, None),
            host: text(&alert.host, caps.name),
            from_memory: alert.from_memory,
            ..Self::default()
        };
        match &alert.news {
            News::Note(note) => Self { note: Some(note_view(note, alert.at, caps)), ..view },
            News::Incident(story) => view.with(story, alert.at, caps),
        }
    }

    fn with(self, story: &Story, at: Timestamp, caps: Caps) -> Self {
        let text = |text: &str, most| cut(&clean(text), most);
        let agent = story.agent.as_ref().map(|agent| text(agent.as_str(), caps.name));
        let of_key = story.key.split_once(':').map_or(story.key.as_str(), |(_, subject)| subject);
        let whom = story.agent.as_ref().map_or(of_key, |agent| agent.as_str());
        let deeds = story.deeds.iter().skip(story.deeds.len().saturating_sub(caps.deeds));
        let facts = story.facts.iter().take(caps.facts);
        Self {
            moment: moment(story.moment),
            number: story.number,
            key: text(&story.key, caps.name),
            kind: story.kind.as_str(),
            severity: severity(story.severity),
            subject: agent.clone().unwrap_or_else(|| text(of_key, caps.name)),
            agent,
            source: story.source.as_ref().map(|source| text(source, caps.name)),
            seen: text(&story.seen, caps.sentence),
            since: clock(story.since, Some(at)),
            age: age(at.since(story.since)),
            end: story.end.as_ref().map(|end| end_view(end, story.since, at, caps)),
            deeds: deeds
                .map(|deed| DeedView {
                    at: clock(deed.at, Some(at)),
                    what: text(&deed.what, caps.value),
                    worked: match deed.worked {
                        Some(true) => "worked",
                        Some(false) => "did not work",
                        None => "not known whether it worked",
                    },
                })
                .collect(),
            held_back: story.held_back.as_ref().map(|why| text(why, caps.value)),
            advice: Advice::of(&story.advice, whom, caps.sentence),
            facts: facts
                .map(|fact| FactView {
                    name: text(&fact.name, caps.value / 2),
                    value: text(&fact.value, caps.value),
                })
                .collect(),
            more_facts: story.facts.len().saturating_sub(caps.facts),
            folded: story.folded,
            folded_keys: story
                .folded_keys
                .iter()
                .take(caps.keys)
                .map(|key| text(key, caps.name))
                .collect(),
            flaps: story.flaps,
            ..self
        }
    }
}

fn note_view(note: &Note, at: Timestamp, caps: Caps) -> NoteView {
    NoteView {
        occasion: match note.occasion {
            Occasion::Start => "start",
            Occasion::Digest => "digest",
            Occasion::Test => "test",
        },
        title: match cut(&clean(&note.title), caps.sentence) {
            title if title.is_empty() => "a note without a title".to_owned(),
            title => title,
        },
        lines: note
            .lines
            .iter()
            .take(caps.lines)
            .map(|line| cut(&told_times(&clean(line), at), caps.sentence))
            .collect(),
    }
}

fn end_view(end: &End, since: Timestamp, at: Timestamp, caps: Caps) -> EndView {
    EndView {
        at: clock(end.at, Some(at)),
        how: cut(&clean(&end.how), caps.value),
        recovered: end.recovered,
        after: age(end.at.since(since)),
    }
}

/// A severity's published name.
pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A moment's published name.
const fn moment(moment: Moment) -> &'static str {
    match moment {
        Moment::Opened => "opened",
        Moment::Still => "still",
        Moment::Resolved => "resolved",
    }
}

/// `10:02:11 UTC`; with the date unless it is that of `near`.
fn clock(at: Timestamp, near: Option<Timestamp>) -> String {
    let told = at.floor_to_second().to_string();
    let told = told.trim_end_matches(".000Z");
    let Some((date, time)) = told.split_once('T') else { return told.to_owned() };
    match near {
        Some(near) if near.to_string().starts_with(date) => format!("{time} UTC"),
        _ => format!("{date} {time} UTC"),
    }
}

/// A note's line, with each instant in it as [`clock`] writes it: the line comes in one piece, and
/// the engine writes instants for machines, to a millisecond.
fn told_times(line: &str, near: Timestamp) -> String {
    let told = |word: &str| {
        let bare = word.trim_end_matches([':', ',', ';', '.', ')']);
        let at = parse_utc(bare).filter(|at| at.to_string() == bare)?;
        Some(format!("{}{}", clock(at, Some(near)), word.strip_prefix(bare)?))
    };
    let words = line.split(' ').map(|word| told(word).unwrap_or_else(|| word.to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

/// An age as people say it: from ten minutes on without seconds. None is negative.
fn age(age: Span) -> String {
    let unit = if age >= Span::from_mins(10) { 60_000 } else { 1000 };
    let millis = age.as_millis().max(0);
    Span::from_millis(millis.saturating_sub(millis.rem_euclid(unit))).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ages_read_well() {
        let at = Timestamp::from_millis(1_795_773_731_500);
        assert_eq!(clock(at, Some(at)), "10:02:11 UTC");
        assert_eq!(clock(at, Some(at.plus(Span::from_mins(1440)))), "2026-11-27 10:02:11 UTC");
        assert_eq!(age(Span::from_millis(725_000)), "12 min");
        assert_eq!(age(Span::from_millis(65_900)), "1 min 5 s");
        assert_eq!(age(Span::from_millis(-5)), "0 ms");
        assert_eq!(age(Span::MAX), "106751991167 d 7 h");
        assert!(!clock(Timestamp::MAX, None).is_empty());
        let told = |line| told_times(line, at);
        assert_eq!(told("(2026-11-27T10:02:11.500Z)."), "(2026-11-27T10:02:11.500Z).");
        assert_eq!(told("at 2026-11-27T10:02:11.500Z, x"), "at 10:02:11 UTC, x");
        assert_eq!(told("v2026-11-27 2026-11-27T10:02:11Z"), "v2026-11-27 2026-11-27T10:02:11Z");
    }
}
