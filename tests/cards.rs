//! The failure card: how programs without a library end that a student gets wrong.

#![cfg(feature = "host")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use support::{TempDir, guests, oracle, portolan, run};

/// A program of MIPS, the signal that ends it as a shell's `$?`, and what its card tells.
const MIPS: &[(&str, i32, &[&str])] = &[
    (
        "li $t9, 0x12345678; jr $t9; nop",
        128 + 11,
        &[
            "ended by SIGSEGV",
            "continues at 0x12345678, where nothing is mapped",
        ],
    ),
    (
        "li $t9, 0x400003; jr $t9; nop",
        128 + 7,
        &["continues at 0x400003, where no instruction may start"],
    ),
    (
        "li $t0, 0x7fffffff; li $t1, 1; add $t2, $t0, $t1",
        128 + 8,
        &["ended by SIGFPE", "does not fit", "add t2,t0,t1"],
    ),
    (
        "li $t0, 7; div $zero, $t0, $zero; teq $zero, $zero, 7",
        128 + 8,
        &["ended by SIGFPE", "divides an integer by zero"],
    ),
    (
        "li $t0, 1; tge $t0, $zero, 3",
        128 + 5,
        &["ended by SIGTRAP", "trapped with the number 3"],
    ),
    (
        ".word 0x00a6382d",
        128 + 4,
        &[
            "ended by SIGILL",
            "daddu is MIPS64, which is not supported by MIPS, 32-bit",
        ],
    ),
    (
        "li $t0, 0; jal 1f; lw $t1, 4($t0); 1: nop",
        128 + 11,
        &["a null pointer?", "jal", "lw t1,4(t0)   in its delay slot"],
    ),
    (
        "li $t0, 0x7fffffff; b 1f; add $t2, $t0, $t0; 1: nop",
        128 + 8,
        &["does not fit", "add t2,t0,t0   in its delay slot"],
    ),
];

/// The same of x86-64.
const X86_64: &[(&str, i32, &[&str])] = &[
    (
        "xor %eax, %eax; mov 8(%rax), %ecx",
        128 + 11,
        &["reads from 0x8", "a null pointer?", "0x8(%rax),%ecx"],
    ),
    (
        "mov $1, %eax; ror %rax; mov (%rax), %ecx",
        128 + 11,
        &["0x8000000000000000", "outside the guest's address space"],
    ),
    (
        "xor %edx, %edx; mov $7, %eax; div %edx",
        128 + 8,
        &[
            "ended by SIGFPE",
            "divides an integer by zero",
            "div    %edx",
        ],
    ),
    (
        "movaps 4(%rsp), %xmm0",
        128 + 11,
        &["ended by SIGSEGV", "not aligned", "0x4(%rsp),%xmm0"],
    ),
    (
        "int3; nop",
        128 + 5,
        &["ended by SIGTRAP", "asked for a debugger", "cc   int3"],
    ),
    ("ud2", 128 + 4, &["ended by SIGILL", "ud2"]),
    (
        "vaddps %zmm0, %zmm1, %zmm2",
        128 + 4,
        &["vaddps is AVX512F, which is not supported by x86-64"],
    ),
    (
        "hlt",
        128 + 11,
        &["ended by SIGSEGV", "may not do this", "hlt"],
    ),
];

fn told(
    compiler: &Path,
    isa: &str,
    options: &[&str],
    head: &str,
    programs: &[(&str, i32, &[&str])],
) {
    let directory = TempDir::new();
    let [source, program] = ["bare.s", "bare"].map(|name| directory.path().join(name));
    for (code, status, told) in programs {
        fs::write(&source, format!("{head}{code}\n")).unwrap();
        let built = Command::new(compiler)
            .args(["-nostdlib", "-static"])
            .args(options)
            .arg("-o")
            .args([&program, &source])
            .status();
        assert!(built.unwrap().success(), "{code}");
        let end = run(portolan().arg(&program), b"");
        let card = String::from_utf8_lossy(&end.stderr);
        assert_eq!(end.status, *status, "{isa}: {code}: {card}");
        for part in *told {
            assert!(card.contains(part), "{isa}: {code}: no '{part}' in {card}");
        }
    }
}

#[test]
fn a_program_of_mips_is_told_what_it_did_wrong() {
    for isa in ["mips", "mipsel"] {
        let Some(compiler) = guests::named(isa).compiler() else {
            return;
        };
        let head = ".set noreorder\n.globl __start\n__start: ";
        told(&compiler, isa, &["-mno-abicalls", "-fno-pic"], head, MIPS);
    }
}

#[test]
fn a_program_of_x86_64_is_told_what_it_did_wrong() {
    let Some(compiler) = oracle("x86_64-linux-gnu-gcc") else {
        return;
    };
    let head = ".globl _start\n_start: ";
    told(&compiler, "x86_64", &[], head, X86_64);
}
