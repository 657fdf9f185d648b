//! Two holders and a token that rotates: whatever comes between two steps, the newest token stays.
//!
//! On real files, by the functions that run for real; only who goes next is thrown by dice.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use sweepd_decide::Reading;
use tempfile::TempDir;

use super::attempt::{Attempt, Begun};
use super::*;
use crate::kind::Kind;
use crate::read::read;

/// Dice that fall the same way for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// The token that was given out as the `n`th, good for longer than all before.
fn token(n: u64) -> String {
    let end = 1_800_000_000_000 + n * 1000;
    format!(r#"{{"claudeAiOauth":{{"accessToken":"PLANTED-{n}","expiresAt":{end}}},"own":true}}"#)
}

/// What may happen beside the two that replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum World {
    /// The agent writes into the file, or renames another over it.
    Writing,
    /// One that replaces may be killed after any step; the agent renames.
    Killing,
    /// Files cannot change places here.
    Plain,
}

struct Game {
    dir: TempDir,
    place: Place,
    dice: Dice,
    world: World,
    /// Tokens given out so far.
    given: u64,
    /// The newest token that was in the file by right.
    newest: u64,
    /// The agent has opened the file and cut it, and has still to write.
    cut: Option<File>,
}

impl Game {
    fn new(seed: u64, world: World) -> Self {
        let shm = PathBuf::from("/dev/shm");
        let dir = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
        let dir = dir.unwrap();
        let place = Place::at(dir.path().join("claude.json"));
        fs::write(place.path(), token(1)).unwrap();
        Self { dir, place, dice: Dice::new(seed), world, given: 1, newest: 1, cut: None }
    }

    fn current(&self) -> Option<u64> {
        let Reading::Until(end) = read(&Kind::ClaudeOauth, &self.place).reading else {
            return None;
        };
        u64::try_from((end.as_millis() - 1_800_000_000_000) / 1000).ok()
    }

    fn names(&self) -> Vec<std::ffi::OsString> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    /// The agent's turn: its token rotates.
    fn rotate(&mut self) {
        if let Some(mut file) = self.cut.take() {
            self.given += 1;
            file.write_all(token(self.given).as_bytes()).unwrap();
            self.newest = self.given;
        } else if self.world == World::Writing && self.dice.throw(2) == 0 {
            let file = OpenOptions::new().write(true).truncate(true).open(self.place.path());
            self.cut = Some(file.unwrap());
        } else {
            self.given += 1;
            let aside = self.dir.path().join("agent");
            fs::write(&aside, token(self.given)).unwrap();
            fs::rename(aside, self.place.path()).unwrap();
            self.newest = self.given;
        }
    }

    /// Which token somebody who replaces has found: a new one, or one from before.
    fn found(&mut self) -> usize {
        if self.dice.throw(4) > 0 {
            self.given += 1;
            return usize::try_from(self.given).unwrap();
        }
        usize::try_from(self.dice.throw(self.given)).unwrap()
    }
}

fn tokens() -> Vec<Candidate> {
    (0..200).map(|n| Candidate::new(&Kind::ClaudeOauth, token(n).into_bytes()).unwrap()).collect()
}

#[derive(Default, Debug)]
struct Tally {
    yes: u32,
    changed: u32,
    held: u32,
    not_newer: u32,
    not_replaceable: u32,
    killed: u32,
}

fn play(seed: u64, world: World, tokens: &[Candidate], tally: &mut Tally) {
    let mut game = Game::new(seed, world);
    let place = game.place.clone();
    let mut holders: [Option<(usize, Attempt<'_>)>; 2] = [None, None];
    for turn in 0.. {
        let ending = turn > 60;
        if ending && game.cut.is_none() && holders.iter().all(Option::is_none) {
            break;
        }
        // Mostly one of the two; every seventh time the agent.
        let who = usize::try_from(game.dice.throw(7) / 3).unwrap();
        let Some(holder) = holders.get_mut(who) else {
            if !ending || game.cut.is_some() {
                game.rotate();
            }
            continue;
        };
        let outcome = match holder.take() {
            None if ending => continue,
            None => {
                let n = game.found();
                match Attempt::begin(&place, &tokens[n]).unwrap() {
                    Begun::Held(attempt) if world == World::Plain => {
                        *holder = Some((n, attempt.without_exchange()));
                        continue;
                    }
                    Begun::Held(attempt) => {
                        *holder = Some((n, attempt));
                        continue;
                    }
                    Begun::Over(outcome) => (n, outcome),
                }
            }
            Some((_, attempt)) if world == World::Killing && game.dice.throw(16) == 0 => {
                attempt.kill();
                tally.killed += 1;
                continue;
            }
            Some((n, mut attempt)) => {
                let Some(outcome) = attempt.step().unwrap() else {
                    *holder = Some((n, attempt));
                    continue;
                };
                (n, outcome)
            }
        };
        match outcome {
            (n, Replaced::Yes { .. }) => {
                game.newest = game.newest.max(u64::try_from(n).unwrap());
                tally.yes += 1;
            }
            (_, Replaced::Changed) => tally.changed += 1,
            (_, Replaced::Held) => tally.held += 1,
            (_, Replaced::NotNewer { .. }) => tally.not_newer += 1,
            (_, Replaced::NotReplaceable { .. }) => tally.not_replaceable += 1,
        }
        let quiet = world != World::Killing && game.cut.is_none();
        if quiet && holders.iter().all(Option::is_none) {
            assert_eq!(game.current(), Some(game.newest), "seed {seed}, {world:?}, turn {turn}");
        }
    }
    // One that has nothing new to offer still deals with what killed ones left.
    replace(&place, &tokens[0]).unwrap();
    if world == World::Killing {
        // What a killed one had ready may be in place by now, being newer than anything that was.
        assert!(game.current() >= Some(game.newest), "seed {seed}, {world:?}");
    } else {
        assert_eq!(game.current(), Some(game.newest), "seed {seed}, {world:?}");
    }
    assert_eq!(game.names(), ["claude.json"], "seed {seed}, {world:?}");
}

fn play_many(world: World, games: u64) -> Tally {
    let tokens = tokens();
    let mut tally = Tally::default();
    for seed in 0..games {
        play(seed, world, &tokens, &mut tally);
    }
    tally
}

#[test]
fn an_older_token_never_overwrites_a_newer_one_however_two_holders_and_an_agent_interleave() {
    let tally = play_many(World::Writing, 1000);
    assert!(tally.yes > 500 && tally.changed > 500 && tally.held > 500, "{tally:?}");
    assert!(tally.not_newer > 500 && tally.not_replaceable > 100, "{tally:?}");
}

#[test]
fn being_killed_between_any_two_steps_loses_no_newer_token() {
    let tally = play_many(World::Killing, 1000);
    assert!(tally.killed > 500 && tally.yes > 500, "{tally:?}");
}

#[test]
fn where_files_cannot_change_places_the_last_look_still_finds_what_was_written() {
    let tally = play_many(World::Plain, 300);
    assert!(tally.yes > 100 && tally.changed > 100, "{tally:?}");
}

#[test]
fn what_is_written_between_the_last_look_and_the_change_of_places_goes_back_in() {
    let game = Game::new(1, World::Writing);
    let newer = Candidate::new(&Kind::ClaudeOauth, token(5).into_bytes()).unwrap();
    let Begun::Held(mut attempt) = Attempt::begin(&game.place, &newer).unwrap() else {
        panic!("nobody else holds it")
    };
    // Recover, read, write, check.
    for _ in 0..4 {
        assert_eq!(attempt.step().unwrap(), None);
    }
    fs::write(game.place.path(), token(9)).unwrap();
    assert_eq!(attempt.step().unwrap(), None);
    assert_eq!(game.current(), Some(5), "for an instant");
    let mut last = None;
    while last.is_none() {
        last = attempt.step().unwrap();
    }
    assert_eq!(last, Some(Replaced::Changed));
    assert_eq!(game.current(), Some(9));
}

#[test]
fn what_a_killed_one_took_out_and_never_looked_at_is_put_back_by_the_next() {
    let game = Game::new(1, World::Killing);
    let newer = Candidate::new(&Kind::ClaudeOauth, token(5).into_bytes()).unwrap();
    let Begun::Held(mut attempt) = Attempt::begin(&game.place, &newer).unwrap() else {
        panic!("nobody else holds it")
    };
    for _ in 0..4 {
        assert_eq!(attempt.step().unwrap(), None);
    }
    fs::write(game.place.path(), token(9)).unwrap();
    assert_eq!(attempt.step().unwrap(), None);
    attempt.kill();
    assert_eq!(game.current(), Some(5));
    let current = Reading::Until(Timestamp::from_millis(1_800_000_009_000));
    assert_eq!(replace(&game.place, &newer).unwrap(), Replaced::NotNewer { current });
    assert_eq!(game.current(), Some(9));
}

#[test]
fn an_error_halfway_leaves_the_credential_and_no_file_of_ours() {
    let game = Game::new(1, World::Writing);
    let newer = Candidate::new(&Kind::ClaudeOauth, token(5).into_bytes()).unwrap();
    let Begun::Held(mut attempt) = Attempt::begin(&game.place, &newer).unwrap() else {
        panic!("nobody else holds it")
    };
    for _ in 0..2 {
        assert_eq!(attempt.step().unwrap(), None);
    }
    let whole = game.dir.path().join(".claude.json.sweepd-new");
    fs::create_dir(&whole).unwrap();
    let error = attempt.step().unwrap_err();
    assert!(matches!(error, ReplaceError::Write { .. }), "{error}");
    drop(attempt);
    fs::remove_dir(&whole).unwrap();
    assert_eq!(game.names(), ["claude.json"]);
    assert_eq!(game.current(), Some(1));
}

#[test]
fn what_is_written_before_the_last_look_never_leaves_its_place() {
    use std::os::unix::fs::MetadataExt as _;
    let game = Game::new(1, World::Writing);
    let newer = Candidate::new(&Kind::ClaudeOauth, token(5).into_bytes()).unwrap();
    let Begun::Held(mut attempt) = Attempt::begin(&game.place, &newer).unwrap() else {
        panic!("nobody else holds it")
    };
    for _ in 0..3 {
        assert_eq!(attempt.step().unwrap(), None);
    }
    fs::write(game.place.path(), token(3)).unwrap();
    let inode = fs::metadata(game.place.path()).unwrap().ino();
    assert_eq!(attempt.step().unwrap(), Some(Replaced::Changed));
    assert_eq!(fs::metadata(game.place.path()).unwrap().ino(), inode);
    assert_eq!(game.current(), Some(3));
}
