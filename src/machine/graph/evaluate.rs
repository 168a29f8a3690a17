//! Carries a graph out on a hart, telling every effect: slower than running, and complete.

use super::{Graph, Id, Node};
use crate::float;
use crate::hart::Hart;
use crate::memory::{Access, Intent};
use crate::registers::Slot;
use crate::trap::Trap;

/// What an instruction read or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It read a register.
    Read {
        /// The register's slot.
        slot: Slot,
        /// Its contents.
        value: u64,
    },
    /// It wrote a register.
    Write {
        /// The register's slot.
        slot: Slot,
        /// What was there.
        old: u64,
        /// What is there now.
        new: u64,
    },
    /// It read memory.
    Load {
        /// How wide, and how extended.
        access: Access,
        /// Where.
        address: u64,
        /// The value as extended.
        value: u64,
    },
    /// It wrote memory.
    Store {
        /// How wide.
        access: Access,
        /// Where.
        address: u64,
        /// The value; its low bytes were stored.
        value: u64,
    },
    /// It continued elsewhere than at the next instruction.
    Jump {
        /// Where.
        target: u64,
    },
    /// It trapped.
    Trap(Trap),
}

/// Is told what instructions do, in order.
pub trait Observer {
    /// An instruction begins.
    fn begin(&mut self, graph: &Graph) {
        let _ = graph;
    }
    /// The instruction begun last is about to access memory. False: it is not to, and has not happened; it starts
    /// again when it is carried out the next time.
    fn allows(&mut self, intent: Intent, address: u64, bytes: u8) -> bool {
        let _ = (intent, address, bytes);
        true
    }
    /// The instruction begun last had an effect.
    fn effect(&mut self, effect: Effect);
}

/// Carries out an instruction. On a trap the pc is where it starts again, and so it is if the observer did not allow
/// an access: then the result is false.
pub fn evaluate(graph: &Graph, hart: &Hart, observer: &mut dyn Observer) -> Result<bool, Trap> {
    observer.begin(graph);
    let mut run = Evaluation {
        values: vec![0; graph.nodes.len()],
        hart,
        observer,
    };
    let mut next = graph.next_pc;
    // How many conditional parts that do not happen are open.
    let mut skipped = 0;
    for (index, node) in graph.nodes.iter().enumerate() {
        match node {
            Node::When(condition) if skipped > 0 || run.get(*condition) == 0 => skipped += 1,
            Node::End if skipped > 0 => skipped -= 1,
            _ if skipped > 0 => {}
            _ => match run.step(node) {
                Ok(Step::Value(value)) => run.values[index] = value,
                // Nothing follows a jump that is made.
                Ok(Step::Jump(target)) => {
                    next = target;
                    break;
                }
                Ok(Step::Refused) => {
                    hart.pc.set(graph.restart_pc);
                    return Ok(false);
                }
                Err(trap) => {
                    run.observer.effect(Effect::Trap(trap));
                    hart.pc.set(graph.restart_pc);
                    return Err(trap);
                }
            },
        }
    }
    if next != graph.next_pc {
        run.observer.effect(Effect::Jump { target: next });
    }
    hart.pc.set(next);
    Ok(true)
}

struct Evaluation<'a> {
    values: Vec<u64>,
    hart: &'a Hart,
    observer: &'a mut dyn Observer,
}

enum Step {
    Value(u64),
    Jump(u64),
    Refused,
}

impl Evaluation<'_> {
    fn get(&self, id: Id) -> u64 {
        self.values[id as usize]
    }

    /// Whether the observer allows what a node does to memory.
    fn is_allowed(&mut self, node: &Node) -> bool {
        let reads = |access: Access, address| (&[Intent::Read][..], address, access.bytes);
        let changes = |bytes, address| (&[Intent::Read, Intent::Write][..], address, bytes);
        let (intents, address, bytes) = match *node {
            Node::Load(access, address) => reads(access, address),
            Node::Store(access, address, _) => (&[Intent::Write][..], address, access.bytes),
            Node::Rmw(access, _, address, _) | Node::CompareExchange(access, address, ..) => {
                changes(access.bytes, address)
            }
            Node::CompareExchangePair(address, ..) => changes(16, address),
            _ => return true,
        };
        let address = self.get(address);
        let mut intents = intents.iter();
        intents.all(|intent| self.observer.allows(*intent, address, bytes))
    }

    fn step(&mut self, node: &Node) -> Result<Step, Trap> {
        if !self.is_allowed(node) {
            return Ok(Step::Refused);
        }
        let value = match *node {
            Node::Constant(value) | Node::Address(value) => value,
            Node::Read(slot) => {
                let value = self.hart.registers.read(slot);
                self.observer.effect(Effect::Read { slot, value });
                value
            }
            Node::Unary(operation, a) => operation.apply(self.get(a)),
            Node::Binary(operation, a, b) => operation.apply(self.get(a), self.get(b)),
            Node::Compare(comparison, a, b) => {
                u64::from(comparison.apply(self.get(a), self.get(b)))
            }
            Node::Select(condition, yes, no) => {
                self.get(if self.get(condition) != 0 { yes } else { no })
            }
            Node::Load(access, address) => {
                let address = self.get(address);
                let value = self
                    .hart
                    .memory
                    .load(access, address)
                    .map_err(Trap::Fault)?;
                self.observer.effect(Effect::Load {
                    access,
                    address,
                    value,
                });
                value
            }
            Node::Rmw(access, op, address, operand) => {
                let (address, operand) = (self.get(address), self.get(operand));
                let old = self
                    .hart
                    .memory
                    .rmw(access, op, address, operand)
                    .map_err(Trap::Fault)?;
                self.observer.effect(Effect::Load {
                    access,
                    address,
                    value: old,
                });
                let value = op.result(access, old, operand);
                self.observer.effect(Effect::Store {
                    access,
                    address,
                    value,
                });
                old
            }
            Node::CompareExchange(access, address, expected, new) => {
                let (address, new) = (self.get(address), self.get(new));
                let expected = self.get(expected);
                let old = self
                    .hart
                    .memory
                    .compare_exchange(access, address, expected, new)
                    .map_err(Trap::Fault)?;
                self.observer.effect(Effect::Load {
                    access,
                    address,
                    value: old,
                });
                if access.extend(expected) == old {
                    self.observer.effect(Effect::Store {
                        access,
                        address,
                        value: new,
                    });
                }
                old
            }
            // None needs to be.
            Node::Ahead(..) => 0,
            Node::CompareExchangePair(address, expected, new) => {
                let address = self.get(address);
                let [expected, new] = [expected, new].map(|pair| pair.map(|id| self.get(id)));
                let done = self
                    .hart
                    .memory
                    .compare_exchange_pair(address, expected, new)
                    .map_err(Trap::Fault)?;
                if done {
                    for (value, address) in new.into_iter().zip([address, address + 8]) {
                        self.observer.effect(Effect::Store {
                            access: Access::U64,
                            address,
                            value,
                        });
                    }
                }
                done.into()
            }
            Node::Float(unit, operation, format, rounding, operands) => {
                let rounding = self.get(rounding);
                let operands = operands.map(|operand| self.get(operand));
                let old = self.hart.registers.read(unit.flags);
                // Nothing is known to be raised, so that the flags told are all that were.
                let (value, flags) = float::evaluate_in(
                    operation,
                    format,
                    &unit.rules,
                    rounding,
                    float::Flags::NONE,
                    operands,
                );
                let new = old | u64::from(flags.bits());
                if new != old {
                    self.hart.registers.write(unit.flags, new);
                    self.observer.effect(Effect::Write {
                        slot: unit.flags,
                        old,
                        new,
                    });
                }
                value
            }
            Node::Call(helper, [a, b, c]) => {
                (helper.function)(self.get(a), self.get(b), self.get(c))
            }
            Node::Counter(counter) => self.hart.counter(counter),
            Node::Write(slot, value) => {
                let (old, new) = (self.hart.registers.read(slot), self.get(value));
                self.hart.registers.write(slot, new);
                self.observer.effect(Effect::Write { slot, old, new });
                new
            }
            Node::Store(access, address, value) => {
                let (address, value) = (self.get(address), self.get(value));
                self.hart
                    .memory
                    .store(access, address, value)
                    .map_err(Trap::Fault)?;
                self.observer.effect(Effect::Store {
                    access,
                    address,
                    value,
                });
                value
            }
            Node::Fence => {
                std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
                0
            }
            Node::FenceInstructions => {
                self.hart.memory.invalidate_code();
                0
            }
            Node::Jump(target) => return Ok(Step::Jump(self.get(target))),
            Node::Branch(condition, target) if self.get(condition) != 0 => {
                return Ok(Step::Jump(target));
            }
            Node::Trap(condition, trap) if self.get(condition) != 0 => {
                return Err(trap.map(|id| self.get(id)));
            }
            Node::Branch(..) | Node::Trap(..) | Node::When(_) | Node::End => 0,
        };
        Ok(Step::Value(value))
    }
}
