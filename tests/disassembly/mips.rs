//! MIPS: every guest, over the same encodings in its byte order.

use super::support::{TempDir, oracle_path, workspace};
use super::{Difference, Random, assert_all_seen, compare, compare_code, instance, object_file};
use super::{objdump, styles};
use portolan_machine::guest::Guest;
use portolan_machine::memory::Order;
use portolan_mips::decode::{Set, belongs, pattern, rows};
use portolan_mips::{MIPS, MIPS64, MIPS64EL, MIPSEL, R5900};
use std::collections::BTreeSet;
use std::fs;

/// A guest, its instructions, and how binutils is asked for a file of it.
struct Subject {
    guest: &'static dyn Guest,
    set: Set,
    target: &'static str,
    options: &'static [&'static str],
}

const SUBJECTS: [Subject; 5] = [
    Subject {
        guest: &MIPS,
        set: Set::Mips32,
        target: "mips-linux-gnu",
        options: &["-EB", "-mips32r2"],
    },
    Subject {
        guest: &MIPSEL,
        set: Set::Mips32,
        target: "mipsel-linux-gnu",
        options: &["-EL", "-mips32r2"],
    },
    Subject {
        guest: &MIPS64,
        set: Set::Mips64,
        target: "mips64el-linux-gnuabi64",
        options: &["-EB", "-mips64r2", "-mabi=64"],
    },
    Subject {
        guest: &MIPS64EL,
        set: Set::Mips64,
        target: "mips64el-linux-gnuabi64",
        options: &["-EL", "-mips64r2", "-mabi=64"],
    },
    Subject {
        guest: &R5900,
        set: Set::R5900,
        target: "mipsel-linux-gnu",
        options: &["-EL", "-march=r5900", "-mabi=32"],
    },
];

fn differences(set: Set) -> Vec<Difference> {
    Difference::read(match set {
        Set::Mips32 => "",
        Set::Mips64 => include_str!("mips64-differences.txt"),
        Set::R5900 => include_str!("r5900-differences.txt"),
    })
}

#[test]
fn every_row_and_random_words_are_written_as_binutils_does() {
    for subject in &SUBJECTS {
        let Some(objdump) = objdump(subject.target) else {
            return;
        };
        let differences = differences(subject.set);
        let code = encodings(subject, &differences);
        let directory = TempDir::new();
        let (target, options) = (subject.target, subject.options);
        let Some(file) = object_file(directory.path(), target, options, "", &code) else {
            return;
        };
        let mut seen = BTreeSet::new();
        for style in styles("gpr-names=numeric") {
            let guest = subject.guest;
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
}

#[test]
fn whole_c_libraries_are_listed_as_objdump_does() {
    for (target, loader) in [
        ("mips-linux-gnu", "lib/ld.so.1"),
        ("mipsel-linux-gnu", "lib/ld.so.1"),
        ("mips64el-linux-gnuabi64", "lib64/ld.so.1"),
    ] {
        let library = |name: &str| oracle_path(&format!("/usr/{target}/{name}"));
        let (Some(objdump), Some(libc), Some(loader)) =
            (objdump(target), library("lib/libc.so.6"), library(loader))
        else {
            return;
        };
        let differences = differences(if target.starts_with("mips64") {
            Set::Mips64
        } else {
            Set::Mips32
        });
        compare(
            &objdump,
            &libc,
            &styles("gpr-names=numeric")[..1],
            &differences,
        );
        compare(
            &objdump,
            &loader,
            &styles("gpr-names=numeric"),
            &differences,
        );
    }
}

#[test]
fn programs_are_listed_as_objdump_does() {
    for (name, target) in [
        ("mips", "mips-linux-gnu"),
        ("mipsel", "mipsel-linux-gnu"),
        ("mips64el", "mips64el-linux-gnuabi64"),
    ] {
        let Some(objdump) = objdump(target) else {
            return;
        };
        let set = if name == "mips64el" {
            Set::Mips64
        } else {
            Set::Mips32
        };
        for rom in fs::read_dir(workspace().join("roms/bin").join(name)).unwrap() {
            let rom = rom.unwrap().path();
            compare(
                &objdump,
                &rom,
                &styles("gpr-names=numeric"),
                &differences(set),
            );
        }
    }
}

/// The encodings of the sweep, in the order in which they stand in the file.
fn encodings(subject: &Subject, differences: &[Difference]) -> Vec<u8> {
    let mut random = Random(1);
    let mut code = Vec::new();
    let mut add = |word: u32| {
        code.extend(match subject.guest.order() {
            Order::Little => word.to_le_bytes(),
            Order::Big => word.to_be_bytes(),
        });
    };
    for index in (0..rows().count()).filter(|&index| belongs(subject.set, index)) {
        for _ in 0..100 {
            add(instance(pattern(index), &mut random));
        }
    }
    // Near misses of every row: one bit is another.
    for index in 0..rows().count() {
        for bit in 0..32 {
            add(instance(pattern(index), &mut random) ^ 1 << bit);
        }
    }
    for _ in 0..100_000 {
        add(random.next() as u32);
    }
    for difference in differences {
        for _ in 0..8 {
            add(difference.encoding | random.next() as u32 & difference.free());
        }
    }
    code
}
