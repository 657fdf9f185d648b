//! Always-on containers, in stories told by hand.

mod life;
mod missing;
mod there;
