//! `portolan compare`: accesses to memory, and what calls pass in registers.

use super::{portolan, rom};
use crate::support;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::guests::{self, Guest};
use support::{TempDir, run};

/// What a comparison says that a program moved.
fn traffic(program: &Path) -> Value {
    let end = run(portolan("compare").arg("--json").arg(program), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let json: Value = serde_json::from_slice(&end.stdout).expect("JSON");
    let program = &json["programs"][0];
    assert_eq!(program["traffic"]["instructions"], program["executed"]);
    program["traffic"].clone()
}

/// The accesses that a trace shows: before the bar what is read, `mem32[0x7fff6948]=0x0`, and after it what is written,
/// `mem32[0x7fff6948] <- 0x0`.
fn accesses_of_trace(program: &Path) -> Value {
    let end = run(portolan("trace").arg(program), b"");
    let text = String::from_utf8(end.stderr).expect("text");
    let mut sizes: BTreeMap<u64, [u64; 4]> = BTreeMap::new();
    for part in text.split(' ').filter_map(|word| word.strip_prefix("mem")) {
        let (bits, rest) = part.split_once("[0x").expect("an address");
        let (address, value) = rest.split_once(']').expect("its end");
        let address = u64::from_str_radix(address, 16).expect("a number");
        let bytes = bits.parse::<u64>().expect("a number") / 8;
        let kind = if value.starts_with('=') { 0 } else { 2 };
        let counts = sizes.entry(bytes).or_default();
        counts[kind] += 1;
        counts[kind + 1] += u64::from(address % bytes != 0);
    }
    let listed = sizes
        .iter()
        .map(|(bytes, counts)| accesses(*bytes, *counts));
    listed.collect()
}

/// Loads, those that are not aligned, stores, and those.
fn accesses(bytes: u64, [loads, unaligned_loads, stores, unaligned_stores]: [u64; 4]) -> Value {
    json!({
        "bytes": bytes,
        "loads": loads,
        "unaligned_loads": unaligned_loads,
        "stores": stores,
        "unaligned_stores": unaligned_stores,
    })
}

fn accesses_are_those_that_a_trace_shows(guest: &Guest) {
    let program = rom(guest.isa, "hello");
    let told = traffic(&program)["accesses"].clone();
    assert!(told.as_array().is_some_and(|sizes| sizes.len() >= 2));
    assert_eq!(told, accesses_of_trace(&program));
}

each_guest! {
    accesses_are_those_that_a_trace_shows: super::accesses_are_those_that_a_trace_shows;
}

/// A program in assembly whose accesses can be counted by hand. It calls `f`, which adds two arguments and saves a
/// register; `w`, which hands both on to `f`; and `g` by its address, which looks only at the third.
fn by_hand(isa: &str, flags: &[&str], source: &str) -> Option<(TempDir, PathBuf)> {
    let scratch = TempDir::new();
    let (source_file, program) = (scratch.path().join("s.s"), scratch.path().join("program"));
    fs::write(&source_file, source).expect("a source");
    let mut compile = Command::new(guests::named(isa).compiler()?);
    compile.args(["-nostdlib", "-static"]).args(flags);
    let end = run(compile.arg("-o").arg(&program).arg(source_file), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    Some((scratch, program))
}

fn uses(registers: &[(&str, u64)]) -> Value {
    let each = registers.iter();
    each.map(|(name, uses)| json!({"name": name, "uses": uses}))
        .collect()
}

fn check(
    program: Option<(TempDir, PathBuf)>,
    expected: &[Value],
    arguments: [&str; 3],
    saved: &str,
) {
    let Some((_scratch, program)) = program else {
        return;
    };
    let told = traffic(&program);
    assert_eq!(told["accesses"], Value::from(expected));
    assert_eq!(told["accesses"], accesses_of_trace(&program));
    assert_eq!(told["direct_calls"], 3);
    assert_eq!(told["indirect_calls"], 1);
    let [first, second, third] = arguments;
    let expected = uses(&[(first, 3), (second, 3), (third, 1)]);
    assert_eq!(told["arguments"], expected);
    assert_eq!(told["saved"], uses(&[(saved, 2)]));
}

#[test]
fn what_riscv_moves_is_what_counting_by_hand_says() {
    let source = "
        .globl _start
        _start: addi sp, sp, -64
                sd zero, 0(sp)
                sw zero, 2(sp)
                lw a0, 2(sp)
                ld a0, 8(sp)
                ld a0, 12(sp)
                lh a0, 1(sp)
                lbu a0, 3(sp)
                jal f
                jal w
                lla t0, g
                jalr t0
                li a0, 0
                li a7, 94
                ecall
        f:      addi sp, sp, -16
                sd s0, 0(sp)
                mv s0, a0
                add a0, a1, s0
                ld s0, 0(sp)
                addi sp, sp, 16
                ret
        w:      addi sp, sp, -16
                sd ra, 8(sp)
                jal f
                ld ra, 8(sp)
                addi sp, sp, 16
                ret
        g:      li a0, 1
                add a0, a0, a2
                ret
    ";
    let expected = [
        accesses(1, [1, 0, 0, 0]),
        accesses(2, [1, 1, 0, 0]),
        accesses(4, [1, 1, 1, 1]),
        accesses(8, [5, 1, 4, 0]),
    ];
    let program = by_hand("riscv64", &[], source);
    check(program, &expected, ["a0", "a1", "a2"], "s0");
}

#[test]
fn what_mips_moves_is_what_counting_by_hand_says() {
    let source = "
        .set noreorder
        .globl __start
        __start: addiu $sp, $sp, -64
                sw $zero, 0($sp)
                sh $zero, 2($sp)
                lw $v0, 4($sp)
                lh $v0, 6($sp)
                lbu $v0, 3($sp)
                jal f
                nop
                jal w
                nop
                la $t9, g
                jalr $t9
                nop
                li $a0, 0
                li $v0, 4246
                syscall
        f:      addiu $sp, $sp, -8
                sw $s0, 0($sp)
                move $s0, $a0
                addu $v0, $a1, $s0
                lw $s0, 0($sp)
                jr $ra
                addiu $sp, $sp, 8
        w:      addiu $sp, $sp, -8
                sw $ra, 4($sp)
                jal f
                nop
                lw $ra, 4($sp)
                jr $ra
                addiu $sp, $sp, 8
        g:      li $a0, 1
                jr $ra
                addu $v0, $a0, $a2
    ";
    let expected = [
        accesses(1, [1, 0, 0, 0]),
        accesses(2, [1, 0, 1, 0]),
        accesses(4, [4, 0, 4, 0]),
    ];
    for isa in ["mips", "mipsel"] {
        let program = by_hand(isa, &["-mno-abicalls", "-fno-pic"], source);
        check(program, &expected, ["a0", "a1", "a2"], "s0");
    }
}

#[test]
fn what_x86_moves_is_what_counting_by_hand_says() {
    let source = "
        .globl _start
        _start: sub $64, %rsp
                movq $0, (%rsp)
                movl $0, 2(%rsp)
                movl 2(%rsp), %eax
                movq 8(%rsp), %rax
                movq 12(%rsp), %rax
                movzwl 1(%rsp), %eax
                movzbl 3(%rsp), %eax
                call f
                call w
                lea g(%rip), %rax
                call *%rax
                xor %edi, %edi
                mov $231, %eax
                syscall
        f:      push %rbx
                mov %rdi, %rbx
                lea (%rbx, %rsi), %rax
                pop %rbx
                ret
        w:      sub $8, %rsp
                call f
                add $8, %rsp
                ret
        # Making zero of a register is not looking at it.
        g:      mov $1, %edi
                xor %esi, %esi
                lea (%rdi, %rdx), %rax
                ret
    ";
    let expected = [
        accesses(1, [1, 0, 0, 0]),
        accesses(2, [1, 1, 0, 0]),
        accesses(4, [1, 1, 1, 1]),
        // Two, four returns and two pops; one, four calls and two pushes.
        accesses(8, [8, 1, 7, 0]),
    ];
    let program = by_hand("x86_64", &[], source);
    check(program, &expected, ["rdi", "rsi", "rdx"], "rbx");
}

/// `sort` compares by calling a function through a pointer, and all comparisons are of two arguments.
#[test]
fn comparisons_of_a_sort_are_indirect_calls_of_two_arguments() {
    for (isa, first, second) in [
        ("riscv64", "a0", "a1"),
        ("mipsel", "a0", "a1"),
        ("x86_64", "rdi", "rsi"),
    ] {
        let program = rom(isa, "sort");
        let end = run(portolan("compare").arg("--json").arg(&program), b"");
        let json: Value = serde_json::from_slice(&end.stdout).expect("JSON");
        let functions = json["functions"].as_array().expect("functions");
        let entered = |name: &str| {
            let found = functions.iter().find(|it| it["name"] == name);
            found.expect("it is there")["costs"][0]["entered"].as_u64()
        };
        let comparisons = entered("ascending").zip(entered("descending"));
        let (ascending, descending) = comparisons.expect("numbers");
        let traffic = &json["programs"][0]["traffic"];
        assert_eq!(traffic["indirect_calls"], ascending + descending, "{isa}");
        let direct = traffic["direct_calls"].as_u64().expect("a number");
        assert_eq!(
            json["programs"][0]["calls"],
            direct + ascending + descending
        );
        for name in [first, second] {
            let arguments = traffic["arguments"].as_array().expect("registers");
            let found = arguments.iter().find(|it| it["name"] == name);
            let uses = found.expect("it is there")["uses"].as_u64();
            assert!(uses > Some(ascending + descending), "{isa} {name}");
        }
    }
}

/// All three outputs have it; none if it was not asked for.
#[test]
fn tables_and_pages_have_it_unless_it_is_to_be_quick() {
    let scratch = TempDir::new();
    let page = scratch.path().join("page.html");
    let told = |flags: &[&str]| {
        let mut command = portolan("compare");
        command.args(flags).arg("--html").arg(&page);
        let end = run(
            command.args([rom("riscv64", "fib"), rom("x86_64", "fib")]),
            b"",
        );
        assert_eq!(end.status, 0);
        (end.text(), fs::read_to_string(&page).expect("a page"))
    };
    let (text, html) = told(&[]);
    for row in ["loads of 8 bytes", "stores not aligned", "seen to be read"] {
        assert!(text.contains(row), "{row}: {text}");
        assert!(html.contains(row), "{row}");
    }
    assert!(text.contains("a0:") && text.contains("rdi:"), "{text}");
    let (text, html) = told(&["--quick"]);
    assert!(!text.contains("loads of") && !html.contains("loads of"));
}
