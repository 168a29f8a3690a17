//! Steps: one case a node, none an instruction.

use super::{Lowering, Place, Stub, VALUES};
use crate::graph::{Graph, Id, Node};
use crate::jit::baseline::assembler::Label;
use crate::jit::exceptions;
use crate::jit::step::Step;

impl Lowering<'_> {
    /// Without its nodes that are `unseen`. None if it is too much for this.
    pub(super) fn step(&mut self, step: &Step, unseen: &[bool]) -> Option<()> {
        let graph = &step.graph;
        self.uses.clear();
        self.uses.resize(graph.nodes.len(), 0);
        for (node, _) in graph
            .nodes
            .iter()
            .zip(unseen)
            .filter(|(_, unseen)| !**unseen)
        {
            node.each_id(|id| {
                self.uses[id as usize] += 1;
            });
        }
        self.places.clear();
        self.open.clear();
        (self.free, self.interrupted, self.begun) = (VALUES, None, 1);
        (self.has_written, self.raising) = (false, self.raising_of(step));
        for (index, node) in graph.nodes.iter().enumerate() {
            if step.second == Some(index) {
                self.begun += 1;
            }
            if unseen[index] {
                self.places.push(Place::Nothing);
                continue;
            }
            let place = match node {
                Node::End => {
                    self.end();
                    Place::Nothing
                }
                Node::When(_) if self.left => return None,
                _ if self.left => Place::Nothing,
                node => {
                    let follows = unseen.get(index + 1) == Some(&false);
                    self.node(graph, index, node, follows)?
                }
            };
            self.places.push(place);
            node.each_id(|id| {
                self.uses[id as usize] -= 1;
                self.release(id);
            });
            self.release(index as Id);
        }
        self.constants.raising.extend(self.raising.take());
        Some(())
    }

    /// `follows`: the next node is carried out, too.
    fn node(&mut self, graph: &Graph, index: usize, node: &Node, follows: bool) -> Option<Place> {
        match *node {
            Node::Constant(value) | Node::Address(value) => return Some(Place::Constant(value)),
            Node::Read(slot) if self.target.zero[usize::from(slot)] => {
                return Some(Place::Constant(0));
            }
            Node::Read(slot) => return Some(Place::Slot(slot)),
            Node::Unary(operation, a) => return self.unary(operation, a),
            Node::Binary(operation, a, b) => return self.binary(operation, a, b),
            Node::Compare(comparison, a, b) => {
                let to_flags = follows
                    && self.uses[index] == 1
                    && graph
                        .nodes
                        .get(index + 1)
                        .is_some_and(|next| looks_at(next, index as Id));
                return self.compare(comparison, a, b, to_flags);
            }
            Node::Select(condition, yes, no) => return self.select(condition, yes, no),
            Node::Load(access, address) => return self.load(graph, access, address),
            Node::Store(access, address, value) => {
                self.store(graph, access, address, value)?;
                self.has_written = true;
            }
            Node::Float(..) => return self.float(graph, node),
            Node::Call(helper, arguments) => {
                let helper = helper.function as *const () as u64;
                let function = exceptions::call as *const ();
                return Some(Place::Register(self.call(
                    function,
                    &[helper],
                    &arguments,
                )?));
            }
            Node::Write(slot, value) => {
                self.write(slot, value)?;
                self.has_written = true;
            }
            Node::Fence => self.code.fence(),
            Node::Jump(target) => {
                match self.places[target as usize] {
                    Place::Constant(target) => self.leave(target, self.counted + self.begun),
                    _ => {
                        let target = self.register(target)?;
                        self.leave_computed(target, graph.pc, graph.flow);
                    }
                }
                self.left = true;
            }
            Node::Branch(condition, target) => {
                let counted = self.counted + self.begun;
                match self.places[condition as usize] {
                    Place::Constant(0) => {}
                    Place::Constant(_) => {
                        self.leave(target, counted);
                        self.left = true;
                    }
                    _ => {
                        let condition = self.flags(condition)?;
                        let away = self.code.label();
                        self.code.jump_if(condition, away);
                        self.branches.push((away, target, counted));
                    }
                }
            }
            Node::Trap(condition, _) => {
                let interrupted = self.interrupted(graph.pc);
                match self.places[condition as usize] {
                    Place::Constant(0) => {}
                    Place::Constant(_) => {
                        self.code.jump(interrupted);
                        self.left = true;
                    }
                    _ => {
                        let condition = self.flags(condition)?;
                        self.code.jump_if(condition, interrupted);
                    }
                }
            }
            Node::When(condition) => self.when(condition)?,
            // Rare, and so not worth a case.
            Node::Rmw(..)
            | Node::CompareExchange(..)
            | Node::CompareExchangePair(..)
            | Node::Ahead(..) => {
                return None;
            }
            Node::End | Node::Counter(_) | Node::FenceInstructions => {
                unreachable!("not a node that comes here")
            }
        }
        Some(Place::Nothing)
    }

    /// The place where the step is left to the interpreter.
    pub(super) fn interrupted(&mut self, pc: u64) -> Label {
        if let Some(label) = self.interrupted {
            return label;
        }
        let label = self.code.label();
        self.stubs.push((label, Stub::Interpret(pc, self.counted)));
        *self.interrupted.insert(label)
    }

    /// Does what comes up to [`Node::End`] only if the condition holds.
    fn when(&mut self, condition: Id) -> Option<()> {
        // What is put into registers inside would not be there outside.
        for id in 0..self.places.len() {
            let is_apart = matches!(self.places[id], Place::Slot(_) | Place::Constant(_));
            if is_apart && self.uses[id] > u32::from(id == condition as usize) {
                self.register(id as Id)?;
            }
        }
        let condition = self.flags(condition)?;
        let end = self.code.label();
        self.code.jump_if(condition.inverted(), end);
        self.open.push((end, self.has_base));
        Some(())
    }

    fn end(&mut self) {
        if let Some((end, had_base)) = self.open.pop() {
            self.code.bind(end);
            self.has_base &= had_base;
        }
        self.left = false;
    }
}

/// Whether a node looks at a condition, and at nothing that would have to be computed first.
fn looks_at(node: &Node, id: Id) -> bool {
    match *node {
        Node::Branch(condition, _) | Node::Trap(condition, _) | Node::When(condition) => {
            condition == id
        }
        Node::Select(condition, yes, no) => condition == id && yes != id && no != id,
        _ => false,
    }
}
