//! Scenes: a piece of code and the state that it starts in. How scenes are made of single
//! instructions, each instruction set says for itself, in its `rows.rs`.

use crate::ins;
use crate::values::{integer, scatter};
use crate::world::{CODE, DATA, READ_ONLY, State};
use portolan_machine::guest::{Guest, Style};
use portolan_machine::memory::{Order, PAGE};
use proptest::prelude::*;
use std::fmt;

/// What both sides are asked to run.
#[derive(Clone)]
pub struct Scene {
    /// The instruction set.
    pub guest: &'static dyn Guest,
    /// The code.
    pub code: Vec<u8>,
    /// The state before.
    pub before: State,
}

impl Scene {
    /// The scene in the notation of the cases, but that registers not named are zero.
    pub fn statement(&self) -> String {
        let mut disassembler = self.guest.disassembler(Style::default());
        let (mut words, mut lines, mut at) = (Vec::new(), Vec::new(), 0);
        while at < self.code.len() {
            let line = disassembler.line(&self.code[at..], CODE + at as u64);
            let mut bytes: Vec<u8> = self.code[at..]
                .iter()
                .take(line.length.into())
                .copied()
                .collect();
            if self.guest.order() == Order::Little {
                bytes.reverse();
            }
            words.push(
                bytes
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>(),
            );
            lines.push(
                line.text(&|address| format!("{address:x}"))
                    .replace('\t', " "),
            );
            at += usize::from(line.length.max(1));
        }
        let before = ins::description(self.guest, &self.before, &State::new());
        let (words, lines) = (words.join(" "), lines.join("; "));
        format!("{words} | {lines} | {before} =>")
    }
}

impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.statement())
    }
}

/// The raw numbers that a scene is made of.
#[derive(Clone, Debug)]
pub struct Dice {
    /// For the fields of an encoding.
    pub fields: [u32; 8],
    /// For the operands that the instruction reads: in the order of the manual.
    pub operands: [u64; 3],
    /// For how the operands are related.
    pub relation: u32,
    /// For the address of a memory operand, and what is there.
    pub memory: (u64, u64),
    /// For everything else; zero makes it all zero.
    pub rest: u64,
    /// For the exceptions and the rounding of floating-point operations.
    pub mode: u32,
}

/// Throws the dice.
pub fn dice() -> impl Strategy<Value = Dice> {
    let operands = any::<([u64; 3], u32)>();
    let surroundings = any::<((u64, u64), u64, u32)>();
    (any::<[u32; 8]>(), operands, surroundings).prop_map(
        |(fields, (operands, relation), (memory, rest, mode))| Dice {
            fields,
            operands,
            relation,
            memory,
            rest,
            mode,
        },
    )
}

/// What an instruction takes from a register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An integer.
    Integer,
    /// A single-precision number.
    Single,
    /// A double-precision number.
    Double,
    /// The address of a memory operand.
    Address,
    /// The address of an instruction.
    Target,
}

/// An address for data: mostly where some is.
pub fn data_address(raw: u64) -> u64 {
    let rest = scatter(raw);
    match raw >> 60 {
        0..=5 => DATA + (rest % PAGE) / 8 * 8,
        6..=8 => DATA + rest % PAGE,
        9 => DATA + PAGE - 9 + rest % 16,
        10 => DATA.wrapping_sub(9) + rest % 16,
        11 => READ_ONLY + rest % PAGE,
        12 => READ_ONLY + PAGE - 9 + rest % 16,
        13 => CODE - PAGE + rest % (2 * PAGE),
        _ => integer(rest),
    }
}

/// An address to jump to: mostly in the pages of breakpoints.
pub fn code_address(raw: u64) -> u64 {
    let rest = scatter(raw);
    match raw >> 60 {
        0..=12 => CODE - PAGE + rest % (2 * PAGE),
        13 => data_address(rest),
        _ => integer(rest),
    }
}
