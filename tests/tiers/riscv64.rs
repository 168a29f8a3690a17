//! RV64GC.

use crate::scene::{self, Scene};
#[cfg(feature = "jit")]
use crate::world::Life;
use crate::world::{DATA, State, World};
use crate::{Tiers, programs, rows, search};
use portolan_machine::engine::Compiling;
use portolan_machine::memory::PAGE;
use portolan_riscv::{Riscv64, decode};
use proptest::prelude::*;
use std::cell::RefCell;

pub fn tiers() -> Tiers {
    Tiers {
        guest: &Riscv64,
        // `c.ebreak`.
        world: World::new(&Riscv64, &[0x02, 0x90]),
        hidden: &[],
    }
}

/// Compares the tiers on random scenes.
fn agree(tiers: &mut Tiers, scenes: impl Strategy<Value = Option<Scene>>, count: u32, seed: u64) {
    let tiers = RefCell::new(tiers);
    search(scenes, count, seed, |scene| {
        // Some dice make no scene.
        let scene = scene?;
        Some(tiers.borrow_mut().tell_apart(&scene.code, &scene.before))
    });
}

#[test]
fn every_instruction_alone() {
    let mut tiers = tiers();
    for row in 0..decode::rows().count() {
        let scenes = scene::dice().prop_map(move |dice| rows::of_row(row, &dice));
        agree(&mut tiers, scenes, 24, row as u64);
    }
}

#[test]
fn random_programs() {
    let mut tiers = tiers();
    agree(&mut tiers, programs::programs(1..=24), 2000, 1);
}

#[cfg(feature = "jit")]
#[test]
fn code_is_dropped_when_there_is_too_much() {
    let mut tiers = tiers();
    let mut flushes = |room| {
        let before = tiers.world.flushes(Life::Baseline);
        tiers.world.set_code_room(room);
        agree(&mut tiers, programs::programs(12..=24), 300, 2);
        tiers.world.flushes(Life::Baseline) - before
    };
    // Each program is written over the last one, which drops code, too.
    let enough = flushes(1 << 20);
    let too_little = flushes(1);
    assert!(too_little > enough, "{too_little} and {enough} times");
}

#[test]
fn reservations() {
    let mut tiers = tiers();
    agree(&mut tiers, programs::reservations(), 500, 1);
}

// Faults in the middle. What ran before is not to be seen twice, and what comes after not at all.

/// A few instructions of a loop.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    /// Adds one to a number in memory: done twice, it shows.
    Bump(u8),
    /// The same on the stack.
    StackBump(u8),
    /// Puts a register onto the stack.
    Push(u8),
    /// Adds one to a number in memory, atomically.
    AtomicBump(u8),
    /// Adds a number in memory to a register.
    Gather(u8),
    /// Leaves the next item out, every other time round.
    Skip,
    /// Reads where a pointer is, and moves it on: sooner or later beyond the page.
    Peril,
    /// Writes there.
    PerilousWrite,
    /// Multiplies a register.
    Compute,
    /// A loop of its own, that adds to two numbers in memory.
    Inner(u8),
}

pub const SP: i64 = 2;
pub const S0: i64 = 8;
pub const S1: i64 = 9;
pub const S2: i64 = 18;
pub const S3: i64 = 19;
pub const T0: i64 = 5;
pub const T1: i64 = 6;
pub const A0: i64 = 10;

pub fn encode(name: &str, fields: &[(&str, i64)]) -> [u8; 4] {
    let row = decode::rows().position(|row| row.name == name);
    let row = row.unwrap_or_else(|| panic!("no instruction is called {name:?}"));
    (decode::pattern(row).encode(fields) as u32).to_le_bytes()
}

impl Item {
    pub fn code(self) -> Vec<[u8; 4]> {
        let load = |rd, base, imm| encode("ld", &[("rd", rd), ("rs1", base), ("imm", imm)]);
        let store = |base, rs2, imm| encode("sd", &[("rs1", base), ("rs2", rs2), ("imm", imm)]);
        let add_immediate =
            |rd, rs1, imm| encode("addi", &[("rd", rd), ("rs1", rs1), ("imm", imm)]);
        let add = |rd, rs1, rs2| encode("add", &[("rd", rd), ("rs1", rs1), ("rs2", rs2)]);
        let one = |n: u8| 8 * i64::from(n);
        match self {
            Item::Bump(n) => vec![
                load(T0, S0, one(n)),
                add_immediate(T0, T0, 1),
                store(S0, T0, one(n)),
            ],
            Item::StackBump(n) => vec![
                load(T0, SP, one(n)),
                add_immediate(T0, T0, 1),
                store(SP, T0, one(n)),
            ],
            Item::Push(n) => vec![store(SP, A0, one(n))],
            Item::AtomicBump(n) => vec![
                add_immediate(T0, S0, one(n)),
                encode("amoadd.d", &[("rd", A0), ("rs1", T0), ("rs2", S1)]),
            ],
            Item::Gather(n) => vec![load(T0, S0, one(n)), add(A0, A0, T0)],
            Item::Skip => vec![
                encode("andi", &[("rd", T0), ("rs1", S1), ("imm", 1)]),
                encode("beq", &[("rs1", T0), ("rs2", 0), ("imm", 8)]),
            ],
            Item::Peril => vec![load(T0, S2, 0), add(S2, S2, S3)],
            Item::PerilousWrite => vec![store(S2, A0, 0), add(S2, S2, S3)],
            Item::Inner(n) => {
                let mut code = vec![add_immediate(T1, 0, 3)];
                code.extend(Item::Bump(n).code());
                code.extend(Item::Gather(n).code());
                code.push(store(S0, A0, one(3)));
                code.push(add_immediate(T1, T1, -1));
                let back = -4 * (code.len() as i64 - 1);
                code.push(encode("bne", &[("rs1", T1), ("rs2", 0), ("imm", back)]));
                code
            }
            Item::Compute => vec![encode("mul", &[("rd", A0), ("rs1", A0), ("rs2", S3)])],
        }
    }
}

/// Items, and others as a loop that `s1` counts down.
fn looped(first: &[Item], items: &[Item]) -> Vec<u8> {
    let first: Vec<[u8; 4]> = first.iter().flat_map(|item| item.code()).collect();
    let mut code: Vec<[u8; 4]> = items.iter().flat_map(|item| item.code()).collect();
    code.push(encode("addi", &[("rd", S1), ("rs1", S1), ("imm", -1)]));
    let back = -4 * code.len() as i64;
    code.push(encode("bne", &[("rs1", S1), ("rs2", 0), ("imm", back)]));
    [first, code].concat().concat()
}

#[test]
fn faults_in_the_middle_of_loops() {
    let item = || {
        prop_oneof![
            (0..4u8).prop_map(Item::Bump),
            (0..4u8).prop_map(Item::StackBump),
            (0..4u8).prop_map(Item::Push),
            (0..4u8).prop_map(Item::AtomicBump),
            (0..4u8).prop_map(Item::Gather),
            Just(Item::Skip),
            Just(Item::Peril),
            Just(Item::PerilousWrite),
            Just(Item::Compute),
            (0..3u8).prop_map(Item::Inner),
        ]
    };
    let inputs = (
        proptest::collection::vec(item(), 0..2),
        proptest::collection::vec(item(), 1..6),
        1..40u64,
        0..64u64,
        1..10u64,
    );
    let tiers = RefCell::new(tiers());
    for compiling in [Compiling::Always, Compiling::Soon] {
        tiers.borrow_mut().world.set_compiling(compiling);
        search(&inputs, 2000, 1, |(first, items, times, room, step)| {
            let mut before = State::new();
            for (slot, value) in [
                (S0, DATA),
                (SP, DATA + 16),
                (S1, times),
                (S2, DATA + PAGE - 8 * room),
                (S3, 8 * step),
                (A0, 3),
            ] {
                before.registers[slot as usize] = value;
            }
            Some(
                tiers
                    .borrow_mut()
                    .tell_apart(&looped(&first, &items), &before),
            )
        });
    }
}
