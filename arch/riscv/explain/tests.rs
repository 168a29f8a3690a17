use super::*;
use crate::decode::{pattern, rows};
use portolan_machine::graph::render::effects;

/// An instance of a row with different registers and a small immediate.
fn instance(index: usize) -> Vec<u8> {
    let pattern = pattern(index);
    let value = |name: &str| match name {
        "rd" => 10,
        "rs1" => 11,
        "rs2" => 12,
        "rs3" => 13,
        "rd'" => 2,
        "rs1'" => 3,
        "rs2'" => 4,
        "csr" | "pred" => 3,
        "rm" => 7,
        "succ" | "aq" => 1,
        "fm" | "rl" => 0,
        _ => 5,
    };
    let silent = |name: &str| row(index).name.starts_with("fence") && name.starts_with(['r', 'i']);
    let fields = pattern.fields.iter().filter(|field| !silent(field.name));
    let word = fields.fold(pattern.value, |word, field| {
        let lowest = field.pieces.iter().map(|piece| piece.to).min();
        let shift = lowest.unwrap_or(0);
        word | field.insert((value(field.name) << shift) as u32)
    });
    word.to_le_bytes()[..usize::from(pattern.bits / 8)].to_vec()
}

fn explanations() -> impl Iterator<Item = Explanation> {
    (0..rows().count()).map(|index| explain(&instance(index), 0x1000).unwrap())
}

#[test]
fn every_bit_of_every_row_belongs_to_a_field_that_says_something() {
    for it in explanations() {
        let mut end = it.bytes.len() as u8 * 8;
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
fn every_row_has_a_sentence_a_place_in_the_manual_and_an_effect() {
    for it in explanations() {
        assert!(it.sentence.ends_with('.'), "{}: {}", it.name, it.sentence);
        assert!(!it.extension.is_empty() && !it.section.is_empty());
        assert_eq!(it.expansion.is_some(), it.bytes.len() == 2, "{}", it.name);

        let effects = effects(&it.graph, crate::GUEST);
        let all = effects.join("\n");
        let operands = row(find(&it.bytes).unwrap().0).operands;
        let destination = match operands.split([',', '(']).next().unwrap() {
            "rd" | "rd'" => "a0 <- ",
            "frd" | "frd'" => "fa0 <- ",
            "target" => "pc <- ",
            _ if it.name.contains('b') && operands.ends_with("target") => "pc <- ",
            _ if operands.ends_with(')') && !operands.starts_with('r') => "mem",
            _ => "",
        };
        assert!(all.contains(destination), "{}: {all:?}", it.name);
        assert_eq!(effects.is_empty(), it.name == "c.nop", "{}", it.name);
    }
}

/// `effects.txt` tells the effects of an instance of every row. It is written anew, for a person
/// to read, if the environment has UPDATE_GOLDENS.
#[test]
fn the_effects_of_every_row_read_as_reviewed() {
    let mut text = String::new();
    for it in explanations() {
        text += &format!("{:<11}{}\n", it.name, it.assembly);
        for effect in effects(&it.graph, crate::GUEST) {
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

fn effects_of(word: u32) -> Vec<String> {
    let it = explain(&word.to_le_bytes(), 0x1000).unwrap();
    effects(&it.graph, crate::GUEST)
}

#[test]
fn a_register_that_is_source_and_destination_keeps_its_old_value_in_a_name() {
    // jalr a0, 5(a0)
    assert_eq!(
        effects_of(0x0055_0567),
        ["target <- (a0 + 5) & ~1", "a0 <- pc + 4", "pc <- target"]
    );
    // sc.w a1, a2, (a1): the second condition is about the old a1 too.
    assert_eq!(
        effects_of(0x18c5_a5af)[1..],
        [
            "condition <- reserved_bytes == 4 and reserved_address == a1",
            "if condition: old <- sext32(mem32[a1])",
            "if condition and old == reserved_value: mem32[a1] <- a2[31:0], atomically",
            "if condition: a1 <- old != reserved_value ? 1 : 0",
            "if not condition: a1 <- 1",
            "reserved_bytes <- 0",
        ]
    );
}

#[test]
fn what_has_no_destination_still_has_its_effect() {
    // lw zero, 0(a1)
    assert_eq!(effects_of(0x0005_a003), ["mem32[a1] is read"]);
    // fle.s zero, fa1, fa1
    assert_eq!(
        effects_of(0xa0b5_8053),
        ["fflags <- fflags | exceptions of unbox32(fa1) <= unbox32(fa1) in f32"]
    );
}

#[test]
fn zero_and_constants_are_worked_out() {
    assert_eq!(effects_of(0x40b0_053b), ["a0 <- sext32(-a1)"]); // negw a0, a1
    assert_eq!(effects_of(0x00b0_3533), ["a0 <- a1 != 0 ? 1 : 0"]); // snez a0, a1
    assert_eq!(effects_of(0x0010_0513), ["a0 <- 1"]); // li a0, 1
    assert_eq!(effects_of(0x0000_2517), ["a0 <- pc + 0x2000"]); // auipc a0, 2
    assert_eq!(
        effects_of(0x60c5_953b),
        ["a0 <- sext32(rotate_left32(a1[31:0], a2[4:0]))"] // rolw a0, a1, a2
    );
}

#[test]
fn immediates_say_what_each_piece_adds() {
    // beqz a1, .-4
    let it = explain(&0xfe05_8ee3u32.to_le_bytes(), 0x1000).unwrap();
    let immediates = it.fields.iter().filter(|f| f.name.starts_with("imm"));
    let said: Vec<_> = immediates
        .map(|f| (f.name.as_str(), f.meaning.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("imm[12]", "-4096"),
            ("imm[10:5]", "2016"),
            ("imm[4:1]", "28"),
            ("imm[11]", "2048, in all -4: to 0xffc"),
        ]
    );
}
