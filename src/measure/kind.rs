//! What an instruction is, told by its meaning: by the graph that it is recorded as, not by its name.

use portolan_machine::domain::{Binary, Unary};
use portolan_machine::graph::{Graph, Id, Node};
use portolan_machine::guest::{Flow, Guest};
use portolan_machine::registers::{self, Role, Slot};
use portolan_machine::trap::Trap;
use serde::{Deserialize, Serialize};

/// What an instruction is mainly for. One that loads and computes, as x86's may, is a load; one that
/// computes with floating-point numbers is that, wherever they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the titles say it")]
pub enum Kind {
    Load,
    Store,
    LoadStore,
    Atomic,
    Move,
    Compute,
    Float,
    Branch,
    Jump,
    Call,
    Return,
    System,
    Other,
}

impl Kind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Kind; 13] = [
        Kind::Load,
        Kind::Store,
        Kind::LoadStore,
        Kind::Atomic,
        Kind::Move,
        Kind::Compute,
        Kind::Float,
        Kind::Branch,
        Kind::Jump,
        Kind::Call,
        Kind::Return,
        Kind::System,
        Kind::Other,
    ];

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Load => "loads",
            Kind::Store => "stores",
            Kind::LoadStore => "loads and stores in one",
            Kind::Atomic => "atomic updates",
            Kind::Move => "moves and constants",
            Kind::Compute => "integer arithmetic",
            Kind::Float => "floats and vectors",
            Kind::Branch => "branches",
            Kind::Jump => "jumps",
            Kind::Call => "calls",
            Kind::Return => "returns",
            Kind::System => "system calls",
            Kind::Other => "others",
        }
    }

    /// Of an instruction that means this.
    pub fn of(graph: &Graph, guest: &dyn Guest) -> Kind {
        let has = |wanted: &dyn Fn(&Node) -> bool| graph.nodes.iter().any(wanted);
        let loads = has(&|node| matches!(node, Node::Load(..)));
        let stores = has(&|node| matches!(node, Node::Store(..)));
        if has(&|node| matches!(node, Node::Trap(_, Trap::Syscall))) {
            return Kind::System;
        }
        let is_atomic = |node: &Node| {
            matches!(
                node,
                Node::Rmw(..) | Node::CompareExchange(..) | Node::CompareExchangePair(..)
            )
        };
        if has(&is_atomic) {
            return Kind::Atomic;
        }
        // What goes back to itself until it is done, such as a repeated string instruction, does what it repeats.
        let repeats = has(&|node| matches!(node, Node::Branch(_, target) if *target == graph.pc));
        match graph.flow {
            Flow::Branch if !(repeats && (loads || stores)) => return Kind::Branch,
            Flow::Jump => return Kind::Jump,
            Flow::Call => return Kind::Call,
            Flow::Return => return Kind::Return,
            _ => {}
        }
        if has(&|node| matches!(node, Node::Float(..))) {
            return Kind::Float;
        }
        match (loads, stores) {
            (true, true) => return Kind::LoadStore,
            (true, false) => return Kind::Load,
            (false, true) => return Kind::Store,
            (false, false) => {}
        }
        let writes = graph.nodes.iter().filter_map(|node| match node {
            Node::Write(slot, value) => Some((*slot, *value)),
            _ => None,
        });
        let writes: Vec<(Slot, Id)> = writes.collect();
        if writes.is_empty() {
            return Kind::Other;
        }
        if writes.iter().all(|(_, value)| copies(graph, guest, *value)) {
            return Kind::Move;
        }
        let is_float = |slot: Slot| {
            // The upper half of a wide register has no name of its own.
            let below = |slot: Slot| slot.checked_sub(1).and_then(|it| guest.register(it));
            let file = guest.register(slot).or_else(|| below(slot));
            file.is_some_and(|(file, _)| file.kind == registers::Kind::Float)
        };
        let touches_float = writes.iter().any(|(slot, _)| is_float(*slot))
            || has(&|node| matches!(node, Node::Read(slot) if is_float(*slot)));
        match touches_float {
            true => Kind::Float,
            false => Kind::Compute,
        }
    }
}

/// Whether a value is a constant, or what a register held, perhaps of another width.
fn copies(graph: &Graph, guest: &dyn Guest, value: Id) -> bool {
    let constant = |id: Id| match graph.nodes[id as usize] {
        Node::Constant(value) => Some(value),
        Node::Read(slot) => {
            let register = guest.register(slot);
            register.and_then(|(_, it)| (it.role == Role::Zero).then_some(0))
        }
        _ => None,
    };
    let copies = |id| copies(graph, guest, id);
    match graph.nodes[value as usize] {
        Node::Constant(_) | Node::Address(_) | Node::Read(_) => true,
        Node::Unary(Unary::SignExtend(_) | Unary::ZeroExtend(_), a) => copies(a),
        Node::Binary(operation, a, b) => match (operation, constant(a), constant(b)) {
            (_, Some(_), Some(_)) => true,
            // Adding nothing is how some instruction sets copy.
            (Binary::Add | Binary::Or | Binary::Xor, Some(0), None) => copies(b),
            (Binary::Add | Binary::Sub | Binary::Or | Binary::Xor, None, Some(0)) => copies(a),
            (Binary::And, None, Some(0xff | 0xffff | 0xffff_ffff)) => copies(a),
            _ => false,
        },
        _ => false,
    }
}
