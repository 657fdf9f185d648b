//! What an agent's log says, as far as sweepd wants to know: how its queries ended, and of which
//! failure a text is a sign.
//!
//! | module | answers |
//! |---|---|
//! | `table` | of which failure is this text a sign? |
//! | `runner` | which lines of this log are about the end of a query? |
//! | `reset` | until when does it say that there is no more? |
//!
//! Agents write these texts. They are searched in linear time, and what is kept of them is cut.

mod reset;
mod runner;
mod table;

pub use reset::reset_at;
pub use runner::{Heard, RunnerLine, heard};
pub use table::sign;
