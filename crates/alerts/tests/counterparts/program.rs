//! A program from a package, for one test.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

/// Ends with the test.
pub(crate) struct Program(Child);

impl Program {
    /// Starts it, and waits until it listens on `port`; `None`, and a visible line, where it is not
    /// installed.
    pub(crate) async fn start(name: &str, args: &[String], port: u16) -> Option<Self> {
        let quiet = Stdio::null;
        let started =
            Command::new(name).args(args).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
        let child = match started {
            Ok(child) => child,
            Err(error) => {
                skip(&format!("{name} cannot be started: {error}"));
                return None;
            }
        };
        let mut program = Self(child);
        let up = async {
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            loop {
                pace.tick().await;
                if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                    return true;
                }
                if program.0.try_wait().unwrap().is_some() {
                    return false;
                }
            }
        };
        if tokio::time::timeout(Duration::from_mins(1), up).await.unwrap() {
            return Some(program);
        }
        skip(&format!("{name} has ended at once"));
        None
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Says why a test is skipped, past the harness, which hides what passing tests print.
#[expect(clippy::disallowed_methods, reason = "whether they have to be there")]
fn skip(missing: &str) {
    let required = std::env::var("SWEEPD_REQUIRE").is_ok_and(|all| all.contains("counterparts"));
    assert!(!required, "{missing}");
    std::io::stderr().write_all(format!("skipped: {missing}\n").as_bytes()).unwrap();
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Asks again and again until something is so.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let answer = async {
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        loop {
            pace.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    let answer = tokio::time::timeout(Duration::from_mins(1), answer).await;
    answer.unwrap_or_else(|_| unreachable!("{what} within a minute"))
}
