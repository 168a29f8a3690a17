//! Measuring programs: what is counted is what ran.
#![cfg(feature = "host")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod compare;
mod coverage;
mod forks;
mod mix;
mod profile;
mod trace;
mod traffic;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::guests::Guest;
use support::{TempDir, run, workspace};

/// A rom of an instruction set.
fn rom(isa: &str, name: &str) -> PathBuf {
    workspace().join("roms/bin").join(isa).join(name)
}

/// One of Portolan's commands.
fn portolan(command: &str) -> Command {
    let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
    portolan.arg(command).current_dir(workspace());
    portolan
}

/// What `--json -o FILE` of a command writes, and what the program writes to standard output.
fn json(command: &str, words: &[&str], program: &Path) -> (Value, String) {
    let scratch = TempDir::new();
    let file = scratch.path().join("report");
    let mut portolan = portolan(command);
    portolan.arg("--json").arg("-o").arg(&file).args(words);
    let end = run(portolan.arg(program), b"");
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 0, "{errors}");
    let report = std::fs::read_to_string(&file).expect("a report");
    (serde_json::from_str(&report).expect("JSON"), end.text())
}

/// A program of `tests/programs`, compiled for a guest, where there is a compiler.
fn compiled(guest: &Guest, name: &str, flags: &[&str]) -> Option<(TempDir, PathBuf)> {
    let scratch = TempDir::new();
    let program = scratch.path().join(name);
    let source = workspace().join(format!("tests/programs/{name}.c"));
    let mut compile = Command::new(guest.compiler()?);
    compile.args(["-O1", "-g", "-static"]).args(flags).arg("-o");
    let end = run(
        compile.arg(&program).arg(source).args(["-lm", "-latomic"]),
        b"",
    );
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    Some((scratch, program))
}
