//! Scenes of several instructions: straight on, with branches forward.
//!
//! A program is a list of raw numbers, one line each, so that shrinking it takes lines out of it.
//! What jumps says how many lines it skips, and finds out where that is when the program is put
//! together.

use super::rows::{background, field_value};
use crate::scene::Scene;
use crate::values::{choose, scatter};
use crate::world::{CODE, DATA};
use portolan_machine::encoding::Pattern;
use portolan_machine::memory::PAGE;
use portolan_riscv::regs::X;
use portolan_riscv::{GUEST, decode};
use proptest::collection::vec;
use proptest::prelude::*;
use std::ops::RangeInclusive;

/// One instruction: the raw numbers of its row and its fields.
type Line = (u16, [u32; 8]);

/// Registers that no line changes, so that there are always good addresses.
const SP: u8 = 2;
const S0: u8 = 8;
const S1: u8 = 9;

/// Random programs.
pub fn programs(lines: RangeInclusive<usize>) -> impl Strategy<Value = Option<Scene>> {
    let rows: Vec<usize> = (0..decode::rows().count())
        .filter(|&row| fits(row))
        .collect();
    let lines = vec(any::<Line>(), lines);
    (lines, any::<u64>(), 0..32 * 8u32).prop_map(move |(lines, rest, mode)| {
        let lines: Vec<_> = lines
            .into_iter()
            .map(|(raw, fields)| (rows[usize::from(raw) % rows.len()], fields))
            .collect();
        Some(Scene {
            guest: GUEST,
            code: assemble(&lines)?,
            before: start(rest, mode),
        })
    })
}

/// A load-reserved, something that may come between, and a store-conditional.
pub fn reservations() -> impl Strategy<Value = Option<Scene>> {
    let row = |name: &str| decode::rows().position(|row| row.name == name);
    let rows = |names: &[&str]| -> Vec<usize> { names.iter().filter_map(|n| row(n)).collect() };
    // Of one size: see `place`.
    let first = [rows(&["lr.w"]), rows(&["lr.d"])];
    let between = [
        rows(&[
            "addi",
            "lw",
            "sw",
            "amoswap.w",
            "lr.w",
            "sc.w",
            "c.sw",
            "bne",
        ]),
        rows(&[
            "addi", "ld", "sd", "amoadd.d", "lr.d", "sc.d", "c.sd", "bne",
        ]),
    ];
    let last = [rows(&["sc.w"]), rows(&["sc.d"])];
    let lines = (any::<Line>(), vec(any::<Line>(), 0..3), any::<Line>());
    (0..2usize, lines, any::<u64>()).prop_map(move |(size, (one, some, other), rest)| {
        let from = |rows: &[Vec<usize>; 2], (raw, fields): Line| {
            let rows = &rows[size];
            (rows[usize::from(raw) % rows.len()], fields)
        };
        let mut lines = vec![from(&first, one)];
        lines.extend(some.into_iter().map(|line| from(&between, line)));
        lines.push(from(&last, other));
        Some(Scene {
            guest: GUEST,
            code: assemble(&lines)?,
            before: start(rest, 0),
        })
    })
}

/// Whether a row may be a line: it must not trap always, change a register of ours, read a counter,
/// or jump to who knows where; and QEMU must be right about it (see `deviations.rs`).
fn fits(row: usize) -> bool {
    let name = decode::rows().nth(row).map_or("", |row| row.name);
    !matches!(
        name,
        "ecall" | "ebreak" | "c.ebreak" | "c.addi16sp" | "c.jr" | "c.jalr" | "ctzw"
    )
}

/// The state that programs start in.
fn start(rest: u64, mode: u32) -> crate::world::State {
    let rounding = mode >> 5;
    let mut state = background(rest, mode & 31);
    state.registers[usize::from(portolan_riscv::regs::FRM)] = u64::from(rounding % 5);
    let mut set = |register: u8, value| state.registers[usize::from(X + register)] = value;
    set(SP, DATA + PAGE - 512);
    set(S0, DATA + PAGE / 2);
    set(S1, CODE);
    state
}

/// The code of all lines. None if one of them is no instruction of its row.
fn assemble(lines: &[(usize, [u32; 8])]) -> Option<Vec<u8>> {
    let mut starts = vec![0];
    for &(row, _) in lines {
        let length = u32::from(decode::pattern(row).bits / 8);
        starts.push(starts.last()? + length);
    }
    let mut code = Vec::new();
    for (index, &(row, raw)) in lines.iter().enumerate() {
        let skipped = scatter(raw[7].into()) as usize % 4;
        let target = starts[(index + 1 + skipped).min(lines.len())];
        let pattern = decode::pattern(row);
        let word = place(row, pattern, &raw, starts[index], target);
        let bytes = &word.to_le_bytes()[..usize::from(pattern.bits / 8)];
        match decode::find(bytes) {
            Ok((found, _)) if found == row => code.extend_from_slice(bytes),
            _ => return None,
        }
    }
    Some(code)
}

/// A row's instruction at an offset in the code, with fields that suit a program.
fn place(row: usize, pattern: &Pattern, raw: &[u32; 8], at: u32, target: u32) -> u32 {
    let row = decode::rows().nth(row).expect("a row");
    let is_jalr = row.name == "jalr";
    let is_memory = row.operands.contains("(rs1") && !is_jalr;
    let base = match row.name {
        // Reservations of different sizes at one address: QEMU 7.2 stores and says that it did not
        // when `sc.w` follows an `lr.d` of a value of more than 32 bits.
        "lr.d" | "sc.d" => SP,
        _ if is_jalr => S1,
        _ => S0,
    };
    let mut word = pattern.value;
    for (field, &raw) in pattern.fields.iter().zip(raw) {
        let drawn = field_value(field, raw);
        let value = match field.name {
            "rd" if [SP, S0, S1].contains(&(drawn as u8 & 31)) => drawn + 10,
            "rd'" if drawn & 7 < 2 => drawn + 2,
            "rs1" if is_memory || is_jalr => base.into(),
            "rs1'" if is_memory => u32::from(base - 8),
            "rm" => choose(raw.into(), &[7, 0, 1, 2, 3, 4]),
            "csr" => choose(raw.into(), &[1, 1, 1, 2, 3]),
            "imm" if row.operands.contains("target") => target.wrapping_sub(at),
            "imm" if is_jalr => target,
            // Mostly near the base.
            "imm" | "uimm" if is_memory && raw % 8 != 7 => drawn % 64,
            _ => drawn,
        };
        word |= field.insert(value);
    }
    word
}
