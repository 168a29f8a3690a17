//! A session: one program under control, stepped and stopped at will.

use crate::Machine;
#[cfg(feature = "host")]
use crate::Process;
#[cfg(feature = "host")]
use portolan_linux::signals::Signal;
#[cfg(feature = "host")]
use portolan_linux::thread::{Exit, Progress, Stops};
use portolan_machine::engine::{Hit, Watchpoint};
use portolan_machine::graph::Graph;
use portolan_machine::graph::evaluate::{Effect, Observer};
use portolan_machine::guest::{Core, Flow, Guest};
use portolan_machine::registers::Slot;
use portolan_machine::trap::{Stop, Trap};
use std::collections::BTreeMap;

/// What a session controls.
pub enum Program {
    /// A bare hart.
    Bare(Machine),
    /// A Linux program.
    #[cfg(feature = "host")]
    Linux(Box<Process>),
}

/// Why a session came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The step is done.
    Stepped,
    /// The breakpoint of this number is next.
    Breakpoint(u32),
    /// An access that is watched.
    Watchpoint(Hit),
    /// The instructions granted are used up, or somebody interrupted.
    Paused,
    /// A bare hart trapped; the pc is at the instruction.
    Trapped(Trap),
    /// A signal is about to take effect; only a watched thread tells.
    #[cfg(feature = "host")]
    Signal(Signal),
    /// The program ended; nothing can be run any more.
    #[cfg(feature = "host")]
    Ended(Exit),
}

/// One program under control.
pub struct Session {
    program: Program,
    breakpoints: BTreeMap<u32, u64>,
    watchpoints: BTreeMap<u32, Watchpoint>,
    next_number: u32,
    /// What the hart knows of them.
    armed: (Vec<u64>, Vec<Watchpoint>),
    /// The registers before the last command that ran something.
    before: Vec<u64>,
}

impl Session {
    /// Takes control of a program.
    pub fn new(program: Program) -> Session {
        let mut session = Session {
            program,
            breakpoints: BTreeMap::new(),
            watchpoints: BTreeMap::new(),
            next_number: 1,
            armed: Default::default(),
            before: Vec::new(),
        };
        session.before = session.snapshot();
        session
    }

    /// The program.
    pub fn program(&mut self) -> &mut Program {
        &mut self.program
    }

    /// The program, out of control: without breakpoints and watchpoints.
    pub fn into_program(mut self) -> Program {
        self.breakpoints.clear();
        self.watchpoints.clear();
        self.arm();
        self.program
    }

    /// The hart.
    pub fn core(&mut self) -> &mut dyn Core {
        match &mut self.program {
            Program::Bare(machine) => machine.core(),
            #[cfg(feature = "host")]
            Program::Linux(process) => process.core(),
        }
    }

    /// The instruction set.
    pub fn guest(&mut self) -> &'static dyn Guest {
        self.core().guest()
    }

    /// Whether a register changed during the last command that ran something.
    pub fn changed(&mut self, slot: Slot) -> bool {
        self.before[usize::from(slot)] != self.core().register(slot)
    }

    fn snapshot(&mut self) -> Vec<u64> {
        (0..=Slot::MAX)
            .map(|slot| self.core().register(slot))
            .collect()
    }

    /// Sets a breakpoint; the result is its number.
    pub fn set_breakpoint(&mut self, address: u64) -> u32 {
        let number = self.next_number;
        self.next_number += 1;
        self.breakpoints.insert(number, address);
        number
    }

    /// Deletes a breakpoint. False: there is none of this number.
    pub fn delete_breakpoint(&mut self, number: u32) -> bool {
        self.breakpoints.remove(&number).is_some()
    }

    /// The breakpoints by number.
    pub fn breakpoints(&self) -> &BTreeMap<u32, u64> {
        &self.breakpoints
    }

    /// Watches memory; the result is the watchpoint's number.
    pub fn set_watchpoint(&mut self, watchpoint: Watchpoint) -> u32 {
        let number = self.next_number;
        self.next_number += 1;
        self.watchpoints.insert(number, watchpoint);
        number
    }

    /// Deletes a watchpoint. False: there is none of this number.
    pub fn delete_watchpoint(&mut self, number: u32) -> bool {
        self.watchpoints.remove(&number).is_some()
    }

    /// The watchpoints by number.
    pub fn watchpoints(&self) -> &BTreeMap<u32, Watchpoint> {
        &self.watchpoints
    }

    /// Runs one instruction, a system call with all that the kernel does for it.
    pub fn step(&mut self) -> Event {
        self.before = self.snapshot();
        self.advance(1)
    }

    /// Runs one instruction and tells its effects. Where the instruction traps, the effects end
    /// with the trap, and what the kernel does for it comes after.
    pub fn step_observed(&mut self) -> (Vec<Effect>, Event) {
        struct Effects(Vec<Effect>);
        impl Observer for Effects {
            fn effect(&mut self, effect: Effect) {
                self.0.push(effect);
            }
        }
        self.before = self.snapshot();
        let mut effects = Effects(Vec::new());
        let event = match self.core().observe(&mut effects) {
            Ok(()) => Event::Stepped,
            // Again, for the kernel or the caller to see it.
            Err(_) => self.advance(1),
        };
        (effects.0, event)
    }

    /// As [`Session::step`], but a called function runs until it returns.
    pub fn step_over(&mut self) -> Event {
        self.before = self.snapshot();
        let (pc, depth) = (self.core().pc(), self.stack_depth());
        let Some(graph) = self
            .next_instruction()
            .filter(|graph| graph.flow == Flow::Call)
        else {
            return self.advance(1);
        };
        let back = graph.next_pc;
        self.run_until(|session| {
            let here = session.core().pc();
            here == back && session.stack_depth() >= depth || here == pc
        })
    }

    /// Runs until the function that the program is in returns.
    pub fn finish(&mut self) -> Event {
        self.before = self.snapshot();
        let depth = self.stack_depth();
        loop {
            let returns = self
                .next_instruction()
                .is_some_and(|graph| graph.flow == Flow::Return);
            let leaves = returns && self.stack_depth() >= depth;
            match self.advance(1) {
                Event::Stepped if leaves => return Event::Stepped,
                Event::Stepped => {}
                event => return event,
            }
            if let Some(number) = self.breakpoint_here() {
                return Event::Breakpoint(number);
            }
        }
    }

    /// Runs until a breakpoint, the end, or for this many instructions.
    pub fn run(&mut self, budget: u64) -> Event {
        self.before = self.snapshot();
        // The instruction at the pc runs even with a breakpoint on it.
        match self.advance(budget) {
            Event::Stepped => Event::Paused,
            event => event,
        }
    }

    /// Tells the hart where to stop. It forgets its decoded blocks for that, hence not without need.
    fn arm(&mut self) {
        let (breakpoints, watchpoints) = &self.armed;
        if self.breakpoints.values().eq(breakpoints) && self.watchpoints.values().eq(watchpoints) {
            return;
        }
        let breakpoints: Vec<u64> = self.breakpoints.values().copied().collect();
        let watchpoints: Vec<Watchpoint> = self.watchpoints.values().copied().collect();
        match &mut self.program {
            Program::Bare(machine) => {
                machine.core().set_breakpoints(&breakpoints);
                machine.core().set_watchpoints(&watchpoints);
            }
            #[cfg(feature = "host")]
            Program::Linux(process) => process.thread_mut().set_stops(&Stops {
                breakpoints: breakpoints.clone(),
                watchpoints: watchpoints.clone(),
            }),
        }
        self.armed = (breakpoints, watchpoints);
    }

    /// Runs until a condition holds, which is looked at after each instruction.
    fn run_until(&mut self, mut done: impl FnMut(&mut Session) -> bool) -> Event {
        loop {
            match self.advance(1) {
                Event::Stepped if done(self) => return Event::Stepped,
                Event::Stepped => {}
                event => return event,
            }
            if let Some(number) = self.breakpoint_here() {
                return Event::Breakpoint(number);
            }
        }
    }

    /// The instruction at the pc.
    pub fn next_instruction(&mut self) -> Option<Graph> {
        let core = self.core();
        let mut bytes = [0; 16];
        let present = core.memory().fetch(core.pc(), &mut bytes).ok()?;
        core.guest().record(&bytes[..present], core.pc()).ok()
    }

    fn breakpoint_here(&mut self) -> Option<u32> {
        let pc = self.core().pc();
        let mut numbers = self.breakpoints.iter();
        numbers
            .find(|&(_, &address)| address == pc)
            .map(|(&number, _)| number)
    }

    /// The stack grows down: a function that was called is at a lower address.
    fn stack_depth(&mut self) -> u64 {
        let slot = self.guest().stack_pointer();
        self.core().register(slot)
    }

    /// Runs at most this many instructions. `Stepped`: all of them.
    fn advance(&mut self, budget: u64) -> Event {
        self.arm();
        match &mut self.program {
            Program::Bare(machine) => match machine.run(budget) {
                Stop::Budget => Event::Stepped,
                Stop::Requested => Event::Paused,
                Stop::Trap(trap) => Event::Trapped(trap),
                Stop::Breakpoint => self.at_breakpoint(),
                Stop::Watchpoint(hit) => Event::Watchpoint(hit),
            },
            #[cfg(feature = "host")]
            Program::Linux(process) => match process.advance(budget) {
                Progress::Budget => Event::Stepped,
                Progress::Interrupted => Event::Paused,
                Progress::Ended(exit) => Event::Ended(exit),
                Progress::Signal(signal) => Event::Signal(signal),
                // Where a single step came to does not matter to it.
                Progress::Breakpoint if budget == 1 => Event::Stepped,
                Progress::Breakpoint => self.at_breakpoint(),
                Progress::Watchpoint(hit) => Event::Watchpoint(hit),
            },
        }
    }

    fn at_breakpoint(&mut self) -> Event {
        self.breakpoint_here()
            .map_or(Event::Paused, Event::Breakpoint)
    }
}
