use super::*;
use crate::decode::{Set, belongs, pattern, rows};
use crate::encoding::{Op, ROWS};
use crate::{MIPS, MIPS64, R5900};
use portolan_machine::graph::render::effects;

/// The guest that an instance of a row is explained for.
fn guest_of(index: usize) -> Option<&'static Mips> {
    if belongs(Set::Mips64, index) {
        return Some(&MIPS64);
    }
    if belongs(Set::Mips32, index) {
        return Some(&MIPS);
    }
    belongs(Set::R5900, index).then_some(&R5900)
}

/// An instance of a row with different registers and a small immediate.
fn instance(index: usize) -> u32 {
    let pattern = pattern(index);
    let value = |name: &str| match name {
        "rs" | "base" | "fr" => 4,
        "rt" | "ft" | "wt" | "vt" | "index" => 5,
        "rd" | "fs" | "ws" | "vs" => 2,
        "fd" | "wd" | "vd" => 6,
        "ac" | "cc" | "df" | "n" | "m" => 1,
        "msb" | "msbd" => 11,
        "lsb" | "sa" => 3,
        "cond" => 12,
        "hwr" => 29,
        "cs" => 31,
        "offset" | "region" => 16,
        _ => 1,
    };
    let fields = pattern.fields.iter();
    fields.fold(pattern.value, |word, field| {
        word | field.insert(value(field.name))
    })
}

fn explanations() -> impl Iterator<Item = (usize, &'static Mips, Explanation)> {
    (0..rows().count()).filter_map(|index| {
        let guest = guest_of(index)?;
        let word = instance(index);
        let bytes = match guest.order() {
            portolan_machine::memory::Order::Big => word.to_be_bytes(),
            portolan_machine::memory::Order::Little => word.to_le_bytes(),
        };
        let it = explain(guest, &bytes, 0x1000).unwrap();
        // What stands for all operations of a coprocessor contains other rows.
        (it.name == row(index).name).then_some((index, guest, it))
    })
}

#[test]
fn every_bit_of_every_row_belongs_to_a_field_that_says_something() {
    for (_, _, it) in explanations() {
        let mut end = 32;
        for field in &it.fields {
            let (high, low) = field.bits;
            assert_eq!(high + 1, end, "{}: {field:?}", it.name);
            assert!(field.value >> (high - low) <= 1, "{}: {field:?}", it.name);
            assert!(
                !field.name.is_empty() && !field.meaning.is_empty(),
                "{}",
                it.name
            );
            end = low;
        }
        assert_eq!(end, 0, "{}", it.name);
    }
}

#[test]
fn every_row_has_a_sentence_a_place_in_the_manual_and_what_it_does() {
    for (index, guest, it) in explanations() {
        assert!(it.sentence.ends_with('.'), "{}: {}", it.name, it.sentence);
        assert!(!it.extension.is_empty() && !it.section.is_empty());
        let effects = effects(&it.graph, guest).join("\n");
        if index >= ROWS.len() {
            assert_eq!(effects, "trap: illegal instruction", "{}", it.name);
            continue;
        }
        let destination = match rows().nth(index).unwrap().operands.split([',', '(']).next() {
            Some("rd") => "v0 <- ",
            Some("fd") => "$f6 <- ",
            _ => "",
        };
        assert!(effects.contains(destination), "{}: {effects}", it.name);
        let does_nothing = matches!(Op::ALL[index], Op::pref | Op::prefx);
        assert_eq!(effects.is_empty(), does_nothing, "{}", it.name);
    }
}

/// `effects.txt` tells the effects of an instance of every executed row. It is written anew, for a
/// person to read, if the environment has UPDATE_GOLDENS.
#[test]
fn the_effects_of_every_row_read_as_reviewed() {
    let mut text = String::new();
    for (_, guest, it) in explanations().filter(|(index, ..)| *index < ROWS.len()) {
        text += &format!("{:<11}{}\n", it.name, it.assembly);
        for effect in effects(&it.graph, guest) {
            text += &format!("           {effect}\n");
        }
    }
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/explain/effects.txt");
        return std::fs::write(file, &text).unwrap();
    }
    let golden = include_str!("effects.txt");
    for (ours, expected) in text.lines().zip(golden.lines()) {
        assert_eq!(ours, expected);
    }
    assert_eq!(text.len(), golden.len());
}

#[test]
fn byte_order_is_that_of_the_effect() {
    // lw v0, 4(a0)
    let it = explain(&MIPS, &[0x8c, 0x82, 0x00, 0x04], 0x1000).unwrap();
    assert_eq!(it.assembly, "lw v0,4(a0)");
    let text = effects(&it.graph, &MIPS).join("\n");
    assert!(text.contains("mem") && text.contains("a0 + 4"), "{text}");
}
