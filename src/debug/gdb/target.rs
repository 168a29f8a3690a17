//! The program as gdb handles it: registers, memory, breakpoints, and how it goes on.

use super::arch::{AllRegisters, AnyArch, Number};
use super::files::Files;
use super::signals;
use crate::Process;
use crate::debug::session::{Event, Program, Session};
use gdbstub::common::{Signal, Tid};
use gdbstub::stub::MultiThreadStopReason;
use gdbstub::target::ext::auxv::AuxvOps;
use gdbstub::target::ext::base::BaseOps;
use gdbstub::target::ext::base::multithread::{
    MultiThreadBase, MultiThreadRangeStepping, MultiThreadRangeSteppingOps, MultiThreadResume,
    MultiThreadResumeOps, MultiThreadSchedulerLocking, MultiThreadSchedulerLockingOps,
    MultiThreadSingleStep, MultiThreadSingleStepOps,
};
use gdbstub::target::ext::base::reverse_exec::ReplayLogPosition;
use gdbstub::target::ext::base::single_register_access::{
    SingleRegisterAccess, SingleRegisterAccessOps,
};
use gdbstub::target::ext::breakpoints::{
    Breakpoints, BreakpointsOps, HwBreakpoint, HwBreakpointOps, HwWatchpoint, HwWatchpointOps,
    SwBreakpoint, SwBreakpointOps, WatchKind,
};
use gdbstub::target::ext::exec_file::ExecFileOps;
use gdbstub::target::ext::extended_mode::ExtendedModeOps;
use gdbstub::target::ext::host_io::HostIoOps;
use gdbstub::target::ext::monitor_cmd::MonitorCmdOps;
use gdbstub::target::ext::target_description_xml_override::TargetDescriptionXmlOverrideOps;
use gdbstub::target::ext::thread_extra_info::ThreadExtraInfoOps;
use gdbstub::target::{self, TargetError, TargetResult};
use portolan_linux::thread::{Exit, Interrupter, Progress, Stops, Thread};
use portolan_linux::{Order, Orders, Report};
use portolan_machine::engine::Watchpoint;
use portolan_machine::gdb::Description;
use portolan_machine::guest::Core;
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

/// ESRCH, EFAULT and EINVAL, as the protocol numbers them.
const NO_THREAD: u8 = 3;
const BAD_ADDRESS: u8 = 14;
const INVALID: u8 = 22;

/// A program under gdb's control. Its threads have their numbers as names. The first is the
/// session's; the others are held by the process, and all stop when one does.
pub(super) struct Target {
    pub(super) session: Session,
    pub(super) process: Arc<portolan_linux::Process>,
    pub(super) description: &'static Description,
    pub(super) files: Files,
    /// The first thread.
    first: i32,
    interrupter: Interrupter,
    /// The thread that stopped last.
    current: i32,
    /// gdb's breakpoints: their numbers in the session by address.
    breakpoints: HashMap<u64, u32>,
    /// gdb's watchpoints: their numbers in the session by kind, address and length.
    watchpoints: HashMap<(u8, u64, u64), u32>,
    /// How the program goes on when gdb lets it.
    orders: Orders,
    /// The signals to deliver then.
    signals: HashMap<i32, Signal>,
    /// Threads whose signal gdb has decided about, and that have not run since.
    decided: HashSet<i32>,
}

fn name(tid: i32) -> Tid {
    let tid = usize::try_from(tid).ok();
    tid.and_then(Tid::new).unwrap_or(Tid::MIN)
}

/// What a stop of a thread other than the first is for the session.
fn event(progress: Progress) -> Event {
    match progress {
        Progress::Budget => Event::Stepped,
        Progress::Interrupted => Event::Paused,
        // gdb knows its number by its address.
        Progress::Breakpoint => Event::Breakpoint(0),
        Progress::Watchpoint(hit) => Event::Watchpoint(hit),
        Progress::Signal(signal) => Event::Signal(signal),
        Progress::Ended(exit) => Event::Ended(exit),
    }
}

impl Target {
    /// Takes control of a process, whose signals are reported from now on.
    pub(super) fn new(mut process: Process, description: &'static Description) -> Target {
        process.thread_mut().watch();
        let (first, interrupter) = (process.thread().tid(), process.thread().interrupter());
        let linux = Arc::clone(process.thread().process());
        linux.hold_threads(first, interrupter.clone());
        Target {
            process: linux,
            description,
            files: Files::default(),
            first,
            interrupter,
            current: first,
            breakpoints: HashMap::new(),
            watchpoints: HashMap::new(),
            orders: Orders::default(),
            signals: HashMap::new(),
            decided: HashSet::new(),
            session: Session::new(Program::Linux(Box::new(process))),
        }
    }

    /// Gives the process back, free.
    pub(super) fn release(self) -> Option<Process> {
        match self.session.into_program() {
            Program::Linux(mut process) => {
                process.thread_mut().unwatch();
                self.process.free_threads();
                Some(*process)
            }
            Program::Bare(_) => None,
        }
    }

    /// What asks the program to stop.
    pub(super) fn interrupter(&self) -> impl Fn() + Send + use<> {
        let (interrupter, process) = (self.interrupter.clone(), Arc::clone(&self.process));
        move || {
            interrupter.interrupt();
            process.wake_debugger();
        }
    }

    /// Lets the program go on as gdb said, until something happens. Then every thread stands.
    pub(super) fn run(&mut self) -> Event {
        let stops = Stops {
            breakpoints: self.breakpoints.keys().copied().collect(),
            watchpoints: self.session.watchpoints().values().copied().collect(),
        };
        if let Some(report) = self.process.resume_threads(&self.orders, &stops) {
            return self.reported(report);
        }
        self.decided.clear();
        let event = self.run_first();
        self.process.stop_threads();
        if event != Event::Paused {
            self.current = self.first;
            return event;
        }
        match self.process.take_report() {
            Some(report) => self.reported(report),
            None => Event::Paused,
        }
    }

    fn reported(&mut self, report: Report) -> Event {
        self.current = report.tid;
        event(report.progress)
    }

    fn run_first(&mut self) -> Event {
        let order = match self.process.has_left(self.first) {
            true => Order::Stay,
            false => self.orders.of(self.first).clone(),
        };
        match order {
            Order::Run => self.session.run(u64::MAX),
            Order::Step => self.session.step(),
            Order::Range(range) => loop {
                match self.session.step() {
                    Event::Stepped if self.goes_on(&range) => {}
                    event => break event,
                }
            },
            Order::Stay => match self.process.wait_for_report(&self.interrupter) {
                true => self.session.run(u64::MAX),
                false => Event::Paused,
            },
        }
    }

    fn goes_on(&mut self, range: &Range<u64>) -> bool {
        let pc = self.session.core().pc();
        range.contains(&pc) && !self.breakpoints.contains_key(&pc)
    }

    /// The number of a thread that gdb means: 1 until it has named one, then as it says.
    fn number(&self, tid: Tid) -> i32 {
        match i32::try_from(tid.get()) {
            Ok(1) if self.first != 1 => self.current,
            number => number.unwrap_or(0),
        }
    }

    /// The threads that stand.
    fn threads(&self) -> Vec<i32> {
        let first = (!self.process.has_left(self.first)).then_some(self.first);
        let others = self.process.stopped_threads();
        first.into_iter().chain(others).collect()
    }

    /// Does something with a thread, if it is there and stands.
    fn with_thread<R>(&mut self, tid: i32, act: impl FnOnce(&mut Thread) -> R) -> Option<R> {
        if tid != self.first {
            return self.process.with_stopped(tid, act);
        }
        match self.session.program() {
            Program::Linux(process) => Some(act(process.thread_mut())),
            Program::Bare(_) => None,
        }
    }

    fn with_core<R>(
        &mut self,
        tid: Tid,
        act: impl FnOnce(&mut dyn Core) -> R,
    ) -> TargetResult<R, Self> {
        let done = self.with_thread(self.number(tid), |thread| act(thread.core_mut()));
        done.ok_or(TargetError::Errno(NO_THREAD))
    }

    /// What to tell gdb. None: nothing happened.
    pub(super) fn reason(&self, event: Event) -> Option<MultiThreadStopReason<u64>> {
        let personality = &self.process.personality;
        let tid = name(self.current);
        Some(match event {
            Event::Paused => return None,
            Event::Stepped | Event::Trapped(_) => MultiThreadStopReason::SignalWithThread {
                tid,
                signal: Signal::SIGTRAP,
            },
            Event::Breakpoint(_) => MultiThreadStopReason::SwBreak(tid),
            Event::Watchpoint(hit) => MultiThreadStopReason::Watch {
                tid,
                kind: match (hit.watchpoint.reads, hit.watchpoint.writes) {
                    (true, true) => WatchKind::ReadWrite,
                    (true, false) => WatchKind::Read,
                    _ => WatchKind::Write,
                },
                addr: hit.address,
            },
            Event::Beginning(_) | Event::Stuck(_) => MultiThreadStopReason::ReplayLog {
                tid: Some(tid),
                pos: ReplayLogPosition::Begin,
            },
            Event::Signal(signal) => MultiThreadStopReason::SignalWithThread {
                tid,
                signal: signals::to_gdb(personality, signal.number),
            },
            Event::Ended(Exit::Code(code)) => MultiThreadStopReason::Exited(code as u8),
            Event::Ended(Exit::Signal(death)) => {
                MultiThreadStopReason::Terminated(signals::to_gdb(personality, death.signal))
            }
        })
    }

    /// What to tell gdb after Ctrl-C.
    pub(super) fn interrupted(&mut self) -> MultiThreadStopReason<u64> {
        let threads = self.threads();
        if !threads.contains(&self.current) {
            self.current = threads.first().copied().unwrap_or(self.first);
        }
        MultiThreadStopReason::SignalWithThread {
            tid: name(self.current),
            signal: Signal::SIGINT,
        }
    }

    /// The first that gdb says about a thread holds.
    fn order(&mut self, tid: Tid, order: Order, signal: Option<Signal>) {
        let tid = self.number(tid);
        if self.orders.named.contains_key(&tid) {
            return;
        }
        self.orders.named.insert(tid, order);
        self.signals.extend(signal.map(|signal| (tid, signal)));
    }

    fn add(&mut self, address: u64) {
        if !self.breakpoints.contains_key(&address) {
            let number = self.session.set_breakpoint(address);
            self.breakpoints.insert(address, number);
        }
    }

    fn remove(&mut self, address: u64) -> bool {
        let number = self.breakpoints.remove(&address);
        number.is_some_and(|number| self.session.delete_breakpoint(number))
    }
}

impl target::Target for Target {
    type Arch = AnyArch;
    type Error = Infallible;

    fn base_ops(&mut self) -> BaseOps<'_, AnyArch, Infallible> {
        BaseOps::MultiThread(self)
    }
    fn support_breakpoints(&mut self) -> Option<BreakpointsOps<'_, Self>> {
        Some(self)
    }
    fn support_target_description_xml_override(
        &mut self,
    ) -> Option<TargetDescriptionXmlOverrideOps<'_, Self>> {
        Some(self)
    }
    fn support_extended_mode(&mut self) -> Option<ExtendedModeOps<'_, Self>> {
        Some(self)
    }
    fn support_exec_file(&mut self) -> Option<ExecFileOps<'_, Self>> {
        Some(self)
    }
    fn support_auxv(&mut self) -> Option<AuxvOps<'_, Self>> {
        Some(self)
    }
    fn support_host_io(&mut self) -> Option<HostIoOps<'_, Self>> {
        Some(self)
    }
    fn support_monitor_cmd(&mut self) -> Option<MonitorCmdOps<'_, Self>> {
        Some(self)
    }
}

impl MultiThreadBase for Target {
    fn read_registers(&mut self, registers: &mut AllRegisters, tid: Tid) -> TargetResult<(), Self> {
        let description = self.description;
        registers.0 = self.with_core(tid, |core| {
            let count = description.registers.len();
            let values = (0..count).filter_map(|number| description.read(core, number));
            values.flatten().collect()
        })?;
        Ok(())
    }

    fn write_registers(&mut self, registers: &AllRegisters, tid: Tid) -> TargetResult<(), Self> {
        let description = self.description;
        let sizes = description.registers.iter().map(|r| r.bytes());
        if sizes.clone().sum::<usize>() != registers.0.len() {
            return Err(TargetError::Errno(INVALID));
        }
        self.with_core(tid, |core| {
            let mut start = 0;
            for (number, size) in sizes.enumerate() {
                let value = &registers.0[start..start + size];
                description.write(core, number, value);
                start += size;
            }
        })
    }

    fn support_single_register_access(&mut self) -> Option<SingleRegisterAccessOps<'_, Tid, Self>> {
        Some(self)
    }

    fn read_addrs(&mut self, start: u64, data: &mut [u8], _: Tid) -> TargetResult<usize, Self> {
        match self.process.memory.read(start, data) {
            Ok(()) => Ok(data.len()),
            // What precedes the address of the fault was read.
            Err(fault) => match fault.address.saturating_sub(start) {
                0 => Err(TargetError::Errno(BAD_ADDRESS)),
                count => Ok(usize::try_from(count).unwrap_or(0).min(data.len())),
            },
        }
    }

    /// As a debugger writes: code too.
    fn write_addrs(&mut self, start: u64, data: &[u8], _: Tid) -> TargetResult<(), Self> {
        let written = self.process.memory.poke(start, data);
        written.map_err(|_| TargetError::Errno(BAD_ADDRESS))
    }

    fn list_active_threads(&mut self, found: &mut dyn FnMut(Tid)) -> Result<(), Infallible> {
        self.threads().into_iter().map(name).for_each(found);
        Ok(())
    }

    fn support_thread_extra_info(&mut self) -> Option<ThreadExtraInfoOps<'_, Self>> {
        Some(self)
    }

    fn support_resume(&mut self) -> Option<MultiThreadResumeOps<'_, Self>> {
        Some(self)
    }
}

impl SingleRegisterAccess<Tid> for Target {
    fn read_register(
        &mut self,
        tid: Tid,
        number: Number,
        buf: &mut [u8],
    ) -> TargetResult<usize, Self> {
        let description = self.description;
        let value = self.with_core(tid, |core| description.read(core, number.0))?;
        let value = value.ok_or(TargetError::Errno(INVALID))?;
        let into = buf.get_mut(..value.len());
        into.ok_or(TargetError::NonFatal)?.copy_from_slice(&value);
        Ok(value.len())
    }

    fn write_register(&mut self, tid: Tid, number: Number, value: &[u8]) -> TargetResult<(), Self> {
        let description = self.description;
        match self.with_core(tid, |core| description.write(core, number.0, value))? {
            true => Ok(()),
            false => Err(TargetError::Errno(INVALID)),
        }
    }
}

impl MultiThreadResume for Target {
    fn resume(&mut self) -> Result<(), Infallible> {
        for tid in self.threads() {
            let signal = self.signals.remove(&tid);
            let signal = signal.and_then(|s| signals::to_guest(&self.process.personality, s));
            // Of a signal that gdb has not heard of it says nothing, and of others it says it once.
            let unasked = self.process.has_report(tid) || self.decided.contains(&tid);
            if *self.orders.of(tid) == Order::Stay || signal.is_none() && unasked {
                continue;
            }
            self.with_thread(tid, |thread| thread.replace_reported(signal));
            self.decided.insert(tid);
        }
        Ok(())
    }

    fn clear_resume_actions(&mut self) -> Result<(), Infallible> {
        self.orders = Orders::default();
        self.signals.clear();
        Ok(())
    }

    fn set_resume_action_continue(
        &mut self,
        tid: Tid,
        signal: Option<Signal>,
    ) -> Result<(), Infallible> {
        self.order(tid, Order::Run, signal);
        Ok(())
    }

    fn support_single_step(&mut self) -> Option<MultiThreadSingleStepOps<'_, Self>> {
        Some(self)
    }
    fn support_range_step(&mut self) -> Option<MultiThreadRangeSteppingOps<'_, Self>> {
        Some(self)
    }
    fn support_scheduler_locking(&mut self) -> Option<MultiThreadSchedulerLockingOps<'_, Self>> {
        Some(self)
    }
}

impl MultiThreadSingleStep for Target {
    fn set_resume_action_step(
        &mut self,
        tid: Tid,
        signal: Option<Signal>,
    ) -> Result<(), Infallible> {
        self.order(tid, Order::Step, signal);
        Ok(())
    }
}

impl MultiThreadRangeStepping for Target {
    fn set_resume_action_range_step(
        &mut self,
        tid: Tid,
        start: u64,
        end: u64,
    ) -> Result<(), Infallible> {
        self.order(tid, Order::Range(start..end), None);
        Ok(())
    }
}

impl MultiThreadSchedulerLocking for Target {
    fn set_resume_action_scheduler_lock(&mut self) -> Result<(), Infallible> {
        self.orders.others = Order::Stay;
        Ok(())
    }
}

impl Breakpoints for Target {
    fn support_sw_breakpoint(&mut self) -> Option<SwBreakpointOps<'_, Self>> {
        Some(self)
    }
    fn support_hw_breakpoint(&mut self) -> Option<HwBreakpointOps<'_, Self>> {
        Some(self)
    }
    fn support_hw_watchpoint(&mut self) -> Option<HwWatchpointOps<'_, Self>> {
        Some(self)
    }
}

// Neither kind changes the guest's memory: the hart knows where to stop.
impl SwBreakpoint for Target {
    fn add_sw_breakpoint(&mut self, address: u64, _: usize) -> TargetResult<bool, Self> {
        self.add(address);
        Ok(true)
    }
    fn remove_sw_breakpoint(&mut self, address: u64, _: usize) -> TargetResult<bool, Self> {
        Ok(self.remove(address))
    }
}

impl HwBreakpoint for Target {
    fn add_hw_breakpoint(&mut self, address: u64, _: usize) -> TargetResult<bool, Self> {
        self.add(address);
        Ok(true)
    }
    fn remove_hw_breakpoint(&mut self, address: u64, _: usize) -> TargetResult<bool, Self> {
        Ok(self.remove(address))
    }
}

impl HwWatchpoint for Target {
    fn add_hw_watchpoint(
        &mut self,
        start: u64,
        bytes: u64,
        kind: WatchKind,
    ) -> TargetResult<bool, Self> {
        if bytes == 0 {
            return Ok(false);
        }
        if !self.watchpoints.contains_key(&(kind as u8, start, bytes)) {
            let number = self.session.set_watchpoint(Watchpoint {
                start,
                bytes,
                reads: kind != WatchKind::Write,
                writes: kind != WatchKind::Read,
                moment: self.description.watches,
            });
            self.watchpoints.insert((kind as u8, start, bytes), number);
        }
        Ok(true)
    }

    fn remove_hw_watchpoint(
        &mut self,
        start: u64,
        bytes: u64,
        kind: WatchKind,
    ) -> TargetResult<bool, Self> {
        let number = self.watchpoints.remove(&(kind as u8, start, bytes));
        Ok(number.is_some_and(|number| self.session.delete_watchpoint(number)))
    }
}
