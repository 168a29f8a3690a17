//! Compiled, every instruction does what it does interpreted: on random states, alone and together.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../support/ins.rs"]
mod ins;
#[path = "../oracle_riscv64/programs.rs"]
mod programs;
#[path = "../oracle_riscv64/relations.rs"]
mod relations;
#[path = "../oracle_riscv64/scene.rs"]
mod scene;
#[path = "../oracle_riscv64/values.rs"]
mod values;
#[path = "../support/world.rs"]
mod world;

/// What scenes ask of the oracle that they were made for.
mod deviations {
    /// A system call; here, it only traps.
    pub const UNKNOWN_CALL: u64 = 4000;
}

use ins::differences;
use portolan_compile::{Code, Compiler, Reason, State as HartState};
use portolan_machine::graph::{Graph, Node};
use portolan_machine::guest::{Flow, Guest};
use portolan_machine::memory::{Memory, PAGE, Protection};
use portolan_machine::trap::Trap;
use portolan_riscv::{Riscv64, decode};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scene::Scene;
use std::collections::HashMap;
use std::sync::Arc;
use world::{CODE, DATA, Ending, Life, READ_ONLY, State, World};

/// `c.ebreak`.
const BREAKPOINT: &[u8] = &[0x02, 0x90];

/// Both sides.
struct Sides {
    interpreted: World,
    compiler: Compiler,
    /// What compiled code finds outside the page of data, which it accesses itself.
    memory: Arc<Memory>,
}

impl Sides {
    fn new() -> Sides {
        let memory = Memory::new(Riscv64.address_bits()).expect("an address space");
        let map = |start, length, protection| {
            memory.map(start, length, protection, "").expect("a page");
        };
        map(DATA, PAGE, Protection::READ | Protection::WRITE);
        map(READ_ONLY, PAGE, Protection::READ);
        map(CODE - PAGE, 2 * PAGE, Protection::READ | Protection::EXEC);
        let breakpoints = BREAKPOINT.repeat(PAGE as usize);
        memory.poke(CODE - PAGE, &breakpoints).expect("a page");
        Sides {
            interpreted: World::new(&Riscv64, BREAKPOINT),
            compiler: Compiler::new(&Riscv64, DATA..DATA + PAGE, true),
            memory: Arc::new(memory),
        }
    }

    /// In what the sides differ on a scene.
    fn differences(&mut self, scene: &Scene) -> Vec<String> {
        let (ending, mut after) = self.interpreted.run(&scene.code, &scene.before, Life::Run);
        let (compiled_ending, compiled) = self.run_compiled(scene);
        if (ending, compiled_ending) == (Ending::Endless, Ending::Endless) {
            return Vec::new();
        }
        // Counters count from when the hart was made, which the sides cannot have in common.
        for graph in graphs(&scene.code, CODE) {
            let counts = |node: &Node| matches!(node, Node::Counter(_));
            if graph.nodes.iter().any(counts) {
                for node in graph.nodes {
                    if let Node::Write(slot, _) = node {
                        let slot = usize::from(slot);
                        after.registers[slot] = compiled.registers[slot];
                    }
                }
            }
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

    /// What [`World::run`] does, with code compiled a straight run of instructions at a time.
    fn run_compiled(&mut self, scene: &Scene) -> (Ending, State) {
        let mut slot = scene.code.clone();
        slot.extend(BREAKPOINT.repeat((world::SLOT - slot.len()) / BREAKPOINT.len()));
        self.memory.poke(CODE, &slot).expect("the page of code");
        let mut after = scene.before.clone();
        let mut hart = HartState {
            registers: *after.registers,
            word: 0,
            fault: None,
            retired: 0,
            memory: self.memory.clone(),
        };
        let inside = CODE..CODE + scene.code.len() as u64;
        let mut blocks: HashMap<u64, Code> = HashMap::new();
        let ending = loop {
            if !inside.contains(&after.pc) {
                break Ending::Left;
            }
            if hart.retired > 1000 {
                break Ending::Endless;
            }
            let block = blocks.entry(after.pc).or_insert_with(|| {
                let offset = (after.pc - CODE) as usize;
                self.compiler
                    .compile(&graphs(&scene.code[offset..], after.pc))
            });
            let exit = block.run(&mut hart, &mut *after.data);
            match exit.reason {
                Reason::Continue(pc) => after.pc = pc,
                Reason::Computed => after.pc = hart.word,
                Reason::Trap(pc, trap) => {
                    after.pc = pc;
                    break Ending::Trap(trap.map(|()| hart.word));
                }
                Reason::Fault(pc) => {
                    after.pc = pc;
                    break Ending::Trap(Trap::Fault(hart.fault.expect("the fault")));
                }
            }
        };
        *after.registers = hart.registers;
        (ending, after)
    }

    /// Compares the sides on random scenes; panics with the plainest on which they differ.
    fn agree(&mut self, scenes: impl Strategy<Value = Option<Scene>>, count: u32, seed: u64) {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config {
            cases: count,
            failure_persistence: None,
            max_global_rejects: 100_000,
            ..Config::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let sides = std::cell::RefCell::new(self);
        TestRunner::new_with_rng(config, rng)
            .run(&scenes, |scene| {
                // Some dice make no scene.
                let scene = scene.ok_or_else(|| TestCaseError::reject("no instruction"))?;
                let differences = sides.borrow_mut().differences(&scene);
                prop_assert!(differences.is_empty(), "{}", differences.join("; "));
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The instructions that follow each other from the start of `code`, which is at `pc`.
fn graphs(code: &[u8], pc: u64) -> Vec<Graph> {
    let mut graphs: Vec<Graph> = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let Ok(graph) = Riscv64.record(&code[at..], pc + at as u64) else {
            break;
        };
        at = (graph.next_pc - pc) as usize;
        let flow = graph.flow;
        graphs.push(graph);
        if !matches!(flow, Flow::Next | Flow::Branch | Flow::Alone) {
            break;
        }
    }
    graphs
}

#[test]
fn every_instruction_alone() {
    let mut sides = Sides::new();
    for row in 0..decode::rows().count() {
        let scenes = scene::dice().prop_map(move |dice| scene::of_row(row, &dice));
        sides.agree(scenes, 48, row as u64);
    }
}

#[test]
fn programs_in_one_piece() {
    Sides::new().agree(programs::programs(1..=24), 300, 1);
}

#[test]
fn reservations() {
    Sides::new().agree(programs::reservations(), 200, 1);
}
