//! Everything that crosses crates: laws of the core, scenarios of the engine, contracts of its ports,
//! and the program as an operator meets it, with and without containers.

mod containers;
mod contract;
mod crash;
mod laws;
mod operator;
mod scenarios;
mod tidy;
