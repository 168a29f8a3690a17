//! The assembler of the simulators' dialect: programs as students write them, what is wrong with others, and every
//! instruction as the disassembler writes it.
#![cfg(feature = "host")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod instructions;

use portolan::assembler::{self, Assembled, Branches, SourceError};
use portolan::guests;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use support::{End, TempDir, oracle, run, workspace};

fn programs() -> PathBuf {
    workspace().join("tests/assembler/programs")
}

/// Runs a source with some input, in a directory of its own.
fn simulate(machine: &str, program: &str, input: &str) -> End {
    let scratch = TempDir::new();
    let mut portolan = support::portolan();
    portolan
        .args(["--machine", machine])
        .arg(programs().join(program));
    run(portolan.current_dir(scratch.path()), input.as_bytes())
}

fn prints(machine: &str, program: &str, input: &str, expected: &str, status: i32) {
    let end = simulate(machine, program, input);
    let errors = String::from_utf8_lossy(&end.stderr);
    assert_eq!(end.text(), expected, "{program}: {errors}");
    assert_eq!(end.status, status, "{program}: {errors}");
}

#[test]
fn loops_arrays_and_a_function() {
    let expected = "The Fibonacci numbers are:\n1 1 2 3 5 8 13 21 34 55 89 144 ";
    prints("spim", "fibonacci.mars.asm", "", expected, 0);
}

#[test]
fn strings_and_a_start_that_is_not_the_first_line() {
    let expected = "Enter a string: Reversed: dlrow olleh";
    prints("spim", "reverse.mars.asm", "hello world\n", expected, 3);
}

#[test]
fn sorting_and_pseudo_instructions_of_arithmetic() {
    let expected = "5 10 17 23 36 41 55 72 87 92 0x00007fff1-171200000010x80000000";
    prints("spim", "bubble.mars.asm", "", expected, 0);
    let end = simulate("spim", "bubble.mars.asm", "");
    let errors = String::from_utf8_lossy(&end.stderr);
    assert!(errors.contains("ran past its last instruction"), "{errors}");
}

#[test]
fn macros_of_an_included_file() {
    prints(
        "spim",
        "macros.mars.asm",
        "",
        "Sum of positives: 8\n-5 16\n",
        0,
    );
}

#[test]
fn floating_point_numbers() {
    let expected = "19.634954084936187\n-1500.0\n100.5\n1.5\n2";
    prints("spim", "floats.spim.s", "", expected, 0);
}

#[test]
fn files() {
    prints("spim", "files.mars.asm", "", "9The quick", 0);
}

#[test]
fn recursion_with_a_stack() {
    let expected = "A -> C\nA -> B\nC -> B\nA -> C\nB -> A\nB -> C\nA -> C\nmoves: 7";
    prints("rars", "hanoi.rars.s", "", expected, 0);
}

#[test]
fn what_rars_has() {
    prints("rars", "mixed.rars.asm", "", "-1 0 1 1234567 -1 1.125", 1);
}

#[test]
fn structs_macros_and_constants() {
    let end = simulate("spim", "structs.mars.asm", "");
    let expected = "Grace\t85\t-0.125\nKurt\t71\t8.5\nAda\t36\t9.75\n36 19 98 -1 2 24 ";
    let errors = String::from_utf8_lossy(&end.stderr);
    assert_eq!(end.text(), expected, "{errors}");
    assert!(
        errors.contains("structs.mars.asm:100: .ktext is left out"),
        "{errors}"
    );
}

#[test]
fn addresses_that_are_relative_to_instructions() {
    prints("rars", "relative.rars.s", "", "sum 90 3.25", 0);
}

/// What a source does that is assembled here, and by binutils.
fn both_ways(
    machine: &str,
    program: &str,
    tools: &str,
    flags: &[&str],
) -> Option<[(String, i32); 2]> {
    let assembler = oracle(&format!("{tools}-as"))?;
    let linker = oracle(&format!("{tools}-ld"))?;
    let scratch = TempDir::new();
    let (object, linked) = (scratch.path().join("object"), scratch.path().join("linked"));
    let mut assemble = Command::new(assembler);
    assemble.args(flags).arg("-o").arg(&object);
    let end = run(assemble.arg(programs().join(program)), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let mut link = Command::new(linker);
    link.args(["--no-relax", "-Tdata=0x10010000"]);
    link.args(["-e", "main", "-o"]);
    let end = run(link.arg(&linked).arg(&object), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let mut portolan = support::portolan();
    let theirs = run(portolan.args(["--machine", machine]).arg(&linked), b"");
    let ours = simulate(machine, program, "");
    let errors = String::from_utf8_lossy(&ours.stderr);
    assert_eq!(errors, "", "{program}");
    Some([ours, theirs].map(|end| (end.text(), end.status)))
}

#[test]
fn accesses_that_are_not_aligned_are_as_with_binutils() {
    let flags = ["-mips32r2", "-O0"];
    let both = both_ways("spim", "unaligned.mars.asm", "mipsel-linux-gnu", &flags);
    let Some([ours, theirs]) = both else { return };
    assert_eq!(ours, theirs);
    assert!(
        ours.0.starts_with("0xffff9382\n0x00009382\n0xf5449382\n"),
        "{}",
        ours.0
    );
}

#[test]
fn relative_addresses_are_as_with_binutils() {
    let flags = ["-march=rv64g", "-mno-relax"];
    let both = both_ways("rars", "relative.rars.s", "riscv64-linux-gnu", &flags);
    let Some([ours, theirs]) = both else { return };
    assert_eq!(ours, theirs);
}

/// A loop that counts in its delay slot: how often it is gone through tells where that is.
#[test]
fn branches_are_delayed_on_request() {
    let scratch = TempDir::new();
    let path = scratch.path().join("slots.asm");
    let text = "\
        .set noreorder
main:   li    $t0, 3
        li    $a0, 0
loop:   addiu $t0, $t0, -1
        bgtz  $t0, loop
        addiu $a0, $a0, 1
        .set reorder
        beqz  $zero, done
        addiu $a0, $a0, 100
done:   li    $v0, 1
        syscall
        li    $v0, 10
        syscall
";
    fs::write(&path, text).expect("a source");
    let ran = |flags: &[&str]| {
        let mut portolan = support::portolan();
        portolan.args(["--machine", "spim"]).args(flags);
        let end = run(portolan.arg(&path), b"");
        (
            end.text(),
            String::from_utf8_lossy(&end.stderr).into_owned(),
        )
    };
    let (printed, errors) = ran(&[]);
    assert_eq!(printed, "1", "{errors}");
    assert!(
        errors.contains("slots.asm:1: .set noreorder changes nothing"),
        "{errors}"
    );
    assert_eq!(
        ran(&["--delayed-branches"]),
        ("3".to_owned(), String::new())
    );
    // So it is from the beginning, too.
    fs::write(&path, text.replacen(".set noreorder", "", 1)).expect("a source");
    assert_eq!(
        ran(&["--delayed-branches"]),
        ("3".to_owned(), String::new())
    );
    assert_eq!(ran(&[]), ("1".to_owned(), String::new()));
}

#[test]
fn numbers_are_computed_as_gnu_does() {
    let text = "\
        .data
a:      .word 2 + 3 * 4, (2 + 3) * 4, 1 << 4 | 1, 7 % 4, -7 / 2, ~5 & 0xff, 6 ^ 3
        .word b - a, (b + 8) >> 16, 2 - -3
SIZE = 12
        .set HALF, SIZE / 2
b:      .byte HALF, SIZE -1, -1
        .text
main:   lui   $t0, (a + 4) >> 16
        li    $t1, SIZE*2
";
    let assembled = assemble("spim", text).unwrap_or_else(|error| panic!("{error}"));
    let data = |address: u64, length: usize| {
        let mut parts = assembled.data.iter();
        let found = parts.find(|(at, _)| *at == address);
        let mut bytes = found.expect("data").1.clone();
        bytes.resize(8, 0);
        i64::from_le_bytes(bytes.try_into().expect("eight")) << (64 - 8 * length)
            >> (64 - 8 * length)
    };
    let a = assembled.symbols["a"];
    let words: Vec<i64> = (0..10).map(|index| data(a + 4 * index, 4)).collect();
    assert_eq!(words, [14, 20, 17, 3, -3, 250, 5, 40, 0x1001, 5]);
    let b = assembled.symbols["b"];
    // `SIZE -1` is two numbers, as ever.
    let bytes: Vec<i64> = (0..4).map(|index| data(b + index, 1)).collect();
    assert_eq!(bytes, [6, 12, -1, -1]);
    let words: Vec<u32> = assembled
        .text
        .as_chunks()
        .0
        .iter()
        .map(|it| u32::from_le_bytes(*it))
        .collect();
    assert_eq!(words, [0x3c08_1001, 0x2409_0018]);
    assert!(errors("spim", ".data\n.word 1 / 0\n").contains("a divisor is zero"));
    let lone = "main: addi a0, a0, %pcrel_lo(main)\n";
    let error = errors("rars", lone);
    assert!(
        error.contains("main is not the label of an instruction with %pcrel_hi"),
        "{error}"
    );
}

/// Assembles a text for a simulator.
fn assemble(machine: &str, text: &str) -> Result<Assembled, SourceError> {
    let port = guests::of_simulator(machine).expect("it has a guest");
    let simulator = port.simulator.expect("it is a simulator's");
    let read = |name: &str| match name {
        "itself.asm" => Ok(".include \"itself.asm\"".to_owned()),
        _ => Err("no such file".to_owned()),
    };
    assembler::assemble(
        port,
        simulator,
        "test.asm",
        text,
        Branches::Immediate,
        &read,
    )
}

fn errors(machine: &str, text: &str) -> String {
    match assemble(machine, text) {
        Ok(_) => panic!("{text} was assembled"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn all_errors_are_told_with_their_lines() {
    let text = "\
        .text
main:   addd $t0, $t1, $t2
        add  $t0, $t1, buf
        lw   $t0, lable
label:  addi $t0, $t1, 0x123456789
        j    t0
        move $t0, $t9, $t8
        sw   $x1, 0($sp)
        beq  $t0, $t1
label:  nop
        .word 5
        .data
        .asciiz \"no end
        nop
        .byte 300
        .bite 3
";
    let expected = "\
test.asm:2: no instruction is called addd; did you mean add.d, add, madd.d?
     2 | main:   addd $t0, $t1, $t2
test.asm:3: add has other operands: add rd, rs, rt; add rd, rs, number; add rd, number; add rd, rs
     3 |         add  $t0, $t1, buf
test.asm:4: lable is not defined; did you mean label?
     4 |         lw   $t0, lable
test.asm:5: the number does not fit here: -32768 to 32767
     5 | label:  addi $t0, $t1, 0x123456789
test.asm:6: t0 is not defined; the register is $t0
     6 |         j    t0
test.asm:7: move has other operands: move rd, rs
     7 |         move $t0, $t9, $t8
test.asm:8: no register is called $x1
     8 |         sw   $x1, 0($sp)
test.asm:9: beq has other operands: beq rs, rt, target; beq rs, number, label
     9 |         beq  $t0, $t1
test.asm:10: the label label is there already
    10 | label:  nop
test.asm:11: .word belongs into .data, and this is .text
    11 |         .word 5
test.asm:13: the string has no end: a quotation mark is missing
    13 |         .asciiz \"no end
test.asm:14: nop is an instruction, but this is .data: is .text missing?
    14 |         nop
test.asm:15: 300 does not fit into 8 bits
    15 |         .byte 300
test.asm:16: no directive is called .bite
    16 |         .bite 3
14 errors";
    assert_eq!(errors("spim", text), expected);
}

#[test]
fn what_would_not_end_is_refused() {
    let forever = ".macro again\nagain\n.end_macro\nagain\n";
    assert!(errors("spim", forever).contains("again expands without end"));
    let includes = ".include \"itself.asm\"\n";
    assert!(errors("spim", includes).contains("include each other without end"));
    assert!(errors("spim", ".macro open\nnop\n").contains("open has no .end_macro"));
    assert!(errors("spim", ".include \"nowhere.asm\"").contains("no such file"));
    assert!(errors("spim", ".data\n.space 100000000").contains("number of bytes"));
    assert!(errors("spim", ".data\n.word 0:1048577").contains("too many"));
    assert!(errors("spim", ".data\n.space 4000000\n.space 4000000").contains("no room"));
    assert!(errors("spim", "").contains("no instructions"));
}

#[test]
fn a_source_with_errors_is_not_run() {
    let scratch = TempDir::new();
    let path = scratch.path().join("wrong.asm");
    fs::write(&path, "main: li $v0, 10\n sycall\n").expect("a source");
    let mut portolan = support::portolan();
    let end = run(portolan.args(["--machine", "spim"]).arg(&path), b"");
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 126, "{errors}");
    assert!(
        errors.contains("wrong.asm:2: no instruction is called sycall; did you mean syscall?"),
        "{errors}"
    );
}

#[test]
fn an_error_of_the_program_has_its_line() {
    let scratch = TempDir::new();
    let path = scratch.path().join("zero.asm");
    fs::write(&path, "main: li $t0, 1\n\n div $t1, $t0, $zero\n").expect("a source");
    let mut portolan = support::portolan();
    let end = run(portolan.args(["--machine", "spim"]).arg(&path), b"");
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 1, "{errors}");
    assert!(errors.contains("divides an integer by zero"), "{errors}");
    assert!(
        errors.contains("0x00400004 main+0x4 (zero.asm:3)"),
        "{errors}"
    );
}

#[test]
fn data_is_laid_out_as_simulators_do() {
    let text = "\
        .data
a:      .byte 1
b:      .word b, 'c'
        .align 0
c:      .byte 2
d:      .half 0x1234
        .align 3
e:      .double 1
        .data 0x10020000
f:      .asciiz \"x\\ty\"
        .extern g 8
        .text
main:   la $t0, e
        j main
";
    let assembled = assemble("spim", text).unwrap_or_else(|error| panic!("{error}"));
    let at = |name: &str| assembled.symbols[name];
    let expected = [
        0x1001_0000,
        0x1001_0004,
        0x1001_000c,
        0x1001_000d,
        0x1001_0010,
        0x1002_0000,
        0x1000_0000,
    ];
    assert_eq!(["a", "b", "c", "d", "e", "f", "g"].map(at), expected);
    let bytes = |address: u64| {
        let found = assembled.data.iter().find(|(at, _)| *at == address);
        found.map(|(_, bytes)| bytes.clone()).expect("data")
    };
    assert_eq!(bytes(at("b")), [4, 0, 1, 0x10]);
    assert_eq!(bytes(at("b") + 4), [b'c', 0, 0, 0]);
    assert_eq!(bytes(at("d")), [0x34, 0x12]);
    assert_eq!(bytes(at("e")), 1f64.to_le_bytes());
    assert_eq!(bytes(at("f")), b"x\ty\0");
    // A jump, and the nop in its delay slot.
    assert_eq!(assembled.text.len(), 16);
    assert_eq!(assembled.text[12..], [0; 4]);
}
