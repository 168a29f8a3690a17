//! Regions: what is compiled as one function. A region is entered at one address and follows jumps
//! and branches from there through code that has run, loops included.

use super::step::{Step, constant};
use crate::graph::Node;
use crate::guest::Flow;
use std::collections::{BTreeMap, BTreeSet};

/// The most steps of a region: bounds the time that compiling takes.
const MOST_STEPS: usize = 400;

/// Where a region is entered, and in which mode of the hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The address.
    pub pc: u64,
    /// The mode: see [`Context`](crate::guest::Context). Nothing begins inside anything.
    pub mode: u8,
    /// Whether it is taken for granted that slots hold sign-extended words of 32 bits if the region
    /// writes nothing else to them. Its code looks, and goes on to that of the same entry which takes
    /// nothing for granted if it is not so.
    pub halves: bool,
}

/// Instructions to be compiled together.
#[derive(Debug)]
pub struct Region {
    /// Where it is entered.
    pub entry: Entry,
    /// Straight runs of instructions, in order of their addresses.
    pub blocks: Vec<Straight>,
}

/// Instructions that follow each other, entered at the first only.
#[derive(Debug)]
pub struct Straight {
    /// The address of the first. There may be none: then the interpreter goes on here.
    pub start: u64,
    /// What they do. Branches out are anywhere, a jump is at the end only.
    pub steps: Vec<Step>,
    /// Where execution goes on after the last.
    pub after: After,
}

/// How a run of instructions ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The last instruction jumps.
    Jump,
    /// At this address.
    Next(u64),
    /// At this address, and in the interpreter: what is there cannot be compiled.
    Interpret(u64),
}

impl Region {
    /// The region of an entry. `step` gives what is compiled at an address, if anything; `follow` tells
    /// whether a jump from one address to another is worth following.
    pub fn discover(
        entry: Entry,
        mut step: impl FnMut(u64) -> Option<Step>,
        follow: impl Fn(u64, u64) -> bool,
    ) -> Region {
        let mut steps: BTreeMap<u64, Step> = BTreeMap::new();
        let mut interpreted: BTreeSet<u64> = BTreeSet::new();
        let mut leaders = BTreeSet::from([entry.pc]);
        let mut waiting = vec![entry.pc];
        while let Some(start) = waiting.pop() {
            let mut pc = start;
            while !steps.contains_key(&pc) && steps.len() < MOST_STEPS {
                let Some(step) = step(pc) else {
                    interpreted.insert(pc);
                    break;
                };
                for target in targets(&step).filter(|target| follow(pc, *target)) {
                    leaders.insert(target);
                    waiting.push(target);
                }
                let (flow, next) = (step.graph.flow, step.graph.next_pc);
                steps.insert(pc, step);
                pc = next;
                if flow == Flow::Branch {
                    leaders.insert(next);
                } else if flow != Flow::Next {
                    break;
                }
            }
            leaders.insert(pc);
        }
        // A branch into the middle of what is here anyway stays here.
        let inside = |target: &u64| steps.contains_key(target);
        leaders.extend(steps.values().flat_map(targets).filter(inside));
        let mut blocks = Vec::new();
        for &start in &leaders {
            let mut run = Vec::new();
            let mut pc = start;
            while let Some(step) = steps.remove(&pc) {
                pc = step.graph.next_pc;
                run.push(step);
                if leaders.contains(&pc) {
                    break;
                }
            }
            let jumps = run
                .last()
                .is_some_and(|last| !matches!(last.graph.flow, Flow::Next | Flow::Branch));
            let after = match () {
                () if jumps => After::Jump,
                () if interpreted.contains(&pc) => After::Interpret(pc),
                () => After::Next(pc),
            };
            if !run.is_empty() || (start == entry.pc) {
                blocks.push(Straight {
                    start,
                    steps: run,
                    after,
                });
            }
        }
        Region { entry, blocks }
    }

    /// How many instructions it has.
    pub fn len(&self) -> usize {
        let steps = self.blocks.iter().flat_map(|block| &block.steps);
        steps.map(Step::len).sum()
    }
}

/// The addresses that a step is known to jump to.
fn targets(step: &Step) -> impl Iterator<Item = u64> {
    let nodes = &step.graph.nodes;
    nodes.iter().filter_map(|node| match *node {
        Node::Branch(_, target) => Some(target),
        // A call is a region of its own.
        Node::Jump(target) if step.graph.flow == Flow::Jump => constant(nodes, target),
        _ => None,
    })
}
