//! Every instruction: what the disassembler writes, the assembler reads, and as binutils does.

use super::assemble;
use super::support::{TempDir, oracle, run};
use portolan::Guest;
use portolan::guests;
use portolan_machine::guest::{Line, Style};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

/// Where sources begin.
const PC: u64 = 0x0040_0000;

/// A number after another one (xorshift).
fn next(state: &mut u64) -> u32 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as u32
}

/// Words of all instructions, with many operands: instances of each row, and words that differ from them in some bits.
fn words(guest: &'static dyn Guest) -> BTreeSet<u32> {
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut words = BTreeSet::new();
    for constant in [0, 1, 4, -8, 16] {
        for bytes in guest.instances(constant) {
            let Ok(bytes) = <[u8; 4]>::try_from(bytes.as_slice()) else {
                continue;
            };
            let word = u32::from_le_bytes(bytes);
            words.insert(word);
            for _ in 0..20 {
                let few = next(&mut state) & next(&mut state);
                words.insert(word ^ few & 0x03ff_ffc0);
                words.insert(word ^ few & 0xffff_f000);
                words.insert(word ^ few & 0x0000_ffff & next(&mut state));
            }
        }
    }
    words
}

/// A word's line, if it is an instruction that is executed and written as one. Control registers have numbers in the
/// simulators, and no names; fields of bits do not end before they begin.
fn line(guest: &'static dyn Guest, word: u32, aliases: bool) -> Option<Line> {
    let bytes = word.to_le_bytes();
    guest.record(&bytes, PC).ok()?;
    let style = Style {
        aliases,
        abi_names: false,
        other_syntax: false,
    };
    let line = guest.disassembler(style).line(&bytes, PC);
    let is_spelled = line.length == 4
        && line.decoded
        && !line.mnemonic.starts_with('.')
        && ![" or ", "unknown", "c1_", "hwr_", "0xffffff"]
            .iter()
            .any(|it| line.operands.contains(it));
    is_spelled.then_some(line)
}

fn text(line: &Line) -> String {
    let text = Line {
        reference: None,
        ..line.clone()
    };
    text.text(&|address| format!("{address:#x}"))
}

/// A line with its numbers in decimal, as instructions that load the same number write it differently.
fn decimal(text: &str) -> String {
    let parts = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let parts = parts.map(|part| {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let number = digits
            .strip_prefix("0x")
            .and_then(|it| u32::from_str_radix(it, 16).ok());
        number.map_or(part.to_owned(), |it| {
            part.replacen(digits, &it.to_string(), 1)
        })
    });
    parts.collect()
}

/// The first word of an instruction that was assembled.
fn assembled(machine: &str, text: &str) -> Result<u32, String> {
    let assembled = assemble(machine, text).map_err(|error| error.to_string())?;
    let first = assembled.text.first_chunk().expect("an instruction");
    Ok(u32::from_le_bytes(*first))
}

fn check(machine: &str, names_at_least: usize) {
    let guest = guests::of_simulator(machine).expect("it has a guest").guest;
    let mut seen = BTreeSet::new();
    for word in words(guest) {
        if let Some(line) = line(guest, word, false) {
            let text = text(&line);
            let made = assembled(machine, &text).unwrap_or_else(|error| panic!("{error}"));
            // What should be there twice may be there once.
            let is_half = matches!(&*line.mnemonic, "clo" | "clz") && machine == "spim";
            let doubled = (word | word << 5 & 0x1f_0000 | word >> 5 & 0xf800) == made;
            assert!(
                made == word || is_half && doubled,
                "{word:#010x}, {made:#010x}: {text}"
            );
            seen.insert(line.mnemonic.clone());
        }
        // An alias may be of several instructions: what is assembled is written the same.
        if let Some(line) = self::line(guest, word, true) {
            let text = text(&line);
            let word = assembled(machine, &text).unwrap_or_else(|error| panic!("{error}"));
            let again = self::line(guest, word, true).map(|line| self::text(&line));
            assert_eq!(
                again.map(|it| decimal(&it)),
                Some(decimal(&text)),
                "{word:#010x}"
            );
            seen.insert(line.mnemonic);
        }
    }
    assert!(seen.len() >= names_at_least, "{}: {seen:?}", seen.len());
}

#[test]
fn what_is_disassembled_is_assembled_for_mips() {
    check("spim", 190);
}

#[test]
fn what_is_disassembled_is_assembled_for_riscv() {
    check("rars", 230);
}

/// Compares with what binutils makes of the same lines.
fn beside_binutils(machine: &str, tools: &str, flags: &[&str], head: &str) {
    let Some(assembler) = oracle(&format!("{tools}-as")) else {
        return;
    };
    let Some(copy) = oracle(&format!("{tools}-objcopy")) else {
        return;
    };
    let guest = guests::of_simulator(machine).expect("it has a guest").guest;
    let mut lines: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for word in words(guest) {
        let line = line(guest, word, false).filter(|line| line.target.is_none());
        if let Some(line) = line {
            let of_its_name = lines.entry(line.mnemonic.clone()).or_default();
            if of_its_name.len() < 40 {
                of_its_name.insert(text(&line));
            }
        }
    }
    let scratch = TempDir::new();
    let path = |name: &str| scratch.path().join(name);
    let mut all: Vec<String> = lines.into_values().flatten().collect();
    let assemble = |lines: &[String]| {
        let source = format!("{head}\n{}\n", lines.join("\n"));
        fs::write(path("a.s"), source).expect("a source");
        let mut assemble = Command::new(&assembler);
        assemble
            .args(flags)
            .arg("-o")
            .arg(path("a.o"))
            .arg(path("a.s"));
        let end = run(&mut assemble, b"");
        String::from_utf8_lossy(&end.stderr).into_owned()
    };
    // What it disassembles and does not assemble says nothing of us.
    let refused: BTreeSet<usize> = assemble(&all)
        .lines()
        .filter(|line| line.contains(": Error: "))
        .filter_map(|line| line.split(':').nth(1)?.parse().ok())
        .collect();
    let (mut number, before) = (head.lines().count().max(1), all.len());
    all.retain(|_| {
        number += 1;
        !refused.contains(&number)
    });
    assert!(before - all.len() < before / 20, "{before}: {refused:?}");
    let errors = assemble(&all);
    assert!(!errors.contains("Error"), "{errors}");
    let mut extract = Command::new(copy);
    extract.args(["-O", "binary", "-j", ".text"]);
    run(extract.arg(path("a.o")).arg(path("a.bin")), b"");
    let theirs = fs::read(path("a.bin")).expect("binutils wrote it");
    assert!(
        all.len() > 1000 && theirs.len() >= 4 * all.len(),
        "{}",
        all.len()
    );
    for (text, theirs) in all.iter().zip(theirs.chunks_exact(4)) {
        let theirs = u32::from_le_bytes(theirs.try_into().expect("four bytes"));
        assert_eq!(
            assembled(machine, text),
            Ok(theirs),
            "{text}: {theirs:#010x}"
        );
    }
}

#[test]
fn instructions_of_mips_are_those_of_binutils() {
    let head = ".set noreorder\n.set noat\n.set nomacro";
    beside_binutils(
        "spim",
        "mipsel-linux-gnu",
        &["-mips32r2", "-mno-fix-loongson3-llsc"],
        head,
    );
}

#[test]
fn instructions_of_riscv_are_those_of_binutils() {
    let flags = ["-march=rv64g_zba_zbb_zbs", "-mno-relax"];
    beside_binutils("rars", "riscv64-linux-gnu", &flags, "");
}
