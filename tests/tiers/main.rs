//! Compiled, code does what it does interpreted: on random states, programs and reservations.

mod calls;
mod floats;
#[path = "../support/ins.rs"]
mod ins;
mod mips;
#[path = "../oracle/riscv64/programs.rs"]
mod programs;
#[path = "../oracle/relations.rs"]
mod relations;
mod riscv64;
#[path = "../oracle/riscv64/rows.rs"]
mod rows;
#[path = "../oracle/scene.rs"]
mod scene;
mod strings;
#[path = "../oracle/values.rs"]
mod values;
#[cfg(feature = "host")]
mod wall;
#[path = "../support/world.rs"]
mod world;
mod x86_64;

use ins::differences;
use portolan_machine::graph::Node;
use portolan_machine::guest::Guest;
use portolan_machine::registers::Slot;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::fmt::Debug;
use world::{CODE, Ending, Life, State, World};

/// A guest's world.
struct Tiers {
    guest: &'static dyn Guest,
    world: World,
    /// Slots whose contents mean nothing where a run ends.
    hidden: &'static [Slot],
}

impl Tiers {
    /// In what the tiers differ on a piece of code.
    fn tell_apart(&mut self, code: &[u8], before: &State) -> Vec<String> {
        let mut run = |life| {
            let start = self.world.retired(life);
            let (ending, after) = self.world.run(code, before, life);
            (ending, after, self.world.retired(life) - start)
        };
        let (ending, after, interpreted) = run(Life::Run);
        let mut found = Vec::new();
        for life in [Life::Compiled, Life::Baseline] {
            let mut after = after.clone();
            let (compiled_ending, compiled, retired) = run(life);
            // Counters count from when the hart was made, which differs.
            let hidden = self.hidden.iter().map(|slot| usize::from(*slot));
            for slot in counters(self.guest, code).into_iter().chain(hidden) {
                after.registers[slot] = compiled.registers[slot];
            }
            let found_before = found.len();
            found.extend(differences(self.guest, &compiled, &after));
            if compiled != after && found.len() == found_before {
                found.push("registers without a name differ".to_owned());
            }
            if ending != Ending::Endless && retired != interpreted {
                found.push(format!("{retired} instructions retire, not {interpreted}"));
            }
            if compiled_ending != ending {
                found.push(format!("it ends with {compiled_ending:?}, not {ending:?}"));
            }
            if found.len() > found_before {
                found.push(format!("({life:?})"));
            }
        }
        found
    }
}

/// The slots that instructions write which read a counter.
fn counters(guest: &dyn Guest, code: &[u8]) -> Vec<usize> {
    let mut slots = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let Ok(graph) = guest.record(&code[at..], CODE + at as u64) else {
            at += guest.alignment() as usize;
            continue;
        };
        let reads = |node: &Node| matches!(node, Node::Counter(_));
        if graph.nodes.iter().any(reads) {
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
