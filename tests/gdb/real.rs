//! Real gdb, driven by its commands.

use crate::support::guests::{Guest, named};
use crate::support::{self, End, TempDir, oracle, workspace};
use crate::waiting::{Compiled, LIMIT, Waiting, Written, rom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

impl Compiled {
    /// Starts it with an argument, and lets gdb carry out commands on it.
    pub fn debug(&self, argument: &str, commands: &[&str]) -> (String, End) {
        let waiting = self.wait(argument);
        let said = gdb(&waiting, Some(&self.program()), commands);
        (said, waiting.end())
    }
}

/// A gdb that connects and carries out commands.
pub fn gdb_command(waiting: &Waiting, program: Option<&Path>, commands: &[&str]) -> Command {
    let mut gdb = Command::new("gdb-multiarch");
    gdb.args(["-nx", "-batch", "-ex", "set confirm off", "-ex"]);
    gdb.arg(format!("target remote {}", waiting.remote));
    gdb.args(commands.iter().flat_map(|command| ["-ex", command]));
    gdb.args(program);
    gdb
}

fn gdb(waiting: &Waiting, program: Option<&Path>, commands: &[&str]) -> String {
    let end = support::run(&mut gdb_command(waiting, program, commands), b"");
    format!("{}{}", end.text(), String::from_utf8_lossy(&end.stderr))
}

/// Checks that all of these were said, in this order.
pub fn assert_said(said: &str, words: &[&str]) {
    let mut rest = said;
    for word in words {
        let at = rest.find(word);
        let at = at.unwrap_or_else(|| panic!("{word:?} is missing, or not in its place:\n{said}"));
        rest = &rest[at + word.len()..];
    }
}

/// The line of a program that contains a text.
pub fn line_of(name: &str, text: &str) -> String {
    let source = std::fs::read_to_string(workspace().join("tests/gdb").join(name)).unwrap();
    let found = source.lines().position(|line| line.contains(text));
    format!("{name}:{}", found.expect("a line") + 1)
}

fn line(text: &str) -> String {
    line_of("debugged.c", text)
}

for_guests! {
    riscv64 x86_64:
    gdb_breaks_looks_and_steps
    gdb_finds_the_libraries_of_a_dynamic_program
    gdb_catches_a_crash_with_its_line
    gdb_decides_about_signals
    gdb_interrupts_what_runs_and_what_sleeps
    children_are_not_debugged_and_gdb_may_kill
}

fn gdb_breaks_looks_and_steps(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let (said, end) = compiled.debug(
        "",
        &[
            "break main",
            "continue",
            "bt",
            "info registers",
            "x/16xb $sp",
            "disassemble",
            "next",
            "next",
            "next",
            "p sum",
            "p p",
            "p total",
            "break on_signal",
            "tbreak add",
            "p add(&p, 1)",
            "bt",
            "finish",
            "set var total = 99",
            "p total",
            "stepi",
            "x/i $pc",
            "info threads",
            "info inferiors",
            "info auxv",
            "info proc mappings",
            "monitor help",
            "monitor maps",
            "continue",
        ],
    );
    assert_said(
        &said,
        &[
            "_start ()",
            "Breakpoint 1, main (argc=2",
            "#0  main (argc=2",
            "sp  ",
            "<main+",
            "0x",
            ":\t0x",
            "Dump of assembler code for function main",
            "=> 0x",
            "ret",
            "$1 = 12",
            "$2 = {x = 3, y = 4}",
            "$3 = 19",
            "Temporary breakpoint 3, add (p=0x",
            "n=1)",
            "#1  <function called from gdb>",
            "Value returned is",
            "= 8",
            "= 99",
            "=> 0x",
            "* 1    Thread ",
            "main (argc=2",
            "process ",
            "debugged",
            "AT_PHDR",
            "AT_RANDOM",
            "AT_EXECFN",
            "/debugged\"",
            "Start Addr",
            "r-xp",
            "/debugged",
            "[stack]",
            "exited with code 052]",
        ],
    );
    assert!(
        said.contains("monitor maps") && said.contains("[heap]\n"),
        "{said}"
    );
    assert_eq!((end.status, end.text().as_str()), (42, "sum 12\n"));
}

fn gdb_finds_the_libraries_of_a_dynamic_program(guest: &Guest) {
    let Some(compiled) = Compiled::of(guest, "debugged", true) else {
        return;
    };
    let commands = [
        "break main",
        "continue",
        "info sharedlibrary",
        "delete",
        "break write",
        "continue",
        "bt",
        "finish",
        "info proc",
        "delete",
        "continue",
    ];
    let linker = Path::new(guest.interpreter).file_name().unwrap();
    let linker = linker.to_str().unwrap();
    let found = [
        "Breakpoint 1, main (argc=2",
        linker,
        "libc.so.6",
        "Breakpoint 2, ",
        "write () from target:/",
        "libc.so.6",
        "main (argc=2",
        "cmdline = '",
        "exe = '",
        "/debugged'",
        "exited with code 052]",
    ];
    let (said, end) = compiled.debug("", &commands);
    assert_said(&said, &found);
    assert_eq!((end.status, end.text().as_str()), (42, "sum 12\n"));
    // Without a file of its own, gdb asks for the program, too.
    let waiting = compiled.wait("");
    let said = gdb(&waiting, None, &commands);
    assert_said(&said, &found);
    assert_eq!(waiting.end().status, 42);
}

fn gdb_catches_a_crash_with_its_line(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let (said, end) = compiled.debug("crash", &["continue", "bt", "p nowhere", "continue"]);
    assert_said(
        &said,
        &[
            "Program received signal SIGSEGV",
            &line("the crash"),
            "#0 ",
            &line("the crash"),
            "(int *) 0x0",
            "Program terminated with signal SIGSEGV",
        ],
    );
    assert_eq!(end.status, 128 + 11);

    // The cause mended, it goes on without the signal.
    // Where the compiler has what it stores to.
    let pointer = match guest.isa {
        "x86_64" => "p $rax = (long)&total",
        _ => "p $a5 = (long)&total",
    };
    let mend = ["continue", "set var nowhere = &total", pointer, "signal 0"];
    let (said, end) = compiled.debug("crash", &mend);
    assert_said(&said, &["SIGSEGV", "exited with code 052]"]);
    assert_eq!(end.status, 42);

    let (said, end) = compiled.debug("abort", &["continue", "bt", "continue"]);
    assert_said(
        &said,
        &[
            "received signal SIGABRT",
            "abort ()",
            "main (argc=2",
            "terminated with signal SIGABRT",
        ],
    );
    assert_eq!(end.status, 128 + 6);
}

fn gdb_decides_about_signals(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let (said, end) = compiled.debug(
        "raise",
        &[
            "break on_signal",
            "continue",
            "continue",
            "bt",
            "finish",
            "continue",
        ],
    );
    assert_said(
        &said,
        &[
            "received signal SIGUSR1",
            "Breakpoint 1, on_signal (number=10)",
            "<signal handler called>",
            "main (argc=2",
            "exited with code 052]",
        ],
    );
    assert_eq!(
        (end.status, end.text().as_str()),
        (42, "sum 12\ntotal 10\n")
    );

    let (said, end) = compiled.debug("raise", &["continue", "signal 0"]);
    assert_said(&said, &["received signal SIGUSR1", "exited with code 052]"]);
    assert_eq!(
        (end.status, end.text().as_str()),
        (42, "sum 12\ntotal 19\n")
    );
}

mod watching {
    for_guests! { riscv64 mips mips64el x86_64: watchpoints_stop_at_accesses }

    use super::watchpoints_stop_at_accesses;
}

/// What gdb says is the same although some processors stop before the access, and others after it.
fn watchpoints_stop_at_accesses(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let (said, end) = compiled.debug(
        "raise",
        &[
            "break main",
            "continue",
            "watch total",
            "rwatch p.y",
            "continue",
            "continue",
            "bt",
            "delete 3",
            "awatch total",
            "continue",
            "continue",
            "delete",
            "watch spinning",
            "continue",
        ],
    );
    let signal = match guest.isa.starts_with("mips") {
        true => "New value = 16",
        false => "New value = 10",
    };
    assert_said(
        &said,
        &[
            "Hardware watchpoint 2: total",
            "Hardware read watchpoint 3: p.y",
            "Hardware read watchpoint 3: p.y",
            "Value = 4",
            "add (",
            "Hardware watchpoint 2: total",
            "Old value = 7",
            "New value = 19",
            "#0  add (",
            "main (argc=2",
            "Hardware access (read/write) watchpoint 4: total",
            "received signal SIGUSR1",
            "Hardware watchpoint 2: total",
            "Hardware access (read/write) watchpoint 4: total",
            "Old value = 19",
            signal,
            "on_signal (",
            "Hardware watchpoint 5: spinning",
            "exited with code 052]",
        ],
    );
    assert_eq!(end.status, 42, "{said}");
}

/// Lets gdb carry out commands, the first of which runs the program until Ctrl-C.
pub fn interrupt(waiting: &Waiting, compiled: &Compiled, commands: &[&str]) -> String {
    let mut gdb = gdb_command(waiting, Some(&compiled.program()), commands)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("gdb");
    let output = Written::to(gdb.stdout.take().expect("piped"));
    let started = Instant::now();
    let in_time = || assert!(started.elapsed() < LIMIT, "gdb hangs");
    // It runs; soon it will be where it is to be interrupted.
    while waiting.stdout.so_far().is_empty() {
        in_time();
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(500));
    let mut interrupt = Command::new("kill");
    let status = interrupt.args(["-INT", &gdb.id().to_string()]).status();
    assert!(status.expect("kill").success());
    while gdb.try_wait().expect("our own child").is_none() {
        in_time();
        thread::sleep(Duration::from_millis(5));
    }
    String::from_utf8_lossy(&output.all()).into_owned()
}

fn gdb_interrupts_what_runs_and_what_sleeps(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let wish = ["continue", "bt", "detach"];
    for (argument, place) in [("spin", "main (argc=2"), ("sleep", "read ()")] {
        let mut waiting = compiled.wait(argument);
        let said = interrupt(&waiting, &compiled, &wish);
        assert_said(&said, &["received signal SIGINT", place, "detached]"]);
        // Set free, it goes on as if nothing had been.
        match argument {
            "spin" => {
                let ended = waiting.child.try_wait().expect("our own child");
                assert_eq!(ended, None, "{}", waiting.said());
                waiting.child.kill().expect("our own child");
                assert_eq!(waiting.end().status, 128 + 9);
            }
            _ => {
                drop(waiting.child.stdin.take());
                assert_eq!(waiting.end().status, 42);
            }
        }
    }
}

fn children_are_not_debugged_and_gdb_may_kill(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    // The breakpoint is hit in the parent only, and the child does not talk to gdb.
    let (said, end) = compiled.debug("fork", &["break add", "continue", "continue"]);
    assert_said(
        &said,
        &["Breakpoint 1, add", "n=5", "exited with code 052]"],
    );
    assert_eq!(
        (end.status, end.text().as_str()),
        (42, "sum 12\nchild 13\n")
    );

    let (_, end) = compiled.debug("", &["break main", "continue", "kill"]);
    assert_eq!((end.status, end.text().as_str()), (128 + 9, ""));
    let (_, end) = compiled.debug("", &["break main", "continue", "detach"]);
    assert_eq!((end.status, end.text().as_str()), (42, "sum 12\n"));
}

#[test]
fn gdb_sees_and_changes_the_registers_of_riscv64() {
    let Some(compiled) = Compiled::new(named("riscv64")) else {
        return;
    };
    let (said, end) = compiled.debug(
        "",
        &[
            "break main",
            "continue",
            "info registers",
            "p $fcsr = 0x61",
            "p $frm",
            "p $fa0.double = 2.5",
            "p $fa0.double",
            "continue",
        ],
    );
    assert_said(
        &said,
        &[
            "ra  ", "sp  ", "pc  ", "<main+", "= 97", "= 3", "= 2.5", "= 2.5", "052]",
        ],
    );
    assert_eq!(end.status, 42);
}

#[test]
fn a_socket_file_serves_as_well_as_a_port() {
    if oracle("gdb-multiarch").is_none() {
        return;
    }
    let directory = TempDir::new();
    let socket = directory.path().join("gdb");
    let program = rom("fib");
    let waiting = Waiting::start(socket.to_str().unwrap(), &[program.to_str().unwrap()]);
    assert_eq!(Path::new(&waiting.remote), socket);
    let said = gdb(
        &waiting,
        Some(&program),
        &["break fib", "continue", "delete", "continue"],
    );
    assert_said(&said, &["Breakpoint 1, ", "fib", "exited normally]"]);
    assert!(!socket.exists(), "it is used up");
    assert_eq!(waiting.end().status, 0);
}
