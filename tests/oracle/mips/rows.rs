//! Scenes of single instructions, with operands worth having.

use super::{Mips, deviations};
use crate::relations::relate;
use crate::scene::{Dice, Kind, Scene, code_address, data_address};
use crate::values::{choose, double, integer, scatter, single};
use crate::world::State;
use portolan_machine::encoding::Field;
use portolan_mips::decode::{self, Instruction};
use portolan_mips::encoding::{Op, ROWS};
use portolan_mips::regs::{CAUSE, CONDITIONS, ENABLES, F, FLAGS, HI, LO, R, ROUNDING, USER_LOCAL};

/// The number of a call that no kernel has: others are not made.
pub const UNKNOWN_CALL: u64 = 9999;

/// The register of a call's number.
pub const V0: u8 = 2;

/// `addiu at,at,1`, which shows whether a delay slot was executed.
const COUNTING: u32 = 0x2421_0001;

/// The rows that are compared: indices and names.
pub fn compared(mips: &Mips) -> Vec<(usize, &'static str)> {
    let executed = ROWS.iter().map(|row| row.name).enumerate();
    executed
        .filter(|&(row, name)| decode::belongs(mips.set, row) && deviations::compares(mips, name))
        .collect()
}

/// A scene of one instruction, that of a row; a branch has another in its delay slot. None if the
/// raw numbers make it another instruction, or one whose result the manual leaves open.
pub fn of_row(mips: &Mips, row: usize, dice: &Dice) -> Option<Scene> {
    let word = encode(mips, row, &dice.fields)?;
    let instruction = mips.decode(&mips.bytes(word))?;
    let mut before = background(mips, dice.rest, dice.mode);
    set_operands(mips, &mut before, &instruction, dice);
    let mut code = mips.bytes(word).to_vec();
    if decode::has_delay_slot(instruction.op) {
        code.extend(mips.bytes(COUNTING));
    }
    Some(Scene {
        guest: mips.guest,
        code,
        before,
    })
}

/// A row's instruction with random fields.
pub fn encode(mips: &Mips, row: usize, raw: &[u32; 8]) -> Option<u32> {
    let pattern = decode::pattern(row);
    let fields = pattern.fields.iter().zip(raw);
    let word = fields.fold(pattern.value, |word, (field, &raw)| {
        word | field.insert(field_value(field, raw))
    });
    checked(mips, row, word)
}

/// A word if it is an instruction of a row, and one that can be compared.
pub fn checked(mips: &Mips, row: usize, word: u32) -> Option<u32> {
    let bytes = mips.bytes(word);
    // Some values of some fields are other instructions.
    let (found, _) = decode::find(mips.variant(), &bytes).ok()?;
    let open = deviations::is_unpredictable(mips, &mips.decode(&bytes)?);
    (found == row && !open).then_some(word)
}

/// The value of a field.
pub fn field_value(field: &Field, raw: u32) -> u32 {
    let (kind, rest) = (raw >> 28, scatter(raw.into()) as u32);
    match field.name {
        // Registers: often the same.
        "rs" | "rt" | "rd" | "base" | "index" => match kind {
            0 => raw,
            1..=9 => rest,
            10..=13 => 4 + rest % 3,
            _ => 4,
        },
        // Often such as can hold a double, however wide they are.
        "fr" | "fs" | "ft" | "fd" => match kind {
            0 => raw,
            1..=3 => rest,
            4..=11 => rest & !1,
            _ => 4 + rest % 4 * 2,
        },
        "cs" => choose(rest.into(), &[31, 31, 31, 25, 26, 28, 0]),
        "hwr" => choose(rest.into(), &[0, 1, 2, 3, 29, 29, rest >> 8]),
        _ => match kind {
            0..=2 => raw,
            3..=5 => rest % 64,
            6 | 7 => (rest % 64).wrapping_neg(),
            8 => 1 << (rest % 32),
            9 => (1 << (rest % 32)) - 1,
            10 => u32::MAX << (rest % 32),
            _ => rest,
        },
    }
}

/// Registers and data of random values, and the control registers.
pub fn background(mips: &Mips, seed: u64, mode: u32) -> State {
    let mut state = State::new();
    let raw = |file: u64, n: u8| scatter(seed ^ file << 8 ^ u64::from(n));
    if seed != 0 {
        for n in 1..32 {
            state.registers[usize::from(R + n)] = mips.value(integer(raw(1, n)));
        }
        for (n, slot) in [(0, HI), (1, LO), (2, USER_LOCAL)] {
            state.registers[usize::from(slot)] = mips.value(integer(raw(2, n)));
        }
        for n in 0..32 {
            if n % 4 < 2 {
                set_double(mips, &mut state, n & 30, double(raw(3, n)));
            } else {
                set_single(mips, &mut state, n, single(raw(3, n)));
            }
        }
        for (n, word) in (0u64..).zip(state.data.chunks_exact_mut(8)) {
            word.copy_from_slice(&integer(scatter(seed ^ 3 << 16 ^ n)).to_le_bytes());
        }
        state.registers[usize::from(CONDITIONS)] = raw(4, 0) & 0xff;
    }
    let mode = u64::from(mode);
    let enables = if mode >> 8 & 7 == 7 {
        mode >> 16 & 31
    } else {
        0
    };
    for (slot, value) in [
        (FLAGS, mode & 31),
        (ENABLES, enables),
        // Both would trap before anything is done.
        (CAUSE, mode >> 11 & 31 & !enables),
        (ROUNDING, choose(mode >> 5 & 7, &[0, 0, 0, 0, 0, 1, 2, 3])),
    ] {
        state.registers[usize::from(slot)] = value;
    }
    state
}

/// A state as a processor can be in it: registers that have 32 bits have no more.
pub fn possible(mips: &Mips, mut state: State) -> State {
    for slot in (R..R + 32).chain([HI, LO]) {
        let register = &mut state.registers[usize::from(slot)];
        *register = mips.value(*register);
    }
    if !mips.has_wide_floats() {
        for n in (1..32).step_by(2) {
            state.registers[usize::from(F + n)] = 0;
        }
    }
    state
}

/// Puts a double into a register, and into the odd one after it where they have 32 bits.
fn set_double(mips: &Mips, state: &mut State, n: u8, value: u64) {
    let n = if mips.has_wide_floats() { n } else { n & !1 };
    state.registers[usize::from(F + n)] = value;
}

/// Puts a single or a word into a register.
fn set_single(mips: &Mips, state: &mut State, n: u8, value: u32) {
    let is_upper = !mips.has_wide_floats() && n % 2 == 1;
    let slot = &mut state.registers[usize::from(F + n - u8::from(is_upper))];
    *slot = if is_upper {
        *slot & 0xffff_ffff | u64::from(value) << 32
    } else {
        *slot & !0xffff_ffff | u64::from(value)
    };
}

/// What an instruction takes from a floating-point register.
#[derive(Clone, Copy)]
enum Format {
    Single,
    Double,
    Pair,
    Word,
    Long,
}

impl Format {
    /// That of an instruction's sources: the last part of its name.
    fn of(op: Op) -> Format {
        match ROWS[op as usize].name.rsplit('.').next() {
            Some("d") => Format::Double,
            Some("ps" | "pl" | "pu") => Format::Pair,
            Some("w") => Format::Word,
            Some("l") => Format::Long,
            _ if matches!(op, Op::sdc1 | Op::sdxc1 | Op::suxc1 | Op::dmfc1) => Format::Double,
            _ => Format::Single,
        }
    }
}

/// Gives an instruction operands worth having.
pub fn set_operands(mips: &Mips, state: &mut State, instruction: &Instruction, dice: &Dice) {
    let op = instruction.op;
    let names = ROWS[op as usize].operands;
    let has = |name: &str| {
        let mut words = names.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word == name)
    };
    set_floats(mips, state, instruction, dice);

    let mut integers = [integer(dice.operands[0]), integer(dice.operands[1]), 0];
    relate(&mut integers, [Kind::Integer; 3], dice.relation);
    if matches!(op, Op::ctc1) {
        integers[1] = deviations::writable(instruction.rd, control(dice.operands[1]));
    }
    let is_move = ROWS[op as usize].name.starts_with("mov");
    if is_move && dice.relation.is_multiple_of(2) {
        integers[1] = 0;
    }
    if op == Op::alnv_ps {
        integers[0] &= !3;
    }
    if deviations::takes_words(op) {
        for slot in [HI, LO] {
            let register = &mut state.registers[usize::from(slot)];
            *register = i64::from(*register as i32) as u64;
        }
        integers = integers.map(|value| i64::from(value as i32) as u64);
    }
    let mut set = |register: u8, value: u64| {
        if register != 0 {
            state.registers[usize::from(R + register)] = mips.value(value);
        }
    };
    if has("rt") {
        set(instruction.rt, integers[1]);
    }
    if has("rs") {
        let jumps = matches!(op, Op::jr | Op::jr_hb | Op::jalr | Op::jalr_hb);
        let value = if jumps {
            // Where it is no multiple of four, it is the target that traps.
            code_address(dice.operands[0]) & !choose(dice.memory.0, &[3, 3, 3, 0])
        } else {
            integers[0]
        };
        set(
            instruction.rs,
            if jumps { mips.pointer(value) } else { value },
        );
    }
    if op == Op::syscall {
        set(V0, UNKNOWN_CALL);
    }
    if has("base") {
        let (place, content) = dice.memory;
        let address = data_address(place);
        let offset = if has("index") {
            set(instruction.rt, integers[1]);
            integers[1]
        } else {
            i64::from(instruction.imm) as u64
        };
        let base = mips.value(address).wrapping_sub(offset);
        set(instruction.rs, mips.pointer(base));
        if let Some(bytes) = state.bytes(address & !7, 8) {
            bytes.copy_from_slice(&integer(content).to_le_bytes());
        }
    }
}

fn set_floats(mips: &Mips, state: &mut State, instruction: &Instruction, dice: &Dice) {
    // In the order of fs × ft + fr.
    let registers = [instruction.rd, instruction.rt, instruction.rs];
    let pattern = decode::pattern(instruction.op as usize);
    let present = ["fs", "ft", "fr"].map(|name| pattern.fields.iter().any(|f| f.name == name));
    let singles = |raw: [u64; 3], relation: u32| {
        let mut values = raw.map(|raw| u64::from(single(raw)));
        relate(&mut values, [Kind::Single; 3], relation);
        values.map(|value| value & 0xffff_ffff)
    };
    let format = Format::of(instruction.op);
    let values = match format {
        Format::Single => singles(dice.operands, dice.relation),
        Format::Double => {
            let mut values = dice.operands.map(double);
            relate(&mut values, [Kind::Double; 3], dice.relation);
            values
        }
        Format::Pair => {
            let lower = singles(dice.operands, dice.relation);
            let upper = singles(
                dice.operands.map(scatter),
                scatter(dice.relation.into()) as u32,
            );
            [0, 1, 2].map(|n| upper[n] << 32 | lower[n])
        }
        Format::Word | Format::Long => dice.operands.map(integer),
    };
    for n in (0..3).filter(|&n| present[n]).rev() {
        match format {
            Format::Single | Format::Word => {
                set_single(mips, state, registers[n], values[n] as u32);
            }
            Format::Double | Format::Pair | Format::Long => {
                set_double(mips, state, registers[n], values[n]);
            }
        }
    }
}

/// A value for a floating-point control register.
fn control(raw: u64) -> u64 {
    let value = scatter(raw);
    match raw >> 62 {
        // Nothing enabled.
        0 | 1 => value & !0xf80,
        _ => value,
    }
}
