//! `portolan trace`.

use super::{json, portolan, rom};
use crate::support;
use std::collections::HashMap;
use support::guests::Guest;
use support::run;

/// The trace of a rom, which prints what it always prints.
fn trace(isa: &str, flags: &[&str], name: &str, words: &[&str]) -> Vec<String> {
    let mut command = portolan("trace");
    command.args(flags).arg(rom(isa, name)).args(words);
    let end = run(&mut command, b"");
    assert_eq!(end.status, 0);
    let text = String::from_utf8(end.stderr).expect("text");
    text.lines().map(str::to_owned).collect()
}

fn every_instruction_has_a_line(guest: &Guest) {
    let lines = trace(guest.isa, &[], "hello", &[]);
    let (mix, _) = json("mix", &[], &rom(guest.isa, "hello"));
    assert_eq!(
        lines.len() as u64,
        mix["instructions"].as_u64().expect("a number")
    );
    assert!(lines[0].contains(": _start"), "{}", lines[0]);
    // `run --trace` is the same.
    let mut command = portolan("run");
    let end = run(command.arg("--trace").arg(rom(guest.isa, "hello")), b"");
    let text = String::from_utf8(end.stderr).expect("text");
    assert_eq!(text.lines().count(), lines.len());
}

/// What a register held before a change is what the last change left in it, and what is read is what it holds.
fn changes_follow_each_other(guest: &Guest) {
    let mut registers: HashMap<String, String> = HashMap::new();
    let (mut changes, mut reads) = (0, 0);
    for line in trace(guest.isa, &[], "hello", &[]) {
        let read = line.split("| ").next().unwrap_or_default();
        for read in read.split([' ', ',']) {
            if let Some((name, value)) = read.split_once('=')
                && let Some(known) = registers.get(name)
            {
                assert_eq!(known, value, "{line}");
                reads += 1;
            }
        }
        let Some((_, changed)) = line.split_once("| ") else {
            continue;
        };
        for change in changed.split(", ") {
            let words: Vec<&str> = change.split(' ').collect();
            if let [name, old, "->", new] = words[..] {
                if let Some(known) = registers.insert(name.to_owned(), new.to_owned()) {
                    assert_eq!(known, old, "{line}");
                }
                changes += 1;
            }
        }
        if line.contains("system call") {
            registers.clear();
        }
    }
    assert!(changes > 300, "{changes} changes");
    assert!(reads > 100, "{reads} reads");
}

/// The tree of calls says what fib(6) is, and that it takes as many calls as compilers leave of it.
fn calls_are_a_tree_with_arguments_and_results(guest: &Guest) {
    let lines = trace(guest.isa, &["--calls"], "fib", &["6"]);
    let fib = |line: &&String| line.trim_start().starts_with("fib(");
    let calls: Vec<&String> = lines.iter().filter(fib).collect();
    assert!((8..=25).contains(&calls.len()), "{lines:#?}");
    assert!(calls[0].contains("=0x6"), "{}", calls[0]);
    let indent = |line: &str| line.len() - line.trim_start().len();
    assert!(calls.iter().any(|line| indent(line) > indent(calls[0])));
    let end = format!("{}}} = 0x8  fib", " ".repeat(indent(calls[0])));
    assert!(lines.contains(&end), "{lines:#?}");
    // What opens closes, but for the functions that the program ends in.
    let count = |wanted: &dyn Fn(&str) -> bool| lines.iter().filter(|it| wanted(it)).count();
    let (opened, closed) = (
        count(&|it| it.ends_with('{')),
        count(&|it| it.trim_start().starts_with('}')),
    );
    assert!(
        (closed..=closed + 3).contains(&opened),
        "{opened} opened, {closed} closed: {lines:#?}"
    );
}

each_guest! {
    every_instruction_has_a_line: super::every_instruction_has_a_line;
    changes_follow_each_other: super::changes_follow_each_other;
    calls_are_a_tree_with_arguments_and_results: super::calls_are_a_tree_with_arguments_and_results;
}

#[test]
fn what_is_told_can_be_limited() {
    let all = trace("riscv64", &[], "fib", &["3"]);
    let fib = trace("riscv64", &["--range", "fib"], "fib", &["3"]);
    let of_fib = |line: &&String| line.contains(": fib+") || line.contains(": fib ");
    assert_eq!(fib.len(), all.iter().filter(of_fib).count());
    assert!(fib.len() > 20 && fib.len() < all.len() / 2);
    let first = all
        .iter()
        .position(|line| line.contains(": fib "))
        .expect("it calls fib");
    let from = trace("riscv64", &["--from", "fib", "--limit", "5"], "fib", &["3"]);
    assert_eq!(from, all[first..first + 5]);
    let address = from[0].split(':').next().expect("an address");
    let same = trace(
        "riscv64",
        &["--from", address, "--limit", "5"],
        "fib",
        &["3"],
    );
    assert_eq!(from, same);
    let until = trace("riscv64", &["--to", "fib"], "fib", &["3"]);
    assert_eq!(until, all[..first]);
}

#[test]
fn a_line_shows_what_is_read_and_changed() {
    let line = &trace("mipsel", &["--from", "fib", "--limit", "1"], "fib", &["3"])[0];
    assert!(line.contains("addiu sp,sp,-"), "{line}");
    assert!(line.contains("sp=0x") && line.contains("| sp 0x"), "{line}");
    let bad = run(
        portolan("trace")
            .args(["--range", "0x20-0x10"])
            .arg(rom("mipsel", "fib")),
        b"",
    );
    assert_eq!(bad.status, 125);
    let text = String::from_utf8(bad.stderr).expect("text");
    assert!(text.contains("is no range of addresses"), "{text}");
}

/// A shell that forks, and whose children execute programs.
#[test]
fn forked_processes_are_followed_on_request() {
    let Some(shell) = support::oracle_file("riscv64/bin/busybox") else {
        return;
    };
    let script = format!(
        "(exit 3); echo $?; {}; echo done; exit 5",
        rom("riscv64", "hello").display()
    );
    let scratch = support::TempDir::new();
    let trace = |flags: &[&str]| {
        let file = scratch.path().join("trace");
        let mut command = portolan("trace");
        command.args(flags).arg("-o").arg(&file).arg(&shell);
        let end = run(command.args(["sh", "-c", &script]), b"");
        assert_eq!(end.status, 5);
        assert!(end.text().starts_with("3\n"), "{}", end.text());
        std::fs::read_to_string(&file).expect("a trace")
    };
    let number = |line: &str| -> Option<u32> {
        let (number, _) = line.strip_prefix("[pid ")?.split_once(']')?;
        number.parse().ok()
    };
    let own = trace(&[]);
    assert!(own.lines().all(|line| number(line).is_none()));
    let all = trace(&["-f"]);
    let mut numbers: Vec<u32> = all.lines().filter_map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 3, "the shell, and two children: {numbers:?}");
    // The other program is traced from its start, in a process with a number.
    let is_start = |line: &&str| line.contains(": _start ") && line.contains("0x11");
    let start = all.lines().find(is_start).expect("the rom's start");
    assert!(number(start).is_some(), "{start}");
    assert!(!own.lines().any(|line| is_start(&line)));
    // Lines of several processes are never mixed.
    assert!(
        all.lines()
            .all(|line| number(line).is_some() && !line[1..].contains("[pid "))
    );
}
