//! What stands for what: every kind as a cause, against every kind.

use sweepd_decide::FindingKind;
use sweepd_decide::incident::{Reach, covers, reach};

/// The page's table.
const CAUSES: [(&str, Reach, &[&str]); 3] = [
    (
        "host-down",
        Reach::Source,
        &[
            "agent-stuck",
            "wake-failing",
            "not-progressing",
            "in-claim-silence",
            "host-not-sweeping",
        ],
    ),
    (
        "runtime-unreachable",
        Reach::Source,
        &[
            "agent-stuck",
            "wake-failing",
            "not-progressing",
            "in-claim-silence",
            "host-not-sweeping",
            "zombie",
            "recreate-failing",
            "crash-looping",
            "container-down",
            "unreadable",
        ],
    ),
    (
        "brake-engaged",
        Reach::Everybody,
        &[
            "agent-stuck",
            "recreate-failing",
            "not-progressing",
            "in-claim-silence",
            "container-down",
        ],
    ),
];

#[test]
fn every_kind_covers_what_the_page_says_and_nothing_else() {
    let mut pairs = 0;
    for cause in FindingKind::ALL {
        let row = CAUSES.iter().find(|(name, _, _)| *name == cause.as_str());
        assert_eq!(reach(*cause), row.map_or(Reach::Nobody, |(_, reach, _)| *reach), "{cause:?}");
        for effect in FindingKind::ALL {
            let expect = row.is_some_and(|(_, _, covered)| covered.contains(&effect.as_str()));
            assert_eq!(covers(*cause, *effect), expect, "{cause:?} and {effect:?}");
            pairs += usize::from(expect);
        }
    }
    let listed: usize = CAUSES.iter().map(|(_, _, covered)| covered.len()).sum();
    assert_eq!(pairs, listed, "a name of the table is no kind's");
}

#[test]
fn nothing_covers_itself_and_no_cause_covers_another() {
    let causes =
        |kind: &&FindingKind| FindingKind::ALL.iter().any(|effect| covers(**kind, *effect));
    for cause in FindingKind::ALL.iter().filter(causes) {
        for other in FindingKind::ALL.iter().filter(causes) {
            assert!(!covers(*cause, *other), "{cause:?} and {other:?}");
        }
    }
    for kind in FindingKind::ALL {
        assert_eq!(reach(*kind) != Reach::Nobody, causes(&kind), "{kind:?}");
    }
}
