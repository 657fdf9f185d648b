//! Scenarios: what happens to agents, as text, and the timeline that has to come of it.
//!
//! A scenario is a file with two halves. The upper one says what happens in the world and when
//! sweepd looks; the lower one, below a line `----`, what came of it: every decision with its
//! evidence, every effect, container, row, event and incident. [`check`] plays the upper half with
//! the real engine over real databases, with simulated containers and a clock moved by hand, and
//! compares the lower half exactly.
//!
//! It judges nothing: what the lower half says is compared by people with the specification.
//!
//! # The upper half
//!
//! A comment begins with `#`. The header comes first, one setting a line; only `agents` has to be
//! there:
//!
//! ```text
//! start   2026-11-22T10:00:00Z         when +00:00 is
//! agents  w1 w2                        sessions of one group
//! zone    UTC Asia/Tokyo               in each of them the same comes of it
//! mode    observe | assist | enforce   enforce if not said; also `dry-run`, `sole-sweeper`
//! without wakes                        nobody is woken: wake kind `none`
//! decisions                            the journal's changed decisions are told too
//! policy  ceiling 30m  silence stop 5m limits of everybody; `policy w2 …`: of one agent
//! ```
//!
//! Everything else has a time: `+MM:SS`, `+H:MM:SS` or `-MM:SS`, with `.mmm` if need be. Several
//! entries may stand on one line, two spaces apart.
//!
//! ```text
//! +00:00  w1 starts                    also `unlabeled`, `ours`; `w1 restarts`: the same container
//! +00:00  w1 gets m1                   chat | task, after TIME | "TEXT", every "CRON", tries N,
//!                                      status S, trigger N, without a series, a status, tries
//! +00:10  w1 claims m1                 dated "TEXT"
//! +00:20  w1 beats                     every 20s until +10:00; dated TIME
//! +00:30  w1 runs Bash                 declaring 10m; `w1 ends its tool`
//! +00:40  w1 answers m1                as status
//! +00:41  w1 acks m1                   completed if no word follows
//! +00:41  w1 clears claims             as a fresh runner does with its predecessor's
//! +00:50  w1 hangs                     for the reader: nothing happens
//! +01:00  w1 exits 137                 and vanishes
//! +01:00  w1 is paused                 resumed; stubborn, immortal, obedient; garbage, torn, torn
//!                                      in its queue, locked, mended, unwritten, without a
//!                                      directory, without a queue; strict: its queue takes no
//!                                      two messages of one content
//! +01:00  w1 has m1 paused             the host sets a message's status
//! +01:00  w1 closes                    opens: its session
//! +01:00  wakes fail                   work; and leave the heartbeat
//! +01:00  runtime down                 up; silent on wakes | inspects | events | stops: asked
//!                                      for that, it does not answer until it is `up` again
//! +01:00  host appears                 goes
//! +01:00  state unwritable             writable
//! +01:00  suspend 42m                  the host sleeps; `stall 20s`: only sweepd is held up;
//!                                      `step 1h`: the wall clock jumps, `step back 1h`
//! +02:00  sweep                        one call of a new process; every 60s until +10:00
//! +02:00  run                          the daemon; `end` ends it, and the scenario
//! +02:02  kill                         sweepd, amid what it does
//! +02:02  crash before a write         after a write, before a stop, after a stop, after a wake
//! +02:02  amid a look w1 exits 1       right after the next look, before sweepd acts on it
//! +03:00  mode observe                 of the next sweepd
//! ```
//!
//! # The lower half
//!
//! A block for each call, or each pass of the daemon. Instants are relative, agents have their
//! short names, a run is `w1.1`, a clone of `m1` is `m1'`. The last line of a call says whether all
//! is well, and which incidents are open.

mod act;
mod check;
mod clock;
mod faults;
mod names;
mod play;
mod settings;
mod tell;
mod text;
mod time;
mod world;

pub use check::check;
