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
use gdbstub::target::ext::base::single_register_access::{
    SingleRegisterAccess, SingleRegisterAccessOps,
};
use gdbstub::target::ext::breakpoints::{
    Breakpoints, BreakpointsOps, HwBreakpoint, HwBreakpointOps, SwBreakpoint, SwBreakpointOps,
};
use gdbstub::target::ext::exec_file::ExecFileOps;
use gdbstub::target::ext::extended_mode::ExtendedModeOps;
use gdbstub::target::ext::host_io::HostIoOps;
use gdbstub::target::ext::monitor_cmd::MonitorCmdOps;
use gdbstub::target::ext::target_description_xml_override::TargetDescriptionXmlOverrideOps;
use gdbstub::target::{self, TargetError, TargetResult};
use portolan_linux::thread::{Exit, Interrupter};
use portolan_machine::gdb::Description;
use std::collections::HashMap;
use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

/// EFAULT and EINVAL, as the protocol numbers them.
const BAD_ADDRESS: u8 = 14;
const INVALID: u8 = 22;

/// How the program goes on when gdb lets it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Resume {
    Continue,
    Step,
    /// Until the pc is outside.
    Range(Range<u64>),
}

/// A program under gdb's control. It has one thread so far; whatever names one has its number.
pub(super) struct Target {
    pub(super) session: Session,
    pub(super) process: Arc<portolan_linux::Process>,
    pub(super) description: &'static Description,
    pub(super) files: Files,
    tid: Tid,
    /// gdb's breakpoints: their numbers in the session by address.
    breakpoints: HashMap<u64, u32>,
    resume: Resume,
    /// The signal to deliver then.
    signal: Option<Signal>,
}

impl Target {
    /// Takes control of a process, whose signals are reported from now on.
    pub(super) fn new(mut process: Process, description: &'static Description) -> Target {
        process.thread_mut().watch();
        let tid = usize::try_from(process.thread().tid()).unwrap_or(1);
        Target {
            process: Arc::clone(process.thread().process()),
            description,
            files: Files::default(),
            tid: Tid::new(tid).unwrap_or(Tid::MIN),
            breakpoints: HashMap::new(),
            resume: Resume::Continue,
            signal: None,
            session: Session::new(Program::Linux(Box::new(process))),
        }
    }

    /// Gives the process back, free.
    pub(super) fn release(self) -> Option<Process> {
        match self.session.into_program() {
            Program::Linux(mut process) => {
                process.thread_mut().unwatch();
                Some(*process)
            }
            Program::Bare(_) => None,
        }
    }

    /// Asks the program to stop.
    pub(super) fn interrupter(&mut self) -> Option<Interrupter> {
        match self.session.program() {
            Program::Linux(process) => Some(process.thread().interrupter()),
            Program::Bare(_) => None,
        }
    }

    /// Lets the program go on as gdb said, until something happens.
    pub(super) fn run(&mut self) -> Event {
        match self.resume.clone() {
            Resume::Continue => self.session.run(u64::MAX),
            Resume::Step => self.session.step(),
            Resume::Range(range) => loop {
                match self.session.step() {
                    Event::Stepped if self.goes_on(&range) => {}
                    event => break event,
                }
            },
        }
    }

    fn goes_on(&mut self, range: &Range<u64>) -> bool {
        let pc = self.session.core().pc();
        range.contains(&pc) && !self.breakpoints.contains_key(&pc)
    }

    /// What to tell gdb. None: nothing happened.
    pub(super) fn reason(&self, event: Event) -> Option<MultiThreadStopReason<u64>> {
        let personality = &self.process.personality;
        let tid = self.tid;
        Some(match event {
            Event::Paused => return None,
            Event::Stepped | Event::Trapped(_) => MultiThreadStopReason::SignalWithThread {
                tid,
                signal: Signal::SIGTRAP,
            },
            Event::Breakpoint(_) => MultiThreadStopReason::SwBreak(tid),
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
    pub(super) fn interrupted(&self) -> MultiThreadStopReason<u64> {
        MultiThreadStopReason::SignalWithThread {
            tid: self.tid,
            signal: Signal::SIGINT,
        }
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
    fn read_registers(&mut self, registers: &mut AllRegisters, _: Tid) -> TargetResult<(), Self> {
        let core = self.session.core();
        let count = self.description.registers.len();
        let values = (0..count).filter_map(|number| self.description.read(core, number));
        registers.0 = values.flatten().collect();
        Ok(())
    }

    fn write_registers(&mut self, registers: &AllRegisters, _: Tid) -> TargetResult<(), Self> {
        let sizes = self.description.registers.iter().map(|r| r.bytes());
        if sizes.clone().sum::<usize>() != registers.0.len() {
            return Err(TargetError::Errno(INVALID));
        }
        let core = self.session.core();
        let mut start = 0;
        for (number, size) in sizes.enumerate() {
            let value = &registers.0[start..start + size];
            self.description.write(core, number, value);
            start += size;
        }
        Ok(())
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
        found(self.tid);
        Ok(())
    }

    fn support_resume(&mut self) -> Option<MultiThreadResumeOps<'_, Self>> {
        Some(self)
    }
}

impl SingleRegisterAccess<Tid> for Target {
    fn read_register(
        &mut self,
        _: Tid,
        number: Number,
        buf: &mut [u8],
    ) -> TargetResult<usize, Self> {
        let value = self.description.read(self.session.core(), number.0);
        let value = value.ok_or(TargetError::Errno(INVALID))?;
        let into = buf.get_mut(..value.len());
        into.ok_or(TargetError::NonFatal)?.copy_from_slice(&value);
        Ok(value.len())
    }

    fn write_register(&mut self, _: Tid, number: Number, value: &[u8]) -> TargetResult<(), Self> {
        match self.description.write(self.session.core(), number.0, value) {
            true => Ok(()),
            false => Err(TargetError::Errno(INVALID)),
        }
    }
}

impl MultiThreadResume for Target {
    fn resume(&mut self) -> Result<(), Infallible> {
        let signal = self.signal.take();
        let signal = signal.and_then(|s| signals::to_guest(&self.process.personality, s));
        if let Program::Linux(process) = self.session.program() {
            process.thread_mut().replace_reported(signal);
        }
        Ok(())
    }

    fn clear_resume_actions(&mut self) -> Result<(), Infallible> {
        self.resume = Resume::Continue;
        self.signal = None;
        Ok(())
    }

    fn set_resume_action_continue(
        &mut self,
        _: Tid,
        signal: Option<Signal>,
    ) -> Result<(), Infallible> {
        self.resume = Resume::Continue;
        self.signal = signal;
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
    fn set_resume_action_step(&mut self, _: Tid, signal: Option<Signal>) -> Result<(), Infallible> {
        self.resume = Resume::Step;
        self.signal = signal;
        Ok(())
    }
}

impl MultiThreadRangeStepping for Target {
    fn set_resume_action_range_step(
        &mut self,
        _: Tid,
        start: u64,
        end: u64,
    ) -> Result<(), Infallible> {
        self.resume = Resume::Range(start..end);
        Ok(())
    }
}

impl MultiThreadSchedulerLocking for Target {
    /// There are no other threads that could run.
    fn set_resume_action_scheduler_lock(&mut self) -> Result<(), Infallible> {
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
