//! Chat services and issue trackers as their API documents describe them, for tests.
