//! What a session does with the signals of a Linux program, as gdb's `handle` says it.

use super::session::{Program, Session};
use portolan_linux::host::signals::{self as host, INTERRUPT};
use portolan_linux::signals::Signal;
use std::collections::BTreeMap;

/// Steps of the history between two looks whether somebody interrupts: a fraction of a millisecond.
const STEPS_BETWEEN_LOOKS: u32 = 1024;

/// What is done with a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handling {
    /// Whether the session comes back before it takes effect.
    pub stops: bool,
    /// Whether it is told.
    pub prints: bool,
    /// Whether the program gets it.
    pub passes: bool,
}

/// What a session keeps of signals.
#[derive(Default)]
pub(super) struct Signals {
    is_on: bool,
    /// By the guest's number, where it was said.
    handling: BTreeMap<i32, Handling>,
    /// Those that are to be told.
    passed: Vec<i32>,
    steps: u32,
}

impl Session {
    /// From now on signals are handled as [`Session::handling`] says: Ctrl-C (SIGINT) stops the program, which does not
    /// get it. Before, they go to the program.
    pub fn control_signals(&mut self) {
        if let Program::Linux(process) = self.program() {
            process.thread_mut().watch();
            self.signals.is_on = true;
        }
    }

    /// What is done with a signal of the guest's number.
    pub fn handling(&self, signal: i32) -> Handling {
        let interrupts = signal == INTERRUPT;
        let default = Handling {
            stops: interrupts,
            prints: interrupts,
            passes: !interrupts,
        };
        self.signals
            .handling
            .get(&signal)
            .copied()
            .unwrap_or(default)
    }

    /// Says what is done with a signal of the guest's number.
    pub fn handle(&mut self, signal: i32, handling: Handling) {
        self.signals.handling.insert(signal, handling);
    }

    /// The signals that did not stop since the last time, but are to be told.
    pub fn take_passed_signals(&mut self) -> Vec<i32> {
        std::mem::take(&mut self.signals.passed)
    }

    /// Whether a signal that is about to take effect stops.
    pub(super) fn accepts_signal(&mut self, signal: Signal) -> bool {
        if !self.signals.is_on {
            return true;
        }
        let handling = self.handling(signal.number);
        if !handling.passes
            && let Program::Linux(process) = self.program()
        {
            process.thread_mut().replace_reported(None);
        }
        if handling.prints && !handling.stops {
            self.signals.passed.push(signal.number);
        }
        handling.stops
    }

    /// Forgets that somebody interrupted when nothing ran.
    pub(super) fn forget_interrupt(&mut self) {
        if self.signals.is_on {
            host::take_waiting(INTERRUPT);
        }
    }

    /// Whether somebody interrupts what goes through the history, where signals wait.
    pub(super) fn is_interrupted(&mut self) -> bool {
        self.signals.steps += 1;
        if !self.signals.is_on || self.signals.steps < STEPS_BETWEEN_LOOKS {
            return false;
        }
        self.signals.steps = 0;
        host::take_waiting(INTERRUPT).is_some()
    }
}
