//! Somebody else's databases: a NanoClaw installation as sweepd finds it.
//!
//! [`Root`] knows the layout, [`Root::sessions`] lists who is to be swept, [`look()`] reads one
//! session, [`apply()`] makes one write, [`bootstrap()`] and [`inject()`] keep the health monitor in being
//! and at work. Whatever lies below a session directory is under the
//! agent's control: it is checked before SQLite sees it, and read within limits.
//!
//! What this does not do: judge. It reports rows; what they mean is for the core. It never alters a
//! schema and never writes an `outbound.db`. Only the monitor's two calls write `v2.db` and make files.

mod apply;
mod beneath;
mod central;
mod exchange;
mod failure;
#[cfg(test)]
mod fixture;
mod foreign;
mod id;
mod inbound;
mod look;
mod monitor;
mod open;
mod outbound;
mod reply;
mod root;
mod schema;
mod unreadable;

pub use apply::{Applied, ApplyError, apply};
pub use central::{RefusedSession, SessionRow, Sessions};
pub use exchange::{AskedRow, DeliveredRow, Exchange, OutputRow, exchange};
pub use id::BadId;
pub use look::look;
pub use monitor::{
    Bootstrapped, Injected, InvestigationTask, MONITOR_GROUP, MonitorChannel, MonitorError,
    MonitorPlan, bootstrap, inject,
};
pub use reply::{Inbound, Look, LookRequest, Outbound, Part};
pub use root::{Root, RootLock};
pub use unreadable::Unreadable;
