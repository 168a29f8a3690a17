//! A core that reports what it does to hooks.

use super::watched::Watcher;
use super::{Quiesced, Watchpoint};
use crate::graph::Graph;
use crate::graph::evaluate::{Effect, Observer};
use crate::guest::{Core, Flow, Guest, Statistics};
use crate::hart::{Clock, Random};
use crate::memory::{Intent, Memory};
use crate::registers::Slot;
use crate::stop::StopFlag;
use crate::trap::{Stop, Trap};
use std::sync::{Arc, Mutex, PoisonError};

/// Is told of instructions.
pub type InstructionHook = Box<dyn FnMut(&Graph) + Send>;
/// Is told of accesses to memory.
pub type MemoryHook = Box<dyn FnMut(MemoryAccess) + Send>;
/// Is told of calls.
pub type CallHook = Box<dyn FnMut(Call) + Send>;

/// Is told everything that instructions do.
pub trait InstructionObserver: Send {
    /// An instruction begins.
    fn begin(&mut self, graph: &Graph);
    /// The instruction begun last had an effect.
    fn effect(&mut self, effect: Effect);
    /// It is done, or has trapped; the core is as it left it.
    fn end(&mut self, core: &dyn Core);
}

/// What to call while instructions run. Every hook sees the events of all harts, in order.
#[derive(Default)]
pub struct Hooks {
    /// Called before each instruction with what it is about to do.
    pub instruction: Vec<InstructionHook>,
    /// Called for each access to memory.
    pub memory: Vec<MemoryHook>,
    /// Called for each call, return and system call.
    pub call: Vec<CallHook>,
    /// Told everything.
    pub observers: Vec<Box<dyn InstructionObserver>>,
}

/// An access to memory that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryAccess {
    /// The instruction.
    pub pc: u64,
    /// Read or write.
    pub intent: Intent,
    /// The first byte accessed.
    pub address: u64,
    /// How many bytes.
    pub bytes: u8,
    /// The value read or written, extended as the instruction says.
    pub value: u64,
}

/// Control passing between functions, or to the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// A function was called.
    Enter {
        /// The calling instruction.
        from: u64,
        /// The function.
        to: u64,
    },
    /// A function returned.
    Leave {
        /// The returning instruction.
        from: u64,
        /// The instruction returned to.
        to: u64,
    },
    /// The operating system was called.
    System {
        /// The calling instruction.
        from: u64,
    },
}

/// Wraps a core: everything that runs on it is observed, one instruction at a time.
pub struct Hooked {
    core: Box<dyn Core>,
    hooks: Arc<Mutex<Hooks>>,
    breakpoints: Vec<u64>,
    watchpoints: Vec<Watchpoint>,
}

impl Hooked {
    /// Observes a core. Other harts made from it by [`Core::fork`] share the hooks.
    pub fn new(core: Box<dyn Core>, hooks: Arc<Mutex<Hooks>>) -> Hooked {
        Hooked {
            core,
            hooks,
            breakpoints: Vec::new(),
            watchpoints: Vec::new(),
        }
    }
}

/// Passes the effects of one instruction on.
struct Reporter<'a> {
    hooks: &'a mut Hooks,
    watcher: Watcher<'a>,
    pc: u64,
    flow: Flow,
}

impl Observer for Reporter<'_> {
    fn allows(&mut self, intent: Intent, address: u64, bytes: u8) -> bool {
        self.watcher.allows(intent, address, bytes)
    }

    fn begin(&mut self, graph: &Graph) {
        (self.pc, self.flow) = (graph.pc, graph.flow);
        self.hooks
            .instruction
            .iter_mut()
            .for_each(|hook| hook(graph));
        let observers = self.hooks.observers.iter_mut();
        observers.for_each(|it| it.begin(graph));
    }

    fn effect(&mut self, effect: Effect) {
        let observers = self.hooks.observers.iter_mut();
        observers.for_each(|it| it.effect(effect));
        let pc = self.pc;
        let access = |intent, address, bytes, value| MemoryAccess {
            pc,
            intent,
            address,
            bytes,
            value,
        };
        match effect {
            Effect::Load {
                access: a,
                address,
                value,
            } => {
                let event = access(Intent::Read, address, a.bytes, value);
                self.hooks.memory.iter_mut().for_each(|hook| hook(event));
            }
            Effect::Store {
                access: a,
                address,
                value,
            } => {
                let event = access(Intent::Write, address, a.bytes, value);
                self.hooks.memory.iter_mut().for_each(|hook| hook(event));
            }
            Effect::Jump { target: to } if self.flow == Flow::Call => {
                self.call(Call::Enter { from: pc, to })
            }
            Effect::Jump { target: to } if self.flow == Flow::Return => {
                self.call(Call::Leave { from: pc, to })
            }
            Effect::Trap(Trap::Syscall) => self.call(Call::System { from: pc }),
            _ => {}
        }
    }
}

impl Reporter<'_> {
    fn call(&mut self, event: Call) {
        self.hooks.call.iter_mut().for_each(|hook| hook(event));
    }
}

impl Core for Hooked {
    fn run(&mut self, budget: u64) -> Stop {
        let stop = self.core.stop_flag();
        for done in 0..budget {
            if stop.is_raised() && stop.take() {
                return Stop::Requested;
            }
            if done > 0 && self.breakpoints.contains(&self.core.pc()) {
                return Stop::Breakpoint;
            }
            // A hook that panicked leaves nothing of ours half done.
            let mut hooks = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
            let mut reporter = Reporter {
                hooks: &mut hooks,
                watcher: Watcher {
                    watchpoints: &self.watchpoints,
                    hit: None,
                },
                pc: 0,
                flow: Flow::Next,
            };
            let result = self.core.observe(&mut reporter);
            let hit = reporter.watcher.hit;
            let observers = hooks.observers.iter_mut();
            observers.for_each(|it| it.end(&*self.core));
            if let Err(trap) = result {
                return Stop::Trap(trap);
            }
            if let Some(hit) = hit {
                return Stop::Watchpoint(hit);
            }
        }
        Stop::Budget
    }

    fn set_breakpoints(&mut self, addresses: &[u64]) {
        self.breakpoints = addresses.to_vec();
    }
    fn set_watchpoints(&mut self, watchpoints: &[Watchpoint]) {
        self.watchpoints = watchpoints.to_vec();
    }
    fn fork(&self) -> Box<dyn Core> {
        let core = self.core.fork();
        Box::new(Hooked {
            core,
            hooks: self.hooks.clone(),
            breakpoints: self.breakpoints.clone(),
            watchpoints: self.watchpoints.clone(),
        })
    }

    fn guest(&self) -> &'static dyn Guest {
        self.core.guest()
    }
    fn memory(&self) -> &Arc<Memory> {
        self.core.memory()
    }
    fn pc(&self) -> u64 {
        self.core.pc()
    }
    fn set_pc(&mut self, pc: u64) {
        self.core.set_pc(pc);
    }
    fn inside(&self) -> u8 {
        self.core.inside()
    }
    fn set_inside(&mut self, inside: u8) {
        self.core.set_inside(inside);
    }
    fn mode(&self) -> u8 {
        self.core.mode()
    }
    fn set_mode(&mut self, mode: u8) {
        self.core.set_mode(mode);
    }
    fn register(&self, slot: Slot) -> u64 {
        self.core.register(slot)
    }
    fn set_register(&mut self, slot: Slot, value: u64) {
        self.core.set_register(slot, value);
    }
    fn set_clock(&mut self, clock: Clock) {
        self.core.set_clock(clock);
    }
    fn set_random(&mut self, random: Random) {
        self.core.set_random(random);
    }
    fn observe(&mut self, observer: &mut dyn Observer) -> Result<(), Trap> {
        self.core.observe(observer)
    }
    fn retired(&self) -> u64 {
        self.core.retired()
    }
    fn measure(&mut self) {
        self.core.measure();
    }
    fn statistics(&self) -> Statistics {
        Statistics {
            // What hooks take cannot be told from the rest.
            measured: None,
            ..self.core.statistics()
        }
    }
    fn stop_flag(&self) -> Arc<StopFlag> {
        self.core.stop_flag()
    }
    fn quiesce(&self) -> Quiesced<'_> {
        let hooks = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        Quiesced {
            _hooks: Some(hooks),
            ..self.core.quiesce()
        }
    }
    fn instruction_length(&self) -> u64 {
        self.core.instruction_length()
    }
}
