//! Bytes as they are, how they end, and that each access to a device is made once in every tier.

use super::{TIERS, bare, rom};
use crate::support::{End, TempDir, run, workspace};
use std::fs;

const A0: u32 = 10;
const A1: u32 = 11;
const A2: u32 = 12;
const A3: u32 = 13;
const T0: u32 = 5;
const T1: u32 = 6;
const T2: u32 = 7;
const S0: u32 = 8;

// RISC-V, as its manual encodes it.
fn lui(rd: u32, upper: u32) -> u32 {
    upper << 12 | rd << 7 | 0x37
}
fn addi(rd: u32, rs1: u32, imm: i32) -> u32 {
    (imm as u32) << 20 | rs1 << 15 | rd << 7 | 0x13
}
fn andi(rd: u32, rs1: u32, imm: i32) -> u32 {
    addi(rd, rs1, imm) | 7 << 12
}
fn add(rd: u32, rs1: u32, rs2: u32) -> u32 {
    rs2 << 20 | rs1 << 15 | rd << 7 | 0x33
}
fn sub(rd: u32, rs1: u32, rs2: u32) -> u32 {
    add(rd, rs1, rs2) | 0x20 << 25
}
fn lw(rd: u32, rs1: u32) -> u32 {
    rs1 << 15 | 2 << 12 | rd << 7 | 0x03
}
fn ld(rd: u32, rs1: u32) -> u32 {
    rs1 << 15 | 3 << 12 | rd << 7 | 0x03
}
fn sb(rs2: u32, rs1: u32) -> u32 {
    rs2 << 20 | rs1 << 15 | 0x23
}
fn sw(rs2: u32, rs1: u32) -> u32 {
    sb(rs2, rs1) | 2 << 12
}
/// To the instruction so many bytes away, which is before.
fn blt(rs1: u32, rs2: u32, back: i32) -> u32 {
    let at = back as u32;
    let high = (at >> 12 & 1) << 6 | at >> 5 & 0x3f;
    let low = at & 0x1e | at >> 11 & 1;
    high << 25 | rs2 << 20 | rs1 << 15 | 4 << 12 | low << 7 | 0x63
}
/// To itself.
const FOR_EVER: u32 = 0x6f;

fn little(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn run_raw(tier: &str, isa: &str, flags: &[&str], bytes: &[u8]) -> End {
    let scratch = TempDir::new();
    let file = scratch.path().join("raw");
    fs::write(&file, bytes).unwrap();
    run(bare(tier).args(["--arch", isa]).args(flags).arg(file), b"")
}

/// A loop that becomes hot: it prints each letter twice, by two equal stores, and looks at the timer twice, which
/// counts the looks.
#[test]
fn accesses_to_devices_are_made_once_and_in_order() {
    let mut code = vec![
        lui(A0, 0x30000),
        lui(A3, 0x30001),
        addi(S0, 0, 0),
        addi(A1, 0, 0),
        addi(T2, 0, 2000),
    ];
    let turn = [
        andi(A2, A1, 15),
        addi(A2, A2, 65),
        sb(A2, A0),
        sb(A2, A0),
        lw(T0, A3),
        lw(T1, A3),
        sub(T1, T1, T0),
        add(S0, S0, T1),
        addi(A1, A1, 1),
    ];
    code.extend(turn);
    code.push(blt(A1, T2, -4 * turn.len() as i32));
    code.extend([lui(A0, 0x30005), sw(S0, A0), FOR_EVER]);
    let letters = (0..2000).flat_map(|turn| [b'A' + turn as u8 % 16; 2]);
    let letters: Vec<u8> = letters.collect();
    for tier in TIERS {
        let end = run_raw(tier, "riscv64", &["--seed", "1"], &little(&code));
        assert!(end.stdout == letters, "--jit {tier}: {}", end.text());
        assert_eq!(end.status, 2000 % 256, "--jit {tier}");
    }
}

#[test]
fn bytes_belong_where_base_says_and_start_where_entry_says() {
    let code = little(&[0, lui(A0, 0x30005), addi(A1, 0, 7), sw(A1, A0), FOR_EVER]);
    let flags = ["--base", "0x200000", "--entry", "0x200004"];
    let end = run_raw("auto", "riscv64", &flags, &code);
    assert_eq!((end.status, end.stderr), (7, vec![]));

    // lui a0, 0x3000; ori a1, zero, 9; sw a1, 0x5000(a0); b .; nop
    let code = [0x3c04_3000u32, 0x3405_0009, 0xac85_5000, 0x1000_ffff, 0];
    let code: Vec<u8> = code.iter().flat_map(|word| word.to_be_bytes()).collect();
    let end = run_raw("auto", "mips", &[], &code);
    assert_eq!((end.status, end.stderr), (9, vec![]));
}

#[test]
fn what_goes_wrong_is_on_the_failure_card() {
    for (code, why) in [
        (
            vec![lw(A0, 0)],
            "it reads from 0x0, where nothing is: a null pointer?",
        ),
        (
            vec![lui(A0, 0x40000), sw(A0, A0)],
            "it writes to 0x40000000, where nothing is: memory is from 0x10000 to 0xfffffff",
        ),
        (
            vec![lui(A0, 0x30000), ld(A0, A0)],
            "it reads from 0x30000000, where no register of a device is, or none of this width",
        ),
        (vec![0], "the bytes are no instruction of RISC-V"),
        (
            vec![0x73],
            "it calls an operating system, and there is none",
        ),
    ] {
        for tier in TIERS {
            let end = run_raw(tier, "riscv64", &[], &little(&code));
            let told = String::from_utf8_lossy(&end.stderr).into_owned();
            assert_eq!(end.status, 1, "{told}");
            assert!(told.contains(why), "--jit {tier}: {told}\ninstead of {why}");
            assert!(told.contains("  code  "), "{told}");
        }
    }
}

#[test]
fn a_program_without_end_is_ended_by_its_budget() {
    let end = run_raw(
        "auto",
        "riscv64",
        &["--max-insns", "1000"],
        &little(&[FOR_EVER]),
    );
    let told = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status, 125, "{told}");
    assert!(
        told.contains("was stopped after 1000 instructions"),
        "{told}"
    );
}

/// What is refused before it runs, and what is said then.
#[test]
fn what_cannot_run_is_refused() {
    let linux = workspace().join("roms/bin");
    let of_linux = |isa: &str| linux.join(isa).join("hello");
    let bare_rom = rom("riscv64", "hello");
    let text = workspace().join("README.md");
    for (flags, file, status, message) in [
        (&[][..], of_linux("mips64"), 126, "memory is from 0x10000"),
        (&[], text.clone(), 126, "--arch says of which machine"),
        (
            &["--arch", "mips"],
            bare_rom.clone(),
            126,
            "it is for riscv64, not for mips",
        ),
        (
            &["--arch", "vax"],
            text.clone(),
            125,
            "no instruction set is called \"vax\"",
        ),
        (
            &["--arch", "mips", "--base", "0x0"],
            text,
            126,
            "belong at 0x0",
        ),
        (
            &["--base", "0x20000"],
            bare_rom.clone(),
            125,
            "--base is for bytes",
        ),
        (
            &["--framebuffer", "0x0"],
            bare_rom.clone(),
            125,
            "a size is WIDTHxHEIGHT",
        ),
        (
            &["--keys", "1:anykey"],
            bare_rom.clone(),
            125,
            "no key is called \"anykey\"",
        ),
        (
            &["--strace"],
            bare_rom.clone(),
            125,
            "--strace is for programs of Linux",
        ),
    ] {
        let end = run(bare("auto").args(flags).arg(&file), b"");
        let told = String::from_utf8_lossy(&end.stderr).into_owned();
        assert_eq!(end.status, status, "{flags:?}: {told}");
        assert!(told.contains(message), "{flags:?}: {told}");
    }
}
