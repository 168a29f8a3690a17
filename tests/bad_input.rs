//! What cannot be run, and what ends badly: a clear message, the right exit status, never a panic.
#![cfg(feature = "host")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use support::{End, TempDir, portolan, run, workspace};

/// What is written to standard error, and the exit status. A panic is never right.
fn said(arguments: &[&Path]) -> (String, i32) {
    let End { status, stderr, .. } = run(portolan().args(arguments), b"");
    let stderr = String::from_utf8(stderr).expect("messages are text");
    assert!(!stderr.contains("panicked"), "{stderr}");
    (stderr, status)
}

fn refused(file: &Path, status: i32, message: &str) {
    let (said, ended) = said(&[file]);
    assert_eq!(ended, status, "{}: {said}", file.display());
    assert!(said.contains(message), "{}: {said}", file.display());
    assert!(said.starts_with("portolan: "), "{said}");
}

fn written(directory: &Path, name: &str, content: &[u8], mode: u32) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn rom(isa: &str, name: &str) -> PathBuf {
    workspace().join("roms/bin").join(isa).join(name)
}

#[test]
fn files_that_are_not_programs() {
    let scratch = TempDir::new();
    let at = scratch.path();
    refused(&at.join("missing"), 127, "no such file");
    refused(at, 126, "is a directory");
    refused(&written(at, "empty", b"", 0o755), 126, "is empty");
    refused(
        &written(at, "text", b"just words\n", 0o755),
        126,
        "is not an ELF program",
    );
    let hello = fs::read(rom("riscv64", "hello")).unwrap();
    refused(&written(at, "locked", &hello, 0o644), 126, "not executable");
    refused(&written(at, "header", &hello[..100], 0o755), 126, "cut off");
    refused(&written(at, "half", &hello[..3000], 0o755), 126, "cut off");
    refused(&rom("aarch64", "hello"), 126, "a program for AArch64");
}

#[test]
fn a_command_line_that_makes_no_sense() {
    let end = run(portolan().arg("--no-such-flag").arg("x"), b"");
    assert_eq!(end.status, 125);
    let end = run(
        portolan()
            .args(["-E", "NO_VALUE"])
            .arg(rom("riscv64", "hello")),
        b"",
    );
    assert_eq!(end.status, 125);
    assert!(String::from_utf8_lossy(&end.stderr).contains("NAME=VALUE"));
}

/// Where the programs of these tests are loaded.
const BASE: u64 = 0x1_0000;

/// A static program of one segment that can be read and executed: the smallest ELF file.
fn program(code: &[u32]) -> Vec<u8> {
    let length = 120 + 4 * code.len() as u64;
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(16, 0);
    let half = |elf: &mut Vec<u8>, value: u16| elf.extend(value.to_le_bytes());
    let word = |elf: &mut Vec<u8>, value: u32| elf.extend(value.to_le_bytes());
    let long = |elf: &mut Vec<u8>, value: u64| elf.extend(value.to_le_bytes());
    half(&mut elf, 2); // ET_EXEC
    half(&mut elf, 243); // EM_RISCV
    word(&mut elf, 1);
    long(&mut elf, BASE + 120);
    long(&mut elf, 64);
    long(&mut elf, 0);
    word(&mut elf, 5); // RVC, double-float ABI
    for value in [64, 56, 1, 64, 0, 0] {
        half(&mut elf, value);
    }
    word(&mut elf, 1); // PT_LOAD
    word(&mut elf, 5); // PF_R | PF_X
    for value in [0, BASE, BASE, length, length, 0x1000] {
        long(&mut elf, value);
    }
    code.iter()
        .for_each(|&instruction| word(&mut elf, instruction));
    elf
}

/// Runs code that must end badly: the status, and what the failure card must say.
fn ends_badly(name: &str, code: &[u32], status: i32, card: &[&str]) {
    let scratch = TempDir::new();
    let file = written(scratch.path(), name, &program(code), 0o755);
    let (said, ended) = said(&[Path::new("--max-insns"), Path::new("1000000"), &file]);
    assert_eq!(ended, status, "{said}");
    for &words in card {
        assert!(
            said.contains(words),
            "{name} does not say {words:?}: {said}"
        );
    }
    assert!(
        said.contains(&format!("portolan step {}", file.display())),
        "{said}"
    );
}

#[test]
fn a_jump_to_nowhere() {
    // lui t0, 0x1234; jr t0
    let code = [0x0123_42b7, 0x0002_8067];
    ends_badly(
        "jump",
        &code,
        139,
        &["SIGSEGV", "continues at 0x1234000", "nothing is mapped"],
    );
}

#[test]
fn an_address_outside_the_space() {
    // lui a0, 0xffff0; lw a0, 0(a0)
    let code = [0xffff_0537, 0x0005_2503];
    ends_badly(
        "wild",
        &code,
        139,
        &["0xffffffffffff0000", "outside the guest's address space"],
    );
}

#[test]
fn a_store_to_code() {
    // auipc a0, 0; sw zero, 0(a0)
    let code = [0x0000_0517, 0x0005_2023];
    ends_badly(
        "store",
        &code,
        139,
        &["writes to 0x10078", "only allows r-x"],
    );
}

#[test]
fn a_stack_that_overflows() {
    // 1: addi sp, sp, -1024; sd zero, 0(sp); j 1b
    let code = [0xc001_0113, 0x0001_3023, 0xff9f_f06f];
    ends_badly("recursion", &code, 139, &["SIGSEGV", "stack is full"]);
}

#[test]
fn a_loop_without_end() {
    // j .
    let code = [0x0000_006f];
    ends_badly(
        "loop",
        &code,
        125,
        &["stopped after 1000000 instructions", "0x10078"],
    );
}

#[test]
fn an_instruction_of_another_processor() {
    // vsetvli a0, a1, e8, m1: the vector extension
    let code = [0x0c05_f557];
    ends_badly(
        "vector",
        &code,
        132,
        &["SIGILL", "no instruction of RISC-V"],
    );
}

#[test]
fn a_breakpoint_without_a_debugger() {
    ends_badly("ebreak", &[0x0010_0073], 133, &["SIGTRAP"]);
}

#[test]
fn code_that_runs_into_nothing() {
    // nop, and then zeros to the end of the page
    ends_badly("zeros", &[0x0000_0013], 132, &["SIGILL"]);
}
