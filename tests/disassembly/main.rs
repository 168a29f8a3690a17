//! The disassembly against binutils.
//!
//! A sweep of encodings is written by both: instances of every row with many values of each field,
//! and random words. So are whole files: a C library, programs with and without symbols.
//! `NAME-differences.txt` lists what may differ, and why.

mod mips;
mod riscv64;
#[path = "../support/mod.rs"]
mod support;
mod x86_64;

use portolan::view::dis::{self, Options};
use portolan_machine::encoding::Pattern;
use portolan_machine::guest::{Guest, Style};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{oracle, workspace};

/// Styles, and binutils' options for them; that for numbered registers differs.
fn styles(numeric: &'static str) -> [(Style, &'static str); 3] {
    let style = |aliases, abi_names| Style {
        aliases,
        abi_names,
        other_syntax: false,
    };
    [
        (style(true, true), ""),
        (style(false, true), "no-aliases"),
        (style(true, false), numeric),
    ]
}

/// The objdump of a target whose look is ours: others write `addi` where this one writes `add`.
fn objdump(target: &str) -> Option<PathBuf> {
    let path = oracle(&format!("{target}-objdump"))?;
    let version = output(Command::new(&path).arg("--version"));
    let version = String::from_utf8_lossy(&version).into_owned();
    let first = version.lines().next().unwrap_or_default();
    if first.ends_with("2.40") {
        return Some(path);
    }
    eprintln!("test skipped: it compares with binutils 2.40, here is {first}");
    None
}

/// A line of code to both: what is in `file`, which contains nothing but `code`, and what a guest
/// makes of it. The differences met are added to `seen`.
fn compare_code(
    objdump: &Path,
    (style, option): (Style, &str),
    file: &Path,
    guest: &'static dyn Guest,
    code: &[u8],
    differences: &[Difference],
    seen: &mut BTreeSet<usize>,
) {
    let mut command = Command::new(objdump);
    command.args(["--disassemble", "--disassemble-zeroes"]);
    if !option.is_empty() {
        command.args(["-M", option]);
    }
    let theirs = String::from_utf8(output(command.arg(file))).unwrap();
    let mut lines = theirs.lines().filter_map(Theirs::parse);

    let mut disassembler = guest.disassembler(style);
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
            let known = differences
                .iter()
                .position(|d| d.allows(theirs.number(), bytes.len(), option));
            match known {
                Some(known) => drop(seen.insert(known)),
                None => wrong.push(format!("{bytes:02x?}: {:?}, ours {ours:?}", theirs.text)),
            }
        }
        at += usize::from(line.length);
    }
    let count = wrong.len();
    wrong.truncate(20);
    let name = guest.name();
    assert!(
        wrong.is_empty(),
        "{name} {option}: {count} differ: {wrong:#?}"
    );
}

fn assert_all_seen(differences: &[Difference], seen: &BTreeSet<usize>) {
    for (index, difference) in differences.iter().enumerate() {
        assert!(seen.contains(&index), "no longer differs: {difference:?}");
    }
}

/// An instance of a row, its fields filled at random.
fn instance(pattern: &Pattern, random: &mut Random) -> u32 {
    let fields = pattern.fields.iter();
    fields.fold(pattern.value, |word, field| {
        word | field.insert(random.field_value())
    })
}

/// An object file whose section .text is `code`, assembled from `source` with `options`.
fn object_file(
    directory: &Path,
    target: &str,
    options: &[&str],
    source: &str,
    code: &[u8],
) -> Option<PathBuf> {
    let assembler = oracle(&format!("{target}-as"))?;
    let objcopy = oracle(&format!("{target}-objcopy"))?;
    let at = |name: &str| directory.join(name);
    fs::write(at("empty.s"), source).unwrap();
    fs::write(at("code.bin"), code).unwrap();
    output(
        Command::new(assembler)
            .args(options)
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
    Some(at("code.o"))
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
                let number = Theirs::parse(theirs).map(|line| (line.number(), line.length()));
                let known =
                    |(number, length)| differences.iter().any(|d| d.allows(number, length, option));
                number.is_some_and(known)
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
fn damaged_files_are_listed_or_refused() {
    for name in ["riscv64", "mips", "mips64el"] {
        damage(&fs::read(workspace().join("roms/bin").join(name).join("sort")).unwrap());
    }
}

fn damage(rom: &[u8]) {
    let mut random = Random(7);
    for round in 0..400 {
        let mut file = rom.to_vec();
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

    /// The bytes as a number.
    fn number(&self) -> u32 {
        u32::from_str_radix(self.numbers.trim(), 16).unwrap_or(0)
    }

    /// How many bytes they are.
    fn length(&self) -> usize {
        self.numbers.trim().len() / 2
    }
}

/// A line of a file of differences.
#[derive(Debug)]
struct Difference {
    encoding: u32,
    mask: u32,
    bits: usize,
    /// The style in which it differs; in all, if that is empty.
    option: &'static str,
}

impl Difference {
    fn read(text: &'static str) -> Vec<Difference> {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|line| {
                let mut columns = line.split_whitespace();
                let [encoding, mask] = [columns.next(), columns.next()].map(Option::unwrap);
                let number = |digits| u32::from_str_radix(digits, 16).unwrap();
                Difference {
                    encoding: number(encoding),
                    mask: number(mask),
                    bits: encoding.len() * 4,
                    option: columns.nth(2).unwrap_or(""),
                }
            })
            .collect()
    }

    fn allows(&self, number: u32, length: usize, option: &str) -> bool {
        length * 8 == self.bits
            && number & self.mask == self.encoding
            && (self.option.is_empty() || self.option == option)
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
