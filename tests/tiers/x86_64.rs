//! x86-64: flags, in loops that leave with them in every state.

use crate::world::{DATA, State, World};
use crate::{Tiers, search};
use portolan_machine::engine::Compiling;
use portolan_machine::memory::PAGE;
use portolan_x86::regs::{CF, FLAGS, R10};
use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::RefCell;

pub fn tiers() -> Tiers {
    Tiers {
        guest: portolan_x86::GUEST,
        // `int3`.
        world: World::new(portolan_x86::GUEST, &[0xcc]),
        hidden: &[],
    }
}

/// rax, rcx, rdx, rbx, rsi and rdi.
const REGISTERS: [u8; 6] = [0, 1, 2, 3, 6, 7];
/// What addresses numbers in memory.
const BASE: u8 = 12;
/// Counts the turns.
const TURN: u8 = 13;
/// Moves through memory, and sooner or later beyond it.
const POINTER: u8 = 14;

/// The size of an operand: 8, 16, 32 or 64 bits.
type Size = u8;

/// An instruction of a loop. Registers and sizes are numbers of them.
#[derive(Clone, Copy, Debug)]
enum Item {
    /// Arithmetic by its number, and whether with memory: 1 as the source, 2 as the destination.
    Arithmetic(u8, Size, [u8; 2], u8),
    /// The same with a constant.
    Constant(u8, Size, u8, i8),
    /// A shift or rotation by its number, by a constant or by cl.
    Shift(u8, Size, u8, Option<u8>),
    /// inc, dec, not, neg.
    Unary(u8, Size, u8),
    Multiply(Size, [u8; 2]),
    Test(Size, [u8; 2]),
    BitTest(u8, u8),
    Set(u8, u8),
    Move(u8, [u8; 2]),
    /// Leaves the next item out where a condition holds.
    Skip(u8),
    /// lahf, sahf, cmc, clc.
    Flags(u8),
    /// Reads where the pointer is.
    Peril(u8),
    /// Goes on in another piece of code, by a jump in a register: flags do not matter to it.
    Away,
}

fn operation(code: &mut Vec<u8>, size: Size, opcode: &[u8], modrm: u8, high: u8) {
    if size == 1 {
        code.push(0x66);
    }
    code.push(0x40 | u8::from(size == 3) << 3 | high);
    code.extend_from_slice(opcode);
    code.push(modrm);
}

fn assemble(code: &mut Vec<u8>, item: Item) {
    let register = |number: u8| REGISTERS[usize::from(number)];
    let both = |[to, from]: [u8; 2]| 0xc0 | register(from) << 3 | register(to);
    let wide = |size: Size| u8::from(size > 0);
    match item {
        Item::Arithmetic(number, size, of, 0) => {
            operation(code, size, &[number << 3 | wide(size)], both(of), 0);
        }
        Item::Arithmetic(number, size, [to, from], memory) => {
            // [r12 + 8 * to]
            let direction = if memory == 1 { 2 } else { 0 };
            let opcode = number << 3 | direction | wide(size);
            operation(code, size, &[opcode], 0x44 | register(from) << 3, 1);
            code.extend([0x24, 8 * to]);
        }
        Item::Constant(number, size, to, value) => {
            let opcode = if size == 0 { 0x80 } else { 0x83 };
            operation(code, size, &[opcode], 0xc0 | number << 3 | register(to), 0);
            code.push(value as u8);
        }
        Item::Shift(number, size, to, count) => {
            let opcode = if count.is_some() { 0xc0 } else { 0xd2 };
            let modrm = 0xc0 | number << 3 | register(to);
            operation(code, size, &[opcode | wide(size)], modrm, 0);
            code.extend(count);
        }
        Item::Unary(number, size, to) => {
            let opcode = if number < 2 { 0xfe } else { 0xf6 };
            let modrm = 0xc0 | number << 3 | register(to);
            operation(code, size, &[opcode | wide(size)], modrm, 0);
        }
        Item::Multiply(size, [to, from]) => {
            operation(code, size.max(1), &[0x0f, 0xaf], both([from, to]), 0);
        }
        Item::Test(size, of) => operation(code, size, &[0x84 | wide(size)], both(of), 0),
        Item::BitTest(to, bit) => {
            operation(code, 3, &[0x0f, 0xba], 0xe0 | register(to), 0);
            code.push(bit);
        }
        Item::Set(condition, to) => {
            operation(code, 0, &[0x0f, 0x90 | condition], 0xc0 | register(to), 0);
        }
        Item::Move(condition, [to, from]) => {
            operation(code, 3, &[0x0f, 0x40 | condition], both([from, to]), 0);
        }
        Item::Flags(number) => code.push([0x9f, 0x9e, 0xf5, 0xf8][usize::from(number)]),
        // mov reg, [r14]; lea r14, [r14 + 8]
        Item::Peril(to) => {
            operation(code, 3, &[0x8b], register(to) << 3 | (POINTER & 7), 1);
            code.extend([0x4d, 0x8d, 0x76, 8]);
        }
        // lea rbp, [rip + 2]; jmp rbp
        Item::Away => code.extend([0x48, 0x8d, 0x2d, 2, 0, 0, 0, 0xff, 0xe5]),
        Item::Skip(_) => unreachable!("made where the next item is known"),
    }
}

/// The items, over and over until the counter is zero, or something faults.
fn looped(items: &[Item]) -> Vec<u8> {
    let mut code = Vec::new();
    let mut skipped = None;
    for &item in items {
        if let Item::Skip(condition) = item {
            if skipped.is_none() {
                code.extend([0x70 | condition, 0]);
                skipped = Some(code.len());
            }
            continue;
        }
        assemble(&mut code, item);
        if let Some(start) = skipped.take() {
            code[start - 1] = (code.len() - start) as u8;
        }
    }
    // dec r13; jnz
    code.extend([0x49, 0xff, 0xc8 | (TURN & 7)]);
    let back = -(code.len() as i32 + 6);
    code.extend([0x0f, 0x85]);
    code.extend(back.to_le_bytes());
    code
}

fn item() -> impl Strategy<Value = Item> {
    let register = || 0..REGISTERS.len() as u8;
    let pair = || [register(), register()];
    let size = || 0..4u8;
    let shift = (
        0..8u8,
        size(),
        register(),
        proptest::option::of(any::<u8>()),
    );
    prop_oneof![
        4 => (0..8u8, size(), pair(), 0..3u8)
            .prop_map(|(number, size, of, memory)| Item::Arithmetic(number, size, of, memory)),
        3 => (0..8u8, size(), register(), any::<i8>())
            .prop_map(|(number, size, to, value)| Item::Constant(number, size, to, value)),
        2 => shift.prop_map(|(number, size, to, count)| Item::Shift(number, size, to, count)),
        1 => (0..4u8, size(), register())
            .prop_map(|(number, size, to)| Item::Unary(number, size, to)),
        1 => (size(), pair()).prop_map(|(size, of)| Item::Multiply(size, of)),
        1 => (size(), pair()).prop_map(|(size, of)| Item::Test(size, of)),
        1 => (register(), any::<u8>()).prop_map(|(to, bit)| Item::BitTest(to, bit)),
        2 => (0..16u8, register()).prop_map(|(condition, to)| Item::Set(condition, to)),
        1 => (0..16u8, pair()).prop_map(|(condition, of)| Item::Move(condition, of)),
        3 => (0..16u8).prop_map(Item::Skip),
        1 => (0..4u8).prop_map(Item::Flags),
        1 => register().prop_map(Item::Peril),
        2 => Just(Item::Away),
    ]
}

#[test]
fn flags_in_loops() {
    let numbers = vec((any::<u64>(), 0..4u32), REGISTERS.len() * 2);
    let inputs = (
        vec(item(), 1..12),
        1..24u64,
        0..200u64,
        numbers,
        any::<u8>(),
    );
    let tiers = RefCell::new(tiers());
    for compiling in [Compiling::Always, Compiling::Soon] {
        tiers.borrow_mut().world.set_compiling(compiling);
        search(&inputs, 1500, 1, |(items, turns, room, numbers, flags)| {
            let mut before = State::new();
            let mut set = |register: u8, value| {
                before.registers[usize::from(R10 - 10) + usize::from(register)] = value;
            };
            set(BASE, DATA);
            set(TURN, turns);
            set(POINTER, DATA + PAGE - 8 * room);
            // Some near each other and near zero, as numbers that are compared are.
            let numbers = numbers.iter().map(|(raw, kind)| match kind {
                0 => *raw,
                1 => raw & 3,
                2 => (raw & 3).wrapping_sub(2),
                _ => (1 << 31) - 2 + (raw & 3),
            });
            let numbers: Vec<u64> = numbers.collect();
            let (registers, memory) = numbers.split_at(REGISTERS.len());
            for (register, value) in REGISTERS.iter().zip(registers) {
                set(*register, *value);
            }
            for (bit, flag) in FLAGS.iter().enumerate() {
                before.registers[usize::from(*flag)] = (flags >> bit & 1).into();
            }
            let bytes: Vec<u8> = memory
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            let data = before.bytes(DATA, bytes.len()).expect("the data");
            data.copy_from_slice(&bytes);
            Some(tiers.borrow_mut().tell_apart(&looped(&items), &before))
        });
    }
}

/// A program comes to its end: the assembler says what it means.
#[test]
fn assembles() {
    let items = [
        Item::Constant(0, 2, 0, -1),
        Item::Skip(3),
        Item::Unary(0, 3, 3),
        Item::Shift(4, 3, 2, Some(1)),
        Item::Constant(7, 3, 4, 5),
    ];
    let mut before = State::new();
    before.registers[usize::from(TURN)] = 5;
    before.registers[0] = 3;
    before.registers[2] = 1;
    before.registers[6] = 4;
    let mut tiers = tiers();
    let code = looped(&items);
    assert_eq!(tiers.tell_apart(&code, &before), Vec::<String>::new());
    let (_, after) = tiers
        .world
        .run(&code, &before, crate::world::Life::Compiled);
    // The sum carries, all times but one.
    assert_eq!(after.registers[0], 0xffff_fffe);
    assert_eq!(after.registers[3], 4);
    assert_eq!(after.registers[2], 1 << 5);
    // 4 is below 5; what dec sets is not this.
    assert_eq!(after.registers[usize::from(CF)], 1);
}
