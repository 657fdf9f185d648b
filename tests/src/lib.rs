//! What the tests of the whole workspace share: a world to play scenarios in, ports that fail, an
//! oracle of the stuck decision written apart from it, and a share of a real Docker engine.

pub mod docker;
pub mod faulty;
pub mod image;
pub mod oracle;
pub mod quiet;
pub mod scenario;
