//! `portolan mix`.

use super::{compiled, json, portolan, rom};
use crate::support;
use serde_json::Value;
use std::fs;
use std::process::Command;
use support::guests::Guest;
use support::{TempDir, run};

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// The instructions of each kind.
fn kind(mix: &Value, kind: &str) -> u64 {
    let kinds = mix["kinds"].as_array().expect("kinds");
    let found = kinds.iter().find(|it| it["kind"] == kind);
    found.map_or(0, |it| number(&it["count"]))
}

/// Everything that can be added up adds up, and the engine, which counts by itself, agrees.
fn check(mix: &Value) {
    assert_eq!(mix["retired"], mix["engine"]["retired"]);
    assert_eq!(mix["system_calls"], mix["engine"]["system_calls"]);
    let all = number(&mix["instructions"]);
    assert_eq!(all, number(&mix["retired"]) + number(&mix["system_calls"]));
    assert_eq!(kind(mix, "system"), number(&mix["system_calls"]));
    for (list, count) in [
        ("kinds", "count"),
        ("mnemonics", "count"),
        ("blocks", "instructions"),
    ] {
        let list = mix[list].as_array().expect("a list");
        assert_eq!(list.iter().map(|it| number(&it[count])).sum::<u64>(), all);
    }
    let branches = &mix["branches"];
    assert_eq!(kind(mix, "branch"), number(&branches["executed"]));
    let (taken, not) = (number(&branches["taken"]), number(&branches["not_taken"]));
    assert_eq!(taken + not, number(&branches["executed"]));
}

/// Runs each instruction as a block of its own in QEMU, which writes a line for each.
fn the_total_is_what_qemu_counts(guest: &Guest) {
    let scratch = TempDir::new();
    for name in ["hello", "fib"] {
        let program = rom(guest.isa, name);
        let log = scratch.path().join("log");
        let Some(mut qemu) = guest.qemu() else {
            return;
        };
        qemu.args(["-singlestep", "-d", "exec,nochain", "-D"]);
        let words: &[&str] = if name == "fib" { &["7"] } else { &[] };
        let end = run(qemu.arg(&log).arg(&program).args(words), b"");
        assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
        let log = fs::read_to_string(&log).expect("QEMU's log");
        let lines = log.lines().filter(|line| line.starts_with("Trace "));
        let mut command = portolan("mix");
        let output = scratch.path().join("mix");
        command.args(["--json", "-o"]).arg(&output).arg(&program);
        let ours = run(command.args(words), b"");
        assert_eq!(ours.stdout, end.stdout);
        let mix = fs::read_to_string(&output).expect("a report");
        let mix: Value = serde_json::from_str(&mix).expect("JSON");
        assert_eq!(number(&mix["instructions"]), lines.count() as u64, "{name}");
    }
}

/// The total is the interpreter's, and the functions do what their source says.
fn a_rom_is_what_its_source_says(guest: &Guest) {
    let (mix, output) = json("mix", &["--top", "1000000"], &rom(guest.isa, "fib"));
    assert_eq!(output, "fib(20) = 6765\n");
    check(&mix);
    // fib(20) calls fib 21890 times, though compilers turn one of two calls into a loop; each returns.
    let (calls, returns) = (kind(&mix, "call"), kind(&mix, "return"));
    assert!((10_945..=21_920).contains(&calls), "{calls} calls");
    assert!(
        calls.abs_diff(returns) <= 3,
        "{calls} calls, {returns} returns"
    );
    assert!(kind(&mix, "load") > 20_000 && kind(&mix, "store") > 20_000);
    let hot = &mix["blocks"][0];
    assert!(hot["place"].as_str().expect("a place").starts_with("fib"));
    assert!(hot["line"].as_str().expect("a line").contains("fib.c:"));
    let floats = json("mix", &[], &rom(guest.isa, "nbody")).0;
    assert!(number(&floats["instructions"]) < 12 * kind(&floats, "float"));
}

/// Threads, signals in the middle of blocks, jumps out of deep calls, code that rewrites itself.
fn the_count_is_exact_whatever_the_program_does(guest: &Guest) {
    for name in ["threads", "signals", "jumps", "rewriting"] {
        let Some((_scratch, program)) = compiled(guest, name, &["-pthread"]) else {
            return;
        };
        check(&json("mix", &["--top", "1000000"], &program).0);
    }
}

each_guest! {
    the_total_is_what_qemu_counts: super::the_total_is_what_qemu_counts;
    a_rom_is_what_its_source_says: super::a_rom_is_what_its_source_says;
    the_count_is_exact_whatever_the_program_does: super::the_count_is_exact_whatever_the_program_does;
}

/// A repeated string instruction, of which the engine may do many turns at once, runs once for each element.
#[test]
fn turns_made_ahead_count() {
    let guest = support::guests::named("x86_64");
    let flags = ["-mstringop-strategy=rep_byte", "-pthread"];
    let Some((_scratch, program)) = compiled(guest, "lz", &flags) else {
        return;
    };
    check(&json("mix", &["--top", "1000000"], &program).0);
}

#[test]
fn the_report_is_apart_from_what_the_program_writes() {
    let end = run(portolan("mix").arg(rom("riscv64", "hello")), b"");
    assert!(end.text().starts_with("Hello"));
    let report = String::from_utf8(end.stderr).expect("text");
    assert!(report.starts_with("hello, riscv64: what ran\n"), "{report}");
    assert!(
        report.lines().all(|line| line.chars().count() <= 80),
        "{report}"
    );
}

#[test]
fn a_program_that_dies_is_reported_and_dies() {
    let end = run(portolan("mix").arg(rom("mipsel", "crash")), b"");
    assert_eq!(end.status, 128 + 11);
    let report = String::from_utf8(end.stderr).expect("text");
    assert!(report.contains("was ended by SIGSEGV"), "{report}");
    assert!(report.contains("system calls"), "{report}");
}

/// A program that executes another one is succeeded by that; one that forks is not.
#[test]
fn children_are_not_counted_and_successors_are() {
    let Some(root) = support::oracle_file("riscv64") else {
        return;
    };
    let report = |script: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        command.args(["mix", "--json", "-L"]).arg(&root);
        let end = run(command.arg(root.join("bin/dash")).args(["-c", script]), b"");
        assert_eq!(end.text(), "here\n");
        let report = String::from_utf8(end.stderr).expect("text");
        serde_json::from_str::<Value>(&report).expect("one report")
    };
    let forked = report("(exec echo here); true");
    assert_eq!(forked["program"], "dash");
    assert_eq!(forked["retired"], forked["engine"]["retired"]);
    assert_eq!(report("/bin/echo here; :")["program"], "dash");
    assert_eq!(report("exec /bin/echo here")["program"], "echo");
}
