//! Real processes: started, looked at, stopped, outlived.
#![expect(clippy::unwrap_used, reason = "test code")]

mod command;
mod logs;
mod look;
mod restart;
mod start;
mod stop;
mod support;
mod tagged;
