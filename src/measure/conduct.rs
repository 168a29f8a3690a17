//! Whether functions do for their callers what the calling convention says.
//!
//! Every call is noted with the registers that the callee keeps, and looked at again when it returns. What a signal
//! interrupted is not looked at any more, and what `longjmp` skips counts as gone.

use portolan_machine::convention::{Keeper, ReturnAddress};
use portolan_machine::engine::{Decoded, DecodedInstruction, End, Ran};
use portolan_machine::guest::{Flow, Guest};
use portolan_machine::hart::Hart;
use portolan_machine::registers::{Role, Slot};
use portolan_machine::trap::Trap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is looked at.
#[derive(Clone)]
pub struct Rules {
    /// Registers that the callee keeps.
    pub saved_registers: bool,
    /// The stack pointer after the call.
    pub stack_pointer: bool,
    /// Where it returns to.
    pub return_address: bool,
    /// The stack pointer where it is called.
    pub stack_alignment: bool,
    /// How far the stack pointer is beyond a multiple of the alignment where the program starts: simulators have it off.
    pub stack_phase: u64,
    /// Whether the function that an address is in is looked at.
    pub concerns: Arc<dyn Fn(u64) -> bool + Send + Sync>,
}

/// Something that a function did otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The address of the call.
    pub call: u64,
    /// The function that was called.
    pub function: u64,
    /// What it was.
    pub what: What,
}

/// What a function did otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It changed a register that it has to keep.
    Changed {
        /// The register.
        slot: Slot,
        /// What it held before the call.
        before: u64,
        /// What it holds after.
        after: u64,
    },
    /// It left the stack pointer elsewhere.
    StackPointer {
        /// Where that was before the call.
        before: u64,
        /// Where it is after.
        after: u64,
    },
    /// It did not return to where it was called.
    Return {
        /// Where that is.
        expected: u64,
        /// Where it went.
        target: u64,
    },
    /// The stack pointer was not aligned where it was called; its caller's fault.
    Alignment {
        /// The stack pointer.
        stack_pointer: u64,
    },
}

/// Breaches beyond so many say nothing new.
const MOST: usize = 100;
/// Recursions deeper than this are not looked at.
const DEEPEST: usize = 1 << 16;

/// Looks at the calls of one hart.
pub struct Conduct {
    rules: Rules,
    breaches: Arc<Mutex<Vec<Breach>>>,
    stack_pointer: Slot,
    /// The bytes that a call pushes.
    pushed: u64,
    alignment: u64,
    kept: Arc<[Slot]>,
    blocks: Vec<Block>,
    instructions: Vec<DecodedInstruction>,
    frames: Vec<Frame>,
    /// Calls that are not noted, as there are too many.
    deeper: usize,
    /// Where the hart goes on if nobody interferes: the first and the last address that may be.
    expected: Option<(u64, u64)>,
    /// The jump at the end of the last block whose delay slot is in the next one.
    pending: Option<(Flow, u64)>,
}

struct Block {
    start: u64,
    /// The index of its first instruction.
    first: usize,
}

struct Frame {
    call: u64,
    function: u64,
    back: u64,
    stack_pointer: u64,
    kept: Box<[u64]>,
}

impl Conduct {
    /// Of a hart, and what it will find.
    pub fn new(guest: &'static dyn Guest, rules: Rules) -> (Conduct, Arc<Mutex<Vec<Breach>>>) {
        let convention = guest.convention();
        let registers = guest.register_files().iter().flat_map(|file| file.iter());
        let kept = registers.filter(|(_, register)| {
            convention.keeper(register) == Keeper::Callee && register.role != Role::StackPointer
        });
        let pushed = match convention.return_address {
            ReturnAddress::Register => 0,
            ReturnAddress::Stack => u64::from(guest.register_files()[0].bits / 8),
        };
        let breaches = Arc::<Mutex<Vec<Breach>>>::default();
        let conduct = Conduct {
            rules,
            breaches: Arc::clone(&breaches),
            stack_pointer: guest.stack_pointer(),
            pushed,
            alignment: u64::from(convention.stack_alignment),
            kept: kept.map(|(slot, _)| slot).collect(),
            blocks: Vec::new(),
            instructions: Vec::new(),
            frames: Vec::new(),
            deeper: 0,
            expected: None,
            pending: None,
        };
        (conduct, breaches)
    }

    /// For another hart.
    pub fn fork(&self) -> Conduct {
        Conduct {
            rules: self.rules.clone(),
            breaches: Arc::clone(&self.breaches),
            kept: Arc::clone(&self.kept),
            blocks: Vec::new(),
            instructions: Vec::new(),
            frames: Vec::new(),
            ..*self
        }
    }

    /// A function is called from outside, which is to return there; `read` tells of registers.
    pub fn called(&mut self, function: u64, back: u64, read: &dyn Fn(Slot) -> u64) {
        let kept = self.kept.iter().map(|slot| read(*slot)).collect();
        self.frames.push(Frame {
            call: back,
            function,
            back,
            stack_pointer: read(self.stack_pointer),
            kept,
        });
    }

    /// A block was decoded: its number.
    pub fn decoded(&mut self, block: &Decoded<'_>) -> u32 {
        self.blocks.push(Block {
            start: block.start,
            first: self.instructions.len(),
        });
        self.instructions.extend(block.instructions);
        self.blocks.len() as u32 - 1
    }

    /// The numbers of blocks mean nothing any more.
    pub fn forgotten(&mut self) {
        self.blocks.clear();
        self.instructions.clear();
    }

    /// A block ran.
    pub fn ran(&mut self, run: Ran, hart: &Hart) {
        let Some(&Block { start, first }) = self.blocks.get(run.block as usize) else {
            return;
        };
        if let Some((low, high)) = self.expected
            && !(low..=high).contains(&start)
        {
            // A signal is handled.
            self.frames.clear();
            self.pending = None;
        }
        let next = hart.pc.get();
        self.expected = match run.end {
            End::Through | End::Jumped => Some((next, next)),
            End::Trapped(Trap::Syscall) => {
                let length = self.instructions[first + run.retired as usize].length;
                Some((next, next.wrapping_add(u64::from(length))))
            }
            End::Trapped(_) => None,
        };
        let pending = self.pending.take();
        let Some(last) = (first + run.retired as usize).checked_sub(1) else {
            return;
        };
        if last < first {
            return;
        }
        let own = self.instructions[last];
        let address = |index: usize| start + u64::from(self.instructions[index].offset);
        let end = address(last) + u64::from(own.length);
        match run.end {
            End::Jumped => {
                let jump = match own.flow {
                    Flow::Call | Flow::Return => Some((own.flow, address(last))),
                    _ if own.inside == 0 => None,
                    _ if last > first => {
                        Some((self.instructions[last - 1].flow, address(last - 1)))
                    }
                    _ => pending,
                };
                match jump {
                    // What calls the next instruction asks for its own address.
                    Some((Flow::Call, at)) if next != end => self.call(at, end, next, hart),
                    Some((Flow::Return, _)) => self.returned(next, hart),
                    _ => {}
                }
            }
            _ if own.leads_inside != 0 => self.pending = Some((own.flow, address(last))),
            _ => {}
        }
    }

    fn call(&mut self, call: u64, back: u64, function: u64, hart: &Hart) {
        let stack_pointer = hart.registers.read(self.stack_pointer);
        let before = stack_pointer.wrapping_add(self.pushed);
        if self.rules.stack_alignment
            && before % self.alignment != self.rules.stack_phase
            && (self.rules.concerns)(call)
        {
            let what = What::Alignment {
                stack_pointer: before,
            };
            self.report(call, function, what);
        }
        if self.frames.len() >= DEEPEST {
            self.deeper += 1;
            return;
        }
        let read = |slot: &Slot| hart.registers.read(*slot);
        self.frames.push(Frame {
            call,
            function,
            back,
            stack_pointer,
            kept: self.kept.iter().map(read).collect(),
        });
    }

    fn returned(&mut self, target: u64, hart: &Hart) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let Some(found) = self.frames.iter().rposition(|frame| frame.back == target) else {
            let strayed = self.frames.last().filter(|_| self.rules.return_address);
            if let Some(&Frame {
                call,
                function,
                back: expected,
                ..
            }) = strayed
                && (self.rules.concerns)(function)
            {
                self.report(call, function, What::Return { expected, target });
            }
            // Who is called by whom is anybody's guess from here on.
            return self.frames.clear();
        };
        self.frames.truncate(found + 1);
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if !(self.rules.concerns)(frame.function) {
            return;
        }
        let (before, after) = (
            frame.stack_pointer.wrapping_add(self.pushed),
            hart.registers.read(self.stack_pointer),
        );
        if self.rules.stack_pointer && before != after {
            self.report(
                frame.call,
                frame.function,
                What::StackPointer { before, after },
            );
        }
        if self.rules.saved_registers {
            for (&slot, &before) in self.kept.iter().zip(&frame.kept) {
                let after = hart.registers.read(slot);
                if before != after {
                    let what = What::Changed {
                        slot,
                        before,
                        after,
                    };
                    self.report(frame.call, frame.function, what);
                }
            }
        }
    }

    /// Notes a breach, unless the function did the same before.
    fn report(&self, call: u64, function: u64, what: What) {
        let same = |other: &Breach| {
            let is_same = match (other.what, what) {
                (What::Changed { slot: a, .. }, What::Changed { slot: b, .. }) => a == b,
                // One for each place that calls.
                (What::Alignment { .. }, What::Alignment { .. }) => other.call == call,
                (a, b) => std::mem::discriminant(&a) == std::mem::discriminant(&b),
            };
            is_same && other.function == function
        };
        let mut breaches = self.breaches.lock().unwrap_or_else(PoisonError::into_inner);
        if breaches.len() < MOST && !breaches.iter().any(same) {
            breaches.push(Breach {
                call,
                function,
                what,
            });
        }
    }
}
