//! Scenes of single instructions, with operands worth having.

use crate::relations::relate;
use crate::scene::{Dice, Kind, Scene, code_address, data_address};
use crate::values::{boxed, choose, double, integer, scatter, single};
use crate::world::State;
use portolan_machine::encoding::{Field, Row};
use portolan_riscv::GUEST;
use portolan_riscv::decode::{self, Instruction};
use portolan_riscv::encoding::{Op, ROWS};
use portolan_riscv::regs::{F, FFLAGS, FRM, X};

/// The number of a call that no kernel has: others are not made.
pub const UNKNOWN_CALL: u64 = 4000;

/// A scene of one instruction, that of a row of [`decode::rows`]. None if the raw numbers make it
/// another instruction, as when a field is zero that must not be.
pub fn of_row(row: usize, dice: &Dice) -> Option<Scene> {
    let code = encode(row, &dice.fields)?;
    let instruction = decode::decode(&code).ok()?;
    let mut before = background(dice.rest, dice.mode);
    set_operands(&mut before, &instruction, dice);
    Some(Scene {
        guest: GUEST,
        code,
        before,
    })
}

/// The bytes of a row's instruction with random fields.
pub fn encode(row: usize, raw: &[u32; 8]) -> Option<Vec<u8>> {
    let pattern = decode::pattern(row);
    let fields = pattern.fields.iter().zip(raw);
    let word = fields.fold(pattern.value, |word, (field, &raw)| {
        word | field.insert(field_value(field, raw))
    });
    let bytes = &word.to_le_bytes()[..usize::from(pattern.bits / 8)];
    // Some values of some fields are other instructions.
    matches!(decode::find(bytes), Ok((found, _)) if found == row).then(|| bytes.to_vec())
}

/// The value of a field.
pub fn field_value(field: &Field, raw: u32) -> u32 {
    let (kind, rest) = (raw >> 28, scatter(raw.into()) as u32);
    match field.name {
        // Registers: often the same.
        "rd" | "rs1" | "rs2" | "rs3" => match kind {
            0 => raw,
            1..=9 => rest,
            10..=13 => 10 + rest % 3,
            _ => 10,
        },
        // To nearest as often as programs do, and sometimes none that exists.
        "rm" => match kind {
            0..=3 => 0,
            4..=7 => kind - 3,
            8 => 5 + rest % 2,
            _ => 7,
        },
        "csr" => {
            let known = [1, 2, 3, 1, 2, 3, 1, 2, 3, 0xc00, 0xc01, 0xc02];
            known.get(kind as usize).copied().unwrap_or(rest)
        }
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
pub fn background(seed: u64, mode: u32) -> State {
    let mut state = State::new();
    if seed != 0 {
        for n in 0..32u8 {
            let raw = |file: u64| scatter(seed ^ file << 8 ^ u64::from(n));
            if n != 0 {
                state.registers[usize::from(X + n)] = integer(raw(1));
            }
            let number = match n % 2 {
                0 => double(raw(2)),
                _ => boxed(single(raw(2))),
            };
            state.registers[usize::from(F + n)] = number;
        }
        for (n, word) in (0u64..).zip(state.data.chunks_exact_mut(8)) {
            word.copy_from_slice(&integer(scatter(seed ^ 3 << 16 ^ n)).to_le_bytes());
        }
    }
    let rounding = [
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        2,
        3,
        4,
        1,
        2,
        3,
        4,
        5 + u64::from(mode % 3),
    ];
    state.registers[usize::from(FFLAGS)] = u64::from(mode & 31);
    state.registers[usize::from(FRM)] = choose(u64::from(mode >> 5), &rounding);
    state
}

/// What the row of an operation takes from its sources.
fn kinds(op: Op) -> [Kind; 3] {
    let Row { name, operands, .. } = ROWS[op as usize];
    let float = match name.rsplit('.').next() {
        Some("d" | "fsd") => Kind::Double,
        _ => Kind::Single,
    };
    let kind = |integer: &str, floating: &str| {
        if operands.contains(floating) {
            float
        } else if op == Op::jalr {
            Kind::Target
        } else if operands.contains(&format!("({integer})")) {
            Kind::Address
        } else {
            Kind::Integer
        }
    };
    [
        kind("rs1", "frs1"),
        kind("rs2", "frs2"),
        kind("rs3", "frs3"),
    ]
}

/// Gives an instruction operands worth having.
fn set_operands(state: &mut State, instruction: &Instruction, dice: &Dice) {
    let kinds = kinds(instruction.op);
    let mut values = [0; 3];
    for ((value, kind), &raw) in values.iter_mut().zip(kinds).zip(&dice.operands) {
        *value = match kind {
            Kind::Integer => integer(raw),
            Kind::Double => double(raw),
            Kind::Single => match raw % 32 {
                // Not boxed, nearly boxed.
                29 => double(raw),
                30 => single(raw).into(),
                31 => boxed(single(raw)) ^ 1 << (32 + scatter(raw) % 32),
                _ => boxed(single(raw)),
            },
            Kind::Address | Kind::Target => {
                let (place, content) = dice.memory;
                let target = match kind {
                    Kind::Target => code_address(raw),
                    _ => data_address(place),
                };
                if let Some(bytes) = state.bytes(target, 8) {
                    bytes.copy_from_slice(&integer(content).to_le_bytes());
                }
                let offset = match instruction.op {
                    op if ROWS[op as usize].operands.contains("imm(") => instruction.imm,
                    _ => 0,
                };
                target.wrapping_sub(i64::from(offset) as u64)
            }
        };
    }
    relate(&mut values, kinds, dice.relation);
    let sources = [instruction.rs1, instruction.rs2, instruction.rs3];
    // The first one last: an address matters most.
    for ((register, kind), value) in sources.into_iter().zip(kinds).zip(values).rev() {
        match kind {
            Kind::Single | Kind::Double => state.registers[usize::from(F + register)] = value,
            _ if register != 0 => state.registers[usize::from(X + register)] = value,
            _ => {}
        }
    }
    if instruction.op == Op::ecall {
        state.registers[usize::from(X + 17)] = UNKNOWN_CALL;
    }
}
