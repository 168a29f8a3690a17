//! Several threads under real gdb: all stop when one does.

use crate::real::{assert_said, interrupt, line_of};
use crate::support::guests::Guest;
use crate::waiting::Compiled;

for_guests! {
    riscv64 x86_64:
    a_breakpoint_in_any_thread_stops_all
    every_thread_that_comes_is_reported
    a_watchpoint_stops_all_in_any_thread
    one_thread_steps_while_the_others_stand
    a_crash_is_told_of_its_thread
    an_interrupt_stops_all_and_detaching_frees_all
    any_thread_may_end_the_process_and_the_first_may_leave
}

fn compiled(guest: &Guest) -> Option<Compiled> {
    Compiled::of(guest, "threads", true)
}

fn line(text: &str) -> String {
    line_of("threads.c", text)
}

fn a_breakpoint_in_any_thread_stops_all(guest: &Guest) {
    let Some(compiled) = compiled(guest) else {
        return;
    };
    let (said, end) = compiled.debug(
        "",
        &[
            "break add if number == 2",
            "continue",
            "info threads",
            // The others would come to the breakpoint, too, while this one steps.
            "set scheduler-locking step",
            "next",
            "set scheduler-locking off",
            "p twice",
            "p number",
            "thread apply all bt",
            "thread 1",
            "p $pc",
            "bt",
            "delete",
            "continue",
        ],
    );
    assert_said(
        &said,
        &[
            "hit Breakpoint 1, add (number=2)",
            &line("the addition"),
            "  1  ",
            "Thread ",
            "(worker-2) add (number=2)",
            "= 4",
            "= 2",
            "work (argument=",
            "(Thread ",
            "main (argc=",
            "[Switching to thread 1",
            "main (argc=",
            "exited with code 014]",
        ],
    );
    assert_eq!(
        (end.status, end.text().as_str()),
        (12, "started\nsum 12\n"),
        "{said}"
    );
}

fn every_thread_that_comes_is_reported(guest: &Guest) {
    let Some(compiled) = compiled(guest) else {
        return;
    };
    let commands = [
        "break add",
        "continue",
        "p number",
        "continue",
        "p number",
        "continue",
        "p number",
        "continue",
    ];
    let (said, end) = compiled.debug("", &commands);
    let hits = said.matches("hit Breakpoint 1, add").count();
    assert_eq!((hits, end.status), (3, 12), "{said}");
    for number in 1..=3 {
        assert!(said.contains(&format!(" = {number}\n")), "{said}");
    }
}

fn a_watchpoint_stops_all_in_any_thread(guest: &Guest) {
    let Some(compiled) = compiled(guest) else {
        return;
    };
    let commands = [
        "break main",
        "continue",
        "watch sum",
        "continue",
        "bt",
        "continue",
        "continue",
        "delete",
        "continue",
    ];
    let (said, end) = compiled.debug("", &commands);
    let hits = said.matches("hit Hardware watchpoint 2: sum").count();
    assert_eq!((hits, end.status), (3, 12), "{said}");
    assert_said(
        &said,
        &[
            "Old value = 0",
            "#0  ",
            "add (number=",
            "in work (",
            "New value = 12",
        ],
    );
}

fn one_thread_steps_while_the_others_stand(guest: &Guest) {
    let Some(compiled) = compiled(guest) else {
        return;
    };
    let (said, end) = compiled.debug(
        "spin",
        &[
            "break spin",
            "continue",
            "delete",
            "set scheduler-locking on",
            "stepi",
            "stepi",
            "set var spinning = 1000000000",
            "thread apply all -q p spinning",
            "kill",
        ],
    );
    assert_said(&said, &["hit Breakpoint 1, spin", "= 1000000000"]);
    assert_eq!(said.matches(" = 1000000000\n").count(), 4, "{said}");
    assert_eq!(end.status, 128 + 9);
}

fn a_crash_is_told_of_its_thread(guest: &Guest) {
    let Some(compiled) = compiled(guest) else {
        return;
    };
    let (said, end) = compiled.debug(
        "crash",
        &["continue", "bt", "p number", "info threads", "continue"],
    );
    assert_said(
        &said,
        &[
            "received signal SIGSEGV",
            &line("the crash"),
            "work (argument=",
            "= 2",
            "(worker-2) 0x",
            "terminated with signal SIGSEGV",
        ],
    );
    for name in ["(threads)", "(worker-1)", "(worker-3)"] {
        assert!(said.contains(name), "{said}");
    }
    assert_eq!(end.status, 128 + 11);
}

fn an_interrupt_stops_all_and_detaching_frees_all(guest: &Guest) {
    let Some(compiled) = compiled(guest) else {
        return;
    };
    let wish = ["continue", "info threads", "thread apply all bt", "detach"];
    for (argument, place) in [("spin", "spin ()"), ("sleep", "pause")] {
        let mut waiting = compiled.wait(argument);
        let said = interrupt(&waiting, &compiled, &wish);
        assert_said(&said, &["received signal SIGINT", "detached]"]);
        assert!(said.matches(place).count() >= 3, "{said}");
        assert!(waiting.child.try_wait().expect("our own child").is_none());
        waiting.child.kill().expect("our own child");
        assert_eq!(waiting.end().status, 128 + 9);
    }
}

fn any_thread_may_end_the_process_and_the_first_may_leave(guest: &Guest) {
    let Some(compiled) = compiled(guest) else {
        return;
    };
    let (said, end) = compiled.debug("exit", &["continue"]);
    assert_said(&said, &["exited with code 07]"]);
    assert_eq!(end.status, 7);

    let commands = ["break add", "continue", "bt", "delete", "continue"];
    let (said, end) = compiled.debug("leave", &commands);
    assert_said(
        &said,
        &[
            "hit Breakpoint 1, add",
            "work (argument=",
            "exited normally]",
        ],
    );
    assert_eq!(end.status, 0);
}
