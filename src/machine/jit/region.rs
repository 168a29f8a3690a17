//! Regions: what is compiled as one function. A region is entered at one address and follows jumps
//! and branches from there through code that has run, loops included.

use crate::graph::{Graph, Node};
use crate::guest::Flow;
use std::collections::{BTreeMap, BTreeSet};

/// The most instructions of a region: bounds the time that compiling takes.
const MOST_INSTRUCTIONS: usize = 400;

/// Instructions to be compiled together.
#[derive(Debug)]
pub struct Region {
    /// Where it is entered.
    pub entry: u64,
    /// Straight runs of instructions, in order of their addresses.
    pub blocks: Vec<Straight>,
}

/// Instructions that follow each other, entered at the first only.
#[derive(Debug)]
pub struct Straight {
    /// The address of the first. There may be none: then the interpreter goes on here.
    pub start: u64,
    /// What they do. Branches out are anywhere, a jump is at the end only.
    pub graphs: Vec<Graph>,
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
    /// The region entered at `entry`. `record` gives the meaning of the instruction at an address,
    /// if there is one; `follow` tells whether a jump from one address to another is worth following.
    pub fn discover(
        entry: u64,
        mut record: impl FnMut(u64) -> Option<Graph>,
        follow: impl Fn(u64, u64) -> bool,
    ) -> Region {
        let mut graphs: BTreeMap<u64, Graph> = BTreeMap::new();
        let mut interpreted: BTreeSet<u64> = BTreeSet::new();
        let mut leaders = BTreeSet::from([entry]);
        let mut waiting = vec![entry];
        while let Some(start) = waiting.pop() {
            let mut pc = start;
            while !graphs.contains_key(&pc) && graphs.len() < MOST_INSTRUCTIONS {
                let Some(graph) = record(pc).filter(is_compiled) else {
                    interpreted.insert(pc);
                    break;
                };
                for target in targets(&graph).filter(|target| follow(pc, *target)) {
                    leaders.insert(target);
                    waiting.push(target);
                }
                let (flow, next) = (graph.flow, graph.next_pc);
                graphs.insert(pc, graph);
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
        let inside = |target: &u64| graphs.contains_key(target);
        leaders.extend(graphs.values().flat_map(targets).filter(inside));
        let mut blocks = Vec::new();
        for &start in &leaders {
            let mut run = Vec::new();
            let mut pc = start;
            while let Some(graph) = graphs.remove(&pc) {
                pc = graph.next_pc;
                run.push(graph);
                if leaders.contains(&pc) {
                    break;
                }
            }
            let jumps = run
                .last()
                .is_some_and(|last| !matches!(last.flow, Flow::Next | Flow::Branch));
            let after = match () {
                () if jumps => After::Jump,
                () if interpreted.contains(&pc) => After::Interpret(pc),
                () => After::Next(pc),
            };
            if !run.is_empty() || (start == entry) {
                blocks.push(Straight {
                    start,
                    graphs: run,
                    after,
                });
            }
        }
        Region { entry, blocks }
    }

    /// How many instructions it has.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.graphs.len()).sum()
    }
}

/// Whether an instruction is compiled rather than left to the interpreter: what reads counters,
/// changes what fetch sees, or always traps is not.
fn is_compiled(graph: &Graph) -> bool {
    !matches!(graph.flow, Flow::Alone | Flow::Trap)
}

/// The addresses that an instruction is known to jump to.
fn targets(graph: &Graph) -> impl Iterator<Item = u64> {
    graph.nodes.iter().filter_map(|node| match *node {
        Node::Branch(_, target) => Some(target),
        // A call is a region of its own.
        Node::Jump(target) if graph.flow == Flow::Jump => constant(graph, target),
        _ => None,
    })
}

/// The value of a node that is known before anything runs.
pub fn constant(graph: &Graph, id: u32) -> Option<u64> {
    match graph.nodes[id as usize] {
        Node::Constant(value) | Node::Address(value) => Some(value),
        _ => None,
    }
}
