//! Why an instruction could not complete, and why a hart stopped.

use crate::engine::Hit;
use crate::memory::{Fault, Intent};

/// An instruction stopped before having any effect; the pc stays at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trap<W = u64> {
    /// A memory access was refused.
    Fault(Fault),
    /// An atomic access to an address that is not a multiple of its size, or instructions where
    /// none may start.
    Misaligned {
        /// The address of the access.
        address: W,
        /// What the access was for.
        intent: Intent,
    },
    /// The bytes at the pc are no instruction of this guest.
    Illegal,
    /// An integer operation overflowed, where the instruction set traps on that.
    Overflow,
    /// A floating-point operation raised exceptions that the program wants to trap on.
    Float {
        /// The exceptions, as [`Flags`](crate::float::Flags) bits.
        raised: W,
    },
    /// An instruction raised an error that it numbers itself, as programs and operating systems
    /// agreed.
    Software {
        /// The number.
        code: u32,
    },
    /// An instruction asked for the debugger.
    Breakpoint,
    /// An instruction asked for the operating system.
    Syscall,
}

impl<W> Trap<W> {
    /// The same trap with its words translated.
    pub fn map<V>(self, word: impl FnOnce(W) -> V) -> Trap<V> {
        match self {
            Trap::Fault(fault) => Trap::Fault(fault),
            Trap::Misaligned { address, intent } => Trap::Misaligned {
                address: word(address),
                intent,
            },
            Trap::Illegal => Trap::Illegal,
            Trap::Overflow => Trap::Overflow,
            Trap::Float { raised } => Trap::Float {
                raised: word(raised),
            },
            Trap::Software { code } => Trap::Software { code },
            Trap::Breakpoint => Trap::Breakpoint,
            Trap::Syscall => Trap::Syscall,
        }
    }
}

/// Why a hart stopped running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An instruction trapped; the pc is at it.
    Trap(Trap),
    /// The instructions granted are used up.
    Budget,
    /// The stop flag was raised.
    Requested,
    /// A breakpoint is set on the next instruction.
    Breakpoint,
    /// A watched access.
    Watchpoint(Hit),
}
