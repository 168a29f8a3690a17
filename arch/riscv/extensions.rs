//! Extensions that a processor may lack, and ISA strings (*ISA Extension Naming Conventions* of the manual).
//!
//! A hart's mode has a bit for each extension that it lacks: one that nobody gave a mode has all that are
//! executed. Instructions of the others are illegal on it.

use crate::decode::{self, Instruction};
use crate::encoding::Op;
use std::sync::LazyLock;

/// The extensions that a processor may lack, in the order of ISA strings; the places of bits in a mode.
pub const OPTIONAL: [&str; 8] = ["M", "A", "F", "D", "C", "Zba", "Zbb", "Zbs"];

/// The extensions that every processor has: what Linux asks for.
const ALWAYS: [&str; 3] = ["zicsr", "zicntr", "zifencei"];

/// The mode of a processor that lacks the extensions after `first` of [`OPTIONAL`].
pub const fn only(first: usize) -> u8 {
    (0xff_u16 << first) as u8
}

/// The mode of the processor that an ISA string describes: `rv64imac_zba`. None, if it is not one, or has
/// extensions that are not executed.
pub fn read(string: &str) -> Option<u8> {
    let rest = string.strip_prefix("rv64")?;
    let mut words = rest.split('_');
    let mut letters = words.next()?;
    let mut missing = u8::MAX;
    let mut has = |name: &str| {
        let place = OPTIONAL.iter().position(|it| it.eq_ignore_ascii_case(name));
        if let Some(place) = place {
            missing &= !(1 << place);
        }
        place.is_some() || ALWAYS.contains(&name)
    };
    // An extension of several letters may follow the single ones without a line between them.
    if let Some(at) = letters.find('z') {
        if !has(&letters[at..]) {
            return None;
        }
        letters = &letters[..at];
    }
    let letters = match letters.as_bytes().split_first()? {
        (b'i', rest) => rest,
        (b'g', rest) => {
            ["m", "a", "f", "d"].into_iter().for_each(|it| {
                has(it);
            });
            rest
        }
        _ => return None,
    };
    for letter in letters {
        let is_known = match letter {
            b'b' => ["zba", "zbb", "zbs"].into_iter().all(&mut has),
            letter => has(char::from(*letter).encode_utf8(&mut [0; 4])),
        };
        if !is_known {
            return None;
        }
    }
    if !words.all(has) {
        return None;
    }
    let has_floats = missing & bit("F") == 0;
    (has_floats || missing & bit("D") != 0).then_some(missing)
}

/// The extension that an instruction needs and harts of a mode lack, if there is one.
pub fn lacking(mode: u8, row: usize, instruction: &Instruction) -> Option<&'static str> {
    use Op::*;
    let mut needed = NEEDED[row];
    let names_csr = matches!(
        instruction.op,
        csrrw | csrrs | csrrc | csrrwi | csrrsi | csrrci
    );
    // fflags, frm and fcsr.
    if names_csr && (1..=3).contains(&instruction.imm) {
        needed |= bit("F");
    }
    let place = (needed & mode).trailing_zeros() as usize;
    OPTIONAL.get(place).copied()
}

/// The bits of the extensions that each row needs.
static NEEDED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let of_name = |name: &str| match name {
        "Zalrsc" | "Zaamo" => bit("A"),
        name => bit(name),
    };
    let all = decode::rows().enumerate();
    all.map(|(index, row)| {
        let stands_for = decode::expansion(index)
            .and_then(|text| text.split(' ').next())
            .and_then(|name| decode::rows().find(|row| row.name == name));
        of_name(row.extension) | stands_for.map_or(0, |row| of_name(row.extension))
    })
    .collect()
});

/// The bit of an extension; 0, if every processor has it.
fn bit(name: &str) -> u8 {
    let place = OPTIONAL.iter().position(|it| *it == name);
    place.map_or(0, |place| 1 << place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode_on;
    use portolan_machine::guest::Undecoded;

    /// An instruction of each extension, and those that it needs.
    const INSTRUCTIONS: [(u32, &[&str]); 12] = [
        (0x0015_0513, &[]),      // addi a0,a0,1
        (0x02b5_0533, &["M"]),   // mul a0,a0,a1
        (0x1005_252f, &["A"]),   // lr.w a0,(a0)
        (0x00b5_252f, &["A"]),   // amoadd.w a0,a1,(a0)
        (0x00b5_7553, &["F"]),   // fadd.s fa0,fa0,fa1
        (0x02b5_7553, &["D"]),   // fadd.d fa0,fa0,fa1
        (0x0030_2573, &["F"]),   // frcsr a0
        (0x0505, &["C"]),        // c.addi a0,1
        (0x2108, &["C", "D"]),   // c.fld fa0,0(a0)
        (0x20b5_2533, &["Zba"]), // sh1add a0,a0,a1
        (0x6005_1513, &["Zbb"]), // clz a0,a0
        (0x28b5_1533, &["Zbs"]), // bset a0,a0,a1
    ];

    #[test]
    fn instructions_need_their_extensions() {
        for (word, needed) in INSTRUCTIONS {
            let bytes = word.to_le_bytes();
            assert!(decode_on(&bytes, 0).is_ok(), "{word:#x}");
            for (place, name) in OPTIONAL.into_iter().enumerate() {
                let decoded = decode_on(&bytes, 1 << place);
                match needed.contains(&name) {
                    false => assert!(decoded.is_ok(), "{word:#x} without {name}"),
                    true => assert!(
                        matches!(decoded, Err(Undecoded::Unsupported { extension, .. }) if extension == name),
                        "{word:#x} without {name}: {decoded:?}"
                    ),
                }
            }
        }
    }

    #[test]
    fn strings_are_modes() {
        let without = |names: &[&str]| Some(names.iter().map(|name| bit(name)).sum());
        assert_eq!(read("rv64gcb"), Some(0));
        assert_eq!(read("rv64imafdc_zba_zbb_zbs_zicsr"), Some(0));
        assert_eq!(read("rv64gc"), without(&["Zba", "Zbb", "Zbs"]));
        assert_eq!(read("rv64gc"), Some(only(5)));
        assert_eq!(read("rv64imaczbb"), without(&["F", "D", "Zba", "Zbs"]));
        assert_eq!(read("rv64i"), Some(u8::MAX));
        for wrong in [
            "",
            "rv32gc",
            "rv64",
            "rv64e",
            "rv64gcv",
            "rv64imadc",
            "rv64gc_",
            "rv64gc_zfh",
            "rv64zba",
            "rv64GC",
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
