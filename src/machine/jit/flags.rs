//! Flags: slots that hold 0 or 1, which most instructions write and few read.
//!
//! Compiled code computes a flag where an instruction reads it. For the state, which must have the flags
//! whenever code is left, it leaves word what they are to be made of: [`Flags`], by address, and the few
//! values that it takes. Those that other instructions have written since override what is made so, in a
//! word of their own. They are made when code is left for good ([`enter`](super::frame::enter)), or
//! where other code begins that wants them.

use crate::float::{self, Operation};
use crate::graph::{Graph, Id, Node};
use crate::hart::Hart;
use crate::jit::exceptions;
use crate::jit::flow::Slots;
use crate::registers::Slot;
use std::fmt;

/// How many values the hart keeps to make flags of.
pub const OPERANDS: usize = 2;

/// What the address of [`Flags`] has added to it where flags are overridden.
pub const OVERRIDDEN: usize = 1;

/// Where the word of overridden flags has their values. Which ones these are is below, in the order of the
/// flags' slots.
pub const OVERRIDES: u32 = 32;

/// How many values there are at most, operands and all.
const VALUES: usize = 64;

/// What flags are to be made of.
#[derive(Clone)]
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
    /// It makes all of them so unless a condition holds.
    Unless(Keeping, Flags, Vec<Id>),
    /// It makes some of them, or on some ways only, or of too many values.
    Some,
}

/// Under which condition flags are what they were before.
#[derive(Debug, PartialEq, Eq)]
pub struct Keeping {
    /// The condition.
    pub condition: Id,
    /// The nodes that read flags for nothing else.
    pub reads: Vec<Id>,
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
                Node::Float(unit, operation, format, modes, operands) => {
                    let operands = operands.map(|id| of(&values, id));
                    let modes = of(&values, modes);
                    let none = float::Flags::NONE;
                    exceptions::quietly(|| {
                        float::evaluate_in(operation, format, &unit.rules, modes, none, operands).0
                    })
                }
                _ => unreachable!("not an operation of values alone"),
            };
            values[place] = value;
        }
        for &(slot, value) in &self.flags {
            hart.registers.write(slot, of(&values, value));
        }
    }
}

/// Sets the flags of a hart that a word overrides.
pub fn set_overridden(hart: &Hart, overrides: u64) {
    for (bit, slot) in (0..).zip(hart.compiled.flag_slots.get().iter()) {
        if overrides >> bit & 1 != 0 {
            let value = overrides >> (OVERRIDES + bit) & 1;
            hart.registers.write(slot, value);
        }
    }
}

impl Change {
    /// Whether it leaves some as they are.
    pub fn is_some(&self) -> bool {
        matches!(self, Change::Some)
    }

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
            all if is_simple && all == slots.len() => match Keeping::of(graph, &last) {
                Some((keeping, last)) => match Change::made(graph, &last) {
                    Change::All(flags, operands) => Change::Unless(keeping, flags, operands),
                    other => other,
                },
                None => Change::made(graph, &last),
            },
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
}

impl Keeping {
    /// When the last writes of flags write what they were, with what they write otherwise.
    fn of(graph: &Graph, last: &[(Slot, Id)]) -> Option<(Keeping, Vec<(Slot, Id)>)> {
        let nodes = &graph.nodes;
        let written_before = |slot, id: Id| {
            let before = nodes[..id as usize].iter().rev();
            before.into_iter().find_map(|node| match *node {
                Node::Write(written, value) if written == slot => Some(value),
                _ => None,
            })
        };
        let mut keeping: Option<Keeping> = None;
        let mut otherwise = Vec::new();
        for &(slot, value) in last {
            let Node::Select(condition, kept, new) = nodes[value as usize] else {
                return None;
            };
            let is_read = |id: Id| matches!(nodes[id as usize], Node::Read(read) if read == slot);
            if !is_read(kept) || written_before(slot, kept).is_some() || uses(graph, kept) != 1 {
                return None;
            }
            let keeping = keeping.get_or_insert_with(|| Keeping {
                condition,
                reads: Vec::new(),
            });
            if keeping.condition != condition {
                return None;
            }
            keeping.reads.push(kept);
            let new = match is_read(new) {
                true => {
                    keeping.reads.push(new);
                    written_before(slot, new)?
                }
                false => new,
            };
            otherwise.push((slot, new));
        }
        Some((keeping?, otherwise))
    }
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
                node.each_id(|id| {
                    *of |= sources[id as usize];
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
            // How floats relate takes longer to find out than to keep them.
            if candidates >> id & 1 == 0 || matches!(nodes[id as usize], Node::Float(..)) {
                return false;
            }
            for (index, node) in nodes.iter().enumerate() {
                let mut all = index == id as usize || is_operation(node) && sources[index] != 0;
                if all && index != id as usize {
                    node.each_id(|id| {
                        all &= made[id as usize];
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

/// How often other nodes take the value of one.
fn uses(graph: &Graph, of: Id) -> usize {
    let mut uses = 0;
    for node in &graph.nodes {
        node.each_id(|id| {
            uses += usize::from(id == of);
        });
    }
    uses
}

/// Whether a node is made of values alone. What a comparison of floats raises does not count here.
fn is_operation(node: &Node) -> bool {
    use Operation::{RelationQuiet, RelationSignaling};
    matches!(
        node,
        Node::Unary(..)
            | Node::Binary(..)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Float(_, RelationQuiet | RelationSignaling, ..)
    )
}
