//! A session: one program under control, stepped and stopped at will.

use super::expression::{Expression, number_of};
use super::history::Change;
use super::recorder::{Recorder, Recording};
#[cfg(feature = "host")]
use super::signals::Signals;
use crate::Machine;
#[cfg(feature = "host")]
use crate::Process;
#[cfg(feature = "host")]
use portolan_linux::signals::Signal;
#[cfg(feature = "host")]
use portolan_linux::thread::{Exit, Progress, Stops};
use portolan_machine::engine::{Hit, Moment, Watchpoint};
use portolan_machine::graph::Graph;
use portolan_machine::graph::evaluate::{Effect, Observer};
use portolan_machine::guest::{Core, Flow, Guest};
use portolan_machine::memory::Unsaved;
use portolan_machine::registers::Slot;
use portolan_machine::trap::{Stop, Trap};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

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
    /// The history does not go back any further, and why, if not since the program started here.
    Beginning(Option<String>),
    /// The memory cannot be as it was; nothing changed.
    Stuck(Unsaved),
}

struct Effects(Vec<Effect>);

impl Observer for Effects {
    fn effect(&mut self, effect: Effect) {
        self.0.push(effect);
    }
}

/// On which terms a breakpoint or watchpoint stops.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Whether it stops at all.
    pub enabled: bool,
    /// Whether it is deleted once it has stopped.
    pub temporary: bool,
    /// What must not be zero, as it was written and as it was read. What cannot be computed stops.
    pub condition: Option<(String, Expression)>,
    /// How often it is still passed.
    pub ignore: u64,
    /// How often it stopped, or was passed on account of that number.
    pub hits: u64,
    /// The bytes that are watched, when they were last looked at, and what an access made of them.
    seen: Vec<u8>,
    change: Option<(u64, u64)>,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms {
            enabled: true,
            temporary: false,
            condition: None,
            ignore: 0,
            hits: 0,
            seen: Vec::new(),
            change: None,
        }
    }
}

/// One program under control.
pub struct Session {
    program: Program,
    breakpoints: BTreeMap<u32, u64>,
    watchpoints: BTreeMap<u32, Watchpoint>,
    terms: BTreeMap<u32, Terms>,
    /// Where a command wants to come to.
    goal: Option<u64>,
    next_number: u32,
    /// What the hart knows of them.
    armed: (Vec<u64>, Vec<Watchpoint>),
    /// The registers before the last command that ran something.
    before: Vec<u64>,
    recording: Option<Arc<Recording>>,
    /// How the program ended; its history can be looked at.
    #[cfg(feature = "host")]
    ended: Option<Exit>,
    #[cfg(feature = "host")]
    pub(super) signals: Signals,
}

impl Session {
    /// Takes control of a program.
    pub fn new(program: Program) -> Session {
        let mut session = Session {
            program,
            breakpoints: BTreeMap::new(),
            watchpoints: BTreeMap::new(),
            terms: BTreeMap::new(),
            goal: None,
            next_number: 1,
            armed: Default::default(),
            before: Vec::new(),
            recording: None,
            #[cfg(feature = "host")]
            ended: None,
            #[cfg(feature = "host")]
            signals: Signals::default(),
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
        self.terms.insert(number, Terms::default());
        number
    }

    /// Deletes a breakpoint. False: there is none of this number.
    pub fn delete_breakpoint(&mut self, number: u32) -> bool {
        self.breakpoints.remove(&number).is_some() && self.terms.remove(&number).is_some()
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
        self.terms.insert(number, Terms::default());
        number
    }

    /// Deletes a watchpoint. False: there is none of this number.
    pub fn delete_watchpoint(&mut self, number: u32) -> bool {
        self.watchpoints.remove(&number).is_some() && self.terms.remove(&number).is_some()
    }

    /// The watchpoints by number.
    pub fn watchpoints(&self) -> &BTreeMap<u32, Watchpoint> {
        &self.watchpoints
    }

    /// The terms of a breakpoint or watchpoint.
    pub fn terms(&mut self, number: u32) -> Option<&mut Terms> {
        self.terms.get_mut(&number)
    }

    /// The numbers of all breakpoints and watchpoints.
    pub fn stops(&self) -> Vec<u32> {
        self.terms.keys().copied().collect()
    }

    /// What the access that was stopped at made of what is watched: old and new value, or nothing if they are more
    /// than eight bytes.
    pub fn take_seen(&mut self, number: u32) -> Option<(u64, u64)> {
        self.terms.get_mut(&number)?.change.take()
    }

    /// A breakpoint was stopped at; a temporary one is deleted.
    pub fn passed(&mut self, number: u32) {
        if self.terms.get(&number).is_some_and(|terms| terms.temporary) {
            self.delete_breakpoint(number);
        }
    }

    /// Whether a stop stops now; it has been come to.
    fn accepts(&mut self, number: u32) -> bool {
        let Some(terms) = self.terms.get(&number).filter(|terms| terms.enabled) else {
            return false;
        };
        if let Some((_, condition)) = terms.condition.clone()
            && condition
                .evaluate(self.core())
                .is_ok_and(|value| value.bits == 0)
        {
            return false;
        }
        let Some(terms) = self.terms.get_mut(&number) else {
            return false;
        };
        terms.hits += 1;
        let passed = terms.ignore > 0;
        terms.ignore = terms.ignore.saturating_sub(1);
        !passed
    }

    /// Whether a watched access stops: a write that changes nothing does not.
    fn accepts_hit(&mut self, hit: Hit) -> bool {
        let mut watchpoints = self.watchpoints.iter();
        let Some((&number, _)) = watchpoints.find(|(_, it)| **it == hit.watchpoint) else {
            return false;
        };
        // Nothing is changed yet: whoever wants to stop so compares by himself.
        if hit.watchpoint.moment == Moment::Before {
            return self.accepts(number);
        }
        let now = self.watched_bytes(&hit.watchpoint);
        let order = self.guest().order();
        let Some(terms) = self.terms.get_mut(&number) else {
            return false;
        };
        let before = std::mem::replace(&mut terms.seen, now);
        if !hit.watchpoint.reads && before == terms.seen {
            return false;
        }
        let is_number = before.len() <= 8 && before.len() == terms.seen.len();
        let change = (number_of(&before, order), number_of(&terms.seen, order));
        terms.change = is_number.then_some(change);
        self.accepts(number)
    }

    fn watched_bytes(&mut self, watchpoint: &Watchpoint) -> Vec<u8> {
        let mut bytes = vec![0; watchpoint.bytes.min(4096) as usize];
        match self.core().memory().read(watchpoint.start, &mut bytes) {
            Ok(()) => bytes,
            Err(_) => Vec::new(),
        }
    }

    /// What a command that runs something compares with afterwards.
    fn begin(&mut self) {
        #[cfg(feature = "host")]
        self.forget_interrupt();
        self.before = self.snapshot();
        for (number, watchpoint) in self.watchpoints.clone() {
            let bytes = self.watched_bytes(&watchpoint);
            if let Some(terms) = self.terms.get_mut(&number) {
                terms.seen = bytes;
            }
        }
    }

    /// Runs one instruction, a system call with all that the kernel does for it.
    pub fn step(&mut self) -> Event {
        self.begin();
        self.advance(1)
    }

    /// Runs one instruction and tells its effects. Where the instruction traps, the effects end
    /// with the trap, and what the kernel does for it comes after.
    pub fn step_observed(&mut self) -> (Vec<Effect>, Event) {
        self.begin();
        self.settle();
        if let Some(recording) = self.recording.clone()
            && self.ahead() > 0
        {
            let effects = recording.lock().effects_ahead(self.core());
            // What was gone back is gone again.
            return (effects, self.advance(1));
        }
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
        self.begin();
        let depth = self.stack_depth();
        let Some(back) = self.behind_call() else {
            return self.advance(1);
        };
        self.goal = Some(back);
        let event = loop {
            match self.advance(u64::MAX) {
                // Deeper, it is another call of the same function.
                Event::Stepped if self.stack_depth() < depth => {}
                event => break event,
            }
        };
        self.goal = None;
        event
    }

    /// Runs until the instruction at an address is next.
    pub fn run_to(&mut self, address: u64) -> Event {
        self.begin();
        self.goal = Some(address);
        let event = self.advance(u64::MAX);
        self.goal = None;
        event
    }

    /// Where the function that is called next, if one is, returns to.
    fn behind_call(&mut self) -> Option<u64> {
        let call = self.next_instruction()?;
        if call.flow != Flow::Call {
            return None;
        }
        let core = self.core();
        let mut bytes = [0; 32];
        let present = core.memory().fetch(call.pc, &mut bytes).ok()?;
        let length = call.next_pc.wrapping_sub(call.pc);
        if !core.guest().leads_inside(&bytes[..present], call.pc) {
            return Some(call.next_pc);
        }
        // Behind the instruction that is carried out before the function.
        let slot = bytes.get(length as usize..present)?;
        let slot = core.guest().record(slot, call.next_pc).ok()?;
        Some(slot.next_pc)
    }

    /// Runs until the function that the program is in returns.
    pub fn finish(&mut self) -> Event {
        self.begin();
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
        self.begin();
        // The instruction at the pc runs even with a breakpoint on it.
        match self.advance(budget) {
            Event::Stepped => Event::Paused,
            event => event,
        }
    }

    /// Tells the hart where to stop. It forgets its decoded blocks for that, hence not without need.
    fn arm(&mut self) {
        let is_enabled = |number: &u32| self.terms.get(number).is_none_or(|it| it.enabled);
        let breakpoints = self
            .breakpoints
            .iter()
            .filter(|(number, _)| is_enabled(number));
        let breakpoints = breakpoints.map(|(_, address)| *address).chain(self.goal);
        let breakpoints: Vec<u64> = breakpoints.collect();
        let watchpoints = self
            .watchpoints
            .iter()
            .filter(|(number, _)| is_enabled(number));
        let watchpoints: Vec<Watchpoint> = watchpoints.map(|(_, it)| *it).collect();
        if (&breakpoints, &watchpoints) == (&self.armed.0, &self.armed.1) {
            return;
        }
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

    /// The instruction at the pc.
    pub fn next_instruction(&mut self) -> Option<Graph> {
        let core = self.core();
        let mut bytes = [0; 16];
        let present = core.memory().fetch(core.pc(), &mut bytes).ok()?;
        core.guest().record(&bytes[..present], core.pc()).ok()
    }

    /// The breakpoint that stops here.
    fn breakpoint_here(&mut self) -> Option<u32> {
        let pc = self.core().pc();
        let here = self
            .breakpoints
            .iter()
            .filter(|(_, address)| **address == pc);
        let here: Vec<u32> = here.map(|(number, _)| *number).collect();
        here.into_iter().find(|number| self.accepts(*number))
    }

    /// The stack grows down: a function that was called is at a lower address.
    pub(super) fn stack_depth(&mut self) -> u64 {
        let slot = self.guest().stack_pointer();
        self.core().register(slot)
    }

    /// Runs at most this many instructions. `Stepped`: all of them, or to the goal.
    fn advance(&mut self, budget: u64) -> Event {
        self.arm();
        self.settle();
        let start = self.gone();
        loop {
            let left = match budget {
                u64::MAX => budget,
                budget => budget.saturating_sub(self.gone().wrapping_sub(start)),
            };
            if left == 0 {
                return Event::Stepped;
            }
            match self.advance_to_stop(left) {
                // Where a single step came to does not matter to it.
                Event::Breakpoint(_) if budget == 1 => {}
                Event::Breakpoint(_) => {
                    if let Some(number) = self.breakpoint_here() {
                        return Event::Breakpoint(number);
                    }
                    let pc = self.core().pc();
                    if self.goal == Some(pc) {
                        return Event::Stepped;
                    }
                }
                Event::Watchpoint(hit) if !self.accepts_hit(hit) => {}
                #[cfg(feature = "host")]
                Event::Signal(signal) if !self.accepts_signal(signal) => {}
                event => return event,
            }
        }
    }

    /// Counts what is run, so that two of its results can be compared.
    fn gone(&mut self) -> u64 {
        match self.recording.clone() {
            Some(recording) if recording.is_on() => recording.lock().history.position(),
            _ => match &mut self.program {
                Program::Bare(machine) => machine.core().retired(),
                #[cfg(feature = "host")]
                Program::Linux(process) => {
                    let calls = process.thread().calls();
                    process.core().retired() + calls
                }
            },
        }
    }

    /// Runs at most so many instructions, but only to the next place where there is a stop, which may not be meant.
    fn advance_to_stop(&mut self, budget: u64) -> Event {
        let mut left = budget;
        while left > 0 && self.ahead() > 0 {
            match self.travel(false) {
                Ok(Some(event)) | Err(event) => return event,
                Ok(None) => left -= 1,
            }
            if self.is_at_armed() {
                return Event::Breakpoint(0);
            }
        }
        match left {
            0 => Event::Stepped,
            _ => self.advance_program(left),
        }
    }

    /// The same where nothing was gone back.
    fn advance_program(&mut self, budget: u64) -> Event {
        #[cfg(feature = "host")]
        if let Some(exit) = &self.ended {
            return Event::Ended(exit.clone());
        }
        match &mut self.program {
            Program::Bare(machine) => match machine.run(budget) {
                Stop::Budget => Event::Stepped,
                Stop::Requested => Event::Paused,
                Stop::Trap(trap) => Event::Trapped(trap),
                Stop::Breakpoint => Event::Breakpoint(0),
                Stop::Watchpoint(hit) => Event::Watchpoint(hit),
            },
            #[cfg(feature = "host")]
            Program::Linux(process) => match process.advance(budget) {
                Progress::Budget => Event::Stepped,
                Progress::Interrupted => Event::Paused,
                Progress::Ended(exit) => {
                    self.ended = Some(exit.clone());
                    Event::Ended(exit)
                }
                Progress::Signal(signal) => Event::Signal(signal),
                Progress::Breakpoint => Event::Breakpoint(0),
                Progress::Watchpoint(hit) => Event::Watchpoint(hit),
            },
        }
    }

    /// Keeps a history from now on, which takes about `most` bytes at most. Steps are carried out one by one then:
    /// some millions a second.
    pub fn record(&mut self, most: usize) {
        if let Some(recording) = self.recording.clone() {
            return recording.resume(self.core());
        }
        let core = self.core();
        let recording = Arc::new(Recording::new(core, most));
        if !core.memory().set_journal(recording.clone()) {
            return;
        }
        let wrap = |core: &dyn Core| -> Box<dyn Core> {
            Box::new(Recorder::new(core.fork(), recording.clone()))
        };
        match &mut self.program {
            Program::Bare(machine) => machine.replace_core(wrap),
            #[cfg(feature = "host")]
            Program::Linux(process) => process.thread_mut().replace_core(wrap),
        }
        self.armed = Default::default();
        self.recording = Some(recording);
    }

    /// Forgets the history, and runs as fast as without one.
    pub fn stop_recording(&mut self) {
        if let Some(recording) = &self.recording {
            recording.stop("it was not recorded");
        }
    }

    /// Whether steps are noted in a history.
    pub fn is_recording(&self) -> bool {
        self.recording.as_ref().is_some_and(|it| it.is_on())
    }

    /// The steps that can be gone back, those that were gone back, and the bytes that the history takes.
    pub fn history(&self) -> (u64, u64, usize) {
        self.recording.as_ref().map_or((0, 0, 0), |recording| {
            let history = &recording.lock().history;
            (history.behind(), history.ahead(), history.size())
        })
    }

    /// Whether the program has ended; its history can be looked at.
    pub fn has_ended(&self) -> bool {
        #[cfg(feature = "host")]
        return self.ended.is_some();
        #[cfg(not(feature = "host"))]
        return false;
    }

    /// Steps that were gone back: the program is in its past.
    pub fn ahead(&self) -> u64 {
        self.history().1
    }

    /// Notes what was done to registers and memory between two commands. How many steps that makes impossible to go
    /// forward again: what happens next is another story.
    pub fn settle(&mut self) -> u64 {
        match self.recording.clone() {
            Some(recording) if recording.is_on() => recording.lock().settle(self.core()),
            _ => 0,
        }
    }

    /// The effects of the next instruction, which is carried out and gone back over. None: it is not known what they
    /// are without doing what cannot be undone.
    pub fn peek(&mut self) -> Option<Vec<Effect>> {
        self.settle();
        let recording = self.recording.clone().filter(|it| it.is_on())?;
        if self.ahead() > 0 {
            return Some(recording.lock().effects_ahead(self.core()));
        }
        let next = self.next_instruction()?;
        if self.has_ended() || next.flow == Flow::Trap {
            return None;
        }
        let mut effects = Effects(Vec::new());
        self.core().observe(&mut effects).ok()?;
        recording.travel(self.core(), true).ok()?;
        Some(effects.0)
    }

    /// The instructions that called the functions that have not returned, from the last one, as far as they are in
    /// the history.
    pub fn open_calls(&mut self) -> Vec<u64> {
        self.settle();
        let Some(recording) = self.recording.clone() else {
            return Vec::new();
        };
        let core = self.core();
        let (memory, guest) = (Arc::clone(core.memory()), core.guest());
        let mut known = HashMap::new();
        let mut flow = |pc| {
            *known.entry(pc).or_insert_with(|| {
                let mut bytes = [0; 16];
                let present = memory.fetch(pc, &mut bytes).unwrap_or(0);
                let graph = guest.record(&bytes[..present], pc);
                graph.map_or(Flow::Next, |graph| graph.flow)
            })
        };
        let (mut pc, mut returned, mut calls) = (core.pc(), 0, Vec::new());
        for mut step in recording.lock().history.backwards() {
            pc ^= step
                .find_map(|change| match change {
                    Change::Pc(delta) => Some(delta),
                    _ => None,
                })
                .unwrap_or(0);
            match flow(pc) {
                Flow::Return => returned += 1,
                Flow::Call if returned > 0 => returned -= 1,
                Flow::Call => calls.push(pc),
                _ => {}
            }
        }
        calls
    }

    /// Whether something before the history was forgotten.
    pub fn history_is_cut(&self) -> bool {
        let recording = self.recording.as_ref();
        recording.is_some_and(|it| it.lock().history.beginning().is_some())
    }

    /// Goes back this many instructions.
    pub fn step_back(&mut self, steps: u64) -> Event {
        self.begin_back();
        for _ in 0..steps {
            match self.travel(true) {
                Err(event) => return event,
                Ok(Some(Event::Watchpoint(hit))) if steps > 1 && self.accepts_hit(hit) => {
                    return Event::Watchpoint(hit);
                }
                Ok(_) => {}
            }
        }
        Event::Stepped
    }

    /// Goes back to the last breakpoint, or to before the last access that is watched.
    pub fn run_back(&mut self) -> Event {
        self.begin_back();
        self.back_until(|_| false)
    }

    /// Goes back one instruction; over a function that returned here, to its call.
    pub fn step_over_back(&mut self) -> Event {
        self.begin_back();
        let depth = self.stack_depth();
        let in_slot = self.core().inside() != 0;
        if let Err(event) = self.travel(true) {
            return event;
        }
        if in_slot {
            // Only the branch was gone back over, and not yet made.
            return Event::Stepped;
        }
        let slot = self.core().inside() != 0;
        let returned = |session: &mut Session| {
            let next = session.next_instruction();
            next.is_some_and(|graph| graph.flow == Flow::Return)
        };
        // In a delay slot, what returned stands before it.
        if slot && let Err(event) = self.travel(true) {
            return event;
        }
        if !returned(self) {
            return match slot.then(|| self.travel(false)) {
                Some(Err(event)) => event,
                _ => Event::Stepped,
            };
        }
        self.back_until(|session| session.is_call_at(depth))
    }

    /// Goes back to the call of the function that the program is in.
    pub fn finish_back(&mut self) -> Event {
        self.begin_back();
        let depth = self.stack_depth();
        self.back_until(|session| session.stack_depth() >= depth && session.is_call_at_least(depth))
    }

    fn is_call_at(&mut self, depth: u64) -> bool {
        self.stack_depth() == depth && self.is_call()
    }

    fn is_call_at_least(&mut self, depth: u64) -> bool {
        self.stack_depth() >= depth && self.is_call()
    }

    fn is_call(&mut self) -> bool {
        let next = self.next_instruction();
        next.is_some_and(|graph| graph.flow == Flow::Call)
    }

    fn begin_back(&mut self) {
        self.begin();
        self.arm();
        self.settle();
    }

    fn back_until(&mut self, mut done: impl FnMut(&mut Session) -> bool) -> Event {
        loop {
            match self.travel(true) {
                Ok(Some(Event::Watchpoint(hit))) if self.accepts_hit(hit) => {
                    return Event::Watchpoint(hit);
                }
                Ok(_) => {}
                Err(event) => return event,
            }
            if done(self) {
                return Event::Stepped;
            }
            if let Some(number) = self.breakpoint_here() {
                return Event::Breakpoint(number);
            }
        }
    }

    /// Goes one step of the history; the event is that of a watched access.
    fn travel(&mut self, back: bool) -> Result<Option<Event>, Event> {
        let Some(recording) = self.recording.clone().filter(|it| it.is_on()) else {
            let why = "no history is kept";
            return Err(Event::Beginning(Some(why.to_owned())));
        };
        #[cfg(feature = "host")]
        if self.is_interrupted() {
            return Err(Event::Paused);
        }
        let watchpoints = &self.armed.1;
        let hit = match watchpoints.is_empty() {
            true => None,
            false => recording.lock().watched(watchpoints, back),
        };
        match recording.travel(self.core(), back) {
            Ok(true) => Ok(hit.map(Event::Watchpoint)),
            Ok(false) => {
                let beginning = recording.lock().history.beginning().map(str::to_owned);
                Err(Event::Beginning(beginning))
            }
            Err(why) => Err(Event::Stuck(why)),
        }
    }

    fn is_at_armed(&mut self) -> bool {
        let pc = self.core().pc();
        self.armed.0.contains(&pc)
    }
}
