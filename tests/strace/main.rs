//! `--strace` beside Debian's strace: the same program, compiled for this machine and for the guest, is traced by each.
#![cfg(feature = "host")]

#[path = "../support/mod.rs"]
mod support;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{End, TempDir, oracle, portolan, run, workspace};

fn compile(compiler: &Path, source: &str, into: &Path) -> PathBuf {
    let program = into.join(format!(
        "{source}-{}",
        compiler.file_name().unwrap().display()
    ));
    let mut compile = Command::new(compiler);
    compile
        .args(["-static", "-O1", "-w", "-pthread", "-o"])
        .arg(&program);
    compile.arg(
        workspace()
            .join("tests/strace")
            .join(source)
            .with_extension("c"),
    );
    let end = run(&mut compile, b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    program
}

/// The lines of a trace after the program's first, of the first process: numbers of processes and addresses made
/// equal, halves put together.
fn normal(trace: &str, pids: &HashSet<String>) -> Vec<String> {
    let mut halves: HashMap<&str, String> = HashMap::new();
    let mut out = Vec::new();
    let first = trace.split(' ').next().unwrap();
    for line in trace.lines() {
        let (pid, line) = line.split_once(' ').expect("a number");
        let line = line.trim_start();
        let line = if let Some(half) = line.strip_suffix(" <unfinished ...>") {
            halves.insert(pid, half.to_owned());
            continue;
        } else if line.starts_with("<... ") {
            let (_, rest) = line.split_once(" resumed>").expect("the rest");
            halves.remove(pid).expect("the first half") + rest
        } else {
            line.to_owned()
        };
        // Only strace sees signals that nobody waits for.
        if pid == first && !line.starts_with("--- SIGCHLD") {
            out.push(neutral(&line, pids));
        }
    }
    let begin = out
        .iter()
        .position(|line| line.contains("begin"))
        .expect("the first line");
    out.split_off(begin)
}

/// A line without what differs from run to run and between instruction sets.
fn neutral(line: &str, pids: &HashSet<String>) -> String {
    let line = line.replace("SA_RESTORER|", "").replace("SA_RESTORER", "0");
    let mut line = match (line.find(", sa_restorer="), line.find("}, NULL, 8)")) {
        (Some(from), Some(to)) => line[..from].to_owned() + &line[to..],
        _ => line,
    };
    if let Some((call, result)) = line.clone().rsplit_once(" = ") {
        line = format!("{} = {result}", call.trim_end());
    }
    let mut out = String::new();
    let mut rest = line.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let digits = |text: &str, digit: fn(&char) -> bool| text.chars().take_while(digit).count();
        let hexadecimal = rest
            .strip_prefix("0x")
            .map(|rest| 2 + digits(rest, char::is_ascii_hexdigit));
        let length = hexadecimal.unwrap_or_else(|| digits(rest, char::is_ascii_digit));
        let number = &rest[..length];
        out.push_str(match (hexadecimal, length) {
            (Some(7..), _) => "ADDRESS",
            (None, _) if pids.contains(number) => "PROCESS",
            _ => number,
        });
        rest = &rest[length..];
    }
    out + rest
}

#[test]
fn calls_are_written_as_strace_writes_them() {
    let (Some(strace), Some(native)) = (oracle("strace"), oracle("gcc")) else {
        return;
    };
    let Some(cross) = oracle("riscv64-linux-gnu-gcc") else {
        return;
    };
    let scratch = TempDir::new();
    let at = scratch.path();
    let [here, guest] = ["local", "guest"].map(|name| at.join(name));
    fs::create_dir(&here).unwrap();
    fs::create_dir(&guest).unwrap();
    let (theirs, ours) = (at.join("theirs"), at.join("ours"));
    let mut real = Command::new(strace);
    real.args(["-f", "-o"])
        .arg(&theirs)
        .arg(compile(&native, "calls", at))
        .current_dir(&here);
    assert_eq!(run(&mut real, b"").status, 7);
    let mut own = portolan();
    own.arg("-o")
        .arg(&ours)
        .arg(compile(&cross, "calls", at))
        .current_dir(&guest);
    assert_eq!(run(&mut own, b"").status, 7);
    let read = |path: &Path, directory: &Path| {
        let trace = fs::read_to_string(path).unwrap();
        trace.replace(directory.to_str().unwrap(), "DIRECTORY")
    };
    let (theirs, ours) = (read(&theirs, &here), read(&ours, &guest));
    // Of both: so that a number that happens to be a process' is one on both sides.
    let pid = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let pids = theirs.lines().chain(ours.lines()).map(pid).collect();
    let (theirs, ours) = (normal(&theirs, &pids), normal(&ours, &pids));
    let differ: Vec<_> = theirs
        .iter()
        .zip(&ours)
        .filter(|(theirs, ours)| theirs != ours)
        .collect();
    let listed: String = differ
        .iter()
        .map(|(theirs, ours)| format!("strace   {theirs}\nportolan {ours}\n"))
        .collect();
    assert!(
        differ.is_empty(),
        "{} lines differ:\n{listed}",
        differ.len()
    );
    assert_eq!(theirs.len(), ours.len());
    assert!(theirs.len() > 180);
}

/// A program of the guest's, traced with these flags.
fn traced(source: &str, flags: &[&str], words: &[&str]) -> Option<End> {
    let cross = oracle("riscv64-linux-gnu-gcc")?;
    let scratch = TempDir::new();
    let program = compile(&cross, source, scratch.path());
    Some(run(
        portolan()
            .args(flags)
            .arg(program)
            .args(words)
            .current_dir(scratch.path()),
        b"",
    ))
}

fn said(end: &End) -> String {
    String::from_utf8_lossy(&end.stderr).into_owned()
}

fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("{part:?} is missing, or not in its place:\n{text}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn threads_and_children_are_told_apart() {
    let Some(end) = traced("threads", &["--strace"], &[]) else {
        return;
    };
    assert_eq!((end.status, end.text().as_str()), (3, "child"));
    let text = said(&end);
    assert_in_order(
        &text,
        &[
            "pipe2([3, 4], 0)                        = 0\n",
            "[pid ",
            "read(3,  <unfinished ...>\n",
            "<... read resumed>\"abc\", 4)",
            "+++ exited with 0 +++\n",
            "wait4(-1, NULL, 0, NULL)",
            "\nexit_group(3)                           = ?\n+++ exited with 3 +++\n",
        ],
    );
    // Parent and child write when they come to it.
    let forks = "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x";
    assert!(text.contains(forks), "{text}");
    assert_in_order(
        &text,
        &[
            "[pid ",
            "execve(\"",
            "\"-\", \"child\"], 0x",
            "[pid ",
            "write(1, \"child\", 5)",
            "+++ exited with 4 +++\n",
        ],
    );
}

#[test]
fn a_crash_is_told_with_its_address() {
    let Some(end) = traced("calls", &["--strace"], &["crash"]) else {
        return;
    };
    assert_eq!(end.status, 128 + 11);
    assert_in_order(
        &said(&end),
        &[
            "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---\n+++ killed by SIGSEGV",
        ],
    );
}

#[test]
fn the_table_counts_threads_and_children() {
    let Some(end) = traced("threads", &["-c"], &[]) else {
        return;
    };
    let text = said(&end);
    assert!(
        text.starts_with("% time     seconds  usecs/call     calls    errors syscall\n------ "),
        "{text}"
    );
    let calls = |name: &str| -> u32 {
        let line = text
            .lines()
            .find(|line| line.split_whitespace().last() == Some(name));
        let line = line.unwrap_or_else(|| panic!("{name} is missing:\n{text}"));
        line.split_whitespace().nth(3).unwrap().parse().unwrap()
    };
    assert_eq!(
        calls("write"),
        2,
        "one in the program that the child executed:\n{text}"
    );
    assert_eq!(
        (
            calls("read"),
            calls("wait4"),
            calls("exit_group"),
            calls("exit")
        ),
        (2, 1, 2, 1)
    );
    let sum: u32 = text
        .lines()
        .skip(2)
        .filter_map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            (!words.contains(&"total")).then(|| words.get(3)?.parse::<u32>().ok())?
        })
        .sum();
    assert_eq!(sum, calls("total"), "{text}");
    assert!(!text.contains("pipe2("));
    let both = said(&traced("threads", &["-C"], &[]).unwrap());
    assert_in_order(
        &both,
        &["pipe2([3, 4], 0)", "+++ exited with 3 +++\n% time "],
    );
}

#[test]
fn a_filter_chooses_calls() {
    let only = |filter: &str| traced("threads", &["-e", filter], &[]).map(|end| said(&end));
    let Some(text) = only("trace=read,write") else {
        return;
    };
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.contains('(') && !line.contains("unfinished"))
        .collect();
    assert!(
        lines
            .iter()
            .all(|line| line.contains("read(") || line.contains("write(")),
        "{text}"
    );
    assert!(text.contains("+++ exited with 3 +++"));
    let others = only("!%file,%memory,%process").unwrap();
    assert!(!others.contains("execve(") && !others.contains("brk(") && others.contains("pipe2("));
    let wrong = traced("threads", &["-e", "trace=raed"], &[]).unwrap();
    assert_eq!(wrong.status, 125);
    assert!(
        said(&wrong).contains("no system call is called \"raed\"; classes are: %file"),
        "{wrong:?}"
    );
    assert_eq!(
        traced("threads", &["-e", "signal=none"], &[])
            .unwrap()
            .status,
        125
    );
}

#[test]
fn a_file_has_the_number_of_each_line() {
    let Some(cross) = oracle("riscv64-linux-gnu-gcc") else {
        return;
    };
    let scratch = TempDir::new();
    let program = compile(&cross, "threads", scratch.path());
    let file = scratch.path().join("trace");
    let end = run(
        portolan()
            .arg(format!("--strace={}", file.display()))
            .arg(program),
        b"",
    );
    assert_eq!((end.status, said(&end).as_str()), (3, ""));
    let trace = fs::read_to_string(&file).unwrap();
    let numbered = |line: &str| {
        line.split_once(' ')
            .is_some_and(|(pid, _)| pid.parse::<u32>().is_ok())
    };
    assert!(trace.lines().all(numbered), "{trace}");
    assert!(
        trace.contains("write(1, \"child\", 5)"),
        "what execve started is there too:\n{trace}"
    );
    let end = run(portolan().args(["-o", "/nonexistent/file", "x"]), b"");
    assert_eq!(end.status, 125);
}
