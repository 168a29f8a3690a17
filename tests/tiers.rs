//! Compiled, code does what it does interpreted: on random states, programs and reservations.

#[path = "support/ins.rs"]
mod ins;
#[path = "oracle_riscv64/programs.rs"]
mod programs;
#[path = "oracle_riscv64/relations.rs"]
mod relations;
#[path = "oracle_riscv64/scene.rs"]
mod scene;
#[path = "oracle_riscv64/values.rs"]
mod values;
#[path = "support/world.rs"]
mod world;

/// What scenes ask of the oracle that they were made for.
mod deviations {
    /// A system call; here, it only traps.
    pub const UNKNOWN_CALL: u64 = 4000;
}

use ins::differences;
use portolan_machine::graph::Node;
use portolan_machine::guest::Guest;
use portolan_machine::memory::PAGE;
use portolan_riscv::{Riscv64, decode};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scene::Scene;
use std::cell::RefCell;
use std::fmt::Debug;
use world::{CODE, DATA, Life, State, World};

/// `c.ebreak`.
const BREAKPOINT: &[u8] = &[0x02, 0x90];

/// In what the tiers differ on a scene.
fn tell_apart(world: &mut World, code: &[u8], before: &State) -> Vec<String> {
    let (ending, mut after) = world.run(code, before, Life::Run);
    let (compiled_ending, compiled) = world.run(code, before, Life::Compiled);
    // Counters count from when the hart was made, which differs.
    for slot in counters(code) {
        after.registers[slot] = compiled.registers[slot];
    }
    let mut found = differences(&Riscv64, &compiled, &after);
    if compiled != after && found.is_empty() {
        found.push("registers without a name differ".to_owned());
    }
    if compiled_ending != ending {
        found.push(format!("it ends with {compiled_ending:?}, not {ending:?}"));
    }
    found
}

/// The slots that instructions write which read a counter.
fn counters(code: &[u8]) -> Vec<usize> {
    let mut slots = Vec::new();
    let mut at = 0;
    while let Ok(graph) = Riscv64.record(&code[at..], CODE + at as u64) {
        if graph
            .nodes
            .iter()
            .any(|node| matches!(node, Node::Counter(_)))
        {
            slots.extend(graph.nodes.iter().filter_map(|node| match node {
                Node::Write(slot, _) => Some(usize::from(*slot)),
                _ => None,
            }));
        }
        at = (graph.next_pc - CODE) as usize;
    }
    slots
}

/// Tries what `inputs` gives; panics with the plainest for which `check` has something to say.
fn search<T: Debug>(
    inputs: impl Strategy<Value = T>,
    count: u32,
    seed: u64,
    check: impl Fn(T) -> Option<Vec<String>>,
) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: count,
        failure_persistence: None,
        max_global_rejects: 100_000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
        .run(&inputs, |input| {
            let differences = check(input).ok_or_else(|| TestCaseError::reject("no program"))?;
            prop_assert!(differences.is_empty(), "{}", differences.join("; "));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
}

/// Compares the tiers on random scenes.
fn agree(world: &mut World, scenes: impl Strategy<Value = Option<Scene>>, count: u32, seed: u64) {
    let world = RefCell::new(world);
    search(scenes, count, seed, |scene| {
        // Some dice make no scene.
        let scene = scene?;
        Some(tell_apart(
            &mut world.borrow_mut(),
            &scene.code,
            &scene.before,
        ))
    });
}

#[test]
fn every_instruction_alone() {
    let mut world = World::new(&Riscv64, BREAKPOINT);
    for row in 0..decode::rows().count() {
        let scenes = scene::dice().prop_map(move |dice| scene::of_row(row, &dice));
        agree(&mut world, scenes, 24, row as u64);
    }
}

#[test]
fn random_programs() {
    let mut world = World::new(&Riscv64, BREAKPOINT);
    agree(&mut world, programs::programs(1..=24), 2000, 1);
}

#[test]
fn reservations() {
    let mut world = World::new(&Riscv64, BREAKPOINT);
    agree(&mut world, programs::reservations(), 500, 1);
}

// Faults in the middle. What ran before is not to be seen twice, and what comes after not at all.

/// A few instructions of a loop.
#[derive(Clone, Copy, Debug)]
enum Item {
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
}

const SP: i64 = 2;
const S0: i64 = 8;
const S1: i64 = 9;
const S2: i64 = 18;
const S3: i64 = 19;
const T0: i64 = 5;
const A0: i64 = 10;

fn encode(name: &str, fields: &[(&str, i64)]) -> [u8; 4] {
    let row = decode::rows().position(|row| row.name == name);
    let row = row.unwrap_or_else(|| panic!("no instruction is called {name:?}"));
    (decode::pattern(row).encode(fields) as u32).to_le_bytes()
}

impl Item {
    fn code(self) -> Vec<[u8; 4]> {
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
            Item::Compute => vec![encode("mul", &[("rd", A0), ("rs1", A0), ("rs2", S3)])],
        }
    }
}

/// The items as a loop that `s1` counts down.
fn looped(items: &[Item]) -> Vec<u8> {
    let mut code: Vec<[u8; 4]> = items.iter().flat_map(|item| item.code()).collect();
    code.push(encode("addi", &[("rd", S1), ("rs1", S1), ("imm", -1)]));
    let back = -4 * code.len() as i64;
    code.push(encode("bne", &[("rs1", S1), ("rs2", 0), ("imm", back)]));
    code.concat()
}

#[test]
fn faults_in_the_middle_of_loops() {
    let item = prop_oneof![
        (0..4u8).prop_map(Item::Bump),
        (0..4u8).prop_map(Item::StackBump),
        (0..4u8).prop_map(Item::Push),
        (0..4u8).prop_map(Item::AtomicBump),
        (0..4u8).prop_map(Item::Gather),
        Just(Item::Skip),
        Just(Item::Peril),
        Just(Item::PerilousWrite),
        Just(Item::Compute),
    ];
    let inputs = (
        proptest::collection::vec(item, 1..8),
        1..40u64,
        0..64u64,
        1..10u64,
    );
    let world = RefCell::new(World::new(&Riscv64, BREAKPOINT));
    search(inputs, 3000, 1, |(items, times, room, step)| {
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
        Some(tell_apart(
            &mut world.borrow_mut(),
            &looped(&items),
            &before,
        ))
    });
}
