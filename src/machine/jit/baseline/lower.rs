//! From the nodes of a step to the host's instructions.
//!
//! `rdi` is the hart's handle, `r11` the host address of guest address 0 where that is known to be loaded, and
//! `rcx` scratch; the other registers hold values of the step.

mod calls;
mod floats;
mod memory;
mod steps;
mod values;

use super::assembler::{
    Arithmetic, Assembler, Condition, Label, Memory, R8, R9, R10, R12, R13, R14, R15, RAX, RBX,
    RCX, RDI, RDX, RSI, Reg, Shift,
};
use super::unseen::look_for_unseen;
use super::{Constants, Counts, Request};
use crate::guest::Flow;
use crate::hart::Hart;
use crate::jit::arena::Guarded;
use crate::jit::exceptions::Raising;
use crate::jit::flow::Slots;
use crate::jit::frame::{Exit, HANDLE, Link, SLICE, frame_offset, from_handle, make_flags};
use crate::jit::lower::{Pinned, Target};
use crate::jit::region::{After, Straight};
use crate::jit::step::Step;
use crate::registers::{Registers, Slot};
use floats::computes_with_floats;
use std::mem::offset_of;

/// What becomes of blocks.
pub struct Lowered {
    pub bytes: Vec<u8>,
    /// The accesses that may fault, in order, each with the stub where the host goes on then.
    pub accesses: Vec<Guarded>,
    /// Where each block starts.
    pub starts: Vec<usize>,
    pub links: Pinned<Link>,
    pub constants: Constants,
    pub instructions: usize,
}

/// Lowers blocks, each with what it counts.
pub fn lower(requests: &[Request], counts: &[Counts], target: &Target) -> Lowered {
    let mut code = Assembler::default();
    let shared = Shared::new(&mut code);
    let mut lowering = Lowering {
        code,
        target,
        shared,
        accesses: Vec::new(),
        links: Vec::new(),
        constants: Constants::default(),
        stubs: Vec::new(),
        branches: Vec::new(),
        counted: 0,
        begun: 0,
        has_base: false,
        free: VALUES,
        places: Vec::new(),
        uses: Vec::new(),
        open: Vec::new(),
        interrupted: None,
        has_written: false,
        raising: None,
        left: false,
        counts: std::ptr::null(),
        unseen: Default::default(),
    };
    let mut starts = Vec::new();
    let mut instructions = 0;
    for (request, counts) in requests.iter().zip(counts) {
        starts.push(lowering.code.place());
        lowering.block(&request.run, counts);
        instructions += request.run.steps.iter().map(Step::len).sum::<usize>();
    }
    for (label, stub) in std::mem::take(&mut lowering.stubs) {
        lowering.code.bind(label);
        lowering.stub(stub);
    }
    lowering.shared_exits();
    let Lowering {
        mut code,
        accesses,
        links,
        constants,
        ..
    } = lowering;
    code.link();
    let guarded = |(start, stub): (usize, Label)| Guarded {
        start: start as u32,
        end: code.place_of(stub) as u32 | Guarded::STUB,
    };
    Lowered {
        accesses: accesses.into_iter().map(guarded).collect(),
        bytes: code.bytes,
        starts,
        links,
        constants,
        instructions,
    }
}

/// Registers, one bit each.
type Set = u16;

/// What holds values. Those that calls change come first.
const ORDER: [Reg; 11] = [RAX, RDX, RSI, R8, R9, R10, RBX, R12, R13, R14, R15];
const CHANGED_BY_CALLS: usize = 6;
const VALUES: Set = (1 << ORDER.len()) - 1;

/// Where a node's value is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// There is none, or it was taken.
    Nothing,
    /// Known now.
    Constant(u64),
    /// In the hart still.
    Slot(Slot),
    /// In a register of its own.
    Register(Reg),
    /// A condition, in the host's flags.
    Flags(Condition),
}

/// Ways out that the blocks of a batch share.
struct Shared {
    /// To the interpreter: for the pc in rax, with rcx more instructions retired.
    interpret: Label,
    /// To whoever asked, for the pc in rax.
    stop: Label,
    /// For the hart's pc, which is not at hand.
    missed: Label,
    /// The block at the pc in rax is hot.
    hot: Label,
    /// The computed jump at rdx is to be noted.
    note: Label,
}

impl Shared {
    fn new(code: &mut Assembler) -> Shared {
        Shared {
            interpret: code.label(),
            stop: code.label(),
            missed: code.label(),
            hot: code.label(),
            note: code.label(),
        }
    }
}

/// What is rare, and made behind all blocks.
enum Stub {
    /// The block at an address is hot, with what it counts in rax. Where there is better code, the link
    /// by which it was entered leads there from now on.
    Hot(u64),
    /// Looks whether somebody asked for the hart, at the start of the block at an address; goes on at the
    /// label otherwise.
    Look(u64, Label),
    /// Leaves the step at an address to the interpreter.
    Interpret(u64, i32),
    /// Has the computed jump at an address noted.
    Note(u64),
    /// Makes the flags, where a region has left word how, and goes on in the block that counts here.
    Flags(*const Counts, Label),
}

struct Lowering<'a> {
    code: Assembler,
    target: &'a Target,
    shared: Shared,
    accesses: Vec<(usize, Label)>,
    links: Pinned<Link>,
    constants: Constants,
    stubs: Vec<(Label, Stub)>,
    /// The branches taken of the block, where they go, with how many instructions retired.
    branches: Vec<(Label, u64, i32)>,
    /// The instructions of the block that have retired, and those of the step that have begun.
    counted: i32,
    begun: i32,
    has_base: bool,
    /// The registers of [`ORDER`] that hold nothing.
    free: Set,
    /// Of each node of the step: where its value is, and how many are yet to use it.
    places: Vec<Place>,
    uses: Vec<u32>,
    /// The ends of the conditional parts that are open, and whether the base was loaded before.
    open: Vec<(Label, bool)>,
    /// Where the step is left to the interpreter.
    interrupted: Option<Label>,
    /// Whether the step has changed anything that the interpreter would start from.
    has_written: bool,
    /// What is to be found out later of the step's floating-point operations.
    raising: Option<Box<Raising>>,
    /// Whether the code here is never reached.
    left: bool,
    counts: *const Counts,
    /// Room for [`look_for_unseen`].
    unseen: (Vec<bool>, Vec<bool>),
}

/// How many of a block's computed jumps are not noted after one that was: hardly the period of anything.
pub const UNNOTED: i32 = 61;

/// To make flags takes as long as about so many blocks, and is not to be done where a region could go on.
const MAKING_FLAGS: i8 = 15;

/// How far a block was made.
struct Mark {
    bytes: usize,
    accesses: usize,
    stubs: usize,
    branches: usize,
}

const PC: Memory = Memory::At(RDI, from_handle(offset_of!(Hart, pc)));
const OVERDUE: Memory = frame_word(frame_offset!(overdue));

/// A word of the frame.
const fn frame_word(offset: i32) -> Memory {
    Memory::At(RDI, offset)
}

fn slot(slot: Slot) -> Memory {
    let offset = offset_of!(Hart, registers) + Registers::offset(slot);
    Memory::At(RDI, from_handle(offset))
}

impl Lowering<'_> {
    fn block(&mut self, run: &Straight, counts: &Counts) {
        self.counts = counts;
        let [hot, due, looked] = [(); 3].map(|()| self.code.label());
        self.code.constant(RAX, self.counts as u64);
        let left = offset_of!(Counts, left) as i32;
        self.code.count_down(Memory::At(RAX, left), 1);
        self.code.jump_if(Condition::Sign, hot);
        self.code.update(Arithmetic::Cmp, OVERDUE, 0);
        self.code.jump_if(Condition::GreaterEqual, due);
        self.code.bind(looked);
        self.stubs.push((hot, Stub::Hot(run.start)));
        self.stubs.push((due, Stub::Look(run.start, looked)));
        (self.counted, self.has_base) = (0, false);
        if run.steps.iter().any(computes_with_floats) {
            self.expect_usual_modes(run.start);
        }
        self.body(run);
        for (label, target, counted) in std::mem::take(&mut self.branches) {
            self.code.bind(label);
            self.leave(target, counted);
        }
    }

    /// Leaves the block to the interpreter where the floating-point unit does not round to nearest, say.
    fn expect_usual_modes(&mut self, start: u64) {
        let modes = self.target.unit.map_or(&[][..], |unit| unit.modes);
        let Some((first, others)) = modes.split_first() else {
            return;
        };
        self.code.load(RAX, slot(*first));
        for other in others {
            self.code
                .arithmetic_memory(Arithmetic::Or, RAX, slot(*other));
        }
        self.code.test(RAX, RAX);
        let unusual = self.code.label();
        self.code.jump_if(Condition::NotEqual, unusual);
        self.stubs.push((unusual, Stub::Interpret(start, 0)));
    }

    fn body(&mut self, run: &Straight) {
        let (start, had_base) = (self.mark(), self.has_base);
        let (mut unseen, mut needed) = std::mem::take(&mut self.unseen);
        let mut steps = &run.steps[..];
        loop {
            let written = look_for_unseen(steps, &mut unseen, &mut needed);
            self.begin_flags(&written);
            let Err(made) = self.steps(steps, &unseen) else {
                break;
            };
            // Somebody sees what the steps before it wrote.
            self.back(&start);
            (self.counted, self.has_base) = (0, had_base);
            steps = &steps[..made];
        }
        self.unseen = (unseen, needed);
        if self.left {
            return;
        }
        match (run.steps.get(steps.len()), run.after) {
            (Some(next), _) => self.interpret(next.graph.pc),
            (None, After::Next(next)) => self.leave(next, self.counted),
            (None, After::Interpret(pc)) => self.interpret(pc),
            // It always traps.
            (None, After::Jump) => {}
        }
    }

    /// Where a region may have left word how to make the flags: makes them, unless the block writes all of them first.
    fn begin_flags(&mut self, written: &Slots) {
        let of_guest = &self.target.flags;
        if of_guest.len() == 0 {
            return;
        }
        let flags = frame_word(frame_offset!(flags));
        if of_guest.without(written).len() == 0 {
            self.code.store_constant(flags, 0);
            return;
        }
        self.code.update(Arithmetic::Cmp, flags, 0);
        let [make, made] = [(); 2].map(|()| self.code.label());
        self.code.jump_if(Condition::NotEqual, make);
        self.code.bind(made);
        self.stubs.push((make, Stub::Flags(self.counts, made)));
    }

    /// Where one is too much for this, how many come before it.
    fn steps(&mut self, steps: &[Step], mut unseen: &[bool]) -> Result<(), usize> {
        self.left = false;
        for (made, step) in steps.iter().enumerate() {
            let (of_step, rest) = unseen.split_at(step.graph.nodes.len());
            unseen = rest;
            self.step(step, of_step).ok_or(made)?;
            self.counted += step.len() as i32;
            if self.left {
                break;
            }
        }
        Ok(())
    }

    fn mark(&self) -> Mark {
        Mark {
            bytes: self.code.place(),
            accesses: self.accesses.len(),
            stubs: self.stubs.len(),
            branches: self.branches.len(),
        }
    }

    /// Forgets what was made since.
    fn back(&mut self, mark: &Mark) {
        self.code.back_to(mark.bytes);
        self.accesses.truncate(mark.accesses);
        self.stubs.truncate(mark.stubs);
        self.branches.truncate(mark.branches);
    }

    fn stub(&mut self, stub: Stub) {
        match stub {
            Stub::Hot(pc) => {
                let better = offset_of!(Counts, better) as i32;
                self.code.load(RAX, Memory::At(RAX, better));
                self.code.test(RAX, RAX);
                let none = self.code.label();
                self.code.jump_if(Condition::Equal, none);
                let unlinked = self.code.label();
                self.code.arithmetic(Arithmetic::Cmp, RSI, RDI);
                self.code.jump_if(Condition::Equal, unlinked);
                self.code.store(Memory::At(RSI, Link::CODE), RAX, 8);
                self.code.bind(unlinked);
                self.code.jump_register(RAX);
                self.code.bind(none);
                self.code.constant(RAX, pc);
                self.code.jump(self.shared.hot);
            }
            Stub::Look(pc, looked) => {
                let asked = self.code.label();
                self.code.load(RAX, frame_word(frame_offset!(stop)));
                self.code.look(Memory::At(RAX, 0));
                self.code.jump_if(Condition::NotEqual, asked);
                let due = frame_word(frame_offset!(due));
                self.code.update(Arithmetic::Add, due, SLICE as i32);
                self.code.update(Arithmetic::Sub, OVERDUE, SLICE as i32);
                self.code.jump(looked);
                self.code.bind(asked);
                self.code.constant(RAX, pc);
                self.code.jump(self.shared.stop);
            }
            Stub::Interpret(pc, counted) => {
                self.code.constant(RAX, pc);
                self.code.constant(RCX, counted as u64);
                self.code.jump(self.shared.interpret);
            }
            Stub::Flags(counts, made) => {
                self.code.constant(RAX, counts as u64);
                let left = Memory::At(RAX, offset_of!(Counts, left) as i32);
                self.code.count_down(left, MAKING_FLAGS);
                // Three, as code is entered with the stack eight bytes off what calls want.
                let saved = [RDI, RSI, RDI];
                saved.iter().for_each(|reg| self.code.push(*reg));
                self.code
                    .arithmetic_constant(Arithmetic::Sub, RDI, HANDLE as i32);
                self.code.constant(RAX, make_flags as *const () as u64);
                self.code.call(RAX);
                saved.iter().rev().for_each(|reg| self.code.pop(*reg));
                self.code.jump(made);
            }
            Stub::Note(pc) => {
                let unnoted = Memory::At(RCX, offset_of!(Counts, unnoted) as i32);
                self.code.store_constant_32(unnoted, UNNOTED);
                self.code.constant(RDX, pc);
                self.code.jump(self.shared.note);
            }
        }
    }

    fn shared_exits(&mut self) {
        let link = frame_word(frame_offset!(link));
        self.code.bind(self.shared.interpret);
        self.code.store(PC, RAX, 8);
        self.code.arithmetic_memory(Arithmetic::Add, RCX, OVERDUE);
        self.code.store(OVERDUE, RCX, 8);
        self.exit(Exit::Interpret);
        self.code.bind(self.shared.stop);
        self.code.store(PC, RAX, 8);
        self.code.bind(self.shared.missed);
        self.code.store_constant(link, 0);
        self.exit(Exit::Continue);
        self.code.bind(self.shared.hot);
        self.code.store(PC, RAX, 8);
        self.exit(Exit::Hot);
        self.code.bind(self.shared.note);
        self.exit(Exit::Note);
    }

    fn exit(&mut self, exit: Exit) {
        self.code.constant(RAX, exit as u64);
        self.code.ret();
    }

    /// Goes on at a known address.
    fn leave(&mut self, target: u64, counted: i32) {
        self.code.update(Arithmetic::Add, OVERDUE, counted);
        let link = Box::new(Link::new(target));
        self.code.constant(RSI, &raw const *link as u64);
        self.links.push(link);
        self.code.jump_memory(Memory::At(RSI, Link::CODE));
    }

    /// Leaves what is at an address to the interpreter.
    fn interpret(&mut self, pc: u64) {
        self.stub(Stub::Interpret(pc, self.counted));
    }

    /// Goes on at an address in a register, by the jump at `pc`.
    fn leave_computed(&mut self, target: Reg, pc: u64, flow: Flow) {
        let counted = self.counted + self.begun;
        self.code.update(Arithmetic::Add, OVERDUE, counted);
        self.code.store(PC, target, 8);
        if matches!(flow, Flow::Jump | Flow::Call) {
            let unnoted = offset_of!(Counts, unnoted) as i32;
            self.code.constant(RCX, self.counts as u64);
            self.code.count_down(Memory::At(RCX, unnoted), 1);
            let note = self.code.label();
            self.code.jump_if(Condition::Sign, note);
            self.stubs.push((note, Stub::Note(pc)));
        }
        let table = self.target.entered;
        let scale = (table.size >> table.shift).trailing_zeros() as u8;
        let index = ((table.entries - 1) << table.shift) as i32;
        self.code.mov(RCX, target);
        self.code.arithmetic_constant(Arithmetic::And, RCX, index);
        self.code.shift_constant(Shift::Shl, RCX, scale);
        let entered = frame_word(frame_offset!(entered));
        self.code.arithmetic_memory(Arithmetic::Add, RCX, entered);
        let start = Memory::At(RCX, table.start);
        self.code.arithmetic_memory(Arithmetic::Cmp, target, start);
        self.code.jump_if(Condition::NotEqual, self.shared.missed);
        self.code.load(RCX, Memory::At(RCX, table.code));
        self.code.test(RCX, RCX);
        self.code.jump_if(Condition::Equal, self.shared.missed);
        self.code.mov(RSI, RDI);
        self.code.jump_register(RCX);
    }
}
