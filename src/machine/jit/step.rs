//! Steps: what is compiled as one. Mostly that is an instruction; one that leads inside, as a branch
//! into its delay slot, forms a step with the instruction after it.
//!
//! What the first hands to the second in a *carried* slot becomes an ordinary value, and the jump of
//! the second what the first decided: no state in between is ever seen. Whatever goes wrong in a
//! step, the interpreter starts again at its first instruction.

use crate::domain::Compare;
use crate::graph::{Graph, Id, Node};
use crate::guest::Flow;
use crate::registers::Slot;
use rustc_hash::FxHashMap;

/// One instruction, or two that are one thing.
#[derive(Debug)]
pub struct Step {
    /// What it does.
    pub graph: Graph,
    /// The node that the second instruction begins with, if there is one.
    pub second: Option<usize>,
}

impl Step {
    /// A single instruction. None if it is left to the interpreter: what reads counters, changes what
    /// fetch sees, or always traps is.
    pub fn single(graph: Graph) -> Option<Step> {
        is_compiled(&graph).then_some(Step {
            graph,
            second: None,
        })
    }

    /// An instruction and the one inside it, which takes values in the slots `carried`. None if they are
    /// left to the interpreter.
    pub fn pair(first: &Graph, second: &Graph, carried: &[Slot]) -> Option<Step> {
        if !is_compiled(first) || !is_compiled(second) || !can_run_again(first, second, carried) {
            return None;
        }
        let mut join = Join::default();
        for node in &first.nodes {
            match *node {
                Node::Write(slot, value) if carried.contains(&slot) => {
                    join.carried.insert(slot, join.ids[value as usize]);
                    join.ids.push(Id::MAX);
                }
                // What is carried is known whichever way the first instruction went.
                Node::When(_) => return None,
                ref node => join.push(node),
            }
        }
        join.ids.clear();
        let start = join.nodes.len();
        let (body, target) = split_jump(second);
        for node in body {
            match *node {
                Node::Write(slot, _) if carried.contains(&slot) => return None,
                Node::Read(slot) if carried.contains(&slot) => {
                    let value = *join.carried.get(&slot)?;
                    join.ids.push(value);
                }
                ref node => join.push(node),
            }
        }
        let flow = match target {
            Some(target) => join.jump(target, first.flow, second.next_pc),
            None => first.flow,
        };
        Some(Step {
            graph: Graph {
                nodes: join.nodes,
                pc: first.pc,
                next_pc: second.next_pc,
                restart_pc: first.pc,
                flow,
            },
            second: Some(start),
        })
    }

    /// How many instructions it is.
    pub fn len(&self) -> usize {
        1 + usize::from(self.second.is_some())
    }
}

fn is_compiled(graph: &Graph) -> bool {
    let is_compiled = |node: &Node| {
        !matches!(
            node,
            Node::Counter(_) | Node::FenceInstructions | Node::CompareExchangePair(..)
        )
    };
    !matches!(graph.flow, Flow::Alone | Flow::Trap) && graph.nodes.iter().all(is_compiled)
}

/// Whether the first instruction does the same a second time, if the second one may trap: then the
/// interpreter runs both again.
fn can_run_again(first: &Graph, second: &Graph, carried: &[Slot]) -> bool {
    let reads = |slot| move |node: &Node| matches!(*node, Node::Read(read) if read == slot);
    let changes_its_operands = first.nodes.iter().any(|node| match *node {
        Node::Write(slot, _) => !carried.contains(&slot) && first.nodes.iter().any(reads(slot)),
        _ => false,
    });
    !changes_its_operands
        || !second
            .nodes
            .iter()
            .any(|node| matches!(node, Node::Trap(..)))
}

/// The nodes of an instruction without the jump at its end, and where that jump goes: one that is
/// made unless it leads to the next instruction.
fn split_jump(graph: &Graph) -> (&[Node], Option<Id>) {
    if let [
        body @ ..,
        Node::When(condition),
        Node::Jump(target),
        Node::End,
    ] = &graph.nodes[..]
        && let Node::Compare(Compare::NotEqual, a, b) = graph.nodes[*condition as usize]
        && a == *target
        && constant(&graph.nodes, b) == Some(graph.next_pc)
    {
        return (body, Some(*target));
    }
    (&graph.nodes, None)
}

/// Two lists of nodes becoming one.
#[derive(Default)]
struct Join {
    nodes: Vec<Node>,
    /// The new ids of the nodes of the instruction being added.
    ids: Vec<Id>,
    /// What the first instruction hands over.
    carried: FxHashMap<Slot, Id>,
}

impl Join {
    fn push(&mut self, node: &Node) {
        let node = node.with_ids(|id| self.ids[id as usize]);
        self.ids.push(self.nodes.len() as Id);
        self.nodes.push(node);
    }

    /// Ends with the jump to `target`, a node of the second instruction; nothing if that is the next
    /// instruction. Tells how the step continues.
    fn jump(&mut self, target: Id, flow: Flow, next: u64) -> Flow {
        let target = self.ids[target as usize];
        let known = |id| constant(&self.nodes, id);
        match self.nodes[target as usize] {
            Node::Constant(there) | Node::Address(there) if there == next => return Flow::Next,
            Node::Select(condition, yes, no) if flow == Flow::Branch && known(no) == Some(next) => {
                if let Some(there) = known(yes) {
                    self.nodes.push(Node::Branch(condition, there));
                    return Flow::Branch;
                }
                self.nodes.push(Node::Jump(target));
            }
            // A jump that is written as a branch with a condition that always holds.
            Node::Select(_, yes, _) if flow != Flow::Branch => self.nodes.push(Node::Jump(yes)),
            _ => self.nodes.push(Node::Jump(target)),
        }
        match flow {
            Flow::Branch => Flow::Jump,
            flow => flow,
        }
    }
}

/// The value of a node that is known before anything runs.
pub fn constant(nodes: &[Node], id: Id) -> Option<u64> {
    match nodes[id as usize] {
        Node::Constant(value) | Node::Address(value) => Some(value),
        _ => None,
    }
}
