//! Flags that nobody reads: most of those that instructions make are made anew before. What the state is told of
//! them needs only what they are made of ([`flags`](super::flags)), so that the nodes which make them need not
//! be lowered at all: Cranelift would leave them out at last, but not before it has looked at them.

use super::flags::Change;
use super::flow::{Changes, Slots};
use super::region::{After, Region, Straight};
use super::step::Step;
use crate::graph::{Graph, Node};
use rustc_hash::FxHashMap;

/// The nodes of each step, by its address, that nobody needs.
pub type Unread = FxHashMap<u64, Vec<bool>>;

/// Of a region, whose runs ask for `needs`.
pub fn unread(
    region: &Region,
    needs: &FxHashMap<u64, Slots>,
    changes: &Changes,
    flags: &Slots,
) -> Unread {
    let mut unread = Unread::default();
    if flags.len() > 0 {
        for block in &region.blocks {
            in_run(region, block, needs, changes, flags, &mut unread);
        }
    }
    unread
}

fn in_run(
    region: &Region,
    block: &Straight,
    needs: &FxHashMap<u64, Slots>,
    changes: &Changes,
    flags: &Slots,
    unread: &mut Unread,
) {
    let asked_at = |place: u64| {
        let needs = needs.get(&place).copied().unwrap_or_default();
        needs.intersection(flags)
    };
    // The flags that are asked for later on.
    let mut asked = match block.after {
        After::Next(next) => asked_at(next),
        After::Jump | After::Interpret(_) => Slots::default(),
    };
    for Step { graph, .. } in block.steps.iter().rev() {
        let operands = match &changes[&graph.pc] {
            Change::All(_, operands) => Some((operands, None)),
            Change::Unless(keeping, _, operands) => Some((operands, Some(keeping.condition))),
            Change::Nothing | Change::Some => None,
        };
        // Relations of floats are carried as the flags that they are.
        let operands = operands.filter(|_| {
            !graph
                .nodes
                .iter()
                .any(|node| matches!(node, Node::Float(..)))
        });
        let mut needed = vec![false; graph.nodes.len()];
        for id in operands
            .iter()
            .flat_map(|(ids, condition)| ids.iter().chain(condition))
        {
            needed[*id as usize] = true;
        }
        let mut depth = 0;
        for (index, node) in graph.nodes.iter().enumerate().rev() {
            for target in region.targets(graph, node) {
                asked.extend(&asked_at(target));
            }
            match *node {
                Node::End => depth += 1,
                Node::When(_) => depth -= 1,
                Node::Read(slot) if flags.contains(slot) => asked.insert(slot),
                Node::Write(slot, _) if flags.contains(slot) => {
                    needed[index] = operands.is_none() || asked.contains(slot);
                    if depth == 0 {
                        asked.remove(slot);
                    }
                }
                _ => {}
            }
            needed[index] |= has_effect(graph, index, flags);
            if needed[index] {
                node.each_id(|id| {
                    needed[id as usize] = true;
                });
            }
        }
        if operands.is_some() {
            unread.insert(graph.pc, needed.into_iter().map(|needed| !needed).collect());
        }
    }
}

/// Whether a node is more than a value and a flag.
fn has_effect(graph: &Graph, index: usize, flags: &Slots) -> bool {
    match graph.nodes[index] {
        Node::Constant(_)
        | Node::Address(_)
        | Node::Read(_)
        | Node::Unary(..)
        | Node::Binary(..)
        | Node::Compare(..)
        | Node::Select(..) => false,
        Node::Write(slot, _) => !flags.contains(slot),
        _ => true,
    }
}
