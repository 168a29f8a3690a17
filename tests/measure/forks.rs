//! What reports say of the processes that a program forks.

use super::{portolan, rom};
use crate::support;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use support::{TempDir, run};

/// What a command writes with these flags when it runs a program, and where `compare` takes its place, what that prints.
fn report(command: &str, flags: &[&str], program: &Path, words: &[&str]) -> String {
    let scratch = TempDir::new();
    let file = scratch.path().join("report");
    let mut portolan = portolan(command);
    portolan.args(flags);
    if command == "compare" {
        portolan.arg(program).arg("--").args(words);
        return run(&mut portolan, b"").text();
    }
    portolan.arg("-o").arg(&file).arg(program).args(words);
    run(&mut portolan, b"");
    fs::read_to_string(&file).expect("a report")
}

const COMMANDS: [&str; 4] = ["mix", "profile", "coverage", "compare"];

fn forked(command: &str, json: &Value) -> Value {
    let told = match command {
        "compare" => &json["programs"][0]["forked"],
        _ => &json["forked"],
    };
    told.clone()
}

fn check(program: &Path, words: &[&str], count: u64, sentence: Option<&str>) {
    for command in COMMANDS {
        let text = report(command, &[], program, words);
        match sentence {
            Some(sentence) => assert!(text.contains(sentence), "{command}: {text}"),
            None => assert!(!text.contains("not counted"), "{command}: {text}"),
        }
        if command != "coverage" {
            let text = report(command, &["--json"], program, words);
            let json: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(forked(command, &json), count, "{command}");
        }
    }
}

fn shell() -> Option<PathBuf> {
    support::oracle_file("riscv64/bin/busybox")
}

#[test]
fn reports_say_how_many_processes_are_left_out() {
    let Some(shell) = shell() else {
        return;
    };
    let hello = rom("riscv64", "hello").display().to_string();
    let two = format!("(exit 3); {hello}; echo done; exit 0");
    let sentence = "2 processes that the program forked are not counted";
    check(&shell, &["sh", "-c", &two], 2, Some(sentence));
    // Where the parent waits in vfork, too, as for what xargs starts.
    let sentence = "1 process that the program forked is not counted";
    check(&shell, &["xargs", &hello], 1, Some(sentence));
}

#[test]
fn nothing_is_said_of_what_did_not_happen() {
    check(&rom("riscv64", "hello"), &[], 0, None);
}
