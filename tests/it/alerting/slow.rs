//! A sink that is slow, hangs, panics or changes its mind: it costs nobody else anything.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sweepd_decide::{FindingKind, Moment, News, Setback, Span};
use sweepd_sweep::ports::{Clock as _, Doing, Post, Receipt, Sink, SinkError, Takes};
use sweepd_sweep::{Digest, SinkSetup, Zone};

use super::rig::{Rig, START, told};
use super::run::{Daemon, PausedClock, play};

const TAKES: Takes =
    Takes { notes: true, still: true, batch: 1, burst: 50, every: Span::from_secs(1) };

/// Takes everything after so many seconds.
#[derive(Clone)]
struct Slow {
    clock: Arc<PausedClock>,
    seconds: i64,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Slow {
    fn new(daemon: &Daemon, seconds: i64) -> Self {
        let clock = Arc::<PausedClock>::clone(&daemon.clock);
        Self { clock, seconds, heard: Arc::default() }
    }

    fn setup(&self) -> SinkSetup {
        SinkSetup::new("slow", Arc::new(self.clone()))
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Sink for Slow {
    fn kind(&self) -> &'static str {
        "slow"
    }

    fn takes(&self) -> Takes {
        TAKES
    }

    fn fingerprint(&self) -> String {
        String::new()
    }

    fn deliver<'a>(&'a self, post: &'a Post) -> Doing<'a, Result<Receipt, SinkError>> {
        Box::pin(async move {
            self.clock.sleep_until(self.clock.now().plus(Span::from_secs(self.seconds))).await;
            let heard = post.alerts.iter().map(|alert| match &alert.news {
                News::Note(note) => format!("{:?}", note.occasion),
                News::Incident(story) if story.moment == Moment::Opened => story.key.clone(),
                News::Incident(story) => format!("{:?} {}", story.moment, story.key),
            });
            self.heard.lock().unwrap().extend(heard);
            Ok(Receipt::default())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_one_is_greeted_once() {
    let daemon = Daemon::new();
    daemon.find("a").await;
    daemon.seconds(6).await;
    // It was down when it was promised the opening.
    daemon.ops.down("503", Setback::Later(None));
    let ops = daemon.ops.clone();
    let down = daemon.engine_with(|setup| {
        setup.sinks = vec![SinkSetup::new("slow", Arc::new(ops))];
    });
    down.tell().await.unwrap();
    drop(down);
    daemon.seconds(60).await;
    let slow = Slow::new(&daemon, 20);
    let engine = daemon.engine_with(|setup| setup.sinks = vec![slow.setup()]);
    play(&engine, daemon.seconds(600)).await;
    assert_eq!(slow.heard(), ["self-degraded:sweepd/a", "Start"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_one_gets_one_daily_line() {
    let daemon = Daemon::new();
    let slow = Slow::new(&daemon, 50);
    let engine = daemon.engine_with(|setup| {
        setup.sinks = vec![slow.setup()];
        setup.digest = Some(Digest { cron: "30 10 * * *".to_owned(), zone: Zone::utc() });
    });
    play(&engine, async {
        // It is busy with the opening at half past ten.
        daemon.seconds(28 * 60 + 50).await;
        daemon.find("b").await;
        daemon.seconds(3600).await;
    })
    .await;
    assert_eq!(slow.heard(), ["Start", "self-degraded:sweepd/b", "Digest"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_one_keeps_nobody_from_hearing_that_the_state_cannot_be_written() {
    let daemon = Daemon::new();
    let slow = Slow::new(&daemon, 29);
    let engine = daemon.engine_with(|setup| setup.sinks.insert(0, slow.setup()));
    play(&engine, async {
        daemon.seconds(120).await;
        daemon.break_state();
        daemon.seconds(29).await;
        assert_eq!(told(&daemon.ops), [""; 0]);
        daemon.seconds(6).await;
        assert_eq!(told(&daemon.ops), ["opened self-degraded:sweepd"]);
        assert_eq!(slow.heard(), ["Start"]);
        daemon.mend_state();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_of_its_own_delivers_for_ten_seconds() {
    let daemon = Daemon::new();
    for subject in ["a", "b", "c"] {
        daemon.find(subject).await;
    }
    let slow = Slow::new(&daemon, 29);
    let engine = daemon.engine_with(|setup| setup.sinks = vec![slow.setup()]);
    daemon.seconds(10).await;
    let begun = daemon.clock.now();
    engine.tell().await.unwrap();
    let took = daemon.clock.now().since(begun);
    assert_eq!((took, slow.heard()), (Span::from_secs(10), vec![]));
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_does_not_keep_the_daemon_from_ending() {
    let daemon = Daemon::new();
    daemon.find("a").await;
    let slow = Slow::new(&daemon, 3_000_000);
    let engine = daemon.engine_with(|setup| setup.sinks = vec![slow.setup()]);
    play(&engine, daemon.seconds(600)).await;
    let lasted = daemon.clock.now().since(START);
    assert!(lasted <= Span::from_secs(611), "ten seconds after the end: {lasted:?}");
}

struct Panics;

impl Sink for Panics {
    fn kind(&self) -> &'static str {
        "panics"
    }

    fn takes(&self) -> Takes {
        TAKES
    }

    fn fingerprint(&self) -> String {
        String::new()
    }

    #[expect(clippy::panic, reason = "that is what it is for")]
    fn deliver<'a>(&'a self, _: &'a Post) -> Doing<'a, Result<Receipt, SinkError>> {
        Box::pin(async { panic!("a bug in a library") })
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_panics_takes_nobody_along() {
    let daemon = Daemon::new();
    daemon.find("a").await;
    let engine = daemon.engine_with(|setup| {
        setup.sinks.insert(0, SinkSetup::new("panics", Arc::new(Panics)));
    });
    play(&engine, daemon.seconds(600)).await;
    assert_eq!(told(&daemon.ops), ["opened self-degraded:sweepd/a"]);
}

/// Takes nothing, and is another one each time it is asked.
#[derive(Clone, Default)]
struct Fickle(Arc<AtomicUsize>, Arc<AtomicUsize>);

impl Sink for Fickle {
    fn kind(&self) -> &'static str {
        "fickle"
    }

    fn takes(&self) -> Takes {
        TAKES
    }

    fn fingerprint(&self) -> String {
        self.0.fetch_add(1, Ordering::SeqCst).to_string()
    }

    fn deliver<'a>(&'a self, _: &'a Post) -> Doing<'a, Result<Receipt, SinkError>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Err(SinkError { words: "401".to_owned(), setback: Setback::Stopped }) })
    }
}

#[tokio::test]
async fn one_that_is_another_each_time_is_tried_once_a_call() {
    let fickle = Fickle::default();
    let sink = fickle.clone();
    let rig = Rig::with(vec![], move |setup| {
        setup.sinks.push(SinkSetup::new("fickle", Arc::new(sink.clone())));
    });
    rig.find(FindingKind::Zombie, &["s/a"]).await;
    rig.tell().await;
    assert_eq!(fickle.1.load(Ordering::SeqCst), 1);
}
