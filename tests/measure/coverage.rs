//! `portolan coverage`.

use super::{portolan, rom};
use crate::support;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::guests::Guest;
use support::{TempDir, run, workspace};

/// Writes both files for a rom.
fn cover(isa: &str, name: &str, scratch: &Path) -> (String, Vec<u8>) {
    let (lcov, drcov) = (scratch.join("lcov"), scratch.join("drcov"));
    let mut command = portolan("coverage");
    command.arg("--lcov").arg(&lcov).arg("--drcov").arg(&drcov);
    let end = run(command.arg(rom(isa, name)), b"");
    assert_eq!(end.status, 0);
    let table = String::from_utf8(end.stderr).expect("text");
    assert!(table.contains(&format!("{name}.c")), "{table}");
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
    let lcov = fs::read_to_string(lcov).expect("a tracefile");
    (lcov, fs::read(drcov).expect("a log"))
}

/// What a tracefile says of one source: lines and functions with their counts.
#[derive(Default)]
struct Record {
    lines: BTreeMap<u32, u64>,
    functions: BTreeMap<String, u64>,
}

/// Reads a tracefile, strictly: geninfo(1).
fn read_lcov(text: &str) -> BTreeMap<String, Record> {
    let mut records = BTreeMap::new();
    let mut open: Option<(String, Record, BTreeMap<String, u64>)> = None;
    for line in text.lines() {
        if line == "end_of_record" {
            let (path, record, totals) = open.take().expect("it began");
            let hit = record.lines.values().filter(|count| **count > 0).count() as u64;
            assert_eq!(totals["LF"], record.lines.len() as u64);
            assert_eq!(totals["LH"], hit);
            assert_eq!(totals["FNF"], record.functions.len() as u64);
            let hit = record
                .functions
                .values()
                .filter(|count| **count > 0)
                .count() as u64;
            assert_eq!(totals["FNH"], hit);
            assert!(records.insert(path, record).is_none());
            continue;
        }
        let (tag, rest) = line.split_once(':').expect("a tag");
        if tag == "TN" {
            assert!(open.is_none());
            continue;
        }
        if tag == "SF" {
            open = Some((rest.to_owned(), Record::default(), BTreeMap::new()));
            continue;
        }
        let (_, record, totals) = open.as_mut().expect("a source");
        match tag {
            "FN" => {
                let (line, name) = rest.split_once(',').expect("a line and a name");
                assert!(line.parse::<u32>().expect("a line") > 0);
                assert!(record.functions.insert(name.to_owned(), 0).is_none());
            }
            "FNDA" => {
                let (count, name) = rest.split_once(',').expect("a count and a name");
                let known = record.functions.get_mut(name).expect("it was introduced");
                *known = count.parse().expect("a count");
            }
            "DA" => {
                let (line, count) = rest.split_once(',').expect("a line and a count");
                let line = line.parse().expect("a line");
                let count = count.parse().expect("a count");
                assert!(record.lines.insert(line, count).is_none());
            }
            "FNF" | "FNH" | "LF" | "LH" => {
                totals.insert(tag.to_owned(), rest.parse().expect("a number"));
            }
            _ => panic!("{line}"),
        }
    }
    assert!(open.is_none());
    records
}

/// The lines of fib.c ran as often as the source says, and rt.c has functions that did not.
fn lines_ran_as_often_as_the_source_says(guest: &Guest) {
    let scratch = TempDir::new();
    let (lcov, _) = cover(guest.isa, "fib", scratch.path());
    let records = read_lcov(&lcov);
    let source = |name: &str| {
        let mut paths = records.iter().filter(|(path, _)| path.ends_with(name));
        paths
            .next()
            .unwrap_or_else(|| panic!("no {name}: {lcov}"))
            .1
    };
    let (fib, rt) = (source("/fib.c"), source("/rt.c"));
    let text = fs::read_to_string(workspace().join("roms/src/fib.c")).expect("the source");
    let of_fib = (1u32..)
        .zip(text.lines())
        .find(|(_, line)| line.contains("return n < 2"));
    let (line, _) = of_fib.expect("it is there");
    assert!((10_000..22_000).contains(&fib.lines[&line]), "{lcov}");
    let of_main = (1u32..)
        .zip(text.lines())
        .find(|(_, line)| line.contains("print(\") = \")"));
    assert_eq!(fib.lines[&of_main.expect("it is there").0], 1, "{lcov}");
    assert!((10_000..22_000).contains(&fib.functions["fib"]));
    assert_eq!(fib.functions["main"], 1);
    assert!(rt.lines.values().any(|count| *count == 0), "{lcov}");
}

/// The basic blocks lie in the file, do not overlap, and there are as many as their table says.
fn blocks_are_those_of_the_file(guest: &Guest) {
    let scratch = TempDir::new();
    let (_, log) = cover(guest.isa, "fib", scratch.path());
    let mut rest = &log[..];
    let mut line = || {
        let end = rest.iter().position(|byte| *byte == b'\n').expect("a line");
        let line = String::from_utf8(rest[..end].to_vec()).expect("text");
        rest = &rest[end + 1..];
        line
    };
    assert_eq!(line(), "DRCOV VERSION: 2");
    assert_eq!(line(), "DRCOV FLAVOR: drcov");
    assert_eq!(line(), "Module Table: version 2, count 1");
    assert_eq!(line(), "Columns: id, base, end, entry, path");
    let module = line();
    let columns: Vec<&str> = module.split(", ").map(str::trim).collect();
    assert_eq!(columns[0], "0");
    let hex =
        |text: &str| u64::from_str_radix(text.strip_prefix("0x").expect("hex"), 16).expect("hex");
    let (base, end) = (hex(columns[1]), hex(columns[2]));
    assert_eq!(Path::new(columns[4]), rom(guest.isa, "fib"));
    let table = line();
    let count = table
        .strip_prefix("BB Table: ")
        .and_then(|rest| rest.strip_suffix(" bbs"));
    let count: usize = count.expect("a table").parse().expect("a number");
    assert_eq!(rest.len(), 8 * count);
    assert!(count > 20, "{count}");
    let mut last = 0;
    for entry in rest.chunks(8) {
        let start = u32::from_le_bytes(entry[..4].try_into().expect("four bytes"));
        let size = u16::from_le_bytes(entry[4..6].try_into().expect("two bytes"));
        assert_eq!(entry[6..], [0, 0]);
        assert!(start >= last && size > 0, "{start:#x}");
        last = start + u32::from(size);
        assert!(base + u64::from(last) <= end);
    }
}

each_guest! {
    lines_ran_as_often_as_the_source_says: super::lines_ran_as_often_as_the_source_says;
    blocks_are_those_of_the_file: super::blocks_are_those_of_the_file;
}

/// lcov itself reads it, where it is installed.
#[test]
fn lcov_reads_it() {
    let Some(lcov) = support::oracle("lcov") else {
        return;
    };
    let scratch = TempDir::new();
    cover("riscv64", "sort", scratch.path());
    let mut command = Command::new(lcov);
    let end = run(
        command.arg("--summary").arg(scratch.path().join("lcov")),
        b"",
    );
    let text = String::from_utf8_lossy(&[end.stdout, end.stderr].concat()).into_owned();
    assert_eq!(end.status, 0, "{text}");
    assert!(text.contains("lines......:"), "{text}");
    assert!(text.contains("functions..:"), "{text}");
}
