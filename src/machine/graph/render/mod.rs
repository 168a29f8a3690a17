//! Writes a graph for people: `a0 <- sext32(mem32[sp + 16])`.
//!
//! [`expression`] turns nodes into expressions and simplifies them, [`write`](mod@write) puts
//! them on paper; here are the effects, one line each, and the names of values that outlive
//! what they were read from.

mod expression;
mod idioms;
mod terms;
#[cfg(test)]
mod tests;
mod write;

pub use terms::{Term, terms};

use super::{Graph, Id, Node};
use crate::float::Operation;
use crate::guest::Guest;
use crate::memory::{Access, Rmw};
use crate::registers::{Role, Slot};
use crate::trap::Trap;
use expression::{Builder, Expression, Sign};
use std::collections::BTreeMap;

/// The effects of an instruction of a guest, one line each, in order.
///
/// Right of an arrow stands what a register or memory contains before the line. Names without a
/// register of that name (`old`, `target`, ..) stand for values of this instruction only.
pub fn effects(graph: &Graph, guest: &dyn Guest) -> Vec<String> {
    let values = Values::of(graph);
    let is_zero = |slot| {
        let register = guest.register(slot);
        register.is_some_and(|(_, register)| register.role == Role::Zero)
    };
    let mut lines = Lines {
        builder: Builder {
            graph,
            register_name: &|slot| (!is_zero(slot)).then(|| guest.slot_name(slot)),
            names: &values.names,
        },
        conditions: Vec::new(),
        text: Vec::new(),
    };
    // Exceptions are told after the effect of the operation that raises them, unless it asks for them.
    let mut raised = None;
    for (index, node) in graph.nodes.iter().enumerate() {
        let id = index as Id;
        for &named in values.before.get(&id).into_iter().flatten() {
            lines.define(named);
        }
        match *node {
            Node::When(condition) => lines.conditions.push(lines.builder.value(condition)),
            Node::End => drop(lines.conditions.pop()),
            Node::Load(..) if values.names.contains_key(&id) => lines.define(id),
            Node::Load(access, address) if !values.used[index] => {
                let place = lines.memory(access, address);
                lines.push(format!("{place} is read"));
            }
            Node::Float(unit, operation, ..) if operation != Operation::Classify => {
                let flags = lines.builder.register(unit.flags).text();
                let reads_them =
                    |node: &Node| matches!(node, Node::Read(slot) if *slot == unit.flags);
                let told_at_once =
                    !values.used[index] || graph.nodes[index + 1..].iter().any(reads_them);
                let by = if told_at_once {
                    format!(" of {}", lines.builder.value(id).text())
                } else {
                    String::new()
                };
                let line = format!("{flags} <- {flags} | exceptions{by}");
                if told_at_once {
                    lines.push(line);
                } else {
                    raised = Some(line);
                }
            }
            _ => {
                if lines.effect(id, node) {
                    lines.text.extend(raised.take());
                }
            }
        }
    }
    lines.text
}

struct Lines<'a> {
    builder: Builder<'a>,
    /// What must hold for the lines to come.
    conditions: Vec<Expression>,
    text: Vec<String>,
}

impl Lines<'_> {
    /// Adds a line under the conditions that hold here.
    fn push(&mut self, line: String) {
        let all = self.conditions.iter().cloned();
        let line = match all.reduce(|a, b| a.infix(Sign::BOTH, b)) {
            Some(condition) => format!("if {}: {line}", condition.text()),
            None => line,
        };
        self.text.push(line);
    }

    /// Adds the line that gives a value its name.
    fn define(&mut self, id: Id) {
        let name = &self.builder.names[&id];
        let value = self.builder.unnamed(id);
        let line = format!("{name} <- {}", value.text());
        self.push(line);
    }

    /// Adds the line of an effect; false if the node is none.
    fn effect(&mut self, id: Id, node: &Node) -> bool {
        let value = |id| self.builder.value(id).into_number().text();
        let line = match *node {
            Node::Write(slot, new) => {
                format!("{} <- {}", self.builder.register(slot).text(), value(new))
            }
            Node::Store(access, address, new) => {
                let new = self.builder.value(new).truncated(access.bytes * 8);
                format!("{} <- {}", self.memory(access, address), new.text())
            }
            Node::Rmw(access, operation, address, operand) => {
                let name = &self.builder.names[&id];
                let place = self.builder.loaded(access, address).text();
                let new = self.update(id, access, operation, operand).text();
                let memory = self.memory(access, address);
                format!("{name} <- {place}; {memory} <- {new}, atomically")
            }
            Node::CompareExchange(access, address, expected, new) => {
                let name = &self.builder.names[&id];
                let place = self.builder.loaded(access, address).text();
                let new = self.builder.value(new).truncated(access.bytes * 8).text();
                let old = Expression::Name(name.clone());
                let expected = self.builder.value(expected);
                self.push(format!("{name} <- {place}"));
                self.conditions.push(old.infix(Sign::EQUAL, expected));
                let memory = self.memory(access, address);
                self.push(format!("{memory} <- {new}, atomically"));
                self.conditions.pop();
                return true;
            }
            Node::CompareExchangePair(address, expected, new) => {
                let name = self.builder.names[&id].clone();
                let memory = Expression::Memory(128, Box::new(self.builder.value(address))).text();
                let pair = |[low, high]: [Id; 2]| format!("{}:{}", value(high), value(low));
                let (expected, new) = (pair(expected), pair(new));
                self.push(format!("{name} <- {memory} = {expected}"));
                self.conditions.push(Expression::Name(name));
                self.push(format!("{memory} <- {new}, atomically"));
                self.conditions.pop();
                return true;
            }
            Node::Fence => "earlier memory accesses complete before later ones".to_owned(),
            Node::FenceInstructions => "instruction fetch sees all earlier stores".to_owned(),
            Node::Jump(target) => format!("pc <- {}", value(target)),
            Node::Branch(condition, target) => {
                let condition = self.builder.value(condition).text();
                let target = Expression::relative(self.builder.graph, target).text();
                format!("if {condition}: pc <- {target}")
            }
            Node::Trap(condition, trap) => {
                let trap = match trap {
                    Trap::Fault(fault) => fault.to_string(),
                    Trap::Misaligned { address, .. } => {
                        format!("misaligned address {}", value(address))
                    }
                    Trap::Illegal => "illegal instruction".to_owned(),
                    Trap::Overflow => "integer overflow".to_owned(),
                    Trap::Float { .. } => "floating-point exception".to_owned(),
                    Trap::Software { code } => format!("number {code} of the program's own"),
                    Trap::Breakpoint => "breakpoint".to_owned(),
                    Trap::Syscall => "system call".to_owned(),
                };
                match self.builder.value(condition) {
                    Expression::Number(_) => format!("trap: {trap}"),
                    condition => format!("if {}: trap: {trap}", condition.text()),
                }
            }
            _ => return false,
        };
        self.push(line);
        true
    }

    fn memory(&self, access: Access, address: Id) -> String {
        self.builder.memory(access, address).text()
    }

    /// What an atomic update stores.
    fn update(&self, id: Id, access: Access, operation: Rmw, operand: Id) -> Expression {
        let bits = access.bytes * 8;
        let old = Expression::Name(self.builder.names[&id].clone());
        let operand = self.builder.value(operand);
        let call = |name: &str| {
            let arguments = [&old, &operand].map(|e| e.clone().truncated(bits));
            Expression::Call(format!("{name}{bits}"), arguments.to_vec())
        };
        let infix = |sign| old.clone().infix(sign, operand.clone()).truncated(bits);
        match operation {
            Rmw::Swap => operand.truncated(bits),
            Rmw::Add => infix(Sign::ADD),
            Rmw::And => infix(Sign::AND),
            Rmw::Or => infix(Sign::OR),
            Rmw::Xor => infix(Sign::XOR),
            Rmw::MinSigned => call("min_s"),
            Rmw::MaxSigned => call("max_s"),
            Rmw::MinUnsigned => call("min_u"),
            Rmw::MaxUnsigned => call("max_u"),
        }
    }
}

/// Which values need names, and where they get them.
struct Values {
    names: BTreeMap<Id, String>,
    /// Values that get their name before a node.
    before: BTreeMap<Id, Vec<Id>>,
    /// Whether an effect depends on a node.
    used: Vec<bool>,
}

/// A value that a line shows.
struct Use {
    value: Id,
    /// The last node whose line shows it.
    at: usize,
    /// What it would be called.
    name: &'static str,
}

impl Values {
    fn of(graph: &Graph) -> Values {
        let uses = uses(graph);
        let mut values = Values {
            names: BTreeMap::new(),
            before: BTreeMap::new(),
            used: vec![false; graph.nodes.len()],
        };
        let mut counts = vec![0; graph.nodes.len()];
        for used in &uses {
            let mut seen = vec![false; graph.nodes.len()];
            mark(graph, used.value, &mut seen);
            for (index, _) in seen.iter().enumerate().filter(|(_, seen)| **seen) {
                counts[index] += 1;
                values.used[index] = true;
            }
        }
        for (index, node) in graph.nodes.iter().enumerate() {
            match node {
                Node::Load(..) if counts[index] > 1 => values.name(index as Id, "loaded"),
                Node::Rmw(..) | Node::CompareExchange(..) => values.name(index as Id, "old"),
                Node::CompareExchangePair(..) => values.name(index as Id, "equal"),
                // A condition of several parts would fill the lines that depend on it.
                Node::When(condition)
                    if matches!(graph.nodes[*condition as usize], Node::Binary(..))
                        && !values.names.contains_key(condition) =>
                {
                    values.name(*condition, "condition");
                    values.before.insert(index as Id, vec![*condition]);
                }
                _ => {}
            }
        }
        // From the last to the first: what a late line needs kept, an early one can share.
        for used in uses.iter().rev() {
            values.keep(graph, used.value, used);
        }
        values
    }

    /// Gives a part of a used value a name, if what it was made of changes before it is shown.
    fn keep(&mut self, graph: &Graph, id: Id, used: &Use) {
        let Some(change) = self.outdated(graph, id, used.at) else {
            return;
        };
        if id as usize > change {
            // Made from older values after the change.
            for operand in operands(&graph.nodes[id as usize]) {
                self.keep(graph, operand, used);
            }
            return;
        }
        self.name(id, used.name);
        let place = enclosing(graph, change, id as usize);
        self.before.entry(place as Id).or_default().insert(0, id);
    }

    /// Gives a value a name that no other has.
    fn name(&mut self, id: Id, name: &str) {
        let taken = |name: &str| self.names.values().any(|other| other == name);
        let free = (2..)
            .map(|n| format!("{name}{n}"))
            .find(|name| !taken(name));
        let name = if taken(name) {
            free.unwrap_or_default()
        } else {
            name.to_owned()
        };
        self.names.entry(id).or_insert(name);
    }

    /// The first node before `at` that changes what a value was made of.
    fn outdated(&self, graph: &Graph, id: Id, at: usize) -> Option<usize> {
        if self.names.contains_key(&id) {
            return None;
        }
        let index = id as usize;
        let changed = |changes: &dyn Fn(&Node) -> bool| {
            let later = graph.nodes[..at].iter().enumerate().skip(index + 1);
            later
                .filter(|(_, node)| changes(node))
                .map(|(n, _)| n)
                .next()
        };
        match graph.nodes[index] {
            Node::Read(slot) => changed(&|node| writes(node, slot)),
            Node::Load(..) => changed(&|node| matches!(node, Node::Store(..) | Node::Rmw(..))),
            node => operands(&node)
                .into_iter()
                .filter_map(|operand| self.outdated(graph, operand, at))
                .min(),
        }
    }
}

/// The values that lines show, in order.
fn uses(graph: &Graph) -> Vec<Use> {
    let mut uses = Vec::new();
    let mut open = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let name = match node {
            Node::When(condition) => {
                open.push(uses.len());
                uses.push(Use {
                    value: *condition,
                    at,
                    name: "condition",
                });
                continue;
            }
            Node::End => {
                open.pop();
                continue;
            }
            Node::Jump(_) => "target",
            Node::Branch(..) | Node::Trap(..) => "condition",
            Node::Write(..)
            | Node::Store(..)
            | Node::Rmw(..)
            | Node::CompareExchange(..)
            | Node::CompareExchangePair(..) => "old",
            _ => continue,
        };
        // Each line inside shows the conditions.
        for &condition in &open {
            let condition: &mut Use = &mut uses[condition];
            condition.at = at;
        }
        let shown = operands(node).into_iter();
        uses.extend(shown.map(|value| Use { value, at, name }));
    }
    uses
}

/// The outermost conditional part around a node that starts after `value`, or the node itself.
fn enclosing(graph: &Graph, node: usize, value: usize) -> usize {
    let mut open = Vec::new();
    for (index, before) in graph.nodes[..node].iter().enumerate() {
        match before {
            Node::When(_) => open.push(index),
            Node::End => drop(open.pop()),
            _ => {}
        }
    }
    let outermost = open.into_iter().find(|&when| when > value);
    outermost.unwrap_or(node)
}

fn mark(graph: &Graph, id: Id, seen: &mut [bool]) {
    if !std::mem::replace(&mut seen[id as usize], true) {
        for operand in operands(&graph.nodes[id as usize]) {
            mark(graph, operand, seen);
        }
    }
}

/// Whether a node changes a register.
fn writes(node: &Node, slot: Slot) -> bool {
    match node {
        Node::Write(written, _) => *written == slot,
        Node::Float(unit, ..) => unit.flags == slot,
        _ => false,
    }
}

/// The values that a node is made of.
fn operands(node: &Node) -> Vec<Id> {
    match *node {
        Node::Unary(_, a) | Node::Load(_, a) | Node::Write(_, a) => vec![a],
        Node::Jump(a) | Node::Branch(a, _) | Node::When(a) => vec![a],
        Node::Binary(_, a, b) | Node::Compare(_, a, b) | Node::Store(_, a, b) => vec![a, b],
        Node::Rmw(_, _, a, b) => vec![a, b],
        Node::Select(a, b, c) | Node::CompareExchange(_, a, b, c) => vec![a, b, c],
        Node::CompareExchangePair(a, [b, c], [d, e]) => vec![a, b, c, d, e],
        Node::Float(_, _, _, rounding, [a, b, c]) => vec![rounding, a, b, c],
        Node::Call(_, [a, b, c]) | Node::Ahead(_, [a, b, c]) => vec![a, b, c],
        Node::Trap(a, Trap::Misaligned { address, .. }) => vec![a, address],
        Node::Trap(a, _) => vec![a],
        Node::Constant(_) | Node::Address(_) | Node::Read(_) | Node::Counter(_) => vec![],
        Node::Fence | Node::FenceInstructions | Node::End => vec![],
    }
}
