//! RISC-V.

use super::support::{TempDir, oracle, oracle_file, workspace};
use super::{Difference, Random, assert_all_seen, compare, compare_code, instance, object_file};
use super::{objdump, output, styles};
use portolan_riscv::decode::{pattern, rows};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

const TARGET: &str = "riscv64-linux-gnu";

/// What the sweep's encodings may use: what Portolan implements.
const EXTENSIONS: &str = "rv64gc_zicsr_zifencei_zba_zbb_zbs";

fn differences() -> Vec<Difference> {
    Difference::read(include_str!("riscv64-differences.txt"))
}

#[test]
fn every_row_and_random_words_are_written_as_binutils_does() {
    let Some(objdump) = objdump(TARGET) else {
        return;
    };
    let differences = differences();
    let code = encodings(&differences);
    let directory = TempDir::new();
    let source = format!(".attribute arch, \"{EXTENSIONS}\"\n");
    let Some(file) = object_file(directory.path(), TARGET, &[], &source, &code) else {
        return;
    };
    let mut seen = BTreeSet::new();
    for style in styles("numeric") {
        let guest = portolan_riscv::GUEST;
        compare_code(
            &objdump,
            style,
            &file,
            guest,
            &code,
            &differences,
            &mut seen,
        );
    }
    assert_all_seen(&differences, &seen);
}

#[test]
fn a_whole_c_library_is_listed_as_objdump_does() {
    let libraries = "riscv64/usr/lib/riscv64-linux-gnu";
    let (Some(objdump), Some(libc), Some(loader)) = (
        objdump(TARGET),
        oracle_file(&format!("{libraries}/libc.so.6")),
        oracle_file(&format!("{libraries}/ld-linux-riscv64-lp64d.so.1")),
    ) else {
        return;
    };
    let differences = differences();
    compare(&objdump, &libc, &styles("numeric")[..1], &differences);
    compare(&objdump, &loader, &styles("numeric"), &differences);
}

#[test]
fn programs_with_and_without_symbols_are_listed_as_objdump_does() {
    let (Some(objdump), Some(busybox)) = (objdump(TARGET), oracle_file("riscv64/usr/bin/busybox"))
    else {
        return;
    };
    let differences = differences();
    compare(&objdump, &busybox, &styles("numeric")[..1], &differences);
    for rom in fs::read_dir(workspace().join("roms/bin/riscv64")).unwrap() {
        compare(
            &objdump,
            &rom.unwrap().path(),
            &styles("numeric"),
            &differences,
        );
    }
}

#[test]
fn data_among_code_and_files_before_linking_are_listed_as_objdump_does() {
    let (Some(objdump), Some(assembler), Some(strip)) = (
        objdump(TARGET),
        oracle("riscv64-linux-gnu-as"),
        oracle("riscv64-linux-gnu-strip"),
    ) else {
        return;
    };
    let directory = TempDir::new();
    let at = |name: &str| directory.path().join(name);
    let source = workspace().join("tests/disassembly/riscv64.s");
    output(
        Command::new(assembler)
            .arg(source)
            .arg("-o")
            .arg(at("code.o")),
    );
    output(
        Command::new(strip)
            .arg(at("code.o"))
            .arg("-o")
            .arg(at("bare.o")),
    );
    let differences = differences();
    for file in ["code.o", "bare.o"] {
        compare(&objdump, &at(file), &styles("numeric"), &differences);
    }
}

/// The encodings of the sweep, in the order in which they stand in the file.
fn encodings(differences: &[Difference]) -> Vec<u8> {
    let mut random = Random(1);
    let mut code = Vec::new();
    let mut add = |word: u32| match word & 0b11 {
        0b11 if word & 0b1_1100 != 0b1_1100 => code.extend(word.to_le_bytes()),
        // The start of an instruction of more than 32 bits.
        0b11 => {}
        _ => code.extend((word as u16).to_le_bytes()),
    };
    for _ in 0..200 {
        for index in 0..rows().count() {
            add(instance(pattern(index), &mut random));
        }
    }
    for half in 0..=u16::MAX {
        if half & 0b11 != 0b11 {
            add(half.into());
        }
    }
    for _ in 0..100_000 {
        add(random.next() as u32 | 0b11);
    }
    for difference in differences {
        for _ in 0..8 {
            add(difference.encoding | random.next() as u32 & difference.free());
        }
    }
    code
}
