//! Two holders, an agent whose token rotates, and readers, all at once.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use sweepd_credentials::{Kind, Replaced, read, replace};
use sweepd_decide::Reading;

use crate::support::{Desk, candidate, claude, in_mins};

/// Lets the readers end, also when something failed.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

const ROTATIONS: i64 = 300;

#[test]
fn readers_see_one_token_or_the_other_and_the_newest_stays() {
    let desk = Desk::new();
    let place = desk.put("claude.json", claude(in_mins(0)));
    // Who gives out a token later gives out one that is good for longer.
    let given = Mutex::new(0_i64);
    let newest = AtomicI64::new(in_mins(0));
    let over = AtomicBool::new(false);
    let seen = AtomicI64::new(0);
    let ends = Ends(&over);
    thread::scope(|scope| {
        let ends = ends;
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let found = read(&Kind::ClaudeOauth, &place);
                    assert!(matches!(found.reading, Reading::Until(_)), "{found:?}");
                    seen.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let holders: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..ROTATIONS {
                        let token = {
                            let mut given = given.lock().unwrap();
                            *given += 1;
                            in_mins(*given)
                        };
                        let replaced = replace(&place, &candidate(claude(token))).unwrap();
                        if matches!(replaced, Replaced::Yes { .. }) {
                            newest.fetch_max(token, Ordering::SeqCst);
                        }
                    }
                })
            })
            .collect();
        for _ in 0..ROTATIONS {
            // An agent that is given a token and only writes it when a newer one is there would itself
            // put an older one in place: so both at once.
            let mut given = given.lock().unwrap();
            *given += 1;
            let token = in_mins(*given);
            fs::write(desk.path("agent"), claude(token)).unwrap();
            fs::rename(desk.path("agent"), place.path()).unwrap();
            newest.fetch_max(token, Ordering::SeqCst);
            drop(given);
            thread::yield_now();
        }
        for holder in holders {
            holder.join().unwrap();
        }
        drop(ends);
    });
    let Reading::Until(end) = read(&Kind::ClaudeOauth, &place).reading else { panic!() };
    assert_eq!(end.as_millis(), newest.load(Ordering::SeqCst));
    assert!(seen.load(Ordering::SeqCst) > 100);
    assert_eq!(desk.names(), ["claude.json"]);
}
