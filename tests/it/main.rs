//! Everything that crosses crates: laws of the core, scenarios of the engine, defects of the original,
//! contracts of the ports, the engine inside a stranger's program, and the program as an operator
//! meets it, with and without containers.

mod alerting;
mod containers;
mod contract;
mod crash;
mod credentials;
mod defects;
mod embed;
mod kept;
mod laws;
mod operator;
mod scenarios;
mod silent;
mod tidy;
