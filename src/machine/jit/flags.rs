//! Flags: slots that hold 0 or 1, which most instructions write and few read.
//!
//! Compiled code computes a flag where an instruction reads it. For the state, which must have the flags
//! whenever code is left, it leaves word what they are to be made of: [`Flags`], by address, and the few
//! values that it takes. They are made when code is left for good ([`enter`](super::frame::enter)), or
//! where other code begins that wants them.

use crate::graph::{Graph, Id, Node};
use crate::hart::Hart;
use crate::jit::flow::{Slots, accesses, goes_elsewhere};
use crate::jit::region::Straight;
use crate::jit::step::Step;
use crate::registers::Slot;
use std::fmt;

/// How many values the hart keeps to make flags of.
pub const OPERANDS: usize = 2;

/// How many values there are at most, operands and all.
const VALUES: usize = 64;

/// What flags are to be made of.
pub struct Flags {
    /// The operations. The first values are the operands, the others come of these, in order.
    nodes: Vec<Node>,
    /// The flags, and the value of each.
    flags: Vec<(Slot, Id)>,
}

/// What an instruction does to the flags.
pub enum Change {
    /// Nothing.
    Nothing,
    /// It makes all of them, of the values of these nodes.
    All(Flags, Vec<Id>),
    /// It makes some of them, or not always, or of too many values.
    Some,
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flags, by {} operations", self.nodes.len())
    }
}

impl Flags {
    /// All flags as the bits of one word, in the order of their slots.
    pub fn packed(slots: &Slots) -> Flags {
        use crate::domain::Binary::{And, ShiftRight};
        // The word is value 0.
        let mut nodes = vec![Node::Constant(1)];
        let one = OPERANDS as Id;
        let mut flags = Vec::new();
        for (bit, slot) in (0..).zip(slots.iter()) {
            let next = (OPERANDS + nodes.len()) as Id;
            nodes.push(Node::Constant(bit));
            nodes.push(Node::Binary(ShiftRight, 0, next));
            nodes.push(Node::Binary(And, next + 1, one));
            flags.push((slot, next + 2));
        }
        Flags { nodes, flags }
    }

    /// Makes the flags of a hart.
    pub fn make(&self, hart: &Hart, operands: [u64; OPERANDS]) {
        let mut values = [0; VALUES];
        values[..OPERANDS].copy_from_slice(&operands);
        let of = |values: &[u64], id: Id| values[id as usize];
        for (place, node) in (OPERANDS..).zip(&self.nodes) {
            let value = match *node {
                Node::Constant(value) => value,
                Node::Unary(operation, a) => operation.apply(of(&values, a)),
                Node::Binary(operation, a, b) => operation.apply(of(&values, a), of(&values, b)),
                Node::Compare(comparison, a, b) => {
                    comparison.apply(of(&values, a), of(&values, b)).into()
                }
                Node::Select(condition, yes, no) => match of(&values, condition) {
                    0 => of(&values, no),
                    _ => of(&values, yes),
                },
                _ => unreachable!("not an operation of values alone"),
            };
            values[place] = value;
        }
        for &(slot, value) in &self.flags {
            hart.registers.write(slot, of(&values, value));
        }
    }
}

impl Change {
    /// What an instruction does to these flags.
    pub fn of(graph: &Graph, slots: &Slots) -> Change {
        let mut last: Vec<(Slot, Id)> = Vec::new();
        let (mut depth, mut is_simple) = (0, true);
        for node in &graph.nodes {
            match *node {
                Node::When(_) => depth += 1,
                Node::End => depth -= 1,
                Node::Write(slot, value) if slots.contains(slot) => {
                    is_simple &= depth == 0;
                    last.retain(|(other, _)| *other != slot);
                    last.push((slot, value));
                }
                _ => {}
            }
            // Where it leads then, the flags are made already.
            is_simple &= last.is_empty()
                || !matches!(node, Node::When(_) | Node::Jump(_) | Node::Branch(..));
        }
        match last.len() {
            0 => Change::Nothing,
            all if is_simple && all == slots.len() => Change::made(graph, &last),
            _ => Change::Some,
        }
    }

    fn made(graph: &Graph, flags: &[(Slot, Id)]) -> Change {
        let mut making = Making {
            graph,
            ids: vec![None; graph.nodes.len()],
            nodes: Vec::new(),
            operands: Vec::new(),
        };
        // Often all of them come of the result alone.
        let start = Making::funnel(graph, flags);
        if let Some(id) = start {
            making.operand(id);
        }
        let flags: Option<Vec<_>> = flags
            .iter()
            .map(|&(slot, value)| Some((slot, making.id(value)?)))
            .collect();
        match flags {
            Some(flags) if OPERANDS + making.nodes.len() <= VALUES => Change::All(
                Flags {
                    nodes: making.nodes,
                    flags,
                },
                making.operands,
            ),
            _ => Change::Some,
        }
    }

    /// Whether what the flags were may show in what they are then.
    pub fn keeps_some(&self) -> bool {
        matches!(self, Change::Some)
    }
}

/// For each step of a run: whether nobody asks what these flags are behind it, as all are made anew before
/// anything leaves or may fault. A rotation at the start of a function, which makes two of them, then
/// needs none of the others.
pub fn unseen(block: &Straight, flags: &Slots) -> Vec<bool> {
    let asks =
        |node: &Node| accesses(node) || goes_elsewhere(node) || matches!(node, Node::Trap(..));
    let mut unseen = vec![false; block.steps.len()];
    if flags.len() == 0 {
        return unseen;
    }
    let mut made_later = false;
    for (unseen, Step { graph, .. }) in unseen.iter_mut().zip(&block.steps).rev() {
        let is_quiet = !graph.nodes.iter().any(asks);
        *unseen = is_quiet && made_later;
        made_later =
            is_quiet && (made_later || matches!(Change::of(graph, flags), Change::All(..)));
    }
    unseen
}

/// Operations being gathered.
struct Making<'a> {
    graph: &'a Graph,
    /// Of each node: the value that it has become.
    ids: Vec<Option<Id>>,
    nodes: Vec<Node>,
    operands: Vec<Id>,
}

impl Making<'_> {
    /// The one node that all these are made of, if there is one and none that it is made of will do.
    fn funnel(graph: &Graph, flags: &[(Slot, Id)]) -> Option<Id> {
        let nodes = &graph.nodes;
        // Of each node: what it is made of, one bit each.
        let mut sources = vec![0u128; nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            let of = &mut 0;
            if is_operation(node) {
                node.with_ids(|id| {
                    *of |= sources[id as usize];
                    id
                });
            }
            let is_known = matches!(node, Node::Constant(_) | Node::Address(_));
            sources[index] = match 1u128.checked_shl(index as u32) {
                Some(bit) if !is_known => *of | bit,
                _ => *of,
            };
        }
        let of_all = |all, (_, value): &(Slot, Id)| match sources[*value as usize] {
            0 => all,
            sources => all & sources,
        };
        let candidates = flags.iter().fold(u128::MAX, of_all);
        if candidates == u128::MAX {
            return None;
        }
        let mut made = vec![false; nodes.len()];
        (0..nodes.len().min(128) as Id).rev().find(|&id| {
            if candidates >> id & 1 == 0 {
                return false;
            }
            for (index, node) in nodes.iter().enumerate() {
                let mut all = index == id as usize || is_operation(node) && sources[index] != 0;
                if all && index != id as usize {
                    node.with_ids(|id| {
                        all &= made[id as usize];
                        id
                    });
                }
                made[index] = all || sources[index] == 0;
            }
            flags.iter().all(|(_, value)| made[*value as usize])
        })
    }

    fn operand(&mut self, id: Id) -> Option<Id> {
        // The same register twice.
        let same = |other: &Id| {
            let [a, b] = [id, *other].map(|id| &self.graph.nodes[id as usize]);
            let is_written = |slot| {
                let between = &self.graph.nodes[id.min(*other) as usize..id.max(*other) as usize];
                between
                    .iter()
                    .any(|node| matches!(*node, Node::Write(written, _) if written == slot))
            };
            matches!((a, b), (Node::Read(a), Node::Read(b)) if a == b && !is_written(*a))
        };
        let place = match self.operands.iter().position(same) {
            Some(place) => place,
            None if self.operands.len() < OPERANDS => {
                self.operands.push(id);
                self.operands.len() - 1
            }
            None => return None,
        };
        self.ids[id as usize] = Some(place as Id);
        Some(place as Id)
    }

    fn id(&mut self, id: Id) -> Option<Id> {
        if let Some(known) = self.ids[id as usize] {
            return Some(known);
        }
        let node = &self.graph.nodes[id as usize];
        let node = match *node {
            Node::Address(value) => Node::Constant(value),
            ref node if is_operation(node) || matches!(node, Node::Constant(_)) => {
                let mut all = Some(());
                let node = node.with_ids(|id| {
                    let id = self.id(id);
                    all = all.and(id.map(|_| ()));
                    id.unwrap_or_default()
                });
                all?;
                node
            }
            _ => return self.operand(id),
        };
        let new = (OPERANDS + self.nodes.len()) as Id;
        self.nodes.push(node);
        self.ids[id as usize] = Some(new);
        Some(new)
    }
}

/// Whether a node is made of values alone.
fn is_operation(node: &Node) -> bool {
    matches!(
        node,
        Node::Unary(..) | Node::Binary(..) | Node::Compare(..) | Node::Select(..)
    )
}
