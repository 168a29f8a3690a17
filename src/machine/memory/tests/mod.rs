//! Tests of the public interface; every build runs them against the backend it has.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

use super::*;

mod accesses;
mod atomics;
mod code;
mod devices;
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
mod files;
mod layout;
mod model;
mod table;
mod wall;

const READ: Protection = Protection::READ;
pub(in crate::memory) const RW: Protection = Protection::from_bits(3);
const RX: Protection = Protection::from_bits(5);
pub(in crate::memory) const RWX: Protection = Protection::ALL;

/// Every shape of access.
const SHAPES: [Access; 14] = [
    Access::U8,
    Access::I8,
    Access::U16,
    Access::I16,
    Access::U32,
    Access::I32,
    Access::U64,
    Access::U8.big(),
    Access::I8.big(),
    Access::U16.big(),
    Access::I16.big(),
    Access::U32.big(),
    Access::I32.big(),
    Access::U64.big(),
];

/// A small space: tests run in parallel, and few of the largest fit into a process.
pub(in crate::memory) fn memory() -> Memory {
    Memory::new(32).expect("every host can reserve four gigabytes")
}

fn fault(intent: Intent, cause: Cause, address: u64) -> Fault {
    Fault {
        address,
        intent,
        cause,
    }
}

/// Random, but the same in every run.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(0x706f_7274),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Runs `body` in a process of its own, because it changes what belongs to the whole process, and
/// expects it to succeed. To be called by a test, as its only step.
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
pub(in crate::memory) fn in_child(body: impl FnOnce()) {
    let output = run_in_child(body);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", output.status);
}

/// As [`in_child`], for a body that may end otherwise.
#[cfg(all(feature = "host", target_os = "linux", target_arch = "x86_64"))]
pub(in crate::memory) fn run_in_child(body: impl FnOnce()) -> std::process::Output {
    const MARK: &str = "PORTOLAN_TEST_CHILD";
    if std::env::var_os(MARK).is_some() {
        body();
        std::process::exit(0);
    }
    let test = std::thread::current()
        .name()
        .expect("tests run in threads named after them")
        .to_owned();
    std::process::Command::new(std::env::current_exe().unwrap())
        .args([&test, "--exact", "--test-threads=2", "--nocapture"])
        .env(MARK, "1")
        .output()
        .unwrap()
}
