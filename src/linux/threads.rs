//! The threads of a process: who there is, how they are woken, how the last one ends.
//!
//! Each guest thread is a host thread with the same number, so that the host's kernel routes
//! signals, schedules, and shows them in `/proc`. When the process ends, whoever decided that
//! kicks the others: each comes out of its block of instructions or its sleep, and leaves.

use crate::errno::Errno;
use crate::host::signals::Mailbox;
use crate::signals::{self, Set, Signal};
use crate::thread::{Exit, Progress, Thread};
use portolan_machine::guest::{Compiled, Statistics};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

mod control;

pub use control::{Order, Orders, Report};

/// Bytes of a host thread's stack: guest code does not run on it.
const STACK: usize = 2 << 20;

/// How long the end of a process waits for a thread that does not hear its kick: one that waits
/// for a child of vfork. The end of the host's process ends it too.
const PATIENCE: Duration = Duration::from_secs(2);

/// What threads did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// What their engines did.
    pub engine: Statistics,
    /// Calls made.
    pub calls: u64,
    /// The processor time that they took, if that was measured.
    pub call_time: Duration,
    /// How many threads there were.
    pub threads: u64,
}

impl Totals {
    /// Adds what other threads did.
    pub fn add(&mut self, other: Totals) {
        self.engine.retired += other.engine.retired;
        self.engine.blocks_decoded += other.engine.blocks_decoded;
        self.engine.instructions_decoded += other.engine.instructions_decoded;
        self.engine.blocks_at_hand += other.engine.blocks_at_hand;
        self.engine.blocks_found += other.engine.blocks_found;
        self.engine.flushes += other.engine.flushes;
        if let Some(other) = other.engine.measured {
            let measured = self.engine.measured.get_or_insert_default();
            measured.interpreting += other.interpreting;
            measured.compiled += other.compiled;
            measured.compiled_retired += other.compiled_retired;
        }
        // Threads share what was compiled: the last to look saw the most.
        let seen = |compiled: &Compiled| compiled.regions + compiled.blocks;
        if seen(&self.engine.compiled) < seen(&other.engine.compiled) {
            self.engine.compiled = other.engine.compiled;
        }
        self.calls += other.calls;
        self.call_time += other.call_time;
        self.threads += other.threads;
    }
}

struct Member {
    mailbox: Arc<Mailbox>,
    /// Signals that did not come through the host.
    waiting: VecDeque<Signal>,
    /// The head of its robust list.
    robust_list: u64,
    /// It has released what it held, and runs no more.
    released: bool,
}

/// What is known about the threads of a process.
#[derive(Default)]
pub(crate) struct State {
    members: BTreeMap<i32, Member>,
    /// How the process ends, and which thread decided that.
    ending: Option<(Progress, i32)>,
    /// The thread that decided it and has left, for whoever wants to tell about it.
    culprit: Option<Box<Thread>>,
    /// What the last thread to leave left with: the status, if all do.
    status: i32,
    /// The thread that executes another program.
    executing: Option<i32>,
    past: Totals,
    /// The process shares its parent's memory, which the threads would outlive.
    borrowed: bool,
    /// What a debugger wants.
    control: control::Control,
}

impl State {
    fn decide(&mut self, end: Progress, tid: i32) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some((end, tid));
        for (other, member) in &self.members {
            if *other != tid {
                member.mailbox.kick(*other);
            }
        }
    }

    /// Without any thread left the process has ended.
    fn remove(&mut self, tid: i32) {
        self.members.remove(&tid);
        if self.members.is_empty() {
            let status = self.status;
            self.decide(Progress::Ended(Exit::Code(status)), tid);
        }
    }

    /// In a child of fork: only the caller is there.
    pub(crate) fn alone(&mut self, tid: i32, mailbox: &Arc<Mailbox>) {
        self.forget_control();
        *self = State::default();
        self.enlist(tid, mailbox);
    }

    /// Whether the process has one thread.
    pub(crate) fn is_alone(&self) -> bool {
        self.members.len() == 1
    }

    fn enlist(&mut self, tid: i32, mailbox: &Arc<Mailbox>) {
        if self.ending.is_some() || self.executing.is_some() {
            mailbox.raise();
        }
        let member = Member {
            mailbox: Arc::clone(mailbox),
            waiting: VecDeque::new(),
            robust_list: 0,
            released: false,
        };
        self.members.insert(tid, member);
    }
}

/// The threads of a process.
#[derive(Default)]
pub(crate) struct Threads {
    state: Mutex<State>,
    changed: Condvar,
}

impl Threads {
    /// Those of a child of vfork: it cannot start any.
    pub(crate) fn borrowed() -> Threads {
        let threads = Threads::default();
        threads.lock().borrowed = true;
        threads
    }

    /// Whoever holds this takes no other lock: fork takes it last, see [`Process::quiesce`].
    ///
    /// [`Process::quiesce`]: crate::process::Process::quiesce
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // What it protects is consistent between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells where to reach a thread.
    pub(crate) fn enlist(&self, tid: i32, mailbox: &Arc<Mailbox>) {
        self.lock().enlist(tid, mailbox);
    }

    /// Decides how the process ends, unless that is decided, and has the other threads leave.
    pub(crate) fn decide(&self, end: Progress, tid: i32) {
        self.lock().decide(end, tid);
        self.changed.notify_all();
    }

    /// Whether a thread is to leave, because the process ends or another thread executes another
    /// program.
    pub(crate) fn dismisses(&self, tid: i32) -> bool {
        let state = self.lock();
        state.ending.is_some() || state.executing.is_some_and(|other| other != tid)
    }

    /// Before a thread executes another program: has the others release what they hold and stop.
    /// False if it is to do so itself.
    pub(crate) fn dismiss_others(&self, tid: i32) -> bool {
        let mut state = self.lock();
        if state.ending.is_some() || state.executing.is_some() {
            return false;
        }
        state.executing = Some(tid);
        for (other, member) in &state.members {
            if *other != tid {
                member.mailbox.kick(*other);
            }
        }
        let deadline = Instant::now() + PATIENCE;
        while state
            .members
            .iter()
            .any(|(other, member)| *other != tid && !member.released)
        {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    /// The other program could not be executed.
    pub(crate) fn resume(&self) {
        self.lock().executing = None;
    }

    /// A thread has released what it held.
    pub(crate) fn note_released(&self, tid: i32) {
        if let Some(member) = self.lock().members.get_mut(&tid) {
            member.released = true;
        }
        self.changed.notify_all();
    }

    /// Remembers the head of a thread's robust list.
    pub(crate) fn set_robust_list(&self, tid: i32, head: u64) {
        if let Some(member) = self.lock().members.get_mut(&tid) {
            member.robust_list = head;
        }
    }

    /// The head of the robust list of a thread of this process.
    pub(crate) fn robust_list(&self, tid: i32) -> Option<u64> {
        let state = self.lock();
        state.members.get(&tid).map(|member| member.robust_list)
    }

    /// Sends a signal that the host cannot send; false if there is no such thread.
    pub(crate) fn send(&self, tid: i32, signal: Signal) -> bool {
        match self.lock().members.get_mut(&tid) {
            Some(member) => {
                member.waiting.push_back(signal);
                member.mailbox.kick(tid);
                true
            }
            None => false,
        }
    }

    /// The signals that wait to be taken.
    pub(crate) fn waiting(&self, tid: i32) -> Set {
        let state = self.lock();
        let waiting = state.members.get(&tid).into_iter();
        waiting
            .flat_map(|member| &member.waiting)
            .fold(0, |set, signal| set | signals::only(signal.number))
    }

    /// Whether there is one thread only.
    pub(crate) fn is_one(&self) -> bool {
        self.lock().members.len() <= 1
    }

    /// Whether there is such a thread.
    pub(crate) fn has(&self, tid: i32) -> bool {
        self.lock().members.contains_key(&tid)
    }

    /// Takes a sent signal that is not in the mask out, and tells whether there are more.
    pub(crate) fn take(&self, tid: i32, mask: Set) -> (Option<Signal>, bool) {
        let mut state = self.lock();
        let Some(member) = state.members.get_mut(&tid) else {
            return (None, false);
        };
        let free = |signal: &Signal| mask & signals::only(signal.number) == 0;
        let found = member.waiting.iter().position(free);
        let signal = found.and_then(|index| member.waiting.remove(index));
        (signal, !member.waiting.is_empty())
    }

    /// Waits until the process has ended and the other threads have left; the caller is the
    /// process' first thread. It may have `left` by itself before; then, if there is a debugger,
    /// this does not wait for the end, and whoever runs the thread asks again.
    pub(crate) fn wait_for_all(&self, tid: i32, left: Option<i32>) -> Progress {
        let mut state = self.lock();
        if let Some(status) = left {
            // A child of vfork is not a member; one that asks again has been removed.
            let alone = state.members.is_empty() && state.ending.is_none();
            if alone || state.members.contains_key(&tid) {
                state.status = status;
                state.remove(tid);
            }
            if state.is_controlled() && state.ending.is_none() {
                return Progress::Interrupted;
            }
        }
        let mut deadline = None;
        loop {
            let others = state.members.keys().any(|other| *other != tid);
            match &state.ending {
                Some((end, _)) if !others => return end.clone(),
                Some((end, _)) => {
                    let now = Instant::now();
                    let deadline = *deadline.get_or_insert(now + PATIENCE);
                    if now >= deadline {
                        return end.clone();
                    }
                    state = self
                        .changed
                        .wait_timeout(state, deadline - now)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                }
                None => {
                    state = self
                        .changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// A thread other than the first has left.
    fn retire(&self, mut thread: Box<Thread>) {
        thread.core_mut().finish_observation();
        let (tid, thread_left) = (thread.tid(), thread.left());
        // These take the compiler's lock, which fork takes before this one.
        let totals = thread.own_totals();
        let mut state = self.lock();
        let decided = match &state.ending {
            Some((Progress::Ended(Exit::Code(_)), _)) | None => false,
            Some((_, decider)) => *decider == tid,
        };
        // What it leaves behind is dropped without the lock.
        let left = if decided {
            state.culprit = Some(thread);
            None
        } else {
            state.past.add(totals);
            Some(thread)
        };
        if let Some(status) = thread_left {
            state.status = status;
        }
        state.remove(tid);
        drop(state);
        self.changed.notify_all();
        drop(left);
    }

    /// The thread that ended the process, if it is another than the first and there is more to
    /// tell than a status.
    pub(crate) fn take_culprit(&self) -> Option<Box<Thread>> {
        self.lock().culprit.take()
    }

    /// Counts what a thread did that is about to be dropped.
    pub(crate) fn count(&self, totals: Totals) {
        self.lock().past.add(totals);
    }

    /// What threads that are gone did.
    pub(crate) fn past(&self) -> Totals {
        self.lock().past
    }
}

/// Starts a host thread that runs a guest thread: its number. `begin` is called there, before
/// the guest thread runs and before this returns.
///
/// # Errors
///
/// EAGAIN if the host has no more threads.
pub(crate) fn start(
    mut thread: Thread,
    begin: impl FnOnce(&mut Thread) + Send + 'static,
) -> Result<i32, Errno> {
    if thread.process().threads.lock().borrowed {
        return Err(Errno::EAGAIN);
    }
    let (tell, told) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || {
            let guard = Unwinding;
            thread.arrive();
            begin(&mut thread);
            // The parent waits for it.
            let _ = tell.send(thread.tid());
            live(thread);
            std::mem::forget(guard);
        })
        .map_err(|_| Errno::EAGAIN)?;
    told.recv().map_err(|_| Errno::EAGAIN)
}

/// A bug in one thread must not leave the others waiting for it.
struct Unwinding;

impl Drop for Unwinding {
    fn drop(&mut self) {
        std::process::exit(125);
    }
}

fn live(thread: Thread) {
    let process = Arc::clone(thread.process());
    let (thread, progress) = control::run(thread);
    if thread.is_first() {
        // It forked, and the process is the child.
        let status = match (&process.options.finish, progress) {
            (Some(finish), progress) => finish(*thread, progress),
            (None, Progress::Ended(Exit::Code(status))) => status,
            (None, Progress::Ended(Exit::Signal(death))) => death.reraise(),
            (None, _) => 125,
        };
        std::process::exit(status);
    }
    if !matches!(progress, Progress::Ended(_)) {
        process.threads.decide(progress, thread.tid());
    }
    process.threads.retire(thread);
}
