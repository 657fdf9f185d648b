//! Always-on containers: they vanish, and come back as they were; whatever else happens, nobody
//! is touched who is not to be.

mod at_rest;
mod brake;
mod calls;
mod causes;
mod daemon;
mod orphans;
mod race;
mod refused;
mod registry;
mod scissors;
mod strangers;
mod told;
mod unknown;
mod yard;
