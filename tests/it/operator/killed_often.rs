//! The daemon is killed without warning, over and over, at instants that nobody chose, while
//! twenty agents work, dawdle, die and hang, and their host goes on writing messages.
//!
//! 25 kills, or as many as `SWEEPD_KILLS` says; the dice begin where `SWEEPD_SEED` says.

use std::io::Write as _;

use rustix::process::Signal;
use sweepd_decide::Span;

use super::host::now;
use super::journal::Journal;
use super::wait::pause;

mod account;
mod dice;
mod herd;

use account::Account;
use dice::Dice;
use herd::Herd;

const KILLS: u64 = 25;
const SEED: u64 = 0x5eed_0001;

#[test]
fn killed_at_any_instant_the_daemon_loses_no_message_and_charges_none_too_often() {
    let (kills, seed) = (number("SWEEPD_KILLS", KILLS), number("SWEEPD_SEED", SEED));
    say(&format!("{kills} kills, seed {seed}"));
    let (began, mut dice) = (now(), Dice::new(seed));
    let mut herd = Herd::gather();
    let (journal, mut amid) = (Journal::of(&herd.host), [0; 3]);
    for nth in 1..=kills {
        let mut daemon = herd.host.start("run");
        let until = now().plus(Span::from_millis(dice.lifetime()));
        herd.feed_until(until, &mut dice);
        if dice.roll(3) == 0 {
            herd.rouse(&mut dice);
            herd.feed_until(now().plus(Span::from_millis(dice.moment())), &mut dice);
        }
        assert!(daemon.is_up(), "it ended before kill {nth}: {}", daemon.log());
        daemon.signal(Signal::KILL);
        assert_eq!(daemon.end().code(), None);
        herd.nobody_runs_twice();
        let (rows, wakes, stops) = journal.begun();
        amid = [amid[0] + rows, amid[1] + wakes, amid[2] + stops];
        // Messages come in while nobody looks, too.
        herd.feed(&mut dice);
    }
    let killed = now();
    let mut daemon = herd.host.start("run");
    work_off(&herd);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().code(), Some(0), "{}", tail(&daemon.log()));
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
    // Whoever ended as the daemon did is taken note of.
    for _ in 0..2 {
        let said = herd.host.sweepd("sweep --json");
        assert!(said.code < 2, "{said:?}");
    }
    let account = Account::of(&herd);
    let (whole, after) = (now().since(began), now().since(killed));
    say(&format!("{kills} kills: {account:?}; {whole} in all, {after} after the last kill"));
    let [rows, wakes, stops] = amid;
    say(&format!("left begun by the kills: {rows} rows, {wakes} wakes, {stops} stops"));
}

/// Waits until no message is left, for as long as there is one less now and then.
fn work_off(herd: &Herd) {
    let mut left = herd.left();
    let mut patience = 0;
    while left > 0 {
        pause(std::time::Duration::from_millis(250));
        let now = herd.left();
        patience = if now < left { 0 } else { patience + 1 };
        assert!(patience < 4 * 60, "{now} messages are left lying: {:?}", herd.lying());
        left = now;
    }
}

fn tail(log: &str) -> &str {
    let at = log.len().saturating_sub(5000);
    log.get(at..).unwrap_or(log)
}

#[expect(clippy::disallowed_methods, reason = "the switch of a test")]
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

/// Past the harness, which hides what passing tests print.
fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}
