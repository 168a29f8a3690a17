//! Scenes of several instructions: straight on, with branches forward and what is in their delay
//! slots.
//!
//! A program is a list of raw numbers, one line each, so that shrinking it takes lines out of it.
//! What jumps says how many lines it skips, and finds out where that is when the program is put
//! together.

use super::rows::{background, checked, field_value, set_operands};
use super::{Mips, deviations, rows};
use crate::scene::{Dice, Scene, dice};
use crate::values::{choose, scatter};
use crate::world::{CODE, DATA, State};
use portolan_machine::encoding::Row;
use portolan_machine::memory::PAGE;
use portolan_mips::decode;
use portolan_mips::encoding::{Op, ROWS};
use portolan_mips::regs::R;
use proptest::collection::vec;
use proptest::prelude::*;
use std::ops::RangeInclusive;

/// One instruction: the raw numbers of its row and its fields.
type Line = (u16, [u32; 8]);

/// Registers that no line changes, so that there are always good addresses: of data, and of the
/// end of the code.
const S0: u8 = 16;
const S1: u8 = 17;

fn is_branch(row: usize) -> bool {
    decode::has_delay_slot(Op::ALL[row])
}

fn named(rows: &[(usize, &'static str)], names: &[&str]) -> Vec<usize> {
    let wanted = rows.iter().filter(|(_, name)| names.contains(name));
    wanted.map(|&(row, _)| row).collect()
}

/// Whether a row may be in a delay slot: what the manual leaves open may not, nor may what QEMU gets
/// wrong there (see `deviations.rs`).
pub fn fits_a_slot(row: usize) -> bool {
    !is_branch(row) && Op::ALL[row] != Op::syscall
}

/// Every branch, with an instruction of a row in its delay slot.
pub fn delay_slots(mips: &'static Mips, row: usize) -> impl Strategy<Value = Option<Scene>> {
    let branches: Vec<usize> = (rows::compared(mips).into_iter())
        .map(|(row, _)| row)
        .filter(|&row| is_branch(row))
        .collect();
    (any::<u16>(), dice(), dice()).prop_map(move |(branch, first, second)| {
        let branch = branches[usize::from(branch) % branches.len()];
        of_slot(mips, branch, row, &first, &second)
    })
}

fn of_slot(mips: &Mips, branch: usize, row: usize, first: &Dice, second: &Dice) -> Option<Scene> {
    let words = [
        rows::encode(mips, branch, &first.fields)?,
        rows::encode(mips, row, &second.fields)?,
    ];
    let mut before = background(mips, second.rest, second.mode);
    for (word, dice) in words.into_iter().zip([first, second]) {
        set_operands(mips, &mut before, &mips.decode(&mips.bytes(word))?, dice);
    }
    Some(Scene {
        guest: mips.guest,
        code: words.map(|word| mips.bytes(word)).concat(),
        before,
    })
}

/// Random programs.
pub fn programs(
    mips: &'static Mips,
    lines: RangeInclusive<usize>,
) -> impl Strategy<Value = Option<Scene>> {
    let rows: Vec<usize> = (rows::compared(mips).into_iter())
        .map(|(row, _)| row)
        .filter(|&row| fits(mips, row))
        .collect();
    let lines = vec(any::<Line>(), lines);
    (lines, any::<u64>(), any::<u32>()).prop_map(move |(lines, rest, mode)| {
        let lines: Vec<_> = lines
            .into_iter()
            .map(|(raw, fields)| (rows[usize::from(raw) % rows.len()], fields))
            .collect();
        scene(mips, &lines, rest, mode)
    })
}

/// Whether there are load-linked and store-conditional.
pub fn has_links(mips: &Mips) -> bool {
    rows::compared(mips).iter().any(|&(_, name)| name == "ll")
}

/// A load-linked, something that may come between, and a store-conditional.
pub fn links(mips: &'static Mips) -> impl Strategy<Value = Option<Scene>> {
    let all = rows::compared(mips);
    // Of one size: the manual leaves open what those of another do.
    let mut sizes = vec![["ll", "sc", "lw", "sw"]];
    if all.iter().any(|&(_, name)| name == "lld") {
        sizes.push(["lld", "scd", "ld", "sd"]);
    }
    let sizes: Vec<[Vec<usize>; 3]> = sizes
        .into_iter()
        .map(|[first, last, load, store]| {
            let between = ["addiu", "bne", "beql", first, load, store];
            [&[first][..], &between, &[last]].map(|names| named(&all, names))
        })
        .collect();
    let lines = (any::<Line>(), vec(any::<Line>(), 0..3), any::<Line>());
    (any::<u8>(), lines, any::<u64>()).prop_map(move |(size, (one, some, other), rest)| {
        let [first, between, last] = &sizes[usize::from(size) % sizes.len()];
        let from =
            |rows: &[usize], (raw, fields): Line| (rows[usize::from(raw) % rows.len()], fields);
        let mut lines = vec![from(first, one)];
        lines.extend(some.into_iter().map(|line| from(between, line)));
        lines.push(from(last, other));
        scene(mips, &lines, rest, 0)
    })
}

/// Whether a row may be a line: it must not trap always or change what the others round like, and
/// QEMU must be right about it in any state (see `deviations.rs`).
fn fits(mips: &Mips, row: usize) -> bool {
    let op = Op::ALL[row];
    !matches!(
        op,
        Op::syscall | Op::break_ | Op::ctc1 | Op::lld | Op::scd | Op::rdhwr
    ) && deviations::compares_in_programs(mips, op)
}

fn scene(mips: &Mips, lines: &[(usize, [u32; 8])], rest: u64, mode: u32) -> Option<Scene> {
    let code = assemble(mips, lines)?;
    let mut before = background(mips, rest, mode);
    set_bases(&mut before, &code);
    Some(Scene {
        guest: mips.guest,
        code,
        before,
    })
}

fn set_bases(state: &mut State, code: &[u8]) {
    state.registers[usize::from(R + S0)] = DATA + PAGE / 2;
    state.registers[usize::from(R + S1)] = CODE + code.len() as u64;
}

/// The code of all lines. None if one of them is no instruction of its row.
fn assemble(mips: &Mips, lines: &[(usize, [u32; 8])]) -> Option<Vec<u8>> {
    let (mut code, mut in_slot) = (Vec::new(), false);
    for (index, &(row, raw)) in lines.iter().enumerate() {
        let skipped = scatter(raw[7].into()) as usize % 4;
        let target = 4 * (index + 2 + skipped).min(lines.len() + 1) as u32;
        let is_branch = is_branch(row);
        // No branch in the delay slot of another.
        let word = match is_branch && in_slot {
            true => 0,
            false => checked(mips, row, place(mips, row, &raw, 4 * index as u32, target))?,
        };
        in_slot = is_branch && !in_slot;
        code.extend(mips.bytes(word));
    }
    // What the last one may need.
    code.extend(mips.bytes(0));
    Some(code)
}

/// A row's instruction at an offset in the code, with fields that suit a program.
fn place(mips: &Mips, row: usize, raw: &[u32; 8], at: u32, target: u32) -> u32 {
    let pattern = decode::pattern(row);
    let row = &ROWS[row];
    let is_double =
        row.name.ends_with(".d") || row.name.contains(".d.") || row.name.contains("dc1");
    let is_link = matches!(row.name, "ll" | "sc" | "lld" | "scd");
    let is_jump = matches!(row.name, "jr" | "jr.hb" | "jalr" | "jalr.hb");
    let mut word = pattern.value;
    for (field, &raw) in pattern.fields.iter().zip(raw) {
        let drawn = field_value(field, raw);
        let value = match field.name {
            "rs" if is_jump => S1.into(),
            "rd" | "rt" if [S0, S1].contains(&(drawn as u8 & 31)) => drawn + 4,
            "base" => S0.into(),
            "index" => 0,
            "cs" => choose(raw.into(), &[31, 31, 25, 26, 28]),
            "offset" if row.operands.contains("target") => target.wrapping_sub(at + 4),
            "region" => CODE as u32 + target,
            "fr" | "fs" | "ft" | "fd" if is_double && !mips.has_wide_floats() => drawn & !1,
            // All at one address, and others often there too.
            "offset" if is_link || raw % 4 == 0 => 0,
            // Mostly near the base.
            "offset" if raw % 8 != 7 => (drawn % 64) & !(unit(row) - 1),
            "offset" => drawn & !(unit(row) - 1),
            _ => drawn,
        };
        word |= field.insert(value);
    }
    word
}

/// The bytes of which an access must be a multiple.
fn unit(row: &Row) -> u32 {
    match row.name {
        "lh" | "lhu" | "sh" => 2,
        "lw" | "lwu" | "sw" | "ll" | "sc" | "lwc1" | "swc1" => 4,
        "ld" | "sd" | "lld" | "scd" | "ldc1" | "sdc1" => 8,
        _ => 1,
    }
}
