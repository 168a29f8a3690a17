//! What instructions move: to and from memory, and in registers from callers to callees.
//!
//! Addresses are known only while an instruction runs, so that each is looked at ([`InstructionObserver`]): slower by far
//! than counting by blocks. A register is said to bring an argument to a function if it is one that the calling
//! convention has for arguments, and the function, something that it calls, or the kernel for them reads it before anything
//! has written to it since the call. That is what happened, not what the function's declaration says: an argument that is
//! not looked at is not seen, and one that is only put away, as a dynamic linker does with all, is.

use super::subject::RegisterUse;
use crate::Process;
use portolan_machine::convention::Keeper;
use portolan_machine::domain::{Binary, Unary};
use portolan_machine::engine::InstructionObserver;
use portolan_machine::graph::evaluate::Effect;
use portolan_machine::graph::{Graph, Id, Node};
use portolan_machine::guest::{Core, Flow, Guest};
use portolan_machine::registers::{Role, SLOTS, Slot};
use portolan_machine::trap::Trap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

/// What the instructions of a process moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// How many instructions ran, system calls among them.
    pub instructions: u64,
    /// Accesses to memory, the smallest first. What an instruction does in parts, as with registers wider than 64 bits,
    /// is an access each, and so are both halves of an atomic update.
    pub accesses: Vec<Accesses>,
    /// Calls that name the function.
    pub direct_calls: u64,
    /// Calls of a function whose address is in a register or in memory.
    pub indirect_calls: u64,
    /// Registers that brought arguments, in the convention's order, and in how many calls.
    pub arguments: Vec<RegisterUse>,
    /// Registers that callees keep and that were put on the stack for that, and in how many calls.
    pub saved: Vec<RegisterUse>,
}

/// Accesses of one size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accesses {
    /// The size.
    pub bytes: u8,
    /// Loads.
    pub loads: u64,
    /// Those of them whose address was no multiple of the size.
    pub unaligned_loads: u64,
    /// Stores.
    pub stores: u64,
    /// Those of them whose address was no multiple of the size.
    pub unaligned_stores: u64,
}

/// A set of registers, by their numbers in [`Cast`].
type Set = u64;

/// The registers that matter.
struct Cast {
    arguments: Vec<Slot>,
    saved: Vec<Slot>,
    /// Of each slot, the sets with only that in it: of arguments, of those that callees keep.
    of: [(Set, Set); SLOTS],
}

impl Cast {
    fn new(guest: &dyn Guest) -> Cast {
        let convention = guest.convention();
        let files = guest.register_files();
        let arguments = files.iter().flat_map(|file| convention.arguments(file));
        let registers = files.iter().flat_map(|file| file.iter());
        let saved = registers.filter(|(_, register)| {
            convention.keeper(register) == Keeper::Callee && register.role != Role::StackPointer
        });
        let mut cast = Cast {
            arguments: arguments.take(Set::BITS as usize).collect(),
            saved: saved
                .map(|(slot, _)| slot)
                .take(Set::BITS as usize)
                .collect(),
            of: [(0, 0); SLOTS],
        };
        for (number, slot) in cast.arguments.iter().enumerate() {
            cast.of[usize::from(*slot)].0 = 1 << number;
        }
        for (number, slot) in cast.saved.iter().enumerate() {
            cast.of[usize::from(*slot)].1 = 1 << number;
        }
        cast
    }
}

/// A call that has not returned.
struct Frame {
    /// Where it will return to.
    back: u64,
    /// The stack pointer when the function began.
    stack_pointer: u64,
    /// Registers of arguments that nothing has written to since.
    fresh: Set,
    /// Those of them that were read.
    read: Set,
    /// Registers that callees keep and that the function has not written to.
    kept: Set,
    /// Those of them that it stored.
    stored: Set,
}

/// What is known of a hart.
#[derive(Default)]
struct Walk {
    /// The calls that have not returned, the innermost last.
    frames: Vec<Frame>,
    /// Where it goes on if nobody interferes: the first and the last address that may be.
    expected: Option<(u64, u64)>,
    /// A call whose delay slot is next, and whether it is indirect.
    pending: Option<bool>,
}

/// The instruction that runs.
#[derive(Default)]
struct Current {
    pc: u64,
    next_pc: u64,
    flow: Option<Flow>,
    /// It reads registers to know where it jumps, or memory.
    is_indirect: bool,
    /// Registers that it only makes zero of: what it reads is not looked at.
    idle: Set,
    /// Registers that callees keep and that it stores.
    stores: Set,
    jump: Option<u64>,
    trap: Option<Trap>,
}

/// Watches what all harts of a process move.
pub struct Watch {
    state: Arc<Mutex<State>>,
}

/// What was seen of a process.
pub struct Moved(Arc<Mutex<State>>);

struct State {
    guest: &'static dyn Guest,
    cast: Cast,
    /// How many of the kernel's arguments a call has, by its number, and where these are.
    kernel: HashMap<u64, usize>,
    number: Slot,
    kernel_arguments: &'static [Slot],
    walks: HashMap<ThreadId, Walk>,
    /// The hart that runs, which is not among the others meanwhile.
    running: Option<(ThreadId, Walk)>,
    current: Current,
    instructions: u64,
    accesses: BTreeMap<u8, Accesses>,
    calls: [u64; 2],
    arguments: Vec<u64>,
    saved: Vec<u64>,
}

/// Calls nested deeper are of a program that leaves functions in other ways than by returning.
const DEEPEST: usize = 1 << 16;
/// What a call pushes may be on either side of what was noted.
const PUSHED: u64 = 16;
/// A function's part of the stack is not larger.
const FRAME: u64 = 1 << 20;

impl Watch {
    /// Of a process that is about to run.
    pub fn new(process: &Process) -> (Watch, Moved) {
        let guest = process.guest();
        let linux = process.thread().process();
        let cast = Cast::new(guest);
        let calls = linux.personality.calls();
        let state = Arc::new(Mutex::new(State {
            guest,
            kernel: calls
                .filter_map(|(number, it)| Some((number, it.call?.arguments.len())))
                .collect(),
            number: linux.abi().registers.number,
            kernel_arguments: linux.abi().registers.arguments,
            walks: HashMap::new(),
            running: None,
            current: Current::default(),
            instructions: 0,
            accesses: BTreeMap::new(),
            calls: [0; 2],
            arguments: vec![0; cast.arguments.len()],
            saved: vec![0; cast.saved.len()],
            cast,
        }));
        let moved = Moved(Arc::clone(&state));
        (Watch { state }, moved)
    }
}

impl Moved {
    /// What the process has moved, when it has ended.
    pub fn traffic(&self) -> Traffic {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        state.walks.extend(state.running.take());
        for mut walk in std::mem::take(&mut state.walks).into_values() {
            state.leave(&mut walk, 0);
        }
        let uses = |slots: &[Slot], counts: &[u64]| {
            let all = slots.iter().zip(counts).filter(|(_, uses)| **uses > 0);
            let named = all.map(|(slot, uses)| RegisterUse {
                name: state.guest.slot_name(*slot),
                uses: *uses,
            });
            named.collect()
        };
        Traffic {
            instructions: state.instructions,
            accesses: state.accesses.values().copied().collect(),
            direct_calls: state.calls[0],
            indirect_calls: state.calls[1],
            arguments: uses(&state.cast.arguments, &state.arguments),
            saved: uses(&state.cast.saved, &state.saved),
        }
    }
}

impl State {
    /// The calls of a hart beyond the first so many have come to their end.
    fn leave(&mut self, walk: &mut Walk, remaining: usize) {
        let mut fresh = Set::MAX;
        for frame in walk.frames.drain(remaining..) {
            fresh &= frame.fresh;
            for (set, counts) in [
                (frame.read, &mut self.arguments),
                (frame.stored, &mut self.saved),
            ] {
                for (number, count) in counts.iter_mut().enumerate() {
                    *count += set >> number & 1;
                }
            }
        }
        if let Some(caller) = walk.frames.last_mut() {
            caller.fresh &= fresh;
        }
    }

    /// The walk of the hart that runs.
    fn walk(&mut self) -> Walk {
        let id = thread::current().id();
        match self.running.take() {
            Some((running, walk)) if running == id => walk,
            other => {
                self.walks.extend(other);
                self.walks.remove(&id).unwrap_or_default()
            }
        }
    }

    fn count(&mut self, bytes: u8, address: u64) -> (&mut Accesses, u64) {
        let accesses = self.accesses.entry(bytes).or_insert(Accesses {
            bytes,
            ..Accesses::default()
        });
        let unaligned = !address.is_multiple_of(u64::from(bytes));
        (accesses, u64::from(unaligned))
    }

    /// Calls a function, which is to return to an address.
    fn call(&mut self, walk: &mut Walk, is_indirect: bool, back: u64, stack_pointer: u64) {
        self.calls[usize::from(is_indirect)] += 1;
        // What is below was left by a jump.
        let is_left = |frame: &Frame| frame.stack_pointer.saturating_add(PUSHED) < stack_pointer;
        let left = walk.frames.iter().rev().take_while(|it| is_left(it));
        let remaining = match walk.frames.len() {
            DEEPEST.. => 0,
            depth => depth - left.count(),
        };
        self.leave(walk, remaining);
        walk.frames.push(Frame {
            back,
            stack_pointer,
            fresh: Set::MAX,
            read: 0,
            kept: Set::MAX,
            stored: 0,
        });
    }
}

impl Walk {
    /// Registers of arguments are read.
    fn read(&mut self, set: Set) {
        for frame in self.frames.iter_mut().rev() {
            if frame.fresh & set & !frame.read == 0 {
                break;
            }
            frame.read |= frame.fresh & set;
            // What was written to in between is no argument of who is further out.
            if frame.fresh & set != set {
                break;
            }
        }
    }

    fn write(&mut self, (argument, kept): (Set, Set)) {
        if let Some(frame) = self.frames.last_mut() {
            frame.fresh &= !argument;
            frame.kept &= !kept;
        }
    }

    fn store(&mut self, address: u64, set: Set) {
        if let Some(frame) = self.frames.last_mut()
            && frame.stack_pointer.wrapping_sub(address).wrapping_sub(1) < FRAME
        {
            frame.stored |= frame.kept & set;
        }
    }
}

/// The register whose contents a value is, perhaps cut or extended.
fn origin(graph: &Graph, value: Id) -> Option<Slot> {
    match graph.nodes[value as usize] {
        Node::Read(slot) => Some(slot),
        Node::Unary(Unary::SignExtend(_) | Unary::ZeroExtend(_), a) => origin(graph, a),
        _ => None,
    }
}

impl InstructionObserver for Watch {
    fn begin(&mut self, graph: &Graph) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let mut walk = state.walk();
        if walk
            .expected
            .is_some_and(|(first, last)| !(first..=last).contains(&graph.pc))
        {
            // A signal is handled, or has been.
            state.leave(&mut walk, 0);
            walk.pending = None;
        }
        state.running = Some((thread::current().id(), walk));
        let mut current = Current {
            pc: graph.pc,
            next_pc: graph.next_pc,
            flow: Some(graph.flow),
            ..Current::default()
        };
        let of = |slot: Slot| state.cast.of[usize::from(slot)];
        for node in &graph.nodes {
            match *node {
                Node::Store(_, _, value) => {
                    current.stores |= origin(graph, value).map_or(0, |slot| of(slot).1);
                }
                Node::Binary(Binary::Xor | Binary::Sub, a, b) => {
                    if let (Some(a), Some(b)) = (origin(graph, a), origin(graph, b))
                        && a == b
                    {
                        current.idle |= of(a).0;
                    }
                }
                Node::Load(..) => current.is_indirect = true,
                Node::Read(slot) if graph.flow == Flow::Call => {
                    let register = state.guest.register(slot);
                    let role = register.map(|(_, register)| register.role);
                    current.is_indirect |= !matches!(role, Some(Role::Zero | Role::StackPointer));
                }
                _ => {}
            }
        }
        state.current = current;
    }

    fn effect(&mut self, effect: Effect) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        match effect {
            Effect::Read { slot, .. } => {
                let set = state.cast.of[usize::from(slot)].0 & !state.current.idle;
                if set != 0
                    && let Some((_, walk)) = &mut state.running
                {
                    walk.read(set);
                }
            }
            Effect::Write { slot, .. } => {
                let sets = state.cast.of[usize::from(slot)];
                if sets != (0, 0)
                    && let Some((_, walk)) = &mut state.running
                {
                    walk.write(sets);
                }
            }
            Effect::Load {
                access, address, ..
            } => {
                let (accesses, unaligned) = state.count(access.bytes, address);
                accesses.loads += 1;
                accesses.unaligned_loads += unaligned;
            }
            Effect::Store {
                access, address, ..
            } => {
                let (accesses, unaligned) = state.count(access.bytes, address);
                accesses.stores += 1;
                accesses.unaligned_stores += unaligned;
                let stores = state.current.stores;
                if stores != 0
                    && let Some((_, walk)) = &mut state.running
                {
                    walk.store(address, stores);
                }
            }
            Effect::Jump { target } => state.current.jump = Some(target),
            Effect::Trap(trap) => state.current.trap = Some(trap),
        }
    }

    fn end(&mut self, core: &dyn Core) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let mut walk = state.walk();
        let Current {
            pc,
            next_pc,
            flow,
            is_indirect,
            jump,
            trap,
            ..
        } = std::mem::take(&mut state.current);
        // Nothing began, if it could not be decoded.
        if flow.is_none() {
            return;
        }
        let pending = walk.pending.take();
        walk.expected = Some((core.pc(), core.pc()));
        match trap {
            Some(Trap::Syscall) => {
                walk.expected = Some((pc, next_pc));
                let number = core.register(state.number);
                let count = state.kernel.get(&number).copied().unwrap_or(0);
                for slot in state.kernel_arguments.iter().take(count) {
                    walk.read(state.cast.of[usize::from(*slot)].0);
                }
            }
            Some(_) => walk.expected = None,
            None => {}
        }
        state.instructions += u64::from(matches!(trap, None | Some(Trap::Syscall)));
        let stack_pointer = core.register(state.guest.stack_pointer());
        match (jump, pending, flow) {
            // What follows is in its delay slot.
            (None, _, Some(Flow::Call)) if core.inside() != 0 => walk.pending = Some(is_indirect),
            (Some(_), Some(is_indirect), _) => {
                state.call(&mut walk, is_indirect, next_pc, stack_pointer);
            }
            (Some(_), None, Some(Flow::Call)) => {
                state.call(&mut walk, is_indirect, next_pc, stack_pointer);
            }
            // By whatever jump it returns: in a delay slot nothing tells of the one before.
            (Some(target), ..) => {
                let returned =
                    |frame: &Frame| frame.back == target && frame.stack_pointer <= stack_pointer;
                if let Some(returned) = walk.frames.iter().rposition(returned) {
                    state.leave(&mut walk, returned);
                }
            }
            _ => {}
        }
        state.running = Some((thread::current().id(), walk));
    }
}
