//! A service that a test starts, looks into, and lets fail.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{START, http_date};
use crate::exchange::{Reply, Request};
use crate::fault::{Fault, Faults};
use crate::host::{Answers, Host, Outcome};
use crate::meter::Meter;

/// What a service answers, from what it holds.
pub trait Service: Debug + Send + 'static {
    /// Does what it is asked, and answers. Nothing else happens meanwhile.
    fn answer(&mut self, request: &Request, now: i64) -> Reply;

    /// Its own "too many requests".
    fn limited(&self, request: &Request, retry_after: Duration, now: i64) -> Reply;

    /// Among which requests this one counts where [`Fake::limit`] is set; `None` is free.
    fn bucket(&self, request: &Request) -> Option<String> {
        (request.method != "GET").then(|| request.path.clone())
    }
}

/// A running service. It stops, and its port is free, when it is dropped.
#[derive(Debug)]
pub struct Fake<S: Service> {
    shared: Arc<Shared<S>>,
    host: Host,
}

#[derive(Debug)]
struct Shared<S> {
    /// One lock: each request is one step.
    state: Mutex<S>,
    seen: Mutex<Vec<Request>>,
    faults: Faults,
    meter: Mutex<Option<Meter>>,
    now: AtomicI64,
}

impl<S: Service> Fake<S> {
    /// Starts a service on a port of its own.
    ///
    /// # Panics
    /// There is no port.
    #[expect(clippy::expect_used, reason = "without a port there is no test")]
    pub async fn serve(service: S) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(service),
            seen: Mutex::default(),
            faults: Faults::default(),
            meter: Mutex::default(),
            now: AtomicI64::new(START),
        });
        let answers: Arc<dyn Answers> = shared.clone();
        let host = Host::start(answers).await;
        Self { shared, host: host.expect("a port on the loopback") }
    }

    /// `http://127.0.0.1:…`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.host.address())
    }

    /// What goes wrong.
    pub fn faults(&self) -> Faults {
        self.shared.faults.clone()
    }

    /// Every request so far, in the order in which they were taken.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.seen).clone()
    }

    /// Sets the service's clock, in milliseconds since 1970.
    pub fn set_now(&self, millis: i64) {
        self.shared.now.store(millis, Ordering::SeqCst);
    }

    /// What the service's clock says.
    pub fn now(&self) -> i64 {
        self.shared.now.load(Ordering::SeqCst)
    }

    /// From now on it takes so many requests in each window, by its own clock.
    pub fn limit(&self, count: usize, window: Duration) {
        *lock(&self.shared.meter) = Some(Meter::new(count, window));
    }

    /// Refuses connections and ends those that are.
    pub async fn down(&self) {
        self.host.down().await;
    }

    /// Listens again on the same port, with everything it held.
    ///
    /// # Panics
    /// The port is gone.
    #[expect(clippy::expect_used, reason = "without its port there is no test")]
    pub async fn up(&self) {
        let answers: Arc<dyn Answers> = self.shared.clone();
        self.host.up(answers).await.expect("the same port on the loopback");
    }

    /// Looks at what it holds, or changes it, as one step.
    pub fn with<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        look(&mut lock(&self.shared.state))
    }
}

impl<S: Service> Answers for Shared<S> {
    fn take(&self, mut request: Request) -> Outcome {
        let mut state = lock(&self.state);
        let now = self.now.load(Ordering::SeqCst);
        request.at = now;
        let fault = self.faults.take(&request);
        let done = match &fault {
            Some(fault) if !fault.writes() => None,
            _ => Some(self.asked(&mut state, &request, now)),
        };
        let reply = done.unwrap_or_else(|| Reply::empty(200));
        let outcome = match fault {
            None => Outcome::Reply(reply),
            Some(Fault::Status(status, body, headers)) => {
                Outcome::Reply(Reply { status, headers, body: body.into_bytes() })
            }
            Some(Fault::StatusAfter(status)) => Outcome::Reply(Reply::html(status, PAGE)),
            Some(Fault::RateLimited { retry_after }) => {
                Outcome::Reply(state.limited(&request, retry_after, now))
            }
            Some(Fault::DropBefore | Fault::DropAfter) => Outcome::Cut,
            Some(Fault::Hang | Fault::HangAfter) => Outcome::Hang,
            Some(Fault::Redirect(to)) => Outcome::Reply(Reply::empty(302).with("location", to)),
            Some(Fault::Garbage) => Outcome::Reply(Reply::html(200, PAGE)),
            Some(Fault::Huge) => Outcome::Huge,
            Some(Fault::Stall) => Outcome::Stall(reply),
            Some(Fault::CutShort) => Outcome::CutShort(reply),
        };
        let outcome = dated(outcome, now);
        request.answer = status(&outcome);
        lock(&self.seen).push(request);
        outcome
    }
}

impl<S: Service> Shared<S> {
    fn asked(&self, state: &mut S, request: &Request, now: i64) -> Reply {
        let wait = lock(&self.meter)
            .as_mut()
            .zip(state.bucket(request))
            .and_then(|(meter, bucket)| meter.take(bucket, now));
        match wait {
            Some(retry_after) => state.limited(request, retry_after, now),
            None => state.answer(request, now),
        }
    }
}

const PAGE: &str = "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>";

/// The service's own date, not the system's.
fn dated(outcome: Outcome, now: i64) -> Outcome {
    match outcome {
        Outcome::Reply(reply) => Outcome::Reply(reply.with("date", http_date(now))),
        Outcome::Cut | Outcome::Hang | Outcome::Huge => outcome,
        Outcome::Stall(reply) => Outcome::Stall(reply.with("date", http_date(now))),
        Outcome::CutShort(reply) => Outcome::CutShort(reply.with("date", http_date(now))),
    }
}

fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Reply(reply) | Outcome::Stall(reply) | Outcome::CutShort(reply) => {
            Some(reply.status)
        }
        Outcome::Huge => Some(200),
        Outcome::Cut | Outcome::Hang => None,
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whole seconds, rounded up: what `Retry-After` takes.
pub(crate) fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
