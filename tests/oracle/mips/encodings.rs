//! Which words are instructions: scenes of every opcode with every function code, and every
//! selector of the opcodes that have two. What we do not execute must be a reserved instruction
//! there too.

use super::rows::{UNKNOWN_CALL, V0};
use super::{Mips, deviations};
use crate::compare::seed;
use crate::scene::Scene;
use crate::values::scatter;
use crate::world::{DATA, State};
use portolan_machine::guest::{Context, Undecoded};
use portolan_machine::memory::PAGE;
use portolan_mips::decode;
use portolan_mips::encoding::Op;
use portolan_mips::regs::{F, R};

/// The opcodes SPECIAL, REGIMM, COP0 to COP1X, SPECIAL2, MSA and SPECIAL3, which have function
/// codes and a selector, and the bit at which that is.
const SELECTED: &[(u32, u32)] = &[
    (0x00, 6),
    (0x01, 16),
    (0x10, 21),
    (0x11, 21),
    (0x12, 21),
    (0x13, 6),
    (0x1c, 6),
    (0x1e, 21),
    (0x1f, 6),
];

/// How many words are tried of a row that is only known by name.
const WORDS_OF_A_NAME: u64 = 4;

/// Words with every opcode, function code and selector; everything else is random, and often zero.
pub fn words(mips: &Mips) -> Vec<Scene> {
    let selected = SELECTED.iter().flat_map(|&(opcode, at)| {
        let codes = (0..64).flat_map(move |code| (0..32).map(move |selector| (code, selector)));
        codes.map(move |(code, selector)| (opcode, code, Some((selector, at))))
    });
    let others = (0..64)
        .filter(|opcode| SELECTED.iter().all(|(selected, _)| selected != opcode))
        .flat_map(|opcode| (0..64).map(move |code| (opcode, code, None)));
    selected
        .chain(others)
        .enumerate()
        .map(|(n, (opcode, code, selector))| {
            let random = scatter(seed() << 20 | n as u64);
            let blank = |bit: u64, at: u32| match random >> bit & 1 {
                0 => 0,
                _ => 31 << at,
            };
            // Registers and function codes are often zero where nothing else may be there.
            let kept = blank(32, 21) | blank(33, 16) | blank(34, 11) | blank(35, 6);
            let mut word = random as u32 & kept | opcode << 26 | code;
            if let Some((selector, at)) = selector {
                word = word & !(31 << at) | selector << at;
            }
            word
        })
        .filter(|&word| !deviations::ends_qemu(word))
        .map(|word| scene(mips, word))
        .collect()
}

/// Words of every row that is only known by name, those of release 6 among them.
///
/// # Panics
/// If one is not refused by a name and the extension or release that has it.
pub fn named(mips: &Mips) -> Vec<Scene> {
    let rows = decode::rows().enumerate().skip(Op::ALL.len());
    let rows = rows
        .filter(|(row, it)| decode::belongs(mips.set, *row) || it.extension == "MIPS release 6");
    rows.flat_map(|(row, _)| (0..WORDS_OF_A_NAME).map(move |n| (row, n)))
        .filter_map(|(row, n)| {
            let pattern = decode::pattern(row);
            let raw = (seed() << 16 | row as u64) << 8 | n;
            let fields = (0..).map(|field| scatter(raw << 4 | field) as u32);
            let word = pattern
                .fields
                .iter()
                .zip(fields)
                .fold(pattern.value, |word, (field, value)| {
                    word | field.insert(value)
                });
            // Some fields must not be zero.
            pattern.matches(word).then_some((row, word))
        })
        .filter_map(|(row, word)| {
            let context = Context {
                mode: mips.mode,
                inside: 0,
            };
            match decode::decode(mips.variant(), &mips.bytes(word), context) {
                // Some of its fields make it another instruction.
                Ok(_) => None,
                Err(Undecoded::Unsupported { .. }) => Some(word),
                Err(other) => panic!("{}, {word:08x}: {other}", decode::row(row).name),
            }
        })
        .filter(|&word| !deviations::ends_qemu(word))
        .map(|word| scene(mips, word))
        .collect()
}

/// A word on its own, among registers that most loads, stores and calculations can use.
fn scene(mips: &Mips, word: u32) -> Scene {
    let mut before = State::new();
    for n in 1..32 {
        before.registers[usize::from(R + n)] = DATA + PAGE / 2 + 8 * u64::from(n);
    }
    for n in (0..32).step_by(if mips.has_wide_floats() { 1 } else { 2 }) {
        before.registers[usize::from(F + n)] = f64::from(n).to_bits();
    }
    before.registers[usize::from(R + V0)] = UNKNOWN_CALL;
    let mut code = mips.bytes(word).to_vec();
    let instruction = mips.decode(&code);
    if instruction.is_some_and(|instruction| decode::has_delay_slot(instruction.op)) {
        code.extend(mips.bytes(0));
    }
    Scene {
        guest: mips.guest,
        code,
        before,
    }
}
