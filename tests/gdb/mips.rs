//! Real gdb on programs of MIPS: big-endian with 32 bits, little-endian with 64. What is the same for
//! other guests is in `real.rs` and `threads.rs`.

use crate::real::{assert_said, line_of};
use crate::support::guests::Guest;
use crate::waiting::Compiled;

for_guests! {
    mips mips64el:
    breaks_looks_and_changes
    steps_over_delay_slots
    catches_a_crash_and_decides_about_signals
    stops_all_threads_of_a_dynamic_program
}

fn breaks_looks_and_changes(guest: &Guest) {
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
            "next",
            "next",
            "next",
            "p sum",
            "p p",
            "p total",
            "tbreak add",
            "p add(&p, 1)",
            "bt",
            "finish",
            "p $fcsr = 3",
            "p $fcsr",
            "p $f2 = 2.5",
            "p $f2",
            "p $lo = 77",
            "p $lo",
            "set var total = 99",
            "p total",
            "info threads",
            "info auxv",
            "continue",
        ],
    );
    assert_said(
        &said,
        &[
            "Breakpoint 1, main (argc=2",
            "#0  main (argc=2",
            "zero",
            "status",
            "pc",
            "fcsr",
            "fir",
            "restart",
            "= 12",
            "= {x = 3, y = 4}",
            "= 19",
            "Temporary breakpoint 2, add (p=0x",
            "n=1)",
            "#1  <function called from gdb>",
            "Value returned is",
            "= 8",
            "= 3",
            "= 3",
            "= 2.5",
            "= 2.5",
            "= 77",
            "= 77",
            "= 99",
            "* 1    Thread ",
            "AT_PHDR",
            "AT_RANDOM",
            "exited with code 052]",
        ],
    );
    assert_eq!((end.status, end.text().as_str()), (42, "sum 12\n"));
}

/// gdb takes a branch and what is in its delay slot for one step.
fn steps_over_delay_slots(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let mut commands = vec!["break main", "continue", "display/i $pc"];
    commands.extend(["stepi"; 24]);
    commands.extend(["bt", "up", "finish", "delete", "continue"]);
    let (said, end) = compiled.debug("", &commands);
    // The call, and right after it the first instruction of the function.
    let shown: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("=> "))
        .collect();
    let call = shown.iter().position(|line| {
        line.contains("<main") && line.contains("jal") || line.contains("\tbal\t")
    });
    let call = call.unwrap_or_else(|| panic!("no call:\n{said}"));
    assert!(shown[call + 1].contains("<add>:"), "{said}");
    assert_said(
        &said,
        &[
            "#0  ",
            "add (p=0x",
            "#1  ",
            " in main (argc=2",
            "exited with code 052]",
        ],
    );
    assert_eq!((end.status, end.text().as_str()), (42, "sum 12\n"));
}

fn catches_a_crash_and_decides_about_signals(guest: &Guest) {
    let Some(compiled) = Compiled::new(guest) else {
        return;
    };
    let (said, end) = compiled.debug("crash", &["continue", "bt", "p nowhere", "continue"]);
    assert_said(
        &said,
        &[
            "Program received signal SIGSEGV",
            &line_of("debugged.c", "the crash"),
            "#0 ",
            "(int *) 0x0",
            "Program terminated with signal SIGSEGV",
        ],
    );
    assert_eq!(end.status, 128 + 11);

    let (said, end) = compiled.debug(
        "raise",
        &["break on_signal", "continue", "continue", "bt", "continue"],
    );
    // MIPS has other numbers for signals.
    assert_said(
        &said,
        &[
            "received signal SIGUSR1",
            "Breakpoint 1, on_signal (number=16)",
            "<signal handler called>",
            "main (argc=2",
            "exited with code 052]",
        ],
    );
    assert_eq!(
        (end.status, end.text().as_str()),
        (42, "sum 12\ntotal 16\n")
    );
}

fn stops_all_threads_of_a_dynamic_program(guest: &Guest) {
    let Some(compiled) = Compiled::of(guest, "threads", true) else {
        return;
    };
    let (said, end) = compiled.debug(
        "",
        &[
            "break add if number == 2",
            "continue",
            "info threads",
            "next",
            "p twice",
            "thread apply all bt",
            "info sharedlibrary",
            "delete",
            "continue",
        ],
    );
    assert_said(
        &said,
        &[
            "hit Breakpoint 1, add (number=2)",
            "Thread ",
            "= 4",
            // Beyond that gdb has no map of the C library.
            "in work (",
            "libc.so.6",
            "exited with code 014]",
        ],
    );
    assert_eq!(
        (end.status, end.text().as_str()),
        (12, "started\nsum 12\n"),
        "{said}"
    );
}
