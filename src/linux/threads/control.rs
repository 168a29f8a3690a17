//! A debugger's hold on the threads of a process: when one stops, all do.
//!
//! The process' first thread is the debugger's own, which runs it. Another thread that is to stop
//! *parks*: it leaves itself here, where the debugger finds its registers, until it may go on. One
//! that is asleep in a call is kicked out of it, and starts the call again afterwards.

use super::{PATIENCE, State, Threads};
use crate::process::Process;
use crate::thread::{Interrupter, Progress, Stops, Thread};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// What a thread does until the next stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// It runs.
    #[default]
    Run,
    /// It runs one instruction.
    Step,
    /// It runs until its pc is outside.
    Range(Range<u64>),
    /// It does not run.
    Stay,
}

/// What the threads do until the next stop.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    /// Those that were told.
    pub named: BTreeMap<i32, Order>,
    /// What the others do, and those that start meanwhile.
    pub others: Order,
}

impl Orders {
    /// What a thread is to do.
    pub fn of(&self, tid: i32) -> &Order {
        self.named.get(&tid).unwrap_or(&self.others)
    }
}

/// What stopped a thread other than the first.
#[derive(Clone, Debug)]
pub struct Report {
    /// The thread.
    pub tid: i32,
    /// Why it stopped; [`Progress::Budget`]: its step is done.
    pub progress: Progress,
}

/// What the debugger wants, and who is stopped.
#[derive(Default)]
pub(super) struct Control {
    /// The first thread, while there is a debugger.
    first: Option<(i32, Interrupter)>,
    /// Nobody is to run.
    stopped: bool,
    orders: Orders,
    stops: Stops,
    parked: BTreeMap<i32, Parked>,
    /// How many reports there were.
    reports: u64,
}

struct Parked {
    thread: Box<Thread>,
    /// What the debugger does not know yet, with its place in the order of events.
    report: Option<(u64, Progress)>,
}

impl Control {
    /// Whether a parked thread is to go on.
    fn releases(&self, tid: i32) -> bool {
        let waits = |parked: &Parked| parked.report.is_some();
        self.first.is_none()
            || !self.stopped
                && *self.orders.of(tid) != Order::Stay
                && !self.parked.get(&tid).is_some_and(waits)
    }

    /// The earliest report of a thread that may run.
    fn take_report(&mut self) -> Option<Report> {
        let orders = &self.orders;
        let waiting = self.parked.iter_mut().filter_map(|(tid, parked)| {
            let (place, _) = parked.report.as_ref()?;
            (*orders.of(*tid) != Order::Stay).then_some((*place, *tid, parked))
        });
        let (_, tid, parked) = waiting.min_by_key(|(place, ..)| *place)?;
        let (_, progress) = parked.report.take()?;
        Some(Report { tid, progress })
    }
}

impl State {
    /// Whether threads have to leave, instead of doing what a debugger says.
    fn leaves(&self) -> bool {
        self.ending.is_some() || self.executing.is_some()
    }

    fn dismisses(&self, tid: i32) -> bool {
        self.ending.is_some() || self.executing.is_some_and(|other| other != tid)
    }

    /// In a child of fork, what the parent's debugger holds is nobody's: not even to be dropped.
    pub(super) fn forget_control(&mut self) {
        std::mem::forget(std::mem::take(&mut self.control));
    }

    /// Whether there is a debugger.
    pub(super) fn is_controlled(&self) -> bool {
        self.control.first.is_some()
    }
}

impl Threads {
    /// Whether the threads other than the first are to park.
    pub(crate) fn are_stopped(&self) -> bool {
        let state = self.lock();
        state.is_controlled() && state.control.stopped
    }

    /// Parks a thread until it may go on.
    fn park(&self, thread: Box<Thread>, report: Option<Progress>) -> (Box<Thread>, Order) {
        let tid = thread.tid();
        let mut state = self.lock();
        state.control.reports += 1;
        let report = report.map(|progress| (state.control.reports, progress));
        if report.is_some()
            && let Some((_, first)) = &state.control.first
        {
            first.interrupt();
        }
        state.control.parked.insert(tid, Parked { thread, report });
        self.changed.notify_all();
        while !state.control.releases(tid) && !state.dismisses(tid) {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let control = &mut state.control;
        let Parked { mut thread, .. } = control.parked.remove(&tid).expect("nobody takes it out");
        let watched = control.first.is_some();
        let stops = match watched {
            true => control.stops.clone(),
            false => Stops::default(),
        };
        let order = match watched {
            true => control.orders.of(tid).clone(),
            false => Order::Run,
        };
        drop(state);
        thread.set_control(watched, &stops);
        (thread, order)
    }
}

/// Runs a thread other than the first to its end.
pub(super) fn run(thread: Thread) -> (Box<Thread>, Progress) {
    let process = Arc::clone(thread.process());
    let mut thread = Box::new(thread);
    let mut report = None;
    loop {
        let order;
        (thread, order) = process.threads.park(thread, report.take());
        let progress = obey(&mut thread, &order);
        report = match progress {
            // It forked, and the process is the child.
            progress if thread.is_first() => return (thread, progress),
            Progress::Ended(_) => return (thread, progress),
            Progress::Budget if order == Order::Run => return (thread, progress),
            Progress::Interrupted => None,
            // Where a single step came to does not matter to it.
            Progress::Breakpoint if order != Order::Run => Some(Progress::Budget),
            progress => Some(progress),
        };
    }
}

fn obey(thread: &mut Thread, order: &Order) -> Progress {
    match order {
        Order::Run | Order::Stay => thread.live(),
        Order::Step => thread.advance(1),
        Order::Range(range) => loop {
            match thread.advance(1) {
                Progress::Budget
                    if range.contains(&thread.core().pc()) && !thread.is_at_breakpoint() => {}
                progress => return progress,
            }
        },
    }
}

/// For the debugger, on the first thread.
impl Process {
    /// Takes the threads under control; the interrupter is the first's. They are stopped.
    pub fn hold_threads(&self, first: i32, interrupter: Interrupter) {
        let control = &mut self.threads.lock().control;
        control.first = Some((first, interrupter));
        control.stopped = true;
    }

    /// Lets all threads run free.
    pub fn free_threads(&self) {
        self.threads.lock().control.first = None;
        self.threads.changed.notify_all();
    }

    /// Lets the stopped threads go on. A thread that stopped before and has not been reported
    /// comes first: then nobody goes on. What does not matter any more is not reported: a step,
    /// a breakpoint that is gone.
    pub fn resume_threads(&self, orders: &Orders, stops: &Stops) -> Option<Report> {
        let mut state = self.threads.lock();
        let leaves = state.leaves();
        let control = &mut state.control;
        control.orders = orders.clone();
        control.stops = stops.clone();
        for (tid, parked) in &mut control.parked {
            if *orders.of(*tid) == Order::Stay {
                continue;
            }
            let pc = parked.thread.core().pc();
            parked.report = parked.report.take().filter(|(_, progress)| match progress {
                Progress::Breakpoint => stops.breakpoints.contains(&pc),
                Progress::Watchpoint(hit) => stops.watchpoints.contains(&hit.watchpoint),
                Progress::Signal(_) => true,
                _ => false,
            });
        }
        let report = control.take_report().filter(|_| !leaves);
        control.stopped = report.is_some();
        drop(state);
        self.threads.changed.notify_all();
        report
    }

    /// Stops all threads but the first. One that does not hear of it because it waits for a child
    /// of vfork stops when it wants to go on.
    pub fn stop_threads(&self) {
        let mut state = self.threads.lock();
        let Some((first, _)) = state.control.first else {
            return;
        };
        state.control.stopped = true;
        for (tid, member) in &state.members {
            if *tid != first && !state.control.parked.contains_key(tid) {
                member.mailbox.kick(*tid);
            }
        }
        let deadline = Instant::now() + PATIENCE;
        let runs = |state: &State, tid| tid != first && !state.control.parked.contains_key(&tid);
        while !state.leaves() && state.members.keys().any(|tid| runs(&state, *tid)) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self
                .threads
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// What stopped a thread other than the first; the earliest comes first.
    pub fn take_report(&self) -> Option<Report> {
        self.threads.lock().control.take_report()
    }

    /// Whether a stopped thread has a report that was not taken.
    pub fn has_report(&self, tid: i32) -> bool {
        let state = self.threads.lock();
        let parked = state.control.parked.get(&tid);
        parked.is_some_and(|parked| parked.report.is_some())
    }

    /// Waits, instead of running the first thread, until another reports, the process ends, or
    /// somebody interrupts, who calls [`Process::wake_debugger`] too. True: the first thread has
    /// to run, to end.
    pub fn wait_for_report(&self, first: &Interrupter) -> bool {
        let mut state = self.threads.lock();
        loop {
            if state.leaves() {
                return true;
            }
            let mut parked = state.control.parked.values();
            if first.take_request() || parked.any(|parked| parked.report.is_some()) {
                return false;
            }
            state = self
                .threads
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends [`Process::wait_for_report`], if the first thread was interrupted.
    pub fn wake_debugger(&self) {
        // Who waits has looked before this, or looks after it.
        drop(self.threads.lock());
        self.threads.changed.notify_all();
    }

    /// The stopped threads other than the first.
    pub fn stopped_threads(&self) -> Vec<i32> {
        self.threads.lock().control.parked.keys().copied().collect()
    }

    /// Whether the process goes on without this thread, its first.
    pub fn has_left(&self, first: i32) -> bool {
        let state = self.threads.lock();
        !state.members.is_empty() && !state.members.contains_key(&first)
    }

    /// Does something with a stopped thread other than the first, if there is such a one.
    pub fn with_stopped<R>(&self, tid: i32, act: impl FnOnce(&mut Thread) -> R) -> Option<R> {
        let mut state = self.threads.lock();
        let parked = state.control.parked.get_mut(&tid)?;
        Some(act(&mut parked.thread))
    }
}
