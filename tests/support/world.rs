//! The world in which instructions are tried: a few pages of memory, and one short piece of code.
//!
//! The cases (`tests/cases`) and the oracles share it, so that what is asked of one can be asked of
//! the other.
//!
//! | addresses | what is there |
//! |---|---|
//! | `20000..21000` | data, which may be read and written |
//! | `30000..31000` | zeros, which may only be read |
//! | `3f000..41000` | breakpoints, which may be read and executed; the code starts at `40000` |
//!
//! Nothing else is mapped. So whatever the code does, and wherever it jumps, it ends in a trap: its
//! own, or the breakpoint or the fault that it runs into when it has left the code.
#![allow(dead_code)] // every test that includes this module uses a part of it

use portolan_machine::engine::Compiling;
use portolan_machine::graph::Graph;
use portolan_machine::graph::evaluate::{Effect, Observer};
use portolan_machine::guest::{Core, Guest};
use portolan_machine::memory::{Intent, Memory, Order, PAGE, Protection};
use portolan_machine::registers::SLOTS;
use portolan_machine::trap::{Stop, Trap};
use std::mem;
use std::sync::Arc;

/// The page of data.
pub const DATA: u64 = 0x2_0000;
/// The page of zeros.
pub const READ_ONLY: u64 = 0x3_0000;
/// Where code starts. There is a page of breakpoints before it.
pub const CODE: u64 = 0x4_0000;
/// The most bytes that a piece of code has.
pub const SLOT: usize = 256;

/// What runs for longer than this many instructions is a loop.
const PATIENCE: u64 = 1000;

/// What an instruction can read and change.
#[derive(Clone, PartialEq, Eq)]
pub struct State {
    /// The address of the next instruction.
    pub pc: u64,
    /// By slot.
    pub registers: Box<[u64; SLOTS]>,
    /// The page at [`DATA`].
    pub data: Box<[u8; PAGE as usize]>,
}

impl State {
    /// All registers zero, all data zero, at the start of the code.
    pub fn new() -> State {
        State {
            pc: CODE,
            registers: Box::new([0; SLOTS]),
            data: Box::new([0; PAGE as usize]),
        }
    }

    /// The bytes at an address, if all of them are data.
    pub fn bytes(&mut self, address: u64, length: usize) -> Option<&mut [u8]> {
        let start = usize::try_from(address.checked_sub(DATA)?).ok()?;
        self.data.get_mut(start..start.checked_add(length)?)
    }
}

/// How a piece of code ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It went on outside of itself, at the pc.
    Left,
    /// Its instruction at the pc trapped.
    Trap(Trap),
    /// It goes round in circles.
    Endless,
}

/// How instructions come to life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// In the *run* domain, in blocks.
    Run,
    /// In the *run* domain, one by one.
    Step,
    /// In the *record* domain, each graph evaluated.
    Observe,
    /// In the *record* domain, the graphs compiled, where the host can run what was.
    Compiled,
    /// The same, compiled by the baseline compiler.
    Baseline,
}

impl Life {
    /// All of them.
    pub const ALL: [Life; 5] = [
        Life::Run,
        Life::Step,
        Life::Observe,
        Life::Compiled,
        Life::Baseline,
    ];
}

/// A world with one hart for each way to run.
pub struct World {
    core: Box<dyn Core>,
    compiled: Box<dyn Core>,
    baseline: Box<dyn Core>,
    breakpoints: Vec<u8>,
}

impl World {
    /// A world for a guest, whose breakpoint instruction is `breakpoint`.
    ///
    /// # Panics
    /// When the host has no memory.
    pub fn new(guest: &'static dyn Guest, breakpoint: &[u8]) -> World {
        let memory = Memory::new(guest.address_bits()).expect("an address space");
        let map = |start, length, protection| {
            memory.map(start, length, protection, "").expect("a page");
        };
        map(DATA, PAGE, Protection::READ | Protection::WRITE);
        map(READ_ONLY, PAGE, Protection::READ);
        map(CODE - PAGE, 2 * PAGE, Protection::READ | Protection::EXEC);
        let breakpoints = breakpoint.repeat(2 * PAGE as usize / breakpoint.len());
        memory.poke(CODE - PAGE, &breakpoints).expect("a page");
        let core = guest.core(Arc::new(memory));
        let mut compiled = core.fork();
        compiled.set_compiling(Compiling::Always);
        let mut baseline = core.fork();
        baseline.set_compiling(Compiling::Baseline);
        World {
            core,
            compiled,
            baseline,
            breakpoints,
        }
    }

    /// What is compiled in the life of that name: everything, if nobody says otherwise.
    pub fn set_compiling(&mut self, compiling: Compiling) {
        self.compiled.set_compiling(compiling);
    }

    /// Keeps at most so many bytes of compiled code.
    pub fn set_code_room(&mut self, bytes: usize) {
        self.core.set_code_room(bytes);
    }

    /// How often what was compiled and decoded was dropped in a life so far.
    pub fn flushes(&self, life: Life) -> u64 {
        let core = match life {
            Life::Compiled => &self.compiled,
            Life::Baseline => &self.baseline,
            Life::Run | Life::Step | Life::Observe => &self.core,
        };
        core.statistics().flushes
    }

    /// The host address of a guest address.
    #[cfg(feature = "host")]
    pub fn host(&self, address: u64) -> u64 {
        let pointer = self.core.memory().host_pointer(address, 0, Intent::Read);
        pointer.expect("inside the space") as u64
    }

    /// The first address outside the space.
    pub fn limit(&self) -> u64 {
        self.core.memory().limit()
    }

    /// Replaces the mode of all harts.
    pub fn set_mode(&mut self, mode: u8) {
        for core in [&mut self.core, &mut self.compiled, &mut self.baseline] {
            core.set_mode(mode);
        }
    }

    /// How many instructions have retired in a life so far.
    pub fn retired(&self, life: Life) -> u64 {
        match life {
            Life::Compiled => self.compiled.retired(),
            Life::Baseline => self.baseline.retired(),
            Life::Run | Life::Step | Life::Observe => self.core.retired(),
        }
    }

    /// Runs a piece of code from a state to its end.
    pub fn run(&mut self, code: &[u8], before: &State, life: Life) -> (Ending, State) {
        if matches!(life, Life::Compiled | Life::Baseline) {
            // Compiled code has no budget.
            let (ending, after) = self.run(code, before, Life::Run);
            if ending == Ending::Endless {
                return (ending, after);
            }
            self.swap(life);
            self.enter(code, before);
            let stop = self.core.run(u64::MAX);
            let end = (self.ending(code, stop), self.state());
            self.swap(life);
            return end;
        }
        self.enter(code, before);
        let stop = match life {
            Life::Run => self.core.run(PATIENCE),
            Life::Step => (0..PATIENCE)
                .map(|_| self.core.run(1))
                .find(|&stop| stop != Stop::Budget)
                .unwrap_or(Stop::Budget),
            Life::Observe | Life::Compiled | Life::Baseline => self.observe_all(&mut Ignore),
        };
        (self.ending(code, stop), self.state())
    }

    /// Exchanges the hart that runs with the one of a compiled life.
    fn swap(&mut self, life: Life) {
        let other = match life {
            Life::Baseline => &mut self.baseline,
            _ => &mut self.compiled,
        };
        mem::swap(&mut self.core, other);
    }

    /// The same, observed: what the code did, and what it is *said* to have done.
    pub fn observe(&mut self, code: &[u8], before: &State) -> (Ending, State, State) {
        self.enter(code, before);
        let mut ledger = Ledger {
            told: before.clone(),
            restart: before.pc,
        };
        let stop = self.observe_all(&mut ledger);
        (self.ending(code, stop), self.state(), ledger.told)
    }

    /// Runs a piece of code from a state to its end, and shows the state before each instruction.
    pub fn watch(&mut self, code: &[u8], before: &State, look: &mut dyn FnMut(&State)) {
        self.enter(code, before);
        for _ in 0..PATIENCE {
            look(&self.state());
            if self.core.run(1) != Stop::Budget {
                break;
            }
        }
    }

    fn enter(&mut self, code: &[u8], before: &State) {
        let mut slot = [0; SLOT];
        slot[..code.len()].copy_from_slice(code);
        slot[code.len()..].copy_from_slice(&self.breakpoints[..SLOT - code.len()]);
        let memory = self.core.memory();
        memory.poke(CODE, &slot).expect("the page of code");
        memory.write(DATA, &*before.data).expect("the page of data");
        for (slot, &value) in (0..=u8::MAX).zip(&*before.registers) {
            self.core.set_register(slot, value);
        }
        self.core.set_pc(before.pc);
    }

    fn observe_all(&mut self, observer: &mut dyn Observer) -> Stop {
        (0..PATIENCE)
            .find_map(|_| self.core.observe(observer).err())
            .map_or(Stop::Budget, Stop::Trap)
    }

    fn ending(&self, code: &[u8], stop: Stop) -> Ending {
        let outside = !(CODE..CODE + code.len() as u64).contains(&self.core.pc());
        match stop {
            Stop::Trap(Trap::Breakpoint) if outside => Ending::Left,
            Stop::Trap(Trap::Fault(fault)) if outside && fault.intent == Intent::Execute => {
                Ending::Left
            }
            Stop::Trap(trap) => Ending::Trap(trap),
            Stop::Budget | Stop::Requested | Stop::Breakpoint | Stop::Watchpoint(_) => {
                Ending::Endless
            }
        }
    }

    fn state(&self) -> State {
        let mut state = State::new();
        state.pc = self.core.pc();
        for (slot, value) in (0..=u8::MAX).zip(&mut *state.registers) {
            *value = self.core.register(slot);
        }
        self.core
            .memory()
            .read(DATA, &mut *state.data)
            .expect("the page of data");
        state
    }
}

/// Does not want to know.
struct Ignore;

impl Observer for Ignore {
    fn effect(&mut self, _: Effect) {}
}

/// Keeps a state up to date from nothing but the effects that it is told.
struct Ledger {
    told: State,
    /// Where the instruction begun last starts again if it traps.
    restart: u64,
}

impl Observer for Ledger {
    fn begin(&mut self, graph: &Graph) {
        self.restart = graph.restart_pc;
        self.told.pc = graph.next_pc;
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Read { .. } | Effect::Load { .. } => {}
            Effect::Write { slot, new, .. } => self.told.registers[usize::from(slot)] = new,
            Effect::Store {
                access,
                address,
                value,
            } => {
                let length = usize::from(access.bytes);
                if let Some(bytes) = self.told.bytes(address, length) {
                    match access.order {
                        Order::Little => bytes.copy_from_slice(&value.to_le_bytes()[..length]),
                        Order::Big => bytes.copy_from_slice(&value.to_be_bytes()[8 - length..]),
                    }
                }
            }
            Effect::Jump { target } => self.told.pc = target,
            Effect::Trap(_) => self.told.pc = self.restart,
        }
    }
}
