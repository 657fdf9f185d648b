//! Until when a service gives an agent nothing: by the last line alone, for a day at most.

use sweepd_decide::silent::{Hearing, KeptLine, LogLine, Sign};
use sweepd_decide::{Span, Timestamp};

use crate::dice::ms;

fn line(at: i64, sign: Option<Sign>, until: Option<i64>) -> KeptLine {
    let line = LogLine { at: ms(at), is_result: true, is_internal: false, sign };
    KeptLine { line, excerpt: String::new(), until: until.map(ms) }
}

fn limited(lines: Vec<KeptLine>, now: i64) -> Option<(Timestamp, Sign)> {
    let mut hearing = Hearing::default();
    hearing.log = lines;
    hearing.limited(ms(now))
}

#[test]
fn an_agent_is_limited_until_the_instant_that_its_last_line_names() {
    for sign in Sign::ALL {
        let lines = vec![line(0, Some(sign), Some(500))];
        let expect = sign.passes().then_some((ms(500), sign));
        assert_eq!(limited(lines.clone(), 499), expect, "{sign:?}");
        assert_eq!(limited(lines, 500), None, "{sign:?}");
    }
    assert_eq!(limited(vec![], 0), None);
    assert_eq!(limited(vec![line(0, Some(Sign::RateLimit), None)], 0), None);
    assert_eq!(limited(vec![line(0, None, Some(500))], 0), None);
}

#[test]
fn a_later_line_of_any_other_kind_ends_it() {
    let first = line(0, Some(Sign::Quota), Some(500));
    for later in [line(1, None, None), line(1, Some(Sign::Authentication), None)] {
        assert_eq!(limited(vec![first.clone(), later], 2), None);
    }
}

#[test]
fn it_is_believed_for_a_day() {
    let day = Span::from_mins(24 * 60).as_millis();
    let lines = vec![line(7, Some(Sign::Overloaded), Some(i64::MAX))];
    assert_eq!(limited(lines.clone(), 7 + day - 1), Some((ms(7 + day), Sign::Overloaded)));
    assert_eq!(limited(lines, 7 + day), None);
}

#[test]
fn one_that_goes_on_saying_so_is_believed_for_a_day_from_the_first() {
    let hour = Span::from_mins(60).as_millis();
    let says = |at: i64| line(at * hour, Some(Sign::RateLimit), Some((at + 10) * hour));
    let lines: Vec<KeptLine> = (0..4).map(|nth| says(nth * 7)).collect();
    assert!(limited(lines.clone(), 23 * hour).is_some());
    assert_eq!(limited(lines.clone(), 24 * hour), None);
    // Something else in between begins anew.
    let mut broken = lines;
    broken[1] = line(7 * hour, None, None);
    assert!(limited(broken, 24 * hour).is_some());
}
