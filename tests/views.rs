//! `dis` and `explain` on the command line: what they refuse, how, and with which exit status.

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};
use support::TempDir;

const PORTOLAN: &str = env!("CARGO_BIN_EXE_portolan");
const ROM: &str = "roms/bin/riscv64/fib";

fn portolan(arguments: &[&str]) -> Output {
    Command::new(PORTOLAN).args(arguments).output().unwrap()
}

/// The message and exit status of a command that must fail.
fn refused(arguments: &[&str]) -> (String, i32) {
    let output = portolan(arguments);
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let message = String::from_utf8(output.stderr).unwrap();
    (message, output.status.code().unwrap())
}

#[test]
fn a_function_is_listed_by_its_name_and_by_an_address_in_it() {
    let [by_name, by_address] = ["main", "0x11008"].map(|at| {
        let output = portolan(&["dis", ROM, "--at", at]);
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    });
    assert_eq!(by_name, by_address);
    assert!(by_name.contains("0000000000011000 <main>:\n   11000:\t1141"));
    assert_eq!(
        by_name.matches(">:\n").count(),
        1,
        "one function: {by_name}"
    );
}

#[test]
fn the_raw_view_shows_bytes_in_the_order_of_memory() {
    let output = portolan(&["dis", ROM, "--at", "main", "--xxd"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = "   11000:\t41 11        A.  \t1141                \tadd\tsp,sp,-16\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn json_is_json() {
    let output = portolan(&["dis", ROM, "--json"]);
    let listing: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let first = &listing["sections"][0]["blocks"][0];
    assert_eq!(first["symbol"], "main");
    assert_eq!(first["lines"][0]["mnemonic"], "add");
}

#[test]
fn instructions_of_a_file_are_explained_where_they_are() {
    let output = portolan(&["explain", ROM, "--at", "main", "--count", "2"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("add sp,sp,-16  or c.addi sp,-16\n41 11"),
        "{text}"
    );
    assert!(text.contains("at 0x11002"), "{text}");
}

#[test]
fn what_cannot_be_listed_is_refused_with_a_reason() {
    let directory = TempDir::new();
    let script = directory.path().join("script");
    fs::write(&script, "#!/bin/sh\n").unwrap();
    let script = script.to_str().unwrap();

    let (message, status) = refused(&["dis", "no/such/file"]);
    assert!(message.contains("no/such/file: No such file"), "{message}");
    assert_eq!(status, 127);
    let (message, status) = refused(&["dis", "src"]);
    assert!(message.contains("src: Is a directory"), "{message}");
    assert_eq!(status, 126);
    let (message, status) = refused(&["dis", script]);
    assert!(
        message.contains("this is no ELF file, but a script"),
        "{message}"
    );
    assert_eq!(status, 126);
    let (message, status) = refused(&["dis", "roms/bin/aarch64/fib"]);
    assert!(
        message.contains("64 bits, little-endian; known are: riscv64, mips"),
        "{message}"
    );
    assert_eq!(status, 126);
    let (message, status) = refused(&["dis", ROM, "--at", "mian"]);
    assert!(
        message.contains("no symbol \"mian\"; did you mean main?"),
        "{message}"
    );
    assert_eq!(status, 125);
    let (message, status) = refused(&["explain", ROM, "--at", "0x10"]);
    assert!(message.contains(".text (0x11000 to "), "{message}");
    assert_eq!(status, 125);
}

#[test]
fn what_cannot_be_explained_is_refused_with_a_reason() {
    for (arguments, reason) in [
        (&["explain", "xyz"][..], "a file needs --at"),
        (&["explain", "12", "x"], "neither one file nor bytes"),
        (
            &["explain", "13051500", "--arch", "z80"],
            "known are: riscv64",
        ),
        (
            &["explain", "13051500", "--at", "main"],
            "an address in hexadecimal",
        ),
        (&["explain", "1305"], "Give all of its bytes"),
        (&["explain", "ffffffff"], "Is it data"),
    ] {
        let (message, status) = refused(arguments);
        assert!(message.contains(reason), "{arguments:?}: {message}");
        assert_eq!(status, 125, "{arguments:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut child = Command::new(PORTOLAN)
        .args(["dis", ROM, "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::with_capacity(16, stdout)
        .read_line(&mut line)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}
