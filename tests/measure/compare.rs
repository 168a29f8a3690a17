//! `portolan compare`.

use super::{portolan, rom};
use crate::support;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use support::guests::Guest;
use support::{TempDir, run};

const ALL: [&str; 6] = ["riscv64", "mips", "mipsel", "mips64", "mips64el", "x86_64"];

fn roms(name: &str, isas: &[&str]) -> Vec<PathBuf> {
    isas.iter().map(|isa| rom(isa, name)).collect()
}

fn compare(flags: &[&str], programs: &[PathBuf]) -> support::End {
    run(portolan("compare").args(flags).args(programs), b"")
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn roms_do_the_same_on_all_instruction_sets() {
    let end = compare(&["--json"], &roms("sort", &ALL));
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let json: Value = serde_json::from_slice(&end.stdout).expect("JSON");
    assert_eq!(json["outputs"], Value::Null);
    assert_eq!(json["system_calls"], Value::Null);
    for (program, isa) in json["programs"]
        .as_array()
        .expect("programs")
        .iter()
        .zip(ALL)
    {
        assert_eq!(program["isa"], isa);
        assert_eq!(program["big_endian"], isa == "mips" || isa == "mips64");
        let pushes = program["convention"]["return_address"] == Value::Null;
        assert_eq!(pushes, isa == "x86_64");
        let aligned = if isa.ends_with("mips") || isa == "mipsel" {
            8
        } else {
            16
        };
        assert_eq!(number(&program["stack_alignment"]), aligned, "{isa}");
        // Instructions are as long as the manual says.
        let (bytes, all) = (
            number(&program["executed_bytes"]),
            number(&program["executed"]),
        );
        match isa {
            "riscv64" => assert!((2 * all..4 * all).contains(&bytes)),
            "x86_64" => assert!((2 * all..5 * all).contains(&bytes)),
            _ => assert_eq!(bytes, 4 * all),
        }
        assert!(number(&program["stack_bytes"]) > 200);
        let calls = program["system_calls"].as_array().expect("names");
        assert_eq!(calls.last().expect("one"), "exit_group");
        let registers = program["registers"].as_array().expect("registers");
        assert!(registers.len() > 8, "{registers:?}");
    }
    let functions = json["functions"].as_array().expect("functions");
    let ascending = functions.iter().find(|it| it["name"] == "ascending");
    let costs = ascending.expect("it is there")["costs"]
        .as_array()
        .expect("costs")
        .clone();
    // Whatever it compiles to, it is called as often.
    assert!(
        costs
            .iter()
            .all(|cost| cost["entered"] == costs[0]["entered"]),
        "{costs:?}"
    );
    assert_eq!(number(&costs[0]["entered"]), 11_274);
}

/// What ran is what QEMU counts too.
fn what_ran_is_what_qemu_counts(guest: &Guest) {
    let Some(mut qemu) = guest.qemu() else {
        return;
    };
    let scratch = TempDir::new();
    let log = scratch.path().join("log");
    qemu.args(["-singlestep", "-d", "exec,nochain", "-D"])
        .arg(&log);
    assert_eq!(run(qemu.arg(rom(guest.isa, "hello")), b"").status, 0);
    let log = fs::read_to_string(log).expect("QEMU's log");
    let lines = log.lines().filter(|line| line.starts_with("Trace "));
    let end = compare(&["--json"], &roms("hello", &[guest.isa]));
    let json: Value = serde_json::from_slice(&end.stdout).expect("JSON");
    assert_eq!(
        number(&json["programs"][0]["executed"]),
        lines.count() as u64
    );
}

each_guest! {
    what_ran_is_what_qemu_counts: super::what_ran_is_what_qemu_counts;
}

#[test]
fn tables_have_80_columns_for_two_programs_and_for_all() {
    for isas in [&["riscv64", "x86_64"][..], &ALL] {
        let end = compare(&[], &roms("fib", isas));
        let text = end.text();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert!(text.contains("The outputs are the same."), "{text}");
        assert!(isas.iter().all(|isa| text.contains(isa)), "{text}");
        assert!(text.contains("fib.c:6"), "{text}");
    }
}

/// Programs that do different things: where that begins is told, and the status says so.
#[test]
fn the_first_difference_is_told() {
    let programs = [rom("riscv64", "hello"), rom("mipsel", "fib")];
    let end = compare(&[], &programs);
    assert_eq!(end.status, 1);
    let text = end.text();
    assert!(
        text.contains("The outputs differ first in line 1:"),
        "{text}"
    );
    assert!(text.contains("\"fib(20) = 6765\""), "{text}");
    let end = compare(&["--json"], &[rom("riscv64", "fib"), rom("mipsel", "fib")]);
    assert_eq!(end.status, 0);
    let mut command = portolan("compare");
    command
        .args(roms("fib", &["riscv64", "mipsel"]))
        .args(["--", "9"]);
    assert_eq!(run(&mut command, b"").status, 0);
}

/// The page is whole, small, escaped, and wants nothing from elsewhere.
#[test]
fn the_page_stands_alone() {
    let scratch = TempDir::new();
    let file = scratch.path().join("page.html");
    let programs = roms("sha256", &ALL);
    let end = compare(&["--html", file.to_str().expect("text")], &programs);
    assert_eq!(end.status, 0);
    let page = fs::read_to_string(&file).expect("a page");
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    for outside in ["http:", "https:", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("<details"), "nothing to unfold");
    // The source has `<<`, and shifts have it in the listing.
    assert!(page.contains("&lt;&lt;"));
    let Some(chromium) = browser() else {
        return;
    };
    let mut command = Command::new(chromium);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    command.arg(format!(
        "--user-data-dir={}",
        scratch.path().join("profile").display()
    ));
    let end = run(command.arg(format!("file://{}", file.display())), b"");
    let dom = end.text();
    assert_eq!(
        dom.matches("<details").count(),
        page.matches("<details").count()
    );
    assert_eq!(dom.matches("<td").count(), page.matches("<td").count());
}

/// A browser, where there is one; no test needs it.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&path).map(|directory| directory.join("chromium"));
    files.find(|file| file.is_file())
}

#[test]
fn what_cannot_be_run_is_refused() {
    let end = compare(&[], &[rom("riscv64", "fib"), PathBuf::from("README.md")]);
    assert_eq!(end.status, 126);
    assert!(String::from_utf8_lossy(&end.stderr).contains("README.md"));
}
