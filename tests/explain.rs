//! What `explain` prints, against transcripts that people have read (`explain/*.txt`). They are
//! written anew if the environment has UPDATE_GOLDENS.

use portolan::guests;
use portolan::view::explain::{self, ExplainError, Options};
use portolan::view::paint::Paint;
use portolan_riscv::decode::{pattern, rows};
use std::fs;
use std::path::Path;

fn explain(bytes: &[u8], address: u64, options: Options) -> Result<String, ExplainError> {
    let mut out = Vec::new();
    let guest = guests::named("riscv64").unwrap();
    explain::write(&mut out, guest, bytes, address, usize::MAX, &options)?;
    Ok(String::from_utf8(out).unwrap())
}

#[track_caller]
fn assert_transcript(name: &str, bytes: &[u8]) {
    let text = explain(bytes, 0x1_0100, Options::default()).unwrap();
    let file = Path::new("tests/explain").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(&file).unwrap_or_default());
}

#[test]
fn an_immediate() {
    assert_transcript("addi.txt", &[0x13, 0x05, 0x15, 0x00]);
}

#[test]
fn a_branch_with_a_scattered_offset() {
    assert_transcript("beq.txt", &[0xe3, 0x8e, 0x05, 0xfe]);
}

#[test]
fn a_compressed_jump() {
    assert_transcript("c.j.txt", &[0x5d, 0xbf]);
}

#[test]
fn a_rounded_operation_in_single_precision() {
    assert_transcript("fmadd.s.txt", &[0x43, 0xf5, 0xc5, 0x68]);
}

#[test]
fn an_atomic_instruction() {
    assert_transcript("sc.w.txt", &[0x2f, 0xa5, 0xc5, 0x1c]);
}

/// An instance of every row.
fn instances() -> impl Iterator<Item = Vec<u8>> {
    (0..rows().count()).map(|index| {
        let pattern = pattern(index);
        let ones = pattern.fields.iter().map(|field| field.insert(0x1195));
        let word = ones.fold(pattern.value, |word, field| word | field);
        word.to_le_bytes()[..usize::from(pattern.bits / 8)].to_vec()
    })
}

#[test]
fn every_row_fits_a_hundred_columns() {
    for bytes in instances() {
        let text = explain(&bytes, 0x1_0100, Options::default()).unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
            assert_eq!(line.trim_end(), line, "{line:?}");
        }
    }
}

#[test]
fn colours_change_nothing_else() {
    for bytes in instances() {
        let options = Options {
            paint: Paint { on: true },
            ..Options::default()
        };
        let painted = explain(&bytes, 0, options).unwrap();
        let mut plain = String::new();
        for part in painted.split('\x1b') {
            let (escape, rest) = part.split_once('m').unwrap_or(("", part));
            let is_escape = escape.starts_with('[');
            plain += if is_escape { rest } else { part };
        }
        let without: Vec<&str> = plain.lines().map(str::trim_end).collect();
        let expected = explain(&bytes, 0, Options::default()).unwrap();
        assert_eq!(without, expected.lines().collect::<Vec<_>>());
    }
}

#[test]
fn json_has_every_bit_and_effect() {
    for bytes in instances() {
        let options = Options {
            json: true,
            ..Options::default()
        };
        let text = explain(&bytes, 0x1_0100, options).unwrap();
        let all: serde_json::Value = serde_json::from_str(&text).unwrap();
        let it = &all[0];
        let fields = it["fields"].as_array().unwrap();
        let bits = fields.iter().map(|field| field["bits"].as_str().unwrap());
        assert_eq!(bits.map(str::len).sum::<usize>(), bytes.len() * 8);
        assert_eq!(it["address"], "0x10100");
        assert!(it["effects"].is_array() && it["sentence"].is_string());
    }
}

#[test]
fn what_is_no_instruction_is_refused_with_a_reason() {
    let message = |bytes: &[u8]| {
        let error = explain(bytes, 0x1000, Options::default()).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        message(&[0x57, 0, 0, 0]),
        "57 00 00 00 at 0x1000: no instruction of this instruction set. Is it data, or for another \
         machine than RISC-V, 64-bit (RV64GC, Zba, Zbb, Zbs)? (A disassembler writes `.4byte 0x57`.)"
    );
    assert!(message(&[0x13, 0x05]).contains("it has 4 bytes, here are 2"));
    assert_eq!(message(&[]), "there are no bytes to explain");
}
