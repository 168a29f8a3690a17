//! A guest thread: a hart, and what the kernel keeps for it.

use crate::errno::Errno;
use crate::exec::Replacement;
use crate::host::HostCall;
use crate::host::signals::{self as host, Mailbox};
use crate::process::{Process, own_tid, random};
use crate::scheduler::Wait;
use crate::seeded::{Meter, VirtualClock};
use crate::signals::{
    self, AlternateStack, DEFAULT, DefaultAction, Frame, FrameKind, IGNORE, Origin, Restored,
    STACK_IN_USE, Set, Signal,
};
use crate::syscalls::{self, Arguments, Context};
use crate::threads::Totals;
use portolan_machine::cpu_time;
use portolan_machine::engine::{Hit, Watchpoint};
use portolan_machine::guest::Core;
use portolan_machine::memory::{Fault, Intent};
use portolan_machine::trap::{Stop, Trap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use watch::Watch;

pub(crate) mod watch;

pub use watch::Interrupter;

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status (0 to 255).
    Code(i32),
    /// By a signal.
    Signal(Death),
}

/// What an instruction did instead of completing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trapped {
    pub trap: Trap,
    /// Where the instruction is; the thread may go on after it.
    pub pc: u64,
}

/// The end of a process by a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// The signal in the guest's numbers.
    pub signal: i32,
    /// The signal in the host's numbers.
    pub host_signal: i32,
    /// The signal's name.
    pub name: String,
    /// The instruction that raised it, if one did.
    pub trap: Option<Trap>,
    /// Why it was raised.
    pub origin: Origin,
    /// Where the thread was; the instruction's address, if one raised it.
    pub pc: u64,
    /// Whether the kernel would leave a core dump.
    pub core: bool,
}

impl Death {
    /// Ends this host process by the same signal, so that whoever waits for it sees the truth.
    pub fn reraise(&self) -> ! {
        host::die_by(self.host_signal)
    }
}

/// Why a thread came back from running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The instructions granted are used up.
    Budget,
    /// Somebody asked through [`Thread::interrupter`].
    Interrupted,
    /// The next instruction has a breakpoint.
    Breakpoint,
    /// A watched access.
    Watchpoint(Hit),
    /// A signal is about to take effect: see [`Thread::watch`].
    Signal(Signal),
    /// The process ended.
    Ended(Exit),
}

/// Where a debugger wants threads to stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// Before the instructions at these addresses, but for the first that runs.
    pub breakpoints: Vec<u64>,
    /// At these accesses.
    pub watchpoints: Vec<Watchpoint>,
}

/// A guest thread.
pub struct Thread {
    process: Arc<Process>,
    core: Box<dyn Core>,
    tid: i32,
    mailbox: Arc<Mailbox>,
    interrupter: Interrupter,
    watch: Watch,
    /// Blocked signals, in the guest's numbers.
    mask: Set,
    /// The mask to go back to when a call that changed it for its duration is over.
    pub(crate) saved_mask: Option<Set>,
    /// The alternate signal stack.
    pub(crate) alternate: AlternateStack,
    /// A signal that did not come through the host.
    pub(crate) pending: Option<Signal>,
    /// Where a zero is stored when the thread ends.
    pub(crate) clear_tid: u64,
    /// The head of the list of futexes to release when the thread ends.
    pub(crate) robust_list: u64,
    /// The registers are as the call wants them: no result is to be put there.
    pub(crate) keep_registers: bool,
    /// Another program to run instead, when the call that asked for it is over.
    pub(crate) replacement: Option<Replacement>,
    /// How the call at the pc, interrupted by a signal, goes on.
    interrupted: Option<Errno>,
    ended: Option<Exit>,
    /// The status with which this thread left, and the process may live on.
    left: Option<i32>,
    /// Another thread decided that the process ends.
    dismissed: bool,
    /// It has released what it held, and does not run any more.
    released: bool,
    /// A debugger wants it to stop.
    parks: bool,
    /// The process' first thread: the one that whoever started the process runs.
    first: bool,
    /// The process knows how to reach it.
    enlisted: bool,
    /// Signals may wait for it that the host could not send.
    sent: bool,
    /// Instructions granted to each thread that it starts.
    limit: u64,
    stops: Stops,
    calls: u64,
    /// What they took, if somebody wants to know.
    call_time: Option<Duration>,
    /// In a seeded process, what counts its instructions into the clock.
    meter: Option<Meter>,
}

impl Thread {
    /// The first thread of a process that has just been loaded.
    pub(crate) fn first(process: Arc<Process>) -> Thread {
        let mut core = process.guest.core(Arc::clone(&process.memory));
        (process.abi().start)(&mut *core);
        core.set_mode(process.program.loaded.mode);
        core.set_pc(process.program.loaded.entry);
        core.set_register(
            process.abi().registers.stack_pointer,
            process.program.loaded.stack_pointer,
        );
        let mask = process.personality.mask_to_guest(host::mask());
        Thread::with(process, core, mask)
    }

    fn with(process: Arc<Process>, core: Box<dyn Core>, mask: Set) -> Thread {
        let stop = core.stop_flag();
        let mut thread = Thread {
            tid: own_tid(),
            mailbox: Mailbox::new(Arc::clone(&stop)),
            interrupter: Interrupter::new(stop),
            watch: Watch::default(),
            process,
            core,
            mask,
            saved_mask: None,
            alternate: AlternateStack::NONE,
            pending: None,
            clear_tid: 0,
            robust_list: 0,
            keep_registers: false,
            replacement: None,
            interrupted: None,
            ended: None,
            left: None,
            dismissed: false,
            released: false,
            parks: false,
            first: true,
            enlisted: false,
            sent: false,
            limit: u64::MAX,
            stops: Stops::default(),
            calls: 0,
            call_time: None,
            meter: None,
        };
        thread.set_clock();
        thread
    }

    /// Gives the hart, which has not run yet, its wall clock and its random numbers.
    fn set_clock(&mut self) {
        self.meter = self
            .process
            .seeded
            .as_ref()
            .map(|seeded| Meter::new(seeded.clock()));
        self.core.set_clock(match self.meter.clone() {
            Some(meter) => Arc::new(move |retired| meter.ticks(retired)),
            None => Arc::new(|_| wall_clock()),
        });
        let process = Arc::downgrade(&self.process);
        self.core.set_random(Arc::new(move || {
            // A thread that runs has its process.
            let process = process.upgrade();
            let seeded = process.as_ref().and_then(|process| process.seeded.as_ref());
            u64::from_le_bytes(random(seeded))
        }));
    }

    /// The clock of a seeded process, up to date, and nanoseconds that this thread ran.
    pub(crate) fn clock(&self) -> Option<(&VirtualClock, u64)> {
        let meter = self.meter.as_ref()?;
        Some((meter.count(self.core.retired()), meter.run()))
    }

    /// Its number for the guest.
    pub(crate) fn guest_tid(&self) -> i32 {
        self.process.guest_pid(self.tid)
    }

    /// A thread of another process that continues after the call that this one is making, with
    /// the same registers.
    pub(crate) fn copy_into(&self, process: Arc<Process>) -> Thread {
        let mut copy = Thread::with(process, self.core.fork(), self.mask);
        copy.alternate = self.alternate;
        copy.limit = self.limit;
        copy.call_time = self.call_time.map(|_| Duration::ZERO);
        copy
    }

    /// Completes the call that made this thread's process: its result there is 0.
    pub(crate) fn finish_as_child(&mut self) {
        let length = self.core.instruction_length();
        self.finish_call(Ok(0), length);
    }

    /// What the host's fork changes for the thread that lives on in the child.
    pub(crate) fn became_child(&mut self) {
        self.tid = own_tid();
        self.forget_watch();
        // It observes the parent, whose other threads may have held what it shares with them.
        self.core.set_observer(None);
        if !self.first {
            // The debugger's that held it.
            self.set_stops(&Stops::default());
        }
        self.robust_list = 0;
        self.first = true;
        self.sent = false;
    }

    /// Makes a copy another thread of its process.
    pub(crate) fn join_process(&mut self) {
        self.first = false;
        self.alternate = AlternateStack::default();
        // They are for whoever runs the first thread; a debugger sets its own.
        self.set_stops(&Stops::default());
    }

    /// The host thread that it runs on is there.
    pub(crate) fn arrive(&mut self) {
        self.tid = own_tid();
        self.enlist();
    }

    fn enlist(&mut self) {
        self.process.threads.enlist(self.tid, &self.mailbox);
        self.enlisted = true;
    }

    /// Runs as long as its limit lets it.
    pub(crate) fn live(&mut self) -> Progress {
        self.advance(self.limit)
    }

    /// Whether it is the first of its process.
    pub(crate) fn is_first(&self) -> bool {
        self.first
    }

    /// The status that it left with by itself.
    pub(crate) fn left(&self) -> Option<i32> {
        self.left
    }

    /// Where to reach it.
    pub(crate) fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    /// Grants each thread that the program starts, and the threads of its children, so many
    /// instructions; when one has used them up, the process' first thread comes back with
    /// [`Progress::Budget`].
    pub fn set_limit(&mut self, instructions: u64) {
        self.limit = instructions;
    }

    /// From now on, totals tell where time goes: this thread's, and that of those it starts.
    pub fn measure(&mut self) {
        self.core.measure();
        self.call_time.get_or_insert_default();
    }

    /// What this thread did.
    pub(crate) fn own_totals(&self) -> Totals {
        Totals {
            engine: self.core.statistics(),
            calls: self.calls,
            call_time: self.call_time.unwrap_or_default(),
            threads: 1,
        }
    }

    /// What this thread did, and those of the process that have ended.
    pub fn totals(&self) -> Totals {
        let mut totals = self.process.threads.past();
        totals.add(self.own_totals());
        totals
    }

    /// Runs a child that shares its parent's memory: see [`host::fork::vfork`]. The result is its
    /// exit status; if a signal ends it, it does not return. The parent has attached it.
    ///
    /// [`host::fork::vfork`]: crate::host::fork::vfork
    pub(crate) fn run_as_child(&mut self) -> i32 {
        self.tid = own_tid();
        self.force_mask(self.mask);
        loop {
            match self.advance_attached(u64::MAX) {
                Progress::Ended(Exit::Code(status)) => return status,
                Progress::Ended(Exit::Signal(death)) => death.reraise(),
                _ => {}
            }
        }
    }

    /// Lets this host thread's signals go to this thread until the result is dropped.
    pub(crate) fn attach(&self) -> host::Attached {
        self.mailbox.attach()
    }

    /// The process.
    pub fn process(&self) -> &Arc<Process> {
        &self.process
    }

    /// The hart.
    pub fn core(&self) -> &dyn Core {
        &*self.core
    }

    /// The hart, to be changed.
    pub fn core_mut(&mut self) -> &mut dyn Core {
        &mut *self.core
    }

    /// Puts another hart in the place of this one, made from it: one with hooks around it, say.
    pub fn replace_core(&mut self, make: impl FnOnce(&dyn Core) -> Box<dyn Core>) {
        self.core = make(&*self.core);
        self.set_clock();
        self.enlisted = false;
        let stop = self.core.stop_flag();
        self.mailbox = Mailbox::new(Arc::clone(&stop));
        self.interrupter = Interrupter::new(stop);
        if self.is_watched() {
            self.watch();
        }
    }

    /// Comes back where these say. Replaces those set before.
    pub fn set_stops(&mut self, stops: &Stops) {
        if self.stops.breakpoints != stops.breakpoints {
            self.core.set_breakpoints(&stops.breakpoints);
        }
        if self.stops.watchpoints != stops.watchpoints {
            self.core.set_watchpoints(&stops.watchpoints);
        }
        self.stops = stops.clone();
    }

    /// Whether the next instruction has one.
    pub(crate) fn is_at_breakpoint(&self) -> bool {
        self.stops.breakpoints.contains(&self.core.pc())
    }

    /// The thread's number.
    pub fn tid(&self) -> i32 {
        self.tid
    }

    /// A handle that makes the thread come back from running.
    pub fn interrupter(&self) -> Interrupter {
        self.interrupter.clone()
    }

    /// How the process ended, once it has.
    pub fn ended(&self) -> Option<&Exit> {
        self.ended.as_ref()
    }

    /// Calls made so far.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// Runs to the end of the process.
    pub fn run(&mut self) -> Exit {
        loop {
            if let Progress::Ended(exit) = self.advance(u64::MAX) {
                return exit;
            }
        }
    }

    /// Runs at most `budget` instructions, calls included; `u64::MAX` is no limit.
    pub fn advance(&mut self, budget: u64) -> Progress {
        if !self.enlisted {
            self.enlist();
        }
        let attached = self.attach();
        if !self.mailbox.is_full() {
            host::set_mask(self.process.personality.mask_to_host(self.mask));
        }
        let progress = self.advance_attached(budget);
        // Until the thread runs again, signals for it wait in the host's kernel.
        host::set_mask(host::mask() | self.process.actions().caught(&self.process.personality));
        drop(attached);
        if self.first
            && let Some(culprit) = self.process.threads.take_culprit()
        {
            self.become_culprit(*culprit);
        }
        progress
    }

    /// Shows the thread that ended the process, instead of this one.
    fn become_culprit(&mut self, culprit: Thread) {
        let ended = self.ended.take();
        let own = self.own_totals();
        *self = Thread {
            first: true,
            ended,
            ..culprit
        };
        self.process.threads.count(own);
    }

    fn advance_attached(&mut self, budget: u64) -> Progress {
        let spent = |thread: &Thread| thread.core.retired() + thread.calls;
        let (start, first) = (spent(self), self.core.pc());
        // The way into a handler counts as a step, as for ptrace.
        let granted = budget.saturating_sub(u64::from(self.deliver_reported()));
        let end = start.saturating_add(granted);
        loop {
            self.deliver_waiting();
            if let Some(signal) = self.reported() {
                return Progress::Signal(signal);
            }
            if let Some(end) = self.conclude() {
                return end;
            }
            // The hart lets the first instruction pass; it must be the first of all.
            let moved = spent(self) != start || self.core.pc() != first;
            if moved && self.is_at_breakpoint() {
                return Progress::Breakpoint;
            }
            if std::mem::take(&mut self.parks) {
                return Progress::Interrupted;
            }
            let left = if budget == u64::MAX {
                budget
            } else {
                end.saturating_sub(spent(self))
            };
            if left == 0 {
                return Progress::Budget;
            }
            match self.core.run(left) {
                Stop::Budget => return Progress::Budget,
                Stop::Breakpoint => return Progress::Breakpoint,
                Stop::Watchpoint(hit) => return Progress::Watchpoint(hit),
                Stop::Requested => {
                    if self.interrupter.request.swap(false, Ordering::SeqCst) {
                        // When it runs again, it would not stop there.
                        let moved = spent(self) != start || self.core.pc() != first;
                        return match moved && self.is_at_breakpoint() {
                            true => Progress::Breakpoint,
                            false => Progress::Interrupted,
                        };
                    }
                }
                Stop::Trap(trap) => self.service(trap),
            }
        }
    }

    /// Does what the kernel does for a trapped instruction: the call, or a signal.
    pub fn service(&mut self, trap: Trap) {
        if trap == Trap::Syscall {
            let start = self.call_time.map(|_| cpu_time::of_this_thread());
            self.call();
            if let (Some(time), Some(start)) = (&mut self.call_time, start) {
                // In a child that was forked, time starts again.
                *time += cpu_time::of_this_thread().saturating_sub(start);
            }
            return;
        }
        let pc = self.core.pc();
        if let Trap::Fault(fault) = trap
            && fault.intent == Intent::Execute
            && let Some(number) = self.process.abi().gates.of(pc)
        {
            return self.pass_gate(fault, number);
        }
        let signal = Signal::from_trap(&self.process.personality, &trap, &mut *self.core);
        self.receive(signal, Some(Trapped { trap, pc }));
    }

    /// Lets a signal take effect: the handler's, or the end of the process.
    fn settle(&mut self, signal: Signal, trapped: Option<Trapped>) {
        let action = self.process.actions().get(signal.number);
        let blocked = self.mask & signals::only(signal.number) != 0;
        match trapped {
            // What an instruction raises cannot wait.
            Some(_) if blocked || !action.is_caught() => {
                if let Some(tracer) = &self.process.options.tracer {
                    tracer.signal(self, &signal);
                }
                self.end_by(signal, trapped);
            }
            _ => self.deliver(signal),
        }
    }

    fn call(&mut self) {
        self.calls += 1;
        let length = self.core.instruction_length();
        let reply = {
            // Nothing is held when another program replaces this one: a child of vfork leaves
            // what it holds in its parent's memory.
            let process = Arc::clone(&self.process);
            syscalls::dispatch(&mut Context {
                process: &process,
                thread: self,
            })
        };
        let reply = match &self.replacement {
            Some(_) => self.execute(),
            None => reply,
        };
        self.replacement = None;
        if self.ended.is_some() || std::mem::take(&mut self.keep_registers) {
            return;
        }
        match reply {
            Err(errno) if errno.is_restart() => self.interrupted = Some(errno),
            reply => self.finish_call(reply, length),
        }
    }

    /// Makes the call behind a gate at the pc, and goes on where it was called from. What a call would
    /// refuse with EFAULT is a fault of the gate.
    fn pass_gate(&mut self, fault: Fault, number: u64) {
        self.calls += 1;
        let process = Arc::clone(&self.process);
        let abi = process.abi();
        let before = self.core.register(abi.registers.number);
        self.core.set_register(abi.registers.number, number);
        let reply = syscalls::dispatch(&mut Context {
            process: &process,
            thread: self,
        });
        self.core.set_register(abi.registers.number, before);
        let result = reply.map_err(|_| fault);
        if let Err(fault) = result.and_then(|result| (abi.gates.leave)(&mut *self.core, result)) {
            self.raise_by_frame(fault);
        }
    }

    /// Goes on as another program; returns only what went wrong, if this thread is not to leave
    /// instead.
    fn execute(&mut self) -> Result<u64, Errno> {
        if self.enlisted && !self.process.threads.dismiss_others(self.tid) {
            self.dismissed = true;
            return Err(Errno::EINTR);
        }
        syscalls::robust::release(self);
        if let Some(tracer) = &self.process.options.tracer {
            tracer.hand_over();
        }
        let (process, personality) = (&self.process, &self.process.personality);
        let watched = process.actions().unwatch(personality);
        let error = self.replacement.as_ref().map(Replacement::execute);
        if watched {
            process.actions().watch(personality);
        }
        self.process.threads.resume();
        Err(error.unwrap_or(Errno::ENOSYS))
    }

    fn finish_call(&mut self, reply: Result<u64, Errno>, length: u64) {
        let result = reply.map_err(|errno| self.process.personality.error(errno));
        (self.process.abi().set_result)(&mut *self.core, result);
        let next = self.core.pc().wrapping_add(length);
        self.core.set_pc(next);
    }

    /// Ends the process.
    pub(crate) fn end(&mut self, exit: Exit) {
        self.ended = Some(exit);
    }

    /// Ends this thread; the process lives on as long as it has another.
    pub(crate) fn leave(&mut self, status: i32) {
        self.left = Some(status);
    }

    /// If the thread has ended, does what the kernel does then. The first thread waits for the
    /// others, and for the process' end if it left before.
    fn conclude(&mut self) -> Option<Progress> {
        if self.ended.is_none() && self.left.is_none() && !self.dismissed {
            return None;
        }
        let process = Arc::clone(&self.process);
        if let Some(exit) = self.ended.clone() {
            process.threads.decide(Progress::Ended(exit), self.tid);
        }
        // Only now: those who wait for this thread alone are not to go on.
        if !std::mem::replace(&mut self.released, true) {
            syscalls::robust::release(self);
            process.threads.note_released(self.tid);
        }
        if !self.first {
            // Not the process' end, but nobody asks.
            if let Some(tracer) = &process.options.tracer {
                tracer.ended(self, &Exit::Code(self.left.unwrap_or(0)));
            }
            return Some(Progress::Ended(Exit::Code(0)));
        }
        let end = process.threads.wait_for_all(self.tid, self.left);
        if let Progress::Ended(exit) = &end {
            self.ended = Some(exit.clone());
            self.trace_end();
        }
        Some(end)
    }

    fn trace_end(&self) {
        if let (Some(tracer), Some(exit)) = (&self.process.options.tracer, &self.ended) {
            tracer.ended(self, exit);
        }
    }

    /// Ends the process by a signal.
    pub(crate) fn end_by(&mut self, signal: Signal, trapped: Option<Trapped>) {
        let personality = &self.process.personality;
        let host_signal = personality
            .host_signal(signal.number)
            .unwrap_or(libc::SIGKILL);
        let death = Death {
            signal: signal.number,
            host_signal,
            name: personality.signal_name(signal.number),
            trap: trapped.map(|trapped| trapped.trap),
            origin: signal.origin,
            pc: trapped.map_or(self.core.pc(), |trapped| trapped.pc),
            core: DefaultAction::of(host_signal) == DefaultAction::End { core: true },
        };
        self.end(Exit::Signal(death));
    }

    /// Raises the signal of a handler's frame that could not be stored or loaded, which is forced: a
    /// program that blocks it ends.
    pub(crate) fn raise_by_frame(&mut self, fault: Fault) {
        let signal = Signal::of_frame(&self.process.personality);
        let (trap, pc) = (Trap::Fault(fault), self.core.pc());
        self.receive(signal, Some(Trapped { trap, pc }));
    }

    /// Makes a host call that may sleep. If a signal comes, the call starts again afterwards,
    /// provided that the handler was installed with `SA_RESTART`.
    pub(crate) fn block(&self, wait: Wait, call: &HostCall<'_>) -> Result<u64, Errno> {
        if let Some(tracer) = &self.process.options.tracer
            && !matches!(wait, Wait::Writable(_) | Wait::Opening | Wait::Soon)
        {
            tracer.sleeps(self);
        }
        match self.process.scheduler.block(&self.mailbox, wait, call) {
            Err(Errno::EINTR) => Err(Errno::RESTART),
            result => result,
        }
    }

    /// Makes a host call that may sleep and that a handled signal always ends with EINTR.
    pub(crate) fn block_once(&self, wait: Wait, call: &HostCall<'_>) -> Result<u64, Errno> {
        self.block(wait, call).map_err(|errno| match errno {
            Errno::RESTART => Errno::RESTART_UNLESS_HANDLED,
            other => other,
        })
    }

    /// Blocked signals, in the guest's numbers.
    pub fn mask(&self) -> Set {
        self.mask
    }

    /// Changes the blocked signals, on the host too. If a signal was caught and not delivered
    /// yet, that comes first: the call has to start again.
    pub(crate) fn set_mask(&mut self, mask: Set) -> Result<(), Errno> {
        self.hold_signals()?;
        self.force_mask(mask);
        Ok(())
    }

    /// Changes the blocked signals whatever is waiting. While a signal waits in the mailbox, the
    /// host keeps all others back.
    fn force_mask(&mut self, mask: Set) {
        let personality = &self.process.personality;
        let unblockable = host::bit(libc::SIGKILL) | host::bit(libc::SIGSTOP);
        self.mask = mask & !personality.mask_to_guest(unblockable);
        host::set_mask(u64::MAX);
        if !self.mailbox.is_full() {
            host::set_mask(personality.mask_to_host(self.mask));
        }
    }

    /// Lets a handler that is about to run start from the mask of the call that it interrupted,
    /// and return to the mask of before.
    pub(crate) fn keep_mask_for_handler(&mut self, mask: Set) {
        self.saved_mask = Some(self.mask);
        self.mask = mask;
    }

    /// Goes back to what was before a handler.
    pub(crate) fn restore(&mut self, restored: Restored) {
        if let Some(stack) = restored.stack {
            let flags = stack.flags & !STACK_IN_USE;
            self.alternate = AlternateStack { flags, ..stack };
        }
        // Whatever was caught meanwhile waits in the mailbox, and comes next.
        self.force_mask(restored.mask);
    }

    /// Holds signals back, for a step that must not be done half. If one was caught and not
    /// delivered yet, that comes first.
    pub(crate) fn hold_signals(&self) -> Result<(), Errno> {
        host::set_mask(u64::MAX);
        if self.mailbox.is_full() {
            Err(Errno::RESTART_ALWAYS)
        } else {
            Ok(())
        }
    }

    /// Lets signals come again.
    pub(crate) fn release_signals(&mut self) {
        self.force_mask(self.mask);
    }

    /// Delivers a signal that is waiting, and settles an interrupted call.
    pub(crate) fn deliver_waiting(&mut self) {
        if self.ended.is_some() || self.left.is_some() {
            return;
        }
        if self.mailbox.take_kick() {
            self.sent = true;
            self.dismissed |= self.process.threads.dismisses(self.tid);
            self.parks |= !self.first && self.process.threads.are_stopped();
        }
        if self.dismissed {
            return;
        }
        if self.sent && self.pending.is_none() {
            (self.pending, self.sent) = self.process.threads.take(self.tid, self.mask);
        }
        let mut woken = false;
        let waiting = self.pending.take().or_else(|| {
            let caught = self.mailbox.take()?;
            woken = self.is_wake(&caught);
            (!woken).then(|| self.process.signal_from_host(&caught))
        });
        match waiting {
            Some(signal) => self.receive(signal, None),
            None => {
                // Nobody came after all: the call starts again.
                self.interrupted = None;
                match self.saved_mask.take() {
                    Some(mask) => self.force_mask(mask),
                    None if woken => self.force_mask(self.mask),
                    None => {}
                }
            }
        }
    }

    fn deliver(&mut self, signal: Signal) {
        let personality = Arc::clone(&self.process.personality);
        let action = self.process.actions().get(signal.number);
        let flag = |name| action.flags & personality.action_flag(name) != 0;
        self.settle_interrupted(action.is_caught(), flag("SA_RESTART"));
        if let Some(tracer) = &self.process.options.tracer {
            tracer.signal(self, &signal);
        }
        if !action.is_caught() {
            return self.act_by_default(signal, action.handler);
        }

        let registers = &personality.abi.registers;
        let pointer = self.core.register(registers.stack_pointer);
        let alternate = self.alternate;
        let usable = flag("SA_ONSTACK") && alternate.size != 0 && !alternate.contains(pointer);
        let frame = Frame {
            kind: match flag("SA_SIGINFO") {
                true => FrameKind::Detailed,
                false => FrameKind::Plain,
            },
            number: signal.number,
            info: signal.origin.encode(&personality, signal.number),
            handler: action.handler,
            restorer: match flag("SA_RESTORER") {
                true => action.restorer,
                false => self.process.program.loaded.trampoline,
            },
            mask: self.saved_mask.take().unwrap_or(self.mask),
            stack: alternate,
            top: if usable {
                alternate.start.wrapping_add(alternate.size)
            } else {
                pointer
            },
        };
        if let Err(fault) = (personality.abi.signals.push)(&mut *self.core, &frame) {
            // A handler of the signal that says so cannot be told either.
            let forced = Signal::of_frame(&personality);
            if signal.number == forced.number {
                let (trap, pc) = (Trap::Fault(fault), self.core.pc());
                return self.end_by(forced, Some(Trapped { trap, pc }));
            }
            return self.raise_by_frame(fault);
        }
        const AUTODISARM: u32 = 1 << 31;
        if alternate.flags & AUTODISARM != 0 {
            self.alternate = AlternateStack::default();
        }
        if flag("SA_RESETHAND") {
            let reset = crate::signals::Action {
                handler: DEFAULT,
                ..action
            };
            // It was set before, hence it can be.
            let _ = self
                .process
                .actions()
                .set(&personality, signal.number, reset);
        }
        let own = if flag("SA_NODEFER") {
            0
        } else {
            signals::only(signal.number)
        };
        self.force_mask(self.mask | action.mask | own);
    }

    /// Decides how the call at the pc, which a signal interrupted, goes on.
    fn settle_interrupted(&mut self, handled: bool, restart: bool) {
        let Some(errno) = self.interrupted.take() else {
            return;
        };
        let again = match errno {
            Errno::RESTART => restart || !handled,
            Errno::RESTART_UNLESS_HANDLED => !handled,
            _ => true,
        };
        if !again {
            let length = self.core.instruction_length();
            self.finish_call(Err(Errno::EINTR), length);
        }
    }

    fn act_by_default(&mut self, signal: Signal, handler: u64) {
        let mask = self.saved_mask.take().unwrap_or(self.mask);
        let host_signal = self
            .process
            .personality
            .host_signal(signal.number)
            .unwrap_or(0);
        match DefaultAction::of(host_signal) {
            _ if handler == IGNORE => {}
            DefaultAction::End { .. } => return self.end_by(signal, None),
            // The disposition changed after the host caught it: now the host may act.
            DefaultAction::Stop => {
                let _ = crate::host::calls::kill(crate::process::own_pid(), host_signal).now();
            }
            DefaultAction::Continue | DefaultAction::Nothing => {}
        }
        self.force_mask(mask);
    }

    /// The arguments of the call that the hart is making, unconverted.
    pub(crate) fn raw_arguments(&self) -> [u64; Arguments::RAW] {
        syscalls::raw_arguments(&*self.core, &self.process)
    }
}

/// The time of day in ticks of 100 ns.
fn wall_clock() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |time| (time.as_nanos() / 100) as u64)
}
