//! A Go program prints under Portolan what it prints when compiled for this machine. Go's runtime asks for things that C
//! programs rarely do: threads that are preempted by signals, faults that become panics, stacks that move.
#![cfg(feature = "host")]

mod support;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::{env, fs};

use support::{oracle, oracle_dir, portolan, run, workspace};

/// Go's names of architectures, for which its compiler works everywhere.
const ARCHITECTURES: [&str; 1] = ["riscv64"];

fn native() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Compiles a program without cgo, once: the result is kept below the oracle directory.
fn compile(go: &Path, source: &Path, architecture: &str) -> PathBuf {
    let version = run(Command::new(go).arg("version"), b"").stdout;
    let mut hasher = DefaultHasher::new();
    (version, fs::read(source).expect("its source")).hash(&mut hasher);
    let cache = oracle_dir().join("cache/go");
    let program = cache.join(format!("{architecture}-{:016x}", hasher.finish()));
    if program.exists() {
        return program;
    }
    fs::create_dir_all(&cache).expect("a directory for what is compiled");
    let unfinished = program.with_extension(process::id().to_string());
    let end = run(
        Command::new(go)
            .arg("build")
            .arg("-o")
            .args([&unfinished, source])
            .env("GO111MODULE", "off")
            .env("CGO_ENABLED", "0")
            .env("GOCACHE", cache.join("build"))
            .env("GOOS", "linux")
            .env("GOARCH", architecture),
        b"",
    );
    let told = String::from_utf8_lossy(&end.stderr);
    assert!(
        end.status == 0,
        "{} for {architecture}:\n{told}",
        source.display()
    );
    fs::rename(&unfinished, &program).expect("a place in the cache");
    program
}

#[test]
fn everything() {
    let Some(go) = oracle("go") else { return };
    let source = workspace().join("tests/go/everything.go");
    let expected = run(&mut Command::new(compile(&go, &source, native())), b"");
    assert!(
        expected.status == 4,
        "it fails on this machine: {expected:?}"
    );
    for architecture in ARCHITECTURES {
        let program = compile(&go, &source, architecture);
        let end = run(portolan().arg(&program), b"");
        let told = String::from_utf8_lossy(&end.stderr);
        for (number, (ours, theirs)) in (1..).zip(end.text().lines().zip(expected.text().lines())) {
            assert_eq!(ours, theirs, "line {number} on {architecture}\n{told}");
        }
        assert_eq!(
            (end.status, end.text()),
            (4, expected.text()),
            "{architecture}\n{told}"
        );
    }
}
