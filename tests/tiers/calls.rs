//! Calls, returns and computed jumps that the compiler keeps inside of what it compiles as one: random
//! RV64 programs of a few functions, in which something faults sooner or later.

use crate::riscv64::{A0, Item, S0, S1, S2, S3, SP, T0, T1, encode, tiers};
use crate::search;
use crate::world::{CODE, DATA, State};
use portolan_machine::engine::Compiling;
use portolan_machine::guest::Guest;
use portolan_machine::memory::{Memory, PAGE, Protection};
use portolan_machine::trap::{Stop, Trap};
use portolan_riscv::Riscv64;
use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::RefCell;
use std::sync::Arc;

const RA: i64 = 1;
/// How deep a recursion may still go.
const S4: i64 = 20;
/// Where the functions that a pointer may point to are told.
const S5: i64 = 21;
/// The stack pointer of the loop.
const S6: i64 = 22;
/// Where the loop ends.
const S7: i64 = 23;

/// A part of a function. Functions call those after them only, and themselves.
#[derive(Clone, Debug)]
enum Part {
    Item(Item),
    /// Calls a function.
    Call(u8),
    /// The same, by two instructions.
    FarCall(u8),
    /// The same, through a pointer to one of two functions, in turns.
    CallByPointer,
    /// The function calls itself, if the recursion is not too deep.
    Recur,
    /// Jumps to one of four places, which all lead here.
    Switch,
    /// Jumps to the next part but for an instruction, which is left out; every other time, by one that
    /// says where.
    FarJump,
    /// From now on, the function returns to one instruction after the call's end.
    ReturnLater,
    /// Every fourth time, goes to the end of the loop, as longjmp does.
    Escape,
}

/// An instruction, or one that knows only later how far away its function is.
#[derive(Clone, Copy)]
enum Line {
    Plain([u8; 4]),
    Call(usize),
    /// The second of two that call.
    Far(usize),
}

fn immediate(name: &str, rd: i64, rs1: i64, imm: i64) -> Line {
    Line::Plain(encode(name, &[("rd", rd), ("rs1", rs1), ("imm", imm)]))
}

fn branch(name: &str, rs1: i64, imm: i64) -> Line {
    Line::Plain(encode(name, &[("rs1", rs1), ("rs2", 0), ("imm", imm)]))
}

fn upper_pc(rd: i64) -> Line {
    Line::Plain(encode("auipc", &[("rd", rd), ("imm", 0)]))
}

impl Part {
    /// The part as one of the function `index` of so many. Number 0 is the loop.
    fn lines(&self, index: usize, functions: usize) -> Vec<Line> {
        let later = |n: u8| index + 1 + usize::from(n) % (functions - index - 1).max(1);
        let is_last = index + 1 == functions;
        match *self {
            Part::Item(item) => item.code().into_iter().map(Line::Plain).collect(),
            Part::Call(_) | Part::FarCall(_) | Part::CallByPointer if is_last => vec![],
            Part::Recur | Part::ReturnLater if index == 0 => vec![],
            Part::Call(n) => vec![Line::Call(later(n))],
            Part::FarCall(n) => vec![upper_pc(T1), Line::Far(later(n))],
            Part::CallByPointer => vec![
                immediate("andi", T0, S1, 1),
                immediate("slli", T0, T0, 3),
                Line::Plain(encode("add", &[("rd", T0), ("rs1", T0), ("rs2", S5)])),
                immediate("ld", T1, T0, 16 * index as i64),
                immediate("jalr", RA, T1, 0),
            ],
            Part::Recur => vec![
                branch("beq", S4, 12),
                immediate("addi", S4, S4, -1),
                Line::Call(index),
            ],
            Part::Switch => {
                let mut lines = vec![
                    immediate("andi", T0, S1, 3),
                    immediate("slli", T0, T0, 3),
                    upper_pc(T1),
                    Line::Plain(encode("add", &[("rd", T1), ("rs1", T1), ("rs2", T0)])),
                    immediate("jalr", 0, T1, 12),
                ];
                for place in 0..4 {
                    lines.push(immediate("addi", A0, A0, 3 + place));
                    let rest = 4 * (2 * (3 - place) + 1);
                    lines.push(Line::Plain(encode("jal", &[("rd", 0), ("imm", rest)])));
                }
                lines
            }
            Part::FarJump => vec![
                immediate("andi", T0, S1, 1),
                branch("beq", T0, 16),
                immediate("addi", A0, A0, 5),
                upper_pc(T1),
                immediate("jalr", 0, T1, 8),
            ],
            Part::ReturnLater => vec![
                immediate("ld", T0, SP, 0),
                immediate("addi", T0, T0, 4),
                Line::Plain(encode("sd", &[("rs1", SP), ("rs2", T0), ("imm", 0)])),
            ],
            Part::Escape => vec![
                immediate("andi", T0, S1, 3),
                branch("bne", T0, 12),
                immediate("addi", SP, S6, 0),
                immediate("jalr", 0, S7, 0),
            ],
        }
    }
}

/// The lines of a loop, or of a function.
fn function(parts: &[Part], index: usize, functions: usize) -> Vec<Line> {
    let body = parts.iter().flat_map(|part| part.lines(index, functions));
    if index == 0 {
        return body.collect();
    }
    let store = encode("sd", &[("rs1", SP), ("rs2", RA), ("imm", 0)]);
    let mut lines = vec![immediate("addi", SP, SP, -16), Line::Plain(store)];
    lines.extend(body);
    lines.push(immediate("ld", RA, SP, 0));
    lines.push(immediate("addi", SP, SP, 16));
    lines.push(immediate("jalr", 0, RA, 0));
    lines
}

/// A program: the loop, which `s1` counts down, and after it the functions. Tells where each starts, and
/// where the loop ends.
fn program(functions: &[Vec<Part>]) -> (Vec<u8>, Vec<u64>, u64) {
    let mut lines = Vec::new();
    let mut starts = Vec::new();
    let mut end = CODE;
    for (index, parts) in functions.iter().enumerate() {
        starts.push(CODE + 4 * lines.len() as u64);
        lines.extend(function(parts, index, functions.len()));
        if index == 0 {
            end = CODE + 4 * lines.len() as u64;
            lines.push(immediate("addi", S4, 0, 3));
            lines.push(immediate("addi", S1, S1, -1));
            let back = -4 * lines.len() as i64;
            lines.push(branch("bne", S1, back));
            lines.push(Line::Plain(0x0010_0073u32.to_le_bytes()));
        }
    }
    let places = (CODE as i64..).step_by(4);
    let code = lines.iter().zip(places).flat_map(|(line, at)| match *line {
        Line::Plain(code) => code,
        Line::Call(index) => {
            let away = starts[index] as i64 - at;
            encode("jal", &[("rd", RA), ("imm", away)])
        }
        Line::Far(index) => {
            let away = starts[index] as i64 - (at - 4);
            encode("jalr", &[("rd", RA), ("rs1", T1), ("imm", away)])
        }
    });
    (code.collect(), starts, end)
}

#[test]
fn random_functions() {
    let part = || {
        prop_oneof![
            3 => (0..4u8).prop_map(|n| Part::Item(Item::Bump(n))),
            2 => Just(Part::Item(Item::StackBump(1))),
            2 => (0..4u8).prop_map(|n| Part::Item(Item::Gather(n))),
            1 => Just(Part::Item(Item::Peril)),
            1 => Just(Part::Item(Item::PerilousWrite)),
            1 => Just(Part::Item(Item::Compute)),
            3 => any::<u8>().prop_map(Part::Call),
            1 => any::<u8>().prop_map(Part::FarCall),
            2 => Just(Part::CallByPointer),
            1 => Just(Part::Recur),
            1 => Just(Part::Switch),
            1 => Just(Part::FarJump),
            1 => Just(Part::ReturnLater),
            1 => Just(Part::Escape),
        ]
    };
    let inputs = (
        vec(vec(part(), 1..4), 2..5),
        1..40u64,
        0..200u64,
        1..4u64,
        any::<u64>(),
    );
    let tiers = RefCell::new(tiers());
    for (compiling, count) in [(Compiling::Soon, 3000), (Compiling::Always, 1000)] {
        tiers.borrow_mut().world.set_compiling(compiling);
        search(
            &inputs,
            count,
            1,
            |(functions, times, room, step, pointers)| {
                let (code, starts, end) = program(&functions);
                if code.len() > crate::world::SLOT {
                    return None;
                }
                let mut before = State::new();
                for (slot, value) in [
                    (S0, DATA),
                    (S1, times),
                    (S2, DATA + PAGE - 8 * room),
                    (S3, 8 * step),
                    (S4, 3),
                    (S5, DATA + 1024),
                    (S6, DATA + 1000),
                    (S7, end),
                    (SP, DATA + 1000),
                    (A0, 3),
                ] {
                    before.registers[slot as usize] = value;
                }
                for (index, bytes) in
                    (0..).zip(before.data[1024..].chunks_mut(8).take(2 * starts.len()))
                {
                    let later = starts.len() - 1 - index / 2;
                    let chosen = (pointers >> (4 * index)) as usize % later.max(1);
                    let pointer = starts.get(index / 2 + 1 + chosen).copied().unwrap_or(end);
                    bytes.copy_from_slice(&pointer.to_le_bytes());
                }
                Some(tiers.borrow_mut().tell_apart(&code, &before))
            },
        );
    }
}

#[test]
fn a_function_that_is_changed() {
    // The loop: every 32nd time, the function's instruction is put there anew, with another operand.
    let store = encode("sw", &[("rs1", S0), ("rs2", T1), ("imm", 0)]);
    let lines = [
        immediate("andi", T0, S1, 31),
        branch("bne", T0, 20),
        Line::Plain(store),
        Line::Plain(encode("fence.i", &[])),
        Line::Plain(encode("add", &[("rd", T1), ("rs1", T1), ("rs2", S3)])),
        immediate("addi", A0, A0, 1),
        Line::Call(1),
        immediate("addi", S1, S1, -1),
        branch("bne", S1, -32),
        Line::Plain(0x0010_0073u32.to_le_bytes()),
    ];
    let start = CODE + 4 * lines.len() as u64;
    let mut code: Vec<u8> = Vec::new();
    for (line, at) in lines.iter().zip((CODE..).step_by(4)) {
        code.extend(match *line {
            Line::Plain(code) => code,
            _ => encode("jal", &[("rd", RA), ("imm", (start - at) as i64)]),
        });
    }
    let add = |imm| encode("addi", &[("rd", A0), ("rs1", A0), ("imm", imm)]);
    code.extend(add(0));
    code.extend(encode("jalr", &[("rd", 0), ("rs1", RA), ("imm", 0)]));
    for compiling in [Compiling::Off, Compiling::Soon, Compiling::Always] {
        let memory = Arc::new(Memory::new(Riscv64.address_bits()).expect("an address space"));
        let protection = Protection::READ | Protection::WRITE | Protection::EXEC;
        memory.map(CODE, PAGE, protection, "").expect("a page");
        memory.poke(CODE, &code).expect("the page of code");
        let mut core = Riscv64.core(memory);
        core.set_compiling(compiling);
        for (slot, value) in [
            (S0, start),
            (S1, 320),
            (T1, u64::from(u32::from_le_bytes(add(0)))),
            (S3, 1 << 20),
        ] {
            core.set_register(slot as u8, value);
        }
        core.set_pc(CODE);
        assert_eq!(core.run(u64::MAX), Stop::Trap(Trap::Breakpoint));
        // One each time, and what the function adds: 0 for 32 times, then 1, and so on.
        let added: u64 = 10 + (0..10).map(|n| 32 * n).sum::<u64>();
        assert_eq!(core.register(A0 as u8), added, "{compiling:?}");
    }
}
