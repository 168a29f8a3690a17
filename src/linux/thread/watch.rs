//! A thread that a debugger watches: it comes back before a signal takes effect, and comes back
//! from sleep when it is interrupted.

use super::{Stops, Thread, Trapped};
use crate::host::calls;
use crate::host::signals::{self as host, Caught};
use crate::process::own_pid;
use crate::signals::{DefaultAction, Origin, Signal};
use portolan_machine::stop::StopFlag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// Ends the sleep of a watched thread. A watched process catches it, and no program uses it: it
/// was for a coprocessor that Linux never had.
const WAKE: i32 = libc::SIGSTKFLT;

/// What a watched thread keeps.
#[derive(Debug, Default)]
pub(super) struct Watch {
    on: bool,
    /// Whether the thread may have been woken: a signal that did so can come late.
    wakes: bool,
    /// The signal that was reported, to be delivered when the thread runs again.
    reported: Option<Reported>,
}

#[derive(Clone, Copy, Debug)]
struct Reported {
    signal: Signal,
    /// The instruction's trap that raised it.
    trapped: Option<Trapped>,
}

/// Asks a running thread to come back.
#[derive(Clone, Debug)]
pub struct Interrupter {
    pub(super) request: Arc<AtomicBool>,
    pub(super) stop: Arc<StopFlag>,
    /// The thread's number while it is watched, otherwise 0.
    sleeper: Arc<AtomicI32>,
}

impl Interrupter {
    pub(super) fn new(stop: Arc<StopFlag>) -> Interrupter {
        Interrupter {
            request: Arc::default(),
            stop,
            sleeper: Arc::default(),
        }
    }

    /// The thread comes back at its next block boundary; a sleeping thread when it wakes, which is
    /// at once if it is watched.
    pub fn interrupt(&self) {
        self.request.store(true, Ordering::SeqCst);
        self.stop.raise();
        let tid = self.sleeper.load(Ordering::SeqCst);
        if tid != 0 {
            // If the thread is gone, it does not sleep either.
            let _ = calls::tgkill(own_pid(), tid, WAKE).now();
        }
    }
}

impl Interrupter {
    /// Whether somebody asked, and forgets it.
    pub(crate) fn take_request(&self) -> bool {
        self.request.swap(false, Ordering::SeqCst)
    }
}

impl Thread {
    /// Before it goes on: says whether a debugger controls this thread, one that is not the first, and where it is
    /// to stop.
    pub(crate) fn set_control(&mut self, watched: bool, stops: &Stops) {
        self.watch.on = watched;
        self.parks = false;
        self.set_stops(stops);
    }

    /// From now on [`Thread::advance`] comes back with [`Progress::Signal`] before a signal takes
    /// effect, even one that ends the process, and [`Thread::interrupter`] wakes the thread. A
    /// child that it forks is not watched.
    ///
    /// [`Progress::Signal`]: super::Progress::Signal
    pub fn watch(&mut self) {
        self.watch.on = true;
        self.watch.wakes = true;
        self.process.actions().watch(&self.process.personality);
        self.interrupter.sleeper.store(self.tid, Ordering::SeqCst);
    }

    /// Undoes [`Thread::watch`].
    pub fn unwatch(&mut self) {
        self.interrupter.sleeper.store(0, Ordering::SeqCst);
        self.watch.on = false;
        self.take_late_wake();
        self.process.actions().unwatch(&self.process.personality);
    }

    /// A wake that came when the thread had stopped waits in the host's kernel; not caught any more, it would end the
    /// process.
    fn take_late_wake(&self) {
        if let Some(caught) = host::take_waiting(WAKE)
            && !self.is_wake(&caught)
        {
            // Somebody else's, after all: it waits further.
            let (pid, tid) = (own_pid(), self.tid);
            let _ = calls::rt_tgsigqueueinfo(pid, tid, WAKE, &caught.info).now();
        }
    }

    /// In a child that was forked, all that is the parent's.
    pub(super) fn forget_watch(&mut self) {
        self.unwatch();
        self.watch = Watch::default();
    }

    /// Whether signals are reported before they take effect.
    pub fn is_watched(&self) -> bool {
        self.watch.on
    }

    /// The signal that was reported last and that the next [`Thread::advance`] delivers.
    pub fn reported(&self) -> Option<Signal> {
        self.watch.reported.map(|reported| reported.signal)
    }

    /// Makes the next [`Thread::advance`] deliver this signal instead of the one that was
    /// reported, or none. A trap that raised a signal comes again unless the registers change.
    pub fn replace_reported(&mut self, signal: Option<i32>) {
        let same = |reported: &Reported| Some(reported.signal.number) == signal;
        if self.watch.reported.as_ref().is_some_and(same) {
            return;
        }
        let origin = Origin::Sent {
            code: 0,
            pid: own_pid(),
            uid: calls::getuid().now().unwrap_or(0) as u32,
            value: 0,
        };
        self.watch.reported = signal.map(|number| Reported {
            signal: Signal { number, origin },
            trapped: None,
        });
    }

    /// A signal is about to take effect.
    pub(super) fn receive(&mut self, signal: Signal, trapped: Option<Trapped>) {
        if self.watch.on {
            self.watch.reported = Some(Reported { signal, trapped });
        } else {
            self.settle(signal, trapped);
        }
    }

    /// Delivers what was reported before. True: there was something.
    pub(super) fn deliver_reported(&mut self) -> bool {
        let reported = self.watch.reported.take();
        if let Some(Reported { signal, trapped }) = reported {
            self.settle(signal, trapped);
        }
        reported.is_some()
    }

    /// Whether a caught signal only woke the thread.
    pub(super) fn is_wake(&self, caught: &Caught) -> bool {
        let own = caught.number == WAKE && caught.info.si_code == libc::SI_TKILL;
        own && self.watch.wakes && host::info_words(&caught.info)[0] == own_pid()
    }
}

/// Whether a watched process has the host tell of a signal that would end it without a word.
pub(crate) fn tells(host_signal: i32) -> bool {
    matches!(DefaultAction::of(host_signal), DefaultAction::End { .. })
}
