//! Real containers under `sweepd run`, for as long as it is let: every fault on purpose, each with
//! exactly the events it calls for, and nobody healthy touched.
//!
//!     cargo run --release -p sweepd-tests --bin soak -- --minutes 30
//!
//! | file | holds |
//! |---|---|
//! | `args` | the command line |
//! | `site` | the image, the NanoClaw directory, the configuration, the daemon |
//! | `cast` | who plays what: healthy agents, and faults with what they call for |
//! | `actor` | one agent as its host and its user see it |
//! | `stage` | what all of them share: the journal, the engine's events, whose cue it is |
//! | `play` | the scripts: calm work, and one episode of each fault |
//! | `journal` | what sweepd says has happened |
//! | `timeline` | what Docker says has happened |
//! | `hearer` | who is told, and is away every now and then |
//! | `gauge` | memory and processor time of the daemon |
//! | `verdict` | the two compared |
//! | `summary` | one page |
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test harness: what is not as expected ends it"
)]

use std::process::ExitCode;

use futures_util::future::join_all;
use tokio::signal::unix::{SignalKind, signal};

mod actor;
mod args;
mod cast;
mod clock;
mod gauge;
mod hearer;
mod journal;
mod play;
mod site;
mod stage;
mod summary;
mod timeline;
mod verdict;

use args::Args;
use hearer::Hearer;
use site::Site;
use stage::Stage;

fn main() -> ExitCode {
    let args = match Args::read(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(words) => {
            eprintln!("{words}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(soak(&args))
}

async fn soak(args: &Args) -> ExitCode {
    let mut site = Site::new();
    let hearer = Hearer::start(site.journal()).await;
    site.configure(&hearer.url());
    let actors = site.enlist(&cast::cast());
    let stage = Stage::new(&site, args);
    let mut daemon = site.start();
    let mut gauge = gauge::Gauge::of(&daemon);
    println!("soak: {} agents for {} min, in {}", actors.len(), args.minutes, site.dir().display());

    let plays = join_all(actors.iter().map(|(actor, part)| play::part(&stage, actor, part)));
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let mut interrupt = signal(SignalKind::interrupt()).unwrap();
    let interrupted = tokio::select! {
        _ = plays => false,
        () = stage.watch(&mut gauge) => true,
        () = hearer.come_and_go() => true,
        _ = terminate.recv() => true,
        _ = interrupt.recv() => true,
    };
    hearer.hear_out().await;
    stage.last_look().await;
    let code = daemon.terminate().await;
    stage.last_look().await;

    let verdict = verdict::judge(&stage, &actors, &hearer, code, interrupted);
    summary::print(&stage, &gauge, &hearer, &verdict, &site.log());
    if verdict.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
