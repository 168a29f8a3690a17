//! Processes, threads and signals in numbers: nothing hangs, nothing is lost, memory and descriptors stay bounded.
//!
//! The tests take a few seconds. For five minutes of it:
//!
//! ```text
//! cargo test --release --test soak -- --ignored --nocapture
//! ```
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::path::PathBuf;
use std::process::Command;

use support::guests::{self, Guest};
use support::{TempDir, portolan, run, workspace};

/// Compiles `tests/soak/soak.c`.
fn soak(guest: &Guest, directory: &TempDir) -> Option<PathBuf> {
    let compiler = guest.compiler()?;
    let program = directory.path().join("soak");
    let end = run(
        Command::new(compiler)
            .args(["-std=gnu11", "-O2", "-static", "-o"])
            .arg(&program)
            .arg(workspace().join("tests/soak/soak.c"))
            .arg("-latomic"),
        b"",
    );
    assert!(end.status == 0, "{}", String::from_utf8_lossy(&end.stderr));
    Some(program)
}

fn two_rounds(guest: &Guest) {
    let directory = TempDir::new();
    let Some(program) = soak(guest, &directory) else {
        return;
    };
    let end = run(portolan().arg(&program).args(["2", "0"]), b"");
    let told = String::from_utf8_lossy(&end.stderr);
    assert!(end.status == 0, "status {}: {told}", end.status);
}

each_guest! {
    two_rounds: super::two_rounds;
}

#[test]
#[ignore = "takes five minutes"]
fn five_minutes() {
    let directory = TempDir::new();
    let Some(program) = soak(guests::named("riscv64"), &directory) else {
        return;
    };
    let status = portolan()
        .arg(&program)
        .args(["3", "300"])
        .status()
        .expect("it can be started");
    assert!(status.success(), "{status}");
}
