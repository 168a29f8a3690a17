//! A Go program prints under Portolan what it prints when compiled for this machine. Go's runtime asks for things that C
//! programs rarely do: threads that are preempted by signals, faults that become panics, stacks that move.
#![cfg(feature = "host")]

#[macro_use]
mod support;

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use support::guests::Guest;
use support::{cached, oracle, oracle_dir, portolan, run, workspace};

/// Compiles a program without cgo, once: the result is kept below the oracle directory. What it is compiled for is said
/// by variables of the environment, `NAME=VALUE NAME=VALUE`; nothing means this machine.
fn compile(go: &Path, source: &Path, kind: &str) -> PathBuf {
    let version = run(Command::new(go).arg("version"), b"").stdout;
    let mut hasher = DefaultHasher::new();
    (version, fs::read(source).expect("its source")).hash(&mut hasher);
    let words = kind.replace(' ', "-");
    let name = format!("go/everything-{words}-{:016x}", hasher.finish());
    cached(&name, |program| {
        let mut build = Command::new(go);
        build.args(["build", "-o"]).args([program, source]);
        build
            .env("GO111MODULE", "off")
            .env("CGO_ENABLED", "0")
            .env("GOCACHE", oracle_dir().join("cache/go/build"))
            .env("GOOS", "linux")
            .envs(
                kind.split_whitespace()
                    .filter_map(|word| word.split_once('=')),
            );
        let end = run(&mut build, b"");
        let told = String::from_utf8_lossy(&end.stderr);
        assert!(end.status == 0, "{} for {kind}:\n{told}", source.display());
    })
}

fn everything(guest: &Guest) {
    let Some(go) = oracle("go") else { return };
    let source = workspace().join("tests/go/everything.go");
    let expected = run(&mut Command::new(compile(&go, &source, "")), b"");
    assert!(
        expected.status == 4,
        "it fails on this machine: {expected:?}"
    );
    for kind in guest.go {
        let program = compile(&go, &source, kind);
        let end = run(portolan().arg(&program), b"");
        let told = String::from_utf8_lossy(&end.stderr);
        for (number, (ours, theirs)) in (1..).zip(end.text().lines().zip(expected.text().lines())) {
            assert_eq!(ours, theirs, "line {number} of {kind}\n{told}");
        }
        assert_eq!(
            (end.status, end.text()),
            (4, expected.text()),
            "{kind}\n{told}"
        );
    }
}

each_guest! {
    everything: super::everything;
}
