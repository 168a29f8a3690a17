//! Tests of the public interface; every build runs them against the backend it has.

use super::*;

mod accesses;

const RW: Protection = Protection::from_bits(3);

/// A small space: tests run in parallel, and only one of the largest fits into a process.
fn memory() -> Memory {
    Memory::new(32).expect("every host can reserve four gigabytes")
}
