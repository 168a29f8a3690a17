//! The commands of the prompt, as gdb's users type them.

use super::{rom_of, run};

/// What a session says, of these lines.
fn transcript(isa: &str, rom: &str, lines: &[&str]) -> String {
    let mut portolan = std::process::Command::new(env!("CARGO_BIN_EXE_portolan"));
    let input = lines.join("\n") + "\n";
    let end = run(portolan.arg("step").arg(rom_of(isa, rom)), input.as_bytes());
    assert_eq!(end.status, 0);
    end.text()
}

/// These words are there, one after the other.
fn in_order(said: &str, words: &[&str]) {
    let mut rest = said;
    for word in words {
        let at = rest.find(word);
        let at = at.unwrap_or_else(|| panic!("{word:?} is not in its place: {said}"));
        rest = &rest[at + word.len()..];
    }
}

#[test]
fn conditions_counts_and_temporary_breakpoints() {
    // The first argument's register.
    for (isa, a0) in [("riscv64", "a0"), ("mipsel", "a0"), ("x86_64", "rdi")] {
        let condition = format!("b fib if ${a0} == 3");
        let show = format!("p/d ${a0}");
        let said = transcript(
            isa,
            "fib",
            &[
                &condition,
                "c",
                &show,
                "info b",
                "d 1",
                "tb fib",
                "info b",
                "c",
                &show,
                "info b",
                "b fib",
                "ignore 3 2",
                "c",
                "info breakpoints",
                "disable 3",
                "c",
                "q",
            ],
        );
        in_order(
            &said,
            &[
                "breakpoint 1 at 0x",
                "breakpoint 1\n",
                "$1 = 3\n",
                "  if $",
                " == 3  hit 1 times\n",
                "temporary breakpoint 2 at",
                "  once\n",
                "breakpoint 2\n",
                "$2 = ",
                "no breakpoints\n",
                "breakpoint 3 at",
                "stop 3 is passed 2 times",
                "breakpoint 3\n",
                "  hit 3 times\n",
                "the program exited with 0",
            ],
        );
    }
}

#[test]
fn a_watchpoint_tells_old_and_new_values_forward_and_back() {
    for (isa, sp) in [("riscv64", "sp"), ("mipsel", "sp"), ("x86_64", "rsp")] {
        // Some word of the frames that main's functions have.
        let watch = format!("watch *(int *)(${sp} - 80)");
        let said = transcript(
            isa,
            "sort",
            &["b main", "c", "d", &watch, "c", "rc", "c", "rc", "q"],
        );
        let values = |which: &str| {
            let lines = said
                .lines()
                .filter_map(|line| line.trim().strip_prefix(which));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let (old, new) = (values("old value = "), values("new value = "));
        assert_eq!(old.len(), 4, "{isa}: {said}");
        assert!(old[0] != new[0], "{said}");
        assert_eq!((&old[0], &new[0]), (&new[1], &old[1]), "{said}");
        assert_eq!((&old[0], &new[0]), (&old[2], &new[2]), "{said}");
    }
}

#[test]
fn values_are_printed_examined_and_set() {
    let said = transcript(
        "riscv64",
        "fib",
        &[
            "b fib",
            "c",
            "p $a0",
            "p/x $1 + 0xf0",
            "p (char)0x1ff",
            "p $pc",
            "p &main - main",
            "p *(int *)0",
            "set $a1 = 7 * 6",
            "p $a1",
            "set {int}$sp = 0x41424344",
            "x/s $sp",
            "x/4xb $sp",
            "x/2c $sp",
            "",
            "x/2i $pc",
            "p/t 10",
            "p/c 65",
            "output 3",
            "info symbol main+2",
            "info line fib",
            "list",
            "display/x $a1",
            "si",
            "undisplay 1",
            "expl",
            "disas",
            "q",
        ],
    );
    in_order(
        &said,
        &[
            "$1 = 20\n",
            "$2 = 0x104\n",
            "$3 = -1\n",
            "$4 = 0x",
            "<fib>\n",
            "$5 = 0x0\n",
            "the memory at 0x0 cannot be read",
            "$6 = 42\n",
            ": \"DCBA",
            ": 0x44 0x43 0x42 0x41\n",
            ": 'D' 'C'\n",
            ": 'B' 'A'\n",
            "=> 0x",
            "$7 = 1010\n",
            "$8 = 65 'A'\n",
            "no command is called \"output\"",
            "main + 0x2 is at 0x",
            "fib.c:",
            "1: $a1 = 0x2a\n",
            "now\n",
            "fib:\n",
            "=> 0x",
        ],
    );
}

#[test]
fn calls_are_known_from_the_history() {
    for isa in ["riscv64", "mipsel", "x86_64"] {
        let said = transcript(
            isa,
            "fib",
            &[
                "b fib", "c", "c", "c", "bt", "up", "down", "frame 3", "frame 9", "fin", "bt 1",
                "rf", "q",
            ],
        );
        in_order(
            &said,
            &[
                "*#0   0x", " fib", " #1   0x", " fib+", " #2   0x", " fib+", " #3   0x", " main+",
                " #4   0x", "_start",
            ],
        );
        assert!(
            said.contains("there is no frame 9") && said.contains("*#3   0x"),
            "{said}"
        );
    }
}

#[test]
fn lines_are_stepped_through() {
    for isa in ["riscv64", "mipsel", "x86_64"] {
        let said = transcript(
            isa,
            "fib",
            &[
                "b main",
                "c",
                "n",
                "n",
                "info source",
                "rn",
                "until",
                "advance fib",
                "s",
                "q",
            ],
        );
        in_order(
            &said,
            &[
                "main (roms/src/fib.c:9)",
                "(roms/src/fib.c:10)",
                "(roms/src/fib.c:",
                "roms/src/fib.c, line ",
                "(roms/src/fib.c:10)",
                // Its first instruction is of the line after in the one for x86-64.
                "fib (roms/src/fib.c:",
                "fib+",
            ],
        );
    }
}

#[test]
fn the_delay_slot_names_its_branch() {
    let said = transcript(
        "mipsel",
        "fib",
        &["b main", "c", "si 5", "p $pc", "si", "q"],
    );
    in_order(&said, &["in the delay slot of `jal scale` at 0x", "scale"]);
}

#[test]
fn commands_are_abbreviated_and_mistyped() {
    let said = transcript(
        "riscv64",
        "hello",
        &[
            "help",
            "help rsi",
            "brek main",
            "re",
            "i r a0",
            "info nothing",
            "frobnicate",
            "record stop",
            "c",
            "rsi",
            "q",
        ],
    );
    in_order(
        &said,
        &[
            "Going back\n",
            "reverse-stepi [N]",
            "did you mean break?",
            "may be ",
            "a0 = 0x0 = 0\n",
            "info wants one of",
            "no command is called \"frobnicate\"; `help`",
            "nothing is recorded",
            "the program exited with 0",
            "no history is kept",
        ],
    );
}

#[test]
fn programs_are_started_and_registers_named_as_in_gdb() {
    let lines = [
        "start",
        "p $rip == $pc && $pc == main",
        "i r rip",
        "si 2",
        "p/x $eflags & ~0x8d5",
        "set $eflags = 0",
        "run",
        "start",
        "info breakpoints",
        "q",
    ];
    let said = transcript("x86_64", "fib", &lines);
    in_order(
        &said,
        &[
            "breakpoint 1 at 0x",
            "main",
            "$1 = 1\n",
            "rip = 0x",
            "$2 = 0x202\n",
            "made of others",
            "runs already",
            "runs already",
            "no ",
        ],
    );
    let said = transcript("mipsel", "hello", &["run", "q"]);
    in_order(&said, &["the program exited with 0"]);
}

/// How far the line of output is filled, and what is in it.
#[test]
fn data_is_known_by_its_name() {
    for isa in ["riscv64", "mips", "x86_64"] {
        let said = transcript(
            isa,
            "hello",
            &[
                "tb main",
                "c",
                "p used",
                "p &used == used",
                "watch used",
                "display used",
                "c",
                "p used",
                "x/s &line",
                "d",
                "watch line",
                "info b",
                "set var used = 1",
                "p used + 1",
                "q",
            ],
        );
        in_order(
            &said,
            &[
                "$1 = 0\n",
                "$2 = 0\n",
                "watchpoint 2 at 0x",
                "old value = 0x0\n",
                "new value = 0x",
                "1: used = ",
                "$3 = ",
                "\"",
                "watchpoint 3 at 0x",
                "watch 0x",
                " 128\n",
                "$4 = 2\n",
            ],
        );
        assert!(!said.contains("$3 = 0"), "{isa}: {said}");
    }
}
