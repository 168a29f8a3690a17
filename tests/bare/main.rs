//! The bare machine: its devices, and programs that have nothing else.
#![cfg(feature = "host")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod devices;
mod pictures;
mod raw;

use std::path::PathBuf;
use std::process::Command;
use support::workspace;

/// What is compiled: every tier.
const TIERS: [&str; 4] = ["off", "baseline", "always", "auto"];

/// The command that runs a program on a bare machine; flags and the program follow.
fn bare(tier: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
    command.args([
        "run",
        "--machine",
        "bare",
        "--display",
        "none",
        "--jit",
        tier,
    ]);
    command
}

fn rom(isa: &str, name: &str) -> PathBuf {
    workspace().join("roms/bare").join(isa).join(name)
}
