//! What a story tells by its end: read from its beginning, each thing by itself.

use sweepd_decide::keep::{KeepPolicy, Sight, Standing};

use super::story::{Deed, End, What};

pub(super) fn last_look(story: &[Deed]) -> (Sight, i64) {
    match story.last() {
        Some(Deed { at, what: What::Look { sight, .. } }) => (*sight, *at),
        other => panic!("not a look: {other:?}"),
    }
}

/// One moment at which it was known where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stand {
    pub(super) standing: Standing,
    pub(super) at: i64,
    pub(super) counts: bool,
    /// Made or started just then, by an attempt.
    fresh: bool,
}

impl Stand {
    fn is_up(&self) -> bool {
        self.standing == Standing::Up
    }
}

pub(super) fn stands(story: &[Deed]) -> Vec<Stand> {
    let stand = |deed: &Deed| match &deed.what {
        What::Look { sight, counts } => {
            Some(Stand { standing: sight.standing(), at: deed.at, counts: *counts, fresh: false })
        }
        What::Attempt { took, end: End::Worked | End::Flawed } => {
            Some(Stand { standing: Standing::Up, at: deed.at + took, counts: false, fresh: true })
        }
        What::Attempt { .. } | What::StopByHand | What::Learn { .. } | What::Restart => None,
    };
    story.iter().filter_map(stand).collect()
}

/// The last moments that all show it standing as at the end.
pub(super) fn run(story: &[Deed]) -> Vec<Stand> {
    let stood = stands(story);
    let last = stood.last().map(|stand| stand.standing);
    let differs = stood.iter().rposition(|stand| Some(stand.standing) != last);
    let fresh = stood.iter().rposition(|stand| stand.fresh);
    let first = differs.map_or(0, |at| at + 1).max(fresh.unwrap_or(0));
    stood[first..].to_vec()
}

/// A clock that was put back makes the earliest of them the first.
pub(super) fn since(run: &[Stand]) -> i64 {
    run.iter().map(|stand| stand.at).min().unwrap()
}

/// When attempts began that are not forgotten: a superseded one was none, and once a look finds
/// that it was up for long enough, as far as looks tell, the matter has ended.
pub(super) fn begun(policy: &KeepPolicy, story: &[Deed]) -> Vec<i64> {
    let steady = |look: &usize| {
        if !matches!(story[*look].what, What::Look { sight: Sight::Up, .. }) {
            return false;
        }
        let run = run(&story[..=*look]);
        story[*look].at - since(&run) >= policy.steady.as_millis()
    };
    let first = (0..story.len()).rev().find(steady).unwrap_or(0);
    story[first..].iter().filter_map(attempt).collect()
}

/// When the last of so many attempts began, as looks since then have it.
pub(super) fn last_begun(story: &[Deed], attempts: usize) -> Option<i64> {
    let last = story.iter().rposition(|deed| attempt(deed).is_some()).filter(|_| attempts > 0)?;
    let looks = story[last..].iter().filter(|deed| matches!(deed.what, What::Look { .. }));
    looks.map(|look| look.at).chain([story[last].at]).min()
}

/// When an attempt began, if it is charged.
fn attempt(deed: &Deed) -> Option<i64> {
    match &deed.what {
        What::Attempt {
            end: End::Failed | End::Worked | End::Flawed | End::Unanswered, ..
        } => Some(deed.at),
        What::Attempt { end: End::Superseded, .. }
        | What::Look { .. }
        | What::StopByHand
        | What::Learn { .. }
        | What::Restart => None,
    }
}

/// When the attempts began that have failed since it was known to be up.
pub(super) fn failed(story: &[Deed]) -> Vec<i64> {
    let is_up = |deed: &Deed| stands(std::slice::from_ref(deed)).iter().any(Stand::is_up);
    let first = story.iter().rposition(is_up).unwrap_or(0);
    let failed = |deed: &&Deed| matches!(deed.what, What::Attempt { end: End::Failed, .. });
    story[first..].iter().filter(failed).map(|deed| deed.at).collect()
}

/// A person stopped it, and nobody has seen it up or tried to have it up since.
pub(super) fn by_hand(story: &[Deed]) -> bool {
    let stopped = story.iter().rposition(|deed| matches!(deed.what, What::StopByHand));
    let tried = |story: &[Deed]| story.iter().any(|deed| attempt(deed).is_some());
    stopped.is_some_and(|at| !stands(&story[at..]).iter().any(Stand::is_up) && !tried(&story[at..]))
}

/// An attempt has begun, and nobody wrote down how it ended.
pub(super) fn is_under_way(story: &[Deed]) -> bool {
    let last = story.iter().rfind(|deed| attempt(deed).is_some());
    last.is_some_and(|deed| matches!(deed.what, What::Attempt { end: End::Unanswered, .. }))
}

pub(super) fn of_compose(story: &[Deed]) -> bool {
    let learned = story.iter().rev().find_map(|deed| match deed.what {
        What::Learn { compose } => Some(compose),
        What::Look { .. } | What::Attempt { .. } | What::StopByHand | What::Restart => None,
    });
    learned == Some(true)
}
