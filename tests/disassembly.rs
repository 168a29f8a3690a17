//! The disassembly against binutils.
//!
//! A sweep of encodings is written by both: instances of every row with many values of each field,
//! and random words. `disassembly/differences.txt` lists what may differ, and why.

mod support;

use portolan_machine::guest::Style;
use portolan_riscv::decode::{pattern, rows};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::{TempDir, oracle};

/// What the sweep's encodings may use: what Portolan implements.
const EXTENSIONS: &str = "rv64gc_zicsr_zifencei_zihintpause_zba_zbb_zbs";

/// A style, and binutils' option for it.
const STYLES: [(Style, &str); 3] = [
    (
        Style {
            aliases: true,
            abi_names: true,
        },
        "",
    ),
    (
        Style {
            aliases: false,
            abi_names: true,
        },
        "no-aliases",
    ),
    (
        Style {
            aliases: true,
            abi_names: false,
        },
        "numeric",
    ),
];

#[test]
fn every_row_and_random_words_are_written_as_binutils_does() {
    let Some(objdump) = oracle("riscv64-linux-gnu-objdump") else {
        return;
    };
    let (Some(assembler), Some(objcopy)) = (
        oracle("riscv64-linux-gnu-as"),
        oracle("riscv64-linux-gnu-objcopy"),
    ) else {
        return;
    };
    let differences = Difference::read();
    let code = encodings(&differences);
    let directory = TempDir::new();
    let file = object_file(directory.path(), &assembler, &objcopy, &code);

    let mut seen = BTreeSet::new();
    for (style, option) in STYLES {
        let mut command = Command::new(&objdump);
        command.args(["--disassemble", "--disassemble-zeroes"]);
        if !option.is_empty() {
            command.args(["-M", option]);
        }
        let theirs = String::from_utf8(output(command.arg(&file))).unwrap();
        let mut lines = theirs.lines().filter_map(Theirs::parse);

        let mut disassembler = portolan_riscv::GUEST.disassembler(style);
        let mut at = 0;
        let mut wrong = Vec::new();
        while at < code.len() {
            let line = disassembler.line(&code[at..], at as u64);
            let ours = line.text(&|address| format!("{address:#x}"));
            let bytes = &code[at..at + usize::from(line.length)];
            let theirs = lines.next().expect("binutils wrote fewer lines");
            assert_eq!(
                theirs.address, at as u64,
                "the lengths differ at {bytes:x?}"
            );
            if theirs.text != ours {
                match differences.iter().position(|d| d.allows(bytes)) {
                    Some(known) => drop(seen.insert(known)),
                    None => wrong.push(format!("{bytes:02x?}: {:?}, ours {ours:?}", theirs.text)),
                }
            }
            at += usize::from(line.length);
        }
        let count = wrong.len();
        wrong.truncate(20);
        assert!(wrong.is_empty(), "{option}: {count} differ: {wrong:#?}");
    }
    for (index, difference) in differences.iter().enumerate() {
        assert!(seen.contains(&index), "no longer differs: {difference:?}");
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
            let pattern = pattern(index);
            let mut word = pattern.value;
            for field in &pattern.fields {
                word |= field.insert(random.field_value());
            }
            add(word);
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

/// An ELF file with the code and the attributes that say which extensions it uses.
fn object_file(
    directory: &Path,
    assembler: &Path,
    objcopy: &Path,
    code: &[u8],
) -> std::path::PathBuf {
    let at = |name: &str| directory.join(name);
    fs::write(
        at("empty.s"),
        format!(".attribute arch, \"{EXTENSIONS}\"\n"),
    )
    .unwrap();
    fs::write(at("code.bin"), code).unwrap();
    output(
        Command::new(assembler)
            .arg(at("empty.s"))
            .arg("-o")
            .arg(at("empty.o")),
    );
    output(
        Command::new(objcopy)
            .arg("--update-section")
            .arg(format!(".text={}", at("code.bin").display()))
            .arg(at("empty.o"))
            .arg(at("code.o")),
    );
    at("code.o")
}

/// What a command writes.
fn output(command: &mut Command) -> Vec<u8> {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// A line of objdump.
struct Theirs<'a> {
    address: u64,
    text: &'a str,
}

impl<'a> Theirs<'a> {
    /// `    1c:\t00000057          \t.4byte\t0x57`
    fn parse(line: &'a str) -> Option<Theirs<'a>> {
        let (address, rest) = line.split_once(":\t")?;
        let (_, text) = rest.split_once('\t')?;
        Some(Theirs {
            address: u64::from_str_radix(address.trim(), 16).ok()?,
            text,
        })
    }
}

/// A line of `differences.txt`.
#[derive(Debug)]
struct Difference {
    encoding: u32,
    mask: u32,
    bits: usize,
}

impl Difference {
    fn read() -> Vec<Difference> {
        let lines = include_str!("disassembly/differences.txt").lines();
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|line| {
                let mut columns = line.split_whitespace();
                let [encoding, mask] = [columns.next(), columns.next()].map(Option::unwrap);
                let number = |digits| u32::from_str_radix(digits, 16).unwrap();
                Difference {
                    encoding: number(encoding),
                    mask: number(mask),
                    bits: encoding.len() * 4,
                }
            })
            .collect()
    }

    fn allows(&self, bytes: &[u8]) -> bool {
        let word = bytes
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u32::from(byte));
        bytes.len() * 8 == self.bits && word & self.mask == self.encoding
    }

    /// The bits that may have any value.
    fn free(&self) -> u32 {
        !self.mask & (u32::MAX >> (32 - self.bits))
    }
}

/// SplitMix64: the same numbers each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A value for a field: often a small one, because aliases depend on those, and addresses are
    /// computed with registers that were used before; now and then an end of its range.
    fn field_value(&mut self) -> u32 {
        let number = self.next() as u32;
        match self.next() % 8 {
            0 | 1 => 0,
            2..=4 => number % 8,
            5 => u32::MAX,
            _ => number,
        }
    }
}
