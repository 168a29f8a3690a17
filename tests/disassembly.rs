//! The disassembly against binutils.
//!
//! A sweep of encodings is written by both: instances of every row with many values of each field,
//! and random words. So are whole files: a C library, programs with and without symbols.
//! `disassembly/differences.txt` lists what may differ, and why.

mod support;

use portolan::view::dis::{self, Options};
use portolan_machine::guest::Style;
use portolan_riscv::decode::{pattern, rows};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{TempDir, oracle, oracle_file, workspace};

/// What the sweep's encodings may use: what Portolan implements.
const EXTENSIONS: &str = "rv64gc_zicsr_zifencei_zba_zbb_zbs";

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
    let (Some(objdump), Some(assembler), Some(objcopy)) = (
        objdump(),
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

/// The objdump whose look is ours: others write `addi` where this one writes `add`.
fn objdump() -> Option<PathBuf> {
    let path = oracle("riscv64-linux-gnu-objdump")?;
    let version = output(Command::new(&path).arg("--version"));
    let version = String::from_utf8_lossy(&version).into_owned();
    let first = version.lines().next().unwrap_or_default();
    if first.ends_with("2.40") {
        return Some(path);
    }
    eprintln!("test skipped: it compares with binutils 2.40, here is {first}");
    None
}

/// Compares the listings of a file, line by line.
fn compare(objdump: &Path, file: &Path, styles: &[(Style, &str)], differences: &[Difference]) {
    let data = fs::read(file).unwrap();
    for &(style, option) in styles {
        let mut command = Command::new(objdump);
        command.arg("--disassemble");
        if !option.is_empty() {
            command.args(["-M", option]);
        }
        let theirs = String::from_utf8(output(command.arg(file))).unwrap();
        let mut ours = Vec::new();
        let options = Options {
            style,
            ..Options::default()
        };
        dis::write(&mut ours, &file.display().to_string(), &data, &options).unwrap();
        let ours = String::from_utf8(ours).unwrap();
        let differ = theirs.lines().zip(ours.lines()).filter(|(theirs, ours)| {
            let allowed = || {
                let bytes = Theirs::parse(theirs).map(|line| line.bytes());
                bytes.is_some_and(|bytes| differences.iter().any(|d| d.allows(&bytes)))
            };
            theirs != ours && !allowed()
        });
        let wrong: Vec<_> = differ.take(20).collect();
        assert!(wrong.is_empty(), "{} {option}: {wrong:#?}", file.display());
        assert_eq!(
            theirs.lines().count(),
            ours.lines().count(),
            "{} {option}",
            file.display()
        );
    }
}

#[test]
fn a_whole_c_library_is_listed_as_objdump_does() {
    let libraries = "riscv64/usr/lib/riscv64-linux-gnu";
    let (Some(objdump), Some(libc), Some(loader)) = (
        objdump(),
        oracle_file(&format!("{libraries}/libc.so.6")),
        oracle_file(&format!("{libraries}/ld-linux-riscv64-lp64d.so.1")),
    ) else {
        return;
    };
    let differences = Difference::read();
    compare(&objdump, &libc, &STYLES[..1], &differences);
    compare(&objdump, &loader, &STYLES, &differences);
}

#[test]
fn programs_with_and_without_symbols_are_listed_as_objdump_does() {
    let (Some(objdump), Some(busybox)) = (objdump(), oracle_file("riscv64/usr/bin/busybox")) else {
        return;
    };
    let differences = Difference::read();
    compare(&objdump, &busybox, &STYLES[..1], &differences);
    for rom in fs::read_dir(workspace().join("roms/bin/riscv64")).unwrap() {
        compare(&objdump, &rom.unwrap().path(), &STYLES, &differences);
    }
}

#[test]
fn data_among_code_and_files_before_linking_are_listed_as_objdump_does() {
    let (Some(objdump), Some(assembler), Some(strip)) = (
        objdump(),
        oracle("riscv64-linux-gnu-as"),
        oracle("riscv64-linux-gnu-strip"),
    ) else {
        return;
    };
    let directory = TempDir::new();
    let at = |name: &str| directory.path().join(name);
    let source = workspace().join("tests/disassembly/code.s");
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
    let differences = Difference::read();
    for file in ["code.o", "bare.o"] {
        compare(&objdump, &at(file), &STYLES, &differences);
    }
}

#[test]
fn damaged_files_are_listed_or_refused() {
    let rom = fs::read(workspace().join("roms/bin/riscv64/sort")).unwrap();
    let mut random = Random(7);
    for round in 0..400 {
        let mut file = rom.clone();
        // The headers decide most: the first and the last bytes are hit more often.
        for _ in 0..1 + random.next() % 4 {
            let place = match random.next() % 3 {
                0 => random.next() as usize % 512,
                1 => file.len() - 1 - random.next() as usize % 2048,
                _ => random.next() as usize % file.len(),
            };
            file[place] = random.next() as u8;
        }
        if round % 4 == 0 {
            file.truncate(random.next() as usize % rom.len());
        }
        for at in [None, Some("main".to_owned()), Some("0x11004".to_owned())] {
            let options = Options {
                json: at.is_some(),
                at,
                ..Options::default()
            };
            let _ = dis::write(&mut std::io::sink(), "damaged", &file, &options);
        }
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
fn object_file(directory: &Path, assembler: &Path, objcopy: &Path, code: &[u8]) -> PathBuf {
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
    numbers: &'a str,
    text: &'a str,
}

impl<'a> Theirs<'a> {
    /// `    1c:\t00000057          \t.4byte\t0x57`
    fn parse(line: &'a str) -> Option<Theirs<'a>> {
        let (address, rest) = line.split_once(":\t")?;
        let (numbers, text) = rest.split_once('\t')?;
        Some(Theirs {
            address: u64::from_str_radix(address.trim(), 16).ok()?,
            numbers,
            text,
        })
    }

    /// The instruction's bytes, in the order of memory.
    fn bytes(&self) -> Vec<u8> {
        let digits = self.numbers.trim();
        let pairs = (0..digits.len() / 2).rev();
        let byte = |n: usize| u8::from_str_radix(digits.get(2 * n..2 * n + 2)?, 16).ok();
        pairs.map_while(byte).collect()
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
