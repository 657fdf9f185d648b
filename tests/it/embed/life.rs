//! Polls a future by hand, so that a test knows when it rests, and may drop it at any await.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use sweepd_decide::Timestamp;
use sweepd_sweep::ports::Clock as _;

use super::clock::HandClock;

/// More polls than anything in here takes: what goes on for longer never comes to rest.
const MANY: usize = 100_000;

/// One life of an engine: it ends when it is dropped, or by itself.
pub(super) struct Life<'e, T> {
    under_way: Pin<Box<dyn Future<Output = T> + Send + 'e>>,
    woken: Arc<Woken>,
    waker: Waker,
    done: Option<T>,
    polls: usize,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl<'e, T> Life<'e, T> {
    pub(super) fn of(future: impl Future<Output = T> + Send + 'e) -> Self {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        // Tokio's own sense of fairness has no say in who is polled by hand.
        let under_way = Box::pin(tokio::task::unconstrained(future));
        Self { under_way, woken, waker, done: None, polls: 0 }
    }

    pub(super) const fn polls(&self) -> usize {
        self.polls
    }

    pub(super) const fn is_over(&self) -> bool {
        self.done.is_some()
    }

    /// What it came to.
    pub(super) fn end(self) -> T {
        self.done.unwrap_or_else(|| panic!("it has not ended"))
    }

    /// Polls once, if somebody woke it. Whether it goes on.
    pub(super) fn step(&mut self) -> bool {
        if self.is_over() || !self.woken.0.swap(false, Ordering::SeqCst) {
            return false;
        }
        self.polls += 1;
        if let Poll::Ready(done) =
            self.under_way.as_mut().poll(&mut Context::from_waker(&self.waker))
        {
            self.done = Some(done);
        }
        !self.is_over()
    }

    /// Polls until it rests: it is over, or waits for the clock or for the test.
    pub(super) fn settle(&mut self) {
        for _ in 0..MANY {
            if !self.step() {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Lets time pass until `at`, from one instant that is waited for to the next.
    pub(super) fn until(&mut self, clock: &HandClock, at: Timestamp) {
        self.settle();
        while let Some(next) = clock.next().filter(|next| *next <= at && !self.is_over()) {
            clock.set(next);
            self.settle();
        }
        clock.set(at.max(clock.now()));
        self.settle();
    }

    /// Waits for the answer to a question that it is asked. No time passes.
    pub(super) fn ask<A>(&mut self, question: impl Future<Output = A>) -> A {
        let mut question = pin!(tokio::task::unconstrained(question));
        for _ in 0..MANY {
            let mut cx = Context::from_waker(Waker::noop());
            if let Poll::Ready(answer) = question.as_mut().poll(&mut cx) {
                return answer;
            }
            self.settle();
        }
        panic!("it is not answered");
    }
}
