//! Since when something is wrong with a sink agrees with what is read from all its posts.

use sweepd_decide::Setback;

use super::days::{check, law};
use super::driver::Post;
use super::week::{MINUTE, Week};

/// Since when something is wrong with the sink, read from all posts.
fn wrong_since(week: &Week, posts: &[Post], at: i64) -> Option<i64> {
    let mut failing: Vec<i64> = Vec::new();
    let mut refused = None;
    for post in posts {
        match post.setback {
            Some(Setback::Later(_)) => failing.push(post.ended),
            Some(Setback::Stopped) => {}
            Some(Setback::Deferred(_)) => failing.clear(),
            Some(Setback::Refused) => {
                failing.clear();
                if post.ids.len() == 1 {
                    refused = refused.or(Some(post.ended));
                }
            }
            None => {
                failing.clear();
                refused = None;
            }
        }
    }
    // Nothing is sent to one that stopped before that is repaired.
    let last = posts.last().filter(|it| it.setback == Some(Setback::Stopped));
    let repaired = |post: &Post| week.repairs.iter().any(|it| post.began < *it && *it <= at);
    let stopped = last.filter(|post| !repaired(post)).map(|post| post.ended);
    let failed = failing.first().copied().filter(|since| at >= since + 10 * MINUTE);
    [stopped, refused, failed.filter(|_| failing.len() >= 3)].into_iter().flatten().min()
}

#[test]
fn a_sink_that_fails_for_long_refuses_or_stops_is_known_to() {
    law(|week, log| {
        for asked in &log.asked {
            let expect = wrong_since(week, &log.posts[..asked.posts], asked.at);
            check(asked.wrong_since == expect, || format!("{asked:?}, expected {expect:?}"))?;
        }
        Ok(())
    });
}
